"""Hypothesis strategies of span annotations."""

from __future__ import annotations

from hypothesis import strategies as st

SpanTuples = list[tuple[int, int, str]]


def spans(max_start: int = 30) -> st.SearchStrategy[SpanTuples]:
    """Up to seven spans of two labels, which may overlap."""
    extents = st.tuples(st.integers(0, max_start), st.integers(1, 8), st.sampled_from("ab"))
    return st.lists(extents.map(lambda extent: (extent[0], extent[0] + extent[1], extent[2])), max_size=7)
