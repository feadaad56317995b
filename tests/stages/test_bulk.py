"""The stages over a corpus in Parquet, on local folders, on a real S3 server and on a Ray cluster of two nodes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("obstore", reason="obstore is not installed (the extra `scale`)")

import goldwire
from goldwire.bulk.article_table import read_articles, to_table
from goldwire.bulk.parts import part_files, part_key, read_table, write_part
from goldwire.bulk.splits import SplitRule
from goldwire.bulk.store import open_store
from goldwire.errors import ConfigError, ConflictError, DataError, MissingFileError
from goldwire.parallel.tasks import ProcessTasks, TaskPool
from goldwire.records import Article
from goldwire.stages import bulk, bulk_release, ingest
from goldwire.workspace import jsonl
from support import factories
from support.forked_commands import ForkedCommands
from support.killed_tasks import WrappedTasks, dying_once, node_lost_at, waiting_for_death
from support.paths import REPOSITORY
from support.ray_clusters import cluster
from support.stories import edited, story

POOL = ProcessTasks(1)  # tasks run in this process
SOURCES = str(REPOSITORY / "corpus/sources.toml")


def content(url: str) -> dict[str, bytes]:
    """The files of a corpus but for the manifest, whose names are random."""
    store = open_store(url)
    return {file.path: store.read(file.path) for file in store.files() if not file.path.startswith("manifest/")}


def all_stages(raw: str, out: str, pool: TaskPool) -> None:
    bulk.ingest(raw, out, pool=pool, sources_file=SOURCES)
    bulk.dedup(out, pool=pool)
    bulk.split(out, pool=pool)
    assert bulk_release.check(out, pool=pool).exit_code == 0
    bulk_release.release(out, "1.0.0", pool=pool)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Raw files of three sources: single pages, and JSON Lines."""
    folder = tmp_path / "raw"
    for name in ("dunmorrow-ledger", "delta-monitor", "meridian-wire"):
        shutil.copytree(REPOSITORY / "corpus/raw" / name, folder / name)
    return folder


def test_articles_are_those_of_a_workspace(raw: Path, tmp_path: Path) -> None:
    report = bulk.ingest(str(raw), str(tmp_path / "out"), pool=POOL, sources_file=SOURCES)
    store = open_store(tmp_path / "out")
    found = {
        article.id: article
        for name in part_files(store, "articles")
        for article in read_articles(read_table(store, name))
    }
    for source in raw.iterdir():
        for article in jsonl.read(REPOSITORY / f"corpus/articles/{source.name}.jsonl", Article):
            converted = found.pop(article.id)
            assert f"corpus/raw/{converted.origin.file}" == article.origin.file
            assert (converted.text, converted.origin.runs) == (article.text, article.origin.runs)
            assert (converted.metadata, converted.captions) == (article.metadata, article.captions)
            assert converted.published == article.published
    assert found == {}
    assert report.articles > 30


def test_a_repeated_run_does_nothing_and_a_new_file_costs_one_task(raw: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    first = bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES)
    before = content(out)
    assert bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES).converted == 0
    assert content(out) == before
    first_line = (raw / "delta-monitor/articles.jsonl").read_bytes().partition(b"\n")[0]
    (raw / "delta-monitor/more.jsonl").write_bytes(first_line.replace(b"http", b"https://mirror.example/?http"))
    second = bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES)
    assert second.converted == 1
    assert second.parts == first.parts + 1
    assert before.items() <= content(out).items()


def test_newer_files_with_the_same_content_are_not_converted_again(raw: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES)
    before = content(out)
    (raw / "delta-monitor/articles.jsonl").touch()
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out/articles").iterdir()}
    bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES)
    assert content(out) == before
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "out/articles").iterdir()}


def test_a_changed_file_replaces_its_part_and_a_removed_one_keeps_it_until_pruned(raw: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    first = bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES)
    file = raw / "delta-monitor/articles.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[1:]))
    changed = bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES)
    assert (changed.deleted, changed.parts) == (1, first.parts)
    file.rename(file.with_name("renamed.jsonl"))
    moved = bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES)
    assert (moved.deleted, moved.parts) == (0, first.parts + 1)
    pruned = bulk.ingest(str(raw), out, pool=POOL, sources_file=SOURCES, prune=True)
    assert (pruned.deleted, pruned.parts) == (1, first.parts)


