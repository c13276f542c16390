"""What a shell completes after Tab: the choices of an option, and names that the library knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def choice(choices: str, metavar: str | None = None) -> dict[str, Any]:
    """An option that takes one of some words, ``flow|sentences``: what its help shows, and what a shell completes.

    `metavar`: what is shown for them where they are many and would leave the help no room.
    """
    return {"metavar": metavar or choices, "autocompletion": _completion(lambda: choices.split("|"))}


def readable(metavar: str = "FORMAT") -> dict[str, Any]:
    """The same of one that takes a format that can be read."""
    return {"metavar": metavar, "autocompletion": _completion(lambda: [n for n, f in _formats().items() if f.reader])}


def writable() -> dict[str, Any]:
    """The same of one that takes formats that can be written."""
    return {"metavar": "FORMAT,...", "autocompletion": _list(lambda: [n for n, f in _formats().items() if f.writer])}


def profiles() -> dict[str, Any]:
    """The same of one that takes a way of tokenizing."""

    def known() -> Iterable[str]:
        from ..gaps import PROFILES

        return PROFILES

    return {"metavar": "NAME", "autocompletion": _completion(known)}


def repairs() -> dict[str, Any]:
    """The same of one that takes repairs."""

    def known() -> Iterable[str]:
        from ..rules import REPAIRS

        return [*REPAIRS, "all"]

    return {"metavar": "NAME,...", "autocompletion": _list(known)}


def findings() -> dict[str, Any]:
    """The same of one that takes kinds of findings."""

    def known() -> Iterable[str]:
        from ..check import KINDS

        return KINDS

    return {"metavar": "NAME,...", "autocompletion": _list(known)}


def _formats() -> dict[str, Any]:
    from ..formats import formats

    return dict(formats())


def _completion(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [name for name in known() if name.startswith(incomplete)]

    return complete


def _list(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """The completion of the last of several names with commas between."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [before + comma + name for name in known() if name.startswith(last)]

    return complete
