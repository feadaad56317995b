"""Columns of a release: labels that do not occur are named, and a stand-off release has no text."""

from __future__ import annotations

from goldwire.release.features import LabelNames, class_labels, config_features

LABELS = LabelNames(("PER", "ORG"), ("opposes", "supports"))
TEXT_COLUMNS = {"title", "text", "tokens", "surface"}


def test_features_name_every_label_of_the_schema():
    features = config_features(LABELS)
    assert class_labels(features["entities"]) == {
        "ner_tags": ["O", "B-PER", "I-PER", "B-ORG", "I-ORG"],
        "spans": {"label": ["PER", "ORG"]},
    }
    assert class_labels(features["stance"]) == {"label": ["opposes", "supports"]}
    for config, names in (("stance_candidates", ["opposes", "supports"]), ("entity_candidates", ["PER", "ORG"])):
        assert class_labels(features[config]) == {"gold_label": names, "answers": {"label": names}}


def test_candidates_have_no_column_that_could_be_taken_for_gold():
    features = config_features(LABELS)
    for config in ("stance_candidates", "entity_candidates"):
        assert "label" not in features[config]


def test_a_standoff_release_has_anchors_in_place_of_text():
    standoff = config_features(LABELS, standoff=True)
    for config, features in config_features(LABELS).items():
        assert not TEXT_COLUMNS & set(standoff[config])
        assert set(features) - TEXT_COLUMNS == set(standoff[config]) - {"windows"}
    for config in ("entities", "annotations"):
        span = standoff[config]["spans"].feature
        assert "text" not in span
        assert set(span["anchor"]) == {
            *("first_word", "n_words", "lead", "trail", "surface_digest", "before_digest", "after_digest")
        }
