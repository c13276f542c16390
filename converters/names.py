"""What outputs in a folder are called."""

from __future__ import annotations

import re

WHOLE = "corpus"
"""What files are called that hold all documents of a folder."""
PART = "part"
"""What shards are called, with a number."""

NUMBER = "[0-9]{5,}"
WRITTEN = re.compile(rf"{WHOLE}(-{NUMBER})?|{PART}-{NUMBER}")
"""The names of all of them, up to the first dot."""
SHARD = re.compile(rf"({PART}-{NUMBER})(\..+)?")
"""The names of files and folders of shards."""

JOURNAL = ".shards.jsonl"
MANIFEST = ".manifest.json"
HIDDEN = (JOURNAL, MANIFEST)
"""What a folder of shards tells of itself."""


def shard(number: int) -> str:
    """What the files of a shard are called, without suffix: ``part-00000``."""
    return f"{PART}-{number:05}"


def division(stem: str, number: int) -> str:
    """What the parts are called of a file that would be too large, without suffix: ``corpus-00000``."""
    return f"{stem}-{number:05}"


def divisions(stem: str, suffix: str) -> re.Pattern[str]:
    """The names of a file and of its parts, which take each other's place."""
    return re.compile(rf"{re.escape(stem)}(-{NUMBER})?{re.escape(suffix)}")
