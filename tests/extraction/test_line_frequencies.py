"""Counts of the pages on which lines occur."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from goldwire.extraction.line_fingerprints import line_fingerprints, page_fingerprints
from goldwire.extraction.line_frequencies import LineFrequencies


def fingerprints(text: str) -> list[int]:
    return [int(fingerprint) for fingerprint in line_fingerprints(text)]


def corpus(random_: random.Random, pages: int) -> list[str]:
    lines = [f"line {'abcdefghij'[n % 10] * (3 + n // 10)}" for n in range(60)]
    return ["\n".join(random_.choices(lines, [1 / (n + 1) for n in range(60)], k=12)) for _ in range(pages)]


def add(frequencies: LineFrequencies, pages: list[str], weight: int = 1) -> None:
    frequencies.add(*page_fingerprints([page.encode() for page in pages]), weight)


@pytest.mark.parametrize("seed", range(5))
def test_the_lines_that_recur_are_those_of_an_exact_count(seed: int) -> None:
    random_ = random.Random(seed)
    pages = corpus(random_, random_.randint(3, 400))
    frequencies = LineFrequencies()
    start = 0
    while start < len(pages):
        size = random_.randint(1, 60)
        add(frequencies, pages[start : start + size])
        start += size
    exact = Counter(line for page in pages for line in {*fingerprints(page)})
    expected = {line: count for line, count in exact.items() if count >= max(3, 0.02 * len(pages))}
    boilerplate = frequencies.recurring()
    assert boilerplate is not None
    assert {*boilerplate.fingerprints.tolist()} == set(expected)
    assert boilerplate.page_shares.tolist() == pytest.approx(
        [expected[line] / len(pages) for line in boilerplate.fingerprints.tolist()]
    )


def test_a_page_may_represent_several() -> None:
    frequencies = LineFrequencies()
    add(frequencies, ["Most read\nother"] * 2)
    add(frequencies, ["most read"], weight=8)
    boilerplate = frequencies.recurring()
    assert boilerplate is not None
    assert (boilerplate.n_pages, boilerplate.shares("Most read").tolist()) == (10, [1.0])


def test_nothing_recurs_in_two_pages() -> None:
    frequencies = LineFrequencies()
    add(frequencies, ["Most read", "Most read"])
    add(frequencies, [])
    assert frequencies.recurring() is None
