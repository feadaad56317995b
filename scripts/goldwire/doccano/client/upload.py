"""Uploading rows to a project in one file, as Doccano's own web page does, and waiting until they are imported."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from goldwire.doccano.client import jobs
from goldwire.doccano.client.http import RequestRefusedError
from goldwire.doccano.client.session import Session
from goldwire.errors import ServerError
from goldwire.records import TaskKind

__all__ = ["CHUNK", "upload"]

CHUNK = 1000
"""Rows per file: the server stores that many in one statement, so that a chunk is there as a whole or not at all."""

_IMPORT_TASKS: dict[TaskKind, str] = {
    "entities": "RelationExtraction",  # the only one that accepts relations; they may be absent
    "stance": "DocumentClassification",
}
_SECONDS_PER_ROW = 0.005  # generous: the server imports 1,000 rows with 10 labels each in up to 3 s
_GRACE = 10.0  # seconds within which an import that has just read its file shows rows: it stores all texts at once


def upload(
    session: Session,
    project: int,
    rows: Sequence[bytes],
    kind: TaskKind = "entities",
    *,
    without_labels: bool = False,
    give_up_early: bool = False,
) -> None:
    """Import at most `CHUNK` lines that `conversion.import_line` made.

    Not repeatable: the same file twice doubles all rows.

    Parameters
    ----------
    session
        The signed-in session of an administrator.
    project
        The id of the project.
    rows
        The lines.
    kind
        The kind of the project's tasks.
    without_labels
        Whether no row has labels: then an import is complete when all its rows are there.
    give_up_early
        Raise ConnectionLostError as soon as the job can be known to be lost. Default: wait for half an hour.

    Raises
    ------
    ConnectionLostError
        If the connection broke, or the job failed or was lost. The rows may be there, or several copies of them: read
        the project and compare.
    """
    # The session's own content type is JSON; None lets requests write the multipart one with its boundary.
    sent = session.http.send(
        "POST",
        "fp/process/",
        files={"filepond": ("goldwire.jsonl", b"".join(rows))},
        headers={"Content-Type": None, "Accept": "*/*"},
    )
    file = sent.text.strip()
    job = session.http.post(
        f"projects/{project}/upload",
        {
            "uploadIds": [file],
            "format": "JSONL",
            "task": _IMPORT_TASKS[kind],
            "encoding": "utf_8",  # otherwise the server guesses, and curly quotes become mojibake
            "column_data": "text",
            "column_label": "label",
        },
    )
    is_lost = partial(_is_lost, session, project, file, complete=len(rows) if without_labels else None)
    result = jobs.wait(
        session,
        job["task_id"],
        "the import",
        expected=len(rows) * _SECONDS_PER_ROW,
        is_lost=is_lost if give_up_early else None,
    )
    errors = result.get("error") if isinstance(result, dict) else None
    if errors:
        raise ServerError(
            f"the server rejected rows: {str(errors)[:300]}", location=f"{session.url}/projects/{project}"
        )


def _is_lost(session: Session, project: int, file: str, *, complete: int | None) -> bool:
    """Whether an import that may be lost, wait or run will have no further effect. Its rows name its file.

    If it has not begun, delete its file: without it, the import brings nothing whenever it begins. If it has begun, it
    may work on labels for any time; only if all its rows, `complete`, come without labels is it over.
    """

    def count_imported() -> int:
        return int(session.http.get(f"projects/{project}/examples", q=file, limit=1)["count"])

    imported = count_imported()
    if not imported:
        try:
            # The session's own content type is JSON, which this page does not read.
            headers = {"Content-Type": "text/plain", "Accept": "*/*"}
            session.http.send("DELETE", "fp/revert/", data=file, headers=headers)
        except RequestRefusedError as error:
            if error.status != 404:  # 404: deleted already, on the second call
                return False
        time.sleep(_GRACE)
        imported = count_imported()
    return imported in (0, complete)
