"""A new workspace is complete, passes `check`, and replaces nothing."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import msgspec
import pytest

from goldwire.errors import ConflictError
from goldwire.stages import check, ingest, inventory
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
    assert list(read_sources(workspace.sources)) == ["example"]
    assert set(report.files) == {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    } - {"notes.txt"}
    assert {"README.md", "DATASHEET.md", ".github/workflows/goldwire.yml"} < set(report.files)
    assert "goldwire ingest" in report.to_text()


def test_a_new_workspace_passes_the_checks_before_and_after_its_example_is_ingested(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    workspace = find_workspace(tmp_path, explicit=True)
    assert check.run(workspace, strict=True).exit_code == 0
    assert [count.articles for count in ingest.run(workspace).sources] == [1]
    assert check.run(workspace, strict=True).findings == ()
    assert inventory.run(workspace).sources[0].articles == 1


def test_an_existing_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine")
    with pytest.raises(ConflictError):
        create_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".gitignore"]


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_an_existing_project_becomes_a_workspace_and_keeps_every_byte(tmp_path: Path, end: str) -> None:
    before = {
        "pyproject.toml": f'[project]\r\nname = "mine"  # é\n[tool.ruff]\nline-length = 100{end}'.encode(),
        ".gitignore": b"build/\n*.tmp",
        "README.md": b"mine",
    }
    for name, data in before.items():
        (tmp_path / name).write_bytes(data)
    report = create_workspace(tmp_path)
    workspace = find_workspace(tmp_path, explicit=True)
    assert workspace.settings.name == tmp_path.name
    for name, data in before.items():
        assert (tmp_path / name).read_bytes().startswith(data)
    assert (tmp_path / "README.md").read_bytes() == b"mine"
    assert (tmp_path / ".gitignore").read_text().splitlines() == ["build/", "*.tmp", ".goldwire/"]
    assert tomllib.loads((tmp_path / "pyproject.toml").read_text())["tool"]["ruff"] == {"line-length": 100}
    assert report.extended == (".gitignore", "pyproject.toml")
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(ConflictError):
        create_workspace(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == after


def test_every_setting_is_in_the_new_pyproject_and_its_default_can_be_uncommented(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    before = find_workspace(tmp_path, explicit=True).settings
    path = tmp_path / "pyproject.toml"
    lines = [line.removeprefix("# ") for line in path.read_text().splitlines() if not line.endswith("(not set)")]
    path.write_text("\n".join(lines))
    assert find_workspace(tmp_path, explicit=True).settings == before
    text = path.read_text() + (tmp_path / "pyproject.toml").read_text()
    defaults = {field.name for field in msgspec.structs.fields(type(before)) if field.default is not None}
    assert all(f"{name} = " in text for name in defaults)


def test_the_example_beside_other_sources_is_reported(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    workspace = find_workspace(tmp_path, explicit=True)
    with workspace.sources.open("a") as sources:
        sources.write('\n[wire]\nname = "Wire"\nlanguage = "en"\nlicence = "unknown"\nredistribute = false\n')
    (workspace.raw / "wire").mkdir()
    (workspace.raw / "wire" / "a.txt").write_text("The ferry crossed.\n")
    assert "example of `goldwire init` is still here" in ingest.run(workspace).to_text()
    shutil.rmtree(workspace.raw / "example")
    assert "is still here" in ingest.run(workspace).to_text()  # its article is
    (workspace.articles / "example.jsonl").unlink()
    assert "is still here" not in ingest.run(workspace).to_text()
    (workspace.raw / "example").mkdir()
    (workspace.raw / "example" / "2027-01-04-harbour.txt").write_text("My own text.\n")
    assert "is still here" not in ingest.run(workspace).to_text()
