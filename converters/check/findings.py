"""What a check can find: the kinds of findings, a row each, and a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ..document import Document, Span, normalised
from ..document import quoted as ends_of
from ..errors import Place, shorten

Severity = Literal["error", "warning", "note"]
"""An error costs annotations or makes scores wrong; a warning is most often a mistake; a note is good to know."""

AROUND = 40
"""Characters of context on both sides."""


class Kind(NamedTuple):
    """A kind of finding: how bad it is, and what it says of the data."""

    severity: Severity
    summary: str


KINDS: Mapping[str, Kind] = {
    # one entity's form
    "punctuation": Kind("warning", "an entity begins or ends with punctuation that is not part of a name"),
    "determiner": Kind("warning", "an entity begins with a determiner"),
    "pronoun": Kind("warning", "an entity begins with a pronoun"),
    "classification-mark": Kind("warning", "an entity is or holds a classification mark, as `S/NF`"),
    "paragraph-mark": Kind("warning", "an entity holds a paragraph mark or a paragraph's number"),
    "line-break": Kind("warning", "an entity goes on in another paragraph"),
    "invisible-character": Kind("warning", "an entity holds a character that nobody sees"),
    "no-word": Kind("warning", "an entity has neither letter nor digit"),
    "partial-word": Kind("warning", "an entity begins or ends inside a word"),
    "long-mention": Kind("note", "an entity is longer than 25 words"),
    # entities among each other, and on tokens
    "overlapping": Kind("error", "two entities share text, and spaCy's `ner` learns only one of them"),
    "misaligned": Kind("error", "no tokens of the tokenizer begin and end where an entity does, so it is not learnt"),
    # the corpus
    "label-typo": Kind("warning", "a label looks like another one misspelt"),
    "label-conflict": Kind("warning", "a mention has another label elsewhere"),
    "unannotated": Kind("warning", "a mention is annotated elsewhere and not here"),
    "rarely-annotated": Kind("note", "a mention is annotated here and mostly not elsewhere"),
    "split-mention": Kind("warning", "neighbours are one entity elsewhere"),
    "boundary-conflict": Kind("warning", "a piece of what is one entity elsewhere is annotated here"),
    # documents
    "empty-document": Kind("warning", "a document has no text"),
    "no-entities": Kind("note", "a document has no entities"),
    "duplicate": Kind("warning", "a document has the text of another one"),
    "near-duplicate": Kind("warning", "a document has nearly the text of another one"),
    # the parts of a split
    "leaking-document": Kind("error", "a document is, nearly or wholly, in another part of the split as well"),
    "leaking-sentence": Kind("warning", "a sentence is in an earlier part of the split as well"),
    "unseen-label": Kind("warning", "a label does not occur in the first part of the split"),
    "seen-mentions": Kind("note", "how many mentions of a part occur in the first part of the split"),
}


class Finding(NamedTuple):
    """Something doubtful: its kind, where it is, and what it is.

    `start` and `end` are half-open and count characters of the document's text; they are None, `text` and `context`
    are empty, where the finding is about a document or a part. `fix` is the entity that it should be, where there is
    one: its offsets, label and text; the label is empty where it should be none.
    """

    name: str
    document: Document
    span: tuple[int, int] | None
    label: str
    message: str
    fix: Span | None = None

    @property
    def severity(self) -> Severity:
        """How bad this kind is."""
        return KINDS[self.name].severity

    @property
    def text(self) -> str:
        """The mention, to the letter; of a very long one its two ends alone."""
        return "" if self.span is None else ends_of(self.document.text, *self.span)

    @property
    def context(self) -> str:
        """The mention with what stands around it, on one line."""
        if self.span is None:
            return ""
        start, end = self.span
        return normalised(ends_of(self.document.text, max(start - AROUND, 0), end + AROUND))

    @property
    def place(self) -> Place | None:
        """Where it was read."""
        return self.document.place(0 if self.span is None else self.span[0])

    @property
    def fixed(self) -> str | None:
        """The text of what it should be, with the label where that is what changes."""
        if self.fix is None:
            return None
        text = ends_of(self.document.text, self.fix.start, self.fix.end)
        return text if self.fix.label == self.label else f"{self.fix.label} {text}"

    def __str__(self) -> str:
        """The finding as a line, as compilers and editors have it."""
        mention = f" {self.label}" * bool(self.label) + f" {shorten(self.text)!r}" * (self.span is not None)
        fix = "" if self.fixed is None else f" (fix: {shorten(self.fixed)})"
        return f"{self.place or self.document.id}: {self.severity}:{mention} {self.message}{fix} [{self.name}]"

    def as_dict(self) -> dict[str, Any]:
        """The finding as ``check --json`` prints it."""
        start, end = self.span or (None, None)
        fix = self.fix and {**self.fix._asdict(), "text": ends_of(self.document.text, self.fix.start, self.fix.end)}
        return {
            "name": self.name,
            "severity": self.severity,
            "place": "" if self.place is None else str(self.place),
            "document": self.document.id,
            "start": start,
            "end": end,
            "label": self.label,
            "text": self.text,
            "context": self.context,
            "message": self.message,
            "fix": fix,
        }


def quoted(document: Document, start: int, end: int) -> str:
    """A stretch of a document's text, half-open, as a message shows it: in quotes, and not all of a long one."""
    text = (
        document.text[start:end]
        if end - start < 200
        else document.text[start : start + 99] + document.text[end - 99 : end]
    )
    return repr(shorten(text))
