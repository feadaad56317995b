"""Every figure in the documents of a release is compared with another file, or is listed here with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from goldwire.checks.rules.release_documents import wrong_documents
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.snapshot_reader import read_snapshot
from goldwire.workspace.layout import find_workspace
from support.overlay import TINY

SINCE_REVISION = {
    "README.md": (
        r"^\| (Licence|Made with|Published|Length in characters|Guidelines, schema|Batches) \|",
        r"^\| Dates of the content \|",
        r"^\| (The Herald of Nowhere|Nowhere Wire|herald\.example) \|",  # articles of a source
        r"^\| (Modality and size|Name and version) \|",
        r"^\| batch \| coefficient \|",  # the names of the columns
        r"^\| (\(nothing\)|neutral|opposes|supports|ORG|PER) \|",  # answers of `*_candidates`, which are not read
    ),
    "croissant.json": (
        r"^recordSet",
        r"^@context",
        r"^rai:",
        r"^prov:",
        r"^temporalCoverage",
        r"^citeAs",
        r"^(license|conformsTo)",
    ),
    "datapackage.json": (r"^\$schema", r"^licenses", r"schema\.fields"),
}
"""Lines and paths of figures that nothing else in a release has: only `check --changed-since` finds their change."""


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return read_snapshot(find_workspace(TINY, explicit=True))


def with_document(snapshot: Snapshot, name: str, text: str) -> Snapshot:
    (release,) = snapshot.releases
    changed = msgspec.structs.replace(release, documents={**release.documents, name: text})
    return msgspec.structs.replace(snapshot, releases=(changed,))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any, Any]]:
    """Yield the path, the container, the key and the value of each text and number that has a digit."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(items):
        where = f"{path}.{key}" if path else str(key)
        if isinstance(each, dict | list):
            yield from leaves(each, where)
        elif not isinstance(each, bool) and re.search(r"\d", str(each)):
            yield where, value, key, each


def other(text: str) -> str:
    return re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), text)


def listed(name: str, text: str) -> bool:
    return any(re.search(pattern, text) for pattern in SINCE_REVISION[name])


@pytest.mark.parametrize(
    ("right", "wrong", "item"),
    [
        ("25 entity spans", "1,025 entity spans", "entity spans"),
        ("25 entity spans", "1 entity span", "entity spans"),
        ("9 stances (", "1 stance (", "stances"),
        ("3 articles from", "1 article from", "articles"),
    ],
)
def test_wrong_counts_of_the_summary_are_found_with_commas_and_in_the_singular(
    snapshot: Snapshot, right: str, wrong: str, item: str
) -> None:
    (release,) = snapshot.releases
    card = release.documents["README.md"]
    assert right in card
    changed = with_document(snapshot, "README.md", card.replace(right, wrong))
    assert item in {finding.item for finding in wrong_documents(changed)}


def test_the_documents_of_the_tiny_workspace_are_right(snapshot: Snapshot) -> None:
    assert not list(wrong_documents(snapshot))


@pytest.mark.parametrize("name", ["croissant.json", "datapackage.json"])
def test_a_changed_figure_of_a_catalogue_entry_is_found(name: str, snapshot: Snapshot) -> None:
    document = json.loads(snapshot.releases[0].documents[name])
    unseen = []
    for path, container, key, value in leaves(document):
        container[key] = other(value) if isinstance(value, str) else value + 1
        if not list(wrong_documents(with_document(snapshot, name, json.dumps(document)))):
            unseen.append(path)
        container[key] = value
    assert not [path for path in unseen if not listed(name, path)]


def test_a_changed_figure_of_a_table_of_the_card_is_found(snapshot: Snapshot) -> None:
    lines = snapshot.releases[0].documents["README.md"].split("\n")
    unseen, n_seen = [], 0
    for number, line in enumerate(lines):
        cells = line.split(" | ")
        for column, cell in enumerate(cells):
            if column == 0 or not line.startswith("| ") or not re.search(r"\d", cell):
                continue
            changed = [*lines]
            changed[number] = " | ".join([*cells[:column], other(cell), *cells[column + 1 :]])
            findings = list(wrong_documents(with_document(snapshot, "README.md", "\n".join(changed))))
            n_seen += bool(findings)
            if not findings:
                unseen.append(line)
    assert not [line for line in unseen if not listed("README.md", line)]
    assert n_seen > 150


@pytest.mark.parametrize("name", ["CITATION.cff", "CHANGELOG.md"])
def test_a_changed_figure_of_a_text_is_found(name: str, snapshot: Snapshot) -> None:
    lines = snapshot.releases[0].documents[name].split("\n")
    numbered = [number for number, line in enumerate(lines) if re.search(r"\d", line) and "cff-version" not in line]
    assert len(numbered) >= 2
    for number in numbered:
        changed = "\n".join([*lines[:number], other(lines[number]), *lines[number + 1 :]])
        assert [f.file for f in wrong_documents(with_document(snapshot, name, changed))] == [f"splits/v0.0.1/{name}"], (
            lines[number]
        )


def test_a_changed_value_of_agreement_in_a_catalogue_entry_is_found(snapshot: Snapshot) -> None:
    text = snapshot.releases[0].documents["croissant.json"]
    for figure in ("0.958", "0.717", "0.991", "-0.199"):
        assert figure in text
        (finding, *_) = wrong_documents(with_document(snapshot, "croissant.json", text.replace(figure, "0.123")))
        assert finding.file == "splits/v0.0.1/croissant.json"
        assert finding.item is not None
        assert finding.item.startswith("b01 ")


def test_a_broken_document_of_scores_is_a_finding(snapshot: Snapshot) -> None:
    (finding,) = wrong_documents(with_document(snapshot, "baseline.json", '{"n_train_articles": "many"}'))
    assert (finding.code, finding.file) == ("release-document-wrong", "splits/v0.0.1/baseline.json")


def test_a_picture_that_the_version_lacks_is_found(snapshot: Snapshot) -> None:
    card = snapshot.releases[0].documents["README.md"]
    changed = with_document(snapshot, "README.md", card.replace("images/labels.svg", "images/label.svg"))
    assert [(f.file, f.item) for f in wrong_documents(changed)] == [("splits/v0.0.1/README.md", "images/label.svg")]
    assert not [*wrong_documents(snapshot)]
