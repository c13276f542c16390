"""spaCy's DocBin, the binary file that ``spacy train`` reads: documents with tokens, spaces, entities, sentences.

    >>> from spacy.tokens import DocBin
    >>> docs = DocBin().from_disk("corpus.spacy").get_docs(nlp.vocab)

A file is a zlib-compressed msgpack map; its fields are told in the docstring of `spacy.tokens.DocBin`. White space
beyond the one space after a token is a token of its own, as spaCy's tokenizer makes it. Every token has an
entity tag, ``O`` too, so that training takes it as checked. Ids and metadata are in each `Doc`'s `user_data`
(``id``, ``source``); a span's `kb_id` and `id` are where spaCy has them. Entities that overlap are in a span group
(``--spans-key``, ``sc``), which is read beside the entities, and written with ``--on-overlap keep``. A column `pos`
that has tags of a language's own, as Penn's, becomes `tag_`, for `pos_` takes universal ones alone.

Cannot hold: entities that do not begin and end with a token, further attributes of a span.

Source: https://spacy.io/api/docbin
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

from ..align import fit_to_tokens
from ..balance import Repair, Report
from ..document import Document, Span, Tokens, quoted
from ..errors import DataError, NerconvError, Place, shorten
from ..holding import EVERYTHING, tell_unheld
from ..offsets import add_entity, stripped
from ..options import ReadOptions, WriteOptions
from ..reading import read_each
from ..source import Source
from ..tokenize import blank
from . import Format

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token
    from spacy.tokens import Span as SpacySpan
    from spacy.vocab import Vocab

TOKEN_COLUMNS: Mapping[str, Callable[[Token], str]] = {
    "tag": lambda token: token.tag_,
    "pos": lambda token: token.pos_,
    "lemma": lambda token: token.lemma_,
    "morph": lambda token: str(token.morph),
}
"""Columns that a `Doc` has a place for, and where it is."""

MOST_WORDS = 500_000
"""In a vocabulary that goes from one file to the next."""

HELD_ATTRIBUTES = {"kb_id", "id"}


@cache
def vocabulary(lang: str) -> Vocab:
    """The vocabulary of a language's blank pipeline. Raises `UsageError` where spaCy cannot make one."""
    return blank(lang).vocab


class SpacyWriter:
    """All documents in one DocBin, which is written at the end: spaCy knows no other way."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        from ..docbin import ColumnBin

        self.file = file
        self.report = report
        self.vocab = vocabulary(options.lang)
        if len(self.vocab) > MOST_WORDS:  # it never forgets one
            vocabulary.cache_clear()
            self.vocab = vocabulary(options.lang)
        self.options = options
        self.bin = ColumnBin(self.vocab)

    def write(self, document: Document) -> None:
        """Take the document."""
        document = self._with_tags(document)
        spans = fit_to_tokens(document, "spacy", overlaps=self.options.overlaps)
        is_flat = not self.options.overlaps or document.is_flat
        try:
            if is_flat and self.bin.takes(document):
                self.bin.add(document, spans)
            elif is_flat:
                self.bin.add_doc(document.to_spacy(self.vocab), document)
            else:
                doc = replace(document, spans=(), attributes={}).to_spacy(self.vocab)
                doc.spans[self.options.spans_key] = [_grouped(doc, document, span) for span in document.spans]
                self.bin.add_doc(doc, document)
        except (ValueError, TypeError, OverflowError) as error:  # what msgpack and spaCy make of odd metadata
            raise DataError(f"spacy cannot hold this document: {error}", "", document.source) from None
        names = {name for values in document.attributes.values() for name in values} - HELD_ATTRIBUTES
        names |= set(document.tokens.columns if document.tokens else ()) - set(TOKEN_COLUMNS)
        tell_unheld(document, sorted(names), "spacy", self.report)

    def _with_tags(self, document: Document) -> Document:
        """The document with parts of speech that are of a language's own tag set, as Penn's ``NNP``, where spaCy has a
        place for those: `pos` is for the universal ones.
        """
        tokens = document.tokens
        columns = dict(tokens.columns) if tokens else {}
        other = next((value for value in columns.get("pos", ()) if value and value not in universal_tags()), None)
        if tokens is None or other is None or "tag" in columns:
            return document
        self.report.repairs.append(Repair("pos written as tag", str(document.source or ""), other))
        columns["tag"] = columns.pop("pos")
        return replace(document, tokens=replace(tokens, columns=columns))

    def close(self) -> None:
        """Write the file."""
        self.file.write(self.bin.to_bytes())


@cache
def universal_tags() -> frozenset[str]:
    """The parts of speech that a `Doc` takes as `pos`, those of https://universaldependencies.org/u/pos/ among them."""
    from spacy.parts_of_speech import IDS

    return frozenset(IDS)


