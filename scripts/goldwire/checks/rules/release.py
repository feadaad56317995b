"""L0 and L5: a released version is what its manifest, its card and the splits say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

from goldwire.checks.rules.content import EMAIL
from goldwire.checks.snapshot import ReleaseFolder, Snapshot
from goldwire.errors import GoldwireError
from goldwire.records import Finding, is_pseudonym
from goldwire.release.datasheet import blocks, stale
from goldwire.workspace.versions import parse

__all__ = ["CHECKS", "FILE_CHECKS"]


def files(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file of a release that is gone, is another one, or is not in the manifest."""
    for release in snapshot.releases:
        manifest = f"{release.folder}/manifest.json"
        if "manifest.json" not in release.files:
            yield _at(manifest, "release-file-missing", None, "a release has a manifest")
        if release.manifest is None:
            continue
        listed = {file.path: file for file in release.manifest.files}
        for path, file in sorted(listed.items()):
            have = release.files.get(path)
            if have is None:
                yield _at(f"{release.folder}/{path}", "release-file-missing", None, "is in the manifest, not on disk")
            elif have.sha256 != file.sha256:
                message = f"SHA-256 {have.sha256[:12]}..., in the manifest {file.sha256[:12]}..."
                yield _at(f"{release.folder}/{path}", "release-file-changed", None, message)
        for path in sorted(set(release.files) - set(listed) - {"manifest.json"}):
            yield _at(f"{release.folder}/{path}", "release-file-unexpected", None, "is not in the manifest")


