"""Tokens for documents that have none, by one of spaCy's tokenizers. Only where it was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .document import Document, Span, Tokens
from .errors import UsageError, shorten

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


@cache
def pipeline(name: str) -> Language:
    """The spaCy pipeline of that name: the blank one of a language, or a trained one, a package or a path.

    Raises `UsageError` where spaCy knows neither.
    """
    import spacy

    if _is_language(name):
        return blank(name)
    try:
        return spacy.load(name)
    except (OSError, ImportError, ValueError) as error:
        first = str(error).splitlines()[0]
        todo = "name a language by its code, as en, or a pipeline: one that is installed, or the path of one"
        if (Path(name) / "model-best").is_dir():  # as spacy train leaves it
            todo = f"did you mean {Path(name) / 'model-best'}?"
        elif re.fullmatch(r"[a-z]{2,3}_\w+", name):
            todo = f"install it: python -m spacy download {name}"
        why = "" if first.startswith("[E050]") else f": {first}"  # E050: there is none
        raise UsageError(f"spaCy has no language or pipeline {name!r}{why}", todo) from None


def _is_language(name: str) -> bool:
    from spacy.util import get_lang_class

    try:
        get_lang_class(name)
    except (ImportError, ValueError):
        return False
    return True


def blank(lang: str) -> Language:
    """The blank pipeline of a language. Raises `UsageError` for one that spaCy lacks, or that takes another package."""
    import spacy

    if not _is_language(lang):
        raise UsageError(f"spaCy has no language {lang!r}", "see https://spacy.io/usage/models#languages")
    try:
        return spacy.blank(lang)
    except (ImportError, ValueError, OSError) as error:  # the words of Japanese, say, are found by a package of its own
        what = f"spaCy's language {lang!r} takes more than spaCy: {shorten(str(error), 300)}"
        raise UsageError(what, "install what it names") from None


def with_tokens(document: Document, tokenizer: str | Language) -> Document:
    """The document with the tokens of a spaCy pipeline (or one of that name), or as it is where it has tokens.

    Sentences stay unknown. Whitespace tokens are not kept: white space lies between tokens here.
    """
    if document.tokens is not None:
        return document
    nlp = pipeline(tokenizer) if isinstance(tokenizer, str) else tokenizer
    return replace(document, tokens=Tokens.of(token_offsets(nlp.tokenizer(document.text))))


def token_offsets(doc: Doc) -> Iterator[tuple[int, int]]:
    """Where the tokens of a spaCy `Doc` are, half-open, in characters, without those of white space and its edges."""
    for token in doc:
        word = token.text.strip()
        if word:
            start = token.idx + token.text.index(word)
            yield start, start + len(word)


def entities(doc: Doc) -> Iterator[Span]:
    """The entities of a spaCy `Doc`, half-open, in characters, without white space at their edges."""
    for ent in doc.ents:
        word = ent.text.strip()
        if word:
            start = ent.start_char + ent.text.index(word)
            yield Span(start, start + len(word), ent.label_)
