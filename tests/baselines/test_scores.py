"""F1 scores with their intervals, and warnings of artefacts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from goldwire.baselines.scores import Model, Score, artefact_warnings, f1_score, format_score


def test_f1_is_the_mean_over_labels_with_an_interval():
    hits, wrong, missed = np.array([[2, 0], [1, 1]]), np.array([[1, 0], [0, 0]]), np.array([[0, 1], [0, 0]])
    few = f1_score(hits, wrong, missed)
    assert math.isclose(few.value, (6 / 7 + 2 / 3) / 2, abs_tol=1e-4)
    assert (few.low, few.high, few.n) == (None, None, 5)
    many = f1_score(*(np.tile(counts, (10, 1)) for counts in (hits, wrong, missed)))
    assert (many.value, many.n) == (few.value, 50)
    assert many.low < many.value < many.high
    assert f1_score(*np.zeros((3, 2, 1), dtype=int)) is None


def test_a_perfect_score_has_an_interval_with_a_width():
    score = f1_score(np.full((12, 1), 4), np.zeros((12, 1)), np.zeros((12, 1)))
    assert score.value == score.high == 1
    assert 0.7 < score.low < 0.99  # by the rule of three, 3 of 48 labels could be wrong


def test_an_article_without_labels_says_nothing_about_the_width():
    hits, wrong, missed = (np.array(counts)[:, None] for counts in ([2, 1, 3, 2, 4], [1, 0, 1, 2, 1], [0, 1, 1, 0, 2]))
    padded = [np.vstack([counts, np.zeros((20, 1), dtype=int)]) for counts in (hits, wrong, missed)]
    assert f1_score(*padded) == f1_score(hits, wrong, missed)
    assert f1_score(hits[:4], wrong[:4], missed[:4]).low is None


@pytest.mark.parametrize("n_articles", [8, 18])
def test_the_interval_covers_the_score_of_many_articles(n_articles):
    """The percentile bootstrap covered 89% of these samples, nominally 95%; the jackknife covers 98% and 95%."""
    random = np.random.default_rng(3)
    quality = random.beta(6, 2, size=4_000)  # articles differ in how hard they are
    n_gold = random.integers(4, 16, size=4_000)
    hits = random.binomial(n_gold, quality)
    missed, wrong = n_gold - hits, random.poisson(n_gold * (1 - quality))
    truth = f1_score(hits[:, None], wrong[:, None], missed[:, None]).value
    covered = []
    for _ in range(200):
        sample = random.integers(0, 4_000, size=n_articles)
        score = f1_score(hits[sample, None], wrong[sample, None], missed[sample, None])
        covered.append(score.low <= truth <= score.high)
    assert np.mean(covered) >= 0.91


def models(full: float, majority: float, probe: float, split: str = "test") -> list[Model]:
    values = {"full": full, "majority": majority, "probe": probe}
    return [
        Model(name=role, role=role, scores={split: Score(value=value, low=None, high=None, n=9)})
        for role, value in values.items()
    ]


def test_a_warning_is_given_from_80_percent_of_the_gain():
    assert list(artefact_warnings("stance", models(full=0.7, majority=0.2, probe=0.59))) == []
    (warning,) = artefact_warnings("stance", models(full=0.7, majority=0.2, probe=0.61))
    assert warning == "stance: the probe `probe` scores 0.610 on test, full 0.700 (n=9)"


def test_a_warning_is_given_for_a_model_that_does_not_beat_the_majority_class():
    (warning,) = artefact_warnings("stance", models(full=0.2, majority=0.2, probe=0.1, split="validation"))
    assert warning == "stance: full does not beat the majority class on validation (0.200 and 0.200, n=9)"


def test_scores_are_formatted_with_interval_and_n():
    assert format_score(Score(value=0.612, low=0.54, high=0.688, n=212)) == "0.612 [0.540, 0.688], n=212"
    assert format_score(Score(value=0.612, low=None, high=None, n=3)) == "0.612, n=3"
    assert format_score(None) == ""
