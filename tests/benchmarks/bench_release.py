"""Tables of a version: time to write and to load, and size, beside `datasets` and pandas on the same rows.

    python tests/benchmarks/bench_release.py [ROWS] [--rounds N]

The rows are those of the newest version of the sample (the configuration `entities`), repeated under other ids and
with the words of their texts shuffled. Writing is from Python rows to a Parquet file (goldwire turns the names of
labels into numbers, the others get numbers); loading, in processor time, is to a `Dataset` whose every row was read
once. The limit of writing is the compression of the same bytes, that of loading the reading of the file with pyarrow.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from timing import Timing, duration, print_header, print_reasons, print_row, ratio, take_turns

from goldwire.release import parquet
from goldwire.release.features import label_encoder
from goldwire.version_order import highest_version

ROOT = Path(__file__).parents[2]
CONFIG = "entities"


def sample_rows(number: int) -> tuple[list[dict[str, Any]], datasets.Features]:
    """Return rows of the sample, repeated, and their features."""
    versions = ROOT / "splits"
    newest = highest_version(path.name.removeprefix("v") for path in versions.glob("v*"))
    path = versions / f"v{newest}" / parquet.data_file(CONFIG, "train")
    table = parquet.read_table(path)
    rows = list(parquet.iter_rows(table))
    features = datasets.Features.from_arrow_schema(table.schema)
    random = Random(1)
    repeated = [dict(row) for row in islice(cycle(rows), number)]
    for index, row in enumerate(repeated):
        words = row["text"].split(" ")
        row |= {"article_id": f"{row['article_id']}-{index:06d}", "text": " ".join(random.sample(words, len(words)))}
    return repeated, features


def write_goldwire(path: Path, rows: list[dict[str, Any]], features: datasets.Features) -> None:
    path.write_bytes(parquet.to_bytes(parquet.to_table(rows, features)))


def write_datasets(path: Path, rows: list[dict[str, Any]], features: datasets.Features) -> None:
    datasets.Dataset.from_list(rows, features).to_parquet(path)


def write_pandas(path: Path, rows: list[dict[str, Any]]) -> None:
    pd.DataFrame(rows).to_parquet(path, compression="zstd")


def compress(table: pa.Table, path: Path) -> None:
    """Write a table that is in memory already."""
    pq.write_table(table, path, compression="zstd", compression_level=9)


def load(path: Path) -> int:
    """Load a file as a user of `datasets` does, with an empty cache, and read every row."""
    cache = path.with_suffix(".cache")
    dataset = datasets.load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(cache))
    size = sum(len(row["text"]) for row in dataset)
    shutil.rmtree(cache)
    return size


def encode(rows: list[dict[str, Any]], features: datasets.Features) -> None:
    """Turn the names of labels into numbers."""
    convert = label_encoder(features)
    for row in rows:
        if convert is not None:
            convert(row)


def reasons(parts: dict[str, Timing], whole: float) -> dict[str, str]:
    """Return why goldwire takes longer to write than pandas and than the limit, with the shares of its parts."""
    labels, file = (f"{parts[name].median / whole:.0%}" for name in ("labels", "file"))
    cause = (
        f"it turns the names of labels into numbers ({labels} of its time), which pandas gets as numbers, and "
        f"compresses at level 9 in chunks cut by content ({file}), so that the Hub stores only what a version changed; "
        "pandas compresses at level 1."
    )
    return {
        "pandas": cause,
        "limit": f"the rows are Python objects: labels become numbers ({labels} of its time), then all become Arrow.",
    }


def main() -> None:
    """Write and load the rows with every tool, and print a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("rows", type=int, nargs="?", default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    datasets.disable_progress_bars()
    rows, features = sample_rows(options.rows)
    table = parquet.to_table(rows, features)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.parquet" for name in ("goldwire", "datasets", "pandas", "limit")}
        writers: dict[str, Callable[[], Any]] = {
            "goldwire": partial(write_goldwire, files["goldwire"], rows, features),
            "datasets": partial(write_datasets, files["datasets"], table.to_pylist(), features),
            "pandas": partial(write_pandas, files["pandas"], table.to_pylist()),
            "limit": partial(compress, table, files["limit"]),
        }
        written = take_turns(writers, options.rounds)
        loaded = take_turns(
            {name: partial(load, files[name]) for name in ("goldwire", "datasets", "pandas")}
            | {"limit": lambda: pq.read_table(files["goldwire"]).num_rows},
            options.rounds,
            clock=time.process_time,
        )
        parts = take_turns(
            {"labels": partial(encode, rows, features), "file": partial(parquet.to_bytes, table)}, options.rounds
        )
        print_header(f"{len(rows):,} rows", "writing", "ratio", "size", "loading", "ratio")
        for name in writers:
            print_row(
                (
                    *(name, duration(written[name]), ratio(written[name], written["goldwire"])),
                    f"{files[name].stat().st_size / 1e6:.2f} MB",
                    *(duration(loaded[name]), ratio(loaded[name], loaded["goldwire"])),
                )
            )
        own = written["goldwire"].median
        print_reasons(own, {name: timing.median for name, timing in written.items()}, reasons(parts, own))
        reading = "reading with pyarrow"
        others = {f"the loading of {name}'s file": loaded[name].median for name in ("datasets", "pandas")}
        print_reasons(
            loaded["goldwire"].median,
            others | {reading: loaded["limit"].median},
            {reading: "`datasets` copies the file to a cache of its own and makes a Python object of each row."},
        )


if __name__ == "__main__":
    main()
