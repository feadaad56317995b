"""The expert's project on the Doccano server: disputes are uploaded to it, and the expert's decisions downloaded.

Each disputed task has in its metadata a line per dispute for the expert to read (`D1`, `D2`, ...) and, under
`gw_disputes`, the same disputes as JSON, which `pull_decisions` reads.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

import msgspec

from goldwire.adjudication.disputes import DISPUTED, Dispute, Disputes
from goldwire.adjudication.expert_comments import resolve_dispute_ids
from goldwire.doccano import accounts, label_type_plan, project
from goldwire.doccano.client import jobs, labeling, session
from goldwire.doccano.client.label_types import fetch_label_types
from goldwire.doccano.client.project_reader import read_project, store_receipt
from goldwire.doccano.export_file import write_export
from goldwire.doccano.export_rows import Row
from goldwire.doccano.guideline_page import guideline_page
from goldwire.doccano.layers import Assignment, ProjectRows, RowProblem, collect, task_digests
from goldwire.doccano.lost_work import Losses, Receipt
from goldwire.doccano.project_pull import ProjectFiles, read_history
from goldwire.doccano.sync import DesiredProject, sync_project
from goldwire.errors import DECODE_ERRORS, ConfigError, ConflictError, ServerError
from goldwire.records import AnnotationLayer, Article, Task, TaskKind
from goldwire.workspace.guidelines import Guidelines
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = [
    "AdjudicationBatch",
    "DisputedRow",
    "PulledDecisions",
    "PushedDisputes",
    "disputed_rows",
    "pull_decisions",
    "push_disputes",
    "save_export",
]

_INSTRUCTIONS = """# Adjudication of batch {batch}

Labels on which the annotators agree are in place. What they dispute is marked `{mark}`, and listed beside the text as
D1, D2, ... with each annotator's answer. For each dispute, add the right label or stance, or none, and delete the
`{mark}` mark. Write the reason in a comment, one line per dispute: `D1: reason`. Then mark the article as done; an
article that still has a `{mark}` mark does not count. You may also change labels on which the annotators agree.

An audit may have put a `{mark}` mark on a label that is likely wrong: the line beside the text says why. Correct the
label, or leave it, and delete the mark.

"""
_TARGET_INSTRUCTIONS = """# Adjudication of batch {batch}

Above each text is the name of a target. The annotators dispute the article's own stance towards it; their answers are
listed beside the text as D1. Choose the right category, write the reason in a comment (`D1: reason`), then mark the
article as done; an article without a category does not count.

"""
_MARK_COLOR = "#d4a72c"
_DISPUTES_KEY = "gw_disputes"


class AdjudicationBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch and its expert, with all that the expert's project needs."""

    workspace: Workspace
    batch: str
    expert: str
    tasks: tuple[Task, ...]
    articles: Mapping[str, Article]
    schema: Schema
    guide: Guidelines

    @property
    def project_marker(self) -> str:
        """The marker in the description of the expert's project, by which it is recognized on the server."""
        return project.project_marker(self.workspace.settings.name, self.batch, self.expert)

    @property
    def files(self) -> ProjectFiles:
        """The expert's export and layers, beside the annotators'."""
        return ProjectFiles.of(self.workspace, self.batch, self.expert)

    @property
    def kind(self) -> TaskKind:
        """The kind of tasks in the batch."""
        return self.tasks[0].kind if self.tasks else "entities"

    @property
    def expert_tasks(self) -> tuple[Task, ...]:
        """The tasks that the expert may get: one per named target, or one per article, whole even if it had windows."""
        if self.kind == "stance":
            return tuple(msgspec.structs.replace(task, annotators=(self.expert,)) for task in self.tasks)
        by_article: dict[str, Task] = {}
        for task in self.tasks:
            article = self.articles.get(task.article_id)
            end = task.window[1] if article is None else len(article.text)
            whole_task = msgspec.structs.replace(task, annotators=(self.expert,), window=(0, end), context=None)
            by_article.setdefault(task.article_id, whole_task)
        return tuple(by_article.values())


class PushedDisputes(msgspec.Struct, frozen=True, kw_only=True):
    """Address of the expert's project, number of tasks that are new there, and whether the expert's account is new."""

    address: str
    n_added: int
    is_new_account: bool


