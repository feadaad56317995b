"""Context-free features of lines."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.extraction.plaintext.line_features import (
    FEATURE_NAMES,
    LOG1P,
    all_words_recur,
    line_features,
)
from goldwire.extraction.plaintext.line_tokens import tokenize_lines
from goldwire.text.normalization import normalize
from support.sample_pages import LINES, PROSE

PAGES = st.lists(
    st.lists(st.one_of(st.sampled_from((*PROSE, *LINES)), st.text(max_size=40)), max_size=25).map(
        lambda lines: normalize("\n".join(lines)).text
    ),
    min_size=1,
    max_size=6,
)


def columns(*lines: str) -> dict[str, list[float]]:
    features = line_features(tokenize_lines("\n".join(lines).encode()))
    return dict(zip(FEATURE_NAMES, features.T.tolist(), strict=True))


def test_features_are_those_that_the_network_was_trained_on() -> None:
    page = (LINES[0], "Home", *PROSE, "Home", "3 comments")
    features = columns(*page)
    assert np.expm1(features["words"]).round().tolist() == [len(re.findall(r"\w+", line)) for line in page]
    assert features["repeats"] == [0, 1, 0, 0, 0, 1, 0]
    assert features["ends_sentence"] == [0, 0, 1, 1, 1, 0, 0]
    assert features["line_place"] == pytest.approx([number / 7 for number in range(7)])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("The ferry opens on Monday.", 5),
        ("เรือข้ามฟากจะกลับมาเปิดให้บริการในวันจันทร์ การท่าเรือกล่าว", 13),
        ("轮渡将于周一重新开放。", 10),
        ("Паром – откроют", 2),
    ],
)
def test_words_without_blanks_are_counted_by_characters(line: str, expected: int) -> None:
    (count,) = tokenize_lines(line.encode()).n_words.tolist()
    assert count == pytest.approx(expected, abs=3 if not line.isascii() else 0)


def test_rates_are_per_byte_or_per_word() -> None:
    features = columns("Ab, cd 12.", "«x»")
    assert features["capitals"] == pytest.approx([1 / 10, 0])
    assert features["digits"] == pytest.approx([2 / 10, 0])
    assert features["stops"] == pytest.approx([1 / 3, 0])
    assert features["commas"] == pytest.approx([1 / 3, 0])
    assert features["beyond_ascii"] == pytest.approx([0, 4 / 5])


def test_blank_lines_and_bullets_are_features() -> None:
    features = columns("Home", "", "", "* News", "Sport", "", "", "", "", "- one", "• two")
    assert features["gap_before"] == [3, 2, 0, 3, 0]
    assert features["gap_after"] == [2, 0, 3, 0, 3]
    assert features["page_gap"] == pytest.approx([5 / 4] * 5)
    assert features["starts_bullet"] == [0, 1, 0, 1, 1]


def test_words_of_the_first_line_that_say_the_topic_are_counted() -> None:
    features = columns(
        "The harbour of Lanthe is closed - News", "A harbour is closed, and the harbour of", "The news of"
    )
    assert np.expm1(features["title_hits"]).round().tolist() == [3, 3, 0]
    assert features["title_share"] == [1, 1, 0]


@pytest.mark.parametrize(
    "line", ["港は閉鎖された。", "「港は閉鎖された。」", "港は開くのか？", "“港关闭了！”", "Lanthe（港は閉鎖。）"]
)
def test_a_sentence_without_a_full_stop_ends(line: str) -> None:
    assert columns(line, "港は閉鎖")["ends_sentence"] == [1, 0]


@settings(max_examples=100, deadline=None)
@given(PAGES)
def test_features_of_a_page_do_not_depend_on_the_pages_beside_it(pages: list[str]) -> None:
    data = [page.encode("utf-8", "replace") for page in pages]
    together = tokenize_lines(b"\n".join(data), [len(page) for page in data])
    features, recur = line_features(together), all_words_recur(together)
    for page, first, after in zip(data, together.page_bounds[:-1], together.page_bounds[1:], strict=True):
        alone = tokenize_lines(page)
        assert np.array_equal(features[first:after], line_features(alone))
        assert np.array_equal(recur[first:after], all_words_recur(alone))


def test_no_logarithm_of_the_table_depends_on_the_last_bits_of_a_float64() -> None:
    # Processors differ in the last bits of log1p: an entry may not lie so near to the middle of two float32.
    exact = np.log1p(np.arange(len(LOG1P)))
    below = np.where(exact >= LOG1P, LOG1P, np.nextafter(LOG1P, np.float32(0)))
    middle = (below.astype(np.float64) + np.nextafter(below, np.float32(np.inf)).astype(np.float64)) / 2
    assert np.all(np.abs(exact - middle) > 8 * np.spacing(exact))
