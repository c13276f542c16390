"""Doubts about annotated data: entities of a wrong form, annotations that contradict each other, texts that come twice.

`check` runs all of it. `findings` holds the kinds of findings, a row each; `form` looks at one entity at a time,
`mentions` compares what is annotated all over the corpus, `texts` compares documents and the parts of a split.
"""

from .check import check
from .findings import KINDS, Finding, Severity

__all__ = ["KINDS", "Finding", "Severity", "check"]
