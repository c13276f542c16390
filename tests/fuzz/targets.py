"""What is fuzzed: each target takes bytes, feeds them to a part of the library, and holds the result to its promises.

The first `HEAD` bytes choose options, the rest is the input as a user would give it, so that cases can be read. Of the
exceptions only the library's own may leave it; `run` lets those pass, and everything else is a finding: another
exception, a warning, a promise that is not kept. None of this needs a fuzzer: `test_fuzz.py` replays what was found.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache, partial
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from promises import anchors_hold

from converters import Document, NerconvError, ReadOptions, Report, Span, Tokens, WriteOptions, bulk, read
from converters.anchor import anchor
from converters.check import check
from converters.detokenize import assemble, respaced
from converters.document import is_label
from converters.errors import DataError, Place
from converters.evaluation import evaluate, evaluate_tags
from converters.evaluation.agreement import agree
from converters.evaluation.evaluation import Settings
from converters.evaluation.page import page as evaluation_page
from converters.evaluation.tables import agreement_as_text, as_markdown, as_text
from converters.formats import formats
from converters.formats.brackets import explain, from_brackets, into
from converters.gaps import PROFILES, Gap
from converters.html import cuts
from converters.labels import read_map, relabel
from converters.markup import KNOWN_LABELS
from converters.options import Changes
from converters.originals import Originals
from converters.outputs import plan_outputs, write_report, written
from converters.schemes import SCHEMES, decode, detect, encode, mend
from converters.sentences import by_sentence
from converters.source import Source
from converters.statistics import statistics, tables
from converters.statistics.page import page as statistics_page
from converters.training.split import split
from converters.view import Colours, lines
from converters.view import page as view_page

HEAD = 6
"""So many bytes choose options."""
FILE = "x"
"""The name of the file that is read."""

Target = Callable[[bytes], None]


@cache
def workplace() -> Path:
    """A folder for files, in memory where there is such a place. It is emptied for each input that needs it."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="nerconv-fuzz-", dir=memory if os.access(memory, os.W_OK) else None))
    import atexit

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def emptied() -> Path:
    """The folder, with nothing in it."""
    folder = workplace()
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder


class Choices:
    """The bytes at the head of an input, from which options are taken, bits first and last."""

    def __init__(self, data: bytes) -> None:
        self.bits = int.from_bytes(data[:HEAD].ljust(HEAD, b"\0"), "little")
        self.rest = data[HEAD:]

    def of(self, items: Sequence[Any]) -> Any:
        """One of the items; as many bits are used as they need."""
        size = (len(items) - 1).bit_length()
        number, self.bits = self.bits % (1 << size), self.bits >> size
        return items[number % len(items)]

    def yes(self) -> bool:
        """Whether the next bit is set."""
        return bool(self.of((False, True)))


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


# Promises


def sound(document: Document) -> None:
    """What holds of every document, whoever made it."""
    text = document.text
    text.encode()
    assert list(document.spans) == sorted(set(document.spans), key=lambda s: (s.start, -s.end, s.label))
    for start, end, label in document.spans:
        assert 0 <= start < end <= len(text)
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        assert is_label(label)
    if document.tokens is not None:
        at = 0
        for start, end in zip(document.tokens.starts, document.tokens.ends, strict=True):
            assert at <= start < end <= len(text)
            assert not text[at:start].strip()
            at = end
        assert not text[at:].strip()
        assert document.words == [text[a:b] for a, b in zip(document.tokens.starts, document.tokens.ends, strict=True)]
        spaced = document.spaced()
        assert "".join(word + " " * space for word, space in zip(spaced.words, spaced.spaces, strict=True)) == text
    assert document.token_spans() == [document.token_span(span) for span in document.spans]
    assert replace(document) == document  # which checks everything again
    assert document.id != ""


def in_file(place: Place | None, data: bytes, encoding: str) -> None:
    """A place is in its file, or just after the end of a line."""
    if place is None or place.file != FILE or place.line is None:
        return
    found = data.decode(encoding, "replace").split("\n")
    assert 1 <= place.line <= len(found), f"{place}: there are {len(found)} lines"
    if place.column is not None:
        assert 1 <= place.column <= len(found[place.line - 1]) + 2, f"{place}: the line is shorter"


def strict(value: Any) -> str:
    """A value as JSON that all can read."""
    made = json.dumps(value, ensure_ascii=False, allow_nan=False)
    made.encode()
    return made


