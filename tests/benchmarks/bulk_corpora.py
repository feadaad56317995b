"""Corpora of planted articles for bench_bulk.py: raw files, or parts of articles, and how well dedup finds the copies.

Each file has a vocabulary and stories of its own, by its number, so that it can be written without the others. The
address of an article has the number of its story, which no stage looks at.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench_dedup import planted

PAGES_PER_FILE = 2_000
ARTICLES_PER_PART = 50_000
N_WORDS = 430  # of half of the originals at most, as in news
HTML = (
    "<html><head><title>{title} | Wire</title></head><body><nav><ul><li><a href=/>Home</a><li><a href=/w>World</a></ul>"
    "</nav><article><h1>{title}</h1>{body}</article><aside><h2>Most read</h2><ul><li><a href=/1>One</a></ul></aside>"
    "<footer>Copyright Wire. All rights reserved.</footer></body></html>"
)


def write_raw_files(folder: Path, articles: range, *, is_clean: bool, n_words: int = N_WORDS) -> float:
    """Write raw files with these articles, as pages or as texts that are clean, and return their gigabytes."""
    folder.mkdir(parents=True, exist_ok=True)
    write = partial(_write_raw_file, folder, is_clean, n_words)
    with multiprocessing.Pool() as pool:
        return sum(pool.imap_unordered(write, _files(articles, PAGES_PER_FILE))) / 1e9


def write_parts(folder: Path, articles: range, *, n_words: int = N_WORDS) -> None:
    """Write parts with these articles as ingest does, without raw files."""
    folder.mkdir(parents=True, exist_ok=True)
    with multiprocessing.Pool() as pool:
        for _ in pool.imap_unordered(partial(_write_part, folder, n_words), _files(articles, ARTICLES_PER_PART)):
            pass


def pair_quality(folder: Path) -> tuple[float, float]:
    """Return precision and recall of the pairs of articles that are in one cluster."""
    import polars as pl
    import pyarrow.parquet as pq

    columns = []
    for path in sorted((folder / "articles").iterdir()):
        url = pl.from_arrow(pq.read_table(path, columns=["url"]))["url"]
        cluster = pl.from_arrow(pq.read_table(folder / "clusters" / path.name, columns=["cluster"]))["cluster"]
        story = url.str.split("/").list.get(3).cast(pl.Int64)
        columns.append(pl.DataFrame({"story": story, "cluster": cluster.str.to_integer(base=16, dtype=pl.UInt64)}))
    articles = pl.concat(columns)
    clustered = articles.drop_nulls("cluster")
    right, stated, real = (
        frame.group_by(by).len().select(pl.col("len") * (pl.col("len") - 1) // 2).sum().item()
        for frame, by in ((clustered, ["story", "cluster"]), (clustered, ["cluster"]), (articles, ["story"]))
    )
    return right / stated, right / real


def _files(articles: range, per_file: int) -> Iterator[range]:
    """Yield the articles of each file."""
    for start in range(articles.start, articles.stop, per_file):
        yield range(start, min(start + per_file, articles.stop))


def _planted(articles: range, n_words: int) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of each article of a file."""
    texts, stories, _ = planted(len(articles), seed=articles.start, n_words=n_words)
    for number, story, text in zip(articles, stories, texts, strict=True):
        yield f"https://wire.example/{articles.start + story}/{number}", text


def _write_raw_file(folder: Path, is_clean: bool, n_words: int, articles: range) -> int:
    """Write a raw file, and return its bytes."""
    data = b"".join(_page(url, text, is_clean=is_clean) for url, text in _planted(articles, n_words))
    (folder / f"{articles.start:012}.jsonl").write_bytes(data)
    return len(data)


def _page(url: str, text: str, *, is_clean: bool) -> bytes:
    """Return a line of JSON with a page of news around a text, or with the text."""
    words = text.split()
    paragraphs = [" ".join(words[start : start + 50]).capitalize() for start in range(0, len(words), 50)]
    title = " ".join(words[:7]).capitalize()
    row: dict[str, Any] = {"url": url}
    if is_clean:
        row |= {"title": title, "text": "\n\n".join(f"{paragraph}." for paragraph in paragraphs)}
    else:
        row["html"] = HTML.format(title=title, body="".join(f"<p>{paragraph}.</p>" for paragraph in paragraphs))
    return json.dumps(row).encode() + b"\n"


def _write_part(folder: Path, n_words: int, articles: range) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from goldwire.bulk.article_table import article_schema
    from goldwire.bulk.parts import ROWS_PER_GROUP

    rows = [
        {"id": f"wire-{number:012d}", "source": "wire", "url": url, "title": "", "text": text}
        for number, (url, text) in zip(articles, _planted(articles, n_words), strict=True)
    ]
    name = hashlib.sha256(str(articles.start).encode()).hexdigest()
    table = pa.Table.from_pylist(rows, schema=article_schema())
    pq.write_table(table, folder / f"{name}.parquet", row_group_size=ROWS_PER_GROUP, compression="zstd")
