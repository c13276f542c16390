"""What a word is in scripts that write spaces between words and in those that do not."""

from __future__ import annotations

import regex

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Line_Break=SA}"
"""For a class of a regular expression: the letters of scripts that have no spaces between words (SA: Thai, Lao, Khmer,
Burmese and others). Source: https://www.unicode.org/reports/tr14/"""

A_WORD = rf"[{UNSPACED}]|[\w--[{UNSPACED}]]+"
"""A word, or a letter of a script that has no spaces between words."""

WORD = regex.compile(A_WORD, regex.VERSION1)
WORD_OR_SIGN = regex.compile(rf"{A_WORD}|[^\w\s]", regex.VERSION1)
