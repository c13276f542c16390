"""All that is doubtful in a corpus, in one list."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence

from ..align import fitted
from ..document import Document, Span, Tokens
from ..errors import UsageError, did_you_mean, shorten
from ..tokenize import pipeline, token_offsets
from . import labels, mentions, texts
from .findings import KINDS, Finding, quoted
from .form import Corpus, findings_of_form

SHOWN = 12
"""How many tokens a message names."""
ENDLESS = re.compile(r"(?<=[^\w\s]{50})[^\w\s]{50,}(?=[^\w\s]{50})")
"""The middle of what is only a line of signs."""


def check(
    documents: Sequence[Document],
    *,
    parts: Sequence[str | None] | None = None,
    lang: str = "en",
    tokenizer: str | None = None,
    ignore: Collection[str] = (),
) -> list[Finding]:
    """What is doubtful in annotated documents, in the order of the documents and of their text.

    `parts`: for each document the part of a split that it is in (train, dev, test), None for none. `lang`: the
    language whose determiners and pronouns are looked for. `tokenizer`: the language or pipeline of spaCy that entities
    must sit on the tokens of; None for `lang`. `ignore`: kinds of findings, of `KINDS`, that are not wanted.
    Time is linear in the text. Raises `UsageError` for an unknown kind or tokenizer.
    """
    for name in ignore:
        if name not in KINDS:
            raise UsageError(f"there is no finding {name!r}", did_you_mean(name, KINDS))
    parts = [None] * len(documents) if parts is None else parts
    known = mentions.gather(documents)
    found: list[Finding] = []
    found += _overlaps(documents)
    if "misaligned" not in ignore:
        found += _misaligned(documents, tokenizer or lang)
    corpus = Corpus.of(documents, known, lang)
    for document in documents:
        found += findings_of_form(document, corpus)
    found += labels.typos(documents)
    found += mentions.conflicts(known)
    found += mentions.looked_for(documents, known)
    found += texts.empty(documents)
    twins = list(texts.duplicates(documents, parts, ignore))
    found += twins
    found += texts.leaks(documents, parts, {id(twin.document) for twin in twins if twin.name == "leaking-document"})
    order = {id(document): number for number, document in enumerate(documents)}
    names = {name: number for number, name in enumerate(KINDS)}
    wanted = [finding for finding in found if finding.name not in ignore]
    return sorted(wanted, key=lambda f: (order[id(f.document)], f.span or (-1, -1), names[f.name], f.label))


def _overlaps(documents: Iterable[Document]) -> Iterator[Finding]:
    """Entities that share text with the one that began before them and reaches farthest."""
    for document in documents:
        widest: Span | None = None
        for span in document.spans:
            if widest is not None and span.start < widest.end:
                other = f"{widest.label} {quoted(document, widest.start, widest.end)}"
                if span[:2] == widest[:2]:
                    message = f"the same text is {other} as well"
                else:
                    message = f"is inside {other}" if span.end <= widest.end else f"overlaps {other}"
                yield Finding("overlapping", document, (span.start, span.end), span.label, message)
            if widest is None or span.end > widest.end:
                widest = span


def _misaligned(documents: Iterable[Document], name: str) -> Iterator[Finding]:
    """Entities that do not begin and end with a token of a spaCy tokenizer, with the nearest that do.

    Its time grows with the square of how many signs it takes off a word, so it does not see those of endless ones.
    """
    tokenizer = pipeline(name).tokenizer
    for document in documents:
        if not document.spans:
            continue
        text = document.text
        offsets = list(token_offsets(tokenizer(ENDLESS.sub(_letters, text))))
        tokens = Tokens.of(offsets)
        tokenized = document.reduced(tokens, {}, {})
        for span in document.spans:
            if tokenized.token_span(span) is not None:
                continue
            ways = [fitted(tokenized, span, "contract"), fitted(tokenized, span, "expand")]
            fits = [way for way in ways if way is not None]
            fix = min(fits, key=lambda fit: abs(fit.start - span.start) + abs(fit.end - span.end), default=None)
            first, stop = bisect_right(tokens.ends, span.start), bisect_left(tokens.starts, span.end)
            words = [shorten(text[start:end]) for start, end in offsets[first : min(stop, first + SHOWN)]]
            more = ", ..." if stop - first > SHOWN else ""
            message = f"does not begin and end with a token: they are {', '.join(map(repr, words))}{more}"
            yield Finding("misaligned", document, (span.start, span.end), span.label, message, fix)


def _letters(found: re.Match[str]) -> str:
    return "x" * len(found.group())
