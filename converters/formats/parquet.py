"""Parquet, the columnar file that Hugging Face datasets are kept in: a document a row.

    >>> datasets.load_dataset("parquet", data_files="corpus.parquet", split="train").features["ner_tags"].feature
    ClassLabel(names=['O', 'B-LOC', 'I-LOC'])

    id         string          null where a document has none
    text       string
    tokens     list<string>    null where a document has none, as are ner_tags, starts, ends
    ner_tags   list<int64>     BIO, a number a token; the names are in the file's metadata, as `datasets` keeps them
    spans      list<struct<start: int32, end: int32, label: string, attributes: string>>
    starts     list<int32>     where the tokens begin and end in the text
    ends       list<int32>
    sentences  list<int32>     the tokens, from 0, that begin a sentence; null where sentences are not known
    meta       string          the other metadata, a JSON object

Offsets count characters (Unicode code points), half-open. `spans` has all entities, those that overlap too;
`attributes` is a JSON object or null. `ner_tags` has those that begin and end with a token, and of those that
overlap the first, the longer one where two begin together; the balance names the others. What else is known of the
tokens is in columns of its own, ``list<string>`` each; one whose name is taken is called ``column_NAME``, and those
with values that are not strings are together in `token_columns`, a JSON object. The names of `ner_tags` are ``O``,
then ``B-`` and ``I-`` of each label in ``ner_tags``, sorted: two files with other labels number them otherwise.

Read as well are files that `datasets` wrote of other data: `tokens` (or `words`) with `ner_tags` (or `tags`,
`ner`, `labels`), numbers with names in the metadata or strings, in BIO, BIOES, BILOU or IOB1, which is found out
from the whole file; `text` with `spans` or `entities`, a list of structs with start, end and label. Without `text`
the text is made anew, as a person would have written it. A list as long as the tokens in every row is a column of
theirs; all else is metadata.

Cannot hold: metadata and attributes that JSON cannot; a text of more than 2^29 characters. The schema, with its
names, stands before the rows, so all documents are kept in memory, as columns, until the last one is known.

Sources: https://parquet.apache.org/docs/file-format/ and
https://huggingface.co/docs/datasets/about_dataset_features
"""

from __future__ import annotations

import io
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, BinaryIO, NamedTuple

from ..balance import Repair, Report
from ..detokenize import respaced
from ..document import Document, Span, Tokens, TokenSpan, quoted
from ..errors import DataError, Place, UsageError, shorten
from ..offsets import Told, Unit, check, choose_unit, entities, find_words
from ..options import ReadOptions, WriteOptions
from ..reading import read_each
from ..records import At, Record, are_entities, distinct, expect, field, identifier, label_of
from ..schemes import SCHEMES, Scheme, TagError, detect, encode, read_tags
from ..source import Source
from . import Format

MAGIC = b"PAR1"
GROUP_ROWS, GROUP_CHARACTERS = 1000, 1 << 24
"""A row group is full with so many documents, or characters of text: few enough for a reader's memory."""
LONGEST = 1 << 29
"""Characters: offsets are of 32 bits, and so are Arrow's into a column of strings, which count bytes."""

TOKEN_NAMES = ("tokens", "words")
TAG_NAMES = ("ner_tags", "tags", "ner", "labels")
SPAN_NAMES = ("spans", "entities", "label", "labels")
START_NAMES = ("start", "start_offset", "start_char")
END_NAMES = ("end", "end_offset", "end_char")
LABEL_NAMES = ("label", "type", "entity_type", "entity_group")
OWN = ("id", "text", "starts", "ends", "sentences", "meta", "token_columns", *TOKEN_NAMES, *TAG_NAMES, *SPAN_NAMES)
TAKEN = re.compile(rf"(column_)*({'|'.join(OWN)})")
"""The names that no column of the tokens can have, and what they are called instead."""


