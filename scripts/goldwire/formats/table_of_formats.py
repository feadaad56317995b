"""A table of the formats and what each can hold, for people and for the documentation."""

from __future__ import annotations

import msgspec

from goldwire.formats.capabilities import Capabilities
from goldwire.formats.registry import known_formats
from goldwire.text_table import align_columns

__all__ = ["COLUMNS", "FormatRow", "FormatTable", "build"]

COLUMNS = ("import", "export", "entities", "stances", "annotators", "offsets")
"""What the table says of each format; a test finds each cell again by writing and reading."""


class FormatRow(msgspec.Struct, frozen=True, kw_only=True):
    """A format, the package that it needs (None: none), and its capabilities."""

    name: str
    title: str
    package: str | None
    capabilities: Capabilities


class FormatTable(msgspec.Struct, frozen=True, kw_only=True):
    """All formats."""

    formats: tuple[FormatRow, ...]

    def to_text(self) -> str:
        """Return the table for the terminal."""
        rows = [(row.name, *_cells(row)) for row in self.formats]
        return "\n".join(align_columns([("name", *COLUMNS), *rows]))

    def to_markdown(self) -> str:
        """Return the table for the documentation, which has room for the titles."""
        header = ("format", "name", *COLUMNS)
        lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
        lines += [f"| {row.title} | `{row.name}` | {' | '.join(_cells(row))} |" for row in self.formats]
        return "\n".join(lines)


def build() -> FormatTable:
    """Return the table of the formats that are installed."""
    return FormatTable(
        formats=tuple(
            FormatRow(name=known.name, title=known.title, package=known.package, capabilities=known.capabilities)
            for known in known_formats().values()
        )
    )


def _cells(row: FormatRow) -> tuple[str, ...]:
    can = row.capabilities
    if not can.relations:
        stances = "no"
    elif can.named_targets:
        stances = "yes"
    else:
        stances = "to spans" if can.voice else "between spans"
    return (
        "yes" if can.imports else "no",
        "yes" if can.exports else "no",
        "yes" if can.unrelated else "with a stance",
        stances,
        "several" if can.several_annotators else "one",
        "of words" if can.token_boundaries else "exact",
    )
