"""A text, the entities in it, and its tokens: the one value that every reader makes and every writer takes.

There is one truth, character offsets into the text; mentions, tags and token numbers are derived from it.
A `Document` is checked once, when it is made, and cannot be changed afterwards. All offsets are half-open
and count characters (Unicode code points).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import DataError, Place, Places, UsageError, column, shorten

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab


class Span(NamedTuple):
    """An entity: ``text[start:end]`` in characters, half-open, and its label."""

    start: int
    end: int
    label: str


class TokenSpan(NamedTuple):
    """An entity in tokens: ``first`` to ``stop``, half-open, and its label."""

    first: int
    stop: int
    label: str


class Spaced(NamedTuple):
    """Tokens with whitespace tokens among them, as columns: the text of each, where it starts, whether one space
    follows it that belongs to it; and, for each token proper, its number among them all."""

    words: list[str]
    starts: list[int]
    spaces: list[bool]
    numbers: list[int]


def normalised(text: str) -> str:
    """The text with single spaces, as mentions and texts are compared."""
    return " ".join(text.split())


MOST_QUOTED = 1_000
"""Characters of a mention that a balance tells."""


def quoted(text: str, start: int, end: int) -> str:
    """A stretch of a text, half-open, to the letter, as a balance tells it; of a very long one its two ends alone.

    Very long entities may lie over one another by the thousand.
    """
    if end - start <= MOST_QUOTED:
        return text[start:end]
    half = MOST_QUOTED // 2
    return f"{text[start : start + half]}...{text[end - half : end]}"


class Blanks:
    """The long runs of white space in a text, so that none is gone through for each of many entities in it."""

    LONG = 8

    def __init__(self, text: str) -> None:
        runs = [found.span() for found in LONG_SPACES.finditer(text)]
        self.starts, self.ends = [start for start, _ in runs], [end for _, end in runs]


LONG_SPACES = re.compile(rf"\s{{{Blanks.LONG},}}")  # `re` and not `regex`: its \s is exactly str.isspace
long_blanks = lru_cache(maxsize=1)(Blanks)
"""Those of the text that was asked for last."""


def without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets of a stretch of text, half-open, without white space at its edges; empty where it is nothing else."""
    near = min(start + Blanks.LONG, end)
    while start < near and text[start].isspace():
        start += 1
    if start == near < end and text[start].isspace():
        known = long_blanks(text)
        start = min(known.ends[bisect_right(known.ends, start)], end)
    near = max(end - Blanks.LONG, start)
    while near < end and text[end - 1].isspace():
        end -= 1
    if start < end == near and text[end - 1].isspace():
        known = long_blanks(text)
        end = max(known.starts[bisect_right(known.starts, end - 1) - 1], start)
    return start, end


def is_label(text: str) -> bool:
    """Whether a text can be a label: it is not empty and has no control characters or line breaks."""
    return text != "" and not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text)


LABEL_TODO = "a label is not empty and has no control characters or line breaks"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, as columns.

    `starts`, `ends`: a number a token, character offsets, half-open. `sentences`: the numbers of the
    tokens that begin a sentence, ascending, the first of them 0; None where sentences are not known.
    `columns`: what else is known of each token (part of speech, lemma), by name, a value a token.

    Whitespace between tokens belongs to the text alone: there are no whitespace tokens here.
    """

    starts: memoryview
    ends: memoryview
    sentences: memoryview | None = None
    columns: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @classmethod
    def make(
        cls,
        starts: Iterable[int],
        ends: Iterable[int],
        sentences: Iterable[int] | None = None,
        columns: Mapping[str, Sequence[Any]] | None = None,
    ) -> Tokens:
        """Tokens from any iterables of integers. A column without a value is none."""
        return cls(
            column(starts),
            column(ends),
            None if sentences is None else column(sentences),
            {name: tuple(values) for name, values in (columns or {}).items() if any(v is not None for v in values)},
        )

    @classmethod
    def of(cls, offsets: Iterable[tuple[int, int]]) -> Tokens:
        """Tokens that begin and end at these offsets, and nothing else known of them."""
        pairs = list(offsets)
        return cls.make((start for start, _ in pairs), (end for _, end in pairs))

    def __reduce__(self) -> tuple[Any, ...]:
        sentences = None if self.sentences is None else list(self.sentences)
        return Tokens.make, (list(self.starts), list(self.ends), sentences, self.columns)

    def __len__(self) -> int:
        return len(self.starts)

    def __hash__(self) -> int:
        return hash((len(self), self.starts[-1] if len(self) else 0))

    def __repr__(self) -> str:
        known = "unknown" if self.sentences is None else len(self.sentences)
        return f"<{len(self)} tokens, sentences {known}>"


class Known(NamedTuple):
    """What a document is made of, and what whoever made it knew of it besides: the words, the white space before each,
    which is nothing before the first, and the first token of each entity and that after its last.
    """

    text: str
    spans: tuple[Span, ...]
    tokens: Tokens
    words: list[str]
    gaps: list[str]
    places: tuple[list[int], list[int]]


FAR = 1_000
"""Characters that an entity's last token is looked for in one after another."""


