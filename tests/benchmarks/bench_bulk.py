"""Measure every stage over a corpus in Parquet: processor time, memory, and what 1% more articles cost.

    python tests/benchmarks/bench_bulk.py [ARTICLES ...] [--clean] [--words N] [--write]
    python tests/benchmarks/bench_bulk.py ARTICLES --near-duplicates [--words N] [--memory GB] [--write]

For each number of articles, generates raw pages (HTML of invented words, with copies as in bench_dedup.py), runs
ingest, dedup, split, check, release and the audit of the release on this machine, repeats them with nothing new, adds
1% more pages, and runs all again. Each stage is a process of its own with one worker per core. Memory is the peak of
the largest of these processes, and the most that all of them held at once, pages that they share counted once
(proportional set size, read every 0.1 s). --write stores the figures in docs/scale.md after each size. With --clean
the raw files have texts that are taken over as they are: the extraction of pages, three quarters of the processor
time, is left out.
--near-duplicates writes articles, runs dedup alone, compares its clusters with the generator's stories, and runs it
again with 1% more; it fails if all processes together hold more than --memory, which is stated before it starts. The
rows of other sizes stay on the page. Half of the originals have at most --words words.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]

from bulk_corpora import N_WORDS, CopyQuality, pair_quality, quality_by_kind, write_parts, write_raw_files

PAGE = ROOT / "docs/scale.md"
END = "<!-- end -->"
STAGES = ("ingest", "dedup", "split", "check", "release", "audit")
PLANNED = 100_000_000, 1_000_000_000
CORES, PRICE = 256, 0.05  # of a cluster, and US dollars per core and hour: an assumption, not an offer
SHUFFLES = 2  # what goes from a step to the next is written once and read once
BYTES_HELD = 5  # by a task for each byte that it reads of grams and pairs: an assumption
SHARE_IN_PAIRS, READERS = 1 / 3, 3  # articles that are candidates, and tasks that need the text of each: assumptions
SAMPLING_SECONDS, DISK_SECONDS = 0.1, 5.0
SOURCE = "[wire]\nname='Wire'\nlanguage='und'\nlicence='invented'\nredistribute=true\n"


def run_stage(stage: str, folder: Path, version: str) -> None:
    """Run a stage in this process and its workers, and print what it took as JSON."""
    from goldwire.parallel.tasks import ProcessTasks
    from goldwire.stages import bulk, bulk_audit, bulk_release

    pool, out = ProcessTasks(), str(folder / "out")
    started = time.perf_counter()
    if stage == "ingest":
        bulk.ingest(str(folder / "raw"), out, pool=pool)
    elif stage == "release":
        bulk_release.release(out, version, pool=pool)
    elif stage == "audit":
        bulk_audit.run(f"{out}/release", out=str(folder / "audits"), pool=pool)
    elif stage == "check":
        bulk_release.check(out, pool=pool)
    else:
        (bulk.dedup if stage == "dedup" else bulk.split)(out, pool=pool)
    seconds = time.perf_counter() - started
    pool.close()  # the system counts processes that have ended
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(use.ru_utime + use.ru_stime for use in usage)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "memory": max(use.ru_maxrss for use in usage) / 1e6}))


def measure(folder: Path, version: str, stages: Sequence[str] = STAGES) -> dict[str, dict[str, float]]:
    """Run stages, and return processor seconds, elapsed seconds, gigabytes of the largest process, and of all."""
    measured = {}
    environment = os.environ | {"GOLDWIRE_QUIET": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's processes do not compile what they import
    for stage in stages:
        command = [sys.executable, __file__, "--stage", stage, "--folder", str(folder), "--version", version]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            together = disk = next_disk = 0.0
            while process.poll() is None:
                started = time.monotonic()
                together = max(together, tree_memory(process.pid))
                if started > next_disk:
                    disk = max(disk, size_of(folder / "out"))
                    next_disk = started + DISK_SECONDS
                time.sleep(max(SAMPLING_SECONDS, 20 * (time.monotonic() - started)))  # or it slows what it measures
            output = process.stdout.read() if process.stdout else b""
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        measured[stage] = json.loads(output) | {"together": together, "disk": disk}
    return measured


def tree_memory(root: int) -> float:
    """Return the gigabytes that a process and its descendants hold now, each shared page once; 0 without /proc."""
    kilobytes, waiting = 0, [str(root)]
    while waiting:
        process = Path("/proc", waiting.pop())
        with contextlib.suppress(OSError):
            lines = (process / "smaps_rollup").read_text(encoding="utf-8").splitlines()
            kilobytes += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
            waiting += [child for thread in process.glob("task/*/children") for child in thread.read_text().split()]
    return kilobytes / 1e6


def size_of(folder: Path) -> float:
    """Return the gigabytes of the files in a folder; some may be deleted meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total / 1e9


