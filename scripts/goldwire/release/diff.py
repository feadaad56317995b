"""What changed between two versions of the dataset, article by article and label by label, and what that asks for.

Pure: it compares `Contents`, which `goldwire.release.reader` reads from a released folder or from rows about to be one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from goldwire.workspace.versions import Part

__all__ = ["ArticleState", "Change", "Contents", "Diff", "Unit", "compare"]

Kind = Literal["added", "removed", "moved", "text", "labels", "details"]


class Unit(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A gold label in words: where it is (`Merkel [120, 126)`) and what it says (`PER`)."""

    place: str
    label: str


class ArticleState(msgspec.Struct, frozen=True):
    """What a version says of an article; `details` digests the rest of its rows (date, address, votes)."""

    split: str
    text_sha256: str
    units: tuple[Unit, ...]
    details: str = ""


class Contents(msgspec.Struct, frozen=True):
    """What a version says: the meaning of each label, the articles by id, and a digest of the annotators' layers."""

    version: str
    guidelines_version: str
    meanings: Mapping[str, str]
    articles: Mapping[str, ArticleState]
    annotations: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What changed of an article. `gone` and `new` hold its labels; a label that changed is in both."""

    article_id: str
    kind: Kind
    split: str  # in the new version; of a removed article, in the old
    detail: str = ""
    gone: tuple[Unit, ...] = ()
    new: tuple[Unit, ...] = ()


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """All that changed from `old` to `new`; the part of the version that must rise for it (None: nothing), and why."""

    old: str
    new: str
    part: Part | None
    reasons: tuple[str, ...]
    changes: tuple[Change, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.old} to {self.new}: " + (f"{self.part}, since" if self.part else "nothing changed")
        yield from (f"  {reason}" for reason in self.reasons)
        for change in self.changes:
            yield f"{change.article_id} ({change.split}): {change.kind} {change.detail}".rstrip()
            yield from (f"  - {unit.place} {unit.label}" for unit in change.gone)
            yield from (f"  + {unit.place} {unit.label}" for unit in change.new)


def compare(old: Contents, new: Contents) -> Diff:
    """Compare two versions.

    Major: what a label means changed, or the test set (an article left it, came to it from another split, or reads
    otherwise). Minor: articles were added, or left train or validation. Patch: corrections. An added article that
    joins test is minor: whoever scores on the articles of the old test set (`since`) still can.
    """
    changes = tuple(_changes(old.articles, new.articles))
    reasons = [*_major(old, new, changes), *_minor(changes), *_patch(old, new, changes)]
    part = min((part for part, _ in reasons), key=("major", "minor", "patch").index, default=None)
    return Diff(
        old=old.version,
        new=new.version,
        part=part,
        reasons=tuple(f"{part}: {reason}" for part, reason in reasons),
        changes=changes,
    )


def _changes(old: Mapping[str, ArticleState], new: Mapping[str, ArticleState]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before is None and after is not None:
            yield Change(article_id=name, kind="added", split=after.split)
        elif after is None and before is not None:
            yield Change(article_id=name, kind="removed", split=before.split)
        elif before is not None and after is not None:
            yield from _article(name, before, after)


def _article(name: str, before: ArticleState, after: ArticleState) -> Iterator[Change]:
    if before.split != after.split:
        yield Change(article_id=name, kind="moved", split=after.split, detail=f"from {before.split}")
    if before.text_sha256 != after.text_sha256:
        yield Change(article_id=name, kind="text", split=after.split)
    gone, new = _less(before.units, after.units), _less(after.units, before.units)
    if gone or new:
        yield Change(article_id=name, kind="labels", split=after.split, gone=gone, new=new)
    if before.details != after.details and before == msgspec.structs.replace(after, details=before.details):
        yield Change(article_id=name, kind="details", split=after.split)


def _less(units: tuple[Unit, ...], others: tuple[Unit, ...]) -> tuple[Unit, ...]:
    return tuple(sorted(set(units) - set(others)))


def _major(old: Contents, new: Contents, changes: tuple[Change, ...]) -> Iterator[tuple[Part, str]]:
    for label in sorted({*old.meanings, *new.meanings}):
        before, after = old.meanings.get(label), new.meanings.get(label)
        if before is None:
            yield "major", f"label {label} is new: earlier articles were read without it"
        elif after is None:
            yield "major", f"label {label} is gone"
        elif before != after:
            yield "major", f"label {label} means {after!r}, no longer {before!r}"
    if old.guidelines_version.split(".")[0] != new.guidelines_version.split(".")[0]:
        yield "major", f"guidelines {new.guidelines_version} in place of {old.guidelines_version}"
    touched = [
        change
        for change in changes
        if (change.split == "test" and change.kind in ("removed", "moved", "text")) or change.detail == "from test"
    ]
    if touched:
        yield "major", f"the test set changed: {_some(touched)} left it, came from another split or read otherwise"


def _minor(changes: tuple[Change, ...]) -> Iterator[tuple[Part, str]]:
    added = [change for change in changes if change.kind == "added"]
    if added:
        yield "minor", f"{_some(added)} added"
    dropped = [change for change in changes if change.kind in ("removed", "moved") and change.split != "test"]
    dropped = [change for change in dropped if change.detail != "from test"]
    if dropped:
        yield "minor", f"{_some(dropped)} left train or validation"


def _patch(old: Contents, new: Contents, changes: tuple[Change, ...]) -> Iterator[tuple[Part, str]]:
    mended = [change for change in changes if change.kind == "labels"]
    if mended:
        yield "patch", f"labels corrected in {_some(mended)}"
    read = [change for change in changes if change.kind == "text" and change.split != "test"]
    if read:
        yield "patch", f"text corrected in {_some(read)}"
    detailed = [change for change in changes if change.kind == "details"]
    if detailed:
        yield "patch", f"dates, addresses, names or votes corrected in {_some(detailed)}"
    if old.annotations != new.annotations and not changes:
        yield "patch", "the annotators' own layers changed"


def _some(changes: list[Change]) -> str:
    count = len({change.article_id for change in changes})
    return f"{count} article{'s' if count > 1 else ''}"
