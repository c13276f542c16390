from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters import Changes, DataError, ReadOptions, Report, UsageError, WriteOptions, convert, read
from converters.finding import Input, find_inputs
from converters.formats import formats
from converters.inputs import Ids, Progress
from converters.names import JOURNAL, MANIFEST
from converters.plan import _task, plan, scan, tasks_of
from converters.shards import Settings, Task, write_shards


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def records(*ids: str | None) -> str:
    """A JSON Lines file of documents with these ids; a broken line for ``!``."""
    lines = []
    for number, id in enumerate(ids):
        record = {"text": f"Oslo {number}", "spans": [{"start": 0, "end": 4, "label": "LOC"}]}
        lines.append("{" if id == "!" else json.dumps(record | ({} if id is None else {"meta": {"id": id}})))
    return "\n".join(lines) + "\n"


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ids_of(folder: Path, name: str) -> list[str | None]:
    return [document.id for document in read(folder / name)]


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Seven documents of markup, and ten in two files that hold several, one of them damaged; some ids come twice."""
    files = {f"{name}.txt": f"[LOC Rome  ] has {name} . \n" for name in "abcdefg"}
    files |= {"d.jsonl": records("a", "x", "d", "x#2"), "n.jsonl": records("x", None, "!", None, "y", "a#2", "!")}
    return put(tmp_path / "in", files)


def test_each_shard_holds_so_many_documents_in_the_order_of_the_inputs(inputs: Path, tmp_path: Path) -> None:
    (inputs / "n.jsonl").unlink()
    changes = Changes(tokenizer="en")
    report = convert([inputs], tmp_path / "out", to=["jsonl", "conll"], shard_size=4, changes=changes)
    names = {f"part-0000{number}.{suffix}" for number in range(3) for suffix in ("jsonl", "conll")}
    assert set(content(tmp_path / "out")) == {*names, JOURNAL, MANIFEST}
    assert [ids_of(tmp_path / "out", f"part-0000{number}.jsonl") for number in range(3)] == [
        ["a", "b", "c", "a#2"],  # a.txt, b.txt, c.txt, and the first of d.jsonl
        ["x", "d", "x#2", "d#2"],  # the others, and d.txt
        ["e", "f", "g"],
    ]
    whole = convert([inputs], tmp_path / "whole", to=["jsonl", "conll"], changes=changes)
    assert report == whole
    for suffix in ("jsonl", "conll"):
        parts = [(tmp_path / "out" / f"part-0000{number}.{suffix}").read_bytes() for number in range(3)]
        assert b"".join(parts) == (tmp_path / "whole" / f"corpus.{suffix}").read_bytes() or suffix == "conll"


def test_the_manifest_is_true_and_knows_no_times(inputs: Path, tmp_path: Path) -> None:
    report = convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=5, report=Report(keep_going=True))
    made = content(tmp_path / "out")
    manifest = json.loads(made.pop(MANIFEST))
    del made[JOURNAL]
    assert {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in made.items()} == {
        name: (file["bytes"], file["sha256"]) for shard in manifest["shards"] for name, file in shard["files"].items()
    }
    assert manifest["in"] == report.read.as_dict()
    assert manifest["out"]["jsonl"]["documents"] == sum(len(data.splitlines()) for data in made.values())
    assert set(manifest) == {"nerconv", "formats", "shard_size", "in", "out", "shards"}
    os.utime(inputs / "a.txt", (1, 1))
    again = convert([inputs], tmp_path / "again", to=["jsonl"], shard_size=5, report=Report(keep_going=True))
    assert again.as_record() == report.as_record()
    keys = [shard.pop("key") for shard in manifest["shards"]]
    other = json.loads((tmp_path / "again" / MANIFEST).read_bytes())
    assert [shard.pop("key") == key for key, shard in zip(keys, other["shards"], strict=True)] == [
        False,
        True,
        True,
        True,
    ]
    assert other == manifest


@pytest.mark.parametrize("name", [name for name, format in formats().items() if format.writer])
@pytest.mark.parametrize("size", [1, 4, 100])
def test_one_process_or_two_write_the_same_bytes(inputs: Path, tmp_path: Path, name: str, size: int) -> None:
    put(inputs, {"h.txt": "[LOC Rome . \n", "z.jsonl": records("h", "h#2")})  # the id of what cannot be read is taken
    told = []
    for jobs in (None, 1, 2):
        report = Report(keep_going=True)
        changes = Changes(on_misaligned="expand", on_overlap="longest", tokenizer="en")
        convert([inputs], tmp_path / f"{jobs}", to=[name], shard_size=size, jobs=jobs, changes=changes, report=report)
        told.append((content(tmp_path / f"{jobs}"), report.as_record()))
    assert told[0] == told[1] == told[2]
    assert len(told[0][1]["failures"]) >= 2


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "c", "a#2", None, "!"]), min_size=1, max_size=7), max_size=5),
    st.integers(1, 5),
    st.sets(st.integers(0, 40)),
)
def test_shards_by_tasks_are_those_of_one_pass(files: list[list[str | None]], size: int, done: set[int]) -> None:
    """Whatever shards are there already, and however the others are divided."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts: dict[str, str] = {}
        for number, ids in enumerate(files):
            known = [id for place, id in enumerate(ids) if id in (None, "!") or id not in ids[:place]]
            texts[f"in/{number}.jsonl"] = records(*known)
        put(folder, {"in/x.txt": "[LOC Rome  ] . \n", **texts})
        found = find_inputs([folder / "in"], report=Report())
        made = {}
        for way in ("one", "tasks"):
            out = folder / way
            how = Settings(out, ("jsonl",), size, ReadOptions(), WriteOptions(), Changes(), keep_going=True)
            if way == "one":
                made[way] = list(write_shards(how, Task(0, found)))
                continue
            planned = plan(how, [ids for task in each(found) for ids in scan(how, task)])
            wanted = [number for number in range(len(planned)) if number not in done]
            tasks = list(tasks_of(planned, wanted, found))
            assert [number for t in tasks for number in range(t.first, t.first + (t.shards or 0))] == wanted
            made[way] = [shard for task in tasks for shard in write_shards(how, task)]
        expected = [shard for shard in made["one"] if shard.number not in done]
        assert [shard._replace(report=Report()) for shard in made["tasks"]] == [
            shard._replace(report=Report()) for shard in expected
        ]
        for shard, other in zip(made["tasks"], expected, strict=True):
            assert shard.report.as_record() == other.report.as_record()


