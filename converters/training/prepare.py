"""From documents to a folder that ``spacy train`` takes as it is.

    train.spacy, dev.spacy, test.spacy   the documents, divided as `split` does it
    labels/ner.json                      what spaCy would else go through all training data for
    config.cfg                           a pipeline with `ner` for the CPU, as ``spacy init config`` makes it
    findings.json                        all that `check` found
    README.md                            the data's statistics and findings, and the next commands

The same documents make the same files, to the byte.
"""

from __future__ import annotations

import json
import os
import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..balance import Report
from ..check import KINDS, Finding, check
from ..document import Document
from ..errors import DataError, UsageError
from ..new_files import whole_file
from ..options import Changes, WriteOptions
from ..pipeline import write_parts
from ..sentences import by_sentence
from ..source import as_text
from ..statistics import statistics
from ..statistics import tables as tables_of
from ..tables import Table, plain
from ..tokenize import with_tokens
from .split import LEAKING, shares, split

SHOWN = 10
"""How many findings of a name the README shows."""


class Prepared(NamedTuple):
    """What was prepared: the parts, what was found in the data, and what spaCy wants of it that it has not got."""

    parts: Mapping[str, Sequence[Document]]
    findings: Sequence[Finding]
    unmet: Sequence[str]
    commands: Sequence[str]


def prepare(
    documents: Sequence[Document],
    folder: Path,
    *,
    ratios: Mapping[str, int],
    seed: int = 0,
    group_by: str | None = None,
    is_by_sentence: bool = False,
    lang: str = "en",
    ignore: Collection[str] = (),
    changes: Changes | None = None,
    report: Report,
) -> Prepared:
    """Write all that it takes to train a tagger on documents into a folder.

    `ratios`: the parts, of which train and dev must be there. `is_by_sentence`: whether sentences are divided, not
    documents. `lang`: the pipeline's language, whose tokenizer makes tokens for documents that have none. `ignore`:
    findings that are not wanted. `changes`: what to do with entities that do not fit, as in `convert`. Paths in the
    config are relative to the working directory. Raises `DataError` where a part would be empty, and `UsageError` for a
    folder whose name is not UTF-8.
    """
    where = Path(os.path.relpath(folder)).as_posix()
    try:
        where.encode()
    except UnicodeEncodeError:
        what = f"{as_text(where)} is a name that is not UTF-8, and spaCy's config tells it"
        raise UsageError(what, "give the folder another name") from None
    changes = changes or Changes()
    tokenizer = changes.tokenizer or lang
    pieces = [piece for d in documents for piece in by_sentence(d)] if is_by_sentence else list(documents)
    _refuse_long(pieces)
    if not any(piece.spans for piece in pieces):
        raise DataError("there is no entity to train on", "are these the annotated files?")
    parts = split(pieces, ratios, seed=seed, group_by=group_by)
    place = {id(document): name for name, found in parts.items() for document in found}
    findings = check(pieces, parts=[place[id(piece)] for piece in pieces], lang=lang, ignore=ignore)
    tokenized = {name: (with_tokens(document, tokenizer) for document in found) for name, found in parts.items()}
    write_parts(tokenized, folder, to=["spacy"], options=WriteOptions(lang=lang), changes=changes, report=report)
    _write_config(folder, where, lang)
    with whole_file(folder / "findings.json") as file:
        file.write(json.dumps([f.as_dict() for f in findings], ensure_ascii=False, indent=1).encode() + b"\n")
    commands = [
        ["python", "-m", "spacy", "debug", "data", f"{where}/config.cfg"],
        ["python", "-m", "spacy", "train", f"{where}/config.cfg", "--output", f"{where}/model"],
    ]
    if "test" in parts:
        model = ["--model", f"{where}/model/model-best", "--train", f"{where}/train.spacy"]
        commands.append(["nerconv", "evaluate", f"{where}/test.spacy", *model])
    prepared = Prepared(parts, findings, list(_unmet(parts["train"], parts["dev"])), [*map(shlex.join, commands)])
    how = f"seed {seed}" + f", grouped by {group_by}" * bool(group_by) + ", by sentence" * is_by_sentence
    with whole_file(folder / "README.md") as file:
        file.write("\n\n".join(_readme(prepared, pieces, how, is_by_sentence)).encode() + b"\n")
    report.files += [folder / name for name in ("config.cfg", "labels/ner.json", "findings.json", "README.md")]
    return prepared


def _refuse_long(documents: Sequence[Document]) -> None:
    from spacy.language import Language

    most = Language().max_length
    for document in documents:
        if len(document.text) > most:
            what = f"document {document.id} has {len(document.text):,} characters, and spaCy trains on {most:,} at most"
            raise DataError(what, "divide documents with --split-by sentence", document.source)


