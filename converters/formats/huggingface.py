"""Hugging Face's token classification records: a list of tokens, and a tag for each.

    {"id": "0", "tokens": ["Rome", "'s", "mayor"], "ner_tags": ["B-LOC", "O", "O"]}

A record is a document. Tags may be strings or numbers; for numbers the names are in the record, or in the first one,
as `ner_tag_names`, `label_names` or `names` (``["O", "B-LOC", ...]``), or the file is one object on one line,
``{"features": ..., "data": [...]}``, whose features are those that `datasets` prints as JSON. Which of BIO, IOB1, IO,
BIOES, BILOU the tags are is found out from them; all records of a file must agree. BIO strings are written. Fields of
lists that end in `_tags` (`pos_tags`, `chunk_tags`) are token columns (`pos`, `chunk`). The text is made anew, as a
person would have written it, unless the record has it as `text`, or has `spaces`: whether one follows each token. The
id is a string; metadata are in `meta`, where there are any beside the name of the source; further fields are kept and
written back.

Cannot hold: overlapping entities, entities that do not begin and end with a token, sentences, white space,
further attributes of a span.

Sources: https://huggingface.co/docs/transformers/tasks/token_classification;
https://huggingface.co/datasets/eriktks/conll2003
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple

from ..align import fit_to_tokens, report_unheld
from ..balance import Repair, Report
from ..detokenize import assemble
from ..document import Document, Span, Tokens, TokenSpan
from ..errors import DataError, Place, shorten
from ..gaps import Gap, detect_profile
from ..options import ReadOptions, WriteOptions
from ..records import RecordsWriter, expect, get, json_records
from ..schemes import SCHEMES, Scheme, TagError, decode, encode
from ..source import Source, with_ids
from . import Format

FIELDS = ("id", "tokens", "ner_tags", "text", "spaces", "meta")
NAMES = ("ner_tag_names", "label_names", "names")
"""Fields that may hold the labels which numbers stand for."""
TAGS = "_tags"
"""What the name of a field of tags ends in."""
EXTRA = "__record__"
"""The name in a document's metadata of the further fields of its record."""


class HuggingFaceWriter:
    """A record a document."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.records = RecordsWriter(file, as_array=options.as_array)
        self.report = report

    def write(self, document: Document) -> None:
        """Write the document's record."""
        document, spans = fit_to_tokens(document, "huggingface", self.report)
        tokens = document.tokens
        assert tokens is not None
        record: dict[str, Any] = {} if document.id is None else {"id": document.id}
        record["tokens"] = document.words
        record["ner_tags"] = encode(spans, len(tokens), SCHEMES["BIO"])
        columns = {name: values for name, values in tokens.columns.items() if f"{name}{TAGS}" not in FIELDS}
        record |= {f"{name}{TAGS}": list(values) for name, values in columns.items()}
        found = document.meta.get(EXTRA)
        extra = found if isinstance(found, Mapping) else {}
        taken = {name: value for name, value in extra.items() if name in (*record, *FIELDS)}
        rest = {name: values for name, values in tokens.columns.items() if name not in columns}
        report_unheld(replace(document, tokens=replace(tokens, columns=rest), meta=taken), "huggingface", self.report)
        if tokens.sentences is not None and len(tokens.sentences) > 1:
            lost = f"{len(tokens.sentences)} sentences"
            self.report.lose("field", document.source, lost, "no place for it", output="huggingface")
        record |= {name: value for name, value in extra.items() if name not in taken}
        meta = {name: value for name, value in document.meta.items() if name not in ("source", EXTRA)}
        self.records.put(record | ({"meta": meta} if meta else {}))

    def close(self) -> None:
        """End the file."""
        self.records.close()


Names = Mapping[str, Sequence[str]]
"""The labels that the numbers of a field stand for, by the field's name."""


class Record(NamedTuple):
    """A record, where it was read, and what its numbers stand for."""

    place: Place
    fields: Any
    names: Names


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
    finder = SchemeFinder()
    for id, record in with_ids(_records(file, source, options), source.id):
        try:
            document = _document(record, finder, id, source, options, report)
        except DataError as error:
            report.fail(error)
            continue
        yield document


def _records(file: BinaryIO, source: Source, options: ReadOptions) -> Iterator[Record]:
    """The records of the file, those of a wrapper one by one, with the names that are known by then."""
    names: dict[str, Sequence[str]] = {}
    for place, fields in json_records(file, source, options.encoding):
        items = [fields]
        if isinstance(fields, dict) and "tokens" not in fields and isinstance(fields.get("data"), list):
            items = fields["data"]
            features = fields.get("features")
            for name, feature in features.items() if isinstance(features, dict) else ():
                if found := _feature_names(feature):
                    names[name] = found
        for item in items:
            own = dict(names)
            if isinstance(item, dict):
                for name in NAMES:
                    if isinstance(item.get(name), list):
                        own["ner_tags"] = [str(label) for label in item[name]]
            names = names or own
            yield Record(place, item, own)


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