def each(found: Sequence[Input]) -> Iterator[Task]:
    return (Task(0, [item]) for item in found)


def test_a_large_file_is_not_read_over_and_over() -> None:
    """Tasks that begin inside a file read it from its beginning."""
    how = Settings(Path(), (), 500, ReadOptions(), WriteOptions(), Changes())
    items = [Input(f"{number}.jsonl", f"{number}.jsonl", "jsonl") for number in range(50)]
    for sizes, least in (([30_000], 1), ([600] * 50, 15), ([3000] * 10, 10), ([1] * 50, 1), ([10, 20_000, 7, 900], 2)):
        shards = plan(how, [[f"{n}-{number}" for number in range(size)] for n, size in enumerate(sizes)])
        tasks = list(tasks_of(shards, range(len(shards)), items))
        assert len(tasks) >= least
        assert sum(task.skip for task in tasks) <= sum(sizes) / 2


def test_ids_meet_those_of_earlier_shards() -> None:
    ids = Ids()
    assert [ids.new(own) for own in ("a", "b", "a")] == ["a", "b", "a#2"]
    assert ids.met == {}
    ids.begin(1)
    assert [ids.new(own) for own in ("a", "c", "c")] == ["a#3", "c", "c#2"]
    assert ids.met == {"a": (0, 3)}
    again = Ids(ids.met, 1)
    assert [again.new(own) for own in ("a", "c", "c")] == ["a#3", "c", "c#2"]


OWN_IDS = st.sampled_from(["a", "a#2", "a#3", "a#2#2", "b"])


