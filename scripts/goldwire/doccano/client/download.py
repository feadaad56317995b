"""Downloading all rows of a project in one export: a thousand times fewer requests than row by row."""

from __future__ import annotations

import io
import shutil
import time
import zipfile
from collections.abc import Callable
from typing import BinaryIO

from goldwire.doccano.client import jobs
from goldwire.doccano.client.http import ConnectionLostError
from goldwire.doccano.client.session import Session
from goldwire.errors import ServerError

__all__ = ["count_rows", "download", "download_into"]

_SECONDS_PER_ROW = 0.01  # generous: the server exports 100,000 spans in 10,000 rows in 38 s
_PAUSES = (0.5, 2.0)  # seconds before each retry
_MEMBER = "all.jsonl"
_CHUNK = 1 << 20  # bytes to unpack at a time


def count_rows(session: Session, project: int) -> int:
    """Return the number of rows of the project."""
    return int(session.http.get(f"projects/{project}/examples", limit=1)["count"])


def download(session: Session, project: int, *, rows: int, approved: bool = False) -> bytes:
    """Return the server's own JSON lines of all rows, or of the rows that are `approved` (ticked done).

    `rows` is the number of rows of the project, by which the time limit is set.
    """
    file = io.BytesIO()
    download_into(file, session, project, rows=rows, approved=approved)
    return file.getvalue()


def download_into(file: BinaryIO, session: Session, project: int, *, rows: int, approved: bool = False) -> None:
    """Write the same lines in place of the contents of `file`. Repeat an export that breaks off: it changes nothing."""
    for pause in (*_PAUSES, None):
        try:
            # The last attempt is waited for, in case the server was only slow.
            is_lost = None if pause is None else (lambda: True)
            _export(file, session, project, rows, approved=approved, is_lost=is_lost)
            return
        except ConnectionLostError:
            if pause is None:
                raise
            time.sleep(pause)


def _export(
    file: BinaryIO, session: Session, project: int, rows: int, *, approved: bool, is_lost: Callable[[], bool] | None
) -> None:
    location = f"{session.url}/projects/{project}"
    job = session.http.post(f"projects/{project}/download", {"format": "JSONL", "exportApproved": approved})
    jobs.wait(session, job["task_id"], "the export", expected=rows * _SECONDS_PER_ROW, is_lost=is_lost)
    answer = session.http.send("GET", f"projects/{project}/download", params={"taskId": job["task_id"]})
    try:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = archive.namelist()
            if names != [_MEMBER]:
                raise ServerError(
                    f"exports {', '.join(names) or 'nothing'} instead of {_MEMBER}",
                    location=location,
                    hint="`goldwire push` corrects the project's settings (it has to be collaborative)",
                )
            file.seek(0)
            file.truncate()
            with archive.open(_MEMBER) as member:
                shutil.copyfileobj(member, file, _CHUNK)
            file.flush()
    except zipfile.BadZipFile:
        raise ConnectionLostError("the export is incomplete", location=location, hint="run the command again") from None