def arrow(module: str = "pyarrow") -> Any:
    """pyarrow, or a module of it. Raises `UsageError` where it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        raise UsageError("parquet needs pyarrow", "pip install 'nerconv[parquet]'") from None


# Writing


class ParquetWriter:
    """All documents as columns, which are written at the end, when all labels are known."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.report = report
        self.pa = arrow()
        self.rows: list[dict[str, Any]] = []
        self.characters = 0
        self.groups: list[Any] = []
        self.codes = {"O": 0}  # of tags, in the order in which they come; `close` sorts them
        self.columns: dict[str, str] = {}  # of tokens, and what each is called in the file
        self.has_others = False

    def write(self, document: Document) -> None:
        """Take the document."""
        self.rows.append(self._row(document))
        self.characters += len(document.text)
        if len(self.rows) >= GROUP_ROWS or self.characters >= GROUP_CHARACTERS:
            self._pack()

    def close(self) -> None:
        """Write the file."""
        self._pack()
        labels = sorted({name[2:] for name in self.codes if name != "O"})
        names = ["O", *(f"{letter}-{label}" for label in labels for letter in "BI")]
        ranks = {name: rank for rank, name in enumerate(names)}
        codes = self.pa.array([ranks[name] for name in self.codes], self.pa.int64())
        schema = self._schema().with_metadata({"huggingface": self._features(names)})
        with arrow("pyarrow.parquet").ParquetWriter(self.file, schema, compression="zstd") as writer:
            for group in self.groups:
                columns = [
                    group.column(field.name)
                    if field.name in group.column_names
                    else self.pa.nulls(group.num_rows, field.type)
                    for field in schema
                ]
                at = schema.get_field_index("ner_tags")
                columns[at] = self._renumbered(columns[at].combine_chunks(), codes)
                writer.write_table(self.pa.table(columns, schema=schema))

    def _row(self, document: Document) -> dict[str, Any]:
        if len(document.text) > LONGEST:
            what = f"parquet cannot hold a text of {len(document.text)} characters"
            raise DataError(what, f"{LONGEST} is the most; divide it", document.source)
        row: dict[str, Any] = {
            "id": _checked(document.id or "", document) if document.id is not None else None,
            "text": document.text,
            "spans": [
                {**span._asdict(), "attributes": _json(document.attributes.get(span) or None, document)}
                for span in document.spans
            ],
            "meta": _json(dict(document.meta), document),
        }
        if document.tokens is not None:
            row |= self._token_fields(document, document.tokens)
        return row

    def _token_fields(self, document: Document, tokens: Tokens) -> dict[str, Any]:
        spans, left = flat_spans(document)
        for unheld in left:
            mention = quoted(document.text, unheld.start, unheld.end)
            self.report.repairs.append(Repair("left out of ner_tags", str(document.source or ""), mention))
        for span in spans:
            for letter in "BI":
                self.codes.setdefault(f"{letter}-{span.label}", len(self.codes))
        row: dict[str, Any] = {
            "tokens": document.words,
            "ner_tags": [self.codes[tag] for tag in encode(spans, len(tokens), SCHEMES["BIO"])],
            "starts": list(tokens.starts),
            "ends": list(tokens.ends),
            "sentences": None if tokens.sentences is None else list(tokens.sentences),
        }
        others = {}
        for name, values in tokens.columns.items():
            if all(value is None or isinstance(value, str) for value in values):
                _checked("".join([name, *filter(None, values)]), document)
                own = self.columns.setdefault(name, f"column_{name}" if TAKEN.fullmatch(name) else name)
                row[own] = list(values)
            else:
                others[name] = list(values)
        if others:
            row["token_columns"] = _json(others, document)
            self.has_others = True
        return row

    def _pack(self) -> None:
        """Turn the rows that are waiting into columns."""
        if self.rows:
            self.groups.append(self.pa.Table.from_pylist(self.rows, schema=self._schema()))
            self.rows, self.characters = [], 0

    def _schema(self) -> Any:
        pa = self.pa
        numbers, strings = pa.list_(pa.int32()), pa.list_(pa.string())
        span = {"start": pa.int32(), "end": pa.int32(), "label": pa.string(), "attributes": pa.string()}
        types = {
            "id": pa.string(),
            "text": pa.string(),
            "tokens": strings,
            "ner_tags": pa.list_(pa.int64()),  # the type of a ClassLabel
            "spans": pa.list_(pa.struct(span)),
            "starts": numbers,
            "ends": numbers,
            "sentences": numbers,
            **dict.fromkeys(self.columns.values(), strings),
            **({"token_columns": pa.string()} if self.has_others else {}),
            "meta": pa.string(),
        }
        return pa.schema(types)

    def _features(self, names: Sequence[str]) -> str:
        """What `datasets` is to know of the columns, in the words that all its versions know."""

        def feature(type: Any) -> Any:
            if self.pa.types.is_struct(type):
                return {field.name: feature(field.type) for field in type}
            if self.pa.types.is_list(type):
                inner = feature(type.value_type)
                return [inner] if self.pa.types.is_struct(type.value_type) else {"feature": inner, "_type": "Sequence"}
            return {"dtype": str(type), "_type": "Value"}

        features = {field.name: feature(field.type) for field in self._schema()}
        features["ner_tags"]["feature"] = {"names": list(names), "_type": "ClassLabel"}
        return json.dumps({"info": {"features": features}}, ensure_ascii=False)

    def _renumbered(self, tags: Any, codes: Any) -> Any:
        return self.pa.ListArray.from_arrays(tags.offsets, codes.take(tags.values), mask=tags.is_null())


