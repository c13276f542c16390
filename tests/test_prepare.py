"""From markup to a trained tagger: what `prepare` writes is what spaCy trains on, and it works the first time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spacy
from made_corpus import write_corpus
from spacy.util import load_config
from typer.testing import CliRunner

from converters import DataError, Document, Report, Span, UsageError, read
from converters.cli import app
from converters.training.prepare import prepare

RATIOS = {"train": 80, "dev": 10, "test": 10}
SHORT = ["--training.max_steps", "120", "--training.eval_frequency", "40"]
"""Enough to learn the corpus nearly, so that two trainings that differ anywhere differ in their scores."""


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments])


def spacy_says(folder: Path, *arguments: str) -> str:
    """What a command of spaCy prints, run in a folder."""
    call = [sys.executable, "-m", "spacy", *arguments]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return re.sub(r"\x1b\[[\d;]*m", "", done.stdout)


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus and the project that was prepared from it, as a person would."""
    folder = tmp_path_factory.mktemp("road")
    write_corpus(folder / "corpus", 260)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = run("prepare", "corpus", "-o", "project")
        assert done.exit_code == 0, done.output
        done = run("split", "corpus", "-o", "parts", "-q")
        assert done.exit_code == 0, done.output
    return folder


def test_all_files_are_there(road: Path) -> None:
    files = {path.relative_to(road / "project").as_posix() for path in (road / "project").rglob("*") if path.is_file()}
    assert files == {
        "train.spacy",
        "dev.spacy",
        "test.spacy",
        "labels/ner.json",
        "config.cfg",
        "findings.json",
        "README.md",
    }
    parts = {name: list(read(road / "project" / f"{name}.spacy")) for name in RATIOS}
    assert [len(found) for found in parts.values()] == [207, 26, 27]
    originals = {d.id: d for d in read(road / "corpus")}
    assert {d.id: d for found in parts.values() for d in found} == originals


def test_the_parts_have_no_name_in_common(road: Path) -> None:
    names = []
    for part in RATIOS:
        documents = read(road / "project" / f"{part}.spacy")
        names.append({d.text[s.start : s.end].split()[-1] for d in documents for s in d.spans if s.label == "PER"})
    assert not names[0] & names[1]
    assert not names[0] & names[2]


def test_debug_data_finds_no_error(road: Path) -> None:
    told = spacy_says(road, "debug", "data", "project/config.cfg")
    assert "✘" not in told
    assert "207 training docs" in told
    assert "Low number of examples to train a new pipeline (207)" in told  # the one warning, and `prepare` tells it
    assert len(re.findall("⚠ (?!1 warning)", told)) == 1


@pytest.mark.slow
def test_the_whole_road_and_the_same_without_conversion(road: Path) -> None:
    spacy_says(road, "train", "project/config.cfg", "--output", "project/model", *SHORT)
    config = (road / "project" / "config.cfg").read_text(encoding="utf-8")
    for part in ("train", "dev"):
        config = config.replace(f"project/{part}.spacy", f"parts/{part}")
    config = config.replace('"spacy.Corpus.v1"', '"nerconv.Corpus.v1"')
    (road / "reader.cfg").write_text(config, encoding="utf-8")
    assert "✘" not in spacy_says(road, "debug", "data", "reader.cfg")
    spacy_says(road, "train", "reader.cfg", "--output", "other", *SHORT)
    scores = []
    for model in ("project/model/model-best", "other/model-best"):
        done = run(
            "evaluate",
            str(road / "project" / "test.spacy"),
            "--model",
            str(road / model),
            "--train",
            str(road / "project" / "train.spacy"),
            "--json",
        )
        assert done.exit_code == 0, done.output
        [system] = json.loads(done.stdout)["systems"]
        scores.append({**system, "name": ""})
    assert scores[0] == scores[1]
    assert scores[0]["exact"]["micro"]["f1"] > 0.9
    assert scores[0]["exact"]["micro"]["f1"] < 1  # else the comparison says little
    weights = [
        (road / model / "ner" / "model").read_bytes() for model in ("project/model/model-best", "other/model-best")
    ]
    assert weights[0] == weights[1]


