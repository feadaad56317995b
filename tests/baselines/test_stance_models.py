"""Probes see only what they are for; a model of several sets of features averages their probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.baselines.stance_models import PROBES, TEXT_MODELS, StanceModel, classify, predict_distributions
from support.release_rows import invented_context as context


def test_the_probes_of_names_see_names_only():
    train = [context(holder=f"H{n % 2}", target=f"T{n % 3}", marked=f"verb{n % 2}") for n in range(30)]
    labels = ["supports" if n % 2 else "opposes" for n in range(30)]
    by_name = {probe.name: probe for probe in PROBES}
    new = [context(holder="H1", target="T0", marked="verb0")]
    assert classify(by_name["holder's name only"], train, labels, new) == ["supports"]
    assert classify(by_name["both names only"], train, labels, new) == ["supports"]
    assert {"target's name only", "target masked", "lengths only"} < by_name.keys()


def test_the_mean_of_several_models_is_that_of_their_probabilities():
    train = [context(windows=f"verb{n % 2}", between=f"word{n % 3}", holder_sentence="some words") for n in range(12)]
    shares = np.array([[n % 2, 1 - n % 2] for n in range(12)], dtype=float)
    new = [context(windows="verb1", between="word2")]
    mean, *single = (predict_distributions(model, train, shares, new) for model in TEXT_MODELS)
    assert mean == pytest.approx(np.mean(single, axis=0))
    assert mean.sum() == pytest.approx(1)


def test_a_label_that_all_pairs_have_is_predicted():
    model = StanceModel("any", TEXT_MODELS[0].features)
    assert classify(model, [context(), context()], ["opposes", "opposes"], [context()]) == ["opposes"]
    assert classify(model, [context()], ["opposes"], []) == []
