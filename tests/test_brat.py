from __future__ import annotations

import os
import re
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, WriteOptions, read
from converters.balance import Count, Loss, Repair
from converters.formats import by_content, named
from converters.holding import hold
from converters.source import Source


def parse(
    folder: Path, text: str | bytes | None, ann: str, report: Report | None = None, **options: object
) -> Document:
    if text is not None:
        (folder / "a.txt").write_bytes(text.encode() if isinstance(text, str) else text)
    reader = named("brat").reader
    assert reader is not None
    source = Source(f"{folder}/a.ann", "a", "a.ann")
    chosen = ReadOptions(**options)  # type: ignore[arg-type]
    [document] = reader(BytesIO(ann.encode()), source, chosen, Report() if report is None else report)
    return document


def written(document: Document, report: Report | None = None, options: WriteOptions | None = None) -> tuple[bytes, str]:
    """The bytes of the text, and the annotations."""
    report = report or Report()
    report.written["brat"] = Count()
    make = named("brat").writer
    assert make is not None
    file = BytesIO()
    writer = make(file, options or WriteOptions(), report)
    writer.write(hold(document, named("brat").holds, "brat", report))
    writer.close()
    return writer.beside[".txt"], file.getvalue().decode()  # type: ignore[attr-defined]


TEXT = "Sony formed a venture with Anna\r\nMeyer, 😀 of New York and Paris.\n"
ANN = """\
T1	ORG 0 4	Sony
T7	PER 27 31;33 38	Anna Meyer
A1	Confidence T7 High and low
M1	Negated T7
N1	Reference T1 Wikidata:Q41187	Sony Group
T2	LOC 45 53	New York

T3	VENUE 46 47	e
"""


