"""Fingerprints of lines: which lines count as the same."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from goldwire.extraction.line_fingerprints import line_fingerprints, page_fingerprints
from goldwire.text.normalization import normalize

ODD = " \t\xa0\u200b\u2009\ufeff\xad"
LETTERS = "aBcé’“—»ßжш北0159.,:!-"


def fingerprints(text: str) -> list[int]:
    return [int(fingerprint) for fingerprint in line_fingerprints(text)]


def folded(line: str) -> str:
    """The characters of a line that its fingerprint depends on."""
    letters = (c.lower() if c.isascii() else c for c in line if (c.isalnum() if c.isascii() else c not in "’“—»"))
    return re.sub("[0-9]+", "0", "".join(letters))


@given(st.lists(st.text(LETTERS, max_size=12), min_size=1, max_size=30))
def test_lines_with_the_same_letters_have_one_fingerprint(lines: list[str]) -> None:
    by_fingerprint: dict[int, set[str]] = {}
    for line, fingerprint in zip(lines, fingerprints("\n".join(lines)), strict=True):
        assert (fingerprint == 0) == (len(folded(line).encode()) < 3)
        if fingerprint:
            by_fingerprint.setdefault(fingerprint, set()).add(folded(line))
    assert all(len(forms) == 1 for forms in by_fingerprint.values())
    assert len(by_fingerprint) == len({form for forms in by_fingerprint.values() for form in forms})


@given(st.text(LETTERS + ODD + "\n", max_size=200))
def test_cleaning_a_page_changes_no_fingerprint(raw: str) -> None:
    assert set(fingerprints(normalize(raw).text)) - {0} == set(fingerprints(raw)) - {0}


def test_a_line_that_is_too_long_or_has_too_few_letters_has_no_fingerprint() -> None:
    assert fingerprints("word " * 100 + "\n12\n— » —\n\nfar") == [0, 0, 0, 0, fingerprints("far")[0]]


def test_all_numbers_count_as_the_same() -> None:
    assert len({*fingerprints("3 comments\n1,204 Comments\nComments 3")}) == 2


@given(st.lists(st.text(LETTERS + "\n\r", max_size=30), max_size=6))
def test_pages_together_have_the_fingerprints_of_each(pages: list[str]) -> None:
    together, counts = page_fingerprints([page.encode() for page in pages])
    assert together.tolist() == [number for page in pages for number in fingerprints(page)]
    assert counts.tolist() == [len(fingerprints(page)) for page in pages]
