"""Mend what can be mended safely in a workspace, showing first what would change."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile

import msgspec

from goldwire.checks.mend import mend
from goldwire.checks.registry import RULES, visible
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding
from goldwire.workspace import atomic
from goldwire.workspace.layout import Workspace

__all__ = ["Fix", "FixReport", "apply", "plan"]

_WIDEST, _BESIDE = 200, 30  # characters of a line of the diff, and of those around what differs


class Fix(msgspec.Struct, frozen=True):
    """A file that can be mended: its codes, and its bytes before and after."""

    file: str
    codes: tuple[str, ...]
    before: bytes
    after: bytes

    def diff(self) -> Iterator[str]:
        """A unified diff without context; of a long line, what differs and a little on either side."""
        before, after = (data.decode("utf-8", "replace").splitlines() for data in (self.before, self.after))
        yield f"--- {self.file}"
        yield f"+++ {self.file} ({', '.join(self.codes)})"
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for kind, start, end, new_start, new_end in matcher.get_opcodes():
            if kind != "equal":
                yield f"@@ -{start + 1},{end - start} +{new_start + 1},{new_end - new_start} @@"
                yield from _changed(before[start:end], after[new_start:new_end])


def _changed(old: list[str], new: list[str]) -> Iterator[str]:
    if len(old) != len(new):
        yield from (visible(f"{sign}{line[:_WIDEST]}") for sign, lines in (("-", old), ("+", new)) for line in lines)
        return
    for one, other in zip(old, new, strict=True):
        first = _same(one, other)
        last = _same(one[first:][::-1], other[first:][::-1])
        for sign, line in (("-", one), ("+", other)):
            start, end = max(first - _BESIDE, 0), min(len(line) - last + _BESIDE, len(line), first + _WIDEST)
            yield visible(f"{sign}{'...' if start else ''}{line[start:end]}{'...' if end < len(line) else ''}")


def _same(one: str, other: str) -> int:
    """How many characters the two begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


class FixReport(msgspec.Struct, frozen=True, kw_only=True):
    """Files that were mended (or, unless `written`, would be), with the diff that was shown, and what is left."""

    files: tuple[str, ...]
    diff: tuple[str, ...]
    written: bool
    left: int

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield from self.diff
        what = "mended" if self.written else "can be mended"
        yield f"{len(self.files)} files {what}; {self.left} findings need a person"


def plan(workspace: Workspace, snapshot: Snapshot, findings: Iterable[Finding]) -> tuple[Fix, ...]:
    """What can be mended of `findings`; nothing is written."""
    by_file: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        if RULES[finding.code].mended and not finding.file.startswith("splits/v"):
            by_file[finding.file].add(finding.code)
    in_use = {e.record.article_id for table in (snapshot.tasks, snapshot.layers, snapshot.gold) for e in table}
    in_use |= {e.record.article_id for e in snapshot.assignment}
    whole = all(table.whole for table in (snapshot.tasks, snapshot.layers, snapshot.gold, snapshot.assignment))
    fixes = []
    for file, codes in sorted(by_file.items()):
        data = (workspace.root / file).read_bytes()
        # What a line that cannot be read refers to is unknown: then no text is touched.
        safe = codes if whole else codes - {"text-not-nfc"}
        after = mend(file, data, safe, in_use=frozenset(in_use))
        if after != data:
            fixes.append(Fix(file, tuple(sorted(safe)), data, after))
    return tuple(fixes)


def apply(workspace: Workspace, fixes: Iterable[Fix]) -> None:
    """Write the files, each whole or not at all."""
    for fix in fixes:
        atomic.write_bytes(workspace.root / fix.file, fix.after)
