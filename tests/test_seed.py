"""The document the project was made for, through the whole of it: what must come out, row by row."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from converters import ReadOptions, convert, read
from converters.document import Document

LABELS = {"LOC": 64, "ORG": 49, "MISC": 30, "PER": 16}


@pytest.mark.parametrize(
    "expected",
    [
        "S E C R E T STATE 014070 NOFORN E.O. 12958: DECL: 01/29/2019 TAGS: ETTC MARR MCAP MOPS PARM PINR PREL PTER",
        "REASONS: 1.4 (B) AND (D).\n\n¶1. (U) This is an action request.",
        "paragraph 8. BACKGROUND\n\n¶2. (S) Over",
        "TRANSFER OF IGLA-S (SA-24) MANPADS TO VENEZUELA",
        "EUR/FO? IAN KELLY,",
        "with Venezuela?s ability to",
        "systems for FARC?s use. -- Further",
        "appreciates Posts' assistance",
        "the Government of Venezuela's (GOV) possible",
        "End Talking Points.\n\n¶9. (SBU)",
        "non- state actors.\n\n¶3. (S/NF)",
        "20081119/118406776 - print.html.\n\n¶6.",
        'added, "that is your decision, not ours; we have our own policy." During the',
        "On November 19, 2008 the",
        "several hundred Igla-S MANPADS.",
        "intelligence DIM); Rangel Silva",
        "(202) 647-2329, ganemlc@state.sgov.gov. and",
        "on Opennet) -- In light",
        "(S/REL to RUSSIA) Begin",
        "the U.S. Department of Treasury's Office of Foreign Assets Control (OFAC) designated",
    ],
)
def test_the_text_reads_as_a_person_would_have_read_it(seed: Document, expected: str) -> None:
    assert expected in seed.text


def test_no_markup_is_left(seed: Document) -> None:
    assert not any(mark in seed.text for mark in ("<", ">", "href", "  ", " ,", "( "))
    assert seed.text.startswith("S E C R E T")
    assert seed.text.endswith("\nCLINTON") or seed.text.endswith(" CLINTON")


def test_its_entities(seed: Document) -> None:
    assert Counter(span.label for span in seed.spans) == LABELS
    mentions = Counter((seed.text[a:b], label) for a, b, label in seed.spans)
    assert mentions["U.S. Department of Treasury's Office of Foreign Assets Control", "ORG"] == 1
    assert mentions["Posts'", "LOC"] == 1
    assert mentions["Points.", "LOC"] == 1
    assert mentions["Venezuela", "LOC"] == 22
    assert all(seed.token_span(span) for span in seed.spans)


def test_its_sentences(seed: Document) -> None:
    starts = [seed.words[first] for first, _ in seed.sentence_ranges()]
    assert len(starts) == 63 + 9  # the lines of the markup, and the paragraphs that begin inside one
    assert starts[0] == "S"
    assert starts.count("¶1") == 1
    # the splitter pushed a closing quote to the next line; it goes with the sentence it closes
    assert '"' not in starts
    assert "During" in starts


def test_layout_sentences_puts_each_on_its_line(cables: Path) -> None:
    [document] = read(cables, options=ReadOptions(layout="sentences"))
    assert 'own policy."\nDuring the U.S.-Russia' in document.text
    assert "actors.\n\n¶3.\n(S/NF) The" in document.text
    assert document.text.count("\n") == 71 + 9  # one between sentences, two between paragraphs


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, cables: Path) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    report = convert([cables], folder)
    assert not report.lost
    return folder


def test_the_three_outputs_read_back_agree(corpus: Path, seed: Document) -> None:
    from_jsonl, from_spacy, from_conll = (next(read(corpus / f"corpus.{s}")) for s in ("jsonl", "spacy", "conll"))
    assert from_spacy == seed
    assert (from_jsonl.text, from_jsonl.spans, from_jsonl.words) == (seed.text, seed.spans, seed.words)
    assert from_conll.words == seed.words
    assert [from_conll.token_span(s) for s in from_conll.spans] == [seed.token_span(s) for s in seed.spans]
    assert from_conll.text == seed.text.replace("\n\n", " ")  # columns know of no paragraphs
    assert from_jsonl.id == from_spacy.id == seed.id == "000_645314542638c154"
    assert from_jsonl.meta == from_spacy.meta == {"source": "000_645314542638c154.txt"}


def test_spacy_itself_finds_text_and_entities(corpus: Path, seed: Document) -> None:
    import spacy
    from spacy.tokens import DocBin

    nlp = spacy.blank("en")
    [doc] = DocBin().from_disk(corpus / "corpus.spacy").get_docs(nlp.vocab)
    assert doc.text == seed.text
    assert [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents] == list(seed.spans)
    assert all(token.ent_iob for token in doc)  # 0 would be "missing", which training ignores
    assert doc.user_data["id"] == "000_645314542638c154"


def test_seqscore_accepts_the_columns_and_finds_the_entities(corpus: Path) -> None:
    pytest.importorskip("seqscore")

    def seqscore(command: str) -> str:
        call = ["seqscore", command, "--labels", "BIO", str(corpus / "corpus.conll")]
        run = "import sys; from seqscore.scripts.seqscore import cli; sys.argv = sys.argv[1:]; cli()"
        return subprocess.run([sys.executable, "-c", run, *call], capture_output=True, text=True, check=True).stdout

    assert "No errors found in 1673 tokens, 72 sequences, and 1 document(s)" in seqscore("validate")
    counts = re.findall(r"(\w+) +\| +([0-9]+)", seqscore("summarize"))
    assert dict(counts) == {label: str(n) for label, n in LABELS.items()} | {"TOTAL": "159"}


def test_spacys_own_converter_reads_the_columns(corpus: Path, seed: Document) -> None:
    from spacy.training.converters import conll_ner_to_docs

    docs = list(conll_ner_to_docs((corpus / "corpus.conll").read_text(encoding="utf-8"), no_print=True))
    assert Counter(ent.label_ for doc in docs for ent in doc.ents) == LABELS
    assert [token.text for doc in docs for token in doc] == seed.words
