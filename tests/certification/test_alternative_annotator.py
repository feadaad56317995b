"""The alternative annotator test reproduces its authors' figures, and keeps its error rate."""

from __future__ import annotations

import gzip
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from goldwire.certification import AltTestResult, alt_test, equivalence_test, mean_similarity
from support.paths import REPOSITORY

REFERENCE = REPOSITORY.parent / "shared" / "data" / "alt_test_reference.jsonl.gz"


def reference() -> list[dict[str, Any]]:
    if not REFERENCE.is_file():
        return []
    with gzip.open(REFERENCE, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


ROWS = reference()
CASES = [(row, model) for row in ROWS for model in row["machines"]]


@pytest.mark.skipif(not ROWS, reason="alt_test_reference.jsonl.gz, labels of others, is not in ../shared/data")
@pytest.mark.parametrize(("row", "model"), CASES, ids=[f"{row['dataset']}-{model}" for row, model in CASES])
def test_published_figures_are_reproduced(row: dict[str, Any], model: str) -> None:
    result = alt_test(
        row["humans"],
        row["machines"][model],
        epsilon=row["epsilon"],
        scoring=row["scoring"],
        q=row["q"],
        min_humans_per_item=row["min_humans_per_instance"],
        min_items_per_human=row["min_instances_per_human"],
    )
    published = row["published"][model]
    assert result.winning_rate == pytest.approx(published["winning_rate"], abs=0.0051)
    assert result.advantage_probability == pytest.approx(published["advantage_probability"], abs=0.0051)
    assert result.passed == published["passed"]


def annotated(
    seed: int, n_items: int, accuracy: tuple[float, ...], model: float
) -> tuple[dict[str, dict[int, int]], dict[int, int]]:
    """Labels of annotators and of a model, each of which is right with its own probability, of three labels."""
    random = np.random.default_rng(seed)
    truth = random.integers(3, size=n_items)

    def labels(share: float) -> dict[int, int]:
        wrong = (truth + random.integers(1, 3, n_items)) % 3
        return dict(enumerate(np.where(random.random(n_items) < share, truth, wrong).tolist()))

    return {f"A{number}": labels(share) for number, share in enumerate(accuracy, 1)}, labels(model)


def test_a_model_like_the_humans_passes_and_a_random_one_does_not() -> None:
    humans, model = annotated(1, 400, (0.85, 0.85, 0.85), 0.85)
    assert alt_test(humans, model, epsilon=0.15).passed
    humans, model = annotated(1, 400, (0.85, 0.85, 0.85), 0.33)
    result = alt_test(humans, model, epsilon=0.15)
    assert (result.winning_rate, result.passed) == (0, False)
    assert result.advantage_probability < 0.6


def test_a_model_at_the_limit_wins_rarely() -> None:
    """With epsilon at the humans' true advantage, all null hypotheses hold, and few tests reject any of them."""
    rejected = 0
    limit = alt_test(*annotated(1000, 40_000, (0.9, 0.9, 0.9), 0.6), epsilon=0.0).comparisons[0]
    epsilon = limit.annotator_probability - limit.advantage_probability
    for seed in range(60):
        humans, model = annotated(seed, 150, (0.9, 0.9, 0.9), 0.6)
        rejected += alt_test(humans, model, epsilon=epsilon).winning_rate > 0
    assert rejected <= 6


def test_items_of_one_article_are_not_independent() -> None:
    """Of ten copies of each item, only a test by groups knows that there are no more than forty."""
    humans, model = annotated(3, 40, (0.85, 0.85, 0.85), 0.75)

    def copies(labels: dict[int, int], count: int) -> dict[int, int]:
        return {count * item + k: label for item, label in labels.items() for k in range(count)}

    few, many = (
        alt_test(
            {name: copies(labels, count) for name, labels in humans.items()},
            copies(model, count),
            groups={item: item // count for item in range(40 * count)},
        ).comparisons
        for count in (1, 10)
    )
    naive = alt_test({name: copies(labels, 10) for name, labels in humans.items()}, copies(model, 10)).comparisons
    once = alt_test(humans, model).comparisons
    for one, group, copied, plain in zip(few, many, naive, once, strict=True):
        assert plain.p_value < group.p_value <= one.p_value  # what was not seen is allowed for
        assert min(copied.p_value, 1 - copied.p_value) < min(plain.p_value, 1 - plain.p_value)


def test_ties_count_for_both_and_the_score_may_be_a_function() -> None:
    humans = {name: dict.fromkeys(range(30), 1.0) for name in ("A1", "A2")}
    result = alt_test(humans, dict.fromkeys(range(30), 1.0), scoring="neg_rmse")
    assert [(row.advantage_probability, row.annotator_probability) for row in result.comparisons] == [(1, 1), (1, 1)]
    assert result.passed
    far = alt_test(humans, dict.fromkeys(range(30), 9.0), scoring=lambda label, others: -abs(label - others[0]))
    assert (far.winning_rate, far.advantage_probability, far.passed) == (0, 0, False)


def test_annotators_with_few_items_are_skipped() -> None:
    humans, model = annotated(2, 60, (0.9, 0.9, 0.9), 0.9)
    humans["A3"] = {item: label for item, label in humans["A3"].items() if item < 10}
    result = alt_test(humans, model)
    assert (result.skipped, [row.annotator for row in result.comparisons]) == (("A3",), ["A1", "A2"])
    empty: AltTestResult = alt_test({"A1": humans["A1"]}, model)
    assert math.isnan(empty.winning_rate)
    assert not empty.passed


@pytest.mark.parametrize(
    "options",
    [{"epsilon": 1.5}, {"q": 0}, {"scoring": "f1"}, {"min_humans_per_item": 1}],
    ids=lambda row: next(iter(row)),
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    humans, model = annotated(2, 60, (0.9, 0.9), 0.9)
    with pytest.raises(ValueError, match=next(iter(options))):
        alt_test(humans, model, **options)


def test_missing_labels_are_left_out_and_counted() -> None:
    """A person's None or nan is not a label; the machine's is an answer that agrees with nobody."""
    humans, model = annotated(2, 60, (0.9, 0.9, 0.9), 0.9)
    gaps = {name: {i: (None if i % 5 == 0 else v) for i, v in labels.items()} for name, labels in humans.items()}
    absent = {name: {i: v for i, v in labels.items() if i % 5} for name, labels in humans.items()}
    assert alt_test(gaps, model) == alt_test(absent, model)
    silent = {item: math.nan if item < 6 else label for item, label in model.items()}
    refused = alt_test(humans, silent)
    wrong = alt_test(humans, {item: 99 if item < 6 else label for item, label in model.items()})
    assert (refused.n_items, refused.n_unanswered, refused.n_without_model) == (60, 6, 0)
    assert refused.advantage_probability <= wrong.advantage_probability
    shorter = alt_test(humans, {item: label for item, label in model.items() if item >= 6})
    assert (shorter.n_items, shorter.n_without_model) == (54, 6)


def test_a_data_frame_has_a_column_per_annotator() -> None:
    humans, model = annotated(2, 60, (0.9, 0.8, 0.9), 0.9)
    assert alt_test(pd.DataFrame(humans), pd.Series(model)) == alt_test(humans, model)  # type: ignore[arg-type]
    frame = pl.DataFrame({name: [labels[item] for item in sorted(model)] for name, labels in humans.items()})
    column, groups = pl.Series([model[item] for item in sorted(model)]), {item: item // 3 for item in model}
    number = pl.Series([groups[item] for item in sorted(model)])
    for test in (alt_test, equivalence_test):
        assert test(frame, column, groups=number) == test(humans, model, groups=groups)  # type: ignore[arg-type]


def test_the_result_says_why_nothing_was_compared() -> None:
    humans, model = annotated(2, 20, (0.9, 0.9, 0.9), 0.9)
    apart = {name: {20 * n + i: v for i, v in labels.items()} for n, (name, labels) in enumerate(humans.items())}
    reasons = [
        alt_test(*data).reason
        for data in ((apart, model), (humans, {str(item): label for item, label in model.items()}), (humans, model))
    ]
    assert reasons == [
        "no item has labels of 2 humans or more",
        "the model has no label of the 20 items that 2 humans or more labelled",
        "no human labelled 30 or more of the 20 items",
    ]
    assert alt_test(humans, model, min_items_per_human=20).reason is None


def test_labels_of_the_wrong_kind() -> None:
    humans, model = annotated(2, 40, (0.9, 0.9), 0.9)
    with pytest.raises(TypeError, match="labels of the model are a list, not a mapping of item to label"):
        alt_test(humans, [*model.values()])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="labels of A1 are a list"):
        alt_test({"A1": ["x"]}, model)  # type: ignore[dict-item]
    words = {name: {item: str(label) for item, label in labels.items()} for name, labels in humans.items()}
    with pytest.raises(ValueError, match=r"scoring 'neg_rmse' needs numbers, not '.' and '.'"):
        alt_test(words, words["A1"], scoring="neg_rmse")


def test_continuous_labels_of_varying_annotators() -> None:
    """The figures of a direct computation, with two to four of six annotators per item."""
    random = np.random.default_rng(4)
    truth = random.normal(3, 1, 240)
    humans: dict[str, dict[int, float]] = {f"A{number}": {} for number in range(6)}
    for item, value in enumerate(truth):
        for number in random.choice(6, random.integers(2, 5), replace=False):
            humans[f"A{number}"][item] = round(float(value + random.normal(0, 0.5)), 1)
    model = {item: round(float(value + random.normal(0, 0.4)), 1) for item, value in enumerate(truth)}
    result = alt_test(humans, model, scoring="neg_rmse", epsilon=0.1)
    for row in result.comparisons:
        wins = []
        for item, label in humans[row.annotator].items():
            others = np.array([x[item] for name, x in humans.items() if name != row.annotator and item in x])
            wins.append(np.sqrt(np.mean((others - model[item]) ** 2)) <= np.sqrt(np.mean((others - label) ** 2)))
        assert row.n_items == len(wins)
        assert row.advantage_probability == pytest.approx(np.mean(wins), abs=1.5 / len(wins))
    assert len(result.comparisons) == 6


def test_similarity_of_sets_and_texts() -> None:
    def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
        return len(a & b) / len(a | b)

    topics = [frozenset("ab"), frozenset("bc"), frozenset("c")]
    humans = {name: {item: topics[(item + n) % 3] for item in range(60)} for n, name in enumerate(("A1", "A2", "A3"))}
    close = {item: frozenset("bc") for item in range(60)}
    far = {item: frozenset("xyz") for item in range(60)}
    scoring = mean_similarity(jaccard)
    assert alt_test(humans, close, scoring=scoring).passed
    assert alt_test(humans, far, scoring=scoring).winning_rate == 0


@pytest.mark.parametrize("missing", [None, float("nan"), np.float32("nan"), np.datetime64("NaT"), pd.NA])
def test_missing_labels_of_every_kind_are_not_labels(missing: Any) -> None:
    humans = {name: {item: item % 2 for item in range(50)} for name in ("A1", "A2", "A3")}
    humans["A3"] = {item: missing if item % 5 == 0 else label for item, label in humans["A3"].items()}
    result = alt_test(humans, {item: item % 2 for item in range(50)})  # type: ignore[arg-type]
    assert [comparison.n_items for comparison in result.comparisons] == [50, 50, 40]
    assert alt_test(humans, dict.fromkeys(range(50), missing)).n_unanswered == 50


def test_labels_without_truth_value_are_labels() -> None:
    vectors = {name: {item: np.array([item, 1.0]) for item in range(40)} for name in ("A1", "A2")}
    close = mean_similarity(lambda a, b: -float(np.abs(a - b).sum()))
    assert alt_test(vectors, vectors["A1"], scoring=close).winning_rate == 1


def test_hard_cases_have_no_winner() -> None:
    same = {name: dict.fromkeys(range(60), "x") for name in ("A1", "A2", "A3")}
    assert alt_test(same, dict.fromkeys(range(60), "x")).passed  # all ties
    assert not alt_test(same, dict.fromkeys(range(60), "x"), epsilon=0).passed
    assert alt_test(same, dict.fromkeys(range(60), "unseen")).advantage_probability == 0
    one_article = dict.fromkeys(range(60), "a1")
    assert not alt_test(same, dict.fromkeys(range(60), "x"), groups=one_article).passed
    apart = {name: {(name, item): "x" for item in range(60)} for name in ("A1", "A2")}
    without_overlap = alt_test(apart, {("A1", item): "x" for item in range(60)})
    assert math.isnan(without_overlap.winning_rate)
    assert not without_overlap.passed
    assert without_overlap.skipped == ("A1", "A2")


def test_an_item_without_a_group_is_refused() -> None:
    same = {name: dict.fromkeys(range(60), "x") for name in ("A1", "A2")}
    with pytest.raises(ValueError, match="groups lacks the item 50"):
        alt_test(same, same["A1"], groups=dict.fromkeys(range(50), "a1"))
