"""Synchronise one annotator's project with its plan: compare, change only what differs, compare again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from goldwire.doccano.client.download import count_rows, download
from goldwire.doccano.client.http import ConnectionLostError, RequestRefusedError
from goldwire.doccano.client.label_types import LabelTypes
from goldwire.doccano.client.project_reader import ProjectState, fetch_state, read_project
from goldwire.doccano.client.session import Session
from goldwire.doccano.client.upload import CHUNK, upload
from goldwire.doccano.conversion import DoccanoLabels, import_line
from goldwire.doccano.export_rows import RowSummary, parse_export
from goldwire.doccano.project import (
    ROLE,
    Project,
    ProjectPlan,
    ensure_project,
    find_projects,
    find_unmarked,
    restore_marker,
    task_url,
)
from goldwire.doccano.reconciliation import Difference, diff
from goldwire.errors import GoldwireError, ServerError
from goldwire.records import Article, Task
from goldwire.workspace.indexed_jsonl import RecordLookup

__all__ = ["DesiredProject", "SyncResult", "has_other_texts", "sync_project"]

_ROUNDS = 5  # one adds rows, one removes copies, one finds nothing to do, and two broken connections
_COLLISIONS = 2  # rounds in which a simultaneous push may interfere
_EARLY = 2  # rounds that give up a lost import early; later ones wait, in case the server was only slow
_PAUSE = 1.0  # seconds before the next round after an error
_UNDER_WAY = 3.0  # seconds by which the labels of 1,000 rows follow their texts


class DesiredProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project and the tasks that it should have, each exactly once.

    `digests` are of the displayed texts, and `prelabels` the labels to start with, by task id: of all tasks or of
    none. `save_backup` allows work to be deleted: it is called with the project's export before that. `known_types`
    are the ids of the label types of the last push, by name.
    """

    project: ProjectPlan
    tasks: tuple[Task, ...]
    articles: RecordLookup[Article]
    digests: Mapping[str, str]
    prelabels: Mapping[str, DoccanoLabels] = {}
    save_backup: Callable[[bytes], str] | None = None
    known_types: Mapping[str, int] = {}


class SyncResult(msgspec.Struct, frozen=True, kw_only=True):
    """The project as of the last comparison, and the changes made before it.

    `missing` are the ids of the tasks that the project lacked at first, `created_types` names of label types, and
    `is_new` says whether the project was created.
    """

    project: Project
    difference: Difference
    label_types: LabelTypes
    created_types: frozenset[str]
    is_new: bool
    missing: frozenset[str]
    added: int
    removed: int
    changed: bool
    rows_digest: str | None  # as of the last comparison; None if the server does not give one
    deleted_with_work: int = 0  # rows with work in them
    backups: tuple[str, ...] = ()  # exports of the project from before that


def sync_project(session: Session, desired: DesiredProject) -> SyncResult:
    """Change the project until a comparison finds no difference.

    After a broken connection it is unknown what the server did, so the next round compares first.

    Raises
    ------
    ServerError
        If there is still a difference after five rounds, or if the server refuses a change.
    """
    added, removed, deleted_with_work, changed, is_new = 0, 0, 0, False, False
    missing: set[str] = set()
    created_types: set[str] = set()
    backups: list[str] = []
    last_error: GoldwireError | None = None
    for attempt in range(_ROUNDS):
        try:
            if attempt == 0:
                _restore_marker(session, desired)
            ensured = ensure_project(session, desired.project, known_types=desired.known_types)
            project, changed, is_new = ensured.project, changed or ensured.changed, is_new or ensured.is_new
            created_types.update(ensured.types.created)
            difference, rows_digest = _compare(session, project.id, desired)
            if difference.in_sync:
                return SyncResult(
                    project=project,
                    difference=difference,
                    label_types=ensured.types.label_types,
                    created_types=frozenset(created_types),
                    is_new=is_new,
                    missing=frozenset(missing),
                    added=added,
                    removed=removed,
                    changed=changed,
                    rows_digest=rows_digest,
                    deleted_with_work=deleted_with_work,
                    backups=tuple(dict.fromkeys(backups)),
                )
            if difference.to_delete_with_work and desired.save_backup is not None:
                backups.append(desired.save_backup(read_project(session, project.id).data()))
                deleted_with_work += _delete(session, project.id, difference.to_delete_with_work)
            removed += _delete(session, project.id, difference.redundant)
            missing.update(difference.missing)
            added += _add(session, project.id, desired, difference.missing, give_up_early=attempt < _EARLY)
            changed = True
        except (ConnectionLostError, RequestRefusedError) as error:
            # 400 and 404: another push has just created or deleted the same object.
            collision = isinstance(error, RequestRefusedError) and error.status in {400, 404}
            if isinstance(error, RequestRefusedError) and not (collision and attempt < _COLLISIONS):
                raise
            last_error = error
            time.sleep(_PAUSE)
    message = f"project {desired.project.name!r} still differs from the plan after {_ROUNDS} attempts"
    raise last_error or ServerError(
        message, location=session.url, hint="see the server's log, then run the command again"
    )


