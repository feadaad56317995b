"""Lines that inline tags broke are joined, whole lines are not, and each joint is traced to the break."""

from __future__ import annotations

import pytest

from goldwire.extraction.api import extract, prepare_text
from goldwire.extraction.plaintext.fragments import _has_space, has_fragments, join_fragments, lines_and_gaps
from goldwire.extraction.plaintext.line_table import text_lines
from goldwire.text.normalization import normalize

BROKEN = """Home
News
Harbour of Lanthe to stay closed for a third week
By
Mara Oskel
The harbour will stay closed for a third week, the
port authority
said on Monday, after divers found that the
storm
had moved two of the breakwater's largest stones.
The mayor, who spoke to
The Lanthe Post
, said that the town could not wait, and that
a
new
wall would be built by the
Third of June Works
before the winter. He was “
very
” tired of it.
Sign up for our newsletter"""
PARAGRAPHS = [
    "The harbour will stay closed for a third week, the port authority said on Monday, after divers found that the "
    "storm had moved two of the breakwater's largest stones.",
    "The mayor, who spoke to The Lanthe Post, said that the town could not wait, and that a new wall would be built by "
    "the Third of June Works before the winter. He was “very” tired of it.",
]


def test_paragraphs_that_inline_tags_broke_are_joined() -> None:
    page = normalize(BROKEN)
    lines = join_fragments(page, text_lines(page.text)).text.split("\n")
    assert [line for line in lines if line in PARAGRAPHS] == PARAGRAPHS
    assert {"Home", "News", "Harbour of Lanthe to stay closed for a third week"} <= set(lines)


def test_the_article_of_a_broken_page_has_whole_paragraphs() -> None:
    assert extract(BROKEN).body.split("\n\n") == PARAGRAPHS


def test_each_joint_is_traced_to_the_break() -> None:
    raw = BROKEN.replace("\n", " \r\n ").replace("Oskel", "Öskel")
    page = prepare_text(raw).page
    data, covered = raw.encode(), 0
    for run in page.runs():
        text, source = page.text[run.start : run.end], data[run.raw_start : run.raw_end].decode()
        assert source == text or (text in (" ", "\n") and not source.strip())
        covered += run.end - run.start
    assert covered == len(page.text)


def test_a_page_of_whole_lines_is_unchanged() -> None:
    page = normalize("Home\nNews\neBay deals\niPhone\n" + "\n".join(PARAGRAPHS) + "\nMore")
    lines = text_lines(page.text)
    assert join_fragments(page, lines) is page
    assert not has_fragments(lines)


@pytest.mark.parametrize(
    ("before", "after", "has_space"),
    [
        ("to", "Reuters", True),
        ("Reuters", ", the", False),
        ("was “", "very", False),
        ("very", "” tired", False),
        ("Lanthe", "'s mayor", False),
        ("T", "he mayor", False),
        ("A", "mayor", True),
        ("新聞", "は昨日", False),
        ("5", "%", False),
    ],
)
def test_a_space_between_fragments(before: str, after: str, has_space: bool) -> None:
    assert _has_space(before, after) == has_space


def test_blank_lines_are_counted_up_to_three() -> None:
    assert lines_and_gaps("a\nb\n\nc\n\n\n\n\n\nd\n") == (["a", "b", "c", "d"], [0, 0, 1, 3])
