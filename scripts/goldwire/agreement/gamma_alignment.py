"""The best alignment of several annotators' units: which of them are one thing, at the least total disorder.

Mathet, Widlocher and Metivier (2015), The unified and holistic method gamma, Computational Linguistics 41(3):437-479.
A unitary alignment takes one unit or none of each annotator; an alignment takes every unit once. Exact, by linear
programming (HiGHS): its solutions are nearly always whole numbers, and where they are not, branch and bound ends it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.alignment.span_matching import Span

__all__ = ["Alignment", "Dissimilarity", "align", "positional"]

_TIE = 1e-6  # of alignments that cost the same, the one with fewer parts: ten times the solver's own tolerance

Matrix = NDArray[np.float64]
Tuples = NDArray[np.int64]


class Dissimilarity(msgspec.Struct, frozen=True, kw_only=True):
    """How far two units are: alpha x position + beta x (labels differ), in units of delta_empty (no counterpart)."""

    alpha: float = 1.0
    beta: float = 1.0
    delta_empty: float = 1.0


class Alignment(msgspec.Struct, frozen=True):
    """Unitary alignments (rows: one unit's index for each annotator, -1 for none), their costs, and the disorder.

    The disorder is the sum of costs over the mean number of units an annotator has.
    """

    tuples: Tuples
    costs: Matrix
    disorder: float


def positional(a: Span, b: Span) -> float:
    """((|start-start'| + |end-end'|)/(length + length'))^2 (eq. 3)."""
    return float(((abs(a.start - b.start) + abs(a.end - b.end)) / (a.end - a.start + b.end - b.start)) ** 2)


def align(continua: Sequence[Sequence[Sequence[Span]]], measure: Dissimilarity) -> list[Alignment]:
    """The best alignment of each continuum, which is one list of units for each annotator."""
    return _solve([(units, *_candidates(units, measure)) for units in continua])


def _pair_costs(first: Sequence[Span], second: Sequence[Span], measure: Dissimilarity) -> Matrix:
    """Shape (units + 1, units + 1): the last row and column stand for no unit."""
    costs = np.full((len(first) + 1, len(second) + 1), measure.delta_empty, dtype=np.float64)
    if first and second:
        a, b = (np.array([(span.start, span.end) for span in side], dtype=np.float64) for side in (first, second))
        apart = abs(a[:, None] - b[None]).sum(axis=2)
        lengths = (a[:, 1] - a[:, 0])[:, None] + (b[:, 1] - b[:, 0])[None]
        other = np.array([[x.label != y.label for y in second] for x in first])
        costs[:-1, :-1] = measure.delta_empty * (measure.alpha * (apart / lengths) ** 2 + measure.beta * other)
    return costs


def _candidates(units: Sequence[Sequence[Span]], measure: Dissimilarity) -> tuple[Tuples, Matrix]:
    """Every unitary alignment that can be part of a best one, and its cost (mean over pairs of annotators).

    One that costs more than its units would each on their own (delta_empty apiece) never is. Costs only grow as
    annotators are added, so that most are dropped before they are complete.
    """
    annotators = len(units)
    pairs = annotators * (annotators - 1) / 2
    partial = np.zeros((1, 0), dtype=np.int64)
    cost, present = np.zeros(1), np.zeros(1)
    for who, mine in enumerate(units):
        tables = [_pair_costs(units[other], mine, measure) for other in range(who)]
        step = sum(
            (table[partial[:, other]] for other, table in enumerate(tables)), np.zeros((len(partial), len(mine) + 1))
        )
        total = cost[:, None] + step
        count = present[:, None] + (np.arange(len(mine) + 1) < len(mine))
        keep = total <= pairs * measure.delta_empty * (count + annotators - who - 1) * (1 + 1e-12)
        row, column = np.nonzero(keep)
        partial = np.column_stack([partial[row], column])
        cost, present = total[row, column], count[row, column]
    real = present > 0
    partial = np.where(partial == np.array([len(each) for each in units]), -1, partial)
    return partial[real], cost[real] / pairs


Problem = tuple[Sequence[Sequence[Span]], Tuples, Matrix]


def _solve(problems: Sequence[Problem]) -> list[Alignment]:
    """One linear programme for all: they share nothing, and one call to the solver costs as much as a small problem."""
    from scipy.optimize import linprog
    from scipy.sparse import block_diag

    if not problems:
        return []
    matrices = [_incidence(units, tuples) for units, tuples, _ in problems]
    solution = linprog(
        np.concatenate([costs for *_, costs in problems]) + _TIE,
        A_eq=block_diag(matrices, format="csc"),
        b_eq=np.ones(sum(matrix.shape[0] for matrix in matrices)),
        bounds=(0, 1),
        method="highs-ds",
    ).x
    found, start = [], 0
    for problem, matrix in zip(problems, matrices, strict=True):
        part = solution[start : start + len(problem[2])]
        start += len(problem[2])
        whole = abs(part - part.round()).max(initial=0.0) < 1e-6
        found.append(_alignment(problem, part if whole else _branch(problem[2], matrix)))
    return found


def _incidence(units: Sequence[Sequence[Span]], tuples: Tuples):  # type: ignore[no-untyped-def]
    """Sparse (units, tuples): which unit is in which unitary alignment."""
    from scipy.sparse import csc_matrix

    first = np.concatenate([[0], np.cumsum([len(each) for each in units])])
    column, who = np.nonzero(tuples >= 0)
    row = first[who] + tuples[column, who]
    return csc_matrix((np.ones(len(row)), (row, column)), shape=(first[-1], len(tuples)))


def _branch(costs: Matrix, matrix) -> Matrix:  # type: ignore[no-untyped-def]
    from scipy.optimize import Bounds, LinearConstraint, milp

    once = LinearConstraint(matrix, 1, 1)
    answer = milp(costs + _TIE, integrality=np.ones(len(costs)), bounds=Bounds(0, 1), constraints=once)
    return np.asarray(answer.x)


def _alignment(problem: Problem, chosen: Matrix) -> Alignment:
    units, tuples, costs = problem
    taken = chosen > 0.5
    mean = sum(len(each) for each in units) / len(units)
    return Alignment(tuples[taken], costs[taken], float(costs[taken].sum() / mean) if mean else 0.0)
