"""Dedup: input and output files, and the same result from every engine."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from goldwire.errors import GoldwireError
from goldwire.stages import dedup
from goldwire.workspace.layout import Workspace
from support import factories
from support.paths import SCRIPTS

WORDS = [f"{a}{b}" for a in ("ba", "ko", "li", "su", "te", "vo") for b in ("ran", "mol", "vik", "desa", "num", "tor")]


def story(seed: int, size: int = 150) -> list[str]:
    rng = random.Random(seed)
    return [f"{rng.choice(WORDS)}{rng.randrange(30)}" for _ in range(size)]


def filled(folder: Path) -> Workspace:
    """A workspace of two sources: 60 stories, of which 20 are in both, some edited or cut short."""
    space = factories.workspace(folder / "w")
    space.articles.mkdir(parents=True)
    rng = random.Random(4)
    wire = [story(seed) for seed in range(40)]
    post = [story(seed) for seed in range(40, 60)]
    for words in wire[:20]:
        copy = [rng.choice(WORDS) if rng.random() < 0.03 else word for word in words]
        post.append(copy[:90] if rng.random() < 0.3 else copy)
    for source, stories in (("wire", wire), ("post", post)):
        articles = [
            factories.article(f"“Été” {number}\n\n{' '.join(words)}", id=f"{source}-{number:012d}", source=source)
            for number, words in enumerate(stories)
        ]
        lines = [factories.jsonl.dump([article]) for article in articles]
        (space.articles / f"{source}.jsonl").write_bytes(b"".join(lines))
    return space


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return filled(tmp_path)


def test_copies_of_each_story_in_the_other_source_are_found(space: Workspace) -> None:
    report = dedup.run(space)
    assert (report.articles, report.clusters, report.clustered, report.largest) == (80, 20, 40, 2)
    rows = [json.loads(line) for line in space.duplicates.read_bytes().splitlines()]
    assert [row["cluster"] for row in rows] == sorted(row["cluster"] for row in rows)
    for row in rows:
        assert row["article_ids"] == sorted(row["article_ids"])
        (pair,) = row["pairs"]
        assert [pair["left"], pair["right"]] == row["article_ids"]


def test_the_order_of_articles_and_files_does_not_matter(space: Workspace) -> None:
    dedup.run(space)
    expected = space.duplicates.read_bytes()
    lines = [line for path in space.articles.iterdir() for line in path.read_bytes().splitlines(keepends=True)]
    for path in space.articles.iterdir():
        path.unlink()
    random.Random(7).shuffle(lines)
    (space.articles / "b.jsonl").write_bytes(b"".join(lines[:50]))
    (space.articles / "a.jsonl").write_bytes(b"".join(lines[50:]))
    dedup.run(space)
    assert space.duplicates.read_bytes() == expected


def test_no_temporary_file_is_left(space: Workspace) -> None:
    dedup.run(space)
    assert {path.name for path in space.private.iterdir()} == {"lock"}


def test_a_broken_line_is_reported_and_nothing_is_written(space: Workspace) -> None:
    path = space.articles / "wire.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:6], lines[6][:50] + b"\n", *lines[7:]]))
    with pytest.raises(GoldwireError, match=r"wire\.jsonl:7"):
        dedup.run(space)
    assert not space.duplicates.exists()


def test_no_articles_a_bad_threshold_and_an_unknown_engine_raise_errors(tmp_path: Path) -> None:
    space = factories.workspace(tmp_path / "w")
    for options in ({}, {"threshold": 0.0}, {"engine": "sparks"}, {"engine": "local", "ray_address": "127.0.0.1:1"}):
        with pytest.raises(GoldwireError):
            dedup.run(space, **options)  # type: ignore[arg-type]


def goldwire(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from goldwire.cli import main; main()", *arguments]
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=280, check=False)


def duplicates_by(space: Workspace, *engine: str) -> bytes:
    space.duplicates.unlink(missing_ok=True)
    done = goldwire("dedup", "--root", str(space.root), "--engine", *engine)
    assert done.returncode == 0, done.stderr
    return space.duplicates.read_bytes()


def test_daft_finds_the_same_as_threads(space: Workspace) -> None:
    pytest.importorskip("daft", reason="daft is not installed (the extra `scale`)")
    dedup.run(space)
    assert space.duplicates.read_bytes() == duplicates_by(space, "daft")


@pytest.mark.timeout(900)
def test_a_ray_cluster_finds_the_same_as_threads(space: Workspace, ray_cluster: Any) -> None:
    pytest.importorskip("daft", reason="daft is not installed (the extra `scale`)")
    dedup.run(space)
    assert space.duplicates.read_bytes() == duplicates_by(space, "ray", "--ray-address", ray_cluster.address)


def test_a_missing_cluster_is_reported_in_one_line(space: Workspace) -> None:
    pytest.importorskip("ray", reason="ray is not installed (the extra `scale`)")
    done = goldwire("dedup", "--root", str(space.root), "--engine", "ray", "--ray-address", "127.0.0.1:9")
    assert done.returncode == 2
    assert "127.0.0.1:9" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not space.duplicates.exists()
