"""Articles of the corpus, their origin in raw files, and raw records without an article."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from goldwire.records.record import Record

__all__ = [
    "Article",
    "Cleaning",
    "Correction",
    "MetadataValue",
    "Origin",
    "OriginRun",
    "Rejected",
    "TextEdit",
    "TextKind",
    "article_id",
    "text_digest",
]

Cleaning = Literal["page", "light", "none"]
"""How much a raw text is cleaned: as the dump of a web page, of lines that are boilerplate by their words, or not."""

TextKind = Literal["article", "post", "document"]
"""What a raw text is that is not a page: an article, a post or another short text, or a document such as a statute."""


class OriginRun(msgspec.Struct, frozen=True, array_like=True):
    """Map `text[start:end]` (code points) to `raw[raw_start:raw_end]` (bytes).

    If those bytes decode to exactly that text, the run is verbatim and each part of it maps exactly. Otherwise (a
    joined line break, a composed accent) the run maps as a whole. Text that no run covers, such as the blank line
    between paragraphs, was inserted by goldwire.
    """

    start: int
    end: int
    raw_start: int
    raw_end: int


class Origin(Record, frozen=True, kw_only=True):
    """Provenance of an article's text: the raw file in the workspace, its digest, and the runs that map text to bytes.

    In a file of many records, `row` is the 0-based record number and `field` the name of the text field. `sha256` and
    `runs` then refer to the UTF-8 bytes of that field's value, because its bytes in the file are escaped or compressed
    and the file may grow. `encoding` is Python's name of the encoding of a file that is one record.
    """

    file: str
    sha256: str
    row: int | None = None
    field: str | None = None
    encoding: str = "utf-8"
    runs: tuple[OriginRun, ...] = ()
    mojibake_repairs: int | msgspec.UnsetType = msgspec.UNSET  # number of repaired stretches; unset if none


class MetadataValue(Record, frozen=True, kw_only=True):
    """A value that an HTML page states about its article, such as its `byline`, `outlet` or `date`.

    `source` is the place in the page that states it: `json-ld author`, `meta og:title`, `element h1`.
    """

    name: str
    value: str
    source: str


class TextEdit(msgspec.Struct, frozen=True, array_like=True):
    """`text[start:end]` (code points) of a corrected text stands for `extracted` in the extracted one."""

    start: int
    end: int
    extracted: str


class Correction(Record, frozen=True, kw_only=True):
    """Correction of an article's text by a person, before anything was annotated.

    Undoing the `edits` gives the extracted text, whose SHA-256 is `extracted_sha256`; `title` and `runs` are those of
    the extracted article.
    """

    reason: str
    extracted_sha256: str
    edits: tuple[TextEdit, ...]
    title: str
    runs: tuple[OriginRun, ...] = ()


class Article(Record, frozen=True, kw_only=True):
    """One clean news article: headline, a blank line, then paragraphs separated by blank lines (NFC, LF)."""

    id: str
    source: str
    url: str | None
    published: str | None  # ISO 8601 date, or date and time
    title: str
    text: str
    text_sha256: str  # of `text` in UTF-8, hexadecimal
    captions: tuple[str, ...]
    language: str
    origin: Origin
    metadata: tuple[MetadataValue, ...] | msgspec.UnsetType = msgspec.UNSET  # only of HTML pages
    cleaning: Cleaning | msgspec.UnsetType = msgspec.UNSET  # unset: "page"
    kind: TextKind | msgspec.UnsetType = msgspec.UNSET  # of the raw text; unset: a page
    correction: Correction | msgspec.UnsetType = msgspec.UNSET  # unset: the text is as extracted


class Rejected(Record, frozen=True, kw_only=True):
    """A raw record without an article, and the reason; `sha256` is that of its bytes, if they could be read.

    `duplicate_of` is the article that a `duplicate` repeats; `language` is that of a text in an unwanted language;
    `clean` is the setting of its source at that time, unset if there was none.
    """

    source: str
    file: str
    row: int | None
    reason: str  # kebab-case, e.g. `too-short`
    detail: str
    sha256: str | msgspec.UnsetType = msgspec.UNSET
    duplicate_of: str | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET
    clean: Cleaning | msgspec.UnsetType = msgspec.UNSET


def text_digest(text: str) -> str:
    """SHA-256 of `text` in UTF-8, hexadecimal. A lone surrogate is digested as it is, never raised on."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def article_id(source: str, key: str | bytes) -> str:
    """`<source>-<12 hex digits>`, from the source and the canonical URL (str) or the raw bytes.

    48 bits: at a million articles of one source the chance that any two collide is 0.2%, and ingest refuses a
    collision, so that it is never silent.
    """
    data = key.encode() if isinstance(key, str) else key
    digest = hashlib.sha256(source.encode() + b"\0" + data).hexdigest()
    return f"{source}-{digest[:12]}"
