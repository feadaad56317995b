"""Checks on a million annotated rows: rows a second, beside the same five checks in other tools, on the same file.

    python tests/benchmarks/bench_checks.py [ROWS]

Each tool runs in a process of its own, five times, and the best counts; peak memory is that process's. The five:
offsets that hold their surface, labels that there may be, ids once, texts once, no text in two splits. `Everything` is
all that a dataset is checked for but near-duplicates, which bench_dedup.py measures. The last lines say what ten times
the rows cost.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from timing import print_reasons

FOLDER = Path(".goldwire/bench")
LABELS = ("PER", "ORG", "LOC", "EVENT", "DATE", "MONEY")
FIVE = ("span-text-mismatch", "label-unknown", "id-repeated", "row-repeated", "text-across-splits")
ROUNDS = 5
SLOW = ("Python loop", "pandas + pandera", "pointblank")  # once is enough: they are not near


REASONS = {
    "polars by hand": (
        "goldwire first reads some rows to guess which column is what, and then lists the rows of each problem."
    ),
    "reading alone": (
        "with everything, each character of each text is looked at for what does not belong in it, each text is hashed "
        "for repeats, and each span is compared with its text."
    ),
}
"""Why goldwire takes longer, where it does."""

Took = tuple[float, float, str, float]
"""Least seconds, most GB, what was found, least seconds of processor time."""


def main(rows: int) -> None:
    """Write the file if it is not there, run every tool, print a table of ratios."""
    source = FOLDER / f"annotated-{rows}.parquet"
    tenth = FOLDER / f"annotated-{rows // 10}.parquet"
    for path, count in ((source, rows), (tenth, rows // 10)):
        if not path.exists():
            make(path, count)
    say(f"{rows:,} rows, {source.stat().st_size / 1e6:.0f} MB of Parquet")
    took = best(TOOLS, source)
    small = best((name for name in TOOLS if name.startswith("goldwire")), tenth)
    for name, found in took.items():
        if found is None:
            say(f"{name:<28} not installed")
            continue
        seconds, peak, said, _ = found
        say(f"{name:<28} {seconds:7.2f} s {rows / seconds:12,.0f} rows/s {peak:6.2f} GB  {said}")
    ours, everything, reading = took["goldwire, the five"], took["goldwire, everything"], took["polars, reading alone"]
    assert ours is not None
    assert everything is not None
    assert reading is not None
    for name in ("polars by hand", "Python loop", "pandas + pandera", "pointblank"):
        other = took[name]
        if other is not None:
            say(f"{name}: {other[0] / ours[0]:.2f}x our time")
            print_reasons(ours[0], {name: other[0]}, REASONS)
    wall, processor = everything[0] / reading[0], everything[3] / reading[3]
    print_reasons(everything[0], {"reading alone": reading[0]}, REASONS)
    say(f"everything: {wall:.2f}x the time of reading, {processor:.2f}x its processor time")
    for name, less in small.items():
        more = took[name]
        if less is not None and more is not None:
            say(f"{name}: {more[0] / less[0]:.1f}x the time of {rows // 10:,} rows")


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def best(names: Iterable[str], source: Path) -> dict[str, Took | None]:
    """By tool, what it took at its best; None where it is not installed.

    The tools take turns: what else the machine does hits all of them.
    """
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    lacking = set()
    for number in range(ROUNDS):
        for name in runs:
            if name in lacking or (number and name in SLOW):
                continue
            command = [sys.executable, __file__, "--tool", name, str(source)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if "ModuleNotFoundError" in done.stderr:
                lacking.add(name)
            elif done.returncode:
                raise RuntimeError(done.stderr)
            else:
                runs[name].append(json.loads(done.stdout))
    return {name: _least(found) if found else None for name, found in runs.items()}


def _least(runs: list[dict[str, Any]]) -> Took:
    seconds, gigabytes, processor = ([run[key] for run in runs] for key in ("s", "gb", "cpu"))
    return min(seconds), max(gigabytes), str(runs[0]["found"]), min(processor)


def make(path: Path, rows: int) -> None:
    """Write rows of 45 to 85 invented words with up to 6 names marked, 380 B of text each; a tenth is not ASCII."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    luck = np.random.default_rng(5)
    syllables = [
        "ba",
        "ker",
        "lan",
        "mor",
        "ti",
        "son",
        "vi",
        "dal",
        "ro",
        "es",
        "qu",
        "an",
        "fe",
        "lin",
        "ha",
        "rad",
        "ko",
        "zu",
        "mi",
        "gar",
        "pe",
        "tro",
        "wen",
        "al",
        "do",
    ]
    words = ["".join(luck.choice(syllables, luck.integers(1, 4))) for _ in range(20_000)]
    names = ["".join(luck.choice(syllables, luck.integers(2, 4))).capitalize() for _ in range(5_000)]
    span = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("label", pa.string()), ("text", pa.string())])
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    writer = None
    for first in range(0, rows, 50_000):
        count = min(50_000, rows - first)
        texts, spans = [], []
        for size in luck.integers(45, 85, count).tolist():
            chosen = [words[n] for n in luck.integers(0, len(words), size).tolist()]
            places = sorted(set(luck.integers(0, size, luck.integers(0, 7)).tolist()))
            for place in places:
                chosen[place] = names[luck.integers(len(names))]
            if luck.random() < 0.1:
                chosen[0] = "élève"
            starts = np.cumsum([0, *(len(word) + 1 for word in chosen)]).tolist()
            texts.append(" ".join(chosen))
            ends = [start + len(word) for start, word in zip(starts, chosen, strict=False)]
            marked = [(starts[p], ends[p], LABELS[p % 6], chosen[p]) for p in places]
            spans.append([dict(zip(("start", "end", "label", "text"), one, strict=True)) for one in marked])
        table = pa.table({
            "id": [f"r{first + n:09d}" for n in range(count)],
            "text": texts,
            "label": luck.choice(["for", "against", "neither"], count).tolist(),
            "split": luck.choice(["train", "validation", "test"], count, p=[0.8, 0.1, 0.1]).tolist(),
            "spans": pa.array(spans, pa.list_(span)),
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(temporary, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=50_000)
    assert writer is not None
    writer.close()
    temporary.rename(path)


def ours(source: Path, codes: tuple[str, ...] | None) -> object:
    from goldwire.audit import AuditOptions, audit_dataset
    from goldwire.audit.loading import open_datasets

    limits = AuditOptions(span_labels=LABELS, near_duplicates=False, codes=None if codes is None else frozenset(codes))
    with open_datasets(source) as (dataset,):
        found = audit_dataset(dataset, limits)
    return len(found.findings) + sum(found.unlisted.values())


def lines(source: Path) -> Path:
    """The same rows as JSON Lines, beside the file."""
    path = source.with_suffix(".jsonl")
    if not path.exists():
        import msgspec
        import pyarrow.parquet as pq

        with path.open("wb") as file:
            for batch in pq.ParquetFile(source).iter_batches(50_000):
                file.write(msgspec.json.Encoder().encode_lines(batch.to_pylist()))
    return path


def reading(source: Path) -> object:
    import polars as pl

    return pl.scan_parquet(source).collect(engine="streaming").height


def by_hand(source: Path) -> object:
    import polars as pl

    scan = pl.scan_parquet(source)
    spans = scan.select(pl.col("text").alias("whole"), "spans").filter(pl.col("spans").list.len() > 0)
    cut = pl.col("whole").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
    offsets = (cut != pl.col("text")).sum().alias("offsets")
    labels = (~pl.col("label").is_in(LABELS)).sum().alias("labels")
    wrong = spans.explode("spans").unnest("spans").select(offsets, labels)
    ids = scan.select((pl.len() - pl.col("id").n_unique()).alias("ids"))
    texts = scan.select(pl.col("text").hash(), "split").group_by("text").agg(pl.col("split").n_unique(), pl.len())
    twice = texts.select((pl.col("len") - 1).sum().alias("texts"), (pl.col("split") > 1).sum().alias("leaks"))
    return [frame.row(0) for frame in pl.collect_all([wrong, ids, twice], engine="streaming")]


def loop(source: Path) -> object:
    import pyarrow.parquet as pq

    offsets = labels = ids = texts = leaks = 0
    seen: set[str] = set()
    splits: dict[int, str] = {}
    for batch in pq.ParquetFile(source).iter_batches(50_000):
        for row in batch.to_pylist():
            text = row["text"]
            for span in row["spans"]:
                offsets += text[span["start"] : span["end"]] != span["text"]
                labels += span["label"] not in LABELS
            ids += row["id"] in seen
            seen.add(row["id"])
            first = splits.setdefault(hash(text), row["split"])
            texts += first is not row["split"]
            leaks += first != row["split"]
    return [offsets, labels, ids, leaks]


def frames(source: Path) -> object:
    import pandas as pd
    import pandera.pandas as pa

    frame = pd.read_parquet(source)

    def sound(row: pd.Series) -> bool:
        spans = row["spans"]
        return all(row["text"][s["start"] : s["end"]] == s["text"] and s["label"] in LABELS for s in spans)

    columns = {
        "id": pa.Column(str, unique=True),
        "text": pa.Column(str, unique=True),
        "split": pa.Column(str, pa.Check.isin(["train", "validation", "test"])),
    }
    schema = pa.DataFrameSchema(columns, checks=[pa.Check(lambda frame: frame.apply(sound, axis=1))])
    schema.validate(frame, lazy=True)
    return int((frame.groupby("text")["split"].nunique() > 1).sum())


def pointblank(source: Path) -> object:
    import pointblank as pb
    import polars as pl

    def spans(rows: pl.DataFrame) -> pl.DataFrame:
        marked = rows.select(pl.col("text").alias("whole"), "spans").filter(pl.col("spans").list.len() > 0)
        cut = pl.col("whole").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
        return marked.explode("spans").unnest("spans").with_columns(cut=cut)

    def splits(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.group_by("text").agg(n_splits=pl.col("split").n_unique())

    checked = (
        pb.Validate(pl.read_parquet(source))
        .col_vals_expr(pl.col("cut") == pl.col("text"), pre=spans)
        .col_vals_in_set("label", list(LABELS), pre=spans)
        .rows_distinct("id")
        .rows_distinct("text")
        .col_vals_le("n_splits", 1, pre=splits)
        .interrogate(collect_extracts=False)
    )
    return [int(step.n_failed) for step in checked.validation_info]


TOOLS: dict[str, Callable[[Path], object]] = {
    "polars, reading alone": reading,
    "goldwire, the five": lambda source: ours(source, FIVE),
    "goldwire, everything": lambda source: ours(source, None),
    "goldwire, everything, JSONL": lambda source: ours(lines(source), None),
    "polars by hand": by_hand,
    "Python loop": loop,
    "pandas + pandera": frames,
    "pointblank": pointblank,
}


def run(name: str, source: Path) -> None:
    """Run one tool on the file, in this process; what it imports is not timed."""
    if name == "pandas + pandera":
        import pandas  # noqa: F401
        import pandera.pandas  # noqa: F401
    elif name == "pointblank":
        import pointblank  # noqa: F401
    else:
        import polars  # noqa: F401

        import goldwire.audit
        import goldwire.audit.loading  # noqa: F401
    if name.endswith("JSONL"):
        lines(source)
    started, processor = time.perf_counter(), time.process_time()
    found = TOOLS[name](source)
    took, processor = time.perf_counter() - started, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    say(json.dumps({"s": took, "gb": peak, "found": found, "cpu": processor}))


if __name__ == "__main__":
    if "--tool" in sys.argv:
        run(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
