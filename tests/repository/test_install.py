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
    "doccano": "uv, goldwire.doccano.client.session, goldwire.doccano.server.lifecycle",
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


def test_all_extras_share_an_environment_with_current_spacy_and_trafilatura(wheel: Path, tmp_path: Path) -> None:
    python = str(tmp_path / "venv" / "bin" / "python")
    _run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    _run(python, "-m", "pip", "install", "--quiet", f"{wheel}[all]", "spacy>=3.8.12", "trafilatura>=2.3")
    _run(python, "-m", "pip", "check")
    code = """
import pydantic, ray, spacy, trafilatura, urllib3
from goldwire.doccano.client import package
client = package.import_client()
class Model(pydantic.BaseModel):
    number: int
assert Model(number="3").model_dump() == {"number": 3}
print(client.__module__, pydantic.VERSION, urllib3.__version__)
"""
    cache = str(tmp_path / "cache")
    module, pydantic_version, urllib3_version = _run(python, "-c", code, GOLDWIRE_CACHE=cache).split()
    assert module == "doccano_client.client"
    assert pydantic_version.startswith("2.")
    assert urllib3_version.startswith("2.")
    # Without a network and with an empty cache, the error is one line.
    offline = {"GOLDWIRE_CACHE": str(tmp_path / "empty"), "UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "no-uv")}
    assert _run(python, "-c", code, GOLDWIRE_CACHE=cache, UV_OFFLINE="1").split()[0] == module
    script = (
        "from goldwire.doccano.client import package\ntry: package.import_client()\nexcept ImportError as e: print(e)"
    )
    line = _run(python, "-c", script, **offline)
    assert line.startswith("doccano-client 1.2.8: the package index is unreachable")
    assert line.count("\n") == 1


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
