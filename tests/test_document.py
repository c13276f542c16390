from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import padded, spaced, spans_in
from strategies import documents

from converters import from_brackets
from converters.document import (
    LABEL_TODO,
    Document,
    Span,
    Tokens,
    TokenSpan,
    is_label,
    normalised,
    quoted,
    without_blanks,
)
from converters.errors import DataError, Place, Places, UsageError, shorten

TEXT = "Mr. Smith went to New York"
OUTSIDE = "outside the text of 26 characters (offsets are half-open and count characters)"
OUTER = "(leave the outer whitespace out of it)"
WRONG = "is empty, overlaps the token before it, or is outside the text"


def tokens(*ranges: tuple[int, int], sentences: list[int] | None = None) -> Tokens:
    return Tokens.make([a for a, _ in ranges], [b for _, b in ranges], sentences)


def test_spans_are_sorted_and_twins_are_one() -> None:
    spans = [Span(18, 26, "LOC"), Span(0, 9, "PER"), Span(4, 9, "PER"), Span(0, 9, "PER"), Span(0, 3, "X")]
    assert Document(TEXT, tuple(spans)).spans == ((0, 9, "PER"), (0, 3, "X"), (4, 9, "PER"), (18, 26, "LOC"))


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((3, 3, "X"), f"entity X at 3:3 is empty or {OUTSIDE}"),
        ((-1, 3, "X"), f"entity X at -1:3 is empty or {OUTSIDE}"),
        ((20, 27, "X"), f"entity X at 20:27 is empty or {OUTSIDE}"),
        ((0, 4, "X"), f"entity X at 0:4 begins or ends in whitespace: 'Mr. ' {OUTER}"),
        ((3, 9, "X"), f"entity X at 3:9 begins or ends in whitespace: ' Smith' {OUTER}"),
        ((0, 3, ""), f"'' is no label ({LABEL_TODO})"),
        ((0, 3, "A\nB"), f"'A\\nB' is no label ({LABEL_TODO})"),
    ],
)
def test_a_wrong_span_is_refused(span: tuple[int, int, str], message: str) -> None:
    with pytest.raises(DataError) as error:
        Document(TEXT, (Span(*span),), source=Place("a.txt", 3))
    assert str(error.value) == f"a.txt:3: {message}"


@pytest.mark.parametrize("text", ["", "\0", "a\x7f", "a\tb", "\u0085", "\u2028", "a\u2029b", "\ud800"])
def test_what_can_be_no_label(text: str) -> None:
    assert not is_label(text)


@pytest.mark.parametrize("text", ["a", "a b", "\u00a0", "Größe", "\u200b", "\U0001f600"])
def test_what_can_be_a_label(text: str) -> None:
    assert is_label(text)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (tokens((0, 3), (4, 9)), "no token covers 'went to New York' at 9:26"),
        (tokens((0, 3), (10, 26)), "no token covers 'Smith' at 3:10"),
        (tokens((0, 9), (3, 26)), f"token 3:26 {WRONG}"),
        (tokens((0, 0), (0, 26)), f"token 0:0 {WRONG}"),
        (tokens((0, 27)), f"token 0:27 {WRONG}"),
        (tokens((0, 4), (4, 26)), "token 'Mr. ' at 0:4 begins or ends in whitespace"),
        (tokens((0, 3), (3, 26)), "token ' Smith went to New York' at 3:26 begins or ends in whitespace"),
        (tokens((0, 3), (4, 26), sentences=[1]), "sentence starts do not ascend from token 0"),
        (tokens((0, 3), (4, 26), sentences=[0, 0]), "sentence starts do not ascend from token 0"),
        (tokens((0, 3), (4, 26), sentences=[0, 1, 2]), "a sentence starts at token 2 of 2"),
        (tokens((0, 3), (4, 26), sentences=[]), "sentence starts do not ascend from token 0"),
        (Tokens.make([0], [3, 26]), "1 token starts, but 2 token ends"),
        (Tokens.make([0], [26], None, {"pos": ["X", "Y"]}), "column 'pos' has 2 values for 1 tokens"),
    ],
)
def test_wrong_tokens_are_refused(made: Tokens, message: str) -> None:
    with pytest.raises(DataError) as error:
        Document(TEXT, (), made)
    assert str(error.value) == message


def test_texts_are_compared_with_single_spaces() -> None:
    assert normalised(" New\u00a0\n York ") == "New York"


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(DataError) as error:
        Document("ab\ud83d")
    what = "character 2 of the text is U+D83D, half of a surrogate pair"
    assert str(error.value) == f"{what} (it is no character and no file can hold it; mend the text)"


