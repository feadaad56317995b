"""Plans of annotation: the articles, and annotators of each, that make an interval as narrow as it has to be.

The variance of a coefficient per article is that of a pilot, measured or guessed: `goldwire.agreement.pilots`.

References
----------
R. H. Browne (1995). On the use of a pilot sample for sample size determination. Statistics in Medicine 14, 1933-1940.
"""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.agreement.pilots import Pilot
from goldwire.quantities import quantity
from goldwire.records import Record

__all__ = ["CurvePoint", "PlannedDesign", "PrecisionPlan", "curve_sizes", "plan_precision", "precision_curve"]

_MAX_ARTICLES = 1_000_000


class PlannedDesign(Record, frozen=True, kw_only=True):
    """A number of annotators per article, and what it takes to reach the precision with it.

    Parameters
    ----------
    overlap : int
        Annotators per article.
    articles : int or None
        Articles with that many annotators; None if a million do not suffice.
    labelled_articles : int or None
        Articles times annotators: the cost.
    half_width_at_equal_cost : float
        Half of the interval's width for the cost of the cheapest design.
    """

    overlap: int
    articles: int | None
    labelled_articles: int | None
    half_width_at_equal_cost: float


class CurvePoint(Record, frozen=True, kw_only=True):
    """Half of the interval's width to expect after that many articles."""

    articles: int
    half_width: float


class PrecisionPlan(Record, frozen=True, kw_only=True):
    """Designs that reach a precision, the cheapest first.

    Parameters
    ----------
    coefficient : str
    value : float
        Its value in the pilot, or the guess.
    precision : float
        Half of the width that the 95% interval may have.
    assurance : float
        The probability with which a design reaches the precision, given how uncertain the pilot's variance is.
    pilot_articles, pilot_overlap : int or None
        Articles of the pilot, and annotators per article; None for a guess.
    pilot_half_width : float or None
        Half of the interval's width now.
    designs : tuple of PlannedDesign
    curve : tuple of CurvePoint
        The precision after more articles of the pilot's kind; empty for a guess.
    notes : tuple of str
        What the plan cannot know.
    """

    coefficient: str
    value: float
    precision: float
    assurance: float
    pilot_articles: int | None
    pilot_overlap: int | None
    pilot_half_width: float | None
    designs: tuple[PlannedDesign, ...]
    curve: tuple[CurvePoint, ...]
    notes: tuple[str, ...]