def letters(text: str) -> str:
    return "".join(text.split())


def entities(document: Document) -> set[tuple[int, int, str]]:
    """The entities by the characters that are no white space, which every format keeps."""
    text = document.text
    return {(len(letters(text[:a])), len(letters(text[:b])), label) for a, b, label in document.spans}


# Written and read back


@contextmanager
def written_well(name: str) -> Iterator[None]:
    """What was written can be read: an error is a finding, whoever's it is."""
    try:
        yield
    except NerconvError as error:
        raise AssertionError(f"{name} was written and cannot be read: {error}") from error


WRITTEN = [name for name, format in formats().items() if format.writer]


def held(document: Document) -> None:
    """JSON Lines hold all of a document."""
    file = BytesIO()
    report = Report()
    format = formats()["jsonl"]
    assert format.writer
    assert format.reader
    writer = format.writer(file, WriteOptions(), report)
    report.written["jsonl"] = Report().read
    try:
        writer.write(document)
    except NerconvError:
        return
    writer.close()
    if report.lost:
        return
    told = Report()
    with written_well("jsonl"):
        [back] = format.reader(BytesIO(file.getvalue()), Source("x", "x", "x"), ReadOptions(), told)
    assert back == document
    assert back.id == document.id or not document.has_own_id
    known = {name: value for name, value in document.meta.items() if name != "source"}
    assert {name: value for name, value in back.meta.items() if name != "source"} == json.loads(json.dumps(known))
    assert not told.lost


def returned(document: Document, name: str, changes: Changes, *, comments: bool = False) -> None:
    """What a format can hold of a document comes back from it, and the balance tells of the rest."""
    if changes.tokenizer is None and document.tokens is None:
        document = replace(document, tokens=Tokens.of(m.span() for m in re.finditer(r"\S+", document.text)))
    document = document.identified("d")
    folder, report = emptied(), Report()
    format = formats()[name]
    columns = ("word", "space", "ner") if "spacing" not in format.holds and comments else ("word", "ner")
    path = folder / ("out" if format.one_each else f"out{format.suffixes[0]}")
    options = WriteOptions(columns=columns, comments=comments)
    try:
        with written(plan_outputs(path, [name]), options, report, changes) as put:
            put(document)
    except NerconvError:
        return
    told = Report()
    labels = tuple({*KNOWN_LABELS, *(span.label for span in document.spans)})  # which a reader must be told
    with written_well(name):
        given = None if name == "brat" else name
        found = list(read(path, format=given, options=ReadOptions(labels=labels), report=told))
    lost = {loss.kind for loss in report.lost}
    if not letters(document.text) and not found:
        return
    assert len(found) == 1, f"{name}: {len(found)} documents for one"
    [back] = found
    sound(back)
    if any(repair.name == "treebank escape" for repair in told.repairs):
        assert any("Penn Treebank" in loss.reason for loss in report.lost), name
        return
    assert letters(back.text) == letters(document.text), name
    is_told = any("spacing" in repair.name for repair in (*report.repairs, *told.repairs))
    is_told = is_told or any("white space" in f"{loss.text}: {loss.reason}" for loss in report.lost)
    if "spacing" in format.holds and not is_told:
        assert back.text == document.text, name
    if not any("IO has no mark" in loss.reason for loss in report.lost):
        found_again = entities(back)
        if changes.on_misaligned not in ("expand", "contract"):
            assert found_again <= entities(document), name
        if "span" not in lost and changes == Changes():
            assert found_again == entities(document), name
    assert not {loss.kind for loss in told.lost} - {"field"}, told.lost[0]


# Readers


