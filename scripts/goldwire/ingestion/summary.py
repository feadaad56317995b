"""The report of `ingest`, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from goldwire.ingestion.row_fields import ROLES, FieldRole
from goldwire.quantities import quantity
from goldwire.records import Cleaning, Rejected

__all__ = [
    "READ_PROBLEMS",
    "GuessedField",
    "IngestReport",
    "SourceCount",
    "guessed_fields",
    "read_problem_lines",
    "row_order",
]

READ_PROBLEMS = frozenset(
    (
        *("unreadable", "unknown-format", "empty", "binary", "not-utf-8", "line-too-long", "file-too-large"),
        *("bad-json", "bad-csv", "bad-parquet", "bad-arrow", "bad-warc", "bad-xml", "bad-archive", "no-entries"),
        *("bad-file-name", "folder-loop", "not-a-file", "not-extracted", "page-limit", "ambiguous-field"),
    )
)
"""Reasons of rejection that mean that a file or line is broken, not that it has no article."""

_MAX_LINES = 20  # problems shown to people; all are in corpus/rejected/


class GuessedField(msgspec.Struct, frozen=True, kw_only=True):
    """A field of rows that no setting names: what it holds, its name (several: not read), and in how many articles."""

    holds: FieldRole
    names: tuple[str, ...]
    articles: int


class SourceCount(msgspec.Struct, frozen=True, kw_only=True):
    """The results of one source's raw records: `raw` is `articles` plus the sum of `rejected`.

    `unchanged` of the articles were there before; `source_missing` more are kept although no raw record gives them any
    more, and `pruned` were dropped for that reason on request.
    Of the new ones, `cleaning` and `kinds` count how they were cleaned and what they are, `mojibake_repaired` had
    mojibake and `transcoded` had an encoding other than UTF-8; `unread_dates` state a date in no form that is read;
    `guessed_fields` lists the fields of rows that no setting names. `clean` is the source's setting; None: guessed.
    """

    source: str
    raw: int
    articles: int
    unchanged: int
    source_missing: int
    rejected: dict[str, int]  # by reason
    pruned: tuple[str, ...] = ()
    cleaning: dict[str, int] = {}
    kinds: dict[str, int] = {}
    clean: Cleaning | None = None
    guessed_fields: tuple[GuessedField, ...] = ()
    unread_dates: int = 0
    mojibake_repaired: int = 0
    transcoded: int = 0


class IngestReport(msgspec.Struct, frozen=True, kw_only=True):
    """The results by source. `failed` counts files and lines that could not be read; `problems` has a line for each.

    `has_example` is whether the example article of a new workspace is ingested beside others.
    """

    sources: tuple[SourceCount, ...]
    failed: int
    problems: tuple[str, ...]
    has_example: bool = False

    @property
    def exit_code(self) -> int:
        """1 if a raw file or line is broken; everything else was ingested."""
        return 1 if self.failed else 0

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not self.sources:
            yield "no raw files: put articles in corpus/raw/<source>/"
        for count in self.sources:
            yield _count_line(count)
            if count.source_missing:
                yield "  articles without a raw record are kept, because they may be annotated; `--prune` drops them"
            yield from (f"  dropped {name}, which has no raw record" for name in count.pruned)
            yield from _field_lines(count)
            if count.clean is None and count.cleaning.get("none"):
                yield from _guess_lines(count)
            yield from _rejection_lines(count)
        if self.has_example:
            yield "the example of `goldwire init` is still here, and would be annotated:"
            yield "  delete corpus/raw/example/ and corpus/articles/example.jsonl"
        yield from self.problems[:_MAX_LINES]
        if len(self.problems) > _MAX_LINES:
            yield f"and {len(self.problems) - _MAX_LINES} more that cannot be read: see corpus/rejected/"


def _count_line(count: SourceCount) -> str:
    new = count.articles - count.unchanged
    line = f"{count.source}: {quantity(count.articles, 'article')} ({new} new) from {quantity(count.raw, 'raw record')}"
    line += f", {count.source_missing} kept without their raw record" if count.source_missing else ""
    line += f", mojibake repaired in {count.mojibake_repaired}" if count.mojibake_repaired else ""
    line += f", {count.transcoded} not in UTF-8" if count.transcoded else ""
    reasons = ", ".join(f"{number} {reason}" for reason, number in count.rejected.items())
    return line + (f"; rejected: {reasons}" if reasons else "")


def _guess_lines(count: SourceCount) -> Iterator[str]:
    """Yield what was taken for clean text, and how to say otherwise."""
    number, kinds = count.cleaning["none"], {kind: n for kind, n in count.kinds.items() if kind != "page"}
    listed = ", ".join(quantity(n, kind) for kind, n in kinds.items())
    rest = f"; {count.cleaning['page']} cleaned as pages" if count.cleaning.get("page") else ""
    texts = quantity(number, "text looks clean and is left as it is", "texts look clean and are left as they are")
    yield f"  {texts} ({listed}){rest};"
    yield f"  if that is wrong, set `clean` for [{count.source}] in corpus/sources.toml"


def _field_lines(count: SourceCount) -> Iterator[str]:
    """Yield which fields of the rows were guessed, and how to say otherwise."""
    read = [field for field in count.guessed_fields if len(field.names) == 1]
    for field in count.guessed_fields:
        if len(field.names) > 1:
            yield f"  {field.holds} not read in {quantity(field.articles, 'article')}: may be {_or(field.names)};"
    if read:
        by_role = {field.holds: [other.names[0] for other in read if other.holds == field.holds] for field in read}
        yield f"  guessed fields: {', '.join(f'{role} from {_or(names)}' for role, names in by_role.items())};"
    if count.unread_dates:
        yield f"  {quantity(count.unread_dates, 'date')} not read: write them as 2027-01-07 or 7 January 2027"
    if count.guessed_fields:
        yield f"  to state them, set [{count.source}.fields] in corpus/sources.toml"


def _or(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _rejection_lines(count: SourceCount) -> Iterator[str]:
    """Yield what to do about rejections that a setting of the source may have caused."""
    if count.rejected.get("missing-text-field"):
        yield "  a row needs a text; where its field has no common name, state it in corpus/sources.toml:"
        yield f'  [{count.source}.fields] with text = "..." (and title, url, published, html)'
    elif count.raw and not count.articles:
        yield f"  nothing is left: corpus/rejected/{count.source}.jsonl says why"


def guessed_fields(counts: Mapping[tuple[FieldRole, tuple[str, ...]], int]) -> tuple[GuessedField, ...]:
    """Return the guessed fields by what they hold, the most frequent name first."""
    ordered = sorted(counts.items(), key=lambda item: (ROLES.index(item[0][0]), -item[1], item[0][1]))
    return tuple(GuessedField(holds=role, names=names, articles=number) for (role, names), number in ordered)


def read_problem_lines(rows: Iterable[Rejected]) -> list[str]:
    """Return a line for each rejection that means that something is broken, one for all rows with the same fields."""
    broken = [row for row in rows if row.reason in READ_PROBLEMS and not _is_blank_row(row)]
    ambiguous = Counter((row.file, row.detail) for row in broken if row.reason == "ambiguous-field")
    lines = [_problem_line(row) for row in broken if row.reason != "ambiguous-field"]
    sources = {row.file: row.source for row in broken}
    return lines + [
        f"{file}: ambiguous-field ({detail}) in {quantity(number, 'row')}; hint: state which in"
        f" [{sources[file]}.fields] of corpus/sources.toml"
        for (file, detail), number in ambiguous.items()
    ]


def _is_blank_row(row: Rejected) -> bool:
    """Whether the rejection is an empty text in a valid row, which is data, not an empty file, which is broken."""
    return row.reason == "empty" and row.row is not None


def row_order(row: Rejected) -> tuple[str, int]:
    """Return the sort key of a rejection: file, then row; the whole file first."""
    return row.file, -1 if row.row is None else row.row


def _problem_line(row: Rejected) -> str:
    location = row.file if row.row is None else f"{row.file}:{row.row + 1}"
    return f"{location}: {row.reason} ({row.detail}); hint: fix it or remove it from corpus/raw/"
