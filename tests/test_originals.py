"""Markup and the text it was made from: the offsets are into the original, to the letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import DataError, Document, ReadOptions, Report, UsageError, convert, read
from converters.originals import Originals

MARKUP = '[PER Bo  ] said : " [LOC Rome  ] \'s ( big ) . \n" Bye . \n'
ORIGINAL = 'Bo  said: \n "Rome\'s (big)." Bye.\n'


def mentions(document: Document) -> list[tuple[str, int, str]]:
    return [(document.text[span.start : span.end], span.start, span.label) for span in document.spans]


def on(markup: str, original: str, report: Report | None = None) -> Document:
    from converters import from_brackets

    originals = Originals(None, "original")
    originals.put("a", original)
    return from_brackets(markup, options=ReadOptions(originals=originals), id="a", file="x.txt", report=report)


def test_the_text_is_the_original_to_the_letter() -> None:
    document = on(MARKUP, ORIGINAL)
    assert document.text == ORIGINAL
    assert mentions(document) == [("Bo", 0, "PER"), ("Rome", 13, "LOC")]
    assert document.words == ["Bo", "said", ":", '"', "Rome", "'s", "(", "big", ")", ".", '"', "Bye", "."]
    assert [document.words[first] for first, _ in document.sentence_ranges()] == ["Bo", "Bye"]


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("<p>Bo said: &quot;<b>Rome</b>&#8217;s (big).&quot; Bye.", [("Bo", 3, "PER"), ("Rome", 21, "LOC")]),
        ("Bo said: “Rome’s (big).” Bye.", [("Bo", 0, "PER"), ("Rome", 10, "LOC")]),
        ("Well, Bo (he) said: ``Rome`s (big).'' Bye.", [("Bo", 6, "PER"), ("Rome", 22, "LOC")]),
        ('Bo&#x000A;said:&nbsp;"Rome\'s -LRB-big-RRB-." Bye.', [("Bo", 0, "PER"), ("Rome", 22, "LOC")]),
    ],
)
def test_originals_that_differ_in_writing(original: str, expected: list[tuple[str, int, str]]) -> None:
    report = Report()
    document = on(MARKUP, original, report)
    assert (document.text, mentions(document), report.lost) == (original, expected, [])


def test_what_does_not_match_is_told_with_both_readings_and_the_rest_goes_on() -> None:
    report = Report()
    document = on(MARKUP, 'Bo shouted: "Oslo\'s (big)." Bye.', report)
    assert mentions(document) == [("Bo", 0, "PER")]
    assert [(loss.kind, loss.place, loss.text, loss.count) for loss in report.lost] == [
        ("token", "x.txt:1:12", "said", 1),
        ("token", "x.txt:1:26", "Rome", 1),
        ("span", "x.txt:1:21", "Rome", 1),
    ]
    assert report.lost[0].reason == "the original has 'shouted' there, at 3:10"


@given(st.lists(st.sampled_from(["Bo", "left", "Rome", ",", "(", ")", "x-y"]), min_size=1), st.data())
def test_any_spacing_of_the_original_is_found(words: list[str], data: st.DataObject) -> None:
    spaces = [data.draw(st.sampled_from(["", " ", "\n\n", "\u00a0 "])) for _ in words]
    original = "".join(space + word for space, word in zip(spaces, words, strict=True))
    document = on(" ".join(f"[LOC {word}  ]" if word == "Rome" else word for word in words) + " \n", original)
    assert document.text == original
    assert document.words == words
    assert [mention for mention, _, _ in mentions(document)] == ["Rome"] * words.count("Rome")


def test_the_ways_to_name_originals(tmp_path: Path) -> None:
    folder, originals = tmp_path / "in", tmp_path / "originals"
    (folder / "b").mkdir(parents=True)
    (originals / "b").mkdir(parents=True)
    (folder / "a.txt").write_text(MARKUP, encoding="utf-8")
    (folder / "b" / "two.txt").write_text("[LOC Rome  ] ! \n", encoding="utf-8")
    (originals / "a.html").write_text(ORIGINAL, encoding="utf-8")
    (originals / "b" / "two.txt").write_text("Rome !", encoding="utf-8")
    texts = {"a": ORIGINAL, "b/two": "Rome !"}

    def found(path: Path, **options: object) -> dict[str | None, str]:
        documents = read(path, options=ReadOptions(**options))  # type: ignore[arg-type]
        return {document.id: document.text for document in documents}

    assert found(folder, originals=Originals(originals)) == texts
    assert found(folder / "a.txt", originals=Originals(originals / "a.html")) == {"a": ORIGINAL}
    joined = tmp_path / "joined.jsonl"
    joined.write_text("\n".join(json.dumps({"id": id, "raw": text}) for id, text in texts.items()), encoding="utf-8")
    assert found(folder, originals=Originals(joined, "raw")) == texts
    records = [
        {"id": "a", "raw": ORIGINAL, "tagged": MARKUP, "page": 3},
        {"meta": {"id": "b/two", "x": 1}, "raw": "Rome !", "tagged": "[LOC Rome  ] ! \n"},
    ]
    both = tmp_path / "both.jsonl"
    both.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    assert found(both, originals=Originals(None, "raw"), text_field="tagged") == texts
    assert found(both, text_field="tagged") == {"a": 'Bo said : "Rome\'s (big)." Bye.', "b/two": "Rome!"}
    first, second = read(both, options=ReadOptions(originals=Originals(None, "raw"), text_field="tagged"))
    assert (first.meta, second.meta) == ({"source": "both.jsonl", "page": 3}, {"source": "both.jsonl", "x": 1})


def test_two_records_of_one_id_are_told(tmp_path: Path) -> None:
    records = [{"id": "a", "tagged": "one \n"}, {"meta": {"id": "a"}, "tagged": "two \n"}]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.jsonl:2.*: a second document with the id 'a'.* \(give each its own, or"):
        list(read(tmp_path / "x.jsonl", options=ReadOptions(text_field="tagged")))
    report = Report(keep_going=True)
    [document] = read(tmp_path / "x.jsonl", options=ReadOptions(text_field="tagged"), report=report)
    assert (document.text, document.id, len(report.failures)) == ("one", "a", 1)


@pytest.mark.parametrize(
    ("fields", "id", "message"),
    [
        ('"id": ""', '""', "id is empty"),
        ('"id": true', "true", "id should be a string or a whole number and is true"),
        ('"id": null, "meta": {"id": [1]}', "[1]", "meta.id should be a string or a whole number and is [1]"),
    ],
)
def test_an_id_is_what_other_formats_take_for_one(fields: str, id: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    line = f'{{"t": "b", "raw": "b", {fields}}}'
    path.write_text(f'{{"t": "a", "raw": "a", "id": 7}}\n{line}\n', encoding="utf-8")
    place = f"{path}:2:{line.index(id) + 1}: "
    with pytest.raises(DataError) as error:
        Originals(path, "raw")
    assert str(error.value).startswith(place + message)
    report = Report(keep_going=True)
    [document] = read(path, options=ReadOptions(text_field="t"), report=report)
    assert (document.id, [str(failure) for failure in report.failures]) == ("7", [place + message])


def test_a_broken_line_does_not_end_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"t": "one"}\n{"t": \n{"t": "[LOC x"}\n{"t": "four"}\n', encoding="utf-8")
    report = Report(keep_going=True)
    found = list(read(tmp_path / "x.jsonl", options=ReadOptions(text_field="t"), report=report))
    assert [document.text for document in found] == ["one", "four"]
    assert [str(failure.place).removeprefix(f"{tmp_path}/") for failure in report.failures] == [
        "x.jsonl:2:7",
        "x.jsonl:3:1:1",
    ]


def test_originals_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(MARKUP, encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_text(MARKUP, encoding="utf-8")
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "a.txt").write_text(ORIGINAL, encoding="utf-8")
    with pytest.raises(DataError, match="there is no original for document b"):
        list(read(tmp_path / "in", options=ReadOptions(originals=Originals(tmp_path / "o"))))
    with pytest.raises(DataError, match="one original for two documents, a and b"):
        list(read(tmp_path / "in", options=ReadOptions(originals=Originals(tmp_path / "o" / "a.txt"))))
    with pytest.raises(DataError, match="there is no such original"):
        Originals(tmp_path / "none")
    (tmp_path / "o" / "a.html").write_text(ORIGINAL, encoding="utf-8")
    with pytest.raises(DataError, match="two originals for document a"):
        Originals(tmp_path / "o")
    (tmp_path / "x.jsonl").write_text('{"id": "a"}', encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.jsonl:1: the record has no text in a field 'raw'"):
        Originals(tmp_path / "x.jsonl", "raw")
    with pytest.raises(UsageError, match="no originals are named"):
        Originals(None)
    with pytest.raises(UsageError, match="name that with --text-field"):
        list(read(tmp_path / "in", options=ReadOptions(originals=Originals(None, "raw"))))
    with pytest.raises(UsageError, match="--source is for bracketed markup"):
        convert(
            [tmp_path / "x.jsonl"], tmp_path / "y.jsonl", read_options=ReadOptions(originals=Originals(tmp_path / "in"))
        )


def test_every_output_agrees(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(MARKUP, encoding="utf-8")
    (tmp_path / "a.html").write_text("<p>Bo <i>said</i>: “Rome’s (big).” Bye.", encoding="utf-8")
    options = ReadOptions(originals=Originals(tmp_path / "a.html"))
    convert([tmp_path / "a.txt"], tmp_path / "out", read_options=options)
    one, other = (next(read(tmp_path / "out" / name)) for name in ("corpus.spacy", "corpus.jsonl"))
    assert one.text == other.text == (tmp_path / "a.html").read_text(encoding="utf-8")
    assert mentions(one) == mentions(other) == [("Bo", 3, "PER"), ("Rome", 20, "LOC")]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ('{"id": "a", "text": "y"}', r"o\.jsonl:2: a second original with the id 'a'"),
        ('{"text": "y"}', r"o\.jsonl:2: the record has no id"),
    ],
)
def test_each_original_has_an_id_of_its_own(second: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "o.jsonl").write_text(f'{{"id": "a", "text": "x"}}\n{second}\n')
    with pytest.raises(DataError, match=message):
        Originals(tmp_path / "o.jsonl", "text")


@pytest.mark.parametrize(
    ("record", "meta", "lost"),
    [
        ({"id": "a", "meta": {"id": "b"}}, {}, ["id"]),
        ({"id": 7, "meta": {"id": "7"}}, {}, []),
        ({"page": 1, "meta": {"page": 2, "kept": 3}}, {"page": 2, "kept": 3}, ["page"]),
        ({"meta": "draft"}, {"meta": "draft"}, []),
        ({"meta": {"text": "its own"}}, {"text": "its own"}, []),
    ],
)
def test_what_a_record_and_its_metadata_say_differently_is_told(
    record: dict[str, Any], meta: dict[str, Any], lost: list[str], tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"tagged": "[PER Bo  ] . \n", "text": "Bo.", **record}))
    report = Report()
    options = ReadOptions(originals=Originals(None, "text"), text_field="tagged")
    [document] = read(tmp_path / "a.jsonl", options=options, report=report)
    assert (document.text, document.meta) == ("Bo.", {"source": "a.jsonl", **meta})
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", name) for name in lost]