@pytest.mark.parametrize("name", [b"x\xff/a", b"x/\xff"])
def test_names_that_are_no_text(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name + b".ann")
    try:
        path.parent.mkdir()
        path.write_text("T1\tPER 0 4\tAnna\n", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such names")
    with pytest.raises(DataError, match=r"\ufffd(/a)?\.ann: the text of these annotations, .*\ufffd(/a)?\.txt"):
        list(read(path))
    path.with_suffix(".txt").write_text("Anna met\n", encoding="utf-8")
    assert [document.spans for document in read(path)] == [((0, 4, "PER"),)]
    assert [document.spans for document in read(path.parent)] == [((0, 4, "PER"),)]


def test_entities_are_read_with_what_is_said_of_them(tmp_path: Path) -> None:
    report = Report()
    document = parse(tmp_path, TEXT, ANN, report)
    assert document.text == TEXT
    assert document.spans == ((0, 4, "ORG"), (27, 38, "PER"), (45, 53, "LOC"), (46, 47, "VENUE"))
    assert document.attributes == {
        Span(0, 4, "ORG"): {"id": "T1", "kb_id": "Wikidata:Q41187", "kb_text": "Sony Group"},
        Span(27, 38, "PER"): {"id": "T7", "Confidence": "High and low", "Negated": True},
        Span(45, 53, "LOC"): {"id": "T2"},
        Span(46, 47, "VENUE"): {"id": "T3"},
    }
    assert (document.id, document.meta, document.tokens) == ("a", {"source": "a.ann"}, None)
    assert str(document.source) == f"{tmp_path}/a.ann"
    assert (report.lost, report.repairs) == ([], [])


def test_what_is_read_is_written_back(tmp_path: Path) -> None:
    text, ann = written(parse(tmp_path, TEXT, ANN))
    assert text == TEXT.encode()
    assert ann == (
        "T1\tORG 0 4\tSony\n"
        "T7\tPER 27 31;33 38\tAnna Meyer\n"
        "T2\tLOC 45 53\tNew York\n"
        "T3\tVENUE 46 47\te\n"
        "N1\tReference T1 Wikidata:Q41187\tSony Group\n"
        "A1\tConfidence T7 High and low\n"
        "A2\tNegated T7\n"
    )


def test_ids_that_are_no_ids_or_come_twice_are_made_anew() -> None:
    spans = [Span(k, k + 1, "X") for k in range(5)]
    ids = ["T2", "T2", "Q5", None, "T1"]
    known = {span: {"id": id} for span, id in zip(spans, ids, strict=True) if id}
    report = Report()
    _, ann = written(Document("abcde", tuple(spans), None, known), report)
    assert [line.split("\t")[0] for line in ann.splitlines()] == ["T2", "T3", "T4", "T5", "T1"]
    assert report.lost == [Loss("field", "", "id", "brat: no place for it")]


def test_other_lines_are_told_once_a_kind(tmp_path: Path) -> None:
    report = Report()
    ann = (
        "T1\tORG 0 4\tSony\nT2\tX 5 11\tformed\n"
        "E1\tMerge:T2 Org:T1\nE2\tMerge:T2\nA1\tNegation E1\nA2\tSure T1 yes\nA3\tSure T1 no\nA4\tid T1 x\n"
        "R1\tIn Arg1:T1 Arg2:T2\t\n*\tEquiv T1 T2\n*\tEquiv T2 T1\n#1\tAnnotatorNotes T1\tsee\n"
    )
    document = parse(tmp_path, TEXT, ann, report)
    assert document.attributes[Span(0, 4, "ORG")] == {"id": "T1", "Sure": "yes"}
    place = f"{tmp_path}/a.ann"
    assert report.lost == [
        Loss("field", f"{place}:3", "E1, E2", "events are not carried (lines 3, 4)", 2),
        Loss("field", f"{place}:9", "R1", "relations are not carried (line 9)"),
        Loss("field", f"{place}:10", "*, *", "equivalences are not carried (lines 10, 11)", 2),
        Loss("field", f"{place}:12", "#1", "notes are not carried (line 12)"),
        Loss("field", f"{place}:5", "A1", "attributes of other things than entities are not carried (line 5)"),
        Loss(
            "field",
            f"{place}:7",
            "A3, A4",
            "second values of what an entity has already are not carried (lines 7, 8)",
            2,
        ),
    ]


def test_long_lists_of_lines_are_cut(tmp_path: Path) -> None:
    report = Report()
    parse(tmp_path, "a", "".join(f"#{k}\tNote T1\tx\n" for k in range(1, 14)), report)
    assert report.lost == [
        Loss(
            "field",
            f"{tmp_path}/a.ann:1",
            "#1, #2, #3, #4, #5, #6, #7, #8, #9, #10 and 3 more",
            "notes are not carried (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 3 more)",
            13,
        )
    ]


@pytest.mark.parametrize(
    ("choice", "spans"),
    [("split", ((0, 5, "X"), (12, 17, "X"))), ("cover", ((0, 17, "X"),))],
)
def test_entities_in_pieces(tmp_path: Path, choice: str, spans: tuple[Span, ...]) -> None:
    report = Report()
    ann = "T1\tX 0 5;12 17\tNorth America\nA1\tSure T1\n"
    document = parse(tmp_path, "North South Ameri", ann.replace("America", "Ameri"), report, discontinuous=choice)
    assert document.spans == spans
    assert all(document.attributes[span] == {"id": "T1", "Sure": True} for span in document.spans)
    assert report.repairs == [Repair(f"discontinuous {choice}", f"{tmp_path}/a.ann:1", "North Ameri")]


def test_pieces_on_lines_of_their_own_are_one_entity(tmp_path: Path) -> None:
    text = "a b \n\n  c\u2028d e"
    report = Report()
    document = parse(tmp_path, text, "T1\tX 0 3;8 9;10 13\ta b c d e\n", report)
    assert document.spans == ((0, 13, "X"),)
    assert report.repairs == []
    assert written(document)[1] == "T1\tX 0 3;8 9;10 13\ta b c d e\n"


def test_entities_across_lines_may_be_in_one_piece(tmp_path: Path) -> None:
    assert parse(tmp_path, "a\r\nb\tc", "T1\tX 0 6\ta b c\n").spans == ((0, 6, "X"),)
    assert parse(tmp_path, "a\r\nb\tc", "T1\tX 0 6\ta  b\tc\n").spans == ((0, 6, "X"),)


def test_repairs_are_told(tmp_path: Path) -> None:
    report = Report()
    ann = "T1\tX 0 3\t a \nT2\tX 1 2\ta\nA1\tSure T1 yes\nA2\tSure T2 no\nA3\tNew T2\nT3\tY 1 2\nT4\tZ 1 2\ta\tsic\n"
    document = parse(tmp_path, " a ", ann, report)
    assert document.spans == ((1, 2, "X"), (1, 2, "Y"), (1, 2, "Z"))
    assert document.attributes[Span(1, 2, "X")] == {"id": "T1", "Sure": "yes", "New": True}
    place = f"{tmp_path}/a.ann"
    assert report.repairs == [
        Repair("trim white space", f"{place}:1", " a "),
        Repair("mention filled in", f"{place}:6", "a"),
        Repair("merge twins", f"{place}:2", "T2 is T1"),
    ]
    assert report.lost == [
        Loss("field", f"{place}:7", "sic", "a comment on T4 is not carried"),
        Loss("field", f"{place}:2", "Sure", "T2 is T1, which has others"),
    ]


def test_a_byte_order_mark_counts_but_is_not_text(tmp_path: Path) -> None:
    document = parse(tmp_path, "\ufeffRome".encode(), "\ufeffT1\tLOC 1 5\tRome\r\n")
    assert (document.text, document.spans) == ("Rome", ((0, 4, "LOC"),))
    text, ann = written(Document("\ufeffRome", (Span(0, 5, "LOC"),)))
    assert (text.decode(), ann) == ("\ufeff\ufeffRome", "T1\tLOC 1 6\t\ufeffRome\n")
    assert parse(tmp_path, text, ann).text == "\ufeffRome"


def test_offsets_in_utf16_units(tmp_path: Path) -> None:
    document = parse(tmp_path, "😀 Rome 😀 Paris", "T1\tX 3 7\tRome\nT2\tX 11 16\tParis\n", offset_unit="utf16")
    assert document.spans == ((2, 6, "X"), (9, 14, "X"))
    _, ann = written(document, options=WriteOptions(offset_unit="utf16"))
    assert ann == "T1\tX 3 7\tRome\nT2\tX 11 16\tParis\n"


def test_other_encodings(tmp_path: Path) -> None:
    text, ann = "é Größe", "T1\tGröße 2 7\tGröße\n"
    (tmp_path / "a.txt").write_bytes(text.encode("latin-1"))
    reader = named("brat").reader
    assert reader is not None
    source = Source(f"{tmp_path}/a.ann.gz", "a", "a.ann.gz")
    options = ReadOptions(encoding="latin-1")
    [document] = reader(BytesIO(ann.encode("latin-1")), source, options, Report())
    assert document.spans == ((2, 7, "Größe"),)


UTF16 = "; they fit as UTF-16 units: --in-offset-unit utf16"
STORED = "offsets count characters of the .txt file as it is stored"


@pytest.mark.parametrize(
    ("ann", "message"),
    [
        (
            "\nhello\n",
            "2:1: this is no line of brat's standoff: 'hello'"
            " (a line has an id as T1, a tab, and what it says: T1, tab, ORG 0 4, tab, Sony)",
        ),
        (
            "X1\ta\n",
            "1:1: this is no line of brat's standoff: 'X1 a'"
            " (a line has an id as T1, a tab, and what it says: T1, tab, ORG 0 4, tab, Sony)",
        ),
        ("T1\tX 0 1\tR\nT1\tX 1 2\to\n", "2:1: a second T1, the first is in line 1 (an id comes once)"),
        (
            "T1\tX 0\tR\n",
            "1:4: this is no label with offsets: 'X 0'"
            " (a label without spaces, a space, and the offsets: ORG 0 4, or ORG 0 4;9 12)",
        ),
        (
            "T12\tX 0 99\tRome\n",
            "1:7: T12 at 0 99 is empty or outside the text of 14 characters"
            " (offsets are half-open and count characters of the .txt file)",
        ),
        (
            "T1\tX 2 2\t\n",
            "1:6: T1 at 2 2 is empty or outside the text of 14 characters"
            " (offsets are half-open and count characters of the .txt file)",
        ),
        ("T1\tX 0 4\tRoma\n", f"1:10: T1 is 'Roma', but 0 4 of the text is 'Rome' ({STORED})"),
        ("T1\tX 8 13\tParis\n", f"1:11: T1 is 'Paris', but 8 13 of the text is 'aris.' ({STORED}{UTF16})"),
        (
            "T1\tX 13 15\t.\n",
            "1:6: T1 at 13 15 is empty or outside the text of 14 characters"
            " (offsets are half-open and count characters of the .txt file"
            "; they fit as UTF-16 units: --in-offset-unit utf16)",
        ),
        ("T1\tX 0 4;2 6\tRome me 😀\n", "1:6: the pieces of T1, 0 4;2 6, overlap (mend the offsets)"),
        ("T1\tX 4 5\t \n", "1:6: T1 at 4 5 is white space alone (mend the offsets)"),
        (
            "T1\tX 0 4;7 12\tRome Paris\n",
            "1:6: T1, 'Rome Paris', is in pieces: 0 4;7 12"
            " (say what becomes of it: --discontinuous split, or --discontinuous cover)",
        ),
        ("A1\tSure T9\n", "1:4: A1 is about T9, which is not in the file (take it out, or mend the id)"),
        ("A1\tSure\n", "1:4: A1 says 'Sure' (it should say: a name, the id of an entity, and perhaps a value)"),
        (
            "T1\tX 0 4\tRome\nN1\tRef T1 a:b\tc\n",
            "2:4: N1 says 'Ref T1 a:b' (it should say: Reference, the id of an entity, and Source:Number)",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, ann: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path, "Rome 😀 Paris.\n", ann)
    assert str(error.value) == f"{tmp_path}/a.ann:{message}"


def test_characters_may_fit_where_units_do_not(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path, "😀 Rome", "T1\tX 2 6\tRome\n", offset_unit="utf16")
    assert str(error.value) == (
        f"{tmp_path}/a.ann:1:10: T1 is 'Rome', but 2 6 of the text is 'Rom' (offsets count UTF-16 units of the .txt"
        " file as it is stored; they fit as characters: --in-offset-unit char)"
    )


def test_without_a_text_there_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path, None, "T1\tX 0 1\ta\n")
    assert str(error.value) == (
        f"{tmp_path}/a.ann: the text of these annotations, {tmp_path}/a.txt, cannot be read:"
        " No such file or directory (put it beside the .ann file)"
    )
    reader = named("brat").reader
    assert reader is not None
    with pytest.raises(DataError) as error:
        list(reader(BytesIO(b""), Source("-", "stdin", "-"), ReadOptions(), Report()))
    assert str(error.value) == (
        "-: brat's text is in a file beside the annotations, and standard input has none"
        " (name the .ann file, with its .txt file beside it)"
    )


def test_a_text_that_is_not_of_the_encoding(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path, b"a\n\xff", "")
    assert str(error.value).startswith(f"{tmp_path}/a.txt:2:1: byte 0xFF is not UTF-8")


def test_a_label_with_a_space_cannot_be_written() -> None:
    for label in ("two words", "no\u00a0break"):
        with pytest.raises(DataError) as error:
            written(Document("a", (Span(0, 1, label),)))
        assert str(error.value) == (
            f"brat cannot hold the label {label!r}, which has a space (rename it with --map, or convert to jsonl)"
        )


def test_what_cannot_be_held_is_told() -> None:
    span = Span(0, 1, "X")
    known = {"ok": "b c", "yes": True, "no": False, "n": 1, "two words": "x", "tab": "a\tb", "kb_id": "Q5", "e": ""}
    tokens = Tokens.make([0], [1], None, {"pos": ["N"]})
    report = Report()
    _, ann = written(Document("a", (span,), tokens, {span: known}, meta={"source": "s", "page": 3}), report)
    assert ann == "T1\tX 0 1\ta\nA1\tok T1 b c\nA2\tyes T1\nA3\tkb_id T1 Q5\n"
    assert report.lost == [
        Loss("field", "", "pos", "brat: it holds no columns of tokens"),
        Loss("token", "", "a", "brat: it holds no tokens"),
        Loss("field", "", "page", "brat: it holds no metadata"),
        Loss("field", "", "e, n, no, tab, two words", "brat: no place for it"),
    ]


def test_files_are_known_by_their_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, newline="")
    (tmp_path / "a.ann").write_text(ANN)
    [document] = read(tmp_path / "a.ann")
    assert (document.text, len(document.spans)) == (TEXT, 4)


def test_the_beginning_of_a_file_tells() -> None:
    format = by_content(b"T1\tORG 0 4\tSony\n")
    assert format is not None
    assert format.name == "brat"


def as_brat_checks(text: str, ann: str) -> None:
    """What brat demands of a file before it shows it."""
    ids = set()
    for line in ann.split("\n")[:-1]:
        assert line.splitlines() == [line]
        id, data, *rest = line.split("\t", 2)
        assert id not in ids
        ids.add(id)
        if id.startswith("T"):
            _, pairs = data.split(" ", 1)
            pieces = [tuple(map(int, pair.split(" "))) for pair in pairs.split(";")]
            assert rest == [" ".join(text[start:end] for start, end in pieces)]
            assert all(one[1] < other[0] for one, other in pairwise(pieces))
        elif id.startswith("N"):
            assert re.match(r"(\S+) (\S+) (\S+?):(\S+)", data)


VALUES = st.one_of(st.just(True), st.sampled_from(["a", "b c", "é", "😀"]))
KNOWN = st.dictionaries(st.sampled_from(["Sure", "Größe", "kb_id"]), VALUES) | st.fixed_dictionaries(
    {"kb_id": st.sampled_from(["a:b", "Wikidata:Q1", "a:b:c"])}, optional={"kb_text": st.just("b c"), "Sure": VALUES}
)


@st.composite
def overlapping(draw: st.DrawFn) -> Document:
    """A document with entities anywhere, with ids and attributes, and without tokens."""
    text = draw(st.text(st.one_of(st.sampled_from("ab \t\r\n\ufeff😀\x85\u2028\x1c"), st.characters(codec="utf-8"))))
    spans: set[Span] = set()
    for _ in range(draw(st.integers(0, 6)) if text else 0):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        if not text[start].isspace() and not text[end - 1].isspace():
            spans.add(Span(start, end, draw(LABELS)))
    ordered = sorted(spans, key=lambda s: (s.start, -s.end, s.label))
    return Document(text, tuple(ordered), None, {s: {"id": f"T{k}"} | draw(KNOWN) for k, s in enumerate(ordered)})


@pytest.mark.parametrize("unit", ["char", "utf16"])
@given(document=overlapping())
def test_overlapping_entities_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, unit: str, document: Document
) -> None:
    report = Report()
    text, ann = written(document, report, WriteOptions(offset_unit=unit))  # type: ignore[arg-type]
    assert parse(tmp_path_factory.mktemp("brat"), text, ann, report, offset_unit=unit) == document
    assert (report.lost, report.repairs) == ([], [])
    if unit == "char":
        as_brat_checks(text.decode(), ann)