def read_options(chosen: Choices) -> ReadOptions:
    source = Originals(None, "source") if (fields := chosen.of((0, 0, 0, 1, 2, 0, 0, 0))) == 2 else None
    return ReadOptions(
        encoding=chosen.of(("utf-8", "utf-8", "utf-8", "utf-8", "utf-8", "latin-1", "utf-16", "ascii")),
        labels=chosen.of((None, ("any",), ("PER", "LOC"), ("any",))),
        profile=chosen.of((None, *PROFILES)) if chosen.yes() else None,
        repairs=chosen.of(((), ("apostrophe",), ("apostrophe", "url", "hyphen"), ("url",))) if chosen.yes() else (),
        layout=chosen.of(("flow", "sentences")),
        columns=chosen.of(
            (
                None,
                None,
                None,
                ("word", "ner"),
                ("word", "space", "ner"),
                ("word", "pos", "ner"),
                ("ner", "word"),
                ("x", "word", "space", "ner"),
            )
        ),
        originals=source,
        text_field="text" if fields else None,
        repair_tags=chosen.of((None, None, "conlleval", "discard")),
        offset_unit=chosen.of((None, None, "char", "utf16")),
        discontinuous=chosen.of(("error", "error", "split", "cover")),
        spans_key=chosen.of(("sc", "x")),
        places=chosen.yes(),
    )


def read_all(name: str, data: bytes, options: ReadOptions, *, keep_going: bool, source: Source) -> list[Document]:
    """The documents of a file. Every error and every loss has a place that is in it."""
    reader = formats()[name].reader
    assert reader
    report = Report(keep_going=keep_going)
    is_text = formats()[name].is_text and options.text_field is None
    found: list[Document] = []
    try:
        found.extend(reader(BytesIO(data), source, options, report))
    except DataError as error:
        report.failures.append(error)
    for error in report.failures:
        assert error.what
        assert error.place, f"no place: {error}"
        if is_text:
            in_file(error.place, data, options.encoding)
    for document in found:
        sound(document)
        if document.places is not None and is_text:
            assert all(a < b for a, b in pairwise(document.places.offsets))
            for offset in (*document.places.offsets, *(span.start for span in document.spans)):
                in_file(document.place(offset), data, options.encoding)
    json.dumps(report.as_record(), allow_nan=False)
    ids = [document.id for document in found]
    assert len(set(ids)) == len(ids)
    return found


def read_with(names: Sequence[str], prepared: Callable[[Choices, str], bytes], data: bytes) -> None:
    """Read the input as one of the formats, and write what was read as another one."""
    chosen = Choices(data)
    name = chosen.of(names)
    keep_going, number, changes = chosen.yes(), chosen.of(range(32)), chosen.of(CHANGES)
    comments = chosen.yes()
    options = read_options(chosen)
    content = prepared(chosen, name)
    file = FILE
    if name == "brat":
        content, _, text = content.partition(b"\0")
        path = emptied() / FILE
        path.with_suffix(".txt").write_bytes(text)
        file = str(path.with_suffix(".ann"))
    found = read_all(name, content, options, keep_going=keep_going, source=Source(file, "x", "x"))
    if name.startswith("brackets") and options.text_field is None:
        as_plainly(name, content, options)
    for document in found[:3]:
        held(document)
        if number < len(WRITTEN):
            returned(document, WRITTEN[number], changes, comments=comments)


CHANGES = (
    Changes(),
    Changes(),
    Changes(on_misaligned="drop", on_overlap="longest"),
    Changes(on_misaligned="expand", on_overlap="first"),
    Changes(on_misaligned="contract", on_overlap="longest"),
    Changes(on_overlap="keep"),
    Changes(tokenizer="en", on_overlap="longest"),
    Changes(on_misaligned="error"),
)


def as_plainly(name: str, data: bytes, options: ReadOptions) -> None:
    """Markup that is read at once is what the plain way reads."""
    text = data.decode(options.encoding, "replace").removeprefix("\ufeff")
    explained(text, options)
    if name != "brackets":
        return
    at_once = bulk.read(text, options, None, FILE)
    if at_once is None:
        return
    fast, bulk.read = bulk.read, lambda *_: None  # type: ignore[assignment]
    try:
        plain = from_brackets(text, options=options, file=FILE, report=(report := Report()))
    finally:
        bulk.read = fast
    assert not report.lost
    assert at_once == plain
    assert at_once.tokens == plain.tokens
    sound(at_once)


def explained(text: str, options: ReadOptions) -> None:
    """The steps that are told of markup spell its text."""
    try:
        steps = explain(text, options=options)
        made = from_brackets(text, options=replace(options, originals=None), report=Report())
    except NerconvError:
        return
    words = made.words
    assert len(steps) == max(len(words) - 1, 0)
    for number, step in enumerate(steps):
        assert (step.left, step.right) == (words[number], words[number + 1])
        assert made.tokens
        gap = made.text[made.tokens.ends[number] : made.tokens.starts[number + 1]]
        assert step.join == (gap == ""), step


