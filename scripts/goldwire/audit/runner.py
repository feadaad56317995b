"""The audit of a dataset: count every problem in one pass, then look up the rows of those that occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from goldwire.audit import cross_split_similarity, leakage, offset_checks, row_checks
from goldwire.audit.grouping import with_groups
from goldwire.audit.splits import NO_SPLIT
from goldwire.audit.table import AuditOptions, AuditResult, Dataset, Leak
from goldwire.checks.registry import RULES, sort_key
from goldwire.quantities import quantity
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = ["audit_dataset"]

_CHUNK_ROWS = 1_000_000
_OF_TEXTS = ("near-text-across-splits", "id-repeated")  # found in the table that has the texts, or no error in others
_OF_CLASSES = ("class-imbalance", "split-lacks-label")  # of rows: one kind of span is not an error
_CANDIDATES = frozenset(("stance_candidates", "entity_candidates"))  # configurations of goldwire's releases
_MAX_SUSPECT_TEXTS = 100_000  # checked in Python, in 2 s; a dataset with more has one problem many times


def audit_dataset(dataset: Dataset, limits: AuditOptions) -> AuditResult:
    """Return the findings of a dataset; a problem of a million rows is counted and listed `max_per_code` times."""
    limits = msgspec.structs.replace(limits, labels=limits.labels or dataset.labels)
    if dataset.has_joined_texts:
        codes = frozenset(RULES) if limits.codes is None else limits.codes
        left_out = (*_OF_TEXTS, *(_OF_CLASSES if dataset.columns.start is not None else ()))
        limits = msgspec.structs.replace(limits, codes=codes.difference(row_checks.SUSPECT_CODES, left_out))
    if dataset.columns.label is not None:
        dataset = leakage.without_secret_labels(dataset)
    if limits.wants("group-across-splits"):
        dataset = with_groups(dataset)
    counted = _collect(dataset, limits)
    collector = _Collector(dataset, limits)
    collector.add(problem for problem in dataset.problems if limits.wants(problem.code))
    if "files" in counted:
        collector.empty(set(counted["files"]["file"]))
    collector.rows(counted["rows"].row(0, named=True))
    if "suspects" in counted:
        collector.suspects(counted["suspects"])
    if "spans" in counted and counted["spans"].item():
        collector.spans()
    if "keys" in counted:
        collector.repeats(leakage.count_repeats(counted.pop("keys")))
    if "classes" in counted:
        collector.classes(counted["classes"])
    if limits.wants("near-text-across-splits"):
        collector.near_duplicates(counted["rows"]["n"][0])
    return collector.result(tuple(sorted({*counted["splits"]["split"]} - {NO_SPLIT})))


def _plans(dataset: Dataset, limits: AuditOptions) -> dict[str, pl.LazyFrame]:
    """Return the queries that the selected checks need, keyed by their name; they run together, on all cores."""
    import polars as pl

    spans = offset_checks.span_rows(dataset)

    plans = {"rows": dataset.frame.select(pl.len().alias("n"), *_sums(row_checks.predicates(dataset, limits)))}
    plans["splits"] = dataset.frame.select("split").unique()
    if limits.wants("split-empty"):
        plans["files"] = dataset.frame.select("file").unique()
    if limits.wants(*row_checks.SUSPECT_CODES):
        plans["suspects"] = row_checks.suspect_texts(dataset).head(_MAX_SUSPECT_TEXTS)
    if spans is not None and offset_checks.predicates(dataset, limits):
        plans["spans"] = spans.select(offset_checks.needs_check(dataset, limits).sum())
    if dataset.columns.label is not None and limits.wants("class-imbalance", "split-lacks-label", "label-missing"):
        plans["classes"] = leakage.class_counts(dataset)
    keys = leakage.key_columns(dataset, limits)
    if keys is not None:
        plans["keys"] = keys
    return plans


def _collect(dataset: Dataset, limits: AuditOptions) -> dict[str, pl.DataFrame]:
    """Run all queries chunk by chunk; counts are summed, lists are concatenated.

    Queries that run together share what they read, but hold it in memory: a million rows take 0.8 GB, ten million in
    one chunk 6.1 GB.
    """
    import polars as pl

    row_count = dataset.frame.select(pl.len()).collect(engine="streaming").item()
    parts: dict[str, list[pl.DataFrame]] = {}
    for first in range(0, max(row_count, 1), _CHUNK_ROWS):
        chunk = msgspec.structs.replace(dataset, frame=dataset.frame.slice(first, _CHUNK_ROWS))
        plans = _plans(chunk, limits)
        for name, part in zip(plans, pl.collect_all(plans.values(), engine="streaming"), strict=True):
            parts.setdefault(name, []).append(part)
    frames_by_plan = {name: pl.concat(frames) for name, frames in parts.items()}
    return {name: frame.sum() if name in ("rows", "spans") else frame for name, frame in frames_by_plan.items()}


def _sums(predicates: dict[str, pl.Expr]) -> list[pl.Expr]:
    return [predicate.sum().alias(code) for code, predicate in predicates.items()]


class _Collector:
    """Collects findings, at most `max_per_code` per code, and counts the others."""

    def __init__(self, dataset: Dataset, limits: AuditOptions) -> None:
        self.dataset, self.limits = dataset, limits
        self.findings: list[Finding] = []
        self.notes = [dataset.describe()]
        self.counts: Counter[str] = Counter()
        self.all: Counter[str] = Counter()
        self.leaks: list[Leak] = []

    def add(self, found: Iterator[Finding], *, total: dict[str, int] | None = None) -> None:
        """Add findings; `total` has the counts by code if `found` does not yield all of them."""
        counts: Counter[str] = Counter()
        for finding in found:
            counts[finding.code] += 1
            if self.counts[finding.code] < self.limits.max_per_code:
                self.counts[finding.code] += 1
                self.findings.append(finding)
        self.all.update(counts if total is None else total)

    def empty(self, filled: set[int]) -> None:
        """Add findings of files with columns and without rows."""
        empty = [name for number, name in enumerate(self.dataset.files) if number not in filled]
        self.add(Finding(code="split-empty", file=name, line=None, item=None, message="no rows") for name in empty)

    def rows(self, counts: dict[str, int]) -> None:
        """Add findings of rows with a missing or invalid text, label or tag."""
        for code, predicate in row_checks.predicates(self.dataset, self.limits).items():
            if counts[code] and not row_checks.is_misread(code, counts):
                examples = (
                    self.dataset.frame.filter(predicate).head(self.limits.max_per_code).collect(engine="streaming")
                )
                self.add(
                    (
                        self.dataset.finding(code, row, row_checks.row_problem(code, row, self.limits))
                        for row in examples.sort("file", "row").iter_rows(named=True)
                    ),
                    total={code: counts[code]},
                )

    def suspects(self, found: pl.DataFrame) -> None:
        """Add findings of problems inside suspect texts."""
        # Once per text: a text may be in many rows, with a question each.
        texts = found.sort("file", "row").unique("text", keep="first", maintain_order=True)
        self.add(
            self.dataset.finding(code, row, message)
            for row in texts.iter_rows(named=True)
            for code, message in row_checks.text_problems(row["text"])
        )
        if found.height >= _MAX_SUSPECT_TEXTS:
            self.notes.append(
                f"characters and encodings were only checked in the first {_MAX_SUSPECT_TEXTS:,} suspect texts"
            )

    def spans(self) -> None:
        """Add findings of spans with wrong offsets or labels, after the first pass counted some."""
        spans = offset_checks.span_rows(self.dataset)
        if spans is None:
            return
        predicates = offset_checks.predicates(self.dataset, self.limits)
        suspect = spans.filter(offset_checks.needs_check(self.dataset, self.limits))
        counts = suspect.select(_sums(predicates)).collect(engine="streaming").row(0, named=True)
        for code, predicate in predicates.items():
            if counts[code]:
                examples = suspect.filter(predicate).head(self.limits.max_per_code).collect(engine="streaming")
                self.add(
                    (
                        self.dataset.finding(code, row, offset_checks.span_problem(code, row))
                        for row in examples.sort("file", "row", "start").iter_rows(named=True)
                    ),
                    total={code: counts[code]},
                )

    def repeats(self, counts: dict[str, leakage.RepeatCounts]) -> None:
        """Add findings of repeated texts, groups and ids."""
        for kind in ("text", "group"):
            if kind in counts and counts[kind].in_two_splits and self.limits.wants(f"{kind}-across-splits"):
                self.leak(leakage.leaked_keys(self.dataset, kind))
        are_answers = "row" in counts and leakage.are_several_answers(counts["row"])
        if are_answers:
            label, rows = self.dataset.columns.label, counts["row"]
            self.notes.append(
                f"{rows.with_two_labels:,} of {quantity(rows.repeated, 'text')} of several rows have several values of "
                f"{label!r}: rows are taken for answers of several annotators"
            )
        elif "row" in counts and counts["row"].with_two_labels and self.limits.wants("text-two-labels"):
            self.add(self._texts_with_two_labels())
        if not are_answers and "row" in counts and counts["row"].in_one_split and self.limits.wants("row-repeated"):
            self._again("row", "row-repeated", "the same text as")
        if "id" in counts and counts["id"].in_one_split and self.limits.wants("id-repeated"):
            name = self.dataset.columns.id
            if leakage.are_row_ids(counts["id"]):
                self._again("id", "id-repeated", f"the same {name} as")
            else:
                repeated = f"{counts['id'].in_one_split:,} of {quantity(counts['id'].total, 'row')}"
                self.notes.append(
                    f"column {name!r} does not identify rows: {repeated} repeat a value with another text"
                )

    def leak(self, found: Iterator[tuple[Finding, Leak]]) -> None:
        """Add findings of what is in two splits."""
        pairs = list(found)
        self.leaks += [leak for _, leak in pairs]
        self.add(finding for finding, _ in pairs)

    def _texts_with_two_labels(self) -> Iterator[Finding]:
        mixed = leakage.repeated_rows(self.dataset, "row", "mixed").collect(engine="streaming")
        for row in mixed.iter_rows(named=True):
            if row["first"] != row["at"]:
                first = self.dataset.location_of(row["first"])
                message = f"{row['label']!r} here, another label at {first}, for the same text"
                yield self.dataset.finding("text-two-labels", row, message)

    def _again(self, kind: str, code: str, words: str) -> None:
        """Add findings of repeated rows or ids, but for the first of each."""
        repeated = leakage.repeated_rows(self.dataset, kind, "twice").collect(engine="streaming")
        self.add(
            self.dataset.finding(code, row, f"{words} {self.dataset.location_of(row['first'])}")
            for row in repeated.iter_rows(named=True)
            if row["first"] != row["at"]
        )

    def classes(self, counts: pl.DataFrame) -> None:
        """Add findings of missing labels, and of rare and dominant classes."""
        import polars as pl

        labelled = leakage.labelled_splits(counts)
        missing = counts.filter(counts["split"].is_in(labelled) & (counts["label"].is_null() | (counts["label"] == "")))
        if missing.height and self.limits.wants("label-missing") and not self._are_candidates():
            rows = self.dataset.frame.filter(row_checks.label_missing(labelled))
            total = int(rows.select(pl.len()).collect(engine="streaming").item())
            examples = rows.head(self.limits.max_per_code).collect(engine="streaming")
            self.add(
                (self.dataset.finding("label-missing", row, "no label") for row in examples.iter_rows(named=True)),
                total={"label-missing": total},
            )
        for code, item, message in leakage.unbalanced_classes(counts):
            if not self.limits.wants(code):
                continue
            self.add(iter([Finding(code=code, file=self.dataset.files[0], line=None, item=item, message=message)]))

    def _are_candidates(self) -> bool:
        """Whether these are labels that goldwire left out of gold, beside those in gold: they have no gold label."""
        folders = {Path(file).parent.name for file in self.dataset.files}
        return self.dataset.columns.label == "gold_label" and folders <= _CANDIDATES

    def near_duplicates(self, count: int) -> None:
        """Add findings of near-duplicates across splits."""
        if self.limits.near_duplicates is None and count > self.limits.near_duplicates_max_rows:
            self.notes.append(
                f"near-duplicates were not searched for among {quantity(count, 'row')}: add --near-duplicates to do so"
            )
        elif self.limits.near_duplicates is not False:
            self.leak(cross_split_similarity.similar_texts(self.dataset))

    def result(self, splits: tuple[str, ...]) -> AuditResult:
        """Return the sorted findings, the counts of unlisted ones, the notes, and the leaks between the splits."""
        unlisted = {code: self.all[code] - self.counts[code] for code in self.all if self.all[code] > self.counts[code]}
        findings = tuple(sorted(self.findings, key=sort_key))
        return AuditResult(findings, unlisted, tuple(self.notes), splits, tuple(self.leaks))
