"""An evaluation as a web page: one file that holds the scores, the documents, and the code that shows them.

The page asks nothing of the network and runs nothing but its own script. Whatever comes from the data (texts, ids,
labels, names) is in JSON blocks, which a browser does not run and in which no character can end the block, and the
script writes it as text, never as HTML. Should it err all the same, the content security policy stops what it let in:
only the one script and the one style sheet of the template are allowed, by their SHA-256.
Policy: https://www.w3.org/TR/CSP3/. What can end a block: https://html.spec.whatwg.org/multipage/scripting.html,
"Restrictions for contents of script elements".

The documents come in blocks of about a megabyte, a line each, and a line is parsed when somebody looks at the
document. Each block is followed by an index of its documents: what the page filters and counts by.
This module scores nothing and compares nothing but equal spans: what the page says is what the evaluation says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any

from ..look import policy, style

LOOK = "/* look */"
POLICY = "{{policy}}"
DATA = "<!-- data -->"
BLOCK = 1_000_000
"""Characters after which a new block of documents begins: little enough to be split in no time."""

ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
"""Without these no ``</script>``, ``<!--`` or ``]]>`` can occur. In JSON they only stand inside strings."""


def page(result: Mapping[str, Any], documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The pieces of the page, to be written one after another, in UTF-8.

    `result` is the evaluation as JSON (what ``evaluate --json`` prints). `documents` are its documents, each
    ``{"id", "text", "gold": [[start, end, label], ...], "predicted": [[[start, end, label], ...] a system]}``, in
    characters (code points), half-open. They are taken one at a time and none is kept. An error of the evaluation
    whose document is not among them counts in the tables, and the page says that it cannot be shown.

    Raises `ValueError` where two documents have one id (the errors could be of either) or a document has not one
    prediction for each system.
    """
    template = resources.files(__name__.rpartition(".")[0]).joinpath("page.html").read_text(encoding="utf-8")
    template = template.replace(LOOK, style())
    head, tail = template.split(DATA)
    yield head.replace(POLICY, policy(template))
    systems = result["systems"]
    told = {"errors", "per_document"}  # the index tells these, with the document that they are of
    tables = [{key: value for key, value in system.items() if key not in told} for system in systems]
    yield data("result", [encode({**result, "systems": tables})])
    index = Index(systems)
    lines: list[str] = []
    rows: list[str] = []
    size = 0
    for document in documents:
        rows.append(encode(index.row(document)))
        lines.append(encode(document))
        size += len(lines[-1])
        if size >= BLOCK:
            yield data("documents", lines)
            yield data("index", rows)
            lines, rows, size = [], [], 0
    yield data("documents", lines)
    yield data("index", rows)
    yield data("unplaced", [encode(index.unplaced())])
    yield tail


class Index:
    """What the page must know of a document before anybody looks at it."""

    def __init__(self, systems: Iterable[Mapping[str, Any]]) -> None:
        self.seen: set[str] = set()
        self.errors: dict[str, list[dict[str, Any]]] = {}
        self.scores: list[dict[str, Any]] = []
        for number, system in enumerate(systems):
            self.scores.append({entry["id"]: entry["exact"] for entry in system["per_document"]})
            for error in system["errors"]:
                shown = {"system": number} | {key: error[key] for key in ("kind", "gold", "predicted")}
                self.errors.setdefault(error["document"], []).append(shown)

    def row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A document's id, its labels, and for each system: labels, labels of what is right, score; its errors."""
        name = document["id"]
        if name in self.seen:
            raise ValueError(f"two documents have the id {name!r}")
        self.seen.add(name)
        if len(document["predicted"]) != len(self.scores):
            raise ValueError(f"document {name!r}: {len(document['predicted'])} predictions, {len(self.scores)} systems")
        gold = {tuple(span) for span in document["gold"]}
        predictions = [{tuple(span) for span in spans} for spans in document["predicted"]]
        return {
            "id": name,
            "gold": labels(gold),
            "predicted": [labels(spans) for spans in predictions],
            "right": [labels(gold & spans) for spans in predictions],
            "differ": any(spans != predictions[0] for spans in predictions),
            "scores": [scores.get(name) for scores in self.scores],
            "errors": self.errors.pop(name, []),
        }

    def unplaced(self) -> int:
        """How many errors are of documents that did not come."""
        return sum(map(len, self.errors.values()))


def labels(spans: Iterable[tuple[int, int, str]]) -> list[str]:
    """The labels that occur, each once."""
    return sorted({label for _, _, label in spans})


def data(kind: str, lines: list[str]) -> str:
    """A block of JSON that no browser runs: an array, an element a line."""
    return f'<script type="application/json" class="{kind}">[\n' + ",\n".join(lines) + "\n]</script>\n"


def encode(value: object) -> str:
    """`value` as one line of JSON that is safe inside a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: a file name in another encoding
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character, escape in ESCAPES.items():
        text = text.replace(character, escape)
    return text
