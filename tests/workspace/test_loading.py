"""Records of a workspace, loaded from the tiny repository."""

from __future__ import annotations

from pathlib import Path

import pytest

import goldwire
from goldwire.errors import DataError, MissingFileError
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace, find_workspace
from support.factories import copy_tiny_repo


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    copy_tiny_repo(tmp_path / "w")
    return find_workspace(tmp_path / "w", explicit=True)


def test_all_records_of_a_workspace_are_loaded(workspace: Workspace) -> None:
    articles = loading.articles(workspace)
    assert list(articles) == sorted(articles)
    (batch, *_) = loading.batches(workspace)
    assert {task.article_id for task in loading.tasks(workspace, batch)} <= articles.keys()
    assert [layer.article_id for layer in loading.gold(workspace)] == sorted(
        layer.article_id for layer in loading.gold(workspace)
    )
    assert {decision.article_id for decision in loading.decisions(workspace)} <= articles.keys()
    assert {row.article_id for row in loading.assignment(workspace)} <= articles.keys()
    assert all(id in articles for cluster in loading.duplicates(workspace) for id in cluster.article_ids)
    assert loading.releases(workspace)


def test_layers_are_those_of_annotators(workspace: Workspace) -> None:
    layers = goldwire.load_layers(workspace.root / "corpus", "b01")
    assert layers == loading.layers(workspace, "b01")
    names = {path.stem for path in (workspace.layers / "b01").iterdir()}
    assert {layer.annotator for layer in layers} == {name for name in names if not name.startswith("E")}
    with pytest.raises(MissingFileError):
        goldwire.load_layers(workspace.root, "b99")


def test_an_empty_workspace_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.goldwire]\nname = "w"\n')
    workspace = find_workspace(tmp_path)
    assert loading.articles(workspace) == {}
    assert loading.duplicates(workspace) == loading.gold(workspace) == loading.assignment(workspace) == ()
    with pytest.raises(MissingFileError):
        loading.tasks(workspace, "b01")


def test_a_bad_row_of_the_assignment_is_an_error_with_its_line(workspace: Workspace) -> None:
    with workspace.assignment.open("a") as file:
        file.write("x\ty\n")
    rows = len(workspace.assignment.read_text().splitlines())
    with pytest.raises(DataError) as caught:
        loading.assignment(workspace)
    assert caught.value.location == f"{workspace.assignment}:{rows}"
