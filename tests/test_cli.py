from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from converters.cli import app

ROME = "[LOC Rome  ] is big . \n"


def nerconv(*arguments: str, cwd: Path, stdin: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does; what it writes to the terminal never holds a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "converters", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"COLUMNS": "100", "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONUTF8": "1"},
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(ROME, encoding="utf-8")
    return tmp_path


def test_the_balance_goes_to_stderr(folder: Path) -> None:
    done = nerconv("convert", "in", "-o", "out", cwd=folder)
    assert done.stdout == ""
    assert done.stderr.split()[:4] == ["read", "spacy", "conll", "jsonl"]
    assert "\nspans          1       1       1       1\n" in done.stderr
    assert done.stderr.rstrip().endswith("lost: nothing")
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["corpus.conll", "corpus.jsonl", "corpus.spacy"]


def test_the_balance_is_short_whatever_labels_there_are(folder: Path) -> None:
    long = json.dumps({"text": "Rome", "spans": [{"start": 0, "end": 4, "label": "A" * 100_000}]})
    many = json.dumps({"text": "Rome", "spans": [{"start": 0, "end": 4, "label": f"L{n}"} for n in range(1000)]})
    told = nerconv("convert", "-", "-o", "out.jsonl", stdin=long, cwd=folder).stderr
    assert len(told) < 2000
    told = nerconv("convert", "-", "-o", "out.jsonl", stdin=many, cwd=folder).stderr
    assert told.count("\n  L") == 200
    assert "\nand 800 more labels; convert --report FILE lists them all\n" in told


def test_an_error_is_short_whatever_it_quotes(folder: Path) -> None:
    tag = "x" * 100_000
    told = nerconv("convert", "-", "-o", "out.jsonl", "--from", "conll", stdin=f"a\t{tag}\n", code=1, cwd=folder).stderr
    assert told.startswith("-:1:3: tag 'xxx")
    assert "xxx' is not one of BIO" in told
    assert len(told) < 1000


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        (["in", "-o", "a.jsonl"], "written: a.jsonl"),
        (["in", "-o", "b", "--to", "conll,jsonl"], f"written: b{os.sep}corpus.conll, b{os.sep}corpus.jsonl"),
        (["in", "-o", "c", "--to", "brat"], f"written: c{os.sep}a.ann, c{os.sep}a.txt"),
        (["in", "-o", "d", "--to", "conll,jsonl,conllu,rasa,xml"], f"written: d{os.sep} (5 files)"),
        (["in", "-o", "e", "--to", "jsonl", "--shard-size", "1"], f"written: e{os.sep}part-00000.jsonl"),
        (["in", "--into", "in", "-o", "f"], f"written: f{os.sep}a.txt"),
        (["in", "-o", "-", "--to", "conll"], None),
    ],
)
def test_what_was_written_is_told(folder: Path, arguments: list[str], written: str | None) -> None:
    done = nerconv("convert", *arguments, cwd=folder)
    assert [line for line in done.stderr.splitlines() if line.startswith("written")] == ([written] if written else [])


def test_what_there_was_to_resume_is_told(folder: Path) -> None:
    (folder / "in" / "b.txt").write_text(ROME, encoding="utf-8")
    call = ("convert", "in", "-o", "out", "--to", "jsonl", "--shard-size", "1", "--resume")
    assert "\nresumed: 0 of 2 shards were there\n" in nerconv(*call, cwd=folder).stderr
    (folder / "out" / "part-00001.jsonl").unlink()
    assert "\nresumed: 1 of 2 shards were there\n" in nerconv(*call, cwd=folder).stderr
    assert "\nresumed: 0 of 1 shard were there\n" in nerconv(*call, "--limit", "1", cwd=folder).stderr


def test_a_document_without_text_is_told(folder: Path) -> None:
    done = nerconv("convert", "-", "-o", "-", "--to", "jsonl", cwd=folder, stdin="")
    assert "\ndocument without text: stdin (1)\n" in done.stderr


def test_quiet_says_nothing(folder: Path) -> None:
    done = nerconv("convert", "in", "-o", "out", "--quiet", cwd=folder)
    assert (done.stdout, done.stderr) == ("", "")


