from __future__ import annotations

import zlib
from pathlib import Path

import pytest
import spacy
import srsly
from conftest import ROOT
from hypothesis import given, settings
from spacy.tokens import Doc, DocBin
from spacy.tokens import Span as SpacySpan
from strategies import documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, WriteOptions, read, write
from converters.formats.spacy import vocabulary


@given(document=documents())
@settings(max_examples=60)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, document: Document) -> None:
    path = tmp_path_factory.mktemp("spacy") / "a.spacy"
    write([document], path)
    [back] = read(path)
    assert back == document
    assert back.id == document.id


@given(document=documents())
@settings(max_examples=60)
def test_spacy_has_the_same_text_entities_and_sentences(document: Document) -> None:
    doc = document.to_spacy(spacy.blank("en").vocab)
    assert doc.text == document.text
    assert [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents] == list(document.spans)
    assert all(token.ent_iob for token in doc)
    begins = [token.text for token in doc if token.is_sent_start and not token.is_space]
    assert begins == [document.words[first] for first, _ in document.sentence_ranges()]


def test_a_paragraph_break_inside_an_entity_bears_its_tag() -> None:
    document = Document("New\n\nYork, x", (Span(0, 9, "LOC"),), Tokens.make([0, 5, 9, 11], [3, 9, 10, 12], [0]))
    doc = document.to_spacy(spacy.blank("en").vocab)
    assert [(t.text, t.ent_iob_) for t in doc] == [("New", "B"), ("\n\n", "I"), ("York", "I"), (",", "O"), ("x", "O")]


def test_sentences_that_are_not_known_stay_unknown(tmp_path: Path) -> None:
    document = Document("a b", (), Tokens.make([0, 2], [1, 3]))
    assert not document.to_spacy(spacy.blank("en").vocab).has_annotation("SENT_START")
    write([document], tmp_path / "a.spacy")
    [back] = read(tmp_path / "a.spacy")
    assert back == document


def test_ids_of_a_knowledge_base_and_metadata_survive(tmp_path: Path) -> None:
    span = Span(0, 4, "LOC")
    known = {span: {"kb_id": "Q220", "id": "r1"}}
    document = Document("Rome", (span,), Tokens.make([0], [4], [0]), known, "x/y", meta={"source": "s", "page": 3})
    write([document], tmp_path / "a.spacy")
    [back] = read(tmp_path / "a.spacy")
    assert (back, back.id, back.meta) == (document, "x/y", {"source": "s", "page": 3})


def test_columns_that_a_doc_has_a_place_for(tmp_path: Path) -> None:
    columns = {"tag": ["NN"], "pos": ["NOUN"], "lemma": ["rome"], "morph": ["Number=Sing"]}
    document = Document("Rome", (), Tokens.make([0], [4], [0], columns))
    write([document], tmp_path / "a.spacy")
    assert list(read(tmp_path / "a.spacy")) == [document]


def test_what_is_not_read_from_a_doc_is_told(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    doc = Doc(nlp.vocab, words=["a", "b"], ents=["O", "O"], deps=["x", "y"], heads=[0, 0])
    doc.spans["other"] = [SpacySpan(doc, 0, 1, "X")]
    doc.cats = {"c": 1.0}
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "a.spacy")
    report = Report()
    list(read(tmp_path / "a.spacy", report=report))
    assert [loss.text for loss in report.lost] == ["DEP, HEAD, spans['other'], cats"]


@pytest.mark.parametrize("meta", [{"x": 10**30}, {"x": object()}])
def test_metadata_that_it_cannot_hold(tmp_path: Path, meta: dict[str, object]) -> None:
    with pytest.raises(DataError, match="spacy cannot hold this document"):
        write([Document("a", (), Tokens.make([0], [1]), meta=meta)], tmp_path / "a.spacy")
    assert not list(tmp_path.iterdir())


def test_an_empty_document_is_one(tmp_path: Path) -> None:
    empty = Document("", (), Tokens.make([], [], []))
    write([empty, empty], tmp_path / "a.spacy")
    assert [d.id for d in read(tmp_path / "a.spacy")] == ["a#1", "a#2"]
    write([], tmp_path / "b.spacy")
    assert list(read(tmp_path / "b.spacy")) == []


