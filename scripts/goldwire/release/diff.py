"""Compare two versions of the dataset, article by article and label by label, and derive the version number. Pure.

`goldwire.release.reader` makes the `VersionContents` to compare, from a released folder or from tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from goldwire.quantities import quantity
from goldwire.workspace.versions import Part

__all__ = ["ArticleChange", "ArticleState", "Diff", "GoldLabel", "VersionContents", "compare"]

ChangeKind = Literal["added", "removed", "moved", "text", "labels", "details"]


class GoldLabel(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A gold label in words: its location (`Merkel [120, 126)`) and its name (`PER`)."""

    location: str
    label: str


class ArticleState(msgspec.Struct, frozen=True):
    """An article as a version has it; `details_digest` is of its other columns (date, URL, votes)."""

    split: str
    text_sha256: str
    labels: tuple[GoldLabel, ...]
    details_digest: str = ""


class VersionContents(msgspec.Struct, frozen=True):
    """A version: the description of each label, its articles by id, and a digest of the annotators' layers.

    `standoff` is whether it contains no text.
    """

    version: str
    guidelines_version: str
    label_descriptions: Mapping[str, str]
    articles: Mapping[str, ArticleState]
    annotations_digest: str
    standoff: bool = False


class ArticleChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an article; a label that was changed is both in `labels_removed` and in `labels_added`."""

    article_id: str
    kind: ChangeKind
    split: str  # in the new version; for a removed article, in the old version
    previous_split: str | None = None  # for an article that moved
    labels_removed: tuple[GoldLabel, ...] = ()
    labels_added: tuple[GoldLabel, ...] = ()


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """The changes from version `old` to version `new`.

    Attributes
    ----------
    bump
        The component of the version number that must be raised; None if nothing changed.
    reasons
        Why, one sentence per kind of change.
    changes
        The changes, by article.
    """

    old: str
    new: str
    bump: Part | None
    reasons: tuple[str, ...]
    changes: tuple[ArticleChange, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def to_markdown(self, *, max_length: int = 60_000) -> str:
        """Return the report as Markdown, for a comment on a pull request.

        Parameters
        ----------
        max_length : int, default=60000
            Maximum number of characters; GitHub accepts 65,536. What does not fit is counted.
        """
        n_labels = sum(len(change.labels_removed) + len(change.labels_added) for change in self.changes)
        lines = [f"### Labels: {self.old} to {self.new}", ""]
        if self.bump is None:
            return "\n".join([*lines, "No label, article or split changes.", ""])
        lines += [f"The next version would be a **{self.bump}** change:", "", *(f"- {one}" for one in self.reasons), ""]
        length = sum(map(len, lines)) + len(lines)
        for number, change in enumerate(self.changes):
            block = "\n".join(_markdown(change))
            length += len(block) + 1
            if length > max_length:
                lines.append(
                    f"... and {quantity(len(self.changes) - number, 'more article')} "
                    f"({quantity(n_labels, 'changed label')} "
                    "in all)."
                )
                break
            lines.append(block)
        return "\n".join(lines) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"{self.old} to {self.new}: " + (f"{self.bump} change" if self.bump else "nothing changed")
        yield from (f"  {reason}" for reason in self.reasons)
        for change in self.changes:
            origin = "" if change.previous_split is None else f" from {change.previous_split}"
            yield f"{change.article_id} ({change.split}): {change.kind}{origin}"
            yield from (f"  - {label.location} {label.label}" for label in change.labels_removed)
            yield from (f"  + {label.location} {label.label}" for label in change.labels_added)


def _markdown(change: ArticleChange) -> Iterator[str]:
    """Yield a line of Markdown for an article, and its labels as a difference that is folded."""
    origin = "" if change.previous_split is None else f" from {change.previous_split}"
    heading = f"<code>{change.article_id}</code> ({change.split}): {change.kind}{origin}"
    labels = [f"- {label.label} {label.location}" for label in change.labels_removed]
    labels += [f"+ {label.label} {label.location}" for label in change.labels_added]
    if not labels:
        yield f"- {heading}"
        return
    text = "\n".join(" ".join(label.split()) for label in labels)  # a surface may hold line ends
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    counts = f"{len(change.labels_removed)} removed, {len(change.labels_added)} added"
    yield f"<details><summary>{heading}, {counts}</summary>"
    yield f"\n{fence}diff\n{text}\n{fence}\n"
    yield "</details>"


def compare(old: VersionContents, new: VersionContents) -> Diff:
    """Compare two versions.

    Returns
    -------
    Diff
        Its `bump` is

        - major if the meaning of a label or the test set changed: an article left the test set, came to it from
          another split, or has a different text;
        - minor if articles were added, or left train or validation, or if the text was removed or added. An article
          that is added to test is a minor change, because models can still be scored on the articles of the old test
          set (`since_version`);
        - patch for corrections.
    """
    changes = tuple(_article_changes(old.articles, new.articles))
    reasons = [
        *_major_reasons(old, new, changes),
        *_minor_reasons(old, new, changes),
        *_patch_reasons(old, new, changes),
    ]
    bump = min((bump for bump, _ in reasons), key=("major", "minor", "patch").index, default=None)
    return Diff(
        old=old.version,
        new=new.version,
        bump=bump,
        reasons=tuple(f"{bump}: {reason}" for bump, reason in reasons),
        changes=changes,
    )


def _article_changes(old: Mapping[str, ArticleState], new: Mapping[str, ArticleState]) -> Iterator[ArticleChange]:
    for article_id in sorted({*old, *new}):
        before, after = old.get(article_id), new.get(article_id)
        if before is None and after is not None:
            yield ArticleChange(article_id=article_id, kind="added", split=after.split)
        elif after is None and before is not None:
            yield ArticleChange(article_id=article_id, kind="removed", split=before.split)
        elif before is not None and after is not None:
            yield from _changes_within(article_id, before, after)


def _changes_within(article_id: str, before: ArticleState, after: ArticleState) -> Iterator[ArticleChange]:
    if before.split != after.split:
        yield ArticleChange(article_id=article_id, kind="moved", split=after.split, previous_split=before.split)
    if before.text_sha256 != after.text_sha256:
        yield ArticleChange(article_id=article_id, kind="text", split=after.split)
    removed = tuple(sorted(set(before.labels) - set(after.labels)))
    added = tuple(sorted(set(after.labels) - set(before.labels)))
    if removed or added:
        yield ArticleChange(
            article_id=article_id, kind="labels", split=after.split, labels_removed=removed, labels_added=added
        )
    only_details = before == msgspec.structs.replace(after, details_digest=before.details_digest)
    if before.details_digest != after.details_digest and only_details:
        yield ArticleChange(article_id=article_id, kind="details", split=after.split)


def _major_reasons(
    old: VersionContents, new: VersionContents, changes: Iterable[ArticleChange]
) -> Iterator[tuple[Part, str]]:
    for label in sorted({*old.label_descriptions, *new.label_descriptions}):
        before, after = old.label_descriptions.get(label), new.label_descriptions.get(label)
        if before is None:
            yield "major", f"label {label} added: earlier articles were annotated without it"
        elif after is None:
            yield "major", f"label {label} removed"
        elif before != after:
            yield "major", f"label {label} redefined from {before!r} to {after!r}"
    if old.guidelines_version.split(".")[0] != new.guidelines_version.split(".")[0]:
        yield "major", f"guidelines changed from {old.guidelines_version} to {new.guidelines_version}"
    in_test = [
        change
        for change in changes
        if (change.split == "test" and change.kind in ("removed", "moved", "text")) or change.previous_split == "test"
    ]
    if in_test:
        yield "major", f"test set changed: {_n_articles(in_test)} left it, moved into it or changed in text"


def _minor_reasons(
    old: VersionContents, new: VersionContents, changes: Iterable[ArticleChange]
) -> Iterator[tuple[Part, str]]:
    if old.standoff != new.standoff:
        yield "minor", "text removed: this version is stand-off" if new.standoff else "text added"
    added = [change for change in changes if change.kind == "added"]
    if added:
        yield "minor", f"{_n_articles(added)} added"
    left = [
        change
        for change in changes
        if change.kind in ("removed", "moved") and change.split != "test" and change.previous_split != "test"
    ]
    if left:
        yield "minor", f"{_n_articles(left)} left train or validation"


def _patch_reasons(
    old: VersionContents, new: VersionContents, changes: tuple[ArticleChange, ...]
) -> Iterator[tuple[Part, str]]:
    relabelled = [change for change in changes if change.kind == "labels"]
    if relabelled:
        yield "patch", f"labels corrected in {_n_articles(relabelled)}"
    rewritten = [change for change in changes if change.kind == "text" and change.split != "test"]
    if rewritten:
        yield "patch", f"text corrected in {_n_articles(rewritten)}"
    details = [change for change in changes if change.kind == "details"]
    if details:
        yield "patch", f"dates, URLs, names or votes corrected in {_n_articles(details)}"
    if old.annotations_digest != new.annotations_digest and not changes:
        yield "patch", "annotators' layers changed"


def _n_articles(changes: Iterable[ArticleChange]) -> str:
    count = len({change.article_id for change in changes})
    return quantity(count, "article")
