"""Bring one annotator's project to exactly what is wanted: look, make the difference, look again."""

from __future__ import annotations

import time

import msgspec

from goldwire.doccano import convert, project
from goldwire.doccano.download import count, download
from goldwire.doccano.http import DroppedError, RefusedError
from goldwire.doccano.look import look
from goldwire.doccano.reconcile import Difference, compare
from goldwire.doccano.session import Session
from goldwire.doccano.upload import CHUNK, upload
from goldwire.errors import GoldwireError
from goldwire.records import Article, Task

__all__ = ["Settled", "Wanted", "settle"]

_ROUNDS = 5  # one that adds, one that mends copies, one that finds all well, and two broken connections
_COLLISIONS = 2  # rounds in which another push may get in the way
_PAUSE = 1.0  # seconds before looking again


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A project and the tasks that are to be in it, exactly once each."""

    project: project.Plan
    tasks: tuple[Task, ...]
    articles: dict[str, Article]
    texts: dict[str, str]  # task id -> what is shown


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What the server was found to hold at the last look, and what was done to it before."""

    project: project.Project
    difference: Difference
    added: int
    removed: int
    changed: bool
    rows: str | None  # the digest of what that look saw, where the server gives one


def settle(session: Session, wanted: Wanted) -> Settled:
    """Make the difference until a look finds none; at most a few rounds, then a GoldwireError.

    After a broken connection nobody knows what the server did with what was sent, so the next round looks first.
    """
    added, removed, changed = 0, 0, False
    broken: GoldwireError | None = None
    for left in reversed(range(_ROUNDS)):
        try:
            where, mended = project.ensure(session, wanted.project)
            changed |= mended
            difference, rows = _look(session, where.id, wanted)
            if difference.settled:
                return Settled(
                    project=where, difference=difference, added=added, removed=removed, changed=changed, rows=rows
                )
            removed += _remove(session, where.id, difference)
            added += _add(session, where.id, wanted, difference)
            changed = True
        except (DroppedError, RefusedError) as error:
            # 400 and 404: somebody else's push has just made, or taken away, what this one was about to.
            if isinstance(error, RefusedError) and (error.status not in {400, 404} or left < _ROUNDS - _COLLISIONS):
                raise
            broken = error
            time.sleep(_PAUSE)
    raise broken or GoldwireError(
        f"project {wanted.project.name!r} differs from the plan after {_ROUNDS} tries",
        place=session.url,
        way_out="see the server's log, then repeat",
    )


def _look(session: Session, where: int, wanted: Wanted) -> tuple[Difference, str | None]:
    seen = look(session, where, examples=True)
    if seen is None:
        return _compare_export(session, where, wanted), None
    return compare(seen.as_rows(), wanted.tasks, wanted.texts, seen.done), seen.rows


def _compare_export(session: Session, where: int, wanted: Wanted) -> Difference:
    """The same of a server that others run: by a whole export."""
    rows = count(session, where)
    if rows == 0:
        return compare((), wanted.tasks, wanted.texts)
    found, unreadable = convert.parse_export(download(session, where, rows=rows))
    if unreadable:  # it may be a task of the plan, which must not be added a second time
        raise GoldwireError(
            "an example here is not as Doccano writes them",
            place=project.task_url(session, where, unreadable[0]),
            way_out="delete it in the browser if nobody has worked on it",
        )
    difference = compare(found, wanted.tasks, wanted.texts)
    if not (difference.surplus or difference.problems):
        return difference
    # Ticked done without a label is work too: asked for only here, where something may be deleted.
    ticked, _ = convert.parse_export(download(session, where, rows=rows, approved=True))
    return compare(found, wanted.tasks, wanted.texts, frozenset(row.id for row in ticked))


def _remove(session: Session, where: int, difference: Difference) -> int:
    if difference.surplus:  # an empty list would empty the project
        session.http.delete(f"projects/{where}/examples", {"ids": list(difference.surplus)})
    return len(difference.surplus)


def _add(session: Session, where: int, wanted: Wanted, difference: Difference) -> int:
    by_id = {task.id: task for task in wanted.tasks}
    for start in range(0, len(difference.missing), CHUNK):
        chunk = [by_id[name] for name in difference.missing[start : start + CHUNK]]
        upload(session, where, [convert.row_line(task, wanted.articles[task.article_id]) for task in chunk])
    return len(difference.missing)
