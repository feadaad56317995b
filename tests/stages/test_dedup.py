"""Dedup: input and output files, and the same result from every engine."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldwire.errors import DataError, GoldwireError
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
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=800, check=False)


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


def rewritten(space: Workspace, number: int) -> tuple[str, str]:
    """Add a copy of a story of `wire` with every fourth word replaced, and return the ids of the two."""
    words = [WORDS[place % 36] if place % 4 == 0 else word for place, word in enumerate(story(number))]
    article = factories.article(f"Again\n\n{' '.join(words)}", id=f"late-{number:012d}", source="late")
    (space.articles / "late.jsonl").write_bytes(factories.jsonl.dump([article]))
    return article.id, f"wire-{number:012d}"


def test_a_static_model_lists_a_copy_that_is_edited_too_much_for_n_grams(space: Workspace, tmp_path: Path) -> None:
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed (the extra `embeddings`)")
    from tokenizers import Tokenizer, models, pre_tokenizers

    pair = rewritten(space, 30)
    dedup.run(space)
    before = space.duplicates.read_bytes()
    assert pair[0].encode() not in before
    vocabulary = {
        word: number for number, word in enumerate(["[UNK]", *sorted({w for s in range(60) for w in story(s)})])
    }
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    vectors = np.random.default_rng(1).normal(size=(len(vocabulary), 64)).astype(np.float32)
    model2vec.StaticModel(vectors, tokenizer).save_pretrained(tmp_path / "model")
    report = dedup.run(space, embeddings=tmp_path / "model", min_similarity=0.6)
    assert space.duplicates.read_bytes() == before
    assert report.similar is not None
    assert {report.similar[0].left, report.similar[0].right} == set(pair)
    assert report.similar[0].similarity > 0.8
    assert f"{pair[0]}  {pair[1]}" in report.to_text()
    (tmp_path / "model/model.safetensors").write_bytes(b"{")
    with pytest.raises(DataError, match="not a static embedding model"):
        dedup.run(space, embeddings=tmp_path / "model")


def test_vectors_of_a_file_belong_to_the_articles_of_their_ids(space: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "vectors.npy"
    ids = ["unknown", "wire-000000000025", "post-000000000002", "wire-000000000001", "wire-000000000030"]
    np.save(path, np.array([[1, 0], [1, 0], [1, 0.1], [0, 1], [0, 0]], np.float32))
    path.with_suffix(".txt").write_text("\n".join(ids))
    report = dedup.run(space, embeddings=path)
    assert report.similar == (dedup.SimilarPair(left=ids[2], right=ids[1], similarity=0.995),)
    assert report.without_vector == 77
    assert (
        "77 articles have no vector\n1 pair in different clusters with similar vectors\n  0.995  " in report.to_text()
    )


def test_no_vectors_at_the_path_is_one_line(space: Workspace, tmp_path: Path) -> None:
    with pytest.raises(GoldwireError, match=r"v\.npy: no such file or folder"):
        dedup.run(space, embeddings=tmp_path / "v.npy")
    assert not space.duplicates.exists()
