"""Compare two released versions, article by article and label by label."""

from __future__ import annotations

from goldwire.release import reader
from goldwire.release.diff import Diff, compare
from goldwire.workspace.layout import Workspace

__all__ = ["run"]


def run(workspace: Workspace, *, old: str, new: str) -> Diff:
    """Compare the released versions `old` and `new` of the workspace.

    Locations have no surfaces if one of the versions contains no text.
    """
    releases = [reader.open_release(workspace, version) for version in (old, new)]
    surfaces = not any(release.manifest.standoff for release in releases)
    return compare(*(release.contents(surfaces=surfaces) for release in releases))
