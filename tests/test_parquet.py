from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import corpora, documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, read, write

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ROME = Document(
    "Rome’s  end\n\n😀 New York",
    (Span(0, 4, "LOC"), Span(15, 23, "LOC"), Span(19, 23, "PER")),
    Tokens.make([0, 4, 8, 13, 15, 19], [4, 6, 11, 14, 18, 23], [0, 3], {"pos": list("NPNSNN")}),
    {Span(0, 4, "LOC"): {"kb_id": "Q220", "score": 0.5}},
    "a/b",
    meta={"source": "a.txt", "page": 3},
)
PLAIN = Document("no tokens", (Span(0, 4, "ORG"),), id="c", meta={"source": "a.txt"})


def features(names: Sequence[str], column: str = "ner_tags") -> dict[str, str]:
    """The metadata of a schema in which a column of numbers has names, as `datasets` writes it."""
    feature = {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "List"}
    return {"huggingface": json.dumps({"info": {"features": {column: feature}}})}


def parse(
    path: Path,
    columns: dict[str, Any],
    metadata: dict[str, str] | None = None,
    report: Report | None = None,
    **more: Any,
) -> list[Document]:
    table = pa.table(columns)
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return list(read(path, report=report or Report(), **more))


def everything(document: Document) -> tuple[Any, ...]:
    return document, document.id, document.meta, document.attributes


def test_a_file_has_these_columns(tmp_path: Path) -> None:
    write([ROME, PLAIN], tmp_path / "a.parquet", report=Report())
    table = pq.read_table(tmp_path / "a.parquet")
    assert {field.name: str(field.type).replace("element", "item") for field in table.schema} == {
        "id": "string",
        "text": "string",
        "tokens": "list<item: string>",
        "ner_tags": "list<item: int64>",
        "spans": "list<item: struct<start: int32, end: int32, label: string, attributes: string>>",
        "starts": "list<item: int32>",
        "ends": "list<item: int32>",
        "sentences": "list<item: int32>",
        "pos": "list<item: string>",
        "meta": "string",
    }
    assert table.to_pylist() == [
        {
            "id": "a/b",
            "text": "Rome’s  end\n\n😀 New York",
            "tokens": ["Rome", "’s", "end", "😀", "New", "York"],
            "ner_tags": [1, 0, 0, 0, 1, 2],
            "spans": [
                {"start": 0, "end": 4, "label": "LOC", "attributes": '{"kb_id": "Q220", "score": 0.5}'},
                {"start": 15, "end": 23, "label": "LOC", "attributes": None},
                {"start": 19, "end": 23, "label": "PER", "attributes": None},
            ],
            "starts": [0, 4, 8, 13, 15, 19],
            "ends": [4, 6, 11, 14, 18, 23],
            "sentences": [0, 3],
            "pos": ["N", "P", "N", "S", "N", "N"],
            "meta": '{"source": "a.txt", "page": 3}',
        },
        {
            "id": "c",
            "text": "no tokens",
            "spans": [{"start": 0, "end": 4, "label": "ORG", "attributes": None}],
            **dict.fromkeys(["tokens", "ner_tags", "starts", "ends", "sentences", "pos"]),
            "meta": '{"source": "a.txt"}',
        },
    ]
    known = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert list(known) == table.column_names
    assert known["ner_tags"]["feature"] == {"names": ["O", "B-LOC", "I-LOC"], "_type": "ClassLabel"}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write([ROME, PLAIN], tmp_path / "a.parquet", report=Report())
    back = list(read(tmp_path / "a.parquet"))
    assert [everything(d) for d in back] == [everything(ROME), everything(PLAIN)]
    assert back[0].tokens is not None
    assert back[0].tokens.columns == {"pos": tuple("NPNSNN")}
    assert [str(d.source) for d in back] == [f"{tmp_path}/a.parquet:1", f"{tmp_path}/a.parquet:2"]