def test_tokens_are_made_from_pairs_and_say_what_they_are() -> None:
    made = tokens((0, 3), (4, 9), sentences=[0])
    assert Tokens.of([(0, 3), (4, 9)]) == tokens((0, 3), (4, 9)) != made
    assert repr(made) == "<2 tokens, sentences 1>"
    assert repr(Tokens.of([])) == "<0 tokens, sentences unknown>"
    assert Tokens.make([0], [1], None, {"pos": [None], "tag": ["X"]}).columns == {"tag": ("X",)}
    assert len({hash(tokens(*ranges)) for ranges in ([], [(0, 3)], [(0, 3), (4, 9)], [(0, 3), (5, 9)])}) == 4


def test_a_document_says_what_it_is() -> None:
    text = "Mr. Smith went to New York and on to Washington"
    document = Document(text, (Span(0, 9, "PER"),), Tokens.of([(0, 47)]))
    shown = f"{shorten(text, 40)!r}, 1 spans, <1 tokens, sentences unknown>>"
    assert repr(document) == f"<Document {shown}"
    assert repr(document.identified("a/b")) == f"<Document a/b: {shown}"
    assert repr(Document("a")) == "<Document 'a', 0 spans, None>"


def test_attributes_belong_to_a_span() -> None:
    span = Span(0, 3, "X")
    assert Document(TEXT, (span,), attributes={span: {"kb_id": "Q1"}}).attributes[span] == {"kb_id": "Q1"}
    assert Document(TEXT, (span,), attributes={span: {}}).attributes == {}
    with pytest.raises(DataError, match="that the document does not have"):
        Document(TEXT, (), attributes={span: {"kb_id": "Q1"}})


def test_id_source_and_meta_take_no_part_in_equality() -> None:
    one = Document(TEXT, id="a", source=Place("x"), meta={"k": 1})
    assert one == Document(TEXT, id="b")
    assert hash(one) == hash(Document(TEXT))
    assert one != Document(TEXT, (Span(0, 3, "X"),))
    assert one == Document(TEXT, has_own_id=False, places=Places.make("x", [0], [(1, 1)]))
    assert one.has_own_id


def test_what_is_known_besides_can_be_changed() -> None:
    span = Span(0, 3, "X")
    document = Document(TEXT, (span,), tokens((0, 3), (4, 26)), {span: {"kb_id": "Q1"}}, "a", meta={"k": 1})
    named = document.identified("b", is_own=False)
    assert (named.id, named.has_own_id, named.meta) == ("b", False, {"k": 1})
    assert document.identified("b", meta={}).has_own_id
    assert document.identified("b", meta={}).meta == {}
    less = document.reduced(None, {}, {"k": 2})
    assert (less.tokens, less.attributes, less.meta, less.spans) == (None, {}, {"k": 2}, document.spans)


def test_a_character_is_where_it_was_read_as_far_as_that_is_known() -> None:
    source = Place("a.txt", 2)
    assert Document("ab", source=source).place(1) == source
    known = Document("abc", source=source, places=Places.make("a.txt", [0, 2], [(1, 6), (2, 3)]))
    assert [known.place(at) for at in range(3)] == [Place("a.txt", 1, 6), Place("a.txt", 1, 7), Place("a.txt", 2, 3)]


def test_overlap_names_the_first_clash() -> None:
    nested = Document(TEXT, (Span(0, 9, "A"), Span(4, 9, "B"), Span(18, 26, "C")))
    assert nested.overlap() == (Span(0, 9, "A"), Span(4, 9, "B"))
    assert not nested.is_flat
    assert Document(TEXT, (Span(0, 3, "A"), Span(4, 9, "B"))).is_flat
    assert Document(TEXT, (Span(0, 1, "A"), Span(1, 3, "B"))).is_flat  # they touch
    late = Document(TEXT, (Span(0, 17, "A"), Span(0, 3, "B")))
    assert late.overlap() == (Span(0, 17, "A"), Span(0, 3, "B"))


def test_token_span_needs_both_edges() -> None:
    document = Document(TEXT, (), tokens((0, 3), (4, 9), (10, 14), (15, 17), (18, 21), (22, 26)))
    assert document.token_span(Span(4, 14, "X")) == TokenSpan(1, 3, "X")
    assert document.token_span(Span(0, 26, "X")) == TokenSpan(0, 6, "X")
    assert document.token_span(Span(4, 8, "X")) is None
    assert document.token_span(Span(5, 9, "X")) is None
    assert document.token_span(Span(22, 99, "X")) is None
    assert Document(TEXT).token_span(Span(0, 3, "X")) is None


def test_to_spacy_says_what_is_missing() -> None:
    import spacy

    vocab = spacy.blank("en").vocab
    whole, source = tokens((0, 26)), Place("a.txt")
    one, other = Span(0, 3, "X"), Span(0, 26, "Y")
    for document, kind, message in [
        (
            Document(TEXT),
            UsageError,
            "the document has no tokens, and a spaCy Doc is made of them (choose a tokenizer)",
        ),
        (
            Document(TEXT, (one,), whole, source=source),
            DataError,
            f"a.txt: entity {one} does not begin and end with a token",
        ),
        (
            Document(TEXT, (one, other), whole, source=source),
            DataError,
            f"a.txt: entities {other} and {one} overlap, and a Doc's entities cannot",
        ),
    ]:
        with pytest.raises(kind) as error:
            document.to_spacy(vocab)
        assert str(error.value) == message


