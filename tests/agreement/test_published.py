"""Values that papers print, and values that the tests of other tools assert."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from goldwire import agreement
from support.paths import SHARED_DATA
from support.published_tables import (
    ARTSTEIN_2008,
    COHEN_1960,
    FLEISS_COUNTS,
    KRIPPENDORFF_1995,
    KRIPPENDORFF_2011,
    from_counts,
)

REFERENCE = SHARED_DATA / "agreement_reference.json"

_WEIGHTED = 1 - np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6


@pytest.mark.parametrize(
    ("coefficient", "ratings", "options", "published"),
    [
        ("krippendorff_alpha", KRIPPENDORFF_2011, {"level": "nominal"}, 0.743),
        ("krippendorff_alpha", KRIPPENDORFF_2011, {"level": "ordinal"}, 0.815),
        ("krippendorff_alpha", KRIPPENDORFF_2011, {"level": "interval"}, 0.849),
        ("krippendorff_alpha", KRIPPENDORFF_2011, {"level": "ratio"}, 0.797),
        ("krippendorff_alpha", KRIPPENDORFF_1995, {}, 0.329),
        ("cohen_kappa", KRIPPENDORFF_1995, {}, 0.385),
        ("cohen_kappa", COHEN_1960, {}, 0.492),
        ("cohen_kappa", COHEN_1960, {"weights": _WEIGHTED}, 0.348),
        ("fleiss_kappa", from_counts(FLEISS_COUNTS), {}, 0.210),
        ("percent_agreement", ARTSTEIN_2008, {}, 0.7),
        ("brennan_prediger", ARTSTEIN_2008, {}, 0.4),
        ("scott_pi", ARTSTEIN_2008, {}, 0.341),
        ("cohen_kappa", ARTSTEIN_2008, {}, 0.348),
        ("gwet_ac", KRIPPENDORFF_2011, {}, 0.775),
    ],
)
def test_published_values(coefficient: str, ratings: Any, options: dict[str, Any], published: float) -> None:
    assert getattr(agreement, coefficient)(ratings, **options).value == pytest.approx(published, abs=0.0006)


def _reference_rows() -> list[Any]:
    if not REFERENCE.exists():
        return [
            pytest.param(None, marks=pytest.mark.skip(reason="../shared/data/agreement_reference.json is not here"))
        ]
    rows = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


@pytest.mark.parametrize("row", _reference_rows())
def test_reference_values(row: dict[str, Any]) -> None:
    data = row["data"]
    if isinstance(data, str):
        pytest.skip(f"{data} is not here")
    measured = _measure(row["coefficient"], data, row.get("params") or {})
    if isinstance(row["published"], dict):
        assert measured == pytest.approx(row["published"], abs=row["tolerance"])
    else:
        assert measured.value == pytest.approx(row["published"], abs=row["tolerance"])


def _measure(name: str, data: Any, params: dict[str, Any]) -> Any:
    weights = params.get("weights", "identity")
    if name == "gamma":
        return _gamma(data, params)
    if name == "fleiss_kappa_per_category":
        return {str(label): value.value for label, value in agreement.by_label(data, "fleiss_kappa").items()}
    if name == "weighted_cohen_kappa_custom":
        return agreement.cohen_kappa(data, weights=lambda a, b: 0 if a == b else 0.5 if "Chck" in (a, b) else 1)
    if name == "krippendorff_alpha":
        return agreement.krippendorff_alpha(data, weights=weights)
    if name.startswith("krippendorff_alpha_"):
        return agreement.krippendorff_alpha(data, level=name.removeprefix("krippendorff_alpha_"))
    if name == "randolph_kappa":
        return agreement.randolph_kappa(data)
    return getattr(agreement, "brennan_prediger" if name == "bennett_s" else name)(data, weights=weights)


def _units(data: Any) -> dict[str, list[tuple[int, int, str]]]:
    units: dict[str, list[tuple[int, int, str]]] = {}
    for unit in data["units"]:
        units.setdefault(unit["annotator"], []).append((unit["start"], unit["end"], unit["label"]))
    return units


def _gamma(data: Any, params: dict[str, Any]) -> Any:
    sampler: Any = "shuffle" if params.get("sampler") == "ShuffleContinuumSampler" else "statistical"
    return agreement.gamma(_units(data), alpha=params["alpha"], beta=params["beta"], sampler=sampler, n_samples=300)


@pytest.mark.parametrize("row", [r for r in _reference_rows() if r.values[0] and r.values[0]["coefficient"] == "gamma"])
def test_reference_disorders_of_best_alignments(row: dict[str, Any]) -> None:
    disorder = agreement.best_disorder(_units(row["data"]), alpha=row["params"]["alpha"], beta=row["params"]["beta"])
    # The paper prints its example with two decimals.
    assert disorder == pytest.approx(row["best_alignment_disorder"], abs=row.get("best_alignment_tolerance", 0.001))


@pytest.mark.parametrize("row", [r for r in _reference_rows() if r.values[0] and r.values[0].get("published_se")])
def test_reference_standard_errors(row: dict[str, Any]) -> None:
    measured = agreement.standard_error(row["data"], row["coefficient"], weights=row["params"]["weights"])
    assert measured == pytest.approx(row["published_se"], abs=0.0006)
