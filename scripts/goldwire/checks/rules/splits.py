"""L5: splits that hold what they should, in the order in which it came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.errors import GoldwireError
from goldwire.records import Finding
from goldwire.workspace.versions import parse

__all__ = ["CHECKS"]

FILE = "splits/assignment.tsv"


def assigned(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each gold article without a split, and each assigned one without gold."""
    known = snapshot.assignment.known()
    gold = snapshot.gold.known()
    if FILE in snapshot.files and known is not None:
        for entry in snapshot.gold:
            if entry.record.article_id not in known:
                yield entry.finding("split-missing", entry.record.article_id, f"is gold and not in {FILE}")
    for row in snapshot.assignment if gold is not None else ():
        if row.record.article_id not in (gold or ()):
            yield row.finding("split-without-gold", row.record.article_id, f"in {row.record.split}, and has no gold")


def order(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each row whose version is none, or is older than that of a row above it."""
    latest: tuple[int, int, int] = (0, 0, 0)
    for entry in snapshot.assignment:
        row = entry.record
        try:
            version = parse(row.since_version)
        except GoldwireError:
            yield entry.finding(
                "version-malformed", row.article_id, f"since_version is {row.since_version!r}, expected as 1.2.3"
            )
            continue
        if version < latest:
            message = f"joined in {row.since_version}, below rows of {'.'.join(map(str, latest))}"
            yield entry.finding("assignment-out-of-order", row.article_id, message)
        latest = max(latest, version)


def filled(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each split without an article, and each split without a label that others have."""
    split_of = {entry.record.article_id: entry.record.split for entry in reversed(snapshot.assignment.entries)}
    if not split_of or not snapshot.assignment.whole:
        return
    used = [split for split, ratio in snapshot.ratios.items() if ratio > 0]
    sizes = Counter[str](split_of.values())
    for split in used:
        if not sizes[split]:
            message = f"{split} has no article, its ratio is {snapshot.ratios[split]:g}"
            yield Finding(code="split-empty", file=FILE, line=None, item=split, message=message)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in snapshot.gold:
        home = split_of.get(entry.record.article_id)
        if home is not None:
            counts[home].update(span.label for span in entry.record.spans)
            counts[home].update(stance.stance for stance in entry.record.stances)
    if not snapshot.gold.whole or not split_of.keys() <= {entry.record.article_id for entry in snapshot.gold}:
        return
    for label in sorted({label for of in counts.values() for label in of}):
        for split in used:
            if sizes[split] and not counts[split][label]:
                said = ", ".join(f"{other} {counts[other][label]}" for other in used if other != split)
                message = f"no {label} in {split} ({said})"
                yield Finding(code="split-lacks-label", file=FILE, line=None, item=f"{split} {label}", message=message)


CHECKS = (assigned, order, filled)
