"""The package and each of its extras install as sets that import and run; pip resolves all of them together."""

from __future__ import annotations

import email
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

import goldwire
from support.paths import REPOSITORY

CORE_IMPORTS = "goldwire, goldwire.stages.ingest, goldwire.stages.release, datasets, pandas, sklearn"
IMPORTS = {
    "doccano": "uv, goldwire.doccano.client.session, goldwire.doccano.server.lifecycle",
    "publish,report,audit,embeddings": (
        "huggingface_hub, jinja2, matplotlib, cleanlab, crowdkit, mlcroissant, model2vec, goldwire.release.hub"
    ),
}

UV = (sys.executable, "-m", "uv")
UV_BUILD = (*UV, "build", "--quiet")

# An environment takes 2 s by uv and its cache, but 60 s by pip, and the wheel is built once.
pytestmark = [pytest.mark.install, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(*UV_BUILD, "--wheel", "--out-dir", str(folder), str(REPOSITORY))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def core(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment that a plain `pip install goldwire` makes."""
    return installed(wheel, "", tmp_path_factory.mktemp("core"))


def installed(wheel: Path, extras: str, folder: Path) -> Path:
    environment = folder / "venv"
    python = str(environment / "bin" / "python")
    _run(*UV, "venv", "--quiet", "--python", sys.executable, str(environment))
    # In the root folder, this repository's [tool.uv] with its overrides does not count.
    _run(*UV, "pip", "install", "--quiet", "--python", python, f"{wheel}[{extras}]" if extras else str(wheel))
    _run(*UV, "pip", "check", "--quiet", "--python", python)
    return environment


def test_the_core_imports(core: Path) -> None:
    _run(str(core / "bin" / "python"), "-c", f"import {CORE_IMPORTS}")
    assert "ingest" in _run(str(core / "bin" / "goldwire"), "--help")


@pytest.mark.parametrize("extras", IMPORTS)
def test_the_packages_of_an_extra_import(extras: str, wheel: Path, tmp_path: Path) -> None:
    environment = installed(wheel, extras, tmp_path)
    _run(str(environment / "bin" / "python"), "-c", f"import {IMPORTS[extras]}")
    assert "ingest" in _run(str(environment / "bin" / "goldwire"), "--help")


def test_pip_installs_all_extras_beside_current_spacy_and_trafilatura(wheel: Path, tmp_path: Path) -> None:
    python = str(tmp_path / "venv" / "bin" / "python")
    _run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    # pip 23.2 of some Python 3.11 takes lxml's extra html-clean for another than html_clean, which jusText asks for.
    _run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip>=24")
    _run(
        python, "-m", "pip", "install", "--quiet", "--no-compile", f"{wheel}[all]", "spacy>=3.8.12", "trafilatura>=2.3"
    )
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


def test_the_error_of_a_command_names_the_missing_extra(core: Path, tmp_path: Path) -> None:
    _run(str(core / "bin/goldwire"), "init", str(tmp_path / "w"))
    command = [str(core / "bin/goldwire"), "server", "start", "--root", str(tmp_path / "w")]
    own = {key: value for key, value in os.environ.items() if not key.startswith("GOLDWIRE_")}
    done = subprocess.run(command, capture_output=True, text=True, env=own, check=False)
    assert done.returncode == 2
    assert "goldwire[doccano]" in done.stderr


def test_the_wheel_is_pure_python(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if Path(name).suffix in {".so", ".pyd", ".c", ".h"}]


def test_the_wheel_has_the_sample_of_the_demo_and_is_small(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.removeprefix("goldwire/sample/") for name in archive.namelist() if "/sample/" in name}
    raw = {path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "corpus/raw").rglob("*") if path.is_file()}
    assert raw < names
    assert {"corpus/sources.toml", "annotations/schema.toml", "annotations/layers/b00/A1.jsonl"} < names
    assert wheel.stat().st_size < 2_500_000


def test_the_wheel_and_the_source_distribution_pass_the_checks_of_the_index(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        _run(*UV_BUILD, "--out-dir", str(folder), str(REPOSITORY), SOURCE_DATE_EPOCH="1700000000")
    files = sorted(path.name for path in first.glob("goldwire-*"))
    assert len(files) == 2
    for name in files:  # built reproducibly
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    wheel, sdist = next(first.glob("*.whl")), next(first.glob("*.tar.gz"))
    _run(sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist))
    _run(sys.executable, "-m", "check_wheel_contents", str(wheel))
    with tarfile.open(sdist) as archive:
        members = {name.partition("/")[2] for name in archive.getnames()}
    own = {name for name in members if not name.startswith(("scripts/goldwire/", "corpus/", "annotations/"))}
    assert own == {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml", ".gitignore"}
    recipe = yaml.safe_load(
        _run(sys.executable, str(REPOSITORY / ".ci/conda_recipe.py"), str(sdist), "https://x.example/s.tar.gz")
    )
    assert recipe["source"]["sha256"] == hashlib.sha256(sdist.read_bytes()).hexdigest()
    assert recipe["context"]["version"] == goldwire.__version__


def test_the_metadata_has_authors_addresses_and_absolute_links(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    assert metadata["Author"] == "The goldwire maintainers"
    addresses = dict(line.split(", ") for line in metadata.get_all("Project-URL", []))
    assert {"Repository", "Issues", "Changelog"} <= addresses.keys()
    assert "Operating System :: Microsoft :: Windows" in metadata.get_all("Classifier", [])
    targets = re.findall(r"\]\(([^)]+)\)", metadata.get_payload())
    assert targets
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    written = re.findall(r"\]\(((?!https?://|#)[^)]+)\)", (REPOSITORY / "README.md").read_text(encoding="utf-8"))
    assert [target for target in written if not (REPOSITORY / target).exists()] == []


def test_core_tests_pass_against_the_installed_wheel(core: Path, tmp_path: Path) -> None:
    python = str(core / "bin" / "python")
    _run(*UV, "pip", "install", "--quiet", "--python", python, "pytest", "pytest-timeout", "hypothesis")
    for name in ("tests", "annotations", "corpus", "pyproject.toml"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    command = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", f"pythonpath={tmp_path / 'tests'}")
    tests = [str(tmp_path / "tests" / name) for name in ("alignment", "splitting", "adjudication/test_merging.py")]
    where = _run(python, "-c", "import goldwire; print(goldwire.__file__)").strip()
    assert Path(where).is_relative_to(core)
    assert " passed" in _run(*command, *tests)


def _run(*command: str, **more: str) -> str:
    # Without the options of this run of pytest: a --basetemp among them would be emptied by the pytest that is run.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHONPATH", "PYTEST_"))} | more
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/", check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-1500:]}{done.stderr[-1500:]}"
    return done.stdout
