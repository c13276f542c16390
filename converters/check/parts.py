"""Which part of a split a document is in, by the names of files and folders."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import PurePath

from ..document import Document

NAMES = {
    **dict.fromkeys(["train", "training"], "train"),
    **dict.fromkeys(["dev", "devel", "development", "val", "valid", "validation", "testa"], "dev"),
    **dict.fromkeys(["test", "testing", "eval", "testb"], "test"),
}
"""What the parts of a split are called, in the usual corpora too (CoNLL-2003 has eng.testa)."""


def parts_of(documents: Iterable[Document], inputs: Sequence[str], *, is_each: bool = False) -> list[str | None]:
    """The part that each document is in, None for none.

    A name that is a part's alone (``train.jsonl``, the folder ``dev``) says that, else one that has it as a word
    (``eng.testa``, ``test-00000-of-00001.parquet``); of several the nearest to the document, from its file up to the
    input that it was read from. With `is_each` every input is a part, by its own name.
    """
    tops: dict[PurePath, int] = {}  # of each input, by number, the first of the same path
    patterns = [number for number, name in enumerate(inputs) if has_magic(name)]
    for number, name in enumerate(inputs):
        tops.setdefault(PurePath(name), number)
    return [
        _part(document.source.file if document.source else "", inputs, tops, patterns, is_each)
        for document in documents
    ]


def _part(
    file: str, inputs: Sequence[str], tops: Mapping[PurePath, int], patterns: Sequence[int], is_each: bool
) -> str | None:
    path = PurePath(file)
    found = [tops[top] for top in (path, *path.parents) if top in tops]
    found += [number for number in patterns if fnmatchcase(file, inputs[number])]
    if not found:
        return _known([path.name])
    name = inputs[min(found)]
    top = PurePath(name)
    if path != top and top not in path.parents:  # what stands in the pattern before the first wildcard
        top = PurePath(*itertools.takewhile(lambda step: not has_magic(step), top.parts))
    if is_each:
        return name
    below = path.relative_to(top).parts if top in (path, *path.parents) else path.parts
    return _known([*below[::-1], top.name])


def _known(names: Sequence[str]) -> str | None:
    """The part that the first of the names says that is no other word as well."""
    words = [re.split(r"[^a-z]+", name.lower()) for name in names]
    whole = (NAMES[first] for first, *rest in words if first in NAMES and len(rest) <= 1)
    return next(whole, None) or next((NAMES[word] for found in words for word in found if word in NAMES), None)
