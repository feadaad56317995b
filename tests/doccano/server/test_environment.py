"""Doccano's own environment: created once from the lock, and again if it is incomplete."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from goldwire.doccano.server import environment
from goldwire.errors import GoldwireError

LOCKS = sorted(environment.SERVED.glob("requirements-*.txt"))


def folder_name() -> str:
    return f"py{sys.version_info[0]}{sys.version_info[1]}"


def fake_python(folder: Path, version: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


def test_an_existing_environment_is_found(doccano_environment: Path):
    python = environment.ensure(doccano_environment)
    before = python.lstat()
    assert environment.ensure(doccano_environment) == python
    assert python.lstat() == before
    assert (environment.backend(python) / "config" / "wsgi.py").exists()


@pytest.mark.server
def test_an_incomplete_environment_is_created_again_and_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    half = tmp_path / "env" / folder_name()
    (half / "bin").mkdir(parents=True)
    shutil.copy(sys.executable, half / "bin" / "python")
    (half / "rubbish").touch()
    times, make = [], environment._create
    monkeypatch.setattr(environment, "_create", lambda *arguments: (times.append(1), make(*arguments)))
    threads = [threading.Thread(target=environment.ensure, args=(tmp_path / "env",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert times == [1]
    assert not (half / "rubbish").exists()
    done = subprocess.run([half / "bin" / "python", "-c", "import django, celery, gunicorn, psycopg2"], check=False)
    assert done.returncode == 0


def test_an_environment_of_another_lock_is_created_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = []
    monkeypatch.setattr(environment, "_create", lambda place, *_: (made.append(place), fill(place)))
    for _ in range(2):
        environment.ensure(tmp_path)
    assert len(made) == 1
    (made[0] / "goldwire.stamp").write_text("0" * 64)
    environment.ensure(tmp_path)
    assert len(made) == 2
    # The Python of the environment was removed from the machine.
    (made[0] / "bin" / "python").unlink()
    (made[0] / "bin" / "python").symlink_to(tmp_path / "gone")
    environment.ensure(tmp_path)
    assert len(made) == 3


def fill(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "python").touch()


def test_an_old_python_is_refused(tmp_path: Path):
    with pytest.raises(GoldwireError, match=r"3\.9.*3\.11, 3\.12, 3\.13"):
        environment.ensure(tmp_path / "env", python=fake_python(tmp_path, "3.9"))


def test_a_missing_network_is_reported_and_leaves_no_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(GoldwireError) as raised:
        environment.ensure(tmp_path / "env")
    assert "unreachable" in raised.value.message
    assert not (tmp_path / "env" / folder_name() / "goldwire.stamp").exists()


def test_a_package_that_differs_from_the_lock_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = environment._lock("3.11").read_text(encoding="utf-8")
    forged = tmp_path / "served" / "requirements-py311.txt"
    forged.parent.mkdir()
    wrong = re.search(r"^six==\S+ \\\n(    --hash=\S+( \\)?\n)+", text, re.MULTILINE)
    forged.write_text(re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, wrong[0]))
    monkeypatch.setattr(environment, "_lock", lambda version: forged)
    with pytest.raises(GoldwireError) as raised:
        environment.ensure(tmp_path / "env")
    assert "differs from the locked one" in raised.value.message


def test_a_missing_uv_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GoldwireError) as raised:
        environment.ensure(tmp_path / "env")
    assert raised.value.hint == "pip install 'goldwire[doccano]'"


def test_the_variable_names_one_folder_for_all_workspaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(environment.VARIABLE, raising=False)
    assert environment.default_folder(tmp_path) == tmp_path / "doccano-env"
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "shared"))
    assert environment.default_folder(tmp_path / "other") == tmp_path / "shared"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_the_locks_pin_and_hash_everything_and_name_no_index(lock: Path):
    text = lock.read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==\S+.* \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) == len(lines) > 100
    assert {"doccano", "gunicorn", "celery", "sqlalchemy", "psycopg2-binary"} <= set(pins)
    assert "doccano==1.8.4 " in text
    assert "://" not in text


def test_every_python_has_a_lock():
    assert {environment._lock(version) for version in ("3.11", "3.12", "3.13")} == set(LOCKS)
