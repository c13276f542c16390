"""Where the characters of a document stand in the file that it was read from: what is told to be there, is there."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from io import BytesIO
from itertools import pairwise
from json.decoder import scanstring
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strategies import corpora, documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, WriteOptions, read, records
from converters.errors import Places
from converters.formats import formats
from converters.originals import Originals

COLUMNS = ["conll", "conll-iob1", "conll-io", "conll-bioes", "conll-bilou", "conllu", "cogcomp-columns"]
MARKUP = ["brackets", "brackets-line", "brackets-inline"]
WORDS_IN_JSON = ["huggingface", "gliner"]
TEXT_IN_JSON = ["jsonl", "doccano", "label-studio", "spacy-v2"]
JSON = [*WORDS_IN_JSON, *TEXT_IN_JSON]
TAGS = ["xml", "enamex"]
BY_TOKEN = [*COLUMNS, *MARKUP]
BY_CHARACTER = [*TEXT_IN_JSON, *TAGS, "brat", "rasa"]
ALL = [*BY_TOKEN, *WORDS_IN_JSON, *BY_CHARACTER]

PLACES = ReadOptions(places=True)
WRITE = WriteOptions(columns=("word", "space", "ner"), comments=True)
JSON_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u.{4}|\\?.")
REFERENCE = re.compile(r"&(?:#(?P<code>[0-9]+)|[a-z]+);")


def sample() -> Document:
    """A document with much that is escaped in one format or another."""
    words = ["A", '"é"', "\u00a9", "York\\n", "<&", "😀😀.", "Bo's", "Bo's", "¶1"]
    spaces = [" ", "\t", "\u00a0", " ", "", "\n\n\n ", " \u2028", " ", ""]
    starts, text = [], ""
    for word, space in zip(words, spaces, strict=True):
        starts.append(len(text))
        text += word + space
    ends = [start + len(word) for start, word in zip(starts, words, strict=True)]
    spans = (Span(starts[1], ends[1], "LOC"), Span(starts[2], ends[3], "PER"), Span(starts[7], ends[7], "ORG"))
    return Document(text, spans, Tokens.make(starts, ends, [0, 6]), id="a")


def plain() -> Document:
    return Document("Bo's é met", (Span(0, 2, "PER"),), Tokens.make([0, 2, 5, 7], [2, 4, 6, 10], [0]), id="a")


def written(name: str, made: Sequence[Document], folder: Path) -> tuple[Path, Path] | None:
    """The file to read, and the one that the text is in; None where the format cannot hold the documents."""
    format = formats()[name]
    file = BytesIO()
    path = folder / f"a{format.suffixes[0]}"
    assert format.writer
    writer = format.writer(file, WRITE, Report())
    try:
        for document in made[:1] if format.one_each else made:
            writer.report.written.setdefault(name, Report().read)  # type: ignore[attr-defined]
            writer.write(document)
    except DataError:
        return None
    writer.close()
    path.write_bytes(file.getvalue())
    for suffix, data in getattr(writer, "beside", {}).items():
        path.with_suffix(suffix).write_bytes(data)
        return path, path.with_suffix(suffix)
    return path, path


def found(path: Path, name: str, **options: Any) -> list[Document]:
    return list(read(path, format=name, options=replace(PLACES, **options), report=Report()))


def lines_of(path: Path, encoding: str = "utf-8") -> list[str]:
    return path.read_bytes().decode(encoding).removeprefix("\ufeff").split("\n")


def rest_of(lines: Sequence[str], document: Document, offset: int) -> str:
    """What stands in the file where a character of the text is, to the end of the line and with that."""
    place = document.place(offset)
    assert place is not None
    assert place.line is not None
    assert place.column is not None
    line = lines[place.line - 1] + "\n"
    assert 1 <= place.column <= len(line)
    return line[place.column - 1 :]


def first(rest: str, name: str) -> str:
    """The first character of what stands in the file, as the format has it."""
    if name in (*JSON, "rasa") and (one := JSON_CHARACTER.match(rest)):
        return str(json.loads(f'"{one[0]}"'))
    if name in (*MARKUP, *TAGS) and (one := REFERENCE.match(rest)):
        return chr(int(one["code"])) if one["code"] else unescape(one[0])
    return rest[0]


def told(document: Document, name: str) -> Iterator[int]:
    """The characters of which the place is known to the letter."""
    if name in BY_CHARACTER:
        yield from range(len(document.text))
    elif document.tokens is not None:
        for start, end in zip(document.tokens.starts, document.tokens.ends, strict=True):
            yield from range(start, end) if name in (*COLUMNS, *WORDS_IN_JSON) else [start]


def check(document: Document, name: str, path: Path, lines: Sequence[str]) -> None:
    """Every character that has a place stands there."""
    places = document.places
    assert places is not None
    assert places.file == str(path)
    assert all(one < other for one, other in pairwise(places.offsets))
    assert all(0 <= offset < max(len(document.text), 1) for offset in places.offsets)
    for offset in told(document, name):
        assert first(rest_of(lines, document, offset), name) == document.text[offset], offset
        assert document.place(offset).file == str(path)  # type: ignore[union-attr]  # it has one


def documents_for(name: str) -> st.SearchStrategy[Document]:
    """Documents that the format may hold, most of them."""
    if name in (*MARKUP, "rasa"):
        words = st.sampled_from([*"Moscow the é 😀 U.S. don't , . ( ) < & &lt; AT&T a<b".split(), "New\u00a0York", '"'])
        return documents(words=words, labels=st.sampled_from(["PER", "LOC"]))
    return documents(labels=st.sampled_from(["PER", "WORK_OF_ART"]))


SLOW = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


# Every format


@pytest.mark.parametrize("name", ALL)
@SLOW
@given(data=st.data())
def test_what_a_place_names_is_there(name: str, tmp_path: Path, data: st.DataObject) -> None:
    files = written(name, data.draw(corpora(documents_for(name), min_size=1)), tmp_path)
    if files:
        lines = lines_of(files[1])
        for document in found(files[0], name):
            check(document, name, files[1], lines)


@pytest.mark.parametrize("made", [sample, plain], ids=["sample", "plain"])
@pytest.mark.parametrize("name", ALL)
def test_the_words_of_a_document_are_where_they_are_said_to_be(name: str, made: Any, tmp_path: Path) -> None:
    files = written(name, [made()], tmp_path)
    assert files or (made is sample and name in (*MARKUP, "rasa")), "they cannot hold that"
    if files:
        [document] = found(files[0], name)
        check(document, name, files[1], lines_of(files[1]))
        assert len(document.text.split()) >= 3


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_looked_for_unless_that_is_asked(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = written(name, [plain()], tmp_path)
    assert files
    asked = found(files[0], name)

    def fail(*arguments: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(Places, "make", fail)
    monkeypatch.setattr(records, "_locate", fail)
    not_asked = found(files[0], name, places=False)
    assert [document.places for document in not_asked] == [None]
    assert not_asked == asked  # the columns of the tokens too
    assert [document.source for document in not_asked] == [document.source for document in asked]


@pytest.mark.parametrize("name", ALL)
def test_places_go_where_their_document_goes(name: str, tmp_path: Path) -> None:
    files = written(name, [plain()], tmp_path)
    assert files
    [document] = found(files[0], name)
    expected = [document.place(offset) for offset in range(len(document.text))]
    for other in (
        replace(document, spans=(), attributes={}),
        document.identified("other"),
        document.reduced(None, {}, {}),
        pickle.loads(pickle.dumps(document)),
    ):
        assert [other.place(offset) for offset in range(len(other.text))] == expected


@pytest.mark.parametrize("name", ["spacy", "parquet"])
def test_what_is_no_text_has_no_places(name: str, tmp_path: Path) -> None:
    files = written(name, [plain()], tmp_path)
    assert files
    [document] = found(files[0], name)
    assert document.places is None
    assert document.place(3) == document.source


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ALL)
def test_places_count_characters_of_any_encoding(name: str, encoding: str, ends: str, tmp_path: Path) -> None:
    files = written(name, [plain()], tmp_path)
    assert files
    if name == "brat" and encoding == "utf-8-sig":
        encoding = "utf-8"  # there a byte order mark is a character that offsets count
    for path in {*files}:
        path.write_bytes(path.read_bytes().decode().replace("\n", ends).encode(encoding))
    [document] = found(files[0], name, encoding="utf-8" if encoding == "utf-8-sig" else encoding)
    check(document, name, files[1], lines_of(files[1], encoding))


def test_the_text_beside_annotations_is_in_a_file_of_its_own(tmp_path: Path) -> None:
    path, text = tmp_path / "a.ann", tmp_path / "a.txt"
    path.write_text("T1\tPER 6 8\tBo\n", encoding="utf-8")
    text.write_bytes("\ufeff\nA\r\n Bo".encode())
    [document] = found(path, "brat")
    assert document.spans == ((5, 7, "PER"),)
    assert [
        str(document.place(at)).removeprefix(f"{text}:") for at in range(7)
    ] == "1:1 2:1 2:2 2:3 3:1 3:2 3:3".split()
    assert document.source == (str(path), None, None)


def test_what_surrounds_the_text_in_xml_is_no_place_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        '<?xml version="1.0"?>\n\n <doc>\n<P>A&#x41;<!-- x\n --></P>\n\n<![CDATA[&lt;\n<]]>&amp;</doc>\n',
        encoding="utf-8",
    )
    [document] = found(path, "xml")
    assert document.text == "\nAA\n\n&lt;\n<&"
    places = "3:7 4:4 4:5 5:9 6:1 7:10 7:11 7:12 7:13 7:14 8:1 8:5".split()
    assert [str(document.place(at)).removeprefix(f"{path}:") for at in range(len(document.text))] == places


# JSON


@pytest.mark.parametrize(
    "layout", [{}, {"ensure_ascii": False}, {"indent": 1}, {"indent": "\t", "separators": (" ,", " :\n ")}]
)
@pytest.mark.parametrize("as_array", [False, True])
@pytest.mark.parametrize("name", JSON)
@SLOW
@given(made=corpora(min_size=1))
@example(made=[sample()])
def test_json_may_be_laid_out_and_escaped_in_any_way(
    name: str, as_array: bool, layout: dict[str, Any], tmp_path: Path, made: list[Document]
) -> None:
    files = written(name, made, tmp_path)
    assert files
    path = files[0]
    found_records = [json.loads(line) for line in lines_of(path) if line]
    if as_array:
        path.write_text("\n " + json.dumps(found_records, **layout), encoding="utf-8", newline="")
    else:
        line_layout = {key: value for key, value in layout.items() if key == "ensure_ascii"}
        text = "".join(f" {json.dumps(record, **line_layout)}\r\n\n" for record in found_records)
        path.write_text(text, encoding="utf-8", newline="")
    lines = lines_of(path)
    read_back = found(path, name)
    assert len(read_back) == len(made)
    for document in read_back:
        check(document, name, path, lines)


@pytest.mark.parametrize(
    ("name", "record", "fields"),
    [
        ("doccano", {"text": "a\nb", "labels": [[0, 1, "X"]]}, ["text"]),
        ("spacy-v2", {"text": "a\nb", "entities": [[0, 1, "X"]]}, ["text"]),
        ("spacy-v2", ["a\nb", {"entities": [[0, 1, "X"]]}], [0]),
        ("label-studio", {"data": {"other": 7, "body": "a\nb"}, "annotations": []}, ["data", "body"]),
        ("label-studio", {"id": 1, "text": "a\nb", "l": [{"start": 0, "end": 1, "labels": ["X"]}]}, ["text"]),
        ("huggingface", {"text": "a\nb", "tokens": ["a", "b"], "ner_tags": ["O", "O"]}, ["text"]),
    ],
)
def test_the_text_is_looked_for_where_it_was_read(name: str, record: Any, fields: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    line = json.dumps(record)
    path.write_text(f"\n{line}\n", encoding="utf-8")
    [document] = found(path, name)
    column = line.index('"a\\nb"') + 2
    assert [document.place(offset) for offset in range(3)] == [
        (str(path), 2, column),
        (str(path), 2, column + 1),
        (str(path), 2, column + 3),
    ]


def test_white_space_in_and_around_tokens_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    rows = [
        '[{"tokens": [" ", "\\ta\\u00e9 \\n",',
        '"b", "\\n\\n", "\\t\\t\\u0020c"],',
        '"ner_tags": ["O", "O", "O", "O", "B-X"]}]',
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    for field, name in (("tokens", "huggingface"), ("tokenized_text", "gliner")):
        path.write_text("\n".join(rows).replace("tokens", field), encoding="utf-8")
        [document] = found(path, name)
        more = len(field) - len("tokens")
        assert document.text == "aé b c"
        assert [document.place(offset)[1:] for offset in (0, 1, 3, 5)] == [  # type: ignore[index]  # it has one
            (1, 22 + more),
            (1, 23 + more),
            (2, 2),
            (2, 25),
        ]


def test_records_of_a_wrapper_and_words_of_a_record_are_found_in_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    data = [{"tokens": ["a\n", f"{number}é"] * 9, "ner_tags": ["O"] * 18} for number in range(20)]
    path.write_text(json.dumps({"features": {}, "data": data}), encoding="utf-8")
    looked_for: list[Any] = []
    locate = records._locate

    def counted(text: str, at: int, way: tuple[str | int, ...]) -> int:
        looked_for.append(way)
        return locate(text, at, way)

    monkeypatch.setattr(records, "_locate", counted)
    read_back = found(path, "huggingface")
    assert looked_for == [("data",), *[("tokens",)] * 20]
    for document in read_back:
        check(document, "huggingface", path, lines_of(path))


def test_an_array_in_one_line_is_not_gone_through_from_its_beginning_for_each_place() -> None:
    record = records.Record({"a": 1}, records.Place("a.json", 7, 1000), '{"a": 1}', 0)
    assert (records.At(record) / "a").place == ("a.json", 7, 1006)


# Columns


def test_words_in_columns_are_where_they_stand_in_the_row(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("x   \u00a0Rome\u00a0  B-LOC\n\n#  é  O\n", encoding="utf-8")
    [document] = found(path, "conll", columns=("pos", "word", "ner"))
    assert document.words == ["Rome", "é"]
    assert [document.place(start) for start in document.tokens.starts] == [(str(path), 1, 6), (str(path), 3, 4)]  # type: ignore[union-attr]
    path.write_text("O\t0\t0\tO\tNNP\t \u00a0Rome \tx\tx\t0\n", encoding="utf-8")
    [document] = found(path, "cogcomp-columns")
    assert document.place(2) == (str(path), 1, 17)


def test_a_multiword_token_stands_where_its_range_does(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    rows = ["1-2\tzum", "1\tzu", "2\tdem", "2.1\tx", "3\tTor"]
    text = "# newdoc\n" + "".join(row + "\t_" * 8 + "\n" for row in rows)
    path.write_text(text.replace("\t_\n", "\tSpacesBefore=\\s\n", 1), encoding="utf-8")
    [document] = found(path, "conllu")
    assert document.text == " zum Tor"
    assert [document.place(start) for start in document.tokens.starts] == [(str(path), 2, 5), (str(path), 6, 3)]  # type: ignore[union-attr]


# Rasa


@pytest.mark.parametrize(
    ("name", "text", "text_read", "places"),
    [
        ("a.yml", "- intent: x\n  examples: |\n\n    - \tto  [a](b) c \n", "\tto  a c", "5: 7 8 9 10 11 13 18 19"),
        ("a.yml", "- intent: x\n  examples:\n  - a: 1\n    text:  to [a](b)  # it\n", "to a", "5: 12 13 14 16"),
        ("a.yml", '- intent: x\n  examples:\n  - {text: " t\\u00e9\\"[a]"}\n', 'té"[a]', "4: 14 15 21 23 24 25"),
        (
            "a.yml",
            '- intent: x\n  examples: ["tu\\t [a]{\\"entity\\": \\"b\\"}!"]\n',
            "tu\t a!",
            "3: 15 16 17 19 21 42",
        ),
        ("a.yml", "- intent: x\n  examples:\n  - 'it''s'\n", "it's", None),
        ("a.yml", "- intent: x\n  examples:\n  - to\n    a\n", "to a", None),
        ("a.yml", '- intent: x\n  examples:\n  - "\\x41b"\n', "Ab", None),
        ("a.yml", "- intent: x\n  examples: >\n    - to\n", "to", None),
        ("a.yml", "- intent: x\n  examples:\n  - to # \u2028\n  # \x85\n", "to", "4: 5 6"),
        ("a.yml", "- intent: x\n  examples:\n  # \r  # \r  - to\n", "to", "4: 15 16"),
        ("a.yml", "- intent: x\n  examples: |\r    - to\n", "to", "3: 21 22"),
        ("a.md", '## intent:x\n\n  *  to [a](b) "c" \n', 'to a "c"', "3: 6 7 8 10 15 16 17 18"),
        ("a.md", '## intent:x\n\n- "c" d\n', '"c" d', "3: 3 4 5 6 7"),
        ("a.md", "## intent:x\n- a<!-- -->b\n", "ab", None),
    ],
)
def test_examples_are_found_where_they_stand_letter_by_letter_or_as_json(
    name: str, text: str, text_read: str, places: str | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text if name == "a.md" else f"nlu:\n{text}", encoding="utf-8")
    [document] = found(path, "rasa")
    assert document.text == text_read
    if places is None:
        assert document.places is None
        assert document.place(0) == document.source
    else:
        line, *columns = places.split()
        found_at = [str(document.place(at)) for at in range(len(document.text))]
        assert found_at == [f"{path}:{line}{column}" for column in columns]


# Bracketed markup

SAMPLE = (
    "<p>The [LOC caf&eacute; U.<b>S</b>.  ] &amp;lt\n"
    " &quot;said&quot; Bo ? s -- ¶ [PER B&amp;B  ] &#39;s (&nbsp; d&eacute;j&agrave; )</p>\n\n\n<br>Bye . \n"
)


def starts_of(document: Document, lines: Sequence[str], size: int = 6, first: int = 0) -> list[tuple[str, str]]:
    """Each token, from the `first` on, and what stands where it begins."""
    assert document.tokens is not None
    found = zip(document.words[first:], document.tokens.starts[first:], strict=True)
    return [(word, rest_of(lines, document, at)[:size]) for word, at in found]


MARKED = [
    ("The", "The [L"),
    ("café", "caf&ea"),
    ("U.S.", "U.<b>S"),
    ("&lt", "&amp;l"),
    ('"said"', "&quot;"),
    ("Bo", "Bo ? s"),
    ("?", "? s --"),
    ("s", "s -- ¶"),
    ("--", "-- ¶ ["),
    ("¶", "¶ [PER"),
    ("B&B", "B&amp;"),
    ("'s", "&#39;s"),
    ("(", "(&nbsp"),
    ("déjà", "d&eacu"),
    (")", ")</p>\n"),
    ("Bye", "Bye . "),
    (".", ". \n"),
]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_words_between_html_and_references_are_where_they_begin(mark: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(mark + SAMPLE, encoding="utf-8")
    [document] = found(path, "brackets")
    assert starts_of(document, SAMPLE.split("\n")) == MARKED
    [document] = found(path, "brackets", repairs=("apostrophe",))
    assert starts_of(document, SAMPLE.split("\n")) == [
        ("'s", "? s --") if word == "?" else (word, rest) for word, rest in MARKED if word != "s"
    ]


def test_on_an_original_the_places_are_those_of_the_markup(tmp_path: Path) -> None:
    path, original = tmp_path / "a.txt", tmp_path / "original.txt"
    path.write_text(SAMPLE, encoding="utf-8")
    original.write_text('A note.\n\nThe café U.S. &lt "said" Bo’s -- B&B\'s (déjà) Bye.', encoding="utf-8")
    [document] = found(path, "brackets", originals=Originals(original))
    assert document.words[:3] == ["A", "note.", "The"]
    assert document.place(0) == (str(path), None, None)  # the markup has no such word
    stands = dict(starts_of(document, SAMPLE.split("\n"), first=2))
    assert {word: rest for word, rest in MARKED if word in stands} == {
        word: rest for word, rest in stands.items() if word in dict(MARKED)
    }
    assert {"café", "U.S.", "B&B", "déjà"} <= stands.keys()


def test_treebank_escapes_stand_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = "-LRB- [LOC Rome  ] -RRB- `` a '' \\/ . \n"
    path.write_text(text, encoding="utf-8")
    [document] = found(path, "brackets", profile="ptb")
    assert starts_of(document, text.split("\n"), 4)[:3] == [("(", "-LRB"), ("Rome", "Rome"), (")", "-RRB")]


@pytest.mark.parametrize("layout", [{}, {"ensure_ascii": False}, {"indent": 1}])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("options", [{}, {"repairs": ("apostrophe",)}, {"originals": "raw"}], ids=str)
def test_markup_that_is_a_field_is_found_in_the_file(
    options: dict[str, Any], mark: str, layout: dict[str, Any], tmp_path: Path
) -> None:
    path, alone, original = tmp_path / "a.jsonl", tmp_path / "a.txt", tmp_path / "original.txt"
    markups = [mark + "\n" * number + SAMPLE for number in range(3)]
    items = [{"id": str(n), "raw": "The café B&B", "markup": markup} for n, markup in enumerate(markups)]
    path.write_text(json.dumps(items, **layout), encoding="utf-8")
    original.write_text("The café B&B", encoding="utf-8")
    as_field = {name: Originals(None, "raw") if name == "originals" else value for name, value in options.items()}
    as_file = {name: Originals(original) if name == "originals" else value for name, value in options.items()}
    read_back = found(path, "brackets", text_field="markup", **as_field)
    for document, markup in zip(read_back, markups, strict=True):
        alone.write_text(markup, encoding="utf-8")
        [same] = found(alone, "brackets", **as_file)
        assert document == same
        assert document.places
        assert document.places.file == str(path)
        for start in same.places.offsets:  # type: ignore[union-attr]  # it has some
            line, column = same.place(start)[1:]  # type: ignore[index]
            rest = "\n".join(lines_of(alone)[line - 1 :])[column - 1 :]
            assert scanstring(rest_of(lines_of(path), document, start), 0)[0] == rest
