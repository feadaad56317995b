"""Match lines against the boilerplate rules that their words allow."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from goldwire.extraction.plaintext.boilerplate_patterns import AUTHOR_BIO_HEADING, RULES, BoilerplateRule
from goldwire.extraction.plaintext.captions import CAPTION_RULE, is_caption

__all__ = [
    "ANY_WORD",
    "AUTHOR_BIO_MASK",
    "CAPTION_MASK",
    "FIRST_WORD",
    "RuleMatch",
    "candidate_rules",
    "match_boilerplate",
    "rule_mask",
]

_LONGEST = 400  # characters: a longer line is prose, regardless of its words
_ALL_RULES = (*RULES, CAPTION_RULE)
_WORD = re.compile(r"([^\W_]{1,4})[^\W_]*")
_SIGNS = "/©✉"
_DIGIT = re.compile(r"\d")


class RuleMatch(NamedTuple):
    """The zone of a line, and the reason for it, by the rule that it matches."""

    zone: str
    reason: str


def rule_mask(*zones: str) -> int:
    """Return the rules of these zones as a bitmask."""
    return sum(1 << number for number, rule in enumerate(_ALL_RULES) if rule.zone in zones)


CAPTION_MASK = rule_mask("caption")
AUTHOR_BIO_MASK = 1 << len(_ALL_RULES)
"""The heading of a box about the author, for which its words alone are not enough."""


def _rules_by_word(words_of: Callable[[BoilerplateRule], tuple[str, ...]]) -> dict[str, int]:
    """Return for each word, as a bitmask, the rules that have it as a key."""
    masks: dict[str, int] = {}
    for number, rule in enumerate((*_ALL_RULES, AUTHOR_BIO_HEADING)):
        for word in words_of(rule):
            masks[word] = masks.get(word, 0) | 1 << number
    return masks


ANY_WORD = _rules_by_word(lambda rule: rule.any_word)
FIRST_WORD = _rules_by_word(lambda rule: rule.first_word)
"""For each beginning of any word, and of a line's first word, the rules (a bitmask) that such a line may match."""

_ANY_WORDS = frozenset(ANY_WORD)


@lru_cache(1 << 13)  # a site's menus and boxes are on all its pages
def match_boilerplate(line: str, candidates: int = -1) -> RuleMatch | None:
    """Return the first rule that a line matches; None if there is none.

    Parameters
    ----------
    line : str
        A line of a cleaned page.
    candidates : int
        Bitmask of the rules that the line can match (`goldwire.extraction.plaintext.prefilter`). Default: -1, not
        known, and they are looked up.
    """
    if len(line) > _LONGEST:
        return None
    for contains, matches, match in _selected_rules(candidate_rules(line) if candidates < 0 else candidates):
        if (not contains or _contains_one(line.lower(), contains)) and matches(line):
            return match
    return None


def candidate_rules(line: str) -> int:
    """Return the rules that a line can match by its words, as a bitmask: none of them, for half of all lines."""
    mask = 0
    words = _WORD.findall(line.lower())
    for word in _ANY_WORDS.intersection(words):
        mask |= ANY_WORD[word]
    if words:
        mask |= FIRST_WORD.get("0" if words[0][0].isdigit() else words[0], 0)
    if "-" in line[2:5]:
        mask |= ANY_WORD["-"]
    for sign in _SIGNS:
        if sign in line:
            mask |= ANY_WORD[sign]
    return mask | ANY_WORD["0"] if _DIGIT.search(line) is not None else mask


def _contains_one(lowered: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110 - any() takes twice as long
        if word in lowered:
            return True
    return False


@lru_cache(1 << 12)
def _selected_rules(mask: int) -> tuple[tuple[tuple[str, ...], Callable[[str], object], RuleMatch], ...]:
    """Return, for each rule of a bitmask: what the line must contain, how it is matched, and the match."""
    return tuple(
        (
            rule.contains,
            is_caption if rule is CAPTION_RULE else rule.pattern.fullmatch,
            RuleMatch(rule.zone, rule.reason),
        )
        for number, rule in enumerate(_ALL_RULES)
        if mask >> number & 1
    )
