"""Tags in columns read as tags in lists do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.document import TokenSpan
from converters.errors import DataError, NerconvError, UsageError
from converters.evaluation import evaluate_tags
from converters.evaluation.tags import TagReading
from converters.schemes import SCHEMES, Scheme, TagError, decode, detect, encode, mend

Found = list[tuple[int, int, str]]
Sentences = list[list[str]]
SCHEME = st.sampled_from(list(SCHEMES.values()))


def tags_of(letters: str, labels: str = "XY") -> st.SearchStrategy[str]:
    made = [f"{letter}-{label}" for letter in letters for label in [*labels, "X-Y"]]
    return st.sampled_from(["O", "O", *made])


@st.composite
def sentences(draw: st.DrawFn, scheme: Scheme) -> Sentences:
    """Sentences of tags: valid ones, any of the scheme's letters, any letters; and perhaps of very many labels."""
    letters = "".join(sorted({scheme.first, scheme.inner, scheme.last, scheme.only}))
    found: Sentences = []
    for how in draw(st.lists(st.sampled_from(["valid", "valid", "scheme", "any"]), max_size=5)):
        if how == "valid":
            found.append(encode(draw(token_spans()), 12, scheme))
        else:
            found.append(draw(st.lists(tags_of(letters if how == "scheme" else "BIESLU"), max_size=8)))
    if draw(st.booleans()):
        only = scheme.inner if scheme.marked == "adjacent" else scheme.only
        found[:0] = [["O", f"{only}-{number}"] for number in range(300)]
    return found


@st.composite
def token_spans(draw: st.DrawFn) -> list[TokenSpan]:
    found, at = [], draw(st.integers(0, 2))
    while at < 9:
        size = draw(st.integers(1, 3))
        found.append(TokenSpan(at, at + size, draw(st.sampled_from("XY"))))
        at += size + draw(st.integers(0, 4))
    return found


def found(tags: Sentences, scheme: str | None, reading: TagReading = "strict") -> list[Found]:
    """What is read of each sentence, on either side."""
    corpus = evaluate_tags(tags, tags, scheme=scheme, tags=reading).corpus
    gold, predicted = corpus.by_document(corpus.gold), corpus.by_document(corpus.systems[0])
    assert gold == predicted
    return gold


def expected(tags: Sentences, scheme: Scheme) -> list[Found] | str:
    """What `decode` reads, or the error with its sentence."""
    spans: list[Found] = []
    for number, sentence in enumerate(tags, 1):
        try:
            spans.append([(first, stop, label) for first, stop, label in decode(sentence, scheme)])
        except TagError as error:
            return f"gold sentence {number}, token {error.number + 1}: {error}"
    return spans


def same(tags: Sentences, mended: Sentences, scheme: Scheme, reading: TagReading) -> None:
    right = expected(mended, scheme)
    if isinstance(right, str):
        with pytest.raises(TagError) as error:
            found(tags, scheme.name, reading)
        assert str(error.value) == right
    else:
        assert found(tags, scheme.name, reading) == right


@given(st.data(), SCHEME)
def test_strict_reading_is_that_of_decode(data: st.DataObject, scheme: Scheme) -> None:
    tags = data.draw(sentences(scheme))
    same(tags, tags, scheme, "strict")


@given(st.data(), SCHEME)
def test_conlleval_reading_is_that_of_mended_tags(data: st.DataObject, scheme: Scheme) -> None:
    tags = data.draw(sentences(scheme))
    same(tags, [mend(sentence, scheme, "conlleval") for sentence in tags], scheme, "conlleval")


@given(st.data(), st.sampled_from([SCHEMES[name] for name in ("BIO", "IOB1", "IO")]))
def test_discard_reading_is_that_of_mended_tags(data: st.DataObject, scheme: Scheme) -> None:
    tags = data.draw(sentences(scheme))
    same(tags, [mend(sentence, scheme, "discard") for sentence in tags], scheme, "discard")


