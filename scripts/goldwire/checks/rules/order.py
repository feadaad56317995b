"""L1: each record of a kind once, in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from operator import attrgetter

from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.checks.workspace_files import KINDS, batch_of
from goldwire.records import Finding

__all__ = ["CHECKS"]


def unsorted(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file at the first record that is out of order."""
    for kind in KINDS:
        if not kind.sort:
            continue
        order, told = attrgetter(*kind.sort), set()
        for before, after in pairwise(getattr(snapshot, kind.table)):
            if before.file == after.file and order(before.record) > order(after.record) and after.file not in told:
                told.add(after.file)
                message = f"{order(after.record)!r} comes after {order(before.record)!r}"
                yield Finding(code="file-unsorted", file=after.file, line=after.line, item=None, message=message)


def repeated(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each record whose id an earlier one of its kind has."""
    by_name = snapshot.by_name
    for kind in KINDS:
        first: dict[object, Entry[object]] = {}
        for entry in getattr(snapshot, kind.table):
            # An article has gold of its entities and, from a batch that asks by name, of its stances.
            apart = kind.table == "gold" and batch_of(entry.file) in by_name
            other = first.setdefault((entry.key, apart), entry)
            if other is not entry:
                name = str(entry.key[-1] if isinstance(entry.key, tuple) else entry.key)
                message = f"{name} stands at {other.file}:{other.line} already"
                yield Finding(code="id-repeated", file=entry.file, line=entry.line, item=name, message=message)


CHECKS = (unsorted, repeated)
