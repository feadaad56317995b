"""Reading a project: its state in digests, one line per row, or all rows with the server's own bytes on disk.

Only the server that goldwire runs has a page for the state. Doccano's own API cannot prove that nothing changed:
`updated_at` does not change when labels do, and its counts stay the same if one label replaces another. From any other
server, everything is exported.
"""

from __future__ import annotations

import tempfile
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from goldwire.doccano.client.download import count_rows, download_into
from goldwire.doccano.client.http import PAUSES, ConnectionLostError, RequestRefusedError
from goldwire.doccano.client.label_types import LabelTypes
from goldwire.doccano.client.session import Session
from goldwire.doccano.export_rows import Row, RowSummary, parse_line
from goldwire.errors import DECODE_ERRORS
from goldwire.workspace.positional_read import read_at

__all__ = [
    "ExampleState",
    "ProjectExport",
    "ProjectState",
    "fetch_rows",
    "fetch_state",
    "read_project",
    "store_receipt",
]

_NO_SUCH_PAGE = frozenset({403, 404, 405})
_ATTEMPTS = 3  # reads of a project that changed during each read
_CHUNK = 1 << 20  # bytes to read and write at a time


class ExampleState(msgspec.Struct, frozen=True, array_like=True):
    """One row as the state page describes it.

    `worked_on` says whether it has labels or comments other than the pre-labels as imported. `confirmed_at` is when it
    was ticked done, in UTC (`YYYY-MM-DD hh:mm...`). `label_digest` is there if the row was imported with labels and
    has no comments.
    """

    id: int
    meta: dict[str, Any]
    text_sha256: str
    worked_on: bool
    confirmed_at: str | None
    label_digest: str | None = None

    def summary(self, line: int) -> RowSummary:
        """Return the summary of this row, whose 1-based number in the project is `line`."""
        return RowSummary(
            id=self.id,
            task_id=_text(self.meta, "gw_task_id"),
            text_sha256=self.text_sha256,
            worked_on=self.worked_on,
            prelabels_digest=_text(self.meta, "gw_prelabels") or None,
            label_digest=self.label_digest,
            line=line,
        )


class ProjectState(msgspec.Struct, frozen=True):
    """A project at one moment. Equal digests mean that nothing was done in between, not even something undone again.

    `rows_digest` covers the project, its label types and its rows; `work_digest` covers labels, comments and ticks.
    `members` are pairs of user name and role. `receipt` is what an earlier pull stored (see `store_receipt`), if it was
    requested and the server has it. `examples`, and `confirmed` (ids of the rows that are ticked done), are
    there if they were requested; `confirmed_per_day` comes with both and counts ticks by ISO date (UTC).
    """

    rows_digest: str
    work_digest: str
    count: int
    members: tuple[tuple[str, str], ...]
    examples: tuple[ExampleState, ...] = ()
    confirmed: tuple[int, ...] | None = None
    confirmed_per_day: dict[str, int] = {}
    label_types: LabelTypes = LabelTypes()
    receipt: dict[str, Any] | None = None

    @property
    def digests(self) -> tuple[str, str]:
        """The digests of the rows and of the work in them."""
        return self.rows_digest, self.work_digest

    @property
    def confirmed_ids(self) -> frozenset[int]:
        """Ids of the rows that are ticked done, if these or all examples were requested."""
        if self.confirmed is None:
            return frozenset(example.id for example in self.examples if example.confirmed_at is not None)
        return frozenset(self.confirmed)

    def summaries(self) -> tuple[RowSummary, ...]:
        """Return the summaries of the examples."""
        return tuple(example.summary(line) for line, example in enumerate(self.examples, 1))


class ProjectExport:
    """The export of a project in a file that is deleted with this object, and the ids of the rows ticked done.

    `rows` are summaries; `full_row` reads a row again. `unreadable` are the numbers of the lines that are not rows.
    `newest` are the highest ids of a span, a relation and a comment, which never decrease unless they are deleted.
    `state` is the state that this is an export of, or a later one, if the server has a page for it.
    """

    def __init__(
        self, file: BinaryIO, confirmed: frozenset[int] = frozenset(), state: ProjectState | None = None
    ) -> None:
        self.file, self.confirmed, self.state = file, confirmed, state
        self.rows: list[RowSummary] = []
        self.unreadable: list[int] = []
        self.newest = (0, 0, 0)
        self._line_ends = array("q", [0])
        for number, line in enumerate(self.lines(), 1):
            self._line_ends.append(self._line_ends[-1] + len(line))
            row = parse_line(line, number) if line.strip() else None
            if row is not None:
                self.rows.append(row.summary())
                self.newest = _newest(self.newest, row)
            elif line.strip():
                self.unreadable.append(number)

    def lines(self) -> Iterator[bytes]:
        """Return the lines of the export."""
        self.file.seek(0)
        return iter(self.file)

    def data(self) -> bytes:
        """Return the export as bytes."""
        self.file.seek(0)
        return self.file.read()

    def full_row(self, summary: RowSummary) -> Row:
        """Return one of `rows` with its text and labels."""
        start, end = self._line_ends[summary.line - 1 : summary.line + 1]
        row = parse_line(read_at(self.file.fileno(), end - start, start), summary.line)
        if row is None:
            raise ValueError(f"line {summary.line} of the export is not a row")
        return row

    def full_rows(self) -> Iterator[Row]:
        """Yield all rows with their texts and labels."""
        return (self.full_row(summary) for summary in self.rows)


