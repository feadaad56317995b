"""The checks find what somebody changed by hand in a copy of this repository's dataset."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from goldwire.checks.registry import is_error
from goldwire.records import Finding
from goldwire.stages import adjudicate, check, release
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace, find_workspace
from support.factories import copy_tiny_repo
from support.paths import REPOSITORY

pytestmark = pytest.mark.usefixtures("remembered_results")

OTHER_SIDE = {"supports": "opposes", "opposes": "supports", "neutral": "supports"}


@pytest.fixture
def sample(tmp_path: Path) -> Workspace:
    """The first batch of the sample, which all three annotators have, without released versions."""
    others = shutil.ignore_patterns("b01*", "b02*")
    for name in ("annotations", "corpus"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=others)
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return find_workspace(tmp_path, explicit=True)


def edit(path: Path, change: Callable[[dict[str, Any]], object], *, line: int | None = None) -> None:
    """Change one row of a JSON Lines file, by default all."""
    rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    for row in rows if line is None else rows[line - 1 : line]:
        change(row)
    text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def found(space: Workspace) -> list[Finding]:
    return [finding for finding in check.run(space).findings if is_error(finding)]


def test_the_sample_has_no_errors(sample: Workspace) -> None:
    assert found(sample) == []


def test_all_stances_of_an_annotator_set_to_neutral(sample: Workspace) -> None:
    def neutral(layer: dict[str, Any]) -> None:
        for stance in layer["stances"]:
            stance["stance"] = "neutral"

    edit(sample.layers / "b00" / "A1.jsonl", neutral)
    findings = found(sample)
    assert {finding.code for finding in findings} == {"agreement-stale", "decision-stale"}
    assert "annotations/agreement/b00.json" in {finding.file for finding in findings}


def test_a_unanimous_gold_stance_set_to_the_other_side(sample: Workspace) -> None:
    file, line = sample.gold / "b00.jsonl", 3
    edit(file, flip_first_stance, line=line)
    (finding,) = found(sample)
    assert (finding.code, finding.file, finding.line, finding.item) == (
        "gold-contradicts-decision",
        "annotations/gold/b00.jsonl",
        line,
        "R1",
    )


def flip_first_stance(layer: dict[str, Any]) -> None:
    layer["stances"][0]["stance"] = OTHER_SIDE[layer["stances"][0]["stance"]]


def test_a_gold_stance_and_its_decision_set_to_the_other_side(sample: Workspace) -> None:
    first = json.loads((sample.gold / "b00.jsonl").read_text().splitlines()[0])
    decisions = [json.loads(text) for text in (sample.gold / "b00.decisions.jsonl").read_text().splitlines()]
    line = next(
        n for n, d in enumerate(decisions, 1) if (d["article_id"], d.get("gold_id")) == (first["article_id"], "R1")
    )
    edit(sample.gold / "b00.jsonl", flip_first_stance, line=1)
    edit(
        sample.gold / "b00.decisions.jsonl",
        lambda decision: decision.update(label=OTHER_SIDE[decision["label"]]),
        line=line,
    )
    (finding,) = found(sample)
    assert (finding.code, finding.file, finding.line) == (
        "decision-stale",
        "annotations/gold/b00.decisions.jsonl",
        line,
    )


@pytest.mark.parametrize(
    ("path", "other"),
    [
        (("values", "stance_f1_exact", "value"), 0.99),
        (("values", "stance_f1_exact", "low"), 0.98),
        (("values", "gamma", "value"), 0.99),
        (("annotator_reports", 0, "dawid_skene_accuracy"), 0.5),
    ],
    ids=lambda path: ".".join(map(str, path)) if isinstance(path, tuple) else None,
)
def test_a_stored_agreement_value_is_changed(sample: Workspace, path: tuple[Any, ...], other: float) -> None:
    file = sample.agreement / "b00.json"
    document = json.loads(file.read_text())
    target = document[path[0]]
    if isinstance(path[1], str):
        target = next(value for value in target if value["coefficient"] == path[1] and value["label"] is None)
    else:
        target = target[path[1]]
    target[path[2]] = other
    file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    (finding,) = found(sample)
    assert (finding.code, finding.file) == ("agreement-stale", "annotations/agreement/b00.json")


def test_an_expert_who_decided_nothing_is_not_named_as_the_source_of_gold(sample: Workspace) -> None:
    edit(sample.layers / "b00" / "E1.jsonl", lambda layer: layer.update(confirmed=False))
    adjudicate.run(sample, batch="b00", method="expert", expert="E1")
    made = loading.decisions(sample)
    assert {decision.provenance for decision in made} == {"unanimous", "majority"}
    assert not [decision for decision in made if decision.comment]


def test_gold_that_contradicts_its_decisions_is_not_released(tmp_path: Path) -> None:
    copy_tiny_repo(tmp_path / "w")
    space = find_workspace(tmp_path / "w", explicit=True)
    edit(space.gold / "b01.jsonl", flip_first_stance, line=1)
    report = release.run(space, baselines=False)
    assert (report.written, [error.code for error in report.errors]) == (False, ["gold-contradicts-decision"])
    assert loading.releases(space) == ("v0.0.1",)
