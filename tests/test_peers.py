"""Beside the converters that are in use: mistakes of theirs that this one does not make, and files that go both ways.

In the first half a test says what the peer makes of an input, and then what must come out. What it says of the peer
is true of the releases that it was written with; where a newer one knows better, that part of the test can go.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import spacy
from click.testing import CliRunner
from seqscore.encoding import get_encoding
from seqscore.model import Mention
from seqscore.model import Span as SeqscoreSpan
from seqscore.scripts.seqscore import cli as seqscore_cli
from spacy.cli.convert import convert as spacy_convert
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus, Example, biluo_tags_to_spans
from spacy.training.converters import conll_ner_to_docs, conllu_to_docs
from spacy.training.iob_utils import tags_to_entities
from test_cli import nerconv

from converters import (
    DataError,
    Document,
    ReadOptions,
    Report,
    Span,
    Tokens,
    WriteOptions,
    from_brackets,
    read,
    write,
)

Entities = list[tuple[str, str]]

SCHEMES = {"conll": "BIO", "conll-iob1": "IOB", "conll-io": "IO", "conll-bioes": "BIOES", "conll-bilou": "BILOU"}
"""The formats, and what SeqScore calls their schemes."""


def put(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def entities(document: Document) -> Entities:
    return [(document.text[start:end], label) for start, end, label in document.spans]


def ours(path: Path, format: str | None = None, **options: Any) -> list[Entities]:
    """The entities of each document of a file, as we read it."""
    return [entities(d) for d in read(path, format=format, options=ReadOptions(**options), report=Report())]


def spacys(docs: Iterable[Doc]) -> list[Entities]:
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs]


def spacy_conll(path: Path) -> list[Doc]:
    return list(conll_ner_to_docs(path.read_text(encoding="utf-8"), no_print=True))


def seqscore(*arguments: object) -> str:
    done = CliRunner().invoke(seqscore_cli, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    module = pytest.importorskip("datasets")
    module.disable_progress_bars()
    return module


# Their known mistakes: columns


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u202f", "\u3000", "\u2028", "\x85"])
@pytest.mark.parametrize(
    ("rows", "label"),
    [("I\tO\nsaw\tO\nNew York\tB-LOC\n\nx\tO\n", "rk"), ("I PRP O\nsaw VBD O\nNew York NNP B-LOC\n\nx X O\n", "P")],
)
def test_spacy_takes_a_piece_of_the_word_or_of_its_pos_for_the_label(
    tmp_path: Path, space: str, rows: str, label: str
) -> None:
    word = f"New{space}York"
    path = put(tmp_path / "a.conll", rows.replace("New York", word))
    assert spacys(spacy_conll(path)) == [[("New", label)]]
    [document] = read(path, report=Report())
    assert document.words == ["I", "saw", word, "x"]
    assert entities(document) == [(word, "LOC")]


@pytest.mark.parametrize(
    "line", ["-DOCSTART- -X- -X- O", "-DOCSTART- -X- O", "-DOCSTART- O", "-DOCSTART-\t-X-\tO\tO", "-DOCSTART-"]
)
def test_spacy_merges_documents_whose_first_line_it_does_not_know(tmp_path: Path, line: str) -> None:
    path = put(tmp_path / "a.conll", f"{line}\n\nRome\tB-LOC\n\n{line}\n\nBonn\tB-LOC\n")
    if line == "-DOCSTART-":
        with pytest.raises(ValueError, match="E903"):
            spacy_conll(path)
    else:
        [doc] = spacy_conll(path)
        assert [token.text for token in doc] == ["-DOCSTART-", "Rome", "-DOCSTART-", "Bonn"]
    assert [document.words for document in read(path, report=Report())] == [["Rome"], ["Bonn"]]
    assert ours(path) == [[("Rome", "LOC")], [("Bonn", "LOC")]]


def test_spacy_makes_an_entity_of_a_document_line_without_an_empty_one_after_it(tmp_path: Path) -> None:
    path = put(tmp_path / "a.conll", "-DOCSTART- -X- -X- O\nRome\tB-LOC\n\n-DOCSTART- -X- -X- O\nBonn\tB-LOC\n")
    assert spacys(spacy_conll(path)) == [[("-DOCSTART-", "-"), ("Rome", "LOC"), ("-DOCSTART-", "-"), ("Bonn", "LOC")]]
    assert ours(path) == [[("Rome", "LOC")], [("Bonn", "LOC")]]


def test_spacys_command_makes_a_document_of_each_sentence_and_of_each_document_line(tmp_path: Path) -> None:
    text = "-DOCSTART- -X- -X- O\n\nin\tO\nRome\tB-LOC\n\nto\tO\nBonn\tB-LOC\n\n-DOCSTART- -X- -X- O\n\nx\tO\n"
    path = put(tmp_path / "a.conll", text)
    (tmp_path / "out").mkdir()
    spacy_convert(path, tmp_path / "out", file_type="spacy", converter="conll")
    found = [document.words for document in read(tmp_path / "out" / "a.spacy")]
    assert found == [["-DOCSTART-"], ["in", "Rome"], ["to", "Bonn"], ["-DOCSTART-"], ["x"]]
    assert [document.words for document in read(path, report=Report())] == [["in", "Rome", "to", "Bonn"], ["x"]]


@pytest.mark.parametrize(
    ("rows", "theirs", "expected"),
    [
        ("Jo B-PER\nDoe E-PER\nin O\nRome S-LOC\n", [("Jo", "PER"), ("Doe", "PER"), ("Rome", "LOC")], "Jo Doe"),
        ("A B-PER\nB I-PER\nC E-PER\nRome S-LOC\n", [("A B", "PER"), ("C", "PER"), ("Rome", "LOC")], "A B C"),
    ],
)
def test_spacy_reads_bioes_as_bio(tmp_path: Path, rows: str, theirs: Entities, expected: str) -> None:
    path = put(tmp_path / "a.conll", f"{rows}\nx O\n")
    assert spacys(spacy_conll(path)) == [theirs]
    assert ours(path) == ours(path, "conll-bioes") == [[(expected, "PER"), ("Rome", "LOC")]]


@pytest.mark.parametrize(
    ("rows", "theirs", "message"),
    [
        ("Jo NNP B-PER\nDoe I-PER\n", [("Jo", "P"), ("Doe", "PER")], ":2:1: 2 columns, where the lines before have 3:"),
        ("Jo B-PER\nDoe NNP I-PER\n", [("Jo", "PER"), ("Doe", "P")], ":2:1: 3 columns, where the lines before have 2:"),
    ],
)
def test_spacy_and_seqscore_read_ragged_lines_without_an_error(
    tmp_path: Path, rows: str, theirs: Entities, message: str
) -> None:
    path = put(tmp_path / "a.conll", f"{rows}\n")
    assert spacys(spacy_conll(path)) == [theirs]
    assert "No errors found in 2 tokens" in seqscore("validate", "--labels", "BIO", path)
    with pytest.raises(DataError, match=message):
        list(read(path, report=Report()))


@pytest.mark.parametrize(
    ("tags", "theirs", "message"),
    [
        (["B-PER", "O", "L-PER"], [("PER", 0, 2)], ":2:3: tag 'O' comes before entity 'PER' has ended"),
        (
            ["B-PER", "U-LOC", "L-PER"],
            [("LOC", 1, 1), ("PER", 0, 2)],
            ":2:3: tag 'U-LOC' comes before entity 'PER' has",
        ),
        (["B-PER", "I-LOC", "L-ORG"], [("ORG", 0, 2)], ":2:3: tag 'I-LOC' "),
    ],
)
def test_spacy_reads_tags_that_make_no_sense(
    tmp_path: Path, tags: list[str], theirs: list[tuple[str, int, int]], message: str
) -> None:
    assert tags_to_entities(tags) == theirs
    doc = Doc(spacy.blank("en").vocab, words=["a", "b", "c"])
    assert [(span.label_, span.start, span.end - 1) for span in biluo_tags_to_spans(doc, tags)] == theirs
    columns = "".join(f"{word} {tag}\n" for word, tag in zip("abc", tags, strict=True))
    with pytest.raises(DataError, match=message):
        ours(put(tmp_path / "a.conll", f"{columns}\n"), "conll-bilou")
    record = {"tokens": ["a", "b", "c"], "ner_tags": tags}
    with pytest.raises(DataError, match="tag"):
        ours(put(tmp_path / "a.jsonl", json.dumps(record)), "huggingface")


def test_spacy_reads_nothing_of_an_entity_that_has_no_end(tmp_path: Path) -> None:
    assert tags_to_entities(["U-LOC", "B-PER", "I-PER", "O"]) == [("LOC", 0, 0)]
    path = put(tmp_path / "a.conll", "a U-LOC\nb B-PER\nc I-PER\nd O\n\n")
    for name in ("conll", "conll-bilou"):
        with pytest.raises(DataError, match=":4:3: tag 'O' comes before entity 'PER' has ended"):
            ours(path, name)


def test_spacy_and_seqscore_take_the_mark_of_byte_order_for_a_piece_of_the_first_word(tmp_path: Path) -> None:
    path = put(tmp_path / "a.conll", "\ufeffRome\tB-LOC\n\n")
    assert spacys(spacy_conll(path)) == [[("\ufeffRome", "LOC")]]
    seqscore("convert", "--input-labels", "BIO", "--output-labels", "BIOES", path, tmp_path / "b.conll")
    assert (tmp_path / "b.conll").read_text(encoding="utf-8") == "\ufeffRome\tS-LOC\n\n"
    assert ours(path) == [[("Rome", "LOC")]]
    put(path, "\ufeff-DOCSTART- -X- O O\n\nRome\tB-LOC\n\n")
    assert "2 tokens, 2 sequences" in seqscore("validate", "--labels", "BIO", path)
    with pytest.raises(ValueError, match="E903"):
        spacy_conll(path)
    assert ours(path) == [[("Rome", "LOC")]]


@pytest.mark.parametrize(
    ("misc", "theirs", "label"),
    [
        ("name=B-Place", [("Rome", "P")], "Place"),
        ("name=B-GPE-CITY", [("Rome", "GPE")], "GPE-CITY"),
        ("name=B-place", [], "place"),
        ("NER=B-LOC", [], "LOC"),
        ("Entity=(place)", [], "place"),
    ],
)
def test_spacy_cuts_labels_of_conllu_or_finds_none(tmp_path: Path, misc: str, theirs: Entities, label: str) -> None:
    text = "\t".join(["1", "Rome", *"_" * 7, misc]) + "\n\n"
    path = put(tmp_path / "a.conllu", text)
    assert spacys(conllu_to_docs(text, no_print=True)) == [theirs]
    assert ours(path) == [[("Rome", label)]]


# Their known mistakes: offsets and overlaps


def test_char_span_finds_nothing_where_an_entity_does_not_sit_on_tokens(tmp_path: Path) -> None:
    text, spans = "Anna met IBM", [(0, 3, "PER"), (9, 12, "ORG")]
    doc = spacy.blank("en")(text)
    assert doc.char_span(*spans[0][:2], label="PER") is None
    with pytest.warns(UserWarning, match="W030"):
        example = Example.from_dict(doc, {"entities": spans})
    assert spacys([example.reference]) == [[("IBM", "ORG")]]

    put(tmp_path / "a.json", json.dumps([[text, {"entities": spans}]]))
    call = ["convert", "a.json", "-o", "a.spacy", "--tokenizer", "en", "--report", "r.json"]
    done = nerconv(*call, cwd=tmp_path)
    reason = "spacy: 0:3 does not begin and end with a token; it is in 'Anna', and 0:4 would fit"
    assert f"lost span 'Ann' at a.json:1:2: {reason}" in done.stderr
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [(loss["kind"], loss["text"], loss["reason"]) for loss in report["lost"]] == [("span", "Ann", reason)]
    assert (report["in"]["spans"], report["out"]["spacy"]["spans"]) == (2, 1)
    assert ours(tmp_path / "a.spacy") == [[("IBM", "ORG")]]


UNIVERSITY = Document(
    "University of Rome is",
    (Span(0, 18, "ORG"), Span(14, 18, "LOC")),
    Tokens.make([0, 11, 14, 19], [10, 13, 18, 21], [0]),
)
OVERLAP = "entities ORG 'University of Rome' and LOC 'Rome' overlap, and {} can hold only one of them"


@pytest.mark.parametrize(("format", "scheme"), SCHEMES.items())
def test_seqscore_writes_one_entity_over_another(tmp_path: Path, format: str, scheme: str) -> None:
    theirs = [Mention(SeqscoreSpan(0, 3), "ORG"), Mention(SeqscoreSpan(2, 3), "LOC")]
    tags = get_encoding(scheme).encode_mentions(theirs, 4)
    assert [tag[2:] for tag in tags] == ["ORG", "ORG", "LOC", ""]  # an ORG of two words, or one without an end
    with pytest.raises(DataError, match=OVERLAP.format(format)):
        write([UNIVERSITY], tmp_path / "a.conll", format=format, report=Report())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("writer", "tags", "format"),
    [
        ("write_bio_tags", "B-ORG I-ORG B-LOC O", "conll"),
        ("write_iob_tags", "I-ORG I-ORG I-LOC O", "conll-iob1"),
        ("write_iobes_tags", "B-ORG I-ORG S-LOC O", "conll-bioes"),
        ("write_bilou_tags", "B-ORG I-ORG U-LOC O", "conll-bilou"),
    ],
)
def test_iobes_writes_one_entity_over_another(tmp_path: Path, writer: str, tags: str, format: str) -> None:
    iobes = pytest.importorskip("iobes")
    spans = [iobes.Span("ORG", 0, 3, (0, 1, 2)), iobes.Span("LOC", 2, 3, (2,))]
    assert getattr(iobes, writer)(spans, length=4) == tags.split()
    with pytest.raises(DataError, match=OVERLAP.format(format)):
        write([UNIVERSITY], tmp_path / "a.conll", format=format, report=Report())


def test_of_entities_that_overlap_the_one_that_is_left_out_is_named(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", json.dumps({"id": 1, "text": UNIVERSITY.text, "label": UNIVERSITY.spans}))
    call = ["convert", "a.jsonl", "-o", "a.conll", "--tokenizer", "en", "--on-overlap", "longest"]
    assert "overlap longest: LOC Rome" in nerconv(*call, cwd=tmp_path).stderr
    assert ours(tmp_path / "a.conll") == [[("University of Rome", "ORG")]]


def test_doccanos_transformer_shifts_offsets_where_a_word_begins_as_the_one_before_ended(tmp_path: Path) -> None:
    transformer = pytest.importorskip("doccano_transformer.utils")
    with pytest.raises(ModuleNotFoundError, match=r"spacy\.gold"):
        import_module("doccano_transformer.datasets")  # what calls the functions below wants spaCy 2
    rows: list[tuple[str, list[str], tuple[int, int, str], list[int], str, str]] = [
        ("grade A A B", ["grade", "A", "A", "B"], (8, 9, "GRADE"), [0, 6, 6, 10], "O O O O", "O O B-GRADE O"),
        ("the EU UN.", ["the", "EU", "UN", "."], (7, 9, "ORG"), [0, 4, 5, 9], "O O B-ORG I-ORG", "O O B-ORG O"),
        # these offsets are right, but the token that an entity touches is taken into it
        ('"Rome" is', ['"', "Rome", '"', "is"], (1, 5, "LOC"), [0, 1, 5, 7], "B-LOC I-LOC O O", "O B-LOC O O"),
    ]
    for text, words, label, offsets, theirs, _ in rows:
        assert transformer.get_offsets(text, words) == offsets
        assert transformer.create_bio_tags(words, offsets, [label]) == theirs.split()

    records = [{"id": number, "text": text, "labels": [label]} for number, (text, _, label, *_) in enumerate(rows)]
    path = put(tmp_path / "a.jsonl", "\n".join(map(json.dumps, records)))
    assert ours(path) == [[("A", "GRADE")], [("UN", "ORG")], [("Rome", "LOC")]]
    nerconv("convert", "a.jsonl", "-o", "a.conll", "--tokenizer", "en", "--strict", cwd=tmp_path)
    lines = (tmp_path / "a.conll").read_text(encoding="utf-8").split("\n")
    written = [line.split("\t") for line in lines if line and not line.startswith("-DOCSTART-")]
    expected = [list(pair) for _, words, _, _, _, tags in rows for pair in zip(words, tags.split(), strict=True)]
    assert written == expected


def test_datasets_gives_all_files_the_label_names_of_the_first(datasets: Any, tmp_path: Path) -> None:
    made = [Document("in Rome", (Span(3, 7, label),), Tokens.make([0, 3], [2, 7])) for label in ("LOC", "PER")]
    (tmp_path / "in").mkdir()
    files = {name: str(tmp_path / "in" / f"{name}.parquet") for name in ("train", "test")}
    for document, file in zip(made, files.values(), strict=True):
        write([document], file)
    theirs = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"))
    tags = theirs["test"].features["ner_tags"].feature
    assert [tags.int2str(number) for number in theirs["test"][0]["ner_tags"]] == ["O", "B-LOC"]
    assert [entities(document) for document in read(tmp_path / "in")] == [[("Rome", "PER")], [("Rome", "LOC")]]


# Label Studio

CONFIG = """<View><Labels name="label" toName="text"><Label value="PER"/><Label value="ORG"/></Labels>
<Text name="text" value="$text"/></View>"""


@pytest.fixture
def to_columns(tmp_path: Path) -> Callable[[Path], Path]:
    """Label Studio's own export to columns."""
    sdk = pytest.importorskip("label_studio_sdk.converter")

    def convert(path: Path) -> Path:
        converter = sdk.Converter(CONFIG, str(tmp_path), download_resources=False)
        converter.convert(str(path), str(tmp_path / "columns"), "CONLL2003", is_dir=False)
        return tmp_path / "columns" / "result.conll"

    return convert


