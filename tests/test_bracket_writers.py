"""Documents of any origin as bracketed markup: what is written reads back, or is refused or reported."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, WriteOptions
from converters.balance import Count
from converters.formats import named
from converters.holding import hold
from converters.markup import INLINE, detect
from converters.source import Source

NAMES = ["brackets", "brackets-line", "brackets-inline"]


def written(document: Document, name: str, report: Report | None = None) -> str:
    maker = named(name).writer
    assert maker is not None
    report = report or Report()
    report.written[name] = Count()
    file = BytesIO()
    writer = maker(file, WriteOptions(), report)
    writer.write(hold(document, named(name).holds, name, report))
    writer.close()
    return file.getvalue().decode()


def parsed(text: str, name: str, labels: tuple[str, ...]) -> Document:
    reader = named(name).reader
    assert reader is not None
    [document] = reader(BytesIO(text.encode()), Source("x", "x", "x"), ReadOptions(labels=labels), Report())
    return document


DOCUMENT = Document(
    "Rome's (big) <b> &amp;.\n\nNew York fell.",
    (Span(0, 4, "LOC"), Span(25, 33, "LOC")),
    Tokens.make([0, 4, 7, 8, 11, 13, 17, 22, 25, 29, 34, 38], [4, 6, 8, 11, 12, 16, 22, 23, 28, 33, 38, 39], [0, 8]),
)


def test_what_they_look_like() -> None:
    assert written(DOCUMENT, "brackets") == (
        "[LOC Rome  ] 's ( big ) &lt;b> &amp;amp; . \n\n[LOC New York  ] fell . \n"
    )
    assert written(DOCUMENT, "brackets-line") == "[LOC Rome] 's ( big ) &lt;b> &amp;amp; .\n\n[LOC New York] fell .\n"
    assert written(DOCUMENT, "brackets-inline") == ("[LOC Rome ] 's (big) &lt;b> &amp;amp;.\n\n[LOC New York ]  fell.")


@pytest.mark.parametrize("name", NAMES)
def test_they_read_back(name: str) -> None:
    back = parsed(written(DOCUMENT, name), name, ("LOC",))
    assert (back.text, back.spans) == (DOCUMENT.text, DOCUMENT.spans)


@given(documents(), st.sampled_from(NAMES))
def test_any_document_reads_back_or_is_refused(document: Document, name: str) -> None:
    report = Report()
    try:
        text = written(document, name, report)
    except DataError:
        words, labels = document.words, {span.label for span in document.spans}
        assert any(set("[]<&") & set(word) for word in words) or labels & {"Größe"}
        return
    labels = tuple({span.label for span in document.spans} | {"LOC"})
    back = parsed(text, name, labels)
    plain = ["".join(document.text[a:b].split()) for a, b, _ in document.spans]
    assert ["".join(back.text[a:b].split()) for a, b, _ in back.spans] == plain
    assert [span.label for span in back.spans] == [span.label for span in document.spans]
    assert "".join(back.text.split()) == "".join(document.text.split())
    looks_untokenized = detect(text, ReadOptions(labels=labels)) is INLINE  # a text of one word, as "0)", may do so
    if not looks_untokenized and not report.lost:
        assert back.words == document.words


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (Document("a", (Span(0, 1, "a b"),), Tokens.make([0], [1])), "brackets cannot hold the label 'a b'"),
        (Document("[LOC a", (), Tokens.make([0, 5], [4, 6])), "cannot hold this document: unclosed bracket"),
        (Document("[LOC Rome ]", (), Tokens.make([0, 5, 10], [4, 9, 11])), "so that it reads back"),  # in another form
        (Document("a b", (Span(0, 3, "X"), Span(0, 1, "Y")), Tokens.make([0, 2], [1, 3])), "overlap"),
    ],
)
def test_what_brackets_cannot_hold(document: Document, message: str) -> None:
    with pytest.raises(DataError, match=message):
        written(document, "brackets")


def test_a_document_without_tokens_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="brackets needs tokens"):
        written(Document("a"), "brackets")


@pytest.mark.parametrize("name", NAMES)
def test_words_that_read_as_escapes_are_told(name: str) -> None:
    words = ["-LRB-", "it", "is", "`", "1\\/2"]
    text, tokens = " ".join(words), Tokens.of((m.start(), m.end()) for m in re.finditer(r"\S+", " ".join(words)))
    report = Report()
    markup = written(Document(text, (), tokens), name, report)
    assert "-LRB- it is ` 1\\/2" in markup
    [told] = [loss for loss in report.lost if "Penn Treebank" in loss.reason]
    assert (told.kind, told.text) == ("field", "-LRB-, `, 1\\/2")
    assert "".join(parsed(markup, name, ()).text.split()) == "(itis'1/2"
    report = Report()
    written(Document("it is `", (), Tokens.make([0, 3, 6], [2, 5, 7])), name, report)
    assert not report.lost  # where no word shows that the text is the Treebank's, they are left as they are


def test_words_that_are_divided_and_fields_that_are_left_are_told() -> None:
    report = Report()
    document = Document("a b¶c", (), Tokens.make([0], [5], None, {"pos": ["N"]}), meta={"page": 1})
    written(document, "brackets", report)
    assert [(loss.kind, loss.reason) for loss in report.lost] == [
        ("field", "brackets: it holds no columns of tokens"),
        ("field", "brackets: it holds no metadata"),
        ("field", "brackets: words with white space or a paragraph mark in them are divided"),
    ]
