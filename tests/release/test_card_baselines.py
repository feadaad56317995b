"""The section on baselines: leads over the probes and the cross-validation, and the sentence of earlier versions."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.baselines.scores import Baseline, Candidate, Model, Score
from goldwire.release.card_baselines import baseline_rows, feature_sentences

LEAD = Score(value=0.05, low=-0.01, high=0.11, n=40)
PROBE = Model(name="target masked", role="probe", scores={"test": Score(value=0.4, low=0.3, high=0.5, n=40)})
BASELINE = Baseline(
    n_train_articles=9,
    stance=(PROBE,),
    entities=(),
    warnings=(),
    stance_leads=(msgspec.structs.replace(PROBE, scores={"test": LEAD}),),
    stance_features=(
        Candidate(features="both sentences", score=0.45, low=0.4, high=0.5, chosen=True, lead=LEAD),
        Candidate(features="target masked", score=0.4, low=0.35, high=0.45, chosen=False, lead=LEAD),
    ),
)


def test_leads_and_candidates_have_their_intervals():
    rows = baseline_rows(BASELINE)
    assert rows["stance, the model minus the probe"] == [("target masked", "", "+0.050 [-0.010, 0.110]")]
    assert rows["stance, cross-validated on train"] == [
        ("both sentences", "0.450 [0.400, 0.500]", "chosen"),
        ("target masked (probe)", "0.400 [0.350, 0.450]", "+0.050 [-0.010, 0.110]"),
    ]
    assert feature_sentences(BASELINE)[0].endswith("both sentences.")


def test_scores_without_leads_are_listed_in_a_sentence_as_in_the_versions_that_have_them():
    earlier = [msgspec.structs.replace(one, low=None, high=None, lead=None) for one in BASELINE.stance_features]
    baseline = msgspec.structs.replace(BASELINE, stance_leads=(), stance_features=tuple(earlier))
    assert not any(rows for title, rows in baseline_rows(baseline).items() if title.endswith(("probe", "on train")))
    (sentence,) = feature_sentences(baseline)
    assert sentence.endswith("(macro-F1): both sentences (0.450); target masked (0.400).")


@pytest.mark.parametrize("features", [(), BASELINE.stance_features[1:]])
def test_nothing_is_said_where_nothing_was_chosen(features):
    assert feature_sentences(msgspec.structs.replace(BASELINE, stance_features=features)) == []
