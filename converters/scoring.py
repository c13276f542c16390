"""From files to an evaluation: gold annotations and those of taggers are read, by files or by running a pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .balance import Report
from .document import Document, normalised, quoted
from .evaluation.evaluation import Evaluation, Settings, evaluate
from .evaluation.scores import Undefined
from .finding import find_inputs
from .inputs import read_all
from .labels import check_names, relabel
from .new_files import whole_file
from .options import Changes, ReadOptions
from .source import as_text

if TYPE_CHECKING:
    from .errors import Place


class Scored(NamedTuple):
    """An evaluation, the gold documents, and those of each system."""

    evaluation: Evaluation
    gold: Sequence[Document]

    def errors(self) -> Iterator[str]:
        """Every error on a line, with its place."""
        for system in self.evaluation.systems:
            for error in system.errors:
                document = self.gold[error.document]
                parts = [
                    f"{side} {span.label} {document.text[span.start : span.end]!r} at {span.start}:{span.end}"
                    for side, span in (("gold", error.gold), ("predicted", error.predicted))
                    if span
                ]
                place: Place | None = document.source
                yield f"{place or document.id}: {system.name}: {error.kind}: {', '.join(parts)}, in {error.context!r}"

    def write_page(self, path: Path) -> None:
        """Write the page that shows it all. Raises `DataError` where it cannot be written."""
        from .evaluation.page import page

        with whole_file(path) as file:
            for piece in page(self.evaluation.as_dict(), self._documents()):
                file.write(piece.encode())

    def _documents(self) -> Iterator[dict[str, object]]:
        corpus = self.evaluation.corpus
        sides = [corpus.by_document(mentions) for mentions in (corpus.gold, *corpus.systems)]
        for number, (id, document) in enumerate(zip(corpus.ids, self.gold, strict=True)):
            spans = [side[number] for side in sides]
            yield {"id": id, "text": document.text, "gold": spans[0], "predicted": spans[1:]}


def score(
    gold: str,
    predicted: Sequence[str],
    *,
    models: Sequence[str] = (),
    formats: tuple[str | None, str | None] = (None, None),
    options: ReadOptions | None = None,
    names: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
    train: str | None = None,
    samples: int = 1000,
    seed: int = 0,
    undefined: Undefined = "omit",
    report: Report | None = None,
) -> Scored:
    """Score the predictions in files, and those of spaCy pipelines, on the gold annotations in a file or folder.

    `formats`: of the gold files and of the others, None to find them out. `names`: new names for labels, of both sides.
    `train`: training data, to tell mentions that were seen there. `notes`: for the signature.
    """
    options = options or ReadOptions()
    report = Report(raises=True) if report is None else report

    def documents(path: str, format: str | None) -> list[Document]:
        found = find_inputs([path], format=format, report=report)
        return list(read_all(found, options, report, Changes(labels=names or {})))

    truth = documents(gold, formats[0])
    found = [documents(path, formats[1]) for path in predicted]
    for model in models:
        from .evaluation.model import predict

        made = predict(truth, model)
        found.append([relabel(d, names, None, None, report) if names else d for d in made])
    systems = dict(zip(own_names(predicted, models), found, strict=True))
    known = (
        Counter(normalised(quoted(d.text, a, b)) for d in documents(train, formats[0]) for a, b, _ in d.spans)
        if train
        else None
    )
    check_names(Changes(labels=names or {}), report.read.labels)
    settings = Settings(
        samples=samples,
        seed=seed,
        undefined=undefined,
        tags=options.repair_tags or "strict",
        notes=notes + ((f"bootstrap {samples} seed {seed}",) if (samples, seed) != (1000, 0) else ()),
        train=known,
    )
    return Scored(evaluate(truth, systems, settings=settings), truth)


def own_names(paths: Sequence[str], others: Sequence[str] = ()) -> list[str]:
    """What the sides of a comparison are called: by the names of their files, with the path where another one's is the
    same, and then by those of `others`; with a number where all that is the same. Names are text.
    """
    paths, others = [*map(as_text, paths)], [*map(as_text, others)]
    files = Counter(Path(path).name for path in {*paths})
    short = [name if (name := Path(path).name) and files[name] == 1 else path for path in paths]
    found: dict[str, None] = {}
    for name in (*short, *others):
        number = 1
        while (own := name if number == 1 else f"{name} ({number})") in found:
            number += 1
        found[own] = None
    return list(found)
