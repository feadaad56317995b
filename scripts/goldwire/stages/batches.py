"""List the batches of a workspace, from its files alone."""

from __future__ import annotations

import msgspec

from goldwire.text_table import align_columns
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace

__all__ = ["BatchList", "BatchSummary", "run"]


class BatchSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One batch, as the files of the workspace show it."""

    batch: str
    kind: str
    articles: int
    tasks: int
    annotators: tuple[str, ...]
    pulled_layers: int  # of all annotators
    confirmed_layers: int  # of articles that are ticked done
    has_gold: bool


class BatchList(msgspec.Struct, frozen=True, kw_only=True):
    """All batches of a workspace, in the order of their names."""

    batches: tuple[BatchSummary, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        if not self.batches:
            return "no batches yet: `goldwire sample BATCH --annotators A1,A2` plans one"
        head = ("batch", "kind", "articles", "tasks", "pulled", "done", "gold", "annotators")
        rows = [
            (
                batch.batch,
                batch.kind,
                str(batch.articles),
                str(batch.tasks),
                str(batch.pulled_layers),
                str(batch.confirmed_layers),
                "yes" if batch.has_gold else "no",
                ", ".join(batch.annotators),
            )
            for batch in self.batches
        ]
        return "\n".join(align_columns([head, *rows], numbers={2, 3, 4, 5}))


def run(workspace: Workspace) -> BatchList:
    """Summarise every batch from the files of the workspace, without the server."""
    summaries = []
    for batch in loading.batches(workspace):
        tasks = loading.tasks(workspace, batch)
        layers = loading.layers(workspace, batch) if loading.has_layers(workspace, batch) else ()
        summaries.append(
            BatchSummary(
                batch=batch,
                kind=tasks[0].kind if tasks else "entities",
                articles=len({task.article_id for task in tasks}),
                tasks=sum(len(task.annotators) for task in tasks),
                annotators=tuple(sorted({name for task in tasks for name in task.annotators})),
                pulled_layers=len(layers),
                confirmed_layers=sum(layer.confirmed for layer in layers),
                has_gold=workspace.gold_file(batch).exists(),
            )
        )
    return BatchList(batches=tuple(summaries))