def task(text: str, *regions: tuple[int, int, str, str], id: int = 1) -> dict[str, Any]:
    result = [
        {
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {"start": start, "end": end, "text": mention, "labels": [label]},
        }
        for start, end, mention, label in regions
    ]
    return {"id": id, "data": {"text": text}, "annotations": [{"result": result}]}


def test_label_studios_columns_drop_the_second_of_two_touching_entities(
    to_columns: Callable[[Path], Path], tmp_path: Path
) -> None:
    made = [
        task("USA-China talks", (0, 3, "USA", "ORG"), (4, 9, "China", "PER")),
        task("ab cd", (0, 1, "a", "PER"), (1, 2, "b", "ORG"), (3, 5, "cd", "ORG"), id=2),
    ]
    path = put(tmp_path / "a.json", json.dumps(made))
    rows = to_columns(path).read_text(encoding="utf-8").split("\n")[1:]
    assert rows[:5] == ["USA-China -X- _ B-ORG", "talks -X- _ O", "", "ab -X- _ B-PER", "cd -X- _ B-ORG"]

    assert ours(path) == [[("USA", "ORG"), ("China", "PER")], [("a", "PER"), ("b", "ORG"), ("cd", "ORG")]]
    nerconv("convert", "a.json", "-o", "a.conll", "--tokenizer", "en", "--report", "r.json", cwd=tmp_path)
    assert ours(tmp_path / "a.conll") == [[("USA", "ORG"), ("China", "PER")], [("cd", "ORG")]]
    lost = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["lost"]
    place = f"a.json:1:{len(json.dumps(made[0])) + 4}"  # where the second task begins
    assert [(loss["kind"], loss["place"], loss["text"], loss["reason"]) for loss in lost] == [
        (
            "span",
            place,
            text,
            f"conll: {at} does not begin and end with a token; it is in 'ab', and 0:2 would fit",
        )
        for text, at in (("a", "0:1"), ("b", "1:2"))
    ]


