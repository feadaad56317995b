"""What `ingest` came to, for a person and for a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from goldwire.records import Rejected

__all__ = ["FAULTS", "IngestReport", "SourceCount", "faults_of", "row_order"]

FAULTS = frozenset(
    (
        *("unreadable", "unknown-format", "empty", "binary", "not-utf-8", "line-too-long", "file-too-large"),
        *("bad-json", "bad-csv", "bad-parquet", "bad-warc", "bad-xml", "bad-archive", "no-entries"),
        *("folder-loop", "not-a-file", "not-extracted"),
    )
)
"""Reasons that mean a file or line is broken, rather than that it holds no article."""

_MOST_LINES = 20  # faults shown to a person; all are in corpus/rejected/


class SourceCount(msgspec.Struct, frozen=True, kw_only=True):
    """What one source's raw records came to: `raw` = `articles` + the sum of `rejected`.

    `kept` of the articles were there already; `gone` more were kept though their raw file is no longer there. Of the
    new ones `mended` had mojibake, and `recoded` came in another encoding than UTF-8.
    """

    source: str
    raw: int
    articles: int
    kept: int
    gone: int
    rejected: dict[str, int]  # by reason
    mended: int = 0
    recoded: int = 0


class IngestReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `ingest` did. `failed` counts files and lines that could not be read; `faults` says one line of each."""

    sources: tuple[SourceCount, ...]
    failed: int
    faults: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """1 if a raw file or line is broken; everything else was ingested."""
        return 1 if self.failed else 0

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for count in self.sources:
            yield _count_line(count)
        yield from self.faults[:_MOST_LINES]
        if len(self.faults) > _MOST_LINES:
            yield f"and {len(self.faults) - _MOST_LINES} more that cannot be read: see corpus/rejected/"


def _count_line(count: SourceCount) -> str:
    new = count.articles - count.kept
    line = f"{count.source}: {count.articles} articles ({new} new) of {count.raw} raw records"
    line += f", {count.gone} kept without their raw file" if count.gone else ""
    line += f", mojibake mended in {count.mended}" if count.mended else ""
    line += f", {count.recoded} not in UTF-8" if count.recoded else ""
    reasons = ", ".join(f"{number} {reason}" for reason, number in count.rejected.items())
    return line + (f"; rejected: {reasons}" if reasons else "")


def faults_of(rows: Iterable[Rejected]) -> list[str]:
    """Say one line of each row that stands for something broken."""
    return [_fault_line(row) for row in rows if row.reason in FAULTS and not _is_blank_row(row)]


def _is_blank_row(row: Rejected) -> bool:
    """Tell an empty text in a sound row, which is data, from an empty file, which is a fault."""
    return row.reason == "empty" and row.record is not None


def row_order(row: Rejected) -> tuple[str, int]:
    """Sort by file, then by record; the whole file first."""
    return row.file, -1 if row.record is None else row.record


def _fault_line(row: Rejected) -> str:
    place = row.file if row.record is None else f"{row.file}:{row.record + 1}"
    return f"{place}: {row.reason} ({row.detail}); mend it or take it out of corpus/raw/"
