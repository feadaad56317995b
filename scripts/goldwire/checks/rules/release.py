"""L0 and L5: released versions match their manifests, cards and splits, and contain nothing private."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeGuard

from goldwire.checks.check import check
from goldwire.checks.released_labels import CONFIGS_WITH_LABELS, count_labels
from goldwire.checks.rule import Rule
from goldwire.checks.rules.content import EMAIL
from goldwire.checks.rules.splits import VERSION_MALFORMED
from goldwire.checks.snapshot import ReleaseFolder, Snapshot
from goldwire.errors import GoldwireError
from goldwire.quantities import quantity
from goldwire.records import Finding, is_pseudonym
from goldwire.release.datasheet import blocks, stale
from goldwire.workspace.versions import parse

__all__ = [
    "changed_release_files",
    "mismatched_versions",
    "private_content",
    "reassigned_articles",
    "stale_datasheet",
    "wrong_counts",
]

RELEASE_FILE_MISSING = Rule(
    code="release-file-missing",
    level=0,
    severity="error",
    summary="a file in the manifest of a release is missing",
    why="The released version cannot be loaded as it was published.",
    fix="Restore it from git: a released version never changes.",
    example=(
        "splits/v0.0.1/data/stance/test-00000-of-00001.parquet: L0 file error [release-file-missing] is in the "
        "manifest, but not on disk"
    ),
)
RELEASE_FILE_CHANGED = Rule(
    code="release-file-changed",
    level=0,
    severity="error",
    summary="a released file differs from its digest in the manifest",
    why="Two people who load the same version would train on different data.",
    fix="Restore it from git, and release the change as a new version.",
    example=(
        "splits/v0.0.1/images/dates.svg: L0 file error [release-file-changed] has SHA-256 6ddc6849b528..., the "
        "manifest has e7d108093a07..."
    ),
)
RELEASE_FILE_UNEXPECTED = Rule(
    code="release-file-unexpected",
    level=0,
    severity="error",
    summary="a file in the folder of a release is not in its manifest",
    why="It would be loaded or published with the version although nothing has checked it.",
    fix="Move it out of the folder.",
    example="splits/v0.0.1/notes.txt: L0 file error [release-file-unexpected] is not in the manifest",
)


@check(RELEASE_FILE_MISSING, RELEASE_FILE_CHANGED, RELEASE_FILE_UNEXPECTED)
def changed_release_files(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file of a release that is missing, changed, or not in the manifest."""
    for release in snapshot.releases:
        if "manifest.json" not in release.files:
            yield RELEASE_FILE_MISSING.finding(release.path("manifest.json"), "a release needs a manifest")
        if release.manifest is None:
            continue
        listed = {file.path: file for file in release.manifest.files}
        for path, file in sorted(listed.items()):
            digest = release.files.get(path)
            if digest is None:
                yield RELEASE_FILE_MISSING.finding(release.path(path), "is in the manifest, but not on disk")
            elif digest.sha256 != file.sha256:
                message = f"has SHA-256 {digest.sha256[:12]}..., the manifest has {file.sha256[:12]}..."
                yield RELEASE_FILE_CHANGED.finding(release.path(path), message)
            elif digest.bytes != file.bytes:
                message = f"has {digest.bytes} bytes, the manifest has {file.bytes}"
                yield RELEASE_FILE_CHANGED.finding(release.path(path), message)
        for path in sorted(set(release.files) - set(listed) - {"manifest.json"}):
            yield RELEASE_FILE_UNEXPECTED.finding(release.path(path), "is not in the manifest")


RELEASE_VERSION_MISMATCH = Rule(
    code="release-version-mismatch",
    level=5,
    severity="error",
    summary="the folder and the manifest of a release have different versions",
    why="Whoever asks for one version gets another.",
    fix="Restore the folder from git; a copy is not a release.",
    example=(
        "splits/v0.0.1/manifest.json: L5 split error [release-version-mismatch] the manifest has '0.0.2', the "
        "folder 'v0.0.1'"
    ),
)