def test_what_others_write_is_read_and_what_is_missing_counted(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    doc = Doc(nlp.vocab, words=["\n", "Rome", " ", "is", "big"], spaces=[False, True, False, True, False])
    doc.set_ents([SpacySpan(doc, 0, 3, "LOC")], default="missing")
    DocBin(docs=[doc]).to_disk(tmp_path / "a.spacy")
    report = Report()
    [document] = read(tmp_path / "a.spacy", report=report)
    assert document.text == "\nRome  is big"
    assert document.words == ["Rome", "is", "big"]
    assert document.spans == ((1, 5, "LOC"),)
    assert document.tokens is not None
    assert document.tokens.sentences is None
    assert [(loss.kind, loss.reason) for loss in report.lost] == [
        ("field", "2 tokens have no entity annotation (missing, which is not O)")
    ]
    assert [repair.name for repair in report.repairs] == ["trim white space"]


def test_an_entity_of_white_space_alone_is_lost_and_told(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    DocBin(docs=[Doc(nlp.vocab, words=["a", "\n"], spaces=[False, False], ents=["O", "B-X"])]).to_disk(
        tmp_path / "a.spacy"
    )
    report = Report()
    [document] = read(tmp_path / "a.spacy", report=report)
    assert document.spans == ()
    assert [(loss.kind, loss.text) for loss in report.lost] == [("span", "\n")]
    assert report.read.spans == 1


def test_the_bytes_do_not_depend_on_the_run(tmp_path: Path, seed: Document) -> None:
    import os
    import subprocess
    import sys

    found = set()
    for number in ("0", "1"):
        out = tmp_path / f"{number}.spacy"
        call = [sys.executable, "-m", "converters", "convert", "data/cables", "-o", str(out), "-q"]
        subprocess.run(call, check=True, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": number})
        found.add(out.read_bytes())
    assert len(found) == 1


@pytest.mark.parametrize("missing", ["GADGET9", "Q9999", "VBZ9", "quux9", "GROUP9"])
def test_a_docbin_that_lacks_a_string_is_an_error(tmp_path: Path, missing: str) -> None:
    doc = Doc(spacy.blank("en").vocab, ["Zorkon", "is", "big"], tags=["NN", "VBZ9", "JJ"], lemmas=["", "quux9", ""])
    doc.ents = [SpacySpan(doc, 0, 1, "GADGET9", kb_id="Q9999")]
    doc.spans["sc"] = [SpacySpan(doc, 1, 3, "GROUP9")]
    attributes = ["ORTH", "TAG", "LEMMA", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID"]
    data = srsly.msgpack_loads(zlib.decompress(DocBin(attributes, docs=[doc]).to_bytes()))
    kept = [string for string in data["strings"] if string != missing]
    assert len(kept) == len(data["strings"]) - 1
    (tmp_path / "a.spacy").write_bytes(zlib.compress(srsly.msgpack_dumps(data | {"strings": kept})))
    vocabulary.cache_clear()  # it has the strings of files that were read before
    with pytest.raises(DataError, match=r"a\.spacy: this DocBin lacks a string that it refers to: "):
        list(read(tmp_path / "a.spacy"))


def test_errors(tmp_path: Path) -> None:
    (tmp_path / "a.spacy").write_bytes(b"not a DocBin")
    with pytest.raises(DataError, match=r"a.spacy: this is no DocBin"):
        list(read(tmp_path / "a.spacy"))
    with pytest.raises(UsageError, match="spaCy has no language 'xy'"):
        write([], tmp_path / "b.spacy", options=WriteOptions(lang="xy"))
    assert not (tmp_path / "b.spacy").exists()
    report = Report()
    span = Span(0, 2, "X")
    columns = Tokens.make([0], [2], None, {"stem": ["N"]})
    write([Document("ab", (span,), columns, {span: {"note": 1}})], tmp_path / "c.spacy", report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "note, stem")]


def test_entities_that_overlap_go_into_a_span_group(tmp_path: Path) -> None:
    outer, inner = Span(0, 8, "ORG"), Span(4, 8, "LOC")
    tokens = Tokens.make([0, 4], [3, 8], [0])
    document = Document("New York", (outer, inner), tokens, {inner: {"kb_id": "Q60"}})
    with pytest.raises(DataError, match="overlap, and spacy can hold only one"):
        write([document], tmp_path / "a.spacy")
    write([document], tmp_path / "a.spacy", options=WriteOptions(overlaps=True, spans_key="ner"))
    [doc] = DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert [(span.text, span.label_, span.kb_id_) for span in doc.spans["ner"]] == [
        ("New York", "ORG", ""),
        ("York", "LOC", "Q60"),
    ]
    assert not doc.ents
    [back] = read(tmp_path / "a.spacy", options=ReadOptions(spans_key="ner"))
    assert back == document


def test_parts_of_speech_of_a_tag_set_of_its_own_are_tags(tmp_path: Path) -> None:
    """As in CoNLL-2003, whose second column has Penn's tags, which spaCy does not take for parts of speech."""
    (tmp_path / "a.conll").write_text("EU NNP I-NP B-ORG\nrejects VBZ I-VP O\n")
    report = Report()
    write(read(tmp_path / "a.conll", report=report), tmp_path / "a.spacy", report=report)
    assert report.repair_counts()["pos written as tag: NNP"] == 1
    [doc] = DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert [token.tag_ for token in doc] == ["NNP", "VBZ"]
    document = Document("a b", (), Tokens.make([0, 2], [1, 3], None, {"pos": ["NOUN", "X"]}))
    write([document], tmp_path / "b.spacy", report=report)
    [back] = read(tmp_path / "b.spacy", report=report)
    assert back.tokens is not None
    assert back.tokens.columns == {"pos": ("NOUN", "X")}


def test_an_entity_that_is_in_a_group_too_keeps_what_is_known_of_it(tmp_path: Path) -> None:
    doc = Doc(spacy.blank("en").vocab, words=["Bo", "met"])
    doc.ents = [SpacySpan(doc, 0, 1, "PER", kb_id="Q1")]
    doc.spans["sc"] = [SpacySpan(doc, 0, 1, "PER")]
    DocBin(docs=[doc]).to_disk(tmp_path / "a.spacy")
    [back] = read(tmp_path / "a.spacy", report=Report())
    assert dict(back.attributes) == {Span(0, 2, "PER"): {"kb_id": "Q1"}}
