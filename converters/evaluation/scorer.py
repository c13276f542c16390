"""A scorer for spaCy, so that ``spacy evaluate`` and ``spacy train`` score as ``nerconv evaluate`` does.

[components.ner]
scorer = {"@scorers": "nerconv.ner_scorer.v1"}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..document import Document
from ..tokenize import entities
from .evaluation import Settings, System, evaluate
from .scores import Derived, Score

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.training import Example


def make_ner_scorer() -> Callable[..., dict[str, Any]]:
    """The scorer that spaCy's registry has under ``nerconv.ner_scorer.v1``."""
    return score_entities


def score_entities(examples: Iterable[Example], **settings: Any) -> dict[str, Any]:
    """The scores of entities: ``ents_p``, ``ents_r``, ``ents_f``, ``ents_per_type``, and those of SemEval's schemas.

    As in spaCy, a predicted entity that touches a token without gold annotation is not counted, without any entity all
    scores are None, and otherwise one without a value is 0: ``spacy train`` takes no other.
    """
    examples = list(examples)
    gold, predicted = [], []
    for example in examples:
        missing = [(t.idx, t.idx + len(t.text)) for t in example.reference if t.ent_iob == 0 and not t.is_space]
        gold.append(_document(example.reference, ()))
        predicted.append(_document(example.predicted, missing))
    system = evaluate(gold, predicted, settings=Settings(undefined="zero")).systems[0]
    annotated = (example for example in examples if example.reference.has_annotation("ENT_IOB"))
    return _scores(system, {ent.label_ for example in annotated for ent in example.predicted.ents})


def _scores(system: System, labels: Iterable[str]) -> dict[str, Any]:
    is_annotated = sum(system.micro) > 0

    def three(score: Derived, before: str = "", after: str = "") -> dict[str, float | None]:
        values = {"p": score.precision, "r": score.recall, "f": score.f1}
        return {f"{before}{name}{after}": (value or 0.0) if is_annotated else None for name, value in values.items()}

    found: dict[str, Any] = three(system.micro, "ents_")
    scores = dict.fromkeys(labels, Score(0, 0, 0)) | system.labels
    found["ents_per_type"] = {label: three(score) for label, score in scores.items()} if is_annotated else None
    for name, score in system.semeval.items():
        found |= three(score, f"ents_{name}_")
    return found


def _document(doc: Doc, missing: Iterable[tuple[int, int]]) -> Document:
    apart = list(missing)
    spans = (span for span in entities(doc) if not any(a < span.end and span.start < b for a, b in apart))
    return Document(doc.text, tuple(spans))
