from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from converters import DataError
from converters.new_files import NewFiles, whole_file


def test_files_take_their_names_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before", encoding="utf-8")
    with NewFiles() as files:
        for name in ("a", "x/y/b"):
            with files.open(tmp_path / name) as file:
                file.write(b"new")
        assert (tmp_path / "a").read_text(encoding="utf-8") == "before"
        assert not (tmp_path / "x" / "y" / "b").exists()
        files.put_in_place()
        assert files.placed == [tmp_path / "a", tmp_path / "x" / "y" / "b"]
    assert (tmp_path / "a").read_text(encoding="utf-8") == "new"
    assert [path.name for path in (tmp_path / "x" / "y").iterdir()] == ["b"]


def test_of_files_that_are_not_whole_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before", encoding="utf-8")
    with NewFiles() as files:
        for name in ("a", "x/y/b"):
            files.open(tmp_path / name).close()
        assert len(list(tmp_path.rglob("*.tmp"))) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text(encoding="utf-8") == "before"


def test_a_file_can_be_forgotten_or_take_another_name(tmp_path: Path) -> None:
    with NewFiles() as files:
        for name in ("a", "b"):
            files.open(tmp_path / name).close()
        files.forget(tmp_path / "a")
        files.rename(tmp_path / "b", tmp_path / "c")
        files.put_in_place()
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_two_outputs_cannot_be_one_file(tmp_path: Path) -> None:
    with NewFiles() as files:
        files.open(tmp_path / "a").close()
        with pytest.raises(DataError, match="two outputs would be this file"):
            files.open(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written: Is a directory"), whole_file(tmp_path):
        pass


@pytest.mark.skipif(os.name == "nt", reason="rights and links are others there")
def test_a_new_file_has_the_rights_of_one_and_a_link_stays(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "target").write_bytes(b"")
    with whole_file(tmp_path / "link") as file:
        file.write(b"x")
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"x"
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize(("one", "other"), [("A/x", "a/x"), ("b/É", "b/é"), ("c/\u00e9", "c/e\u0301"), ("ſ", "S")])
def test_names_that_are_one_to_the_file_system(tmp_path: Path, one: str, other: str) -> None:
    """Neither is written over the other: there are two files, or, on macOS and Windows, an error and no file."""
    (tmp_path / "probe" / one).mkdir(parents=True)
    are_one = (tmp_path / "probe" / other).exists()
    out = tmp_path / "out"
    with pytest.raises(DataError, match="for the same") if are_one else nullcontext(), NewFiles() as files:
        for name in (one, other):
            with files.open(out / name) as file:
                file.write(name.encode())
        files.put_in_place()
    found = sorted(path.read_text(encoding="utf-8") for path in out.rglob("*") if path.is_file())
    assert found == ([] if are_one else sorted([one, other]))
