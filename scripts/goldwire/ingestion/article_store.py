"""The articles of one source while it is ingested: their lines on disk, and in memory only where each is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from goldwire.ingestion.conversion import Made
from goldwire.records import Article
from goldwire.workspace import atomic, jsonl

__all__ = ["Entry", "Shelf"]


_BUFFER = 1 << 18  # bytes of new lines, 4 kB each
_TOGETHER = 64  # lines to write


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An article: what it was made from, and where its line is."""

    id: str
    url: str | None
    sha256: str
    file: str
    record: int | None
    language: str
    old: bool  # its line is in the file of articles that was there, not among the new ones
    place: int
    size: int

    @property
    def key(self) -> str:
        """What the id was made from."""
        return self.url or self.sha256

    @property
    def where(self) -> str:
        """The raw record, for a person."""
        return self.file if self.record is None else f"{self.file}:{self.record + 1}"


class Shelf:
    """Lines of articles: those of the file that is there, and new ones, which wait on disk until they are written."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self._path = path
        self._old = path.open("rb") if path.exists() else None
        # Closed in `close`.
        self._new = cast(BinaryIO, tempfile.TemporaryFile(dir=scratch, buffering=_BUFFER))  # noqa: SIM115
        self._size = 0

    def there(self) -> Iterator[Entry]:
        """Give what is in the file; a line that is not canonical is kept as it should be."""
        if self._old is None:
            return
        place = 0
        for article in jsonl.read(self._path, Article):
            while not (line := self._old.readline()).strip():  # which `read` passed over
                place += len(line)
            made = jsonl.dump((article,))
            if line == made:
                yield _entry(article, True, place, len(line))
            else:
                yield self.put(article, made)
            place += len(line)

    def put(self, article: Article, line: bytes) -> Entry:
        """Keep a new line of an article."""
        return _entry(article, False, self._keep(line), len(line))

    def put_made(self, made: Made) -> Entry:
        """Keep the line of an article that was just made."""
        place = self._keep(made.line)
        of = (made.id, made.url, made.sha256, made.file, made.record, made.language)
        return Entry(*of, False, place, len(made.line))

    def _keep(self, line: bytes) -> int:
        self._new.write(line)
        self._size += len(line)
        return self._size - len(line)

    def read(self, entry: Entry) -> bytes:
        """Give an article's line."""
        self._new.flush()
        return self._line(entry)

    def _line(self, entry: Entry) -> bytes:
        file = self._old if entry.old and self._old is not None else self._new
        return os.pread(file.fileno(), entry.size, entry.place)

    def write(self, entries: Iterator[Entry]) -> bool:
        """Write these articles, in this order, in place of the file; False where it is that already."""
        self._new.flush()
        return atomic.write_chunks(self._path, self._joined(entries))

    def _joined(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        """Give the lines of these articles, so many at a time: each write takes as long as copying 2 kB."""
        while some := list(islice(entries, _TOGETHER)):
            yield b"".join(map(self._line, some))

    def close(self) -> None:
        """Let go of the files."""
        self._new.close()
        if self._old is not None:
            self._old.close()


def _entry(article: Article, old: bool, place: int, size: int) -> Entry:
    origin = article.origin
    return Entry(article.id, article.url, origin.sha256, origin.file, origin.row, article.language, old, place, size)