def as_given(chosen: Choices, name: str) -> bytes:
    return chosen.rest


def docbin(chosen: Choices, name: str) -> bytes:
    """A DocBin is packed, and nothing but noise is left of one that was changed; so it is packed here."""
    return chosen.rest if chosen.yes() else zlib.compress(chosen.rest, 1)


def table(chosen: Choices, name: str) -> bytes:
    """A Parquet file as it is, or of rows as JSON has them."""
    import pyarrow as pa
    from pyarrow import parquet

    if chosen.yes():
        return chosen.rest
    rows = []
    for line in chosen.rest.splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            rows.append(row)
    file = BytesIO()
    try:
        made = pa.Table.from_pylist(rows)
        parquet.write_table(made, file)
    except (pa.ArrowException, ValueError, TypeError, OverflowError, KeyError):  # no table is made of such rows
        return b""
    return file.getvalue()


def reader(*names: str, prepared: Callable[[Choices, str], bytes] = as_given) -> Target:
    return partial(read_with, names, prepared)


def files(data: bytes) -> None:
    """A file whose format nobody names: by its suffix, and by what is in it."""
    chosen = Choices(data)
    suffixes = sorted({suffix for format in formats().values() for suffix in format.suffixes})
    name = "x" + chosen.of([*suffixes, "", ".jsonl", ".json"])
    packed = chosen.of(("", "", "whole", "raw"))
    path = emptied() / (name + (".gz" if packed else ""))
    path.write_bytes(gzip.compress(chosen.rest, 1) if packed == "whole" else chosen.rest)
    report = Report(keep_going=chosen.yes())
    options = read_options(chosen)
    if options.text_field is None:
        options = replace(options, repairs=())
    found = list(read(path.parent if chosen.yes() else path, options=options, report=report))
    for document in found:
        sound(document)
    balance = workplace() / "balance"
    write_report(report, balance)
    assert json.loads(balance.read_text(encoding="utf-8")) == json.loads(json.dumps(report.as_dict(), allow_nan=False))


# Text


GAPS = {
    " ": Gap.SPACE,
    "\n": Gap.LINE,
    "\n\n": Gap.PARAGRAPH,
    "\t": Gap.ATTACHED,
    "\r": Gap.REFERENCE,
    "  ": Gap.KEPT,
    "\n ": Gap.KEPT_LINE,
}


def detokenize(data: bytes) -> None:
    """Words, and between them white space that says what kind of gap there is."""
    chosen = Choices(data)
    profile = chosen.of(list(PROFILES))
    repairs = chosen.of(((), (), ("apostrophe",), ("url",), ("hyphen",), ("apostrophe", "url", "hyphen")))
    layout = chosen.of(("flow", "sentences"))
    pieces = re.split(r"(\s+)", text_of(chosen.rest).strip())
    words, spaces = pieces[::2], [" ", *pieces[1::2]]
    if words == [""]:
        words, spaces = [], []
    gaps = [GAPS.get(space, Gap.SPACE) for space in spaces]
    kept = {n: space for n, space in enumerate(spaces) if gaps[n] in (Gap.KEPT, Gap.KEPT_LINE)}
    size = chosen.of((1, 2, 3, 5))
    whole = [(first, min(first + size, len(words))) for first in range(0, len(words), size + 1)]
    made = assemble(words, gaps, profile=profile, layout=layout, repairs=repairs, whole=whole, kept=kept)
    document = Document(made.text, (), made.tokens)
    sound(document)
    assert document.words == words
    assert letters(made.text) == "".join(words)
    assert len(made.rules) == len(words)
    for number, rule in enumerate(made.rules[1:], 1):
        gap = made.text[made.tokens.ends[number - 1] : made.tokens.starts[number]]
        assert rule.join == (gap == ""), rule.name
    begins = [number for number, gap in enumerate(gaps) if gap == Gap.LINE]
    options = ReadOptions(layout=layout, profile=chosen.of((None, profile)))
    text, tokens = respaced(words, options, None, Report(), begins=begins)
    document = Document(text, (), tokens)
    sound(document)
    assert document.words == words


