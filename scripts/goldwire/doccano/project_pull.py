"""The pull of one annotator's project: read it, write its export and layers, and find out what the server has lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from goldwire.doccano.client.label_types import LabelTypes, fetch_label_types
from goldwire.doccano.client.project_reader import ProjectExport, read_project, store_receipt
from goldwire.doccano.client.session import Session
from goldwire.doccano.export_file import exported_rows, write_export
from goldwire.doccano.layers import (
    Assignment,
    ProjectRows,
    PullCounts,
    RowProblem,
    match_rows,
    pull_articles,
)
from goldwire.doccano.ledger import PulledProject, digest, digest_files
from goldwire.doccano.lost_work import Losses, PullHistory, Receipt, count_work
from goldwire.doccano.project import Project, find_annotator_accounts, sole_account
from goldwire.records import AnnotationLayer, TaskKind
from goldwire.workspace import atomic, jsonl
from goldwire.workspace.indexed_jsonl import IndexedJsonl
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = ["LayerPull", "ProjectFiles", "ProjectPull", "missing_types", "pull_project", "read_history"]


class ProjectFiles(msgspec.Struct, frozen=True):
    """The export and the layers of one annotator in a batch."""

    export: Path
    layers: Path

    @classmethod
    def of(cls, workspace: Workspace, batch: str, annotator: str) -> ProjectFiles:
        """Return the files of an annotator in a workspace."""
        return cls(workspace.export_file(batch, annotator), workspace.layers_file(batch, annotator))

    @property
    def digests(self) -> tuple[str, str]:
        """The digests of the two files."""
        return digest_files([self.export]), digest_files([self.layers])

    @property
    def receipt_digest(self) -> str:
        """The digest under which the server has the receipt of the pull that wrote both files."""
        return digest(*(part.encode() for part in self.digests))


class LayerPull(msgspec.Struct, frozen=True, kw_only=True):
    """The layers of a project as they were written.

    Attributes
    ----------
    changed : bool
        Whether their file was written.
    counts : PullCounts
        Tasks done, tasks started, layers carried over.
    problems : tuple of RowProblem
        Problems of rows and tasks.
    losses : Losses
        Work that the server has lost.
    before, after : Counter of str
        Labels by name, comments and ticks in the former layers, and in the layers now.
    """

    changed: bool
    counts: PullCounts
    problems: tuple[RowProblem, ...]
    losses: Losses
    before: Counter[str]
    after: Counter[str]


class ProjectPull(msgspec.Struct, frozen=True, kw_only=True):
    """The pull of a project: its rows, its layers, its label types, and whether a file was written.

    `lost_types` are the names of label types that are gone, or were created again, since the last pull. `accounts` are
    the user names of the project's annotators: more than one is a problem. `receipt` is what the next pull has to know.
    """

    export: ProjectExport
    layers: LayerPull
    label_types: LabelTypes
    lost_types: frozenset[str]
    accounts: tuple[str, ...]
    receipt: Receipt
    changed: bool


def pull_project(
    session: Session,
    project: Project,
    assignment: Assignment,
    files: ProjectFiles,
    *,
    last: PulledProject | None,
    accept_loss: bool = False,
) -> ProjectPull:
    """Read a project, write its export and layers, and store a receipt on the server if it takes one.

    Parameters
    ----------
    session : Session
    project : Project
    assignment : Assignment
    files : ProjectFiles
        Where to write.
    last : PulledProject or None
        This machine's notes of the last pull.
    accept_loss : bool
        Take the server's rows even where they have lost work.
    """
    with atomic.name_disk_errors(files.export):
        export = read_project(session, project.id, scratch=files.export.parent, receipt=files.receipt_digest)
    label_types = _label_types(session, project, export)
    accounts = find_annotator_accounts(session, project.id)
    account = sole_account(accounts)
    history = read_history(files, project, export, label_types, last, account)
    absent = missing_types(assignment.schema, project.kind, label_types)
    history = msgspec.structs.replace(history, accept_loss=accept_loss, lost_types=history.lost_types | absent)
    layers = _write_layers(files.layers, assignment, export, history)
    export_changed = write_export(files.export, export.lines)
    receipt = Receipt(label_types=label_types, carried_over=layers.losses.causes, account=account)
    if export.state is not None:
        store_receipt(session, project.id, files.receipt_digest, receipt)
    return ProjectPull(
        export=export,
        layers=layers,
        label_types=label_types,
        lost_types=history.lost_types,
        accounts=tuple(sorted(accounts)),
        receipt=receipt,
        changed=layers.changed or export_changed,
    )


def missing_types(schema: Schema, kind: TaskKind, label_types: LabelTypes) -> frozenset[str]:
    """Return the labels of the schema that a project with these label types does not have."""
    if kind == "stance":
        return frozenset(schema.stance_labels) - label_types.category.keys()
    spans = frozenset(filter(None, (*schema.entity_labels, schema.voice))) - label_types.span.keys()
    return spans | (frozenset(schema.stance_labels) - label_types.relation.keys())


def read_history(
    files: ProjectFiles,
    project: Project,
    export: ProjectExport,
    label_types: LabelTypes,
    last: PulledProject | None,
    account: int | None = None,
) -> PullHistory:
    """Return what is known about the last pull, before its files are written again.

    `account` is the number of the annotator's present account.
    """
    is_other_project = last is not None and bool(last.created and project.created) and last.created != project.created
    receipt = _receipt(files, export, None if is_other_project else last)
    then = {} if receipt is None else receipt.label_types.ids
    if receipt is not None and receipt.account is not None and receipt.account != account:
        receipt = None  # nothing shows that the annotator removed what is gone
    exported = exported_rows(files.export)
    return PullHistory(
        rows=exported.by_task,
        tasks=exported.tasks,
        receipt=receipt,
        is_proven=export.state is not None,
        is_other_project=is_other_project,
        lost_types=frozenset(name for name, number in then.items() if label_types.ids.get(name) != number),
    )


def _receipt(files: ProjectFiles, export: ProjectExport, last: PulledProject | None) -> Receipt | None:
    """Return the server's receipt of the pull that wrote the files; from a server without receipts, this machine's."""
    if export.state is not None:
        content = export.state.receipt
        try:
            return None if content is None else msgspec.convert(content, Receipt)
        except msgspec.ValidationError:
            return None  # of another version of goldwire
    if last is None or last.receipt is None or (last.export, last.layers) != files.digests:
        return None
    # Lower ids than before: the database may have gone back in time.
    went_back = any(now < then for now, then in zip(export.newest, last.newest, strict=True))
    return None if went_back else last.receipt


def _label_types(session: Session, project: Project, export: ProjectExport) -> LabelTypes:
    if export.state is not None:
        return export.state.label_types
    return fetch_label_types(session, project.id, project.kind)


def _write_layers(path: Path, assignment: Assignment, export: ProjectExport, history: PullHistory) -> LayerPull:
    """Write the layers of an export, one article at a time."""
    project = ProjectRows(export.rows, export.confirmed, export.full_row)
    matched = match_rows(assignment, project)
    former = IndexedJsonl(AnnotationLayer, "article_id", [path])
    counts, problems, losses = PullCounts(), list(matched.problems), Losses()
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()

    def lines() -> Iterator[bytes]:
        nonlocal counts, losses
        for former_layer, pull in pull_articles(assignment, project, matched, former, history):
            counts, losses = counts.plus(pull), losses.plus(pull.losses)
            problems.extend(pull.problems)
            before.update(count_work(former_layer))
            after.update(count_work(pull.layer))
            if pull.layer is not None:
                yield jsonl.dump((pull.layer,))

    changed = atomic.write_chunks(path, lines())
    return LayerPull(
        changed=changed,
        counts=counts,
        problems=tuple(problems),
        losses=losses,
        before=before,
        after=after,
    )
