"""A look at a line's words spares it patterns, and never one that it matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from goldwire.extraction.plaintext import boilerplate, line_features, prefilter
from goldwire.extraction.plaintext.boilerplate_patterns import NAMED
from goldwire.extraction.plaintext.captions import ALONE, CAPTION, CREDIT, START, is_caption
from goldwire.extraction.plaintext.named import Named
from goldwire.text.normalization import normalize

ROWS = (*NAMED, CAPTION)
LETTERS = st.sampled_from(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;!?-|/()&+*#'\"’“”–—·•©Âéñóœ✉→"
)


AHEAD = re.compile(r"\(\?=[^()]*(?:\([^()]*\)[^()]*)*\)")
BEHIND = re.compile(r"\(\?<=(?:\[(?:\\.|[^\]\\])*\]|\\.)\)")  # a class, or a sign


def of_one(line: str) -> int:
    return int(prefilter.may_be(line_features.look(line.encode()))[0])


@pytest.mark.parametrize("row", NAMED, ids=lambda row: f"{row.zone}-{row.why}".replace(" ", "-"))
def test_a_line_that_matches_a_row_has_one_of_its_keys(row: Named) -> None:
    # Without looking ahead, for which hypothesis throws most of what it draws away.
    plain = re.compile(AHEAD.sub("", row.pattern.pattern), row.pattern.flags)

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(plain, fullmatch=True, alphabet=LETTERS))
    def check(text: str) -> None:
        line = normalize(text).text
        assume(line and len(line) < 400 and "\n" not in line and row.pattern.fullmatch(line))
        bit = 1 << NAMED.index(row)
        assert boilerplate.may_be(line) & bit
        assert of_one(line) & bit  # -1, too
        assert not row.has or any(words in line.lower() for words in row.has)
        assert boilerplate.name_line(line) is not None

    check()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        [
            st.from_regex(BEHIND.sub("", pattern.pattern), fullmatch=True, alphabet=LETTERS)
            for pattern in (CREDIT, ALONE, START)
        ]
    )
)
def test_a_caption_has_one_of_its_keys(text: str) -> None:
    line = normalize(text).text
    assume(line and "\n" not in line and is_caption(line))
    assert boilerplate.may_be(line) & boilerplate.MAY_BE_CAPTION
    assert of_one(line) & boilerplate.MAY_BE_CAPTION


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.zone}-{row.why}".replace(" ", "-"))
def test_keys_are_words_or_the_first_letters_of_them(row: Named) -> None:
    assert row.keys or row.first
    assert all(len(key) <= 4 and key == key.lower() for key in (*row.keys, *row.first))


WORDS = sorted(
    {*boilerplate.KEYS, *boilerplate.FIRST, "photo", "Reuters", "story", "newsletter", "ﬁ", "٣", "×", "Share", "of"}
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=8).map(" ".join))
def test_the_look_at_all_lines_and_the_look_at_one_allow_the_same_names(text: str) -> None:
    seen = line_features.look(normalize(text).text.encode())
    for line, may in zip(
        (line for line in normalize(text).text.split("\n") if line), prefilter.may_be(seen), strict=True
    ):
        assert boilerplate.name_line(line, int(may)) == boilerplate.name_line(line)


def test_lines_without_a_word_of_residue_need_no_pattern() -> None:
    prose = "The owners of the ferry called the decision hasty."
    assert boilerplate.may_be(prose) == of_one(prose) == 0


@pytest.mark.parametrize("sign", ["©", "→", "✉", "ﬁ", "́", "٣", "×"])
def test_of_signs_that_stick_to_words_the_line_itself_is_asked(sign: str) -> None:
    assert of_one(f"{sign}Advertisement") == -1
    assert boilerplate.name_line(f"{sign} Advertisement") is not None or sign in "ﬁ٣"


def test_a_row_is_tried_only_where_a_line_has_what_all_of_it_have() -> None:
    tried = []
    rows = boilerplate._rows(boilerplate.rows_of("legal"))
    assert [name for *_, name in rows] == [("legal", "legal line")]
    for line in ("The ferry may not run on Monday.", "© 2021 The Lanthe Post"):
        tried += [line for has, *_ in rows if any(words in line.lower() for words in has)]
    assert tried == ["© 2021 The Lanthe Post"]


def test_rows_of_zones() -> None:
    both = boilerplate.rows_of("comments", "caption")
    assert boilerplate.may_be("Leave a comment") & both
    assert both & boilerplate.MAY_BE_CAPTION
    assert [row.zone for number, row in enumerate(ROWS) if both >> number & 1] == ["comments", "comments", "caption"]
