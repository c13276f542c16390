"""``nerconv agree`` as it is called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_evaluation_cli import GOLD, OTHER, PREDICTED, check, convert, run, written
from typer.testing import Result


def agree(*arguments: str | Path, code: int = 0) -> Result:
    return run("agree", *arguments, code=code)


def as_json(*arguments: str | Path) -> Any:
    return json.loads(agree(*arguments, "--json").stdout)


@pytest.fixture
def anna(tmp_path: Path) -> Path:
    return written(tmp_path / "anna", a=GOLD, b=OTHER)


@pytest.fixture
def ben(tmp_path: Path) -> Path:
    return written(tmp_path / "ben", a=PREDICTED, b=OTHER)


ENTITY = {"start": int, "end": int, "label": str, "text": str, "place": str}
SCHEMA = {
    "signature": str,
    "annotators": [{"name": str, "documents": int, "alone": int, "entities": int}],
    "documents": int,
    "paired_by": str,
    "tokens": int,
    "token_sources": {str: int},
    "alpha": "k",
    "mean": {
        **dict.fromkeys(("f1", "boundary_f1"), "n"),
        **dict.fromkeys(("kappa", "kappa_annotated"), "k"),
        "labels": {str: {"f1": "n", "kappa": "k"}},
    },
    "pairs": [
        {
            **dict.fromkeys(("a", "b"), str),
            **dict.fromkeys(("documents", "tokens"), int),
            **dict.fromkeys(("f1", "boundary_f1"), "n"),
            **dict.fromkeys(("kappa", "kappa_annotated"), "k"),
            "labels": {str: {"f1": "n", "kappa": "k", "a": int, "b": int}},
            "kinds": dict.fromkeys(("label", "boundary", "both", "only_a", "only_b"), int),
            "disagreements": [{"document": str, "kind": str, "a": "e", "b": "e", "context": str}],
        }
    ],
}
"""``k`` is a number up to 1 or null, ``e`` an entity or null; the rest as `check` has it."""


def check_agreement(value: Any, schema: Any) -> None:
    if schema == "k":
        assert value is None or (isinstance(value, float | int) and value <= 1)
    elif schema == "e":
        if value is not None:
            check(value, ENTITY)
    elif isinstance(schema, dict) and str not in schema:
        assert value.keys() == schema.keys()
        for name, part in schema.items():
            check_agreement(value[name], part)
    elif isinstance(schema, dict):
        for part in value.values():
            check_agreement(part, schema[str])
    elif isinstance(schema, list):
        for part in value:
            check_agreement(part, schema[0])
    else:
        check(value, schema)


def test_json_has_the_schema(anna: Path, ben: Path) -> None:
    found = as_json(anna, ben, anna)
    check_agreement(found, SCHEMA)
    assert [annotator["name"] for annotator in found["annotators"]] == ["anna", "ben", "anna (2)"]
    assert [pair["f1"] for pair in found["pairs"]] == [0.5, 1, 0.5]
    assert found["pairs"][0]["kinds"] == {"label": 1, "boundary": 1, "both": 0, "only_a": 0, "only_b": 0}
    [first, second] = found["pairs"][0]["disagreements"]
    assert (first["document"], first["kind"]) == ("a", "boundary")
    assert first["a"] == {"start": 0, "end": 8, "label": "PER", "text": "Anna Lee", "place": f"{anna / 'a.txt'}:1:6"}
    assert first["b"]["place"] == f"{ben / 'a.txt'}:1:6"
    assert second["a"]["place"] == f"{anna / 'a.txt'}:1:27"


def test_the_tables(anna: Path, ben: Path) -> None:
    """By hand: 10 of 12 tokens agree; 54/144 are expected to. Of the 6 annotated ones 4 agree, 1/3 are expected to."""
    lines = [line.split() for line in agree(anna, ben).stdout.splitlines()]
    assert ["anna", "-", "ben", "2", "12", "50.00", "75.00", "0.7333", "0.5000"] in lines
    assert ["PER", "0.00", "0.4286", "2", "1"] in lines
    assert ["ORG", "0.00", "0.0000", "0", "1"] in lines
    assert ["anna", "-", "ben", "1", "1", "0", "0", "0"] in lines
    assert "mean" not in [line[0] for line in lines if line]
    assert "alpha, nominal, on tokens, of all annotators: 0.7401\n" in agree(anna, ben).stdout
    text = agree(anna, ben, anna).stdout
    assert ["mean", "66.67", "83.33", "0.8222", "0.6667"] in [line.split() for line in text.splitlines()]
    assert "annotators 3 | docs 2 | tokens of anna\n" in text
    assert "documents are paired by id: 2 are compared; tokens are of anna\n" in text
    same = agree(anna, anna).stdout
    assert "Disagreements" not in same
    assert same.endswith("of all annotators: 1.0000\n")


def test_disagreements_are_listed(anna: Path, ben: Path) -> None:
    lines = [line for line in agree(anna, ben, "--disagreements").stdout.splitlines() if ": document " in line]
    assert lines == [
        f"{anna / 'a.txt'}:1:6: document 'a': boundary: anna PER 'Anna Lee' at 0:8, ben PER 'Anna' at 0:4, "
        "in 'Anna Lee met Bo in New York.'",
        f"{anna / 'a.txt'}:1:27: document 'a': label: anna PER 'Bo' at 13:15, ben ORG 'Bo' at 13:15, "
        "in 'Anna Lee met Bo in New York.'",
    ]
    result = agree(anna, ben, "--disagreements", "--json")
    assert json.loads(result.stdout) == as_json(anna, ben)
    assert result.stderr.splitlines() == lines


@pytest.mark.parametrize(("to", "suffix"), [("conll", ".conll"), ("jsonl", ".jsonl"), ("spacy", ".spacy")])
def test_formats_may_differ(anna: Path, ben: Path, to: str, suffix: str) -> None:
    found, expected = as_json(anna, convert(ben, to, suffix)), as_json(anna, ben)
    for name in ("alpha", "mean", "tokens", "documents"):
        assert found[name] == expected[name]


def test_labels_can_be_chosen(anna: Path, ben: Path) -> None:
    assert list(as_json(anna, ben, "--keep", "LOC")["mean"]["labels"]) == ["LOC"]
    assert as_json(anna, ben, "--map", "ORG=PER")["pairs"][0]["kinds"]["label"] == 0
    assert as_json(anna, ben, "--limit", "1")["documents"] == 1


def test_a_folder_may_lack_a_document(anna: Path, tmp_path: Path) -> None:
    cem = written(tmp_path / "cem", b=OTHER, c=GOLD)
    result = agree(anna, cem)
    assert "documents are paired by id: 1 is compared, 2 of one annotator alone are not" in result.stdout
    found = as_json(anna, cem)
    assert [annotator["alone"] for annotator in found["annotators"]] == [1, 1]
    assert (found["documents"], found["mean"]["f1"]) == (1, 1)


def test_tokens_where_nobody_has_any(tmp_path: Path) -> None:
    record = {"text": "Bo's Oslo", "spans": [{"start": 5, "end": 9, "label": "LOC"}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(json.dumps(record), encoding="utf-8")
    both = (tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    found = as_json(*both)
    assert (found["tokens"], found["token_sources"]) == (4, {"words": 1})
    found = as_json(*both, "--tokenizer", "en")
    assert (found["tokens"], found["token_sources"]) == (3, {"of tokenizer en": 1})
    assert "'nothing'" in agree(*both, "--tokenizer", "nothing", code=2).stderr


def test_wrong_calls_and_wrong_data(anna: Path, tmp_path: Path) -> None:
    assert "two annotators or more" in agree(anna, code=2).stderr
    agree(code=2)
    assert "nowhere" in agree(anna, tmp_path / "nowhere", code=1).stderr
    other = written(tmp_path / "other", a=GOLD.replace("Bo", "Bob"), b=OTHER)
    result = agree(anna, other, "--json", code=1)
    assert f"{other / 'a.txt'}: the text of document 'a' is another one" in result.stderr
    assert result.stdout == ""
    assert "nothing there pairs with" in agree(convert(anna, "conll", ".conll"), other / "b.txt", code=1).stderr


def test_losses_are_told_on_stderr(anna: Path, tmp_path: Path) -> None:
    lossy = written(tmp_path / "lossy", a=f"<img alt= [LOC Rome  ] x=y> {GOLD}", b=OTHER)
    result = agree(anna, lossy, "--json")
    assert "lost span 'Rome'" in result.stderr
    json.loads(result.stdout)