def versions(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each release whose folder is no version, or another one than the manifest's."""
    for release in snapshot.releases:
        name = release.folder.rpartition("/")[2]
        try:
            parse(name)
        except GoldwireError:
            yield _at(release.folder, "version-malformed", None, f"{name!r}, expected as v1.2.3")
            continue
        if release.manifest is not None and f"v{release.manifest.version}" != name:
            message = f"the manifest says {release.manifest.version!r}, the folder {name!r}"
            yield _at(f"{release.folder}/manifest.json", "release-version-mismatch", None, message)


def counts(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each number of rows that the manifest or the card has otherwise than the data."""
    for release in snapshot.releases:
        for file in release.manifest.files if release.manifest else ():
            rows = release.rows.get(file.path)
            if rows is not None and file.rows is not None and rows.count != file.rows:
                message = f"{rows.count} rows, in the manifest {file.rows}"
                yield _at(f"{release.folder}/{file.path}", "release-counts-wrong", None, message)
        for path, split, ids in _released(release):
            said = release.manifest.articles.get(split) if release.manifest else None
            if said is not None and said != len(ids):
                message = f"{split} has {said} articles in the manifest, {len(ids)} in {path}"
                yield _at(f"{release.folder}/manifest.json", "release-counts-wrong", split, message)
        yield from _card(release)


def _card(release: ReleaseFolder) -> Iterator[Finding]:
    at = f"{release.folder}/README.md"
    heading = f"# {release.manifest.name} {release.folder.rpartition('/v')[2]}" if release.manifest else ""
    page = release.pages.get("README.md")
    if heading and page is not None and f"\n{heading}\n" not in f"\n{page}":
        yield _at(at, "release-card-stale", None, f"has no heading `{heading}`")
    infos = (release.card or {}).get("dataset_info")
    for info in filter(_is_table, infos if isinstance(infos, list) else [infos]):
        for said in _said_splits(info):
            path = f"data/{info.get('config_name')}/{said['name']}-00000-of-00001.parquet"
            rows = release.rows.get(path)
            if rows is not None and said.get("num_examples", rows.count) != rows.count:
                message = f"{said['num_examples']} rows, {path} has {rows.count}"
                yield _at(at, "release-card-stale", f"{info.get('config_name')} {said['name']}", message)


def _is_table(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _said_splits(info: dict[str, Any]) -> list[dict[str, Any]]:
    splits = info.get("splits")
    return [said for said in splits if isinstance(said, dict) and "name" in said] if isinstance(splits, list) else []


def splits(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each released article that is in another split now, or joined later than it was released."""
    rows = {entry.record.article_id: entry.record for entry in reversed(snapshot.assignment.entries)}
    for release in snapshot.releases:
        version = _version(release)
        for path, split, ids in _released(release):
            for id in ids:
                row = rows.get(id)
                at = f"{release.folder}/{path}"
                if row is None:
                    if snapshot.assignment.known() is not None and id not in (snapshot.assignment.known() or ()):
                        yield _at(
                            at, "assignment-changed", id, f"released in {split}, not in splits/assignment.tsv now"
                        )
                elif row.split != split:
                    yield _at(at, "assignment-changed", id, f"released in {split}, assigned to {row.split} now")
                elif version is not None and _parsed(row.since_version) > version:
                    message = f"joins in {row.since_version}, which is later than this version"
                    yield _at(at, "version-not-increased", id, message)


def _released(release: ReleaseFolder) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for path, rows in sorted(release.rows.items()):
        if path.startswith("data/entities/") and rows.articles is not None:
            yield path, split_of(path), rows.articles


def split_of(path: str) -> str:
    """The split of a data file: `data/entities/train-00000-of-00001.parquet`."""
    return path.rpartition("/")[2].partition("-")[0]


def _version(release: ReleaseFolder) -> tuple[int, int, int] | None:
    try:
        return parse(release.folder.rpartition("/")[2])
    except GoldwireError:
        return None


def _parsed(version: str) -> tuple[int, int, int]:
    try:
        return parse(version)
    except GoldwireError:
        return (0, 0, 0)


def private(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for what a release should not hold: names, addresses, text that its source forbids."""
    forbidden = {name for name, source in (snapshot.sources or {}).items() if not source.redistribute}
    source_of = {entry.record.id: entry.record.source for entry in snapshot.articles}
    for release in snapshot.releases:
        for path, rows in sorted(release.rows.items()):
            at = f"{release.folder}/{path}"
            for name in sorted(rows.annotators or ()):
                if not is_pseudonym(name):
                    yield _at(at, "release-real-name", name, f"{name!r} is no pseudonym, as A1")
            first: dict[str, str] = {}
            for id in rows.with_text or ():
                first.setdefault(source_of.get(id, id.rpartition("-")[0]), id)
            for source in sorted(first.keys() & forbidden):
                message = f"text of {source!r} is in it, which may not be redistributed"
                yield _at(at, "release-text-forbidden", first[source], message)
        for path, text in sorted(release.pages.items()):
            if found := EMAIL.search(text):
                line = text.count("\n", 0, found.start()) + 1
                file = f"{release.folder}/{path}"
                yield Finding(code="release-email", file=file, line=line, item=None, message=repr(found[0]))


def datasheet(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each generated block of DATASHEET.md that is not the latest version's."""
    # One cause, one finding: a manifest that is wrong itself is no measure of the datasheet.
    wrong = {finding.file for check in (versions, counts) for finding in check(snapshot)}
    manifests = [
        release.manifest
        for release in snapshot.releases
        if release.manifest is not None and f"{release.folder}/manifest.json" not in wrong
    ]
    latest = max(manifests, key=lambda manifest: _parsed(manifest.version), default=None)
    if snapshot.datasheet is None or latest is None:
        return
    try:
        current = blocks(latest)
    except KeyError:  # a manifest that lacks a config is said to have wrong counts
        return
    for name in stale(snapshot.datasheet, current):
        message = f"the block {name!r} is not that of {latest.version}"
        yield Finding(code="datasheet-stale", file="DATASHEET.md", line=None, item=name, message=message)


def _at(file: str, code: str, where: str | None, message: str) -> Finding:
    return Finding(code=code, file=file, line=None, item=where, message=message)


FILE_CHECKS = (files,)
CHECKS = (versions, counts, splits, private, datasheet)
