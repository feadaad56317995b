"""Say what changed between two released versions, article by article and label by label."""

from __future__ import annotations

from goldwire.release import reader
from goldwire.release.diff import Diff, compare
from goldwire.workspace.layout import Workspace

__all__ = ["run"]


def run(workspace: Workspace, *, old: str, new: str) -> Diff:
    """Compare two versions of the workspace."""
    both = [reader.open_release(workspace, version) for version in (old, new)]
    surfaces = not any(one.manifest.standoff for one in both)
    return compare(*(one.contents(surfaces=surfaces) for one in both))