class PulledDecisions(msgspec.Struct, frozen=True, kw_only=True):
    """The expert's layers, and the export that they were read from.

    `open_articles` are not marked as done or still have a `DISPUTED` mark; `problems` are those of single rows;
    `losses` is work that the server has lost; `accounts` are the user names of the project's annotators, of which there
    should be one. `store_receipt` is to be called after both files are written.
    """

    layers: tuple[AnnotationLayer, ...]
    export: bytes
    open_articles: tuple[str, ...]
    problems: tuple[RowProblem, ...]
    losses: Losses
    accounts: tuple[str, ...]
    address: str
    store_receipt: Callable[[], None]


def push_disputes(batch: AdjudicationBatch, disputes: Mapping[str, Disputes]) -> PushedDisputes:
    """Upload disputes to the expert's project.

    Parameters
    ----------
    batch : AdjudicationBatch
    disputes : mapping of str to Disputes
        By task id.

    Notes
    -----
    Safe to repeat: a task that has its disputes is not changed. The metadata is written last, so that an upload that
    was interrupted is completed by the next one, and changes by the expert are kept.
    """
    signed_in = session.connect(batch.workspace)
    jobs.require_worker(signed_in, "the import")
    tasks = tuple(task for task in batch.expert_tasks if task.id in disputes)
    articles = {task.article_id: batch.articles[task.article_id] for task in tasks}
    desired = DesiredProject(
        project=_project_plan(batch), tasks=tasks, articles=articles, digests=task_digests(tasks, articles)
    )
    project_id = sync_project(signed_in, desired).project.id
    annotator = labeling.open_session(signed_in, project_id, voice=batch.schema.voice)
    complete = _complete_examples(signed_in, project_id)
    n_added = 0
    for task in tasks:
        example = annotator.examples[task.id]
        if example not in complete:
            labeling.submit_layer(annotator, disputes[task.id].layer, task, articles[task.article_id])
            _write_metadata(signed_in, f"projects/{project_id}/examples/{example}", disputes[task.id])
            n_added += 1
    user = accounts.read_people(batch.workspace).of(batch.expert).user
    access = accounts.ensure_access(signed_in, batch.workspace, project_id, user)
    if access.others:
        members = project.members_url(signed_in, project_id)
        raise ConflictError(accounts.describe_others(access, batch.expert, user, members), location=signed_in.url)
    address = project.task_url(signed_in, project_id, 1, batch.kind)
    return PushedDisputes(address=address, n_added=n_added, is_new_account=access.is_new_account)


def _project_plan(batch: AdjudicationBatch) -> project.ProjectPlan:
    spans, relations = label_type_plan.label_types(batch.schema)
    if DISPUTED in (*batch.schema.entity_labels, *batch.schema.stance_labels, batch.schema.voice):
        hint = "rename it: adjudication marks disputes with this label"
        raise ConfigError(f"the label {DISPUTED} is reserved", location=batch.workspace.schema, hint=hint)
    mark = label_type_plan.LabelType(DISPUTED, None, None, _MARK_COLOR, "#000000")
    has_targets = batch.kind == "stance"
    instructions = _TARGET_INSTRUCTIONS if has_targets else _INSTRUCTIONS
    return project.ProjectPlan(
        workspace=batch.workspace.settings.name,
        batch=batch.batch,
        annotator=batch.expert,
        guideline=guideline_page(
            batch.schema,
            (spans, relations),
            batch.guide.text,
            kind=batch.kind,
            introduction=instructions.format(batch=batch.batch, mark=DISPUTED),
            marks=() if has_targets else (mark,),
        ),
        spans=() if has_targets else (*spans, mark),
        relations=relations if has_targets else (*relations, mark),
        kind=batch.kind,
    )


def _complete_examples(signed_in: session.Session, project_id: int) -> frozenset[int]:
    """Return the ids of the examples that have their disputes already."""
    rows = signed_in.http.pages(f"projects/{project_id}/examples")
    return frozenset(row["id"] for row in rows if _DISPUTES_KEY in row["meta"])


def _write_metadata(signed_in: session.Session, example_path: str, disputes: Disputes) -> None:
    """Add the disputes to an example's metadata, which Doccano shows beside the text: the readable lines first."""
    metadata = signed_in.http.get(example_path)["meta"]
    added = {**disputes.descriptions, **metadata, _DISPUTES_KEY: msgspec.to_builtins(disputes.disputes)}
    signed_in.http.patch(example_path, {"meta": added})


