"""Bring one annotator's project to exactly what is wanted: look, make the difference, look again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from goldwire.doccano import categories, conversion, project
from goldwire.doccano.client.download import count, download
from goldwire.doccano.client.http import DroppedError, RefusedError
from goldwire.doccano.client.look import Look, look
from goldwire.doccano.client.project_reader import read
from goldwire.doccano.client.session import Session
from goldwire.doccano.client.upload import CHUNK, upload
from goldwire.doccano.reconciliation import Difference, compare
from goldwire.errors import GoldwireError, ServerError
from goldwire.records import Article, Task
from goldwire.workspace.indexed_jsonl import RecordLookup

__all__ = ["Settled", "Wanted", "settle"]

_ROUNDS = 5  # one that adds, one that mends copies, one that finds all well, and two broken connections
_COLLISIONS = 2  # rounds in which another push may get in the way
_PAUSE = 1.0  # seconds before looking again
_UNDER_WAY = 3.0  # seconds that the labels of 1,000 rows take to follow the texts


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A project and the tasks that are to be in it, exactly once each; of all or of none `prelabels`, by task id.

    `save` is there where people's work may be deleted: it is given the project's export before.
    """

    project: project.Plan
    tasks: tuple[Task, ...]
    articles: RecordLookup[Article]
    digests: Mapping[str, str]  # task id -> digest of what is shown
    prelabels: Mapping[str, conversion.Outgoing] = {}
    save: Callable[[bytes], str] | None = None


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What the server was found to hold at the last look, and what was done to it before."""

    project: project.Project
    difference: Difference
    added: int
    removed: int
    changed: bool
    rows: str | None  # the digest of what that look saw, where the server gives one
    forced: int = 0  # rows with people's work that were removed
    saved: tuple[str, ...] = ()  # where what was in the project before is


def settle(session: Session, wanted: Wanted) -> Settled:
    """Make the difference until a look finds none; at most a few rounds, then a GoldwireError.

    After a broken connection nobody knows what the server did with what was sent, so the next round looks first.
    """
    added, removed, forced, changed = 0, 0, 0, False
    saved: list[str] = []
    broken: GoldwireError | None = None
    for left in reversed(range(_ROUNDS)):
        try:
            where, mended = project.ensure(session, wanted.project)
            changed |= mended
            difference, rows = _look(session, where.id, wanted)
            if difference.settled:
                return Settled(
                    project=where,
                    difference=difference,
                    added=added,
                    removed=removed,
                    changed=changed,
                    rows=rows,
                    forced=forced,
                    saved=tuple(dict.fromkeys(saved)),
                )
            if difference.forced and wanted.save is not None:
                saved.append(wanted.save(read(session, where.id).data()))
                forced += _remove(session, where.id, difference.forced)
            removed += _remove(session, where.id, difference.surplus)
            # What was only slow twice is waited for.
            added += _add(session, where.id, wanted, difference, sooner=left > _ROUNDS - 3)
            changed = True
        except (DroppedError, RefusedError) as error:
            # 400 and 404: somebody else's push has just made, or taken away, what this one was about to.
            if isinstance(error, RefusedError) and (error.status not in {400, 404} or left < _ROUNDS - _COLLISIONS):
                raise
            broken = error
            time.sleep(_PAUSE)
    differs = f"project {wanted.project.name!r} differs from the plan after {_ROUNDS} tries"
    raise broken or ServerError(differs, location=session.url, hint="see the server's log, then repeat")


def _look(session: Session, where: int, wanted: Wanted) -> tuple[Difference, str | None]:
    seen = look(session, where, examples=True)
    if seen is None:
        return _compare_export(session, where, wanted), None
    broken = _broken_at(seen, wanted)
    if broken:  # or somebody else's import is under way
        time.sleep(_UNDER_WAY)
        seen = look(session, where, examples=True) or seen
        broken &= _broken_at(seen, wanted)
    force = wanted.save is not None
    return compare(seen.as_rows(), wanted.tasks, wanted.digests, seen.done, broken, force=force), seen.rows


def _broken_at(seen: Look, wanted: Wanted) -> frozenset[int]:
    return _broken(seen.as_rows(), wanted, (role for _, role in seen.members)) - seen.done


def _broken(rows: Sequence[conversion.Row], wanted: Wanted, roles: Iterable[str]) -> frozenset[int]:
    """Rows whose import broke off: the server stores all texts, then all spans, then all relations of a file.

    They hold nothing that anybody put there. Once the annotator is in the project it may be the annotator who took
    away what they lack, and nothing is broken.
    """
    if project.ROLE in roles:
        return frozenset()
    nothing = conversion.Outgoing((), ())
    spans_only = {name: conversion.Outgoing(given.spans, ()) for name, given in wanted.prelabels.items()}
    return frozenset(
        row.id
        for row in rows
        if row.gw_prelabels is not None
        and not row.comments
        and row.label_digest != row.gw_prelabels
        and row.label_digest in (nothing.digest, spans_only.get(str(row.gw_task_id), nothing).digest)
    )


def _compare_export(session: Session, where: int, wanted: Wanted) -> Difference:
    """The same of a server that others run: by a whole export."""
    rows = count(session, where)
    if rows == 0:
        return compare((), wanted.tasks, wanted.digests)
    found, unreadable = conversion.parse_export(download(session, where, rows=rows))
    if unreadable:  # it may be a task of the plan, which must not be added a second time
        raise ServerError(
            "an example here is not as Doccano writes them",
            location=project.task_url(session, where, unreadable[0], wanted.project.kind),
            hint="delete it in the browser if nobody has worked on it",
        )
    broken = _broken(found, wanted, (member.rolename for member in session.client.list_members(where)))
    difference = compare(found, wanted.tasks, wanted.digests, broken=broken)
    if not (difference.surplus or difference.problems or difference.strangers):
        return difference
    # Ticked done without a label is work too: asked for only here, where something may be deleted.
    ticked, _ = conversion.parse_export(download(session, where, rows=rows, approved=True))
    done = frozenset(row.id for row in ticked)
    return compare(found, wanted.tasks, wanted.digests, done, broken - done, force=wanted.save is not None)


def _remove(session: Session, where: int, rows: Sequence[int]) -> int:
    if rows:  # an empty list would empty the project
        session.http.delete(f"projects/{where}/examples", {"ids": list(rows)})
    return len(rows)


def _add(session: Session, where: int, wanted: Wanted, difference: Difference, *, sooner: bool) -> int:
    by_id = {task.id: task for task in wanted.tasks}
    for start in range(0, len(difference.missing), CHUNK):
        chunk = [by_id[name] for name in difference.missing[start : start + CHUNK]]
        articles, given = wanted.articles, wanted.prelabels
        lines = [
            categories.row_line(t, articles[t.article_id])
            if t.kind == "stance"
            else conversion.row_line(t, articles[t.article_id], given.get(t.id))
            for t in chunk
        ]
        upload(session, where, lines, wanted.project.kind, bare=not given, sooner=sooner)
    return len(difference.missing)
