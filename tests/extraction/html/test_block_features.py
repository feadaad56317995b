"""Features of blocks."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.extraction.html.block_features import FEATURE_NAMES, describe_blocks, with_verdicts
from goldwire.extraction.html.blocks import parse, split_blocks
from goldwire.extraction.html.metadata import read_metadata
from goldwire.extraction.html.verdict_features import VERDICT_COLUMNS
from goldwire.extraction.network import BLOCKS, load_network
from support.html_pages import FIRST, LINKS, SECOND, html_page

TITLE = "Lanthe harbour to stay closed"


def columns(body: str, head: str = "") -> dict[str, list[float]]:
    tree = parse(html_page(body, head))
    page = split_blocks(tree)
    features = describe_blocks(page, read_metadata(tree)).features
    assert features.dtype == np.float32
    return dict(zip(FEATURE_NAMES, features.T.tolist(), strict=True))


def test_features_are_those_that_the_networks_were_trained_on() -> None:
    assert len(FEATURE_NAMES) == len(set(FEATURE_NAMES))
    tree = parse(html_page(f"<p>{FIRST}</p>"))
    described = describe_blocks(split_blocks(tree), read_metadata(tree))
    features = with_verdicts(described, [np.ones(1)] * 3)
    assert features.shape == (1, len(FEATURE_NAMES) + 3 * len(VERDICT_COLUMNS)) == (1, len(load_network(BLOCKS).mean))


def test_a_page_without_blocks_has_no_features() -> None:
    tree = parse("<html><body></body></html>")
    described = describe_blocks(split_blocks(tree), read_metadata(tree))
    assert described.features.shape == (0, len(FEATURE_NAMES))


def test_the_text_of_a_block_is_described() -> None:
    features = columns("<p>“Ab, cd 12.</p><p>Mail x@y.example © <a href='#'>you</a>:</p><h2>The Quay</h2>")
    assert np.expm1(features["words"]).round().tolist() == [3, 5, 2]
    assert features["capitals"] == pytest.approx([1 / 11, 1 / 23, 2 / 8])
    assert features["digits"] == pytest.approx([2 / 11, 0, 0])
    assert features["commas"] == [1, 0, 0]
    assert features["sentence_ends"] == [1, 1, 0]
    assert features["ends_sentence"] == [1, 0, 0]
    assert features["ends_colon"] == [0, 1, 0]
    assert features["starts_quote"] == [1, 0, 0]
    assert features["has_address"] == features["has_copyright"] == features["has_appeal"] == [0, 1, 0]
    assert features["common_words"] == pytest.approx([0, 0, 1 / 2])
    assert features["linked"] == pytest.approx([0, 3 / 23, 0])


def test_capitals_are_latin_or_cyrillic() -> None:
    assert columns("<p>Порт ÄB</p>")["capitals"] == pytest.approx([2 / 7])


def test_equal_blocks_are_counted_up_to_four() -> None:
    assert columns("<p>Home</p>" * 5 + "<p>News</p>")["copies"] == [4, 4, 4, 4, 4, 1]


def test_the_element_of_a_block_is_described() -> None:
    features = columns("<article class='story'><h2>Quay</h2><p itemprop='articleBody' hidden>x</p></article>")
    assert features["heading_level"] == [2, 0]
    assert features["is_hidden"] == features["is_article_body"] == [0, 1]
    assert features["is_h"] == [1, 0]
    assert features["is_p"] == [0, 1]
    assert features["within_article"] == [1, 1]
    assert features["is_article"] == [0, 0]
    assert features["own_hint_story"] == [0, 0]
    assert features["near_hint_story"] == pytest.approx([1 / 2, 1 / 2])


def test_positions_are_relative_to_the_page_and_to_its_prose() -> None:
    features = columns(f"<ul>{LINKS}</ul><div><p>{FIRST}</p><p>{SECOND}</p></div>")
    assert features["block_place"] == pytest.approx([number / 14 for number in range(14)])
    assert features["word_place"][-1] == 1
    assert features["from_first"][-3:] == [-1, 0, 1]
    assert features["to_last"][-3:] == [2, 1, 0]


def test_the_headline_and_the_summary_are_compared_with_blocks() -> None:
    features = columns(
        f"<p>Home</p><h1>{TITLE}</h1><p>Harbour shut, say divers</p>",
        '<meta name="description" content="Harbour shut, say divers">',
    )
    assert features["headline_jaccard"] == pytest.approx([0, 1, 1 / 8])
    assert features["in_headline"] == pytest.approx([0, 1, 1 / 4])
    assert features["of_summary"] == pytest.approx([0, 1 / 4, 1])
    assert features["summary_jaccard"] == pytest.approx([0, 1 / 8, 1])
    assert features["from_headline"] == features["from_last_headline"] == features["from_h1"] == [-1, 0, 1]


def test_a_missing_headline_is_at_no_distance() -> None:
    features = columns("<p>Home</p>")
    assert features["from_headline"] == features["from_h1"] == [-31]


def test_the_stated_article_body_covers_blocks() -> None:
    data = f'<script type="application/ld+json">{{"articleBody": "{FIRST}"}}</script>'
    features = columns(f"<p>{FIRST}</p><p>{SECOND}</p>", data)
    assert features["in_article_body"] == [1, 0]
    assert features["has_article_body"] == [1, 1]
    assert columns("<p>x</p>")["in_article_body"] == [-1]


def test_neighbours_are_described_and_missing_ones_are_marked() -> None:
    features = columns(f"<div><p>{FIRST}</p><p>{SECOND}</p></div><h2>More</h2>")
    for name in ("words", "is_p", "depth"):
        assert features[f"before_{name}"] == [-1, *features[name][:-1]]
        assert features[f"after_{name}"] == [*features[name][1:], -1]
    assert features["shares_parent_with_before"] == [0, 1, 0]
    assert features["shares_parent_with_after"] == [1, 0, 0]


def test_rates_of_a_group_are_of_its_other_blocks() -> None:
    features = columns(f"<article><p>{FIRST}</p><p>{SECOND}</p></article><ul>{LINKS}</ul>")
    # A group without other blocks has the rate of the prior: one half.
    assert features["element_linked_rate"] == pytest.approx([0.5] * 14)
    words = np.expm1(features["words"]) + 0.3
    assert features["parent_prose_share"] == pytest.approx([1, 1, *[0] * 12])
    assert features["parent_mean_words"][0] == pytest.approx(np.log1p(words[1]), abs=1e-6)
    assert features["parent_log_blocks"] == pytest.approx([np.log(2)] * 2 + [np.log(12)] * 12)
    assert min(features["grandparent_linked_rate"][2:]) > 0.5


def test_blocks_whose_names_differ_by_a_number_are_alike() -> None:
    units = "".join(f"<div class='c{number}'><p>{FIRST}</p></div>" for number in (1071, 1072, 1073))
    assert columns(units)["alike_log_blocks"] == pytest.approx([np.log(3)] * 3)


def test_the_density_around_a_block_is_described() -> None:
    features = columns(f"<p>{FIRST}</p><ul>{LINKS}</ul>")
    assert features["linked_within_3"][-1] == pytest.approx(1)
    assert features["prose_within_3"][0] > 0.5
    assert features["prose_within_3"][-1] == 0
    assert features["words_within_8"][0] > features["words_within_3"][0]
