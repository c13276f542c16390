"""Every format into every other and back: what both can hold is the same, and what one cannot is in the balance."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import documents

from converters import Document, Report, read, write
from converters.formats import formats
from converters.tokenize import with_tokens

NAMES = [name for name, format in formats().items() if format.reader and format.writer]
WORDS = st.sampled_from([*"Moscow the é 😀 שלום U.S. don't , . ( ) a-b 5%".split(), "New\u00a0York", '"'])
LABELS = st.sampled_from(["PER", "LOC", "ORG", "MISC"])


def through(documents: list[Document], name: str, folder: Path, report: Report) -> list[Document]:
    """The documents, written in a format and read again."""
    format = formats()[name]
    if format.on_tokens or name in ("gliner", "huggingface"):
        documents = [with_tokens(document, "en") for document in documents]
    out = folder if format.one_each else folder / f"corpus{format.suffixes[0]}"
    write(documents, out, format=name, report=report)
    return list(read(out, format=name if not format.one_each or name.startswith("brackets") else None, report=report))


def facts(document: Document) -> tuple[str, list[tuple[int, int, str]]]:
    """What every format holds: the text without its white space, and the entities in it."""
    at = [0]
    for character in document.text:
        at.append(at[-1] + (not character.isspace()))
    return "".join(document.text.split()), [(at[start], at[end], label) for start, end, label in document.spans]


@pytest.mark.parametrize(("one", "other"), list(product(NAMES, NAMES)))
@given(st.lists(documents(words=WORDS, labels=LABELS, min_size=1), min_size=1, max_size=3))
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
def test_there_and_back(tmp_path_factory: pytest.TempPathFactory, one: str, other: str, made: list[Document]) -> None:
    report = Report()
    named = [replace(document, id=f"d{number}") for number, document in enumerate(made)]
    there = through(named, one, tmp_path_factory.mktemp("one"), report)
    back = through(there, other, tmp_path_factory.mktemp("other"), report)
    if not report.lost:
        assert [facts(document) for document in back] == [facts(document) for document in named]
    assert len(back) == len(named)
