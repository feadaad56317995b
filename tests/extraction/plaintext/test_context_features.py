"""Context-sensitive features of lines."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.extraction.network import load_network
from goldwire.extraction.plaintext.context_features import CONTEXT_FEATURE_NAMES, context_features
from goldwire.extraction.plaintext.line_features import FEATURE_NAMES, line_features
from goldwire.extraction.plaintext.line_tokens import tokenize_lines
from support.sample_pages import LINES, PROSE

PAGE = (LINES[0], "Home", *PROSE, "Home", "3 comments")


def columns(*lines: str) -> dict[str, list[float]]:
    features = context_features(line_features(tokenize_lines("\n".join(lines).encode())))
    return dict(zip(CONTEXT_FEATURE_NAMES, features.T.tolist(), strict=True))


def test_there_is_one_name_per_feature_of_the_network() -> None:
    assert len(CONTEXT_FEATURE_NAMES) == len({*CONTEXT_FEATURE_NAMES}) == len(load_network().mean)
    assert context_features(np.zeros((0, len(FEATURE_NAMES)), np.float32)).shape == (0, len(CONTEXT_FEATURE_NAMES))


def test_features_are_those_that_the_network_was_trained_on() -> None:
    features = columns(*PAGE)
    count = [len(re.findall(r"\w+", line)) for line in PAGE]
    prose = [0, 0, *count[2:5], 0, 0]
    assert features["prose.before_2"] == pytest.approx([np.log1p(sum(prose[max(i - 2, 0) : i])) for i in range(7)])
    assert features["prose.after_2"] == pytest.approx([np.log1p(sum(prose[i + 1 : i + 3])) for i in range(7)])
    assert features["prose_block.is_inside_15"] == [0, 0, 1, 1, 1, 0, 0]
    assert features["nearest_prose.lines_until"] == pytest.approx(np.log1p([2, 1, 0, 0, 0, 50, 50]))
    assert features["page.lines"] == pytest.approx([np.log1p(7)] * 7)


def test_neighbours_are_those_of_the_same_page() -> None:
    features = columns(*PAGE)
    words = features["line.words"]
    assert features["before.words"] == [0, *words[:-1]]
    assert features["after.words"] == [*words[1:], 0]
    assert features["two_before.words"] == [0, 0, *words[:-2]]
    assert features["two_after.words"] == [*words[2:], 0, 0]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from((*PROSE, *LINES)), max_size=25), min_size=1, max_size=6))
def test_features_of_a_page_do_not_depend_on_the_pages_beside_it(pages: list[list[str]]) -> None:
    data = ["\n".join(page).encode() for page in pages]
    together = tokenize_lines(b"\n".join(data), [len(page) for page in data])
    features = context_features(line_features(together), together.page_bounds)
    for page, first, after in zip(data, together.page_bounds[:-1], together.page_bounds[1:], strict=True):
        assert np.array_equal(features[first:after], context_features(line_features(tokenize_lines(page))))
