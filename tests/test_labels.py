from __future__ import annotations

import json
from pathlib import Path

import pytest

from converters import Changes, DataError, Document, Report, Span, UsageError
from converters.labels import PRESETS, check_names, read_map, relabel

TEXT = "Rome and Bo"
ROME, BO = Span(0, 4, "GPE"), Span(9, 11, "PERSON")


def test_a_map_is_pairs_a_file_or_a_preset(tmp_path: Path) -> None:
    assert read_map("A=B, C=D,E=") == {"A": "B", "C": "D", "E": ""}
    (tmp_path / "m.txt").write_text("# comment\nA = B\n\nC=\n", encoding="utf-8")
    assert read_map(str(tmp_path / "m.txt")) == {"A": "B", "C": ""}
    (tmp_path / "m.json").write_text(json.dumps({"A": "B"}), encoding="utf-8")
    assert read_map(str(tmp_path / "m.json")) == {"A": "B"}
    assert read_map("ontonotes-to-conll")["GPE"] == "LOC"


def test_presets_lead_to_the_right_labels() -> None:
    assert set(PRESETS["ontonotes-to-conll"].values()) == {"PER", "LOC", "ORG", "MISC", ""}
    assert len(PRESETS["ontonotes-to-conll"]) == 18
    back = PRESETS["conll-to-ontonotes"]
    for label in ("PER", "ORG", "LOC"):
        assert PRESETS["ontonotes-to-conll"][back[label]] == label


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ontonotes-to-conl", "'ontonotes-to-conl' is no label map"),
        ("PER:PERSON,LOC:GPE", r"'PER:PERSON,LOC:GPE' is no label map \(write PER=PERSON,LOC=GPE\)"),
        ("missing/map", r"missing/map: there is no such file \(look at the spelling"),
        ("map.txt", "map.txt: there is no such file"),
        ("A=B,C", "'C' is no pair of labels"),
        ("=B", "'=B' is no pair of labels"),
    ],
)
def test_what_is_no_map(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_map(text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"A=B\nC\n", r"m\.txt:2: 'C' is no pair of labels"),
        (b'{"A": 1}', r"m\.txt:1:7: a label map names a label for each label"),
        (b'{"A": ', r"m\.txt:1:7: this is no JSON"),
        (b"\xff=B", r"m\.txt:1:1: byte 0xFF is not UTF-8 \(a label map is UTF-8"),
    ],
)
def test_a_file_that_is_no_map(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "m.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_map(str(tmp_path / "m.txt"))


def test_labels_are_renamed_kept_and_dropped_and_what_goes_is_told() -> None:
    document = Document(TEXT, (ROME, BO), attributes={ROME: {"kb_id": "Q220"}})
    report = Report()
    renamed = relabel(document, {"GPE": "LOC"}, None, None, report)
    assert renamed.spans == (Span(0, 4, "LOC"), BO)
    assert renamed.attributes == {Span(0, 4, "LOC"): {"kb_id": "Q220"}}
    assert not report.repairs
    assert relabel(document, {"GPE": "LOC"}, ("LOC",), None, report).spans == (Span(0, 4, "LOC"),)
    assert relabel(document, {"GPE": "LOC"}, None, ("LOC",), report).spans == (BO,)
    assert relabel(document, {"GPE": ""}, None, None, report).spans == (BO,)
    assert [(repair.name, repair.text) for repair in report.repairs] == [
        ("label dropped", "PERSON"),
        ("label dropped", "GPE"),
        ("label dropped", "GPE"),
    ]


def test_entities_that_become_the_same_are_one() -> None:
    report = Report()
    document = Document(TEXT, (ROME, Span(0, 4, "LOC")))
    assert relabel(document, {"GPE": "LOC"}, None, None, report).spans == (Span(0, 4, "LOC"),)
    assert [repair.name for repair in report.repairs] == ["merge twins"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (Changes(keep=("PRE",)), "no entity has the label 'PRE' that --keep names (did you mean PER?)"),
        (Changes(drop=("org",)), "no entity has the label 'org' that --drop names (did you mean ORG?)"),
        (Changes(keep=("B-PER",)), "no entity has the label 'B-PER' that --keep names (did you mean PER?)"),
        (Changes(labels={"PERSON": "X"}), "no entity has the label 'PERSON' that --map names (did you mean PER?)"),
        (Changes(labels={"PER": "HUMAN"}, keep=("HUMANS",)), "(did you mean HUMAN?)"),
        (Changes(labels={"dat": "X"}), "(did you mean 'dat '? a label map in JSON keeps its white space)"),
        # these are right, or nobody can tell
        (Changes(keep=("PER", "PERSON", "DATE")), None),
        (Changes(keep=("GPE",)), None),
        (Changes(labels={"PERSON": "PER", "ORGANIZATION": "ORG"}), None),  # and half of the data has these already
        (Changes(labels=PRESETS["ontonotes-to-conll"]), None),
        (Changes(labels={"PER": "HUMAN"}, keep=("PER",)), None),
        (Changes(labels={"ORG": ""}, keep=("PER",)), None),
        (Changes(keep=()), None),
    ],
)
def test_a_label_that_is_misspelt_is_an_error(changes: Changes, message: str | None) -> None:
    met = {"PER": 20, "ORG": 3, "LOC": 0, "dat ": 1}
    if message is None:
        check_names(changes, met)
        return
    with pytest.raises(UsageError) as error:
        check_names(changes, met)
    assert message in str(error.value)


def test_what_two_entities_that_become_one_say_differently_is_told() -> None:
    first, second = Span(0, 2, "HUM"), Span(0, 2, "PER")
    document = Document("Bo", (first, second), None, {first: {"conf": "high"}, second: {"conf": "low"}})
    report = Report()
    made = relabel(document, {"HUM": "PER"}, None, None, report)
    assert dict(made.attributes) == {second: {"conf": "high"}}
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "conf")]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("A=B,A=C", 16, "'A' is mapped to 'B' and to 'C' (keep one of the two)"),
        ("A=x\ty", 6, r"'x\ty' is no label (a label is not empty and has no control characters"),
    ],
)
def test_a_map_that_contradicts_itself_or_the_form_of_labels(
    text: str, column: int, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as wrong:
        read_map(text)
    assert message in str(wrong.value)
    pairs = json.dumps(text).replace("=", '": "').replace(",", '", "')
    (tmp_path / "m.json").write_text('\n{"X": "Y",\n' + pairs + "}")
    with pytest.raises(DataError, match=rf"m\.json:3:{column}: '"):
        read_map(str(tmp_path / "m.json"))
    (tmp_path / "m.txt").write_text("X=Y\n" + text.replace(",", "\n"))
    with pytest.raises(DataError, match=r"m\.txt:[23]: '"):
        read_map(str(tmp_path / "m.txt"))


@pytest.mark.parametrize("content", ['{"a": ' + "[" * 100_000, '{"a": ' + "1" * 5_000 + "}", "[" * 100_000])
def test_a_map_that_would_do_harm_is_no_map(content: str, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(content)
    with pytest.raises(DataError, match=r"m\.json(:1)?: ") as error:
        read_map(str(tmp_path / "m.json"))
    assert len(error.value.what) < 300


def test_pairs_may_be_longer_than_a_name_of_a_file_is() -> None:
    assert len(read_map(",".join(f"LABEL{n}=X" for n in range(100)))) == 100
