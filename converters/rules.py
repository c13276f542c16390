"""The rules by which spaces that a tokenizer put in are taken back.

`RULES` decide, in their order, whether a gap beside a word that was split off had a space in the original. A rule is
a row: when it applies, what it decides, why, and what it costs, that is, where it is known to be wrong. `REPAIRS`
are rows too, of another kind: they mend what was wrong before the tokenizer came, and apply only where they are
asked for.

The rows look at words and at what stands before them, never at labels, and know no file format.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import NamedTuple

import regex

from .gaps import ENDS_NOTHING, OPENERS, Context, Gap

When = Callable[[Context, int], bool]
Near = Callable[[str, str], bool]


class Rule(NamedTuple):
    """A row. In a gap with one of the `left` words before it or of the `right` ones after it (None: any word), where
    both `near` and `when` hold, `join` is decided, for a `reason`; `cost` is where that is wrong.

    `near` looks at the two words beside the gap and at nothing else, so what it says of a pair can be kept; `when`
    looks at what is around them.
    """

    name: str
    join: bool
    reason: str
    cost: str = ""
    left: frozenset[str] | None = None
    right: frozenset[str] | None = None
    near: Near | None = None
    when: When | None = None

    def applies(self, context: Context, at: int) -> bool:
        """Whether the row decides the gap before word number `at`, 1 or more, whose words it is for."""
        if self.near is not None and not self.near(context.words[at - 1], context.words[at]):
            return False
        return self.when is None or self.when(context, at)


# The rules


def _is_open_quote(context: Context, number: int) -> bool:
    return context.words[number] == '"' and context.opens[number]


def _is_close_quote(context: Context, number: int) -> bool:
    return context.words[number] == '"' and not context.opens[number]


def _begins(characters: str) -> Near:
    return lambda left, right: right[0] in characters


def _goes_on_small(left: str, right: str) -> bool:
    return right[0].islower()


def _ends_opening(left: str, right: str) -> bool:
    """Whether the word before ends with an opening quote; after a letter a German one closes („so“)."""
    return left[-1] in OPENERS and not left[-2:-1].isalnum()


def _begins_closing(left: str, right: str) -> bool:
    """Whether the word begins with a closing quote; an apostrophe may also begin a word ('90s)."""
    return right[0] in "”»›" or (right[0] in "’'" and not right[1:2].isalnum()) or right in ("’s", "’d")


def _was_not_split_off(context: Context, at: int) -> bool:
    return context.words[at] not in context.profile.split_off  # the Treebank's single quote has rows of its own


def _hosts_no_clitic(context: Context, at: int) -> bool:
    """Whether the word before number `at` cannot carry a 's, so that it must open a quotation ('small')."""
    if at == 0:
        return True
    left = context.words[at - 1]
    if left == "A":  # the article, or a name: Plan A's cost
        return _single_quote_closes(context, at)
    return not (left[-1].isalnum() or left[-1] in ".)]}\"'%$’”*_") or left.lower() in ENDS_NOTHING


def _opens_single_quote(context: Context, at: int) -> bool:
    """Whether the 's, 'd, 'm or 've at `at` is a single quote and the first letters of the word that it opens."""
    opens = context.opens_single.get(at)  # it is asked for the gap before and for the one after
    if opens is None:
        opens = context.opens_single[at] = _is_single_quote(context, at)
    return opens


def _is_single_quote(context: Context, at: int) -> bool:
    right, left = context.word(at + 1), context.word(at - 1)
    if not right[:1].isalnum():
        return False
    if (left == '"' and context.opens[at - 1]) or _hosts_no_clitic(context, at):
        return True
    if context.words[at] == "'m" and left.isalpha() and left.islower():
        return left not in ("i", "ma")
    if left == "'s" and context.words[at] in ("'s", "'m"):
        return True  # no word carries two
    return right[0].islower() and left.lower() not in _PRONOUNS and _single_quote_closes(context, at)


_PRONOUNS = frozenset(["i", "he", "she", "it", "we", "you", "they", "who"])


def _single_quote_closes(context: Context, at: int) -> bool:
    """Whether a single quote closes within seven words of `at`, on its line, and no other may open in between.

    After an s, x or z it may be a possessive, which says nothing.
    """
    closing = bisect_right(context.single_quoted, at)
    if closing == len(context.single_quoted) or context.single_quoted[closing] > at + 7:
        return False
    for number in range(at + 1, min(at + 8, context.size)):
        word = context.words[number]
        if number > at + 1 and (
            context.gaps[number] in (Gap.LINE, Gap.PARAGRAPH)
            or word in ("'s", "'d", "'m", "'ve")
            or (word[0] == "'" and word[1:2].isalnum())
        ):
            return False
        if len(word) > 1 and word[-1] == "'" and word[-2] not in "sSxXzZ'":
            return True
    return False


def _is_inside_name(context: Context, at: int) -> bool:
    """Whether the 'd, 'm or 's at `at` is from the inside of a name: Sa'dun, Ma'mun, Arkhangel'sk.

    The part of the name before it is a capital and small letters; what follows has been looked at.
    """
    if at == 0 or context.gaps[at] != Gap.SPACE or at + 1 >= context.size or context.gaps[at + 1] != Gap.SPACE:
        return False
    left, middle = context.words[at - 1], context.words[at]
    part = left.rpartition("-")[2]
    if not (part.isalpha() and part[0].isupper() and part[1:].islower() == bool(part[1:])):
        return False
    if _single_quote_closes(context, at):
        return False
    if middle == "'m":
        return part != "I"
    return middle == "'s" or (len(part) <= 4 and left.lower() not in _SUBJECTS)


def _goes_on_as_name(left: str, right: str) -> bool:
    """Whether the name that may have been split at a 's, 'd or 'm can go on in this way."""
    if left == "'s":
        return bool(_SOFT_SIGN.fullmatch(right))
    return right[0].islower() and (left == "'m" or (right not in _AFTER_WOULD and right[1:3] != "l-"))


_SOFT_SIGN = regex.compile(r"k(?:[aioy]|[aio][iy]|yy|iy|oye|aya|ogo|omu)?(?:-.*)?")
"""How Russian names go on after a soft sign and an s. No English word looks like that."""

_AFTER_WOULD = frozenset(
    "go be get got say see let met do been like never already better rather take make come gone ibn bin abu al el and "
    "or in of to at for with who which that the is was has had will would could said says told when where while as by "
    "on from then not also".split()
)


_SUBJECTS = frozenset(
    "i you he she it we they who that there this what how where when why which these those someone somebody "
    "everyone everybody nobody anyone anybody one mom dad mum".split()
)


def _is_url(word: str) -> bool:
    return "://" in word or (word.count("/") > 1 and "." in word) or bool(_HOST.match(word))


# nothing is given back once taken, or each shorter beginning of a long word would be looked at from its end; a name has
# no more than 127 labels
_HOST = regex.compile(r"www\.|mailto:|[a-z0-9-]++(?:\.[a-z0-9-]++){0,126}+(?<=\.[a-z]{2,})/")


def _is_field(left: str, right: str) -> bool:
    return "=" in right


def _is_url_query(context: Context, at: int) -> bool:
    """Whether ``?`` before number `at` is inside a URL."""
    return at > 1 and _is_url(context.words[at - 2])


def _is_unpaired(context: Context, number: int) -> bool:
    return number not in context.partner


_EYES = frozenset([":", ";", "=", "8", ":-", ";-", "=-", ":'", ":o", ":^", "=^", ";^"])


def _are_eyes(left: str, right: str) -> bool:
    return left in _EYES


def _is_smiley_mouth(context: Context, at: int) -> bool:
    return at > 0 and context.words[at] in ("(", ")") and context.words[at - 1] in _EYES and _is_unpaired(context, at)


def _follows_smiley(context: Context, at: int) -> bool:
    return at > 1 and context.words[at - 2] in _EYES and _is_smiley_mouth(context, at - 1)


def _is_wink(context: Context, at: int) -> bool:
    """Whether the ``;`` at `at` is the eyes of a smiley."""
    return context.word(at + 1) in ("(", ")") and _is_unpaired(context, at + 1) and context.gaps[at + 1] == Gap.SPACE


def _content(context: Context, opening: int) -> str:
    """The one word that the bracket at `opening` encloses, or ""."""
    return context.words[opening + 1] if context.partner.get(opening) == opening + 2 else ""


def _can_have_ending(left: str, right: str) -> bool:
    return left[-1].isalpha() and left.lower() not in _COMMON


def _is_optional_ending(context: Context, at: int) -> bool:
    endings = ("s", "es", "ies", "ren", "ing")
    return context.word(at + 1) in endings and _content(context, at) in endings


def _is_lone_letter(left: str, right: str) -> bool:
    return len(left) == 1 and left.islower() and left != "a"


def _is_argument(context: Context, at: int) -> bool:
    """f(x), d(ə): a lone small letter before a bracket around one short word."""
    left, content = context.words[at - 1], _content(context, at)
    if content.isdigit() and left not in "fgh":
        return False
    return 0 < len(content) <= 2


_ENUMERATOR = regex.compile(r"[a-z]{1,2}|[A-Z]|[ivx]{1,4}|[IVX]{1,4}|[0-9]{1,2}")
_LAW = frozenset("section sections sec. § §§ u.s.c. c.f.r. cfr rule rules subsection subsections".split())


def _is_number_or_bracket(left: str, right: str) -> bool:
    return left == ")" or left[0].isdigit()


def _is_subsection(context: Context, at: int) -> bool:
    """212(a)(3): an enumerator at once after another, or after the number of a section of a law.

    Two single capitals may be marks of another kind: (C) (S).
    """
    left = context.words[at - 1]
    if left != ")" and not (left[-1].isalnum() and context.word(at - 2).lower() in _LAW):
        return False
    content = _content(context, at)
    if not _ENUMERATOR.fullmatch(content):
        return False
    if left == ")":
        before = _content(context, context.partner.get(at - 1, at))
        both = before + content
        return bool(_ENUMERATOR.fullmatch(before)) and not (len(both) == 2 and both.isalpha() and both.isupper())
    return True


def _ends_prefix(context: Context, at: int) -> bool:
    """(Sino-)Soviet, (un)known: a half word in brackets, and the other half after it."""
    right, last = context.words[at], context.words[at - 2] if at > 1 else ""
    if len(last) > 2 and last[-1] == "-" and last[-2].isalpha():
        return at - 1 in context.partner
    if last not in ("re", "un", "dis", "mis") or not right[0].islower() or right in _COMMON:
        return False
    return context.partner.get(at - 1) == at - 3


def _is_changed_letter(context: Context, at: int) -> bool:
    """[T]he: a letter in brackets, and the rest of the word."""
    right, opening = context.words[at], context.partner.get(at - 1)
    letter = _content(context, at - 3) if opening == at - 3 else ""
    if len(letter) != 1 or not letter.isalpha():
        return False
    if (letter + right).lower() in _BEGINNINGS:
        return True
    if right in _COMMON or right in _BEGINNINGS:
        return False
    quoted = opening and (context.words[opening - 1][-1] in "“‘" or _is_open_quote(context, opening - 1))
    # a small letter may be a footnote's: a to e, or a roman number
    return letter.isupper() or bool(quoted) or letter not in "abcdeivx"


_BEGINNINGS = frozenset(
    "the they then there their these this that those it its if in is he his her him she we when where which what "
    "who while with will was were why all any and as at an are after although also another be been because before "
    "but by both can could do does did during each even every everyone few first for from had has have how i into "
    "just let like many may more most much must my never no nobody none nor not nothing now of on once one only or "
    "other our out over people perhaps since so some such than through to today under until up upon us very well "
    "you your yes yet given despite between among without below above".split()
)
"""Words that sentences often begin with."""


def _has_dash(left: str, right: str) -> bool:
    return left in _DASHES or right in _DASHES


_DASHES = ("–", "—", "-")


def _between_brackets(context: Context, at: int) -> bool:
    """[1]–[3]: a dash with a bracket and a number on either side. `at` is the dash or what follows it."""
    dash = at if context.words[at] in "–—-" else at - 1
    return (
        context.words[dash] in _DASHES
        and 1 < dash < context.size - 2
        and context.words[dash - 1] in ")]"
        and context.words[dash + 1] in "(["
        and context.words[dash - 2].isdigit()
        and context.words[dash + 2].isdigit()
    )


def _is_punctuation(left: str, right: str) -> bool:
    """Whether the word begins with a stop or colon: and is one, or a file name's end (1).pdf, but no .50 or .NET."""
    return right[0] in ".:…%" and not (right[1:2].isdigit() or right[1:2].isupper())


def _continues_word(left: str, right: str) -> bool:
    """Whether the word after begins like the second half of a compound: -based, --who, /or, ’s."""
    if right == "/":
        return True
    if right[0] in "'’":
        return right[1:] in _CLITIC_LETTERS
    if right.startswith("--"):
        return right[2:3].islower()
    return len(right) > 1 and right[0] in "-/–—" and right[1].isalpha()


def _is_beside_padded(context: Context, at: int) -> bool:
    """Whether a ``/`` that stands alone did not: only between padded marks it can have been close to its neighbours."""
    if context.words[at] == "/":
        return context.word(at + 1) in _PADDED_MARKS
    return context.words[at - 1] != "/" or context.word(at - 2) in _PADDED_MARKS


def _ends_open(left: str, right: str) -> bool:
    """Whether the word before ends like the first half of a compound: and/, non- before a quote."""
    if left == "/":
        return True
    if right == '"' and len(left) > 2 and left[-1] == "-":
        return left[-2].isalpha() or left[-3].isalnum()
    return len(left) > 1 and ((left[-1] in "/=@" and left[-2].isalnum()) or (left[-1] == "_" and _is_url(left)))


_PADDED_MARKS = frozenset([*'"()[]{}'])


def is_lost_apostrophe(context: Context, at: int) -> bool:
    """Whether a ``?`` stands where an encoding lost an apostrophe: Venezuela ? s. `at` is what follows it."""
    right, left = context.words[at], context.words[at - 2] if at > 1 else ""
    if not left[-1:].isalpha() or left.lower() in _QUESTIONS:
        return False
    return right in _CLITIC_LETTERS or (right.lower() in _CLITIC_LETTERS and left.isupper())


def _may_be_clitic(left: str, right: str) -> bool:
    return right.lower() in _CLITIC_LETTERS


_QUESTIONS = frozenset(["who", "what", "why", "where", "when", "how"])
_CLITIC_LETTERS = frozenset(["s", "t", "d", "m", "re", "ve", "ll"])


# After a character reference, whose ";" was padded. What stands before it is as it was, so a character with a
# space before it is read as leaning right if it can, and one that is attached as belonging between two parts.


def _after_apostrophe(context: Context, at: int) -> bool:
    left, right = context.words[at - 1], context.words[at]
    if left in ("'", "’", '"'):
        return True  # a space before it: it opens a quotation
    return left[-1] in "'’" and (right in _CLITIC_LETTERS or left[:-1] in ("O", "d", "l", "D", "L"))


def _after_letter(context: Context, at: int) -> bool:
    left, right = context.words[at - 1], context.words[at]
    return left[-1].isalpha() and right[0].islower() and right.lower() not in _COMMON


def _after_sign(context: Context, at: int) -> bool:
    left, right = context.words[at - 1], context.words[at]
    if left[-1] == "<":
        return any(">" in word for word in context.words[at : at + 10])
    if left[-1] in "–—‑-/":
        return len(left) > 1
    return left[-1] in "£€$¥#@§" and right[0].isdigit()


_COMMON = ENDS_NOTHING | frozenset(
    "i you he she it we they who which that there what when where while will would can could may might must shall "
    "should has have had do does did not said says say told also then after before over under about between during "
    "until since through against among without within all both each some any more most other such only very".split()
)


def _joins_na(left: str, right: str) -> bool:
    return (left + right).lower() in ("gonna", "wanna", "gotta")


def _is_amount(left: str, right: str) -> bool:
    return right[0].isdigit()


# Repairs


def _is_split_url(context: Context, at: int) -> bool:
    """Whether the gap is inside a URL: a dash, or nothing, between a URL's beginning and a file's name."""
    left, right = context.words[at - 1], context.words[at]
    if left in ("-", "_", "~") and at > 1 and _is_url(context.words[at - 2]):
        return _is_url_end(right)
    if right in ("-", "_", "~") and _is_url(left):
        return _is_url_end(context.word(at + 1))
    return _is_url(left) and left[-1] in "/-_=&?#%~" and _is_url_end(right)


def _is_url_end(word: str) -> bool:
    """Whether a word looks like the end of a URL: a path, a field, or a name with an extension."""
    name, dot, extension = word.rstrip(".").rpartition(".")
    return "/" in word or "=" in word or (bool(name and dot) and extension.isalnum() and 1 < len(extension) < 6)


def _is_split_compound(context: Context, at: int) -> bool:
    """Whether the word before is the first half of a compound: non- state, but not pre- and post-war."""
    left, right = context.words[at - 1], context.words[at]
    if len(left) < 3 or left[-1] != "-" or not left[:-1].replace("-", "").isalpha():
        return False
    return right[0].islower() and right not in ("and", "or", "to", "nor", "but", "through", "versus", "vs.")


REPAIRS: Mapping[str, Rule | None] = {
    # two words become one, so the reader of the markup does it; see `is_lost_apostrophe`
    "apostrophe": None,
    "url": Rule(
        "url repair", True, "a URL has no spaces", "a URL that ends in a slash before a file name", when=_is_split_url
    ),
    "hyphen": Rule(
        "hyphen repair",
        True,
        "a compound has no space after its hyphen",
        "a word that broke off",
        when=_is_split_compound,
    ),
}
"""What may have been wrong before the tokenizer came, by name: all are off unless they are asked for."""


# The rows


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OPENING, _CLOSING, _QUOTE = _set("( [ { -LRB- -LSB- -LCB- ``"), _set(") ] } -RRB- -RSB- -RCB- ''"), _set('"')
_APOSTROPHE_S = _set("'s 'd 'm 've")
_CLITICS = _set("'s 'd 'm 've 'nt n't 'll 're 'S 'D 'M 'VE 'LL 'RE N'T")

RULES: tuple[Rule, ...] = (
    Rule(
        "lost apostrophe",
        True,
        "a ? before a lone s was an apostrophe that an encoding lost",
        "a question that goes on with a lone s",
        left=_set("?"),
        near=_may_be_clitic,
        when=is_lost_apostrophe,
    ),
    Rule(
        "url query",
        True,
        "a ? in a URL is followed at once by its fields",
        "a question that ends in a URL, before an equation",
        left=_set("?"),
        near=_is_field,
        when=_is_url_query,
    ),
    Rule(
        "wink",
        False,
        "a ; before a bracket without a partner is the eyes of a smiley",
        "a stray bracket after a semicolon",
        right=_set(";"),
        when=_is_wink,
    ),
    Rule(
        "smiley",
        True,
        "eyes and mouth are one",
        "a stray bracket after a colon",
        right=_set("( )"),
        near=_are_eyes,
        when=_is_smiley_mouth,
    ),
    Rule(
        "after smiley",
        False,
        "the mouth of a smiley encloses nothing",
        "a stray bracket after a colon",
        left=_set("("),
        when=_follows_smiley,
    ),
    Rule(
        "citation range",
        True,
        "a dash between two bracketed numbers makes a range: [1]–[3]",
        "a dash that the author spaced",
        near=_has_dash,
        when=_between_brackets,
    ),
    Rule(
        "changed letter",
        True,
        "a letter in brackets goes with the rest of its word: [T]he",
        "a footnote's letter from f on",
        left=_set("]"),
        near=_goes_on_small,
        when=_is_changed_letter,
    ),
    Rule(
        "optional ending",
        True,
        "a plural's ending in brackets goes with its word: item(s)",
        "a list's item (s)",
        right=_set("("),
        near=_can_have_ending,
        when=_is_optional_ending,
    ),
    Rule(
        "argument",
        True,
        "a lone small letter takes its argument at once: f(x), d(ə)",
        "a list's item x (1)",
        right=_set("("),
        near=_is_lone_letter,
        when=_is_argument,
    ),
    Rule(
        "subsection",
        True,
        "the parts of a law's section are one reference: 212(a)(3)",
        "an author who spaces them",
        right=_set("("),
        near=_is_number_or_bracket,
        when=_is_subsection,
    ),
    Rule(
        "prefix",
        True,
        "a half word in brackets goes with the other half: (Sino-)Soviet",
        left=_set(")"),
        near=lambda left, right: right[0].isalnum(),
        when=_ends_prefix,
    ),
    Rule("opening bracket", True, "an opening bracket leans right", left=_OPENING),
    Rule(
        "opening quote",
        True,
        "a quote that opens leans right",
        "where the pairing of quotes is wrong",
        left=_QUOTE,
        when=lambda context, at: _is_open_quote(context, at - 1),
    ),
    Rule(
        "opening mark",
        True,
        "a curly quote that opens leans right",
        near=_ends_opening,
    ),
    Rule(
        "closing quote",
        True,
        "a quote that closes leans left",
        "where the pairing of quotes is wrong",
        right=_QUOTE,
        when=_is_close_quote,
    ),
    Rule(
        "closing mark",
        True,
        "a curly or single quote that closes leans left",
        near=_begins_closing,
        when=_was_not_split_off,
    ),
    Rule("closing bracket", True, "a closing bracket leans left", right=_CLOSING),
    Rule(
        "phrase end",
        True,
        "punctuation that ends a phrase leans left",
        "an author who spaces it",
        right=_set(", ; ? !"),
    ),
    Rule(
        "full stop",
        True,
        "a sentence's full stop leans left",
        "an author who spaces it",
        right=_set("."),
    ),
    Rule(
        "single quote",
        False,
        "no word before it can carry a clitic, so 's begins a quoted word",
        right=_APOSTROPHE_S,
        when=_opens_single_quote,
    ),
    Rule(
        "after a single quote",
        True,
        "and leans right",
        left=_APOSTROPHE_S,
        near=lambda left, right: right[0].isalnum(),
        when=lambda context, at: _opens_single_quote(context, at - 1),
    ),
    Rule(
        "in a name",
        True,
        "the 'd of Sa'dun is a piece of its word",
        "a clitic after a short name, before a rare word",
        left=_APOSTROPHE_S,
        near=_goes_on_as_name,
        when=lambda context, at: _is_inside_name(context, at - 1),
    ),
    Rule("clitic", True, "a clitic leans left", right=_CLITICS),
    Rule(
        "punctuation",
        True,
        "a stop or colon after a bracket or quote leans left",
        "an ellipsis after a bracket",
        left=_CLOSING | _QUOTE | _CLITICS,
        near=_is_punctuation,
    ),
    Rule(
        "second half",
        True,
        "a word that begins with a hyphen or slash goes on: (L2)-based",
        left=_CLOSING | _QUOTE,
        near=_continues_word,
        when=_is_beside_padded,
    ),
    Rule(
        "first half",
        True,
        "a word that ends in a slash goes on: and/(or)",
        right=_OPENING | _QUOTE,
        near=_ends_open,
        when=_is_beside_padded,
    ),
    # of the Penn Treebank alone
    Rule(
        "treebank stop",
        True,
        "colon, ellipsis and per cent lean left",
        "an ellipsis between words",
        right=_set(": ... %"),
    ),
    Rule("treebank amount", True, "a currency's sign leans right", left=_set("$ #"), near=_is_amount),
    Rule(
        "treebank apostrophe",
        True,
        "a single quote that closes leans left",
        "a quoted word that ends in s",
        right=_set("'"),
        when=lambda context, at: not context.single_opens[at],
    ),
    Rule(
        "treebank single quote",
        True,
        "a single quote that opens leans right",
        left=_set("' `"),
        when=lambda context, at: context.single_opens[at - 1],
    ),
    Rule("treebank contraction", True, "gon na is one word", right=_set("na ta"), near=_joins_na),
)

REFERENCE_RULES: tuple[Rule, ...] = (
    Rule("reference to an apostrophe", True, "an apostrophe stands before a word's end", when=_after_apostrophe),
    Rule(
        "reference to a letter",
        True,
        "a letter in a word, by what follows it",
        "a word that it ends",
        when=_after_letter,
    ),
    Rule("reference to a sign", True, "a sign that belongs to what follows it", when=_after_sign),
    Rule("after a reference", True, "punctuation leans left", near=_begins(".,:;…%)]}")),
)

ORIGINAL = Rule("original space", False, "the tokenizer pads neither word, so the space was there")
PADDED = Rule("word space", False, "nothing speaks for joining them")
ATTACHED = Rule("attached", True, "there is no space in the source")
KEPT = Rule("kept", False, "the space is the original's")
BREAK = Rule("paragraph", False, "a paragraph ends here")