def flat_spans(document: Document) -> tuple[list[TokenSpan], list[Span]]:
    """The entities that a tag a token can hold, in tokens, and those that it cannot."""
    found: list[TokenSpan] = []
    left: list[Span] = []
    for span in document.spans:
        place = document.token_span(span)
        if place is None or (found and place.first < found[-1].stop):
            left.append(span)
        else:
            found.append(place)
    return found, left


def _checked(text: str, document: Document) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        what = f"parquet cannot hold U+{ord(text[error.start]):04X}, half of a surrogate pair"
        raise DataError(what, "it is no character; mend the source", document.source) from None
    return text


def _json(value: Mapping[str, Any] | None, document: Document) -> str | None:
    try:
        return None if value is None else _checked(json.dumps(value, ensure_ascii=False, allow_nan=False), document)
    except DataError:
        raise
    except (TypeError, ValueError, RecursionError) as error:  # what json makes of a value that is none of its own
        what = f"parquet cannot hold {shorten(repr(value))}: {error}"
        raise DataError(what, "what is known besides has to be JSON", document.source) from None


# Reading


class Layout(NamedTuple):
    """Where things are in a file: the names of its columns.

    `names`: those of a column's ClassLabel. `span_labels`: those of the labels in `spans`. `parallel`: the columns
    that have a value a token in all rows.
    """

    tokens: str | None
    tags: str | None
    spans: str | None
    text: bool
    offsets: bool
    sentences: bool
    names: Mapping[str, Sequence[str]]
    span_labels: Sequence[str] | None
    parallel: frozenset[str]
    scheme: Scheme

    @property
    def used(self) -> frozenset[str]:
        """The columns that are not metadata, apart from the parallel ones."""
        own = {"id", self.tokens, self.tags, self.spans, *self.of_tokens}
        own |= {"text"} if self.text else set()
        return frozenset(name for name in own if name)

    @property
    def of_tokens(self) -> list[str]:
        """The columns that have a value only where there are tokens, apart from the parallel ones."""
        if self.tokens is None:
            return []
        known = {self.tags: self.tags is not None, "starts": self.offsets, "ends": self.offsets}
        known |= {"sentences": self.sentences, "token_columns": True}
        return [name for name, is_there in known.items() if name and is_there]


