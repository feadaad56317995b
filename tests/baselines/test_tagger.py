"""The entity tagger and its probe."""

from __future__ import annotations

import math

import pytest

from goldwire.baselines.tagger import collect_names, find_names, spans_of_tags, token_entropy

TRAIN = [{"tokens": ["Ada", "Ito", "met", "Bo"], "ner_tags": ["B-PER", "I-PER", "O", "B-PER"]}]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        (["B-PER", "I-PER", "O"], {(0, 2, "PER")}),
        (["B-PER", "B-PER"], {(0, 1, "PER"), (1, 2, "PER")}),
        (["I-PER", "I-ORG"], {(0, 1, "PER"), (1, 2, "ORG")}),
        (["O", "O"], set()),
    ],
)
def test_spans_of_tags(tags, spans):
    assert spans_of_tags(tags) == spans


def test_the_longest_known_name_is_found():
    names = collect_names(TRAIN) | {("Ada",): "ORG"}
    assert find_names(names, ["Ada", "Ito", "and", "Ada"]) == {(0, 2, "PER"), (3, 4, "ORG")}


def test_entropy_is_nan_without_labels_and_0_without_tokens():
    assert math.isnan(token_entropy([{"tokens": ["Rain"], "ner_tags": ["O"]}], TRAIN)[0])
    ambiguous = [{"tokens": ["Ada"], "ner_tags": [tag]} for tag in ("B-PER", "O") * 20]
    empty, full = token_entropy(ambiguous, [{"tokens": []}, {"tokens": ["Ada"]}])
    assert empty == pytest.approx(0, abs=1e-9)
    assert 0.1 < full <= math.log(2) + 1e-9