def pull_decisions(
    batch: AdjudicationBatch, former: Mapping[str, AnnotationLayer], *, accept_loss: bool = False
) -> PulledDecisions:
    """Download the expert's decisions; nothing is changed on the server or on disk.

    Parameters
    ----------
    batch : AdjudicationBatch
    former : mapping of str to AnnotationLayer
        The expert's layers of the last download by article id; they stay where a row is unreadable now, or where the
        server has lost work.
    accept_loss : bool
        Take the server's rows even where they have lost work.
    """
    signed_in = session.connect(batch.workspace)
    jobs.require_worker(signed_in, "the export")
    projects = project.find_projects(signed_in, batch.project_marker)
    if not projects:
        hint = f"`goldwire adjudicate push {batch.batch}` uploads the disputes"
        raise ServerError(f"{batch.expert} has no project for {batch.batch}", location=signed_in.url, hint=hint)
    reading = read_project(signed_in, projects[0].id, receipt=batch.files.receipt_digest)
    types = reading.state.label_types if reading.state else fetch_label_types(signed_in, projects[0].id, batch.kind)
    accounts = project.find_annotator_accounts(signed_in, projects[0].id)
    account = project.sole_account(accounts)
    history = read_history(batch.files, projects[0], reading, types, None, account)
    export, rows = reading.data(), list(reading.full_rows())
    on_server = {row.gw_task_id for row in rows}
    tasks = tuple(t for t in batch.expert_tasks if t.id in on_server or _was_decided(t, former.get(t.article_id)))
    references = {row.id: {one.id: one.reference for one in row.gw_disputes or ()} for row in disputed_rows(export)}
    undecided = {row.id for row in rows if any(_marks(row))}
    assignment = Assignment(
        batch=batch.batch,
        annotator=batch.expert,
        tasks=tasks,
        articles=batch.articles,
        digests=task_digests(tasks, batch.articles),
        schema=batch.schema,
        guidelines_version=batch.guide.version,
    )
    decided = ProjectRows.in_memory(
        (_decided_row(row, references.get(row.id, {})) for row in rows), reading.confirmed - undecided
    )
    collected = collect(assignment, decided, former, msgspec.structs.replace(history, accept_loss=accept_loss))
    done = {layer.article_id for layer in collected.layers if layer.confirmed}
    receipt = Receipt(label_types=types, carried_over=collected.losses.causes, account=account)

    def store() -> None:
        if reading.state is not None:
            store_receipt(signed_in, projects[0].id, batch.files.receipt_digest, receipt)

    return PulledDecisions(
        layers=collected.layers,
        export=export,
        open_articles=tuple(sorted({task.article_id for task in tasks} - done)),
        problems=collected.problems,
        losses=collected.losses,
        accounts=tuple(sorted(accounts)),
        address=f"{signed_in.url}/projects/{projects[0].id}",
        store_receipt=store,
    )


def _was_decided(task: Task, former: AnnotationLayer | None) -> bool:
    """Whether an earlier download had the expert's answer to a task."""
    if former is None or task.target is None:
        return former is not None
    return any(stance.target_name == task.target for stance in former.stances)


def _marks(row: Row) -> Iterator[int]:
    """Yield the ids of a row's `DISPUTED` marks."""
    yield from (entity.id for entity in row.entities if entity.label == DISPUTED)
    yield from (relation.id for relation in row.relations if relation.type == DISPUTED)


def _decided_row(row: Row, references: Mapping[str, str]) -> Row:
    """Return a row without its `DISPUTED` marks, its comments with references instead of dispute numbers."""
    marks = {entity.id for entity in row.entities if entity.label == DISPUTED}
    relations = (
        relation
        for relation in row.relations
        if relation.type != DISPUTED and not {relation.from_id, relation.to_id} & marks
    )
    comments = (msgspec.structs.replace(c, comment=resolve_dispute_ids(c.comment, references)) for c in row.comments)
    return msgspec.structs.replace(
        row,
        entities=tuple(entity for entity in row.entities if entity.id not in marks),
        relations=tuple(relations),
        comments=tuple(comments),
    )


class DisputedRow(msgspec.Struct, frozen=True):
    """The part of a line of the expert's export that has its disputes."""

    id: int
    gw_article_id: str | None = None
    gw_disputes: tuple[Dispute, ...] | None = None


def disputed_rows(export: bytes) -> Iterator[DisputedRow]:
    """Yield the disputes of the rows of an expert's export."""
    for line in export.splitlines():
        with contextlib.suppress(*DECODE_ERRORS):  # not a row of ours: `collect` reports it
            yield msgspec.json.decode(line, type=DisputedRow)


def save_export(batch: AdjudicationBatch, pulled: PulledDecisions) -> None:
    """Save the server's own bytes beside the annotators' exports."""
    lines = pulled.export.splitlines(keepends=True)
    write_export(batch.files.export, lambda: lines)
