"""The alternative annotator test: may a model replace human annotators, or do they represent each other better?

Each human annotator in turn is set against the model: on each item that they labelled, who of the two is closer to the
labels of the other humans?

References
----------
N. Calderon, R. Reichart and R. Dror (2025). The alternative annotator test for LLM-as-a-judge: how to statistically
justify replacing human annotators with LLMs. ACL 2025.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.certification.clustered_tests import clustered_mean, clustered_test
from goldwire.quantities import quantity

__all__ = [
    "AltTestResult",
    "AnnotatorComparison",
    "Score",
    "Scoring",
    "alt_test",
    "by_row",
    "comparison_p_value",
    "is_missing",
    "labels_by_item",
    "mean_similarity",
    "score_function",
]

Label = TypeVar("Label")
Item = TypeVar("Item", bound=Hashable)
Scoring = Literal["accuracy", "neg_rmse"]
Score = Callable[[Label, Sequence[Label]], float]

_PASS_RATE = 0.5  # of the annotators: the model is closer to the others than most of them, but for epsilon


class AnnotatorComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The model set against one human annotator.

    Attributes
    ----------
    annotator : str
        The human annotator.
    n_items : int
        Items that were compared.
    advantage_probability : float
        Share of the items on which the model is at least as close to the other humans as the annotator.
    annotator_probability : float
        Share of the items on which the annotator is at least as close to them as the model.
    p_value : float
        Of the null hypothesis that the annotator's advantage is `epsilon` or more.
    model_wins : bool
        Whether the null hypothesis is rejected, after correction for the number of annotators.
    """

    annotator: str
    n_items: int
    advantage_probability: float
    annotator_probability: float
    p_value: float
    model_wins: bool


class AltTestResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an alternative annotator test.

    Attributes
    ----------
    winning_rate : float
        Share of the annotators against whom the model wins; nan if none could be compared.
    advantage_probability : float
        Mean of the annotators' `advantage_probability`: how well the model represents a human who is drawn at random.
    passed : bool
        Whether the winning rate is at least .5.
    comparisons : tuple of AnnotatorComparison
        One per annotator who could be compared.
    skipped : tuple of str
        Annotators with too few items.
    n_items : int
        Items with enough human labels and an entry of the model.
    n_without_model : int
        Items with enough human labels that the model has no entry for: they were left out.
    n_unanswered : int
        Items for which the model's entry is a missing label: on these it loses.
    epsilon, q : float
        The options of the test.
    reason : str or None
        Why nothing could be tested.
    """

    winning_rate: float
    advantage_probability: float
    passed: bool
    comparisons: tuple[AnnotatorComparison, ...]
    skipped: tuple[str, ...]
    n_items: int
    n_without_model: int
    n_unanswered: int
    epsilon: float
    q: float
    reason: str | None = None


def alt_test(
    humans: Mapping[str, Mapping[Item, Label]],
    machine: Mapping[Item, Label],
    *,
    epsilon: float = 0.2,
    scoring: Scoring | Score[Label] = "accuracy",
    q: float = 0.05,
    min_humans_per_item: int = 2,
    min_items_per_human: int = 30,
    groups: Mapping[Item, Hashable] | None = None,
) -> AltTestResult:
    """Test whether a model may be used in place of human annotators.

    Parameters
    ----------
    humans : mapping of str to mapping of item to label
        The labels of each human annotator, by item: dictionaries, or a data frame (pandas, Polars) with a column per
        annotator and a row per item. Not every annotator needs to have labelled every item; None and nan are missing
        labels, as an absent item is.
    machine : mapping of item to label
        The labels of the model. An item that is absent is left out; None or nan is an answer that agrees with nobody,
        so that a model does not gain by refusing what is hard.
    epsilon : float, default: 0.2
        By how much humans may be better, because a model costs less: .2 beside experts, .15 beside trained annotators,
        .1 beside crowd workers (the authors' values).
    scoring : {"accuracy", "neg_rmse"} or callable, default: "accuracy"
        How close a label is to the labels of the other humans: the share of them that are equal, or minus the root of
        the mean squared difference. A callable gets the label and a list of the others; higher is closer. For texts,
        sets or vectors, `mean_similarity` makes one.
    q : float, default: 0.05
        False discovery rate over the annotators.
    min_humans_per_item : int, default: 2
        Items with fewer human labels are left out.
    min_items_per_human : int, default: 30
        Annotators with fewer items are left out.
    groups : mapping of item to hashable, optional
        Items that are not independent, such as those of one article; the test is then over groups, and allows for a
        group that was not seen. Default: all items are independent, as in the authors' test.

    Returns
    -------
    AltTestResult
        The winning rate and advantage probability, and the comparison with each annotator.

    Raises
    ------
    ValueError
        If an option is out of range, `scoring` is unknown or does not fit the labels, or `groups` lacks an item.
    TypeError
        If labels are not by item, such as a list.

    Notes
    -----
    For annotator j and item i, `W_f` is 1 if the model's label is at least as close to the labels of the other humans
    as that of j, else 0, and `W_h` the reverse. The null hypothesis, mean(W_h - W_f) >= epsilon, is tested by a
    one-sided t-test [1]_; the p-values are corrected by the procedure of Benjamini and Yekutieli [2]_, which holds for
    dependent tests. With `groups` the test is that of `ClusteredTest`: the t-test over few articles rejects too often.

    References
    ----------
    .. [1] N. Calderon, R. Reichart and R. Dror (2025). The alternative annotator test for LLM-as-a-judge: how to
       statistically justify replacing human annotators with LLMs. ACL 2025.
    .. [2] Y. Benjamini and D. Yekutieli (2001). The control of the false discovery rate in multiple testing under
       dependency. Annals of Statistics 29(4), 1165-1188.

    Examples
    --------
    >>> from goldwire.certification import alt_test
    >>> truth = {item: "supports" if item % 3 else "opposes" for item in range(60)}
    >>> humans = {
    ...     name: {item: label if (item + shift) % 7 else "neutral" for item, label in truth.items()}
    ...     for shift, name in enumerate(("A1", "A2", "A3"))
    ... }
    >>> result = alt_test(humans, truth, epsilon=0.1)
    >>> result.passed, result.winning_rate, round(result.advantage_probability, 2)
    (True, 1.0, 1.0)
    """
    score = score_function(scoring)
    if not 0 <= epsilon <= 1 or not 0 < q < 1:
        raise ValueError(f"epsilon {epsilon} is not from 0 to 1, or q {q} is not between 0 and 1")
    if min_humans_per_item < 2:
        raise ValueError(f"min_humans_per_item {min_humans_per_item} is below 2: there are no others to be close to")
    humans, machine, groups = by_row(humans), by_row(machine), by_row(groups)
    by_item = labels_by_item(humans, machine, groups)
    by_item = {item: labels for item, labels in by_item.items() if len(labels) >= min_humans_per_item}
    usable = {item: labels for item, labels in by_item.items() if item in machine}
    comparisons, skipped = [], []
    for annotator in humans:
        items = [item for item, labels in usable.items() if annotator in labels]
        if len(items) < max(min_items_per_human, 2):
            skipped.append(annotator)
            continue
        wins = np.array([_wins(annotator, usable[item], machine[item], score) for item in items], float)
        item_groups = None if groups is None else [groups[item] for item in items]
        comparisons.append(_comparison(annotator, wins, epsilon, item_groups))
    rejected = _benjamini_yekutieli([comparison.p_value for comparison in comparisons], q)
    winning_rate = sum(rejected) / len(rejected) if rejected else math.nan
    advantages = [comparison.advantage_probability for comparison in comparisons]
    return AltTestResult(
        winning_rate=winning_rate,
        advantage_probability=float(np.mean(advantages)) if advantages else math.nan,
        passed=winning_rate >= _PASS_RATE,
        comparisons=tuple(
            msgspec.structs.replace(comparison, model_wins=is_rejected)
            for comparison, is_rejected in zip(comparisons, rejected, strict=True)
        ),
        skipped=tuple(skipped),
        n_items=len(usable),
        n_without_model=len(by_item) - len(usable),
        n_unanswered=sum(is_missing(machine[item]) for item in usable),
        epsilon=epsilon,
        q=q,
        reason=_reason(len(by_item), len(usable), len(comparisons), min_humans_per_item, min_items_per_human),
    )


def _reason(n_items: int, n_usable: int, n_compared: int, min_humans: int, min_items: int) -> str | None:
    """Return why nobody could be compared."""
    if not n_items:
        return f"no item has labels of {min_humans} humans or more"
    if not n_usable:
        return f"the model has no label of the {quantity(n_items, 'item')} that {min_humans} humans or more labelled"
    return None if n_compared else f"no human labelled {min_items} or more of the {quantity(n_usable, 'item')}"


def _comparison(
    annotator: str, wins: NDArray[np.float64], epsilon: float, groups: Sequence[Hashable] | None
) -> AnnotatorComparison:
    """Return the comparison with one annotator, before the correction for several; `wins` has shape (items, 2)."""
    return AnnotatorComparison(
        annotator=annotator,
        n_items=len(wins),
        advantage_probability=float(wins[:, 0].mean()),
        annotator_probability=float(wins[:, 1].mean()),
        p_value=comparison_p_value(wins[:, 1] - wins[:, 0], epsilon, groups),
        model_wins=False,
    )


def mean_similarity(similarity: Callable[[Label, Label], float]) -> Score[Label]:
    """Return the `scoring` that is the mean similarity to the others' labels.

    Parameters
    ----------
    similarity : callable
        How similar two labels are; higher is closer.

    Returns
    -------
    callable

    Examples
    --------
    >>> from goldwire.certification import alt_test, mean_similarity
    >>> def overlap(a, b):
    ...     return len(a & b) / len(a | b)
    >>> topics = {item: {"trade", "copper"} if item % 2 else {"elections"} for item in range(40)}
    >>> humans = {name: {item: topics[item] | {name} for item in topics} for name in ("A1", "A2", "A3")}
    >>> alt_test(humans, topics, scoring=mean_similarity(overlap)).winning_rate
    1.0
    """
    return lambda label, others: sum(similarity(label, other) for other in others) / len(others)


def score_function(scoring: Scoring | Score[Label]) -> Score[Label]:
    """Return the function for a name; raise ValueError for an unknown one."""
    if callable(scoring):
        return scoring
    if scoring == "accuracy":
        return lambda label, others: sum(label == other for other in others) / len(others)
    if scoring == "neg_rmse":
        return _neg_rmse
    raise ValueError(f"unknown scoring {scoring!r}: choose 'accuracy' or 'neg_rmse', or give a function")


def _neg_rmse(label: Any, others: Sequence[Any]) -> float:
    try:
        return -math.sqrt(sum((label - other) ** 2 for other in others) / len(others))
    except TypeError as error:
        raise ValueError(f"scoring 'neg_rmse' needs numbers, not {label!r} and {others[0]!r}") from error


def by_row(labels: Any) -> Any:
    """Return a frame or column of Polars or Arrow, which has no index, with row numbers as items; all else as it is."""
    return labels.to_pandas() if hasattr(labels, "to_pandas") and not hasattr(labels, "items") else labels


def labels_by_item(
    humans: Mapping[str, Mapping[Item, Label]],
    machine: Mapping[Item, Label],
    groups: Mapping[Item, Hashable] | None,
) -> dict[Item, dict[str, Label]]:
    """Return item -> annotator -> label, without missing labels, in the order of the annotators.

    Raise TypeError for labels that are not by item, and ValueError for an item without a group.
    """
    for name, labels in (*humans.items(), ("the model", machine)):
        if not hasattr(labels, "items"):
            raise TypeError(f"labels of {name} are a {type(labels).__name__}, not a mapping of item to label")
    by_item: dict[Item, dict[str, Label]] = defaultdict(dict)
    for annotator, labels in humans.items():
        for item, label in labels.items():
            if groups is not None and item not in groups:
                raise ValueError(f"groups lacks the item {item!r}")
            if not is_missing(label):
                by_item[item][annotator] = label
    return dict(by_item)


def is_missing(label: object) -> bool:
    """Whether a label is None, nan of any type, or the missing value of pandas."""
    if label is None:
        return True
    try:
        return bool(label != label)  # nan and NaT differ from themselves
    except TypeError:  # pandas.NA is neither true nor false
        return True
    except ValueError:  # an array
        return False


def _wins(annotator: str, labels: Mapping[str, Label], machine_label: Label, score: Score[Label]) -> tuple[bool, bool]:
    """Return whether the model is at least as close to the other humans as the annotator, and the reverse."""
    if is_missing(machine_label):
        return False, True
    others = [label for name, label in labels.items() if name != annotator]
    model, human = score(machine_label, others), score(labels[annotator], others)
    return model >= human, human >= model


def comparison_p_value(difference: NDArray[np.float64], epsilon: float, groups: Sequence[Hashable] | None) -> float:
    """Return the p-value of the null hypothesis that the mean of `W_h - W_f` of the items is `epsilon` or more."""
    from scipy.special import stdtr

    if groups is not None:
        test = clustered_test(clustered_mean(difference, groups))
        return 1.0 if math.isnan(test.error) else test.p_below(epsilon)
    mean, error = difference.mean(), difference.std(ddof=1) / math.sqrt(len(difference))
    if error == 0:
        return 0.0 if mean < epsilon else 1.0
    return float(stdtr(len(difference) - 1, (mean - epsilon) / error))


def _benjamini_yekutieli(p_values: Sequence[float], q: float) -> list[bool]:
    """Return which hypotheses are rejected at a false discovery rate of `q`, under any dependence."""
    count = len(p_values)
    harmonic = sum(1 / rank for rank in range(1, count + 1))
    order = sorted(range(count), key=p_values.__getitem__)
    largest = max(
        (rank for rank, index in enumerate(order, 1) if p_values[index] <= rank * q / (count * harmonic)), default=0
    )
    rejected = {*order[:largest]}
    return [index in rejected for index in range(count)]
