"""Label Studio's tasks, in one array as it exports and imports them, or one a line.

    [{"id": 7, "data": {"text": "Anna met IBM", "page": 3}, "annotations": [{"result": [
       {"id": "r1", "from_name": "label", "to_name": "text", "type": "labels",
        "value": {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}}]}]}]

Its JSON-MIN export is read too (``{"id": 7, "text": "Anna met IBM", "label": [{"start": 0, "end": 4, "text": "Anna",
"labels": ["PER"]}]}``), and so are ``completions``, as annotations were called before version 1.

The text is the field of `data` that a region's ``source`` (``$text``) or ``to_name`` names, else ``text``, else the
only string. Of several annotations the first is read that is not cancelled; predictions are, only where there are
no annotations. A region with several labels is an entity for each. Regions may touch and overlap.

Offsets are half-open. They are written as UTF-16 units (a character above U+FFFF counts two) unless characters are
asked for. Label Studio counted such units until 2022 and counts characters since, so reading looks which of the two
gives each region the text that it says it has; where nothing tells, UTF-16 units are taken, and the report says so.

What a region has beside label and offsets, its id say, is an attribute of the entity; other fields of `data` are
metadata, and those of the task and its annotation are metadata under the names ``__task__`` and ``__annotation__``.
All are written back. An id that is no number is written as `data.id` too, because Label Studio numbers tasks anew.

Cannot hold: tokens, sentences. Not read: relations, choices, and other results that are no labels
of text; further annotations; regions without a label. They are reported.

Source: https://labelstud.io/guide/task_format, https://labelstud.io/guide/export;
on offsets https://github.com/HumanSignal/label-studio-frontend/pull/308
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..balance import Repair, Report
from ..dialects import RecordsWriter, records_reader, told_as
from ..document import Document, Span, quoted
from ..holding import tell_unheld
from ..offsets import Told, Unit, check, choose_unit, entities
from ..options import ReadOptions
from ..records import (
    At,
    Record,
    expect,
    field,
    further_fields,
    get,
    identifier,
    label_of,
    places_of_text,
)
from . import Format

NAME = "label-studio"
TASK, ANNOTATION, TEXT = "__task__", "__annotation__", "__text__"
"""Names in a document's metadata: the further fields of its task and annotation, and its text's name in `data`."""
OWN_TASK_FIELDS = ("data", "completions", "predictions")
RESULT = {"from_name": "label", "to_name": "text", "type": "labels"}
OWN_RESULT_FIELDS = ("id", "source", "type", "value")
"""What no attribute of an entity is put in the place of as it is."""
VALUE_FIELDS = ("start", "end", "text", "labels")
NO_TEXT = ("id", "source", "created_at", "updated_at", "annotator")
"""Strings in `data` that are about the text: the id and source that we write there, and what JSON-MIN adds."""
DEFAULT_UNIT: Unit = "utf16"
NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
"""An id that Label Studio would have given."""


# Writing


class LabelStudioWriter(RecordsWriter):
    """A task a document."""

    unit = DEFAULT_UNIT

    def record(self, document: Document) -> dict[str, Any]:
        """The document's task."""
        unheld: list[str] = []  # the names of what there is no place for
        meta = dict(document.meta)
        extra, annotation = (self._further(meta, name, unheld) for name in (TASK, ANNOTATION))
        key = _text_name(meta, document, unheld)
        data: dict[str, Any] = {key: document.text}
        own: int | str | None = document.id
        if document.id is not None and NUMBER.fullmatch(document.id):
            own = int(document.id)
        if document.id is not None and ("id" in extra or own == document.id):
            data["id"] = document.id
        unheld += [name for name in meta if name in (key, "id")]
        data |= {name: value for name, value in meta.items() if name not in (key, "id")}
        others = [name for name, value in data.items() if isinstance(value, str) and name not in (key, *NO_TEXT)]
        annotations = [{**annotation, "result": list(self._results(document, key, others, unheld))}]
        if extra.pop("annotations", None) == [] and not document.spans:
            annotations = []  # nobody has looked at it, which is not the same as that there is nothing in it
        numbered = {"id": extra.pop("id", own)} if own is not None or "id" in extra else {}  # else it gives a number
        task = numbered | {"data": data, "annotations": annotations}
        unheld += [name for name in extra if name in OWN_TASK_FIELDS]
        tell_unheld(document, unheld, NAME, self.report)
        return task | {name: value for name, value in extra.items() if name not in OWN_TASK_FIELDS}

    @staticmethod
    def _further(meta: dict[str, Any], name: str, unheld: list[str]) -> dict[str, Any]:
        """The metadata of that name, taken out, if they are fields."""
        found = meta.pop(name, {})
        if isinstance(found, Mapping):
            return dict(found)
        unheld.append(name)
        return {}

    def _results(
        self, document: Document, key: str, others: Sequence[str], unheld: list[str]
    ) -> Iterator[dict[str, Any]]:
        """The regions. Those of one id are one region where they have the same place. `others`: the fields of `data`
        beside `key` that a region could be taken to be about.
        """
        text = document.text
        known: dict[str | int, tuple[Span, Mapping[str, Any], list[str]]] = {}
        for span, (start, end) in zip(document.spans, self.offsets(document), strict=True):
            attributes = document.attributes.get(span, {})
            fields = {name: value for name, value in attributes.items() if name not in OWN_RESULT_FIELDS}
            if attributes.get("source") in (key, f"${key}"):
                fields["source"] = attributes["source"]
            elif key != "text" or fields.get("to_name") in others:  # else the text would be looked for there
                fields["source"] = f"${key}"
            labels = [span.label]
            id = attributes.get("id")
            first = known.get(id) if isinstance(id, str | int) and not isinstance(id, bool) else None
            if first and first[0][:2] == span[:2] and first[1] == attributes:
                first[2].append(span.label)
                continue
            if id is not None and (first or not isinstance(id, str | int) or isinstance(id, bool)):
                unheld.append("id")  # Label Studio would take regions of the same id for one
            elif id is not None:
                known[id] = span, attributes, labels
                fields = {"id": id} | fields
            value = {"start": start, "end": end, "text": text[span.start : span.end], "labels": labels}
            more = attributes.get("value", {})
            if isinstance(more, Mapping) and not more.keys() & set(VALUE_FIELDS):
                value |= more
            else:
                unheld.append("value")
            unheld += [name for name in attributes if name == "type"]
            unheld += [name for name, value in attributes.items() if name == "source" and fields.get(name) != value]
            yield RESULT | fields | {"value": value}


