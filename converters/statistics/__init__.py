"""What is in a corpus, in numbers, as tables and as a page with plots."""

from .statistics import Statistics, statistics, tables

__all__ = ["Statistics", "statistics", "tables"]
