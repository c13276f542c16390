"""From annotated documents to a trained tagger: a fair split, a folder to train on, and a corpus reader for spaCy."""

from .split import folds, split

__all__ = ["folds", "split"]
