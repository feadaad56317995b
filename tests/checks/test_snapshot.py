"""Snapshots: hidden records, complete tables, batches with named targets."""

from __future__ import annotations

from goldwire.checks.snapshot import Entry, ReleaseFolder, Snapshot, Table
from goldwire.records import Duplicates, Finding

CLUSTERS = Table(
    tuple(
        Entry("corpus/duplicates.jsonl", line, key, Duplicates(cluster=key, article_ids=(key,), pairs=()))
        for line, key in enumerate("abc", 1)
    )
)


def test_a_hidden_record_keeps_its_key() -> None:
    hidden = CLUSTERS.without(frozenset({("corpus/duplicates.jsonl", 2)}))
    assert [entry.key for entry in hidden] == ["a", "c"]
    assert hidden.keys() == {"a", "b", "c"}
    assert (CLUSTERS.is_complete, hidden.is_complete) == (True, False)


def test_a_finding_about_a_file_hides_all_its_records() -> None:
    finding = Finding(code="file-bom", file="corpus/duplicates.jsonl", message="")
    snapshot = Snapshot(duplicates=CLUSTERS).without([finding])
    assert snapshot.duplicates.entries == ()
    assert snapshot.duplicates.keys() == {"a", "b", "c"}


def test_a_table_without_hidden_records_stays_the_same_object() -> None:
    assert CLUSTERS.without(frozenset({("corpus/other.jsonl", 1)})) is CLUSTERS


def test_a_table_with_unreadable_rows_has_unknown_keys() -> None:
    table = Table(CLUSTERS.entries, has_unreadable_rows=True)
    assert table.keys() is None
    assert not table.is_complete


def test_hidden_files_of_a_release_are_not_read() -> None:
    release = ReleaseFolder("splits/v0.1.0", None, {}, card_metadata={}, documents={"README.md": "", "NOTES.md": ""})
    hidden = release.without(frozenset({("splits/v0.1.0/README.md", None)}))
    assert (hidden.card_metadata, list(hidden.documents)) == (None, ["NOTES.md"])
    assert release.version_name == "v0.1.0"