def _grouped(doc: Doc, document: Document, span: Span) -> SpacySpan:
    """An entity of the document as a span of a `Doc` without entities."""
    known = document.attributes.get(span, {})
    found = doc.char_span(span.start, span.end, span.label, known.get("kb_id", ""), span_id=known.get("id", ""))
    assert found is not None  # it begins and ends with a token
    return found


def read_spacy(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a DocBin file."""
    from spacy.tokens import DocBin

    try:
        docs = list(DocBin().from_bytes(file.read()).get_docs(vocabulary("en")))
    except Exception as error:  # whatever zlib, msgpack and NumPy make of bytes that are no DocBin
        what = f"this is no DocBin: {type(error).__name__}"
        raise DataError(what, "was it written by DocBin.to_disk?", Place(source.file)) from None

    def make(doc: Doc) -> Document:
        try:
            return from_doc(doc, place=Place(source.file), report=report, spans_key=options.spans_key)
        except NerconvError:
            raise
        except (KeyError, ValueError) as error:  # a number of a string that is not in the file
            what = f"this DocBin lacks a string that it refers to: {shorten(str(error), 100)}"
            raise DataError(what, "was it written by DocBin.to_disk?", Place(source.file)) from None

    return read_each(docs, source, report, make)


def from_doc(doc: Doc, *, place: Place | None = None, report: Report, spans_key: str = "sc") -> Document:
    """A spaCy `Doc` as a document: its entities and the spans of one of its groups, which may overlap them.

    Its `user_data` becomes id and metadata.
    """
    own = doc.user_data.get("id")
    if own is not None and (not isinstance(own, str | int) or isinstance(own, bool)):
        raise DataError(f"the id {own!r} in a Doc's user_data is no string or whole number", "mend it there", place)
    id = "" if own is None else str(own)
    if len(doc) and doc[-1].idx + len(doc[-1].text_with_ws) != len(doc.text):
        raise DataError("this Doc's tokens do not stand where its text has them", "it is damaged; make it anew", place)
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    waiting, missing = True, 0
    for token in doc:
        waiting = waiting or bool(token.is_sent_start)
        missing += token.ent_iob == 0 and not token.is_space
        word = token.text.strip()
        if not word:
            continue
        start = token.idx + token.text.index(word)
        if waiting:
            sentences.append(len(starts))
            waiting = False
        starts.append(start)
        ends.append(start + len(word))
    if missing:
        what = f"{missing} tokens have no entity annotation (missing, which is not O)"
        report.lose("field", place, id, what)
    spans: dict[Span, Mapping[str, Any]] = {}
    text = doc.text
    for ent in (*doc.ents, *doc.spans.get(spans_key, ())):
        whole = ent.start_char, ent.end_char
        inner = stripped(text, *whole, place, report)
        if inner is None:
            report.lose("span", place, quoted(text, *whole), "it is white space alone", label=ent.label_)
            continue
        known = {"kb_id": ent.kb_id_, "id": ent.id_}
        span = Span(*inner, ent.label_)
        own = {name: value for name, value in known.items() if value}
        if span not in spans:
            spans[span] = own
        elif own != spans[span]:  # the same entity in a group, where it need not say all again
            add_entity(spans, span, own, text, place, report)
    columns = {
        name: [read(token) for token in doc if token.text.strip()]
        for name, read in TOKEN_COLUMNS.items()
        if len(doc) and doc.has_annotation(name.upper())
    }
    left = [name for name in ("DEP", "HEAD") if len(doc) and doc.has_annotation(name)]
    left += [f"spans[{name!r}]" for name in doc.spans if name != spans_key] + ["cats"] * bool(doc.cats)
    left += [str(name) for name in doc.user_data if not isinstance(name, str)]
    if left:
        report.lose("field", place, ", ".join(left), f"it is not read from a Doc ({id})")
    meta = {name: value for name, value in doc.user_data.items() if isinstance(name, str) and name != "id"}
    known_sentences = sentences if doc.has_annotation("SENT_START") or not len(doc) else None
    return Document(
        text,
        tuple(spans),
        Tokens.make(starts, ends, known_sentences, columns),
        spans,
        id or None,
        place,
        meta,
    )


FORMATS = [
    Format(
        "spacy",
        (".spacy",),
        read_spacy,
        SpacyWriter,
        summary="spaCy's DocBin",
        is_text=False,
        is_limited=True,
        holds=EVERYTHING - {"nested", "overlapping", "misaligned"},
    )
]
