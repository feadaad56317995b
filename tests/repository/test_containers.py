"""Dockerfile, .dockerignore and devcontainer: linted, and their commands run where there is no Docker."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from support.paths import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    line.partition(" ")[::2]
    for line in DOCKERFILE.replace("\\\n", "").splitlines()
    if line and not line.startswith("#")
]
RUNS = [arguments for name, arguments in INSTRUCTIONS if name == "RUN"]
COPIED = [
    path
    for name, arguments in INSTRUCTIONS
    if name == "COPY" and not arguments.startswith("--from")
    for path in arguments.split()[:-1]
]
IGNORED = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_dockerfile_has_no_finding_of_hadolint() -> None:
    tool = Path(sys.executable).parent / "hadolint"
    if not tool.exists():
        pytest.skip("hadolint has no wheel for this system")
    done = subprocess.run([tool, "Dockerfile"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    assert [path for path in COPIED if not (REPOSITORY / path).exists()] == []
    assert IGNORED[1] == "*"
    assert {f"!{path}" for path in COPIED} <= set(IGNORED)


def test_the_wheel_is_built_from_what_is_copied(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns(*(line.removeprefix("**/") for line in IGNORED if line.startswith("**/")))
    for path in COPIED:
        if (REPOSITORY / path).is_dir():
            shutil.copytree(REPOSITORY / path, tmp_path / "source" / path, ignore=ignored)
        else:
            (tmp_path / "source").mkdir(exist_ok=True)
            shutil.copy(REPOSITORY / path, tmp_path / "source" / path)
    build = (sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", tmp_path, tmp_path / "source")
    subprocess.run(build, check=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"goldwire/cli/application.py", "goldwire/sample/annotations/layers/b00/A1.jsonl"} <= names
    (install,) = [run for run in RUNS if "pip install" in run]
    extras = re.search(r"\[([\w,]+)\]", install)
    assert extras is not None
    declared = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras[1].split(",")) <= declared["optional-dependencies"].keys()


def test_the_command_that_prepares_doccano_runs(doccano_environment: Path) -> None:
    (prepare,) = [run for run in RUNS if run.startswith("python -c")]
    environment = os.environ | {
        "GOLDWIRE_DOCCANO_ENV": str(doccano_environment),
        "PYTHONPATH": str(REPOSITORY / "scripts"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    subprocess.run(["sh", "-c", prepare], env=environment, check=True, timeout=120)


def test_the_user_of_the_image_owns_the_volumes_of_the_compose_file() -> None:
    labels = yaml.safe_load((REPOSITORY / "docs" / "compose.yaml").read_text(encoding="utf-8"))["services"]["labels"]
    assert labels["build"].partition("#")[0] == "https://github.com/goldwire/goldwire.git"
    (owned,) = [run for run in RUNS if "--owner lead" in run]
    folders = {volume.partition(":")[2] for volume in labels["volumes"]}
    assert folders == {part for part in owned.split() if part.startswith("/")}
    assert labels["environment"]["GOLDWIRE_DOCCANO_ENV"] in folders
    (user,) = [arguments for name, arguments in INSTRUCTIONS if name == "USER"]
    assert f"--uid {user} lead" in owned


def test_the_system_packages_of_the_image_can_be_installed() -> None:
    apt = shutil.which("apt-get")
    if apt is None or not list(Path("/var/lib/apt/lists").glob("*_Packages*")):
        pytest.skip("no apt-get with lists of packages")
    (install,) = [step for run in RUNS for step in run.split("&&") if "apt-get install" in step]
    command = [apt, *install.split()[1:], "--simulate"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root creates users")
def test_the_commands_that_create_the_user_of_the_image_run(tmp_path: Path) -> None:
    """They run below a folder (`--prefix`), whose files of users they write."""
    if shutil.which("useradd") is None or sys.platform != "linux":
        pytest.skip("no useradd")
    (tmp_path / "etc").mkdir()
    for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid"):
        (tmp_path / "etc" / name).touch()
    (run,) = [run for run in RUNS if "--owner lead" in run]
    create, own = (step.split() for step in run.split("&&"))
    (tmp_path / "home").mkdir()
    subprocess.run([create[0], "--prefix", tmp_path, *create[1:]], check=True)
    (line,) = (tmp_path / "etc" / "passwd").read_text(encoding="utf-8").splitlines()
    name, _, number, *_ = line.split(":")
    assert name == "lead"
    assert (tmp_path / "home" / name).is_dir()
    folders = [f"{tmp_path}{part}" for part in own if part.startswith("/")]
    options = [number if part == name else part for part in own if not part.startswith("/")]
    subprocess.run([*options, *folders], check=True)
    assert {Path(folder).stat().st_uid for folder in folders} == {int(number)}


def test_the_devcontainer_runs_a_target_of_the_makefile() -> None:
    container = json.loads((REPOSITORY / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    make, target = container["postCreateCommand"].split()
    assert make == "make"
    done = subprocess.run(["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ".venv" in container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