@given(made=corpora(max_size=5), bare=st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_made_up_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, made: list[Document], bare: bool
) -> None:
    path = tmp_path_factory.mktemp("parquet") / "a.parquet"
    made = [replace(d, tokens=None) for d in made] if bare else made
    write(made, path)
    back = list(read(path))
    assert [(d, d.id) for d in back] == [(d, d.id) for d in made]


@given(made=documents(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_entities_of_any_kind_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, made: Document, data: st.DataObject
) -> None:
    inside = [k for k, c in enumerate(made.text) if not c.isspace()]
    ends = st.sampled_from(inside or [0])
    drawn = data.draw(st.lists(st.tuples(ends, ends, st.sampled_from("XY")), max_size=6 if inside else 0))
    document = replace(made, spans=tuple(Span(min(a, b), max(a, b) + 1, label) for a, b, label in drawn))
    path = tmp_path_factory.mktemp("parquet") / "a.parquet"
    report = Report()
    write([document], path, report=report)
    assert report.lost == []
    assert list(read(path)) == [document]


def test_documents_fill_several_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("converters.formats.parquet.GROUP_ROWS", 2)
    made = [
        Document(label, (Span(0, 1, label),), Tokens.make([0], [1], None, {label: ["x"]}), id=label) for label in "ZAB"
    ]
    write(made, tmp_path / "a.parquet")
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)] == [2, 1]
    assert file.read().column("ner_tags").to_pylist() == [[5], [1], [3]]
    assert list(read(tmp_path / "a.parquet")) == made


def test_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write([ROME, PLAIN], tmp_path / f"{name}.parquet", report=Report())
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_file_may_hold_no_document_or_an_empty_one(tmp_path: Path) -> None:
    for made in ([], [Document("")], [Document("", (), Tokens.make((), ()))], [Document(" ", (), Tokens.make((), ()))]):
        write(made, tmp_path / "a.parquet")
        assert list(read(tmp_path / "a.parquet")) == made


def test_entities_that_tags_cannot_hold_are_in_spans_and_told(tmp_path: Path) -> None:
    spans = (Span(0, 3, "A"), Span(0, 1, "B"), Span(2, 3, "C"), Span(4, 5, "D"))
    document = Document("a b cd", spans, Tokens.make([0, 2, 4], [1, 3, 6]))
    report = Report()
    write([document], tmp_path / "a.parquet", report=report)
    assert [(repair.name, repair.text) for repair in report.repairs] == [
        ("left out of ner_tags", "a"),
        ("left out of ner_tags", "b"),
        ("left out of ner_tags", "c"),
    ]
    assert report.lost == []
    assert report.written["parquet"].spans == 4
    [row] = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert row["ner_tags"] == [1, 2, 0]
    assert list(read(tmp_path / "a.parquet")) == [document]


def test_columns_of_any_name_and_kind_are_kept(tmp_path: Path) -> None:
    columns = {"text": ["x"], "column_text": ["w"], "n": [1], "column_x": ["y"], "mixed": ["z"], "ö.": [""]}
    made = [
        Document("a", (), Tokens.make([0], [1], [0], columns)),
        Document("b", (), Tokens.make([0], [1], [0], {"mixed": [{"z": [None]}]})),
        Document("", (), Tokens.make((), (), (), {"n": ()})),
    ]
    write(made, tmp_path / "a.parquet")
    names = pq.read_schema(tmp_path / "a.parquet").names
    assert names[8:-1] == ["column_text", "column_column_text", "column_x", "mixed", "ö.", "token_columns"]
    assert list(read(tmp_path / "a.parquet")) == made


