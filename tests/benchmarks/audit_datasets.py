"""Audit public data sets that the reader has fetched, and write docs/audited-datasets.md: codes and counts only.

    python tests/benchmarks/audit_datasets.py --data DIR [--write]

`DIR` has the files named in `SETS`; those that are missing are left out of the table. No text of a data set is
printed or written.
"""

from __future__ import annotations

import argparse
import sys
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
BEGIN, END = "<!-- begin: audit_datasets.py -->", "<!-- end: audit_datasets.py -->"


class PublicSet(msgspec.Struct, frozen=True):
    """A data set: its name with its reference, the file, and columns that the audit is given."""

    name: str
    file: str
    text: str | None = None
    label: str | None = None
    group: str | None = None


SETS = (
    PublicSet("NewsMTSC (Hamborg and Donnay, EACL 2021), by article", "newsmtsc.jsonl.gz", group="doc_id"),
    PublicSet("NewsMTSC, by story", "newsmtsc.jsonl.gz", group="story_id"),
    PublicSet("Broad Twitter Corpus (Derczynski, Bontcheva and Roberts, COLING 2016), texts", "btc_docs.jsonl.gz"),
    PublicSet("BiasLab, articles", "biaslab_docs.jsonl.gz"),
    PublicSet("planted near-duplicates, documents", "neardup_docs.jsonl.gz"),
)


def row(one: PublicSet, folder: Path) -> str:
    """Return the line of a data set in the table."""
    report = audit.run(
        folder / one.file,
        columns=Columns(text=one.text, label=one.label, group=one.group),
        options=Options(max_per_code=1),
    )
    counts = Counter(finding.code for finding in report.findings)
    counts.update(report.unlisted)
    codes = ", ".join(f"`{code}` {count:,}" for code, count in sorted(counts.items())) or "none"
    return f"| {one.name} | {report.errors:,} | {report.warnings:,} | {codes} | {report.conclusion or 'one split'} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--write", action="store_true", help="write the table into docs/audited-datasets.md")
    options = parser.parse_args()
    lines = ["| data | errors | warnings | findings by code | leaks |", "|---|---|---|---|---|"]
    lines += [row(one, options.data) for one in SETS if (options.data / one.file).exists()]
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write:
        replace_block(PAGE, BEGIN, END, "\n".join(lines))


if __name__ == "__main__":
    main()
