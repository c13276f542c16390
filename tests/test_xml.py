from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, documents

from converters import DataError, Document, ReadOptions, Report, Span, read, write
from converters.balance import Count, Loss, Repair
from converters.formats import named
from converters.holding import hold
from converters.options import WriteOptions
from converters.source import Source


def parse(text: str, format: str = "xml", report: Report | None = None) -> Document:
    reader = named(format).reader
    assert reader is not None
    source = Source("a.xml", "a", "a.xml")
    [document] = reader(BytesIO(text.encode()), source, ReadOptions(), report or Report())
    return document


def written(document: Document, format: str = "xml", report: Report | None = None) -> str:
    report = report or Report()
    report.written[format] = Count()
    make = named(format).writer
    assert make is not None
    file = BytesIO()
    writer = make(file, WriteOptions(), report)
    writer.write(hold(document, named(format).holds, format, report))
    writer.close()
    return file.getvalue().decode()


def marked(document: Document) -> list[tuple[str, str]]:
    return [(document.text[span.start : span.end], span.label) for span in document.spans]


def test_elements_are_entities() -> None:
    document = parse("<PER>John</PER> lives in <LOC>Rome</LOC>.\n")
    assert document.text == "John lives in Rome.\n"
    assert document.spans == ((0, 4, "PER"), (14, 18, "LOC"))
    assert document.tokens is None
    assert (document.id, document.meta, str(document.source)) == ("a", {"source": "a.xml"}, "a.xml")
    assert written(document) == "<PER>John</PER> lives in <LOC>Rome</LOC>.\n"


def test_elements_nest_and_bear_attributes() -> None:
    text = """<ORG kb_id='Q1' note = "a &quot;b&quot; &lt;&#10;" x=y>Bank of <LOC>England</LOC></ORG>"""
    document = parse(text)
    assert document.spans == ((0, 15, "ORG"), (8, 15, "LOC"))
    assert document.attributes == {Span(0, 15, "ORG"): {"kb_id": "Q1", "note": 'a "b" <\n', "x": "y"}}
    out = written(document)
    assert out == '<ORG kb_id="Q1" note="a &quot;b&quot; &lt;&#10;" x="y">Bank of <LOC>England</LOC></ORG>'
    assert parse(out) == document
    assert ElementTree.fromstring(out).attrib["note"] == 'a "b" <\n'


def test_references_are_decoded_and_the_rest_is_as_it_is() -> None:
    text = "a &lt;&gt;&amp;&quot;&apos; &#233;&#xE9;&#x1F600; AT&T &nbsp; &amp;lt; 3 < 5 <3\r\n\t"
    document = parse(text)
    assert document.text == "a <>&\"' éé😀 AT&T &nbsp; &lt; 3 < 5 <3\r\n\t"
    assert parse(written(document)) == document


@pytest.mark.parametrize(
    ("text", "expected", "spans"),
    [
        ("<doc>a <X>b</X></doc>", "a b", [("b", "X")]),
        ('<?xml version="1.0"?>\n<!DOCTYPE text>\n\n<text>\n<X>b</X>\n</text>\n', "\nb\n", [("b", "X")]),
        ("<ROOT></ROOT>", "", []),
        ("<?xml version='1.0'?>\na\n", "a\n", []),
        ("<doc><doc>a</doc></doc>", "a", [("a", "doc")]),
        ("<doc>a</doc> b", "a b", [("a", "doc")]),
        ("b <doc>a</doc>", "b a", [("a", "doc")]),
        ("<doc>a</doc><doc>b</doc>", "ab", [("a", "doc"), ("b", "doc")]),
        ("<X>a</X><doc>b</doc>", "ab", [("a", "X"), ("b", "doc")]),
        ("<X>a</X>", "a", [("a", "X")]),
        ("a<!-- <X> -->b<?php x ?>c", "abc", []),
        ("<![CDATA[<a> & &lt;]]>b", "<a> & &lt;b", []),
        ("", "", []),
    ],
)
def test_a_root_and_what_is_no_text_are_dropped(text: str, expected: str, spans: list[tuple[str, str]]) -> None:
    document = parse(text)
    assert document.text == expected
    assert marked(document) == spans
    assert parse(written(document)) == document


