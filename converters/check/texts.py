"""Documents compared: those without text, those that come twice, and what the parts of a split have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence

from ..document import Document, normalised, quoted
from ..duplicates import NEAR, Compared, groups
from ..scripts import WORD
from ..sentences import sentences
from .findings import Finding

SENTENCE = 5
"""Words of the shortest sentence that leaks: shorter ones are in every text."""

TRAIN = re.compile(r"(?i)(?<![a-z])train")

Parts = Sequence[str | None]


def empty(documents: Sequence[Document]) -> Iterator[Finding]:
    """Documents without text or without entities."""
    for document in documents:
        if not document.text.strip():
            yield Finding("empty-document", document, None, "", "has no text")
        elif not document.spans:
            yield Finding("no-entities", document, None, "", "has no entities")


def duplicates(documents: Sequence[Document], parts: Parts, ignored: Container[str]) -> Iterator[Finding]:
    """Documents whose text, or nearly, an earlier one has; where the two are in different parts, they leak."""
    if all(name in ignored for name in ("duplicate", "near-duplicate", "leaking-document")):
        return
    with_text = [number for number, document in enumerate(documents) if document.text.strip()]
    found = groups([documents[number].text for number in with_text])
    clusters: dict[int, list[int]] = {}
    for number, group in zip(with_text, found, strict=True):
        clusters.setdefault(group, []).append(number)
    order = ranks(parts)
    for cluster in clusters.values():
        cluster.sort(key=lambda number: (order[parts[number]], number))
        first, *others = cluster
        if others:
            compared = Compared(documents[first].text)
            for number in others:
                yield _twin(documents, parts, first, number, compared)


def _twin(documents: Sequence[Document], parts: Parts, first: int, number: int, compared: Compared) -> Finding:
    document, other = documents[number], documents[first]
    share, is_same = compared.similarity(document.text), compared.is_same(document.text)
    likeness = "the text" if is_same else f"nearly the text ({share:.0%} alike)"
    message = f"has {likeness} of {other.id} ({other.source})"
    if share < NEAR:
        message = f"is nearly, by way of others, the text of {other.id} ({other.source}; {share:.0%} alike)"
    if is_same and _mentions(document) != _mentions(other):
        message += ", and other annotations"
    if parts[number] != parts[first] and None not in (parts[number], parts[first]):
        message = f"in {parts[number]}, {message}, which is in {parts[first]}"
        return Finding("leaking-document", document, None, "", message)
    return Finding("duplicate" if is_same else "near-duplicate", document, None, "", message)


def _mentions(document: Document) -> list[tuple[str, str]]:
    return [(label, normalised(quoted(document.text, start, end))) for start, end, label in document.spans]


def ranks(parts: Parts) -> Mapping[str | None, int]:
    """The order of the parts: train first, then as they come; what is in no part last."""
    names = list(dict.fromkeys(name for name in parts if name is not None))
    names.sort(key=lambda name: not TRAIN.search(name))
    return {**{name: number for number, name in enumerate(names)}, None: len(names)}


def leaks(documents: Sequence[Document], parts: Parts, leaking: Container[int]) -> Iterator[Finding]:
    """What the parts of a split have in common: sentences, labels, mentions. `leaking`: ids (`id()`) of documents of
    which it is told already.
    """
    order = ranks(parts)
    names = sorted((name for name in order if name is not None), key=order.__getitem__)
    if len(names) < 2:
        return
    members = {name: [d for d, part in zip(documents, parts, strict=True) if part == name] for name in names}
    seen: dict[str, str] = {}
    for name in names:
        own: set[str] = set()
        reported: set[str] = set()
        for document in members[name]:
            told = id(document) in leaking
            for start, end in sentences(document):
                sentence = normalised(document.text[start:end])
                if len(WORD.findall(sentence)) < SENTENCE:
                    continue
                if sentence in seen and not told and sentence not in reported:
                    reported.add(sentence)
                    message = f"this sentence of {name} is in {seen[sentence]} as well"
                    yield Finding("leaking-sentence", document, (start, end), "", message)
                own.add(sentence)
        for sentence in own:
            seen.setdefault(sentence, name)
    yield from _mentions_seen(members, names)


def _mentions_seen(members: Mapping[str, Sequence[Document]], names: Sequence[str]) -> Iterator[Finding]:
    first = names[0]
    labels = {span.label for document in members[first] for span in document.spans}
    known = {(normalised(quoted(d.text, a, b)), label) for d in members[first] for a, b, label in d.spans}
    for name in names[1:]:
        missing: set[str] = set()
        counts: Counter[bool] = Counter()
        for document in members[name]:
            for start, end, label in document.spans:
                counts[(normalised(quoted(document.text, start, end)), label) in known] += 1
                if label not in labels and label not in missing:
                    missing.add(label)
                    message = f"the label {label!r} is in {name} and not in {first}"
                    yield Finding("unseen-label", document, (start, end), label, message)
        if total := counts.total():
            share = f"{counts[True] / total:.0%} ({counts[True]:,} of {total:,})"
            message = f"{share} of the entities of {name} are mentions that occur in {first} with the same label"
            yield Finding("seen-mentions", members[name][0], None, "", message)
