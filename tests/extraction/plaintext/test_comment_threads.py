"""Threads of readers' comments, which end an article."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

from goldwire.extraction.plaintext import comment_threads
from goldwire.extraction.plaintext.comment_threads import find_thread
from support.sample_pages import BODY, HEADLINE

COMMENT = "I was there on Monday and I saw the stones, and I can tell you that this was no storm."
ARTICLE = [HEADLINE, *BODY]


def thread(stamp: str, count: int) -> list[str]:
    """Return comments with their readers' names and stamps, in which `{}` is the comment's number."""
    return [line for number in range(count) for line in ("Jon Tal", stamp.format(number + 1), COMMENT)]


def start(lines: list[str], *, article: float = 0.9, comment: float = 0.6) -> int:
    """Return where the thread begins, given the probabilities of the article's lines and of the comments."""
    likely = {**dict.fromkeys(BODY, article), COMMENT: comment}
    probability = np.array([likely.get(line, 0.0) for line in lines])
    n_words = np.array([line.count(" ") + 1 for line in lines])
    return find_thread("\n".join(lines), lines, probability, n_words)


@pytest.mark.parametrize(
    "stamp",
    [
        "July {}, 2012 at 7:03 pm",
        "{} October 2012 | Permalink",
        "1{}/29/2012 5:14:46 PM",
        "Posted by reader{} on 2012-07-24 10:52 AM (#40)",
        "{} hours ago",
        "Reader {} says:",
        "Reply",
        "Like · Reply to this comment",
        "Antworten",
    ],
)
def test_a_thread_begins_with_the_name_above_its_first_stamp(stamp: str) -> None:
    assert start([*ARTICLE, *thread(stamp, 4), "Privacy"]) == len(ARTICLE)


@pytest.mark.parametrize(
    "below",
    [
        thread("July {}, 2012 at 7:03 pm", 3),  # too few
        thread("Published on May 2, 2024 07:44 PM", 6),  # parts of a live blog, all of one date
        thread("July {}, 2012", 6),  # other stories
        thread("Read more", 6),
        thread("The harbour master said:", 6),
    ],
)
def test_what_has_no_stamps_of_its_own_is_no_thread(below: list[str]) -> None:
    assert start([*ARTICLE, *below]) == len(ARTICLE) + len(below)


def test_a_thread_is_below_its_article_and_less_likely_body() -> None:
    stamped = thread("July {}, 2012 at 7:03 pm", 6)
    assert start([*stamped, *BODY]) == len(stamped) + len(BODY)
    assert start([*ARTICLE, *stamped], article=0.5) == len(ARTICLE) + len(stamped)
    assert start(["News", *thread("July {}, 2012 at 6:00 pm", 1)[:2], *ARTICLE, *stamped]) == len(ARTICLE) + 3


def test_an_action_begins_with_a_known_letter_in_any_case() -> None:
    letters = re.compile("[lsprfa\u043e]", re.IGNORECASE)
    assert set(filter(letters.fullmatch, map(chr, range(sys.maxunicode + 1)))) == comment_threads._ACTION_INITIALS
