"""The errors that prevent a release: only those in what the version is made from, unless they are accepted."""

from __future__ import annotations

from datetime import date

from goldwire.checks.release_gate import findings_about, pass_gate
from goldwire.checks.snapshot import Entry, Snapshot, Table
from goldwire.checks.waivers import Waiver
from goldwire.records import AnnotationLayer, Finding
from support import factories

TODAY = date(2026, 1, 2)
GOLD, LAYER = "annotations/gold/b01.jsonl", "annotations/layers/b01/A1.jsonl"
LEAK = Finding(code="near-text-across-splits", file="splits/assignment.tsv", line=3, item="b", message="near a")
CROSSED = Finding(code="span-crosses", file=LAYER, line=1, item="T1", message="crosses")


def layers(file: str, *ids: str) -> Table[AnnotationLayer]:
    records = [factories.layer(factories.article("Ada Ito spoke.", id=id)) for id in ids]
    return Table(tuple(Entry(file, n, record.article_id, record) for n, record in enumerate(records, 1)))


SNAPSHOT = Snapshot(layers=layers(LAYER, "a", "b"), gold=layers(GOLD, "a", "b"))


def about(*findings: Finding, articles: tuple[str, ...] = ("a",), batches: tuple[str, ...] = ("b01",)) -> list[Finding]:
    return list(findings_about(SNAPSHOT, findings, articles, batches))


def error(file: str, line: int | None = None, code: str = "field-type", item: str | None = None) -> Finding:
    return Finding(code=code, file=file, line=line, item=item, message="")


def test_only_records_of_the_versions_articles_and_batches_matter() -> None:
    first, second = error(LAYER, 1), error(LAYER, 2)
    assert about(first, second) == [first]
    assert about(first, second, articles=("a", "b")) == [first, second]
    assert about(first, batches=("b02",)) == []
    unreadable = error(GOLD, 99)  # the line has no record, so its article is unknown
    assert about(unreadable) == [unreadable]


def test_files_that_a_version_is_not_made_from_do_not_matter() -> None:
    for file in (
        "corpus/rejected/wire.jsonl",
        "annotations/tasks/b01.jsonl",
        "splits/v0.0.1/README.md",
        "DATASHEET.md",
    ):
        assert about(error(file)) == []
    for file in ("annotations/schema.toml", "corpus/sources.toml", "annotations/agreement/b01.json"):
        assert about(error(file)) == [error(file)]


def test_an_article_of_an_earlier_version_that_changed_its_split_matters() -> None:
    moved = error("splits/v0.0.1/data/entities/test-00000-of-00001.parquet", code="assignment-changed", item="a")
    assert about(moved) == [moved]
    assert about(moved, articles=("b",)) == []


def test_a_layer_outside_the_plan_does_not_matter() -> None:
    assert about(error(LAYER, 1, "layer-unassigned")) == []


def test_an_error_is_accepted_by_its_code_or_by_a_current_waiver() -> None:
    assert pass_gate([LEAK], [], {}, TODAY).errors == (LEAK,)
    (accepted,) = pass_gate([LEAK, LEAK], [], {LEAK.code: "known"}, TODAY).accepted
    assert (accepted.code, accepted.reason, accepted.n_findings) == (LEAK.code, "known", 2)
    waiver = Waiver(code=LEAK.code, file="splits/*", reason="old", until=TODAY)
    assert [a.reason for a in pass_gate([LEAK], [waiver], {LEAK.code: "known"}, TODAY).accepted] == ["old"]
    assert pass_gate([LEAK], [waiver], {}, date(2026, 1, 3)).errors == (LEAK,)


def test_a_warning_prevents_nothing_but_its_check_is_not_verified() -> None:
    result = pass_gate([error(GOLD, 1, "decision-missing")], [], {}, TODAY)
    assert (result.errors, result.accepted) == ((), ())
    assert "decision-missing" not in result.verified
    assert "near-text-across-splits" in result.verified


def test_after_an_accepted_error_checks_of_higher_levels_are_not_verified() -> None:
    """The layer with the error was hidden from them."""
    verified = pass_gate([CROSSED], [], {CROSSED.code: "known"}, TODAY).verified
    assert "span-text-mismatch" in verified
    assert not verified & {"span-crosses", "decision-missing", "near-text-across-splits"}
    assert "decision-missing" in pass_gate([LEAK], [], {LEAK.code: "known"}, TODAY).verified


def test_checks_that_did_not_run_are_not_verified() -> None:
    verified = pass_gate([], [], {}, TODAY).verified
    assert not verified & {"assignment-rewritten", "release-rewritten", "class-imbalance", "server-task-missing"}
