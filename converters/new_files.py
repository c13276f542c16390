"""Files that appear under their names only when they are whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR, ELOOP
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from unicodedata import normalize

from .errors import DataError, Place, system_errors

SUFFIX = ".tmp"


def real(path: Path) -> Path:
    """The path without links; where they lead in a circle, no further than that."""
    return Path(os.path.realpath(path))


class NewFiles:
    """Files that take their names together, with `put_in_place`. When the ``with`` block ends, nothing is left of those
    that have not, nor of the folders that were made for them.

    `check` raises for a name that none of them may have.
    """

    def __init__(self, check: Callable[[Path], None] | None = None) -> None:
        self.check = check
        self.waiting: dict[Path, Path] = {}  # a file's name, and the temporary one
        self.spelt: dict[str, Path] = {}  # by what their names are without regard to case and composition
        self.folders: list[Path] = []
        self.placed: list[Path] = []

    def __enter__(self) -> NewFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for temporary in self.waiting.values():
            temporary.unlink(missing_ok=True)
        self.waiting.clear()
        if not self.placed:
            for folder in reversed(self.folders):
                with suppress(OSError):
                    folder.rmdir()

    def open(self, path: Path) -> BinaryIO:
        """A new file that is to be called `path`. Raises `OSError`."""
        if path in self.waiting:
            what = "two outputs would be this file"
            raise DataError(what, "write them one after the other, into folders of their own", Place(str(path)))
        if self.check:
            self.check(path)
        self._refuse_folder(path)
        target = self._target(path)
        missing = [place for place in (target.parent, *target.parent.parents) if not place.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        self.folders += reversed(missing)
        self._refuse_twin(path)
        try:
            # a name may have 255 bytes, and this one is longer
            number, name = tempfile.mkstemp(prefix=f".{target.name[:50]}.", suffix=SUFFIX, dir=target.parent)
        except OSError as error:  # its own name tells nobody anything
            raise OSError(error.errno, os.strerror(error.errno or 0), str(path)) from None
        self.waiting[path] = Path(name)
        return os.fdopen(number, "wb")

    def _refuse_twin(self, path: Path) -> None:
        """Raise `DataError` for a path that is that of another file where upper and lower case, or an accent and a
        letter that has it, are one, as they are on macOS, and case on Windows.
        """
        folded = _folded(str(path))
        twin = self.spelt.get(folded)
        if twin not in self.waiting:  # there is none, or what it was to hold is in error
            self.spelt[folded] = path
        elif _are_one(twin, path):
            what = f"this system takes this file and {twin} for the same"
            raise DataError(what, "give the two documents ids that differ in more", Place(str(path)))

    @staticmethod
    def _refuse_folder(path: Path) -> None:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))

    @staticmethod
    def _target(path: Path) -> Path:
        """Where the file is in truth: a link stays one."""
        target = real(path) if path.is_symlink() else path
        if target.is_symlink():
            raise OSError(ELOOP, os.strerror(ELOOP), str(path))
        return target

    def rename(self, path: Path, new: Path) -> None:
        """Let a file take another name."""
        self.waiting[new] = self.waiting.pop(path)

    def forget(self, path: Path) -> None:
        """Take away a file that will not be whole."""
        if temporary := self.waiting.pop(path, None):
            temporary.unlink(missing_ok=True)

    def put_in_place(self) -> None:
        """Give all files their names, with the rights that a new file has. A link stays one. Raises `OSError`."""
        for path in self.waiting:
            self._refuse_folder(path)  # before any of them has its name
        mask = os.umask(0)
        os.umask(mask)
        for path, temporary in list(self.waiting.items()):
            temporary.chmod(0o666 & ~mask)
            os.replace(temporary, self._target(path))
            del self.waiting[path]
            self.placed.append(path)


def _folded(text: str) -> str:
    """The same for texts that some file system may take for the same name."""
    return text.lower() if text.isascii() else normalize("NFD", normalize("NFD", text).upper().casefold())


def _are_one(one: Path, other: Path) -> bool:
    """Whether the file system takes two paths for the same, found out where the second is to be."""
    with tempfile.TemporaryDirectory(prefix=".", dir=other.parent) as folder:
        for mine, its in zip(one.parts, other.parts, strict=True):
            if mine != its:
                Path(folder, mine).touch()
                if not Path(folder, its).exists():
                    return False
    return True


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, that gets its name when it is whole. Raises `DataError` where it cannot be written."""
    with NewFiles() as files, system_errors("written", path):
        with files.open(path) as file:
            yield file
        files.put_in_place()
