"""Random access to records in JSON Lines files: only each record's offset is held in memory."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from goldwire.errors import DECODE_ERRORS, DataError, decode_problem
from goldwire.workspace.positional_read import read_at

__all__ = ["IndexedJsonl", "RecordLookup"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class RecordLookup(Protocol[T_co]):
    """Access to records by key: a dict, or records on disk."""

    def __contains__(self, key: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def __getitem__(self, key: str, /) -> T_co: ...

    def get(self, key: str, /) -> T_co | None:
        """Return the record with this key, or None."""


class IndexedJsonl(Generic[T]):
    """The records of JSON Lines files by their field `key`, decoded on access; the last of several records with a key.

    Files that are replaced meanwhile are read as they were. Threads may share an instance.

    Parameters
    ----------
    kind : type
        Record type of the lines.
    key : str
        Name of the field that identifies a record.
    paths : iterable of Path
        Files to read; missing files are skipped.

    Raises
    ------
    DataError
        If a line has no key; on access, if a line is not a record of this type.
    """

    def __init__(self, kind: type[T], key: str, paths: Iterable[Path]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._paths = [path for path in paths if path.exists()]
        self._files = [os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)) for path in self._paths]
        for file in self._files:
            weakref.finalize(self, os.close, file)
        self._index: dict[str, tuple[int, int, int]] = {}  # number of the file, offset, size
        key_only: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            msgspec.defstruct("KeyOnly", [("key", str)], rename={"key": key})
        )
        for number, file in enumerate(self._files):
            for offset, line in _lines(file):
                try:
                    record = key_only.decode(line)
                except DECODE_ERRORS as error:
                    raise self._unreadable(error, number, offset) from None
                self._index[record.key] = (number, offset, len(line))

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __getitem__(self, key: str) -> T:
        number, offset, size = self._index[key]
        try:
            return self._decoder.decode(read_at(self._files[number], size, offset))
        except DECODE_ERRORS as error:
            raise self._unreadable(error, number, offset) from None

    def get(self, key: str) -> T | None:
        """Return the record with this key, or None."""
        return self[key] if key in self._index else None

    def _unreadable(self, error: Exception, number: int, offset: int) -> DataError:
        """Return the error for a line that cannot be decoded, with its line number."""
        line = sum(1 for start, _ in _lines(self._files[number], blank=True) if start <= offset)
        location = f"{self._paths[number]}:{line}"
        return DataError(decode_problem(error), location=location, hint="fix the line or write the file again")


def _lines(file: int, *, blank: bool = False) -> Iterator[tuple[int, bytes]]:
    """Yield each line and its offset, without blank lines by default."""
    offset = 0
    with os.fdopen(os.dup(file), "rb") as reader:
        reader.seek(0)
        for line in reader:
            if blank or line.strip():
                yield offset, line
            offset += len(line)
