"""BIO tags (IOB2): entity spans as one tag per token."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from goldwire.records import SpanLabel

__all__ = ["bio_tags", "count_misaligned_spans", "count_untagged_spans"]


def bio_tags(tokens: Sequence[tuple[int, int]], spans: Iterable[SpanLabel]) -> list[str]:
    """Return one BIO tag per token; a token belongs to a span that it overlaps.

    One tag per token cannot represent overlapping spans: the longest span wins, then the first.

    Parameters
    ----------
    tokens : sequence of (int, int)
        Half-open offsets of the tokens, in text order, in code points.
    spans : iterable of SpanLabel
        Spans over the same text.

    Returns
    -------
    list of str
        `B-PER` for the first token of a span with label `PER`, `I-PER` for its other tokens, `O` elsewhere.

    Examples
    --------
    >>> span = SpanLabel(id="T1", start=0, end=7, label="PER", text="Ada Ito")
    >>> bio_tags([(0, 3), (4, 7), (8, 13)], [span])
    ['B-PER', 'I-PER', 'O']
    """
    tags = ["O"] * len(tokens)
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start, span.label)):
        covered = _covered_tokens(tokens, span)
        if covered and all(tags[i] == "O" for i in covered):
            tags[covered[0]] = f"B-{span.label}"
            for i in covered[1:]:
                tags[i] = f"I-{span.label}"
    return tags


def count_untagged_spans(n_spans: int, tags: Iterable[str]) -> int:
    """Return how many of `n_spans` spans have no `B-` tag because a longer span covers them."""
    return n_spans - sum(1 for tag in tags if tag.startswith("B-"))


def count_misaligned_spans(offsets: Iterable[tuple[int, int]], tokens: Sequence[tuple[int, int]]) -> int:
    """Return how many spans, given by their offsets, begin or end inside a token: their tags cover the whole token."""
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
    return sum(start not in starts or end not in ends for start, end in offsets)


def _covered_tokens(tokens: Sequence[tuple[int, int]], span: SpanLabel) -> range:
    """Return the indices of the tokens that overlap `span`."""
    first = bisect_right(tokens, span.start, key=lambda token: token[1])
    last = bisect_left(tokens, span.end, key=lambda token: token[0])
    return range(first, last)
