"""Load the records of a workspace into memory."""

from __future__ import annotations

from pathlib import Path

from goldwire.errors import DataError, MissingFileError
from goldwire.records import (
    AnnotationLayer,
    Article,
    Decision,
    Duplicates,
    SplitAssignment,
    Task,
    has_vote,
    is_expert,
    is_machine,
)
from goldwire.workspace import jsonl
from goldwire.workspace.assignment_table import COLUMNS, columns_of, parse_row
from goldwire.workspace.layout import Workspace, find_workspace

__all__ = [
    "articles",
    "assignment",
    "batches",
    "decisions",
    "duplicates",
    "expert_layers",
    "gold",
    "has_layers",
    "layers",
    "layers_of",
    "load_layers",
    "machine_layers",
    "planned_tasks",
    "releases",
    "tasks",
]


def articles(workspace: Workspace) -> dict[str, Article]:
    """Return all articles by id, sorted by id."""
    records = [a for path in sorted(workspace.articles.glob("*.jsonl")) for a in jsonl.read(path, Article)]
    return {article.id: article for article in sorted(records, key=lambda article: article.id)}


def duplicates(workspace: Workspace) -> tuple[Duplicates, ...]:
    """Return the clusters of near-duplicates; empty if `dedup` has not run."""
    path = workspace.duplicates
    return tuple(jsonl.read(path, Duplicates)) if path.exists() else ()


def batches(workspace: Workspace) -> tuple[str, ...]:
    """Return the names of all sampled batches, sorted."""
    return tuple(sorted(path.stem for path in workspace.tasks.glob("*.jsonl")))


def tasks(workspace: Workspace, batch: str) -> tuple[Task, ...]:
    """Return the tasks of a batch."""
    path = workspace.tasks_file(batch)
    if not path.exists():
        have = ", ".join(batches(workspace)) or "none"
        raise MissingFileError(
            f"no batch {batch!r}", location=path, hint=f"create it with `goldwire sample` (existing batches: {have})"
        )
    return tuple(jsonl.read(path, Task))


def planned_tasks(workspace: Workspace, batch: str) -> tuple[Task, ...]:
    """Return the tasks of a batch; empty if it was not planned here: layers may come from elsewhere."""
    return tasks(workspace, batch) if workspace.tasks_file(batch).exists() else ()


def has_layers(workspace: Workspace, batch: str) -> bool:
    """Whether the batch has layers of an annotator; those of experts and machines do not count."""
    return any(has_vote(path.stem) for path in (workspace.layers / batch).glob("*.jsonl"))


def layers(workspace: Workspace, batch: str) -> tuple[AnnotationLayer, ...]:
    """Return the annotators' layers of a batch, by annotator and article, without those of experts and machines."""
    folder = workspace.layers / batch
    paths = [path for path in sorted(folder.glob("*.jsonl")) if has_vote(path.stem)]
    if not paths:
        tasks(workspace, batch)  # a batch that was not planned has another hint
        raise MissingFileError(
            f"no layers of batch {batch!r}", location=folder, hint="download them with `goldwire pull`"
        )
    return tuple(layer for path in paths for layer in jsonl.read(path, AnnotationLayer))


def layers_of(path: Path) -> tuple[AnnotationLayer, ...]:
    """Return the layers in one file, annotations/layers/<batch>/<annotator>.jsonl; empty if there is no such file."""
    return tuple(jsonl.read(path, AnnotationLayer)) if path.exists() else ()


def expert_layers(workspace: Workspace, batch: str, expert: str) -> tuple[AnnotationLayer, ...]:
    """Return an expert's layers of a batch, by article; empty if there are none."""
    return layers_of(workspace.layers_file(batch, expert)) if is_expert(expert) else ()


def machine_layers(workspace: Workspace, batch: str) -> dict[str, tuple[AnnotationLayer, ...]]:
    """Return the layers of each machine (`M1`) of a batch, by article; empty if there are none."""
    paths = sorted((workspace.layers / batch).glob("*.jsonl"))
    return {path.stem: layers_of(path) for path in paths if is_machine(path.stem)}


def gold(workspace: Workspace) -> tuple[AnnotationLayer, ...]:
    """Return the gold layers of all batches, sorted by article id."""
    records = [
        layer
        for path in sorted(workspace.gold.glob("*.jsonl"))
        if not path.name.endswith(".decisions.jsonl")
        for layer in jsonl.read(path, AnnotationLayer)
    ]
    return tuple(sorted(records, key=lambda layer: layer.article_id))


def decisions(workspace: Workspace) -> tuple[Decision, ...]:
    """Return the decisions on all gold labels of all batches."""
    return tuple(d for path in sorted(workspace.gold.glob("*.decisions.jsonl")) for d in jsonl.read(path, Decision))


def assignment(workspace: Workspace) -> tuple[SplitAssignment, ...]:
    """Return the rows of splits/assignment.tsv in their order; empty if `split` has not run."""
    path = workspace.assignment
    if not path.exists():
        return ()
    rows, columns = [], COLUMNS
    for number, line in enumerate(_assignment_lines(path), 1):
        try:
            if number == 1:
                columns = columns_of(line)
            else:
                rows.append(parse_row(line, columns))
        except ValueError as error:
            raise DataError(str(error), location=f"{path}:{number}", hint="restore the file from git") from None
    return tuple(rows)


def _assignment_lines(path: Path) -> list[str]:
    data = path.read_bytes()
    try:
        return data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        location = f"{path}:{data.count(10, 0, error.start) + 1}"
        problem = f"byte {data[error.start]:#04x} is not UTF-8"
        raise DataError(problem, location=location, hint="restore the file from git") from None


def releases(workspace: Workspace) -> tuple[str, ...]:
    """Return the names of all released versions (`vX.Y.Z`), sorted as text."""
    return tuple(sorted(path.parent.name for path in workspace.splits.glob("v*/manifest.json")))


def load_layers(root: Path | str, batch: str) -> tuple[AnnotationLayer, ...]:
    """Load the annotators' layers of a batch.

    Parameters
    ----------
    root : str or Path
        Folder of the workspace, or a folder in it.
    batch : str
        Name of the batch, such as `b01`.

    Returns
    -------
    tuple of AnnotationLayer
        One layer per annotator and article, by annotator. Layers of experts and machines are not included.

    Raises
    ------
    MissingFileError
        If there is no workspace, or no layers of this batch.
    DataError
        If a line is not an annotation layer.

    Examples
    --------
    In goldwire's own repository:

    >>> from goldwire import load_layers
    >>> sorted({layer.annotator for layer in load_layers(".", "b01")})
    ['A1', 'A2', 'A3']
    """
    return layers(find_workspace(Path(root)), batch)
