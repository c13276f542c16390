"""The formats, one module a family. A module that is put into this folder is registered by being there.

It has a docstring, which is the format's specification, and a list ``FORMATS`` of `Format` rows, each with a
reader or a writer or both. Nothing else needs to be told.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import BinaryIO, NamedTuple, Protocol

from ..balance import Report
from ..document import Document
from ..errors import UsageError, did_you_mean
from ..holding import ASPECTS, EVERYTHING, Aspect
from ..options import ReadOptions, WriteOptions
from ..source import Source

DEFAULTS = frozenset(["brackets", "jsonl", "conll", "spacy"])
"""The formats that are meant where a suffix is shared and nothing else tells them apart."""

Reader = Callable[[BinaryIO, Source, ReadOptions, Report], Iterator[Document]]
"""Bytes to documents. Raises `DataError`; what it leaves out it tells the report."""


class Writer(Protocol):
    """Documents to bytes. What it cannot hold it tells the report."""

    def write(self, document: Document) -> None:
        """Take one document. Raises `DataError` for one that the format cannot hold."""

    def close(self) -> None:
        """Write what is still to be written. The file itself is the caller's to close."""


WriterMaker = Callable[[BinaryIO, WriteOptions, Report], Writer]


class Format(NamedTuple):
    """A format as ``--from`` and ``--to`` name it.

    `suffixes`: of its files, the first is given to new ones; one that several formats have tells nothing by itself.
    `summary`: what it is, in a few words. `is_text`: whether it can go to a terminal or pipe. `sniff`: whether the
    beginning of a file, some bytes, is certainly of this format. `is_markup`: whether its readers restore text from
    markup, so that repairs and originals mean something to them. `one_each`: whether a file holds one document, so that
    several go into a folder, each under its id. `is_shy`: whether its suffixes are other files' too; in a folder only
    those are taken that `sniff` knows. `variant_of`: the format under whose name it is read too, where `sniff` knows
    it. `is_limited`: whether a file of it can be full, so that its writer raises `FullError`. `holds`: what of a
    document it can hold; its writer is given no more, and tells of what it cannot hold of that.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: Reader | None = None
    writer: WriterMaker | None = None
    summary: str = ""
    is_text: bool = True
    sniff: Callable[[bytes], bool] | None = None
    is_markup: bool = False
    one_each: bool = False
    is_shy: bool = False
    variant_of: str | None = None
    is_limited: bool = False
    holds: frozenset[Aspect] = EVERYTHING


@cache
def default_formats() -> Mapping[str, Format]:
    """The `DEFAULTS`, by name. They are asked first, so that a small file need not wait for all others' imports."""
    modules = (importlib.import_module(f"{__name__}.{name}") for name in sorted(DEFAULTS))
    return {format.name: format for module in modules for format in module.FORMATS if format.name in DEFAULTS}


@cache
def formats() -> Mapping[str, Format]:
    """All formats, by name."""
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(__path__):
        for format in importlib.import_module(f"{__name__}.{module.name}").FORMATS:
            found[format.name] = format
    return found


def specification(name: str) -> str:
    """What the format is and holds, and what its module says of it: an example, its limits, where that comes from."""
    format = named(name)
    ways = " and ".join(way for way, can in (("read", format.reader), ("written", format.writer)) if can)
    held = [words for aspect, words in ASPECTS.items() if aspect in format.holds]
    others = [words for aspect, words in ASPECTS.items() if aspect not in format.holds]
    lines = [
        f"{name}: {format.summary}",
        f"files: {' '.join(format.suffixes)}, {ways}",
        f"holds: {', '.join(held)}",
        f"does not hold: {', '.join(others) or 'nothing, it holds all'}",
    ]
    for module in pkgutil.iter_modules(__path__):
        found = importlib.import_module(f"{__name__}.{module.name}")
        if any(format.name == name for format in found.FORMATS):
            lines += ["", (found.__doc__ or "").strip()]
    return "\n".join(lines)


def named(name: str) -> Format:
    """The format of that name. Raises `UsageError`, with the nearest name, where there is none."""
    if name in DEFAULTS:
        return default_formats()[name]
    known = formats()
    if name not in known:
        raise UsageError(f"unknown format {name!r}", did_you_mean(name, known))
    return known[name]


def by_suffix(name: str) -> Format | None:
    """The format that a file of that name has by its suffix, or None."""
    lower = name.lower().removesuffix(".gz")
    for known in (default_formats, formats):  # called in turn: the second imports everything
        if found := next((f for f in known().values() if f.suffixes and lower.endswith(f.suffixes)), None):
            return found
    return None


def by_content(beginning: bytes, among: Mapping[str, Format] | None = None) -> Format | None:
    """The format whose mark the first bytes of a file bear, or None. `among`: those to ask, by default all."""
    found = [f for f in (among or formats()).values() if f.sniff and f.sniff(beginning)]
    return next((f for f in found if f.name not in DEFAULTS), found[0] if found else None)
