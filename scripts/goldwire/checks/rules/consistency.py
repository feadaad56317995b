"""L3: gold that says two things of one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import AnnotationLayer, Finding, SpanLabel

__all__ = ["CHECKS"]


def surfaces(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding at the first span of each label but the commonest that gold gives to one surface."""
    found: dict[str, dict[str, list[tuple[Entry[AnnotationLayer], SpanLabel]]]] = defaultdict(lambda: defaultdict(list))
    for entry in snapshot.gold:
        for span in entry.record.spans:
            found[span.text][span.label].append((entry, span))
    for surface, by_label in found.items():
        if len(by_label) < 2:
            continue
        counts = {label: len(spans) for label, spans in by_label.items()}
        ordered = [label for _, label in sorted((-count, label) for label, count in counts.items())]
        said = ", ".join(f"{label} {counts[label]}" for label in ordered)
        for label in sorted(ordered[1:]):
            entry, span = by_label[label][0]
            yield entry.finding("surface-two-labels", span.id, f"{surface!r} is {said} times in gold")


def twins(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each gold layer that marks other spans than that of an article with the very same text."""
    first: dict[str, Entry[AnnotationLayer]] = {}
    by_name = snapshot.by_name
    for entry in snapshot.gold:
        if batch_of(entry.file) in by_name:
            continue  # nobody was asked for spans
        layer = entry.record
        other = first.setdefault(layer.text_sha256, entry)
        if _marks(other.record) != _marks(layer):
            differ = len(_marks(other.record) ^ _marks(layer))
            message = f"{differ} spans differ from those of {other.record.article_id}, whose text is the same"
            yield entry.finding("text-two-labels", layer.article_id, message)


def _marks(layer: AnnotationLayer) -> set[tuple[int, int, str]]:
    return {(span.start, span.end, span.label) for span in layer.spans}


CHECKS = (surfaces, twins)
