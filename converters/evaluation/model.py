"""The predictions of a spaCy pipeline for gold texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..document import Document, Span, Tokens
from ..errors import UsageError
from ..tokenize import entities, pipeline, token_offsets


def predict(gold: Sequence[Document], name: str) -> list[Document]:
    """What a pipeline (the name of a package or a path) finds in the texts of documents.

    A text that is longer than the pipeline takes goes through it in pieces that end with sentences. Raises `UsageError`
    where there is no such pipeline, or where it finds no entities.
    """
    nlp = pipeline(name)
    if not nlp.pipe_names:
        raise UsageError(f"{name!r} is a blank pipeline", "name a package or a path that has been trained")
    if not any("doc.ents" in nlp.get_pipe_meta(pipe).assigns for pipe in nlp.pipe_names):
        parts = ", ".join(nlp.pipe_names)
        raise UsageError(f"the pipeline {name!r} finds no entities: it has {parts}", "name one that has ner")
    pieces = [(number, *piece) for number, document in enumerate(gold) for piece in _pieces(document, nlp.max_length)]
    docs = zip(pieces, nlp.pipe(gold[number].text[start:end] for number, start, end in pieces), strict=True)
    found = []
    for number, group in groupby(docs, key=lambda pair: pair[0][0]):
        spans: list[Span] = []
        starts: list[int] = []
        ends: list[int] = []
        for (_, base, _), doc in group:
            spans += [Span(base + start, base + end, label) for start, end, label in entities(doc)]
            for start, end in token_offsets(doc):
                starts.append(base + start)
                ends.append(base + end)
        document = gold[number]
        made = Document(document.text, tuple(spans), Tokens.make(starts, ends), id=document.id, source=document.source)
        found.append(made.identified(document.id, is_own=document.has_own_id))
    return found


def _pieces(document: Document, most: int) -> Iterator[tuple[int, int]]:
    """The text in pieces of so many characters at the most, cut before sentences, else before words, else anywhere."""
    text, start = document.text, 0
    if not text:
        yield 0, 0
    tokens = document.tokens
    begins = [] if tokens is None else [tokens.starts[first] for first, _ in document.sentence_ranges()]
    words = [] if tokens is None else list(tokens.starts)
    while start < len(text):
        end = start + most
        if end >= len(text):
            end = len(text)
        else:
            paragraph = text.rfind("\n", start + 1, end)
            sentence = max((at for at in begins if start < at <= end), default=0)
            word = max((at for at in words if start < at <= end), default=0) or text.rfind(" ", start + 1, end) + 1
            end = sentence or (paragraph + 1 if paragraph > start else 0) or (word if word > start else 0) or end
        yield start, end
        start = end