_known: Known | None = None
"""Of the last document, so that writers need not find it out again. Of one alone: it is much larger than a document."""


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A text with its entities and, where they are known, its tokens.

    `text`: any string that UTF-8 can hold. `spans`: sorted by ``(start, -end, label)``, without twins;
    they may nest and overlap, but none is empty and none begins or ends in whitespace. `tokens`: None
    where nothing is known of them. `attributes`: what else is known of a span, by span.
    `id`, `source` (where it was read, for messages) and `meta` ride along and take no part in equality;
    `has_own_id` is false where the id was made from the name of a file. `places`: where its characters stand in the
    file that it was read from, None where nobody asked or nobody knows.

    Raises `DataError` where the parts do not fit together.
    """

    text: str
    spans: tuple[Span, ...] = ()
    tokens: Tokens | None = None
    attributes: Mapping[Span, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    id: str | None = field(default=None, compare=False)
    source: Place | None = field(default=None, compare=False)
    meta: Mapping[str, Any] = field(default_factory=dict, compare=False)
    has_own_id: bool = field(default=True, compare=False)
    places: Places | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        spans = tuple(sorted({Span(*span) for span in self.spans}, key=lambda s: (s.start, -s.end, s.label)))
        object.__setattr__(self, "spans", spans)
        if self.attributes:
            known = {span: values for span, values in self.attributes.items() if values}
            object.__setattr__(self, "attributes", known)
        try:
            self._check_text()
            self._check_spans()
            if self.tokens is not None:
                self._check_tokens(self.tokens)
        except DataError as error:
            error.place = self.source
            raise

    @classmethod
    def unchecked(cls, known: Known, *, id: str | None, source: Place | None) -> Document:
        """A document whose parts fit together by the way in which they were made: offsets that are running sums, and
        spans that are in order. Nothing is checked.
        """
        global _known
        _known = known
        return cls("")._with(text=known.text, spans=known.spans, tokens=known.tokens, id=id, source=source)

    def _check_text(self) -> None:
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            code = ord(self.text[error.start])
            raise DataError(
                f"character {error.start} of the text is U+{code:04X}, half of a surrogate pair",
                "it is no character and no file can hold it; mend the text",
            ) from None

    def _check_spans(self) -> None:
        text, size = self.text, len(self.text)
        for start, end, label in self.spans:
            if not 0 <= start < end <= size:
                raise DataError(
                    f"entity {label} at {start}:{end} is empty or outside the text of {size} characters",
                    "offsets are half-open and count characters",
                )
            if text[start].isspace() or text[end - 1].isspace():
                raise DataError(
                    f"entity {label} at {start}:{end} begins or ends in whitespace: {text[start:end]!r}",
                    "leave the outer whitespace out of it",
                )
        for label in {span.label for span in self.spans}:
            if not is_label(label):
                raise DataError(f"{label!r} is no label", LABEL_TODO)
        if not self.attributes.keys() <= set(self.spans):
            raise DataError("attributes are given for an entity that the document does not have")

    def _check_tokens(self, tokens: Tokens) -> None:
        text, at = self.text, 0
        if len(tokens.starts) != len(tokens.ends):
            raise DataError(f"{len(tokens.starts)} token starts, but {len(tokens.ends)} token ends")
        for start, end in zip(tokens.starts, tokens.ends, strict=True):
            if not at <= start < end <= len(text):
                raise DataError(f"token {start}:{end} is empty, overlaps the token before it, or is outside the text")
            if start > at and not text[at:start].isspace():
                raise DataError(f"no token covers {shorten(text[at:start])!r} at {at}:{start}")
            if text[start].isspace() or text[end - 1].isspace():
                raise DataError(f"token {text[start:end]!r} at {start}:{end} begins or ends in whitespace")
            at = end
        if text[at:].strip():
            raise DataError(f"no token covers {shorten(text[at:])!r} at {at}:{len(text)}")
        for name, values in tokens.columns.items():
            if len(values) != len(tokens):
                raise DataError(f"column {name!r} has {len(values)} values for {len(tokens)} tokens")
        if tokens.sentences is not None:
            starts = list(tokens.sentences)
            ordered = all(a < b for a, b in pairwise(starts))
            if not ordered or (starts[:1] or [0]) != [0] or bool(starts) != bool(len(tokens)):
                raise DataError("sentence starts do not ascend from token 0")
            if starts and starts[-1] >= len(tokens):
                raise DataError(f"a sentence starts at token {starts[-1]} of {len(tokens)}")

    def __repr__(self) -> str:
        name = "" if self.id is None else f"{self.id}: "
        return f"<Document {name}{shorten(self.text, 40)!r}, {len(self.spans)} spans, {self.tokens!r}>"

    def identified(self, id: str | None, *, is_own: bool = True, meta: Mapping[str, Any] | None = None) -> Document:
        """The same under another id, and with other metadata where some are given. It is not checked again."""
        return self._with(id=id, has_own_id=is_own, meta=self.meta if meta is None else meta)

    def reduced(
        self, tokens: Tokens | None, attributes: Mapping[Span, Mapping[str, Any]], meta: Mapping[str, Any]
    ) -> Document:
        """The same with less of what is known of it, or nothing in its place. It is not checked again."""
        return self._with(tokens=tokens, attributes=attributes, meta=meta)

    def _with(self, **values: Any) -> Document:
        made = copy(self)
        for name, value in values.items():
            object.__setattr__(made, name, value)
        return made

    def place(self, offset: int) -> Place | None:
        """Where a character of the text was read, as well as that is known."""
        return self.source if self.places is None else self.places.at(offset)

    @property
    def is_flat(self) -> bool:
        """Whether no two entities share a character."""
        return self.overlap() is None

    def overlap(self) -> tuple[Span, Span] | None:
        """The first two entities that share a character, or None."""
        # they are in order, so the first that reaches into another reaches into the one after it
        return next(((one, other) for one, other in pairwise(self.spans) if other.start < one.end), None)

    @property
    def words(self) -> list[str]:
        """The text of each token; empty where there are no tokens."""
        if self.tokens is None:
            return []
        if _known and _known.tokens is self.tokens and _known.text is self.text:
            return _known.words.copy()
        text = self.text
        return [text[a:b] for a, b in zip(self.tokens.starts.tolist(), self.tokens.ends.tolist(), strict=True)]

    def token_span(self, span: Span) -> TokenSpan | None:
        """`span` in tokens, or None where it does not begin and end at the edges of tokens."""
        if self.tokens is None:
            return None
        starts, ends = self.tokens.starts, self.tokens.ends
        first, last = bisect_left(starts, span.start), bisect_left(ends, span.end)
        if first <= last < len(ends) and starts[first] == span.start and ends[last] == span.end:
            return TokenSpan(first, last + 1, span.label)
        return None

    def token_spans(self) -> list[TokenSpan | None]:
        """All entities in tokens, None for each that does not begin and end at the edges of tokens."""
        if self.tokens is None:
            return [None] * len(self.spans)
        if _known and _known.tokens is self.tokens and _known.spans is self.spans:
            return list(map(TokenSpan, *_known.places, (label for _, _, label in self.spans)))
        starts, ends = self.tokens.starts.tolist(), self.tokens.ends.tolist()
        found: list[TokenSpan | None] = []
        first = before = 0  # so many tokens start before this character
        for start, end, label in self.spans:
            # between two characters there are no more tokens than characters, so the search need not go far
            try:
                first = starts.index(start, first, first + start - before + 1)
                near = bisect_left(ends, end, first) if end - start > FAR else first
                stop = ends.index(end, near, first + end - start) + 1
                found.append(TokenSpan(first, stop, label))
            except ValueError:
                first = bisect_left(starts, start, first)
                found.append(None)
            before = start
        return found

    def sentence_ranges(self) -> Iterator[tuple[int, int]]:
        """The sentences as ranges of tokens, half-open; all tokens are one where sentences are not known."""
        if not self.tokens:
            return
        starts = [0] if self.tokens.sentences is None else list(self.tokens.sentences)
        yield from zip(starts, [*starts[1:], len(self.tokens)], strict=True)

    def spaced(self) -> Spaced:
        """The tokens with whitespace tokens among them, as spaCy's tokenizer makes them.

        One space after a token belongs to it; what whitespace there is beyond that is a token of its own
        (a paragraph break is ``"\\n\\n"``), so the words and spaces spell out the text. Whitespace before the
        first token is one as well. Source: ``Tokenizer._tokenize_affixes`` and its caller in
        https://github.com/explosion/spaCy/blob/master/spacy/tokenizer.pyx
        """
        text, tokens = self.text, self.tokens or Tokens.make((), ())
        all_starts, ends = tokens.starts.tolist(), tokens.ends.tolist()
        if _known and _known.tokens is tokens and _known.text is text:
            all_words, gaps = _known.words, [*_known.gaps, ""]
        else:
            all_words = [text[start:end] for start, end in zip(all_starts, ends, strict=True)]
            gaps = [text[end:start] for end, start in zip([0, *ends], [*all_starts, len(text)], strict=True)]
        follows = list(map(" ".__eq__, gaps[1:]))
        words: list[str] = []
        starts: list[int] = []
        spaces: list[bool] = []
        numbers: list[int] = []
        at = 0
        for number in [n for n, gap in enumerate(gaps) if gap not in ("", " ") or (gap and n == 0)]:
            gap = gaps[number]
            space = number > 0 and gap[0] == " "
            numbers.extend(range(len(words), len(words) + number - at))
            words += all_words[at:number]
            starts += all_starts[at:number]
            spaces += follows[at:number]
            if space:
                spaces[-1] = True
            words.append(gap[space:])
            starts.append((ends[number - 1] if number else 0) + space)
            spaces.append(False)
            at = number
        numbers.extend(range(len(words), len(words) + len(all_words) - at))
        return Spaced(words + all_words[at:], starts + all_starts[at:], spaces + follows[at:], numbers)

    def to_spacy(self, vocab: Vocab) -> Doc:
        """The document as a spaCy `Doc` with the same text and the same entities.

        Whitespace that is more than the one space after a token becomes a token of its own, which belongs to
        the sentence before it and inside an entity bears the entity's tag. Where sentences are not known, no
        token's `is_sent_start` is set. The columns tag, pos, lemma and morph go where spaCy has them. The id is
        ``doc.user_data["id"]``, and metadata are beside it. Raises `UsageError` without tokens, and `DataError`
        where an entity does not fit the tokens or two overlap.
        """
        from spacy.tokens import Doc

        if self.tokens is None:
            raise UsageError("the document has no tokens, and a spaCy Doc is made of them", "choose a tokenizer")
        if clash := self.overlap():
            raise DataError(f"entities {clash[0]} and {clash[1]} overlap, and a Doc's entities cannot", "", self.source)
        words, _, spaces, numbers = self.spaced()
        tags = ["O"] * len(words)
        marked: list[tuple[Span, int, int]] = []
        for span in self.spans:
            found = self.token_span(span)
            if found is None:
                raise DataError(f"entity {span} does not begin and end with a token", "", self.source)
            first, last = numbers[found.first], numbers[found.stop - 1]
            tags[first : last + 1] = [f"B-{span.label}"] + [f"I-{span.label}"] * (last - first)
            marked.append((span, first, last + 1))
        begins: list[bool | int | None] | None = None
        if self.tokens.sentences is not None:
            begins = [False] * len(words)
            for number in self.tokens.sentences:
                begins[numbers[number] if number else 0] = True
        doc = Doc(vocab, words=words, spaces=spaces, ents=tags, sent_starts=begins)
        for name in ("tag", "pos", "lemma"):
            for number, value in zip(numbers, self.tokens.columns.get(name, ()), strict=False):
                setattr(doc[number], f"{name}_", value or "")
        for number, value in zip(numbers, self.tokens.columns.get("morph", ()), strict=False):
            doc[number].set_morph(value)  # type: ignore[attr-defined]  # spaCy's stubs lack it
        for span, first, stop in marked:
            known = self.attributes.get(span, {})
            for token in doc[first:stop] if known else ():
                token.ent_kb_id_ = known.get("kb_id", "")
                token.ent_id_ = known.get("id", "")
        doc.user_data.update(({} if self.id is None else {"id": self.id}) | dict(self.meta))
        if self.id is not None:
            doc.user_data["id"] = self.id
        return doc
