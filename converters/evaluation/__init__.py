"""How good a tagger is on gold annotations: scores, how sure they are, and where it goes wrong."""

from __future__ import annotations

from .corpus import Pairing, paired
from .evaluation import Evaluation, System, evaluate, evaluate_tags
from .scores import Average, Score

__all__ = ["Average", "Evaluation", "Pairing", "Score", "System", "evaluate", "evaluate_tags", "paired"]
