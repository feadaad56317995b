"""Findings that a change introduces, compared with a git revision."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldwire.checks.git_baseline import introduced_findings
from goldwire.errors import ConfigError
from goldwire.records import Finding
from goldwire.workspace.layout import Workspace, find_workspace
from support.factories import copy_tiny_repo

AUTHOR = ("-c", "user.name=nobody", "-c", "user.email=nobody@nowhere.example", "-c", "commit.gpgsign=false")


def git(root: Path, *arguments: str) -> None:
    subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    copy_tiny_repo(tmp_path / "workspace")
    git(tmp_path / "workspace", "init", "-q")
    return find_workspace(tmp_path / "workspace", explicit=True)


def commit(workspace: Workspace, *paths: str) -> None:
    git(workspace.root, "add", *paths)
    git(workspace.root, *AUTHOR, "commit", "-q", "-m", "clean")


def guideline_findings(workspace: Workspace) -> Iterator[Finding]:
    """A check that reports each line of the guidelines."""
    for line, text in enumerate(workspace.guidelines.read_text().splitlines(), 1):
        yield Finding(code="guidelines-unversioned", file="annotations/layers/b01/A1.jsonl", line=line, message=text)


def introduced(workspace: Workspace, revision: str = "HEAD") -> list[tuple[str, str]]:
    findings = introduced_findings(workspace, revision, guideline_findings)
    return [(finding.code, finding.message) for finding in findings]


def test_a_finding_of_the_revision_is_not_new_even_on_another_line(workspace: Workspace) -> None:
    commit(workspace, ".")
    assert introduced(workspace) == []
    workspace.guidelines.write_text(f"A new line\n{workspace.guidelines.read_text()}")
    assert introduced(workspace) == [("guidelines-unversioned", "A new line")]


def test_everything_is_new_if_the_revision_was_not_a_workspace(workspace: Workspace) -> None:
    commit(workspace, "corpus")
    lines = workspace.guidelines.read_text().splitlines()
    assert introduced(workspace) == [("guidelines-unversioned", line) for line in lines]


def test_a_released_file_must_not_change_nor_a_row_of_the_assignment(workspace: Workspace) -> None:
    commit(workspace, ".")
    (workspace.splits / "v0.0.1" / "README.md").write_text("changed")
    assignment = workspace.splits / "assignment.tsv"
    rows = assignment.read_text().splitlines(keepends=True)
    assignment.write_text("".join(rows[:-1]))
    findings = list(introduced_findings(workspace, "HEAD", lambda _: ()))
    assert [(finding.code, finding.file, finding.line) for finding in findings] == [
        ("release-rewritten", "splits/v0.0.1/README.md", None),
        ("assignment-rewritten", "splits/assignment.tsv", len(rows)),
    ]
    assignment.write_text("".join([*rows, "x\tx\ttrain\t0.0.2\n"]))
    assert [finding.code for finding in introduced_findings(workspace, "HEAD", lambda _: ())] == ["release-rewritten"]


def test_the_column_of_reasons_may_be_added_to_the_assignment(workspace: Workspace) -> None:
    commit(workspace, ".")
    assignment = workspace.splits / "assignment.tsv"
    header, *rows = assignment.read_text().splitlines()
    held_out = "x\tx\theld-out\t0.0.2\tnear-duplicate of a in train and of b in test"
    lines = [f"{header}\treason", *(f"{row}\t" for row in rows), held_out]
    assignment.write_text("".join(f"{line}\n" for line in lines))
    assert list(introduced_findings(workspace, "HEAD", lambda _: ())) == []
    assignment.write_text("".join(f"{line}\n" for line in (lines[0], *lines[2:])))
    (finding,) = introduced_findings(workspace, "HEAD", lambda _: ())
    assert (finding.code, finding.line) == ("assignment-rewritten", 2)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_that_git_changes_on_windows_are_not_a_change(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, line_end: str
) -> None:
    commit(workspace, ".")
    for name, value in {"COUNT": "1", "KEY_0": "core.autocrlf", "VALUE_0": "true"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assignment = workspace.splits / "assignment.tsv"
    assignment.write_text(assignment.read_text(), newline=line_end)
    read = []
    findings = introduced_findings(workspace, "HEAD", lambda one: read.append(one.guidelines.read_bytes()) or ())
    assert list(findings) == []
    assert read == [workspace.guidelines.read_bytes()] * 2


@pytest.mark.parametrize("is_absolute", [True, False])
def test_raw_files_may_be_behind_a_link(workspace: Workspace, tmp_path: Path, is_absolute: bool) -> None:
    workspace.raw.rename(tmp_path / "disk")
    workspace.raw.symlink_to(tmp_path / "disk" if is_absolute else "../../disk")
    commit(workspace, ".")
    seen = []
    findings = introduced_findings(
        workspace, "HEAD", lambda one: seen.append(sorted(path.name for path in one.raw.iterdir())) or ()
    )
    assert list(findings) == []
    assert seen == [sorted(path.name for path in (tmp_path / "disk").iterdir())] * 2


@pytest.mark.parametrize("revision", ["no-such-revision", "HEAD"])
def test_an_unknown_revision_is_an_error(workspace: Workspace, revision: str) -> None:
    with pytest.raises(ConfigError, match="name an existing revision"):
        introduced(workspace, revision)


def test_a_deleted_datasheet_is_missing(workspace: Workspace) -> None:
    commit(workspace, ".")
    (workspace.root / "DATASHEET.md").unlink()
    assert introduced(workspace) == [("file-missing", "is missing; the git revision has it")]
