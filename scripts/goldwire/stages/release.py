"""Write a version of the dataset as Parquet files with card and manifest; an existing version is never changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

import msgspec

from goldwire.baselines import evaluation
from goldwire.errors import ConfigError, ConflictError
from goldwire.records import Release, ReleaseFile
from goldwire.release import card_metadata, citation, croissant, dataset_card, datasheet, parquet, reader, writer
from goldwire.release.assembly import ReleaseDraft, assemble
from goldwire.release.diff import Diff, compare
from goldwire.release.inputs import read_inputs
from goldwire.workspace import atomic, loading, versions
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace

__all__ = ["ReleaseReport", "run"]


class ReleaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """The released version.

    Attributes
    ----------
    version, previous
        The version, and the one before it.
    changes
        The changes since `previous`.
    written
        Whether this run wrote the version; False if it existed with the same content.
    warnings
        What the card lacks, and warnings of the baselines.
    articles
        Number of articles by split.
    labels
        Number of labels by config and label.
    excluded
        Number of gold articles that are not in the version, by reason.
    folder
        The version's folder, relative to the workspace.
    """

    version: str
    previous: str | None
    changes: tuple[str, ...]
    written: bool
    warnings: tuple[str, ...]
    articles: dict[str, int]
    labels: dict[str, dict[str, int]]
    excluded: dict[str, int]
    folder: str

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not self.written:
            yield f"v{self.version} exists with the same content; nothing to release"
            return
        yield f"v{self.version}" + (f" after v{self.previous}" if self.previous else "")
        yield from self.changes
        for config, counts in self.labels.items():
            yield f"{config}: " + (", ".join(f"{label} {count}" for label, count in counts.items()) or "empty")
        yield "articles: " + ", ".join(f"{split} {count}" for split, count in self.articles.items())
        yield from (f"{count} articles excluded: {reason}" for reason, count in self.excluded.items())
        yield from (f"warning: {warning}" for warning in self.warnings)
        yield f"written to {self.folder}"


def run(
    workspace: Workspace, *, version: str | None = None, standoff: bool = False, baselines: bool = True
) -> ReleaseReport:
    """Release a version of the dataset.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    version : str, optional
        `X.Y.Z`; default: the version that the changes since the latest release require.
    standoff : bool, default=False
        Whether to leave the text out; users who have it put it back with `goldwire hydrate`.
    baselines : bool, default=True
        Whether to train simple models and probes, and to report their scores in the card.

    Raises
    ------
    ConflictError
        If `version` exists with other content. A version that exists with the same content is not written again.
    ConfigError
        If `version` is earlier than the latest release.
    """
    with workspace.lock():
        requested = None if version is None else versions.plain(version)
        inputs = read_inputs(workspace, read_schema(workspace.schema), version=requested)
        draft = assemble(inputs, standoff=standoff)
        if requested is not None and workspace.release(requested).exists():
            released = reader.open_release(workspace, requested)
            _refuse_different(released, draft)
            return _finish(workspace, released.manifest, draft, written=False)
        diff = _diff_to_latest(workspace, draft)
        if requested is None and diff is not None and diff.bump is None:
            return _finish(workspace, reader.open_release(workspace, diff.old).manifest, draft, written=False)
        manifest = _next_manifest(workspace, draft, diff, requested)
        if baselines:
            card = msgspec.structs.replace(draft.card, baseline=evaluation.measure(draft.rows))
            draft = msgspec.structs.replace(draft, card=card)
        return _finish(workspace, _write(workspace, manifest, draft), draft, written=True)


def _refuse_different(released: reader.ReleasedVersion, draft: ReleaseDraft) -> None:
    """Raise if the content of a released version differs from the draft's."""
    files = released.manifest.files
    existing = {file.path: file.content_sha256 for file in files if file.content_sha256 is not None}
    new = {
        parquet.data_file(config, split): parquet.content_digest(table)
        for config, by_split in draft.tables.items()
        for split, table in by_split.items()
    }
    different = sorted(path for path in {*existing, *new} if existing.get(path) != new.get(path))
    if different:
        message = f"{released.manifest.version} exists with other content in {different[0]}"
        hint = "omit the version to release the changes as the next one"
        raise ConflictError(message, location=released.folder, hint=hint)


def _diff_to_latest(workspace: Workspace, draft: ReleaseDraft) -> Diff | None:
    """Compare the latest release with the draft; None if nothing is released yet."""
    latest = versions.latest(loading.releases(workspace))
    if latest is None:
        return None
    released = reader.open_release(workspace, latest)
    surfaces = not (released.manifest.standoff or draft.manifest.standoff)
    contents = reader.version_contents(draft.manifest, draft.tables, surfaces=surfaces)
    return compare(released.contents(surfaces=surfaces), msgspec.structs.replace(contents, version="next"))


