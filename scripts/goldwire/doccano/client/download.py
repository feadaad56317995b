"""Bring a project's rows back in one export: a thousand times fewer requests than reading them one by one."""

from __future__ import annotations

import io
import shutil
import time
import zipfile
from collections.abc import Callable
from typing import BinaryIO

from goldwire.doccano.client import jobs
from goldwire.doccano.client.http import DroppedError
from goldwire.doccano.client.session import Session
from goldwire.errors import ServerError

__all__ = ["count", "download", "download_into"]

_PER_ROW = 0.01  # seconds, generously: 100,000 spans over 10,000 rows take the server 38
_PAUSES = (0.5, 2.0)  # seconds before each further try
_MEMBER = "all.jsonl"
_CHUNK = 1 << 20  # bytes that are unpacked at a time


def count(session: Session, project: int) -> int:
    """How many rows the project has."""
    return int(session.http.get(f"projects/{project}/examples", limit=1)["count"])


def download(session: Session, project: int, *, rows: int, approved: bool = False) -> bytes:
    """The server's own JSON lines of all rows, or of the `approved` (ticked done) ones; `rows` sets the patience."""
    found = io.BytesIO()
    download_into(found, session, project, rows=rows, approved=approved)
    return found.getvalue()


def download_into(file: BinaryIO, session: Session, project: int, *, rows: int, approved: bool = False) -> None:
    """The same in place of what is in `file`. An export changes nothing, so one that breaks off is asked for again."""
    for pause in (*_PAUSES, None):
        try:
            # The last is waited for, in case it was only slow.
            lost = None if pause is None else (lambda: True)
            _export(file, session, project, rows, approved=approved, lost=lost)
            return
        except DroppedError:
            if pause is None:
                raise
            time.sleep(pause)


def _export(
    file: BinaryIO, session: Session, project: int, rows: int, *, approved: bool, lost: Callable[[], bool] | None
) -> None:
    place = f"{session.url}/projects/{project}"
    job = session.http.post(f"projects/{project}/download", {"format": "JSONL", "exportApproved": approved})
    jobs.wait(session, job["task_id"], "the export", expected=rows * _PER_ROW, lost=lost)
    answer = session.http.send("GET", f"projects/{project}/download", params={"taskId": job["task_id"]})
    try:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = archive.namelist()
            if names != [_MEMBER]:
                raise ServerError(
                    f"exports {', '.join(names) or 'nothing'} instead of {_MEMBER}",
                    location=place,
                    hint="`goldwire push` sets the project right (it has to be collaborative)",
                )
            file.seek(0)
            file.truncate()
            with archive.open(_MEMBER) as member:
                shutil.copyfileobj(member, file, _CHUNK)
            file.flush()
    except zipfile.BadZipFile:
        raise DroppedError("the export did not arrive whole", location=place, hint="repeat the command") from None
