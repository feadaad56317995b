"""A new workspace is complete and replaces nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import ConflictError
from goldwire.workspace.guidelines import read_guidelines
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import find_workspace
from goldwire.workspace.scaffold import create_workspace
from goldwire.workspace.sources import read_sources


def test_a_new_workspace_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    report = create_workspace(tmp_path)
    workspace = find_workspace(tmp_path, explicit=True)
    assert workspace.settings.name == tmp_path.name
    assert workspace.raw.is_dir()
    assert read_schema(workspace.schema).stance_labels == ("opposes", "neutral", "supports")
    assert read_guidelines(workspace.guidelines).version == "1.0"
    assert read_sources(workspace.sources) == {}
    assert set(report.files) == {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    } - {"notes.txt"}
    assert "goldwire ingest" in report.to_text()


def test_an_existing_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine")
    with pytest.raises(ConflictError):
        create_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".gitignore"]
