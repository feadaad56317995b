"""The alignment of several annotators' units with the least total disorder.

A unitary alignment takes one unit, or none, of each annotator; an alignment takes every unit once. The best one is
exact. For two annotators it is an assignment problem; for more, linear programming (HiGHS) solves it: solutions are
nearly always integers, and branch and bound handles the others.

References
----------
Mathet, Y., Widlöcher, A. and Métivier, J.-P. (2015). The unified and holistic method gamma for inter-annotator
agreement measure and alignment. Computational Linguistics 41(3):437-479.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.alignment.span_matching import Span

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

__all__ = ["Alignment", "Dissimilarity", "best_alignments", "positional_dissimilarity"]

_TIE_COST = 1e-6  # per unitary alignment, ten times the solver's tolerance: of equal costs, the fewest alignments win

Matrix = NDArray[np.float64]
Tuples = NDArray[np.int64]
Units: TypeAlias = Sequence[Sequence[Span]]
"""The units of each annotator of one text."""


class Dissimilarity(msgspec.Struct, frozen=True, kw_only=True):
    """The dissimilarity of two units: delta_empty x (alpha x position + beta x (labels differ)).

    A unit without a counterpart costs `delta_empty`.
    """

    alpha: float = 1.0
    beta: float = 1.0
    delta_empty: float = 1.0


class Alignment(msgspec.Struct, frozen=True):
    """The unitary alignments of one text, their costs, and the disorder.

    The disorder is the sum of costs divided by the mean number of units per annotator.
    """

    tuples: Tuples  # (unitary alignments, annotators): the index of a unit, -1 for none
    costs: Matrix  # (unitary alignments,)
    disorder: float


class _Problem(msgspec.Struct, frozen=True):
    """The candidate unitary alignments of one text, of which the best alignment takes some."""

    units: Units
    tuples: Tuples
    costs: Matrix


def positional_dissimilarity(a: Span, b: Span) -> float:
    """Return ((|start - start'| + |end - end'|)/(length + length'))^2 (eq. 3)."""
    return float(((abs(a.start - b.start) + abs(a.end - b.end)) / (a.end - a.start + b.end - b.start)) ** 2)


def best_alignments(texts: Sequence[Units], dissimilarity: Dissimilarity) -> list[Alignment]:
    """Return the best alignment of each text."""
    solved: list[Alignment | None] = [_match_pair(u, dissimilarity) if len(u) == 2 else None for u in texts]
    others = [units for units, alignment in zip(texts, solved, strict=True) if alignment is None]
    by_programme = iter(_solve_programme(others, dissimilarity))
    return [next(by_programme) if alignment is None else alignment for alignment in solved]


def _match_pair(units: Units, dissimilarity: Dissimilarity) -> Alignment:
    """Return the best alignment of two annotators, by assignment: a third of the linear programme's time."""
    from scipy.optimize import linear_sum_assignment

    costs = _pair_costs(units[0], units[1], dissimilarity)
    # What a match costs beyond two units without counterparts; at equal costs, the match wins.
    extra = costs[:-1, :-1] - 2 * dissimilarity.delta_empty - _TIE_COST
    rows, columns = linear_sum_assignment(np.minimum(extra, 0.0))
    is_match = extra[rows, columns] < 0
    tuples = [*zip(rows[is_match].tolist(), columns[is_match].tolist(), strict=True)]
    matched = [{pair[side] for pair in tuples} for side in (0, 1)]
    tuples += [(row, -1) for row in range(len(units[0])) if row not in matched[0]]
    tuples += [(-1, column) for column in range(len(units[1])) if column not in matched[1]]
    chosen = np.array(sorted(tuples), dtype=np.int64).reshape(-1, 2)
    problem = _Problem(units, chosen, costs[chosen[:, 0], chosen[:, 1]])
    return _alignment(problem, np.ones(len(chosen)))


def _solve_programme(texts: Sequence[Units], dissimilarity: Dissimilarity) -> list[Alignment]:
    """Return the best alignment of each text by one linear programme.

    The texts are independent, and a call of the solver costs as much as a small text.
    """
    from scipy.optimize import linprog
    from scipy.sparse import block_diag

    if not texts:
        return []
    problems = [_candidates(units, dissimilarity) for units in texts]
    matrices = [_incidence(problem) for problem in problems]
    solution = linprog(
        np.concatenate([problem.costs for problem in problems]) + _TIE_COST,
        A_eq=block_diag(matrices, format="csc"),
        b_eq=np.ones(sum(matrix.shape[0] for matrix in matrices)),
        bounds=(0, 1),
        method="highs-ds",
    ).x
    ends = np.cumsum([len(problem.costs) for problem in problems])
    alignments = []
    for problem, matrix, variables in zip(problems, matrices, np.split(solution, ends[:-1]), strict=True):
        is_integral = abs(variables - variables.round()).max(initial=0.0) < 1e-6
        alignments.append(_alignment(problem, variables if is_integral else _solve_integral(problem.costs, matrix)))
    return alignments


def _candidates(units: Units, dissimilarity: Dissimilarity) -> _Problem:
    """Return every unitary alignment that can be part of a best one, with its mean cost over pairs of annotators.

    One that costs more than its units would without counterparts never is. Costs only grow as annotators are added, so
    that most candidates are dropped before they are complete.
    """
    n_annotators = len(units)
    n_pairs = n_annotators * (n_annotators - 1) / 2
    tuples = np.zeros((1, 0), dtype=np.int64)
    costs, n_units = np.zeros(1), np.zeros(1)
    for annotator, added in enumerate(units):
        pair_costs = [_pair_costs(units[other], added, dissimilarity) for other in range(annotator)]
        new_costs = np.zeros((len(tuples), len(added) + 1))
        for other, table in enumerate(pair_costs):
            new_costs = new_costs + table[tuples[:, other]]
        total = costs[:, None] + new_costs
        count = n_units[:, None] + (np.arange(len(added) + 1) < len(added))
        most_units = count + n_annotators - annotator - 1
        row, column = np.nonzero(total <= n_pairs * dissimilarity.delta_empty * most_units * (1 + 1e-12))
        tuples = np.column_stack([tuples[row], column])
        costs, n_units = total[row, column], count[row, column]
    has_unit = n_units > 0
    none = np.array([len(annotator_units) for annotator_units in units])
    tuples = np.where(tuples == none, -1, tuples)
    return _Problem(units, tuples[has_unit], costs[has_unit] / n_pairs)


def _pair_costs(first: Sequence[Span], second: Sequence[Span], dissimilarity: Dissimilarity) -> Matrix:
    """Return dissimilarities of shape (units + 1, units + 1): the last row and column mean "no unit"."""
    costs = np.full((len(first) + 1, len(second) + 1), dissimilarity.delta_empty, dtype=np.float64)
    if first and second:
        a, b = (np.array([(span.start, span.end) for span in side], dtype=np.float64) for side in (first, second))
        distance = abs(a[:, None] - b[None]).sum(axis=2)
        lengths = (a[:, 1] - a[:, 0])[:, None] + (b[:, 1] - b[:, 0])[None]
        labels_differ = np.array([[x.label != y.label for y in second] for x in first])
        weighted = dissimilarity.alpha * (distance / lengths) ** 2 + dissimilarity.beta * labels_differ
        costs[:-1, :-1] = dissimilarity.delta_empty * weighted
    return costs


def _incidence(problem: _Problem) -> csc_matrix:
    """Return a sparse matrix (units, candidates): 1 where the unit is in the unitary alignment."""
    from scipy.sparse import csc_matrix

    first_row = np.concatenate([[0], np.cumsum([len(annotator_units) for annotator_units in problem.units])])
    column, annotator = np.nonzero(problem.tuples >= 0)
    row = first_row[annotator] + problem.tuples[column, annotator]
    return csc_matrix((np.ones(len(row)), (row, column)), shape=(first_row[-1], len(problem.tuples)))


def _solve_integral(costs: Matrix, matrix: csc_matrix) -> Matrix:
    """Return 0 or 1 for each candidate, by branch and bound."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    every_unit_once = LinearConstraint(matrix, 1, 1)
    integral = np.ones(len(costs))
    return np.asarray(milp(costs + _TIE_COST, integrality=integral, bounds=Bounds(0, 1), constraints=every_unit_once).x)


def _alignment(problem: _Problem, variables: Matrix) -> Alignment:
    selected = variables > 0.5
    mean_units = sum(len(annotator_units) for annotator_units in problem.units) / len(problem.units)
    disorder = float(problem.costs[selected].sum() / mean_units) if mean_units else 0.0
    return Alignment(problem.tuples[selected], problem.costs[selected], disorder)