def fetch_state(
    session: Session, project: int, *, examples: bool = False, confirmed: bool = False, receipt: str | None = None
) -> ProjectState | None:
    """Request the state of `project`; return None if the server has no such page.

    `receipt` is the digest of the receipt to request, too.
    """
    params = {name: "1" for name, wanted in (("examples", examples), ("confirmed", confirmed)) if wanted}
    params |= {} if receipt is None else {"receipt": receipt}
    try:
        answer = session.http.send("GET", f"projects/{project}/goldwire", params=params)
        return msgspec.json.decode(answer.content, type=ProjectState)
    except RequestRefusedError as error:
        if error.status in _NO_SUCH_PAGE:
            return None
        raise
    except DECODE_ERRORS:
        return None


def store_receipt(session: Session, project: int, digest: str, receipt: msgspec.Struct) -> None:
    """Store a receipt of a pull with the project, under the digest of the files that the pull wrote.

    Only for servers with a state page. A database that is replaced, or restored from a backup older than this pull,
    lacks the receipt.
    """
    content = msgspec.to_builtins(receipt)
    session.http.post(f"projects/{project}/goldwire", {"digest": digest, "content": content})


def fetch_rows(file: BinaryIO, session: Session, project: int) -> None:
    """Write the project's JSON lines, as Doccano exports them, in place of the contents of `file`.

    Only for servers with a state page. If the connection breaks in between, start again from the first line.
    """
    import requests

    for pause in (*PAUSES, None):
        file.seek(0)
        file.truncate()
        answer = session.http.send("GET", f"projects/{project}/goldwire/rows", stream=True)
        try:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
        except requests.RequestException:
            if pause is None:
                break
            time.sleep(pause)
        else:
            file.flush()
            return
    raise ConnectionLostError(
        "the connection broke", location=f"{session.url}/projects/{project}", hint="run the command again"
    )


def read_project(
    session: Session, project: int, *, scratch: Path | None = None, receipt: str | None = None
) -> ProjectExport:
    """Read a project's rows and which of them are ticked done, as of one moment: repeat if they change meanwhile.

    The export is stored in the folder `scratch`. Default: the machine's folder for temporary files. `receipt` is the
    digest of a receipt of an earlier pull, which is in the export's state if the server has it.
    """
    state = fetch_state(session, project, confirmed=True, receipt=receipt)
    if state is None or state.confirmed is None:
        return _read_by_exports(session, project, scratch)
    file = _temporary_file(scratch)
    for _ in range(_ATTEMPTS):
        fetch_rows(file, session, project)
        after = fetch_state(session, project, confirmed=True, receipt=receipt)
        if after is None or after.digests == state.digests:
            return ProjectExport(file, state.confirmed_ids, state)
        before, state = state, after
    return ProjectExport(file, before.confirmed_ids, before)


def _read_by_exports(session: Session, project: int, scratch: Path | None) -> ProjectExport:
    """Read the same from a server that others run, by two exports: one is of the rows that are ticked done."""
    confirmed_file, file = _temporary_file(scratch), _temporary_file(scratch)
    for _ in range(_ATTEMPTS):
        number = count_rows(session, project)
        if number == 0:
            return ProjectExport(file)
        download_into(confirmed_file, session, project, rows=number, approved=True)
        download_into(file, session, project, rows=number)
        confirmed, export = ProjectExport(confirmed_file), ProjectExport(file)
        by_id = {row.id: row for row in export.rows}
        if all(_is_same(row, by_id.get(row.id), export) for row in confirmed.full_rows()):
            break
    export.confirmed = frozenset(row.id for row in confirmed.rows)
    return export


def _newest(highest: tuple[int, int, int], row: Row) -> tuple[int, int, int]:
    """Return the highest ids of spans, relations and comments, so far and in a row."""
    spans, relations, comments = highest
    return (
        max((spans, *(entity.id for entity in row.entities))),
        max((relations, *(relation.id for relation in row.relations))),
        max((comments, *(comment.id for comment in row.comments))),
    )


def _is_same(row: Row, summary: RowSummary | None, export: ProjectExport) -> bool:
    return summary is not None and msgspec.structs.replace(row, line=summary.line) == export.full_row(summary)


def _temporary_file(scratch: Path | None) -> BinaryIO:
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    return cast(BinaryIO, tempfile.TemporaryFile(dir=scratch))


def _text(meta: dict[str, Any], key: str) -> str | None:
    value = meta.get(key)
    return value if isinstance(value, str) else None