def test_label_studios_columns_drop_entities_that_overlap(to_columns: Callable[[Path], Path], tmp_path: Path) -> None:
    made = task("Jo Doe Inc met", (0, 10, "Jo Doe Inc", "ORG"), (0, 6, "Jo Doe", "PER"))
    path = put(tmp_path / "a.json", json.dumps([made]))
    rows = to_columns(path).read_text(encoding="utf-8").split("\n")[1:5]
    assert [row.split(" ")[3] for row in rows] == ["B-ORG", "I-ORG", "I-ORG", "O"]
    assert ours(path) == [[("Jo Doe Inc", "ORG"), ("Jo Doe", "PER")]]


@pytest.mark.parametrize(("unit", "right"), [("char", True), ("utf16", False)])
def test_label_studios_columns_take_utf16_units_for_characters(
    to_columns: Callable[[Path], Path], tmp_path: Path, unit: str, right: bool
) -> None:
    at = 5 if unit == "char" else 9
    made = task("😀😀😀😀 Jo met Al", (at, at + 2, "Jo", "PER"), (at + 7, at + 9, "Al", "ORG"))
    path = put(tmp_path / "a.json", json.dumps([made]))
    rows = to_columns(path).read_text(encoding="utf-8").split("\n")[1:5]
    assert [row.split(" ")[3] for row in rows] == ["O", *(["B-PER", "O", "B-ORG"] if right else ["O", "B-PER", "O"])]
    assert ours(path) == [[("Jo", "PER"), ("Al", "ORG")]]


