"""Look at a project without an export: digests, a line a row, all rows; goldwire's own server gives them.

What Doccano itself offers proves nothing: its `updated_at` does not move when labels do, and its counts stay the same
where one label gives way to another. A server that others run has no such page; there everything is exported.
"""

from __future__ import annotations

import time
from typing import Any, BinaryIO

import msgspec

from goldwire.doccano.client.http import PAUSES, DroppedError, RefusedError
from goldwire.doccano.client.session import Session
from goldwire.doccano.conversion import Row

__all__ = ["Look", "Seen", "look", "rows_into"]

_NONE = frozenset({403, 404, 405})
_CHUNK = 1 << 20  # bytes that are read and written at a time


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A row as the server tells of it: `digest` is of its text, `touched` says that it has labels or comments.

    `ticked` is when it was ticked done, in UTC (`YYYY-MM-DD hh:mm...`), or None. `labels` digests what labels it has,
    where it came with some and has no comment.
    """

    id: int
    meta: dict[str, Any]
    digest: str
    touched: bool
    ticked: str | None
    labels: str | None = None


class Look(msgspec.Struct, frozen=True):
    """A project at one moment. Equal digests mean that nothing was done in between, not even undone again.

    `rows` is of the project, its label types and its rows, `work` of labels, comments and ticks. `members` are pairs of
    user name and role; `examples` and `ticks`, ids of rows that are ticked done, are there where they were asked for,
    and `days` with them: how many were ticked on each (ISO, UTC).
    """

    rows: str
    work: str
    count: int
    members: tuple[tuple[str, str], ...]
    examples: tuple[Seen, ...] = ()
    ticks: tuple[int, ...] | None = None
    days: dict[str, int] = {}

    @property
    def done(self) -> frozenset[int]:
        """Ids of the rows that are ticked done, where these or all rows were asked for."""
        if self.ticks is None:
            return frozenset(seen.id for seen in self.examples if seen.ticked is not None)
        return frozenset(self.ticks)

    def as_rows(self) -> tuple[Row, ...]:
        """The examples as rows that have no text, only its digest."""
        return tuple(
            Row(
                id=seen.id,
                text=None,
                gw_task_id=_text(seen.meta, "gw_task_id"),
                gw_article_id=_text(seen.meta, "gw_article_id"),
                gw_prelabels=_text(seen.meta, "gw_prelabels"),
                line=line,
                digest=seen.digest,
                touched=seen.touched,
                seen_labels=seen.labels,
            )
            for line, seen in enumerate(self.examples, 1)
        )


def look(session: Session, project: int, *, examples: bool = False, ticks: bool = False) -> Look | None:
    """Look at `project`; None where the server has no page for that."""
    wanted = {name: "1" for name, asked in (("examples", examples), ("ticks", ticks)) if asked}
    try:
        answer = session.http.send("GET", f"projects/{project}/goldwire", params=wanted)
        return msgspec.json.decode(answer.content, type=Look)
    except RefusedError as error:
        if error.status in _NONE:
            return None
        raise
    except msgspec.MsgspecError:
        return None


def rows_into(file: BinaryIO, session: Session, project: int) -> None:
    """Write the project's JSON lines, as Doccano exports them, in place of what is in `file`.

    From a server that can be looked at. A connection that breaks amid them is tried again, from the first line.
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
    raise DroppedError("the connection broke", location=f"{session.url}/projects/{project}", hint="repeat the command")


def _text(meta: dict[str, Any], key: str) -> str | None:
    value = meta.get(key)
    return value if isinstance(value, str) else None