def test_standard_input_to_standard_output(folder: Path) -> None:
    done = nerconv("convert", "-", "-o", "-", "--to", "conll", cwd=folder, stdin=ROME)
    assert done.stdout == "-DOCSTART- -X- O O\n\nRome\tB-LOC\nis\tO\nbig\tO\n.\tO\n\n"
    assert "lost: nothing" in done.stderr
    done = nerconv("convert", "-", "-o", "-", "--to", "jsonl", "--no-tokens", "-q", cwd=folder, stdin=done.stdout)
    assert json.loads(done.stdout) == {
        "text": "Rome is big.",
        "spans": [{"start": 0, "end": 4, "label": "LOC"}],
        "meta": {"id": "stdin", "source": "-"},
    }


def test_the_report(folder: Path) -> None:
    (folder / "in" / "b.pdf").write_bytes(b"")
    (folder / "in" / "c.txt").write_text("<img alt= [LOC Oslo  ] x=y> b \n", encoding="utf-8")
    nerconv("convert", "in", "-o", "o.jsonl", "--report", "r/report.json", cwd=folder)
    report = json.loads((folder / "r" / "report.json").read_text(encoding="utf-8"))
    assert report == {
        "in": {"documents": 2, "tokens": 5, "spans": 2, "labels": {"LOC": 2}},
        "out": {"jsonl": {"documents": 2, "tokens": 5, "spans": 1, "labels": {"LOC": 1}}},
        "lost": [
            {
                "kind": "span",
                "place": "in/c.txt:1:11",
                "text": "Oslo",
                "reason": "no text of it is left outside HTML tags",
                "count": 1,
            }
        ],
        "repairs": [],
        "skipped": [{"path": "in/b.pdf", "reason": "no known suffix"}],
    }
    done = nerconv("convert", "in", "-o", "p.jsonl", "--strict", cwd=folder, code=1)
    assert "in/c.txt:1:11: lost span 'Oslo'" in done.stderr
    assert not (folder / "p.jsonl").exists()


@pytest.mark.parametrize(
    ("markup", "message"),
    [
        ("Two . \nThe [LOC Rome . \n", "x.txt:2:5: unclosed bracket"),
        ("[LOC Rome [PER Bo  ]  ] \n", "x.txt:1:11: bracket in a bracket"),
        ("[PER  ] \n", "x.txt:1:1: the entity [PER  ] is empty"),
        ("[GENE p53  ] \n", "x.txt:1:1: unknown label GENE"),
    ],
)
def test_bad_markup_is_exit_status_1(folder: Path, markup: str, message: str) -> None:
    (folder / "x.txt").write_text(markup, encoding="utf-8")
    done = nerconv("convert", "x.txt", "-o", "out.jsonl", cwd=folder, code=1)
    assert done.stderr.startswith(message)
    assert not (folder / "out.jsonl").exists()
    if "GENE" in markup:
        nerconv("convert", "x.txt", "-o", "out.jsonl", "--labels", "GENE", cwd=folder)
        nerconv("convert", "x.txt", "-o", "out.jsonl", "--labels", "any", cwd=folder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in", "-o", "x.spacy", "--to", "jsonl"], "x.spacy is a name for spacy, but --to says jsonl"),
        (["in", "-o", "-"], "standard output takes one text format"),
        (["in", "-o", "x", "--to", "jsnl"], "did you mean jsonl?"),
        (["in", "-o", "x", "--from", "bracket"], "did you mean brackets?"),
        (["in", "-o", "x", "--layout", "tall"], "--layout does not take 'tall' (there are flow, sentences)"),
        (["in", "-o", "x", "--columns", "word,x,ner"], "unknown column 'x'"),
        (["in", "-o", "x", "--keep", "LCO"], "no entity has the label 'LCO' that --keep names (did you mean LOC?)"),
        (["in", "-o", "x", "--keep", "LCO", "-j", "2"], "no entity has the label 'LCO' that --keep names"),
        (["in", "-o", "x", "--map", "loc=GPE"], "no entity has the label 'loc' that --map names (did you mean LOC?)"),
        (["in", "-o", "x", "--repair", "apostrofe"], "did you mean apostrophe?"),
        (["in", "-o", "x.jsnol"], "x.jsnol: no format has the suffix .jsnol (did you mean x.jsonl?"),
        (
            ["in", "-o", "x.xlsx"],
            "no format has the suffix .xlsx (a spreadsheet's table is conll, tab-separated in a file .tsv; where it is",
        ),
        (["in", "-o", "x.abc"], "x.abc: no format has the suffix .abc (take a known one, nerconv formats lists"),
        (["in", "-o", "x", "--encoding", "x"], "unknown encoding 'x'"),
        (["in", "-o", "x", "--lang", "xy"], "spaCy has no language 'xy'"),
        (["in"], "no output is named (with -o: a file as x.conll, a folder, or - for standard output)"),
        (["in", "--into", "in"], "no output is named"),
        (
            ["in", "-o", "x.conll", "--columns", "ner,word"],
            "--columns ner,word: the first is called word, the last ner",
        ),
        (["in", "-o", "x", "--nonsense"], "No such option"),
    ],
)
def test_a_wrong_call_is_exit_status_2(folder: Path, arguments: list[str], message: str) -> None:
    done = nerconv("convert", *arguments, cwd=folder, code=2)
    assert message in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["in"]