def whole(tags: list[str], scheme: Scheme) -> Found:
    """The entities of BIOES or BILOU tags that are complete, as seqeval's strict mode finds them."""
    spans: Found = []
    first, opened = 0, ""
    for number, tag in enumerate(tags):
        letter, _, label = tag.partition("-")
        if letter == scheme.first:
            first, opened = number, label
        elif letter == scheme.last and label == opened:
            spans.append((first, number + 1, label))
            opened = ""
        elif letter == scheme.only:
            spans.append((number, number + 1, label))
            opened = ""
        elif letter != scheme.inner or label != opened:
            opened = ""
    return spans


@given(st.data(), st.sampled_from([SCHEMES["BIOES"], SCHEMES["BILOU"]]))
def test_discard_reading_takes_whole_entities_alone(data: st.DataObject, scheme: Scheme) -> None:
    letters = "".join([scheme.first, scheme.inner, scheme.last, scheme.only])
    tags = data.draw(st.lists(st.lists(tags_of(letters), max_size=10), max_size=5))
    assert found(tags, scheme.name, "discard") == [whole(sentence, scheme) for sentence in tags]


def chunks(tags: list[str]) -> Found:
    """The chunks that the conlleval script and seqeval's default find, L and U being what E and S are."""
    spans: Found = []
    first, label, before = 0, "", "O"
    for number, tag in enumerate([*tags, "O"]):
        letter, _, name = tag.partition("-")
        letter = {"L": "E", "U": "S"}.get(letter, letter)
        cut = letter in "OBS" or before in "ES" or name != label
        if label and cut:
            spans.append((first, number, label))
            label = ""
        if letter != "O" and cut:
            first, label = number, name
        before = letter
    return spans


@given(st.lists(st.lists(tags_of("BIESLU"), max_size=10), max_size=5), SCHEME)
def test_lenient_reading_is_that_of_seqeval_whatever_the_scheme(tags: Sentences, scheme: Scheme) -> None:
    assert found(tags, scheme.name, "lenient") == [chunks(sentence) for sentence in tags]


@given(st.data(), SCHEME)
def test_the_scheme_is_found_out_from_the_gold_tags(data: st.DataObject, scheme: Scheme) -> None:
    tags = [sentence for sentence in data.draw(sentences(scheme)) if not isinstance(expected([sentence], scheme), str)]
    shown = detect([tag for sentence in tags for tag in [*sentence, "O"]])
    assert found(tags, None) == expected(tags, shown)


@pytest.mark.parametrize("reading", ["strict", "conlleval", "discard", "lenient"])
@pytest.mark.parametrize("tags", [[], [[]], [[], ["O"], []]])
def test_no_tags_are_read_as_no_entities(tags: Sentences, reading: TagReading) -> None:
    for scheme in (None, *SCHEMES):
        assert found(tags, scheme, reading) == [[] for _ in tags]


def test_as_many_tags_as_entity_linking_has() -> None:
    tags = [[f"I-{number}", f"B-{number}"] for number in range(30_000)]
    assert found(tags, None) == [[(0, 1, str(number)), (1, 2, str(number))] for number in range(30_000)]


@pytest.mark.parametrize("tag", ["B-", "B", "O-X", "O-", "", "o", "X-Y", "-X", "B_X"])
@pytest.mark.parametrize("reading", ["strict", "conlleval", "discard"])
def test_what_is_no_tag_is_an_error_that_says_where(tag: str, reading: TagReading) -> None:
    with pytest.raises(DataError, match="sentence 3, token 2") as error:
        found([["O"], [], ["O", tag]], "BIO", reading)
    assert repr(tag) in str(error.value)


def test_an_error_in_the_predictions_says_so() -> None:
    with pytest.raises(TagError, match="sentence 2, token 2") as error:
        evaluate_tags([["O"], ["O", "O"]], [["O"], ["O", "I-X"]], scheme="BIO")
    assert "predicted" in str(error.value)
    with pytest.raises(TagError, match="sentence 2, token 2") as error:
        evaluate_tags([["O"], ["O", "I-X"]], [["O"], ["O", "O"]], scheme="BIO")
    assert "gold" in str(error.value)