@given(st.lists(OWN_IDS, max_size=30), st.integers(1, 4), st.data())
def test_ids_are_those_of_one_run_whoever_makes_which_shards(own: list[str], size: int, data: st.DataObject) -> None:
    taken: set[str] = set()
    wanted: list[str] = []
    for id in own:  # counted from the beginning each time
        wanted.append(next(new for new in chain([id], (f"{id}#{n}" for n in count(2))) if new not in taken))
        taken.add(wanted[-1])
    how = Settings(Path(), (), size, ReadOptions(), WriteOptions(), Changes())
    shards = plan(how, [own])
    found: list[str] = []
    first = 0
    while first < len(shards):  # shards that follow one another are made together
        stop = data.draw(st.integers(first + 1, len(shards)))
        task = _task(shards, range(first, stop), [Input("x", "x", None)])
        ids = Ids(task.taken)
        for number in range(first, stop):
            ids.begin(number)
            found += map(ids.new, own[number * size : (number + 1) * size])
            assert ids.met == shards[number].met
        first = stop
    assert found == wanted


def test_an_error_leaves_the_shards_before_it_and_what_was_mended_is_gone_on_with(inputs: Path, tmp_path: Path) -> None:
    (inputs / "n.jsonl").unlink()
    (inputs / "f.txt").write_text("[LOC Rome . \n", encoding="utf-8")
    with pytest.raises(DataError, match=r"f\.txt:1:1: unclosed bracket"):
        convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=3)
    assert sorted(content(tmp_path / "out")) == [JOURNAL, "part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl"]
    before = (tmp_path / "out" / "part-00001.jsonl").stat().st_mtime_ns
    (inputs / "f.txt").write_text("[LOC Rome  ] . \n", encoding="utf-8")
    report = convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=3, resume=True)
    assert (tmp_path / "out" / "part-00001.jsonl").stat().st_mtime_ns == before
    assert report == convert([inputs], tmp_path / "other", to=["jsonl"], shard_size=3)
    assert content(tmp_path / "out") == content(tmp_path / "other")


@pytest.mark.parametrize("fault", ["changed input", "other options", "damaged shard", "lost shard", "fewer inputs", ""])
def test_resume_makes_anew_what_is_no_longer_right(inputs: Path, tmp_path: Path, fault: str) -> None:
    def run(out: str, *, resume: bool = False, tokens: bool = True) -> Report:
        report, writing = Report(keep_going=True), WriteOptions(tokens=tokens)
        return convert(
            [inputs], tmp_path / out, to=["jsonl"], shard_size=3, write_options=writing, report=report, resume=resume
        )

    run("out")
    files = {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in content(tmp_path / "out")}
    if fault == "changed input":
        (inputs / "e.txt").write_text("[LOC Bern  ] . \n", encoding="utf-8")
    elif fault == "damaged shard":
        data = (tmp_path / "out" / "part-00001.jsonl").read_bytes()
        (tmp_path / "out" / "part-00001.jsonl").write_bytes(data.replace(b"Oslo", b"Olso"))
    elif fault == "lost shard":
        (tmp_path / "out" / "part-00001.jsonl").unlink()
    elif fault == "fewer inputs":
        (inputs / "n.jsonl").unlink()
    report = run("out", resume=True, tokens=fault != "other options")
    assert report.as_record() == run("one", tokens=fault != "other options").as_record()
    assert content(tmp_path / "out") == content(tmp_path / "one")
    kept = {
        n
        for n, time in files.items()
        if (tmp_path / "out" / n).exists() and (tmp_path / "out" / n).stat().st_mtime_ns == time
    }
    assert len([name for name in kept if name.startswith("part-")]) == {
        "": 6,
        "other options": 0,
        "fewer inputs": 3,
    }.get(fault, 5)


