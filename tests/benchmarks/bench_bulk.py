"""Measure every stage over a corpus in Parquet: processor time, memory, and what 1% more articles cost.

    python tests/benchmarks/bench_bulk.py [ARTICLES ...] [--clean | --near-duplicates [--memory GB]] [--write]

For each number of articles, generates raw pages (HTML of invented words, with copies as in bench_dedup.py), runs
ingest, dedup, split, check and release on this machine, adds 1% more pages, and runs all again. Each stage is a
process of its own with one worker per core. Memory is the peak of the largest of these processes, and the most that
all of them held at once, pages that they share counted once (proportional set size, read every 0.1 s). --write stores
the figures in docs/scale.md after each size. With --clean the raw files have texts that are taken over as they are: the
extraction of pages, three quarters of the processor time, is left out. --near-duplicates
writes articles, runs dedup alone, compares its clusters with the generator's stories, and runs it again with 1% more;
it fails if all processes together hold more than --memory, which is stated before it starts.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]

from bench_dedup import planted

PAGE = ROOT / "docs/scale.md"
END = "<!-- end -->"
STAGES = ("ingest", "dedup", "split", "check", "release")
PAGES_PER_FILE = 2_000
PLANNED = 100_000_000, 1_000_000_000
CORES, PRICE = 256, 0.05  # of a cluster, and US dollars per core and hour: an assumption, not an offer
SHUFFLES = 2  # each gram is written once and read once; what follows is small beside that
SAMPLING_SECONDS = 0.1
ARTICLES_PER_PART = 10_000
SOURCE = "[wire]\nname='Wire'\nlanguage='und'\nlicence='invented'\nredistribute=true\n"
HTML = (
    "<html><head><title>{title} | Wire</title></head><body><nav><ul><li><a href=/>Home</a><li><a href=/w>World</a></ul>"
    "</nav><article><h1>{title}</h1>{body}</article><aside><h2>Most read</h2><ul><li><a href=/1>One</a></ul></aside>"
    "<footer>Copyright Wire. All rights reserved.</footer></body></html>"
)


def page(number: int, text: str, *, is_clean: bool) -> bytes:
    """A line of JSON with a page of news around a text, or with the text."""
    words = text.split()
    paragraphs = [" ".join(words[start : start + 50]).capitalize() for start in range(0, len(words), 50)]
    title = " ".join(words[:7]).capitalize()
    row = {"url": f"https://wire.example/{number}"}
    if is_clean:
        row |= {"title": title, "text": "\n\n".join(f"{paragraph}." for paragraph in paragraphs)}
    else:
        row["html"] = HTML.format(title=title, body="".join(f"<p>{paragraph}.</p>" for paragraph in paragraphs))
    return json.dumps(row).encode() + b"\n"


def generate(
    folder: Path, n_articles: int, first_file: int, stories: dict[str, tuple[int, int]], *, is_clean: bool
) -> int:
    """Write raw files with pages, add the story of each address to `stories`, and return their bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    size = 0
    for number, start in enumerate(range(0, n_articles, PAGES_PER_FILE), first_file):
        texts, of_file, _ = planted(min(PAGES_PER_FILE, n_articles - start), seed=number)
        for row, story in enumerate(of_file):
            stories[f"https://wire.example/{number * PAGES_PER_FILE + row}"] = number, story
        first = number * PAGES_PER_FILE
        data = b"".join(page(first + row, text, is_clean=is_clean) for row, text in enumerate(texts))
        (folder / f"{number:06}.jsonl").write_bytes(data)
        size += len(data)
    return size


