"""The original texts that tagged documents were made from, found by the documents' ids."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from .errors import DataError, Place, UsageError, refuse, system_errors
from .records import At, Record, identifier, json_records
from .source import Source, as_text, decode, stem, unpacked, whole


class Originals:
    """Original texts, by id.

    `path` is a file, which is the original of one document; a folder, whose files are matched by their paths below
    it without the last suffix; or a JSON Lines file whose records have an ``id`` and the text in `field`. With a
    `field` alone each text is in the record that holds the markup, and is given with `put`.
    """

    def __init__(self, path: str | Path | None, field: str | None = None, encoding: str = "utf-8") -> None:
        if path is None and field is None:
            raise UsageError("no originals are named", "give a file or folder, or the field that holds them")
        self.path = None if path is None else Path(path)
        self.field = field
        self.encoding = encoding
        self.texts: dict[str, str] = {}
        self.files: dict[str, Path] = {}
        self.used: str | None = None
        self.state = ""
        if self.path is not None:
            with system_errors("read", self.path):
                self._look(self.path)
                self.state = self._state()

    def _look(self, path: Path) -> None:
        if not path.exists():
            raise DataError("there is no such original", "look at the spelling", Place(str(path)))
        if path.is_dir():
            for parent, folders, names in os.walk(path, onerror=refuse):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                for name in sorted(names):
                    file = Path(parent, name)
                    id = stem(as_text(str(file.relative_to(path))))
                    if not name.startswith(".") and self.files.setdefault(id, file) != file:
                        what = f"two originals for document {id}: this and {self.files[id]}"
                        raise DataError(what, "keep one of them in the folder", Place(str(file)))
        elif self.field is not None:
            source = Source.make(str(path), path.stem, path.name)
            with unpacked(path, str(path)) as stream:
                for record in whole(json_records(stream, source, self.encoding)):
                    own, place = record_id(record), record.place
                    if own is None:
                        raise DataError("the record has no id", "originals are matched by their ids", place)
                    if own in self.texts:
                        raise DataError(f"a second original with the id {own!r}", "keep one of the two", place)
                    self.texts[own] = text_of(record.value, self.field, place)

    @property
    def paths(self) -> list[Path]:
        """All files that originals are read from."""
        if self.path is None:
            return []
        return list(self.files.values()) if self.files else [self.path]

    def _state(self) -> str:
        """The same for the same files of the same sizes and times."""
        found = hashlib.sha256()
        for path in self.paths:
            status = path.stat()
            found.update(repr((str(path), status.st_size, status.st_mtime_ns)).encode("utf-8", "surrogatepass"))
        return found.hexdigest()

    def put(self, id: str, text: str) -> None:
        """Tell the original of a document."""
        self.texts[id] = text

    def __call__(self, id: str) -> str:
        """The original of the document `id`. Raises `DataError` where there is none."""
        if self.path is None:
            return self.texts.pop(id)
        if id in self.texts:
            return self.texts[id]
        file = self.files.get(id)
        if not self.path.is_dir() and self.field is None:
            if self.used not in (None, id):
                what = f"one original for two documents, {self.used} and {id}"
                raise DataError(what, "name a folder of originals", Place(str(self.path)))
            self.used, file = id, self.path
        if file is None:
            raise DataError(f"there is no original for document {id}", "it is matched by its id", Place(str(self.path)))
        with unpacked(file, str(file)) as stream:
            return decode(stream.read(), Source.make(str(file), "", file.name)._replace(id=id), self.encoding)


def record_id(record: Record) -> str | None:
    """The id of a JSON record: its field ``id``, or that of its ``meta``. Raises `DataError` for what can be none."""
    fields, at = record.value, At(record)
    if not isinstance(fields, dict):
        return None
    own, meta = identifier(fields, at), fields.get("meta")
    return identifier(meta, at / "meta") if own is None and isinstance(meta, dict) else own


def text_of(record: Any, field: str, place: Place) -> str:
    """The text in a field of a JSON record. Raises `DataError` where there is none."""
    text = record.get(field) if isinstance(record, dict) else None
    if not isinstance(text, str):
        raise DataError(f"the record has no text in a field {field!r}", "look at the field's name", place)
    return text
