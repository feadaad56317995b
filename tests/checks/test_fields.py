"""A change of any field of any record on disk is found, or is listed here with the reason why it is not.

The fields are enumerated from the types of the records, so that a new field fails until it is found or listed.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
import pytest

from goldwire.checks.rules.release_documents import wrong_documents
from goldwire.checks.rules.reproduction import changed_articles, changed_releases
from goldwire.checks.snapshot_reader import read_snapshot
from goldwire.stages import check, reproduction
from goldwire.workspace.layout import find_workspace
from support.factories import copy_tiny_repo
from support.field_mutations import Field, change_field, complete_workspace, fields
from support.paths import TINY_REPO

pytestmark = pytest.mark.usefixtures("remembered_results")

_PAGE = "only the raw page states it: `check --deep` extracts it again"
_PEOPLE = "people state it, and nothing else does"
_DISPLAY = "it changes what annotators see, not what is stored"

UNVERIFIED = {
    "articles.url": _PAGE,
    "articles.published": _PAGE,
    "articles.captions": _PAGE,
    "articles.language": _PAGE,
    "articles.cleaning": _PAGE,
    "articles.kind": _PAGE,
    "articles.metadata.*": _PAGE,
    "articles.origin.field": _PAGE,
    "articles.origin.encoding": _PAGE,
    "articles.origin.mojibake_repairs": _PAGE,
    "articles.origin.runs.*": _PAGE,
    "articles.correction.title": _PAGE,
    "articles.correction.runs.*": _PAGE,
    "articles.correction.reason": _PEOPLE,
    "agreement.minutes.per_*": "only the clock of the server knows it, as seen by the machine that pulls",
    "rejected.row": "a page without an article has no text that would show it",
    "rejected.reason": _PAGE,
    "rejected.detail": _PAGE,
    "rejected.language": _PAGE,
    "rejected.clean": _PAGE,
    "duplicates.pairs.measure": "it follows from the threshold of the run, which is not stored",
    "tasks.calibration": "all annotators have the task, whether that was planned or not",
    "prelabels.guidelines_version": "suggestions follow no guidelines; the layers have the version",
    "prelabels.schema_version": "suggestions are compared with the current schema",
    "prelabels.confirmed": "nobody confirms suggestions",
    "prelabels.spans.id": "suggestions are compared by their offsets",
    "prelabels.stances.id": "suggestions are compared by their ends",
    "prelabels.stances.target_name": "suggested stances join mentions; one without a mention is ignored",
    "prelabels.comments": "suggestions have none that anything reads",
    "prelabels.prelabels.*": "nothing is suggested for suggestions",
    "layers.comments": "an annotator's remarks; those of experts are compared with their decisions",
    "schema.version": _PEOPLE,
    "schema.voice": "the technical mark for the article's own voice reaches no layer",
    "schema.overlap": "another rule about overlap is another schema, which the layers may follow as well",
    "schema.*.description": _DISPLAY,
    "schema.*.color": _DISPLAY,
    "schema.*.key": _DISPLAY,
    "schema.*.examples": _DISPLAY,
    "schema.stance.order": "a number that keeps the order of the stances changes no coefficient",
    "sources.*": _PEOPLE,
}
"""Fields whose change is not found, with the reason; `*` is a wildcard."""

SINCE_REVISION = {
    "manifest.agreement.*": "the card has the figures of whole batches only, and is compared with them",
    "baseline.*.role": "the card marks probes only; `check --deep` trains the models again",
    "baseline.*.scores.low": "the tiny workspace has no intervals; `check --deep` trains the models again",
    "baseline.*.scores.high": "the tiny workspace has no intervals; `check --deep` trains the models again",
    "manifest.files.content_sha256": "the digest of the file itself is compared",
}
"""Fields of immutable files: `check --changed-since` and `check --deep` find a change, `check` does not."""

_GIT = ("git", "-c", "user.name=nobody", "-c", "user.email=nobody@nowhere.example", "-c", "commit.gpgsign=false")


def listed(field: Field, table: dict[str, str]) -> bool:
    return any(fnmatchcase(".".join(field), pattern) for pattern in table)


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny workspace with records of all kinds, in a git repository."""
    root = tmp_path_factory.mktemp("complete") / "w"
    copy_tiny_repo(root)
    complete_workspace(root)
    shutil.rmtree(root / ".goldwire")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "complete")):
        subprocess.run((*_GIT, *arguments), cwd=root, check=True, capture_output=True)
    return root