def test_the_config_is_spacys_own(road: Path) -> None:
    expected = spacy_says(road, "init", "config", "-", "--lang", "en", "--pipeline", "ner", "--optimize", "efficiency")
    lines = (road / "project" / "config.cfg").read_text(encoding="utf-8").splitlines()
    added = [line for line in lines if line not in expected.splitlines()]
    assert added == [
        'train = "project/train.spacy"',
        'dev = "project/dev.spacy"',
        "[initialize.components.ner]",
        "[initialize.components.ner.labels]",
        '@readers = "spacy.read_labels.v1"',
        'path = "project/labels/ner.json"',
        "require = true",
    ]


def test_the_labels_are_those_that_spacy_finds(road: Path) -> None:
    config = load_config(road / "project" / "config.cfg")
    config["initialize"]["components"] = {}
    config.to_disk(road / "unlabelled.cfg")
    spacy_says(road, "init", "labels", "unlabelled.cfg", "labels")
    ours = json.loads((road / "project" / "labels" / "ner.json").read_text(encoding="utf-8"))
    assert ours == json.loads((road / "labels" / "ner.json").read_text(encoding="utf-8"))


def test_the_readme_tells_what_to_do_and_what_is_doubtful(road: Path) -> None:
    text = (road / "project" / "README.md").read_text(encoding="utf-8")
    assert "of 260 documents: 207 train, 26 dev, 27 test (seed 0)" in text
    assert "python -m spacy train project/config.cfg --output project/model\n" in text
    assert "- 207 documents to train on: spaCy recommends 2,000\n" in text
    findings = json.loads((road / "project" / "findings.json").read_text(encoding="utf-8"))
    for name in {finding["name"] for finding in findings}:
        assert f"### {name}\n" in text
    assert "| PER |" in text


def test_the_same_documents_make_the_same_files(road: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus").symlink_to(road / "corpus")
    monkeypatch.chdir(tmp_path)
    for file in ("corpus/0100.txt", "project/model"):
        assert not (tmp_path / file).with_suffix(".none").exists()
    assert run("prepare", "corpus", "-o", "project", "-q").exit_code == 0
    for path in (tmp_path / "project").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (road / "project" / path.relative_to(tmp_path / "project")).read_bytes(), path


# Small corpora


def test_one_document_is_too_few_and_sentences_are_the_way_out(
    cables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("prepare", str(cables), "-o", "project")
    assert done.exit_code == 1
    assert "1 document cannot be divided into train, dev, test: it takes 3 at least" in done.stderr
    assert "--split-by sentence" in done.stderr
    assert not (tmp_path / "project").exists()
    done = run("prepare", str(cables), "-o", "project", "--split-by", "sentence")
    assert done.exit_code == 0, done.output
    assert "the parts share documents, so scores on them are better than they will be on new texts" in done.stderr
    assert "58 documents to train on: spaCy wants 100 at least and calls less an error" in done.stderr
    assert "too little: 13 entities PER to train on: spaCy wants more than 50" in done.stderr
    assert "Divided by sentence" in (tmp_path / "project" / "README.md").read_text(encoding="utf-8")
    spacy_says(tmp_path, "train", "project/config.cfg", "--output", "model", "--training.max_steps", "4")
    assert "ner" in spacy.load(tmp_path / "model" / "model-last").pipe_names


def numbered(count: int) -> list[Document]:
    words = "alpha beta gamma delta epsilon zeta eta theta iota kappa".split()
    texts = [f"{words[n % 10]} {words[n // 10 % 10]} London {n} is here" for n in range(count)]
    return [
        Document(text, (Span(text.index("L"), text.index("L") + 6, "LOC"),), id=str(n)) for n, text in enumerate(texts)
    ]


def test_documents_without_tokens_get_those_of_the_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    documents = numbered(10)
    made = prepare(documents, Path("p"), ratios=RATIOS, report=Report())
    [one] = read("p/test.spacy")
    assert one.words[2:] == ["London", one.id, "is", "here"]
    assert made.unmet == [
        "8 documents to train on: spaCy wants 100 at least and calls less an error; 2,000 are better",
        "8 entities LOC to train on: spaCy wants more than 50",
        "every document to train on has an entity LOC: spaCy wants some without",
    ]
    many = prepare(numbered(70), Path("q"), ratios=RATIOS, report=Report())
    assert [line for line in many.unmet if "LOC" in line] == []


def test_what_does_not_sit_on_tokens_is_in_the_balance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    documents = numbered(10)
    documents[3] = Document(documents[3].text, (Span(0, 3, "LOC"),), id="3")
    report = Report()
    made = prepare(documents, Path("p"), ratios=RATIOS, report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [("span", "del")]
    assert [f.name for f in made.findings if f.document is documents[3]][:1] == ["partial-word"]


def test_overlaps_are_an_error_until_one_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"text": d.text, "spans": [s._asdict() for s in d.spans]}) for d in numbered(10)]
    lines[0] = lines[0].replace("[{", '[{"start": 6, "end": 18, "label": "ORG"}, {')
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = run("prepare", "a.jsonl", "-o", "p")
    assert done.exit_code == 1
    assert "--on-overlap" in done.stderr
    assert not (tmp_path / "p").exists()
    assert run("prepare", "a.jsonl", "-o", "p", "--on-overlap", "longest").exit_code == 0
    assert "overlapping" in (tmp_path / "p" / "README.md").read_text(encoding="utf-8")
    done = run("prepare", "a.jsonl", "-o", "p", "--on-overlap", "longest", "--ignore", "overlapping")
    assert "overlapping" not in (tmp_path / "p" / "README.md").read_text(encoding="utf-8")


