"""What the pages have in common: how they look, and a policy that lets a browser run and style nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources


def style() -> str:
    """The style sheet that the pages share: colours by day and by night, letters, cards and tables.

    Names have ``mso-number-format``, so that a spreadsheet that opens the page takes ``=1+1`` for text, as it is.
    """
    return resources.files(__name__.rpartition(".")[0]).joinpath("look.css").read_text(encoding="utf-8")


def policy(page: str) -> str:
    """The content security policy of a page, its scripts and styles in place: these by their SHA-256 and nothing else,
    no request to anywhere, and no HTML made from strings. https://www.w3.org/TR/CSP3/
    """
    rules = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'"]
    rules.append("trusted-types 'none'")
    for kind in ("script", "style"):
        hashes = [
            f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
            for code in re.findall(f"<{kind}>(.*?)</{kind}>", page, flags=re.DOTALL)
        ]
        if hashes:
            rules.append(" ".join([f"{kind}-src", *hashes]))
    return "; ".join(rules)


def hue(number: int) -> int:
    """The hue of a label, by its place among all labels, the most frequent first; the same on every page.

    The golden angle: however many there are, neighbours differ.
    """
    return int(255 + number * 137.5 + 0.5) % 360
