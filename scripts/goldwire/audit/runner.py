"""All checks of a dataset: count everything in one go, then look up the places of what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from goldwire.audit import cross_split_similarity as near
from goldwire.audit import leakage, offset_checks
from goldwire.audit import row_checks as rows
from goldwire.audit.table import Dataset, Found, Limits
from goldwire.checks.registry import sort_key
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = ["check_dataset"]

_STRETCH = 1_000_000  # rows
_SUSPECTS = 100_000  # texts looked at in Python: 2 s of work; a dataset with more has one fault, many times


def check_dataset(dataset: Dataset, limits: Limits) -> Found:
    """Check a dataset; a fault of a million rows costs a count and `limits.shown` findings."""
    limits = msgspec.structs.replace(limits, labels=limits.labels or dataset.labels)
    counted = _collect(dataset, limits)
    tally = _Tally(dataset, limits)
    tally.add(fault for fault in dataset.faults if limits.wants(fault.code))
    if "files" in counted:
        tally.empty(set(counted["files"]["file"]))
    tally.rows(counted["rows"].row(0, named=True))
    if "suspects" in counted:
        tally.suspects(counted["suspects"])
    if "spans" in counted and counted["spans"].item():
        tally.spans()
    if "keys" in counted:
        tally.repeats(leakage.repeats(counted.pop("keys")))
    if "classes" in counted:
        tally.classes(counted["classes"])
    if limits.wants("near-text-across-splits"):
        tally.near(counted["rows"]["n"][0])
    return tally.found()


def _plans(dataset: Dataset, limits: Limits) -> dict[str, pl.LazyFrame]:
    """What to count, by name, as far as it is wanted; all of it runs in one go, on all cores."""
    import polars as pl

    spans = offset_checks.one_a_row(dataset)

    plans = {"rows": dataset.frame.select(pl.len().alias("n"), *_sums(rows.predicates(dataset, limits)))}
    if limits.wants("split-empty"):
        plans["files"] = dataset.frame.select("file").unique()
    if limits.wants(*rows.SUSPECT_CODES):
        plans["suspects"] = rows.suspects(dataset).head(_SUSPECTS)
    if spans is not None and offset_checks.predicates(dataset, limits):
        plans["spans"] = spans.select(offset_checks.suspect(dataset, limits).sum())
    if dataset.columns.label is not None and limits.wants("class-imbalance", "split-lacks-label"):
        plans["classes"] = leakage.classes(dataset)
    keys = leakage.keys(dataset, limits)
    if keys is not None:
        plans["keys"] = keys
    return plans


def _collect(dataset: Dataset, limits: Limits) -> dict[str, pl.DataFrame]:
    """Run all plans over a stretch of rows at a time; what they count adds up, what they list goes end to end.

    Plans that run together share what they read, but keep it whole in memory: a million rows take 0.8 GB, and ten
    million in one stretch 6.1 GB.
    """
    import polars as pl

    rows_there = dataset.frame.select(pl.len()).collect(engine="streaming").item()
    parts: dict[str, list[pl.DataFrame]] = {}
    for first in range(0, max(rows_there, 1), _STRETCH):
        stretch = msgspec.structs.replace(dataset, frame=dataset.frame.slice(first, _STRETCH))
        plans = _plans(stretch, limits)
        for name, part in zip(plans, pl.collect_all(plans.values(), engine="streaming"), strict=True):
            parts.setdefault(name, []).append(part)
    whole = {name: pl.concat(found) for name, found in parts.items()}
    return {name: found.sum() if name in ("rows", "spans") else found for name, found in whole.items()}


def _sums(found: dict[str, pl.Expr]) -> list[pl.Expr]:
    return [predicate.sum().alias(code) for code, predicate in found.items()]


class _Tally:
    """Findings as they come, of each code so many as are spelt out, and a count of the rest."""

    def __init__(self, dataset: Dataset, limits: Limits) -> None:
        self.dataset, self.limits = dataset, limits
        self.findings: list[Finding] = []
        self.notes = [dataset.told()]
        self.counts: Counter[str] = Counter()
        self.all: Counter[str] = Counter()

    def add(self, found: Iterator[Finding], *, total: dict[str, int] | None = None) -> None:
        """Keep findings; `total` says how many there are where not all of them come."""
        seen: Counter[str] = Counter()
        for finding in found:
            seen[finding.code] += 1
            if self.counts[finding.code] < self.limits.shown:
                self.counts[finding.code] += 1
                self.findings.append(finding)
        self.all.update(seen if total is None else total)

    def empty(self, filled: set[int]) -> None:
        """Files that have columns and no rows."""
        lacking = [name for number, name in enumerate(self.dataset.files) if number not in filled]
        self.add(Finding(code="split-empty", file=name, line=None, item=None, message="no rows") for name in lacking)

    def rows(self, counts: dict[str, int]) -> None:
        """Rows without a text or a label, or with one that is none."""
        for code, predicate in rows.predicates(self.dataset, self.limits).items():
            if counts[code] and not rows.means_otherwise(code, counts):
                found = self.dataset.frame.filter(predicate).head(self.limits.shown).collect(engine="streaming")
                self.add(
                    (
                        self.dataset.finding(code, row, rows.row_fault(code, row, self.limits))
                        for row in found.sort("file", "row").iter_rows(named=True)
                    ),
                    total={code: counts[code]},
                )

    def suspects(self, found: pl.DataFrame) -> None:
        """Texts that may have what a text should not."""
        self.add(
            self.dataset.finding(code, row, message)
            for row in found.sort("file", "row").iter_rows(named=True)
            for code, message in rows.suspect_faults(row["text"])
        )
        if found.height >= _SUSPECTS:
            self.notes.append(f"characters and encodings were looked at in the first {_SUSPECTS:,} suspect texts only")

    def spans(self) -> None:
        """Spans with offsets or labels that are wrong, of which it is known that there are some."""
        spans = offset_checks.one_a_row(self.dataset)
        if spans is None:
            return
        wanted = offset_checks.predicates(self.dataset, self.limits)
        suspect = spans.filter(offset_checks.suspect(self.dataset, self.limits))
        counts = suspect.select(_sums(wanted)).collect(engine="streaming").row(0, named=True)
        for code, predicate in wanted.items():
            if counts[code]:
                found = suspect.filter(predicate).head(self.limits.shown).collect(engine="streaming")
                self.add(
                    (
                        self.dataset.finding(code, row, offset_checks.span_fault(code, row))
                        for row in found.sort("file", "row", "start").iter_rows(named=True)
                    ),
                    total={code: counts[code]},
                )

    def repeats(self, counts: dict[str, tuple[int, int, int]]) -> None:
        """Texts, groups and ids that are there again, where they should not be."""
        for kind in ("text", "group"):
            if kind in counts and counts[kind][0] and self.limits.wants(f"{kind}-across-splits"):
                self.add(leakage.across(self.dataset, kind))
        if "row" in counts and counts["row"][1]:
            self.add(self._mixed())
        for kind, code, words in (
            ("id", "id-repeated", f"the same {self.dataset.columns.id} as"),
            ("row", "row-repeated", "the same text as"),
        ):
            if kind in counts and counts[kind][2] and self.limits.wants(code):
                found = leakage.alike(self.dataset, kind, "twice").collect(engine="streaming")
                self.add(self._again(code, found, words))

    def _mixed(self) -> Iterator[Finding]:
        found = leakage.alike(self.dataset, "row", "mixed").collect(engine="streaming")
        for row in found.iter_rows(named=True):
            if row["first"] != row["at"]:
                message = f"{row['label']!r} here, otherwise at {self.dataset.say(row['first'])}, for the same text"
                yield self.dataset.finding("text-two-labels", row, message)

    def _again(self, code: str, found: pl.DataFrame, words: str) -> Iterator[Finding]:
        for row in found.iter_rows(named=True):
            if row["first"] != row["at"]:
                yield self.dataset.finding(code, row, f"{words} {self.dataset.say(row['first'])}")

    def classes(self, counts: pl.DataFrame) -> None:
        """Classes that are hardly there, or nearly all."""
        for code, where, message in leakage.uneven(counts):
            self.add(iter([Finding(code=code, file=self.dataset.files[0], line=None, item=where, message=message)]))

    def near(self, count: int) -> None:
        """Texts that are nearly those of another split."""
        if self.limits.near is None and count > self.limits.near_rows:
            self.notes.append(
                f"near-duplicates were not searched for among {count:,} rows: add --near-duplicates to do so"
            )
        elif self.limits.near is not False:
            self.add(near.across(self.dataset))

    def found(self) -> Found:
        """What was found, in order."""
        unlisted = {code: self.all[code] - self.counts[code] for code in self.all if self.all[code] > self.counts[code]}
        return Found(tuple(sorted(self.findings, key=sort_key)), unlisted, tuple(self.notes))
