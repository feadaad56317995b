"""Run the benchmarks one after another, and write what they print to tests/benchmarks/RESULTS.md.

    python tests/benchmarks/record_results.py [--quick] [--only NAME ...] [--pages PAGES.jsonl.gz ...] [--out FILE]

Each benchmark compares goldwire with what a user would use instead, in one run. RESULTS.md has the machine, the
versions, the date and the command of each figure; docs/performance.md includes it. `--quick` takes small sizes, which
show that the benchmarks work and nothing else. `--pages` are page sets with gold text for the benchmark of extraction.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import peers
from timing import BEHIND

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
WIDTH = 100
PACKAGES = (
    *("goldwire", "numpy", "polars", "pyarrow", "lxml", "datasets", "scikit-learn", "krippendorff", "crowd-kit"),
    *("pygamma-agreement", "trafilatura", "readability-lxml", "resiliparse", "justext", "datasketch", "rensa", "daft"),
    *("newspaper4k", "nltk", "opt-gamma", "iterative-stratification", "huggingface-hub", "spacy"),
    *("pandas", "pandera", "pointblank", "duckdb", "doccano-client", "dkpro-cassis", "conllu", "bioc"),
)
"""Packages whose versions decide the figures."""


class Benchmark(NamedTuple):
    """A script with the arguments of an ordinary and of a quick run."""

    title: str
    script: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What `--only` takes: `dedup` of bench_dedup.py."""
        return self.script.removeprefix("bench_").removesuffix(".py")


BENCHMARKS = (
    Benchmark("Extraction from HTML and text", "bench_extract.py"),
    Benchmark("Ingest", "bench_ingest.py", ("20",), ("1", "--rounds", "1")),
    Benchmark("Near-duplicates", "bench_dedup.py", ("50000",), ("500", "--rounds", "1")),
    Benchmark("Stages over a corpus in Parquet", "bench_bulk.py", ("5000",), ("100",)),
    Benchmark("Splits", "bench_splits.py", (), ("200", "--rounds", "1")),
    Benchmark("Tables of a version", "bench_release.py", (), ("100", "--rounds", "1")),
    Benchmark("Start-up", "bench_startup.py", (), ("--rounds", "1")),
    Benchmark("Push to and pull from Doccano", "bench_roundtrip.py", ("3000",), ("10", "--loop", "2")),
    Benchmark("Measures of agreement", "bench_agreement.py", (), ("--items", "500", "--articles", "20")),
    Benchmark("Audit of a dataset", "bench_checks.py", (), ("2000",)),
    Benchmark("Check of a workspace", "bench_workspace.py", (), ("20",)),
    Benchmark("Import and export", "bench_formats.py", ("--documents", "2000"), ("--documents", "20")),
    Benchmark("Audit of labels", "bench_label_audit.py"),
    Benchmark(
        "Error rates of certificates",
        "bench_certification.py",
        ("--studies", "300", "--only", "certification.md"),
        ("--studies", "4", "--only", "certification.md"),
    ),
    Benchmark("Uncertain articles first", "bench_uncertain.py", (), ("--seeds", "1")),
)
SEPARATE = {
    "bench_intervals.py": "ten minutes of simulation; it writes docs/agreement-intervals.md",
    "bench_text.py": "needs text dumps of gold pages; it writes docs/extraction-text.md",
}
"""Benchmarks that are run by themselves, each with its reason."""


class Outcome(NamedTuple):
    """What a benchmark printed, and how it ended."""

    benchmark: Benchmark
    command: tuple[str, ...]
    seconds: float
    output: str
    exit_code: int


def run(benchmark: Benchmark, arguments: Sequence[str], *, with_peers: bool = True) -> Outcome:
    """Run one benchmark in a process of its own, with or without tools that need environments of theirs."""
    command = ("python", f"tests/benchmarks/{benchmark.script}", *arguments)
    started = time.monotonic()
    done = subprocess.run(
        (sys.executable, str(HERE / benchmark.script), *arguments),
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ if with_peers else os.environ | {peers.SWITCH: "off"},
    )
    output = done.stdout if done.returncode == 0 else done.stdout + done.stderr[-2000:]
    return Outcome(benchmark, command, time.monotonic() - started, output, done.returncode)


