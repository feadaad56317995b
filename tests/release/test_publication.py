"""The files that are uploaded: a card that loads the dataset from the Hub, and a manifest that fits them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from goldwire.records import Release
from goldwire.release.publication import published_files
from goldwire.release.reader import ReleasedVersion, load_release
from goldwire.workspace import jsonl
from support.factories import copy_tiny_repo


@pytest.fixture
def release(tmp_path: Path) -> ReleasedVersion:
    copy_tiny_repo(tmp_path / "tiny")
    return load_release(tmp_path / "tiny", "0.0.1")


def test_the_card_names_the_repository_and_the_manifest_fits(release):
    before = {path: path.read_bytes() for path in release.folder.rglob("*") if path.is_file()}
    with published_files(release, "lab/tiny") as folder:
        assert 'load_dataset("lab/tiny", "stance", revision="v0.0.1")' in (folder / "README.md").read_text()
        manifest = jsonl.read_document(folder / "manifest.json", Release)
        assert {file.path for file in manifest.files} == {file.path for file in release.manifest.files}
        for file in manifest.files:
            assert hashlib.sha256((folder / file.path).read_bytes()).hexdigest() == file.sha256
        digests = {file.path: file.content_sha256 for file in manifest.files}
    assert not folder.exists()
    assert digests == {file.path: file.content_sha256 for file in release.manifest.files}
    assert {path: path.read_bytes() for path in release.folder.rglob("*") if path.is_file()} == before


def test_a_card_that_names_the_repository_is_uploaded_as_it_is(release):
    card = release.folder / "README.md"
    with published_files(release, "lab/tiny") as folder:
        card.write_bytes((folder / "README.md").read_bytes())
    with published_files(release, "lab/tiny") as folder:
        assert (folder / "README.md").read_bytes() == card.read_bytes()
    with published_files(release, "lab/other") as folder:
        assert 'load_dataset("lab/other", "stance", revision="v0.0.1")' in (folder / "README.md").read_text()


def test_croissant_names_the_repository_and_its_files_at_the_tag(release):
    with published_files(release, "lab/tiny") as folder:
        content = json.loads((folder / "croissant.json").read_text())
    before = json.loads((release.folder / "croissant.json").read_text())
    assert content["url"] == "https://huggingface.co/datasets/lab/tiny"
    prefix = "https://huggingface.co/datasets/lab/tiny/resolve/v0.0.1/"
    assert [file["contentUrl"] for file in content["distribution"]] == [
        prefix + file["contentUrl"] for file in before["distribution"]
    ]
    assert content["recordSet"] == before["recordSet"]
