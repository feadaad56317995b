"""The code of the pages on training runs on the repository's own released version, in the order of the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.console_blocks import blocks
from support.paths import REPOSITORY, SCRIPTS

DOCS = REPOSITORY / "docs"
NEEDS_TORCH = "needs torch"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the workspace that is the working folder, without a network."""
    for part in ("pyproject.toml", "annotations/schema.toml", "annotations/gold", "corpus/articles", "splits"):
        place = tmp_path / part
        place.parent.mkdir(parents=True, exist_ok=True)
        source = REPOSITORY / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, place)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    return tmp_path


def run(name: str) -> dict[str, Any]:
    """Run the code of a page and return its variables."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables: dict[str, Any] = {}
    for block in blocks((DOCS / name).read_text(encoding="utf-8")):
        if block.language == "sh":
            environment = os.environ | {"PATH": tools, "PYTHONPATH": str(SCRIPTS)}
            script = f"set -e\n{block.text}"
            done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=environment, check=False)
            assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
        elif block.language == "python" and (block.title != NEEDS_TORCH or find_spec("torch") is not None):
            exec(compile(block.text, name, "exec"), variables)
    return variables


def test_scikit_learn(folder: Path) -> None:
    found = run("training-scikit-learn.md")
    assert len(found["test"]) > 100
    assert " TARGET " in found["texts"][0]
    assert found["macro_f1"] > 0.3  # the majority class has .2


def test_spacy(folder: Path) -> None:
    pytest.importorskip("spacy")
    found = run("training-spacy.md")
    assert {split: len(docs) for split, docs in found["bins"].items()} == {"train": 84, "validation": 18, "test": 18}
    assert "ner" in found["nlp"].pipe_names
    assert {*found["nlp"].get_pipe("ner").labels} == {"PER", "ORG", "GPE", "LOC", "ISSUE"}


def test_transformers(folder: Path) -> None:
    """The tags of the pieces are the spans: decoded by their offsets they come back."""
    pytest.importorskip("transformers")
    found = run("training-transformers.md")
    row = found["entities"]["train"][0]
    text, spans = row["text"], found["spans_of"](row)
    decoded = set()
    for window in found["encode"](row):
        open_span: list[Any] = []
        for (start, end), label in zip(window["offsets"], [*window["labels"]], strict=True):
            tag = found["tags"][label] if label >= 0 else "O"
            if open_span and not tag.startswith("I-"):
                decoded.add(tuple(open_span))
                open_span = []
            if tag.startswith("B-"):
                open_span = [start, end, tag[2:]]
            elif open_span:
                open_span[1] = end
    words = {(start, end) for start, end, _ in decoded}
    assert len(spans) > 5
    assert set(spans) <= decoded
    assert all(text[start:end].strip() == text[start:end] for start, end in words)
    if find_spec("torch") is not None:
        assert found["loss"].item() > 0


def test_soft_labels(folder: Path) -> None:
    found = run("training-soft-labels.md")
    assert np.allclose(found["soft_train"].sum(axis=1), 1)
    assert np.allclose(found["predicted"].sum(axis=1), 1)
    assert found["scores"]["model"] < found["scores"]["mean of train"]
