"""Hugging Face's token classification records: a list of tokens, and a tag for each.

    {"id": "0", "tokens": ["Rome", "'s", "mayor"], "ner_tags": ["B-LOC", "O", "O"]}

A record is a document. Tags may be strings or numbers; for numbers the names are in the record, or in the first one,
as `ner_tag_names`, `label_names` or `names` (``["O", "B-LOC", ...]``), or the file is one object on one line,
``{"features": ..., "data": [...]}``, whose features are those that `datasets` prints as JSON. Which of BIO, IOB1, IO,
BIOES, BILOU the tags are is found out from them; all records of a file must agree. BIO strings are written. Fields of
lists that end in `_tags` (`pos_tags`, `chunk_tags`) are token columns (`pos`, `chunk`). The text is made anew, as a
person would have written it, unless the record has it as `text`, or has `spaces`: whether one follows each token. The
id is a string; metadata are in `meta`; further fields are kept and written back.

Cannot hold: overlapping entities, entities that do not begin and end with a token, sentences, white space,
further attributes of a span.

Sources: https://huggingface.co/docs/transformers/tasks/token_classification;
https://huggingface.co/datasets/eriktks/conll2003
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any, BinaryIO, NamedTuple

from ..align import fit_to_tokens
from ..balance import Report
from ..detokenize import respaced
from ..dialects import RecordsWriter, told_as
from ..document import Document, Span, Tokens, TokenSpan
from ..errors import DataError, Places
from ..holding import tell_unheld
from ..offsets import find_words
from ..options import ReadOptions
from ..reading import read_each
from ..records import (
    At,
    Record,
    expect,
    field,
    further_fields,
    identifier,
    items,
    json_records,
    parted,
    place_of_id,
    places_of_text,
    places_of_words,
    with_extra,
    without_place,
)
from ..schemes import SCHEMES, Scheme, TagError, decode, encode, read_tags
from ..source import Source
from . import Format

FIELDS = ("id", "tokens", "ner_tags", "text", "spaces", "meta")
NAMES = ("ner_tag_names", "label_names", "names")
"""Fields that may hold the labels which numbers stand for."""
TAGS = "_tags"
"""What the name of a field of tags ends in."""


class HuggingFaceWriter(RecordsWriter):
    """A record a document."""

    def record(self, document: Document) -> dict[str, Any]:
        """The document's record."""
        spans = fit_to_tokens(document, "huggingface")
        tokens = document.tokens
        assert tokens is not None
        record: dict[str, Any] = {} if document.id is None else {"id": document.id}
        record["tokens"] = document.words
        record["ner_tags"] = encode(spans, len(tokens), SCHEMES["BIO"])
        columns = {f"{name}{TAGS}": list(values) for name, values in tokens.columns.items()}
        meta, extra = parted(document.meta)
        clash = [name for name in columns if name in FIELDS]
        taken = without_place(extra, {*record, *columns, *FIELDS})
        taken += [name for name in extra if name not in taken and _is_column(name, extra[name])]
        tell_unheld(document, [*(name.removesuffix(TAGS) for name in clash), *taken], "huggingface", self.report)
        record |= {name: values for name, values in columns.items() if name not in clash}
        record |= {name: value for name, value in extra.items() if name not in taken}
        return record | ({"meta": meta} if meta else {})


def _is_column(name: str, value: Any) -> bool:
    """Whether a field would be read as a column of the tokens."""
    return str(name).endswith(TAGS) and isinstance(value, list | tuple)


Names = Mapping[str, Sequence[str]]
"""The labels that the numbers of a field stand for, by the field's name."""


class Item(NamedTuple):
    """The fields of a document, where they are, what its numbers stand for, and, where places are asked for and they
    are one of many in a record, the fields as a record of their own."""

    at: At
    fields: Any
    names: Names
    alone: Record | None = None


