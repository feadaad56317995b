"""Write a version of the dataset as Parquet files with card and manifest; an existing version is never changed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from goldwire.baselines import evaluation
from goldwire.checks.registry import RULES, select_codes
from goldwire.checks.release_gate import GateResult, findings_about, pass_gate
from goldwire.checks.report import finding_line
from goldwire.checks.runner import check_snapshot
from goldwire.checks.snapshot_reader import read_snapshot
from goldwire.checks.waivers import read_waivers
from goldwire.errors import ConfigError, ConflictError, DataError
from goldwire.progress import activity
from goldwire.quantities import quantity
from goldwire.records import AcceptedFindings, Finding, Release, ReleaseFile
from goldwire.release import (
    card_data,
    card_metadata,
    citation,
    croissant,
    dataset_card,
    datasheet,
    frictionless,
    parquet,
    reader,
    writer,
)
from goldwire.release.assembly import ReleaseDraft, assemble
from goldwire.release.diff import Diff, compare
from goldwire.release.inputs import ReleaseInputs, read_inputs
from goldwire.workspace import atomic, loading, versions
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace

__all__ = ["ReleaseReport", "check_inputs", "content_digests", "document_texts", "run"]


class ReleaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """The released version.

    Attributes
    ----------
    version, previous
        The version, and the one before it.
    changes
        The changes since `previous`.
    written
        Whether this run wrote the version; False if it existed with the same content, or if there are errors.
    errors
        Errors in what the version would be made from. If there are any, nothing was written.
    accepted
        Errors that were accepted, with the reason.
    warnings
        Accepted codes that found nothing, what the card lacks, and warnings of the baselines. Of a version that
        exists: that its card says something else than the settings now do.
    articles
        Number of articles by split.
    labels
        Number of labels by config and label.
    excluded
        Number of gold articles that are not in the version, by reason.
    standoff
        Whether the version contains no text.
    withheld_sources
        Sources whose text may not be redistributed.
    folder
        The version's folder, relative to the workspace.
    """

    version: str
    previous: str | None
    changes: tuple[str, ...]
    written: bool
    errors: tuple[Finding, ...] = ()
    accepted: tuple[AcceptedFindings, ...] = ()
    warnings: tuple[str, ...]
    articles: dict[str, int]
    labels: dict[str, dict[str, int]]
    excluded: dict[str, int]
    standoff: bool
    withheld_sources: tuple[str, ...]
    folder: str

    @property
    def exit_code(self) -> int:
        """1 if errors prevented the release, else 0."""
        return int(bool(self.errors))

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.errors:
            yield from map(finding_line, self.errors)
            number = quantity(len(self.errors), "error")
            yield f"{number} in what v{self.version} would be made from: nothing was written"
            code = self.errors[0].code
            yield f"fix them (`goldwire check --explain {code}`), or accept a code: --allow '{code}=REASON'"
            return
        if not self.written:
            yield f"v{self.version} exists with the same content; nothing to release"
            yield from (f"warning: {warning}" for warning in self.warnings)
            return
        yield f"v{self.version}" + (f" after v{self.previous}" if self.previous else "")
        yield from self.changes
        for config, counts in self.labels.items():
            yield f"{config}: " + (", ".join(f"{label} {count}" for label, count in counts.items()) or "empty")
        yield "articles: " + ", ".join(f"{split} {count}" for split, count in self.articles.items())
        yield from (f"{quantity(count, 'article')} excluded: {reason}" for reason, count in self.excluded.items())
        yield from (f"accepted: {one.n_findings} {one.code}, {one.reason}" for one in self.accepted)
        if self.withheld_sources:
            names = ", ".join(self.withheld_sources)
            form = "the version is stand-off" if self.standoff else "the version contains it and cannot be published"
            yield f"the text of {names} may not be redistributed: {form}"
        yield from (f"warning: {warning}" for warning in self.warnings)
        yield f"written to {self.folder}"


def run(
    workspace: Workspace,
    *,
    version: str | None = None,
    standoff: bool = False,
    full_text: str | None = None,
    allow: Mapping[str, str] = {},
    baselines: bool = True,
) -> ReleaseReport:
    """Release the gold articles that have a split.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    version : str, optional
        `X.Y.Z`, with or without a `v`. Default: the version that the changes since the latest require.
    standoff : bool, default=False
        Whether to leave the text out; default: only if a source of the version may not be redistributed.
    full_text : str, optional
        Why the version may contain the text of such a source; the reason is in the card.
    allow : mapping of str to str
        The reason for each code of errors that the version may contain; added to those of the workspace's settings.
    baselines : bool, default=True
        Whether to train simple models and probes for the card.

    Returns
    -------
    ReleaseReport
        With `errors` if `check` finds some in what the version is made from; then nothing was written.

    Raises
    ------
    ConflictError
        If `version` exists with other content. A version that exists with the same content is not written again.
    ConfigError
        If `version` is earlier than the latest release, or if an option is not valid.
    """
    accepted_codes = _accepted_codes(workspace, allow)
    if standoff and full_text is not None:
        raise ConfigError("a stand-off version contains no text", hint="use one of --standoff and --full-text")
    if full_text is not None and not full_text.strip():
        raise ConfigError("--full-text without a reason", hint="state who permits it: it will be in the card")
    with workspace.lock():
        _read_datasheet(workspace)  # an unreadable one is an error before anything is written
        requested = None if version is None else versions.plain(version)
        inputs = read_inputs(workspace, read_schema(workspace.schema), version=requested)
        draft = assemble(inputs, standoff=standoff, full_text_reason=full_text)
        if requested is not None and workspace.release(requested).exists():
            released = reader.open_release(workspace, requested)
            _refuse_different(released, draft)
            return _finish(workspace, released.manifest, draft, written=False)
        diff = _diff_to_latest(workspace, draft)
        if requested is None and diff is not None and diff.bump is None:
            return _finish(workspace, reader.open_release(workspace, diff.old).manifest, draft, written=False)
        manifest = _next_manifest(workspace, draft, diff, requested)
        gate = check_inputs(workspace, inputs, accepted_codes)
        if gate.errors:
            return _report(workspace, manifest, draft, written=False, errors=gate.errors)
        manifest = msgspec.structs.replace(manifest, accepted=gate.accepted)
        card = msgspec.structs.replace(draft.card, verified=gate.verified)
        if baselines:
            with activity("training models"):
                scores = evaluation.measure(draft.rows, inputs.schema.stance_labels)
            card = msgspec.structs.replace(card, baseline=scores)
        draft = msgspec.structs.replace(draft, card=card)
        unused = sorted(allow.keys() - {one.code for one in gate.accepted})
        warnings = tuple(f"nothing to allow: no error has the code {code}" for code in unused)
        return _finish(workspace, _write(workspace, manifest, draft), draft, written=True, warnings=warnings)


def _accepted_codes(workspace: Workspace, allow: Mapping[str, str]) -> dict[str, str]:
    """Return the reason for each code that the settings or this run accept."""
    codes = {**workspace.settings.allow, **allow}
    for code, reason in codes.items():
        if code not in RULES:
            select_codes([code])  # raises with similar codes, unless it is a prefix or a level
            raise ConfigError(f"{code!r} is not one code", hint="name each code that the version may contain")
        if not reason.strip():
            raise ConfigError(f"{code} is allowed without a reason", hint="write CODE=REASON: it will be in the card")
    return codes


def check_inputs(workspace: Workspace, inputs: ReleaseInputs, accepted_codes: Mapping[str, str]) -> GateResult:
    """Check what the version is made from."""
    snapshot = read_snapshot(workspace)
    waivers = workspace.waivers
    text = waivers.read_text(encoding="utf-8-sig") if waivers.exists() else ""
    articles = {entry.article.id for entry in inputs.entries}
    findings = findings_about(snapshot, check_snapshot(snapshot), articles, inputs.batches)
    return pass_gate(findings, read_waivers(text, RULES)[0], accepted_codes, date.today())


def _refuse_different(released: reader.ReleasedVersion, draft: ReleaseDraft) -> None:
    """Raise if the content of a released version differs from the draft's."""
    files = released.manifest.files
    existing = {file.path: file.content_sha256 for file in files if file.content_sha256 is not None}
    new = content_digests(draft)
    different = sorted(path for path in {*existing, *new} if existing.get(path) != new.get(path))
    if different:
        message = f"{released.manifest.version} exists with other content in {different[0]}"
        hint = "omit the version to release the changes as the next one"
        raise ConflictError(message, location=released.folder, hint=hint)


