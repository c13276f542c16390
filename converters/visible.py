"""Text of the data as people see it, in messages, tables and views: what is hidden in it gets a name."""

from __future__ import annotations

import re

from .errors import shorten

HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1: a terminal obeys them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of what stands beside them
    "\u2028\u2029"  # line breaks to some, not to others
    "\xad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # nobody sees them
    "\ud800-\udfff"  # halves of surrogate pairs: a file name in another encoding
    "]"
)
"""Characters that are shown by name. The joiners U+200C and U+200D are letters' own business, and stay.

Source: https://www.unicode.org/reports/tr36/ (3.6), https://www.unicode.org/reports/tr9/ (2), the category Cf.
"""


def visible(text: str) -> str:
    """The text with a name for each hidden character: a control picture (``␛``) or ``<U+202E>``; tab and newline
    stay."""
    return HIDDEN.sub(lambda match: _name(ord(match[0])), text)


def _name(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def on_one_line(text: str) -> str:
    """The same, of tabs and newlines too."""
    return visible(text).replace("\n", "\u240a").replace("\t", "\u2409")


def shown(text: str, width: int = 40) -> str:
    """The text on one line, its white space as spaces, cut in the middle when it is longer than `width` characters."""
    return visible(shorten(text, width))
