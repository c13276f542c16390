from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import padded, spaced, spans_in
from strategies import documents

from converters.document import Document, Span, Tokens, TokenSpan
from converters.errors import DataError, Place, UsageError

TEXT = "Mr. Smith went to New York"


def tokens(*ranges: tuple[int, int], sentences: list[int] | None = None) -> Tokens:
    return Tokens.make([a for a, _ in ranges], [b for _, b in ranges], sentences)


def test_spans_are_sorted_and_twins_are_one() -> None:
    spans = [Span(18, 26, "LOC"), Span(0, 9, "PER"), Span(4, 9, "PER"), Span(0, 9, "PER"), Span(0, 3, "X")]
    assert Document(TEXT, tuple(spans)).spans == ((0, 9, "PER"), (0, 3, "X"), (4, 9, "PER"), (18, 26, "LOC"))


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((3, 3, "X"), "entity X at 3:3 is empty or outside the text of 26 characters"),
        ((-1, 3, "X"), "entity X at -1:3 is empty or outside"),
        ((20, 27, "X"), "outside the text of 26 characters"),
        ((0, 4, "X"), "begins or ends in whitespace: 'Mr. '"),
        ((3, 9, "X"), "begins or ends in whitespace: ' Smith'"),
        ((0, 3, ""), "'' is no label"),
        ((0, 3, "A\nB"), "'A\\nB' is no label"),
    ],
)
def test_a_wrong_span_is_refused(span: tuple[int, int, str], message: str) -> None:
    with pytest.raises(DataError) as error:
        Document(TEXT, (Span(*span),), source=Place("a.txt", 3))
    assert message in str(error.value)
    assert str(error.value).startswith("a.txt:3: ")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (tokens((0, 3), (4, 9)), "no token covers 'went to New York'"),
        (tokens((0, 3), (10, 26)), "no token covers 'Smith'"),
        (tokens((0, 9), (3, 26)), "overlaps the token before it"),
        (tokens((0, 4), (4, 26)), "begins or ends in whitespace"),
        (tokens((0, 3), (4, 26), sentences=[1]), "sentence starts do not ascend from token 0"),
        (tokens((0, 3), (4, 26), sentences=[0, 0]), "sentence starts do not ascend"),
        (tokens((0, 3), (4, 26), sentences=[0, 2]), "a sentence starts at token 2 of 2"),
        (tokens((0, 3), (4, 26), sentences=[]), "sentence starts do not ascend"),
        (Tokens.make([0], [3, 26]), "1 token starts, but 2 token ends"),
        (Tokens.make([0], [26], None, {"pos": ["X", "Y"]}), "column 'pos' has 2 values for 1 tokens"),
    ],
)
def test_wrong_tokens_are_refused(made: Tokens, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Document(TEXT, (), made)


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(DataError, match=r"character 2 of the text is U\+D83D"):
        Document("ab\ud83d")


def test_attributes_belong_to_a_span() -> None:
    span = Span(0, 3, "X")
    assert Document(TEXT, (span,), attributes={span: {"kb_id": "Q1"}}).attributes[span] == {"kb_id": "Q1"}
    with pytest.raises(DataError, match="that the document does not have"):
        Document(TEXT, (), attributes={span: {"kb_id": "Q1"}})


def test_id_source_and_meta_take_no_part_in_equality() -> None:
    one = Document(TEXT, id="a", source=Place("x"), meta={"k": 1})
    assert one == Document(TEXT, id="b")
    assert hash(one) == hash(Document(TEXT))
    assert one != Document(TEXT, (Span(0, 3, "X"),))


def test_overlap_names_the_first_clash() -> None:
    nested = Document(TEXT, (Span(0, 9, "A"), Span(4, 9, "B"), Span(18, 26, "C")))
    assert nested.overlap() == (Span(0, 9, "A"), Span(4, 9, "B"))
    assert not nested.is_flat
    assert Document(TEXT, (Span(0, 3, "A"), Span(4, 9, "B"))).is_flat
    late = Document(TEXT, (Span(0, 17, "A"), Span(0, 3, "B")))
    assert late.overlap() == (Span(0, 17, "A"), Span(0, 3, "B"))


def test_token_span_needs_both_edges() -> None:
    document = Document(TEXT, (), tokens((0, 3), (4, 9), (10, 14), (15, 17), (18, 21), (22, 26)))
    assert document.token_span(Span(4, 14, "X")) == TokenSpan(1, 3, "X")
    assert document.token_span(Span(0, 26, "X")) == TokenSpan(0, 6, "X")
    assert document.token_span(Span(4, 8, "X")) is None
    assert document.token_span(Span(5, 9, "X")) is None
    assert Document(TEXT).token_span(Span(0, 3, "X")) is None


def test_to_spacy_says_what_is_missing() -> None:
    import spacy

    vocab = spacy.blank("en").vocab
    with pytest.raises(UsageError, match="has no tokens"):
        Document(TEXT).to_spacy(vocab)
    whole = tokens((0, 26))
    with pytest.raises(DataError, match="does not begin and end with a token"):
        Document(TEXT, (Span(0, 3, "X"),), whole).to_spacy(vocab)
    with pytest.raises(DataError, match="overlap"):
        Document(TEXT, (Span(0, 3, "X"), Span(0, 26, "Y")), whole).to_spacy(vocab)


@given(documents())
def test_spaced_tokens_spell_out_the_text(document: Document) -> None:
    words, starts, spaces, numbers = document.spaced()
    assert "".join(word + " " * space for word, space in zip(words, spaces, strict=True)) == document.text
    assert [document.text[s : s + len(w)] for s, w in zip(starts, words, strict=True)] == words
    assert [words[number] for number in numbers] == document.words
    assert all(words[k].isspace() for k in range(len(words)) if k not in numbers)


@given(st.text("ab \n\t\u00a0", max_size=12))
def test_whitespace_tokens_are_those_of_spacys_tokenizer(text: str) -> None:
    import spacy

    doc = spacy.blank("xx").tokenizer(text)
    proper = [token for token in doc if not token.is_space]
    starts = [token.idx for token in proper]
    made = Document(text, (), Tokens.make(starts, [t.idx + len(t) for t in proper]))
    assert made.spaced().words == [token.text for token in doc]
    assert made.spaced().spaces == [bool(token.whitespace_) for token in doc]


@given(documents())
def test_a_document_survives_pickling_and_copying(document: Document) -> None:
    assert pickle.loads(pickle.dumps(document)) == document
    assert copy.deepcopy(document) == document


@given(documents().flatmap(padded))
def test_spaced_tokens_are_those_made_one_at_a_time(document: Document) -> None:
    assert document.spaced() == spaced(document)


@given(st.data(), documents(min_size=1))
def test_all_entities_are_placed_as_each_is(data: st.DataObject, document: Document) -> None:
    spans = data.draw(spans_in(document.text, document.spans))
    document = Document(document.text, spans, document.tokens)
    assert document.token_spans() == [document.token_span(span) for span in document.spans]


def test_without_tokens_no_entity_has_a_place() -> None:
    assert Document(TEXT, (Span(0, 3, "X"), Span(4, 9, "PER"))).token_spans() == [None, None]
