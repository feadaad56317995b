"""Documents of a version as they are read: a version without them, or with broken ones, has empty ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.release.documents import read_documents
from goldwire.release.reader import ReleasedVersion, load_release
from support.factories import copy_tiny_repo


@pytest.fixture
def release(tmp_path: Path) -> ReleasedVersion:
    copy_tiny_repo(tmp_path / "tiny")
    return load_release(tmp_path / "tiny", "0.0.1")


def test_card_croissant_and_citation_are_read(release):
    documents = read_documents(release, repo_id="lab/tiny")
    assert documents.card.startswith("\n# tiny 0.0.1\n")
    assert documents.card_fields["license"] == "cc0-1.0"
    assert (documents.croissant["version"], documents.citation["version"]) == ("0.0.1", "0.0.1")
    assert documents.repo_id == "lab/tiny"


def test_an_issue_of_the_croissant_file_is_reported(release):
    pytest.importorskip("mlcroissant")
    path = release.folder / "croissant.json"
    path.write_text(path.read_text().replace('"data/stance/train', '"data/stance/trane', 1))
    issues = read_documents(release, repo_id=None).croissant_issues
    assert issues
    assert all("\n" not in issue for issue in issues)


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"{", b"- a list: ["])
def test_a_missing_or_broken_document_is_empty(release, content):
    for name in ("README.md", "croissant.json", "CITATION.cff"):
        (release.folder / name).unlink()
        if content is not None:
            (release.folder / name).write_bytes(content)
    documents = read_documents(release, repo_id=None)
    assert (documents.card_fields, documents.croissant, documents.citation) == ({}, {}, {})
    assert documents.croissant_issues == ()
