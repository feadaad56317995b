"""Import and export: annotations (spans and relations) per second, by format.

    python tests/benchmarks/bench_formats.py [--documents N]

Random documents in many scripts, as in the tests.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from goldwire.formats.capabilities import without_losses
from goldwire.formats.registry import known_formats
from support.random_documents import random_documents

SLOW = {"cas-xmi": 20, "cas-json": 20}  # a twentieth of the documents
SUFFIXES = {"label-studio": ".json", "prodigy": ".jsonl", "web-annotation": ".json", "argilla": ".json", "csv": ".csv"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=4_000)
    options = parser.parse_args()
    documents = list(random_documents(options.documents, seed=1))
    sys.stdout.write(f"{'format':16} {'annotations':>12} {'export/s':>12} {'import/s':>12}\n")
    for name, chosen in known_formats().items():
        if not (chosen.capabilities.imports and chosen.capabilities.exports):
            continue
        some = [without_losses(d, chosen.capabilities) for d in documents[: len(documents) // SLOW.get(name, 1)]]
        count = sum(len(own.spans) + len(own.relations) for document in some for own in document.labels)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"out{SUFFIXES.get(name, '.json' if name == 'lewidi' else '')}"
            start = time.perf_counter()
            chosen.write(some, path)
            written = time.perf_counter()
            n_read = sum(1 for _ in chosen.read(path))
            done = time.perf_counter()
        speeds = count / (written - start), count / (done - written)
        sys.stdout.write(f"{name:16} {count:12,} {speeds[0]:12,.0f} {speeds[1]:12,.0f}  {n_read:,} documents\n")


if __name__ == "__main__":
    main()
