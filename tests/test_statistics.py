"""What is in a corpus: the numbers, held to a plain count of the same; the tables; and the command."""

from __future__ import annotations

import json
import statistics as plainly
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import spans_in
from strategies import documents
from typer.testing import CliRunner, Result

from converters import Document, Span, Tokens, read
from converters.cli import app
from converters.statistics.statistics import Bin, Distribution, shown, statistics, tables

SEED = Path(__file__).parent.parent / "data" / "cables"


def doc(
    text: str, *spans: tuple[int, int, str], tokens: bool = True, sentences: Sequence[int] | None = None
) -> Document:
    """A document whose tokens are its words."""
    at, starts, ends = 0, [], []
    for word in text.split():
        at = text.index(word, at)
        starts.append(at)
        at += len(word)
        ends.append(at)
    made = Tokens.make(starts, ends, sentences) if tokens else None
    return Document(text, tuple(Span(*span) for span in spans), made)


@st.composite
def annotated(draw: st.DrawFn) -> Document:
    """A document of any kind: entities on tokens or anywhere, nested or not, with tokens and sentences or without."""
    made = draw(documents())
    if draw(st.booleans()):
        made = replace(made, spans=draw(spans_in(made.text, made.spans)))
    assert made.tokens is not None
    kind = draw(st.sampled_from(["sentences", "tokens", "text"]))
    if kind == "tokens":
        return replace(made, tokens=replace(made.tokens, sentences=None))
    return replace(made, tokens=None) if kind == "text" else made


# ---- the same, by sets and loops


def counted(corpus: Sequence[Document], top: int) -> dict[str, Any]:
    """The statistics as JSON, counted plainly."""
    entities = [(number, d, span) for number, d in enumerate(corpus) for span in d.spans]
    tokens = [len(d.tokens) for d in corpus if d.tokens is not None]
    sentences = [len(d.tokens.sentences) for d in corpus if d.tokens is not None and d.tokens.sentences is not None]
    by_mention: dict[str, Counter[str]] = defaultdict(Counter)
    for _, d, span in entities:
        by_mention[mention(d, span)][span.label] += 1
    ambiguous = {text: labels for text, labels in by_mention.items() if len(labels) > 1}
    doubtful = sum(labels.total() for labels in ambiguous.values())
    sizes = Counter(span.label for _, _, span in entities)

    def of_label(label: str) -> dict[str, Any]:
        own = [entity for entity in entities if entity[2].label == label]
        texts = Counter(mention(d, span) for _, d, span in own)
        return {
            "spans": len(own),
            "share": len(own) / len(entities),
            "mentions": len(texts),
            "documents": len({number for number, _, _ in own}),
            "share_of_tokens": share(len(set().union(*(inside(*entity) for entity in own))), sum(tokens)),
            "length": {
                "tokens": summary([len(inside(*entity)) for entity in own if entity[1].tokens is not None]),
                "characters": summary([span.end - span.start for _, _, span in own]),
            },
            "top": [{"mention": text, "spans": n} for text, n in ordered(texts)[:top]],
        }

    def lines(found: dict[str, Counter[str]]) -> list[dict[str, Any]]:
        totals = Counter({text: labels.total() for text, labels in found.items()})
        return [
            {"mention": text, "spans": n, "labels": dict(ordered(found[text]))} for text, n in ordered(totals)[:top]
        ]

    return {
        "documents": len(corpus),
        "without_entities": sum(not d.spans for d in corpus),
        "with_overlap": sum(any(a.end > b.start for a, b in pairs(d.spans)) for d in corpus),
        "without_tokens": sum(d.tokens is None for d in corpus),
        "without_sentences": len(corpus) - len(sentences),
        "sentences": sum(sentences) if sentences or not corpus else None,
        "tokens": sum(tokens) if tokens or not corpus else None,
        "characters": sum(len(d.text) for d in corpus),
        "spans": len(entities),
        "mentions": len(by_mention),
        "share_of_tokens": share(len(set().union(*(inside(*entity) for entity in entities))), sum(tokens)),
        "labels": {label: of_label(label) for label, _ in ordered(sizes)},
        "length": {
            "tokens": in_full([len(inside(*entity)) for entity in entities if entity[1].tokens is not None]),
            "characters": in_full([span.end - span.start for _, _, span in entities]),
        },
        "per_document": {
            "sentences": in_full(sentences),
            "tokens": in_full(tokens),
            "characters": in_full([len(d.text) for d in corpus]),
            "spans": in_full([len(d.spans) for d in corpus]),
        },
        "top": lines(by_mention),
        "ambiguity": {
            "mentions": len(ambiguous),
            "share_of_mentions": share(len(ambiguous), len(by_mention)),
            "spans": doubtful,
            "share_of_spans": share(doubtful, len(entities)),
            "labels_per_mention": share(sum(map(len, by_mention.values())), len(by_mention)),
            "top": lines(ambiguous),
        },
    }