def read_parquet(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a Parquet file."""
    arrow()
    opened = _opened(file, source)
    layout = _layout(opened, source)
    used = layout.used
    make = partial(_document, layout=layout, used=used, options=options, report=report)
    yield from read_each(_rows(opened, None, source, report), source, report, make)


def _opened(file: BinaryIO, source: Source) -> Any:
    """The file, open for reading from any place in it, as Parquet has to be; what cannot be is read whole."""
    if not (isinstance(file, io.BufferedReader) and isinstance(file.raw, io.FileIO) and file.seekable()):
        file = io.BytesIO(file.read())
    try:
        return arrow("pyarrow.parquet").ParquetFile(file)
    except (arrow().ArrowException, OSError, ValueError) as error:
        raise _broken(error, Place(source.file)) from None


def _broken(error: Exception, place: Place) -> DataError:
    return DataError(f"this is no Parquet file, or a damaged one: {shorten(str(error))}", "fetch it again", place)


def _batches(opened: Any, columns: Sequence[str] | None, source: Source) -> Iterator[tuple[int, Any]]:
    """Batches of rows, each with the number of its first row, from 1."""
    number = 1
    batches = opened.iter_batches(batch_size=256, columns=columns)
    while True:
        try:
            batch = next(batches, None)
        except (arrow().ArrowException, OSError, ValueError) as error:
            raise _broken(error, Place(source.file, number)) from None
        if batch is None:
            return
        yield number, batch
        number += batch.num_rows


def _rows(opened: Any, columns: Sequence[str] | None, source: Source, report: Report) -> Iterator[Record]:
    """The rows, each with its number for a line. One that cannot be read is a failure for the report."""
    for first, batch in _batches(opened, columns, source):
        try:
            rows = batch.to_pylist()
        except (arrow().ArrowException, ValueError, OverflowError):  # one of them; which?
            rows = None
        for number in range(batch.num_rows):
            place = Place(source.file, first + number)
            try:
                row = rows[number] if rows else batch.slice(number, 1).to_pylist()[0]
            except UnicodeDecodeError as error:
                byte = error.object[error.start]
                report.fail(DataError(f"byte 0x{byte:02X} in a string is not UTF-8", "mend the source", place))
            except (arrow().ArrowException, ValueError, OverflowError) as error:
                report.fail(DataError(f"the row cannot be read: {shorten(str(error))}", "", place))
            else:
                yield Record(row, place)


def _layout(opened: Any, source: Source) -> Layout:
    types = arrow("pyarrow.types")
    schema = opened.schema_arrow
    place = Place(source.file)
    if twice := sorted(name for name, times in Counter(schema.names).items() if times > 1):
        raise DataError(f"two columns are called {twice[0]!r}", "rename one", place)
    columns = {field.name: field.type for field in schema}

    def item(name: str) -> Any:
        """The type of the items of a column of lists, else None."""
        type: Any = columns.get(name)
        tests = (types.is_list, types.is_large_list, types.is_fixed_size_list)
        return type.value_type if type is not None and any(test(type) for test in tests) else None

    def is_string(type: Any) -> bool:
        type = type.value_type if type is not None and types.is_dictionary(type) else type
        # a column without a value is of the type null, where nobody has said otherwise
        return type is not None and (types.is_string(type) or types.is_large_string(type) or types.is_null(type))

    def is_number(type: Any) -> bool:
        return type is not None and types.is_integer(type)

    def is_spans(name: str) -> bool:
        inner = item(name)
        inner = columns.get(name) if inner is None else inner
        if inner is None or not types.is_struct(inner):
            return item(name) is not None and types.is_null(inner)
        fields = {field.name for field in inner}
        return all(fields & set(known) for known in (START_NAMES, END_NAMES, LABEL_NAMES))

    has_text = is_string(columns.get("text"))
    tokens = next((name for name in TOKEN_NAMES if is_string(item(name))), None)
    if not has_text and tokens is None:
        found = ", ".join(columns) or "none"
        raise DataError(f"there is no column of texts or of tokens; the columns are {found}", "call it tokens", place)
    if tokens is None and "ner_tags" in columns:
        raise DataError("there is a column ner_tags, but none of tokens", "call it tokens", place)
    for name, is_right, kind in (
        ("ner_tags", is_string(item("ner_tags")) or is_number(item("ner_tags")), "strings or whole numbers"),
        ("spans", is_spans("spans"), "structs with start, end and label"),
    ):
        if name in columns and not is_right:
            raise DataError(f"the column {name} is {columns[name]}", f"it should be a list of {kind}", place)
    features = _features(schema)
    names = {name: known for name in columns if (known := _class_names(features.get(name))) is not None}
    tags = next(
        (name for name in TAG_NAMES if tokens and (is_string(item(name)) or is_number(item(name)))),
        None,
    )
    spans = next((name for name in SPAN_NAMES if has_text and is_spans(name)), None)
    if spans is not None and tags is not None and is_number(item(tags)) and tags not in names:
        tags = None  # another tool has taken off the names, and the spans say the same
    if tags is not None and is_number(item(tags)) and tags not in names:
        what = f"the tags in {tags} are numbers, and the file does not say which tag each number is"
        raise DataError(what, "give the column a ClassLabel feature with names, or write the tags as strings", place)
    span_feature = _inner(features.get(spans)) if spans else None
    span_labels = None
    if isinstance(span_feature, dict):
        label = next((name for name in LABEL_NAMES if name in span_feature), None)
        span_labels = _class_names(span_feature.get(label)) if label else None
    layout = Layout(
        tokens,
        tags,
        spans,
        has_text,
        has_text and tokens is not None and is_number(item("starts")) and is_number(item("ends")),
        tokens is not None and is_number(item("sentences")),
        names,
        span_labels,
        frozenset(),
        SCHEMES["BIO"],
    )
    flat = [n for n in columns if n not in layout.used and item(n) is not None and not types.is_nested(item(n))]
    if tokens is not None:
        layout = layout._replace(parallel=_parallel(opened, tokens, flat, source))
    return layout._replace(scheme=_scheme(opened, layout, source)) if tags else layout


def _features(schema: Any) -> Mapping[str, Any]:
    """What `datasets` knows of the columns, by name; empty where it has left nothing or nothing of use."""
    try:
        found = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _inner(feature: Any) -> Any:
    """The feature of the items of a list, however deep, in the words of any version of `datasets`."""
    while True:
        if isinstance(feature, list) and len(feature) == 1:
            feature = feature[0]
        elif isinstance(feature, dict) and feature.get("_type") in ("Sequence", "List", "LargeList"):
            feature = feature.get("feature")
        else:
            return feature


def _class_names(feature: Any) -> Sequence[str] | None:
    feature = _inner(feature)
    known = feature.get("names") if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" else None
    return known if isinstance(known, list) and all(isinstance(name, str) for name in known) else None


def _parallel(opened: Any, tokens: str, columns: Sequence[str], source: Source) -> frozenset[str]:
    """Those of the columns that have a value a token in every row where they have any."""
    compute = arrow("pyarrow.compute")
    left = list(columns)
    if left:
        for _, batch in _batches(opened, [tokens, *left], source):
            sizes = compute.list_value_length(batch.column(tokens))
            for name in list(left):
                values = batch.column(name)
                same = compute.equal(compute.list_value_length(values).cast("int64"), sizes.cast("int64"))
                if not compute.all(compute.or_(values.is_null(), same.fill_null(False))).as_py():
                    left.remove(name)
    return frozenset(left)


def _scheme(opened: Any, layout: Layout, source: Source) -> Scheme:
    """The scheme of all rows' tags: one row may show it where others, BIO or IOB1 as well, do not."""
    assert layout.tags is not None
    shown: set[str] = set()
    for row, place, *_ in _rows(opened, [layout.tags], source, Report(keep_going=True)):
        try:
            tags = _tags(row[layout.tags], layout, place)
        except DataError:  # it is told when the row's turn comes
            continue
        if any(tag != "O" for tag in tags):
            shown.add(detect(tags).name)
    return SCHEMES[next((name for name in ("BIOES", "BILOU", "BIO", "IOB1") if name in shown), "BIO")]


def _named(value: Any, names: Sequence[str], what: str, place: Place) -> Any:
    """A number, or a list of them, as the names that they stand for; -1 is `datasets`' word for none."""
    if isinstance(value, list):
        return [_named(item, names, what, place) for item in value]
    if value is None or isinstance(value, str) or value == -1:
        return None if value == -1 else value
    if not isinstance(value, int) or not 0 <= value < len(names):
        raise DataError(f"{what} has {value}, but only {len(names)} names", "they count from 0", place)
    return names[value]


def _tags(value: Any, layout: Layout, place: Place) -> list[str]:
    names = layout.names.get(layout.tags or "")
    tags = value or []
    if names is not None:
        tags = _named(tags, names, f"the column {layout.tags}", place)
    return _strings(tags, f"tag {{}} of {layout.tags}", place)


def _strings(values: list[Any], what: str, place: Place) -> list[str]:
    """The values, none of which is null; `what` says what one of a number is."""
    if None in values:
        number = values.index(None)
        raise DataError(f"{what.format(number)} is null", "it should be a string", place)
    return values


def _document(record: Record, layout: Layout, used: frozenset[str], options: ReadOptions, report: Report) -> Document:
    row, place, at = record.value, record.place, At(record)
    words = row[layout.tokens] if layout.tokens else None
    text = row["text"] if layout.text else None
    if text is None and words is None:
        raise DataError("the row has neither a text nor tokens", "", place)
    if words is None and (more := [name for name in layout.of_tokens if row.get(name) is not None]):
        raise DataError(f"the row has {more[0]}, but no {layout.tokens}", "a row has both or none", place)
    if text is None and layout.spans is not None and row[layout.spans]:
        raise DataError(f"the row has {layout.spans}, but no text", "they are offsets into one", place)
    tokens: Tokens | None = None
    tagged: list[TokenSpan] | None = None
    has_spans = layout.spans is not None and text is not None and row[layout.spans] is not None
    told = _told_spans(row, layout, at, report) if has_spans else []
    unit: Unit = options.offset_unit or "char"
    if words is not None:
        words = _strings(words, "token {}", place)
        tagged = _tagged(row, len(words), layout, place, options, report)
        kept = [number for number, word in enumerate(words) if word.strip()]
        if text is None:
            text, tokens = _assembled(words, kept, place, options, report)
        elif layout.offsets and row["starts"] is not None and row["ends"] is not None:
            placed = _told_tokens(words, row["starts"], row["ends"], at)
            unit = choose_unit(text, [*placed, *told], options.offset_unit, report)
            tokens = _placed(text, placed, unit)
        else:
            proper = [(number, words[number].strip()) for number in kept]
            starts = find_words(text, proper, at / "tokens")
            tokens = Tokens.make(starts, [start + len(word) for start, (_, word) in zip(starts, proper, strict=True)])
        columns = _columns(row, kept, layout, at, report)
        sentences = row["sentences"] if layout.sentences else None
        tokens = Tokens.make(
            tokens.starts, tokens.ends, _sentences(sentences, kept, len(words), at / "sentences"), columns
        )
        if tagged is not None:
            tagged = _without_space(tagged, words, kept, place, report)
    assert text is not None
    attributes: dict[Span, Mapping[str, Any]] = {}
    if has_spans:
        unit = unit if tokens is not None and layout.offsets else choose_unit(text, told, options.offset_unit, report)
        attributes = entities(text, told, unit, report)
    elif tokens is not None and tagged is not None:
        found = [Span(tokens.starts[first], tokens.ends[stop - 1], label) for first, stop, label in tagged]
        attributes = {span: {} for span in found}
    meta = _meta(row, layout, used, place, report)
    document = Document(text, tuple(attributes), tokens, attributes, identifier(row, at), place, meta)
    if has_spans and tagged is not None and tagged != (flat := flat_spans(document)[0]):
        in_both = {*tagged} & {*flat}
        clash = next(span for span in [*tagged, *flat] if span not in in_both)
        word = shorten(" ".join(document.words[clash.first : clash.stop]))
        where = (layout.tags, layout.spans) if clash in tagged else (layout.spans, layout.tags)
        what = f"{where[0]} has {clash.label} {word!r}, and {where[1]} has not"
        raise DataError(what, "take out the column that is not right", place)
    return document


def _tagged(
    row: Mapping[str, Any], size: int, layout: Layout, place: Place, options: ReadOptions, report: Report
) -> list[TokenSpan] | None:
    """The entities that the tags tell of, None where there are none."""
    if layout.tags is None:
        return None
    if row[layout.tags] is None:
        report.lose("field", place, layout.tags, "it is null (not annotated, which is not O)")
        return None
    tags = _tags(row[layout.tags], layout, place)
    if len(tags) != size:
        raise DataError(f"{len(tags)} tags for {size} tokens", "a token has one tag", place)
    try:
        return read_tags(tags, layout.scheme, options.repair_tags, lambda number: place, report)
    except TagError as error:
        raise DataError(f"token {min(error.number, size - 1)}: {error.what}", error.todo, place) from None


def _without_space(
    spans: Sequence[TokenSpan], words: Sequence[str], kept: Sequence[int], place: Place, report: Report
) -> list[TokenSpan]:
    """The entities, in the numbers that tokens have when those of white space are left out."""
    if len(kept) == len(words):
        return list(spans)
    found = []
    for first, stop, label in spans:
        span = TokenSpan(bisect_left(kept, first), bisect_left(kept, stop), label)
        if span.first < span.stop:
            found.append(span)
        else:
            report.lose("span", place, "".join(words[first:stop]), "it is white space alone", label=label)
    return found


def _assembled(
    words: Sequence[str], kept: Sequence[int], place: Place, options: ReadOptions, report: Report
) -> tuple[str, Tokens]:
    for number, word in enumerate(words):
        if not word.strip():
            report.lose("token", place, word, f"token {number} is white space")
        elif word != word.strip():
            report.repairs.append(Repair("trim white space", str(place), word))
    return respaced([words[number].strip() for number in kept], options, place, report)


def _told_tokens(words: Sequence[str], starts: Any, ends: Any, at: At) -> list[Told]:
    """The tokens, and where they are said to be."""
    if not len(starts) == len(ends) == len(words):
        raise at.error(f"{len(words)} tokens, {len(starts)} starts and {len(ends)} ends", "a token has one of each")
    return [
        Told(at / "tokens" / n, field(starts, n, int, at / "starts"), field(ends, n, int, at / "ends"), word)
        for n, word in enumerate(words)
        if word.strip()
    ]


def _placed(text: str, told: Sequence[Told], unit: Unit) -> Tokens:
    """Tokens whose places are given, checked against the text, without the white space at their edges."""
    starts, ends = [], []
    for item, (start, end) in zip(told, check(text, told, unit), strict=True):
        word = text[start:end]
        if not word.strip():
            raise item.at.error(f"{item.at} at {start}:{end} is white space alone", "take it out")
        starts.append(start + len(word) - len(word.lstrip()))
        ends.append(starts[-1] + len(word.strip()))
    return Tokens.make(starts, ends)


def _sentences(value: Any, kept: Sequence[int], size: int, at: At) -> list[int] | None:
    if value is None:
        return None
    begins = [field(value, number, int, at) for number in range(len(value))]
    if len(kept) == size:
        return begins
    return [number for number in dict.fromkeys(bisect_left(kept, begin) for begin in begins) if number < len(kept)]


def _columns(
    row: Mapping[str, Any], kept: Sequence[int], layout: Layout, at: At, report: Report
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    place = at.record.place
    for column in row:
        if column in layout.parallel and row[column] is not None:
            name = column.removeprefix("column_") if TAKEN.fullmatch(column) else column
            values = _plain(column, row[column], layout, place, report)
            if values is not None:
                found[name] = [values[number] for number in kept]
    others = {}
    if row.get("token_columns") is not None:
        held = _object(row["token_columns"], "the field token_columns", place)
        if held is None:
            expect(row["token_columns"], dict, at / "token_columns")
        others = held or {}
    for name in others:
        found[name] = field(others, name, list, at / "token_columns")
    return found


def _told_spans(row: Mapping[str, Any], layout: Layout, at: At, report: Report) -> list[Told]:
    """The entities in the column of spans."""
    assert layout.spans is not None
    items = row[layout.spans]
    at = at / layout.spans
    if isinstance(items, dict):  # lists in a struct, as older versions of `datasets` have it
        lists = {name: values or [] for name, values in items.items()}
        if len({len(values) for values in lists.values()}) > 1:
            raise at.error(f"the lists in {layout.spans} are not of one length", "a span has one value in each")
        items = [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]
    return [_told(expect(item, dict, at / number), layout, at / number, report) for number, item in enumerate(items)]


def _told(item: Mapping[str, Any], layout: Layout, at: At, report: Report) -> Told:
    """An entity, and what else is known of it."""
    place = at.record.place
    start, end, label = (
        next((n for n in names if n in item), names[0]) for names in (START_NAMES, END_NAMES, LABEL_NAMES)
    )
    item = dict(item)
    if layout.span_labels is not None:
        item[label] = _named(item.get(label), layout.span_labels, f"the label of {at}", place)
    values = field(item, start, int, at), field(item, end, int, at), field(item, "text", str, at, None)
    held = _object(item.get("attributes"), f"the field attributes of {at}", place)
    used = (start, end, label, "text", *(() if held is None else ("attributes",)))
    more = {n: _plain(n, value, layout, place, report) for n, value in item.items() if n not in used}
    more = {name: value for name, value in more.items() if value is not None}
    return Told(at, *values, label_of(item, label, at), {**more, **(held or {})})


def _meta(row: Mapping[str, Any], layout: Layout, used: frozenset[str], place: Place, report: Report) -> dict[str, Any]:
    value = row.get("meta")
    held = value if isinstance(value, dict) else _object(value, "the field meta", place)
    meta = dict(held or {})
    if isinstance(value, dict):  # a struct; what is null in it is not known
        plain = {name: _plain(name, item, layout, place, report) for name, item in value.items()}
        meta = {name: item for name, item in plain.items() if item is not None}
    for name, value in row.items():
        parallel = name in layout.parallel and layout.tokens is not None and row[layout.tokens] is not None
        if value is None or name in used or parallel or (name == "meta" and held is not None):
            continue
        known = _plain(name, value, layout, place, report)
        if layout.tags is None and are_entities(name, known):  # they would be lost as metadata
            what = f"the field {name} has entities, and they are none of the text that was read"
            raise DataError(what, "does the row have its text?", place)
        if known is not None and meta.setdefault(name, known) != known:
            report.lose("field", place, name, "the metadata has another value of that name")
    return meta


def _object(value: Any, what: str, place: Place) -> dict[str, Any] | None:
    """The JSON object that a string holds, None where it does not begin as one."""
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        found: dict[str, Any] = json.loads(value, object_pairs_hook=distinct)
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise DataError(f"{what} is no JSON: {error}", "", place) from None
    return found


def _plain(name: str, value: Any, layout: Layout, place: Place, report: Report) -> Any:
    """A value as JSON has it: classes by name, dates as text. None, and a loss, where it can be nothing there."""
    if name in layout.names:
        value = _named(value, layout.names[name], f"the column {name}", place)
    if value is None or isinstance(value, str | int):
        return value
    try:
        return json.loads(json.dumps(value, default=_spelled, allow_nan=False))
    except (TypeError, ValueError):
        reason = "it holds bytes, or numbers that are none (NaN, infinity), which metadata cannot"
        report.lose("field", place, name, reason)
        return None


def _spelled(value: Any) -> str:
    if isinstance(value, bytes):
        raise TypeError
    return str(value)


FORMATS = [
    Format(
        "parquet",
        (".parquet",),
        read_parquet,
        ParquetWriter,
        summary="Hugging Face datasets: tokens, tags with names (ClassLabel), text, spans; needs the extra `parquet`",
        is_text=False,
        sniff=lambda data: data.startswith(MAGIC),
    )
]
