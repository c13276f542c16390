"""The report of the conlleval script of the CoNLL shared tasks, character for character.

Source: Tjong Kim Sang and Buchholz, https://www.clips.uantwerpen.be/conll2000/chunking/output.html
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import DataError
from .corpus import Corpus, Ints, Mentions
from .scores import Score


def report(corpus: Corpus, number: int, micro: Score, labels: Mapping[str, Score]) -> str:
    """The report on the system of that number, from its scores. Accuracy is that of the tags that were given, of
    documents that of BIO tags.

    Raises `DataError` where the two sides have not the same tokens.
    """
    name = corpus.names[number]
    if corpus.tokens is None or not corpus.same_tokens[number]:
        what = f"the conlleval report needs the same tokens on both sides, and those of {name} are others"
        raise DataError(what, "leave --conlleval off, or give both sides the same --tokenizer")
    starts, ends = corpus.tokens
    if corpus.right_tags is not None:
        right = corpus.right_tags[number]
    else:
        sides = (corpus.gold, corpus.systems[number])
        gold, predicted = (_tags(mentions, starts, ends, name) for mentions in sides)
        right = int((gold == predicted).sum())
    lines = [
        f"processed {len(starts)} tokens with {micro.support} phrases; "
        f"found: {micro.tp + micro.fp} phrases; correct: {micro.tp}.\n"
    ]
    if len(starts):
        lines.append(f"accuracy: {100 * right / len(starts):6.2f}%; {_scores(micro)}\n")
    for label, score in labels.items():
        padding = " " * (17 - len(label.encode()))  # the script counts bytes
        lines.append(f"{padding}{label}: {_scores(score)}  {score.tp + score.fp}\n")
    return "".join(lines)


def _tags(mentions: Mentions, starts: Ints, ends: Ints, name: str) -> Ints:
    """A number a token for its BIO tag, 0 for O. Raises `DataError` for entities that tags cannot hold."""
    if (mentions.starts[1:] < mentions.ends[:-1]).any():
        raise DataError(f"the conlleval report is of tags, and entities overlap ({name})", "leave --conlleval off")
    if not (np.isin(mentions.starts, starts).all() and np.isin(mentions.ends, ends).all()):
        what = f"the conlleval report is of tags, and an entity does not begin and end with a token ({name})"
        raise DataError(what, "leave --conlleval off")
    first, stop = np.searchsorted(starts, mentions.starts), np.searchsorted(ends, mentions.ends) + 1
    sizes = stop - first
    tags = np.zeros(len(starts), np.int64)
    offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    tags[np.repeat(first, sizes) + offsets] = np.repeat(mentions.labels, sizes) * 2 + 1 + (offsets > 0)
    return tags


def _scores(score: Score) -> str:
    """The three scores as percentages, rounded after the same steps as in the script."""
    precision = 100 * score.tp / (score.tp + score.fp) if score.tp + score.fp else 0.0
    recall = 100 * score.tp / score.support if score.support else 0.0
    both = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"precision: {precision:6.2f}%; recall: {recall:6.2f}%; FB1: {both:6.2f}"
