"""Compare two released versions, or the labels of a git revision with the present ones, label by label."""

from __future__ import annotations

import msgspec

from goldwire.checks.git_baseline import checkout
from goldwire.errors import ConfigError
from goldwire.release import reader
from goldwire.release.diff import Diff, compare
from goldwire.release.gold_contents import gold_contents
from goldwire.workspace.layout import Workspace

__all__ = ["run", "run_since"]


def run(workspace: Workspace, *, old: str, new: str) -> Diff:
    """Compare the released versions `old` and `new` of the workspace.

    Locations have no surfaces if one of the versions contains no text.
    """
    releases = [reader.open_release(workspace, version) for version in (old, new)]
    surfaces = not any(release.manifest.standoff for release in releases)
    return compare(*(release.contents(surfaces=surfaces) for release in releases))


def run_since(workspace: Workspace, revision: str) -> Diff:
    """Compare the gold labels and splits of a git revision with those of the workspace.

    Raises
    ------
    ConfigError
        If there is no such revision, or if it has no workspace in this folder.
    MissingPackageError
        If git is not installed.
    """
    with checkout(workspace, revision) as baseline:
        if baseline is None:
            hint = "name a revision that has the workspace"
            raise ConfigError(f"no workspace in {revision}", location=workspace.root, hint=hint)
        old = gold_contents(baseline, revision)
    new = gold_contents(workspace, "now")
    if not old.articles:  # without gold, no guidelines were followed that could have changed
        old = msgspec.structs.replace(old, guidelines_version=new.guidelines_version)
    return compare(old, new)