def test_to_spacy_puts_attributes_on_the_tokens_of_their_entity_alone() -> None:
    import spacy

    one, other = Span(4, 9, "PER"), Span(18, 26, "LOC")
    parts = tokens((0, 3), (4, 9), (10, 14), (15, 17), (18, 21), (22, 26))
    columns = {"lemma": ["Mr.", None, "go", "to", "New", "York"]}
    made = Document(
        TEXT,
        (one, other),
        Tokens.make(parts.starts, parts.ends, None, columns),
        {one: {"id": "7"}, other: {"kb_id": "Q60"}},
    ).to_spacy(spacy.blank("en").vocab)
    assert [token.ent_id_ for token in made] == ["", "7", "", "", "", ""]
    assert [token.ent_kb_id_ for token in made] == ["", "", "", "", "Q60", "Q60"]
    assert [token.lemma_ for token in made] == ["Mr.", "", "go", "to", "New", "York"]


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


def test_after_an_entity_that_fits_no_token_the_next_is_found() -> None:
    text = " ".join("abcdefghij")
    letters = Tokens.of((at, at + 1) for at in range(0, 19, 2))
    spans = (Span(0, 1, "X"), Span(14, 15, "X"), Span(16, 17, "X"))
    whole = Tokens.of([*((at, at + 1) for at in range(0, 13, 2)), (14, 17), (18, 19)])
    assert Document(text, spans, letters).token_spans() == [(0, 1, "X"), (7, 8, "X"), (8, 9, "X")]
    more = (Span(0, 1, "X"), Span(15 + 1, 17, "X"), Span(18, 19, "X"))
    assert Document(text, more, whole).token_spans() == [(0, 1, "X"), None, (8, 9, "X")]


def test_without_tokens_there_are_no_words_or_sentences() -> None:
    assert Document(TEXT).words == []
    assert list(Document(TEXT).sentence_ranges()) == []
    assert Document("").spaced() == ([], [], [], [])
    assert list(Document(TEXT, (), tokens((0, 3), (4, 26))).sentence_ranges()) == [(0, 2)]
    assert list(Document(TEXT, (), tokens((0, 3), (4, 26), sentences=[0, 1])).sentence_ranges()) == [(0, 1), (1, 2)]
    assert pickle.loads(pickle.dumps(tokens((0, 3)))).sentences is None


def test_what_is_kept_of_the_last_document_is_used_for_no_other() -> None:
    made = from_brackets("[LOC Rome  ] of old , see [LOC Ostia  ] \n")
    assert (made.text, made.words) == ("Rome of old, see Ostia", ["Rome", "of", "old", ",", "see", "Ostia"])
    made.words.append("!")
    assert len(made.words) == 6
    assert made.token_spans() == [(0, 1, "LOC"), (5, 6, "LOC")]
    assert made.spaced() == spaced(made)
    [_, last] = made.spans
    assert replace(made, spans=(last,)).token_spans() == [(5, 6, "LOC")]
    other_tokens = Tokens.of([(0, 7), (8, 16), (17, 22)])
    assert made.reduced(other_tokens, {}, {}).token_spans() == [None, (2, 3, "LOC")]
    renamed = replace(made, text="Oslo of old, see Turin")
    retold = replace(made, tokens=Tokens.of([(0, 7), (8, 12), (13, 22)]))
    for other in (renamed, retold):
        assert other.words == [other.text[a:b] for a, b in zip(other.tokens.starts, other.tokens.ends, strict=True)]
        assert other.spaced() == spaced(other)
    assert retold.token_spans() == [None, None]


@given(
    st.text(st.sampled_from(" \n\u00a0ab"), max_size=4),
    st.lists(st.sampled_from(["a", " " * 7, "\n" * 9, " "])),
    st.data(),
)
def test_white_space_at_edges_is_left_out(begin: str, pieces: list[str], data: st.DataObject) -> None:
    text = begin + "".join(pieces) + "b"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = without_blanks(text, start, end)
    part = text[start:end]
    if part.strip():
        assert found == (start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip()))
    else:
        assert found[0] == found[1]


def test_of_a_very_long_mention_the_balance_tells_the_ends() -> None:
    assert quoted("ab  c", 1, 4) == "b  "
    assert quoted("-" + "a" * 1_000, 1, 1_001) == "a" * 1_000
    assert quoted("a" * 600 + "b" * 600, 0, 1_200) == "a" * 500 + "..." + "b" * 500