@pytest.mark.parametrize("name", ["x.csv/", "v1.2", "corpus-2003.v2", "x.verylong"])
def test_a_folder_may_have_a_dot_in_its_name(folder: Path, name: str) -> None:
    nerconv("convert", "in", "-o", name, cwd=folder)
    assert (folder / name / "corpus.jsonl").exists()


def test_missing_inputs_are_exit_status_1(folder: Path) -> None:
    assert "none.txt: there is no such file" in nerconv("convert", "none.txt", "-o", "x", cwd=folder, code=1).stderr
    (folder / "empty").mkdir()
    assert "empty: the folder is empty" in nerconv("convert", "empty", "-o", "x", cwd=folder, code=1).stderr


def test_options_reach_the_writers(folder: Path) -> None:
    nerconv("convert", "in", "-o", "x.conll", "--columns", "word,space,ner", "--layout", "sentences", cwd=folder)
    assert "Rome\t+\tB-LOC\n" in (folder / "x.conll").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to explain (give words, or --file and a path)"),
        (["a", "b", "--file", "in/a.txt"], "words and --file exclude each other (leave one of the two off)"),
        (["in/a.txt"], "one word has no gaps (to explain a file: --file in/a.txt)"),
        (["word"], "one word has no gaps (give two words or more)"),
        (["--file", "x.conll"], "bracketed markup has gaps to explain, and x.conll is conll (name a file of markup)"),
        (["--file", "x.txt"], "bracketed markup has gaps to explain, and x.txt is jsonl (name a file of markup)"),
    ],
)
def test_what_cannot_be_explained(folder: Path, arguments: list[str], message: str) -> None:
    (folder / "x.conll").write_text("Rome\tB-LOC\n", encoding="utf-8")
    (folder / "x.txt").write_text('{"text": "Rome"}\n', encoding="utf-8")
    done = nerconv("explain", *arguments, cwd=folder, code=2)
    assert (done.stdout, done.stderr) == ("", f"nerconv: {message}\n")


def test_version_and_help(folder: Path) -> None:
    assert nerconv("--version", cwd=folder).stdout == "nerconv 0.1.0\n"
    assert "convert" in nerconv("--help", cwd=folder).stdout
    assert "Usage" in nerconv(cwd=folder, code=2).stdout + nerconv(cwd=folder, code=2).stderr


def test_explain_as_a_table_and_as_json(folder: Path) -> None:
    done = nerconv("explain", 'He said , " Yes', "!", '"', cwd=folder)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["left", "right", "rule", "reason"]
    assert lines[2].split(maxsplit=5) == [
        "said",
        ",",
        "join",
        "phrase",
        "end",
        "punctuation that ends a phrase leans left",
    ]
    done = nerconv("explain", "--json", "--file", "in/a.txt", cwd=folder)
    steps = json.loads(done.stdout)
    assert steps[0] == {
        "left": "Rome",
        "right": "is",
        "join": False,
        "rule": "original space",
        "reason": "the tokenizer pads neither word, so the space was there",
    }
    assert len(steps) == 3
    nerconv("explain", cwd=folder, code=2)
    nerconv("explain", "a", "--file", "in/a.txt", cwd=folder, code=2)
    assert "there is no such file" in nerconv("explain", "--file", "none", cwd=folder, code=1).stderr
    assert "-:1:1: unclosed bracket" in nerconv("explain", "[LOC Rome", cwd=folder, code=1).stderr


