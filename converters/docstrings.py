"""Docstrings that people read: they are told even if Python leaves them out (``python -OO``)."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from textwrap import dedent
from types import ModuleType
from typing import Any


def docstring(thing: ModuleType | Callable[..., Any]) -> str:
    """The docstring of a module or a function, which are looked up in its source where Python has left it out."""
    if found := inspect.getdoc(thing):
        return found
    tree = ast.parse(dedent(inspect.getsource(thing)))
    node = tree if isinstance(thing, ModuleType) else tree.body[0]
    assert isinstance(node, ast.Module | ast.FunctionDef)
    return ast.get_docstring(node) or ""
