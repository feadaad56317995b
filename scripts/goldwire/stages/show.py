"""Show an article beside its raw text: which lines are in it, and why the others are not.

The reasons come from extracting the record again, without the lines that recur over the pages of its source.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.extraction.api import extract_texts, prepare_text
from goldwire.extraction.plaintext.zones import Zone
from goldwire.ingestion import readers
from goldwire.ingestion.clean_text import clean_article
from goldwire.ingestion.raw_record import RawRecord
from goldwire.records import Article
from goldwire.text import encodings
from goldwire.workspace import atomic, loading
from goldwire.workspace.layout import Workspace
from goldwire.workspace.sources import Source, read_sources

__all__ = ["ShowReport", "ShownLine", "run"]

_NOT_ALONE = "not in the article; it may occur on many pages of the source"
_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "p{margin:.3rem 0}.removed{color:#8a1f11;text-decoration:line-through}small{color:#57606a}"
)


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the raw text, whether it is in the article, and what it is and why."""

    text: str
    is_kept: bool
    zone: str
    reason: str


class ShowReport(msgspec.Struct, frozen=True, kw_only=True):
    """An article and the lines of its raw text; for HTML, whose lines are not known, its paragraphs and captions."""

    article_id: str
    file: str
    row: int | None
    title: str
    language: str
    cleaning: str
    kind: str
    correction: str | None = None  # why a person changed the text
    lines: tuple[ShownLine, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self._heading()
        for line in self.lines:
            yield f"  {line.text}" if line.is_kept else f"- {line.text}  [{line.zone}: {line.reason}]"

    def _heading(self) -> str:
        location = self.file if self.row is None else f"{self.file}:{self.row + 1}"
        removed = sum(not line.is_kept for line in self.lines)
        state = f"{len(self.lines) - removed} lines kept, {removed} removed"
        corrected = "" if self.correction is None else f"; corrected by hand: {self.correction}"
        description = f"({self.language}, {self.kind}, cleaning {self.cleaning}): {state}{corrected}"
        return f"{self.article_id} from {location} {description}"

    def to_html(self) -> str:
        """Return the report as a page that needs nothing else."""
        rows = "\n".join(
            f"<p>{escape(line.text)}</p>"
            if line.is_kept
            else f'<p><span class="removed">{escape(line.text)}</span> <small>{escape(line.zone)}: '
            f"{escape(line.reason)}</small></p>"
            for line in self.lines
        )
        return (
            f'<!doctype html>\n<html lang="{escape(self.language)}"><meta charset="utf-8">'
            f"<title>{escape(self.title or self.article_id)}</title><style>{_STYLE}</style>\n"
            f'<body dir="auto"><p><small>{escape(self._heading())}</small></p>\n{rows}\n</body></html>\n'
        )


def run(workspace: Workspace, *, article_id: str, html: Path | None = None) -> ShowReport:
    """Show an article; with `html`, also write it as a page to that file.

    Raises
    ------
    ConfigError
        There is no such article.
    MissingFileError, DataError
        Its raw file is gone, or the record in it is another one now.
    """
    article = loading.articles(workspace).get(article_id)
    if article is None:
        raise ConfigError(f"no article {article_id!r}", hint="see the ids in corpus/articles/")
    source = read_sources(workspace.sources).get(article.source)
    if source is None:
        raise ConfigError(f"no source [{article.source}]", location=workspace.sources, hint="add its table")
    lines = tuple(_shown(article, _zones(article, source, _record(workspace, article, source))))
    report = ShowReport(
        article_id=article_id,
        file=article.origin.file,
        row=article.origin.row,
        title=article.title,
        language=article.language,
        cleaning=article.cleaning or "page",
        kind=article.kind or "page",
        correction=article.correction.reason if article.correction else None,
        lines=lines,
    )
    if html is not None:
        atomic.write_text(html, report.to_html())
    return report


def _record(workspace: Workspace, article: Article, source: Source) -> RawRecord:
    """Return the raw record that an article was extracted from."""
    path = workspace.root / article.origin.file
    if not path.exists():
        raise MissingFileError("the raw file is gone", location=path, hint="restore it")
    for record in readers.read_records(path, source.fields, source.encoding):
        if isinstance(record, RawRecord) and record.row == article.origin.row:
            return record
    raise DataError("the record is gone", location=path, hint="restore the file from git")


def _zones(article: Article, source: Source, record: RawRecord) -> tuple[tuple[str, Zone], ...]:
    """Return the lines of a record of text with their zones; empty for HTML."""
    if record.kind == "html":
        return ()
    text, encoding = encodings.decode(record.data, record.charset or source.encoding, text=record.text)
    page = prepare_text(text, raw=record.data, title=record.title, encoding=encoding, mojibake=source.mojibake)
    if article.cleaning and article.kind and article.cleaning != "page":
        extracted = clean_article(page, article.cleaning, article.kind)
    else:
        extracted = next(extract_texts((page,)))
    return tuple((extracted.page[zone.start : zone.end], zone) for zone in extracted.zones)


def _shown(article: Article, zones: tuple[tuple[str, Zone], ...]) -> Iterator[ShownLine]:
    paragraphs = article.text.split("\n\n")
    if not zones:
        for text in paragraphs:
            yield ShownLine(text=text, is_kept=True, zone="body", reason="")
        for text in article.captions:
            yield ShownLine(text=text, is_kept=False, zone="caption", reason="a picture's caption")
        return
    left = list(paragraphs)
    for text, zone in zones:
        is_kept = text in left
        if is_kept:
            left.remove(text)  # a second copy of a line is not in the article
        reason = _NOT_ALONE if not is_kept and zone.zone in ("headline", "body") else zone.reason
        yield ShownLine(text=text, is_kept=is_kept, zone=zone.zone, reason=reason)
