"""Counts of stances, in all and between a holder and a target by name."""

from __future__ import annotations

from goldwire.certification.stance_shares import ARTICLE, NamedPair, mean_counts, named_pairs, stance_counts
from support import factories

TEXT = factories.article("Harbour\n\nAda Brook of the Port League praised the League; Brook left the quay.")
ADA, LEAGUE, BROOK = (9, 18, "PER"), (22, 37, "ORG"), (58, 63, "PER")


def test_counts_of_a_layer_and_their_mean() -> None:
    layer = factories.layer(TEXT, [ADA, LEAGUE], [(0, 1, "supports"), (None, 1, "opposes"), (None, 0, "supports")])
    assert stance_counts(layer, "supports") == (2, 3)
    assert mean_counts([(2, 3), (0, 1)]) == (1, 2)


def test_pairs_are_named_by_the_fullest_name_of_the_article() -> None:
    people = factories.layer(TEXT, [ADA, LEAGUE, BROOK], [(0, 1, "supports"), (2, 1, "opposes")], annotator="A1")
    machine = factories.layer(TEXT, [LEAGUE, BROOK], [(1, 0, "supports"), (None, 0, "neutral")], annotator="M1")
    pairs = named_pairs({TEXT.id: [people, machine]}, "supports")
    assert pairs == {
        NamedPair("Ada Brook", "the Port League"): {TEXT.id: {"A1": (1, 2), "M1": (1, 1)}},
        NamedPair(ARTICLE, "the Port League"): {TEXT.id: {"M1": (0, 1)}},
    }
