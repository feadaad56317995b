"""A new extraction, and a version that is built again; `tests/checks/test_fields.py` changes each of their fields."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from goldwire.records import Article
from goldwire.stages import reproduction
from goldwire.workspace import jsonl
from goldwire.workspace.layout import find_workspace
from support.factories import copy_tiny_repo
from support.full_disk import no_file_beyond


def test_a_new_extraction_gives_the_stored_articles(tmp_path: Path) -> None:
    workspace = find_workspace(copy_tiny_repo(tmp_path / "w"), explicit=True)
    stored = [one for path in workspace.articles.glob("*.jsonl") for one in jsonl.read(path, Article)]
    extraction = reproduction.extract_again(workspace)
    assert extraction is not None
    assert extraction.articles == {article.id: article for article in stored}
    shutil.rmtree(workspace.raw)
    assert reproduction.extract_again(workspace) is None


def test_a_version_with_other_labels_than_the_workspace_is_not_built_again(tmp_path: Path) -> None:
    workspace = find_workspace(copy_tiny_repo(tmp_path / "w"), explicit=True)
    gold = workspace.gold / "b01.jsonl"
    gold.write_text(gold.read_text().replace('"stance":"opposes"', '"stance":"supports"', 1))
    assert reproduction.rebuild(workspace, "0.0.1") is None
    assert reproduction.rebuild(workspace, "0.0.2") is None  # there is no such version


def test_a_full_disk_is_an_error_and_no_reason_to_skip_the_comparison(tmp_path: Path) -> None:
    workspace = find_workspace(copy_tiny_repo(tmp_path / "w"), explicit=True)
    with no_file_beyond(100), pytest.raises(OSError, match="too large"):
        reproduction.extract_again(workspace)
