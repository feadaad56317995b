"""An article as each annotator sees it: the paragraphs with disputes, cut where a span begins or ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from goldwire.agreement.disagreements import Disagreement
from goldwire.records import AnnotationLayer, SpanLabel

__all__ = ["Passage", "Piece", "passages"]


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text under the same spans: their labels (outermost first), those that end here, and if disputed."""

    text: str
    labels: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()
    disputes: tuple[int, ...] = ()  # numbers in the article's list


class Passage(msgspec.Struct, frozen=True):
    """A paragraph in pieces, and how many paragraphs without a dispute were left out before it."""

    skipped: int
    pieces: tuple[Piece, ...]


def passages(text: str, layer: AnnotationLayer, disputes: Sequence[Disagreement]) -> tuple[list[Passage], int]:
    """The paragraphs of `text` that hold a dispute, as `layer` marks them, and how many were left out at the end."""
    shown, skipped = [], 0
    for start, end in _paragraphs(text):
        if any(d.start < end and start < d.end for d in disputes):
            shown.append(Passage(skipped, tuple(_pieces(text, (start, end), layer, disputes))))
            skipped = 0
        else:
            skipped += 1
    return shown, skipped


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for paragraph in text.split("\n\n"):
        yield start, start + len(paragraph)
        start += len(paragraph) + 2


def _pieces(
    text: str, window: tuple[int, int], layer: AnnotationLayer, disputes: Sequence[Disagreement]
) -> Iterator[Piece]:
    start, end = window
    spans = [span for span in layer.spans if span.start < end and start < span.end]
    # A dispute is marked where this annotator marked something else, or nothing where the others did.
    marks = [(n, d) for n, d in enumerate(disputes) if d.start < end and start < d.end and "stance" not in d.kinds[0]]
    edges = {start, end}
    for low, high in [*((s.start, s.end) for s in spans), *((d.start, d.end) for _, d in marks)]:
        edges |= {min(max(low, start), end), min(max(high, start), end)}
    cuts = sorted(edges)
    for low, high in pairwise(cuts):
        over = sorted((s for s in spans if s.start <= low and high <= s.end), key=_outermost)
        yield Piece(
            text[low:high],
            tuple(span.label for span in over),
            tuple(span.label for span in reversed(over) if span.end == high),
            tuple(n for n, d in marks if d.start <= low and high <= d.end),
        )


def _outermost(span: SpanLabel) -> tuple[int, int, str]:
    return (span.start - span.end, span.start, span.label)
