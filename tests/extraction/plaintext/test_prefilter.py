"""The prefilter excludes rules by the words of a line, and never one that the line matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from goldwire.extraction.plaintext import boilerplate, prefilter
from goldwire.extraction.plaintext.boilerplate_patterns import RULES, BoilerplateRule
from goldwire.extraction.plaintext.captions import CAPTION_RULE, CREDIT_AT_END, CREDIT_ONLY, START, is_caption
from goldwire.extraction.plaintext.line_features import line_features
from goldwire.extraction.plaintext.line_tokens import tokenize_lines
from goldwire.text.normalization import normalize

ALL_RULES = (*RULES, CAPTION_RULE)
LETTERS = st.sampled_from(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;!?-|/()&+*#'\"’“”–—·•©Âéñóœ✉→"
)


LOOKAHEAD = re.compile(r"\(\?=[^()]*(?:\([^()]*\)[^()]*)*\)")
LOOKBEHIND = re.compile(r"\(\?<=(?:\[(?:\\.|[^\]\\])*\]|\\.)\)")  # a class, or a sign


def prefiltered(text: str) -> list[int]:
    """The candidate rules of each line of a page, as the prefilter finds them."""
    lines = tokenize_lines(text.encode())
    return [int(mask) for mask in prefilter.candidate_rules(lines, line_features(lines))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.zone}-{rule.reason}".replace(" ", "-"))
def test_a_line_that_matches_a_rule_has_one_of_its_words(rule: BoilerplateRule) -> None:
    # Without lookahead, for which hypothesis rejects most of what it draws.
    plain = re.compile(LOOKAHEAD.sub("", rule.pattern.pattern), rule.pattern.flags)

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(plain, fullmatch=True, alphabet=LETTERS))
    def check(text: str) -> None:
        line = normalize(text).text
        assume(line and len(line) < 400 and "\n" not in line and rule.pattern.fullmatch(line))
        bit = 1 << RULES.index(rule)
        assert boilerplate.candidate_rules(line) & bit
        assert prefiltered(line)[0] & bit  # -1, too
        assert not rule.contains or any(words in line.lower() for words in rule.contains)
        assert boilerplate.match_boilerplate(line) is not None

    check()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        [
            st.from_regex(LOOKBEHIND.sub("", pattern.pattern), fullmatch=True, alphabet=LETTERS)
            for pattern in (CREDIT_AT_END, CREDIT_ONLY, START)
        ]
    )
)
def test_a_caption_has_one_of_the_words_of_its_rule(text: str) -> None:
    line = normalize(text).text
    assume(line and "\n" not in line and is_caption(line))
    assert boilerplate.candidate_rules(line) & boilerplate.CAPTION_MASK
    assert prefiltered(line)[0] & boilerplate.CAPTION_MASK


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: f"{rule.zone}-{rule.reason}".replace(" ", "-"))
def test_words_of_rules_have_at_most_four_lower_case_letters(rule: BoilerplateRule) -> None:
    assert rule.any_word or rule.first_word
    assert all(len(key) <= 4 and key == key.lower() for key in (*rule.any_word, *rule.first_word))


WORDS = sorted(
    {
        *boilerplate.ANY_WORD,
        *boilerplate.FIRST_WORD,
        "photo",
        "Reuters",
        "story",
        "newsletter",
        "ﬁ",
        "٣",
        "×",
        "Share",
        "of",
    }
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=8).map(" ".join))
def test_the_prefilter_and_the_rules_by_line_allow_the_same_matches(text: str) -> None:
    page = normalize(text).text
    lines = [line for line in page.split("\n") if line]
    for line, candidates in zip(lines, prefiltered(page), strict=True):
        assert boilerplate.match_boilerplate(line, candidates) == boilerplate.match_boilerplate(line)


def test_a_line_without_a_word_of_any_rule_has_no_candidates() -> None:
    prose = "The owners of the ferry called the decision hasty."
    assert boilerplate.candidate_rules(prose) == prefiltered(prose)[0] == 0


@pytest.mark.parametrize("sign", ["©", "→", "✉", "ﬁ", "́", "٣", "×"])
def test_lines_with_signs_joined_to_words_are_left_to_the_rules_by_line(sign: str) -> None:
    assert prefiltered(f"{sign}Advertisement")[0] == -1
    assert boilerplate.match_boilerplate(f"{sign} Advertisement") is not None or sign in "ﬁ٣"
