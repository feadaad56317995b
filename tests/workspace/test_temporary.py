"""Temporary folders: removed at the end, and after a killed process by the next one."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from goldwire.workspace.temporary import temporary_folder
from support.paths import REPOSITORY

USE = """
import sys
from goldwire.workspace.temporary import temporary_folder
with temporary_folder() as folder:
    (folder / "unpacked.csv").write_text("a")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_nothing_is_left(tmp_path: Path) -> None:
    with temporary_folder() as folder:
        assert folder.is_relative_to(tmp_path)
        assert list(folder.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_another_uses_is_not(tmp_path: Path) -> None:
    (tmp_path / "goldwire-other").mkdir()
    (tmp_path / "goldwire-killed-before-its-folder.lock").touch()
    environment = {"PYTHONPATH": str(REPOSITORY / "scripts"), "TMPDIR": str(tmp_path)}
    command = (sys.executable, "-c", USE)
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        used = Path(user.stdout.readline().strip())
        with temporary_folder():
            assert (used / "unpacked.csv").exists()
            assert not (tmp_path / "goldwire-killed-before-its-folder.lock").exists()
        user.send_signal(signal.SIGKILL)
        user.wait()
        assert used.exists()
        with temporary_folder():
            assert not used.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["goldwire-other"]


def test_no_other_module_creates_temporary_folders() -> None:
    names = re.compile(r"\b(?:TemporaryDirectory|mkdtemp)\b")
    sources = (REPOSITORY / "scripts").rglob("*.py")
    users = {path.name for path in sources if names.search(path.read_text(encoding="utf-8"))}
    # Those of `atomic` are beside what is written, and locked as long as they are used.
    assert users == {"temporary.py", "atomic.py"}
