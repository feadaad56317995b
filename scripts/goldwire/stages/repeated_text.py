"""Agreement on repeated text: of annotators with themselves in copies of a sentence, and with known gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from goldwire.adjudication.merging import target_batches
from goldwire.agreement.repeated_sentences import gold_check_agreement, self_agreement
from goldwire.records import Agreement, AnnotationLayer, Article, Task
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace

__all__ = ["ChecksOnCopies", "checks_on_copies"]


class ChecksOnCopies(msgspec.Struct, frozen=True):
    """Agreement on repeated text, by annotator: with themselves in copies, and with gold from elsewhere."""

    self_agreement: dict[str, Agreement] = {}
    gold_checks: dict[str, Agreement] = {}


def checks_on_copies(
    workspace: Workspace, layers: Sequence[AnnotationLayer], articles: Mapping[str, Article]
) -> ChecksOnCopies:
    """Return how far the annotators of a batch's `layers` agree with themselves in all batches, and with gold.

    Only gold checks and near-duplicate articles are compared: other articles hardly share a sentence.
    """
    copies = {name for cluster in loading.duplicates(workspace) for name in cluster.article_ids if name in articles}
    checks = {task.article_id for batch in {layer.batch for layer in layers} for task in _gold_checks(workspace, batch)}
    copies |= checks & articles.keys()
    if not copies or target_batches(layers):  # stances towards named targets have no spans
        return ChecksOnCopies()
    texts = {name: articles[name].text for name in sorted(copies)}
    annotators = sorted({layer.annotator for layer in layers})
    paths = [path for name in annotators for path in sorted(workspace.layers.glob(f"*/{name}.jsonl"))]
    own = [layer for path in paths for layer in loading.layers_of(path) if layer.article_id in copies]
    by_name = target_batches(own)
    own = [layer for layer in own if layer.batch not in by_name]
    gold = [layer for layer in loading.gold(workspace) if layer.article_id in copies]
    of_batch = [layer for layer in layers if layer.article_id in copies]
    return ChecksOnCopies(self_agreement(own, texts), gold_check_agreement(of_batch, gold, texts, checks=checks))


def _gold_checks(workspace: Workspace, batch: str) -> tuple[Task, ...]:
    return tuple(task for task in loading.planned_tasks(workspace, batch) if task.gold_check == "article")
