"""Upload a released version to the Hugging Face Hub and tag it there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from goldwire.errors import ConfigError, DataError, GoldwireError
from goldwire.release import hub, reader
from goldwire.release.reader import ReleasedVersion
from goldwire.workspace.layout import Workspace

__all__ = ["PublishReport", "run"]


class PublishReport(msgspec.Struct, frozen=True, kw_only=True):
    """The published version.

    Attributes
    ----------
    repo_id, tag, commit, url
        The dataset repository, and the version's tag, commit and address in it.
    state
        `published`; `tagged`, if an earlier run had uploaded it without its tag; or `already-published`.
    files
        Number of files.
    """

    repo_id: str
    tag: str
    state: hub.PublishState
    commit: str
    url: str
    files: int

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.tag} {self.state}: {self.url} (commit {self.commit[:8]}, {self.files} files)"
        yield f'load_dataset("{self.repo_id}", "stance", revision="{self.tag}")'


def run(workspace: Workspace, *, version: str, repo_id: str | None = None, private: bool = False) -> PublishReport:
    """Publish a released version; safe to repeat and to interrupt.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    version : str
        `X.Y.Z`.
    repo_id : str, optional
        The dataset repository `ORG/NAME`; default: `repo_id` of the workspace's settings.
    private : bool, default=False
        Whether a repository that is created is private.

    Raises
    ------
    GoldwireError
        If `check` finds errors, if the version's folder was changed after the release, if it contains text that may
        not be redistributed, or if the tag exists with other content.
    """
    target = repo_id or workspace.settings.repo_id
    if target is None or target.count("/") != 1:
        hint = "use --repo-id ORG/NAME or set repo_id in [tool.goldwire]"
        message = "no repository to publish to" if target is None else f"{target!r} is not a repository ORG/NAME"
        raise ConfigError(message, location=workspace.root / "pyproject.toml", hint=hint)
    release = reader.open_release(workspace, version)
    tag = f"v{release.manifest.version}"
    _refuse_changed(release)
    _refuse_withheld_text(workspace, release)
    _refuse_findings(workspace)
    result = hub.connect().publish(release.folder, target, tag, private=private)
    return PublishReport(
        repo_id=target,
        tag=tag,
        state=result.state,
        commit=result.commit,
        url=result.url,
        files=len(release.manifest.files) + 1,
    )


def _refuse_changed(release: ReleasedVersion) -> None:
    """Raise unless every file is byte for byte as it was released."""
    released = {file.path: file.sha256 for file in release.manifest.files}
    on_disk = {
        path.relative_to(release.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.folder.rglob("*"))
        if path.is_file() and path != release.folder / "manifest.json"
    }
    changed = sorted(path for path in {*released, *on_disk} if released.get(path) != on_disk.get(path))
    if changed:
        location = release.folder / changed[0]
        raise DataError("changed after the release", location=location, hint="restore the folder from git")


def _refuse_withheld_text(workspace: Workspace, release: ReleasedVersion) -> None:
    """Raise if the version contains text that may not be redistributed."""
    if release.manifest.withheld_sources and not release.manifest.standoff:
        names = ", ".join(release.manifest.withheld_sources)
        hint = "publish a version without the text: `goldwire release --standoff`"
        raise GoldwireError(f"the text of {names} may not be redistributed", location=workspace.sources, hint=hint)


def _refuse_findings(workspace: Workspace) -> None:
    """Raise if `check` finds errors."""
    from goldwire.stages import check

    n_errors = check.run(workspace).errors
    if n_errors:
        message = f"check found {n_errors} error{'s' if n_errors > 1 else ''}"
        raise DataError(message, location=workspace.root, hint="run `goldwire check`")
