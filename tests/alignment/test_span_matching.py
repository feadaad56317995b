from __future__ import annotations

from itertools import combinations
from typing import Any

from hypothesis import given, settings

from goldwire.alignment.span_matching import Span, match_spans, overlap
from support.span_strategies import spans


@given(a=spans(15), b=spans(15))
@settings(max_examples=60, deadline=None)
def test_the_assignment_shares_as_many_characters_as_possible(a: Any, b: Any) -> None:
    first, second = [Span(*s) for s in a[:4]], [Span(*s) for s in b[:4]]
    pairs = [(i, j) for i in range(len(first)) for j in range(len(second)) if overlap(first[i], second[j])]

    def shared(chosen: Any) -> int:
        return sum(overlap(first[i], second[j]) for i, j in chosen)

    best = 0
    for size in range(len(pairs) + 1):
        for chosen in combinations(pairs, size):
            if len({i for i, _ in chosen}) == len({j for _, j in chosen}) == size:
                best = max(best, shared(chosen))
        if size >= 4:
            break
    assert shared(match_spans(first, second, None)) == best
