"""Records that stay on disk: in memory only where each of them is, however many there are."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from goldwire.errors import DataError, GoldwireError

__all__ = ["IndexedJsonl", "RecordLookup"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class RecordLookup(Protocol[T_co]):
    """What is found by a name: a dict, or records on disk."""

    def __contains__(self, key: object, /) -> bool: ...

    def __getitem__(self, key: str, /) -> T_co: ...

    def get(self, key: str, /) -> T_co | None:
        """What has this name, if anything."""


class IndexedJsonl(Generic[T]):
    """The records of JSON Lines files by their field `key`, each decoded when it is asked for; the last of a name.

    Files that are replaced meanwhile are read as they were. A line that is no such record is a GoldwireError: one
    that has no key at once, any other when it is asked for. Threads may share it.
    """

    def __init__(self, kind: type[T], key: str, paths: Iterable[Path]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._paths = [path for path in paths if path.exists()]
        self._files = [os.open(path, os.O_RDONLY) for path in self._paths]
        for file in self._files:
            weakref.finalize(self, os.close, file)
        self._where: dict[str, tuple[int, int, int]] = {}  # file, place, size
        keyed: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            msgspec.defstruct("Keyed", [("key", str)], rename={"key": key})
        )
        for number, file in enumerate(self._files):
            for place, line in _lines(file):
                try:
                    found = keyed.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise self._unreadable(error, number, place) from None
                self._where[found.key] = (number, place, len(line))

    def __len__(self) -> int:
        return len(self._where)

    def __contains__(self, key: object) -> bool:
        return key in self._where

    def __getitem__(self, key: str) -> T:
        number, place, size = self._where[key]
        try:
            return self._decoder.decode(os.pread(self._files[number], size, place))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._unreadable(error, number, place) from None

    def get(self, key: str) -> T | None:
        """The record of this name, or None."""
        return self[key] if key in self._where else None

    def _unreadable(self, error: Exception, number: int, place: int) -> GoldwireError:
        line = sum(1 for at, _ in _lines(self._files[number], blank=True) if at <= place)
        where = f"{self._paths[number]}:{line}"
        return DataError(str(error), location=where, hint="mend the line or write the file again")


def _lines(file: int, *, blank: bool = False) -> Iterator[tuple[int, bytes]]:
    """Each line and where it begins, less those that are `blank`."""
    place = 0
    with os.fdopen(os.dup(file), "rb") as reader:
        reader.seek(0)
        for line in reader:
            if blank or line.strip():
                yield place, line
            place += len(line)
