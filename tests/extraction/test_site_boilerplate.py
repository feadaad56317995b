"""Lines that recur over a source's pages: what counts as the same line, in how many pages, and what follows from it."""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.extraction.line_fingerprints import line_fingerprints, page_fingerprints
from goldwire.extraction.line_frequencies import LineFrequencies
from goldwire.extraction.site_boilerplate import SiteBoilerplate, reweight
from goldwire.text.normalization import normalize

ODD = " \t\xa0\u200b\u2009\ufeff\xad"
LETTERS = "aBcé’“—»ßжш北0159.,:!-"


def keys(text: str) -> list[int]:
    return [int(key) for key in line_fingerprints(text)]


def folded(line: str) -> str:
    """What a line is told by, character by character."""
    kept = "".join(c.lower() if c.isascii() else c for c in line if (c.isalnum() if c.isascii() else c not in "’“—»"))
    return re.sub("[0-9]+", "0", kept)


@given(st.lists(st.text(LETTERS, max_size=12), min_size=1, max_size=30))
def test_lines_have_one_key_that_have_the_same_letters(lines: list[str]) -> None:
    by_key: dict[int, set[str]] = {}
    for line, key in zip(lines, keys("\n".join(lines)), strict=True):
        assert (key == 0) == (len(folded(line).encode()) < 3)
        if key:
            by_key.setdefault(key, set()).add(folded(line))
    assert all(len(forms) == 1 for forms in by_key.values())
    assert len(by_key) == len({form for forms in by_key.values() for form in forms})


@given(st.text(LETTERS + ODD + "\n", max_size=200))
def test_cleaning_a_page_changes_no_key(raw: str) -> None:
    assert set(keys(normalize(raw).text)) - {0} == set(keys(raw)) - {0}


def test_what_is_too_long_or_has_nothing_to_tell_it_by_has_no_key() -> None:
    assert keys("word " * 100 + "\n12\n— » —\n\nfar") == [0, 0, 0, 0, keys("far")[0]]


def test_numbers_of_a_line_are_all_one() -> None:
    assert len({*keys("3 comments\n1,204 Comments\nComments 3")}) == 2


def corpus(chance: random.Random, pages: int) -> list[str]:
    lines = [f"line {'abcdefghij'[n % 10] * (3 + n // 10)}" for n in range(60)]
    return ["\n".join(chance.choices(lines, [1 / (n + 1) for n in range(60)], k=12)) for _ in range(pages)]


def add(tally: LineFrequencies, pages: list[str], weight: int = 1) -> None:
    tally.add(*page_fingerprints([page.encode() for page in pages]), weight)


@pytest.mark.parametrize("seed", range(5))
def test_what_recurs_is_what_counting_every_line_would_find(seed: int) -> None:
    chance = random.Random(seed)
    pages = corpus(chance, chance.randint(3, 400))
    tally = LineFrequencies()
    done = 0
    while done < len(pages):
        size = chance.randint(1, 60)
        add(tally, pages[done : done + size])
        done += size
    exact = Counter(key for page in pages for key in {*keys(page)})
    wanted = {key: count for key, count in exact.items() if count >= max(3, 0.02 * len(pages))}
    found = tally.recurring()
    assert found is not None
    assert {*found.fingerprints.tolist()} == set(wanted)
    assert found.page_shares.tolist() == pytest.approx(
        [wanted[key] / len(pages) for key in found.fingerprints.tolist()]
    )


def test_a_page_may_stand_for_several() -> None:
    tally = LineFrequencies()
    add(tally, ["Most read\nother"] * 2)
    add(tally, ["most read"], weight=8)
    found = tally.recurring()
    assert found is not None
    assert (found.n_pages, found.shares("Most read").tolist()) == (10, [1.0])


def test_nothing_recurs_in_two_pages() -> None:
    tally = LineFrequencies()
    add(tally, ["Most read", "Most read"])
    add(tally, [])
    assert tally.recurring() is None


LINES = ("Arvenholt reopens its ferry", "It crosses on Monday.", "Sign up for more.", "The mayor was there.")
TEXT = "\n\n".join(LINES)


def known(shares: dict[str, float], pages: int = 50) -> SiteBoilerplate:
    pairs = sorted((keys(line)[0], share) for line, share in shares.items())
    return SiteBoilerplate(
        np.array([key for key, _ in pairs], np.uint64), np.array([s for _, s in pairs], np.float32), pages
    )


def weighed_lines(shares: dict[str, float], likely: list[float], pages: int = 50) -> list[float]:
    return [float(p) for p in reweight(np.array(likely), known(shares, pages), LINES, [0, len(LINES)])]


def test_the_more_pages_a_line_stands_in_the_less_likely_it_is_body() -> None:
    found = [weighed_lines({LINES[2]: share}, [0.1, 0.9, 0.9, 0.9])[2] for share in (0.02, 0.1, 0.5, 1.0)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.5 > 0.1 > found[2]


def test_other_lines_stay_as_likely_but_in_a_source_of_many_pages() -> None:
    likely = [0.1, 0.9, 0.9, 0.4]
    few, many = (weighed_lines({LINES[2]: 0.5}, likely, pages) for pages in (50, 5000))
    assert [few[n] for n in (0, 1, 3)] == pytest.approx([likely[n] for n in (0, 1, 3)])
    assert all(many[n] > likely[n] for n in (0, 1, 3))
    assert weighed_lines({LINES[2]: 0.5}, [0.01] * 4, 5000) == pytest.approx([0.01] * 4)


def test_what_is_mostly_of_lines_that_recur_is_another_copy_and_stays() -> None:
    likely = [0.1, 0.9, 0.9, 0.9]
    assert weighed_lines(dict.fromkeys(LINES[1:], 0.5), likely) == pytest.approx(likely)


def test_of_another_copy_what_stands_in_many_more_pages_is_reweight() -> None:
    shares = {LINES[1]: 0.04, LINES[2]: 0.9, LINES[3]: 0.04}
    found = weighed_lines(shares, [0.1, 0.9, 0.9, 0.9])
    assert [found[n] for n in (0, 1, 3)] == pytest.approx([0.1, 0.9, 0.9])
    assert found[2] < 0.01


def test_certain_lines_stay_numbers() -> None:
    found = weighed_lines({LINES[2]: 1.0}, [0.0, 1.0, 1.0, 1.0])
    assert all(0 <= p <= 1 for p in found)