def mention(document: Document, span: Span) -> str:
    return " ".join(document.text[span.start : span.end].split())


def inside(number: int, document: Document, span: Span) -> set[tuple[int, int]]:
    """The tokens that share a character with an entity, by the number of the document and their own."""
    if document.tokens is None:
        return set()
    places = enumerate(zip(document.tokens.starts, document.tokens.ends, strict=True))
    return {(number, k) for k, (start, end) in places if {*range(start, end)} & {*range(span.start, span.end)}}


def pairs(spans: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """All pairs of entities, the one that begins earlier first."""
    for k, a in enumerate(spans):
        for b in spans[k + 1 :]:
            yield a, b


def ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def summary(values: Sequence[int]) -> dict[str, Any]:
    if not values:
        return {"count": 0, "min": None, "mean": None, "median": None, "max": None}
    mean, median = plainly.fmean(values), plainly.median(values)
    return {"count": len(values), "min": min(values), "mean": mean, "median": median, "max": max(values)}


def in_full(values: Sequence[int]) -> dict[str, Any]:
    return summary(values) | {"counts": {str(value): n for value, n in sorted(Counter(values).items())}}


@given(st.lists(annotated(), max_size=5), st.integers(0, 3))
def test_the_numbers_are_those_of_a_plain_count(corpus: list[Document], top: int) -> None:
    found, expected = statistics(iter(corpus)).as_dict(top), counted(corpus, top)
    assert found == expected
    assert json.dumps(found) == json.dumps(json.loads(json.dumps(found)))
    assert list(found["labels"]) == list(expected["labels"])


@given(st.lists(annotated(), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_the_documents_makes_no_difference(corpus: list[Document], random: Any) -> None:
    other = random.sample(corpus, len(corpus))
    first, second = statistics(corpus), statistics(other)
    assert json.dumps(first.as_dict()) == json.dumps(second.as_dict())
    assert [table.as_text() for table in tables(first)] == [table.as_text() for table in tables(second)]


def test_documents_are_taken_one_at_a_time() -> None:
    alive = 0

    class Counting(Document):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def corpus() -> Iterator[Document]:
        nonlocal alive
        for _ in range(5):
            made = Counting("Rome", (Span(0, 4, "LOC"),))
            alive += 1
            yield made
            del made
            assert alive <= 1

    assert statistics(corpus()).documents == 5


# ---- by hand


def test_the_seed() -> None:
    found = statistics(read(SEED)).as_dict()
    assert (found["documents"], found["spans"], found["tokens"]) == (1, 159, 1673)
    assert {label: of["spans"] for label, of in found["labels"].items()} == {
        "LOC": 64,
        "ORG": 49,
        "MISC": 30,
        "PER": 16,
    }
    assert found["length"]["tokens"]["counts"] == {"1": 131, "2": 20, "3": 3, "5": 4, "10": 1}
    assert found["top"][0] == {"mention": "Venezuela", "spans": 22, "labels": {"LOC": 22}}
    assert found["ambiguity"]["mentions"] == 0
    assert found == counted(list(read(SEED)), 10)


def test_an_empty_corpus() -> None:
    found = statistics([])
    assert found.as_dict() == counted([], 10)
    assert found.as_dict()["tokens"] == found.as_dict()["sentences"] == 0
    assert [table.title for table in tables(found)] == [
        "Corpus, in all and by document",
        "By label; mean, median and longest in characters",
    ]


def test_what_no_document_knows_is_unknown() -> None:
    corpus = [doc("Rome fell", (0, 4, "LOC"), tokens=False)]
    found = statistics(corpus).as_dict()
    assert found["tokens"] is found["sentences"] is found["share_of_tokens"] is None
    assert found["labels"]["LOC"]["length"]["characters"]["mean"] == 4
    assert found["labels"]["LOC"]["length"]["tokens"]["mean"] is None
    text = "\n".join(table.as_text() for table in tables(statistics(corpus)))
    assert "in characters" in text
    assert "of tokens" not in text
    assert [line.split() for line in text.splitlines() if line.startswith(("sentences", "tokens"))] == [
        ["sentences", "unknown"],
        ["tokens", "unknown"],
    ]


def test_documents_with_tokens_speak_for_those_without() -> None:
    corpus = [doc("New York fell", (0, 8, "LOC")), doc("Los Angeles", (0, 11, "LOC"), tokens=False)]
    found = statistics(corpus).as_dict()
    assert (found["tokens"], found["without_tokens"], found["share_of_tokens"]) == (3, 1, 2 / 3)
    assert found["labels"]["LOC"]["length"]["tokens"] == summary([2])
    assert found["labels"]["LOC"]["length"]["characters"] == summary([8, 11])


def test_a_token_in_two_entities_counts_once() -> None:
    corpus = [doc("the University of Oxford today", (4, 24, "ORG"), (18, 24, "LOC"), (4, 14, "ORG"))]
    found = statistics(corpus).as_dict()
    assert found["with_overlap"] == 1
    assert found["share_of_tokens"] == 3 / 5
    assert found["labels"]["ORG"]["share_of_tokens"] == 3 / 5
    assert found["labels"]["LOC"]["share_of_tokens"] == 1 / 5


def test_a_token_after_a_nested_entity_counts_once_too() -> None:
    corpus = [doc("a b c d e", (0, 9, "X"), (2, 3, "X"), (4, 7, "X"))]
    assert statistics(corpus).as_dict()["labels"]["X"]["share_of_tokens"] == 1


def test_an_entity_inside_a_token_is_one_token_long() -> None:
    assert statistics([doc("pro-Russian talks", (4, 11, "MISC"))]).as_dict()["length"]["tokens"]["counts"] == {"1": 1}


def test_white_space_in_a_mention_is_normalised() -> None:
    corpus = [doc("New\n  York", (0, 10, "LOC")), doc("New\u00a0York", (0, 8, "ORG")), doc("new York", (0, 8, "LOC"))]
    assert statistics(corpus).as_dict()["ambiguity"]["top"] == [
        {"mention": "New York", "spans": 2, "labels": {"LOC": 1, "ORG": 1}}
    ]


def test_no_mentions_are_told_where_none_are_wanted() -> None:
    found = statistics(read(SEED))
    assert found.as_dict(0)["top"] == found.as_dict(0)["labels"]["LOC"]["top"] == []
    assert not [table.title for table in tables(found, 0) if "frequent" in table.title]


# ---- distributions


def test_a_small_range_has_a_bin_for_each_value() -> None:
    assert Distribution([1, 1, 3]).bins() == [Bin(1, 1, 2), Bin(2, 2, 0), Bin(3, 3, 1)]
    assert Distribution([7]).bins() == [Bin(7, 7, 1)]
    assert Distribution().bins() == []


def test_a_few_large_values_share_a_bin() -> None:
    found = Distribution({1: 500, 2: 490, 3: 5, 900: 5}).bins()
    assert found == [Bin(1, 1, 500), Bin(2, 2, 490), Bin(3, 900, 10)]
    assert str(found[-1]) == "3-900"


def test_bins_are_of_round_widths() -> None:
    found = Distribution(range(3, 98)).bins()
    assert found[0] == Bin(0, 4, 2)
    assert found[1] == Bin(5, 9, 5)
    assert found[-1] == Bin(95, 99, 3)


def test_bins_that_begin_at_round_numbers_are_no_more_than_may_be() -> None:
    assert Distribution([1, 6]).bins(3) == [Bin(0, 4, 1), Bin(5, 9, 1)]  # by twos they would be four


@given(st.lists(st.integers(0, 10**6), min_size=1), st.integers(1, 25))
def test_every_value_is_in_one_bin(values: list[int], most: int) -> None:
    found = Distribution(values).bins(most)
    assert len(found) <= most + 1
    assert all(a.last + 1 == b.first for a, b in pairwise(found))
    assert [of.size for of in found] == [sum(of.first <= value <= of.last for value in values) for of in found]
    assert sum(of.size for of in found) == len(values)
    widths = {of.last - of.first + 1 for of in found[:-1]}
    assert len(widths) <= 1
    assert all(str(width).rstrip("0") in "125" for width in widths)


@given(st.lists(st.integers(0, 50), min_size=1))
def test_mean_and_median(values: list[int]) -> None:
    found = Distribution(values)
    assert found.median == plainly.median(values)
    assert found.mean == plainly.fmean(values)
    assert [found.ranked(k) for k in range(len(values))] == sorted(values)
    with pytest.raises(IndexError):
        found.ranked(len(values))


# ---- tables

AMBIGUOUS = [
    doc("Washington met Rome", (0, 10, "PER"), (15, 19, "LOC")),
    doc("in Washington .", (3, 13, "LOC"), sentences=[0]),
    doc("nothing here"),
]


def test_the_tables() -> None:
    found = "\n\n".join(table.as_text() for table in tables(statistics(AMBIGUOUS), 1))
    expected = """\
Corpus, in all and by document
                               total   min   median    mean   max
─────────────────────────────────────────────────────────────────
documents                          3
  without entities                 1
  without marks of sentences       2
sentences                          1     1        1       1     1
tokens                             8     2        3    2.67     3
characters                        46    12       15   15.33    19
spans                              3     0        1       1     2

By label; mean, median and longest in tokens
      spans    share   mentions   documents   mean   median   longest   of tokens
─────────────────────────────────────────────────────────────────────────────────
LOC       2    66.7%          2           2      1        1         1       25.0%
PER       1    33.3%          1           1      1        1         1       12.5%
all       3   100.0%          2           2      1        1         1       37.5%

Entities by length in tokens
    spans    share
──────────────────
1       3   100.0%

Ambiguity
                     mentions   share   spans   share
─────────────────────────────────────────────────────
with one label              1   50.0%       1   33.3%
with more than one          1   50.0%       2   66.7%
labels per mention        1.5

Ambiguous mentions
             spans         labels
─────────────────────────────────
Washington       2   LOC 1, PER 1

Most frequent mentions
             spans         labels
─────────────────────────────────
Washington       2   LOC 1, PER 1

Most frequent mentions of LOC
       spans   share
────────────────────
Rome       1   50.0%

Most frequent mentions of PER
             spans    share
───────────────────────────
Washington       1   100.0%"""
    assert found.splitlines() == expected.splitlines()


def test_nothing_of_the_data_disturbs_a_table() -> None:
    text = "a\x1b[31mb\u202ec|d " + "e" * 500
    label = "<b> | " + "L" * 100
    made = list(tables(statistics([doc(text, (0, len(text), label))])))
    lines = [line for table in made for line in table.as_text().splitlines()]
    assert max(map(len, lines)) < 120
    assert not [c for line in lines for c in line if unicodedata.category(c) in ("Cc", "Cf")]
    assert any(line.startswith("a␛[31mb<U+202E>c|d eee") for line in lines)
    rows = [line for table in made for line in table.as_markdown().splitlines() if line.startswith("|")]
    assert not [row for row in rows if "<b>" in row]


def test_a_mention_of_many_labels_is_cut() -> None:
    corpus = [doc("Paris", *((0, 5, label) for label in "ABCDEF"))]
    [table] = [table for table in tables(statistics(corpus)) if table.title == "Most frequent mentions"]
    assert table.as_text().splitlines()[-1].split() == ["Paris", "6", "A", "1,", "B", "1,", "C", "1,", "3", "more"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("New\n York", "New York"), ("\u05d0\u05d1", "\u05d0\u05d1"), ("\udcff", "<U+DCFF>"), ("a\u200db", "a\u200db")],
)
def test_what_is_shown_of_a_text(text: str, expected: str) -> None:
    assert shown(text) == expected


# ---- the command


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["stats", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A file of two documents without tokens."""
    records = [
        {"id": "a", "text": "Rome's old", "spans": [{"start": 0, "end": 4, "label": "LOC"}]},
        {"id": "b", "text": "Bo left", "spans": [{"start": 0, "end": 2, "label": "PER"}]},
    ]
    path = tmp_path / "raw.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_the_command_prints_tables() -> None:
    expected = "\n\n".join(table.as_text() for table in tables(statistics(read(SEED)))) + "\n"
    result = run(SEED)
    assert result.stdout == expected
    assert result.stderr == ""


def test_the_command_prints_markdown() -> None:
    expected = "\n\n".join(table.as_markdown() for table in tables(statistics(read(SEED)), 2)) + "\n"
    assert run(SEED, "--markdown", "--top", "2").stdout == expected


def test_the_command_prints_json() -> None:
    assert json.loads(run(SEED, "--json", "--top", "3").stdout) == statistics(read(SEED)).as_dict(3)


def test_json_and_markdown_exclude_each_other() -> None:
    assert "--json and --markdown exclude each other" in run(SEED, "--json", "--markdown", code=2).stderr


def test_a_tokenizer_gives_tokens_to_documents_that_have_none(raw: Path) -> None:
    assert json.loads(run(raw, "--json").stdout)["tokens"] is None
    found = json.loads(run(raw, "--json", "--tokenizer", "en").stdout)
    assert (found["tokens"], found["without_tokens"], found["sentences"]) == (5, 0, None)


def test_labels_are_renamed_and_dropped_before_they_are_counted(raw: Path) -> None:
    found = json.loads(run(raw, "--json", "--map", "LOC=GPE", "--drop", "PER").stdout)
    assert list(found["labels"]) == ["GPE"]
    assert found["without_entities"] == 1


def test_documents_are_no_more_than_were_asked_for(raw: Path) -> None:
    assert json.loads(run(raw, "--json", "--limit", "1").stdout)["documents"] == 1


def test_data_in_error_is_told_and_no_page_is_written(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("[LOC Rome", encoding="utf-8")
    assert "bad.txt:1:1" in run(bad, "--html", tmp_path / "x.html", code=1).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.txt"]


def test_what_was_not_read_is_told(tmp_path: Path, raw: Path) -> None:
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    assert "notes.pdf: no known suffix" in run(tmp_path).stderr
    assert run(tmp_path, "-q").stderr == ""


def test_a_page_that_cannot_be_written(raw: Path) -> None:
    assert "cannot be written" in run(raw, "--html", raw / "x.html", code=1).stderr


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no such file" in run(tmp_path / "none", code=1).stderr


def test_an_unknown_tokenizer(raw: Path) -> None:
    assert "spaCy has no language or pipeline 'nonsense'" in run(raw, "--tokenizer", "nonsense", code=2).stderr


def test_statistics_are_shown_on_a_line() -> None:
    assert repr(statistics([Document("Rome", (Span(0, 4, "LOC"),))] * 50)) == "<Statistics of 50 documents, 50 spans>"