class SchemeFinder:
    """Finds out the tagging scheme of a file. No tags but ``O`` alone are of two schemes and mean two things."""

    def __init__(self) -> None:
        self.possible: list[Scheme] = list(SCHEMES.values())

    def decode(self, tags: Sequence[str]) -> list[TokenSpan]:
        """The entities that the tags stand for. Raises `TagError` where they are of no scheme that all before were."""
        found: list[tuple[Scheme, list[TokenSpan]]] = []
        errors: dict[str, TagError] = {}
        for scheme in self.possible:
            try:
                found.append((scheme, decode(tags, scheme)))
            except TagError as error:
                errors[scheme.name] = error
        if not found:
            letters = {tag[:1] for tag in tags}
            likely = "BIOES" if letters & {"E", "S"} else "BILOU" if letters & {"L", "U"} else "BIO"
            raise errors.get(likely) or next(iter(errors.values()))
        self.possible = [scheme for scheme, _ in found]
        return found[0][1]


def read_huggingface(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a file of tokens and tags."""
    make = partial(_document, finder=SchemeFinder(), options=options, report=report)
    return read_each(_items(file, source, options), source, report, make, lambda item: place_of_id(item.at))


def _items(file: BinaryIO, source: Source, options: ReadOptions) -> Iterator[Item | DataError]:
    """The records of the file, those of a wrapper one by one, with the names that are known by then."""
    names: dict[str, Sequence[str]] = {}
    for record in json_records(file, source, options.encoding):
        if isinstance(record, DataError):
            yield record
            continue
        found: list[tuple[At, Any, Record | None]] = [(At(record), record.value, None)]
        if isinstance(record.value, dict) and "tokens" not in record.value:
            data, features = record.value.get("data"), record.value.get("features")
            if isinstance(data, list):
                within = At(record) / "data"
                alone: Iterable[Record | None] = items(data, within) if options.places else repeat(None)
                found = [(within / n, item, one) for n, (item, one) in enumerate(zip(data, alone, strict=False))]
                for name, feature in features.items() if isinstance(features, dict) else ():
                    if labels := _feature_names(feature):
                        names[name] = labels
        for at, item, one in found:
            own = dict(names)
            if isinstance(item, dict):
                for name in NAMES:
                    if isinstance(item.get(name), list):
                        own["ner_tags"] = [str(label) for label in item[name]]
            names = names or own
            yield Item(at, item, own, one)


def _feature_names(feature: Any) -> list[str] | None:
    """The label names in a feature's description, however deep they are."""
    while isinstance(feature, dict):
        names = feature.get("names")
        if isinstance(names, list):
            return [str(name) for name in names]
        if isinstance(names, dict):  # as the cards of data sets have them: {"0": "O", "1": "B-PER"}
            return [str(name) for name in names.values()]
        feature = next((feature[key] for key in ("feature", "sequence", "class_label") if key in feature), None)
    return None


def _document(item: Item, finder: SchemeFinder, options: ReadOptions, report: Report) -> Document:
    at, names = item.at, item.names
    place = at.record.place
    fields = expect(item.fields, dict, at)
    words = field(fields, "tokens", list, at)
    for number in range(len(words)):
        field(words, number, str, at / "tokens")
    if fields.get("ner_tags") is None:
        raise at.error("the field ner_tags is missing", 'a tag a token, for example ["B-LOC", "O"]')
    columns = {
        name: _tags(fields[name], name, len(words), names, at / name)
        for name in fields
        if name == "ner_tags" or _is_column(name, fields[name])
    }
    tags = columns.pop("ner_tags")
    are_named = tags != fields["ner_tags"]
    try:
        found = read_tags(
            tags,
            SCHEMES["BIO"],
            options.repair_tags,
            lambda number: (at / "ner_tags" / number).place,
            report,
            decoder=finder.decode,
        )
    except TagError as error:
        number = min(error.number, len(words) - 1)
        what = f"{error.what}, at token {number} {words[number]!r}"
        todo = "all tags of a file should be of one scheme: BIO, IOB1, IO, BIOES or BILOU"
        raise DataError(what, todo, error.place) from None
    text, starts, ends, kept = _spaced(fields, words, at, options, report)
    number_of = {number: at for at, number in enumerate(kept)}
    spans = []
    for first, stop, label in found:
        inside = [number_of[number] for number in range(first, stop) if number in number_of]
        if inside:
            spans.append(Span(starts[inside[0]], ends[inside[-1]], label))
        else:
            report.lose("span", place, "".join(words[first:stop]), "it is white space alone", label=label)
    more = {name.removesuffix(TAGS): [values[number] for number in kept] for name, values in columns.items()}
    used = {*FIELDS, *columns, *(NAMES if are_named else ())}
    meta = with_extra(field(fields, "meta", dict, at, {}), further_fields(fields, used, at))
    tokens = Tokens.make(starts, ends, None, more)
    id = identifier(fields, at)
    places = _places(item, words, text, dict(zip(kept, starts, strict=True))) if options.places else None
    with (at / "tokens").checked():
        return Document(text, tuple(spans), tokens, id=id, source=place, meta=meta, places=places)


def _places(item: Item, words: Sequence[str], text: str, starts: Mapping[int, int]) -> Places:
    """Where the text stands in the file, or else its words, which begin at `starts`."""
    at = At(item.alone) if item.alone else item.at
    if item.fields.get("text") is not None:
        return places_of_text(text, at / "text")
    return places_of_words(words, starts, at / "tokens")


def _tags(tags: Any, name: str, size: int, names: Names, at: At) -> list[Any]:
    """The tags of a field, numbers replaced by the names of what they stand for."""
    tags = expect(tags, list, at)
    if len(tags) != size:
        raise at.error(f"{name} has {len(tags)} tags for {size} tokens", "there should be one a token")
    known = names.get(name)
    found: list[Any] = []
    for number, tag in enumerate(tags):
        if isinstance(tag, int) and not isinstance(tag, bool) and known is not None:
            if not 0 <= tag < len(known):
                raise (at / number).error(
                    f"{at / number} is {tag}, and there are {len(known)} names", "they count from 0"
                )
            found.append(known[tag])
        elif name == "ner_tags" and isinstance(tag, int):
            todo = 'add their names to the first record, for example "ner_tag_names": ["O", "B-PER", "I-PER"]'
            raise (at / number).error(f"{at / number} is the number {tag}, and no names of labels are given", todo)
        else:
            found.append(expect(tag, str, at / number) if name == "ner_tags" else tag)
    return found


def _spaced(
    fields: Mapping[str, Any], words: Sequence[str], at: At, options: ReadOptions, report: Report
) -> tuple[str, list[int], list[int], list[int]]:
    """The text, where its tokens are, and the number in `words` of each: those of white space alone are none."""
    kept = [number for number, word in enumerate(words) if word.strip()]
    stripped = [words[number].strip() for number in kept]
    starts: list[int] = []
    if fields.get("text") is not None:
        text = field(fields, "text", str, at)
        starts = find_words(text, zip(kept, stripped, strict=True), at / "tokens")
    elif fields.get("spaces") is not None:
        spaces = field(fields, "spaces", list, at)
        if len(spaces) != len(words):
            raise (at / "spaces").error(f"spaces has {len(spaces)} values for {len(words)} tokens", "one a token")
        for number, space in enumerate(spaces):
            if not isinstance(space, bool):
                raise (at / "spaces" / number).error(f"{at / 'spaces' / number} should be true or false")
        pieces = [word + " " * bool(space) for word, space in zip(words, spaces, strict=True)]
        begins = [0]
        for piece in pieces:
            begins.append(begins[-1] + len(piece))
        text = "".join(pieces)
        starts = [begins[number] + len(words[number]) - len(words[number].lstrip()) for number in kept]
    else:
        place = at.record.place
        for word in words:
            if not word.strip():
                report.lose("token", place, word, "it is white space alone")
        text, tokens = respaced(stripped, options, place, report)
        starts = list(tokens.starts)
    return text, starts, [start + len(word) for start, word in zip(starts, stripped, strict=True)], kept


FORMATS = [
    Format(
        "huggingface",
        (".json", ".jsonl"),
        read_huggingface,
        HuggingFaceWriter,
        summary="Hugging Face records: tokens and a tag for each",
        sniff=told_as("huggingface"),
        variant_of="jsonl",
        holds=frozenset({"tokens", "ids", "metadata", "columns"}),
    )
]
