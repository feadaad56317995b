"""What a change breaks: the findings now that were not there at a git revision, or are in files that differ from it."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from goldwire.errors import ConfigError, GoldwireError, MissingPackageError
from goldwire.records import Finding
from goldwire.workspace.layout import Workspace, find_workspace

__all__ = ["new_since"]

_CHECKED = ("pyproject.toml", "corpus", "annotations", "splits")
_ASSIGNMENT = "splits/assignment.tsv"


def new_since(workspace: Workspace, revision: str, find: Callable[[Workspace], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what `find` finds now in files that differ from `revision`, or did not find then; and what was rewritten.

    A released version and the rows of the assignment are for ever: where they differ from the revision, that is a
    finding of its own. Outside a git repository, or with a revision that is none, a GoldwireError.
    """
    differ = _git(workspace.root, "diff", "--name-only", "-z", "--relative", revision, "--", *_CHECKED)
    added = _git(workspace.root, "ls-files", "--others", "--exclude-standard", "-z", "--", *_CHECKED)
    changed = set((differ + added).decode("utf-8", "surrogateescape").split("\0"))
    with _as_of(workspace, revision) as before:
        yield from _rewritten(workspace, before, changed)
        old = set() if before is None else {_known(finding) for finding in find(before)}
    for finding in find(workspace):
        if finding.file in changed or _known(finding) not in old:
            yield finding


def _known(finding: Finding) -> tuple[str, str, str | None, str]:
    """What a finding is recognised by: lines move."""
    return finding.code, finding.file, finding.item, finding.message


def _rewritten(workspace: Workspace, before: Workspace | None, changed: set[str]) -> Iterator[Finding]:
    if before is None:
        return
    for file in sorted(changed):
        parts = file.split("/")
        if parts[0] == "splits" and len(parts) > 2 and (before.root / "splits" / parts[1] / "manifest.json").exists():
            message = "a released version is for ever, and this file is not as it was"
            yield Finding(code="release-rewritten", file=file, line=None, item=None, message=message)
    old = (before.root / _ASSIGNMENT).read_bytes() if (before.root / _ASSIGNMENT).exists() else b""
    new = (workspace.root / _ASSIGNMENT).read_bytes() if (workspace.root / _ASSIGNMENT).exists() else b""
    if not new.startswith(old):
        rows = zip(old.split(b"\n"), new.split(b"\n"), strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rows))
        message = "rows that were there are changed or gone; the file only ever grows"
        yield Finding(code="assignment-rewritten", file=_ASSIGNMENT, line=same + 1, item=None, message=message)


@contextmanager
def _as_of(workspace: Workspace, revision: str) -> Iterator[Workspace | None]:
    """The workspace as the revision has it, in a temporary folder; None where it was none yet."""
    prefix = _git(workspace.root, "rev-parse", "--show-prefix").decode().strip()
    there = _git(workspace.root, "ls-tree", "--name-only", f"{revision}:{prefix}").decode().split("\n")
    names = [name for name in _CHECKED if name in there]
    with tempfile.TemporaryDirectory() as folder:
        if "pyproject.toml" not in names:
            yield None
            return
        data = _git(workspace.root, "archive", "--format=tar", f"{revision}:{prefix}", *names)
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(folder, filter="data")
        yield _workspace(Path(folder))


def _workspace(folder: Path) -> Workspace | None:
    try:
        return find_workspace(folder, explicit=True)
    except GoldwireError:
        return None


def _git(root: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True).stdout  # noqa: S607
    except FileNotFoundError:
        raise MissingPackageError("git is not installed", hint="install it, or check without --changed-since") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        message = said[0] if said else "git failed"
        raise ConfigError(message, location=root, hint="name a revision that there is") from None
