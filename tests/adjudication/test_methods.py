"""A stated method of adjudication gives the same gold again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from goldwire.adjudication.methods import METHODS, adjudicate
from goldwire.errors import ConfigError
from goldwire.records import Adjudication
from support.factories import article, layer

ARTICLE = article("Ada Ito met Bo Lund")
LAYERS = [layer(ARTICLE, [(0, 7, "PER"), (12, 19, "PER")], annotator=name) for name in ("A1", "A2")]
EXPERT = layer(ARTICLE, [(0, 7, "ORG")], annotator="E1")


def provenance(*layers: Any, **options: Any) -> list[str | None]:
    adjudication = Adjudication(batch="b01", **options)
    return [
        decision.provenance
        for adjudicated in adjudicate({ARTICLE.id: ARTICLE}, layers, adjudication)
        for decision in adjudicated.decisions
    ]


def test_every_method_adjudicates() -> None:
    options: dict[str, dict[str, Any]] = {
        "majority": {},
        "dawid-skene": {"min_posterior": 0.8},
        "mace": {"min_posterior": 0.8},
        "expert": {"expert": "E1"},
    }
    assert options.keys() == set(METHODS)
    for method, fields in options.items():
        expected = ["expert", "expert"] if method == "expert" else ["unanimous", "unanimous"]
        assert provenance(*LAYERS, EXPERT, method=method, **fields) == expected, method


def test_an_expert_counts_only_for_the_method_that_names_them() -> None:
    assert provenance(*LAYERS, EXPERT, method="expert", expert="E2") == ["unanimous", "unanimous"]


def test_a_layer_that_is_not_confirmed_counts_for_nothing() -> None:
    unread = layer(ARTICLE, annotator="E1", confirmed=False)
    assert provenance(*LAYERS, unread, method="expert", expert="E1") == ["unanimous", "unanimous"]


def test_a_model_decides_what_is_not_unanimous() -> None:
    third = layer(ARTICLE, [(0, 7, "PER")], annotator="A3")
    assert provenance(*LAYERS, third, method="dawid-skene", min_posterior=0.5) == ["unanimous", "model"]


def test_the_fallback_decides_where_the_expert_did_not() -> None:
    layers = [*LAYERS, layer(ARTICLE, [(0, 7, "PER")], annotator="A3")]
    options = {"method": "expert", "expert": "E1", "fallback": "dawid-skene", "min_posterior": 0.5}
    assert provenance(*layers, **options) == ["unanimous", "model"]
    assert provenance(*layers, EXPERT, **options) == ["expert", "expert"]


def test_gold_has_the_highest_version_of_its_layers() -> None:
    versions = ("1.9", "1.10")
    layers = [
        msgspec.structs.replace(one, guidelines_version=version, schema_version=version)
        for one, version in zip(LAYERS, versions, strict=True)
    ]
    (adjudicated,) = adjudicate({ARTICLE.id: ARTICLE}, layers, Adjudication(batch="b01", method="majority"))
    assert (adjudicated.gold.guidelines_version, adjudicated.gold.schema_version) == ("1.10", "1.10")


@pytest.mark.parametrize(
    "options",
    [
        {"method": "vote"},
        {"method": "expert", "expert": "E1", "fallback": "expert"},
        {"method": "expert", "expert": "E1", "fallback": "dawid-skene"},
        {"method": "majority", "fallback": "mace"},
        {"method": "expert"},
        {"method": "majority", "expert": "E1"},
        {"method": "majority", "min_votes": 0},
        {"method": "majority", "min_posterior": 0.8},
        {"method": "mace"},
        {"method": "mace", "min_posterior": 1.5},
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        provenance(method=options.pop("method"), **options)