def content_digests(draft: ReleaseDraft) -> dict[str, str]:
    """Return the digest of the rows of each Parquet file that the draft would have."""
    return {
        parquet.data_file(config, split, number, len(shards)): parquet.content_digest(shard)
        for config, by_split in draft.tables.items()
        for split, table in by_split.items()
        for shards in [parquet.to_shards(table)]
        for number, shard in enumerate(shards)
    }


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
    return msgspec.structs.replace(
        draft.manifest, version=version, previous=previous, changes=changes, published=_today()
    )


def _today() -> str:
    """Return the date in UTC, or that of `SOURCE_DATE_EPOCH`, with which a version is built again unchanged."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"SOURCE_DATE_EPOCH is {epoch!r}", hint="set it to seconds since 1970") from None
    return moment.date().isoformat()


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
        documents = document_texts(workspace, card, draft, files) | dataset_card.images(card)
        files += [writer.write_document(folder, path, text.encode()) for path, text in documents.items()]
        return writer.write_manifest(folder, manifest, files)


def document_texts(
    workspace: Workspace, card: card_data.CardData, draft: ReleaseDraft, files: Sequence[ReleaseFile]
) -> dict[str, str]:
    """Return the texts of all files but the tables, the pictures and the manifest, by path."""
    yaml = card_metadata.front_matter(draft.features, draft.tables, card_metadata.hub_fields(card))
    documents = {
        "README.md": f"---\n{yaml}---\n\n{dataset_card.card_text(card)}",
        "CHANGELOG.md": citation.changelog(card.manifest, _previous_changelog(workspace, card.manifest.previous)),
        "CITATION.cff": citation.citation(card),
        "croissant.json": croissant.document(card, files, draft.features),
        "datapackage.json": frictionless.descriptor(card, files, draft.features),
    }
    if card.baseline is not None:
        documents["baseline.json"] = f"{msgspec.json.format(msgspec.json.encode(card.baseline)).decode()}\n"
    return documents


def _previous_changelog(workspace: Workspace, previous: str | None) -> str | None:
    path = None if previous is None else workspace.release(previous) / "CHANGELOG.md"
    return path.read_text(encoding="utf-8") if path is not None and path.exists() else None


def _read_datasheet(workspace: Workspace) -> str | None:
    path = workspace.root / "DATASHEET.md"
    try:
        return path.read_text(encoding="utf-8") if path.exists() else None
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8"
        raise DataError(problem, location=path, hint="save the file as UTF-8") from None


def _refresh_datasheet(workspace: Workspace, manifest: Release) -> None:
    """Update the generated blocks of DATASHEET.md, if it exists, to the latest version."""
    text = _read_datasheet(workspace)
    if text is not None and versions.latest(loading.releases(workspace)) == manifest.version:
        atomic.write_text(workspace.root / "DATASHEET.md", datasheet.refresh(text, datasheet.blocks(manifest)))


def _changed_settings(workspace: Workspace, manifest: Release, draft: ReleaseDraft) -> Iterator[str]:
    """Yield a warning if the card of a version would now say something else; its labels are the same."""
    card = msgspec.structs.replace(draft.card, manifest=manifest)
    yaml = card_metadata.front_matter(draft.features, draft.tables, card_metadata.hub_fields(card))
    expected = {"README.md": f"---\n{yaml}---\n", "CITATION.cff": citation.citation(card)}
    folder = workspace.release(manifest.version)
    existing = {name: folder / name for name in expected if (folder / name).is_file()}
    stale = [name for name, path in existing.items() if not path.read_bytes().startswith(expected[name].encode())]
    if stale:
        version = versions.bump(manifest.version, "patch")
        yield f"the settings now give another {' and '.join(stale)}: `goldwire release {version}` writes them"


def _warnings(draft: ReleaseDraft) -> Iterator[str]:
    """Yield what the reader of the report should know about the card."""
    if not draft.card.annotation_creators:
        yield (
            "the card does not say who annotated: state it as annotations_creators in [tool.goldwire], for example "
            '["crowdsourced"] or ["expert-generated"]'
        )
    if draft.card.baseline is not None:
        yield from draft.card.baseline.warnings


def _finish(
    workspace: Workspace,
    manifest: Release,
    draft: ReleaseDraft,
    *,
    written: bool,
    warnings: tuple[str, ...] = (),
) -> ReleaseReport:
    """Update DATASHEET.md and return the report."""
    _refresh_datasheet(workspace, manifest)
    if not written:
        warnings = tuple(_changed_settings(workspace, manifest, draft))
    return _report(workspace, manifest, draft, written=written, warnings=warnings)


def _report(
    workspace: Workspace,
    manifest: Release,
    draft: ReleaseDraft,
    *,
    written: bool,
    warnings: tuple[str, ...] = (),
    errors: tuple[Finding, ...] = (),
) -> ReleaseReport:
    return ReleaseReport(
        version=manifest.version,
        previous=manifest.previous,
        changes=manifest.changes,
        written=written,
        errors=errors,
        accepted=manifest.accepted,
        warnings=(*warnings, *(_warnings(draft) if written else ())),
        articles=manifest.articles,
        labels=manifest.labels,
        excluded=draft.excluded,
        standoff=manifest.standoff,
        withheld_sources=manifest.withheld_sources,
        folder=workspace.relative(workspace.release(manifest.version)),
    )