def test_label_studios_columns_run_all_tasks_together(to_columns: Callable[[Path], Path], tmp_path: Path) -> None:
    made = [task("Jo met", (0, 2, "Jo", "PER")), task("at IBM", (3, 6, "IBM", "ORG"), id=2)]
    path = put(tmp_path / "a.json", json.dumps(made))
    [document] = read(to_columns(path), report=Report())
    assert (document.words, entities(document)) == (["Jo", "met", "at", "IBM"], [("Jo", "PER"), ("IBM", "ORG")])
    assert document.tokens is not None
    assert document.tokens.columns == {"pos": ("-X-",) * 4}
    assert ours(path) == [[("Jo", "PER")], [("IBM", "ORG")]]


@pytest.fixture
def interface() -> Any:
    """What Label Studio knows of a project: its labels, and which regions fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, not ours to mend
        return pytest.importorskip("label_studio_sdk.label_interface").LabelInterface(CONFIG)


def test_label_studio_finds_our_regions_valid(interface: Any, tmp_path: Path) -> None:
    made = [Document("😀 Jo met IBM", (Span(2, 4, "PER"), Span(2, 12, "ORG"), Span(9, 12, "ORG")), id="a")]
    write(made, tmp_path / "a.json", format="label-studio")
    [found] = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    [annotation] = found["annotations"]
    assert len(annotation["result"]) == 3
    assert interface.validate_annotation(annotation)
    annotation["result"][1]["value"]["labels"] = ["LOC"]  # which the project does not have
    assert not interface.validate_annotation(annotation)


def test_regions_that_label_studios_sdk_makes_are_read(interface: Any, tmp_path: Path) -> None:
    control = interface.get_control("label")
    regions = [control.label(label="PER", start=2, end=4), control.label(label="ORG", start=9, end=12)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = [region._dict() for region in regions]
    found = {"data": {"text": "😀 Jo met IBM"}, "predictions": [{"model_version": "m", "result": result}]}
    path = put(tmp_path / "a.json", json.dumps([found]))
    [document] = read(path, report=Report(), options=ReadOptions(offset_unit="char"))
    assert entities(document) == [("Jo", "PER"), ("IBM", "ORG")]
    assert [document.attributes[span]["id"] for span in document.spans] == [region["id"] for region in result]


# spaCy

CITIES = replace(
    from_brackets("[LOC Rome  ] 's [ORG Bank of Italy  ] met [PER Jo Doe  ] . \n[LOC Bonn  ] [LOC Berlin  ] . "), id="a"
)
IBM = replace(from_brackets("He left [ORG IBM  ] . "), id="b")
MADE = [CITIES, IBM]
ALL = [("Rome", "LOC"), ("Bank of Italy", "ORG"), ("Jo Doe", "PER"), ("Bonn", "LOC"), ("Berlin", "LOC")]
JOINED = [*ALL[:3], ("Bonn Berlin", "LOC")]
"""What is left of them in IO, which has no mark between two entities of a label."""


def on_tokens(document: Document) -> tuple[list[str], list[Any], list[tuple[int, int]]]:
    """What columns hold: words, entities as token numbers, sentences."""
    return document.words, [document.token_span(s) for s in document.spans], list(document.sentence_ranges())


def test_what_spacys_command_makes_of_our_columns_is_the_same_again(tmp_path: Path) -> None:
    write(MADE, tmp_path / "a.conll")
    (tmp_path / "out").mkdir()
    call = [sys.executable, "-m", "spacy", "convert", "a.conll", "out", "-c", "conll"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "(2 documents)" in done.stdout
    found = list(read(tmp_path / "out" / "a.spacy"))
    assert [on_tokens(document) for document in found] == [on_tokens(document) for document in MADE]


@pytest.mark.parametrize("format", ["conll-iob1", "conll-io", "conll-bilou"])
def test_spacy_reads_our_other_schemes_but_bioes(tmp_path: Path, format: str) -> None:
    path = tmp_path / "a.conll"
    write(MADE, path, format=format, report=Report())
    expected = JOINED if format == "conll-io" else ALL
    assert spacys(spacy_conll(path)) == [expected, [("IBM", "ORG")]]


def test_what_spacys_command_makes_of_our_conllu_is_the_same_again(tmp_path: Path) -> None:
    write(MADE, tmp_path / "a.conllu")
    (tmp_path / "out").mkdir()
    spacy_convert(tmp_path / "a.conllu", tmp_path / "out", file_type="spacy", converter="conllu", n_sents=3)
    report = Report()
    [found] = read(tmp_path / "out" / "a.spacy", report=report)  # it knows of no documents
    assert found.text.strip() == f"{CITIES.text} {IBM.text}"
    assert entities(found) == [*ALL, ("IBM", "ORG")]
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "DEP, HEAD")]


@pytest.mark.parametrize("sentences", [False, True])
def test_spacys_corpus_trains_on_our_file(tmp_path: Path, sentences: bool) -> None:
    write(MADE, tmp_path / "a.spacy")
    nlp = spacy.blank("en")
    examples = list(Corpus(tmp_path / "a.spacy", gold_preproc=sentences)(nlp))
    expected = [ALL[:3], ALL[3:]] if sentences else [ALL]
    assert spacys(example.reference for example in examples) == [*expected, [("IBM", "ORG")]]
    tags = [tag for example in examples for tag in example.get_aligned_ner()]
    assert tags == [
        *("U-LOC", "O", "B-ORG", "I-ORG", "L-ORG", "O", "B-PER", "L-PER", "O"),
        *("U-LOC", "U-LOC", "O"),
        *("O", "O", "U-ORG", "O"),
    ]
    recognizer = nlp.add_pipe("ner")
    nlp.initialize(lambda: examples)
    assert recognizer.labels == ("LOC", "ORG", "PER")  # type: ignore[attr-defined]


def test_what_a_pipeline_of_spacys_finds_is_read_beside_our_own(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "New York", "id": "NY"}])  # type: ignore[attr-defined]
    [doc] = nlp.pipe(["I saw New York.  It is\n\nbig. 😀 New York"])
    write(MADE, tmp_path / "a.spacy")
    both = DocBin(store_user_data=True).from_disk(tmp_path / "a.spacy")
    both.merge(DocBin(docs=[doc], store_user_data=True))
    both.to_disk(tmp_path / "b.spacy")
    *mine, found = read(tmp_path / "b.spacy")
    assert (mine, [document.id for document in mine]) == (MADE, ["a", "b"])
    assert found.text == doc.text
    assert found.spans == tuple((ent.start_char, ent.end_char, ent.label_) for ent in doc.ents)
    assert [found.words[first] for first, _ in found.sentence_ranges()] == ["I", "It", "😀"]
    assert [found.attributes[span]["id"] for span in found.spans] == ["NY", "NY"]


# SeqScore


@pytest.mark.parametrize("other", SCHEMES)
@pytest.mark.parametrize("format", SCHEMES)
def test_what_seqscore_converts_of_ours_is_read_again(tmp_path: Path, format: str, other: str) -> None:
    mine, theirs = tmp_path / "mine.conll", tmp_path / "theirs.conll"
    write(MADE, mine, format=format, report=Report())
    expected = JOINED if "conll-io" in (format, other) else ALL
    assert "No errors found in 16 tokens, 3 sequences, and 2 document(s)" in seqscore(
        "validate", "--labels", SCHEMES[format], mine
    )
    total = len(expected if format == "conll-io" else ALL) + 1
    assert f"| TOTAL         |       {total} |" in seqscore("summarize", "--labels", SCHEMES[format], mine)
    seqscore("convert", "--input-labels", SCHEMES[format], "--output-labels", SCHEMES[other], mine, theirs)
    for name in (other, "conll"):
        found = list(read(theirs, format=name, report=Report()))
        assert [entities(document) for document in found] == [expected, [("IBM", "ORG")]]
        assert [document.words for document in found] == [document.words for document in MADE]
    write(read(theirs, format=other, report=Report()), tmp_path / "again.conll", format=other, report=Report())
    rows = [path.read_text(encoding="utf-8").split("\n")[1:] for path in (theirs, tmp_path / "again.conll")]
    first, second = ([row for row in each if not row.startswith("-DOCSTART-")] for each in rows)
    assert first == second


def test_seqscore_keeps_our_further_columns(tmp_path: Path) -> None:
    assert IBM.tokens is not None
    tokens = Tokens.make(IBM.tokens.starts, IBM.tokens.ends, [0], {"pos": ["PRP", "VBD", "NNP", "."]})
    made = [replace(IBM, tokens=tokens, id=name) for name in ("a#1", "a#2")]
    columns = ("word", "pos", "ner")
    write(made, tmp_path / "mine.conll", options=WriteOptions(columns=columns))
    theirs = tmp_path / "a.conll"
    seqscore("convert", "--input-labels", "BIO", "--output-labels", "BILOU", tmp_path / "mine.conll", theirs)
    assert theirs.read_text(encoding="utf-8").startswith("-DOCSTART-\t-X-\tO\n\nHe\tPRP\tO\n")
    assert list(read(theirs, options=ReadOptions(columns=columns), report=Report())) == made


@pytest.mark.parametrize("method", ["conlleval", "discard"])
def test_seqscore_repairs_as_we_do(tmp_path: Path, method: str) -> None:
    broken = "-DOCSTART- -X- O O\n\na\tB-PER\nb\tI-LOC\nc\tI-LOC\nd\tO\ne\tI-PER\n\nf\tI-LOC\n\n"
    path = put(tmp_path / "a.conll", broken)
    seqscore("repair", "--labels", "BIO", "--repair-method", method, path, tmp_path / "b.conll")
    expected = (
        [[("a", "PER"), ("b c", "LOC"), ("e", "PER"), ("f", "LOC")]] if method == "conlleval" else [[("a", "PER")]]
    )
    assert ours(path, repair_tags=method) == ours(tmp_path / "b.conll") == expected


# Tables

SMILE = Document(
    "😀 Rome's  New York",
    (Span(2, 6, "LOC"), Span(10, 18, "LOC")),
    Tokens.make([0, 2, 6, 10, 14], [1, 6, 8, 13, 18], [0]),
    id="a",
    meta={"source": "a.txt"},
)


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
@pytest.mark.parametrize("format", ["jsonl", "doccano", "label-studio", "gliner"])
def test_datasets_loads_our_json_and_what_it_writes_of_it_is_read(
    datasets: Any, tmp_path: Path, format: str, suffix: str
) -> None:
    if format in ("doccano", "gliner") and not hasattr(datasets, "Json"):
        pytest.skip("this release of datasets has no type for lists of numbers and strings")
    plain = Document("no one", (), Tokens.make([0, 3], [2, 6], [0]), id="b", meta={"source": "b.txt"})
    mine, theirs = tmp_path / f"mine.{suffix}", tmp_path / f"theirs.{suffix}"
    write([SMILE, plain], mine, format=format, report=Report())
    table = datasets.load_dataset("json", data_files=str(mine), split="train", cache_dir=str(tmp_path / "cache"))
    assert table.num_rows == 2
    table.to_json(str(theirs), lines=suffix == "jsonl", force_ascii=False)
    found, expected = (list(read(path, report=Report())) for path in (theirs, mine))
    assert [entities(document) for document in found] == [[("Rome", "LOC"), ("New York", "LOC")], []]
    assert found == expected
    assert [document.id for document in found] == ["a", "b"]


def test_datasets_streams_our_parquet_and_its_shards_are_read(datasets: Any, tmp_path: Path) -> None:
    made = [replace(SMILE, id=f"{number}") for number in range(4)]
    write(made, tmp_path / "a.parquet")
    call = {"data_files": str(tmp_path / "a.parquet"), "split": "train", "cache_dir": str(tmp_path / "cache")}
    stream = datasets.load_dataset("parquet", streaming=True, **call)
    assert stream.features["ner_tags"].feature == datasets.ClassLabel(names=["O", "B-LOC", "I-LOC"])
    assert [row["ner_tags"] for row in stream] == [[0, 1, 0, 1, 2]] * 4
    (tmp_path / "shards").mkdir()
    for number in range(2):
        shard = datasets.load_dataset("parquet", **call).shard(num_shards=2, index=number, contiguous=True)
        shard.to_parquet(str(tmp_path / "shards" / f"{number}.parquet"))
    found = list(read(tmp_path / "shards"))
    assert (found, [document.id for document in found]) == (made, ["0", "1", "2", "3"])


def test_a_plain_table_of_pyarrows_with_a_dictionary_of_tags_is_read(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    tags = pa.ListArray.from_arrays([0, 2, 3], pa.array(["O", "B-LOC", "B-LOC"]).dictionary_encode())
    pq.write_table(pa.table({"tokens": [["in", "Rome"], ["Bonn"]], "ner_tags": tags}), tmp_path / "a.parquet")
    assert ours(tmp_path / "a.parquet") == [[("Rome", "LOC")], [("Bonn", "LOC")]]


def test_pyarrow_and_pandas_count_offsets_as_our_table_does(tmp_path: Path) -> None:
    compute, pq = pytest.importorskip("pyarrow.compute"), pytest.importorskip("pyarrow.parquet")
    pandas = pytest.importorskip("pandas")
    write([SMILE], tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet", columns=["text", "spans"])
    [text], [spans] = table["text"], table["spans"].to_pylist()
    found = [compute.utf8_slice_codeunits(text, span["start"], span["end"]).as_py() for span in spans]
    [row] = pandas.read_parquet(tmp_path / "a.parquet").itertuples()
    assert found == [row.text[span["start"] : span["end"]] for span in row.spans] == ["Rome", "New York"]
    assert list(row.tokens) == SMILE.words


def test_a_data_frame_is_read(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"tokens": [["in", "Rome"]], "ner_tags": [["O", "B-LOC"]], "page": [3]}, index=["q"])
    frame.to_parquet(tmp_path / "a.parquet")
    [document] = read(tmp_path / "a.parquet", report=Report())
    assert (document.text, entities(document)) == ("in Rome", [("Rome", "LOC")])
    assert document.meta == {"source": "a.parquet", "page": 3, "__index_level_0__": "q"}


# CoNLL-U


def word(id: object, form: str, **fields: object) -> dict[str, object]:
    names = ("lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
    return {"id": id, "form": form} | dict.fromkeys(names) | fields


def sentence(conllu: Any, metadata: dict[str, str | None], *words: dict[str, object]) -> Any:
    return conllu.TokenList(list(words), metadata=metadata)


def test_what_the_conllu_package_makes_of_multiword_tokens_and_empty_nodes_is_read(tmp_path: Path) -> None:
    conllu = pytest.importorskip("conllu")
    made: Sequence[Any] = [
        sentence(
            conllu,
            {"newdoc id": "d", "sent_id": "s1", "text": "Vámonos al  Prado."},
            word((1, "-", 2), "Vámonos", misc={"Typo": "Yes"}),
            word(1, "Vamos", lemma="ir", upos="VERB", feats={"Mood": "Imp", "Number": "Plur"}, head=0, deprel="root"),
            word(2, "nos", head=1, deprel="obj"),
            word((2, ".", 1), "ya", deps=[("advmod", 1)], misc={"CopyOf": "2"}),
            word((3, "-", 4), "al", misc={"SpacesAfter": "\\s\\s"}),
            word(3, "a", head=5, deprel="case", misc={"name": "O"}),
            word(4, "el", head=5, deprel="det", misc={"name": "B-LOC"}),
            word(5, "Prado", head=1, deprel="obl", misc={"SpaceAfter": "No", "name": "I-LOC"}),
            word(6, ".", head=1, deprel="punct", misc={"SpaceAfter": "No"}),
        ),
        sentence(conllu, {"newdoc": None}, word(1, "Roma", misc={"name": "B-LOC"}), word(2, "_", upos="SYM")),
    ]
    path = put(tmp_path / "a.conllu", "".join(each.serialize() for each in made))
    report = Report()
    one, two = read(path, report=report)
    assert (one.text, one.id, entities(one)) == ("Vámonos al  Prado.", "d", [("al  Prado", "LOC")])
    assert (two.text, two.words, entities(two)) == ("Roma _", ["Roma", "_"], [("Roma", "LOC")])
    assert [(loss.kind, loss.text) for loss in report.lost] == [("token", "ya")]
    assert [(repair.name, repair.text) for repair in report.repairs] == [("widen to the multiword token", "al  Prado")]


def test_the_conllu_package_reads_what_we_write_of_multiword_tokens(tmp_path: Path) -> None:
    conllu = pytest.importorskip("conllu")
    text = "\n".join(
        "\t".join(row)
        for row in [
            ["1-2", "al", *"_" * 7, "SpacesAfter=\\s\\s"],
            ["1", "a", "a", "ADP", "_", "Case=Loc|Def=Ind", "3", "case", "_", "_"],
            ["2", "el", "el", "DET", "_", "_", "3", "det", "_", "_"],
            ["3", "Prado", "Prado", "PROPN", "_", "_", "0", "root", "0:root", "SpaceAfter=No|name=B-LOC"],
            ["3.1", "es", *"_" * 6, "3:cop", "_"],
            ["4", ".", *"_" * 4, "3", "punct", "_", "SpaceAfter=No"],
        ]
    )
    report = Report()
    made = list(read(put(tmp_path / "a.conllu", f"# newdoc id = d\n{text}\n\n"), report=report))
    write(made, tmp_path / "b.conllu", report=report)
    [found] = conllu.parse((tmp_path / "b.conllu").read_text(encoding="utf-8"))
    assert (found.metadata["newdoc id"], found.metadata["text"]) == ("d", "al Prado.")
    assert [(token["id"], token["form"]) for token in found] == [
        *(((1, "-", 2), "al"), (1, "a"), (2, "el"), (3, "Prado"), (4, ".")),
    ]
    assert found[0]["misc"] == {"SpacesAfter": "\\s\\s"}
    assert found[1]["feats"] == {"Case": "Loc", "Def": "Ind"}
    assert found[3]["misc"] == {"SpaceAfter": "No", "name": "B-LOC"}
    assert found[3]["deps"] == [("root", 0)]
    assert found.to_tree().token["form"] == "Prado"
