"""Read a workspace's records back, whole."""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldwire.errors import DataError, MissingFileError
from goldwire.records import AnnotationLayer, Article, Decision, Duplicates, SplitAssignment, Task, is_expert
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace, find_workspace

__all__ = [
    "articles",
    "assignment",
    "batches",
    "decisions",
    "duplicates",
    "expert_layers",
    "gold",
    "layers",
    "load_layers",
    "releases",
    "tasks",
]


def articles(workspace: Workspace) -> dict[str, Article]:
    """All articles by id, in id order."""
    found = [a for path in sorted(workspace.articles.glob("*.jsonl")) for a in jsonl.read(path, Article)]
    return {article.id: article for article in sorted(found, key=lambda article: article.id)}


def duplicates(workspace: Workspace) -> tuple[Duplicates, ...]:
    """The near-duplicate clusters of two and more; none where `dedup` has not run."""
    path = workspace.duplicates
    return tuple(jsonl.read(path, Duplicates)) if path.exists() else ()


def batches(workspace: Workspace) -> tuple[str, ...]:
    """Names of the batches that were sampled, in order."""
    return tuple(sorted(path.stem for path in workspace.tasks.glob("*.jsonl")))


def tasks(workspace: Workspace, batch: str) -> tuple[Task, ...]:
    """The plan of a batch."""
    path = workspace.tasks / f"{batch}.jsonl"
    if not path.exists():
        have = ", ".join(batches(workspace)) or "none"
        raise MissingFileError(
            f"no batch {batch!r}", location=path, hint=f"`goldwire sample` makes one (there: {have})"
        )
    return tuple(jsonl.read(path, Task))


def layers(workspace: Workspace, batch: str) -> tuple[AnnotationLayer, ...]:
    """Every annotator's layers of a batch, by annotator and article; an expert is none."""
    folder = workspace.layers / batch
    paths = [path for path in sorted(folder.glob("*.jsonl")) if not is_expert(path.stem)]
    if not paths:
        raise MissingFileError(f"no layers of batch {batch!r}", location=folder, hint="`goldwire pull` brings them")
    return tuple(layer for path in paths for layer in jsonl.read(path, AnnotationLayer))


def expert_layers(workspace: Workspace, batch: str, expert: str) -> tuple[AnnotationLayer, ...]:
    """An expert's layers of a batch, by article; none where there are none."""
    path = workspace.layers / batch / f"{expert}.jsonl"
    return tuple(jsonl.read(path, AnnotationLayer)) if is_expert(expert) and path.exists() else ()


def gold(workspace: Workspace) -> tuple[AnnotationLayer, ...]:
    """Gold layers of all batches, by article id."""
    found = [
        layer
        for path in sorted(workspace.gold.glob("*.jsonl"))
        if not path.name.endswith(".decisions.jsonl")
        for layer in jsonl.read(path, AnnotationLayer)
    ]
    return tuple(sorted(found, key=lambda layer: layer.article_id))


def decisions(workspace: Workspace) -> tuple[Decision, ...]:
    """How every unit of gold was decided, all batches."""
    return tuple(d for path in sorted(workspace.gold.glob("*.decisions.jsonl")) for d in jsonl.read(path, Decision))


def assignment(workspace: Workspace) -> tuple[SplitAssignment, ...]:
    """The rows of splits/assignment.tsv in their order; none where `split` has not run."""
    path, names = workspace.assignment, SplitAssignment.__struct_fields__
    if not path.exists():
        return ()
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        values = line.split("\t")
        try:
            if number == 1 and tuple(values) != names:
                raise ValueError(f"the columns are {', '.join(values)}, not {', '.join(names)}")
            if number > 1:
                rows.append(msgspec.convert(dict(zip(names, values, strict=True)), SplitAssignment))
        except ValueError as error:
            raise DataError(str(error), location=f"{path}:{number}", hint="take it back from git") from None
    return tuple(rows)


def releases(workspace: Workspace) -> tuple[str, ...]:
    """Names of the versions that were released (`vX.Y.Z`), unordered by version."""
    return tuple(sorted(path.parent.name for path in workspace.splits.glob("v*/manifest.json")))


def load_layers(root: Path | str, batch: str) -> tuple[AnnotationLayer, ...]:
    """Load every annotator's layers of a batch of the workspace at `root`."""
    return layers(find_workspace(Path(root)), batch)
