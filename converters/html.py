"""HTML in running text: what to take out, and what a person reads in its place.

Only what certainly is HTML counts: tags of elements that HTML has, comments and doctypes, and character
references. ``x < y``, ``<3`` and ``<someone@example.org>`` are text. A tagger that pads punctuation with
spaces has damaged much of it (``< ! -- x -->``, ``href= 's tate.html'``, ``&lt ;``), and it is recognised
all the same. Elements: https://html.spec.whatwg.org/multipage/indices.html#elements-3 and the obsolete
ones of section 16.2; references: section 13.5.
"""

from __future__ import annotations

import html
import html.entities
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

import regex

from .ahead import Ahead

BLOCK = frozenset(
    "address article aside blockquote body br center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu nav ol "
    "optgroup option p plaintext pre search section summary table tbody tfoot thead title tr ul xmp".split()
)
"""Elements that a browser sets on lines of their own."""

CELL = frozenset(["td", "th"])
"""Elements that stand beside one another, apart."""

INLINE = frozenset(
    "a abbr acronym applet area audio b base basefont bdi bdo big blink button canvas caption cite code col "
    "colgroup data datalist del dfn em embed font frame i iframe img input ins kbd label link map mark marquee "
    "meta meter nobr noframes noscript object output param picture progress q rp rt ruby s samp script select "
    "small source span strike strong style sub sup svg template textarea time track tt u var video wbr".split()
)
"""Elements that leave the words around them as they are."""

UNSEEN = frozenset(["script", "style"])
"""Elements whose content nobody reads."""


ATTRIBUTES = frozenset(
    "abbr action align alink alt archive axis background bgcolor border cellpadding cellspacing char charset cite "
    "class classid clear code codebase codetype color cols colspan content coords data datetime dir enctype face for "
    "frame frameborder headers height href hreflang hspace http-equiv id label lang language link longdesc "
    "marginheight marginwidth maxlength media method name object profile prompt property rel rev role rows rowspan "
    "rules scheme scope scrolling shape size span src standby start style summary tabindex target text title type "
    "usemap valign value valuetype version vlink vspace width xmlns".split()
)
"""Attributes that have a value."""

FLAGS = frozenset(
    "async autofocus autoplay checked compact controls declare default defer disabled hidden ismap itemscope loop "
    "multiple muted nohref noresize noshade novalidate nowrap open readonly required reversed selected".split()
)
"""Attributes that have none."""


class Break(IntEnum):
    """What HTML puts between the words on its two sides."""

    NONE = 0
    SPACE = 1
    PARAGRAPH = 2


class Cut(NamedTuple):
    """``text[start:end]`` is HTML (characters, half-open); `reads` stands in its place for a reader.

    `gap` is what it puts between the words on its sides; `padded` says that a reference was damaged, so
    that the space after it may be the tagger's.
    """

    start: int
    end: int
    reads: str = ""
    gap: Break = Break.NONE
    padded: bool = False


# A tag ends at the first ">" outside quotes, or, where quotes do not pair, at the first ">" at all; "<" ends the
# attempt, so that each character is looked at a bounded number of times. Groups are repeated a bounded number of times,
# as in all patterns: regex remembers each repetition, and raises MemoryError after some millions.
TAG = regex.compile(
    r"<(?P<close>/)?(?P<name>[A-Za-z][A-Za-z0-9]*+)"
    r"(?:\s*+/?>|(?P<rest>[\s/](?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'){0,9999}+>|[\s/][^<>]*+>))"
)
# A tagger may have put the end of an entity, or the beginning of one, in between.
ATTRIBUTE = regex.compile(r"(?:[\s/\]]++|\[[A-Z_]+\s){1,9999}+([A-Za-z_:][\w:.-]*+)\s*+=\s*+([\"'])?")
REFERENCE = regex.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31})(\ ?);")
DECLARATION = regex.compile(r"<\s?!\s?(--|DOCTYPE\b|\[CDATA\[)", regex.IGNORECASE)
CANDIDATE = regex.compile(r"[<&]")


def cuts(text: str) -> Iterator[Cut]:
    """The HTML in `text`, from left to right, in time linear in its length."""
    known: dict[str, Ahead] = {}

    def find(delimiter: str, at: int) -> int:
        """The end of the first `delimiter` from `at` on, or 0."""
        if delimiter not in known:
            known[delimiter] = Ahead(text, regex.compile(regex.escape(delimiter), regex.IGNORECASE))
        known[delimiter].after(at)
        return known[delimiter].end

    at = 0
    while candidate := CANDIDATE.search(text, at):
        start = candidate.start()
        cut = _reference(text, start) if text[start] == "&" else None
        if text[start] == "<":
            if match := TAG.match(text, start):
                cut = cut_of(match)
                name = match["name"].lower()
                if cut and name in UNSEEN and not match["close"]:
                    close = find(f"</{name}", cut.end)
                    cut = cut._replace(end=(close and find(">", close)) or cut.end)
            elif match := DECLARATION.match(text, start):
                closing = {"--": "-->", "[cdata[": "]]>"}.get(match[1].lower(), ">")
                end = find(closing, match.end())
                cut = Cut(start, end) if end else None
        if cut:
            yield cut
        at = cut.end if cut else start + 1


def cut_of(match: regex.Match[str]) -> Cut | None:
    """The tag, or None where it is text: no element of HTML, or other words after its name ("<i and j>")."""
    rest, name = match["rest"], match["name"].lower()
    if rest is not None and not _are_attributes(rest, is_closing=bool(match["close"])):
        return None
    if name in BLOCK:
        gap = Break.PARAGRAPH
    elif name in CELL:
        gap = Break.SPACE
    elif name in INLINE:
        gap = Break.NONE
    else:
        return None
    return Cut(match.start(), match.end(), gap=gap)


def _are_attributes(rest: str, is_closing: bool) -> bool:
    words = rest.rstrip(">").replace("/", " ").split()
    if is_closing:
        return not words
    if first := ATTRIBUTE.match(rest):
        name = first[1].lower()
        return bool(first[2]) or name in ATTRIBUTES or name.startswith(("on", "data-", "aria-", "xml:"))
    return all(word.lower() in FLAGS for word in words)


def _reference(text: str, start: int) -> Cut | None:
    match = REFERENCE.match(text, start)
    if not match:
        return None
    name = f"{match[1]};"
    if not name.startswith("#") and name not in html.entities.html5:
        return None
    reads = html.unescape(f"&{name}")
    if not reads:  # a control character, which stands for nothing
        return None
    if reads.isspace():
        return Cut(start, match.end(), gap=Break.SPACE)
    return Cut(start, match.end(), reads, padded=bool(match[2]))
