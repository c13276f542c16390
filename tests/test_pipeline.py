from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import converters
from converters import (
    Changes,
    DataError,
    Document,
    ReadOptions,
    Report,
    Span,
    Tokens,
    UsageError,
    WriteOptions,
    convert,
    read,
    write,
)
from converters.finding import find_inputs
from converters.formats import Format, formats, named
from converters.outputs import _is_name, plan_outputs

ROME = "[LOC Rome  ] is big . \n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inputs = tmp_path / "in"
    (inputs / "b").mkdir(parents=True)
    (inputs / ".git").mkdir()
    (inputs / "b" / "two.txt").write_text("[LOC Paris  ] . \n", encoding="utf-8")
    (inputs / "a.txt.gz").write_bytes(gzip.compress(ROME.encode()))
    (inputs / "notes.pdf").write_bytes(b"%PDF")
    (inputs / ".hidden.txt").write_text("no", encoding="utf-8")
    (inputs / ".git" / "x.txt").write_text("no", encoding="utf-8")
    return inputs


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_walked_in_order_and_what_is_skipped_is_told(folder: Path) -> None:
    report = Report()
    documents = list(read(folder, report=report))
    assert [(d.id, d.text, d.meta["source"]) for d in documents] == [
        ("a", "Rome is big.", "a.txt.gz"),
        ("b/two", "Paris.", "b/two.txt"),
    ]
    assert [(Path(path).name, reason) for path, reason in report.skipped] == [
        (".git", "hidden"),
        (".hidden.txt", "hidden"),
        ("notes.pdf", "no known suffix"),
    ]


def test_one_pass_writes_every_format_and_counts_all(folder: Path, tmp_path: Path) -> None:
    report = convert([folder], tmp_path / "new" / "out")
    assert files(tmp_path / "new" / "out") == ["corpus.conll", "corpus.jsonl", "corpus.spacy"]
    count = {"documents": 2, "tokens": 6, "spans": 2, "labels": {"LOC": 2}}
    told = report.as_dict()
    assert told["in"] == count
    assert told["out"] == {"spacy": count, "conll": count, "jsonl": count}
    assert told["lost"] == told["repairs"] == []


@pytest.mark.parametrize(
    ("out", "to", "expected"),
    [
        ("x.spacy", None, ["x.spacy"]),
        ("x.iob", None, ["x.iob"]),
        ("x.jsonl", ["jsonl"], ["x.jsonl"]),
        ("x", None, ["x/corpus.spacy", "x/corpus.conll", "x/corpus.jsonl"]),
        ("x", ["jsonl", "conll"], ["x/corpus.jsonl", "x/corpus.conll"]),
        ("x.y/", ["jsonl"], ["x.y/corpus.jsonl"]),
        ("x", ["brackets", "jsonl"], ["x", "x/corpus.jsonl"]),
        ("x.txt", None, ["x.txt"]),
        ("x.txt", ["brackets-line"], ["x.txt"]),
    ],
)
def test_what_an_out_stands_for(out: str, to: list[str] | None, expected: list[str]) -> None:
    assert [str(output.path) for output in plan_outputs(out, to)] == expected


