"""L2: the spans of a layer beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding, SpanLabel

__all__ = ["CHECKS"]


def together(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each span that is there twice, or overlaps another as the schema forbids."""
    overlap = "any" if snapshot.schema is None else snapshot.schema.overlap
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            for code, span, message in _faults(entry.record.spans, overlap):
                yield entry.finding(code, span.id, message)


def _faults(spans: Sequence[SpanLabel], overlap: str) -> Iterator[tuple[str, SpanLabel, str]]:
    opened: list[SpanLabel] = []
    last: SpanLabel | None = None
    # Outer before inner: whatever is still open when a span ends after it, crosses it.
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.label)):
        opened = [other for other in opened if other.end > span.start]
        if last is not None and (last.start, last.end) == (span.start, span.end):
            if last.label == span.label:
                yield "span-repeated", span, f"{span.text!r} is marked {span.label} as {last.id} already"
            else:
                yield "span-labelled-twice", span, f"{span.text!r} is {span.label} here and {last.label} as {last.id}"
        else:
            crossed = next((other for other in opened if other.end < span.end), None)
            if crossed is not None and overlap != "any":
                yield (
                    "span-crosses",
                    span,
                    f"{span.text!r} begins within {crossed.text!r} ({crossed.id}) and ends after it",
                )
            elif opened and overlap == "none":
                yield "span-nested", span, f"{span.text!r} lies within {opened[-1].text!r} ({opened[-1].id})"
        opened.append(span)
        last = span


CHECKS = (together,)
