"""Distances between distributions, and models of the annotators' soft labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from goldwire.baselines.soft_labels import AGAINST_THE_REST, cross_entropy, manhattan, measure_soft, wasserstein
from goldwire.baselines.stance_models import FULL_MODEL, PROBES
from support.release_rows import stance_row

STANCES = ("opposes", "neutral", "supports")
HOLDER_ONLY = next(probe for probe in PROBES if probe.name == "holder's name only")

distributions = st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any).map(lambda c: np.array(c) / sum(c))


@given(distributions, distributions)
def test_wasserstein_is_that_of_scipy_over_ordered_labels(annotated, predicted):
    expected = wasserstein_distance(range(4), range(4), annotated, predicted)
    assert wasserstein(annotated[None], predicted[None])[0] == pytest.approx(expected)


@given(distributions, distributions)
def test_manhattan_is_0_for_equal_distributions_and_at_most_2(annotated, predicted):
    assert manhattan(annotated[None], annotated[None])[0] == 0
    assert 0 <= manhattan(annotated[None], predicted[None])[0] <= 2


@given(distributions, distributions)
def test_no_distribution_has_less_cross_entropy_than_the_annotated_one(annotated, predicted):
    assert (
        cross_entropy(annotated[None], annotated[None])[0] <= cross_entropy(annotated[None], predicted[None])[0] + 1e-9
    )


def candidate(number: int, *answers: str | None, holder: str = "Ada Ito") -> dict:
    """A candidate on which annotators A1, A2, ... gave these answers."""
    text = f"{holder} met Bo Lund."
    shares = [answers.count(stance) / len(answers) for stance in STANCES]
    return stance_row(text, (0, len(holder)), (len(holder) + 5, len(holder) + 12), article_id=f"a{number:02d}") | {
        "answers": [{"annotator": f"A{n}", "label": label} for n, label in enumerate(answers, 1)],
        "stance_shares": shares if any(shares) else None,
        "none_share": answers.count(None) / len(answers),
        "n_annotators": len(answers),
    }


def corpus(count: int) -> list[dict]:
    """Annotators agree on Ada and are divided over Cy."""
    return [
        candidate(n, "supports", "supports", "supports")
        if n % 2
        else candidate(n, "opposes", None, None, holder="Cy Moss")
        for n in range(count)
    ]


def test_a_model_of_distributions_learns_them_and_an_annotator_has_no_cross_entropy():
    by_name = {
        model.name: model.scores["test"]
        for model in measure_soft(corpus(60), {"test": corpus(20)}, STANCES, HOLDER_ONLY)
    }
    assert by_name[FULL_MODEL].manhattan < 0.3 < by_name["mean of train"].manhattan
    assert by_name[FULL_MODEL].cross_entropy < by_name["mean of train"].cross_entropy
    human = by_name[AGAINST_THE_REST]
    assert human.cross_entropy is None
    # Of the divided pairs, one annotator is 2 away from the rest, and the two who drew nothing 1 each.
    assert (human.manhattan, human.n) == (pytest.approx((0 + (2 + 1 + 1) / 3) / 2, abs=1e-4), 60)


def test_pairs_of_one_annotator_are_trained_on_but_not_scored_on():
    single = [candidate(n, "supports") for n in range(5)]
    assert measure_soft(corpus(10), {"test": single}, STANCES, HOLDER_ONLY) == ()
    (mean, *_) = measure_soft(corpus(10) + single, {"test": corpus(4) + single}, STANCES, HOLDER_ONLY)
    assert mean.scores["test"].n == 4


def test_an_article_where_nobody_drew_anything_counts_as_nothing():
    rows = [*corpus(4), candidate(9, None, None)]
    (mean, *_) = measure_soft(corpus(10), {"validation": rows, "test": []}, STANCES, HOLDER_ONLY)
    assert mean.scores.keys() == {"validation"}
    assert mean.scores["validation"].n == 5
