"""A committed version that is built again from the data beside it has the same content digests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import goldwire
from goldwire.records import Release
from goldwire.release.reader import open_release
from goldwire.stages import release
from goldwire.workspace import loading, versions
from goldwire.workspace.layout import Workspace, find_workspace
from support.paths import REPOSITORY

DATA = ("pyproject.toml", "corpus", "annotations", "splits")


def digests(manifest: Release) -> dict[str, str]:
    return {file.path: file.content_sha256 for file in manifest.files if file.content_sha256 is not None}


def rebuild(root: Path, version: str, *, standoff: bool) -> dict[str, str]:
    """Release a version again, in a folder that has its data but no versions, and return its digests."""
    for folder in (root / "splits").glob("v*"):
        shutil.rmtree(folder)
    workspace = find_workspace(root, explicit=True)
    release.run(workspace, version=version, standoff=standoff, baselines=False)
    return digests(open_release(workspace, version).manifest)


def copy_data(root: Path, folder: Path) -> Path:
    for name in DATA:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
    return folder


def workspace_of(root: Path) -> tuple[Workspace, str]:
    """Return a workspace and its latest version."""
    workspace = find_workspace(root, explicit=True)
    latest = versions.latest(loading.releases(workspace))
    if latest is None:
        pytest.skip("this repository has no release yet: splits/ holds no version")
    return workspace, latest


def test_the_latest_version_of_the_tiny_workspace_can_be_rebuilt(tmp_path):
    root = REPOSITORY / "tests" / "tiny_repo"
    workspace, latest = workspace_of(root)
    released = open_release(workspace, latest).manifest
    assert digests(released)
    assert rebuild(copy_data(root, tmp_path / "copy"), latest, standoff=released.standoff) == digests(released)


def test_every_version_of_this_repository_can_be_rebuilt_from_its_commit(tmp_path):
    workspace, _ = workspace_of(REPOSITORY)
    if git("rev-parse", "--is-shallow-repository") != b"false\n":
        pytest.skip("a shallow clone lacks the data of earlier versions")
    commits = {
        name: git("log", "-1", "--format=%H", "--", f"splits/{name}/manifest.json").decode().strip()
        for name in loading.releases(workspace)
    }
    if not any(commits.values()):
        pytest.skip("no version is committed yet")
    for name, commit in commits.items():
        released = open_release(workspace, name).manifest
        if commit and released.goldwire_version == goldwire.__version__:  # others may tokenize texts differently
            (tmp_path / name).mkdir()
            data = git("-c", "core.autocrlf=false", "archive", commit, *DATA)
            subprocess.run(["tar", "-x", "-C", str(tmp_path / name)], input=data, check=True)
            assert rebuild(tmp_path / name, released.version, standoff=released.standoff) == digests(released), name


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, check=True).stdout
