"""A change of any column of a released row is found, or the column is listed here with the reason."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from goldwire.checks.registry import CHECKS
from goldwire.checks.released_rows import about_article, row_problems
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.snapshot_reader import read_rows, read_snapshot
from goldwire.workspace.layout import find_workspace
from support.field_mutations import changed_value
from support.overlay import TINY

DATA = TINY / "splits" / "v0.0.1"
FILES = sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("train-*.parquet"))
TEXTS = {row["article_id"]: row["text"] for row in pq.read_table(DATA / "data" / "entities").to_pylist()}

_INGESTED_AGAIN = "the article may have been ingested again since, with another value"
_ID = "a name for the row; nothing else has it"
SINCE_REVISION = {
    "entities url": _INGESTED_AGAIN,
    "entities language": _INGESTED_AGAIN,
    "stance inclusion_probability": "null in the tiny workspace: its batch is not a sample",
    "entities inclusion_probability": "null in the tiny workspace: its batch is not a sample",
    "stance_candidates id": _ID,
    "entity_candidates id": _ID,
    "stance id": _ID,
    "annotations guidelines_version": "the version at the time of the annotation; the layer may have another now",
    "annotations schema_version": "the version at the time of the annotation; the layer may have another now",
    "annotations spans.id": _ID,
    "annotations stances.id": _ID,
    "entities spans.id": _ID,
    "annotations batch": "the name of the batch at the time of the release",
    "annotations stances.target_name": "free text where the batch names the targets",
}
"""Columns whose change only `check --changed-since` finds, because released files are immutable."""


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return read_snapshot(find_workspace(TINY, explicit=True))


def paths(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each column that has a value, down to the fields of structs."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = {name: next((v[name] for v in value if v[name] is not None), None) for name in value[0]}
    if isinstance(value, dict):
        for name, each in value.items():
            yield from paths(each, (*path, name))
    else:
        yield path


def places(value: Any, path: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each struct that has the last name of a path, if its value is not empty."""
    if isinstance(value, list):
        for each in value:
            yield from places(each, path)
    elif len(path) > 1:
        yield from places(value[path[0]], path[1:])
    elif value[path[0]] not in (None, []):
        yield value, path[0]


def found(snapshot: Snapshot, file: str, rows: list[dict[str, Any]], columns: list[str]) -> bool:
    (release,) = snapshot.releases
    changed = msgspec.structs.replace(release, rows={**release.rows, file: read_rows(file, rows, columns, TEXTS)})
    codes = ("release-", "assignment-", "version-")
    of_release = [check for check in CHECKS[5] if check.rules[0].code.startswith(codes)]
    return any(list(check(msgspec.structs.replace(snapshot, releases=(changed,)))) for check in of_release)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.split("/")[1])
def test_a_changed_column_is_found_or_listed(file: str, snapshot: Snapshot) -> None:
    config, table = file.split("/")[1], pq.read_table(DATA / file)
    columns = list(dict.fromkeys(path for row in table.to_pylist() for path in paths(row)))
    assert not found(snapshot, file, table.to_pylist(), table.column_names)
    unseen = []
    for path in columns:
        rng, rows = random.Random(f"{config} {path}"), table.to_pylist()
        candidates = list(places(rows, path))
        if candidates:
            holder, name = rng.choice(candidates)
            holder[name] = changed_value(holder[name], rng)
        if not candidates or not found(snapshot, file, rows, table.column_names):
            unseen.append(f"{config} {'.'.join(path)}")
    assert not [column for column in unseen if column not in SINCE_REVISION]


def test_columns_of_other_types_are_a_problem_and_no_crash() -> None:
    row = {"id": "a:T1", "text": "Ada", "spans": [{"id": "T1", "start": "0", "end": None}], "answers": 3}
    assert [item for item, _ in row_problems([row], {})] == ["a:T1"]


def test_an_annotator_with_two_answers_counts_half_for_each() -> None:
    answers = [{"annotator": name, "label": label} for name, label in (("A1", 0), ("A1", 1), ("A2", 0), ("A3", None))]
    row = {"id": "a:C1", "article_id": "a", "answers": answers, "in_gold": True, "gold_label": 0, "n_annotators": 3}
    right = row | {"stance_shares": [1.5 / 3, 0.5 / 3], "none_share": 1 / 3}
    assert not list(row_problems([right], {}))
    assert list(row_problems([right | {"stance_shares": [2 / 3, 0.0]}], {}))


def test_rows_of_a_version_without_text_have_no_problems() -> None:
    for file in FILES:
        rows = pq.read_table(DATA / file).to_pylist()
        for row in rows:
            for name in ("text", "title", "tokens", "surface"):
                row.pop(name, None)
            for name in ("holder", "target"):
                row |= {name: None} if name in row else {}
            for span in row.get("spans") or []:
                span.pop("text")
        assert not list(row_problems(rows, {}))


def test_an_article_has_one_inclusion_probability_in_each_of_the_two_kinds_of_batches():
    entity = {"article_id": "a", "tokens": [], "inclusion_probability": 0.5}
    mention = {"article_id": "a", "target": "Wadoum", "target_start": 3, "inclusion_probability": 0.4}
    named = {"article_id": "a", "target": "the tax", "target_start": None, "inclusion_probability": 0.1}
    assert about_article(entity)["inclusion_probability"] == 0.5
    assert about_article(mention)["inclusion_probability"] == 0.4
    assert "inclusion_probability" not in about_article(named)
    assert about_article(named)["inclusion_probability of named targets"] == 0.1
