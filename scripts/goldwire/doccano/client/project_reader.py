"""Read a project whole: the server's own bytes on disk, what their rows are, who ticked what, all of one moment."""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from goldwire.doccano.client.download import count, download_into
from goldwire.doccano.client.look import Look, look, rows_into
from goldwire.doccano.client.session import Session
from goldwire.doccano.export_rows import Row, lightened, parse_line

__all__ = ["Reading", "read"]

_TRIES = 3  # times that a project is read again because somebody worked in it meanwhile


class Reading:
    """A project as it stands: its export in a file that is gone with this, and the ids of the rows ticked done.

    `rows` have neither text nor labels, only what tells them apart; `whole` reads one again. `unreadable` are the
    numbers of the lines that are no rows. `seen` is what this is an export of, or of later, where the server can be
    looked at.
    """

    def __init__(self, file: BinaryIO, confirmed: frozenset[int] = frozenset(), seen: Look | None = None) -> None:
        self.file, self.confirmed, self.seen = file, confirmed, seen
        self.rows: list[Row] = []
        self.unreadable: list[int] = []
        self._ends = array("q", [0])
        for number, line in enumerate(self.lines(), 1):
            self._ends.append(self._ends[-1] + len(line))
            row = parse_line(line, number) if line.strip() else None
            if row is not None:
                self.rows.append(lightened(row))
            elif line.strip():
                self.unreadable.append(number)

    def lines(self) -> Iterator[bytes]:
        """The lines of the export."""
        self.file.seek(0)
        return iter(self.file)

    def data(self) -> bytes:
        """The export in memory."""
        self.file.seek(0)
        return self.file.read()

    def whole(self, row: Row) -> Row:
        """One of `rows` with all that it has."""
        start, end = self._ends[row.line - 1 : row.line + 1]
        found = parse_line(os.pread(self.file.fileno(), end - start, start), row.line)
        return row if found is None else found


def read(session: Session, project: int, *, scratch: Path | None = None) -> Reading:
    """A project's export and who ticked what, of one moment: read again while somebody works between the two.

    The export lies in `scratch`, or where this machine has temporary files.
    """
    seen = look(session, project, ticks=True)
    if seen is None or seen.ticks is None:
        return _read_twice(session, project, scratch)
    file = _spool(scratch)
    for _ in range(_TRIES):
        rows_into(file, session, project)
        after = look(session, project, ticks=True)
        if after is None or (after.rows, after.work) == (seen.rows, seen.work):
            return Reading(file, seen.done, seen)
        before, seen = seen, after
    return Reading(file, before.done, before)


def _read_twice(session: Session, project: int, scratch: Path | None) -> Reading:
    """The same from a server that others run: by two exports, one of what is ticked done."""
    ticked, file = _spool(scratch), _spool(scratch)
    for _ in range(_TRIES):
        number = count(session, project)
        if number == 0:
            return Reading(file)
        download_into(ticked, session, project, rows=number, approved=True)
        download_into(file, session, project, rows=number)
        done, reading = Reading(ticked), Reading(file)
        plain = {row.id: row for row in reading.rows}
        if all(_same(done.whole(row), plain.get(row.id), reading) for row in done.rows):
            break
    reading.confirmed = frozenset(row.id for row in done.rows)
    return reading


def _same(row: Row, other: Row | None, reading: Reading) -> bool:
    return other is not None and msgspec.structs.replace(row, line=other.line) == reading.whole(other)


def _spool(scratch: Path | None) -> BinaryIO:
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    return cast(BinaryIO, tempfile.TemporaryFile(dir=scratch))
