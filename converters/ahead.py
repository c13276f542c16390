"""Where a pattern comes next in a text, for those who ask again and again."""

from __future__ import annotations

from typing import Any


class Ahead:
    """Where a pattern (of `re` or of `regex`) comes next. It is looked for only where it is not known from the time
    before, so that asking from left to right takes time linear in the text.
    """

    def __init__(self, text: str, pattern: Any) -> None:
        self.text, self.pattern = text, pattern
        self.since, self.next = 0, -1
        self.end = 0

    def after(self, at: int) -> int:
        """Where it begins first from there on; the length of the text where it does not. `end` is then where that one
        ends, 0 where there is none.
        """
        if not self.since <= at <= self.next:
            found = self.pattern.search(self.text, at)
            self.since = at
            self.next, self.end = found.span() if found else (len(self.text), 0)
        return self.next