def test_ids_are_made_where_there_are_none(tmp_path: Path) -> None:
    write([Document("x"), Document("y", id="7")], tmp_path / "a.parquet")
    assert [d.id for d in read(tmp_path / "a.parquet")] == ["a#1", "7"]
    assert [d.id for d in parse(tmp_path / "b.parquet", {"text": ["x"]})] == ["b"]
    assert [d.id for d in parse(tmp_path / "b.parquet", {"text": ["x"], "id": [3]})] == ["3"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (Document("a", meta={"x": {1}}), "parquet cannot hold {'x': {1}}: Object of type set is not JSON serializable"),
        (Document("a", meta={"x": float("nan")}), "parquet cannot hold {'x': nan}: Out of range float values are not"),
        (Document("a", meta={"x": "\udc00"}), "parquet cannot hold U+DC00, half of a surrogate pair (it is no"),
        (Document("a", id="\ud800"), "parquet cannot hold U+D800, half of a surrogate pair (it is no"),
        (
            Document("a", (), Tokens.make([0], [1], None, {"x": ["\ud800"]})),
            "parquet cannot hold U+D800, half of a surrogate pair (it is no",
        ),
    ],
)
def test_what_cannot_be_held_is_told(tmp_path: Path, document: Document, message: str) -> None:
    with pytest.raises(DataError) as error:
        write([document], tmp_path / "a.parquet")
    assert str(error.value).startswith(message)
    assert not (tmp_path / "a.parquet").exists()


def test_a_text_that_is_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("converters.formats.parquet.LONGEST", 2)
    with pytest.raises(DataError, match="parquet cannot hold a text of 3 characters"):
        write([Document("abc")], tmp_path / "a.parquet")


def test_without_pyarrow_there_is_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    message = r"^parquet needs pyarrow \(pip install 'nerconv\[parquet\]'\)$"
    with pytest.raises(UsageError, match=message):
        list(read(tmp_path / "a.parquet"))
    with pytest.raises(UsageError, match=message):
        write([PLAIN], tmp_path / "b.parquet")


def test_a_packed_file_is_read_and_a_file_without_suffix_is_known(tmp_path: Path) -> None:
    write([PLAIN], tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "b.parquet.gz").write_bytes(gzip.compress(data))
    (tmp_path / "c").write_bytes(data)
    assert list(read(tmp_path / "b.parquet.gz")) == list(read(tmp_path / "c")) == [PLAIN]


# Files of others


@pytest.mark.parametrize(
    "tags",
    [
        [["B-PER", "I-PER", "O", "B-LOC"], ["O"]],
        [["I-PER", "I-PER", "O", "I-LOC"], ["O"]],
        [["B-PER", "E-PER", "O", "S-LOC"], ["O"]],
        [["B-PER", "L-PER", "O", "U-LOC"], ["O"]],
    ],
)
def test_the_scheme_of_tags_is_found_out(tmp_path: Path, tags: list[list[str]]) -> None:
    tokens = [["Jo", "Doe", "saw", "Rome"], ["x"]]
    names = sorted({tag for row in tags for tag in row})
    numbers = [[names.index(tag) for tag in row] for row in tags]
    for columns, metadata in (
        ({"tokens": tokens, "ner_tags": tags}, None),
        ({"words": tokens, "tags": numbers}, features(names, "tags")),
    ):
        report = Report()
        first, second = parse(tmp_path / "a.parquet", columns, metadata, report)
        assert (first.text, first.id) == ("Jo Doe saw Rome", "a#1")
        assert first.spans == ((0, 6, "PER"), (11, 15, "LOC"))
        assert first.tokens is not None
        assert first.tokens.sentences is None
        assert second.spans == ()
        assert report.repair_counts() == {"spacing: reconstructed": 2}
        assert report.lost == []


def test_one_row_may_show_the_scheme_of_all(tmp_path: Path) -> None:
    columns = {"tokens": [["a"], ["a", "b"]], "ner_tags": [["I-X"], ["I-X", "B-X"]]}
    assert [d.spans for d in parse(tmp_path / "a.parquet", columns)] == [((0, 1, "X"),), ((0, 1, "X"), (2, 3, "X"))]


@pytest.mark.parametrize(("method", "spans"), [("conlleval", ((0, 1, "X"), (2, 3, "Y"))), ("discard", ((0, 1, "X"),))])
def test_tags_are_repaired_where_that_is_asked_for(tmp_path: Path, method: Any, spans: tuple[Any, ...]) -> None:
    report = Report()
    columns = {"tokens": [["a", "b"]], "ner_tags": [["B-X", "I-Y"]]}
    [document] = parse(tmp_path / "a.parquet", columns, None, report, options=ReadOptions(repair_tags=method))
    assert document.spans == spans
    assert [repair.name for repair in report.repairs] == [f"tags {method}", "spacing"]


