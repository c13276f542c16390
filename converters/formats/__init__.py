r"""The formats, one module a family. A module that is put into this folder is registered by being there.

It has a docstring, which is the format's specification, and a list ``FORMATS`` of `Format` rows, each with a
reader or a writer or both. Nothing else needs to be told. A whole one, whose quotes ``ruff format`` makes double:

    '''Entities, a line each, an empty line, and the text to the letter; offsets are half-open and count characters.

        0-4 LOC

        Rome fell.

    Cannot hold: tokens and their columns, sentences, metadata, attributes of entities.
    '''

    from __future__ import annotations

    import re
    from collections.abc import Iterator
    from typing import BinaryIO

    from ..balance import Report
    from ..document import Document, Span
    from ..errors import DataError, Place
    from ..options import ReadOptions, WriteOptions
    from ..source import Source, decode
    from . import Format

    ENTITY = re.compile(r"([0-9]+)-([0-9]+) (.+)")


    def read(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
        '''The document of a file.'''
        head, empty, text = decode(file.read(), source, options.encoding).partition("\n\n")
        if not empty:
            raise DataError("no empty line before the text", "put one there", Place(source.file))
        spans = []
        for number, line in enumerate(head.splitlines(), 1):
            found = ENTITY.fullmatch(line)
            if found is None:
                raise DataError(f"{line!r} is no entity", "write it as 0-4 LOC", Place(source.file, number, 1))
            spans.append(Span(int(found[1]), int(found[2]), found[3]))
        yield Document(text, tuple(spans), source=Place(source.file))


    class Writer:
        '''A file for each document.'''

        def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
            self.file = file

        def write(self, document: Document) -> None:
            '''Write the document's entities and its text.'''
            head = "\n".join(f"{start}-{end} {label}" for start, end, label in document.spans)
            self.file.write(f"{head}\n\n{document.text}".encode())

        def close(self) -> None:
            '''Nothing is left to be written.'''


    FORMATS = [
        Format(
            "headed",
            (".headed",),
            read,
            Writer,
            summary="entities, an empty line, and the text",
            sniff=lambda beginning: bool(re.match(rb"(?:[0-9]+-[0-9]+ [^\n]+\n)+\n", beginning)),
            one_each=True,
            holds=frozenset({"spacing", "ids", "nested", "overlapping", "misaligned"}),
        )
    ]

A reader does not repair: what it cannot read is a `DataError` with its place, what it leaves out it tells by
`Report.lose`, and what it changes goes into `Report.repairs`. A `Document` checks offsets and labels itself, and errors
of its own have the place of its `source`. One without an id gets `Source.id`, which is the file's name, with a number
after the first. Words of which no white space is known become a text and `Tokens` by `respaced` of
`converters.detokenize`, and tags become entities by `read_tags` of `converters.schemes`. Where a file holds many
documents, `read_each` of `converters.reading` makes each of them from its part of the file, so that one that is wrong
does not end the others; where it is JSON, `records_reader` of `converters.dialects` reads it. A writer raises
`DataError` for a document that the format has no way to write, and is given nothing but what the format `holds`:

    spacing      the text comes back to the letter; else from the words, and white space is made anew on reading
    tokens       where tokens begin and end; a format without them holds text, and the tokens are told as lost
    sentences    which tokens begin one
    ids          a document's id, in the file or as its name
    metadata     whatever is in `Document.meta`
    columns      what else is known of each token, `Tokens.columns`
    attributes   what else is known of each entity, `Document.attributes`
    nested       entities inside others
    overlapping  entities of which each has a part of its own; without it ``--on-overlap`` chooses before the writer
    misaligned   entities that do not begin and end with a token, and documents without tokens; without it the writer
                 takes its entities from `fit_to_tokens` of `converters.align`, which needs tokens
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import BinaryIO, NamedTuple, Protocol

from ..balance import Report
from ..docstrings import docstring
from ..document import Document
from ..errors import UsageError, did_you_mean
from ..holding import ASPECTS, EVERYTHING, Aspect
from ..options import ReadOptions, WriteOptions
from ..source import Source

DEFAULTS = frozenset(["brackets", "jsonl", "conll", "spacy"])
"""The formats that are meant where a suffix is shared and nothing else tells them apart."""

INSTEAD: Mapping[str, str] = {
    **dict.fromkeys(["text", "txt", "plain"], "the text alone is written by brat, as .txt, and read as brackets"),
    **dict.fromkeys(
        ["html", "htm"], "HTML with entities in brackets is read as brackets; nerconv view --html writes a page"
    ),
    **dict.fromkeys(["csv", "xls", "xlsx", "excel"], "a spreadsheet's table is conll, tab-separated in a file .tsv"),
    **dict.fromkeys(
        ["doc", "docx", "odt", "pdf", "rtf"], "Word and PDF files are neither read nor written; save their text as .txt"
    ),
}
"""What there is for those who ask for what is no format, by the names that they give it."""

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
            lines += ["", docstring(found)]
    return "\n".join(lines)


def named(name: str) -> Format:
    """The format of that name. Raises `UsageError`, with the nearest name, where there is none."""
    if name in DEFAULTS:
        return default_formats()[name]
    known = formats()
    if name not in known:
        listed = "nerconv formats lists all"
        meant = _meant(name)
        todo = INSTEAD.get(name) or (f"did you mean {meant}? {listed}" if meant else did_you_mean(name, known, listed))
        raise UsageError(f"unknown format {name!r}", todo)
    return known[name]


def _meant(name: str) -> str | None:
    """The format that goes by another name, ``bio`` or ``docbin``: that of its files, or a word of what it is."""
    if name.lower() in formats():
        return name.lower()
    if found := by_suffix(f"x.{name}"):
        return found.name
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    return next((format.name for format in formats().values() if word.search(format.summary)), None)


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
