"""What `goldwire doctor` reports of an installation, a workspace and a real server."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import goldwire
from goldwire.cli.application import app
from goldwire.stages import doctor
from goldwire.workspace.scaffold import create_workspace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GOLDWIRE_DOCCANO_URL", raising=False)
    create_workspace(tmp_path / "news")
    return tmp_path / "news"


def examined(folder: Path) -> dict[str, doctor.Examination]:
    return {one.name: one for one in doctor.run(folder, explicit=True).examinations}


def test_a_new_workspace_has_no_problem_and_notes_what_can_be_added(folder: Path) -> None:
    report = doctor.run(folder, explicit=True)
    states = {one.name: one.state for one in report.examinations}
    assert report.exit_code == 0, report.to_text()
    assert states["dependencies"] == states["label schema"] == states["sources"] == states["guidelines"] == "ok"
    assert states["server"] == states["git"] == "note"
    assert all(one.fix for one in report.examinations if one.name in ("server", "git"))
    assert report.to_text().endswith("no problems")


def test_a_folder_without_a_workspace_is_not_a_problem(tmp_path: Path) -> None:
    report = doctor.run(tmp_path)
    assert report.exit_code == 0
    assert "goldwire init" in report.to_text()


@pytest.mark.parametrize(
    ("file", "text", "name", "words"),
    [
        ("pyproject.toml", "[tool.goldwire]\nname = 1\n", "workspace settings", "Expected `str`"),
        ("pyproject.toml", "[tool.goldwire\n", "workspace settings", "pyproject.toml"),
        ("annotations/schema.toml", 'version = "1.0"\n', "label schema", "entity"),
        ("corpus/sources.toml", "[example]\n", "sources", "sources.toml"),
        ("annotations/GUIDELINES.md", "# Guidelines\n", "guidelines", "GUIDELINES.md"),
    ],
)
def test_a_file_that_does_not_parse_is_a_problem(folder: Path, file: str, text: str, name: str, words: str) -> None:
    (folder / file).write_text(text)
    one = examined(folder)[name]
    assert (one.state, bool(one.fix)) == ("problem", True)
    assert words in one.detail


def test_a_folder_of_raw_files_without_a_table_is_a_problem(folder: Path) -> None:
    assert "raw files" not in examined(folder)
    (folder / "corpus/raw/wire").mkdir()
    one = examined(folder)["raw files"]
    assert (one.state, one.fix and one.fix.split(" with ")[0]) == ("problem", "add [wire]")
    assert one.detail == "corpus/raw has folders that corpus/sources.toml has no table for: [wire]"
    (folder / "corpus/sources.toml").write_text("")
    fix = "remove the folder `example` of raw files, which `goldwire init` wrote, or add its table again"
    assert examined(folder)["raw files"].fix == fix


def test_packages_that_are_missing_or_too_old_are_problems_and_missing_extras_are_notes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = ["numpy>=99", "msgspec", "no-such-package>=1 ; extra == 'audit'", "typer>=99 ; extra == 'report'"]
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: requirements)
    found = examined(folder)
    assert found["dependencies"].state == "problem"
    assert "numpy" in found["dependencies"].detail
    assert found["dependencies"].fix == "pip install --upgrade 'goldwire'"
    assert found["extra `audit`"].state == "note"
    assert found["extra `audit`"].fix == "pip install --upgrade 'goldwire[audit]'"
    assert found["extra `report`"].state == "problem"


def test_a_full_disk_readable_secrets_and_a_misspelled_variable_are_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=5_000_000))
    monkeypatch.setenv("GOLDWIRE_DOCANO_URL", "http://127.0.0.1:1")
    (folder / ".goldwire").mkdir()
    (folder / ".goldwire" / "passwords.json").touch()
    (folder / ".goldwire" / "passwords.json").chmod(0o644)
    found = examined(folder)
    assert found["disk"].state == found["secrets"].state == "problem"
    fixes = {one.detail: one.fix for one in doctor.run(folder, explicit=True).examinations}
    assert fixes["nothing reads GOLDWIRE_DOCANO_URL"] == "did you mean GOLDWIRE_DOCCANO_URL?"


def test_a_version_that_a_newer_goldwire_wrote_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = Path(__file__).parents[2] / "splits" / "v0.1.0" / "manifest.json"
    (folder / "splits" / "v0.1.0").mkdir(parents=True)
    shutil.copyfile(manifest, folder / "splits" / "v0.1.0" / "manifest.json")
    assert examined(folder)["releases"].state == "ok"
    monkeypatch.setattr(goldwire, "__version__", "0.0.1")
    assert examined(folder)["releases"].fix == "pip install --upgrade goldwire"


def test_the_command_prints_json_and_exits_with_1_on_a_problem(folder: Path) -> None:
    (folder / "annotations" / "schema.toml").unlink()
    result = CliRunner().invoke(app, ["doctor", "--root", str(folder), "--json"])
    assert result.exit_code == 1
    states = {one["name"]: one["state"] for one in json.loads(result.output)["examinations"]}
    assert states["label schema"] == "problem"


def test_a_server_that_does_not_answer_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDWIRE_DOCCANO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GOLDWIRE_DOCCANO_TOKEN", "t")
    assert examined(folder)["server"].state == "problem"


def test_a_server_its_password_and_its_clock(
    folder: Path, connected_by_password, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = examined(folder)
    assert found["server"].state == found["clocks"].state == "ok"
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3600)
    one = examined(folder)["clocks"]
    assert one.state == "problem"
    assert " behind " in one.detail
    monkeypatch.setenv("GOLDWIRE_DOCCANO_PASSWORD", "wrong")
    one = examined(folder)["server"]
    assert one.state == "problem"
    assert "GOLDWIRE_DOCCANO_PASSWORD" in (one.fix or "")
