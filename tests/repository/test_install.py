"""A plain `pip install` of the package and of each extra installs a set that imports and runs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.paths import REPOSITORY

IMPORTS = {
    "": "goldwire, goldwire.stages.ingest, goldwire.stages.release, datasets, pandas, sklearn",
    "doccano": "doccano_client, uv, goldwire.doccano.client.session, goldwire.doccano.server.lifecycle",
    "doccano,scale": "doccano_client, ray, daft, goldwire.doccano.client.session",
    "publish,report,audit": (
        "huggingface_hub, jinja2, matplotlib, cleanlab, crowdkit, mlcroissant, goldwire.release.hub"
    ),
}

pytestmark = [pytest.mark.install, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "uv", "build", "--wheel", "--quiet", "--out-dir", str(folder), str(REPOSITORY))
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.parametrize("extras", IMPORTS, ids=lambda extras: extras or "core")
def test_pip_installs_a_set_that_imports(extras: str, wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    _run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    _run(str(python), "-m", "pip", "install", "--quiet", f"{wheel}[{extras}]" if extras else str(wheel))
    _run(str(python), "-m", "pip", "check")
    _run(str(python), "-c", f"import {IMPORTS[extras]}")
    assert "ingest" in _run(str(tmp_path / "venv" / "bin" / "goldwire"), "--help")


def test_the_error_of_a_command_names_the_missing_extra(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    _run(sys.executable, "-m", "venv", str(venv))
    _run(str(venv / "bin/python"), "-m", "pip", "install", "--quiet", str(wheel))
    _run(str(venv / "bin/goldwire"), "init", str(tmp_path / "w"))
    command = [str(venv / "bin/goldwire"), "server", "start", "--root", str(tmp_path / "w")]
    own = {key: value for key, value in os.environ.items() if not key.startswith("GOLDWIRE_")}
    done = subprocess.run(command, capture_output=True, text=True, env=own, check=False)
    assert done.returncode == 2
    assert "goldwire[doccano]" in done.stderr


def test_the_wheel_is_pure_python(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if Path(name).suffix in {".so", ".pyd", ".c", ".h"}]


def _run(*command: str, **more: str) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | more
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-1500:]}{done.stderr[-1500:]}"
    return done.stdout