class Measured(NamedTuple):
    """Resources of the stages for a number of articles, repeated, and for 1% more; gigabytes of some folders."""

    n_articles: int
    whole: dict[str, dict[str, float]]
    repeated: dict[str, dict[str, float]]
    more: dict[str, dict[str, float]]
    sizes: dict[str, float]
    quality: tuple[float, float]
    kinds: list[CopyQuality]

    def rows(self) -> list[str]:
        """Return the rows of the table."""
        rows = []
        for stage in STAGES:
            first, second, start = self.whole[stage], self.more[stage], self.repeated[stage]["cpu"]
            rows.append(
                f"| {self.n_articles:,} | {stage} | {first['cpu']:.1f} | {1e6 * first['cpu'] / self.n_articles:,.0f} | "
                f"{first['memory']:.2f} | {first['together']:.2f} | {start:.1f} | {second['cpu']:.1f} | "
                f"{second['cpu'] / first['cpu']:.1%} | {max(second['cpu'] - start, 0) / first['cpu']:.1%} |"
            )
        return rows

    def plan(self) -> list[str]:
        """Return the table of what more articles take, each figure in proportion to those that were measured."""
        from goldwire.bulk.postings import PAIR, POSTING
        from goldwire.bulk.segments import SEGMENTS
        from goldwire.dedup.candidates import NEIGHBOURS
        from goldwire.dedup.sketches import SKETCH_SIZE

        head = (
            "articles",
            "raw TB",
            "corpus TB",
            "shuffled TB, at most",
            "processor hours",
            *(f"hours on {CORES} cores", "USD", "partitions"),
            *("GB of a task on grams", "GB on pairs, at most", "GB on texts"),
        )
        rows = [f"| {' | '.join(head)} |", f"|{'---:|' * len(head)}"]
        for n_articles in PLANNED:
            factor = n_articles / self.n_articles
            hours = factor * sum(stage["cpu"] for stage in self.whole.values()) / 3600
            corpus = sum(self.sizes[part] for part in ("articles", "dedup", "release"))
            pairs = self.n_articles * SKETCH_SIZE * NEIGHBOURS * PAIR.itemsize / 1e9  # at most: if no gram is rare
            shuffled = SHUFFLES * (self.sizes["dedup"] + pairs)
            terabytes = [factor * size / 1000 for size in (self.sizes["raw"], corpus, shuffled)]
            cells = [f"{n_articles:,}", *(f"{size:.3g}" for size in terabytes), f"{hours:,.0f}"]
            cells += [f"{hours / CORES:,.1f}", f"{hours * PRICE:,.0f}", f"{SEGMENTS}"]
            grams = BYTES_HELD * self.n_articles * SKETCH_SIZE * POSTING.itemsize / 1e9
            texts = SHARE_IN_PAIRS * READERS * self.sizes["texts"]
            cells += [f"{factor * size / SEGMENTS:,.1f}" for size in (grams, BYTES_HELD * pairs, texts)]
            rows.append(f"| {' | '.join(cells)} |")
        return rows