def write_articles(folder: Path, bounds: range, stories: dict[str, tuple[int, int]]) -> None:
    """Write parts of numbered articles as ingest does, without raw files, and add the story of each to `stories`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from goldwire.bulk.article_table import article_schema
    from goldwire.bulk.parts import ROWS_PER_GROUP

    folder.mkdir(parents=True, exist_ok=True)
    for start in range(bounds.start, bounds.stop, ARTICLES_PER_PART):
        number = start // ARTICLES_PER_PART
        texts, of_part, _ = planted(min(ARTICLES_PER_PART, bounds.stop - start), seed=number)
        rows = []
        for row, (text, story) in enumerate(zip(texts, of_part, strict=True), start):
            url = f"https://wire.example/{row}"
            stories[url] = number, story
            rows.append({"id": f"wire-{row:012d}", "source": "wire", "url": url, "title": "", "text": text})
        name = hashlib.sha256(str(number).encode()).hexdigest()
        table = pa.Table.from_pylist(rows, schema=article_schema())
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=ROWS_PER_GROUP, compression="zstd")


def run_stage(stage: str, folder: Path, version: str) -> None:
    """Run a stage in this process and its workers, and print what it took as JSON."""
    from goldwire.parallel.tasks import ProcessTasks
    from goldwire.stages import bulk, bulk_release

    pool, out = ProcessTasks(), str(folder / "out")
    started = time.perf_counter()
    if stage == "ingest":
        bulk.ingest(str(folder / "raw"), out, pool=pool)
    elif stage == "release":
        bulk_release.release(out, version, pool=pool)
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
    for stage in stages:
        command = [sys.executable, __file__, "--stage", stage, "--folder", str(folder), "--version", version]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"GOLDWIRE_QUIET": "1"}) as process:
            together = 0.0
            while process.poll() is None:
                together = max(together, tree_memory(process.pid))
                time.sleep(SAMPLING_SECONDS)
            output = process.stdout.read() if process.stdout else b""
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        measured[stage] = json.loads(output) | {"together": together}
    return measured


def tree_memory(root: int) -> float:
    """Return the gigabytes that a process and its descendants hold now, each shared page once; 0 without /proc."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    tree, size = {root}, 0
    while size < len(tree):
        size = len(tree)
        tree |= {process for process, parent in parents.items() if parent in tree}
    total = 0
    for process in tree:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines()
            total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total / 1e6


