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
from typing import Any, NamedTuple

from bench_dedup import KINDS, planted

PAGES_PER_FILE = 2_000
ARTICLES_PER_PART = 50_000
N_WORDS = 430  # of half of the originals at most, as in news
SAMPLED_ARTICLES = 60_000  # whose copies are counted by kind: some 2,200 of each
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


class CopyQuality(NamedTuple):
    """Pairs of an original and its copy of one kind: shares of pairs.

    `similar` are near-duplicates as goldwire defines them; `expected` is the mean probability that the sketches of
    these share enough grams, `found` the share of them in one cluster, and `together` that of all pairs.
    """

    kind: str
    n_pairs: int
    similar: float
    expected: float
    found: float
    together: float


def quality_by_kind(folder: Path, articles: range, n_words: int) -> list[CopyQuality]:
    """Return how well the copies of each kind are found, in the first parts with some 60,000 of these articles."""
    import numpy as np
    import pyarrow.parquet as pq

    from goldwire.bulk.postings import body_of

    rows: list[dict[str, Any]] = []
    for path in sorted((folder / "articles").iterdir()):
        table = pq.read_table(path, columns=["url", "title", "text"])
        names = pq.read_table(folder / "clusters" / path.name, columns=["cluster"])["cluster"].to_pylist()
        places = [list(map(int, url.split("/")[3:])) for url in table["url"].to_pylist()]
        first = min(number for _, number in places)
        per_file = PAGES_PER_FILE if len(places) <= PAGES_PER_FILE else ARTICLES_PER_PART
        _, _, kinds = planted(min(per_file, articles.stop - first), seed=first, n_words=n_words)
        texts = map(body_of, table["title"].to_pylist(), table["text"].to_pylist())
        rows += [
            {"story": story, "kind": kinds[number - first], "text": text, "cluster": name}
            for (story, number), text, name in zip(places, texts, names, strict=True)
        ]
        if len(rows) >= SAMPLED_ARTICLES:
            break
    originals = {row["story"]: number for number, row in enumerate(rows) if row["kind"] == "base"}
    found = []
    for kind in KINDS:
        copies = [number for number, row in enumerate(rows) if row["kind"] == kind and row["story"] in originals]
        if not copies:
            continue
        left = np.array([originals[rows[number]["story"]] for number in copies])
        is_similar, expected = _similarity([row["text"] for row in rows], left, np.array(copies))
        pairs = [(rows[i]["cluster"], rows[j]["cluster"]) for i, j in zip(left, copies, strict=True)]
        together = np.array([one is not None and one == other for one, other in pairs])
        found.append(
            CopyQuality(
                kind,
                len(copies),
                float(is_similar.mean()),
                float(expected[is_similar].mean()) if is_similar.any() else float("nan"),
                float(together[is_similar].mean()) if is_similar.any() else float("nan"),
                float(together.mean()),
            )
        )
    return found


def _similarity(texts: list[str], left: Any, right: Any) -> tuple[Any, Any]:
    """Return for each pair whether it is near-duplicate, and how probably its sketches share enough grams."""
    import numpy as np
    from scipy.stats import binom

    from goldwire.dedup.candidates import least_shared
    from goldwire.dedup.jaccard import Thresholds, gather_pairs, pair_similarity
    from goldwire.dedup.sketches import sampling_rates
    from goldwire.text.batches import InMemoryTexts
    from goldwire.text.ngrams import ngram_counts, text_ngrams

    thresholds = Thresholds(0.5, 0.75)
    numbers, places = np.unique(np.concatenate((left, right)), return_inverse=True)
    chosen = InMemoryTexts([texts[number] for number in numbers])
    left, right = places[: len(left)], places[len(left) :]
    similarity = pair_similarity(*gather_pairs(chosen, left, right))
    sizes = ngram_counts(text_ngrams(*chosen.slice(0, len(numbers)))[1])
    rates = sampling_rates(sizes)
    least = least_shared(sizes, sizes * rates, left, right, thresholds)
    shared = np.rint(similarity.containment * similarity.smaller)
    probability = binom.sf(np.maximum(least, 1) - 1, shared, np.minimum(rates[left], rates[right]))
    return thresholds.is_near_duplicate(similarity), probability


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
