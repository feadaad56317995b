"""A committed version, made again from the data beside it in another folder, has the same content digests."""

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


def rebuilt(root: Path, version: str, *, standoff: bool) -> dict[str, str]:
    """Make a version again in a folder that has its data, as if it had never been made."""
    for folder in (root / "splits").glob("v*"):
        shutil.rmtree(folder)
    workspace = find_workspace(root, explicit=True)
    release.run(workspace, version=version, standoff=standoff, baselines=False)
    return digests(open_release(workspace, version).manifest)


def copied(of: Path, folder: Path) -> Path:
    for name in DATA:
        source = of / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
    return folder


def workspace_of(root: Path) -> tuple[Workspace, str]:
    """A workspace and its latest version."""
    workspace = find_workspace(root, explicit=True)
    latest = versions.latest(loading.releases(workspace))
    if latest is None:
        pytest.skip("this repository has no release yet: splits/ holds no version")
    return workspace, latest


def test_the_latest_version_of_a_small_workspace(tmp_path):
    root = REPOSITORY / "tests" / "tiny_repo"
    workspace, latest = workspace_of(root)
    made = open_release(workspace, latest).manifest
    assert digests(made)
    assert rebuilt(copied(root, tmp_path / "copy"), latest, standoff=made.standoff) == digests(made)


def test_every_version_of_this_repository_from_the_commit_that_brought_it(tmp_path):
    workspace, _ = workspace_of(REPOSITORY)
    if git("rev-parse", "--is-shallow-repository") != b"false\n":
        pytest.skip("a shallow clone does not have the data that earlier versions were made from")
    brought = {
        name: git("log", "-1", "--format=%H", "--", f"splits/{name}/manifest.json").decode().strip()
        for name in loading.releases(workspace)
    }
    if not any(brought.values()):
        pytest.skip("no version is committed yet")
    for name, commit in brought.items():
        made = open_release(workspace, name).manifest
        if commit and made.goldwire_version == goldwire.__version__:  # another goldwire may cut texts otherwise
            (tmp_path / name).mkdir()
            data = git("archive", commit, *DATA)
            subprocess.run(["tar", "-x", "-C", str(tmp_path / name)], input=data, check=True)
            assert rebuilt(tmp_path / name, made.version, standoff=made.standoff) == digests(made), name


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, check=True).stdout
