"""Articles of one source during ingest: their lines are on disk, memory only holds where each line is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from goldwire.ingestion.conversion import ConvertedArticle
from goldwire.records import Article
from goldwire.workspace import atomic, jsonl
from goldwire.workspace.positional_read import read_at

__all__ = ["ArticleStore", "StoredArticle"]

_BUFFER_BYTES = 1 << 18  # of new lines, which have about 4 kB
_LINES_PER_WRITE = 64


class StoredArticle(msgspec.Struct, frozen=True, gc=False):
    """An article: the raw record that it was extracted from, and the position of its line."""

    id: str
    url: str | None
    sha256: str
    file: str
    row: int | None
    language: str
    is_corrected: bool  # by a person
    is_in_file: bool  # its line is in the existing file of articles, not among the new lines
    offset: int
    size: int

    @property
    def key(self) -> str:
        """The URL or digest that the id is derived from."""
        return self.url or self.sha256

    @property
    def location(self) -> str:
        """The raw record, as `file` or `file:line`."""
        return self.file if self.row is None else f"{self.file}:{self.row + 1}"


class ArticleStore:
    """Lines of articles: those of the existing file, and new ones in a temporary file until they are written."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self._path = path
        self._existing = path.open("rb") if path.exists() else None
        self._new = cast(BinaryIO, tempfile.TemporaryFile(dir=scratch, buffering=_BUFFER_BYTES))  # noqa: SIM115 - until `close`
        self._size = 0

    def stored_articles(self) -> Iterator[StoredArticle]:
        """Yield the articles of the existing file; a line that is not canonical gets a canonical one."""
        if self._existing is None:
            return
        offset = 0
        for article in jsonl.read(self._path, Article):
            while not (line := self._existing.readline()).strip():  # blank lines, which `read` skips
                offset += len(line)
            canonical = jsonl.dump((article,))
            if line == canonical:
                yield _stored_article(article, True, offset, len(line))
            else:
                yield self.add(article, canonical)
            offset += len(line)

    def add(self, article: Article, line: bytes) -> StoredArticle:
        """Add the line of an article."""
        return _stored_article(article, False, self._append(line), len(line))

    def add_converted(self, article: ConvertedArticle) -> StoredArticle:
        """Add the line of an article that was just converted."""
        return StoredArticle(
            id=article.id,
            url=article.url,
            sha256=article.sha256,
            file=article.file,
            row=article.row,
            language=article.language,
            is_corrected=False,
            is_in_file=False,
            offset=self._append(article.line),
            size=len(article.line),
        )

    def _append(self, line: bytes) -> int:
        self._new.write(line)
        self._size += len(line)
        return self._size - len(line)

    def read(self, stored: StoredArticle) -> bytes:
        """Return an article's line."""
        self._new.flush()
        return self._line(stored)

    def _line(self, stored: StoredArticle) -> bytes:
        file = self._existing if stored.is_in_file and self._existing is not None else self._new
        return read_at(file.fileno(), stored.size, stored.offset)

    def write(self, articles: Iterator[StoredArticle]) -> bool:
        """Replace the file by these articles, in this order; False if it has this content already."""
        self._new.flush()
        return atomic.write_chunks(self._path, self._chunks(articles))

    def _chunks(self, articles: Iterator[StoredArticle]) -> Iterator[bytes]:
        """Yield the lines of several articles at a time: each write costs as much as copying 2 kB."""
        while batch := list(islice(articles, _LINES_PER_WRITE)):
            yield b"".join(map(self._line, batch))

    def close(self) -> None:
        """Close the files."""
        self._new.close()
        if self._existing is not None:
            self._existing.close()


def _stored_article(article: Article, is_in_file: bool, offset: int, size: int) -> StoredArticle:
    origin = article.origin
    return StoredArticle(
        id=article.id,
        url=article.url,
        sha256=origin.sha256,
        file=origin.file,
        row=origin.row,
        language=article.language,
        is_corrected=not isinstance(article.correction, msgspec.UnsetType),
        is_in_file=is_in_file,
        offset=offset,
        size=size,
    )
