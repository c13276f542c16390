"""A corpus reader for spaCy, so that ``spacy train`` reads any format without conversion.

[corpora.train]
@readers = "nerconv.Corpus.v1"
path = "corpus/train"

`path` is a file, a folder or a glob pattern. What else may be said, with its default:

    format = null         the format, where the names of the files do not say
    gold_tokens = false   whether to train on the tokens of the data; else on those of the pipeline's own tokenizer
    gold_preproc, max_length, limit, augmenter, shuffle
                          as in spaCy's own reader, whose name can be replaced by this one's in any config
    labels, profile, repair, in_columns, repair_tags, encoding, map, keep, drop, on_misaligned, on_overlap
                          as the options of ``nerconv convert``

The examples are those that ``spacy.Corpus.v1`` makes of the DocBin that ``nerconv convert`` writes, so that training
on either gives the same pipeline.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Optional, Union, get_type_hints

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus, Example

from ..align import align, flatten
from ..balance import Report
from ..document import Document
from ..errors import UsageError
from ..finding import find_inputs
from ..inputs import read_all
from ..labels import read_map
from ..options import Changes, ReadOptions
from ..tokenize import with_tokens

if TYPE_CHECKING:
    from ..align import Misaligned, Overlap


# spaCy reads the types of these parameters at run time, on Python 3.10 too, and a config knows lists, not tuples
def make_corpus(
    path: Optional[Union[str, Path]],  # noqa: UP007, UP045
    format: Optional[str] = None,  # noqa: UP045
    gold_tokens: bool = False,
    gold_preproc: bool = False,
    max_length: int = 0,
    limit: int = 0,
    augmenter: Optional[Callable[..., Any]] = None,  # noqa: UP045
    shuffle: bool = False,
    labels: Optional[list[str]] = None,  # noqa: UP045
    profile: Optional[str] = None,  # noqa: UP045
    repair: Optional[list[str]] = None,  # noqa: UP045
    in_columns: Optional[list[str]] = None,  # noqa: UP045
    repair_tags: Optional[Literal["conlleval", "discard"]] = None,  # noqa: UP045
    encoding: str = "utf-8",
    map: Optional[str] = None,  # noqa: UP045
    keep: Optional[list[str]] = None,  # noqa: UP045
    drop: Optional[list[str]] = None,  # noqa: UP045
    on_misaligned: Literal["report", "drop", "expand", "contract", "error"] = "report",
    on_overlap: Literal["error", "longest", "first"] = "error",
) -> Callable[[Language], Iterable[Example]]:
    """The corpus reader that spaCy's registry has under ``nerconv.Corpus.v1``."""
    if path is None:
        raise UsageError("the corpus reader has no path", "give one in the config, or with --paths.train")
    return AnnotatedCorpus(
        str(path),
        format,
        ReadOptions(
            encoding=encoding,
            labels=tuple(labels) if labels is not None else None,
            profile=profile,
            repairs=tuple(repair or ()),
            columns=tuple(in_columns) if in_columns is not None else None,
            repair_tags=repair_tags,
        ),
        Changes(
            labels=read_map(map) if map else {},
            keep=tuple(keep) if keep is not None else None,
            drop=tuple(drop) if drop is not None else None,
        ),
        (on_misaligned, on_overlap),
        takes_gold_tokens=gold_tokens,
        gold_preproc=gold_preproc,
        max_length=max_length,
        limit=limit,
        shuffle=shuffle,
        augmenter=augmenter,
    )


# as the objects that they are: older versions of spaCy look for their names in a module that has no Literal
make_corpus.__annotations__ = get_type_hints(make_corpus)


class AnnotatedCorpus(Corpus):
    """Examples for spaCy from files in any format, read anew whenever they are asked for, as by spaCy's own reader."""

    def __init__(
        self,
        path: str,
        format: str | None,
        options: ReadOptions,
        changes: Changes,
        fitting: tuple[Misaligned, Overlap],
        *,
        takes_gold_tokens: bool,
        **settings: Any,
    ) -> None:
        super().__init__(path, **settings)
        self.inputs = path
        self.format = format
        self.options = options
        self.changes = changes
        self.on_misaligned, self.on_overlap = fitting
        self.takes_gold_tokens = takes_gold_tokens

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """The examples. Raises `DataError` where the data cannot be read, and warns of what cannot be learnt."""
        references: Iterable[Doc] = self._references(nlp)
        if self.shuffle:
            references = list(references)
            random.shuffle(references)
        make = self.make_examples_gold_preproc if self.gold_preproc else self.make_examples
        for example in make(nlp, references):
            yield from self.augmenter(nlp, example)

    def _make_example(self, nlp: Language, reference: Doc, gold_preproc: bool) -> Example:
        return super()._make_example(nlp, reference, gold_preproc or self.takes_gold_tokens)

    def _references(self, nlp: Language) -> Iterator[Doc]:
        report = Report()
        left: list[str] = []
        found = find_inputs([self.inputs], format=self.format, report=report)
        for document in islice(read_all(found, self.options, report, self.changes), self.limit or None):
            fitted, misaligned = self._fitted(document, nlp, report)
            left += [f"{document.source}: {span.label} {document.text[span.start : span.end]!r}" for span in misaligned]
            yield fitted.to_spacy(nlp.vocab)
        left += [f"{loss.place}: {loss.reason}" for loss in report.lost]
        if left:
            what = f"{len(left)} entities of {self.inputs} are not learnt, the first is {left[0]}"
            warnings.warn(f"{what}; nerconv check lists them", stacklevel=2)

    def _fitted(self, document: Document, nlp: Language, report: Report) -> tuple[Document, list[Any]]:
        fitted, left = align(with_tokens(document, nlp), self.on_misaligned, report)
        return flatten(fitted, self.on_overlap, report), left
