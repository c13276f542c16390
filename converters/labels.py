"""Labels on the way: renamed by a map, kept or dropped by name."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .balance import LABEL_DROPPED, RESPACED, Repair, Report
from .document import LABEL_TODO, Document, Span, is_label
from .errors import DataError, Lines, Place, UsageError, did_you_mean, shorten, system_errors
from .label_names import nearest
from .offsets import add_entity
from .options import Changes, ReadOptions
from .records import At, Record
from .source import Source, decode, unpacked

DROPPED = ""
"""What a label is mapped to whose entities are to be left out."""

PRESETS: Mapping[str, Mapping[str, str]] = {
    # The names of places, people and organisations, and for all other names MISC; numbers, dates and amounts are no
    # names in CoNLL-2003. Sources: OntoNotes Named Entity Guidelines 14.0; https://aclanthology.org/W03-0419
    "ontonotes-to-conll": {
        **dict.fromkeys(["PERSON"], "PER"),
        **dict.fromkeys(["GPE", "LOC", "FAC"], "LOC"),
        **dict.fromkeys(["ORG"], "ORG"),
        **dict.fromkeys(["NORP", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"], "MISC"),
        **dict.fromkeys("DATE TIME PERCENT MONEY QUANTITY ORDINAL CARDINAL".split(), DROPPED),
    },
    # and back where that is defined: a MISC may be one of six
    "conll-to-ontonotes": {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC", "MISC": DROPPED},
}


def read_map(text: str) -> Mapping[str, str]:
    """A label map: the name of a preset, pairs ``A=B,C=D``, or the path of a file with a pair a line or a JSON object.

    A label that is mapped to nothing (``A=``) is dropped, one that the map does not name stays as it is. Raises
    `UsageError` for a text that is none of these, and `DataError` with file and line for a file that is no map.
    """
    if text in PRESETS:
        return PRESETS[text]
    path = Path(text)
    if "=" in text and not os.path.exists(text):  # pairs may be too long for a file's name
        return _joined((_pair(pair, None), None) for pair in text.split(",") if pair.strip())
    with system_errors("read", text):
        is_file = path.is_file()
    if not is_file and (path.suffix or path.name != text):
        raise UsageError(f"{text}: there is no such file", "look at the spelling; a label map is a file, or A=B,C=D")
    if not is_file and ":" in text:
        raise UsageError(f"{text!r} is no label map", f"write {text.replace(':', '=')}")
    if not is_file:
        todo = f"write A=B,C=D, or name a file or one that is known: {did_you_mean(text, PRESETS)}"
        raise UsageError(f"{text!r} is no label map", todo)
    try:
        with unpacked(path, text) as file:
            content = decode(file.read(), Source.make(text, text, text), "utf-8")
    except DataError as error:
        error.todo = error.todo and "a label map is UTF-8, whatever the inputs are"
        raise
    if content.lstrip().startswith("{"):
        return _object(content, path)
    lines = enumerate(content.splitlines(), 1)
    pairs = ((line, Place(text, n)) for n, line in lines if line.strip() and not line.startswith("#"))
    return _joined((_pair(line, place), place) for line, place in pairs)


def _joined(pairs: Iterable[tuple[tuple[str, str], Place | At | None]]) -> dict[str, str]:
    """A map of all pairs, of which no two say different things of a label."""
    found: dict[str, str] = {}
    for (old, new), at in pairs:
        what, todo = "", ""
        if found.setdefault(old, new) != new:
            what, todo = f"{old!r} is mapped to {found[old]!r} and to {new!r}", "keep one of the two"
        elif new != DROPPED and not is_label(new):
            what, todo = f"{new!r} is no label", LABEL_TODO
        if what:
            place = at.place if isinstance(at, At) else at  # of a JSON file it is looked for only now
            raise DataError(what, todo, place) if place else UsageError(what, todo)
    return found


def _pair(pair: str, place: Place | None) -> tuple[str, str]:
    old, equals, new = (part.strip() for part in pair.partition("="))
    if not old or not equals:
        what, todo = f"{shorten(pair)!r} is no pair of labels", "write OLD=NEW, or OLD= to drop it"
        raise DataError(what, todo, place) if place else UsageError(what, todo)
    return old, new


def _object(content: str, path: Path) -> Mapping[str, str]:
    try:
        found: Any = json.loads(content, object_pairs_hook=list)
    except json.JSONDecodeError as error:
        raise DataError(f"this is no JSON: {error.msg}", "", Place(str(path), error.lineno, error.colno)) from None
    except (ValueError, RecursionError) as error:  # numbers and brackets without end
        raise DataError(f"this is no label map: {error}", "", Place(str(path))) from None
    begin = content.index("{")
    at = At(Record(found, Lines(content, str(path)).place(begin), content, begin))
    for old, new in found:
        if not isinstance(new, str):
            raise (at / old).error("a label map names a label for each label", 'as in {"GPE": "LOC", "DATE": ""}')
    return _joined((pair, at / pair[0]) for pair in found)


def check_markup(options: ReadOptions, is_markup: bool, report: Report) -> None:
    """Raise `UsageError` for options that are about bracketed markup where nothing that was read is any, and for one
    about words where all texts were read with their white space.
    """
    if options.labels and not is_markup:
        raise UsageError("--labels is for bracketed markup, and none was read", "--keep keeps these labels alone")
    if options.profile and not is_markup and all(repair.name != RESPACED for repair in report.repairs):
        raise UsageError("--profile is for words without their white space, and none were read", "leave it off")


def check_names(changes: Changes, met: Mapping[str, int]) -> None:
    """Raise `UsageError` for a label that was named and never met, if it looks like one that was met, misspelt.

    `met`: the labels of the entities that were read, before any change, and how often they came.
    """
    after: Counter[str] = Counter()
    for label, n in met.items():
        after[changes.labels.get(label, label)] += n
    is_preset = any(changes.labels is preset for preset in PRESETS.values())  # it names more than any data has
    targets = changes.labels.values()  # a map may be for data of which a part bears the new names already
    asked: list[tuple[str, Iterable[str], Mapping[str, int]]]
    asked = [("--map", () if is_preset else changes.labels, {o: n for o, n in met.items() if o not in targets})]
    asked += [("--keep", changes.keep or (), after), ("--drop", changes.drop or (), after)]
    for option, named, known in asked:
        others = {label: n for label, n in known.items() if n and label not in named}
        for label in named:
            if label not in met and label not in known and (meant := nearest(label, others)):
                todo = f"did you mean {meant}?"
                if meant != meant.strip():  # which a list cannot name
                    todo = f"did you mean {meant!r}? a label map in JSON keeps its white space"
                raise UsageError(f"no entity has the label {label!r} that {option} names", todo)


def relabel(
    document: Document,
    names: Mapping[str, str],
    keep: tuple[str, ...] | None,
    drop: tuple[str, ...] | None,
    report: Report,
) -> Document:
    """The document with its labels mapped, and then of its entities those whose labels are kept.

    `keep`: the labels to keep, None for all; `drop`: those to leave out. What is left out was asked for, so it is
    counted among the repairs and is no loss. Two entities that become the same are one.
    """
    attributes: dict[Span, Mapping[str, Any]] = {}
    for span in document.spans:
        label = names.get(span.label, span.label)
        if label == DROPPED or (keep is not None and label not in keep) or (drop is not None and label in drop):
            report.repairs.append(Repair(LABEL_DROPPED, str(document.source or ""), span.label))
            continue
        own = document.attributes.get(span, {})
        add_entity(attributes, span._replace(label=label), own, document.text, document.source, report)
    known = {span: values for span, values in attributes.items() if values}
    return replace(document, spans=tuple(attributes), attributes=known)