def test_repairs_originals_and_the_way_back(folder: Path) -> None:
    (folder / "in" / "a.txt").write_text("[LOC Rome  ] ? s non- state . \n", encoding="utf-8")
    done = nerconv("convert", "in", "-o", "x.jsonl", "--repair", "all", cwd=folder)
    assert json.loads((folder / "x.jsonl").read_text(encoding="utf-8"))["text"] == "Rome's non-state."
    assert "apostrophe: Rome ? s (1)" in done.stderr
    (folder / "o.html").write_text("<p>Rome’s  non-state.", encoding="utf-8")
    nerconv("convert", "in", "-o", "y.jsonl", "--source", "o.html", cwd=folder)
    record = json.loads((folder / "y.jsonl").read_text(encoding="utf-8"))
    assert record["text"] == "<p>Rome’s  non-state."
    assert [(span["start"], span["end"]) for span in record["spans"]] == [(3, 7)]
    for name in ("x.jsonl", "y.jsonl"):
        nerconv("convert", name, "--into", "in", "-o", "back", cwd=folder)
        assert (folder / "back" / "a.txt").read_bytes() == (folder / "in" / "a.txt").read_bytes()
    both = ["convert", "in", "-o", "z.jsonl", "--repair", "url", "--source", "o.html"]
    assert "leave one of the two off" in nerconv(*both, cwd=folder, code=2).stderr
    wrong = ["convert", "x.jsonl", "--into", "in", "-o", "back", "--to", "jsonl"]
    assert "--to means nothing with --into" in nerconv(*wrong, cwd=folder, code=2).stderr
    assert (
        "--repair is for bracketed markup"
        in nerconv("convert", "x.jsonl", "-o", "w.jsonl", "--repair", "url", cwd=folder, code=2).stderr
    )
    assert "unknown profile" in nerconv("convert", "in", "-o", "w.jsonl", "--profile", "x", cwd=folder, code=2).stderr


@pytest.mark.parametrize(
    "asked",
    [
        *("--to jsonl", "--profile ptb", "--layout sentences", "--limit 1", "--text-field text"),
        *("--map LOC=GPE", "--keep LOC", "--drop LOC", "--tokenizer en", "--keep-going"),
        *("--on-misaligned drop", "--on-overlap longest", "--columns word,space,ner", "--comments", "--no-tokens"),
        *("--lang de", "--offset-unit utf16", "--shard-size 2", "--jobs 2", "--dask local", "--resume"),
    ],
)
def test_what_means_nothing_on_the_way_back_is_refused(folder: Path, asked: str) -> None:
    (folder / "x.jsonl").write_text('{"text": "Rome is big.", "spans": [], "meta": {"id": "a"}}\n', encoding="utf-8")
    call = ["convert", str(folder / "x.jsonl"), "--into", str(folder / "in"), "-o", str(folder / "back")]
    done = CliRunner().invoke(app, [*call, *asked.split()])
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{asked.split()[0]} means nothing with --into" in done.stderr
    assert not (folder / "back").exists()


def test_what_the_way_back_reads_with_is_taken(folder: Path) -> None:
    record = {"text": "\U0001f600 Rome", "spans": [{"start": 3, "end": 7, "label": "LOC"}], "meta": {"id": "a"}}
    (folder / "x.jsonl").write_text(json.dumps(record), encoding="utf-8")
    (folder / "in" / "a.txt").write_text("\U0001f600 Rome \n", encoding="utf-8")
    call = ["convert", "x.jsonl", "--into", "in", "-o", "back", "--in-offset-unit", "utf16", "--strict"]
    nerconv(*call, cwd=folder)
    assert (folder / "back" / "a.txt").read_text(encoding="utf-8") == "\U0001f600 [LOC Rome  ] \n"