def test_a_journal_that_was_cut_off_is_read_as_far_as_it_goes(inputs: Path, tmp_path: Path) -> None:
    convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=3, report=Report(keep_going=True))
    whole = content(tmp_path / "out")
    lines = whole[JOURNAL].splitlines(keepends=True)
    for cut in (
        b"",
        lines[0][:5],
        b"".join(lines[:3]) + lines[3][:40],
        b"".join(lines[:2]) + b"[]\n" + b"".join(lines[3:]),
        b"".join(lines[:2]) + b'{"files": []}\n' + b"[" * 100_000 + b"\n" + b"".join(lines[3:]),
    ):
        (tmp_path / "out" / JOURNAL).write_bytes(cut)
        (tmp_path / "out" / MANIFEST).unlink()
        report = Report(keep_going=True)
        convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=3, report=report, resume=True)
        found = content(tmp_path / "out")
        assert sorted(found.pop(JOURNAL).splitlines()) == sorted(whole[JOURNAL].splitlines())
        assert found == {name: data for name, data in whole.items() if name != JOURNAL}


def test_a_new_run_takes_the_place_of_an_earlier_one(inputs: Path, tmp_path: Path) -> None:
    to, changes = ["jsonl", "brackets"], Changes(tokenizer="en")
    convert([inputs], tmp_path / "out", to=to, shard_size=2, changes=changes, report=Report(keep_going=True))
    (tmp_path / "out" / ".part-00003.jsonl.abc.tmp").write_bytes(b"half")
    (tmp_path / "out" / "notes.md").write_bytes(b"mine")
    convert([inputs], tmp_path / "out", to=to, shard_size=6, changes=changes, report=Report(keep_going=True))
    convert([inputs], tmp_path / "one", to=to, shard_size=6, changes=changes, report=Report(keep_going=True))
    found = content(tmp_path / "out")
    assert found.pop("notes.md") == b"mine"
    assert found == content(tmp_path / "one")
    assert not list(tmp_path.glob("out/part-00005*"))


@pytest.mark.parametrize("name", ["corpus.jsonl", "part-00007.jsonl", "x.jsonl", "part-00001/a.txt"])
def test_a_folder_with_other_files_of_its_formats_is_no_place_for_shards(
    inputs: Path, tmp_path: Path, name: str
) -> None:
    put(tmp_path / "out", {name: "mine"})
    with pytest.raises(DataError, match=r"is no shard of an earlier conversion.*name another folder"):
        convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=2, report=Report(keep_going=True))
    assert content(tmp_path / "out") == {name: b"mine"}


def test_strict_leaves_nothing(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="lost document"):
        convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=2, report=Report(keep_going=True), strict=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("more", [{}, {"jobs": 2}, {"resume": True}, {"limit": 3}])
@pytest.mark.parametrize(("options", "asked"), [({"labels": ("LOC",)}, "--labels"), ({"profile": "ptb"}, "--profile")])
def test_options_of_markup_where_none_is_read_are_refused_as_of_one_file(
    tmp_path: Path, options: dict[str, Any], asked: str, more: dict[str, Any]
) -> None:
    put(tmp_path / "in", {"a.jsonl": records("a", "b"), "b.jsonl": records("c", "d")})
    read_options = ReadOptions(**options)
    told = []
    for sharded in ({}, {"shard_size": 2} | more):
        with pytest.raises(UsageError, match=rf"^{asked} is for .* none w(as|ere) read") as error:
            convert([tmp_path / "in"], tmp_path / "out", to=["jsonl"], read_options=read_options, **sharded)
        told.append(str(error.value))
        assert not (tmp_path / "out").exists()
    assert told[0] == told[1]
    put(tmp_path / "in", {"a.txt": "[LOC Rome  ] . \n"})
    convert([tmp_path / "in"], tmp_path / "out", to=["jsonl"], read_options=read_options, shard_size=2, **more)


def test_the_output_is_no_input(inputs: Path, tmp_path: Path) -> None:
    for _ in range(2):
        report, changes = Report(keep_going=True), Changes(tokenizer="en")
        convert([inputs], inputs, to=["conll"], shard_size=5, changes=changes, report=report)
        assert report.read.documents == 7 + 4 + 7
        assert not [loss for loss in report.lost if "part-" in loss.place]


