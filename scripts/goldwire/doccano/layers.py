"""From the rows of a project to an annotator's layers and the problems in them. Pure.

1. `match_rows` finds the row of each task, and the problems that the row summaries show.
2. `pull_article` makes the layer of one article from its rows.
3. `PullCounts` adds up what the articles gave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

import msgspec

from goldwire.doccano.conversion import Problem, from_doccano, task_text, to_doccano
from goldwire.doccano.export_rows import Row, RowSummary
from goldwire.doccano.lost_work import Cause, Losses, LostWork, PullHistory, find_lost_work
from goldwire.doccano.reconciliation import diff
from goldwire.prelabeling.layers import clip_to_window, compare_with_suggestions, merge_windows
from goldwire.records import AnnotationLayer, Article, Task, number_layer, text_digest
from goldwire.workspace.indexed_jsonl import RecordLookup
from goldwire.workspace.label_schema import Schema

__all__ = [
    "ArticlePull",
    "Assignment",
    "Collected",
    "MatchedRows",
    "ProjectRows",
    "PullCounts",
    "RowProblem",
    "collect",
    "join_layers",
    "match_rows",
    "pull_article",
    "pull_articles",
    "task_digests",
    "tasks_by_article",
]


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks of one annotator in one batch, and the rules that they were done under."""

    batch: str
    annotator: str
    tasks: tuple[Task, ...]
    articles: RecordLookup[Article]
    digests: Mapping[str, str]  # see `task_digests`
    schema: Schema
    guidelines_version: str
    prelabels: RecordLookup[AnnotationLayer] = {}  # by article id


class ProjectRows(msgspec.Struct, frozen=True):
    """The rows of a project, the ids of those that are ticked done, and a function that returns a row in full."""

    rows: Sequence[RowSummary]
    confirmed: frozenset[int]
    full_row: Callable[[RowSummary], Row]

    @classmethod
    def in_memory(cls, rows: Iterable[Row], confirmed: frozenset[int]) -> ProjectRows:
        """Return the rows of a project that is held in memory."""
        by_id = {row.id: row for row in rows}
        return cls([row.summary() for row in by_id.values()], confirmed, lambda summary: by_id[summary.id])


class RowProblem(msgspec.Struct, frozen=True):
    """A problem, the task (or batch) that it concerns, and its row; None if the server has no such row."""

    item: str
    row: RowSummary | None
    problem: Problem


class MatchedRows(msgspec.Struct, frozen=True):
    """The row of each task, by task id, the problems of rows and tasks as a whole, and the tasks that have one."""

    chosen: Mapping[str, RowSummary]
    problems: tuple[RowProblem, ...]
    untrusted: frozenset[str]


class ArticlePull(msgspec.Struct, frozen=True, kw_only=True):
    """The annotator's layer of one article, if any, and the problems in its rows.

    The layer is `carried_over` from the last pull if anything in the rows cannot be trusted, or if the server has lost
    work: `lost` is what the rows lack, and `cause` why, or why a problem in the rows may hide such a loss. `done`
    counts tasks that are ticked done, `started` those that have labels or comments and are not ticked done.
    """

    layer: AnnotationLayer | None = None
    problems: tuple[RowProblem, ...] = ()
    carried_over: bool = False
    losses: Losses = Losses()
    done: int = 0
    started: int = 0


class PullCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over articles: layers carried over from an earlier pull, tasks done and tasks started."""

    carried_over: int = 0
    done: int = 0
    started: int = 0

    def plus(self, pull: ArticlePull) -> PullCounts:
        """Return the sums with those of one more article."""
        return PullCounts(
            carried_over=self.carried_over + pull.carried_over,
            done=self.done + pull.done,
            started=self.started + pull.started,
        )


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """All layers of an assignment, their counts, all problems, and the work that the server has lost."""

    layers: tuple[AnnotationLayer, ...]
    counts: PullCounts
    problems: tuple[RowProblem, ...]
    losses: Losses


def task_digests(tasks: Iterable[Task], articles: RecordLookup[Article]) -> dict[str, str]:
    """Return the digest of the text that each task displays, by task id.

    Tasks whose article is gone, or has another text than when the batch was planned, are left out.
    """
    digests = {}
    for task in tasks:
        article = articles.get(task.article_id)
        if article is not None and text_digest(article.text) == task.text_sha256:
            digests[task.id] = text_digest(task_text(task, article))
    return digests


def match_rows(assignment: Assignment, project: ProjectRows) -> MatchedRows:
    """Find the row of each task, and the problems that need no row in full."""
    planned = [task for task in assignment.tasks if task.id in assignment.digests]
    difference = diff(project.rows, planned, assignment.digests, project.confirmed)
    stale = {task.id for task in assignment.tasks} - assignment.digests.keys()
    missing = Problem("server-task-missing", "the server has no such task")
    unknown = Problem("server-example-unknown", "has labels but is not a task of this batch")
    problems = (
        *_stale_tasks(assignment),
        *(RowProblem(task_id, row, problem) for task_id, row, problem in difference.problems),
        *(RowProblem(task_id, None, missing) for task_id in difference.missing),
        *(
            RowProblem(assignment.batch, row, unknown)
            for row in difference.unknown
            if row.worked_on and row.task_id not in stale
        ),
    )
    return MatchedRows(difference.chosen, problems, frozenset(problem.item for problem in problems))


def _stale_tasks(assignment: Assignment) -> Iterator[RowProblem]:
    """Yield a problem for each task whose article is gone or has another text than when the batch was planned."""
    for task in assignment.tasks:
        if task.id not in assignment.digests:
            change = "has changed" if task.article_id in assignment.articles else "is gone"
            message = f"the text of {task.article_id} {change} since the batch was planned"
            yield RowProblem(task.id, None, Problem("task-text-changed", message))


def tasks_by_article(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    """Group tasks by article id, in the order of these ids."""
    groups: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        groups[task.article_id].append(task)
    return dict(sorted(groups.items()))


def pull_articles(
    assignment: Assignment,
    project: ProjectRows,
    matched: MatchedRows,
    former: RecordLookup[AnnotationLayer],
    history: PullHistory,
) -> Iterator[tuple[AnnotationLayer | None, ArticlePull]]:
    """Yield the former layer of each article and what its rows give now, in the order of article ids.

    A former layer of an article that no task asks for any more stays.
    """
    planned = tasks_by_article(assignment.tasks)
    for article_id in sorted({*planned, *former}):
        layer = former.get(article_id)
        if article_id in planned:
            yield layer, pull_article(assignment, project, matched, planned[article_id], layer, history)
        elif layer is not None and not history.accept_loss:
            yield layer, _carry_over(layer, (), (), cause="unplanned", lost=find_lost_work(layer, None))
        else:
            yield layer, ArticlePull()


def pull_article(
    assignment: Assignment,
    project: ProjectRows,
    matched: MatchedRows,
    tasks: Sequence[Task],
    former: AnnotationLayer | None,
    history: PullHistory,
) -> ArticlePull:
    """Make the layer of one article from the rows of its `tasks`.

    An article without annotations has no layer. A layer is confirmed only if all tasks of the article are ticked done.
    If anything in a row cannot be trusted, or if the server has lost work (see `lost_work`), the layer of the last
    pull, `former`, is carried over.
    """
    untrusted = matched.untrusted
    rows = [(task, matched.chosen[task.id]) for task in tasks if task.id in matched.chosen and task.id not in untrusted]
    parts = [
        _convert_row(assignment, project, task, row)
        for task, row in rows
        if row.worked_on or row.id in project.confirmed
    ]
    problems = tuple(problem for part in parts for problem in part.problems)
    if any(task.id in untrusted for task in tasks) or not all(problem.problem.label_only for problem in problems):
        if former is None:
            return ArticlePull(problems=problems)
        has_all_rows = all(task.id in matched.chosen or task.id not in assignment.digests for task in tasks)
        cause = history.cause_of_problem(former.article_id, has_all_rows=has_all_rows)
        return _carry_over(former, tasks, problems, cause=cause)
    done = sum(part.layer.confirmed for part in parts)
    layer = _combine_parts(parts, former, n_tasks=len(tasks)) if parts else None
    losses = Losses()
    if former is not None:
        lost = find_lost_work(former, layer, lost_types=history.lost_types, voice=assignment.schema.voice)
        numbers = {task.id: matched.chosen[task.id].id for task in tasks}
        cause = history.cause_of_loss(lost, numbers, is_done=done == len(tasks), is_untouched=layer is None)
        if not lost.is_nothing and cause is not None:
            return _carry_over(former, tasks, problems, cause=cause, lost=lost)
        if not lost.is_nothing and history.is_redone(former.article_id, numbers):
            losses = Losses(redone=(lost,))
    return ArticlePull(layer=layer, problems=problems, losses=losses, done=done, started=len(parts) - done)


def _carry_over(
    former: AnnotationLayer,
    tasks: Sequence[Task],
    problems: tuple[RowProblem, ...],
    *,
    cause: Cause | None,
    lost: LostWork | None = None,
) -> ArticlePull:
    """Return the layer of an earlier pull as that of the article."""
    done = len(tasks) if former.confirmed else 0
    return ArticlePull(
        layer=former,
        problems=problems,
        carried_over=True,
        losses=Losses({} if cause is None else {former.article_id: cause}, () if lost is None else (lost,)),
        done=done,
        started=len(tasks) - done,
    )


def collect(
    assignment: Assignment, project: ProjectRows, former: RecordLookup[AnnotationLayer], history: PullHistory
) -> Collected:
    """Make all layers of an assignment, in the order of article ids; `former` are the layers of the last pull."""
    matched = match_rows(assignment, project)
    pulls = [pull for _, pull in pull_articles(assignment, project, matched, former, history)]
    return Collected(
        layers=tuple(pull.layer for pull in pulls if pull.layer is not None),
        counts=reduce(PullCounts.plus, pulls, PullCounts()),
        problems=(*matched.problems, *(problem for pull in pulls for problem in pull.problems)),
        losses=reduce(Losses.plus, (pull.losses for pull in pulls), Losses()),
    )


class _Part(NamedTuple):
    """The labels of one row, the pre-labels that its annotator started with, if any, and the problems in it."""

    layer: AnnotationLayer
    prelabels: AnnotationLayer | None
    problems: list[RowProblem]


def _convert_row(assignment: Assignment, project: ProjectRows, task: Task, summary: RowSummary) -> _Part:
    """Convert the labels of a row to a layer of its task's article."""
    row, article = project.full_row(summary), assignment.articles[task.article_id]
    confirmed = summary.id in project.confirmed
    labels = from_doccano(row, task, article, assignment.schema, confirmed=confirmed)
    if task.kind == "stance":
        confirmed = confirmed and bool(labels.stances)
    layer = AnnotationLayer(
        article_id=article.id,
        text_sha256=article.text_sha256,
        batch=assignment.batch,
        annotator=assignment.annotator,
        guidelines_version=assignment.guidelines_version,
        schema_version=assignment.schema.version,
        confirmed=confirmed,
        spans=labels.spans,
        stances=labels.stances,
        comments=tuple(comment.comment for comment in sorted(row.comments, key=lambda comment: comment.id)),
    )
    prelabels = assignment.prelabels.get(task.article_id) if row.gw_prelabels is not None else None
    problems = (*labels.problems, *_unknown_prelabels(assignment, task, article, row))
    return _Part(
        layer,
        None if prelabels is None else clip_to_window(prelabels, task),
        [RowProblem(task.id, summary, problem) for problem in problems],
    )