def size_of(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e9


def pair_quality(folder: Path, stories: dict[str, tuple[int, int]]) -> tuple[float, float]:
    """Return precision and recall of the pairs of articles that are in one cluster."""
    import pyarrow.parquet as pq

    both, clusters, originals = Counter[object](), Counter[object](), Counter[object]()
    for path in (folder / "articles").iterdir():
        urls = pq.read_table(path, columns=["url"])["url"].to_pylist()
        names = pq.read_table(folder / "clusters" / path.name, columns=["cluster"])["cluster"].to_pylist()
        for url, cluster in zip(urls, names, strict=True):
            originals[stories[url]] += 1
            if cluster is not None:
                clusters[cluster] += 1
                both[cluster, stories[url]] += 1
    right, stated, real = (sum(n * (n - 1) // 2 for n in counts.values()) for counts in (both, clusters, originals))
    return right / stated, right / real


class Measured(NamedTuple):
    """Resources of the stages for a number of articles, and for 1% more; gigabytes of some folders."""

    n_articles: int
    whole: dict[str, dict[str, float]]
    more: dict[str, dict[str, float]]
    sizes: dict[str, float]
    quality: tuple[float, float]

    def rows(self) -> list[str]:
        """Return the rows of the table."""
        rows = []
        for stage in STAGES:
            first, second = self.whole[stage], self.more[stage]
            rows.append(
                f"| {self.n_articles:,} | {stage} | {first['cpu']:.1f} | {1e6 * first['cpu'] / self.n_articles:,.0f} | "
                f"{first['memory']:.2f} | {first['together']:.2f} | {second['cpu']:.1f} | "
                f"{second['cpu'] / first['cpu']:.0%} |"
            )
        return rows

    def plan(self) -> list[str]:
        """Return the table of what more articles take, each figure in proportion to those that were measured."""
        head = "articles", "raw TB", "corpus TB", "shuffled TB", "processor hours", f"hours on {CORES} cores", "USD"
        rows = [f"| {' | '.join(head)} |", f"|{'---:|' * len(head)}"]
        for n_articles in PLANNED:
            factor = n_articles / self.n_articles
            hours = factor * sum(stage["cpu"] for stage in self.whole.values()) / 3600
            corpus = sum(self.sizes[part] for part in ("articles", "dedup", "release"))
            terabytes = [factor * size / 1000 for size in (self.sizes["raw"], corpus, SHUFFLES * self.sizes["dedup"])]
            cells = [f"{n_articles:,}", *(f"{size:.3g}" for size in terabytes), f"{hours:,.0f}"]
            cells += [f"{hours / CORES:,.1f}", f"{hours * PRICE:,.0f}"]
            rows.append(f"| {' | '.join(cells)} |")
        return rows


def benchmark(n_articles: int, *, is_clean: bool) -> Measured:
    """Measure the stages for a number of articles."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("GOLDWIRE_BENCH_FOLDER")) as name:
        folder = Path(name)
        (folder / "raw").mkdir()
        (folder / "raw/sources.toml").write_text(SOURCE + "clean='none'\n" * is_clean, encoding="utf-8")
        stories: dict[str, tuple[int, int]] = {}
        raw = generate(folder / "raw/wire", n_articles, 0, stories, is_clean=is_clean) / 1e9
        whole = measure(folder, "1.0.0")
        sizes = {part: size_of(folder / "out" / part) for part in ("articles", "dedup", "release")}
        generate(folder / "raw/wire", n_articles // 100, 900_000, stories, is_clean=is_clean)
        more = measure(folder, "1.1.0")
        quality = pair_quality(folder / "out", stories)
    return Measured(n_articles, whole, more, sizes | {"raw": raw}, quality)


class NearDuplicates(NamedTuple):
    """What dedup took for a number of articles, and how many pairs it found; memory in gigabytes."""

    n_articles: int
    stated: float
    used: dict[str, float]
    more: dict[str, float]
    disk: float
    quality: tuple[float, float]

    def rows(self) -> list[str]:
        """Return the table: what was measured, and what follows for ten times as many articles."""
        head = (
            *("articles", "GB stated beforehand", "GB in all processes", "GB in the largest", "GB of files"),
            *("processor s", "s for 1% more", "minutes", "precision of pairs", "recall"),
        )
        precision, recall = self.quality
        measured = (
            *(f"{self.stated:.1f}", f"{self.used['together']:.2f}", f"{self.used['memory']:.2f}", f"{self.disk:.1f}"),
            *(f"{self.used['cpu']:,.0f}", f"{self.more['cpu']:,.1f}", f"{self.used['seconds'] / 60:.1f}"),
            *(f"{precision:.4f}", f"{recall:.4f}"),
        )
        # The tasks are as large, and ten times as many.
        reckoned = f"{self.stated:.1f}", "", "", f"{10 * self.disk:.1f}", f"{10 * self.used['cpu']:,.0f}"
        return [
            f"| {' | '.join(head)} |",
            f"|{'---:|' * len(head)}",
            f"| {self.n_articles:,}, measured | {' | '.join(measured)} |",
            f"| {10 * self.n_articles:,}, reckoned | {' | '.join(reckoned)} | | {self.used['seconds'] / 6:.1f} | | |",
        ]


def near_duplicates(n_articles: int, stated: float) -> NearDuplicates:
    """Run dedup alone on articles in parts."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("GOLDWIRE_BENCH_FOLDER")) as name:
        folder = Path(name)
        stories: dict[str, tuple[int, int]] = {}
        write_articles(folder / "out/articles", range(n_articles), stories)
        print(f"{n_articles:,} articles; at most {stated} GB in all processes", file=sys.stderr)
        used = measure(folder, "1.0.0", ("dedup",))["dedup"]
        disk, quality = size_of(folder / "out"), pair_quality(folder / "out", stories)
        write_articles(folder / "out/articles", range(n_articles, n_articles + n_articles // 100), stories)
        more = measure(folder, "1.1.0", ("dedup",))["dedup"]
        found = NearDuplicates(n_articles, stated, used, more, disk, quality)
    if used["together"] > stated:
        sys.exit(f"dedup held {used['together']:.2f} GB, more than the {stated} GB that were stated")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="*", type=int, default=[2_000, 20_000])
    parser.add_argument("--write", action="store_true", help="store the table in docs/scale.md")
    parser.add_argument("--clean", action="store_true", help="texts in place of pages: no extraction")
    parser.add_argument("--near-duplicates", action="store_true", help="dedup alone, on articles that are written")
    parser.add_argument("--memory", type=float, default=2.0, help="gigabytes that dedup may hold in all processes")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--version", default="1.0.0", help=argparse.SUPPRESS)
    options: Any = parser.parse_args()
    if options.stage:
        run_stage(options.stage, options.folder, options.version)
        return
    if options.near_duplicates:
        rows = near_duplicates(options.articles[-1], options.memory).rows()
        if options.write:
            write_page({"near-duplicates": rows})
        print("\n".join(rows))
        return
    measured: list[Measured] = []
    for number in options.articles:
        measured.append(benchmark(number, is_clean=options.clean))
        if options.write:
            write_page({"memory": resources(measured)} if options.clean else tables(measured))
    found = {"memory": resources(measured)} if options.clean else tables(measured)
    print("\n\n".join("\n".join(rows) for rows in found.values()))


def tables(measured: list[Measured]) -> dict[str, list[str]]:
    """Return the tables of docs/scale.md by the name of their block."""
    qualities = ["| articles | precision of pairs | recall |", "|---:|---:|---:|"]
    qualities += [f"| {entry.n_articles:,} | {entry.quality[0]:.3f} | {entry.quality[1]:.3f} |" for entry in measured]
    return {"measured": resources(measured), "quality": qualities, "plan": measured[-1].plan()}


def resources(measured: list[Measured]) -> list[str]:
    """Return the table of what each stage takes, by number of articles."""
    header = (
        *("articles", "stage", "processor s", "us per article", "GB in the largest process", "GB in all processes"),
        *("s for 1% more", "share"),
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
