"""Workspaces of git revisions, and the findings that a change introduces."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from goldwire.checks.rule import Rule
from goldwire.checks.rules.files import FILE_MISSING
from goldwire.errors import ConfigError, GoldwireError, MissingPackageError
from goldwire.records import Finding
from goldwire.workspace.assignment_table import padded_lines
from goldwire.workspace.layout import Workspace, find_workspace
from goldwire.workspace.tar_archives import extract_members
from goldwire.workspace.temporary import temporary_folder

__all__ = ["checkout", "introduced_findings"]

RELEASE_REWRITTEN = Rule(
    code="release-rewritten",
    level=5,
    severity="error",
    summary="a file of a released version has changed since the git revision",
    why="Two people who load the same version would train on different data.",
    fix="Restore the file from git, and release the change as a new version.",
    example=(
        "splits/v0.0.1/README.md: L5 split error [release-rewritten] differs from the released file; a released "
        "version never changes"
    ),
)
ASSIGNMENT_REWRITTEN = Rule(
    code="assignment-rewritten",
    level=5,
    severity="error",
    summary="rows of splits/assignment.tsv were changed or removed since the git revision",
    why="An article keeps its split forever, because models were trained on it there.",
    fix="Restore the file from git and run `goldwire split`, which only appends rows.",
    example=(
        "splits/assignment.tsv:4: L5 split error [assignment-rewritten] earlier rows were changed or removed; "
        "rows may only be appended"
    ),
)

_CHECKED_PATHS = ("pyproject.toml", "README.md", "DATASHEET.md", "corpus", "annotations", "splits")
_DATASHEET = "DATASHEET.md"
_ASSIGNMENT = "splits/assignment.tsv"


def introduced_findings(
    workspace: Workspace, revision: str, find: Callable[[Workspace], Iterable[Finding]]
) -> Iterator[Finding]:
    """Yield the findings that are new since a git revision.

    These are the findings in files that differ from the revision, and findings in other files that the revision did
    not have. Released versions and rows of the assignment are immutable: where they differ from the revision, that is
    a finding as well.

    Parameters
    ----------
    workspace
        A workspace in a git repository.
    revision
        A commit, branch or tag.
    find
        Yields all findings of a workspace.

    Raises
    ------
    MissingPackageError
        git is not installed.
    ConfigError
        The workspace is not in a git repository, or there is no such revision.
    """
    modified = _git(workspace.root, "diff", "--name-only", "-z", "--relative", revision, "--", *_CHECKED_PATHS)
    untracked = _git(workspace.root, "ls-files", "--others", "--exclude-standard", "-z", "--", *_CHECKED_PATHS)
    changed = set((modified + untracked).decode("utf-8", "surrogateescape").split("\0"))
    with checkout(workspace, revision) as baseline:
        known: set[tuple[str, str, str | None, str]] = set()
        if baseline is not None:
            yield from _rewritten_files(workspace, baseline, changed)
            known = {_identity(finding) for finding in find(baseline)}
    for finding in find(workspace):
        if finding.file in changed or _identity(finding) not in known:
            yield finding


def _identity(finding: Finding) -> tuple[str, str, str | None, str]:
    """Return what identifies a finding in another revision, where its line may differ."""
    return finding.code, finding.file, finding.item, finding.message


def _rewritten_files(workspace: Workspace, baseline: Workspace, changed: set[str]) -> Iterator[Finding]:
    for file in sorted(changed):
        parts = file.split("/")
        if parts[0] == "splits" and len(parts) > 2 and (baseline.root / "splits" / parts[1] / "manifest.json").exists():
            yield RELEASE_REWRITTEN.finding(file, "differs from the released file; a released version never changes")
    old, new = (padded_lines(_read_bytes(root / _ASSIGNMENT)) for root in (baseline.root, workspace.root))
    if new[: len(old)] != old:
        unchanged = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
        message = "earlier rows were changed or removed; rows may only be appended"
        yield ASSIGNMENT_REWRITTEN.finding(_ASSIGNMENT, message, line=unchanged + 1)

    if (baseline.root / _DATASHEET).exists() and not (workspace.root / _DATASHEET).exists():
        yield FILE_MISSING.finding(_DATASHEET, "is missing; the git revision has it")


def _read_bytes(path: Path) -> bytes:
    """Return the bytes with line ends as committed: a checkout on Windows may have others."""
    return path.read_bytes().replace(b"\r\n", b"\n") if path.exists() else b""


@contextmanager
def checkout(workspace: Workspace, revision: str) -> Iterator[Workspace | None]:
    """Extract the workspace of a git revision into a temporary folder; None if it was not a workspace then.

    Raises
    ------
    MissingPackageError
        git is not installed.
    ConfigError
        The workspace is not in a git repository, or there is no such revision.
    """
    prefix = _git(workspace.root, "rev-parse", "--show-prefix").decode().strip()
    tracked = _git(workspace.root, "ls-tree", "--name-only", f"{revision}:{prefix}").decode().split("\n")
    names = [name for name in _CHECKED_PATHS if name in tracked]
    with temporary_folder() as folder:
        if "pyproject.toml" not in names:
            yield None
            return
        # `git archive` writes CRLF if the user's `core.autocrlf` says so, the default of Git for Windows.
        as_committed = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")
        data = _git(workspace.root, *as_committed, "archive", "--format=tar", f"{revision}:{prefix}", *names)
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            links = [member for member in archive if member.issym()]
            extract_members(archive, folder, (member for member in archive if not member.issym()))
        for link in links:  # such as corpus/raw on another disk
            path = Path(link.name)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):  # Windows permits links to administrators only
                (folder / path).symlink_to((workspace.root / path).parent / link.linkname)
        yield _workspace(folder)


def _workspace(folder: Path) -> Workspace | None:
    try:
        return find_workspace(folder, explicit=True)
    except GoldwireError:
        return None


def _git(root: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True).stdout  # noqa: S607 - of PATH
    except FileNotFoundError:
        hint = "install it, or compare without a revision"
        raise MissingPackageError("git is not installed", hint=hint) from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode("utf-8", "replace").strip().splitlines()
        message = lines[0] if lines else "git failed"
        raise ConfigError(message, location=root, hint="name an existing revision") from None
