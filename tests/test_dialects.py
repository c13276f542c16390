"""Each dialect of JSON records is told from the others, whatever further fields its records have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters import Document, NerconvError, Report, Span, Tokens, WriteOptions, read, write
from converters.dialects import dialect_of
from converters.formats import by_content, formats

DIALECTS = [name for name, format in formats().items() if "jsonl" in (name, format.variant_of)]
SPANS = (Span(0, 4, "GPE"), Span(0, 4, "LOC"))
ENTITY = {"start": 0, "end": 4, "text": "Rome"}
VALUES = st.sampled_from(
    [
        *("Rome", 7, None, True, [], {}, [[]], [{}], ["Rome", "fell"], ["B-LOC", "O"], [0, 1], [[0, 4]]),
        *([[0, 4, "LOC"]], [ENTITY], [ENTITY | {"labels": ["LOC"]}], [{"start_offset": 0, "end_offset": 4}]),
        *({"text": "Rome"}, [{"result": []}], [{"tokens": ["Rome"], "ner_tags": ["O"]}], {"entities": [[0, 4, "LOC"]]}),
    ]
)


def made(name: str, further: Mapping[str, Any], spans: tuple[Span, ...], columns: Mapping[str, Any]) -> Document:
    """A document whose record has further fields."""
    meta = {"doccano": further, "label-studio": {"__task__": further} | further}.get(name, {"__record__": further})
    tokens = Tokens.make([0, 5], [4, 9], None, columns)
    return Document("Rome fell", spans[: 1 if name == "huggingface" else 2], tokens, id="a", meta=meta)


def record(name: str, folder: Path) -> dict[str, Any]:
    """The fields of a record of this dialect, but for the id, which all have."""
    path = folder / "record.jsonl"
    write([made(name, {}, SPANS, {})], path, format=name, report=Report())
    [value] = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    fields = {"text": value[0]} | value[1] if isinstance(value, list) else value
    return {field: value for field, value in fields.items() if field != "id"}


@pytest.mark.parametrize(("name", "other"), list(permutations(DIALECTS, 2)))
@settings(max_examples=30)
@given(data=st.data())
def test_further_fields_of_another_dialect_do_not_tell(
    name: str, other: str, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("dialects")
    theirs = record(other, folder)
    names = st.sampled_from([*theirs, "labels", "entities", "relations", "completions", "predictions", "features", "x"])
    further = data.draw(st.one_of(st.just(theirs), st.dictionaries(names, VALUES))) | data.draw(
        st.dictionaries(names, VALUES, max_size=2)
    )
    columns = data.draw(st.sampled_from([{}, {"labels": ["A", "B"]}]))
    spans = data.draw(st.sampled_from([SPANS, ()]))
    path = folder / data.draw(st.sampled_from(["a.json", "a.jsonl"]))
    options = WriteOptions(as_array=data.draw(st.booleans()))
    document = made(name, further, spans, columns)
    try:
        write([document], path, format=name, options=options, report=Report())
    except NerconvError:
        return
    told = by_content(path.read_bytes())
    assert told
    assert told.name == name
    report = Report()
    [back] = read(path, report=report)
    assert report.formats == {name}
    assert (back.text, back.spans, back.id) == (document.text, document.spans, document.id)


@pytest.mark.parametrize(
    ("beginning", "dialect"),
    [
        ('{"text": "a", "spans": [], "tokenized_text": ["a"], "ner": []}', "jsonl"),
        ('{"text": "a", "tokens": [{"text": "a"}], "ner_tags": ["O"]}', "jsonl"),
        ('{"text": "a", "tokenized_text": ["a"]}', None),
        ('{"tokenized_text": ["a"], "ner": [], "text": "a", "spans": []}', "gliner"),
        ('{"ner": [], "tokenized_text": ["a"]}', "gliner"),
        ('{"label": [], "text": "a"}', "doccano"),
        ('{"id": 1, "text": "a", "entities": [[0, 1, "X"]]}', "doccano"),
        ('{"text": "a", "entities": [[0, 1, "X"]]}', "spacy-v2"),
        ('{"data": {"text": "a"}, "annotations": [], "tokens": ["a"], "ner_tags": ["O"]}', "label-studio"),
        ('{"tokens": ["a"], "ner_tags": ["O"], "data": {"text": "a"}, "annotations": []}', "huggingface"),
        ('{"text": "a", "spans": [{"start": 0, "end": 1, "labels": ["X"]}]}', "label-studio"),
        ('{"text": "a", "spans": [{"start": 0, "end": 1, "label": "X", "labels": ["X"]}]}', "jsonl"),
    ],
)
def test_fields_tell_together(beginning: str, dialect: str | None) -> None:
    assert dialect_of(beginning.encode()) == dialect
