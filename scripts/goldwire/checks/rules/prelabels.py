"""L4: what layers say about their pre-labels is what the suggestions and the layers give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from goldwire.checks.check import check
from goldwire.checks.differences import differences
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.prelabeling.layers import clip_to_window, compare_with_suggestions, merge_windows
from goldwire.records import Finding, Task

__all__ = ["stale_prelabels"]

PRELABELS_STALE = Rule(
    code="prelabels-stale",
    level=4,
    severity="error",
    summary="a layer's record of accepted and changed pre-labels is not what the suggestions give",
    why="Agreement without accepted pre-labels is computed from it: the pre-labels would pass for annotators' work.",
    fix="Restore annotations/prelabels/ and the layer from git, or run `goldwire pull` again.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L4 coverage error [prelabels-stale] dropped_spans is "
        "stored as 1, expected 0"
    ),
)


@check(PRELABELS_STALE)
def stale_prelabels(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each confirmed layer whose record of pre-labels is not that of its batch's suggestions."""
    if not (snapshot.prelabels.is_complete and snapshot.tasks.is_complete):
        return
    suggested = {entry.key: entry.record for entry in snapshot.prelabels}
    tasks: dict[tuple[str, str, str], list[Task]] = defaultdict(list)
    for planned in snapshot.tasks:
        for annotator in planned.record.annotators:
            tasks[batch_of(planned.file), annotator, planned.record.article_id].append(planned.record)
    for entry in snapshot.layers:
        layer, batch = entry.record, batch_of(entry.file)
        # A layer that is not confirmed may lack the tasks that nobody has begun.
        if layer.prelabels is msgspec.UNSET or not layer.confirmed:
            continue
        suggestion = suggested.get((batch, layer.article_id))
        if suggestion is None:
            yield entry.finding(
                PRELABELS_STALE, layer.article_id, f"annotations/prelabels/{batch}.jsonl lacks the article"
            )
            continue
        if suggestion.holdout:
            message = "has pre-labels, but the article is in the holdout that has none"
            yield entry.finding(PRELABELS_STALE, layer.article_id, message)
            continue
        windows = [clip_to_window(suggestion, task) for task in tasks.get(entry.key, ())]
        current = compare_with_suggestions(layer, merge_windows(windows)).prelabels if windows else layer.prelabels
        difference = next(differences(msgspec.to_builtins(layer.prelabels), msgspec.to_builtins(current)), None)
        if difference is not None:
            yield entry.finding(PRELABELS_STALE, layer.article_id, str(difference))