def has_other_texts(session: Session, project: int, desired: DesiredProject) -> bool:
    """Whether a project has rows with the ids of the tasks, and none of them has the text of its task.

    It is then a project of another workspace with the same name, or of another plan of the batch.
    """
    has_text = _compare_texts(session, project, desired)
    return bool(has_text) and not any(has_text)


def _restore_marker(session: Session, desired: DesiredProject) -> None:
    """Restore the marker of the project if somebody edited its description, whichever machine created it."""
    marker = desired.project.marker
    if find_projects(session, marker):
        return
    for number in find_unmarked(session, desired.project):
        if any(_compare_texts(session, number, desired)):
            restore_marker(session, number, marker)
            return


def _compare_texts(session: Session, project: int, desired: DesiredProject) -> list[bool]:
    """Return for each row of a project with the id of a task whether it has the text of its task."""
    state = fetch_state(session, project, examples=True)
    if state is not None:
        rows = state.summaries()
    else:
        number = count_rows(session, project)
        exported, _ = parse_export(download(session, project, rows=number)) if number else ((), ())
        rows = tuple(row.summary() for row in exported)
    planned = (row for row in rows if row.task_id in desired.digests)
    return [row.text_sha256 == desired.digests[str(row.task_id)] for row in planned]


def _compare(session: Session, project: int, desired: DesiredProject) -> tuple[Difference, str | None]:
    """Compare the project with the plan; return the difference, and the digest of the rows if the server gives one."""
    state = fetch_state(session, project, examples=True)
    if state is None:
        return _compare_by_export(session, project, desired), None
    incomplete = _incomplete_in(state, desired)
    if incomplete:  # or another user's import is running
        time.sleep(_UNDER_WAY)
        state = fetch_state(session, project, examples=True) or state
        incomplete &= _incomplete_in(state, desired)
    difference = diff(
        state.summaries(),
        desired.tasks,
        desired.digests,
        state.confirmed_ids,
        incomplete,
        force=desired.save_backup is not None,
    )
    return difference, state.rows_digest


def _incomplete_in(state: ProjectState, desired: DesiredProject) -> frozenset[int]:
    return _incomplete(state.summaries(), desired, (role for _, role in state.members)) - state.confirmed_ids


def _incomplete(rows: Sequence[RowSummary], desired: DesiredProject, roles: Iterable[str]) -> frozenset[int]:
    """Return the ids of rows whose import broke off: the server stores all texts, then all spans, then all relations.

    No annotator has worked on them. Once the annotator is a member of the project, the annotator may have deleted the
    labels that a row lacks, and no row is incomplete.
    """
    if ROLE in roles:
        return frozenset()
    no_labels = DoccanoLabels((), ())
    spans_only = {task_id: DoccanoLabels(labels.spans, ()) for task_id, labels in desired.prelabels.items()}
    return frozenset(
        row.id
        for row in rows
        if row.prelabels_digest is not None
        and row.label_digest != row.prelabels_digest
        and row.label_digest in (no_labels.digest, spans_only.get(str(row.task_id), no_labels).digest)
    )


def _compare_by_export(session: Session, project: int, desired: DesiredProject) -> Difference:
    """Compare with the project on a server that others run, by a whole export."""
    number = count_rows(session, project)
    if number == 0:
        return diff((), desired.tasks, desired.digests)
    rows, unreadable = parse_export(download(session, project, rows=number))
    if unreadable:  # it may be a task of the plan, which must not be added a second time
        raise ServerError(
            "the example is not in the format that Doccano writes",
            location=task_url(session, project, unreadable[0], desired.project.kind),
            hint="delete it in the browser if it has no work in it",
        )
    summaries = [row.summary() for row in rows]
    roles = (member.rolename for member in session.client.list_members(project))
    incomplete = _incomplete(summaries, desired, roles)
    difference = diff(summaries, desired.tasks, desired.digests, incomplete=incomplete)
    if not (difference.redundant or difference.problems or difference.unknown):
        return difference
    # A row that is ticked done without a label has work in it, too. Requested only here, before anything is deleted.
    confirmed_rows, _ = parse_export(download(session, project, rows=number, approved=True))
    confirmed = frozenset(row.id for row in confirmed_rows)
    force = desired.save_backup is not None
    return diff(summaries, desired.tasks, desired.digests, confirmed, incomplete - confirmed, force=force)


def _delete(session: Session, project: int, rows: Sequence[int]) -> int:
    if rows:  # an empty list would empty the project
        session.http.delete(f"projects/{project}/examples", {"ids": list(rows)})
    return len(rows)


def _add(
    session: Session, project: int, desired: DesiredProject, missing: Sequence[str], *, give_up_early: bool
) -> int:
    tasks = {task.id: task for task in desired.tasks}
    for start in range(0, len(missing), CHUNK):
        chunk = [tasks[task_id] for task_id in missing[start : start + CHUNK]]
        lines = [
            import_line(
                task,
                desired.articles[task.article_id],
                desired.prelabels.get(task.id),
                is_mixed=bool(desired.prelabels),
            )
            for task in chunk
        ]
        upload(
            session,
            project,
            lines,
            desired.project.kind,
            without_labels=not desired.prelabels,
            give_up_early=give_up_early,
        )
    return len(missing)
