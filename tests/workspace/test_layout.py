"""Finding a workspace, its settings and its lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import ConfigError, GoldwireError, MissingFileError
from goldwire.workspace import layout
from goldwire.workspace.layout import find_workspace

SETTINGS = '[tool.goldwire]\nname = "w"\n'


def test_the_nearest_enclosing_workspace_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "other"\n')
    assert find_workspace(inner).root == tmp_path
    assert find_workspace(tmp_path).settings.name == "w"
    with pytest.raises(MissingFileError):
        find_workspace(inner, explicit=True)


@pytest.mark.parametrize("text", ["not toml", '[tool.goldwire]\nname = "w"\nunknown = 1\n', "[tool.goldwire]\n"])
def test_invalid_settings_are_a_one_line_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        find_workspace(tmp_path)
    assert caught.value.location == str(tmp_path / "pyproject.toml")
    assert caught.value.hint


def test_paths_are_shown_relative_to_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    workspace = find_workspace(tmp_path)
    assert workspace.relative(workspace.duplicates) == "corpus/duplicates.jsonl"
    assert workspace.relative(Path("/elsewhere/x")) == "/elsewhere/x"
    assert workspace.release("v1.2.3") == workspace.release("1.2.3") == tmp_path / "splits" / "v1.2.3"


def test_a_second_holder_of_the_lock_waits_until_its_time_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    workspace = find_workspace(tmp_path)
    monkeypatch.setattr(layout, "LOCK_WAIT", 0.1)
    with workspace.lock(), pytest.raises(GoldwireError, match="another goldwire command"), workspace.lock():
        pass
    with workspace.lock():
        pass