def test_a_document_that_spacy_cannot_take_is_an_error(tmp_path: Path) -> None:
    documents = [*numbered(5), Document("word " * 200_001 + "end", id="long")]
    with pytest.raises(
        DataError, match=r"document long has 1,000,008 characters, and spaCy trains on 1,000,000 at most"
    ):
        prepare(documents, tmp_path / "p", ratios=RATIOS, report=Report())


def test_nothing_to_learn_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no entity to train on"):
        prepare([Document(""), Document("b"), Document("c")], tmp_path / "p", ratios=RATIOS, report=Report())


def test_paths_are_those_from_where_it_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    made = prepare(numbered(10), tmp_path / "deep" / "er p", ratios={"train": 8, "dev": 2}, report=Report())
    config = (tmp_path / "deep" / "er p" / "config.cfg").read_text(encoding="utf-8")
    assert 'train = "../deep/er p/train.spacy"' in config
    assert made.commands == [
        "python -m spacy debug data '../deep/er p/config.cfg'",
        "python -m spacy train '../deep/er p/config.cfg' --output '../deep/er p/model'",
    ]
    assert not (tmp_path / "deep" / "er p" / "test.spacy").exists()


def test_a_folder_that_no_config_can_name_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"p\xff")
    with pytest.raises(UsageError, match="p\ufffd is a name that is not UTF-8, and spaCy's config tells it"):
        prepare(numbered(10), folder, ratios={"train": 8, "dev": 2}, report=Report())
    assert not folder.exists()


def test_mistakes_on_the_command_line(tmp_path: Path, cables: Path) -> None:
    for arguments, told in (
        (["--ratios", "8,1,x"], "'8,1,x' are no ratios"),
        (["--ratios", "a=8,b=1"], "makes no part train"),
        (["--split-by", "line"], "--split-by does not take 'line' (there are document, sentence)"),
        (["--split-by", "sentence", "--ignore", "none"], "there is no finding 'none'"),
        (["--split-by", "sentence", "--lang", "xyz"], "spaCy has no language or pipeline 'xyz'"),
    ):
        done = run("prepare", str(cables), "-o", str(tmp_path / "p"), *arguments)
        assert (done.exit_code, told in done.stderr) == (2, True), done.stderr
        assert not (tmp_path / "p").exists()