def _next_manifest(workspace: Workspace, draft: ReleaseDraft, diff: Diff | None, requested: str | None) -> Release:
    """Return the manifest of the version to write: the requested one, or the one that the changes require."""
    previous = None if diff is None else diff.old
    if requested is None:
        version = _next_version(diff, draft)
    elif previous is not None and versions.parse(requested) < versions.parse(previous):
        message = f"{requested} is earlier than {previous}, the latest release"
        raise ConfigError(message, location=workspace.splits, hint="choose a later version")
    else:
        version = requested
    changes = () if diff is None else diff.reasons
    return msgspec.structs.replace(draft.manifest, version=version, previous=previous, changes=changes)


def _next_version(diff: Diff | None, draft: ReleaseDraft) -> str:
    """Return the version that the changes require, or a later one if articles were split for it."""
    required = versions.FIRST if diff is None or diff.bump is None else versions.bump(diff.old, diff.bump)
    return max(filter(None, (required, draft.earliest_version)), key=versions.parse)


def _write(workspace: Workspace, manifest: Release, draft: ReleaseDraft) -> Release:
    """Write the version's folder, completely or not at all, and return the manifest with its files."""
    card = msgspec.structs.replace(draft.card, manifest=manifest)
    for unfinished in workspace.splits.glob(".v*.tmp"):
        shutil.rmtree(unfinished)
    with atomic.build_folder(workspace.release(manifest.version)) as folder:
        files = writer.write_tables(folder, draft.tables)
        documents = _documents(workspace, card, draft, files)
        files += [writer.write_document(folder, path, text.encode()) for path, text in documents.items()]
        return writer.write_manifest(folder, manifest, files)


def _documents(
    workspace: Workspace, card: dataset_card.CardData, draft: ReleaseDraft, files: Sequence[ReleaseFile]
) -> dict[str, str]:
    """Return the texts of all files but the tables and the manifest, by path."""
    licences, abstract = sorted({source.licence for source in card.sources.values()}), dataset_card.summary(card)
    yaml = card_metadata.front_matter(draft.features, draft.tables, card_metadata.hub_fields(card))
    documents = {
        "README.md": f"---\n{yaml}---\n\n{dataset_card.card_text(card)}",
        **dataset_card.images(card),
        "CHANGELOG.md": citation.changelog(card.manifest, _previous_changelog(workspace, card.manifest.previous)),
        "CITATION.cff": citation.citation(card.manifest, licences, abstract),
        "croissant.json": croissant.document(
            card.manifest, files, draft.features, licences=licences, description=abstract
        ),
    }
    if card.baseline is not None:
        documents["baseline.json"] = f"{msgspec.json.format(msgspec.json.encode(card.baseline)).decode()}\n"
    return documents


def _previous_changelog(workspace: Workspace, previous: str | None) -> str | None:
    path = None if previous is None else workspace.release(previous) / "CHANGELOG.md"
    return path.read_text(encoding="utf-8") if path is not None and path.exists() else None


def _refresh_datasheet(workspace: Workspace, manifest: Release) -> None:
    """Update the generated blocks of DATASHEET.md, if it exists, to the latest version."""
    path = workspace.root / "DATASHEET.md"
    if path.exists() and versions.latest(loading.releases(workspace)) == manifest.version:
        atomic.write_text(path, datasheet.refresh(path.read_text(encoding="utf-8"), datasheet.blocks(manifest)))


def _warnings(draft: ReleaseDraft) -> Iterator[str]:
    """Yield what the reader of the report should know about the card."""
    if not draft.card.annotation_creators:
        yield (
            "the card does not say who annotated: state it as annotations_creators in [tool.goldwire], for example "
            '["crowdsourced"] or ["expert-generated"]'
        )
    if draft.card.baseline is not None:
        yield from draft.card.baseline.warnings


def _finish(workspace: Workspace, manifest: Release, draft: ReleaseDraft, *, written: bool) -> ReleaseReport:
    """Update DATASHEET.md and return the report."""
    _refresh_datasheet(workspace, manifest)
    return ReleaseReport(
        version=manifest.version,
        previous=manifest.previous,
        changes=manifest.changes,
        written=written,
        warnings=tuple(_warnings(draft)) if written else (),
        articles=manifest.articles,
        labels=manifest.labels,
        excluded=draft.excluded,
        folder=workspace.relative(workspace.release(manifest.version)),
    )
