"""The form of one entity at a time: what it begins and ends with, and what it holds that no name has.

Sources of the classification marks: ISOO, Marking Classified National Security Information (32 CFR 2001.21-23),
and the portion marks of the U.S. State Department's cables (5 FAH-1 H-200).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import regex

from ..document import Document, Span, normalised
from ..scripts import UNSPACED
from .findings import Finding
from .mentions import ENDLESS, Mention

VERBOSE = regex.VERSION1 | regex.VERBOSE

MARK = r"""
    (?: TS | S | C | U | SBU | FOUO | CUI | LOU | UNCLAS | NOFORN | NODIS | EXDIS | ORCON | PROPIN
      | TOP\ SECRET | SECRET | CONFIDENTIAL | UNCLASSIFIED | RESTRICTED | LIMITED\ OFFICIAL\ USE
      | S\ E\ C\ R\ E\ T | C\ O\ N\ F\ I\ D\ E\ N\ T\ I\ A\ L | U\ N\ C\ L\ A\ S )
"""
CAVEAT = r"""
    (?: NF | NOFORN | SCI | SI | TK | HCS | OC | ORCON | PROPIN | PR | RELIDO | FGI | FOUO | LES | SBU
      | REL (?: \ TO\ [^/()\n]++ )? )
"""
IS_MARK = regex.compile(rf"{MARK} (?: \s?//?\s?{CAVEAT} ){{0,99}}+", VERBOSE)
"""A whole mention that is a mark."""
HOLDS_MARK = regex.compile(
    rf"\(\s?(?P<mark> {MARK} (?: \s?//?\s?{CAVEAT} ){{0,99}}+ )\s?\) (?!\S)"
    rf" | (?<!\S) {MARK} (?: //?{CAVEAT} ){{1,99}}+ (?!\S)",
    VERBOSE,
)
AMBIGUOUS = frozenset("TS S C U LOU SBU CUI".split())
"""Marks that are other things as well (sulfur, Ukraine's security service), but for those before a paragraph."""
PORTION = regex.compile(
    r"(?: \A | \n | ¶\s?\d*\s?[.)]? | \b\d{1,3}\s?[.)] | \b[A-Za-z][.)] | [.!?]\s | \b[A-Z]{3,}: | [•·*–—-] ) \s*+ \Z",
    VERBOSE,
)
"""What stands before a paragraph, or another portion that has a mark of its own."""
PARAGRAPH_MARK = regex.compile(r"¶\s?(?:\d+\s?[.)]?)?")
PARAGRAPH_NUMBER = regex.compile(r"\(?(\d{1,3})\s?[.)]\s")
"""What numbers a paragraph where it begins one, and where others have the numbers before or after it; elsewhere it is
an ordinal, as in 1. FC Köln."""
LINE_NUMBER = regex.compile(rf"(?m)^[ \t]*{PARAGRAPH_NUMBER.pattern}")
BREAK = regex.compile(r"\n\s*\n")
INVISIBLE = regex.compile(
    r"""
    [ [\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\ufff9-\ufffb\ufffd]
      -- \p{Variation_Selector} -- [\U000E0020-\U000E007F\t\n\r\u200c\u200d] ]
    | (?<=[\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}\p{N}]) [\u200c\u200d]
    | [\u200c\u200d] (?=[\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}\p{N}])
    | \A [\u200c\u200d] | \u200c \Z
    """,
    VERBOSE,
)
"""Characters that nobody sees, and what was no text; but not what emoji are made of, nor the joiners where Persian and
Indic scripts spell with them."""
HAS_WORD = regex.compile(r"[\p{L}\p{N}]")
IN_WORDS = regex.compile(
    rf"[[\p{{L}}\p{{N}}\p{{M}}]--[{UNSPACED}\p{{Hangul}}\p{{Arabic}}\p{{Hebrew}}]]", regex.VERSION1
)
"""What words are made of, in the scripts that have spaces between them and write no particles onto names."""
WORD_SIZE = 60
"""Characters of a word on either side of an entity that is in it, at most."""

BRACKETS = {"(": ")", "[": "]", "{": "}"}
QUOTED = frozenset("«» »« “” „“ „” ”” ‚‘ ‘’ ’’ ‹› ›‹ 「」 『』 《》 \"\" '' `` `'".split())
"""Opening and closing quotes, as they go together in one language or another."""
QUOTES = frozenset("\"'`´“”„‟‘’‚‛«»‹›「」『』《》")
LEADING = frozenset(".,;:!?)]}…-–—―/\\|*•·_=~<>+%") | frozenset("。，、；：！？）】")
TRAILING = frozenset(",;:!?([{…-–—―/\\|•·_=~<>¡¿") | frozenset("。，、；：！？（【")
BEFORE_NUMBERS = frozenset("-–—+~<>%")
"""What may begin an amount: -5, +49, >100, and %50 in Turkish."""
NAMES = frozenset("C++ A* F* B+ *NSYNC Yahoo! Jeopardy! Joomla! Oklahoma! Airplane! Wham! E! Guess?".split())
"""Names whose own the punctuation at their edge is."""
QUESTION = regex.compile(
    r"(?i)(?:who|whose|what|when|where|why|how|which|is|are|was|were|do|does|did|can|could|will|would|should|has|have)"
    r"(?:['’]\w+)?\s\S+\s"
)
"""How a title begins that is a question."""
SUSPENDED = regex.compile(r"\s+\p{Ll}")
"""What goes on after a suspended hyphen, as in Nord- und Südkorea."""

ABBREVIATIONS = frozenset(
    """
    abt adm al assn assoc ave av bd bde bldg blvd bn bro bros capt cia cía cie cir cmdr co col comdr comm corp cos
    cpl cpt ctr dept dist div dña dr dra drs ed esq est etc ft gen gov gouv govt hon hr hwy inc inst intl jr lt ltd
    ltda mag maj mfg mgr mlle mme mr mrs ms msgr mt mtn nat'l natl nos nr op ph pl pres prof pty pvt rd
    ref reg rep res rev rm rt sen sens sgt soc sq sr sra srl ss st sta ste str supt tel şti ud uds univ vol vs wm
    jan feb mar apr jun jul aug sep sept oct nov dec tue tues wed thu thur thurs fri sat ala ariz calif colo
    conn fla ga ia kan kans ky md mich minn mo mont neb nebr nev okla oreg pa
    penn penna tenn tex va vt wis wisc wyo ont que alta
    """.split()
)
"""English and some other words that are written with a full stop, lower case, without it."""
WORDS_TOO = frozenset("ark art del ill ind la mass me min miss mon no ore sun wash".split())
"""Those that are words as well: abbreviations alone or after a comma, as in Boston, Mass."""
DOTTED = regex.compile(r"\p{L}{1,4}(?:\.\p{L}{1,4}){1,99}")
DOUBLED = regex.compile(r"(?!II|XX)(\p{Lu})\1(?:\.(\p{Lu})\2){0,99}")
"""A Spanish plural: EE. UU."""
ORDINAL = regex.compile(r"\d{1,3}|[IVXLC]+")
WITH_ORDINALS = frozenset("cs da de et fi fo hr hu is lb lv nb nn no pl sk sl sr tr".split())
"""Languages that write ordinals with a full stop: Wilhelm II."""

DETERMINERS = {
    "en": "the a an this that these those each every some any all both no another such",
    "de": "der die das den dem des ein eine einen einem einer eines dieser diese dieses diesem diesen jener jede jeder",
    "fr": "le la les un une ce cet cette ces l'",
    "es": "el la los las lo un una unos unas este esta estos estas ese esa esos esas",
    "it": "il lo la i gli le un uno una questo questa questi queste quel quella l' un'",
    "nl": "het een deze dit die dat",
    "pt": "o a os as um uma uns umas este esta estes estas esse essa",
}
PRONOUNS = {
    "en": "my your his her its our their whose who which he she it we they me him us them i you mine yours hers ours "
    "theirs himself herself itself themselves",
    "de": "mein meine meiner sein seine seinem seinen seiner seines ihr ihre ihrem ihren ihrer ihres unser unsere "
    "unserer euer eure er sie es wir",
    "fr": "mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs il elle ils elles",
    "es": "mi mis tu tus su sus nuestro nuestra nuestros nuestras él ella ellos ellas",
    "it": "mio mia miei mie suo sua suoi sue nostro nostra nostri loro lui lei",
    "nl": "mijn zijn haar hun ons onze hij zij wij",
    "pt": "meu minha meus minhas seu sua seus suas nosso nossa nossos nossas ele ela eles elas",
}
"""The closed classes of words with which no name begins in lower case, by language. Words with which surnames begin
(de, da, du) are not among them.
"""
FIRST_WORD = regex.compile(r"\w*['’](?=\w{2})|\w+(?=\s|$)")
LAST_WORD = regex.compile(r"\w+['’]?(?=\s*$)")
CONVENTION = 20
"""Entities with a determiner from which on a corpus may have it for a rule to include them."""


class Corpus(NamedTuple):
    """What the form of an entity is judged by.

    `determiners`, `pronouns`: those of the language; `has_ordinals`: whether it writes ordinals with a full stop.
    `takes_determiners`: whether this corpus includes them in its entities as a rule; `quoted`: the labels of which it
    includes the quotes. `mentions`: what is annotated by itself somewhere. `inner`: words that end in punctuation and
    that are followed somewhere by what goes on with a sentence, so that it is their own.
    """

    determiners: Collection[str]
    pronouns: Collection[str]
    has_ordinals: bool
    takes_determiners: bool
    quoted: Collection[str]
    mentions: Mapping[str, Mention]
    inner: Collection[str]

    @classmethod
    def of(cls, documents: Iterable[Document], mentions: Mapping[str, Mention], lang: str) -> Corpus:
        """What the documents tell, and what is known of the language."""
        determiners = frozenset(DETERMINERS.get(lang, "").split())
        inside = outside = 0
        quotes_inside: Counter[str] = Counter()
        quotes_outside: Counter[str] = Counter()
        inner: set[str] = set()
        for document in documents:
            text = document.text
            for start, end, label in document.spans:
                if end - start > ENDLESS:
                    continue
                first = FIRST_WORD.match(text, start, end)
                before = LAST_WORD.search(text, max(start - 12, 0), start)
                inside += bool(first and first.group().replace("’", "'") in determiners)
                outside += bool(before and before.group().replace("’", "'") in determiners)
                quotes_inside[label] += end - start > 2 and _are_quotes(text[start], text[end - 1])
                quotes_outside[label] += _are_quotes(text[start - 1 : start], text[end : end + 1])
                if text[end - 1] in ".!?" and GOES_ON.match(text, end):
                    word = text[start:end].split()[-1]
                    if word != word.lower():  # else nothing here has capitals, and sentences begin without
                        inner.add(word)
        return cls(
            determiners,
            frozenset(PRONOUNS.get(lang, "").split()),
            lang in WITH_ORDINALS,
            inside >= CONVENTION and inside > outside,
            {label for label, n in quotes_inside.items() if n >= CONVENTION and n > quotes_outside[label]},
            mentions,
            inner,
        )


def _are_quotes(opening: str, closing: str) -> bool:
    return opening + closing in QUOTED


GOES_ON = regex.compile(r"[ \t]+[\p{Ll}\d]|[ \t]?[,;]|['’]s\b")
"""What shows that no sentence has ended."""


def findings_of_form(document: Document, corpus: Corpus) -> Iterator[Finding]:
    """What is doubtful in the form of each entity of a document."""
    numbers = {int(n) for n in LINE_NUMBER.findall(document.text)}
    for span in document.spans:
        yield from _findings(document, span, corpus, numbers)


def _findings(document: Document, span: Span, corpus: Corpus, numbers: set[int]) -> Iterator[Finding]:
    text = document.text

    def finding(name: str, message: str, start: int = span.start, end: int = span.end) -> Finding:
        fix = Span(start, end, span.label) if (start, end) != (span.start, span.end) and start < end else None
        return Finding(name, document, (span.start, span.end), span.label, message, fix)

    if (length := span.end - span.start) > ENDLESS:
        yield finding("long-mention", f"is {length:,} characters long: is its end right?")
        return
    mention = text[span.start : span.end]
    if not HAS_WORD.search(mention):
        yield finding("no-word", "has neither letter nor digit")
        return
    if _is_mark(text, span, mention):
        yield finding("classification-mark", "is a classification mark, not a name")
        return
    whole = start, end = span.start, span.end
    if found := _held_mark(text, span, mention):
        start, end = _without(text, span, found)
        yield finding("classification-mark", f"holds the classification mark {found.group()!r}", start, end)
    if found := PARAGRAPH_MARK.search(mention) or _paragraph_number(text, span, numbers):
        start, end = _without(text, span, found)
        yield finding("paragraph-mark", f"holds the paragraph mark {found.group().strip()!r}", start, end)
    if BREAK.search(mention):
        yield finding("line-break", "goes on in another paragraph")
    if found := INVISIBLE.search(mention):
        yield finding("invisible-character", f"holds the invisible character U+{ord(found.group()):04X}")
    is_told = (start, end) != whole
    start, end = _inner(text, span, corpus)
    if (start, end) != whole and not is_told:
        edges = (("begins", text[span.start : start].strip()), ("ends", text[end : span.end].strip()))
        sides = " and ".join(f"{verb} with {piece!r}" for verb, piece in edges if piece)
        yield finding("punctuation", f"{sides}, which is not part of a name", start, end)
    yield from _first_word(finding, mention, span, corpus)
    if _is_in_word(text, span.start) or _is_in_word(text, span.end):
        start, end = span.start, span.end
        while start > span.start - WORD_SIZE and _is_in_word(text, start):
            start -= 1
        while end < span.end + WORD_SIZE and _is_in_word(text, end):
            end += 1
        yield finding("partial-word", f"is a piece of {text[start:end]!r}", start, end)
    if (size := len(mention.split())) > 25:
        yield finding("long-mention", f"is {size} words long: is its end right?")


def _is_mark(text: str, span: Span, mention: str) -> bool:
    """Whether a mention is a classification mark, with or without its brackets."""
    if mention[0] == "(":
        found = HOLDS_MARK.fullmatch(mention)
        return bool(found and (found["mark"] not in AMBIGUOUS or _begins_portion(text, span.start)))
    if not IS_MARK.fullmatch(mention):
        return False
    if mention not in AMBIGUOUS:
        return True
    opening = span.start - 1
    while opening > 0 and text[opening] == " ":
        opening -= 1
    is_closed = text[span.end : span.end + 2].lstrip(" ").startswith(")")
    return text[max(opening, 0)] == "(" and is_closed and _begins_portion(text, opening)


def _held_mark(text: str, span: Span, mention: str) -> regex.Match[str] | None:
    """The classification mark that a mention holds among other words."""
    for found in HOLDS_MARK.finditer(mention):
        if found["mark"] not in AMBIGUOUS or _begins_portion(text, span.start + found.start()):
            return found
    return None


def _begins_portion(text: str, at: int) -> bool:
    """Whether a paragraph, or another portion that may have a mark, begins at a character."""
    return at == 0 or PORTION.search(text, max(at - 16, 0), at) is not None


def _paragraph_number(text: str, span: Span, numbers: set[int]) -> regex.Match[str] | None:
    """The number of a paragraph that an entity begins with, in a text whose paragraphs are counted."""
    found = PARAGRAPH_NUMBER.match(text[span.start : span.end])
    if not found or not numbers & {int(found[1]) - 1, int(found[1]) + 1}:
        return None
    at = span.start
    while at > 0 and text[at - 1] in " \t":
        at -= 1
    return found if at == 0 or text[at - 1] == "\n" else None


def _without(text: str, span: Span, found: regex.Match[str]) -> tuple[int, int]:
    """The entity without what was found at one of its ends; as it is where that is in the middle, or all of it."""
    start, end = span.start, span.end
    if found.start() == 0:
        start += found.end()
    elif found.end() == end - start:
        end = start + found.start()
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else (span.start, span.end)


def _inner(text: str, span: Span, corpus: Corpus) -> tuple[int, int]:
    """Where an entity begins and ends without punctuation that is not a name's own, half-open, in characters."""
    start, end = span.start, span.end
    for _ in range(20):  # of a mention with more than that around it the fix is nearer, not right
        piece = text[start:end]
        before, after = text[max(start - 1, 0) : start], text[end : end + 12]
        if piece[0].isspace():
            start += 1
        elif piece[-1].isspace():
            end -= 1
        elif _are_quotes(piece[0], piece[-1]) and len(piece) > 1 and piece[0] not in piece[1:-1]:
            if span.label in corpus.quoted:
                break
            start, end = start + 1, end - 1
        elif BRACKETS.get(piece[0]) == piece[-1] and _closes_last(piece):
            start, end = start + 1, end - 1
        elif _is_loose_start(piece, before, after):
            start += 1
        elif _is_loose_end(piece, before, after, corpus):
            end -= 1
        else:
            break
        if start >= end:
            return span.start, span.end
    return start, end


def _closes_last(piece: str) -> bool:
    """Whether the bracket that opens a piece is closed by its last character, and no earlier."""
    opening, closing = piece[0], piece[-1]
    depth = 0
    for at, character in enumerate(piece):
        depth += (character == opening) - (character == closing)
        if depth == 0:
            return at == len(piece) - 1
    return False


def _is_loose_start(piece: str, before: str, after: str) -> bool:
    """Whether the first character of a mention, between `before` and `after`, is punctuation that is not its own."""
    first, following = piece[0], piece[1:2]
    if first in "([{":
        return BRACKETS[first] not in piece
    if first in QUOTES:
        # 's-Hertogenbosch, 'N Sync; but a quote that is closed outside is loose, and one that is not closed at all
        is_apostrophe = first in "'’‘" and following.isalpha()
        if is_apostrophe:
            return after[:1] in ("'", "’") and not after[1:2].isalnum()
        return not any(_are_quotes(first, c) for c in QUOTES.intersection(piece[1:]))
    if first == "." and following.isalnum():
        return before.isalnum() or before == "."  # .NET
    if first in BEFORE_NUMBERS and following.isdigit():
        return False
    if first == "/" and "/" in piece[1:]:
        return False  # a path
    return first in LEADING and piece not in NAMES


def _is_loose_end(piece: str, before: str, after: str, corpus: Corpus) -> bool:
    """Whether the last character of a mention is punctuation that is not its own."""
    last = piece[-1]
    word = piece.split()[-1]
    if word in NAMES or (last in ".!?" and word in corpus.inner):
        return False  # Yahoo! said
    if last == ".":
        return not _is_abbreviation(word, piece, has_ordinals=corpus.has_ordinals)
    if last in ")]}":
        return all(opening not in piece for opening, closing in BRACKETS.items() if closing == last)
    if last in QUOTES:
        # Boys', Guns N'; and feet and inches, 6'4"
        is_apostrophe = last in "'’" and len(word) > 1 and (word[-2] in "sSnNxzZ" or word[-2].isdigit())
        if is_apostrophe:
            return _are_quotes(before, last)
        return not any(_are_quotes(c, last) for c in QUOTES.intersection(piece[:-1])) and not (
            last == '"' and word[:1].isdigit()
        )
    if last in "-–" and SUSPENDED.match(after):
        return False
    if last == "/" and ("/" in word[:-1] or word.startswith("www.")):
        return False  # an address
    if last in "?!" and (piece[0] == {"?": "¿", "!": "¡"}[last] or (last == "?" and QUESTION.match(piece))):
        return False
    return last in TRAILING


def _is_abbreviation(word: str, mention: str, *, has_ordinals: bool) -> bool:
    """Whether a word that ends in a full stop has that for its own: ``U.S.``, ``J.``, ``Inc.``, ``Ph.D.``"""
    bare = regex.split(r"[-/&]", word[:-1].lstrip("([{\"'“‘«"))[-1]
    if not bare or bare.endswith("."):
        return False  # an ellipsis
    if has_ordinals and ORDINAL.fullmatch(bare):
        return True
    if DOTTED.fullmatch(bare) and min(map(len, bare.split("."))) == 1:
        return True
    last = bare.split(".")[-1].lower()
    if last in WORDS_TOO:
        return word == mention or mention[: -len(word)].rstrip().endswith(",")
    return (len(bare) == 1 and bare.isalpha()) or last in ABBREVIATIONS or DOUBLED.fullmatch(bare) is not None


def _first_word(finding: Callable[..., Finding], mention: str, span: Span, corpus: Corpus) -> Iterator[Finding]:
    """A determiner or pronoun at the beginning.

    One with a capital may be a name's own, as in The Hague, and a corpus may have it for a rule to include determiners:
    then it is told where the rest has the same label by itself elsewhere. What has no capital at all (``the next day``)
    is no name, and a determiner is no mistake in it.
    """
    found = FIRST_WORD.match(mention)
    if not found:
        return
    word = found.group().replace("’", "'")
    rest = mention[found.end() :].lstrip()
    twin = corpus.mentions.get(normalised(rest))
    has_twin = twin is not None and span.label in twin.labels
    if word.lower() in corpus.determiners:
        is_plain = word.islower() and not corpus.takes_determiners and (not rest or rest != rest.lower())
        name = "determiner"
    elif word.lower() in corpus.pronouns:
        is_plain, name = word.islower(), "pronoun"
    else:
        return
    if is_plain or has_twin:
        message = f"begins with the {name} {word!r}" if rest else f"is the {name} {word!r}"
        yield finding(name, message, span.end - len(rest) if rest else span.start)


def _is_in_word(text: str, at: int) -> bool:
    """Whether a place in a text, before character `at`, is inside a word. A number and its unit are two (10km)."""
    if not 0 < at < len(text):
        return False
    one, two = text[at - 1], text[at]
    return bool(IN_WORDS.match(one) and IN_WORDS.match(two)) and one.isnumeric() == two.isnumeric()
