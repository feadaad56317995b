"""The audit of Parquet files in tasks: what the audit of local files finds, on a disk and in an object store."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("obstore", reason="obstore is not installed (the extra `scale`)")

from goldwire.audit import Columns
from goldwire.bulk.store import open_store
from goldwire.checks.report import CheckReport, Options
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.parallel.tasks import ProcessTasks
from goldwire.stages import audit, bulk_audit
from support.forked_commands import ForkedCommands
from support.ray_clusters import killed_workers
from support.stories import edited, story

POOL = ProcessTasks(1)  # tasks run in this process
FILES = ("train/00.parquet", "train/01.parquet", "validation/00.parquet", "test/00.parquet")


def rows_of(numbers: range, edits: float = 0.0) -> Iterator[dict[str, object]]:
    """Rows of stories by number, those above 1,000 copies of the first."""
    rng = random.Random(numbers.start)
    for number in numbers:
        words = edited(story(number % 1000), edits, number) if edits else story(number % 1000)
        label = rng.choice(["for", "against"])
        yield {"id": f"n{number}", "text": " ".join(words).capitalize() + ".", "label": label, "outlet": number // 10}


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=64)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A dataset of four files with 6 copies, 5 edited copies and 2 shared groups between splits, and bad rows."""
    folder = tmp_path / "data"
    names = [folder / name for name in FILES]
    first = list(rows_of(range(100)))
    second = [
        *rows_of(range(100, 200)),
        *(first[3:6]),
        {**first[30], "id": "n30b", "text": "\u202e" + str(first[30]["text"])},
    ]
    write(names[0], first)
    write(names[1], [*second, {"id": "empty", "text": " ", "label": "for", "outlet": 19}])
    write(names[2], [*rows_of(range(1005, 1010)), *rows_of(range(300, 350))])
    write(names[3], [*rows_of(range(1200, 1206)), *rows_of(range(1000, 1005), 0.03), *rows_of(range(400, 440))])
    write(names[3], [*pq.read_table(names[3]).to_pylist(), *first[20:26]])
    return folder


def in_tasks(url: str, out: Path | None = None, columns: Columns | None = None) -> CheckReport:
    return bulk_audit.run(url, pool=POOL, out=None if out is None else str(out), columns=columns)


def totals(report: CheckReport) -> dict[tuple[str, str | None], int]:
    """The number of listed findings by code and item, and of the others by code."""
    found: dict[tuple[str, str | None], int] = {}
    for finding in report.findings:
        item = finding.item if "-across-splits" in finding.code else None
        found[finding.code, item] = found.get((finding.code, item), 0) + 1
    for code, count in report.unlisted.items():
        found[code, None] = found.get((code, None), 0) + count
    return found


def test_findings_are_those_of_the_audit_of_local_files(data: Path) -> None:
    columns = Columns(group="outlet")
    local = audit.run(data, columns=Columns(group="outlet"))
    found = in_tasks(str(data), columns=columns)
    assert totals(found) == totals(local)
    assert {code for code, _ in totals(found)} >= {
        *("text-across-splits", "near-text-across-splits", "group-across-splits", "row-repeated"),
        *("text-bidi-control", "text-empty"),
    }
    assert found.conclusion == local.conclusion
    assert exact_leaks(found) == exact_leaks(local)


def exact_leaks(report: CheckReport) -> dict[tuple[str, int | None], str]:
    found = [finding for finding in report.findings if finding.code == "text-across-splits"]
    return {(finding.file, finding.line): finding.message for finding in found}