def test_changes_on_the_way(folder: Path) -> None:
    record = {"text": "In New York-based Rome", "spans": [{"start": 3, "end": 11, "label": "GPE"}]}
    record["spans"] += [{"start": 3, "end": 17, "label": "ORG"}, {"start": 18, "end": 22, "label": "DATE"}]  # type: ignore[operator]
    (folder / "x.jsonl").write_text(json.dumps(record), encoding="utf-8")
    call = ["convert", "x.jsonl", "-o", "y.conll"]
    assert "choose a tokenizer with --tokenizer" in nerconv(*call, cwd=folder, code=2).stderr
    call += ["--tokenizer", "en"]
    assert "--on-overlap longest" in nerconv(*call, cwd=folder, code=1).stderr
    done = nerconv(*call, "--on-overlap", "longest", "--map", "ontonotes-to-conll", cwd=folder)
    assert "label dropped: DATE (1)" in done.stderr
    done = nerconv(*call, "--drop", "GPE,DATE", cwd=folder)
    assert "\nlabel dropped: GPE (1)\nlabel dropped: DATE (1)\n" in done.stderr
    assert "York\tI-ORG\n" in (folder / "y.conll").read_text(encoding="utf-8")
    nerconv(*call, "--keep", "GPE", "--on-misaligned", "error", cwd=folder)
    assert "New\tB-GPE\n" in (folder / "y.conll").read_text(encoding="utf-8")
    nerconv("convert", "x.jsonl", "-o", "z.spacy", "--tokenizer", "en", "--on-overlap", "keep", cwd=folder)
    nerconv("convert", "z.spacy", "-o", "w.jsonl", cwd=folder)
    back = json.loads((folder / "w.jsonl").read_text(encoding="utf-8"))
    assert [(s["start"], s["end"], s["label"]) for s in back["spans"]] == [
        (3, 17, "ORG"),
        (3, 11, "GPE"),
        (18, 22, "DATE"),
    ]
    assert "--on-overlap does not take 'x'" in nerconv(*call, "--on-overlap", "x", cwd=folder, code=2).stderr


def test_keep_going_reports_all_and_converts_the_rest(folder: Path) -> None:
    (folder / "in" / "b.txt").write_text("[LOC Rome . \n", encoding="utf-8")
    (folder / "in" / "c.txt").write_text("[LOC Oslo  ] . \n", encoding="utf-8")
    (folder / "in" / "d.jsonl").write_text('{"text": "x"}\n{"text": 1}\n{"text": "y"}\n', encoding="utf-8")
    nerconv("convert", "in", "-o", "o.jsonl", cwd=folder, code=1)
    assert not (folder / "o.jsonl").exists()
    done = nerconv("convert", "in", "-o", "o.jsonl", "--keep-going", "--report", "r.json", cwd=folder, code=1)
    texts = [json.loads(line)["text"] for line in (folder / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert texts == ["Rome is big.", "Oslo.", "x", "y"]
    assert "in/b.txt:1:1: unclosed bracket" in done.stderr
    report = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    assert (report["in"]["documents"], report["out"]["jsonl"]["documents"]) == (6, 4)
    assert [loss["kind"] for loss in report["lost"]] == ["document", "document"]
    done = nerconv(
        "convert", "in/a.txt", "in/d.jsonl", "-o", "out", "--to", "brackets,jsonl", "--keep-going", cwd=folder, code=2
    )
    assert "brackets needs tokens" in done.stderr


def test_what_is_lost_of_many_documents_is_one_line(folder: Path) -> None:
    rows = [{"text": "Rome", "meta": {"id": f"d{n}", "author": "x", "n": n}} for n in range(3)]
    (folder / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = nerconv("convert", "x.jsonl", "-o", "y", "--to", "conll,conllu,jsonl", "--tokenizer", "en", cwd=folder)
    told = done.stderr.splitlines()
    assert told[told.index("ids: not kept by conll (3)") :] == [
        "ids: not kept by conll (3)",
        "lost 3 fields 'author, n' at x.jsonl:1 and 2 other places: conll: it holds no metadata",
        "lost 3 fields 'n' at x.jsonl:1 and 2 other places: conllu: no place for it",
    ]
    done = nerconv("convert", "x.jsonl", "-o", "y.jsonl", cwd=folder)
    assert "\nwritten without tokens: the document has none (3)\n" in done.stderr


def test_the_formats(folder: Path) -> None:
    lines = nerconv("formats", cwd=folder).stdout.splitlines()
    assert lines[0].split() == ["name", "suffixes", "read", "written", "what", "it", "is"]
    assert any(line.startswith("conll ") and "a token a line, BIO tags" in line for line in lines)
    told = nerconv("formats", "conll-io", cwd=folder).stdout.splitlines()
    assert told[0] == "conll-io: a token a line, IO tags, or labels alone"
    assert told[2] == "holds: white space to the letter, tokens, sentences, ids, further columns of tokens"
    assert told[5].startswith("CoNLL columns: a token a line")
    assert "did you mean jsonl?" in nerconv("formats", "jsnl", cwd=folder, code=2).stderr
