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

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, BinaryIO, NamedTuple

from ..balance import Repair, Report
from ..document import Document, Span
from ..errors import DataError, Place, shorten
from ..options import ReadOptions, WriteOptions
from ..records import RecordsWriter, expect, first_fields, get, json_records, to_utf16
from ..source import Source, with_ids
from . import Format

NAME = "label-studio"
TASK, ANNOTATION, TEXT = "__task__", "__annotation__", "__text__"
"""Names in a document's metadata: the further fields of its task and annotation, and its text's name in `data`."""
OWN_TASK_FIELDS = ("data", "completions", "predictions")
RESULT = {"from_name": "label", "to_name": "text", "type": "labels"}
VALUE_FIELDS = ("start", "end", "text", "labels")
NO_TEXT = ("id", "source", "created_at", "updated_at", "annotator")
"""Strings in `data` that are about the text: the id and source that we write there, and what JSON-MIN adds."""
UNITS = {"utf16": "UTF-16 units", "char": "characters"}
DEFAULT_UNIT = "utf16"
NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
"""An id that Label Studio would have given."""


# Writing


class LabelStudioWriter:
    """A task a document."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.records = RecordsWriter(file, as_array=options.as_array)
        self.unit = options.offset_unit or DEFAULT_UNIT
        self.report = report
        self.numbers = count(1)

    def write(self, document: Document) -> None:
        """Write the document's task."""
        unheld: list[str] = []
        self.records.put(self._task(document, unheld))
        if unheld:
            names = ", ".join(dict.fromkeys(unheld))
            self.report.lose("field", document.source, names, "no place for it", output=NAME)

    def close(self) -> None:
        """End the file."""
        self.records.close()

    def _task(self, document: Document, unheld: list[str]) -> dict[str, Any]:
        """The document as a task. Adds to `unheld` the names of what there is no place for."""
        meta = dict(document.meta)
        extra, annotation = (self._further(meta, name, unheld) for name in (TASK, ANNOTATION))
        key = _text_name(meta, document, unheld)
        data: dict[str, Any] = {key: document.text}
        number = next(self.numbers)
        own: int | str | None = document.id
        if document.id is not None and NUMBER.fullmatch(document.id):
            own = int(document.id)
        if document.id is not None and ("id" in extra or own == document.id):
            data["id"] = document.id
        unheld += [name for name in meta if name in (key, "id")]
        data |= {name: value for name, value in meta.items() if name not in (key, "id")}
        annotations = [{**annotation, "result": list(self._results(document, key, unheld))}]
        if extra.pop("annotations", None) == [] and not document.spans:
            annotations = []  # nobody has looked at it, which is not the same as that there is nothing in it
        task = {"id": extra.pop("id", number if own is None else own), "data": data, "annotations": annotations}
        unheld += [name for name in extra if name in OWN_TASK_FIELDS]
        return task | {name: value for name, value in extra.items() if name not in OWN_TASK_FIELDS}

    @staticmethod
    def _further(meta: dict[str, Any], name: str, unheld: list[str]) -> dict[str, Any]:
        """The metadata of that name, taken out, if they are fields."""
        found = meta.pop(name, {})
        if isinstance(found, Mapping):
            return dict(found)
        unheld.append(name)
        return {}

    def _results(self, document: Document, key: str, unheld: list[str]) -> Iterator[dict[str, Any]]:
        """The regions. Those of one id are one region where they have the same place."""
        text = document.text
        offsets = [offset for span in document.spans for offset in span[:2]]
        if self.unit == "utf16":
            offsets = to_utf16(text, offsets)
        known: dict[str | int, tuple[Span, Mapping[str, Any], list[str]]] = {}
        for span, start, end in zip(document.spans, offsets[::2], offsets[1::2], strict=True):
            attributes = document.attributes.get(span, {})
            fields = {name: value for name, value in attributes.items() if name not in ("id", "value", "type")}
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
            source = {} if key == "text" else {"source": f"${key}"}
            yield RESULT | source | fields | {"value": value}


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


Positions = Mapping[int, int] | range
"""The character that each offset of some unit stands for."""


def _positions(text: str) -> dict[str, Positions]:
    """The characters by their offsets in each unit, the likelier unit first."""
    characters = range(len(text) + 1)
    if max(text, default="") <= "\uffff":
        return {"utf16": characters, "char": characters}
    return {"utf16": {unit: at for at, unit in enumerate(to_utf16(text, characters))}, "char": characters}


class Region(NamedTuple):
    """A region as it is written: its name for messages, offsets in an unknown unit, and what it says it covers."""

    what: str
    start: int
    end: int
    mention: str | None
    labels: tuple[str, ...]
    attributes: Mapping[str, Any]

    def place(self, at: Positions) -> tuple[int, int] | None:
        """Its offsets in characters, or None where they are none."""
        if self.start not in at or self.end not in at or self.start >= self.end:
            return None
        return at[self.start], at[self.end]

    def fits(self, text: str, at: Positions) -> bool:
        """Whether it has the text that it says it has."""
        found = self.place(at)
        if found is None or self.mention is None:
            return found is not None
        there = text[slice(*found)]
        # Label Studio shows white space as a browser does, and writes a line break as a backslash and an n
        return self.mention == there or self.mention.replace("\\n", "\n").split() == there.split()