def anchored(data: bytes) -> None:
    """Words, a NUL, and the text that they are looked for in."""
    chosen = Choices(data)
    html = chosen.yes()
    tagged, _, text = text_of(chosen.rest).partition("\0")
    words = tagged.split("\x1f") if "\x1f" in tagged else tagged.split()
    words = [word.strip() for word in words if word.strip()]
    found = anchor(words, text, html=html)
    anchors_hold(words, text, found)
    if " ".join(words) == text and not html:
        assert None not in found.places


def original(data: bytes) -> None:
    """Markup, a NUL, and the text that it was made from."""
    chosen = Choices(data)
    options = read_options(chosen)
    markup, _, text = text_of(chosen.rest).partition("\0")
    source = Originals(None, "source")
    source.put("x", text)
    report = Report()
    options = replace(options, originals=source, repairs=())
    document = from_brackets(markup, options=options, file=FILE, id="x", report=report)
    sound(document)
    assert document.text == text
    for place in document.places.offsets if document.places else ():
        in_file(document.place(place), markup.removeprefix("\ufeff").encode(), "utf-8")
    if not report.lost:
        plain = from_brackets(markup, options=replace(options, originals=None), file=FILE, report=Report())
        assert len(document.spans) == len(plain.spans)


def markup_free(data: bytes) -> None:
    """HTML in a text."""
    text = text_of(Choices(data).rest)
    at = 0
    for cut in cuts(text):
        assert at <= cut.start < cut.end <= len(text)
        assert text[cut.start] in "<&"
        assert not cut.reads.isspace()
        at = cut.end
    bulk._without_html(text)


def label_maps(data: bytes) -> None:
    """A label map as it is given on the command line, or in a file, and what it makes of a document."""
    chosen = Choices(data)
    is_file, keep, drop = chosen.yes(), chosen.of((None, ("PER",), ("B", ""))), chosen.of((None, ("PER",), ("LOC",)))
    given = text_of(chosen.rest).replace("\0", "")
    if is_file:
        path = emptied() / "map"
        path.write_bytes(chosen.rest)
        given = str(path)
    names = read_map(given)
    assert all(isinstance(old, str) and isinstance(new, str) and old for old, new in names.items())
    document = Document("Anna met IBM", (Span(0, 4, "PER"), Span(0, 4, "ORG"), Span(9, 12, "ORG")))
    for old in list(names)[:2]:
        if is_label(old):
            document = replace(document, spans=(*document.spans, Span(5, 8, old)))
    sound(relabel(document, names, keep, drop, Report()))


# Tags


def tag_lists(data: bytes) -> list[list[str]]:
    """Sentences of tags: a line each, with spaces between the tags."""
    return [line.split(" ") if line else [] for line in text_of(data).split("\n")]


def schemes(data: bytes) -> None:
    """Tags to entities and back, one sentence at a time and all at once."""
    chosen = Choices(data)
    scheme = chosen.of([*SCHEMES.values(), None])
    method = chosen.of((None, "conlleval", "discard"))
    reading = chosen.of(("strict", "conlleval", "discard", "lenient"))
    gold, _, other = chosen.rest.partition(b"\0")
    one, two = tag_lists(gold), tag_lists(other)
    for tags in one:
        own = scheme or detect(tags)
        mended = mend(tags, own, method) if method else tags
        assert len(mended) == len(tags)
        if method:
            assert mend(mended, own, method) == mended
        try:
            spans = decode(mended, own)
        except NerconvError:
            continue
        assert all(0 <= span.first < span.stop <= len(tags) and span.label for span in spans)
        assert all(a.stop <= b.first for a, b in pairwise(spans))
        assert encode(spans, len(tags), own) == mended
    two = [
        (row * len(tags))[: len(tags)] if row else ["O"] * len(tags)
        for tags, row in zip(one, [*two, *one], strict=False)
    ]
    made = evaluate_tags(one, two, scheme=scheme and scheme.name, tags=reading, settings=Settings(samples=5))
    scored(made)
    if reading == "strict":
        size = sum(len(decode(tags, scheme)) for tags in one) if scheme else len(made.corpus.gold.starts)
        assert len(made.corpus.gold.starts) == size


def scored(made: Any) -> None:
    """All that is told of an evaluation."""
    strict(made.as_dict())
    as_text(made).encode()
    as_markdown(made).encode()
    for system in made.systems:
        for value in (system.micro.precision, system.micro.recall, system.micro.f1):
            assert value is None or 0 <= value <= 1
        system.errors  # noqa: B018  # they are worked out when they are asked for
    with suppress(NerconvError):
        made.conlleval()


