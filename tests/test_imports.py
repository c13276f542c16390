"""Imports point one way: a module knows only those to its left."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib.metadata import requires
from pathlib import Path

import pytest

import converters
from converters.formats import formats

PACKAGE = Path(converters.__file__).parent
ORDER = [
    {"errors", "gaps", "ledger", "look", "scripts", "docstrings", "ahead"},
    {"visible", "new_files", "label_names", "names", "tables"},
    {"document"},
    {"balance", "source", "html", "rules"},
    {"records", "reading"},
    {"originals", "offsets", "holding"},
    {"options"},
    {"dialects", "detokenize", "schemes", "align", "anchor", "markup", "labels", "tokenize", "duplicates", "sentences"},
    {"bulk", "docbin"},
    {"formats", "evaluation", "check", "view", "statistics"},
    {"finding"},
    {"inputs"},
    {"outputs"},
    {"shards"},
    {"journal", "plan"},
    {"workers"},
    {"archive"},
    {"pipeline", "scoring"},
    {"training"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The project's own modules that a file imports, wherever in the file it does so."""
    depth = len(path.relative_to(PACKAGE).parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = depth - node.level
            if above == 0:
                found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
            else:
                found.add(path.relative_to(PACKAGE).parts[0])
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            assert not any(name.split(".")[0] == "converters" for name in names), f"{path}: import relatively"
    return found - {"__version__"}


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_to_the_left(path: Path) -> None:
    own = module_of(path)
    assert own in RANK, f"{own} has no place in the order yet"
    for name in imported(path):
        assert name == own or RANK[name] < RANK[own], f"{own} imports {name}"


@pytest.mark.parametrize("package", [path.parent for path in PACKAGE.glob("*/__init__.py")], ids=lambda path: path.name)
def test_no_circle_of_imports_in_a_package(package: Path) -> None:
    """Those for types alone would make one too."""
    beside: dict[str, set[str]] = {}
    for path in package.glob("*.py"):
        near = [
            n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.ImportFrom) and n.level == 1
        ]
        names = {n.module for n in near if n.module} | {alias.name for n in near if not n.module for alias in n.names}
        beside[path.stem] = {name for name in names if (package / f"{name}.py").exists()}
    TopologicalSorter(beside).prepare()  # raises CycleError


def test_no_format_imports_another() -> None:
    names = {path.stem for path in (PACKAGE / "formats").glob("*.py")} - {"__init__"}
    for path in (PACKAGE / "formats").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        beside = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level == 1 and n.module]
        assert not [node.module for node in beside if node.module in names], path


def test_what_is_imported_is_required_and_nothing_else() -> None:
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(str(node.module).split(".")[0])
    required = [line for line in requires("nerconv") or [] if "extra ==" not in line]
    assert found - set(sys.stdlib_module_names) == {re.split(r"\W", line)[0] for line in required}


def test_what_an_extra_brings_is_imported_for_it_alone(tmp_path: Path) -> None:
    names = sorted(name for name, format in formats().items() if format.writer and name != "parquet")
    assert len(names) > 20
    code = f"""
import converters, sys
for name in {names}:
    converters.convert(["data/cables"], {str(tmp_path)!r} + "/" + name, to=[name])
sys.exit(" ".join({{"pyarrow", "dask", "distributed"}} & set(sys.modules)) or 0)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PACKAGE.parent)


@pytest.mark.parametrize(
    "code",
    [
        "import converters.cli",
        "import converters; converters.read, converters.from_brackets",
        "from converters.cli import app; app(['convert', 'data/cables', '-o', '{out}'], standalone_mode=False)",
    ],
)
def test_what_is_slow_to_import_waits_until_it_is_used(code: str, tmp_path: Path) -> None:
    slow = "{'spacy', 'numpy', 'srsly', 'rich', 'converters.formats.xml', 'converters.anchor'}"
    check = f"{code.format(out=tmp_path / 'x.jsonl')}; import sys; sys.exit(' '.join({slow} & set(sys.modules)) or 0)"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=PACKAGE.parent)


def test_every_public_name_can_be_had() -> None:
    assert all(getattr(converters, name) is not None for name in converters.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        converters.nonsense  # noqa: B018
