"""Cues: short blocks whose words say what follows."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.extraction.html.cues import CUES, cue_features


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("3 Comments", "comments"),
        ("Schreibe einen Kommentar", "comments"),
        ("You may also like", "related"),
        ("Das könnte Sie auch interessieren", "related"),
        ("Share this", "share"),
        ("About the author", "author"),
        ("Get the latest in your inbox: subscribe", "newsletter"),
        ("© 2019 All rights reserved", "notice"),
        ("Skip to content", "navigation"),
        ("12 November 2012", "date"),
        ("Nov 12, 2012", "date"),
        ("2 hours ago", "date"),
        ("Further reading", "references"),
    ],
)
def test_a_short_block_has_a_cue(text: str, cue: str) -> None:
    assert cue_features([text])[f"cue_{cue}"].tolist() == [1]


def test_a_part_of_a_word_and_a_long_block_are_no_cues() -> None:
    long = "The council said that it had received ninety comments on the plan, and that it would answer them in May."
    features = cue_features(["A commentary", long, "Sharecroppers"])
    assert not any(features[f"cue_{cue}"].any() for cue in CUES)


def test_the_distance_to_the_last_cue_above_is_a_feature() -> None:
    features = cue_features(["x", "3 comments", "y", "z"])
    assert np.expm1(features["since_comments"]).round().tolist() == [60, 60, 1, 2]