@check(RELEASE_VERSION_MISMATCH, VERSION_MALFORMED)
def mismatched_versions(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each release whose folder name is not its version."""
    for release in snapshot.releases:
        name = release.version_name
        if _version(name) is None:
            yield VERSION_MALFORMED.finding(release.folder, f"{name!r}, expected a version like v1.2.3")
        elif release.manifest is not None and f"v{release.manifest.version}" != name:
            message = f"the manifest has {release.manifest.version!r}, the folder {name!r}"
            yield RELEASE_VERSION_MISMATCH.finding(release.path("manifest.json"), message)


RELEASE_COUNTS_WRONG = Rule(
    code="release-counts-wrong",
    level=5,
    severity="error",
    summary="the numbers of rows in a release differ from its manifest",
    why="Papers quote the numbers of the manifest.",
    fix="Restore the release from git.",
    example=(
        "splits/v0.0.1/manifest.json train: L5 split error [release-counts-wrong] train has 2 articles in the "
        "manifest, 1 in data/entities/train-00000-of-00001.parquet"
    ),
)
RELEASE_CARD_STALE = Rule(
    code="release-card-stale",
    level=5,
    severity="error",
    summary="a dataset card has other numbers than the data, or another heading",
    why="`load_dataset` refuses data that contradict the numbers of the card, and readers quote them.",
    fix="Restore the card from git, or release the change as a new version.",
    example="splits/v0.0.1/README.md: L5 split error [release-card-stale] has no heading `# tiny 0.0.1`",
)


@check(RELEASE_COUNTS_WRONG, RELEASE_CARD_STALE)
def wrong_counts(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each number of rows in the manifest or the card that differs from the data."""
    for release in snapshot.releases:
        for file in release.manifest.files if release.manifest else ():
            rows = release.rows.get(file.path)
            if rows is not None and file.rows is not None and rows.count != file.rows:
                message = f"{quantity(rows.count, 'row')}, the manifest has {file.rows}"
                yield RELEASE_COUNTS_WRONG.finding(release.path(file.path), message)
        for path, split, ids in _released_articles(release):
            expected = release.manifest.articles.get(split) if release.manifest else None
            if expected is not None and expected != len(ids):
                message = f"{split} has {quantity(expected, 'article')} in the manifest, {len(ids)} in {path}"
                yield RELEASE_COUNTS_WRONG.finding(release.path("manifest.json"), message, item=split)
        for config, count in _label_totals(release).items():
            total = sum(release.manifest.labels.get(config, {}).values()) if release.manifest else count
            if total != count:
                message = f"{config} has {quantity(total, 'label')} in the manifest, {count} in its files"
                yield RELEASE_COUNTS_WRONG.finding(release.path("manifest.json"), message, item=config)
        for message, item in _card_problems(release):
            yield RELEASE_CARD_STALE.finding(release.path("README.md"), message, item=item)


def _label_totals(release: ReleaseFolder) -> dict[str, int]:
    """Return the number of labels of each config of which all files could be read."""
    totals: dict[str, int] = {}
    unread: set[str] = set()
    for file in release.manifest.files if release.manifest else ():
        config = file.path.split("/")[1] if file.path.startswith("data/") else ""
        rows = release.rows.get(file.path)
        if rows is None or len(rows.labels) != rows.count:
            unread.add(config)
        elif config in CONFIGS_WITH_LABELS:
            totals[config] = totals.get(config, 0) + sum(map(count_labels, rows.labels))
    return {config: count for config, count in totals.items() if config not in unread}


def _card_problems(release: ReleaseFolder) -> Iterator[tuple[str, str | None]]:
    """Yield a message and the config and split that it is about."""
    card = release.documents.get("README.md")
    if release.manifest is not None and card is not None:
        heading = f"# {release.manifest.name} {release.version_name.removeprefix('v')}"
        if f"\n{heading}\n" not in f"\n{card}":
            yield f"has no heading `{heading}`", None
    infos = (release.card_metadata or {}).get("dataset_info")
    for info in filter(_is_table, infos if isinstance(infos, list) else [infos]):
        splits = info.get("splits")
        for split in filter(_is_table, splits if isinstance(splits, list) else []):
            if "name" not in split:
                continue
            config, name = info.get("config_name"), split["name"]
            shards = {path: rows.count for path, rows in release.rows.items() if _is_shard(path, config, name)}
            count = sum(shards.values())
            if shards and split.get("num_examples", count) != count:
                where = f"{min(shards)} has" if len(shards) == 1 else f"its {quantity(len(shards), 'file')} have"
                yield f"{quantity(split['num_examples'], 'row')}, {where} {count}", f"{config} {name}"


def _is_shard(path: str, config: Any, split: Any) -> bool:
    """Whether a path such as data/entities/train-00000-of-00001.parquet is that of a config's split."""
    return re.fullmatch(rf"data/{re.escape(str(config))}/{re.escape(str(split))}-\d+-of-\d+\.parquet", path) is not None


def _is_table(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


ASSIGNMENT_CHANGED = Rule(
    code="assignment-changed",
    level=5,
    severity="error",
    summary="a released article is now in another split",
    why="Models trained on the released version would be tested on articles that they have seen.",
    fix="Restore splits/assignment.tsv from git: an article keeps its split forever.",
    example=(
        "splits/v0.0.1/data/entities/test-00000-of-00001.parquet wire-dcd79e4eb66e: L5 split error "
        "[assignment-changed] released in test, now assigned to train"
    ),
)
VERSION_NOT_INCREASED = Rule(
    code="version-not-increased",
    level=5,
    severity="error",
    summary="an article is in an earlier release than the version that it joined",
    why="A released version was overwritten, or a later release has a lower number.",
    fix="Release the change as the next version.",
    example=(
        "splits/v0.0.1/data/entities/test-00000-of-00001.parquet wire-dcd79e4eb66e: L5 split error "
        "[version-not-increased] joined in 0.1.0, which is later than this version"
    ),
)


@check(ASSIGNMENT_CHANGED, VERSION_NOT_INCREASED)
def reassigned_articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each released article that is now in another split, or joined a later version."""
    rows = {entry.record.article_id: entry.record for entry in reversed(snapshot.assignment.entries)}
    assigned = snapshot.assignment.keys()
    for release in snapshot.releases:
        version = _version(release.version_name)
        for path, split, ids in _released_articles(release):
            file = release.path(path)
            for id in ids:
                row = rows.get(id)
                if row is None:
                    if assigned is not None and id not in assigned:
                        message = f"released in {split}, no longer in splits/assignment.tsv"
                        yield ASSIGNMENT_CHANGED.finding(file, message, item=id)
                elif row.split != split:
                    message = f"released in {split}, now assigned to {row.split}"
                    yield ASSIGNMENT_CHANGED.finding(file, message, item=id)
                elif version is not None and (_version(row.since_version) or (0, 0, 0)) > version:
                    message = f"joined in {row.since_version}, which is later than this version"
                    yield VERSION_NOT_INCREASED.finding(file, message, item=id)


def _released_articles(release: ReleaseFolder) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield path, split and article ids of each file of the config `entities`."""
    for path, rows in sorted(release.rows.items()):
        if path.startswith("data/entities/") and rows.articles is not None:
            # data/entities/train-00000-of-00001.parquet
            yield path, path.rpartition("/")[2].partition("-")[0], rows.articles


def _version(name: str) -> tuple[int, int, int] | None:
    try:
        return parse(name)
    except GoldwireError:
        return None


RELEASE_REAL_NAME = Rule(
    code="release-real-name",
    level=5,
    severity="error",
    summary="a release contains an annotator who is not a pseudonym",
    why="A published name cannot be withdrawn.",
    fix="Give the annotator a pseudonym in the layers and release a new version; withdraw this one.",
    example=(
        "splits/v0.0.1/data/annotations/test-00000-of-00001.parquet Ilsa Vernock: L5 split error "
        "[release-real-name] 'Ilsa Vernock' is not a pseudonym like A1"
    ),
)
RELEASE_EMAIL = Rule(
    code="release-email",
    level=5,
    severity="error",
    summary="a released document contains an e-mail address",
    why="A published address cannot be withdrawn.",
    fix="Remove it before publication; give the repository as contact.",
    example="splits/v0.0.1/README.md:401: L5 split error [release-email] contains 'desk@nowhere.example'",
)
RELEASE_TEXT_FORBIDDEN = Rule(
    code="release-text-forbidden",
    level=5,
    severity="error",
    summary="a release contains text of a source that must not be redistributed",
    why="It breaches the licence of the source.",
    fix=(
        "Run `goldwire release`, which now leaves the text out (`goldwire hydrate` restores it); remove this version "
        "if it was never published."
    ),
    example=(
        "splits/v0.0.1/data/entities/train-00000-of-00001.parquet herald-f00daee13d10: L5 split error "
        "[release-text-forbidden] contains text of the source 'herald', which must not be redistributed"
    ),
)


@check(RELEASE_REAL_NAME, RELEASE_EMAIL, RELEASE_TEXT_FORBIDDEN)
def private_content(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each name, e-mail address and text that a release must not contain."""
    forbidden = {name for name, source in (snapshot.sources or {}).items() if not source.redistribute}
    source_of = {entry.record.id: entry.record.source for entry in snapshot.articles}
    for release in snapshot.releases:
        for path, rows in sorted(release.rows.items()):
            for annotator in sorted(rows.annotators or ()):
                if not is_pseudonym(annotator):
                    message = f"{annotator!r} is not a pseudonym like A1"
                    yield RELEASE_REAL_NAME.finding(release.path(path), message, item=annotator)
            if release.manifest is not None and release.manifest.full_text_reason is not None:
                continue  # somebody has stated why, and `goldwire publish` refuses the version
            first: dict[str, str] = {}
            for id in rows.articles_with_text or ():
                first.setdefault(source_of.get(id, id.rpartition("-")[0]), id)
            for source in sorted(first.keys() & forbidden):
                message = f"contains text of the source {source!r}, which must not be redistributed"
                yield RELEASE_TEXT_FORBIDDEN.finding(release.path(path), message, item=first[source])
        for path, text in sorted(release.documents.items()):
            if match := EMAIL.search(text):
                line = text.count("\n", 0, match.start()) + 1
                yield RELEASE_EMAIL.finding(release.path(path), f"contains {match[0]!r}", line=line)


DATASHEET_STALE = Rule(
    code="datasheet-stale",
    level=5,
    severity="error",
    summary="a generated block of DATASHEET.md does not describe the latest version",
    why="Readers take the numbers of another version for those of the data.",
    fix="Run `goldwire release` again, which updates the blocks.",
    example=(
        "DATASHEET.md version: L5 split error [datasheet-stale] the block 'version' does not describe version 0.0.1"
    ),
)


@check(DATASHEET_STALE)
def stale_datasheet(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each generated block of DATASHEET.md that is not the latest version's."""
    # One cause, one finding: a wrong manifest does not make the datasheet wrong.
    wrong = {finding.file for check in (mismatched_versions, wrong_counts) for finding in check(snapshot)}
    manifests = [
        release.manifest
        for release in snapshot.releases
        if release.manifest is not None and release.path("manifest.json") not in wrong
    ]
    latest = max(manifests, key=lambda manifest: _version(manifest.version) or (0, 0, 0), default=None)
    if snapshot.datasheet is None or latest is None:
        return
    try:
        current = blocks(latest)
    except KeyError:  # a manifest that lacks a config has a finding of its own
        return
    for name in stale(snapshot.datasheet, current):
        message = f"the block {name!r} does not describe version {latest.version}"
        yield DATASHEET_STALE.finding("DATASHEET.md", message, item=name)
