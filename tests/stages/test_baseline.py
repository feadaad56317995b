"""Baselines of a released version: in its card, and on demand."""

from __future__ import annotations

import json

import pytest

import goldwire
from goldwire.errors import GoldwireError
from goldwire.stages import adjudicate, baseline, release, split
from goldwire.workspace import jsonl
from support.factories import article, layer, workspace

VERBS = {"supports": "praised", "opposes": "mocked"}
NAMES = ("Ada Ito", "Bo Lund", "Cy Moss", "Di Reed")


@pytest.fixture
def space(tmp_path):
    """Sixty articles with one stance each, which the verb determines."""
    space = workspace(tmp_path / "trial")
    articles, layers = [], []
    for n in range(60):
        holder, target, stance = NAMES[n % 4], NAMES[(n + 1 + n // 20) % 4], ("supports", "opposes")[n * 7 % 3 % 2]
        text = f"Story {n}\n\n{holder} {VERBS[stance]} {target} again."
        new = article(text, id=f"wire-{n:012d}")
        ends = [(text.index(name), text.index(name) + 7) for name in (holder, target)]
        articles.append(new)
        layers.append(layer(new, [(*end, "PER") for end in ends], [(0, 1, stance)]))
    jsonl.write(space.articles / "wire.jsonl", articles)
    jsonl.write(space.layers / "b01" / "A1.jsonl", layers)
    space.sources.write_text('[wire]\nname = "Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n')
    adjudicate.run(space, batch="b01")
    split.run(space)
    return space


def test_the_command_reports_the_scores_of_the_release(space):
    report = release.run(space)
    folder = space.release(report.version)
    stored = json.loads((folder / "baseline.json").read_text())
    again = baseline.run(space)
    assert again.version == report.version
    assert [model["name"] for model in stored["stance"]] == [model.name for model in again.baseline.stance]
    assert stored["stance"][1]["scores"]["test"]["value"] == again.baseline.stance[1].scores["test"].value
    full, majority = again.baseline.stance[1], again.baseline.stance[0]
    assert full.scores["test"].value > majority.scores["test"].value
    card = (folder / "README.md").read_text()
    assert "### Baselines" in card
    assert "| stance, the model minus the probe | validation | test |" in card
    assert "| stance, cross-validated on train | macro-F1 | the model minus it |" in card
    assert all(warning in report.warnings and warning in card for warning in again.baseline.warnings)
    lines = again.to_text().splitlines()
    assert max(map(len, lines)) <= 80
    score = stored["stance"][1]["scores"]["test"]
    assert any(line.startswith("stance, macro-F1") and line.endswith(f"test, n={score['n']}") for line in lines)
    assert any(full.name in line and f"{score['value']:.3f} [" in line for line in lines)
    assert "baseline.json" in {file.path for file in goldwire.load_release(space.root, report.version).manifest.files}


def test_the_scores_are_the_same_each_time(space):
    release.run(space, version="0.1.0")
    assert baseline.run(space, version="0.1.0") == baseline.run(space)


def test_a_release_without_baselines(space):
    folder = space.release(release.run(space, baselines=False).version)
    assert not (folder / "baseline.json").exists()
    assert "### Baselines" not in (folder / "README.md").read_text()


def test_a_standoff_release_has_scores_but_cannot_be_scored_again(space):
    report = release.run(space, standoff=True)
    assert (space.release(report.version) / "baseline.json").exists()
    with pytest.raises(GoldwireError, match="contains no text"):
        baseline.run(space)


def test_a_missing_release_is_an_error(space):
    with pytest.raises(GoldwireError, match="no release"):
        baseline.run(space)
