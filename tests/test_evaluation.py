"""Counts of an evaluation against plain ones, on entities of every kind, nested and overlapping ones too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import Sides, sides

from converters.document import Document, Span, Tokens
from converters.evaluation import System, evaluate
from converters.evaluation.evaluation import Settings
from converters.evaluation.matching import SCHEMAS, Span3, _greedy


def scored(gold: Sequence[Document], predicted: Sequence[Document], **settings: Any) -> System:
    return evaluate(gold, predicted, settings=Settings(**settings)).systems[0]


def marked(text: str, *spans: tuple[int, int, str], id: str | None = None) -> Document:
    """A document with spaces between its tokens."""
    starts, at = [], 0
    for word in text.split(" "):
        starts.append(at)
        at += len(word) + 1
    ends = [start + len(word) for start, word in zip(starts, text.split(" "), strict=True)]
    return Document(text, tuple(Span(*span) for span in spans), Tokens.make(starts, ends), id=id)


@given(sides())
def test_exact_counts_are_those_of_sets(made: Sides) -> None:
    gold, predicted = made
    system = scored(gold, predicted)
    assert system.micro == plain.exact(gold, predicted)
    labels = {span.label for document in (*gold, *predicted) for span in document.spans}
    assert system.labels == {label: plain.exact(gold, predicted, label) for label in labels}
    assert list(system.labels) == sorted(labels)
    assert [tuple(row) for row in system.by_document.tolist()] == [
        plain.exact([a], [b]) for a, b in zip(gold, predicted, strict=True)
    ]


@given(sides())
def test_boundary_counts_are_those_of_sets_without_labels(made: Sides) -> None:
    system = scored(*made)
    assert system.boundary == plain.compared(
        ({span[:2] for span in a.spans}, {span[:2] for span in b.spans}) for a, b in zip(*made, strict=True)
    )


def labelled_tokens(document: Document, tokens: Tokens) -> set[object]:
    return {
        (start, span.label)
        for start, end in zip(tokens.starts, tokens.ends, strict=True)
        for span in document.spans
        if span.start < end and start < span.end
    }


@given(sides())
def test_token_counts_are_those_of_labels_on_the_gold_tokens(made: Sides) -> None:
    assert scored(*made).token == plain.compared(
        (labelled_tokens(a, a.tokens), labelled_tokens(b, a.tokens)) for a, b in zip(*made, strict=True) if a.tokens
    )


@given(sides(min_size=1), st.data())
def test_without_tokens_on_a_side_there_is_no_token_score(made: Sides, data: st.DataObject) -> None:
    side = data.draw(st.sampled_from(made))
    number = data.draw(st.integers(0, len(side) - 1))
    side[number] = replace(side[number], tokens=None)
    assert scored(*made).token is None
    assert scored(*made).as_dict()["token"] is None


@given(sides())
def test_semeval_counts_are_the_plain_ones(made: Sides) -> None:
    system = scored(*made)
    for schema in SCHEMAS:
        counts = [plain.semeval(a.spans, b.spans, schema) for a, b in zip(*made, strict=True)]
        assert list(system.semeval[schema]) == [sum(column) for column in zip(*counts, strict=True)] or not counts


@pytest.mark.parametrize(
    ("gold", "predicted", "strict", "exact", "partial", "type"),
    [
        ([(0, 4, "A")], [(0, 4, "A")], "10000", "10000", "10000", "10000"),
        ([(0, 4, "A")], [(0, 4, "B")], "01000", "10000", "10000", "01000"),
        ([(0, 4, "A")], [(2, 6, "A")], "01000", "01000", "00100", "10000"),
        ([(0, 4, "A")], [(2, 6, "B")], "01000", "01000", "00100", "01000"),
        ([(0, 4, "A")], [(4, 8, "A")], "00011", "00011", "00011", "00011"),
        ([(0, 4, "A"), (4, 8, "A")], [(0, 1, "A"), (3, 5, "A")], "02000", "02000", "00200", "20000"),
        ([(0, 4, "A")], [(0, 2, "B"), (2, 4, "A")], "01001", "01001", "00101", "01001"),
        ([(0, 2, "A")], [(0, 4, "A"), (0, 2, "A")], "10001", "10001", "10001", "10001"),
        ([(0, 6, "A")], [(0, 2, "A"), (2, 4, "A")], "01001", "01001", "00101", "10001"),
        ([(0, 2, "A"), (2, 4, "B")], [(0, 4, "B")], "01010", "01010", "00110", "10010"),
        ([(0, 4, "A"), (0, 4, "B")], [(0, 4, "B")], "10010", "10010", "10010", "10010"),
        ([(0, 101, "A")], [(100, 101, "A")], "01000", "01000", "00100", "10000"),
        ([(0, 4, "A"), (2, 6, "A")], [(0, 4, "B"), (2, 6, "A")], "11000", "20000", "20000", "11000"),
        (
            [(0, 1, "A"), (2, 6, "A"), (4, 8, "A")],
            [(0, 1, "A"), (2, 6, "B"), (4, 8, "A")],
            *("21000", "30000", "30000", "21000"),
        ),
        ([(0, 8, "B"), (1, 2, "A"), (5, 6, "A")], [(5, 7, "B")], "01020", "01020", "00120", "10020"),
        ([(0, 8, "B"), (1, 5, "A")], [(5, 6, "A")], "01010", "01010", "00110", "01010"),
        ([(0, 4, "A"), (4, 9, "A")], [(2, 8, "A"), (3, 4, "A")], "01011", "01011", "00111", "20000"),
        ([(1, 8, "A"), (3, 4, "A")], [(2, 8, "A"), (6, 7, "A")], "01011", "01011", "00111", "10011"),
        ([(0, 4, "A"), (4, 8, "A")], [(0, 4, "B"), (2, 6, "A")], "02000", "11000", "10100", "11000"),
        ([(0, 1, "B"), (1, 2, "A")], [(0, 2, "B")], "01010", "01010", "00110", "10010"),
    ],
)
def test_semeval_by_example(
    gold: list[Span], predicted: list[Span], strict: str, exact: str, partial: str, type: str
) -> None:
    sides = [[Document("x" * 101, tuple(spans))] for spans in (gold, predicted)]
    found = {name: "".join(map(str, counts)) for name, counts in scored(*sides).semeval.items()}
    assert found == {"strict": strict, "exact": exact, "partial": partial, "type": type}


@given(sides())
def test_semeval_counts_add_up(made: Sides) -> None:
    system = scored(*made)
    for score in system.semeval.values():
        correct, incorrect, partial, missed, spurious = score
        assert correct + incorrect + partial + missed == sum(len(document.spans) for document in made[0])
        assert correct + incorrect + partial + spurious == sum(len(document.spans) for document in made[1])
    assert system.semeval["strict"].correct == system.micro.tp


@given(sides())
def test_confusion_adds_up(made: Sides) -> None:
    system = scored(*made)
    confusion = system.confusion
    gold, predicted = (Counter(span.label for document in side for span in document.spans) for side in made)
    rows = {label: sum(cells.values()) for label, cells in confusion.items() if label}
    columns: Counter[str] = Counter()
    for cells in confusion.values():
        columns.update(cells)
    assert rows == gold
    assert {label: n for label, n in columns.items() if label} == predicted
    assert all(confusion.get(label, {}).get(label, 0) >= score.tp for label, score in system.labels.items())
    kinds = system.kinds()
    assert sum(cells.get("", 0) for cells in confusion.values()) == kinds["missed"]
    assert sum(confusion.get("", {}).values()) == kinds["spurious"]
    assert "" not in confusion.get("", {})


@given(sides())
def test_every_entity_that_is_not_right_is_in_one_error(made: Sides) -> None:
    gold, predicted = made
    system = scored(gold, predicted)
    missing, more = Counter[Any](), Counter[Any]()
    for number, (a, b) in enumerate(zip(gold, predicted, strict=True)):
        missing.update((number, span) for span in set(a.spans) - set(b.spans))
        more.update((number, span) for span in set(b.spans) - set(a.spans))
    assert Counter((error.document, error.gold) for error in system.errors if error.gold) == missing
    assert Counter((error.document, error.predicted) for error in system.errors if error.predicted) == more
    assert Counter(error.kind for error in system.errors) == Counter({k: n for k, n in system.kinds().items() if n})


@given(sides())
def test_errors_are_of_the_right_kind(made: Sides) -> None:
    errors = scored(*made).errors
    for error in errors:
        one, other = error.gold, error.predicted
        if one is None or other is None:
            assert error.kind == ("spurious" if one is None else "missed")
            continue
        assert one.start < other.end
        assert other.start < one.end
        same = one[:2] == other[:2], one.label == other.label
        assert error.kind == {(True, False): "label", (False, True): "boundary", (False, False): "both"}[same]
    for missed in errors:  # what is missed and what is spurious share nothing, or they would be one error
        for spurious in errors:
            if (missed.kind, spurious.kind, missed.document) == ("missed", "spurious", spurious.document):
                assert missed.gold
                assert spurious.predicted
                assert missed.gold.end <= spurious.predicted.start or spurious.predicted.end <= missed.gold.start


@given(sides())
def test_errors_show_their_place(made: Sides) -> None:
    order = []
    for error in scored(*made).errors:
        text = made[0][error.document].text
        known = [span for span in (error.gold, error.predicted) if span]
        start, end = min(span.start for span in known), max(span.end for span in known)
        assert error.context == " ".join(text[max(start - 30, 0) : end + 30].split())
        order.append((error.document, start))
    assert order == sorted(order)


def test_errors_by_example() -> None:
    text = "Anna Lee met Bo in New York , not Rome"
    gold = marked(text, (0, 8, "PER"), (13, 15, "PER"), (19, 27, "LOC"), (34, 38, "LOC"), id="x")
    predicted = marked(text, (0, 4, "PER"), (9, 12, "PER"), (13, 15, "ORG"), (23, 27, "ORG"), id="x")
    system = scored([gold], [predicted])
    assert [error[1:4] for error in system.errors] == [
        ("boundary", (0, 8, "PER"), (0, 4, "PER")),
        ("spurious", None, (9, 12, "PER")),
        ("label", (13, 15, "PER"), (13, 15, "ORG")),
        ("both", (19, 27, "LOC"), (23, 27, "ORG")),
        ("missed", (34, 38, "LOC"), None),
    ]
    assert system.confusion == {"PER": {"PER": 1, "ORG": 1}, "LOC": {"ORG": 1, "": 1}, "": {"PER": 1}}
    assert system.errors[4].context == "Lee met Bo in New York , not Rome"
    assert system.as_dict()["errors"][1] == {
        "document": "x",
        "kind": "spurious",
        "gold": None,
        "predicted": [9, 12, "PER"],
        "context": "Anna Lee met Bo in New York , not Rome",
    }


def test_an_entity_pairs_with_the_one_it_shares_most_with() -> None:
    gold = Document("abcdefghij", (Span(0, 6, "A"), Span(6, 10, "A")))
    predicted = Document("abcdefghij", (Span(4, 10, "A"),))
    kinds = [(error.kind, error.gold) for error in scored([gold], [predicted]).errors]
    assert kinds == [("missed", (0, 6, "A")), ("boundary", (6, 10, "A"))]
    predicted = Document("abcdefghij", (Span(1, 8, "A"),))
    kinds = [(error.kind, error.gold) for error in scored([gold], [predicted]).errors]
    assert kinds == [("boundary", (0, 6, "A")), ("missed", (6, 10, "A"))]


@pytest.mark.parametrize(
    ("gold", "predicted", "errors"),
    [
        # of two labels in one place the first
        ([(0, 4, "A"), (0, 4, "B")], [(0, 4, "C")], [("label", "A", "C"), ("missed", "B", None)]),
        # by where the first of a pair begins
        ([(6, 9, "A")], [(0, 7, "A"), (3, 5, "B")], [("boundary", "A", "A"), ("spurious", None, "B")]),
        # where two begin in one place, what is gold is first
        ([(0, 9, "A")], [(0, 8, "A"), (0, 2, "B")], [("boundary", "A", "A"), ("spurious", None, "B")]),
        # (1, 5) ends where (5, 6) begins
        (
            [(0, 8, "A"), (1, 5, "B")],
            [(0, 7, "A"), (5, 6, "B")],
            [("boundary", "A", "A"), ("missed", "B", None), ("spurious", None, "B")],
        ),
    ],
)
def test_pairs_and_their_order(gold: list[Span], predicted: list[Span], errors: list[tuple[object, ...]]) -> None:
    sides = [[Document("x" * 9, tuple(spans))] for spans in (gold, predicted)]
    found = scored(*sides).errors
    assert [(e.kind, e.gold and e.gold.label, e.predicted and e.predicted.label) for e in found] == errors


def test_the_context_is_that_around_both_sides_in_their_own_document() -> None:
    text = " ".join(f"w{n:03}" for n in range(40))
    gold = [Document("x"), Document(text, (Span(100, 104, "A"),))]
    predicted = [Document("x"), Document(text, (Span(100, 114, "A"),))]
    for one, other in ((gold, predicted), (predicted, gold)):
        [error] = scored(one, other).errors
        assert error.context == text[70:144].strip()
    [error] = scored(gold, [Document("x"), Document(text, (Span(90, 104, "A"),))]).errors
    assert error.context == text[60:134].strip()


def test_labels_of_the_confusion_come_in_order() -> None:
    gold = marked("a b c d", (0, 1, "B"), (2, 3, "A"))
    predicted = marked("a b c d", (0, 1, "C"), (2, 3, "B"), (4, 5, "A"))
    confusion = scored([gold], [predicted]).confusion
    assert [(label, list(cells)) for label, cells in confusion.items()] == [("", ["A"]), ("A", ["B"]), ("B", ["C"])]


def test_sides_may_be_read_as_they_come_and_the_first_system_is_reported() -> None:
    gold, none = marked("Bo met Rome", (0, 2, "PER")), marked("Bo met Rome")
    alone = evaluate(iter([gold]), iter([gold]))
    assert (alone.systems[0].name, alone.systems[0].micro) == ("predicted", (1, 0, 0))
    two = evaluate([gold], {"all": [gold], "none": [none]})
    assert two.conlleval() == two.conlleval(0) != two.conlleval(1)


@given(sides(), st.booleans())
def test_groups_add_up_to_the_whole(made: Sides, is_trained: bool) -> None:
    train = {" ".join(d.text[s.start : s.end].split()): 3 for d in made[0][:1] for s in d.spans} if is_trained else None
    system = scored(*made, train=train)
    assert [sum(column) for column in zip((0, 0, 0), *system.labels.values(), strict=True)] == list(system.micro)
    assert tuple(system.by_document.sum(0).tolist()) == system.micro
    assert set(system.by) == {"length", "frequency", *(["seen"] if is_trained else [])}
    for groups in system.by.values():
        totals = [counts.sum(0).tolist() for counts in groups.values()]
        assert [sum(column) for column in zip([0, 0, 0], *totals, strict=True)] == list(system.micro)


@given(sides(), st.booleans())
def test_groups_are_those_of_the_mentions(made: Sides, is_trained: bool) -> None:
    def mention(document: Document, span: Span) -> str:
        return " ".join(document.text[span.start : span.end].split())

    gold, predicted = made
    train = Counter(mention(d, s) for d in gold[:2] for s in d.spans)
    known = train if is_trained else Counter(mention(d, s) for d in gold for s in d.spans)

    def group(name: str, text: str) -> object:
        number = known[text]
        bins = {0: "0", 1: "1"} | dict.fromkeys(range(2, 6), "2-5") | dict.fromkeys(range(6, 21), "6-20")
        return {
            "length": len(text.split()),
            "frequency": bins.get(number, "21+"),
            "seen": "seen" if number else "unseen",
        }[name]

    system = scored(gold, predicted, train=dict(train) if is_trained else None)
    for name, groups in system.by.items():
        counts: dict[object, list[int]] = {"seen": [0, 0, 0], "unseen": [0, 0, 0]} if name == "seen" else {}
        for a, b in zip(gold, predicted, strict=True):
            for span in {*a.spans, *b.spans}:
                column = 0 if span in a.spans and span in b.spans else 1 if span in b.spans else 2
                counts.setdefault(group(name, mention(a, span)), [0, 0, 0])[column] += 1
        assert {name: values.sum(0).tolist() for name, values in groups.items()} == counts


def test_lengths_and_frequencies_come_in_order() -> None:
    text = " ".join(f"w{n}" for n in range(40))
    words = [(m, m + len(word)) for word in text.split() for m in [text.index(f"{word} ") if word != "w39" else 0]]
    spans = [Span(words[0][0], words[7][1], "A"), Span(words[12][0], words[13][1], "A"), Span(*words[20], "A")]
    system = scored([Document(text, tuple(spans))], [Document(text)])
    assert list(system.as_dict()["by"]["length"]) == ["1", "2", "8"]
    text = "x " * 21 + "y " * 20 + "t " * 6 + "u " * 5 + "z z v"
    repeated = Document(text, tuple(Span(2 * n, 2 * n + 1, "A") for n in range(55)))
    bins = scored([repeated], [Document(repeated.text)]).as_dict()["by"]["frequency"]
    assert {name: score["fn"] for name, score in bins.items()} == {"1": 1, "2-5": 7, "6-20": 26, "21+": 21}
    assert list(bins) == ["1", "2-5", "6-20", "21+"]


def test_an_interval_comes_with_each_score_of_two_documents_or_more() -> None:
    gold = [marked("Bo met Rome", (0, 2, "PER"), (7, 11, "LOC"), id=str(n)) for n in range(9)]
    predicted = [*gold[:5], *(replace(document, spans=document.spans[:1]) for document in gold[5:])]
    found = scored(gold, predicted, samples=200).as_dict()
    scores = [
        *(found["exact"][name] for name in ("micro", "macro", "weighted")),
        *found["exact"]["labels"].values(),
        found["boundary"],
        found["token"],
        *found["by"]["length"].values(),
        *found["by"]["frequency"].values(),
    ]
    for score in scores:
        low, high = score["interval"]
        assert 0 <= low <= score["f1"] <= high <= 1
    assert found["exact"]["labels"]["PER"]["interval"] == [1, 1]
    assert all(document["exact"]["interval"] is None for document in found["per_document"])
    alone = scored(gold[:1], predicted[:1], samples=200).as_dict()
    assert alone["exact"]["micro"]["interval"] is None


def test_systems_are_compared_two_by_two() -> None:
    gold = [marked("Bo met Rome", (0, 2, "PER"), (7, 11, "LOC"), id=str(n)) for n in range(20)]
    half = [replace(document, spans=document.spans[:1]) for document in gold]
    none = [replace(document, spans=()) for document in gold]
    comparisons = evaluate(gold, {"all": gold, "half": half, "none": none}, settings=Settings(samples=500)).comparisons
    assert [found[:3] for found in comparisons] == [
        ("all", "half", "exact micro f1"),
        ("all", "none", "exact micro f1"),
        ("half", "none", "exact micro f1"),
    ]
    assert comparisons[0].difference == pytest.approx(2 / 3 - 1)
    assert all(found.p_value < 0.01 for found in comparisons)


def test_without_samples_there_are_no_p_values() -> None:
    gold = [marked("Bo met Rome", (0, 2, "PER"), id=str(n)) for n in range(3)]
    [comparison] = evaluate(gold, {"a": gold, "b": gold}, settings=Settings(samples=0)).comparisons
    assert comparison.difference == 0
    assert comparison.p_value is None


@pytest.mark.parametrize("samples", [0, 20])
@pytest.mark.parametrize("undefined", ["omit", "zero", "one"])
def test_nothing_is_evaluated(samples: int, undefined: Any) -> None:
    for gold in ([], [Document("")], [Document("a"), Document("b")]):
        settings = Settings(samples=samples, undefined=undefined)
        evaluation = evaluate(gold, {"a": gold, "b": gold}, settings=settings)
        number = {"omit": None, "zero": 0, "one": 1}[undefined]
        for system in evaluation.as_dict()["systems"]:
            for score in (*[system["exact"][name] for name in ("micro", "macro", "weighted")], system["boundary"]):
                assert [score[name] for name in ("precision", "recall", "f1")] == [number] * 3
            assert (system["confusion"], system["errors"]) == ({}, [])


def plainly_greedy(gold: list[Span3], predicted: list[Span3], schema: str) -> tuple[int, int]:
    """The same by a look at all that are left."""
    left = dict(enumerate(gold))
    width = {"strict": 3, "exact": 2, "type": 0}[schema]
    right = wrong = 0
    waiting = []
    for span in predicted:
        same = [number for number, other in left.items() if width and other[:width] == span[:width]]
        if same:
            del left[same[0]]
            right += 1
        else:
            waiting.append(span)
    for start, end, label in waiting:
        near = [number for number, other in left.items() if other[0] < end and other[1] > start]
        own = [number for number in near if schema == "type" and left[number][2] == label]
        if own:
            del left[min(own, key=lambda n: abs(left[n][0] - start) + abs(left[n][1] - end))]
            right += 1
        elif near:
            del left[near[0]]
            wrong += 1
    return right, wrong


SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6), st.integers(0, 1)), unique=True, max_size=12).map(
    lambda made: sorted(
        ((start, start + size, label) for start, size, label in made), key=lambda s: (s[0], -s[1], s[2])
    )
)


@given(SPANS, SPANS, st.sampled_from(["strict", "exact", "type"]))
def test_partners_are_those_of_a_look_at_all_that_are_left(gold: list[Span3], predicted: list[Span3], how: str) -> None:
    assert _greedy(gold, predicted, how) == plainly_greedy(gold, predicted, how)


@given(SPANS, SPANS)
def test_pairs_are_those_that_share_most(gold: list[Span3], predicted: list[Span3]) -> None:
    sides = [Document("x" * 20, tuple(Span(a, b, "AB"[c]) for a, b, c in side)) for side in (gold, predicted)]
    system = evaluate(sides[:1], sides[1:]).systems[0]
    ours, theirs = (list(range(len(side))) for side in (gold, predicted))
    plain = [
        (-(min(a[1], b[1]) - max(a[0], b[0])), one, other)
        for one, a in enumerate(gold)
        for other, b in enumerate(predicted)
        if a[0] < b[1] and b[0] < a[1]
    ]
    assert sorted(system._overlaps(ours, theirs)) == sorted(plain)


@given(SPANS, st.lists(st.integers(1, 3), max_size=8))
def test_labels_of_tokens_are_those_of_each_entity(spans: list[Span3], sizes: list[int]) -> None:
    edges = [0, *accumulate(sizes)]
    tokens = Tokens.make(edges[:-1], edges[1:])
    text = "x" * edges[-1]
    document = Document(text, tuple(Span(a, b, "AB"[c]) for a, b, c in spans if b <= len(text)), tokens)
    corpus = evaluate([document], [document]).corpus
    names = {label: number for number, label in enumerate(corpus.labels)}
    plain = {
        number * max(len(names), 1) + names[label]
        for a, b, label in document.spans
        for number, (start, end) in enumerate(pairwise(edges))
        if start < b and a < end
    }
    assert corpus.token_labels(corpus.gold).tolist() == sorted(plain)


def test_results_are_shown_on_a_line() -> None:
    document = Document("Rome", (Span(0, 4, "LOC"),))
    found = evaluate([document] * 50, [document] * 50)
    assert repr(found.corpus) == "<Corpus of 50 documents, predicted>"
    assert repr(found) == f"<Evaluation [<System predicted: Score(tp=50, fp=0, fn=0)>]: {found.signature}>"
