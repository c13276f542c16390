"""The way back: changed entities go into the markup they were read from, and nothing else of it changes."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import (
    DataError,
    Document,
    ReadOptions,
    Report,
    Span,
    Tokens,
    UsageError,
    convert,
    from_brackets,
    read,
    write,
)
from converters.formats.brackets import into
from converters.options import Layout
from converters.pipeline import write_into

PIECES = [
    "[LOC Rome  ]",
    "[PER A. B's  ]",
    "[ORG <b>U.N.</b>  ]",
    *'[](),."?\n',
    "'s",
    "word",
    "<b>",
    "&lt ;",
    "¶1",
    "<p>",
    "? s",
]
MARKUP = st.lists(st.sampled_from(PIECES), max_size=20).map(lambda pieces: " ".join([*pieces, "\n"]))


def put(document: Document, markup: str, **options: object) -> str:
    return into(document, markup, options=ReadOptions(**options), file="x.txt", report=Report())  # type: ignore[arg-type]


@given(MARKUP, st.sampled_from(["flow", "sentences"]), st.booleans())
def test_unchanged_entities_give_the_markup_back(markup: str, layout: Layout, repaired: bool) -> None:
    repairs = ("apostrophe", "url", "hyphen") if repaired else ()
    try:
        document = from_brackets(markup, options=ReadOptions(layout=layout, repairs=repairs), report=Report())
    except DataError:
        return
    report = Report()
    stripped = replace(document, tokens=None, meta={}, id=None)
    assert into(stripped, markup, options=ReadOptions(), file="x.txt", report=report) == markup
    assert not report.lost


def test_the_seed_comes_back_byte_for_byte(cables: Path, tmp_path: Path) -> None:
    convert([cables], tmp_path / "x.jsonl")
    write_into([tmp_path / "x.jsonl"], cables, tmp_path / "out")
    name = "000_645314542638c154.txt"
    assert (tmp_path / "out" / name).read_bytes() == (cables / name).read_bytes()
    write_into([tmp_path / "x.jsonl"], cables / name, tmp_path / "one.txt")
    assert (tmp_path / "one.txt").read_bytes() == (cables / name).read_bytes()


FORMS = {
    "brackets": "\ufeffIn <b>[LOC New York  ]</b> , [PER Bo  ] 's aunt Ann left . \r\nBye . \n",
    "brackets-line": "In [LOC New York] , [PER Bo] 's aunt Ann left .\nBye .",
    "brackets-inline": "In [LOC New York ] , [PER Bo ] 's aunt Ann left.\n\nBye, (all).",
    "brackets-task": "In [LOC New York ] , [PER Bo ] 's aunt Ann left .\nBye .",
}


@pytest.mark.parametrize("form", FORMS)
def test_entities_are_added_removed_relabelled_and_moved(form: str) -> None:
    markup = FORMS[form]
    document = from_brackets(markup)

    def at(mention: str, label: str) -> Span:
        start = document.text.index(mention)
        return Span(start, start + len(mention), label)

    closing = {"brackets": "  ]", "brackets-line": "]", "brackets-inline": " ] ", "brackets-task": " ]"}[form]
    new, bo = at("New York", "LOC"), at("Bo", "PER")
    assert document.spans == (new, bo)

    def changed(*spans: Span) -> str:
        result = put(replace(document, spans=spans), markup)
        back = from_brackets(result)
        assert back.spans == tuple(sorted(spans))
        assert back.text == document.text
        return result

    assert changed(new, bo, at("Ann", "PER")) == markup.replace("Ann", f"[PER Ann{closing}")
    assert changed(bo) == markup.replace(f"[LOC New York{closing}", "New York")
    assert changed(at("New York", "GPE"), bo) == markup.replace("[LOC New", "[GPE New")
    moved = markup.replace(f"[LOC New York{closing}", f"New [LOC York{closing}")
    assert changed(at("York", "LOC"), bo) == moved
    assert changed() == markup.replace(f"[LOC New York{closing}", "New York").replace(f"[PER Bo{closing}", "Bo")


def test_what_cannot_be_put_in_is_told_or_refused() -> None:
    markup = "In [LOC New-York  ] now . \n"
    report = Report()
    piece = Document("In New-York now.", (Span(3, 6, "LOC"),))
    assert into(piece, markup, options=ReadOptions(), file="x.txt", report=report) == "In New-York now . \n"
    assert [(loss.text, loss.reason) for loss in report.lost] == [
        ("New", "it does not begin and end with a word of the markup")
    ]
    with pytest.raises(DataError, match="overlap, and brackets do not nest"):
        put(Document("In New-York now.", (Span(3, 11, "A"), Span(3, 15, "B"))), markup)
    with pytest.raises(DataError, match="cannot hold the label 'a b'"):
        put(Document("In New-York now.", (Span(3, 11, "a b"),)), markup)


def test_words_that_the_record_no_longer_has_keep_their_entities() -> None:
    markup = "In [LOC Rome  ] it rains . \n[PER Bo  ] left . \n"
    assert put(Document("In Rome it rains.", (Span(3, 7, "GPE"),)), markup) == markup.replace("[LOC", "[GPE")


def test_documents_and_files_are_matched_by_id(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    (folder / "a.txt").write_text("[LOC Rome  ] \n", encoding="utf-8")
    (folder / "b" / "two.txt").write_text("[LOC Paris  ] \n", encoding="utf-8")
    [two] = [document for document in read(folder) if document.id == "b/two"]
    write([replace(two, spans=())], tmp_path / "x.jsonl")
    report = write_into([tmp_path / "x.jsonl"], folder, tmp_path / "out")
    assert (tmp_path / "out" / "b" / "two.txt").read_text(encoding="utf-8") == "Paris \n"
    assert not (tmp_path / "out" / "a.txt").exists()
    assert report.skipped == [(str(folder / "a.txt"), "no document for it")]
    write([replace(two, id="c")], tmp_path / "y.jsonl")
    with pytest.raises(DataError, match="is the markup of document c"):
        write_into([tmp_path / "y.jsonl"], folder, tmp_path / "out2")
    assert not (tmp_path / "out2").exists()
    write([two], tmp_path / "z.jsonl")
    with pytest.raises(DataError, match="document b/two comes twice"):
        write_into([tmp_path / "x.jsonl", tmp_path / "z.jsonl"], folder, tmp_path / "out2")
    write([two, two], tmp_path / "z.jsonl")
    with pytest.raises(DataError, match=r"z\.jsonl:2.*: a second document with the id 'b/two', the first is in line 1"):
        write_into([tmp_path / "z.jsonl"], folder, tmp_path / "out2")
    assert not (tmp_path / "out2").exists()
    with pytest.raises(DataError, match="this input is one of the outputs"):
        write_into([tmp_path / "x.jsonl"], folder, folder)
    with pytest.raises(UsageError, match="unknown format"):
        write_into([tmp_path / "x.jsonl"], folder, tmp_path / "out2", from_format="nonsense")


def test_an_annotation_tool_may_have_dropped_what_it_likes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(FORMS["brackets"], encoding="utf-8", newline="")
    record = {"text": "In New York, Bo's aunt Ann left.\nBye.", "spans": [{"start": 23, "end": 26, "label": "PER"}]}
    (tmp_path / "x.jsonl").write_text(json.dumps(record), encoding="utf-8")
    write_into([tmp_path / "x.jsonl"], tmp_path / "a.txt", tmp_path / "y.txt")
    expected = "\ufeffIn <b>New York</b> , Bo 's aunt [PER Ann  ] left . \r\nBye . \n"
    assert (tmp_path / "y.txt").read_bytes() == expected.encode()


def test_strict_refuses_what_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("In New-York now . \n", encoding="utf-8")
    write([Document("In New-York now.", (Span(3, 6, "LOC"),))], tmp_path / "x.jsonl")
    with pytest.raises(DataError, match="lost span 'New'"):
        write_into([tmp_path / "x.jsonl"], tmp_path / "a.txt", tmp_path / "y.txt", strict=True)
    assert not (tmp_path / "y.txt").exists()


def test_an_entity_of_untokenized_markup_goes_from_the_end_of_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("In [LOC Rome ]\nit (is) [PER Bo ]  ok.\n")
    (tmp_path / "a.jsonl").write_text('{"text": "In Rome it (is) Bo ok.", "spans": []}\n')
    write_into([tmp_path / "a.jsonl"], tmp_path / "a.txt", tmp_path / "b.txt", report=Report())
    assert (tmp_path / "b.txt").read_text() == "In Rome\nit (is) Bo ok.\n"


def test_packed_markup_is_written_unpacked_and_one_file_is_that_of_a_document(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt.gz").write_bytes(gzip.compress(b"[LOC Rome  ] . \n"))
    (tmp_path / "a.jsonl").write_text('{"text": "Rome.", "spans": [], "meta": {"id": "a"}}\n')
    write_into([tmp_path / "a.jsonl"], tmp_path / "in", tmp_path / "out", report=Report())
    assert (tmp_path / "out" / "a.txt").read_text() == "Rome . \n"
    (tmp_path / "in" / "a.txt").write_text("Rome . \n")
    with pytest.raises(DataError, match=r"two files of markup for document a: this and .*a\.txt"):
        write_into([tmp_path / "a.jsonl"], tmp_path / "in", tmp_path / "out", report=Report())


def test_markup_is_no_other_format(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Rome . \n")
    with pytest.raises(UsageError, match=r"z\.jsonl is a name for jsonl, and --into writes markup"):
        write_into([tmp_path / "a.txt"], tmp_path / "a.txt", tmp_path / "z.jsonl", report=Report())
    with pytest.raises(UsageError, match=r"z\.txt\.GZ: compressed files are read, not written"):
        write_into([tmp_path / "a.txt"], tmp_path / "a.txt", tmp_path / "z.txt.GZ", report=Report())


def test_what_would_read_as_another_form_is_refused() -> None:
    words = Tokens.of([(0, 1), (2, 5), (6, 7)])
    with pytest.raises(DataError, match="so that it reads back"):  # [X A [ ] 1]B is the line tagger's
        put(Document("A [1]B, x", (Span(0, 3, "X"),)), "A [1]B, x", profile="ptb")
    with pytest.raises(DataError, match="so that it reads back"):  # the entity would end with X
        put(Document('"X ]', (Span(1, 4, "PER"),)), '"X ]')
    with pytest.raises(DataError, match="so that it reads back"):  # two words, and no reference of HTML
        put(Document("&amp;", (Span(0, 5, "PER"),)), "[PER &]amp;")
    document = Document("A met B", (Span(0, 1, "PER"),), words)
    assert put(document, "[PER A  ] met [PER B  ] \n") == "[PER A  ] met B \n"
