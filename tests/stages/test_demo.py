"""The whole pipeline of `make demo`, from raw pages to a loaded dataset, on a real server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from goldwire.doccano.server import lifecycle
from goldwire.records import Release
from goldwire.stages import demo
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import find_workspace
from support.paths import REPOSITORY

NAMES = ("pyproject.toml", "corpus/raw", "corpus/sources.toml", "annotations/schema.toml", "annotations/GUIDELINES.md")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in (*NAMES, "annotations/layers/b00"):
        source, target = REPOSITORY / name, tmp_path / "clone" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
    return tmp_path / "clone"


def assignments(root: Path) -> dict[str, str]:
    """Return the split of each article by splits/assignment.tsv."""
    return {row.article_id: row.split for row in loading.assignment(find_workspace(root))}


def test_the_demo_ends_in_a_dataset_that_loads(
    clone: Path, doccano_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDWIRE_DOCCANO_ENV", str(doccano_environment))
    monkeypatch.chdir(clone)
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    lines = list(demo.run(find_workspace(clone)))
    scratch = clone / ".goldwire" / "demo"
    assert lifecycle.status(scratch / ".goldwire" / "server") is None
    assert {p: p.read_bytes() for p in clone.rglob("*") if p.is_file() and ".goldwire" not in p.parts} == before
    for name in ("A1", "A2", "A3"):
        path = f"annotations/layers/b00/{name}.jsonl"
        assert (scratch / path).read_bytes() == (clone / path).read_bytes()
    assert any("b00.html" in line for line in lines)
    assert any(line.startswith("load it") for line in lines)
    manifest = jsonl.read_document(scratch / "splits" / "v0.0.1" / "manifest.json", Release)
    assert all(count > 0 for count in manifest.articles.values())
    committed = REPOSITORY / "splits" / "v0.0.1" / "manifest.json"
    ours = jsonl.read_document(committed, Release)
    # The same articles in the same splits with the same labels; another version of goldwire may have other columns.
    assert manifest.articles == ours.articles
    assert {config: manifest.labels[config] for config in ours.labels} == ours.labels
    committed_splits = assignments(REPOSITORY)
    assert assignments(scratch) == {
        name: split for name, split in committed_splits.items() if name in assignments(scratch)
    }


@pytest.mark.parametrize("config", ["entities", "stance", "annotations"])
def test_the_committed_release_loads_by_name_with_class_labels(config: str, tmp_path: Path) -> None:
    code = f"""
from datasets import ClassLabel, load_dataset
data = load_dataset("splits/v0.0.1", {config!r})
def names(feature):
    if isinstance(feature, ClassLabel):
        return feature.names
    inner = getattr(feature, "feature", feature)
    return next((n for f in (inner.values() if isinstance(inner, dict) else [inner] if inner is not feature else [])
                 if (n := names(f))), None)
print(sorted(data), [names(f) for f in data["train"].features.values() if names(f)])
"""
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout
    assert "test" in done.stdout
    assert "supports" in done.stdout if config == "stance" else "PER" in done.stdout
