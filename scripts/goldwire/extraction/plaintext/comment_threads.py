"""Find where a thread of readers' comments begins, by each comment's stamp: a date with a time, `Reply`, `Jon says:`.

A comment is prose like the article above it, and a long thread outweighs a short article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext.line_selection import PROBABILITY_STEPS, expected_words

__all__ = ["find_thread"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MIN_STAMPS = 4
_LONGEST, _LONGEST_ACTION = 120, 50  # characters of a line with a stamp, and of one that is nothing else
_LONGEST_NAME = 40  # characters of the line above the first stamp: the reader's name
_MIN_STORY = 20  # words of body that are expected above a thread
_LIKELY = 0.2  # probability from which lines are compared
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}|\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}})"
_STAMP = re.compile(
    rf"{_DATE}.{{0,20}}(?:\d:\d\d(?!\d).{{0,10}}|permalink|reply)|\d+ (?:min|hour|day|week|month|year)[a-z]* ago",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"(?:(?:like|share|permalink)\W+)*"
    r"(?:reply(?: to this(?: \w+)?)?|report (?:abuse|comment)|flag as inappropriate"
    r"|responder|répondre|antworten|ответить)"
    r"(?:\W+(?:like|share|permalink|reply|report))*\W{0,3}",
    re.IGNORECASE,
)
# A reader's name, as weblogs write it above a comment; "said:" is as often in an article.
_SPEAKER = re.compile(r".{1,40} (says|wrote|writes):\W{0,3}")
_LONGEST_SPEAKER = 50  # characters
_ACTION_INITIALS = frozenset("lsprfaLSPRFA\u017f\u041e\u043e\u1c82")  # of actions: `s` is also long, `o` Cyrillic
_HINTS = ("eply", "ermalink", " ago", "eport ", "lag as", "esponder", "épondre", "ntworten", "тветить")
_SPEAKER_HINTS = (" says:", " wrote:", " writes:")
_MINUTES = re.compile(r":[0-5]\d")
_NUMBER, _LETTERS = re.compile(r"\d+"), re.compile(r"[a-z]{3,9}\b\.?", re.IGNORECASE)


def find_thread(text: str, lines: Sequence[str], probability: Floats, n_words: Ints) -> int:
    """Return the line with which a thread of comments begins below an article; the number of lines if there is none.

    Parameters
    ----------
    text : str
        A cleaned page.
    lines : sequence of str
        Its lines that are not blank.
    probability : array of float, shape (lines,)
        Probability of each line to be body, rounded to 1e-4.
    n_words : array of int, shape (lines,)
        Number of words of each line.
    """
    if not _may_have_thread(text):
        return len(lines)
    stamps = {
        number: stamp
        for number, line in enumerate(lines)
        if len(line) <= _LONGEST and (stamp := _stamp(line)) is not None
    }
    counts = Counter(kind for kind, _ in stamps.values())
    if max(counts.values(), default=0) < _MIN_STAMPS:
        return len(lines)
    n_different = Counter(kind for kind, _ in {(kind, name or number) for number, (kind, name) in stamps.items()})
    is_below = _below_article(probability, n_words)
    for number, (kind, _) in stamps.items():
        if counts[kind] >= _MIN_STAMPS and n_different[kind] > 1:
            start = number - 1 if number and len(lines[number - 1]) <= _LONGEST_NAME else number
            if is_below[start]:
                return start
            counts[kind] -= 1  # above the article
    return len(lines)


def _may_have_thread(text: str) -> bool:
    """Whether a page has as many times, or words of stamps, as a thread."""
    hints: tuple[str, ...] = _HINTS
    if text.count(":") >= _MIN_STAMPS:
        if len(_MINUTES.findall(text)) >= _MIN_STAMPS:
            return True
        hints += _SPEAKER_HINTS
    return any(text.count(hint) >= _MIN_STAMPS for hint in hints)


@lru_cache(1 << 13)  # most short lines are a site's menus and boxes, on all its pages: half the time of `find_thread`
def _stamp(line: str) -> tuple[str, str] | None:
    """Return the kind of a line's stamp, and what tells it from others of its kind ("": its place), or None.

    A live blog has one date at each of its parts: that tells none from the others.
    """
    # Most lines have none of these letters and words, which is faster to see than that they do not match.
    if line[0] in _ACTION_INITIALS and len(line) <= _LONGEST_ACTION and _ACTION.fullmatch(line) is not None:
        return line.lower(), ""
    has_colon = ":" in line
    if has_colon and len(line) <= _LONGEST_SPEAKER and ":" in line[-4:]:
        speaker = _SPEAKER.fullmatch(line)
        if speaker is not None:
            return speaker[1], line
    match = _STAMP.search(line) if has_colon or " ago" in line or "ermalink" in line or "eply" in line else None
    return None if match is None else (_LETTERS.sub("a", _NUMBER.sub("0", match.group())), line)


def _below_article(probability: Floats, n_words: Ints) -> NDArray[np.bool_]:
    """Return for each line whether an article is above it, and it and what follows are less likely body than that."""
    is_likely = probability >= _LIKELY
    size = np.append(0, ((n_words + 1) * is_likely).cumsum())
    body = np.append(0, (expected_words(probability, n_words) * is_likely).cumsum())
    size_below, body_below = size[-1] - size[:-1], body[-1] - body[:-1]
    is_article: NDArray[np.bool_] = body[:-1] >= _MIN_STORY * PROBABILITY_STEPS
    is_article &= body_below * size[:-1] < body[:-1] * size_below
    return is_article
