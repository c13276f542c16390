"""Tables as text: in columns for the terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import category, east_asian_width

from .errors import shorten

Row = Sequence[str]


class Table:
    """Rows under a head, with a title or none. Where the head of the first column is empty, its cells are names."""

    def __init__(self, title: str, head: Row, rows: Iterable[Row] = ()) -> None:
        self.title = title
        self.head = head
        self.rows: list[Row] = list(rows)

    def as_text(self, room: int = 0) -> str:
        """The table for a terminal: names to the left, numbers to the right.

        Where it takes more columns than there is `room` (0 for any number), what does not fit goes on below, with the
        first column again.
        """
        rows = [list(map(_cut, row)) for row in (self.head, *self.rows)]
        widths = [max(columns(row[k]) for row in rows) for k in range(len(self.head))]
        last, width = 1, widths[0]
        while last < len(widths) and (last == 1 or not room or width + 3 + widths[last] <= room):
            width += 3 + widths[last]
            last += 1
        if last < len(widths):
            first, rest = self._part(self.title, slice(1, last)), self._part("", slice(last, None))
            return f"{first.as_text()}\n\n{rest.as_text(room)}"
        lines = [self.title] if self.title else []
        for number, row in enumerate(rows):
            is_name = [k == 0 and self.head[0] == "" for k in range(len(row))]
            cells = []
            for cell, width, left in zip(row, widths, is_name, strict=True):
                space = " " * (width - columns(cell))
                cells.append(cell + space if left else space + cell)
            lines.append("   ".join(cells).rstrip())
            if not number:
                lines.append("\u2500" * (sum(widths) + 3 * (len(widths) - 1)))
        return "\n".join(lines)

    def _part(self, title: str, at: slice) -> Table:
        """The table with the first column and some of the others."""
        return Table(title, [self.head[0], *self.head[at]], ([row[0], *row[at]] for row in self.rows))

    def as_markdown(self) -> str:
        """The table in Markdown."""
        lines = [_line(self.head), _line(["---", *["---:"] * (len(self.head) - 1)]), *map(_line, self.rows)]
        return (f"**{plain(self.title)}**\n\n" if self.title else "") + "\n".join(lines)


WIDEST = 200
"""Characters of a cell: a label may be as long as the data has it."""


def _cut(cell: str) -> str:
    return cell if len(cell) <= WIDEST else shorten(cell, WIDEST)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if category(c) in ("Mn", "Me", "Cf") else 1 + (east_asian_width(c) in "WF") for c in text)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(plain(_cut(cell)) for cell in cells)} |"


def plain(text: str) -> str:
    """A text that Markdown takes as it is."""
    return "".join(f"\\{c}" if c in "\\`*_|<>[]~&" else c for c in text)