def _document(
    record: Record, finder: SchemeFinder, id: str, source: Source, options: ReadOptions, report: Report
) -> Document:
    place, names = record.place, record.names
    fields = expect(record.fields, dict, "a record", place)
    words = expect(fields.get("tokens"), list, "the field tokens", place)
    for number, word in enumerate(words):
        expect(word, str, f"token {number}", place)
    columns = {
        name: _tags(fields[name], name, len(words), names, place)
        for name in fields
        if name == "ner_tags" or (name.endswith(TAGS) and isinstance(fields[name], list))
    }
    if "ner_tags" not in columns:
        raise DataError("the field ner_tags is missing", 'a tag a token, for example ["B-LOC", "O"]', place)
    tags = columns.pop("ner_tags")
    try:
        found = finder.decode(tags)
    except TagError as error:
        number = min(error.number, len(words) - 1)
        what = f"{error.what}, at token {number} {words[number]!r}"
        raise DataError(
            what, "all tags of a file should be of one scheme: BIO, IOB1, IO, BIOES or BILOU", place
        ) from None
    text, starts, ends, kept = _spaced(fields, words, place, options, report)
    number_of = {number: at for at, number in enumerate(kept)}
    spans = []
    for first, stop, label in found:
        inside = [number_of[number] for number in range(first, stop) if number in number_of]
        if inside:
            spans.append(Span(starts[inside[0]], ends[inside[-1]], label))
        else:
            report.lose("span", place, "".join(words[first:stop]), "it is white space alone", label=label)
    more = {name.removesuffix(TAGS): [values[number] for number in kept] for name, values in columns.items()}
    meta = dict(expect(get(fields, "meta", {}), dict, "the field meta", place))
    meta.setdefault("source", source.origin)
    used = {*FIELDS, *columns, *(NAMES if tags != fields["ner_tags"] else ())}
    if extra := {name: value for name, value in fields.items() if name not in used}:
        meta[EXTRA] = extra
    own = fields.get("id")
    tokens = Tokens.make(starts, ends, None, more)
    return Document(text, tuple(spans), tokens, id=id if own is None else str(own), source=place, meta=meta)


def _tags(tags: Any, field: str, size: int, names: Names, place: Place) -> list[Any]:
    """The tags of a field, numbers replaced by the names of what they stand for."""
    tags = expect(tags, list, f"the field {field}", place)
    if len(tags) != size:
        raise DataError(f"{field} has {len(tags)} tags for {size} tokens", "there should be one a token", place)
    known = names.get(field)
    found: list[Any] = []
    for number, tag in enumerate(tags):
        what = f"tag {number} of {field}"
        if isinstance(tag, int) and not isinstance(tag, bool) and known is not None:
            if not 0 <= tag < len(known):
                raise DataError(f"{what} is {tag}, and there are {len(known)} names", "they count from 0", place)
            found.append(known[tag])
        elif field == "ner_tags" and isinstance(tag, int):
            todo = 'add their names to the first record, for example "ner_tag_names": ["O", "B-PER", "I-PER"]'
            raise DataError(f"{what} is the number {tag}, and no names of labels are given", todo, place)
        else:
            found.append(expect(tag, str, what, place) if field == "ner_tags" else tag)
    return found


def _spaced(
    fields: Mapping[str, Any], words: Sequence[str], place: Place, options: ReadOptions, report: Report
) -> tuple[str, list[int], list[int], list[int]]:
    """The text, where its tokens are, and the number in `words` of each: those of white space alone are none."""
    kept = [number for number, word in enumerate(words) if word.strip()]
    stripped = [words[number].strip() for number in kept]
    starts: list[int] = []
    if fields.get("text") is not None:
        text, at = expect(fields["text"], str, "the field text", place), 0
        for number, word in zip(kept, stripped, strict=True):
            start = len(text) - len(text[at:].lstrip())
            if not text.startswith(word, start):
                what = f"token {number} is {word!r}, but the text goes on {shorten(text[start : start + 30])!r}"
                raise DataError(what, "without the field text the spacing is reconstructed", place)
            starts.append(start)
            at = start + len(word)
    elif fields.get("spaces") is not None:
        spaces = expect(fields["spaces"], list, "the field spaces", place)
        if len(spaces) != len(words):
            raise DataError(f"spaces has {len(spaces)} values for {len(words)} tokens", "one a token", place)
        pieces = [word + " " * bool(space) for word, space in zip(words, spaces, strict=True)]
        begins = [0]
        for piece in pieces:
            begins.append(begins[-1] + len(piece))
        text = "".join(pieces)
        starts = [begins[number] + len(words[number]) - len(words[number].lstrip()) for number in kept]
    else:
        for word in words:
            if not word.strip():
                report.lose("token", place, word, "it is white space alone")
        profile = options.profile or detect_profile(stripped)
        text, tokens, _ = assemble(stripped, [Gap.SPACE] * len(kept), profile=profile, layout=options.layout)
        report.repairs.append(Repair("spacing", str(place), "reconstructed"))
        starts = list(tokens.starts)
    return text, starts, [start + len(word) for start, word in zip(starts, stripped, strict=True)], kept


OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{")
LIST_OF_WORDS = re.compile(rb'"tokens"\s*:\s*\[\s*(?:"|\]|\Z)')
LIST_OF_TAGS = re.compile(rb'"ner_tags"\s*:\s*\[')
OTHERS = re.compile(rb'"(?:tokens"\s*:\s*\[\s*\{|tokenized_text"\s*:|spans"\s*:|annotations"\s*:)')


def is_huggingface(beginning: bytes) -> bool:
    """Whether a file begins with a record of tokens that are strings, or of NER tags, and bears no other's mark."""
    own = LIST_OF_WORDS.search(beginning) or LIST_OF_TAGS.search(beginning)
    return bool(OBJECT.match(beginning) and own and not OTHERS.search(beginning))


FORMATS = [
    Format(
        "huggingface",
        (".json", ".jsonl"),
        read_huggingface,
        HuggingFaceWriter,
        sniff=is_huggingface,
        is_flat=True,
        on_tokens=True,
    )
]
