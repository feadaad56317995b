"""Split assignments and manifests of released versions."""

from __future__ import annotations

from typing import Literal

import msgspec

from goldwire.records.agreement import Agreement
from goldwire.records.record import Record

__all__ = ["HELD_OUT", "AcceptedFindings", "Release", "ReleaseFile", "Split", "SplitAssignment"]

Split = Literal["train", "validation", "test"]
HELD_OUT: Literal["held-out"] = "held-out"
"""In place of a split: the article is in no release, because it would leak between splits."""


class SplitAssignment(Record, frozen=True, kw_only=True):
    """A row of splits/assignment.tsv, which never changes.

    Attributes
    ----------
    article_id
        The article.
    cluster
        Its near-duplicate cluster when it was assigned.
    split
        Its split, or `held-out`: it is in no release, because it would leak wherever it went.
    since_version
        The version that it joined, or would have joined.
    reason
        Why it is held out; None for an article with a split.
    """

    article_id: str
    cluster: str
    split: Split | Literal["held-out"]
    since_version: str
    reason: str | None = None

    @property
    def is_held_out(self) -> bool:
        """Whether the article is in no split."""
        return self.split == HELD_OUT


class ReleaseFile(Record, frozen=True, kw_only=True):
    """A file of a release.

    Attributes
    ----------
    path
        Path within the version's folder.
    rows
        Number of rows of a Parquet file; None for other files.
    bytes, sha256
        Size and SHA-256 of the file.
    content_sha256
        Digest of a Parquet file's rows, which, unlike `sha256`, does not depend on the version of the library.
    """

    path: str
    rows: int | None
    bytes: int
    sha256: str
    content_sha256: str | None


class AcceptedFindings(Record, frozen=True, kw_only=True):
    """Errors in the data that a version contains on purpose.

    Attributes
    ----------
    code
        The rule; `goldwire check --explain CODE` describes it.
    summary
        The problem, in one clause.
    reason
        Why they are accepted.
    n_findings
        How many there are.
    """

    code: str
    summary: str
    reason: str
    n_findings: int


class Release(Record, frozen=True, kw_only=True):
    """manifest.json of a released version.

    Attributes
    ----------
    name, version
        The dataset and `X.Y.Z`.
    goldwire_version, guidelines_version, schema_version
        Versions of what it was made with.
    batches
        The batches that its labels come from.
    articles
        Number of articles by split.
    labels
        Number of labels by config and label.
    agreement
        Agreement values of the batches.
    files
        The files, by path.
    label_descriptions
        The description of each label at the time of the release.
    withheld_sources
        Sources whose text may not be redistributed.
    standoff
        Whether the version contains no text.
    full_text_reason
        Why it contains text of withheld sources; None if it contains none.
    accepted
        Errors in its data that were accepted for this version.
    previous, changes
        The version before it, and what changed since.
    published
        The date of the release (ISO); `SOURCE_DATE_EPOCH` sets it, so that a version can be built again unchanged.
    """

    name: str
    version: str
    goldwire_version: str
    guidelines_version: str
    schema_version: str
    batches: tuple[str, ...]
    articles: dict[str, int]
    labels: dict[str, dict[str, int]]
    agreement: tuple[Agreement, ...]
    files: tuple[ReleaseFile, ...]
    label_descriptions: dict[str, str] = msgspec.field(default_factory=dict)
    withheld_sources: tuple[str, ...] = ()
    standoff: bool = False
    full_text_reason: str | None = None
    accepted: tuple[AcceptedFindings, ...] = ()
    previous: str | None = None
    changes: tuple[str, ...] = ()
    published: str | None = None
