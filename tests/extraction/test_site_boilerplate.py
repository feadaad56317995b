"""Probabilities that are adjusted by how often the lines of a site recur."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.extraction.line_fingerprints import line_fingerprints
from goldwire.extraction.site_boilerplate import SiteBoilerplate, reweight

LINES = ("Arvenholt reopens its ferry", "It crosses on Monday.", "Sign up for more.", "The mayor was there.")


def known(shares: dict[str, float], pages: int = 50) -> SiteBoilerplate:
    pairs = sorted((int(line_fingerprints(line)[0]), share) for line, share in shares.items())
    fingerprints = np.array([fingerprint for fingerprint, _ in pairs], np.uint64)
    return SiteBoilerplate(fingerprints, np.array([share for _, share in pairs], np.float32), pages)


def reweighted(shares: dict[str, float], probability: list[float], pages: int = 50) -> list[float]:
    return [float(p) for p in reweight(np.array(probability), known(shares, pages), LINES, [0, len(LINES)])]


def test_the_more_pages_a_line_occurs_on_the_less_likely_it_is_body() -> None:
    adjusted = [reweighted({LINES[2]: share}, [0.1, 0.9, 0.9, 0.9])[2] for share in (0.02, 0.1, 0.5, 1.0)]
    assert adjusted == sorted(adjusted, reverse=True)
    assert adjusted[0] > 0.5 > 0.1 > adjusted[2]


def test_other_lines_become_more_likely_only_in_a_source_of_many_pages() -> None:
    probability = [0.1, 0.9, 0.9, 0.4]
    few, many = (reweighted({LINES[2]: 0.5}, probability, pages) for pages in (50, 5000))
    assert [few[n] for n in (0, 1, 3)] == pytest.approx([probability[n] for n in (0, 1, 3)])
    assert all(many[n] > probability[n] for n in (0, 1, 3))
    assert reweighted({LINES[2]: 0.5}, [0.01] * 4, 5000) == pytest.approx([0.01] * 4)


def test_a_page_of_mostly_recurring_lines_is_a_copy_and_is_not_reweighted() -> None:
    probability = [0.1, 0.9, 0.9, 0.9]
    assert reweighted(dict.fromkeys(LINES[1:], 0.5), probability) == pytest.approx(probability)


def test_in_a_copy_lines_that_occur_on_many_more_pages_are_reweighted() -> None:
    shares = {LINES[1]: 0.04, LINES[2]: 0.9, LINES[3]: 0.04}
    adjusted = reweighted(shares, [0.1, 0.9, 0.9, 0.9])
    assert [adjusted[n] for n in (0, 1, 3)] == pytest.approx([0.1, 0.9, 0.9])
    assert adjusted[2] < 0.01


def test_certain_lines_have_finite_probabilities() -> None:
    adjusted = reweighted({LINES[2]: 1.0}, [0.0, 1.0, 1.0, 1.0])
    assert all(0 <= p <= 1 for p in adjusted)
