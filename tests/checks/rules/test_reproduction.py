"""Records of the corpus that were taken away, where a new extraction gives them."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.checks.rules.reproduction import changed_articles
from goldwire.checks.snapshot import Extraction, Snapshot, Table
from goldwire.checks.snapshot_reader import read_snapshot
from goldwire.records import Rejected
from goldwire.workspace.layout import find_workspace
from support.overlay import TINY

REJECTED = Rejected(
    source="wire", file="corpus/raw/wire/brief.txt", row=None, reason="too-short", detail="2 words", sha256="0" * 64
)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """The tiny workspace as if it had been extracted again, with one rejection more."""
    snapshot = read_snapshot(find_workspace(TINY, explicit=True))
    articles = {entry.record.id: entry.record for entry in snapshot.articles}
    return msgspec.structs.replace(snapshot, extraction=Extraction(articles, {}))


def with_rejection(snapshot: Snapshot, reason: str) -> Snapshot:
    rejected = msgspec.structs.replace(REJECTED, reason=reason)
    extraction = msgspec.structs.replace(snapshot.extraction, rejected={(rejected.file, rejected.row): rejected})
    return msgspec.structs.replace(snapshot, extraction=extraction)


def test_an_article_that_was_taken_away_is_found(snapshot: Snapshot) -> None:
    first, *others = snapshot.articles
    assert not list(changed_articles(snapshot))
    (finding,) = changed_articles(msgspec.structs.replace(snapshot, articles=Table(tuple(others))))
    assert (finding.code, finding.item) == ("article-not-reproduced", first.record.id)
    assert finding.message.startswith(first.record.origin.file if first.record.origin.row is None else "row ")


def test_a_rejection_that_was_taken_away_is_found_unless_the_page_is_a_copy(snapshot: Snapshot) -> None:
    """Which of two copies is rejected depends on which was ingested first."""
    (finding,) = changed_articles(with_rejection(snapshot, "too-short"))
    assert (finding.file, finding.item) == ("corpus/rejected/wire.jsonl", "corpus/raw/wire/brief.txt")
    assert not list(changed_articles(with_rejection(snapshot, "duplicate")))
