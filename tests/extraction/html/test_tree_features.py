"""Positions of blocks in the tree, and the distribution of prose."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.extraction.html.blocks import BlockPage, parse, split_blocks
from goldwire.extraction.html.class_names import CLASS_HINTS
from goldwire.extraction.html.tree_features import GROUPINGS, prose_features, prose_words, tree_positions
from support.html_pages import FIRST, SECOND, THIRD, html_page

PAGE = f"<ul><li>Home</li></ul><div class='article'><p>{FIRST}</p><p>{SECOND}</p><div><p>{THIRD}</p></div></div>"


def split(body: str) -> BlockPage:
    return split_blocks(parse(html_page(body)))


def test_hints_of_ancestors_fade_with_their_distance() -> None:
    positions = tree_positions(split("<div class='story'><div><p class='story'>x</p><p>y</p></div></div>"))
    story = list(CLASS_HINTS).index("story")
    assert positions.own_hints[:, story].tolist() == [1, 0]
    assert positions.near_hints[:, story].tolist() == pytest.approx([1, 1 / 3])
    assert positions.depth.tolist() == [3, 3]


def test_blocks_are_grouped_by_ancestors_and_by_tag_and_names() -> None:
    groups = tree_positions(split("<div><p>a</p><p>b</p></div><div><p>c</p><p class='x'>d</p></div>")).groups
    by_grouping = dict(zip(GROUPINGS, groups.T.tolist(), strict=True))
    assert len(set(by_grouping["element"])) == 4
    assert [number == by_grouping["parent"][0] for number in by_grouping["parent"]] == [True, True, False, False]
    assert len(set(by_grouping["grandparent"])) == 1
    assert by_grouping["alike"] == [0, 0, 0, 1]


def test_prose_is_unlinked_text_of_long_blocks_and_counts_half_if_it_ends_no_sentence() -> None:
    page = split(f"<p>{'word ' * 10}.</p><p>{'word ' * 10}</p><p>Four words of text.</p><p><a>{'word ' * 10}.</a></p>")
    assert prose_words(page, np.array([10, 10, 4, 10])).tolist() == [10, 5, 0, 0]


def test_the_top_candidate_holds_most_paragraphs() -> None:
    page = split(PAGE)
    positions = tree_positions(page)
    features = prose_features(positions, np.array([0.0, 10, 10, 5]))
    assert features["above_candidate"].tolist() == [1, 0, 0, 0]
    assert features["below_candidate"].tolist() == [2, 1, 1, 2]
    assert features["prose_share_0"].tolist() == [0, 0.4, 0.4, 0.2]
    assert features["prose_share_1"].tolist() == [0, 1, 1, 0.2]
    assert features["parent_score"].tolist() == [0, 0.9, 0.9, 0.2]
