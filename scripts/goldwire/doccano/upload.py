"""Send rows to a project in one file, as its own web page does, and wait until they are in."""

from __future__ import annotations

from collections.abc import Sequence

from goldwire.doccano import jobs
from goldwire.doccano.session import Session
from goldwire.errors import GoldwireError
from goldwire.records import TaskKind

__all__ = ["CHUNK", "upload"]

CHUNK = 1000
"""Rows a file: the server stores that many in one statement, so that a chunk is there or not."""

_TASKS: dict[TaskKind, str] = {
    "entities": "RelationExtraction",  # the only one that takes relations; it takes none as well
    "stance": "DocumentClassification",
}
_PER_ROW = 0.005  # seconds, generously: 1,000 rows with 10 labels each take the server up to 3


def upload(session: Session, project: int, rows: Sequence[bytes], kind: TaskKind = "entities") -> None:
    """Import at most `CHUNK` lines made by `convert.row_line`, or for targets by `categories.row_line`.

    Not repeatable: the same file twice doubles all. A broken connection or a failed job raises `DroppedError`, after
    which the rows may be there, or several copies of them: read back and compare.
    """
    # The session's own content type is JSON; None lets requests write the multipart one with its boundary.
    sent = session.http.send(
        "POST",
        "fp/process/",
        files={"filepond": ("goldwire.jsonl", b"".join(rows))},
        headers={"Content-Type": None, "Accept": "*/*"},
    )
    job = session.http.post(
        f"projects/{project}/upload",
        {
            "uploadIds": [sent.text.strip()],
            "format": "JSONL",
            "task": _TASKS[kind],
            "encoding": "utf_8",  # without it the server guesses, and curly quotes come out as mojibake
            "column_data": "text",
            "column_label": "label",
        },
    )
    result = jobs.wait(session, job["task_id"], "the import", expected=len(rows) * _PER_ROW)
    errors = result.get("error") if isinstance(result, dict) else None
    if errors:
        raise GoldwireError(f"the server refuses rows: {str(errors)[:300]}", place=f"{session.url}/projects/{project}")
