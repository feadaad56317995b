"""Read a project whole: the server's own bytes, their rows and who ticked what, all of one moment."""

from __future__ import annotations

import msgspec

from goldwire.doccano import convert
from goldwire.doccano.download import count, download
from goldwire.doccano.look import Look, all_rows, look
from goldwire.doccano.session import Session

__all__ = ["Reading", "read"]

_TRIES = 3  # times that a project is read again because somebody worked in it meanwhile


class Reading(msgspec.Struct, frozen=True):
    """A project as it stands: the server's bytes, their rows, the ids of those that are ticked done."""

    data: bytes
    rows: tuple[convert.Row, ...]
    unreadable: tuple[int, ...]
    confirmed: frozenset[int]
    seen: Look | None = None  # where the server can be looked at: what this is an export of, or of later


def read(session: Session, project: int) -> Reading:
    """A project's export and who ticked what, of one moment: read again while somebody works between the two."""
    seen = look(session, project, examples=True)
    if seen is None:
        return _read_twice(session, project)
    for left in reversed(range(_TRIES)):
        data = all_rows(session, project)
        after = look(session, project, examples=True)
        if left == 0 or after is None or (after.rows, after.work) == (seen.rows, seen.work):
            break
        seen = after
    rows, unreadable = convert.parse_export(data)
    return Reading(data, rows, unreadable, seen.done, seen)


def _read_twice(session: Session, project: int) -> Reading:
    """The same from a server that others run: by two exports, one of what is ticked done."""
    for _ in range(_TRIES):
        rows = count(session, project)
        if rows == 0:
            return Reading(b"", (), (), frozenset())
        ticked = {row.id: row for row in convert.parse_export(download(session, project, rows=rows, approved=True))[0]}
        data = download(session, project, rows=rows)
        found, unreadable = convert.parse_export(data)
        plain = {row.id: row for row in found}
        if all(_same(row, plain.get(number)) for number, row in ticked.items()):
            break
    return Reading(data, found, unreadable, frozenset(ticked))


def _same(row: convert.Row, other: convert.Row | None) -> bool:
    return other is not None and msgspec.structs.replace(row, line=other.line) == other