def _text_name(meta: dict[str, Any], document: Document, unheld: list[str]) -> str:
    """The name that the text had in `data`, taken out of the metadata, where it can be found again by it."""
    if TEXT not in meta:
        return "text"
    name = meta.pop(TEXT)
    others = [other for other, value in meta.items() if isinstance(value, str) and other not in (*NO_TEXT, name)]
    if isinstance(name, str) and name not in ("text", *NO_TEXT) and (document.spans or not others):
        return name
    unheld.append(TEXT)
    return "text"


# Reading


def _document(record: Record, options: ReadOptions, report: Report) -> Document:
    at, place = At(record), record.place
    task = expect(record.value, dict, at)
    if isinstance(task.get("data"), dict):
        data = dict(task["data"])
        annotation, here = _annotation(task, at, report)
        results = [] if annotation is None else field(annotation, "result", list, here, [])
        labelled = list(_labelled(results, here / "result", report))
    else:
        annotation, task, data, labelled = {}, {}, *_from_min(task, at)
    key = _find_text(data, [result for _, result in labelled], at / "data")
    text = data.pop(key)
    regions = [_region(result, key, here) for here, result in labelled]
    unit = choose_unit(text, [region for region, _ in regions], options.offset_unit, report, likely=DEFAULT_UNIT)
    unlabelled = [region for region, labels in regions if not labels]
    for region, (start, end) in zip(unlabelled, check(text, unlabelled, unit), strict=True):
        report.lose("span", place, quoted(text, start, end), f"the region {region.at} has no label")
    told = [region._replace(label=label) for region, labels in regions for label in labels]
    attributes = entities(text, told, unit, report)

    extra = {name: value for name, value in task.items() if name not in ("id", "annotations", *OWN_TASK_FIELDS)}
    ids = [identifier(task, at), identifier(data, at / "data")]
    own = ids[1] if ids[0] is None or ids[1] is not None else ids[0]
    if None not in ids and (data["id"] != task["id"] or isinstance(data["id"], int)):
        extra["id"] = task["id"]
    data.pop("id", None)
    if annotation is None:
        extra["annotations"] = []
    further = {
        TASK: extra,
        ANNOTATION: {name: value for name, value in (annotation or {}).items() if name != "result"},
        TEXT: "" if key == "text" else key,
    }
    further = {name: value for name, value in further.items() if value}
    if taken := further.keys() & data.keys():
        report.lose("field", place, ", ".join(sorted(taken)), "metadata of that name are of the task")
    holder = at / "data" if isinstance(record.value.get("data"), dict) else at
    places = places_of_text(text, holder / key) if options.places else None
    return Document(text, tuple(attributes), None, attributes, own, place, data | further, places=places)


Labelled = list[tuple[At, Mapping[str, Any]]]
"""Results that are labels of text, and where their values are."""