def test_tokens_are_found_in_the_text(tmp_path: Path) -> None:
    columns = {
        "text": ["  a.\n b "],
        "tokens": [["a", ".", "\n ", "b"]],
        "ner_tags": [["O", "O", "O", "B-X"]],
        "pos": [[1, 2, 3, 4]],
    }
    report = Report()
    [document] = parse(tmp_path / "a.parquet", columns, None, report)
    assert document.words == ["a", ".", "b"]
    assert document.spans == ((6, 7, "X"),)
    assert document.tokens is not None
    assert document.tokens.columns == {"pos": (1, 2, 4)}
    assert report == Report(read=report.read)


def test_tokens_of_white_space_are_told_where_there_is_no_text(tmp_path: Path) -> None:
    columns = {"tokens": [["a", " ", "b ", ""]], "ner_tags": [["B-X", "I-X", "I-X", "B-Y"]]}
    report = Report()
    [document] = parse(tmp_path / "a.parquet", columns, None, report)
    assert (document.text, document.spans) == ("a b", ((0, 3, "X"),))
    assert [(loss.kind, loss.reason) for loss in report.lost] == [
        ("token", "token 1 is white space"),
        ("token", "token 3 is white space"),
        ("span", "it is white space alone"),
    ]
    assert (report.read.tokens, report.read.spans) == (4, 2)
    assert [(repair.name, repair.text) for repair in report.repairs] == [
        ("trim white space", "b "),
        ("spacing", "reconstructed"),
    ]


def test_other_columns_are_columns_of_the_tokens_or_metadata(tmp_path: Path) -> None:
    columns = {
        "tokens": [["a", "b"], ["c"]],
        "pos": [[0, 1], [1]],
        "langs": [["en"], ["de"]],
        "lang": ["en", None],
        "day": [date(2020, 1, 2), None],
        "entities": [["PER: a"], []],
        "meta": [{"page": 1, "x": None}, None],
        "page": [2, 1],
        "source": ["web", "web"],
        "raw": [b"x", None],
        "score": [float("nan"), 0.5],
    }
    report = Report()
    first, second = parse(tmp_path / "a.parquet", columns, features(["N", "V"], "pos"), report)
    assert first.tokens is not None
    assert first.tokens.columns == {"pos": ("N", "V")}
    assert first.meta == {
        "page": 1,
        "langs": ["en"],
        "lang": "en",
        "day": "2020-01-02",
        "entities": ["PER: a"],
        "source": "web",
    }
    assert second.meta == {"langs": ["de"], "entities": [], "page": 1, "source": "web", "score": 0.5}
    assert [(loss.place, loss.text, loss.reason) for loss in report.lost] == [
        (f"{tmp_path}/a.parquet:1", "page", "the metadata has another value of that name"),
        (f"{tmp_path}/a.parquet:1", "raw", BYTES),
        (f"{tmp_path}/a.parquet:1", "score", BYTES),
    ]


BYTES = "it holds bytes, or numbers that are none (NaN, infinity), which metadata cannot"


@pytest.mark.parametrize(
    "spans",
    [
        {"spans": [[{"start": 0, "end": 4, "label": "LOC", "kb": "Q220", "text": "Rome"}]]},
        {"spans": [{"start": [0], "end": [4], "label": ["LOC"], "kb": ["Q220"]}]},
        {"entities": [[{"start_offset": 0, "end_offset": 4, "type": "LOC", "kb": "Q220"}]]},
    ],
)
def test_text_and_spans_of_several_looks_are_read(tmp_path: Path, spans: dict[str, Any]) -> None:
    [document] = parse(tmp_path / "a.parquet", {"text": ["Rome "], **spans})
    span = Span(0, 4, "LOC")
    assert everything(document) == (
        Document("Rome ", (span,), None, {span: {"kb": "Q220"}}),
        "a",
        {"source": "a.parquet"},
        {span: {"kb": "Q220"}},
    )


