"""Agreement between annotators: the measures against others' programs, worked examples, and what must not matter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import exact, respaced, spans_in
from strategies import corpora

from converters.document import Document, Span, Tokens
from converters.errors import DataError, Place, UsageError
from converters.evaluation.agreement import MISSING, Agreement, agree, cohen_kappa, krippendorff_alpha
from converters.evaluation.tables import agreement_as_text

Annotators = dict[str, list[Document]]
NAMES = ["anna", "ben", "cem", "dora"]


@st.composite
def annotations(draw: st.DrawFn, lacking: bool = True) -> Annotators:
    """The annotations of some people of the same texts, all of them of the first, some people of the others."""
    documents = draw(corpora(min_size=1, max_size=3))
    likely = [draw(spans_in(document.text)) for document in documents]
    found: Annotators = {}
    for name in NAMES[: draw(st.integers(2, 4))]:
        found[name] = []
        for number, (document, spans) in enumerate(zip(documents, likely, strict=True)):
            if number == 0 or not lacking or draw(st.booleans()):
                found[name].append(replace(document, spans=draw(spans_in(document.text, spans))))
    return found


def categories(document: Document) -> list[str]:
    """The category of each token, by a loop."""
    assert document.tokens is not None
    found = []
    for start, end in zip(document.tokens.starts, document.tokens.ends, strict=True):
        labels = {span.label for span in document.spans if span.start < end and start < span.end}
        found.append("+".join(sorted(labels)) or "O")
    return found


def common(a: Iterable[Document], b: Iterable[Document]) -> tuple[list[Document], list[Document]]:
    ids = {document.id: document for document in b}
    pairs = [(document, ids[document.id]) for document in a if document.id in ids]
    return [one for one, _ in pairs], [other for _, other in pairs]


def peer_kappa(a: Sequence[str], b: Sequence[str]) -> float | None:
    if len({*a, *b}) < 2:  # scikit-learn divides by zero there
        return None
    return float(pytest.importorskip("sklearn.metrics").cohen_kappa_score(a, b))


def peer_alpha(values: Any, pairable: set[Any]) -> float | None:
    if len(pairable) < 2:  # krippendorff raises an error there
        return None
    return float(pytest.importorskip("krippendorff").alpha(values, level_of_measurement="nominal"))


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, abs=1e-9)


# The measures


@given(annotations())
def test_the_measures_of_pairs_are_those_of_scikit_learn_and_of_sets(made: Annotators) -> None:
    result = agree(made)
    labels = result.corpus.labels
    assert [(pair.a, pair.b) for pair in result.pairs] == list(combinations(made, 2))
    for pair in result.pairs:
        ours, theirs = common(made[pair.a], made[pair.b])
        a, b = ([category for document in side for category in categories(document)] for side in (ours, theirs))
        assert (pair.documents, pair.tokens) == (len(ours), len(a))
        assert pair.system.micro == exact(ours, theirs)
        assert pair.kappa == near(peer_kappa(a, b))
        annotated = [both for both in zip(a, b, strict=True) if both != ("O", "O")]
        assert pair.kappa_annotated == near(
            peer_kappa([one for one, _ in annotated], [other for _, other in annotated])
        )
        assert list(pair.labels) == labels
        for label in labels:
            bear = [[label if label in category.split("+") else "O" for category in side] for side in (a, b)]
            tp, fp, fn = exact(ours, theirs, label)
            f1 = 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None
            assert pair.labels[label] == (near(f1), near(peer_kappa(*bear)), tp + fn, tp + fp)


@given(annotations())
def test_alpha_is_that_of_krippendorff(made: Annotators) -> None:
    units: dict[tuple[str | None, int], dict[str, str]] = {}
    for name, documents in made.items():
        for document in documents:
            for number, category in enumerate(categories(document)):
                units.setdefault((document.id, number), {})[name] = category
    data = np.array([[unit.get(name, "*") for unit in units.values()] for name in made], dtype=object)
    pairable = {category for unit in units.values() if len(unit) > 1 for category in unit.values()}
    data = np.array([[np.nan if value == "*" else hash(value) % 10**9 for value in row] for row in data], dtype=float)
    assert agree(made).alpha == near(peer_alpha(data, pairable))


VALUES = st.integers(2, 5).flatmap(
    lambda annotators: st.lists(
        st.lists(st.integers(-1, 3), min_size=annotators, max_size=annotators), min_size=1, max_size=30
    )
)


@given(VALUES)
def test_alpha_with_values_missing_anywhere(units: list[list[int]]) -> None:
    values = np.array(units).T
    pairable = {value for unit in units if sum(v != MISSING for v in unit) > 1 for value in unit} - {MISSING}
    data = np.where(values == MISSING, np.nan, values)
    assert krippendorff_alpha(values) == near(peer_alpha(data, pairable))


ABSENT = "*"
EXAMPLES = [
    (["0100000010", "1110010000"], 0.095),
    (["aabbdcccedda", "babbbccceddd"], 0.692),
    (["123321412***", "1233224125*3", "*3332342251*", "12332441251*"], 0.743),
]


@pytest.mark.parametrize(("rows", "alpha"), EXAMPLES)
def test_the_worked_examples_of_krippendorff_2011(rows: list[str], alpha: float) -> None:
    known = sorted({*"".join(rows)} - {ABSENT})
    values = np.array([[MISSING if value == ABSENT else known.index(value) for value in row] for row in rows])
    assert krippendorff_alpha(values) == pytest.approx(alpha, abs=0.0005)
    # and as documents of one token each, which some annotators lack
    made = {
        name: [Document("x", (Span(0, 1, value),), id=str(unit)) for unit, value in enumerate(row) if value != ABSENT]
        for name, row in zip(NAMES, rows, strict=False)
    }
    result = agree(made)
    assert result.alpha == pytest.approx(alpha, abs=0.0005)
    assert sum(result.alone) == sum(sum(row[unit] != ABSENT for row in rows) == 1 for unit in range(len(rows[0])))


def test_kappa_by_hand() -> None:
    """20 said yes by both, 15 no by both, 5 and 10 by one: 0.7 observed, 0.5 expected."""
    a = np.array([1] * 25 + [0] * 25)
    b = np.array([1] * 20 + [0] * 5 + [1] * 10 + [0] * 15)
    assert cohen_kappa(a, b) == pytest.approx(0.4)
    assert cohen_kappa(b, a) == pytest.approx(0.4)


NOTHING = np.zeros(0, np.int64)
ONES = np.ones(3, np.int64)


def test_what_has_no_value() -> None:
    assert cohen_kappa(NOTHING, NOTHING) is None
    assert cohen_kappa(ONES, ONES) is None
    assert cohen_kappa(ONES, ONES - 1) == 0  # each uses one, but not the same
    assert krippendorff_alpha(np.stack([NOTHING, NOTHING])) is None
    assert krippendorff_alpha(np.stack([ONES, ONES])) is None
    assert krippendorff_alpha(np.array([[0, 1, MISSING], [MISSING, MISSING, 2]])) is None
    nothing = agree({"anna": [Document("Rome", id="a")], "ben": [Document("Rome", id="a")]})
    found = nothing.as_dict()
    measures = ("f1", "boundary_f1", "kappa", "kappa_annotated")
    assert [found["alpha"], *(found["mean"][name] for name in measures)] == [None] * 5
    assert "undefined" in agreement_as_text(nothing)
    everything = [Document("Rome", (Span(0, 4, "LOC"),), id="a")]
    [pair] = agree({"anna": everything, "ben": everything}).pairs
    assert (pair.f1, pair.kappa, pair.kappa_annotated) == (1, None, None)


# What must not matter


def measures(result: Agreement) -> list[Any]:
    """All numbers of a result that do not depend on the order of annotators, those of pairs by names."""
    pairs = {
        frozenset((pair.a, pair.b)): [
            *(near(getattr(pair, name)) for name in ("f1", "boundary_f1", "kappa", "kappa_annotated")),
            {label: (near(own.f1), near(own.kappa)) for label, own in pair.labels.items()},
            (pair.documents, pair.tokens, pair.system.kinds()["label"], sum(pair.kinds().values())),
        ]
        for pair in result.pairs
    }
    return [pairs, near(result.alpha), dict(zip(result.names, result.alone, strict=True)), len(result.corpus.ids)]


@given(annotations(), st.data())
def test_the_order_of_annotators_and_of_documents_does_not_matter(made: Annotators, data: st.DataObject) -> None:
    names = data.draw(st.permutations(list(made)))
    other = {name: data.draw(st.permutations(made[name])) for name in names}
    assert measures(agree(other)) == measures(agree(made))


@given(annotations())
def test_the_other_way_round(made: Annotators) -> None:
    names = list(made)[:2]
    [pair], [other] = (agree({name: made[name] for name in order}).pairs for order in (names, names[::-1]))
    kinds = other.kinds()
    assert pair.kinds() == {**kinds, "only_a": kinds["only_b"], "only_b": kinds["only_a"]}
    assert [(own.b, own.a) for own in pair.labels.values()] == [(own.a, own.b) for own in other.labels.values()]


@given(annotations(lacking=False))
def test_whoever_agrees_with_themselves_does_so_fully(made: Annotators) -> None:
    documents = made["anna"]
    result = agree(dict.fromkeys(NAMES, documents))
    values = {c for document in documents for c in categories(document)}
    assert result.alpha == (1 if len(values) > 1 else None)
    for pair in result.pairs:
        assert pair.f1 == pair.boundary_f1 == (1 if any(document.spans for document in documents) else None)
        assert pair.kappa == (1 if len(values) > 1 else None)
        assert pair.kappa_annotated == (1 if len(values - {"O"}) > 1 else None)
        assert pair.disagreements == []


@given(annotations(), st.data())
def test_white_space_does_not_matter(made: Annotators, data: st.DataObject) -> None:
    first, *others = made
    ids = {document.id for document in made[first]}
    other = {first: made[first]}
    for name in others:  # a text that the first annotator lacks is that of the next
        other[name] = [data.draw(respaced(d)) if d.id in ids else d for d in made[name]]
    assert agree(other).as_dict() == agree(made).as_dict()


# Documents


def named(id: str | None, *spans: Span, own: bool = True, text: str = "Bo met Rome", file: str = "f") -> Document:
    return Document(text, spans, id=id, has_own_id=own, source=Place(file, 3))


BO, ROME = Span(0, 2, "PER"), Span(7, 11, "LOC")


def test_a_document_counts_where_at_least_two_have_it() -> None:
    result = agree(
        {
            "anna": [named("a", BO), named("b", BO, text="Bo"), named("c")],
            "ben": [named("b", BO, text="Bo"), named("d", ROME)],
            "cem": [named("a", BO, ROME), named("e")],
        }
    )
    assert result.corpus.ids == ["a", "b"]
    assert result.alone == [1, 1, 1]
    assert [(pair.documents, pair.tokens, pair.f1) for pair in result.pairs] == [(1, 1, 1), (1, 3, 2 / 3), (0, 0, None)]
    assert result.means["f1"] == pytest.approx(5 / 6)
    assert [a["documents"] for a in result.as_dict()["annotators"]] == [2, 1, 1]
    text = agreement_as_text(result)
    assert "documents are paired by id: 2 are compared, 3 of one annotator alone are not" in text


@pytest.mark.parametrize(
    ("sides", "pairing"),
    [
        ([[named("a"), named("b")], [named("b"), named("a")]], "id"),
        ([[named("s#1", own=False), named("s#2", own=False)], [named("t#1", own=False), named("t#2")]], "order"),
        ([[named(None)], [named(None)]], "order"),
        ([[named("a"), named(None)], [named("a"), named("b")]], "order"),
        # the names of files in folders, one of which one annotator has not
        ([[named(id, own=False) for id in "abc"], [named(id, own=False) for id in "ac"]], "id"),
        ([[named("b"), named("a")], [named("a", own=False), named("b", own=False)]], "id"),
        # one that shares no id with any other
        ([[named("a", own=False)], [named("a", own=False)], [named("t", own=False)]], "order"),
        ([[named("a", own=False), named("a", own=False)]] * 2, "order"),
    ],
)
def test_how_documents_are_paired(sides: list[list[Document]], pairing: str) -> None:
    assert agree(dict(zip(NAMES, sides, strict=False))).corpus.pairing == pairing


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            {"anna": [named("a"), named("a", file="g")], "ben": [named("a")]},
            "g:3: two documents of anna have the id 'a' (the two sides are paired by id)",
        ),
        (
            {"anna": [named("x#1", own=False)], "ben": [named("y#1", own=False), named("y#2", own=False, file="g")]},
            "g:3: 2 documents of ben, but 1 of anna; nothing there pairs with 'y#2' "
            "(without ids that annotators share they are paired by order)",
        ),
        (
            {"anna": [named("a")], "ben": [named("b")]},
            "no two annotators have a document in common "
            "(give them the same ids, or the same file names in a folder each)",
        ),
        ({"anna": [], "ben": []}, "no two annotators have a document in common"),
        (
            {"anna": [named("a")], "ben": [named("a", text="Bo met Roma", file="g")]},
            "g:3: the text of document 'a' is another one: 'Bo met Roma' at character 10, where f has 'Bo met Rome' "
            "(both sides must be of the same text, white space apart)",
        ),
    ],
)
def test_documents_that_do_not_fit(made: Annotators, message: str) -> None:
    with pytest.raises(DataError) as error:
        agree(made)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("made", [{}, {"anna": [named("a")]}])
def test_one_annotator_is_a_wrong_call(made: Annotators) -> None:
    with pytest.raises(UsageError, match="two annotators or more"):
        agree(made)


# Tokens


def test_tokens_are_those_of_the_first_annotator_who_has_any() -> None:
    text = "Bo's  dog"
    plain = Document(text, (Span(0, 2, "PER"),), id="a")
    fine = Document("Bo's dog", (Span(0, 2, "PER"),), Tokens.make([0, 2, 5], [2, 4, 8]), id="a")
    coarse = Document(text, (), Tokens.make([0, 6], [4, 9]), id="a")
    made = {"plain": [plain], "fine": [fine], "coarse": [coarse]}
    result = agree(made)
    assert (result.pairs[0].tokens, dict(result.token_sources)) == (3, {"of fine": 1})
    assert result.signature == "nerconv 0.1 | match exact | unit char | annotators 3 | docs 1 | tokens of fine"
    result = agree({name: made[name] for name in ("coarse", "fine")})
    assert (result.pairs[0].tokens, dict(result.token_sources)) == (2, {"of coarse": 1})
    # a tokenizer does not take the place of tokens that someone has
    assert dict(agree(made, tokenizer="en").token_sources) == {"of fine": 1}


def test_words_where_nobody_has_tokens() -> None:
    text = "Bo's e\u0301te\u0301 in \u6771\u4eac2020, \u0e44\u0e17!"
    documents = [Document(text, id="a"), Document("x", (), Tokens.make([0], [1]), id="b")]
    result = agree({"anna": documents, "ben": documents})
    starts, ends = (column.tolist() for column in result.corpus.tokens or ())
    words = [text[a:b] for a, b in zip(starts, ends, strict=True) if b <= len(text)]
    assert words == ["Bo", "'", "s", "e\u0301te\u0301", "in", "\u6771", "\u4eac", "2020", ",", "\u0e44", "\u0e17", "!"]
    assert dict(result.token_sources) == {"words": 1, "of anna": 1}
    assert "; tokens are words (1), of anna (1)\n" in agreement_as_text(result)
    result = agree({"anna": documents[:1], "ben": documents[:1]}, tokenizer="en")
    assert dict(result.token_sources) == {"of tokenizer en": 1}
    assert text[2:4] in [text[a:b] for a, b in zip(*(c.tolist() for c in result.corpus.tokens or ()), strict=True)]


@given(annotations(lacking=False))
def test_words_are_there_for_any_text(made: Annotators) -> None:
    bare = {name: [replace(d, tokens=None) for d in documents] for name, documents in made.items()}
    result = agree(bare)
    assert set(result.token_sources) == {"words"}
    assert result.means["f1"] == agree(made).means["f1"]


def test_labels_that_share_a_token_are_one_category() -> None:
    text, tokens = "New York Times", Tokens.make([0, 4, 9], [3, 8, 14])
    nested = Document(text, (Span(0, 14, "ORG"), Span(0, 8, "LOC"), Span(0, 14, "LOC")), tokens, id="a")
    other = Document(text, (Span(0, 8, "LOC"), Span(5, 14, "ORG")), tokens, id="a")
    found = agree({"anna": [nested], "ben": [other]}).categories
    assert [len(set(row)) for row in found.tolist()] == [1, 3]
    both = found[0, 0]
    assert found.tolist() == [[both] * 3, [1, both, 2]]
    assert both not in (0, 1, 2)


# Disagreements


def test_disagreements() -> None:
    text = "Bo met Ann Lee in New York and Rome"
    anna = Document(
        text,
        (Span(0, 2, "PER"), Span(7, 14, "PER"), Span(18, 26, "LOC"), Span(31, 35, "LOC")),
        id="a",
        source=Place("anna", 1),
    )
    ben = Document(
        "Bo  met Ann  Lee in New York and Rome",
        (Span(0, 2, "ORG"), Span(4, 7, "X"), Span(8, 11, "PER"), Span(20, 23, "ORG")),
        id="a",
        source=Place("ben", 9),
    )
    before = [Document("Bo", (Span(0, 2, "PER"),), id="0"), Document("", id="1")]
    result = agree({"anna": [*before, anna], "ben": [*before, ben]})
    [pair] = result.pairs
    assert pair.kinds() == {"label": 1, "boundary": 1, "both": 1, "only_a": 1, "only_b": 1}
    assert [(d.kind, d.a and d.a[:4], d.b and d.b[:4]) for d in pair.disagreements] == [
        ("label", (0, 2, "PER", "Bo"), (0, 2, "ORG", "Bo")),
        ("only_b", None, (3, 6, "X", "met")),
        ("boundary", (7, 14, "PER", "Ann Lee"), (7, 10, "PER", "Ann")),
        ("both", (18, 26, "LOC", "New York"), (18, 21, "ORG", "New")),
        ("only_a", (31, 35, "LOC", "Rome"), None),
    ]
    assert list(result.lines()) == [
        "anna:1: document 'a': label: anna PER 'Bo' at 0:2, ben ORG 'Bo' at 0:2, in 'Bo met Ann Lee in New York and R'",
        "ben:9: document 'a': only in ben: ben X 'met' at 3:6, in 'Bo met Ann Lee in New York and Rome'",
        "anna:1: document 'a': boundary: anna PER 'Ann Lee' at 7:14, ben PER 'Ann' at 7:10, "
        "in 'Bo met Ann Lee in New York and Rome'",
        "anna:1: document 'a': both: anna LOC 'New York' at 18:26, ben ORG 'New' at 18:21, "
        "in 'Bo met Ann Lee in New York and Rome'",
        "anna:1: document 'a': only in anna: anna LOC 'Rome' at 31:35, in 'o met Ann Lee in New York and Rome'",
    ]
    found = json.loads(json.dumps(result.as_dict()))["pairs"][0]["disagreements"]
    assert found[0] == {
        "document": "a",
        "kind": "label",
        "a": {"start": 0, "end": 2, "label": "PER", "text": "Bo", "place": "anna:1"},
        "b": {"start": 0, "end": 2, "label": "ORG", "text": "Bo", "place": "ben:9"},
        "context": "Bo met Ann Lee in New York and R",
    }


@given(annotations())
def test_each_entity_that_others_do_not_have_is_told_once(made: Annotators) -> None:
    for pair in agree(made).pairs:
        ours, theirs = common(made[pair.a], made[pair.b])
        for side, one, other in (("a", ours, theirs), ("b", theirs, ours)):
            told = [(d.document, *own[:3]) for d in pair.disagreements if (own := getattr(d, side))]
            alone = [(x.id, *span) for x, y in zip(one, other, strict=True) for span in {*x.spans} - {*y.spans}]
            assert sorted(told) == sorted(alone)  # type: ignore[type-var]


def test_an_agreement_is_shown_on_a_line() -> None:
    document = Document("Rome", (Span(0, 4, "LOC"),))
    found = agree({"anna": [document] * 50, "ben": [document] * 50})
    assert repr(found) == "<Agreement of anna, ben, 50 documents>"
    assert repr(found.pairs) == "[<Pair anna - ben: 50 documents>]"