def _unmet(train: Sequence[Document], dev: Sequence[Document]) -> Iterator[str]:
    """What ``spacy debug data`` will say of too little data, by its own thresholds."""
    from spacy.cli.debug_data import BLANK_MODEL_MIN_THRESHOLD, BLANK_MODEL_THRESHOLD, NEW_LABEL_THRESHOLD

    if len(train) < BLANK_MODEL_MIN_THRESHOLD:
        yield (
            f"{len(train)} documents to train on: spaCy wants {BLANK_MODEL_MIN_THRESHOLD} at least and calls less an "
            f"error; {BLANK_MODEL_THRESHOLD:,} are better"
        )
    elif len(train) < BLANK_MODEL_THRESHOLD:
        yield f"{len(train):,} documents to train on: spaCy recommends {BLANK_MODEL_THRESHOLD:,}"
    counts = Counter(span.label for document in train for span in document.spans)
    documents = Counter(label for document in train for label in {span.label for span in document.spans})
    for label in sorted({*counts, *(span.label for document in dev for span in document.spans)}):
        if counts[label] <= NEW_LABEL_THRESHOLD:
            yield f"{counts[label]} entities {label} to train on: spaCy wants more than {NEW_LABEL_THRESHOLD}"
        is_rare = 0 < counts[label] <= NEW_LABEL_THRESHOLD  # of others spaCy does not ask where they are
        if is_rare and documents[label] == len(train):
            yield f"every document to train on has an entity {label}: spaCy wants some without"
    if not counts:
        yield "no entities to train on"


def _write_config(folder: Path, where: str, lang: str) -> None:
    """The config of a pipeline with `ner`, and the labels that it reads. Both are spaCy's own work."""
    from spacy.cli.init_config import init_config
    from spacy.tokens import DocBin
    from spacy.training import Example
    from spacy.util import load_model_from_config

    config = init_config(lang=lang, pipeline=["ner"], optimize="efficiency", gpu=False)
    config["paths"].update(train=f"{where}/train.spacy", dev=f"{where}/dev.spacy")
    nlp = load_model_from_config(config, auto_fill=True)
    ner: Any = nlp.get_pipe("ner")
    gold = DocBin().from_disk(folder / "train.spacy")
    ner.initialize(lambda: (Example(doc, doc) for doc in gold.get_docs(nlp.vocab)))
    with whole_file(folder / "labels" / "ner.json") as file:
        file.write(json.dumps(ner.label_data, ensure_ascii=False).encode() + b"\n")
    config["initialize"]["components"]["ner"] = {
        "labels": {"@readers": "spacy.read_labels.v1", "path": f"{where}/labels/ner.json", "require": True}
    }
    with whole_file(folder / "config.cfg") as file:
        file.write(config.to_str().encode())


def _readme(prepared: Prepared, documents: Sequence[Document], how: str, is_by_sentence: bool) -> Iterator[str]:
    from .. import __version__

    sizes = ", ".join(f"{len(found):,} {name}" for name, found in prepared.parts.items())
    yield f"# Training data\n\nMade by nerconv {__version__} of {len(documents):,} documents: {sizes} ({how})."
    if is_by_sentence:
        yield LEAKING
    yield "## Next\n\nFrom the folder in which `nerconv prepare` was started:"
    yield "```sh\n" + "\n".join(prepared.commands) + "\n```"
    if prepared.unmet:
        yield "What spaCy wants of the data and has not got:"
        yield "\n".join(f"- {plain(line)}" for line in prepared.unmet)
    yield "## The parts"
    yield shares(prepared.parts).as_markdown()
    yield "## The data"
    for table in tables_of(statistics(documents)):
        yield table.as_markdown()
    yield "## Findings"
    yield from _told(prepared.findings)


def _told(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        yield "None."
        return
    counts = Counter(finding.name for finding in findings)
    rows = [(name, kind.severity, f"{counts[name]:,}", kind.summary) for name, kind in KINDS.items() if counts[name]]
    yield Table("All are in findings.json", ["finding", "severity", "how many", "what it says"], rows).as_markdown()
    for name in KINDS:
        shown = [finding for finding in findings if finding.name == name][:SHOWN]
        if shown:
            more = f"\n- and {counts[name] - SHOWN:,} more" if counts[name] > SHOWN else ""
            lines = "\n".join(f"- {plain(str(finding))}" for finding in shown)
            yield f"### {name}\n\n{lines}{more}"
