"""Documents of two sides are paired, and texts that differ in white space are one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import Sides, respaced, sides

from converters.document import Document, Span, Tokens
from converters.errors import DataError, Place
from converters.evaluation import Score, evaluate, paired
from converters.evaluation.evaluation import Settings


def named(id: str | None, *, own: bool = True, text: str = "Rome", file: str = "f") -> Document:
    return Document(text, (), id=id, has_own_id=own, source=Place(file, 3))


def ids(documents: Sequence[Document]) -> list[str | None]:
    return [document.id for document in documents]


@given(st.permutations(["a", "b", "c", "d"]), st.permutations(["a", "b", "c", "d"]))
def test_documents_with_ids_of_their_own_pair_by_id(one: list[str], other: list[str]) -> None:
    found, how = paired([named(id) for id in one], [named(id) for id in other], "x")
    assert (ids(found), how) == (one, "id")


@pytest.mark.parametrize(
    ("gold", "predicted"),
    [
        ([named("a"), named("b")], [named("c"), named("d", own=False)]),
        ([named("a", own=False), named("b")], [named("c"), named("d")]),
        ([named("a", own=False), named("b", own=False)], [named("a", own=False), named("a", own=False)]),
        ([named("a"), named(None)], [named("b"), named("a")]),
        ([named(None), named(None)], [named(None), named(None)]),
        ([named("s#1", own=False), named("s#2", own=False)], [named("t#1", own=False), named("t#2", own=False)]),
    ],
)
def test_otherwise_they_pair_by_order(gold: list[Document], predicted: list[Document]) -> None:
    found, how = paired(gold, predicted, "x")
    assert how == "order"
    assert [a is b for a, b in zip(found, predicted, strict=True)] == [True, True]


def test_ids_that_are_names_of_files_pair_too_where_both_sides_have_some() -> None:
    gold = [named("a", own=False), named("b", own=False)]
    found, how = paired(gold, [named("b", own=False), named("a")], "x")
    assert (ids(found), how) == (["a", "b"], "id")
    with pytest.raises(DataError, match=r"'a' \(the two sides are paired by id, which files without"):
        paired(gold, [named("b", own=False), named("c", own=False)], "x")


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ("a b", "a", "gold:3: tagger has no prediction for document 'b'"),
        ("a", "a b", "tagger:3: there is no gold document 'b'"),
        ("a b", "a c", "gold:3: tagger has no prediction for document 'b'"),
    ],
)
def test_one_that_is_left_over_by_id_is_an_error(gold: str, predicted: str, message: str) -> None:
    truth, found = ([named(id, file=file) for id in of.split()] for of, file in ((gold, "gold"), (predicted, "tagger")))
    with pytest.raises(DataError, match="paired by id") as error:
        paired(truth, found, "tagger")
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(("gold", "predicted", "extra"), [(3, 2, "gold:3"), (1, 2, "tagger:3"), (0, 1, "tagger:3")])
def test_one_that_is_left_over_by_order_is_an_error(gold: int, predicted: int, extra: str) -> None:
    truth, found = (
        [named(f"{file}#{number}", own=False, file=file) for number in range(1, size + 1)]
        for file, size in (("gold", gold), ("tagger", predicted))
    )
    with pytest.raises(DataError, match="by order") as error:
        paired(truth, found, "tagger")
    assert str(error.value).startswith(f"{extra}: {gold} gold document{'s' * (gold != 1)}, but {predicted} of tagger")
    assert f"'{extra[:-2]}#{max(gold, predicted) if min(gold, predicted) else 1}'" in str(error.value)


def test_no_document_is_lost_where_two_have_one_id() -> None:
    """Files of a folder may use the same ids. Either order pairs them, or it is an error; none goes unscored."""
    right = Document("Rome", (Span(0, 4, "LOC"),), id="a")
    wrong = Document("Rome", (), id="a")
    with pytest.raises(DataError, match="'a'"):
        evaluate([right], [wrong, right])
    with pytest.raises(DataError, match="'a'"):
        evaluate([right], [right, wrong])
    try:
        told = str(evaluate([right, right], [wrong, right]).systems[0].micro)
    except DataError as error:
        told = str(error)
    assert told == str(Score(1, 0, 1)) or ("'a'" in told and "no prediction" not in told)  # there is one for each


def test_the_pairing_of_every_system_counts() -> None:
    gold = [named("a", text="One"), named("b", text="Two")]
    evaluation = evaluate(gold, {"by order": [named(None, text="One"), named(None, text="Two")], "by id": gold})
    assert evaluation.corpus.pairing == "order"  # not of all of them can it be said that ids paired them


@given(st.data(), sides(min_size=1))
def test_texts_that_differ_in_white_space_are_aligned(data: st.DataObject, made: Sides) -> None:
    gold, predicted = made
    predicted = [replace(document, tokens=None) for document in predicted]
    moved = [data.draw(respaced(document)) for document in predicted]
    train = {"a": 1}
    right, found = (evaluate(gold, side, settings=Settings(train=train)).as_dict() for side in (predicted, moved))
    assert found == right


@given(st.data(), sides(min_size=1))
def test_mentions_are_read_off_the_gold_text(data: st.DataObject, made: Sides) -> None:
    gold, predicted = made
    moved = [data.draw(respaced(document)) for document in predicted]
    corpus = evaluate(gold, moved).corpus
    assert corpus.by_document(corpus.systems[0]) == [[tuple(span) for span in d.spans] for d in predicted]
    assert corpus.by_document(corpus.gold) == [[tuple(span) for span in d.spans] for d in gold]


@pytest.mark.parametrize(
    ("gold", "predicted"),
    [
        ("New York", "NewYork"),
        ("New York", "New\u00a0York"),
        ("NewYork", " N e w\nYork\t"),
        ("\U0001f600 New\u2003York", "\U0001f600New York"),
        ("e\u0301 New York", "e\u0301  New   York"),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f466 New York", "\U0001f469\u200d\U0001f469\u200d\U0001f466New\nYork"),
    ],
)
def test_alignment_by_example(gold: str, predicted: str) -> None:
    def place(text: str) -> Document:
        start = text.index("N")
        return Document(text, (Span(start, text.index("k") + 1, "LOC"),))

    system = evaluate([place(gold)], [place(predicted)]).systems[0]
    assert system.micro == (1, 0, 0)


def test_white_space_alone_is_the_same_as_no_text() -> None:
    assert evaluate([Document(""), Document(" \n")], [Document("\u00a0"), Document("")]).systems[0].micro == (0, 0, 0)


@pytest.mark.parametrize(
    ("gold", "predicted", "parts"),
    [
        ("Anna met Bo", "Anna met Bob", ["character 11", "met Bo'", "met Bob'"]),
        ("Anna met Bob", "Anna met Bo", ["character 11"]),
        ("Anna met Bo", "Anna  met Ba", ["character 11", "met Ba", "met Bo"]),
        ("x" * 5000 + " end", "x" * 5000 + " End", ["character 5001", "End", "end"]),
        ("\u00e9", "e\u0301", ["character 0"]),
        ("\U0001f600 a", "\U0001f600 b", ["character 2", "b"]),
        ("a", "", ["character 0"]),
        ("", "a", ["character 0"]),
    ],
)
def test_texts_that_differ_in_more_are_an_error_that_shows_where(gold: str, predicted: str, parts: list[str]) -> None:
    with pytest.raises(DataError) as error:
        evaluate([named("g", text=gold, file="gold")], [named("g", text=predicted, file="tagger")])
    told = str(error.value)
    assert told.startswith("tagger:3: ")
    assert "document 'g'" in told
    assert "white space apart" in told
    assert len(told) < 400
    assert [part for part in parts if part not in told] == []


@given(sides(min_size=2), st.data())
def test_the_order_of_documents_with_ids_does_not_matter(made: Sides, data: st.DataObject) -> None:
    gold, predicted = made
    order = data.draw(st.permutations(range(len(gold))))
    one = evaluate(gold, predicted).systems[0].as_dict()
    assert evaluate(gold, [predicted[number] for number in order]).systems[0].as_dict() == one
    other = evaluate([gold[number] for number in order], predicted).systems[0].as_dict()
    for score in ("exact", "semeval", "boundary", "token", "by", "confusion"):
        assert other[score] == one[score]


def test_touching_documents_do_not_touch() -> None:
    gold = [Document("ab", (Span(0, 2, "A"),)), Document(""), Document("cd", (Span(0, 2, "A"),))]
    predicted = [Document("ab", (Span(1, 2, "A"),)), Document(""), Document("cd")]
    system = evaluate(gold, predicted).systems[0]
    assert [(error.document, error.kind) for error in system.errors] == [(0, "boundary"), (2, "missed")]
    assert system.semeval["partial"] == (0, 0, 1, 1, 0)


def test_the_report_of_conlleval_takes_the_same_tokens_in_other_spacing() -> None:
    gold = Document("New York is", (Span(0, 8, "LOC"),), Tokens.make([0, 4, 9], [3, 8, 11]))
    spaced = Document("New\nYork  is", (Span(0, 8, "LOC"),), Tokens.make([0, 4, 10], [3, 8, 12]))
    assert "accuracy: 100.00%" in evaluate([gold], [spaced]).conlleval()
    others = Document("New York is", (Span(0, 8, "LOC"),), Tokens.make([0, 9], [8, 11]))
    with pytest.raises(DataError, match="the same tokens"):
        evaluate([gold], [others]).conlleval()
    with pytest.raises(DataError, match="the same tokens"):
        evaluate([gold], [replace(gold, tokens=None)]).conlleval()


def test_the_report_of_conlleval_refuses_entities_that_tags_cannot_hold() -> None:
    tokens = Tokens.make([0, 4, 9], [3, 8, 11])
    gold = Document("New York is", (Span(0, 8, "LOC"),), tokens)
    for spans in ([Span(1, 3, "LOC")], [Span(0, 8, "LOC"), Span(4, 8, "LOC")]):
        with pytest.raises(DataError):
            evaluate([gold], [replace(gold, spans=tuple(spans))]).conlleval()
