"""The full model of stances is chosen on train alone, over whole articles, and is no worse than any probe there."""

from __future__ import annotations

import random

import pytest

from goldwire.baselines.evaluation import measure
from goldwire.baselines.stance_models import PROBES, TEXT_MODELS
from goldwire.baselines.stance_selection import choose_model
from goldwire.release.reader import open_release
from goldwire.workspace.layout import find_workspace
from support.paths import TESTS
from support.release_rows import invented_context as context


@pytest.mark.parametrize(
    ("field", "expected"), [("windows", "the words around both mentions"), ("between", "the words between")]
)
def test_the_features_that_predict_the_label_in_train_are_chosen(field, expected):
    luck = random.Random(3)
    labels = [luck.choice(["supports", "opposes"]) for _ in range(80)]
    articles = [f"a{n // 2}" for n in range(80)]
    contexts = [context(**{field: f"verb{label} word{luck.randrange(9)}"}) for label in labels]
    selection = choose_model(contexts, labels, articles)
    (chosen,) = (candidate for candidate in selection.candidates if candidate.chosen)
    assert chosen.features == selection.model.name
    assert chosen.score > 0.95
    assert any(expected in features.name for features in selection.model.features)
    assert {candidate.features for candidate in selection.candidates} == {m.name for m in (*TEXT_MODELS, *PROBES)}


def test_a_probe_that_is_the_best_in_train_is_the_full_model():
    """The label follows from the target's name, and the sentences are noise in which the name is not repeated."""
    luck = random.Random(8)
    labels = [luck.choice(["supports", "opposes"]) for _ in range(60)]
    contexts = [
        context(target=f"T{label}", marked=" ".join(f"w{luck.randrange(400)}" for _ in range(30))) for label in labels
    ]
    selection = choose_model(contexts, labels, [f"a{n // 2}" for n in range(60)])
    scores = {candidate.features: candidate.score for candidate in selection.candidates}
    assert scores[selection.model.name] == max(scores.values()) >= scores["target's name only"] > 0.95
    assert all(candidate.lead.value >= 0 for candidate in selection.candidates)


def test_no_article_is_in_two_folds():
    """A word that only the pairs of one article share predicts nothing."""
    luck = random.Random(4)
    labels = [("supports", "opposes")[luck.randrange(2)] for _ in range(40) for _ in range(2)]
    labels = [labels[n - n % 2] for n in range(80)]
    contexts = [context(holder_sentence=f"only{n // 2}") for n in range(80)]
    candidates = choose_model(contexts, labels, [f"a{n // 2}" for n in range(80)]).candidates
    assert max(candidate.score for candidate in candidates) < 0.7


def test_articles_that_share_a_sentence_are_in_one_fold():
    """The copies of a story would otherwise be predicted from each other."""
    luck = random.Random(5)
    stories = [(f"a long sentence of story {n} that both of its copies have", luck.randrange(2)) for n in range(40)]
    contexts = [context(holder_sentence=sentence) for sentence, _ in stories for _ in range(2)]
    labels = [("supports", "opposes")[side] for _, side in stories for _ in range(2)]
    candidates = choose_model(contexts, labels, [f"a{n}" for n in range(80)]).candidates
    assert max(candidate.score for candidate in candidates) < 0.75


def test_with_one_article_nothing_is_compared():
    assert choose_model([context(), context()], ["a", "b"], ["x", "x"]).candidates == ()


def test_in_the_sample_the_full_model_is_the_best_in_cross_validation_and_on_both_splits():
    release = open_release(find_workspace(TESTS.parent, explicit=True), "0.5.0")
    stances = {split: list(release.rows("stance", split)) for split in release.splits("stance")}
    baseline = measure({"entities": _articles(stances), "stance": stances})
    assert min(candidate.lead.value for candidate in baseline.stance_features) == 0
    assert min(score.value for probe in baseline.stance_leads for score in probe.scores.values()) > 0


def _articles(stances):
    """Return rows without spans, so that no tagger is trained."""
    return {
        split: [
            {"article_id": name, "tokens": ["a"], "ner_tags": ["O"], "spans": []}
            for name in sorted({row["article_id"] for row in rows})
        ]
        for split, rows in stances.items()
    }
