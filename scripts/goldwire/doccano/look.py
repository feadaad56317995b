"""Look at a project without an export: digests, a line a row, all rows; goldwire's own server gives them.

What Doccano itself offers proves nothing: its `updated_at` does not move when labels do, and its counts stay the same
where one label gives way to another. A server that others run has no such page; there everything is exported.
"""

from __future__ import annotations

from typing import Any

import msgspec

from goldwire.doccano.convert import Row
from goldwire.doccano.http import RefusedError
from goldwire.doccano.session import Session

__all__ = ["Look", "Seen", "all_rows", "look"]

_NONE = frozenset({403, 404, 405})


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A row as the server tells of it: `digest` is of its text, `touched` says that it has labels or comments.

    `ticked` is when it was ticked done, in UTC (`YYYY-MM-DD hh:mm...`), or None.
    """

    id: int
    meta: dict[str, Any]
    digest: str
    touched: bool
    ticked: str | None


class Look(msgspec.Struct, frozen=True):
    """A project at one moment. Equal digests mean that nothing was done in between, not even undone again.

    `rows` is of the project, its label types and its rows, `work` of labels, comments and ticks. `members` are pairs of
    user name and role; `examples` are there where they were asked for.
    """

    rows: str
    work: str
    count: int
    members: tuple[tuple[str, str], ...]
    examples: tuple[Seen, ...] = ()

    @property
    def done(self) -> frozenset[int]:
        """Ids of the rows that are ticked done."""
        return frozenset(seen.id for seen in self.examples if seen.ticked is not None)

    def as_rows(self) -> tuple[Row, ...]:
        """The examples as rows that have no text, only its digest."""
        return tuple(
            Row(
                id=seen.id,
                text=None,
                gw_task_id=_text(seen.meta, "gw_task_id"),
                gw_article_id=_text(seen.meta, "gw_article_id"),
                line=line,
                digest=seen.digest,
                touched=seen.touched,
            )
            for line, seen in enumerate(self.examples, 1)
        )


def look(session: Session, project: int, *, examples: bool = False) -> Look | None:
    """Look at `project`; None where the server has no page for that."""
    try:
        answer = session.http.send("GET", f"projects/{project}/goldwire", params={"examples": "1"} if examples else {})
        return msgspec.json.decode(answer.content, type=Look)
    except RefusedError as error:
        if error.status in _NONE:
            return None
        raise
    except msgspec.MsgspecError:
        return None


def all_rows(session: Session, project: int) -> bytes:
    """The project's JSON lines, as Doccano exports them, from a server that can be looked at."""
    return bytes(session.http.send("GET", f"projects/{project}/goldwire/rows").content)


def _text(meta: dict[str, Any], key: str) -> str | None:
    value = meta.get(key)
    return value if isinstance(value, str) else None
