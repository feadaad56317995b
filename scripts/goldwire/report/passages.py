"""An article as one annotator marked it: the paragraphs with disagreements, split where a span begins or ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from goldwire.agreement.disagreements import Disagreement
from goldwire.records import AnnotationLayer, SpanLabel

__all__ = ["Passage", "Piece", "disputed_passages"]


class Piece(msgspec.Struct, frozen=True):
    """A piece of text under the same spans.

    `labels` are the labels of these spans, the outermost first, and `ending` those of the spans that end here.
    `disagreements` are indices into the article's list.
    """

    text: str
    labels: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()
    disagreements: tuple[int, ...] = ()


class Passage(msgspec.Struct, frozen=True):
    """A paragraph in pieces, and the number of paragraphs without a disagreement that were skipped before it."""

    n_skipped: int
    pieces: tuple[Piece, ...]


def disputed_passages(
    text: str, layer: AnnotationLayer, disagreements: Sequence[Disagreement]
) -> tuple[list[Passage], int]:
    """Return the paragraphs with a disagreement, and the number of paragraphs that were skipped after the last one."""
    passages, n_skipped = [], 0
    for start, end in _paragraphs(text):
        if any(disagreement.start < end and start < disagreement.end for disagreement in disagreements):
            passages.append(Passage(n_skipped, tuple(_pieces(text, start, end, layer, disagreements))))
            n_skipped = 0
        else:
            n_skipped += 1
    return passages, n_skipped


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for paragraph in text.split("\n\n"):
        yield start, start + len(paragraph)
        start += len(paragraph) + 2


def _pieces(
    text: str, start: int, end: int, layer: AnnotationLayer, disagreements: Sequence[Disagreement]
) -> Iterator[Piece]:
    spans = [span for span in layer.spans if span.start < end and start < span.end]
    # Disagreements on stances have no separate place in the text.
    disputed = [
        (index, disagreement)
        for index, disagreement in enumerate(disagreements)
        if disagreement.start < end and start < disagreement.end and not disagreement.stance_ends
    ]
    edges = {start, end}
    for low, high in [
        *((s.start, s.end) for s in spans),
        *((disagreement.start, disagreement.end) for _, disagreement in disputed),
    ]:
        edges |= {min(max(low, start), end), min(max(high, start), end)}
    for low, high in pairwise(sorted(edges)):
        covering = sorted((span for span in spans if span.start <= low and high <= span.end), key=_outermost_first)
        yield Piece(
            text[low:high],
            tuple(span.label for span in covering),
            tuple(span.label for span in reversed(covering) if span.end == high),
            tuple(index for index, disagreement in disputed if disagreement.start <= low and high <= disagreement.end),
        )


def _outermost_first(span: SpanLabel) -> tuple[int, int, str]:
    return (span.start - span.end, span.start, span.label)