# Documents


def documents(chosen: Choices) -> list[Document]:
    """Documents that the input spells out: a text, and after it each entity as two numbers and a label, with
    ``\\x1f`` between; ``\\x1e`` between documents. The numbers mean characters, wherever they may be."""
    has_tokens, has_ids = chosen.of(("words", "signs", "none", "some")), chosen.yes()
    found = []
    for number, part in enumerate(text_of(chosen.rest).split("\x1e")[:12]):
        text, *items = part.split("\x1f")
        spans = []
        for item in items[:40]:
            words = [*item.split(" ", 2), "", "", ""]
            if not text.strip() or not words[0].isdecimal():
                continue
            start = int(words[0][:6]) % len(text)
            end = start + 1 + (int(words[1][:6]) if words[1].isdecimal() else 0) % (len(text) - start)
            start += len(text[start:end]) - len(text[start:end].lstrip())
            end = start + len(text[start:end].rstrip())
            if start < end and is_label(words[2]):
                spans.append(Span(start, end, words[2]))
        pattern = r"\w+|[^\w\s]" if has_tokens in ("signs", "some") else r"\S+"
        tokens = Tokens.of(match.span() for match in re.finditer(pattern, text))
        if has_tokens == "none" or (has_tokens == "some" and number % 2):
            tokens = None  # type: ignore[assignment]
        found.append(Document(text, tuple(spans), tokens, id=f"d{number}" if has_ids else None, has_own_id=has_ids))
    return found


def evaluated(data: bytes) -> None:
    """Documents of which the first half is gold, and the other of one or two taggers."""
    chosen = Choices(data)
    tokenizer, samples, undefined = (
        chosen.of((None, None, None, "en")),
        chosen.of((0, 5)),
        chosen.of(("omit", "zero", "one")),
    )
    train, same_text = chosen.of((None, {}, {"Anna": 3})), chosen.yes()
    made = documents(chosen)
    half = (len(made) + 1) // 2
    gold, predicted = made[:half], made[half:]
    if same_text:  # of texts that differ there is nothing to score
        predicted = [
            one.identified(other.id)
            if one.text == other.text
            else replace(other, spans=tuple(span for span in one.spans if fits(span, other.text)))
            for one, other in zip(predicted, gold, strict=False)
        ]
        gold = gold[: len(predicted)]
    settings = Settings(samples=samples, undefined=undefined, train=train)
    try:
        agreed = agree({"a": gold, "b": predicted, "c": gold}, tokenizer=tokenizer)
        strict(agreed.as_dict())
        agreement_as_text(agreed).encode()
        "".join(agreed.lines()).encode()
    except NerconvError:
        pass
    found = evaluate(gold, {"a": predicted, "b": gold}, settings=settings)
    scored(found)
    assert found.systems[1].micro.f1 in (1, None)
    sides = [found.corpus.by_document(mentions) for mentions in (found.corpus.gold, *found.corpus.systems)]
    rows = (
        {"id": id, "text": document.text, "gold": sides[0][n], "predicted": [side[n] for side in sides[1:]]}
        for n, (id, document) in enumerate(zip(found.corpus.ids, gold, strict=True))
    )
    "".join(evaluation_page(found.as_dict(), rows)).encode()


def fits(span: Span, text: str) -> bool:
    return span.end <= len(text) and not text[span.start].isspace() and not text[span.end - 1].isspace()


def reported(data: bytes) -> None:
    """What is doubtful in documents, what is in them, what they look like, and how they are divided."""
    chosen = Choices(data)
    lang, width = chosen.of(("en", "en", "de", "xx")), chosen.of((None, 20, 80, 1))
    colours, do, parts = chosen.of((None, Colours())), chosen.of(range(8)), chosen.of((None, ("train", "dev")))
    made = [document.identified(document.id or str(n)) for n, document in enumerate(documents(chosen))]
    if do == 0 or do > 4:
        for finding in check(made, lang=lang, parts=[parts[n % 2] for n in range(len(made))] if parts else None):
            strict(finding.as_dict())
            str(finding).encode()
    elif do == 1:
        found = statistics(made)
        strict(found.as_dict())
        "".join(table.as_text() + table.as_markdown() for table in tables(found)).encode()
        statistics_page(found, "x").encode()
    elif do == 2:
        for document in made:
            "\n".join(lines(document, width=width, colours=colours)).encode()
        "".join(view_page(made)).encode()
    elif do == 3:
        for document in made:
            pieces = list(by_sentence(document))
            for piece in pieces:
                sound(piece)
            assert letters("".join(piece.text for piece in pieces)) == letters(document.text)
            assert sum(len(piece.spans) for piece in pieces) <= len(document.spans)
    else:
        divided = split(made, {"train": 80, "dev": 20})
        assert sum(map(len, divided.values())) == len(made)


