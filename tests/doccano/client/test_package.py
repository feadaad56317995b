"""doccano-client is imported beside pydantic 2, from where it is installed or from goldwire's cache."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pydantic
import pytest

from goldwire.doccano.client import package
from goldwire.errors import MissingPackageError
from support.paths import REPOSITORY

# A process of its own: this one has imported the client already, from the environment of the developers.
IMPORT = """
from goldwire.doccano.client import package
package._is_installed = lambda: False
client = package.import_client()
import pydantic, doccano_client
from doccano_client.models.project import Project
class Model(pydantic.BaseModel):
    number: int
print(doccano_client.__file__, Project.__mro__[1].__module__, Model(number="3").model_dump())
"""


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "scripts")} | variables
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    completed = run(IMPORT, GOLDWIRE_CACHE=str(folder))
    assert completed.returncode == 0, completed.stderr
    return folder


def test_the_client_is_downloaded_once_and_runs_on_pydantic_v1(cache: Path) -> None:
    # With an empty cache of uv and no network, only what was downloaded before can be imported.
    again = run(IMPORT, GOLDWIRE_CACHE=str(cache), UV_OFFLINE="1", UV_CACHE_DIR=str(cache / "no-uv"))
    assert again.returncode == 0, again.stderr
    path, base, model = again.stdout.split(maxsplit=2)
    assert Path(path).is_relative_to(cache / "doccano-client-1.2.8")
    assert base == "pydantic.v1.main"
    assert model.strip() == "{'number': 3}"
    assert [folder.name for folder in cache.glob("doccano-client*")] == ["doccano-client-1.2.8"]


def test_a_damaged_download_is_repeated(cache: Path) -> None:
    module = cache / "doccano-client-1.2.8" / "doccano_client" / "client.py"
    module.unlink()
    completed = run(IMPORT, GOLDWIRE_CACHE=str(cache))
    assert completed.returncode == 0, completed.stderr
    assert module.exists()


def test_two_processes_can_download_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: run(IMPORT, GOLDWIRE_CACHE=str(tmp_path)), range(4)))
    assert [completed.returncode for completed in runs] == [0] * 4, [completed.stderr for completed in runs]
    assert [folder.name for folder in tmp_path.iterdir()] == ["doccano-client-1.2.8"]


def test_a_cache_that_cannot_be_written_is_replaced_for_the_process(tmp_path: Path) -> None:
    occupied = tmp_path / "cache"
    occupied.write_text("a file, so that no folder can be created here, even by root")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    completed = run(IMPORT, GOLDWIRE_CACHE=str(occupied), TMPDIR=str(temporary))
    assert completed.returncode == 0, completed.stderr
    assert Path(completed.stdout.split()[0]).is_relative_to(temporary)
    assert not list(temporary.iterdir())  # removed at exit


def test_a_missing_network_is_a_one_line_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDWIRE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    with pytest.raises(
        MissingPackageError, match=r"doccano-client 1\.2\.8: the package index is unreachable"
    ) as raised:
        package._download()
    assert "\n" not in str(raised.value)
    assert not list((tmp_path / "cache").iterdir())


def test_the_import_leaves_other_modules_on_pydantic_2(cache: Path) -> None:
    code = """
import sys, threading, importlib
from pathlib import Path
from goldwire.doccano.client import package
package._is_installed = lambda: False
import tempfile
with tempfile.TemporaryDirectory() as name:
    for i in range(300):
        (Path(name) / f"user_{i}.py").write_text("from pydantic import BaseModel")
    sys.path.insert(0, name)
    threads = [threading.Thread(target=package.import_client) for _ in range(8)]
    for thread in threads: thread.start()
    users = [importlib.import_module(f"user_{i}") for i in range(300)]
    for thread in threads: thread.join()
    print({user.BaseModel.__module__ for user in users})
"""
    completed = run(code, GOLDWIRE_CACHE=str(cache))
    assert completed.stdout.strip() == "{'pydantic.main'}", completed.stderr


def test_a_finder_is_installed_once() -> None:
    client = package.import_client()
    assert package.import_client() is client
    assert importlib.import_module("doccano_client").DoccanoClient is client
    assert sum(isinstance(finder, package._Finder) for finder in sys.meta_path) == 1
    assert pydantic.BaseModel.__module__ == "pydantic.main"


def test_the_declared_version_is_the_one_that_is_downloaded() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["dependency-groups"]["doccano-client"] == [f"doccano-client=={package.VERSION}"]
    assert not [line for line in project["project"]["optional-dependencies"]["doccano"] if "doccano" in line]
    locked = tomllib.loads((REPOSITORY / "uv.lock").read_text(encoding="utf-8"))["package"]
    (client,) = (row for row in locked if row["name"] == "doccano-client")
    assert {wheel["hash"] for wheel in client["wheels"]} == {package._REQUIREMENT.split("--hash=")[1].strip()}
