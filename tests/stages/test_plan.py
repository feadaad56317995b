"""`goldwire plan`: from a pilot batch, from a machine's score, and from guesses."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goldwire.agreement.pilots import Pilot, pilot_of_layers
from goldwire.agreement.planning import plan_precision
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.stages import plan
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace
from support import factories
from support.simulated_machines import layers_of_people_and_machine

LAYERS = layers_of_people_and_machine(1, 16, people=0.9, machine=0.8)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    space = factories.workspace(tmp_path_factory.mktemp("plan"))
    for name in ("A1", "A2", "A3"):
        jsonl.write(space.layers / "b01" / f"{name}.jsonl", [x for x in LAYERS if x.annotator == name])
    return space


def test_the_plan_of_a_batch(space: Workspace) -> None:
    report = plan.run(space, batch="b01", precision=0.05, max_per_annotator=20)
    people = [layer for layer in LAYERS if layer.annotator != "M1"]
    assert [one.coefficient for one in report.plans] == ["span_f1_exact", "stance_f1_exact", "stance_alpha_with_none"]
    pilot = pilot_of_layers(people, "stance_f1_exact")
    assert isinstance(pilot, Pilot)
    assert report.plans[1] == plan_precision(pilot, 0.05)
    text = report.to_text()
    best = report.plans[1].designs[0]
    assert f"{best.articles:,} articles x {best.overlap} annotators = {best.labelled_articles:,} labelled" in text
    assert "in b01 (16 articles, 3 annotators each)\n  until +-0.05 with probability 80%:" in text
    assert ", by " in text
    only = plan.run(space, batch="b01", precision=0.05, coefficient="span_f1_label")
    assert [one.coefficient for one in only.plans] == ["span_f1_label"]


def test_the_score_of_a_machine(space: Workspace, tmp_path: Path) -> None:
    own = factories.copy_workspace(space, tmp_path / "scored")
    with pytest.raises(MissingFileError, match="no layers of M1"):
        plan.run(own, batch="b01", precision=0.05, machine="M1")
    jsonl.write(own.layers / "b01" / "M1.jsonl", [x for x in LAYERS if x.annotator == "M1"])
    with pytest.raises(MissingFileError, match="no gold of batch 'b01'"):
        plan.run(own, batch="b01", precision=0.05, machine="M1")
    gold = [msgspec.structs.replace(x, annotator="gold") for x in LAYERS if x.annotator == "A1"]
    jsonl.write(own.gold / "b01.jsonl", gold)
    report = plan.run(own, batch="b01", precision=0.05, machine="M1")
    assert [len(one.designs) for one in report.plans] == [1, 1, 1]
    assert "span_f1_exact of M1 against gold" in report.to_text()


def test_guesses_and_pilots_without_a_shared_article(space: Workspace, tmp_path: Path) -> None:
    report = plan.run_guess(value=0.8, precision=0.05, max_per_annotator=50)
    assert report.to_text().startswith("F1 0.800 (guessed); until +-0.05\n")
    with pytest.raises(ConfigError, match=r"value 1\.2 is not from 0 to 1"):
        plan.run_guess(value=1.2, precision=0.05)
    alone = factories.copy_workspace(space, tmp_path / "alone")
    for name in ("A2", "A3"):
        (alone.layers / "b01" / f"{name}.jsonl").unlink()
    reason = "span_f1_exact, stance_f1_exact, stance_alpha_with_none: only A1 has confirmed layers; hint: plan from a"
    with pytest.raises(DataError, match=reason):
        plan.run(alone, batch="b01", precision=0.05)