def benchmark(n_articles: int, n_words: int, *, is_clean: bool) -> Measured:
    """Measure the stages for a number of articles."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("GOLDWIRE_BENCH_FOLDER")) as name:
        folder = Path(name)
        (folder / "raw").mkdir()
        (folder / "raw/sources.toml").write_text(SOURCE + "clean='none'\n" * is_clean, encoding="utf-8")
        write = partial(write_raw_files, folder / "raw/wire", n_words=n_words, is_clean=is_clean)
        raw = write(range(n_articles))
        whole = measure(folder, "1.0.0")
        repeated = measure(folder, "1.0.0")
        kinds = quality_by_kind(folder / "out", range(n_articles), n_words)
        sizes = {part: size_of(folder / "out" / part) for part in ("articles", "dedup", "release")}
        texts = pl.scan_parquet(folder / "out/articles/*.parquet").select(pl.col("text").str.len_bytes().sum())
        sizes["texts"] = texts.collect().item() / 1e9
        write(range(n_articles, n_articles + n_articles // 100))
        more = measure(folder, "1.1.0")
        quality = pair_quality(folder / "out")
    return Measured(n_articles, whole, repeated, more, sizes | {"raw": raw}, quality, kinds)


class NearDuplicates(NamedTuple):
    """What dedup took for a number of articles, and how many pairs it found; memory in gigabytes."""

    n_articles: int
    n_words: int
    stated: float
    used: dict[str, float]
    more: dict[str, float]
    quality: tuple[float, float]
    kinds: list[CopyQuality]

    def row(self) -> str:
        """Return a row of the table."""
        used, (precision, recall) = self.used, self.quality
        cells = (
            *(f"{self.n_articles:,}", f"{self.n_words}", f"{self.stated:.1f}", f"{used['together']:.2f}"),
            *(f"{used['memory']:.2f}", f"{used['disk']:.1f}", f"{used['cpu']:,.0f}", f"{self.more['cpu']:,.1f}"),
            *(f"{used['seconds'] / 60:.1f}", f"{precision:.4f}", f"{recall:.4f}"),
        )
        return f"| {' | '.join(cells)} |"


def near_duplicates_table(page: str, measured: NearDuplicates) -> list[str]:
    """Return the table of near-duplicates, with the rows that the page has of other sizes."""
    head = (
        *("articles", "words", "GB stated beforehand", "GB in all processes", "GB in the largest", "GB of files"),
        *("processor s", "s for 1% more", "minutes", "precision of pairs", "recall"),
    )
    block = page.partition("<!-- near-duplicates: bench_bulk.py -->")[2].partition(END)[0]
    rows = {measured.n_articles: measured.row()}
    for line in block.splitlines():
        if re.match(r"\| [\d,]+ \|", line):
            rows.setdefault(int(line.split()[1].replace(",", "")), line)
    return [f"| {' | '.join(head)} |", f"|{'---:|' * len(head)}", *(rows[number] for number in sorted(rows))]


def kinds_table(kinds: Sequence[CopyQuality], n_articles: int, n_words: int) -> list[str]:
    """Return the table of pairs of an original and a copy, by the kind of the copy."""
    head = (
        *(
            "articles",
            "words",
            "copy",
            "pairs",
            "near-duplicates by definition",
            "of these, expected from sketches",
        ),
        *("of these, in one cluster", "of all, in one cluster"),
    )
    rows = [f"| {' | '.join(head)} |", "|---:|---:|---|" + "---:|" * (len(head) - 3)]
    for kind in kinds:
        shares = kind.similar, kind.expected, kind.found, kind.together
        cells = f"{n_articles:,}", f"{n_words}", kind.kind, f"{kind.n_pairs:,}", *map(_share, shares)
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def near_duplicates(n_articles: int, stated: float, n_words: int) -> NearDuplicates:
    """Run dedup alone on articles in parts."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("GOLDWIRE_BENCH_FOLDER")) as name:
        folder = Path(name)
        write_parts(folder / "out/articles", range(n_articles), n_words=n_words)
        print(f"{n_articles:,} articles; at most {stated} GB in all processes", file=sys.stderr)
        used = measure(folder, "1.0.0", ("dedup",))["dedup"]
        print(json.dumps(used), file=sys.stderr)
        quality = pair_quality(folder / "out")
        print(json.dumps(quality), file=sys.stderr)
        kinds = quality_by_kind(folder / "out", range(n_articles), n_words)
        write_parts(folder / "out/articles", range(n_articles, n_articles + n_articles // 100), n_words=n_words)
        more = measure(folder, "1.1.0", ("dedup",))["dedup"]
    if used["together"] > stated:
        sys.exit(f"dedup held {used['together']:.2f} GB, more than the {stated} GB that were stated")
    return NearDuplicates(n_articles, n_words, stated, used, more, quality, kinds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="*", type=int, default=[2_000, 20_000])
    parser.add_argument("--write", action="store_true", help="store the table in docs/scale.md")
    parser.add_argument("--clean", action="store_true", help="texts in place of pages: no extraction")
    parser.add_argument("--near-duplicates", action="store_true", help="dedup alone, on articles that are written")
    parser.add_argument("--memory", type=float, default=2.0, help="gigabytes that dedup may hold in all processes")
    parser.add_argument("--words", type=int, default=N_WORDS, help="of half of the original articles at most")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--version", default="1.0.0", help=argparse.SUPPRESS)
    options: Any = parser.parse_args()
    if options.stage:
        run_stage(options.stage, options.folder, options.version)
        return
    if options.near_duplicates:
        found = near_duplicates(options.articles[-1], options.memory, options.words)
        rows = near_duplicates_table(PAGE.read_text(encoding="utf-8"), found)
        blocks = {"near-duplicates": rows, "kinds": kinds_table(found.kinds, found.n_articles, found.n_words)}
        if options.write:
            write_page(blocks)
        print("\n\n".join("\n".join(rows) for rows in blocks.values()))
        return
    measured: list[Measured] = []
    for number in options.articles:
        measured.append(benchmark(number, options.words, is_clean=options.clean))
        if options.write:
            write_page(tables(measured, options.words, is_clean=options.clean))
    found = tables(measured, options.words, is_clean=options.clean)
    print("\n\n".join("\n".join(rows) for rows in found.values()))


def tables(measured: list[Measured], n_words: int, *, is_clean: bool) -> dict[str, list[str]]:
    """Return the tables of docs/scale.md by the name of their block."""
    if is_clean:
        last = measured[-1]
        return {"memory": resources(measured), "kinds": kinds_table(last.kinds, last.n_articles, n_words)}
    qualities = ["| articles | precision of pairs | recall |", "|---:|---:|---:|"]
    qualities += [f"| {entry.n_articles:,} | {entry.quality[0]:.3f} | {entry.quality[1]:.3f} |" for entry in measured]
    return {"measured": resources(measured), "quality": qualities, "plan": measured[-1].plan()}


def resources(measured: list[Measured]) -> list[str]:
    """Return the table of what each stage takes, by number of articles."""
    header = (
        *("articles", "stage", "processor s", "us per article", "GB in the largest process", "GB in all processes"),
        *("s with nothing new", "s for 1% more", "share", "share beyond nothing new"),
    )
    rows = [f"| {' | '.join(header)} |", "|---:|---|" + "---:|" * (len(header) - 2)]
    return rows + [row for entry in measured for row in entry.rows()]


def write_page(found: dict[str, list[str]]) -> None:
    """Replace tables of docs/scale.md."""
    page = PAGE.read_text(encoding="utf-8")
    for name, rows in found.items():
        start = f"<!-- {name}: bench_bulk.py -->\n"
        before, _, rest = page.partition(start)
        lines = "\n".join(rows)
        page = f"{before}{start}\n{lines}\n\n{END}{rest.partition(END)[2]}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
