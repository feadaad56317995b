"""Train the network that tells line breaks at inline tags from others, and judge it on sets that it has not seen.

    python tests/benchmarks/train_fragments.py DUMPS.jsonl.gz [...] [--write]

DUMPS are what dump_pages.py writes, of which the dumps by `get_text` say for each line whether only inline tags
separate it from the line before. Prints precision and recall of such breaks by folds over sets. `--write`
trains on all pages and writes scripts/goldwire/extraction/plaintext/fragment_weights.npz with the digest of the data
and the scores.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from networks import TrainingOptions, save_network, train

from goldwire.extraction.network import FRAGMENTS, Network, probabilities
from goldwire.extraction.plaintext.fragments import break_features, has_fragments, lines_and_gaps
from goldwire.text.normalization import normalize
from support.article_score import print_line

OPTIONS = TrainingOptions(units=16, networks=2, epochs=6, batch=512, rate=3e-3, decay=1e-4, dropout=0.1)
THRESHOLD = 0.5


class Page:
    """The breaks of a dump: their features, and whether an inline tag made each."""

    def __init__(self, row: dict[str, object]) -> None:
        lines, gaps = lines_and_gaps(normalize(str(row["raw_text"])).text)
        self.set = row["set"]
        self.is_joined = np.array(row["is_joined"][1:], bool)
        self.features = break_features(lines, gaps)
        self.weights = np.full(len(self.is_joined), 1 / np.sqrt(len(self.is_joined)), np.float32)


def read(path: Path) -> list[Page]:
    pages = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row.get("is_joined") and len(row["is_joined"]) > 2:
                lines, _ = lines_and_gaps(normalize(row["raw_text"]).text)
                if len(lines) == len(row["is_joined"]) and has_fragments(lines):
                    pages.append(Page(row))
    return pages


def fit(pages: list[Page]) -> Network:
    columns = (np.concatenate([getattr(page, name) for page in pages]) for name in ("features", "is_joined", "weights"))
    return train(*columns, OPTIONS, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dumps", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="train on all pages and write the weights")
    options = parser.parse_args()
    pages, scores = [page for path in options.dumps for page in read(path)], []
    for name in sorted({page.set for page in pages}):
        network = fit([page for page in pages if page.set != name])
        test = [page for page in pages if page.set == name]
        guess = np.concatenate([probabilities(page.features, network) for page in test]) > THRESHOLD
        truth = np.concatenate([page.is_joined for page in test])
        right = (guess & truth).sum()
        scores.append(f"{name} P {right / guess.sum():.4f} R {right / truth.sum():.4f}")
        print_line(f"{scores[-1]} of {len(test)} dumps with {len(truth)} breaks")
    if options.write:
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in options.dumps)).hexdigest()
        made_by = "tests/benchmarks/train_fragments.py"
        save_network(fit(pages), FRAGMENTS, made_by=made_by, data_sha256=digest, scores="; ".join(scores))


if __name__ == "__main__":
    main()
