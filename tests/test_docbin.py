"""A DocBin made from columns has the bytes of one that is made of Docs."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import spacy
import srsly
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin
from strategies import corpora, documents

from converters import DataError, Document, Report, Span, Tokens, WriteOptions, convert, docbin, read
from converters.align import fit_to_tokens
from converters.docbin import ColumnBin, Words, head, is_as_expected
from converters.errors import FullError
from converters.formats import spacy as spacy_format
from converters.formats.spacy import SpacyWriter

LANGUAGES = ["en", "de", "xx"]
DOCUMENTS = documents(labels=st.sampled_from(["LOC", "ORG", "DATE", "NORM", "ORTH", "PER", "B-X", "Größe"]), min_size=1)


def by_docs(corpus: list[Document], lang: str) -> bytes:
    """The ordinary way."""
    vocab = spacy.blank(lang).vocab
    found = DocBin(store_user_data=True)
    for document in corpus:
        found.add(document.to_spacy(vocab))
    return found.to_bytes()


def test_this_spacy_is_as_expected() -> None:
    assert is_as_expected()


@given(corpora(DOCUMENTS, max_size=4), st.sampled_from(LANGUAGES), st.booleans(), st.booleans())
def test_bytes_are_those_of_docs(corpus: list[Document], lang: str, has_sentences: bool, has_meta: bool) -> None:
    if not has_sentences:
        corpus = [replace(d, tokens=replace(d.tokens, sentences=None)) for d in corpus if d.tokens]
    if has_meta:
        corpus = [replace(d, meta={"source": "a", "n": [1, None, {"é": 2.5}]}) for d in corpus]
    made = ColumnBin(spacy.blank(lang).vocab)
    for document in corpus:
        assert made.takes(document)
        made.add(document, fit_to_tokens(document, "spacy"))
    assert made.to_bytes() == by_docs(corpus, lang)


@given(corpora(documents(), max_size=4))
def test_what_is_written_is_that_of_docs(corpus: list[Document]) -> None:
    """Documents without words, with attributes and with columns go the ordinary way, into the same file."""
    mixed = []
    for number, document in enumerate(corpus):
        assert document.tokens is not None
        if number % 3 == 1 and len(document.tokens):
            columns = {"pos": ("NOUN",) * len(document.tokens)}
            document = replace(document, tokens=replace(document.tokens, columns=columns))
        if number % 3 == 2:
            document = replace(document, attributes={span: {"kb_id": "Q1"} for span in document.spans})
        mixed.append(document)
    file, report = BytesIO(), Report()
    writer = SpacyWriter(file, WriteOptions(), report)
    for document in mixed:
        writer.write(document)
    writer.close()
    assert file.getvalue() == by_docs(mixed, "en")


def test_another_spacy_takes_the_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document("a b", (Span(0, 1, "X"),), Tokens.make([0, 2], [1, 3], [0]), id="1")
    monkeypatch.setattr(docbin, "OUTSIDE", 0)
    is_as_expected.cache_clear()
    try:
        with pytest.warns(UserWarning, match="this spaCy keeps documents in another way"):
            assert not ColumnBin(spacy.blank("en").vocab).takes(document)
    finally:
        monkeypatch.undo()
        is_as_expected.cache_clear()


def test_many_words_are_kept() -> None:
    strings: set[str] = set()
    words = Words(spacy.blank("en").vocab, strings)
    numbers = [words[f"Word{n}"] for n in range(3000)]
    assert numbers == list(range(3000))
    assert [words[f"Word{n}"] for n in range(3000)] == numbers
    assert words.orths[2999] == words.vocab.strings["Word2999"]
    assert words.norms[2999] == words.vocab.strings["word2999"]
    assert strings == {f"{first}ord{n}" for first in "Ww" for n in range(3000)}


@given(st.lists(DOCUMENTS, min_size=1, max_size=6), st.lists(st.booleans(), min_size=6), st.integers(1, 20))
def test_rows_are_made_in_blocks(corpus: list[Document], is_plain: list[bool], block: int) -> None:
    """However long they are, and wherever rows stand between them that were made the ordinary way."""
    vocab = spacy.blank("en").vocab
    made = ColumnBin(vocab)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(docbin, "BLOCK", block)
        for document, plain in zip(corpus, is_plain, strict=False):
            if plain:
                made.add_doc(document.to_spacy(vocab), document)
            else:
                made.add(document, fit_to_tokens(document, "spacy"))
        assert made.to_bytes() == by_docs(corpus, "en")


def test_a_document_that_fails_leaves_nothing_behind() -> None:
    """Whether it is made from columns or the ordinary way, the documents beside it keep their own data."""
    plain = Document("a b", (Span(0, 1, "X"),), Tokens.make([0, 2], [1, 3], [0]), id="1")
    tagged = replace(plain, tokens=Tokens.make([0, 2], [1, 3], [0], {"pos": ["NOUN", "VERB"]}), id="2")
    corpus = [plain, tagged]
    file = BytesIO()
    writer = SpacyWriter(file, WriteOptions(), Report())
    for document in corpus:
        with pytest.raises(DataError, match="spacy cannot hold this document"):
            writer.write(replace(document, text="c d", spans=(Span(0, 1, "Y"),), meta={"odd": object()}))
        writer.write(document)
    writer.close()
    assert file.getvalue() == by_docs(corpus, "en")


@pytest.mark.parametrize("size", [0, 255, 256, 65_535, 65_536])
def test_heads_are_those_of_msgpack(size: int) -> None:
    assert head(size) + bytes(size) == srsly.msgpack_dumps(bytes(size))


def test_more_than_msgpack_can_hold_is_refused() -> None:
    assert head((1 << 32) - 1) == b"\xc6\xff\xff\xff\xff"
    with pytest.raises(DataError, match="a DocBin cannot hold more than 4 GB of tokens"):
        head(1 << 32)


def test_a_folder_gets_several_files_before_one_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a file of its own is left as it was."""
    monkeypatch.setattr(docbin, "MOST_TOKENS", 10)
    (tmp_path / "in").mkdir()
    for number in range(7):
        (tmp_path / "in" / f"{number}.txt").write_text("[LOC Rome  ] is big . \n", encoding="utf-8")
    (tmp_path / "one.spacy").write_bytes(b"before")
    for keep_going in (False, True):
        with pytest.raises(FullError, match=r"2\.txt: with this document the file would hold more than 10 tokens"):
            convert([tmp_path / "in"], tmp_path / "one.spacy", report=Report(keep_going=keep_going))
        assert (tmp_path / "one.spacy").read_bytes() == b"before"
    report = convert([tmp_path / "in"], tmp_path / "out")
    names = [f"corpus-0000{number}.spacy" for number in range(4)]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [*names, "corpus.conll", "corpus.jsonl"]
    )
    assert [len(list(read(tmp_path / "out" / name))) for name in names] == [2, 2, 2, 1]
    assert report.written["spacy"].documents == 7
    for number in range(2, 7):  # fewer files: the others go
        (tmp_path / "in" / f"{number}.txt").unlink()
    convert([tmp_path / "in"], tmp_path / "out", to=["spacy"])
    assert [path.name for path in (tmp_path / "out").glob("*.spacy")] == ["corpus.spacy"]
    (tmp_path / "in" / "x.txt").write_text("a b c d e f g h i j k \n", encoding="utf-8")
    with pytest.raises(FullError, match=r"x\.txt"):
        convert([tmp_path / "in"], tmp_path / "out", to=["spacy"])
    assert [path.name for path in (tmp_path / "out").glob("*.spacy")] == ["corpus.spacy"]


def test_a_vocabulary_is_made_anew_when_it_has_grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    for number in range(9):
        text = " ".join(f"w{number}x{k}" for k in range(200))
        (tmp_path / "in" / f"{number}.txt").write_text(f"{text} \n", encoding="utf-8")
    convert([tmp_path / "in"], tmp_path / "one", to=["spacy"], shard_size=2)
    monkeypatch.setattr(spacy_format, "MOST_WORDS", len(spacy_format.vocabulary("en")) + 300)
    convert([tmp_path / "in"], tmp_path / "two", to=["spacy"], shard_size=2)
    assert len(spacy_format.vocabulary("en")) < spacy_format.MOST_WORDS + 500
    for path in (tmp_path / "one").glob("*.spacy"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
