"""Extract the articles again, and build the latest version again, to compare both with what is stored."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from goldwire.baselines.scores import Baseline
from goldwire.checks.snapshot import Extraction, RebuiltVersion
from goldwire.checks.snapshot_reader import parse_card
from goldwire.errors import GoldwireError
from goldwire.records import Rejected, Release
from goldwire.release import reader
from goldwire.release.assembly import assemble
from goldwire.release.dataset_card import images
from goldwire.release.diff import compare
from goldwire.release.inputs import read_inputs
from goldwire.stages import ingest, release
from goldwire.workspace import atomic, jsonl, loading, versions
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace, find_workspace
from goldwire.workspace.temporary import temporary_folder

__all__ = ["extract_again", "rebuild"]


def extract_again(workspace: Workspace) -> Extraction | None:
    """Return what the raw pages give; None if the raw files cannot be ingested.

    They are extracted as if nothing had been ingested before, into a temporary workspace.
    """
    with temporary_folder() as folder:
        try:
            copy = _without_articles(workspace, folder)
            ingest.run(copy)
        except (GoldwireError, OSError) as error:  # what is wrong with the files is a finding
            if isinstance(error, OSError) and error.errno in atomic.DISK_FULL:
                raise
            return None
        rejected = [row for path in copy.rejected.glob("*.jsonl") for row in jsonl.read(path, Rejected)]
        return Extraction(loading.articles(copy), {(row.file, row.row): row for row in rejected})


def _without_articles(workspace: Workspace, folder: Path) -> Workspace:
    """Return a workspace in `folder` with the settings, the sources and the raw files, and nothing else."""
    shutil.copyfile(workspace.root / "pyproject.toml", folder / "pyproject.toml")
    copy = find_workspace(folder, explicit=True)
    copy.corpus.mkdir()
    shutil.copyfile(workspace.sources, copy.sources)
    try:
        copy.raw.symlink_to(workspace.raw.resolve(), target_is_directory=True)
    except OSError:  # Windows permits links to administrators only
        shutil.copytree(workspace.raw, copy.raw)
    return copy


def rebuild(workspace: Workspace, version: str) -> RebuiltVersion | None:
    """Return a version as the workspace gives it now; None if its labels have changed since, or cannot be read."""
    try:
        built = _build_again(workspace, version, _stored_baseline(workspace, version))
    except (GoldwireError, LookupError, ValueError):  # a column that is missing or of another type is a finding
        return None
    if built is None:
        return None
    manifest, documents = built
    card_metadata, documents["README.md"] = parse_card(documents["README.md"])
    return RebuiltVersion(manifest, documents, card_metadata)


def _stored_baseline(workspace: Workspace, version: str) -> Baseline | None:
    """Return the scores in the version's `baseline.json`, which a check of its own compares."""
    path = workspace.release(version) / "baseline.json"
    return jsonl.read_document(path, Baseline) if path.exists() else None


def _build_again(
    workspace: Workspace, version: str, baseline: Baseline | None
) -> tuple[Release, dict[str, str]] | None:
    """Return the manifest and the texts of a released version as the workspace gives them, and write nothing.

    None if the workspace has other labels now, or errors that the version did not accept. The files of the manifest are
    the stored ones with the digests of the rows as they are now.
    """
    released = reader.open_release(workspace, version)
    stored = released.manifest
    inputs = read_inputs(workspace, read_schema(workspace.schema), version=version)
    draft = assemble(inputs, standoff=stored.standoff, full_text_reason=stored.full_text_reason)
    contents = reader.version_contents(draft.manifest, draft.tables, surfaces=not stored.standoff)
    if compare(released.contents(surfaces=not stored.standoff), contents).bump is not None:
        return None
    reasons = {**workspace.settings.allow, **{one.code: one.reason for one in stored.accepted}}
    gate = release.check_inputs(workspace, inputs, reasons)
    if gate.errors:
        return None
    entries = {file.path: file for file in stored.files}
    files = [
        msgspec.structs.replace(entries[path], content_sha256=digest)
        for path, digest in release.content_digests(draft).items()
        if path in entries
    ]
    previous, changes = _changes_before(workspace, released)
    manifest = msgspec.structs.replace(
        draft.manifest,
        version=stored.version,
        previous=previous,
        changes=changes,
        published=stored.published,
        accepted=gate.accepted,
        files=tuple(files),
    )
    card = msgspec.structs.replace(draft.card, manifest=manifest, verified=gate.verified, baseline=baseline)
    documents = release.document_texts(workspace, card, draft, files) | images(card)
    return manifest, {path: text for path, text in documents.items() if path != "baseline.json"}


def _changes_before(workspace: Workspace, released: reader.ReleasedVersion) -> tuple[str | None, tuple[str, ...]]:
    """Return the version before a released one and what changed since; as stored if it is not there any more."""
    stored = released.manifest
    earlier = [v for v in loading.releases(workspace) if versions.parse(v) < versions.parse(stored.version)]
    latest = versions.latest(earlier)
    if latest is None:
        return stored.previous, stored.changes
    before = reader.open_release(workspace, latest)
    surfaces = not (before.manifest.standoff or stored.standoff)
    diff = compare(before.contents(surfaces=surfaces), released.contents(surfaces=surfaces))
    return before.manifest.version, diff.reasons