def test_sides_of_other_lengths_are_an_error() -> None:
    with pytest.raises(UsageError, match="the same sentences"):
        evaluate_tags([["O"], ["O"]], [["O"], []])
    with pytest.raises(UsageError, match="the same sentences"):
        evaluate_tags([["O"], ["O"]], [["O"]])


def test_unknown_names_are_errors_that_list_the_known() -> None:
    with pytest.raises(UsageError, match="BIO, IOB1, IO, BIOES, BILOU"):
        evaluate_tags([["O"]], [["O"]], scheme="BIEO")
    with pytest.raises(NerconvError, match="lenient"):
        evaluate_tags([["O"]], [["O"]], tags="lenint")  # type: ignore[arg-type]


def test_tags_are_scored() -> None:
    gold = ["B-X I-X O B-Y".split(), "O B-X".split()]
    predicted = ["B-X I-X O B-X".split(), "B-X I-X".split()]
    evaluation = evaluate_tags(gold, predicted)
    [system] = evaluation.systems
    assert evaluation.signature == "nerconv 0.1 | match exact | unit token | tags strict | docs 2 | undefined omit"
    assert (system.micro, system.boundary, system.token) == ((1, 2, 2), (2, 1, 1), (3, 2, 1))
    assert system.by_document.tolist() == [[1, 1, 1], [0, 1, 1]]
    assert system.kinds() == {"missed": 0, "spurious": 0, "label": 1, "boundary": 1, "both": 0}
    assert [(error.document, error.kind, error.gold, error.predicted) for error in system.errors] == [
        (0, "label", (3, 4, "Y"), (3, 4, "X")),
        (1, "boundary", (1, 2, "X"), (0, 2, "X")),
    ]


@pytest.mark.parametrize("tag", ["O-", "O-X", "B-", "B", "", "X-A"])
def test_what_is_no_tag_is_refused_with_its_place(tag: str) -> None:
    for reading in ("strict", "lenient"):
        with pytest.raises(DataError) as error:
            evaluate_tags([["O"], ["B-A", "O"]], [["O"], ["B-A", tag]], tags=reading)  # type: ignore[arg-type]
        todo = "a tag is O, or a letter, a dash and a label, as B-PER"
        assert str(error.value) == f"predicted sentence 2, token 2: tag {tag!r} is no tag ({todo})"


def test_lists_of_tags_have_lengths_but_no_texts() -> None:
    evaluation = evaluate_tags([["B-A", "I-A", "O", "B-A"]], [["B-A", "O", "O", "B-B"]])
    system = evaluation.systems[0]
    assert system.name == "predicted"
    by_length = system.as_dict()["by"]["length"]
    assert {length: (score["fp"], score["fn"]) for length, score in by_length.items()} == {"1": (2, 1), "2": (0, 1)}
    assert [error.context for error in system.errors] == ["", ""]
    assert "unit token | tags strict" in evaluation.signature


def test_a_label_of_no_entity_is_not_scored() -> None:
    evaluation = evaluate_tags([["O", "I-X", "B-A"]], [["O", "O", "B-A"]], scheme="BIO", tags="discard")
    assert list(evaluation.systems[0].labels) == ["A"]
    assert "unit token | tags discard" in evaluation.signature


def test_mistakes_in_a_call_tell_what_there_is() -> None:
    tags = [["O"]]
    for call, message in [
        (lambda: evaluate_tags(tags, []), "the two sides are not of the same sentences (a sentence has as many tags "),
        (lambda: evaluate_tags(tags, tags, scheme="X"), "unknown scheme 'X' (there are BIO, IOB1, IO, BIOES, BILOU)"),
        (
            lambda: evaluate_tags(tags, tags, tags="x"),  # type: ignore[arg-type]
            "unknown reading of tags 'x' (there are strict, conlleval, discard, lenient)",
        ),
    ]:
        with pytest.raises(UsageError) as error:
            call()
        assert str(error.value).startswith(message)
