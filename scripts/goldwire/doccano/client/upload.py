"""Send rows to a project in one file, as its own web page does, and wait until they are in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from goldwire.doccano.client import jobs
from goldwire.doccano.client.http import RefusedError
from goldwire.doccano.client.session import Session
from goldwire.errors import ServerError
from goldwire.records import TaskKind

__all__ = ["CHUNK", "upload"]

CHUNK = 1000
"""Rows a file: the server stores that many in one statement, so that a chunk is there or not."""

_TASKS: dict[TaskKind, str] = {
    "entities": "RelationExtraction",  # the only one that takes relations; it takes none as well
    "stance": "DocumentClassification",
}
_PER_ROW = 0.005  # seconds, generously: 1,000 rows with 10 labels each take the server up to 3
_GRACE = 10.0  # seconds in which an import that had just taken its file shows its rows: it stores all texts at once


def upload(
    session: Session,
    project: int,
    rows: Sequence[bytes],
    kind: TaskKind = "entities",
    *,
    bare: bool = False,
    sooner: bool = False,
) -> None:
    """Import at most `CHUNK` lines made by `convert.row_line`, or for targets by `categories.row_line`.

    Not repeatable: the same file twice doubles all. A broken connection or a failed job raises `DroppedError`, after
    which the rows may be there, or several copies of them: read back and compare. So does, where it may be told
    `sooner` than in half an hour, a job that was lost; `bare` rows come without labels.
    """
    # The session's own content type is JSON; None lets requests write the multipart one with its boundary.
    sent = session.http.send(
        "POST",
        "fp/process/",
        files={"filepond": ("goldwire.workspace.jsonl", b"".join(rows))},
        headers={"Content-Type": None, "Accept": "*/*"},
    )
    file = sent.text.strip()
    job = session.http.post(
        f"projects/{project}/upload",
        {
            "uploadIds": [file],
            "format": "JSONL",
            "task": _TASKS[kind],
            "encoding": "utf_8",  # without it the server guesses, and curly quotes come out as mojibake
            "column_data": "text",
            "column_label": "label",
        },
    )
    lost = partial(_is_lost, session, project, file, complete=len(rows) if bare else None)
    expected = len(rows) * _PER_ROW
    result = jobs.wait(session, job["task_id"], "the import", expected=expected, lost=lost if sooner else None)
    errors = result.get("error") if isinstance(result, dict) else None
    if errors:
        raise ServerError(f"the server refuses rows: {str(errors)[:300]}", location=f"{session.url}/projects/{project}")


def _is_lost(session: Session, project: int, file: str, *, complete: int | None) -> bool:
    """Whether nothing more comes of an import that may be lost, wait behind others, or be at work: rows name its file.

    One that has not begun is taken its file away, without which it brings nothing whenever it begins. One that has
    begun may be at work on labels for as long as it likes; only where all its rows, `complete`, have none is it over.
    """

    def begun() -> int:
        return int(session.http.get(f"projects/{project}/examples", q=file, limit=1)["count"])

    brought = begun()
    if not brought:
        try:
            # The session's own content type is JSON, which this page does not read.
            headers = {"Content-Type": "text/plain", "Accept": "*/*"}
            session.http.send("DELETE", "fp/revert/", data=file, headers=headers)
        except RefusedError as error:
            if error.status != 404:  # gone already, where this was asked twice
                return False
        time.sleep(_GRACE)
        brought = begun()
    return brought in (0, complete)