def plan_precision(
    pilot: Pilot, precision: float, *, assurance: float = 0.8, max_overlap: int = 4, fixed_overlap: bool = False
) -> PrecisionPlan:
    """Plan the designs that make the 95% interval as narrow as wanted.

    Parameters
    ----------
    pilot : Pilot
    precision : float
        Half of the width of the interval: .05 for +- 5 points.
    assurance : float, default: 0.8
        The probability with which the precision is reached. The pilot's variance is itself uncertain: it is replaced by
        the upper bound of its one-sided interval [1]_. Of a guess, nothing is known about that.
    max_overlap : int, default: 4
        The largest number of annotators per article to consider.
    fixed_overlap : bool, default: False
        Whether only the pilot's overlap is considered, as for the score of a model.

    Raises
    ------
    ValueError
        If an option is out of range.

    Notes
    -----
    The planned interval is that of `goldwire.agreement`, with every figure that it depends on scaled to the number of
    articles: the same transformed scale, degrees of freedom and allowance for articles not seen.

    References
    ----------
    .. [1] R. H. Browne (1995). On the use of a pilot sample for sample size determination. Statistics in Medicine 14,
       1933-1940.

    Examples
    --------
    >>> from goldwire.agreement.pilots import guessed_pilot
    >>> from goldwire.agreement.planning import plan_precision
    >>> plan = plan_precision(guessed_pilot(0.8), 0.05)
    >>> [(design.overlap, design.articles, design.labelled_articles) for design in plan.designs]
    [(2, 64, 128), (3, 61, 183), (4, 59, 236)]
    """
    if not 0 < precision < 1 or not 0 < assurance < 1 or max_overlap < 2:
        raise ValueError(
            f"precision {precision} or assurance {assurance} is not between 0 and 1, or max_overlap {max_overlap} is "
            "below 2"
        )
    overlaps = [pilot.overlap] if fixed_overlap else range(2, max_overlap + 1)
    inflation = {overlap: _inflation(pilot, overlap, assurance) for overlap in overlaps}
    needed = {overlap: _articles(pilot, overlap, precision, inflation[overlap]) for overlap in overlaps}
    costs = [articles * overlap for overlap, articles in needed.items() if articles is not None]
    budget = min(costs, default=_MAX_ARTICLES)
    designs = [
        PlannedDesign(
            overlap=overlap,
            articles=articles,
            labelled_articles=None if articles is None else articles * overlap,
            half_width_at_equal_cost=pilot.expected(
                max(2, budget // overlap), overlap, inflation[overlap]
            ).half_width(),
        )
        for overlap, articles in needed.items()
    ]
    basis = pilot.basis
    return PrecisionPlan(
        coefficient=pilot.coefficient,
        value=basis.value,
        precision=precision,
        assurance=assurance,
        pilot_articles=None if pilot.is_guess else basis.n_groups,
        pilot_overlap=None if pilot.is_guess else pilot.overlap,
        pilot_half_width=None if pilot.is_guess else basis.half_width(),
        designs=tuple(sorted(designs, key=lambda design: (design.labelled_articles or _MAX_ARTICLES, design.overlap))),
        curve=() if pilot.is_guess else precision_curve(pilot),
        notes=tuple(_notes(pilot, fixed_overlap)),
    )


def _notes(pilot: Pilot, fixed_overlap: bool) -> Iterator[str]:
    if pilot.is_guess:
        yield "based on guesses: plan again from a pilot of ten articles or more"
    elif pilot.basis.n_groups < 10:
        yield f"a pilot of {quantity(pilot.basis.n_groups, 'article')} is small: plan again after ten"
    if not pilot.is_guess and not fixed_overlap and pilot.own_variance == 0:
        yield "the pilot does not show that more annotators per article make the interval narrower"


def _inflation(pilot: Pilot, overlap: int, assurance: float) -> float:
    """Return the upper bound of a pilot's variance, relative to its estimate.

    With more annotators than in the pilot the variance is extrapolated, and less certain: with all degrees of freedom,
    75% of the plans for four annotators from pilots of three reached a precision that 80% should reach.
    """
    from scipy.special import chdtri

    if pilot.is_guess:
        return 1.0
    freedom = pilot.basis.freedom * min(1.0, pilot.overlap / overlap)
    return max(1.0, freedom / float(chdtri(freedom, assurance)))


def _articles(pilot: Pilot, overlap: int, precision: float, inflation: float) -> int | None:
    """Return the least number of articles whose interval is narrow enough."""
    low, high = 2, _MAX_ARTICLES
    if pilot.expected(high, overlap, inflation).half_width() > precision:
        return None
    while low < high:
        middle = (low + high) // 2
        if pilot.expected(middle, overlap, inflation).half_width() <= precision:
            high = middle
        else:
            low = middle + 1
    return low


def precision_curve(pilot: Pilot) -> tuple[CurvePoint, ...]:
    """Return the precision to expect after as many articles as now, and after up to eight times as many."""
    return tuple(
        CurvePoint(articles=size, half_width=pilot.expected(size, pilot.overlap).half_width())
        for size in curve_sizes(pilot.basis.n_groups)
    )


def curve_sizes(now: int) -> list[int]:
    """Return the numbers of articles of a curve: half of those of now, to eight times as many."""
    return sorted({max(2, round(now * factor)) for factor in (0.5, 1, 1.5, 2, 3, 4, 6, 8)})