def read_label_studio(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a Label Studio export."""
    for id, (place, record) in with_ids(json_records(file, source, options.encoding), source.id):
        try:
            task = expect(record, dict, "a task", place)
            if not isinstance(task.get("data"), dict):
                task = _from_min(task)
            document = _document(task, place, id, source, options, report)
        except DataError as error:
            report.fail(error)
            continue
        yield document


def _from_min(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of JSON-MIN as a task: every list of regions is a result, and the rest is data."""
    regions = {name: items for name, items in record.items() if _are_regions(items)}
    results = [
        {"from_name": name, "type": "labels", "value": item} for name, items in regions.items() for item in items
    ]
    data = {name: value for name, value in record.items() if name not in regions}
    return {"data": data, "annotations": [{"result": results}]}


def _are_regions(items: Any) -> bool:
    return (
        isinstance(items, list)
        and all(isinstance(item, dict) and {"start", "end"} <= item.keys() for item in items)
        and any("labels" in item for item in items)
    )


def _document(
    task: Mapping[str, Any], place: Place, id: str, source: Source, options: ReadOptions, report: Report
) -> Document:
    data = dict(task["data"])
    annotation = _annotation(task, place, report)
    results = [] if annotation is None else expect(get(annotation, "result", []), list, "the field result", place)
    labelled = list(_labelled(results, place, report))
    key = _find_text(data, [result for _, result in labelled], place)
    text = data.pop(key)
    regions = [_region(what, result, key, place) for what, result in labelled]
    attributes = _spans(text, regions, options, place, report)

    extra = {name: value for name, value in task.items() if name not in ("id", "annotations", *OWN_TASK_FIELDS)}
    numbers = [_id(task, "the id of the task", place), _id(data, "the field id of data", place)]
    data.pop("id", None)
    own = next((str(number) for number in reversed(numbers) if number is not None), id)
    if None not in numbers and (numbers[0] != numbers[1] or isinstance(numbers[1], int)):
        extra["id"] = numbers[0]
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
    return Document(
        text,
        tuple(attributes),
        None,
        {span: values for span, values in attributes.items() if values},
        own,
        place,
        {"source": source.origin} | data | further,
    )


def _id(fields: Mapping[str, Any], what: str, place: Place) -> str | int | None:
    id = fields.get("id")
    if id is None or (isinstance(id, str | int) and not isinstance(id, bool)):
        return id
    shown = json.dumps(id, ensure_ascii=False)[:40]
    raise DataError(f"{what} should be a string or a whole number and is {shown}", "", place)


def _annotation(task: Mapping[str, Any], place: Place, report: Report) -> Mapping[str, Any] | None:
    """The annotation to read; what is left beside it is reported."""
    made, predicted = (
        [item for name in names for item in expect(get(task, name, []), list, f"the field {name}", place)]
        for names in (("annotations", "completions"), ("predictions",))
    )
    if not made and not predicted:
        return None
    items = [expect(item, dict, "an annotation", place) for item in made or predicted[:1]]
    left = [f"annotation {item.get('id', number)}" for number, item in enumerate(items)]
    chosen = next(
        (k for k, item in enumerate(items) if not item.get("was_cancelled") and not item.get("skipped")), None
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
    return None if chosen is None else items[chosen]


def _labelled(results: Sequence[Any], place: Place, report: Report) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The results that are labels of text, each with a name for messages. Others are reported."""
    others: Counter[str] = Counter()
    for number, item in enumerate(results):
        result = expect(item, dict, f"result {number}", place)
        kind = get(result, "type", "labels")
        if kind == "labels":
            yield f"region {result.get('id', number)}", result
        else:
            others[str(kind)] += 1
    if others:
        names = ", ".join(f"{kind} ({number})" for kind, number in others.items())
        report.lose("field", place, names, "results that are no labels of text are not read")


def _find_text(data: Mapping[str, Any], results: Iterable[Mapping[str, Any]], place: Place) -> str:
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
            todo = "keep one string in data, or name it text"
            raise DataError(f"the text may be any of {', '.join(found)}", todo, place)
    raise DataError("the task has no text", "its data should have a string, for example under the name text", place)


def _region(what: str, result: Mapping[str, Any], key: str, place: Place) -> Region:
    value = expect(result.get("value"), dict, f"the value of {what}", place)
    start, end = (expect(value.get(name), int, f"the {name} of {what}", place) for name in ("start", "end"))
    labels = expect(get(value, "labels", []), list, f"the field labels of {what}", place)
    usual = RESULT | {"source": f"${key}"}
    attributes = {name: item for name, item in result.items() if name != "value" and usual.get(name) != item}
    if further := {name: item for name, item in value.items() if name not in VALUE_FIELDS}:
        attributes["value"] = further
    return Region(
        what,
        start,
        end,
        value["text"] if isinstance(value.get("text"), str) else None,
        tuple(expect(label, str, f"a label of {what}", place) for label in labels),
        attributes,
    )


def _places(
    text: str, regions: Sequence[Region], options: ReadOptions, place: Place, report: Report
) -> list[tuple[int, int] | None]:
    """Where the regions are, in the unit that is asked for, else in the one in which each has its text."""
    known = _positions(text)
    asked = options.offset_unit
    units = [asked] if asked else list(known)
    fitting = [unit for unit in units if all(region.fits(text, known[unit]) for region in regions)]
    if not fitting:
        raise _misfit(text, regions, known, units, place)
    found = [[region.place(known[unit]) for region in regions] for unit in fitting]
    if found[0] != found[-1]:
        report.repairs.append(Repair("offset unit", str(place), f"{UNITS[fitting[0]]} taken, the text does not tell"))
    return found[0]


def _misfit(
    text: str, regions: Sequence[Region], known: Mapping[str, Positions], units: Sequence[str], place: Place
) -> DataError:
    """The error for the first region that does not fit, in the unit in which most of them do."""
    unit = max(units, key=lambda unit: sum(region.fits(text, known[unit]) for region in regions))
    other = next(name for name in UNITS if name != unit)
    region = next(region for region in regions if not region.fits(text, known[unit]))
    found = region.place(known[unit])
    at = f"{region.start}:{region.end} in {UNITS[unit]}"
    if found is None:
        size = to_utf16(text, [len(text)])[0] if unit == "utf16" else len(text)
        what = f"{region.what} at {at} is empty, inside a character, or outside the text, which has {size}"
    else:
        what = f"{region.what} is {shorten(region.mention or '')!r}, but {at} is {shorten(text[slice(*found)])!r}"
    if not region.fits(text, known[other]):
        todo = f"in {UNITS[other]} it does not fit either; mend the offsets"
    elif len(units) == 1:
        todo = f"in {UNITS[other]} it would fit: --in-offset-unit {other}"
    else:
        todo = f"in {UNITS[other]} it would fit, but other regions would not; mend the offsets"
    return DataError(what, todo, place)


def _spans(
    text: str, regions: Sequence[Region], options: ReadOptions, place: Place, report: Report
) -> dict[Span, Mapping[str, Any]]:
    """The entities and their attributes. What is changed or left out is reported."""
    attributes: dict[Span, Mapping[str, Any]] = {}
    for region, found in zip(regions, _places(text, regions, options, place, report), strict=True):
        start, end = found or (0, 0)
        mention = text[start:end]
        if mention != mention.strip() and mention.strip():
            report.repairs.append(Repair("trim white space", str(place), mention))
            start += len(mention) - len(mention.lstrip())
            end -= len(mention) - len(mention.rstrip())
        if not region.labels:
            report.lose("span", place, mention, f"{region.what} has no label")
        for label in region.labels:
            span = Span(start, end, label)
            if span in attributes:
                report.repairs.append(Repair("merge twins", str(place), text[start:end]))
                known = attributes[span]
                if clash := [name for name, value in region.attributes.items() if known.get(name, value) != value]:
                    reason = "two regions that are the same have another each"
                    report.lose("field", place, ", ".join(clash), reason)
            attributes[span] = {**region.attributes, **attributes.get(span, {})}
    return attributes


# Telling it from others

ANNOTATIONS = (b"annotations", b"completions", b"predictions")
OTHERS = (b"text", b"spans", b"tokens", b"tokenized_text")
"""Fields that a task does not have, and records of other formats do."""
OBJECT = re.compile(rb"\s*\{")
OBJECTS = re.compile(rb"\s*\[\s*\{")


def sniff(beginning: bytes) -> bool:
    """Whether the first record's own fields, as far as they are there, are those of a task or of JSON-MIN."""
    is_task = True
    for name, value in first_fields(beginning):
        is_task = is_task and name not in OTHERS
        if is_task and name == b"data" and OBJECT.match(value):
            return True
        if is_task and name in ANNOTATIONS and OBJECTS.match(value) and b'"result"' in value:
            return True
        if _begins_with_region(value):
            return True
    return False


def _begins_with_region(value: bytes) -> bool:
    """Whether a value begins as a list of JSON-MIN's regions does."""
    begin = OBJECTS.match(value)
    if begin is None:
        return False
    try:
        item, _ = json.JSONDecoder().raw_decode(value[begin.end() - 1 :].decode(errors="replace"))
    except (ValueError, RecursionError):
        return False
    return bool({"start", "end", "labels"} <= item.keys())


FORMATS = [Format(NAME, (".json", ".jsonl"), read_label_studio, LabelStudioWriter, sniff=sniff, has_tokens=False)]
