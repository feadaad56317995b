"""Write a version of the dataset as Parquet with its card and manifest; a version that exists is never touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from goldwire.baselines import evaluation
from goldwire.baselines.scores import Baseline
from goldwire.errors import ConfigError, ConflictError
from goldwire.records import Release, ReleaseFile
from goldwire.release import citation, croissant, dataset_card, datasheet, parquet, reader
from goldwire.release.assembly import Draft, assemble
from goldwire.release.dataset_card import Facts
from goldwire.release.diff import Diff, compare
from goldwire.release.reader import put_file
from goldwire.workspace import atomic, jsonl, loading, versions
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = ["ReleaseReport", "run"]


class ReleaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is there now: `written` is False where it was there already with the same content."""

    version: str
    previous: str | None
    reasons: tuple[str, ...]
    written: bool
    warnings: tuple[str, ...]  # of the baselines
    articles: dict[str, int]
    labels: dict[str, dict[str, int]]
    left_out: dict[str, int]  # reason -> how many articles of gold are not in it
    folder: str

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not self.written:
            yield f"v{self.version} is there already with this content; nothing to release"
            return
        yield f"v{self.version}" + (f" after v{self.previous}" if self.previous else "")
        yield from self.reasons
        for config, counts in self.labels.items():
            yield f"{config}: " + (", ".join(f"{label} {count}" for label, count in counts.items()) or "empty")
        yield "articles: " + ", ".join(f"{split} {count}" for split, count in self.articles.items())
        yield from (f"{count} articles left out: {reason}" for reason, count in self.left_out.items())
        yield from (f"warning: {warning}" for warning in self.warnings)
        yield f"written to {self.folder}"


def run(
    workspace: Workspace, *, version: str | None = None, standoff: bool = False, baselines: bool = True
) -> ReleaseReport:
    """Release `version` (`X.Y.Z`), or the one that what changed since the latest asks for.

    `standoff` leaves the text out: who has it puts it back with `goldwire hydrate`. A version that exists is compared,
    never written: the same content is fine, other content a GoldwireError. `baselines` says whether to train simple
    models and probes for the card.
    """
    with workspace.lock():
        return _release(workspace, version, standoff=standoff, baselines=baselines)


def _release(workspace: Workspace, version: str | None, *, standoff: bool, baselines: bool) -> ReleaseReport:
    wanted = None if version is None else versions.plain(version)
    draft = assemble(workspace, read_schema(workspace.schema), version=wanted, standoff=standoff)
    if wanted is not None and workspace.release(wanted).exists():
        return _finish(workspace, _same_or_refuse(workspace, draft, wanted), draft, written=False)
    previous = versions.latest(loading.releases(workspace))
    found = None if previous is None else _changes(workspace, previous, draft)
    if found is not None and found.part is None and wanted is None:
        return _finish(workspace, reader.open_release(workspace, found.old).manifest, draft, written=False)
    manifest = msgspec.structs.replace(
        draft.manifest,
        version=_next(found, draft) if wanted is None else _refuse_older(wanted, previous, workspace),
        previous=previous,
        reasons=() if found is None else found.reasons,
    )
    if baselines:
        facts = msgspec.structs.replace(draft.facts, baseline=evaluation.measure(draft.rows))
        draft = msgspec.structs.replace(draft, facts=facts)
    return _finish(workspace, _write(workspace, manifest, draft), draft, written=True)


def _changes(workspace: Workspace, previous: str, draft: Draft) -> Diff:
    """What changed since the previous version."""
    earlier = reader.open_release(workspace, previous)
    surfaces = not (earlier.manifest.standoff or draft.manifest.standoff)
    new = reader.contents(draft.manifest, draft.tables, surfaces=surfaces)
    return compare(earlier.contents(surfaces=surfaces), msgspec.structs.replace(new, version="next"))


def _next(found: Diff | None, draft: Draft) -> str:
    """The version that the changes ask for, or the later one that an article was split for."""
    asked = versions.FIRST if found is None or found.part is None else versions.bump(found.old, found.part)
    return max(filter(None, (asked, draft.joined)), key=versions.parse)


