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
from goldwire.extraction.html.removed_blocks import page_parts
from goldwire.extraction.plaintext.zones import Zone
from goldwire.ingestion import readers
from goldwire.ingestion.clean_text import clean_article
from goldwire.ingestion.raw_record import RawRecord
from goldwire.quantities import quantity
from goldwire.records import Article
from goldwire.text import encodings
from goldwire.workspace import atomic, loading
from goldwire.workspace.layout import Workspace
from goldwire.workspace.sources import Source, read_sources

__all__ = ["ShowReport", "ShownLine", "run"]

_NOT_ALONE = "not in the article; it may occur on many pages of the source"
_STYLE = (
    ":root{color-scheme:light dark;--ink:#1c1b18;--paper:#fbfaf7;--soft:#5d5a52;--gone:#8a1f11}"
    "@media(prefers-color-scheme:dark){:root{--ink:#ece8de;--paper:#161512;--soft:#a8a294;--gone:#f0a294}}"
    "body{font:17px/1.65 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1.5rem 1rem 3rem;color:var(--ink);"
    "background:var(--paper);overflow-wrap:anywhere}h1{font:600 1.4rem/1.3 Georgia,serif;margin:0 0 .3rem}"
    "p{margin:.55rem 0;white-space:pre-wrap}header{border-bottom:2px solid #8a6914;margin-bottom:1rem}"
    "small,header p{color:var(--soft);font-size:.88rem}del{color:var(--gone)}"
)


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the raw text, whether it is in the article, and what it is and why."""

    text: str
    is_kept: bool
    zone: str
    reason: str


class ShowReport(msgspec.Struct, frozen=True, kw_only=True):
    """An article and the lines of its raw text; for HTML, its paragraphs and the other texts of its page."""

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
            yield f"  {line.text}" if line.is_kept else f"- {line.text}  [{_reason(line)}]"

    def _heading(self) -> str:
        location = self.file if self.row is None else f"{self.file}:{self.row + 1}"
        removed = sum(not line.is_kept for line in self.lines)
        state = f"{quantity(len(self.lines) - removed, 'line')} kept, {removed} removed"
        corrected = "" if self.correction is None else f"; corrected by hand: {self.correction}"
        description = f"({self.language}, {self.kind}, cleaning {self.cleaning}): {state}{corrected}"
        return f"{self.article_id} from {location} {description}"

    def to_html(self) -> str:
        """Return the report as a page that needs nothing else."""
        rows = "\n".join(
            f"<p>{escape(line.text)}</p>"
            if line.is_kept
            else f"<p><del>{escape(line.text)}</del> <small>{escape(_reason(line))}</small></p>"
            for line in self.lines
        )
        title = escape(self.title or self.article_id)
        return (
            f'<!doctype html>\n<html lang="{escape(self.language)}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title><style>{_STYLE}</style></head>\n"
            f'<body><header lang="en" dir="ltr"><h1 dir="auto">{title}</h1><p>{escape(self._heading())}. '
            "Struck through: what is not in the article, and why.</p></header>\n"
            f'<main dir="auto">\n{rows}\n</main></body></html>\n'
        )


def _reason(line: ShownLine) -> str:
    """Return what a line is and why, each once."""
    return line.zone if line.reason == line.zone else f"{line.zone}: {line.reason}"


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
        raise ConfigError(f"no source [{article.source}]", location=workspace.sources, hint="add a table of that name")
    record = _record(workspace, article, source)
    if record.kind == "html":
        lines = tuple(_block_lines(article, source, record))
    else:
        lines = tuple(_shown_lines(article, _zones(article, source, record)))
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
    """Return the lines of a record of text with their zones."""
    text, encoding = encodings.decode(record.data, record.charset or source.encoding, text=record.text)
    page = prepare_text(text, raw=record.data, title=record.title, encoding=encoding, mojibake=source.mojibake)
    if article.cleaning and article.kind and article.cleaning != "page":
        extracted = clean_article(page, article.cleaning, article.kind)
    else:
        extracted = next(extract_texts((page,)))
    return tuple((extracted.page[zone.start : zone.end], zone) for zone in extracted.zones)


def _block_lines(article: Article, source: Source, record: RawRecord) -> Iterator[ShownLine]:
    """Yield the paragraphs of an article from HTML, and between them what else is on its page."""
    markup, _ = encodings.decode(record.data, record.charset or source.encoding, markup=True, text=record.text)
    for part in page_parts(markup, article.text.split("\n\n"), article.captions):
        yield ShownLine(text=part.text, is_kept=part.is_kept, zone=part.place, reason=part.reason)


def _shown_lines(article: Article, zones: tuple[tuple[str, Zone], ...]) -> Iterator[ShownLine]:
    left = article.text.split("\n\n")
    for text, zone in zones:
        is_kept = text in left
        if is_kept:
            left.remove(text)  # a second copy of a line is not in the article
        reason = _NOT_ALONE if not is_kept and zone.zone in ("headline", "body") else zone.reason
        yield ShownLine(text=text, is_kept=is_kept, zone=zone.zone, reason=reason)