def round_trip(data: bytes) -> None:
    """Documents through every writer and back."""
    chosen = Choices(data)
    name, changes, comments = chosen.of(WRITTEN), chosen.of(CHANGES), chosen.yes()
    for document in documents(chosen)[:3]:
        sound(document)
        held(document)
        returned(document, name, changes, comments=comments)


def written_back(data: bytes) -> None:
    """Entities into the markup that a document was read from."""
    chosen = Choices(data)
    options = replace(read_options(chosen), originals=None)
    how, label = chosen.of(range(8)), chosen.of(("PER", "X", "a b", "LOC"))
    markup = text_of(chosen.rest)
    document = from_brackets(markup, options=options, file=FILE, report=Report())
    tokens = document.tokens
    assert tokens is not None
    plain = replace(options, repairs=(), layout="flow")
    if how == 0:
        assert into(document, markup, options=plain, file=FILE, report=(told := Report())) == markup or told.lost
        return
    size = len(tokens)
    spans = list(document.spans)
    if how % 2 and size:
        first = (how * 7) % size
        last = min(first + how % 3, size - 1)
        new = Span(tokens.starts[first], tokens.ends[last], label)
        spans = [span for span in spans if span.end <= new.start or span.start >= new.end] + [new]
    if how in (2, 3):
        spans = spans[1:]
    if how in (4, 5):
        spans = [span._replace(label=label) for span in spans]
    if how in (6, 7):
        document = replace(document, tokens=None)
    changed = replace(document, spans=tuple(spans), attributes={})
    made = into(changed, markup, options=plain, file=FILE, report=(told := Report()))
    if told.lost:
        return
    known = KNOWN_LABELS if options.labels is None else options.labels
    again = replace(options, labels=tuple(known) if "any" in known else (*known, *(span.label for span in spans)))
    back = from_brackets(made, options=again, file=FILE, report=Report())
    if spans:  # without any, how the rest is spaced may tell another form
        assert letters(back.text) == letters(document.text)
    assert entities(back) == entities(changed)


TARGETS: dict[str, Target] = {
    "brackets": reader("brackets", "brackets-line", "brackets-inline", "brackets"),
    "brat": reader("brat"),
    "cogcomp-columns": reader("cogcomp-columns"),
    "conll": reader("conll", "conll-iob1", "conll-io", "conll-bioes", "conll-bilou", "conll", "conll", "conll"),
    "conllu": reader("conllu"),
    "doccano": reader("doccano"),
    "gliner": reader("gliner"),
    "huggingface": reader("huggingface"),
    "jsonl": reader("jsonl"),
    "label-studio": reader("label-studio"),
    "parquet": reader("parquet", prepared=table),
    "rasa": reader("rasa"),
    "spacy": reader("spacy", prepared=docbin),
    "spacy-v2": reader("spacy-v2"),
    "xml": reader("xml", "enamex"),
    "files": files,
    "detokenize": detokenize,
    "anchor": anchored,
    "source": original,
    "html": markup_free,
    "labels": label_maps,
    "schemes": schemes,
    "evaluate": evaluated,
    "reports": reported,
    "round-trip": round_trip,
    "into": written_back,
}
"""By name. A format's is called as its module is; those that share one share a target."""


def run(name: str, data: bytes) -> None:
    """Feed an input to a target. Whatever is raised is a finding."""
    try:
        TARGETS[name](data)
    except NerconvError as error:
        if not error.what:
            raise AssertionError("an error says nothing") from error


def spelled(found: Iterator[Document]) -> bytes:
    """Documents as `documents` reads them."""
    parts = []
    for document in found:
        items = [f"{s} {e - s - 1} {label}" for s, e, label in document.spans]
        parts.append("\x1f".join([document.text, *items]))
    return "\x1e".join(parts).encode()