def _refuse_older(wanted: str, previous: str | None, workspace: Workspace) -> str:
    if previous is not None and versions.parse(wanted) < versions.parse(previous):
        raise ConfigError(f"{wanted} is before {previous}", location=workspace.splits, hint="name a later version")
    return wanted


def _same_or_refuse(workspace: Workspace, draft: Draft, version: str) -> Release:
    there = reader.open_release(workspace, version)
    said = {file.path: file.content_sha256 for file in there.manifest.files if file.content_sha256 is not None}
    made = _digests(draft)
    differ = sorted(path for path in {*said, *made} if said.get(path) != made.get(path))
    if differ:
        hint = "leave the version out to release what changed as the next one"
        raise ConflictError(f"{version} exists with other content in {differ[0]}", location=there.folder, hint=hint)
    return there.manifest


def _digests(draft: Draft) -> dict[str, str]:
    return {path: parquet.content_digest(made) for path, made in _data_files(draft.tables)}


def _data_files(tables: Mapping[str, Mapping[str, pa.Table]]) -> Iterator[tuple[str, pa.Table]]:
    for config, by_split in tables.items():
        for split, made in by_split.items():
            yield parquet.data_file(config, split), made


def _write(workspace: Workspace, manifest: Release, draft: Draft) -> Release:
    """Fill the version's folder, whole or not at all; give the manifest with its files."""
    facts = msgspec.structs.replace(draft.facts, manifest=manifest)
    for cut_off in workspace.splits.glob(".v*.tmp"):
        shutil.rmtree(cut_off)
    with atomic.build_folder(workspace.release(manifest.version)) as folder:
        files = [put_file(folder, path, parquet.to_bytes(made), made) for path, made in _data_files(draft.tables)]
        papers = _papers(workspace, facts, files, draft.kinds)
        files += [put_file(folder, path, data.encode()) for path, data in papers.items()]
        yaml = parquet.front_matter(draft.kinds, draft.tables, dataset_card.hub_fields(facts))
        files.append(put_file(folder, "README.md", f"---\n{yaml}---\n\n{dataset_card.body(facts)}".encode()))
        manifest = msgspec.structs.replace(manifest, files=tuple(sorted(files, key=lambda file: file.path)))
        jsonl.write_document(folder / "manifest.json", manifest)
    return manifest


def _papers(
    workspace: Workspace, facts: Facts, files: Sequence[ReleaseFile], kinds: Mapping[str, Features]
) -> dict[str, str]:
    """What goes along with data and card, by path."""
    licences, about = sorted({source.licence for source in facts.sources.values()}), dataset_card.summary(facts)
    before = facts.manifest.previous
    earlier = None if before is None else workspace.release(before) / "CHANGELOG.md"
    log = earlier.read_text(encoding="utf-8") if earlier is not None and earlier.exists() else None
    measured = {} if facts.baseline is None else {"baseline.json": _document(facts.baseline)}
    return {
        **dataset_card.images(facts),
        **measured,
        "CHANGELOG.md": citation.changelog(facts.manifest, log),
        "CITATION.cff": citation.citation(facts.manifest, licences, about),
        "croissant.json": croissant.document(facts.manifest, files, kinds, licences=licences, about=about),
    }


def _document(measured: Baseline) -> str:
    return f"{msgspec.json.format(msgspec.json.encode(measured)).decode()}\n"


def _refresh_datasheet(workspace: Workspace, manifest: Release) -> None:
    """Bring the generated blocks of DATASHEET.md up to the latest version, where there is such a file."""
    path = workspace.root / "DATASHEET.md"
    if path.exists() and versions.latest(loading.releases(workspace)) == manifest.version:
        atomic.write_text(path, datasheet.refresh(path.read_text(encoding="utf-8"), datasheet.blocks(manifest)))


def _finish(workspace: Workspace, manifest: Release, draft: Draft, *, written: bool) -> ReleaseReport:
    _refresh_datasheet(workspace, manifest)
    return ReleaseReport(
        version=manifest.version,
        previous=manifest.previous,
        reasons=manifest.reasons,
        written=written,
        warnings=() if draft.facts.baseline is None else draft.facts.baseline.warnings,
        articles=manifest.articles,
        labels=manifest.labels,
        left_out=draft.left_out,
        folder=workspace.relative(workspace.release(manifest.version)),
    )