@pytest.mark.parametrize(
    ("out", "to", "message"),
    [
        ("x.spacy", ["jsonl"], "x.spacy is a name for spacy, but --to says jsonl"),
        ("x.jsonl", ["jsonl", "conll"], "x.jsonl is a name for jsonl, but --to says jsonl,conll"),
        ("x", ["jsnl"], r"unknown format 'jsnl' \(did you mean jsonl\?"),
        ("x.jsonl.gz", None, "compressed files are read, not written"),
        ("-", None, "standard output takes one text format"),
        ("-", ["spacy"], "standard output takes one text format"),
    ],
)
def test_an_out_that_makes_no_sense(out: str, to: list[str] | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_outputs(out, to)


def test_a_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file whose suffix is of no format"):
        plan_outputs(tmp_path / "x")


def test_an_existing_output_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(ROME, encoding="utf-8")
    (tmp_path / "out.jsonl").write_text("old", encoding="utf-8")
    convert([tmp_path / "in.txt"], tmp_path / "out.jsonl")
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["text"] == "Rome is big."
    assert files(tmp_path) == ["in.txt", "out.jsonl"]
    os.umask(mask := os.umask(0))
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize("broken", ["[LOC Rome . \n", "[PER  ] . \n", "[XYZ a  ] . \n", b"caf\xe9 \n"])
def test_an_error_leaves_everything_as_it_was(tmp_path: Path, broken: str | bytes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(ROME, encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_bytes(broken.encode() if isinstance(broken, str) else broken)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "corpus.jsonl").write_text("old", encoding="utf-8")
    with pytest.raises(DataError, match=r"b\.txt:1:\d+: "):
        convert([tmp_path / "in"], tmp_path / "out")
    assert files(tmp_path / "out") == ["corpus.jsonl"]
    assert (tmp_path / "out" / "corpus.jsonl").read_text(encoding="utf-8") == "old"
    with pytest.raises(DataError):
        convert([tmp_path / "in"], tmp_path / "new" / "deep" / "out.jsonl")
    assert not (tmp_path / "new").exists()


def test_bytes_of_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("One . \nà caf\u00e9 . \n".encode("latin-1"))
    with pytest.raises(DataError) as error:
        list(read(path))
    assert str(error.value) == (
        f"{path}:2:1: byte 0xE0 is not UTF-8 (name the file's encoding with --encoding, for example --encoding latin-1)"
    )
    [document] = read(path, options=ReadOptions(encoding="latin-1"))
    assert document.text == "One. à café."
    path.write_text("One . \n", encoding="utf-16")
    [document] = read(path, options=ReadOptions(encoding="utf-16"))
    assert document.text == "One."
    rows = tmp_path / "a.conll"
    rows.write_bytes(b"a\tO\nb\xe9\tO\n")
    with pytest.raises(DataError, match=r"a\.conll:2:2: byte 0xE9 is not UTF-8"):
        list(read(rows))
    rows.write_text("Rome\tB-LOC\n", encoding="utf-16")
    [document] = read(rows, options=ReadOptions(encoding="utf-16"))
    assert document.words == ["Rome"]
    for unknown in ("nonsense", "a\0b"):
        for file in (path, rows):
            with pytest.raises(UsageError) as wrong:
                list(read(file, options=ReadOptions(encoding=unknown)))
            assert wrong.value.what == f"unknown encoding {unknown!r}"


@pytest.mark.parametrize("name", ["a.txt", "a.conll"])
def test_a_byte_is_told_where_it_is_behind_a_mark_that_the_encoding_takes_off(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbfabc\xe9\tO\n")
    with pytest.raises(DataError, match=rf"{name}:1:4: byte 0xE9 is not UTF-8-SIG"):
        list(read(tmp_path / name, options=ReadOptions(encoding="utf-8-sig")))


def test_inputs_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.pdf").write_bytes(b"")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_bytes(b"")
    for name, message in [
        ("none.txt", r"none\.txt: there is no such file"),
        ("none*.txt", r"none\*\.txt: no file matches this pattern"),
        ("empty", "empty: the folder is empty"),
        ("pages", r"no known suffix; HTML with entities in brackets is read with --from brackets"),
        ("other", r"other: nothing to read in this folder: 1 skipped, no known suffix \(name their format"),
    ]:
        with pytest.raises(DataError, match=message):
            convert([tmp_path / name], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_input_that_is_an_output(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "a"}\n', encoding="utf-8")
    (tmp_path / "link.jsonl").symlink_to(path)
    for out in (path, tmp_path, tmp_path / "link.jsonl"):
        with pytest.raises(DataError, match="this input is one of the outputs"):
            convert([path], out, to=["jsonl"])
    assert path.read_text(encoding="utf-8") == '{"text": "a"}\n'


def test_an_output_inside_the_input_is_no_input(folder: Path) -> None:
    convert([folder], folder / "out", to=["jsonl"])
    report = convert([folder], folder / "out", to=["jsonl"])
    assert report.read.documents == 2
    assert (str(folder / "out"), "it is the output") in report.skipped


def test_an_output_among_the_inputs_is_left_out(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    (inputs / "a.txt").write_text(ROME, encoding="utf-8")
    convert([inputs], inputs / "out", to=["spacy"])
    assert convert([str(inputs / "*")], inputs / "out", to=["jsonl"]).read.documents == 1
    convert([inputs / "a.txt"], inputs, to=["spacy"])
    report = convert([inputs / "a.txt", inputs], inputs, to=["jsonl"])
    assert report.read.documents == 3  # a.txt twice, as was asked for, and what the other folder holds in two formats
    assert (str(inputs / "corpus.spacy"), "it is the output") in report.skipped


def test_links_to_folders_are_told(folder: Path, tmp_path: Path) -> None:
    (folder / "link").symlink_to(tmp_path, target_is_directory=True)
    report = Report()
    assert len(list(read(folder, report=report))) == 2
    assert (str(folder / "link"), "a link to a folder") in report.skipped


def test_the_report_is_no_input_and_no_output(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ROME, encoding="utf-8")
    with pytest.raises(DataError, match="this input is one of the outputs"):
        convert([tmp_path / "a.txt"], tmp_path / "o.jsonl", report_file=tmp_path / "a.txt")
    with pytest.raises(UsageError, match="the report would replace an output"):
        convert([tmp_path / "a.txt"], tmp_path / "o.jsonl", report_file=tmp_path / "o.jsonl")
    assert files(tmp_path) == ["a.txt"]
    (tmp_path / "b.txt").write_text("[LOC Rome . \n", encoding="utf-8")
    with pytest.raises(DataError):
        convert([tmp_path / "a.txt", tmp_path / "b.txt"], tmp_path / "o.jsonl", report_file=tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["in"]["documents"] == 1
    assert report["out"] == {}


def test_names_that_are_no_text(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"x\xff.txt")).write_text(ROME, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such names")
    convert([tmp_path], tmp_path / "out")
    assert [d.id for d in read(tmp_path / "out" / "corpus.spacy")] == ["x\ufffd"]


def test_an_output_that_is_a_folder_or_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ROME, encoding="utf-8")
    (tmp_path / "out" / "corpus.conll").mkdir(parents=True)
    with pytest.raises(DataError, match=r"corpus\.conll: cannot be written: Is a directory"):
        convert([tmp_path / "a.txt"], tmp_path / "out")
    assert files(tmp_path / "out") == ["corpus.conll"]
    (tmp_path / "real.jsonl").write_text("old", encoding="utf-8")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "real.jsonl")
    convert([tmp_path / "a.txt"], tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_text(encoding="utf-8") != "old"


def test_names_that_are_empty(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="an input has no name"):
        convert([""], tmp_path / "o.jsonl")
    with pytest.raises(UsageError, match="the output has no name"):
        plan_outputs("")


def test_ordinary_text_that_looks_like_another_format(tmp_path: Path) -> None:
    for text in ("{ U } The [LOC Rome  ] . \n", "-DOCSTART- of [LOC Rome  ] . \n"):
        (tmp_path / "a.txt").write_text(text, encoding="utf-8")
        [document] = read(tmp_path / "a.txt")
        assert len(document.spans) == 1


def test_a_format_is_known_by_content_where_the_name_says_nothing(tmp_path: Path) -> None:
    for name, text in [
        ("a.txt", '{"text": "Rome"}\n'),
        ("b.txt", "-DOCSTART- -X- O O\n\nRome\tO\n"),
        ("c.tagged", "[LOC Rome  ] \n"),
    ]:
        (tmp_path / name).write_text(text, encoding="utf-8")
        [document] = read(tmp_path / name, report=Report())
        assert document.text == "Rome"
    [document] = read(tmp_path / "a.txt", format="brackets")
    assert document.text == '{"text": "Rome"}'


def test_from_takes_every_file_of_a_folder(folder: Path) -> None:
    (folder / "notes.pdf").write_text("[LOC Oslo  ] \n", encoding="utf-8")
    assert [d.id for d in read(folder, format="brackets", report=Report())] == ["a", "b/two", "notes"]


def test_a_pattern(folder: Path) -> None:
    assert [d.id for d in read(str(folder / "*" / "*.txt"))] == ["two"]


def test_a_pattern_takes_what_a_folder_would(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A corpus\n")
    with pytest.raises(DataError, match="no file that matches this pattern can be read"):
        list(read(tmp_path / "*.md"))
    (tmp_path / "a.txt").write_text("Rome is big.")
    (tmp_path / "a.ann").write_text("T1\tLOC 0 4\tRome\n")
    report = Report()
    assert [document.id for document in read(tmp_path / "*", report=report)] == ["a"]
    assert report.skipped == [(str(tmp_path / "README.md"), "no known suffix")]
    # and so does a shell that has made names of it
    named_all = find_inputs([tmp_path / "a.ann", tmp_path / "a.txt"], report=Report())
    assert [item.origin for item in named_all] == ["a.ann"]


@pytest.mark.parametrize(
    ("name", "todo"),
    [
        ("taged.txt", "did you mean {0}/tagged.txt?"),
        ("tagged", "put quotes around a name with spaces: '{0}/tagged set'"),
        ("nothing.like", "look at the spelling"),
    ],
)
def test_what_is_not_there_may_be_misspelt(tmp_path: Path, name: str, todo: str) -> None:
    (tmp_path / "tagged.txt").write_text(ROME)
    (tmp_path / "tagged set").mkdir()
    with pytest.raises(DataError) as raised:
        list(read(tmp_path / name))
    assert raised.value.todo == todo.format(tmp_path)


def test_names_that_are_labels_are_told_so() -> None:
    with pytest.raises(DataError, match="between labels there are commas"):
        list(read("GPE"))


def test_what_a_folder_of_shards_tells_of_itself_is_not_told_again(folder: Path, tmp_path: Path) -> None:
    convert([folder], tmp_path / "shards", to=["jsonl"], shard_size=1)
    report = Report()
    assert list(read(tmp_path / "shards", report=report))
    assert report.skipped == []


def test_a_limit(folder: Path, tmp_path: Path) -> None:
    assert convert([folder], tmp_path / "o.jsonl", limit=1).read.documents == 1
    assert convert([folder], tmp_path / "o.jsonl", limit=0).read.documents == 0
    assert (tmp_path / "o.jsonl").read_bytes() == b""


def test_strict_makes_a_loss_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a <img alt= [LOC Rome  ] x=y> b \n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.txt:1:13: lost span 'Rome': no text of it is left"):
        convert([tmp_path / "a.txt"], tmp_path / "o.jsonl", strict=True)
    assert files(tmp_path) == ["a.txt"]
    report = convert([tmp_path / "a.txt"], tmp_path / "o.jsonl")
    assert [loss.text for loss in report.lost] == ["Rome"]
    assert (report.read.spans, report.written["jsonl"].spans) == (1, 0)


def test_a_span_off_the_tokens_is_lost_where_tokens_are_needed_and_only_there(tmp_path: Path) -> None:
    document = Document("ab c", (Span(0, 1, "X"), Span(3, 4, "Y")), Tokens.make([0, 3], [2, 4], [0]))
    write([document], tmp_path / "in.jsonl")
    report = convert([tmp_path / "in.jsonl"], tmp_path / "out")
    assert [(loss.text, loss.reason) for loss in report.lost] == [
        ("a", "spacy: 0:1 does not begin and end with a token; it is in 'ab', and 0:2 would fit"),
        ("a", "conll: 0:1 does not begin and end with a token; it is in 'ab', and 0:2 would fit"),
    ]
    assert {name: count.spans for name, count in report.written.items()} == {"spacy": 1, "conll": 1, "jsonl": 2}
    [back] = read(tmp_path / "out" / "corpus.spacy")
    assert back.spans == ((3, 4, "Y"),)


def test_a_broken_gzip_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"x" * 1000)[:-9])
    (tmp_path / "b.txt.gz").write_bytes(b"not packed")
    for name in ("a.txt.gz", "b.txt.gz"):
        with pytest.raises(DataError, match=f"{name}: this is no whole gzip file"):
            list(read(tmp_path / name))


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="file: cannot be written: "):
        write([Document("a")], tmp_path / "file" / "out.jsonl")


def test_formats_that_cannot_be_read_or_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="unknown format 'nothing'"):
        named("nothing")
    known = formats()
    monkeypatch.setattr("converters.formats.formats", lambda: {**known, "mute": Format("mute", ())})
    with pytest.raises(UsageError, match=r"mute cannot be read \(these can: brackets, "):
        find_inputs(["x"], format="mute", report=Report())


def test_a_format_of_one_document_a_file_makes_a_file_for_each(folder: Path, tmp_path: Path) -> None:
    report = convert([folder], tmp_path / "out", to=["brackets", "jsonl"])
    assert (tmp_path / "out" / "a.txt").read_text(encoding="utf-8") == ROME
    assert (tmp_path / "out" / "b" / "two.txt").read_text(encoding="utf-8") == "[LOC Paris  ] . \n"
    assert (tmp_path / "out" / "corpus.jsonl").exists()
    assert report.written["brackets"].documents == 2
    with pytest.raises(DataError, match="brackets holds one document a file"):
        convert([folder], tmp_path / "one.txt")
    convert([folder / "a.txt.gz"], tmp_path / "one.txt")
    assert (tmp_path / "one.txt").read_text(encoding="utf-8") == ROME


@pytest.mark.parametrize("part", ["con", "NUL", "aux.txt", "Com1", "lpt9.a.b", "COM¹", "prn ", "CONIN$", "a.", "a "])
def test_windows_has_names_of_its_own(part: str) -> None:
    assert _is_name(part, is_windows=False)
    assert not _is_name(part, is_windows=True)


@pytest.mark.parametrize("part", ["a", "cone", "con-1", "a.con", "com", "com10", "lpt", "nullary.txt", ".a", "é"])
def test_windows_has_most_names(part: str) -> None:
    assert _is_name(part, is_windows=True)


@pytest.mark.parametrize("id", ["../x", "/x", "a//b", "a/../b", "", "a\0", "a\\b", "C:x", None])
def test_an_id_never_leads_out_of_the_folder(tmp_path: Path, id: str | None) -> None:
    with pytest.raises(DataError, match="is no name for a file"):
        write([Document("a", (), Tokens.make([0], [1]), id=id)], tmp_path / "out", format="brackets")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["jsonl", "spacy", "parquet"])
@pytest.mark.parametrize("name", ["x.txt", "x.jsonl"])
def test_files_of_one_name_give_a_file_that_can_be_read(tmp_path: Path, name: str, suffix: str) -> None:
    content = {"x.txt": "[LOC Rome  ] . \n", "x.jsonl": '{"text": "x", "tokens": [{"start": 0, "end": 1}]}\n'}[name]
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content, encoding="utf-8")
    out = tmp_path / f"out.{suffix}"
    report = Report(keep_going=True)
    convert([tmp_path / "a" / name, tmp_path / "b" / name], out, report=report)
    back = list(read(out))  # what cannot be read again is not written, and that is told
    assert len(back) + len(report.failures) == 2


