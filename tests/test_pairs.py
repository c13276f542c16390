"""Every format into every other and back: what both can hold is the same, and what one cannot is in the balance."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import documents

from converters import Document, ReadOptions, Report, WriteOptions, convert, read, write
from converters.formats import Format, formats, specification
from converters.options import Changes

FORMATS = {name: format for name, format in formats().items() if format.reader and format.writer}
WORDS = st.sampled_from([*"Moscow the é 😀 שלום U.S. don't , . ( ) a-b 5%".split(), "e\u0301", "New\u00a0York", '"'])
LABELS = st.sampled_from(["PER", "LOC", "ORG", "MISC"])
METADATA = st.dictionaries(st.sampled_from(["topic", "written_by"]), st.sampled_from(["news", "a: b", "é 😀"]))


@st.composite
def rich_documents(draw: st.DrawFn) -> Document:
    """Documents with everything that a format may hold, in forms that all formats which hold it can."""
    document = draw(documents(words=WORDS, labels=LABELS, min_size=1))
    assert document.tokens is not None
    size = len(document.tokens)
    columns: dict[str, tuple[Any, ...]] = {
        "pos": tuple(draw(st.lists(st.sampled_from(["NOUN", "PROPN"]), min_size=size, max_size=size)))
    }
    if draw(st.booleans()):
        columns["score"] = tuple(draw(st.lists(st.sampled_from([0.5, None, 1]), min_size=size, max_size=size)))
    known = {span: {"kb_id": "Wikidata:Q1"} for span in document.spans if draw(st.booleans())}
    tokens = replace(document.tokens, columns=columns)
    return replace(document, tokens=tokens, attributes=known, meta=draw(METADATA))


class Held:
    """Documents in a folder, in some format."""

    def __init__(self, format: Format, folder: Path) -> None:
        folder.mkdir()
        self.format = format
        self.path = folder if format.one_each else folder / f"corpus{format.suffixes[0]}"
        self.columns: tuple[str, ...] = ()

    @property
    def name(self) -> str | None:
        """What ``--from`` says: nothing for brat, which is told from the folder."""
        return None if self.format.name == "brat" else self.format.name

    @property
    def read_options(self) -> ReadOptions:
        return ReadOptions(columns=self.columns if "--columns" in specification(self.format.name) else None)

    def write_options(self, documents: list[Document]) -> WriteOptions:
        """With room for all that the documents have; a column that none has would be an error."""
        has_pos = any(document.tokens and "pos" in document.tokens.columns for document in documents)
        self.columns = ("word", "space", "pos", "ner") if has_pos else ("word", "space", "ner")
        return WriteOptions(columns=self.columns, comments=True)

    def documents(self) -> list[Document]:
        return list(read(self.path, format=self.name, options=self.read_options, report=Report()))

    def converted(self, other: Format, folder: Path) -> tuple[Held, Report]:
        there = Held(other, folder)
        report = convert(
            [self.path],
            there.path,
            from_format=self.name,
            to=[other.name],
            read_options=self.read_options,
            write_options=there.write_options(self.documents()),
            changes=Changes(tokenizer=None if "misaligned" in other.holds else "en"),
        )
        return there, report


def on_letters(document: Document, offset: int) -> int:
    """How many characters that are no white space stand before an offset."""
    return len("".join(document.text[:offset].split()))


def entities(document: Document) -> list[tuple[int, int, str]]:
    """The entities by what every format keeps of a text, which is all but the white space."""
    return [(on_letters(document, start), on_letters(document, end), label) for start, end, label in document.spans]


def covered(found: list[tuple[int, int, str]]) -> set[tuple[int, str]]:
    """The characters that are in entities, with their labels."""
    return {(at, label) for start, end, label in found for at in range(start, end)}


def sentences(document: Document) -> list[int]:
    if document.tokens is None:
        return [0]
    return [on_letters(document, document.tokens.starts[first]) for first, _ in document.sentence_ranges()]


def told(report: Report, *words: str) -> bool:
    """Whether the balance has a line with one of these words."""
    lines = [f"{loss.kind} {loss.text}: {loss.reason}" for loss in report.lost]
    lines += [f"{repair.name}: {repair.text}" for repair in report.repairs]
    return any(word in line for line in lines for word in words)


def check(before: Document, after: Document, holds: frozenset[str], report: Report) -> None:
    """`after` is what has become of `before`, where each format on the way `holds` so much."""
    assert "".join(after.text.split()) == "".join(before.text.split())
    if "spacing" in holds and not told(report, "spacing: not kept by brackets-inline"):
        assert after.text == before.text
    misaligned = told(report, "does not begin and end with a token")
    if told(report, "IO has no mark"):
        assert covered(entities(after)) <= covered(entities(before))
        assert misaligned or covered(entities(after)) == covered(entities(before))
    else:
        assert set(entities(after)) <= set(entities(before))
        assert misaligned or entities(after) == entities(before)
    if before.tokens is None:
        pass
    elif "tokens" in holds and not told(report, "divided", "told apart"):
        assert after.words == before.words
        if "sentences" in holds:
            assert sentences(after) == sentences(before) or told(report, "sentences begin elsewhere")
        elif len(sentences(before)) > 1:
            assert told(report, "sentences")
    elif before.tokens:
        assert told(report, "token", "divided")
    if before.has_own_id:
        assert after.id == before.id if "ids" in holds else told(report, "ids")
    for name, value in before.meta.items():
        if "metadata" in holds:
            assert after.meta.get(name) == value
        else:
            assert name == "source" or told(report, name)
    for name, values in (before.tokens.columns if before.tokens else {}).items():
        kept = after.tokens is not None and after.tokens.columns.get(name) == values
        assert kept or told(report, name)
        assert kept or name != "pos" or "columns" not in holds or told(report, "divided")
    for span, values in before.attributes.items():
        same = [
            s
            for s in after.spans
            if (on_letters(after, s.start), s.label) == (on_letters(before, span.start), span.label)
        ]
        for name, value in values.items():
            kept = any(after.attributes.get(s, {}).get(name) == value for s in same)
            assert kept or told(report, name) or not same
            assert kept or not same or name != "kb_id" or "attributes" not in holds


@pytest.mark.parametrize(("one", "other"), list(product(FORMATS, FORMATS)))
@given(st.lists(rich_documents(), min_size=1, max_size=3))
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
def test_there_and_back(tmp_path_factory: pytest.TempPathFactory, one: str, other: str, made: list[Document]) -> None:
    folder = tmp_path_factory.mktemp("pair")
    named = [replace(document, id=f"d{number}") for number, document in enumerate(made)]
    here = Held(FORMATS[one], folder / "here")
    write(named, here.path, format=one, options=here.write_options(named), report=Report())
    before = here.documents()
    there, told_there = here.converted(FORMATS[other], folder / "there")
    middle = there.documents()
    back, told_back = there.converted(FORMATS[one], folder / "back")
    after = back.documents()
    assert len(before) == len(middle) == len(after) == len(named)
    both = Report()
    both.merge(told_there)
    both.merge(told_back)
    for document, held, returned in zip(before, middle, after, strict=True):
        check(document, held, there.format.holds, told_there)
        check(document, returned, there.format.holds & here.format.holds, both)
