"""Parsing files from bytes: unreadable parts become findings, and keys are recovered where possible."""

from __future__ import annotations

import pytest

from goldwire.checks.document_parsing import parse_agreement, parse_assignment, parse_label_schema, parse_sources
from goldwire.checks.file_bytes import inspect_bytes
from goldwire.checks.parsing import parse_records
from goldwire.checks.workspace_files import kind_of
from goldwire.records import Finding

CLUSTERS = "corpus/duplicates.jsonl"
CLUSTER = b'{"cluster":"a","article_ids":["a","b"],"pairs":[]}'
ASSIGNMENT = "splits/assignment.tsv"
HEADER = b"article_id\tcluster\tsplit\tsince_version\n"


def summary(findings: list[Finding]) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.line) for finding in findings]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"clean\n", []),
        (b"\xef\xbb\xbfmark\n", [("file-bom", 1)]),
        (b"one\ntwo\r\n", [("file-crlf", 2)]),
        (b"one\ncaf\xe9\n", [("file-not-utf8", 2)]),
        (b"one\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n", [("merge-conflict", 2)]),
        (b"# Heading\n=======\n", []),
    ],
)
def test_inspect_bytes_reports_encoding_line_ends_and_conflicts(data: bytes, expected: list[tuple[str, int]]) -> None:
    assert summary(list(inspect_bytes("file.md", data))) == expected


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (b'{"cluster":"x"', "json-broken", "input data was truncated"),
        (b'{"cluster":"x"}', "field-missing", "missing field `article_ids`"),
        (b'{"cluster":"x","article_ids":[],"pairs":[],"n":1}', "field-unknown", "unknown field `n`"),
        (
            b'{"cluster":"x","article_ids":[1],"pairs":[]}',
            "field-type",
            "expected `str`, got `int` in `article_ids[0]`",
        ),
        (CLUSTER.replace(b'"pairs"', b'"pairs":[],"pairs"'), "field-repeated", "the field 'pairs' occurs twice"),
    ],
)
def test_a_line_that_is_not_a_record_is_a_finding(line: bytes, code: str, message: str) -> None:
    kind = kind_of(CLUSTERS)
    assert kind is not None
    _, findings = parse_records(CLUSTERS, CLUSTER + b"\n" + line + b"\n", kind)
    assert summary(findings) == [(code, 2)]
    assert findings[0].message.startswith(message)


def test_the_key_of_a_broken_line_is_hidden_if_it_can_be_recovered() -> None:
    kind = kind_of(CLUSTERS)
    assert kind is not None
    table, _ = parse_records(CLUSTERS, CLUSTER + b'\n{"cluster":"c","article_ids":', kind)
    assert (table.hidden_keys, table.has_unreadable_rows, table.keys()) == ({"c"}, False, {"a", "c"})
    table, _ = parse_records(CLUSTERS, CLUSTER + b"\n{\n", kind)
    assert (table.hidden_keys, table.has_unreadable_rows, table.keys()) == (frozenset(), True, None)


def test_a_file_that_is_not_canonical_is_one_finding() -> None:
    kind = kind_of(CLUSTERS)
    assert kind is not None
    for data in (CLUSTER, CLUSTER + b"\n\n", CLUSTER.replace(b":", b": ") + b"\n"):
        table, findings = parse_records(CLUSTERS, data, kind)
        assert len(table.entries) == 1
        assert [finding.code for finding in findings] == ["file-not-canonical"]


def test_assignment_rows_are_parsed_and_wrong_rows_are_hidden() -> None:
    rows = b"a\ta\ttrain\t0.0.1\nb\tb\tdev\t0.0.1\nc\tc\n"
    table, findings = parse_assignment(ASSIGNMENT, HEADER + rows)
    assert [entry.record.article_id for entry in table] == ["a"]
    assert table.hidden_keys == {"b", "c"}
    assert summary(findings) == [("field-type", 3), ("field-missing", 4)]


def test_an_assignment_with_another_header_has_unreadable_rows() -> None:
    table, findings = parse_assignment(ASSIGNMENT, b"article\tsplit\na\ttrain\n")
    assert table.has_unreadable_rows
    assert summary(findings) == [("field-missing", 1)]


@pytest.mark.parametrize("data", [HEADER, HEADER.rstrip(b"\n")])
def test_an_assignment_without_rows_is_empty(data: bytes) -> None:
    table, findings = parse_assignment(ASSIGNMENT, data)
    assert (table.entries, findings) == ((), [])


def test_invalid_documents_are_findings_and_not_errors() -> None:
    broken = parse_sources("corpus/sources.toml", b"[wire")
    assert isinstance(broken, Finding)
    assert broken.code == "toml-broken"
    schema = parse_label_schema("annotations/schema.toml", b'version = "1.0"\nvoice = 1\n')
    assert isinstance(schema, Finding)
    assert schema.code == "schema-invalid"
    agreement = parse_agreement("annotations/agreement/b01.json", b"[]")
    assert isinstance(agreement, Finding)
    assert agreement.code == "field-type"
    assert parse_sources("corpus/sources.toml", b"\xff") is None