def test_repairs_of_spans_are_told(tmp_path: Path) -> None:
    spans = [{"start": 0, "end": 3, "label": "X", "a": 1}, {"start": 1, "end": 2, "label": "X", "b": "2"}]
    report = Report()
    [document] = parse(tmp_path / "a.parquet", {"text": [" a "], "spans": [spans]}, None, report)
    assert document.attributes == {Span(1, 2, "X"): {"a": 1, "b": "2"}}
    assert [repair.name for repair in report.repairs] == ["trim white space", "merge twins"]


def test_the_unit_of_offsets_is_found_out_where_mentions_tell(tmp_path: Path) -> None:
    told = ("offset unit", f"{tmp_path}/a.parquet:1", "UTF-16 units, as the mentions show")
    columns = {"text": ["😀 Anna"], "spans": [[span(3, 7, text="Anna")]]}
    report = Report()
    [document] = parse(tmp_path / "a.parquet", columns, None, report)
    assert document.spans == ((2, 6, "X"),)
    assert [tuple(vars(repair).values()) for repair in report.repairs] == [told]
    columns = {"text": ["😀 Anna"], "spans": [[span(3, 7)]]}
    [document] = parse(tmp_path / "a.parquet", columns, options=ReadOptions(offset_unit="utf16"))
    assert document.spans == ((2, 6, "X"),)


@pytest.mark.parametrize("unit", [None, "utf16"])
def test_the_unit_of_the_places_of_tokens_is_found_out(tmp_path: Path, unit: Any) -> None:
    columns = {"text": ["😀 Anna"], "tokens": [["😀", "Anna"]], "starts": [[0, 3]], "ends": [[2, 7]]}
    [document] = parse(tmp_path / "a.parquet", columns, options=ReadOptions(offset_unit=unit))
    assert document.tokens == Tokens.make([0, 2], [1, 6])


def test_tokens_of_other_white_space_than_the_text_has_are_not_misplaced(tmp_path: Path) -> None:
    columns = {"text": ["a bxy"], "tokens": [["a  b", "y"]], "starts": [[0, 4]], "ends": [[3, 5]]}
    with pytest.raises(DataError, match=r"a.parquet:1: .*x"):
        parse(tmp_path / "a.parquet", columns)  # no token covers the x


def test_columns_without_a_value_have_their_meaning(tmp_path: Path) -> None:
    columns = {"text": [None], "tokens": [[]], "ner_tags": [[]], "spans": [[]]}
    assert parse(tmp_path / "a.parquet", columns) == [Document("", (), Tokens.make((), ()))]
    starts = {"text": ["a"], "starts": [[0]], "ends": [[1]], "sentences": [[0]], "token_columns": ["{}"]}
    [document] = parse(tmp_path / "a.parquet", starts)  # without tokens they mean nothing, and are kept
    assert document.meta == {
        "source": "a.parquet",
        **{name: value for name, [value] in starts.items() if name != "text"},
    }


def test_tokens_without_tags_are_told(tmp_path: Path) -> None:
    report = Report()
    columns = {"tokens": [["a"], ["b"]], "ner_tags": [["O"], None]}
    parse(tmp_path / "a.parquet", columns, None, report)
    [loss] = report.lost
    assert (loss.kind, loss.text, loss.reason) == ("field", "ner_tags", "it is null (not annotated, which is not O)")


def span(start: int | None, end: int, label: str | None = "X", **more: Any) -> dict[str, Any]:
    return {"start": start, "end": end, "label": label, **more}