def describe(script: str) -> str:
    """Return the description of a script: its docstring without the usage."""
    text = ast.get_docstring(ast.parse((HERE / script).read_text(encoding="utf-8"))) or ""
    return "\n\n".join(wrap(part) for part in text.split("\n\n") if not part.startswith("    "))


def wrap(paragraph: str, indent: str = "") -> str:
    """Return a paragraph in lines as long as those of the project's other Markdown files."""
    return textwrap.fill(
        " ".join(paragraph.split()), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def machine() -> Iterator[str]:
    """Yield lines on the machine and the versions."""
    model = platform.processor() or "unknown"
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), model)
    except OSError:
        pass  # not Linux
    yield f"- Machine: {os.cpu_count()} cores ({model}), {platform.system()} {platform.machine()}"
    yield f"- Python {platform.python_version()}"
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{package} not installed")
    yield f"- Versions: {', '.join(versions)}"
    if others := peers.installed():
        yield f"- In environments of their own: {', '.join(others)}"


def tables(output: str) -> str:
    """Return the Markdown tables in what a benchmark printed: a solver prints what it does between their rows."""
    lines = output.splitlines()
    kept: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("|"):
            is_header = following.startswith(("|-", "| -"))
            kept += ["", line] if is_header and kept else [line]
    return "\n".join(kept)


def reasons(output: str) -> list[str]:
    """Return the lines that say why a row is behind another."""
    return [line for line in output.splitlines() if line.startswith(BEHIND)]


def page(outcomes: Iterable[Outcome], *, quick: bool) -> str:
    """Return the Markdown of RESULTS.md."""
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    parts = [
        "# Performance",
        wrap(
            "`make bench` writes this page. Each table compares goldwire with other tools in one run on one machine: "
            "the ratios carry over to other machines, the times do not."
        ),
        "\n".join(wrap(line, "  ") for line in (f"- Date: {today}", *machine())),
    ]
    if quick:
        parts.append("**A quick run: the sizes are too small for figures that mean anything.**")
    for outcome in outcomes:
        table = tables(outcome.output) if outcome.exit_code == 0 else ""
        failed = "" if outcome.exit_code == 0 else f" It failed with exit code {outcome.exit_code}."
        parts += [
            f"## {outcome.benchmark.title}",
            describe(outcome.benchmark.script),
            f"`{shlex.join(outcome.command)}` took {outcome.seconds:.0f} s.{failed}",
            table or f"```text\n{_without_reasons(outcome.output)}\n```",
            *(["\n".join(wrap(line, "  ") for line in found)] if (found := reasons(outcome.output)) else []),
        ]
    return "\n\n".join(parts) + "\n"


def _without_reasons(output: str) -> str:
    return "\n".join(line for line in output.strip().splitlines() if not line.startswith(BEHIND))


def main() -> int:
    """Run the benchmarks; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=[benchmark.name for benchmark in BENCHMARKS])
    parser.add_argument("--pages", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    outcomes = []
    for benchmark in BENCHMARKS:
        if options.only and benchmark.name not in options.only:
            continue
        arguments = list(benchmark.quick if options.quick else benchmark.arguments)
        if benchmark.name == "extract":
            arguments += [str(path.resolve()) for path in options.pages]
        sys.stderr.write(f"{benchmark.script} {' '.join(arguments)}\n")
        outcomes.append(run(benchmark, arguments, with_peers=not options.quick))
        # After each, so that an interrupted run leaves what it has measured.
        options.out.write_text(page(outcomes, quick=options.quick), encoding="utf-8")
    return int(any(outcome.exit_code for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
