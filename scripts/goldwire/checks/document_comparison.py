"""Values of a document beside the same values elsewhere in a release, and the tables of a Markdown text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

__all__ = ["Problem", "Table", "compare", "shorten", "tables"]


class Problem(NamedTuple):
    """A value of a document that another file contradicts."""

    document: str
    item: str
    message: str


class Table(NamedTuple):
    """A table of a Markdown text below its heading."""

    heading: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def compare(document: str, pairs: Iterable[tuple[str, Any, Any]], other: str = "the manifest") -> Iterator[Problem]:
    """Yield a problem for each (item, value in the document, value elsewhere) that differ."""
    for item, value, expected in pairs:
        if value != expected:
            yield Problem(document, item, f"has {shorten(value)}, {other} has {shorten(expected)}")


def shorten(value: Any) -> str:
    """Return a value in at most 80 characters."""
    text = "nothing" if value is None or value == "" else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def tables(text: str) -> Iterator[Table]:
    """Yield the tables of a text that have a row."""
    heading, lines = "", []
    for line in (*text.splitlines(), ""):
        if line.startswith("| "):
            lines.append(tuple(line.removeprefix("| ").removesuffix(" |").split(" | ")))
            continue
        if len(lines) > 2:
            yield Table(heading, lines[0], tuple(lines[2:]))
        lines = []
        if line.startswith("#"):
            heading = line.lstrip("#").strip()