def test_a_repeated_audit_does_only_what_is_new(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = in_tasks(str(data), out)
    store = open_store(out)
    before = {file.path: file.version for file in store.files() if "/manifest/" not in file.path}
    assert in_tasks(str(data), out) == first
    after = {file.path: file.version for file in store.files() if "/manifest/" not in file.path}
    assert any("/articles/" in path for path in before)
    assert after == before
    write(data / FILES[2], list(rows_of(range(300, 350))))
    changed = in_tasks(str(data), out)
    assert {item for code, item in totals(changed) if code == "text-across-splits"} == {"train test"}
    assert changed == in_tasks(str(data))
    without = bulk_audit.run(str(data), pool=POOL, out=str(out), near_duplicates=False)
    assert "near-text-across-splits" in {code for code, _ in totals(changed)} - {code for code, _ in totals(without)}


def test_a_file_that_is_added_costs_its_own_audit(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    in_tasks(str(data), out)
    store = open_store(out)
    before = {file.path: file.version for file in store.files() if "/articles/" in file.path}
    write(data / "train/02.parquet", list(rows_of(range(500, 520))))
    added = in_tasks(str(data), out)
    after = {file.path: file.version for file in store.files() if "/articles/" in file.path}
    assert len(before) == len(FILES)
    assert before.items() < after.items()
    assert added == in_tasks(str(data))


def test_a_split_column_counts_where_names_state_no_split(tmp_path: Path) -> None:
    rows = [{**row, "split": "test" if number % 5 == 0 else "train"} for number, row in enumerate(rows_of(range(80)))]
    write(tmp_path / "data/a.parquet", rows[:40])
    write(tmp_path / "data/b.parquet", [*rows[40:], {**rows[0], "split": "train", "id": "again"}])
    found = in_tasks(str(tmp_path / "data"))
    assert totals(found) == {("text-across-splits", "train test"): 1}
    assert "1 of its 16 texts are in train too; this one at b.parquet:41" in found.findings[0].message


def test_a_broken_file_is_a_finding_beside_others_and_an_error_alone(data: Path, tmp_path: Path) -> None:
    (data / FILES[2]).write_bytes(b"PAR1 broken")
    found = in_tasks(str(data))
    assert ("data-file-unreadable", FILES[2]) in {(one.code, one.file) for one in found.findings}
    assert {item for code, item in totals(found) if code == "text-across-splits"} == {"train test"}
    alone = tmp_path / "alone/train.parquet"
    alone.parent.mkdir()
    alone.write_bytes(b"PAR1 broken")
    with pytest.raises(DataError, match="not a Parquet file"):
        in_tasks(str(alone.parent))


def test_no_files_no_texts_and_unknown_codes_are_errors(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="no Parquet files"):
        in_tasks(str(tmp_path))
    write(tmp_path / "numbers.parquet", [{"number": number} for number in range(9)])
    with pytest.raises(ConfigError, match="no column of texts"):
        in_tasks(str(tmp_path))
    with pytest.raises(ConfigError, match="nothing"):
        bulk_audit.run(str(tmp_path), pool=POOL, options=Options(select=("nothing",)))


def test_the_command_audits_an_object_store(tmp_path: Path, object_storage: str) -> None:
    rows = [{**row, "split": "test" if number % 5 == 0 else "train"} for number, row in enumerate(rows_of(range(80)))]
    write(tmp_path / "a.parquet", [*rows, {**rows[0], "split": "train", "id": "again"}])
    url = f"{object_storage}/{uuid4()}"
    open_store(url).put("data/a.parquet", tmp_path / "a.parquet")  # one file: its tasks need no other process
    with ForkedCommands() as goldwire:
        done = goldwire.run(["audit", f"{url}/data", "--out", f"{url}/out"], folder=tmp_path)
        assert done.exit_code == 1, done.stderr
        assert "test/train leak: 1 of 16 texts (6%)" in done.stdout
        assert f"{url}/data/a.parquet:1" in done.stdout
        refused = goldwire.run(["audit", str(tmp_path), "--out", "out"], folder=tmp_path)
    assert refused.exit_code == 2
    assert "need --engine" in refused.stderr


@pytest.mark.timeout(600)
def test_a_cluster_whose_workers_are_killed_finds_the_same_on_object_storage(
    data: Path, tmp_path: Path, object_storage: str, ray_cluster: Any
) -> None:
    url = f"{object_storage}/{uuid4()}"
    store = open_store(url)
    for name in FILES:
        store.put(f"data/{name}", data / name)
    arguments = ["audit", f"{url}/data", "--group-column", "outlet", "--max-per-code", "3", "--format", "json"]
    arguments += ["--out", f"{url}/out", "--engine", "ray", "--ray-address", ray_cluster.address]
    with ForkedCommands() as goldwire, killed_workers(ray_cluster, seed=3, most=2) as killed:
        done = goldwire.run(arguments, folder=tmp_path, timeout=540)
    assert killed
    assert done.exit_code == 1, done.stderr
    here = in_tasks(f"{url}/data", columns=Columns(group="outlet"))
    assert done.stdout == here.render("json")
    assert totals(here) == totals(audit.run(data, columns=Columns(group="outlet")))
