"""What a caller may ask of readers and writers. Each of them looks at the fields that concern it.

Errors name options of the command line. Here each is the field of that name, but ``--repair`` is `repairs`,
``--in-columns`` and ``--in-offset-unit`` are `columns` and `offset_unit` of `ReadOptions`, ``--no-tokens`` is
``tokens=False``, ``--source`` is `originals`, and ``--map`` is `labels` of `Changes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from .originals import Originals

Layout = Literal["flow", "sentences"]
T = TypeVar("T")


def given(options: T | None, kind: type[T]) -> T:
    """The options of a caller, by default those of their kind. Raises `TypeError` for anything else, as a `dict`."""
    if not isinstance(options, kind | None):
        raise TypeError(f"options are {kind.__name__}(...), and this is a {type(options).__name__}")
    return kind() if options is None else options


def refuse_one(name: str, value: object) -> None:
    """Raise `TypeError` for a text where several are asked for: it would be taken for them, its letters each."""
    if isinstance(value, str):
        raise TypeError(f"{name}: several are asked for, as in {tuple(value.split(','))}, and this is one text")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    `encoding`: of text files; "utf-8" takes a byte order mark in stride. `labels`: those that bracketed
    markup may hold, ``("any",)`` for all, None for the tagger's own. `profile`: how tokenized text was
    tokenized, None to find it out. `repairs`: what to mend in bracketed markup, by name, ``("all",)`` for all
    that there is. `layout`: what to put between sentences where the source says nothing of it, a space (``flow``) or a
    newline (``sentences``).
    `columns`: the columns of CoNLL files, by name, None to find them out. `originals`: the texts that bracketed
    markup was made from, which give exact offsets. `text_field`: the field that holds the markup, where the input
    is JSON Lines with markup in it. `repair_tags`: what to make of an I- that continues nothing, None for an error.
    `offset_unit`: what offsets count, None to find it out from the mentions' own text, else characters.
    `discontinuous`: what to make of an entity in several pieces. `spans_key`: the span group of a DocBin.
    `places`: whether documents are to know where their characters stand in the file.
    """

    encoding: str = "utf-8"
    labels: tuple[str, ...] | None = None
    profile: str | None = None
    repairs: tuple[str, ...] = ()
    layout: Layout = "flow"
    columns: tuple[str, ...] | None = None
    originals: Originals | None = None
    text_field: str | None = None
    repair_tags: Literal["conlleval", "discard"] | None = None
    offset_unit: Literal["char", "utf16"] | None = None
    discontinuous: Literal["error", "split", "cover"] = "error"
    spans_key: str = "sc"
    places: bool = False

    def __post_init__(self) -> None:
        refuse_one("labels", self.labels)
        refuse_one("repairs", self.repairs)
        if tuple(self.repairs) == ("all",):
            from .rules import REPAIRS  # which few need

            object.__setattr__(self, "repairs", tuple(REPAIRS))
        refuse_one("columns", self.columns)


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How to write.

    `columns`: the columns of CoNLL files, by name; `comments`: whether ids stand above their documents there.
    `lang`: the language whose vocabulary gives a DocBin's norms (the form of a word that spaCy's models look at), a
    spaCy code. `tokens`: whether JSONL records hold tokens. `offset_unit`: what offsets count, None for what the
    format's own tool does. `as_array`: whether JSON records go into one array, else a record a line. `spans_key`: the
    span group of a DocBin for entities that overlap, if `overlaps` are to be kept.
    """

    columns: tuple[str, ...] = ("word", "ner")
    comments: bool = False
    lang: str = "en"
    tokens: bool = True
    offset_unit: Literal["char", "utf16"] | None = None
    as_array: bool = False
    spans_key: str = "sc"
    overlaps: bool = False

    def __post_init__(self) -> None:
        refuse_one("columns", self.columns)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to change on the way from a reader to the writers.

    `labels`: new names for labels, the empty one to drop it; `keep`, `drop`: the labels to keep or to leave out,
    after that. `on_misaligned`: what to do with entities that do not sit on tokens, before a format that needs that;
    `on_overlap`: with entities that overlap, before a flat format. `tokenizer`: a language or pipeline of spaCy for
    documents without tokens.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None
    on_misaligned: Literal["report", "drop", "expand", "contract", "error"] = "report"
    on_overlap: Literal["error", "longest", "first", "keep"] = "error"
    tokenizer: str | None = None

    def __post_init__(self) -> None:
        refuse_one("keep", self.keep)
        refuse_one("drop", self.drop)