A = {"text": ["a b"], "tokens": [["a", "b"]]}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": [1]}, ": there is no column of texts or of tokens; the columns are x (call it tokens)"),
        ({"text": ["x"], "ner_tags": [["O"]]}, ": there is a column ner_tags, but none of tokens (call it tokens)"),
        (
            {"tokens": [["x"]], "ner_tags": [[0]]},
            ": the tags in ner_tags are numbers, and the file does not say which tag each number is (give the column a "
            "ClassLabel feature with names, or write the tags as strings)",
        ),
        ({"text": ["x", None]}, ":2: the row has neither a text nor tokens"),
        ({"tokens": [["x"], ["y", None]]}, ":2: token 1 is null (it should be a string)"),
        ({"tokens": [["x"]], "ner_tags": [["O", "O"]]}, ":1: 2 tags for 1 tokens (a token has one tag)"),
        ({"tokens": [["x"]], "ner_tags": [[None]]}, ":1: tag 0 of ner_tags is null (it should be a string)"),
        (
            {"text": ["a", "b"], "tokens": [["a"], None], "ner_tags": [["O"], ["O"]]},
            ":2: the row has ner_tags, but no tokens (a row has both",
        ),
        ({**A, "text": [None], "spans": [[span(0, 1)]]}, ":1: the row has spans, but no text (they are offsets into"),
        (
            {**A, "ner_tags": [["O", "O"]], "spans": [[span(0, 1)]]},
            ":1: spans has X 'a', and ner_tags has not (take out the column that is not right)",
        ),
        (
            {"tokens": [["x"], ["y"]], "ner_tags": [["O"], [None]]},
            ":2: tag 0 of ner_tags is null (it should be a string)",
        ),
        ({"tokens": [["x"]], "ner_tags": [["PER"]]}, ":1: token 0: tag 'PER' is not one of BIO"),
        ({"tokens": [["x"]], "ner_tags": [["B-"]]}, ":1: token 0: tag 'B-' has no label"),
        (
            {"tokens": [["x", "y"]], "ner_tags": [["B-A", "I-B"]]},
            ":1: token 1: tag 'I-B' continues nothing (in BIO an entity begins with B-",
        ),
        (
            {"tokens": [["x"], ["y"]], "ner_tags": [["S-A"], ["B-A"]]},
            ":2: token 0: tag 'O' comes before entity 'A' has ended (end it with E-)",
        ),
        (
            {"text": ["a c"], "tokens": [["a", "b"]]},
            ":1: tokens[1] is 'b', but the text goes on with 'c' (take out the text, or the tokens)",
        ),
        ({"text": ["a c"], "tokens": [["a"]]}, ":1: no token covers 'c' at 1:3"),
        ({"text": ["a"], "tokens": [["a", "b"]]}, ":1: tokens[1] is 'b', but the text ends there"),
        ({**A, "starts": [[0, 1]], "ends": [[1, 3]]}, ":1: tokens[1] is 'b', but 1:3 of the text is ' b'"),
        (
            {**A, "starts": [[0, 1]], "ends": [[1, 2]]},
            ":1: tokens[1] is 'b', but 1:2 of the text is ' ' (offsets count characters; mend the offsets or the text)",
        ),
        ({**A, "starts": [[0]], "ends": [[1, 3]]}, ":1: 2 tokens, 1 starts and 2 ends"),
        (
            {**A, "starts": [[0, 2]], "ends": [[1, 9]]},
            ":1: tokens[1] at 2:9 is empty, or outside the text of 3 characters",
        ),
        ({**A, "starts": [[0, None]], "ends": [[1, 3]]}, ":1: starts[1] should be a whole number and is missing"),
        ({**A, "sentences": [[1]]}, ":1: sentence starts do not ascend from token 0"),
        ({**A, "sentences": [[0, None]]}, ":1: sentences[1] should be a whole number and is missing"),
        ({**A, "token_columns": ["x"]}, ':1: token_columns should be an object and is "x"'),
        ({**A, "token_columns": ["{"]}, ":1: the field token_columns is no JSON: Expecting property name"),
        ({**A, "token_columns": ['{"x": 1}']}, ":1: token_columns.x should be an array and is 1"),
        ({**A, "token_columns": ['{"x": [1]}']}, ":1: column 'x' has 1 values for 2 tokens"),
        (
            {**A, "ner_tags": [["O", "B-X"]], "spans": [[span(0, 1)]]},
            ":1: ner_tags has X 'b', and spans has not (take out the column that is not right)",
        ),
        (
            {**A, "ner_tags": [["B-X", "I-X"]], "spans": [[span(0, 3, "Y")]]},
            ":1: ner_tags has X 'a b', and spans has not (take out the column that is not right)",
        ),
        (
            {"text": ["a"], "spans": [[span(0, 2)]]},
            ":1: spans[0] at 0:2 is empty, or outside the text of 1 characters "
            "(offsets count characters from 0, and the end is the first one outside)",
        ),
        (
            {"text": ["😀 b"], "spans": [[span(3, 4)]]},
            ":1: spans[0] at 3:4 is empty, or outside the text of 3 characters "
            "(in UTF-16 units it would fit: --in-offset-unit utf16)",
        ),
        ({"text": [" "], "spans": [[span(0, 1)]]}, ":1: spans[0] at 0:1 is white space alone (take it out)"),
        ({"text": ["a"], "spans": [[None, span(0, 1)]]}, ":1: spans[0] should be an object and is missing"),
        (
            {"text": ["a", "b"], "spans": [[span(0, 1)], [span(None, 1)]]},
            ":2: spans[0].start should be a whole number and is missing",
        ),
        (
            {"text": ["a", "b"], "spans": [[span(0, 1)], [span(0, 1, None)]]},
            ":2: spans[0].label should be a string and is missing",
        ),
        ({"text": ["a"], "spans": [[span(0, 1, "")]]}, ":1: '' is no label"),
        (
            {"text": ["a"], "spans": [[span(0, 1, text="b")]]},
            ":1: spans[0] is 'b', but 0:1 of the text is 'a' (offsets count characters; mend the offsets or the text)",
        ),
        (
            {"text": ["a"], "spans": [[span(0, 1, attributes="{")]]},
            ":1: the field attributes of spans[0] is no JSON: Expecting property name",
        ),
        ({"text": ["a"], "id": [0.5]}, ":1: id should be a string or a whole number and is 0.5"),
        ({"text": ["a"], "id": [""]}, ":1: id is empty"),
        (
            {"text": ["a", "b"], "id": ["x", "x"]},
            ":2: a second document with the id 'x', the first is in line 1 (give each its own, or none)",
        ),
        (
            {"text": ["a"], "spans": [{"start": [0], "end": [1, 2], "label": ["X"]}]},
            ":1: the lists in spans are not of one length",
        ),
        (
            {"tokens": [["a"]], "spans": [[span(0, 1)]]},
            ":1: the field spans has entities, and they are none of the text that was read",
        ),
        ({"text": ["a"], "meta": ['{"a": 1, "a": 2}']}, ":1: the field meta is no JSON: the field 'a' comes twice"),
        ({"text": ["a"], "meta": ['{"a": ']}, ":1: the field meta is no JSON: Expecting value"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.parquet", columns)
    assert str(error.value).removeprefix(f"{tmp_path}/a.parquet").startswith(message)


def test_numbers_without_a_name_are_told(tmp_path: Path) -> None:
    columns = {"tokens": [["x"], ["y"]], "ner_tags": [[0], [-1]]}
    with pytest.raises(DataError, match=r"a.parquet:2: tag 0 of ner_tags is null \(it should be a string\)$"):
        parse(tmp_path / "a.parquet", columns, features(["O"]))
    columns["ner_tags"][1] = [1]
    with pytest.raises(DataError, match=r"a.parquet:2: the column ner_tags has 1, but only 1 names \(they count from"):
        parse(tmp_path / "a.parquet", columns, features(["O"]))


def test_two_columns_of_one_name_are_told(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"])], names=["text", "text"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"a.parquet: two columns are called 'text' \(rename one\)$"):
        list(read(tmp_path / "a.parquet"))


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" * 9, b"no Parquet at all"])
def test_what_is_no_parquet_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(data)
    with pytest.raises(DataError, match=r"a.parquet: this is no Parquet file, or a damaged one: .*\(fetch it again\)$"):
        list(read(tmp_path / "a.parquet", format="parquet"))


def test_a_damaged_page_and_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    write([PLAIN], tmp_path / "a.parquet")
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    data[4:200] = bytes(196)
    (tmp_path / "a.parquet").write_bytes(data)
    with pytest.raises(DataError, match=r"a.parquet:1: this is no Parquet file, or a damaged one: "):
        list(read(tmp_path / "a.parquet"))
    bad = pa.Array.from_buffers(pa.string(), 2, pa.array([b"a", b"\xff"]).buffers())
    with pytest.raises(DataError, match=r"a.parquet:2: byte 0xFF in a string is not UTF-8"):
        parse(tmp_path / "a.parquet", {"text": bad})


# Hugging Face datasets


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    module = pytest.importorskip("datasets")
    module.disable_progress_bars()
    return module


def test_datasets_reads_what_is_written_and_what_it_writes_is_read(datasets: Any, tmp_path: Path) -> None:
    write([ROME, PLAIN], tmp_path / "a.parquet", report=Report())
    file = str(tmp_path / "a.parquet")
    found = datasets.load_dataset("parquet", data_files=file, split="train", cache_dir=str(tmp_path / "cache"))
    assert found.features["ner_tags"].feature == datasets.ClassLabel(names=["O", "B-LOC", "I-LOC"])
    assert [found.features["ner_tags"].feature.int2str(n) for n in found[0]["ner_tags"]] == [
        *("B-LOC", "O", "O", "O"),
        *("B-LOC", "I-LOC"),
    ]
    assert found[0]["tokens"] == ROME.words
    assert found[0]["spans"][2] == {"start": 19, "end": 23, "label": "PER", "attributes": None}
    assert found[1]["tokens"] is None
    found.to_parquet(str(tmp_path / "b.parquet"))
    assert [everything(d) for d in read(tmp_path / "b.parquet")] == [everything(ROME), everything(PLAIN)]


def test_a_dataset_of_tokens_and_tags_is_read(datasets: Any, tmp_path: Path) -> None:
    kinds = datasets.Features(
        {
            "id": datasets.Value("string"),
            "tokens": datasets.Sequence(datasets.Value("string")),
            "pos_tags": datasets.Sequence(datasets.ClassLabel(names=["NNP", "VBZ"])),
            "ner_tags": datasets.Sequence(datasets.ClassLabel(names=["O", "B-PER", "I-PER"])),
            "kind": datasets.ClassLabel(names=["news", "mail"]),
        }
    )
    row = {"id": "0", "tokens": ["Jo", "Doe", "runs"], "pos_tags": [0, 0, 1], "ner_tags": [1, 2, 0], "kind": 1}
    datasets.Dataset.from_list([row], features=kinds).to_parquet(str(tmp_path / "a.parquet"))
    [document] = read(tmp_path / "a.parquet")
    assert (document.text, document.id, document.spans) == ("Jo Doe runs", "0", ((0, 6, "PER"),))
    assert document.tokens is not None
    assert document.tokens.columns == {"pos_tags": ("NNP", "NNP", "VBZ")}
    assert document.meta == {"source": "a.parquet", "kind": "mail"}


def test_a_dataset_of_texts_and_spans_is_read(datasets: Any, tmp_path: Path) -> None:
    label = datasets.ClassLabel(names=["PER", "LOC"])
    span = {"start": datasets.Value("int64"), "end": datasets.Value("int64"), "label": label}
    kinds = datasets.Features({"text": datasets.Value("large_string"), "entities": datasets.List(span)})
    rows = [{"text": "😀 Rome", "entities": [{"start": 2, "end": 6, "label": 1}]}]
    datasets.Dataset.from_list(rows, features=kinds).to_parquet(str(tmp_path / "a.parquet"))
    assert list(read(tmp_path / "a.parquet")) == [Document("😀 Rome", (Span(2, 6, "LOC"),))]
