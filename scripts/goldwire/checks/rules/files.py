"""L0: which files exist, and whether raw files are the ones that articles were made from."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of, is_expected, kind_of
from goldwire.records import Article, Finding

__all__ = ["changed_raw_files", "missing_files", "unexpected_files"]

FILE_MISSING = Rule(
    code="file-missing",
    level=0,
    severity="error",
    summary="a file that other files depend on is missing",
    why="Labels cannot be checked or used without their schema, guidelines, tasks and sources.",
    fix="Restore it from git, or run the stage that writes it.",
    example="annotations/GUIDELINES.md: L0 file error [file-missing] is missing; it is what the annotators follow",
)


@check(FILE_MISSING)
def missing_files(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each missing file that an existing file depends on."""
    required: dict[str, str] = {}
    for file in snapshot.files:
        if file.startswith(("corpus/raw/", "corpus/articles/")):
            required["corpus/sources.toml"] = "describes the sources of the articles"
        elif file.startswith(("annotations/tasks/", "annotations/layers/")):
            required["annotations/schema.toml"] = "defines the labels of tasks and layers"
            required["annotations/GUIDELINES.md"] = "is what the annotators follow"
        if file.startswith(("annotations/layers/", "annotations/gold/")) and kind_of(file):
            required[f"annotations/tasks/{batch_of(file)}.jsonl"] = "plans a batch that has layers"
    # A workspace in which `dedup` never ran has no clusters: each article is alone.
    if any(entry.record.cluster != entry.record.article_id for entry in snapshot.assignment):
        required["corpus/duplicates.jsonl"] = "holds the clusters that splits/assignment.tsv names"
    existing = frozenset(snapshot.files)
    for file, reason in sorted(required.items()):
        if file not in existing:
            yield FILE_MISSING.finding(file, f"is missing; it {reason}")


FILE_UNEXPECTED = Rule(
    code="file-unexpected",
    level=0,
    severity="warning",
    summary="no stage writes or reads a file with this path",
    why="A stray copy or a half-written file looks like data, but no command uses it.",
    fix="Move it away, or give it a name that its folder expects.",
    example=(
        "annotations/layers/b01/A1 (copy).txt: L0 file warning [file-unexpected] no stage writes or reads a file "
        "with this path"
    ),
)


@check(FILE_UNEXPECTED)
def unexpected_files(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file that does not belong in a workspace."""
    for file in snapshot.files:
        if not is_expected(file):
            yield FILE_UNEXPECTED.finding(file, "no stage writes or reads a file with this path")


RAW_MISSING = Rule(
    code="raw-missing",
    level=0,
    severity="warning",
    summary="the raw file of an article is missing, although its source may be redistributed",
    why="Without the raw bytes, the text cannot be verified.",
    fix="Add the raw file, or set `redistribute = false` for its source in corpus/sources.toml.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L0 file warning [raw-missing] corpus/raw/wire/snow.txt "
        "is missing"
    ),
)
RAW_CHANGED = Rule(
    code="raw-changed",
    level=0,
    severity="error",
    summary="a raw file differs from the one that the article was made from",
    why="The map from text to raw bytes points to other bytes now, and `ingest` would change an annotated text.",
    fix="Restore the raw file from git. A corrected article is a new raw file.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L0 file error [raw-changed] corpus/raw/wire/snow.txt "
        "has SHA-256 268d6b697be7..., the article has 93e0439bf7e5..."
    ),
)


@check(RAW_MISSING, RAW_CHANGED)
def changed_raw_files(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article or rejected record whose raw file is missing or has changed."""
    for entry in snapshot.articles:
        name, origin = entry.record.id, entry.record.origin
        raw = snapshot.raw.get((origin.file, origin.row))
        if raw is not None and raw.sha256 != origin.sha256:
            yield entry.finding(RAW_CHANGED, name, _changed(origin.file, raw.sha256, "article", origin.sha256))
        elif raw is None and origin.file in snapshot.files and _has_readable_rows(snapshot, entry.record):
            yield entry.finding(RAW_CHANGED, name, f"{origin.file} no longer has row {origin.row}")
        elif raw is None and _lacks_file(snapshot, origin.file, entry.record.source):
            yield entry.finding(RAW_MISSING, name, f"{origin.file} is missing")

    for row in snapshot.rejected:
        file, sha256 = row.record.file, row.record.sha256
        raw = snapshot.raw.get((file, row.record.row))
        if sha256 is not msgspec.UNSET and raw is not None and raw.sha256 != sha256:
            yield row.finding(RAW_CHANGED, None, _changed(file, raw.sha256, "rejected record", sha256))
        elif raw is None and _lacks_file(snapshot, file, row.record.source):
            yield row.finding(RAW_MISSING, None, f"{file} is missing")


def _changed(file: str, digest: str, record: str, stated: str) -> str:
    return f"{file} has SHA-256 {digest[:12]}..., the {record} has {stated[:12]}..."


def _lacks_file(snapshot: Snapshot, file: str, source: str) -> bool:
    """Whether a raw file is missing that the workspace should have: those that may not be redistributed may be."""
    described = (snapshot.sources or {}).get(source)
    return file not in snapshot.files and described is not None and described.redistribute


def _has_readable_rows(snapshot: Snapshot, article: Article) -> bool:
    """Whether the raw file of the article has many records whose fields are known."""
    return article.origin.row is not None and article.source in (snapshot.sources or {})
