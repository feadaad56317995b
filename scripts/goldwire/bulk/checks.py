"""Checks of a corpus in Parquet: each part by itself, then the clusters over all parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec
import polars as pl

from goldwire.bulk.article_table import read_articles
from goldwire.bulk.parts import row_groups
from goldwire.bulk.runner import Result, key_of
from goldwire.bulk.segments import Segments, read_segments
from goldwire.bulk.splits import ASSIGNED, PLACED, SPLIT_NAMES
from goldwire.bulk.store import Store, open_store
from goldwire.checks.rules.content import unclean_texts
from goldwire.checks.rules.corpus import broken_origins
from goldwire.checks.rules.format import malformed_articles
from goldwire.checks.rules.splits import CLUSTER_ACROSS_SPLITS
from goldwire.checks.rules.text import forbidden_characters
from goldwire.checks.snapshot import Entry, Snapshot, Table
from goldwire.records import HELD_OUT, Article, Finding

__all__ = ["CheckTask", "LeakTask", "check_part", "find_leaks", "read_findings"]

_CHECKS = (malformed_articles, forbidden_characters, broken_origins, unclean_texts)
_LISTED = 100  # findings per code and task; all are counted


class CheckTask(msgspec.Struct, frozen=True):
    """The argument of `check_part`: a part of articles."""

    out: str
    part: str


class LeakTask(msgspec.Struct, frozen=True):
    """The argument of `find_leaks`: segments of clusters, of the scans of all parts."""

    out: str
    segments: Segments
    scans: tuple[str, ...]


def check_part(task: CheckTask) -> Result:
    """Check the articles of a part; the line of a finding is the row, from 1."""
    store = open_store(task.out)
    findings: list[Finding] = []
    counts = Counter[str]()
    n_rows = 0
    for group in row_groups(store, task.part):
        entries = [
            Entry[Article](task.part, row, article.id, article)
            for row, article in enumerate(read_articles(group), n_rows + 1)
        ]
        n_rows += len(entries)
        snapshot = Snapshot(articles=Table(tuple(entries)))
        for check in _CHECKS:
            _collect(check(snapshot), findings, counts)
    return _store_findings(store, findings, counts)


def find_leaks(task: LeakTask) -> Result:
    """Find clusters with articles in two splits.

    Those that a held-out article joins are not reported: without it they are not near-duplicates.
    """
    store = open_store(task.out)
    scans = read_segments(store, task.scans, task.segments, PLACED)
    found = scans.group_by("cluster").agg(pl.col("split").unique().sort()).sort("cluster")
    findings: list[Finding] = []
    counts = Counter[str]()
    leaks = (
        CLUSTER_ACROSS_SPLITS.finding(
            ASSIGNED,
            f"its articles are in {' and '.join(SPLIT_NAMES[split] for split in splits)}",
            item=f"{cluster:016x}",
        )
        for cluster, splits in found.iter_rows()
        if len(splits) > 1 and SPLIT_NAMES.index(HELD_OUT) not in splits
    )
    _collect(leaks, findings, counts)
    return _store_findings(store, findings, counts)


def _collect(found: Iterator[Finding], findings: list[Finding], counts: Counter[str]) -> None:
    """Count findings, and list the first of each code."""
    for finding in found:
        counts[finding.code] += 1
        if counts[finding.code] <= _LISTED:
            findings.append(finding)


def _store_findings(store: Store, findings: list[Finding], counts: Counter[str]) -> Result:
    """Store the listed findings, if there are any."""
    if not findings:
        return Result()
    path = f"findings/{key_of(findings)}.jsonl"
    store.put(path, msgspec.json.Encoder().encode_lines(findings))
    return Result((path,), dict(counts))


def read_findings(store: Store, path: str) -> list[Finding]:
    """Return the findings that a task stored."""
    return msgspec.json.Decoder(Finding).decode_lines(store.read(path))