def test_the_complete_workspace_has_no_findings(complete: Path) -> None:
    assert check.run(find_workspace(complete, explicit=True), strict=True).findings == ()


@pytest.mark.parametrize("field", list(fields()), ids=".".join)
def test_a_changed_field_is_found_or_listed(field: Field, complete: Path, tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(complete, root)
    change_field(root, field, random.Random(".".join(field)))
    workspace = find_workspace(root, explicit=True)
    is_found = bool(check.run(workspace).findings)
    is_listed = listed(field, UNVERIFIED) or listed(field, SINCE_REVISION)
    assert is_found or is_listed, "add a check, or the field with the reason to UNVERIFIED"
    if listed(field, SINCE_REVISION):
        assert check.run(workspace, changed_since="HEAD").findings


def test_a_new_extraction_finds_what_only_the_raw_page_states(complete: Path, tmp_path: Path) -> None:
    extraction = reproduction.extract_again(find_workspace(complete, explicit=True))
    unseen = []
    for field in fields():
        if UNVERIFIED.get(next((p for p in UNVERIFIED if fnmatchcase(".".join(field), p)), "")) != _PAGE:
            continue
        root = tmp_path / ".".join(field)
        shutil.copytree(complete, root, ignore=shutil.ignore_patterns(".git"))
        change_field(root, field, random.Random(".".join(field)))
        snapshot = read_snapshot(find_workspace(root, explicit=True))
        if not list(changed_articles(msgspec.structs.replace(snapshot, extraction=extraction))):
            unseen.append(field)
    assert unseen == []


def test_a_version_that_is_built_again_shows_its_changed_statements(tmp_path: Path) -> None:
    rebuilt = {"splits/v0.0.1": reproduction.rebuild(find_workspace(TINY_REPO, explicit=True), "0.0.1")}
    unseen = []
    for field in fields():
        if field[0] != "manifest" or not listed(field, SINCE_REVISION):
            continue
        root = copy_tiny_repo(tmp_path / ".".join(field))
        change_field(root, field, random.Random(".".join(field)))
        snapshot = msgspec.structs.replace(read_snapshot(find_workspace(root, explicit=True)), rebuilt=rebuilt)
        if not [*changed_releases(snapshot), *wrong_documents(snapshot)]:
            unseen.append(field)
    assert unseen == []


def test_the_tables_name_existing_fields_once() -> None:
    names = [".".join(field) for field in fields()]
    for pattern in (*UNVERIFIED, *SINCE_REVISION):
        assert any(fnmatchcase(name, pattern) for name in names), pattern
    assert not [name for name in fields() if listed(name, UNVERIFIED) and listed(name, SINCE_REVISION)]


UNVERIFIED_FILES = {
    "annotations/waivers.toml": "what it waives is found again; here it waives nothing",
    "corpus/rejected/*": "a page that was not ingested yet has no record either",
}
"""Files whose deletion is not found, with the reason."""


def test_a_deleted_file_is_found_or_listed(complete: Path, tmp_path: Path) -> None:
    files = [path.relative_to(complete).as_posix() for path in complete.rglob("*") if path.is_file()]
    files = sorted(file for file in files if not file.startswith((".git/", "pyproject.toml")))
    # One table of a version, one layer and one raw file stand for all.
    files = [*{"data" if "/data/" in f else f.rpartition("/")[0] if f.count("/") > 2 else f: f for f in files}.values()]
    assert {"corpus/duplicates.jsonl", "DATASHEET.md", "annotations/GUIDELINES.md"} <= {*files}
    unseen = []
    for number, file in enumerate(files):
        root = tmp_path / str(number)
        shutil.copytree(complete, root)
        (root / file).unlink()
        workspace = find_workspace(root, explicit=True)
        if not check.run(workspace).findings and not check.run(workspace, changed_since="HEAD").findings:
            unseen.append(file)
        shutil.rmtree(root)
    assert unseen == [f for f in files if any(fnmatchcase(f, pattern) for pattern in UNVERIFIED_FILES)]


_TIMES = (("minutes", "per_task"), ("minutes", "per_label"))


def test_gold_decisions_and_agreement_are_not_excused() -> None:
    for field in fields():
        if field[0] in ("gold", "decisions", "agreement", "adjudication") and field[1:] not in _TIMES:
            assert not listed(field, UNVERIFIED), field
            assert not listed(field, SINCE_REVISION), field
