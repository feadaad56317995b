"""Fit the weights of goldwire.ingestion.page_detection, and print how it does on pages that were left out.

    python tests/benchmarks/train_page_detection.py PAGES.jsonl.gz [PAGES.jsonl.gz ...]

Rows are {id, gold_text} with `raw_text` (a dump) or `html` (dumped here as dump_pages.py does). Pages are the dumps;
clean are the gold texts, what trafilatura extracts, and the articles of the sample corpus beside its raw text files.
Five folds keep the texts of one page together.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

import numpy as np
import trafilatura
from dump_pages import dump
from lxml import etree
from msgspec.structs import astuple, fields
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from goldwire.extraction.api import prepare_text
from goldwire.ingestion.page_detection import PageFeatures, page_features
from goldwire.records import Article
from goldwire.workspace import jsonl
from support.article_score import print_line

WEIGHT = {"dump": 2.0, "gold": 3.0, "trafilatura": 1.0, "sample raw": 2.0, "sample article": 1.0}


class Example(NamedTuple):
    group: str
    form: str
    is_page: bool
    text: str


def examples(path: Path) -> Iterator[Example]:
    """Yield the dump, the gold text and trafilatura's text of each row."""
    for line in gzip.decompress(path.read_bytes()).splitlines():
        row = json.loads(line)
        group = f"{path.name.removesuffix('.gz')} {row['id']}" if "html" not in path.name else str(row["id"])
        yield Example(group, "gold", False, row["gold_text"])
        if "raw_text" in row:
            yield Example(group, "dump", True, row["raw_text"])
            continue
        try:
            yield Example(group, "dump", True, dump(row["html"]))
        except (ValueError, etree.LxmlError):
            continue
        yield Example(group, "trafilatura", False, trafilatura.extract(row["html"], include_comments=False) or "")


def sample() -> Iterator[Example]:
    """Yield the raw text files and the articles of the sample corpus."""
    for path in sorted((ROOT / "corpus" / "raw").glob("*/*.txt")):
        yield Example(path.name, "sample raw", True, path.read_text(encoding="utf-8", errors="replace"))
    for path in sorted((ROOT / "corpus" / "articles").glob("*.jsonl")):
        for article in jsonl.read(path, Article):
            yield Example(Path(article.origin.file).name, "sample article", False, article.text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path, nargs="+")
    rows = [example for path in parser.parse_args().pages for example in examples(path)]
    rows = [row for row in (*rows, *sample()) if row.text.strip()]
    features = np.array([[float(v) for v in astuple(page_features(prepare_text(row.text).lines))] for row in rows])
    is_page, forms = np.array([row.is_page for row in rows]), np.array([row.form for row in rows])
    weight = np.array([WEIGHT[form] / np.sum(forms == form) for form in forms]) * 1000
    groups = np.array([row.group for row in rows])
    model = LogisticRegression(max_iter=5000)
    found = cross_val_predict(
        model, features, is_page, groups=groups, cv=GroupKFold(5), params={"sample_weight": weight}
    )
    for form in WEIGHT:
        right = (found == is_page)[forms == form]
        print_line(f"{form}: {right.mean():.2%} of {len(right)} right")
    model.fit(features, is_page, sample_weight=weight)
    for field, value in zip(fields(PageFeatures), model.coef_[0], strict=True):
        print_line(f'    "{field.name}": {value:.2f},')
    print_line(f"_BIAS = {model.intercept_[0]:.2f}")


if __name__ == "__main__":
    main()