@pytest.mark.parametrize("end", [0, 5_000, None])
def test_a_damaged_part_is_named_with_the_command_that_writes_it(raw: Path, tmp_path: Path, end: int | None) -> None:
    out = tmp_path / "out"
    bulk.ingest(str(raw), str(out), pool=POOL, sources_file=SOURCES)
    before = content(str(out))
    path = max(out.glob("articles/*"), key=lambda path: path.stat().st_size)
    data = bytearray(path.read_bytes())
    data[8:5_000] = bytes(4_992)  # the footer remains, and tells where each column begins
    path.write_bytes(data[:end])
    with pytest.raises(DataError, match=rf"{path.name}: .*delete it, then run `goldwire ingest` again"):
        bulk_release.check(str(out), pool=POOL)
    path.unlink()
    bulk.ingest(str(raw), str(out), pool=POOL, sources_file=SOURCES)
    assert content(str(out)) == before


def test_a_damaged_list_of_tasks_or_sources_is_named(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    all_stages(str(many), str(out), POOL)
    (out / "sources.json").write_bytes(b"{")
    with pytest.raises(DataError, match=r"sources\.json: .*run `goldwire ingest` again"):
        bulk_release.release(str(out), "1.0.0", pool=POOL)
    (tasks,) = out.glob("manifest/ingest/*")
    tasks.write_bytes(b'{"key": "of another version"}\n')
    with pytest.raises(DataError, match=rf"{tasks.name}: .*delete it, then run the same command again"):
        bulk.ingest(str(many), str(out), pool=POOL, sources_file=SOURCES)


@pytest.mark.parametrize("out", [".", "articles", "a/../b"])
def test_a_corpus_among_the_raw_files_is_refused(raw: Path, out: str) -> None:
    with pytest.raises(ConfigError, match="among the raw files"):
        bulk.ingest(f"{raw}/", f"{raw}/{out}", pool=POOL, sources_file=SOURCES)


def test_no_raw_files_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="no raw files"):
        bulk.ingest(str(tmp_path / "nothing"), str(tmp_path / "out"), pool=POOL, sources_file=SOURCES)
    assert not (tmp_path / "out").exists()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Raw files of one source: 12 files of 20 texts; those of the last six are edited copies of the first."""
    folder = tmp_path / "many/dunmorrow-ledger"
    folder.mkdir(parents=True)
    for number in range(12):
        rows = []
        for row in range(20):
            seed = number * 20 + row
            words = edited(story(seed - 120), 0.03, seed) if seed >= 120 else story(seed)
            paragraphs = [" ".join(words[start : start + 40]).capitalize() + "." for start in range(0, 200, 40)]
            text = "\n\n".join([f"Headline of story {seed}", *paragraphs])
            rows.append({"text": text, "url": f"https://ledger.example/{seed}"})
        (folder / f"{number:02}.jsonl").write_bytes(b"".join(map(msgspec.json.encode, rows)).replace(b"}{", b"}\n{"))
    return folder.parent


def upload(folder: Path, url: str) -> None:
    store = open_store(url)
    for path in folder.rglob("*"):
        if path.is_file():
            store.put(path.relative_to(folder).as_posix(), path)


def test_splits_keep_clusters_whole_and_articles_where_they_are(many: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    late = [path.rename(tmp_path / path.name) for path in sorted(many.rglob("*.jsonl"))[10:]]
    all_stages(str(many), out, POOL)
    before = splits_of(out)
    for path in late:
        path.rename(many / "dunmorrow-ledger" / path.name)
    bulk.ingest(str(many), out, pool=POOL, sources_file=SOURCES)
    bulk.dedup(out, pool=POOL)
    report = bulk.split(out, pool=POOL)
    assert report.assigned_parts >= 2
    assert before.items() <= splits_of(out).items()
    assert len(splits_of(out)) > len(before)
    assert bulk_release.check(out, pool=POOL).findings == ()
    second = bulk_release.release(out, "1.1.0", pool=POOL)
    assert second.splits == {name: count for name, count in report.splits.items() if name != "held-out"}


def test_articles_that_are_extracted_again_keep_their_split(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = str(tmp_path / "out")
    all_stages(str(many), out, POOL)
    before = splits_of(out)
    monkeypatch.setattr(goldwire, "__version__", "99.0.0")
    report = bulk.ingest(str(many), out, pool=POOL, sources_file=SOURCES, reextract=True)
    assert (report.converted, report.deleted, report.parts) == (12, 12, 12)
    assert bulk.dedup(out, pool=POOL).new_parts == 12
    bulk.split(out, pool=POOL, rule=SplitRule(seed=5))  # by which a new article would be in another split
    assert splits_of(out) == before


def test_a_changed_file_costs_the_parts_that_it_changes_in_split(many: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    all_stages(str(many), out, POOL)
    rule = SplitRule(seed=5)  # by which a new article would be in another split
    assert bulk.split(out, pool=POOL, rule=rule).assigned_parts == 12
    before = splits_of(out)
    file = many / "dunmorrow-ledger/03.jsonl"
    first, *others = file.read_bytes().splitlines()
    new = msgspec.json.encode({"text": " ".join(story(999)), "url": "https://ledger.example/999"})
    file.write_bytes(b"\n".join([new, *others, first]))  # the same 20 articles in other rows
    bulk.ingest(str(many), out, pool=POOL, sources_file=SOURCES)
    bulk.dedup(out, pool=POOL)
    assert 1 <= bulk.split(out, pool=POOL, rule=rule).assigned_parts <= 3  # and those whose clusters changed
    assert bulk.split(out, pool=POOL, rule=rule).assigned_parts == 0
    after = splits_of(out)
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


def splits_of(out: str) -> dict[str, str]:
    """The split of each article; no cluster is in two."""
    store = open_store(out)
    rows = [row for path in part_files(store, "assigned") for row in read_table(store, path).to_pylist()]
    by_cluster: dict[str, set[str]] = {}
    for row in rows:
        if row["cluster"] is not None and row["split"] != "held-out":
            by_cluster.setdefault(row["cluster"], set()).add(row["split"])
    assert len(by_cluster) > 10
    assert all(len(splits) == 1 for splits in by_cluster.values())
    return {row["id"]: row["split"] for row in rows}


def test_a_version_loads_with_datasets(many: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    out = tmp_path / "out"
    all_stages(str(many), str(out), POOL)
    loaded = datasets.load_dataset(str(out / "release"), cache_dir=str(tmp_path / "cache"))
    assert set(loaded) == {"train", "validation", "test"}
    assert sum(map(len, loaded.values())) == 240
    assert loaded["train"][0]["text"].startswith("Headline of story")


def test_a_shard_is_a_raw_file_of_a_workspace(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    all_stages(str(many), str(out), POOL)
    shard = next(iter(sorted(out.glob("release/data/train/*.parquet"))))
    space = factories.workspace(tmp_path / "workspace")
    folder = space.raw / "dunmorrow-ledger"
    folder.mkdir(parents=True)
    shutil.copy(shard, folder)
    source = "[dunmorrow-ledger]\nname='L'\nlanguage='en'\nlicence='CC0'\nredistribute=true\nclean='none'\n"
    space.sources.write_text(source, encoding="utf-8")
    ingest.run(space)
    texts = {article.url: article.text for article in jsonl.read(space.articles / "dunmorrow-ledger.jsonl", Article)}
    rows = pq.read_table(shard, columns=["url", "text"]).to_pylist()
    assert texts == {row["url"]: row["text"] for row in rows}


def test_texts_that_may_not_be_redistributed_are_not_released(many: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    closed = "[dunmorrow-ledger]\nname='L'\nlanguage='en'\nlicence='none'\nredistribute=false\n"
    sources.write_text(closed, encoding="utf-8")
    out = str(tmp_path / "out")
    bulk.ingest(str(many), out, pool=POOL, sources_file=str(sources))
    bulk.dedup(out, pool=POOL)
    bulk.split(out, pool=POOL)
    bulk_release.release(out, "1.0.0", pool=POOL)
    store = open_store(out)
    rows = [row for path in part_files(store, "release/data") for row in read_table(store, path).to_pylist()]
    assert len(rows) == 240
    assert not any(row["text"] or row["title"] or row["captions"] for row in rows)


def test_a_released_version_is_not_replaced(many: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    all_stages(str(many), out, POOL)
    bulk_release.release(out, "1.0.0", pool=POOL)
    (many / "dunmorrow-ledger/00.jsonl").unlink()
    bulk.ingest(str(many), out, pool=POOL, sources_file=SOURCES, prune=True)
    bulk.dedup(out, pool=POOL)
    bulk.split(out, pool=POOL)
    with pytest.raises(ConflictError, match="next version"):
        bulk_release.release(out, "1.0.0", pool=POOL)


def test_findings_have_part_row_and_article(many: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    all_stages(str(many), out, POOL)
    store = open_store(out)
    path = part_files(store, "articles")[0]
    table = read_table(store, path)
    rows = table.to_pylist()
    rows[3]["text"] += "\u202e"
    write_part(store, path, table.schema, [to_table(rows, table.schema)])
    found = bulk_release.check(out, pool=POOL)
    assert {(finding.code, finding.file, finding.line, finding.item) for finding in found.findings} == {
        ("text-digest-mismatch", path, 4, rows[3]["id"]),
        ("text-bidi-control", path, 4, rows[3]["id"]),
    }
    assigned = f"assigned/{part_key(path)}.parquet"
    table = read_table(store, assigned)
    moved = ["test" if split == "train" else "train" for split in table["split"].to_pylist()]
    write_part(store, assigned, table.schema, [table.set_column(2, "split", pa.array(moved))])
    assert "cluster-across-splits" in {finding.code for finding in bulk_release.check(out, pool=POOL).findings}


@pytest.mark.timeout(900)
def test_a_cluster_with_killed_workers_on_object_storage_writes_the_same_bytes(
    many: Path, tmp_path: Path, object_storage: str, ray_cluster: Any
) -> None:
    ray = pytest.importorskip("ray")
    from goldwire.parallel.ray_cluster import RayTasks

    all_stages(str(many), str(tmp_path / "out"), POOL)
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    base = f"{object_storage}/{uuid4()}"
    upload(many, f"{base}/raw")
    try:
        pool = WrappedTasks(RayTasks(ray_cluster.address), dying_once(deaths, 6))
        all_stages(f"{base}/raw", f"{base}/out", pool)
    finally:
        ray.shutdown()
    assert len(list(deaths.iterdir())) == 6
    assert content(f"{base}/out") == content(str(tmp_path / "out"))


@pytest.mark.timeout(900)
def test_a_cluster_that_loses_a_node_writes_the_same_bytes(many: Path, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray")
    from goldwire.parallel.ray_cluster import RayTasks

    bulk.ingest(str(many), str(tmp_path / "out"), pool=POOL, sources_file=SOURCES)
    lost = tmp_path / "lost"
    with cluster() as nodes:  # of its own: other tests would wait for the lost node
        try:
            (node,) = nodes.worker_nodes
            with node_lost_at(nodes, node, lost):
                pool = WrappedTasks(RayTasks(nodes.address), waiting_for_death(node.node_id, lost))
                bulk.ingest(str(many), str(tmp_path / "cluster"), pool=pool, sources_file=SOURCES)
        finally:
            ray.shutdown()
    assert lost.exists()
    assert content(str(tmp_path / "cluster")) == content(str(tmp_path / "out"))


@pytest.mark.parametrize("length", [1, 90])
def test_the_sockets_of_a_cluster_have_short_paths(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from goldwire.parallel.ray_cluster import _session_folder

    folder = f"/{'t' * length}"
    monkeypatch.setattr(tempfile, "tempdir", folder)
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    socket = f"{_session_folder() or folder + '/ray'}/session_2026-11-30_17-12-17_334928_4194304/sockets/plasma_store"
    assert len(socket) <= 107
    monkeypatch.setenv("RAY_TMPDIR", folder)
    assert _session_folder() is None  # Ray reads it


def test_a_killed_run_goes_on_where_it_ended(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-c", "from goldwire.cli import main; main()"]
    command += ["ingest", str(many), "--out", str(out), "--sources-file", SOURCES]
    for _ in range(2):
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        n_parts = len(list(out.glob("articles/*")))
        deadline = time.monotonic() + 60
        while (
            len(list(out.glob("articles/*"))) < n_parts + 2 and process.poll() is None and time.monotonic() < deadline
        ):
            time.sleep(0.01)
        process.kill()
        process.wait()
    bulk.ingest(str(many), str(out), pool=POOL, sources_file=SOURCES)
    bulk.ingest(str(many), str(tmp_path / "whole"), pool=POOL, sources_file=SOURCES)
    assert content(str(out)) == content(str(tmp_path / "whole"))


def test_commands_work_on_urls(tmp_path: Path) -> None:
    raw = tmp_path / "raw ä"
    shutil.copytree(REPOSITORY / "corpus/raw/delta-monitor", raw / "delta-monitor")
    shutil.copy(SOURCES, raw / "sources.toml")
    out = (tmp_path / "out").as_uri()
    with ForkedCommands() as goldwire:
        for arguments in (
            ["ingest", raw.as_uri(), "--out", out],
            ["dedup", "--corpus", out],
            ["split", "--corpus", out],
            ["check", "--corpus", out],
            ["release", "1.0.0", "--corpus", out],
        ):
            done = goldwire.run(arguments, folder=tmp_path)
            assert done.exit_code == 0, done.stderr
        assert done.stdout.startswith("1.0.0: train ")
        done = goldwire.run(["dedup", "--corpus", "nothing"], folder=tmp_path)
    assert done.exit_code == 2
    assert "no articles; hint: run `goldwire ingest` first" in done.stderr
    assert not (tmp_path / "nothing").exists()
