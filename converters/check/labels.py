"""Labels that look like another one misspelt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..document import Document, Span
from ..errors import counted
from ..label_names import is_typo, keys, words
from .findings import Finding

MOST = 500
"""How many labels are compared letter by letter. More are no labels, but notes or ids, and any two would be."""


def typos(documents: Sequence[Document]) -> Iterator[Finding]:
    """Labels that are another, more frequent label but for case, punctuation, a tag's prefix, or one letter."""
    counts = Counter(span.label for document in documents for span in document.spans)
    order = sorted(counts, key=lambda label: (-counts[label], label))
    found = Counter(word for label in counts for word in set(words(label)))
    shared = {word for word, n in found.items() if n > 1}
    same: dict[str, str] = {}
    meant: dict[str, str] = {}
    for at, label in enumerate(order):
        own = keys(label)
        other = same.get(own[0]) or same.get(own[1])
        if other is None and len(order) <= MOST:
            close = (o for o in order[:at] if o not in meant and is_typo(label, o, counts[label], counts[o], shared))
            other = next(close, None)
        if other is not None:
            meant[label] = other
        else:
            same |= dict.fromkeys(own, label)
    told: set[str] = set()
    for document in documents if meant else ():
        for start, end, label in document.spans:
            if label in meant and label not in told:
                told.add(label)
                other = meant[label]
                times = f"{counted(counts[label], 'time')}, {other!r} {counted(counts[other], 'time')}"
                message = f"the label {label!r} comes {times}: is it the same?"
                yield Finding("label-typo", document, (start, end), label, message, Span(start, end, other))