def _unknown_prelabels(assignment: Assignment, task: Task, article: Article, row: Row) -> Iterator[Problem]:
    """Yield a problem if the row started with other labels than annotations/prelabels/ has for its task.

    Otherwise the annotator's changes to them would be unknown.
    """
    if row.gw_prelabels is None:
        return
    prelabels = assignment.prelabels.get(task.article_id)
    if prelabels is not None:
        sent = to_doccano(clip_to_window(prelabels, task), task, article, assignment.schema.voice)
        if sent.digest == row.gw_prelabels:
            return
    yield Problem("server-prelabels-unknown", "began with other labels than annotations/prelabels/ has for it")


def _combine_parts(parts: Sequence[_Part], former: AnnotationLayer | None, *, n_tasks: int) -> AnnotationLayer:
    """Return one layer of an article's parts, compared with the pre-labels if there were any."""
    layer = join_layers([part.layer for part in parts], n_tasks=n_tasks)
    prelabels = [part.prelabels for part in parts if part.prelabels is not None]
    layer = compare_with_suggestions(layer, merge_windows(prelabels)) if prelabels else layer
    return _keep_versions(layer, former)


def join_layers(parts: Sequence[AnnotationLayer], *, n_tasks: int) -> AnnotationLayer:
    """Join the layers of some of an article's `n_tasks` tasks, whose windows do not overlap, into one layer."""
    if len(parts) == n_tasks == 1:
        return parts[0]
    spans, stances = [], []
    for number, part in enumerate(parts):
        ids = {span.id: f"{number} {span.id}" for span in part.spans}
        spans += [msgspec.structs.replace(span, id=ids[span.id]) for span in part.spans]
        stances += [
            msgspec.structs.replace(stance, holder=ids.get(stance.holder or ""), target=ids.get(stance.target or ""))
            for stance in part.stances
        ]
    numbered_spans, numbered_stances = number_layer(spans, stances)
    return msgspec.structs.replace(
        parts[0],
        confirmed=len(parts) == n_tasks and all(part.confirmed for part in parts),
        spans=numbered_spans,
        stances=numbered_stances,
        comments=tuple(comment for part in parts for comment in part.comments),
    )


def _keep_versions(layer: AnnotationLayer, former: AnnotationLayer | None) -> AnnotationLayer:
    """Return `former` if it has the same annotations: they were made under its guidelines and schema versions."""
    if former is None:
        return layer
    same_versions = msgspec.structs.replace(
        layer, guidelines_version=former.guidelines_version, schema_version=former.schema_version
    )
    return former if same_versions == former else layer
