"""L3: the same sentence in several articles has the same labels in gold."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.adjudication.sister_sentences import SisterDifference, sister_differences
from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import Finding

__all__ = ["differing_sisters"]

SENTENCE_TWO_LABELS = Rule(
    code="sentence-two-labels",
    level=3,
    severity="warning",
    summary="the same sentence has other labels in the gold of another article",
    why="One of the two is most often wrong; copies of wire stories show it for free.",
    fix="Compare both places. Correct the wrong one as an expert's decision with a reason, or waive the finding if the "
    "rest of the article justifies the difference.",
    example=(
        "annotations/gold/b02.jsonl:1 herald-d4f13fee6ac3 [207, 218): L3 content warning [sentence-two-labels] 'Tobin "
        "Marsk' is not marked PER; wire-dcd79e4eb66e has it in the same sentence (T5 at annotations/gold/b01.jsonl:3)"
    ),
)


@check(SENTENCE_TWO_LABELS)
def differing_sisters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each label that a sentence has in one gold article and lacks in another."""
    targets = snapshot.target_batches
    articles = {entry.record.id: entry.record for entry in snapshot.articles}
    entries = {
        entry.record.article_id: entry
        for entry in snapshot.gold
        if batch_of(entry.file) not in targets and entry.record.article_id in articles
    }
    for difference in sister_differences(articles, [entry.record for entry in entries.values()]):
        entry, other = (entries[place.article.id] for place in (difference.lacking, difference.having))
        start, end = (difference.lacking.start + offset for offset in (difference.start, difference.end))
        place = f"{difference.gold_id} at {other.file}:{other.line}"
        message = f"{_problem(difference)}; {difference.having.article.id} has it in the same sentence ({place})"
        yield entry.finding(SENTENCE_TWO_LABELS, f"{difference.lacking.article.id} [{start}, {end})", message)


def _problem(difference: SisterDifference) -> str:
    if difference.stance is not None:
        return f"{difference.text!r} has no stance {difference.stance!r}"
    rival = next(
        (label for start, end, label in difference.lacking.spans if (start, end) == (difference.start, difference.end)),
        None,
    )
    return f"{difference.text!r} is {'not marked' if rival is None else f'{rival}, not'} {difference.label}"