def _from_min(record: Mapping[str, Any], at: At) -> tuple[dict[str, Any], Labelled]:
    """The data of a record of JSON-MIN, and its results: every list of regions is some, and the rest is data."""
    regions = {name: items for name, items in record.items() if _are_regions(items)}
    results: Labelled = [
        (at / name / number, {"from_name": name, "type": "labels", "value": item})
        for name, items in regions.items()
        for number, item in enumerate(items)
    ]
    return further_fields(record, regions, at), results


def _are_regions(items: Any) -> bool:
    return (
        isinstance(items, list)
        and all(isinstance(item, dict) and {"start", "end"} <= item.keys() for item in items)
        and any("labels" in item for item in items)
    )


def _annotation(task: Mapping[str, Any], at: At, report: Report) -> tuple[Mapping[str, Any] | None, At]:
    """The annotation to read, and where it is; what is left beside it is reported."""
    place = at.record.place
    made, predicted = (
        [(at / name / number, item) for name in names for number, item in enumerate(field(task, name, list, at, []))]
        for names in (("annotations", "completions"), ("predictions",))
    )
    if not made and not predicted:
        return None, at
    items = [(here, expect(item, dict, here)) for here, item in made or predicted[:1]]
    left = [f"annotation {item.get('id', number)}" for number, (_, item) in enumerate(items)]
    chosen = next(
        (k for k, (_, item) in enumerate(items) if not item.get("was_cancelled") and not item.get("skipped")), None
    )
    if chosen is not None:
        left.pop(chosen)
    if not made:
        report.repairs.append(Repair("predictions", str(place), "read as annotations, of which there are none"))
    if further := len(predicted) - (not made):
        left.append(f"{further} prediction" + "s" * (further > 1))
    if left:
        reason = "the first annotation that is not cancelled is read, and nothing else"
        report.lose("field", place, ", ".join(left), reason)
    return (None, at) if chosen is None else (items[chosen][1], items[chosen][0])


def _labelled(results: Sequence[Any], at: At, report: Report) -> Iterator[tuple[At, Mapping[str, Any]]]:
    """The results that are labels of text, and where their values are. Others are reported."""
    others: Counter[str] = Counter()
    for number, item in enumerate(results):
        result = expect(item, dict, at / number)
        kind = get(result, "type", "labels")
        if kind == "labels":
            yield at / number / "value", result
        else:
            others[str(kind)] += 1
    if others:
        names = ", ".join(f"{kind} ({number})" for kind, number in others.items())
        report.lose("field", at.record.place, names, "results that are no labels of text are not read")


def _find_text(data: Mapping[str, Any], results: Iterable[Mapping[str, Any]], at: At) -> str:
    """The name of the field of `data` that holds the text."""
    strings = [name for name, value in data.items() if isinstance(value, str)]
    strings = [name for name in strings if name not in NO_TEXT] or strings
    results = list(results)
    sources = {result["source"].removeprefix("$") for result in results if isinstance(result.get("source"), str)}
    objects = {result["to_name"] for result in results if isinstance(result.get("to_name"), str)}
    for wanted in (sources, objects, {"text"}, set(strings)):
        found = [name for name in strings if name in wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise at.error(f"the text may be any of {', '.join(found)}", "keep one string in data, or name it text")
    raise at.error("the task has no text", "its data should have a string, for example under the name text")


def _region(result: Mapping[str, Any], key: str, at: At) -> tuple[Told, list[str]]:
    """A region, and its labels."""
    value = expect(result.get("value"), dict, at)
    start, end = field(value, "start", int, at), field(value, "end", int, at)
    labels = field(value, "labels", list, at, [])
    labels = [label_of(labels, number, at / "labels") for number in range(len(labels))]
    usual = RESULT | {"source": f"${key}"}
    attributes = {name: item for name, item in result.items() if name != "value" and usual.get(name) != item}
    if further := {name: item for name, item in value.items() if name not in VALUE_FIELDS}:
        attributes["value"] = further
    mention = value["text"] if isinstance(value.get("text"), str) else None
    # it shows a line break as a backslash and an n
    or_else = None if mention is None else mention.replace("\\n", "\n")
    return Told(at, start, end, mention, attributes=attributes, or_else=or_else), labels


FORMATS = [
    Format(
        NAME,
        (".json", ".jsonl"),
        records_reader(_document),
        LabelStudioWriter,
        summary="Label Studio's tasks; JSON-MIN and `completions` are read too",
        sniff=told_as(NAME),
        variant_of="jsonl",
        holds=frozenset({"spacing", "ids", "metadata", "attributes", "nested", "overlapping", "misaligned"}),
    )
]
