"""Start-up: how long commands take that do next to nothing, beside commands of other tools and bare Python.

    python tests/benchmarks/bench_startup.py [--rounds N]

Each command runs in a process of its own, in turns with the others; the ratio is to `goldwire --version`. Bare Python
is the limit.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from timing import duration, print_header, print_reasons, print_row, ratio, take_turns

GOLDWIRE = (sys.executable, "-m", "goldwire")
COMMANDS = {
    "`goldwire --version`": (*GOLDWIRE, "--version"),
    "`goldwire --help`": (*GOLDWIRE, "--help"),
    "`goldwire status`, new workspace": (*GOLDWIRE, "status"),
    "`goldwire check`, new workspace": (*GOLDWIRE, "check"),
    "bare Python": (sys.executable, "-c", "pass"),
    "`import pandas`": (sys.executable, "-c", "import pandas"),
    "`import datasets`": (sys.executable, "-c", "import datasets"),
    "`hf --help`": (sys.executable, "-m", "huggingface_hub.cli.hf", "--help"),
    "`spacy --help`": (sys.executable, "-m", "spacy", "--help"),
}
REASONS = {
    "bare Python": "the command line imports typer, and the records msgspec: these two are most of what it adds."
}
"""Why goldwire takes longer, where it does."""


def main() -> None:
    """Run every command in a new workspace, and print a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run((*GOLDWIRE, "init", "bench"), cwd=folder, check=True, capture_output=True)
        run = partial(subprocess.run, cwd=Path(folder) / "bench", check=True, capture_output=True)
        took = take_turns({name: partial(run, command) for name, command in COMMANDS.items()}, options.rounds)
    print_header("command", "time", "ratio")
    reference = took["`goldwire --version`"]
    for name, timing in took.items():
        print_row((name, duration(timing), ratio(timing, reference)))
    others = {name: timing.median for name, timing in took.items() if "goldwire" not in name}
    print_reasons(reference.median, others, REASONS)


if __name__ == "__main__":
    main()
