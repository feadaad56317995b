"""The text of splits/assignment.tsv: rows that are only appended. Pure.

The column `reason` is there once an article is held out: a table without held-out articles has the first four.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from goldwire.quantities import quantity
from goldwire.records import SplitAssignment

__all__ = ["COLUMNS", "append_rows", "columns_of", "padded_lines", "parse_row"]

COLUMNS = SplitAssignment.__struct_fields__
"""All columns, in order."""

_REQUIRED = COLUMNS[:-1]


def columns_of(header: str) -> tuple[str, ...]:
    """Return the columns that a header names. Raises ValueError if it is not the header of this table."""
    for columns in (_REQUIRED, COLUMNS):
        if header == "\t".join(columns):
            return columns
    raise ValueError(f"the first line is {header[:60]!r}, expected {' '.join(_REQUIRED)!r} separated by tabs")


def parse_row(line: str, columns: tuple[str, ...]) -> SplitAssignment:
    """Return the record of a line. Raises ValueError; a value that is not allowed is a msgspec.ValidationError."""
    values = line.split("\t")
    if len(values) != len(columns):
        raise ValueError(f"{quantity(len(values), 'column')}, expected {len(columns)}")
    fields = dict(zip(columns, values, strict=True))
    row = msgspec.convert(fields | {"reason": fields.get("reason") or None}, SplitAssignment)
    if row.is_held_out != (row.reason is not None):
        raise ValueError("held-out without a reason" if row.is_held_out else f"in {row.split}, with a reason")
    return row


def append_rows(text: str, rows: Iterable[SplitAssignment]) -> str:
    """Return the table with rows added at its end, and with the column `reason` if one of them has a reason.

    Parameters
    ----------
    text : str
        The table; empty if there is none yet.
    rows : iterable of SplitAssignment
        The new rows.
    """
    rows = tuple(rows)
    header, *lines = (text or "\t".join(_REQUIRED)).splitlines()
    columns = columns_of(header)
    if columns != COLUMNS and any(row.reason is not None for row in rows):
        columns, lines = COLUMNS, [f"{line}\t" for line in lines]
    lines += ["\t".join(getattr(row, name) or "" for name in columns) for row in rows]
    return "".join(f"{line}\n" for line in ("\t".join(columns), *lines))


def padded_lines(data: bytes) -> list[bytes]:
    """Return the lines of a table as they are with the column `reason`, to compare two states of the table."""
    lines = data.removesuffix(b"\n").split(b"\n") if data else []
    if lines and lines[0] == "\t".join(_REQUIRED).encode():
        return ["\t".join(COLUMNS).encode(), *(line + b"\t" for line in lines[1:])]
    return lines