@pytest.mark.parametrize("out", ["x.jsonl", "-"])
def test_shards_need_a_folder(inputs: Path, tmp_path: Path, out: str) -> None:
    with pytest.raises(UsageError, match="name a folder"):
        convert([inputs], out if out == "-" else tmp_path / out, to=["jsonl"], jobs=2)


def test_a_limit_holds_over_all_shards(inputs: Path, tmp_path: Path) -> None:
    report = Report(keep_going=True)
    convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=3, limit=7, jobs=2, report=report)
    assert [len(ids_of(tmp_path / "out", f"part-0000{n}.jsonl")) for n in range(3)] == [3, 3, 1]
    assert report.written["jsonl"].documents == 7


def test_nothing_to_write_is_a_manifest_all_the_same(tmp_path: Path) -> None:
    put(tmp_path / "in", {"a.jsonl": ""})
    report = convert([tmp_path / "in"], tmp_path / "out", to=["jsonl"], shard_size=2)
    assert report.written["jsonl"].documents == 0
    assert json.loads((tmp_path / "out" / MANIFEST).read_bytes())["in"]["documents"] == 0


def test_all_settings_are_in_the_key() -> None:
    """An option of reading or writing, or a change, makes other shards."""
    known = Settings(Path("/o"), ("jsonl",), 2, ReadOptions(), WriteOptions(), Changes())
    others = [known._replace(formats=("conll",)), known._replace(size=3)]
    values = {"labels": {"A": "B"}, "keep": ("A",), "drop": ("A",), "repairs": ("url",), "layout": "sentences"}
    values["columns"] = ("word", "space", "ner")
    for field, options in (("read", ReadOptions()), ("write", WriteOptions()), ("changes", Changes())):
        for item in dataclasses.fields(options):
            if item.name != "originals":
                value = values.get(item.name, f"other {item.name}")
                others.append(known._replace(**{field: dataclasses.replace(options, **{item.name: value})}))
    digests = [json.dumps(one.digest()) for one in [known, *others]]
    assert len(set(digests)) == len(digests)


def test_others_read_the_folder_as_it_is(inputs: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    spacy = pytest.importorskip("spacy")
    from spacy.training import Corpus

    changes = Changes(tokenizer="en")
    convert([inputs], tmp_path / "out", shard_size=4, jobs=2, changes=changes, report=Report(keep_going=True))
    assert len(list(Corpus(tmp_path / "out")(spacy.blank("en")))) == 16
    datasets.disable_progress_bars()
    found = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(found) == 16
    assert found[0]["text"] == "Rome has a."


@pytest.mark.parametrize(
    ("content", "is_seen", "message"),
    [
        (b'{"text": "longer"}\n{"text": "c"}\n', True, r"b\.jsonl: this file was changed while it was converted"),
        (b'{"text": "b"}\n' + b"\n" * 14, True, r"b\.jsonl: this file was changed while it was converted"),
        # a copy on another machine may be older, and have the same size and time
        (b'{"text": "b"}\n' + b"\n" * 14, False, r"b\.jsonl: from here on there are fewer documents than were counted"),
    ],
)
def test_a_file_that_changes_after_its_documents_were_counted(
    tmp_path: Path, content: bytes, is_seen: bool, message: str
) -> None:
    inputs = put(tmp_path / "in", {"a.jsonl": '{"text": "a"}\n', "b.jsonl": '{"text": "b"}\n{"text": "c"}\n'})
    changing = inputs / "b.jsonl"
    before = changing.stat()

    def change(at: Progress) -> None:
        if at.documents == 1:  # a.jsonl is a shard, and b.jsonl is next
            changing.write_bytes(content)
            if not is_seen:
                os.utime(changing, ns=(before.st_atime_ns, before.st_mtime_ns))

    with pytest.raises(DataError, match=message):
        convert([inputs], tmp_path / "out", to=["jsonl"], shard_size=1, resume=True, watch=change)
    assert [path.name for path in sorted((tmp_path / "out").glob("part-*"))][:1] == ["part-00000.jsonl"]
