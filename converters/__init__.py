"""nerconv: named-entity annotations between formats, with exact offsets and nothing lost in silence.

>>> import converters
>>> document = converters.from_brackets("[LOC Venezuela  ] 's first . ")
>>> document.text, document.spans
("Venezuela's first.", (Span(start=0, end=9, label='LOC'),))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .balance import Report
    from .document import Document, Span, Tokens
    from .errors import DataError, NerconvError, Place, UsageError
    from .formats.brackets import from_brackets
    from .inputs import read
    from .options import Changes, ReadOptions, WriteOptions
    from .outputs import write
    from .pipeline import convert

__all__ = [
    "Changes",
    "DataError",
    "Document",
    "NerconvError",
    "Place",
    "ReadOptions",
    "Report",
    "Span",
    "Tokens",
    "UsageError",
    "WriteOptions",
    "convert",
    "from_brackets",
    "read",
    "write",
]
__version__ = "0.1.0"

_HOMES = {
    "Changes": "options",
    "DataError": "errors",
    "Document": "document",
    "NerconvError": "errors",
    "Place": "errors",
    "ReadOptions": "options",
    "Report": "balance",
    "Span": "document",
    "Tokens": "document",
    "UsageError": "errors",
    "WriteOptions": "options",
    "convert": "pipeline",
    "from_brackets": "formats.brackets",
    "read": "inputs",
    "write": "outputs",
}


def __dir__() -> list[str]:
    """The public names are there, too, before they are first asked for."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``nerconv --help`` waits for none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
