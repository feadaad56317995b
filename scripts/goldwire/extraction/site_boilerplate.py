"""Boilerplate that a site repeats: lines that occur on many pages of one source, such as menus, notices and boxes.

Of 24 full-page text dumps of 12 sites, the two pages of a site shared 98 of 100 boilerplate lines of up to three
words, 70 of those of up to twelve and 40 of longer ones; and none of 371 body lines of six words or more.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.line_fingerprints import Fingerprints, line_fingerprints
from goldwire.extraction.network import rounded

__all__ = ["MIN_SHARE", "SiteBoilerplate", "reweight"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MIN_SHARE = 0.02
"""Share of a source's pages on which a line must occur."""

# What occurring on half the pages, or on ten times as many, takes from the log odds of being body; and what not
# recurring in a source of many pages adds: of four bonuses tried on pages of unseen sites this was the best.
_PENALTY_AT_HALF, _PENALTY_PER_TENFOLD, _BONUS = 9.0, 5.0, 0.5
_MANY_PAGES = 100
_LIKELY, _UNLIKELY = 0.5, 0.05  # a less likely line, as most lines of a page are, is not adjusted
_COPY_FACTOR = 2  # times the pages on which a copied article occurs
_MAX_PROBABILITY = 1 - 5e-5  # half a step below 1, since probabilities are rounded to 1e-4


class SiteBoilerplate(msgspec.Struct, frozen=True, eq=False):
    """The lines that recur over a source's pages.

    Attributes
    ----------
    fingerprints : array of uint64
        Fingerprints of the lines, in ascending order.
    page_shares : array of float32
        Share of the source's pages on which each line occurs.
    n_pages : int
        Number of pages that were counted.
    """

    fingerprints: Fingerprints
    page_shares: NDArray[np.float32]
    n_pages: int

    def shares(self, text: str) -> NDArray[np.float32]:
        """Return, for each line of a text, the share of pages on which it occurs; 0 if it does not recur."""
        fingerprints = line_fingerprints(text)
        index = np.minimum(np.searchsorted(self.fingerprints, fingerprints), len(self.fingerprints) - 1)
        is_known = self.fingerprints[index] == fingerprints
        shares: NDArray[np.float32] = np.where(is_known, self.page_shares[index], np.float32(0))
        return shares


def reweight(
    body_probability: Floats, site_boilerplate: SiteBoilerplate, lines: Sequence[str], page_bounds: Sequence[int] | Ints
) -> Floats:
    """Adjust the probability of each line of some pages to be body by what is known of their site.

    A line that recurs becomes the less likely the more pages it occurs on; one that does not, in a source of at least
    100 pages, becomes slightly more likely. If most of a page's likely text recurs, the page may be another copy of an
    article: then only lines that occur on more than twice as many pages are reweighted.

    Parameters
    ----------
    body_probability : array of float
        Probability of each line to be body.
    site_boilerplate : SiteBoilerplate
        The lines that recur over the source's pages.
    lines : sequence of str
        The lines, one page's after the other's.
    page_bounds : sequence of int
        For n pages n + 1 indices: page i has the lines from `page_bounds[i]` to before `page_bounds[i + 1]`.

    Returns
    -------
    array of float
        The adjusted probabilities, rounded to 1e-4.
    """
    likely = np.flatnonzero(body_probability > _UNLIKELY)
    if not len(likely):
        return body_probability
    texts = [lines[index] for index in likely.tolist()]
    shares = site_boilerplate.shares("\n".join(texts))
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    page = np.searchsorted(np.asarray(page_bounds), likely, side="right") - 1
    adjusted = body_probability.copy()
    adjusted[likely] = _reweight(body_probability[likely], shares, sizes, site_boilerplate.n_pages, page)
    return adjusted


def _reweight(probability: Floats, shares: NDArray[np.float32], sizes: Ints, n_pages: int, page: Ints) -> Floats:
    recurs = shares > 0
    sizes = sizes * (probability > _LIKELY)
    is_copy = 2 * np.bincount(page, sizes * recurs) > np.bincount(page, sizes)
    for number in np.flatnonzero(is_copy).tolist():
        lines = np.flatnonzero(recurs & (page == number))
        recurs[lines] = shares[lines] > _COPY_FACTOR * _weighted_median(shares[lines], sizes[lines])
    penalty = np.where(
        recurs,
        _PENALTY_AT_HALF + _PENALTY_PER_TENFOLD * np.log10(np.maximum(shares.astype(np.float64), MIN_SHARE) / 0.5),
        0,
    )
    if n_pages >= _MANY_PAGES:
        penalty[shares == 0] = -_BONUS
    bounded = np.minimum(probability, _MAX_PROBABILITY)
    log_odds = np.log(bounded) - np.log1p(-bounded) - penalty
    return rounded(1 / (1 + np.exp(-log_odds)))


def _weighted_median(shares: NDArray[np.float32], weights: Ints) -> float:
    """Return the median of the shares, each counted as often as its line has characters."""
    order = np.argsort(shares)
    total = np.cumsum(weights[order])
    return float(shares[order][np.searchsorted(total, total[-1] / 2)])