@pytest.mark.parametrize(("format", "read_one"), [(None, "corpus.jsonl"), ("conll", "corpus.conll")])
def test_what_was_written_in_several_formats_is_read_once(tmp_path: Path, format: str | None, read_one: str) -> None:
    (tmp_path / "a.txt").write_text(ROME, encoding="utf-8")
    convert([tmp_path / "a.txt"], tmp_path / "corpus")
    report = Report()
    [document] = read(tmp_path / "corpus", format=format, report=report)
    assert document.meta["source"] == ("a.txt" if format is None else read_one)
    names = {"corpus.spacy", "corpus.conll", "corpus.jsonl"} - {read_one}
    assert report.skipped == [
        (str(tmp_path / "corpus" / n), f"the same documents as {read_one}") for n in sorted(names)
    ]


def test_shards_in_several_formats_are_read_once(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(ROME, encoding="utf-8")
    convert([tmp_path / f"{name}.txt" for name in "abc"], tmp_path / "out", to=["conll", "jsonl"], shard_size=2)
    assert [document.id for document in read(tmp_path / "out", report=Report())] == ["a", "b", "c"]


def test_files_of_which_nothing_tells_a_format_are_no_markup(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("EU;B-ORG\n")
    with pytest.raises(
        DataError, match=r"x\.csv: neither its name nor its content tells a format \(name it with --from; a spreadsheet"
    ):
        list(read(tmp_path / "x.csv"))
    assert [d.text for d in read(tmp_path / "x.csv", format="brackets", report=Report())] == ["EU;B-ORG"]
    (tmp_path / "tagged").write_text("Nobody left . \n")
    assert [d.text for d in read(tmp_path / "tagged", report=Report())] == ["Nobody left."]


def test_the_text_of_brat_is_no_markup(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Bo left")
    (tmp_path / "a.ann").write_text("T1\tPER 0 2\tBo\n")
    with pytest.raises(DataError, match=r"a\.txt: this is the text of a\.ann, which has the annotations"):
        list(read(tmp_path / "a.txt"))
    (tmp_path / "b.txt").write_text("months of work")
    with pytest.raises(DataError, match=r"b\.txt: this file is there already, and would be replaced by the text of"):
        write([Document("Bo")], tmp_path / "b.ann")
    assert (tmp_path / "b.txt").read_text() == "months of work"
    write([Document("Bo")], tmp_path / "a.ann")  # an earlier output is replaced


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        ("a.conll", "Bo B-PER\n", ReadOptions(labels=("PER",)), "--labels is for bracketed markup, and none was read"),
        ("a.spaced.conll", "Bo - B-PER\n", ReadOptions(profile="ptb"), "--profile is for words without their white"),
    ],
)
def test_options_of_markup_mean_nothing_without_any(
    tmp_path: Path, name: str, content: str, options: ReadOptions, message: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError, match=message):
        convert([tmp_path / name], tmp_path / "a.jsonl", read_options=options)
    assert not (tmp_path / "a.jsonl").exists()


def test_words_without_their_white_space_have_a_profile_whatever_the_format(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("".join(f"{word} O\n" for word in "a . b".split()))
    convert([tmp_path / "a.conll"], tmp_path / "a.jsonl", read_options=ReadOptions(profile="whitespace"))
    assert [document.text for document in read(tmp_path / "a.jsonl")] == ["a . b"]


def test_bytes_of_utf_16_are_told_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(ROME.encode("utf-16"))
    with pytest.raises(DataError, match=r"a\.txt:1:1: byte 0xF[EF] is not UTF-8 .*--encoding utf-16"):
        list(read(tmp_path / "a.txt"))


def test_the_public_names_are_there_before_they_are_asked_for() -> None:
    call = [sys.executable, "-c", "import converters; print(*dir(converters))"]
    shown = subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()
    assert set(converters.__all__) <= set(shown)


ONE: Any = Document("Rome", (Span(0, 4, "LOC"),), id="a")
DICT: Any = {"labels": ("any",)}
TEXT: Any = "PER,LOC"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda at: list(read(at, options=DICT)), r"options are ReadOptions\(...\), and this is a dict"),
        (lambda at: write([ONE], at, options=DICT), r"options are WriteOptions\(...\), and this is a dict"),
        (lambda at: write([ONE], at, options=ReadOptions()), "and this is a ReadOptions"),  # type: ignore[arg-type]
        (lambda at: convert([at], at, changes=DICT), r"options are Changes\(...\), and this is a dict"),
        (lambda at: convert([at], at, read_options=DICT), "options are ReadOptions"),
        (lambda at: convert([at], at, write_options=DICT), "options are WriteOptions"),
        (lambda at: list(read([at])), "not list"),  # type: ignore[arg-type]
        (lambda at: write(ONE, at), r"documents: several are asked for, as in \[document\], and this is one"),
        (lambda at: write(TEXT, at), "documents: several are asked for"),
        (lambda at: convert(str(at), at), "inputs: several are asked for"),
        (lambda at: convert([at], at, to="conll"), r"to: several are asked for, as in \('conll',\), and this is one"),
        (lambda at: ReadOptions(labels=TEXT), r"labels: several are asked for, as in \('PER', 'LOC'\), and this is"),
        (lambda at: ReadOptions(repairs=TEXT), "repairs: several"),
        (lambda at: ReadOptions(columns=TEXT), "columns: several"),
        (lambda at: WriteOptions(columns=TEXT), "columns: several"),
        (lambda at: Changes(keep=TEXT), "keep: several"),
        (lambda at: Changes(drop=TEXT), "drop: several"),
    ],
)
def test_arguments_of_another_type(call: Callable[[Path], object], message: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=message):
        call(tmp_path / "a.jsonl")
    assert not files(tmp_path)


def test_a_document_that_nobody_has_named_needs_tokens(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^conll needs tokens, and this document has none"):
        write([Document("Rome")], tmp_path / "a.conll")
    with pytest.raises(UsageError, match=r"^a: conll needs tokens, and this document has none"):
        write([ONE], tmp_path / "a.conll")
