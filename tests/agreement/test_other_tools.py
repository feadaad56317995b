"""Values equal those of other tools on random data with missing ratings. A tool that is not installed is skipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from goldwire import agreement

SEEDS = range(6)


def random_ratings(seed: int, *, raters: int = 4, missing: float = 0.25, labels: int = 4) -> Any:
    random = np.random.default_rng(seed)
    truth = random.integers(1, labels + 1, 60)
    ratings = np.where(random.random((60, raters)) < 0.6, truth[:, None], random.integers(1, labels + 1, (60, raters)))
    ratings[:labels] = np.arange(1, labels + 1)[:, None]  # every label occurs
    with_gaps = ratings.astype(float)
    with_gaps[random.random(with_gaps.shape) < missing] = np.nan
    with_gaps[:labels, :2] = np.arange(1, labels + 1)[:, None]
    return with_gaps


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_equals_that_of_krippendorff(seed: int, level: Any) -> None:
    krippendorff = pytest.importorskip("krippendorff", reason="krippendorff is not installed")
    ratings = random_ratings(seed)
    theirs = krippendorff.alpha(reliability_data=ratings.T, level_of_measurement=level)
    assert agreement.krippendorff_alpha(ratings, level).value == pytest.approx(theirs, abs=1e-12)


SCHEMES = ["identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weights", SCHEMES)
def test_kappas_and_their_standard_errors_equal_those_of_irrcac(seed: int, weights: str) -> None:
    raw = pytest.importorskip("irrCAC.raw", reason="irrCAC is not installed")
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    ratings = random_ratings(seed)
    theirs = raw.CAC(pandas.DataFrame(ratings), weights=weights, digits=12)
    for name, method in {
        "fleiss_kappa": theirs.fleiss,
        "conger_kappa": theirs.conger,
        "gwet_ac": theirs.gwet,
        "brennan_prediger": theirs.bp,
        "krippendorff_alpha": theirs.krippendorff,
    }.items():
        estimate = method()["est"]
        ours = getattr(agreement, name)(ratings, weights=weights)
        assert ours.value == pytest.approx(estimate["coefficient_value"], abs=1e-9), name
        assert agreement.standard_error(ratings, name, weights) == pytest.approx(estimate["se"], abs=1e-9), name
        interval = agreement.analytic_interval(ours, ratings, weights)
        assert (interval.low, interval.high) == pytest.approx(estimate["confidence_interval"], abs=1e-9), name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("weights", "theirs"), [("identity", None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_cohens_kappa_equals_that_of_sklearn(seed: int, weights: str, theirs: Any) -> None:
    from sklearn.metrics import cohen_kappa_score

    ratings = random_ratings(seed, raters=2, missing=0)
    expected = cohen_kappa_score(ratings[:, 0], ratings[:, 1], weights=theirs)
    assert agreement.cohen_kappa(ratings, weights).value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_fleiss_and_cohen_equal_those_of_statsmodels(seed: int) -> None:
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater", reason="statsmodels is not installed")
    ratings = random_ratings(seed, missing=0)
    table, _ = inter_rater.aggregate_raters(ratings)
    assert agreement.fleiss_kappa(ratings).value == pytest.approx(inter_rater.fleiss_kappa(table), abs=1e-12)
    assert agreement.randolph_kappa(ratings).value == pytest.approx(
        inter_rater.fleiss_kappa(table, "randolph"), abs=1e-12
    )
    two = ratings[:, :2].astype(int)
    cells = np.zeros((4, 4))
    np.add.at(cells, (two[:, 0] - 1, two[:, 1] - 1), 1)
    kappa = inter_rater.cohens_kappa(cells)
    assert agreement.cohen_kappa(two).value == pytest.approx(kappa.kappa, abs=1e-12)
    assert agreement.standard_error(two, "cohen_kappa") == pytest.approx(kappa.std_kappa, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_dawid_skene_equals_that_of_crowd_kit(seed: int) -> None:
    aggregation = pytest.importorskip("crowdkit.aggregation", reason="crowd-kit is not installed")
    import pandas as pd

    ratings = random_ratings(seed, raters=6)
    items, raters = np.nonzero(~np.isnan(ratings))
    table = pd.DataFrame({"task": items, "worker": raters, "label": ratings[items, raters]})
    theirs = aggregation.DawidSkene(n_iter=40, tol=0).fit(table)
    ours = agreement.dawid_skene(ratings, n_iter=len(theirs.loss_history_), tol=0)
    for code, label in enumerate((1.0, 2.0, 3.0, 4.0)):
        column = theirs.probas_[label]
        assert ours.posteriors[column.index, code] == pytest.approx(column.to_numpy(), abs=1e-6)
    assert ours.most_likely_labels() == theirs.labels_.sort_index().tolist()


@pytest.mark.parametrize("seed", range(3))
def test_mace_equals_that_of_crowd_kit(seed: int) -> None:
    aggregation = pytest.importorskip("crowdkit.aggregation", reason="crowd-kit is not installed")
    import pandas as pd

    ratings = random_ratings(seed, raters=6)
    raters, items = np.nonzero(~np.isnan(ratings.T))
    table = pd.DataFrame({"task": items, "worker": raters, "label": ratings[items, raters]})
    theirs = aggregation.MACE(random_state=seed).fit(table)
    ours = agreement.mace(ratings)
    assert ours.most_likely_labels() == theirs.labels_.sort_index().tolist()
    competence = theirs.spamming_[:, 1] / theirs.spamming_.sum(axis=1)
    assert ours.competence == pytest.approx(competence, abs=0.02)


def _spans(random: Any) -> list[tuple[int, int, str]]:
    starts = np.cumsum(random.integers(6, 30, 6))
    return [(int(s), int(s + random.integers(2, 6)), str(random.choice(["PER", "ORG"]))) for s in starts]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("annotators", [2, 3, 4])
def test_the_best_alignment_equals_that_of_pygamma(seed: int, annotators: int) -> None:
    pygamma = pytest.importorskip("pygamma_agreement", reason="pygamma-agreement is not installed")
    from pyannote.core import Segment

    random = np.random.default_rng(seed)
    units = {f"A{n}": _spans(random) for n in range(annotators)}
    continuum = pygamma.Continuum()
    for name, spans in units.items():
        for start, end, label in spans:
            continuum.add(name, Segment(start, end), label)
    theirs = continuum.get_best_alignment(pygamma.CombinedCategoricalDissimilarity(alpha=2, beta=1))
    assert agreement.best_disorder(units, alpha=2.0, beta=1.0) == pytest.approx(theirs.disorder, abs=1e-5)


def test_gamma_cat_and_k_equal_those_of_pygamma_within_sampling_error() -> None:
    pygamma = pytest.importorskip("pygamma_agreement", reason="pygamma-agreement is not installed")
    from pyannote.core import Segment

    random = np.random.default_rng(7)
    base = _spans(random)
    units = {
        f"A{n}": [
            (s, e + int(random.integers(0, 3)), label if random.random() < 0.8 else "LOC") for s, e, label in base
        ]
        for n in range(3)
    }
    continuum = pygamma.Continuum()
    for name, spans in units.items():
        for start, end, label in spans:
            continuum.add(name, Segment(start, end), label)
    np.random.seed(1)
    theirs = continuum.compute_gamma(pygamma.CombinedCategoricalDissimilarity(alpha=1, beta=1), n_samples=300)
    ours = agreement.gamma(units, n_samples=300)
    assert ours.value == pytest.approx(theirs.gamma, abs=0.02)
    assert agreement.gamma(units, "cat", n_samples=300).value == pytest.approx(theirs.gamma_cat, abs=0.05)
    assert agreement.gamma(units, "k", label="PER", n_samples=300).value == pytest.approx(
        theirs.gamma_k("PER"), abs=0.06
    )