@given(document=documents())
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, document: Document) -> None:
    back = parse(tmp_path_factory.mktemp("brat"), *written(document))
    assert (back.text, back.spans) == (document.text, document.spans)


@given(lines=st.lists(st.text(st.sampled_from([*"TANR#*1 0;9\t\r\u2028X:"]))))
def test_any_file_is_read_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    try:
        parse(tmp_path_factory.mktemp("brat"), "T1 X 0", "\n".join(lines))
    except DataError as error:
        place = error.place
    else:
        return
    assert place is not None
    assert place.line is not None


def test_what_bconv_writes_is_read(tmp_path: Path) -> None:
    bconv = pytest.importorskip("bconv")
    source = (
        "1|t|Anna Meyer 😀 of Sony.\n1|a|She left 東京.\n1\t0\t10\tAnna Meyer\tPER\tQ1\n1\t16\t20\tSony\tORG\tDB:2\n"
    )
    made = bconv.loads(source, fmt="pubtator")
    document = parse(tmp_path, made.text, bconv.dumps(made, fmt="brat", att="type", cui="cui"))
    assert document.attributes == {
        Span(0, 10, "PER"): {"id": "T1", "kb_id": "Q1", "kb_text": "Anna Meyer"},
        Span(16, 20, "ORG"): {"id": "T2", "kb_id": "DB:2", "kb_text": "Sony"},
    }