def test_what_is_dropped_is_told() -> None:
    report = Report()
    parse("<doc id='7'><!-- a --><!-- b --><X>a</X></doc>", report=report)
    assert report.repairs == [Repair("drop markup", "a.xml", "<doc> 1, comments 2")]
    assert report.lost == [Loss("field", "a.xml", "doc id", "attributes of tags that are no entities")]


def test_repairs_are_told() -> None:
    report = Report()
    document = parse("\n<X a='1'><X a='2' b='3'> a </X></X>", report=report)
    assert document.text == "\n a "
    assert document.attributes == {Span(2, 3, "X"): {"a": "1", "b": "3"}}
    assert report.repairs == [
        Repair("trim white space", "a.xml:2:1", " a "),
        Repair("trim white space", "a.xml:2:10", " a "),
        Repair("merge twins", "a.xml:2:10", "a"),
    ]
    assert report.lost == [Loss("field", "a.xml:2:10", "a", "the same entity has others already")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n b <X>c", "2:4: <X> is never closed (write </X> where it ends, or &lt; where it is no tag)"),
        ("a </X>", "1:3: </X> closes nothing (write <X> where it begins, or take it out)"),
        (
            "<X>a <Y>b</X> c</Y>",
            "1:10: </X> crosses <Y> at a.xml:1:6 (tags may nest but not cross: close the inner one first)",
        ),
        ("a <X></X>", "1:3: <X> holds nothing but white space (take its tags out)"),
        ("a <X> \n</X>", "1:3: <X> holds nothing but white space (take its tags out)"),
        ("<X/>", "1:1: <X/> holds nothing (take it out, or put its entity between two tags)"),
        (
            "mail <john@x.org>",
            "1:6: this < begins no tag: '<john@x.org>'"
            " (write &lt; for a < that belongs to the text, and mend the tag if it is one)",
        ),
        (
            '<X a="1>b</X>',
            "1:1: this < begins no tag: '<X a=\"1>b</X>'"
            " (write &lt; for a < that belongs to the text, and mend the tag if it is one)",
        ),
        ("<X a='1' a='2'>b</X>", "1:10: a second attribute a in one tag (take one of them out)"),
        ("<X>b</X a='1'>", "1:5: this end tag of X has more than its name (write </X>)"),
        ("a &#xD800;", "1:3: &#xD800; is no character (write &amp; for & that begins no reference)"),
        ("&#99999999999999999999;", "1:1: &#99999999999999999999; is no character"
         " (write &amp; for & that begins no reference)"),
        ("<!-- a", "1:1: this comment is not closed (write --> where it ends, or &lt; where it is text)"),
        ("<![CDATA[ a", "1:1: this CDATA section is not closed (write ]]> where it ends, or &lt; where it is text)"),
        ("<? a", "1:1: this processing instruction is not closed (write ?> where it ends, or &lt; where it is text)"),
        (
            '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;',
            "1:1: this < begins no tag: '<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///'"
            " (write &lt; for a < that belongs to the text, and mend the tag if it is one)",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(text)
    assert str(error.value) == f"a.xml:{message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a <ENAMEX>b</ENAMEX>",
            '1:3: <ENAMEX> has no TYPE (write it as <ENAMEX TYPE="PERSON">, with the label that is meant)',
        ),
        (
            "<TIMEX TYPE=''>b</TIMEX>",
            '1:1: <TIMEX> has no TYPE that is a label (write it as <TIMEX TYPE="PERSON">,'
            " with the label that is meant)",
        ),
        ("a</enamex>", "1:2: </enamex> closes nothing (write <enamex> where it begins, or take it out)"),
    ],
)
def test_what_is_wrong_with_enamex_is_told(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(text, "enamex")
    assert str(error.value) == f"a.xml:{message}"


MUC = """<DOC>
<DOCID> 7 </DOCID>
<p>Mr. <ENAMEX TYPE="PERSON" STATUS="OPT">Dooner</ENAMEX> of <enamex type=ORGANIZATION>McCann <ENAMEX TYPE='GPE/CITY'
>Rome</ENAMEX></enamex> paid <NUMEX TYPE="MONEY">$5</NUMEX> on <TIMEX TYPE="DATE">Monday</TIMEX>.
</DOC>
"""


def test_enamex_is_read_and_written() -> None:
    report = Report()
    document = parse(MUC, "enamex", report)
    assert document.text == "\n 7 \nMr. Dooner of McCann Rome paid $5 on Monday.\n\n"
    assert marked(document) == [
        ("Dooner", "PERSON"),
        ("McCann Rome", "ORGANIZATION"),
        ("Rome", "GPE/CITY"),
        ("$5", "MONEY"),
        ("Monday", "DATE"),
    ]
    assert list(document.attributes.values()) == [{"STATUS": "OPT"}]
    assert report.repairs == [Repair("drop markup", "a.xml", "<DOC> 2, <DOCID> 2, <p> 1")]
    assert report.lost == []
    out = written(document, "enamex")
    assert out == (
        '\n 7 \nMr. <ENAMEX TYPE="PERSON" STATUS="OPT">Dooner</ENAMEX> of <ENAMEX TYPE="ORGANIZATION">McCann '
        '<ENAMEX TYPE="GPE/CITY">Rome</ENAMEX></ENAMEX> paid <NUMEX TYPE="MONEY">$5</NUMEX> on '
        '<TIMEX TYPE="DATE">Monday</TIMEX>.\n\n'
    )
    assert parse(out, "enamex") == document


def test_an_element_that_its_type_does_not_call_for_is_told() -> None:
    report = Report()
    parse('<NUMEX TYPE="PERSON">x</NUMEX>', "enamex", report)
    assert report.repairs == [Repair("element by type", "a.xml:1:1", "NUMEX PERSON")]


def test_attributes_of_dropped_tags_are_told() -> None:
    report = Report()
    parse('<p class="a">x<br/></p><p class="b">', "enamex", report)
    assert report.repairs == [Repair("drop markup", "a.xml", "<br> 1, <p> 3")]
    assert report.lost == [Loss("field", "a.xml", "p class", "attributes of tags that are no entities")]


def test_a_label_that_is_no_name_goes_into_enamex_only() -> None:
    document = Document("a b", (Span(0, 1, 'two "words" <&>'),))
    out = written(document, "enamex")
    assert out == '<ENAMEX TYPE="two &quot;words&quot; &lt;&amp;&gt;">a</ENAMEX> b'
    assert parse(out, "enamex") == document
    with pytest.raises(DataError) as error:
        written(Document("a", (Span(0, 1, "1 X"),)))
    assert str(error.value) == (
        "xml cannot hold the label '1 X', which is no XML name (rename it with --map, or convert to jsonl)"
    )


@pytest.mark.parametrize("format", ["xml", "enamex"])
def test_entities_that_cross_are_an_error(format: str) -> None:
    with pytest.raises(DataError) as error:
        written(Document("a b c", (Span(0, 3, "X"), Span(2, 5, "Y"))), format)
    assert str(error.value) == (
        f"entities X 'a b' and Y 'b c' cross, and {format} can hold only one of them"
        " (choose one with --on-overlap longest or first, or convert to jsonl)"
    )


def test_what_cannot_be_held_is_told() -> None:
    span = Span(0, 1, "X")
    known = {"type": "a", "score": 0.5, "two words": "b", "ok": "c", "half": "\ud800"}
    document = Document("a", (span,), None, {span: known}, meta={"source": "s", "page": 3})
    for format, names in (("xml", "half, score, two words"), ("enamex", "half, score, two words, type")):
        report = Report()
        out = written(document, format, report)
        assert 'ok="c"' in out
        assert report.lost == [
            Loss("field", "", "page", f"{format}: it holds no metadata"),
            Loss("field", "", names, f"{format}: no place for it"),
        ]


@pytest.mark.parametrize("name", ["a.xml", "a.sgm"])
def test_files_are_known_by_their_suffix(tmp_path: Path, name: str) -> None:
    document = Document("a < b\r\n", (Span(0, 5, "X"),), id="a")
    write([document], tmp_path / name)
    [back] = read(tmp_path / name)
    assert back == document


@st.composite
def nested(draw: st.DrawFn) -> Document:
    """A document with entities that nest, with attributes, and without tokens."""
    text = draw(st.text(st.one_of(st.sampled_from("ab <>&\"'\r\n\ufeff😀\x00\u2028"), st.characters(codec="utf-8"))))
    kept: list[Span] = []
    for _ in range(draw(st.integers(0, 6)) if text else 0):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        clash = any(s.start < start < s.end < end or start < s.start < end < s.end for s in kept)
        if not clash and not text[start].isspace() and not text[end - 1].isspace():
            kept.append(Span(start, end, draw(st.one_of(LABELS, st.sampled_from(["doc", "TEXT", "DATE"])))))
    values = st.dictionaries(st.sampled_from(["id", "kb_id", "é"]), st.text(st.characters(codec="utf-8")), min_size=1)
    return Document(text, tuple(kept), None, {span: draw(values) for span in kept if draw(st.booleans())})


@pytest.mark.parametrize("format", ["xml", "enamex"])
@given(document=nested())
def test_nested_entities_are_read_back(format: str, document: Document) -> None:
    report = Report()
    assert parse(written(document, format, report), format, report) == document
    assert report.lost == []


@pytest.mark.parametrize("format", ["xml", "enamex"])
@given(document=documents())
def test_what_is_written_is_read_back(format: str, document: Document) -> None:
    back = parse(written(document, format), format)
    assert (back.text, back.spans) == (document.text, document.spans)


@given(document=nested())
def test_an_xml_parser_reads_the_same_text(document: Document) -> None:
    body = f"<all>{written(document)}</all>"
    if all(c in "\t\n\r" or 0x20 <= ord(c) < 0xFFFE or ord(c) > 0xFFFF for c in document.text) and all(
        c in "\t\n\r" or 0x20 <= ord(c) < 0xFFFE or ord(c) > 0xFFFF
        for values in document.attributes.values()
        for value in values.values()
        for c in value
    ):
        root = ElementTree.fromstring(body)
        assert "".join(root.itertext()) == document.text


PIECES = st.sampled_from(["<X>", "</X>", "<ENAMEX TYPE='a'>", "</ENAMEX>", "<p/>", "<doc>", "</doc>", *'<>/&#;"=!-? a'])


@given(pieces=st.lists(PIECES))
@pytest.mark.parametrize("format", ["xml", "enamex"])
def test_any_text_is_read_or_an_error_with_its_place(format: str, pieces: list[str]) -> None:
    found: DataError | Document
    try:
        found = parse("".join(pieces), format)
    except DataError as error:
        found = error
    if isinstance(found, Document):
        assert parse(written(found, format), format) == found
    else:
        assert found.place is not None
        assert found.place.column is not None


@pytest.mark.parametrize("unit", ["<a b='", "<", "< ", "&#", "<a ", "<X>a", "<X>a</X>", "<a b=c ", " ", "<!--"])
def test_long_input_takes_no_longer_by_the_letter(unit: str) -> None:
    with suppress(DataError):
        parse(unit * 50_000)
