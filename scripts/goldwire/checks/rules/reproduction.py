"""L2 and L5: extraction and release, run again, give what is stored (`goldwire check --deep`)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import msgspec

from goldwire.checks.check import check
from goldwire.checks.differences import differences, display_value
from goldwire.checks.rule import Rule
from goldwire.checks.rules.release_documents import has_other_findings, wrong_documents
from goldwire.checks.snapshot import Extraction, RebuiltVersion, ReleaseFolder, Snapshot
from goldwire.ingestion.corrections import restore_article
from goldwire.records import Article, Finding, Rejected

__all__ = ["changed_articles", "changed_releases"]

ARTICLE_NOT_REPRODUCED = Rule(
    code="article-not-reproduced",
    level=2,
    severity="warning",
    summary="an article is not what `goldwire ingest` extracts from its raw page",
    why="Somebody changed its text, its date or its address by hand; labels and figures then describe no real page.",
    fix=(
        "Restore the line from git. After an upgrade of goldwire, `goldwire ingest --reextract` extracts it as now; "
        "`goldwire ingest` adds pages that were not there before."
    ),
    example=(
        "corpus/articles/herald.jsonl:1 herald-d4f13fee6ac3: L2 span warning [article-not-reproduced] published is "
        "stored as '2021-03-05', expected '2021-03-04'"
    ),
)
RELEASE_NOT_REPRODUCED = Rule(
    code="release-not-reproduced",
    level=5,
    severity="warning",
    summary="the latest version is not what `goldwire release` makes of the same labels",
    why="Somebody changed it by hand: its sentences and figures are not those of the data.",
    fix=(
        "Restore the version from git. If a setting in pyproject.toml or corpus/sources.toml has changed since, the "
        "next version will have it."
    ),
    example=(
        "splits/v0.0.1/README.md:552: L5 split warning [release-not-reproduced] has 'Decisions on single labels: 30 by "
        "all annotators of the arti...', the workspace gives 'Decisions on single labels: 29 by all annotators of the "
        "arti...'"
    ),
)


@check(ARTICLE_NOT_REPRODUCED)
def changed_articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article and rejection that differs from a new extraction, at the first such field."""
    extraction = snapshot.extraction
    if extraction is None:
        return
    for entry in snapshot.articles:
        article = entry.record
        expected = extraction.articles.get(article.id)
        if (article.origin.file, article.origin.row) not in snapshot.raw:
            continue  # `raw-missing`
        message = "its raw page gives no such article"
        if expected is not None:
            message = _first_difference(restore_article(article), expected)
        if message:
            yield entry.finding(ARTICLE_NOT_REPRODUCED, article.id, message)
    for row in snapshot.rejected:
        again = extraction.rejected.get((row.record.file, row.record.row))
        # Of two copies, another one is the duplicate where they were ingested one after the other.
        if again is not None and "duplicate" not in (again.reason, row.record.reason):
            message = _first_difference(row.record, again)
            if message:
                yield row.finding(ARTICLE_NOT_REPRODUCED, row.record.file, message)
    yield from _removed_records(snapshot, extraction)


def _removed_records(snapshot: Snapshot, extraction: Extraction) -> Iterator[Finding]:
    """Yield a finding for each raw page or row that gives an article or a rejection, and has neither."""
    origins = {(entry.record.origin.file, entry.record.origin.row) for entry in snapshot.articles}
    known = origins | {(row.record.file, row.record.row) for row in snapshot.rejected}
    for article in extraction.articles.values():
        if (article.origin.file, article.origin.row) not in known:
            message = f"{_row_of(article.origin.file, article.origin.row)} gives this article, which is not stored"
            yield ARTICLE_NOT_REPRODUCED.finding(f"corpus/articles/{article.source}.jsonl", message, item=article.id)
    for (file, number), rejected in extraction.rejected.items():
        if (file, number) not in known and rejected.reason != "duplicate":
            message = f"{_row_of(file, number)} is rejected ({rejected.reason}), which is not stored"
            yield ARTICLE_NOT_REPRODUCED.finding(f"corpus/rejected/{rejected.source}.jsonl", message, item=file)


def _row_of(file: str, row: int | None) -> str:
    return file if row is None else f"row {row} of {file}"


def _first_difference(stored: Article | Rejected, expected: Article | Rejected) -> str:
    """Return the first field that differs, in words; empty if none does."""
    return str(next(differences(msgspec.to_builtins(stored), msgspec.to_builtins(expected)), ""))


@check(RELEASE_NOT_REPRODUCED)
def changed_releases(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file of the latest version that differs from what was built again."""
    for release in snapshot.releases:
        rebuilt = snapshot.rebuilt.get(release.folder)
        if rebuilt is None or release.manifest is None or _has_error(snapshot, release):
            continue
        difference = next(differences(_fields(release.manifest), _fields(rebuilt.manifest)), None)
        if difference is not None:
            yield RELEASE_NOT_REPRODUCED.finding(release.path("manifest.json"), str(difference))
        for line, name, stored, expected in _changed_lines(release, rebuilt):
            message = f"has {_shorten(stored, expected)}, the workspace gives {_shorten(expected, stored)}"
            yield RELEASE_NOT_REPRODUCED.finding(release.path(name), message, line=line)


def _has_error(snapshot: Snapshot, release: ReleaseFolder) -> bool:
    """Whether another check finds the release wrong: one cause, one finding."""
    of_release = msgspec.structs.replace(snapshot, releases=(release,))
    return has_other_findings(snapshot, release) or any(True for _ in wrong_documents(of_release))


def _fields(manifest: Any) -> Any:
    """Return the manifest as JSON has it; of its files only the digests of the rows, which other computers share."""
    fields = msgspec.json.decode(msgspec.json.encode(manifest))
    return fields | {"files": {file["path"]: file["content_sha256"] for file in fields["files"] if file["rows"]}}


def _changed_lines(release: ReleaseFolder, rebuilt: RebuiltVersion) -> Iterator[tuple[int | None, str, str, str]]:
    """Yield the line, the document, and the two texts at the first difference of each document."""
    if rebuilt.card_metadata is not None and release.card_metadata is not None:
        difference = next(differences(release.card_metadata, rebuilt.card_metadata), None)
        if difference is not None:
            stored, expected = (display_value(value) for value in (difference.stored, difference.current))
            yield None, "README.md", f"{difference.path} {stored}", f"{difference.path} {expected}"
    for name, text in rebuilt.documents.items():
        lines = zip_longest(release.documents.get(name, "").splitlines(), text.splitlines(), fillvalue="")
        for number, (stored, expected) in enumerate(lines, 1):
            if stored != expected:
                yield number, name, stored, expected
                break


def _shorten(text: str, other: str) -> str:
    """Return a line from a little before its first difference from the other one."""
    same = next((n for n, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, same - 40)
    part = text[start : start + 60]
    return repr(f"{'...' if start else ''}{part}{'...' if len(text) > start + 60 else ''}")
