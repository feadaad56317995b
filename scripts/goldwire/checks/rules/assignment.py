"""L5: rows of splits/assignment.tsv have the cluster and the version that other files give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.records import HELD_OUT, Finding

__all__ = ["changed_clusters", "missing_from_versions"]

_CLUSTERS = "corpus/duplicates.jsonl"

ASSIGNMENT_CLUSTER_WRONG = Rule(
    code="assignment-cluster-wrong",
    level=5,
    severity="warning",
    summary="a row of splits/assignment.tsv names a cluster that its article is not in",
    why="Articles of one cluster must share a split. With the same threshold, `dedup` joins clusters and parts none.",
    fix="Restore the row from git; after `goldwire dedup` with another threshold, waive the finding.",
    example=(
        "splits/assignment.tsv:4 wire-dcd79e4eb66e: L5 split warning [assignment-cluster-wrong] is in cluster "
        "herald-ffffffffffff here, in corpus/duplicates.jsonl with herald-d4f13fee6ac3"
    ),
)


@check(ASSIGNMENT_CLUSTER_WRONG)
def changed_clusters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each row whose cluster is not, and was not, the one of the row's article.

    `dedup` may have found near-duplicates since the assignment: an article may be in a cluster of its own, unless it is
    a near-duplicate of an article with a smaller id, which names the cluster, and with an earlier row.
    """
    if _CLUSTERS not in snapshot.files or not snapshot.duplicates.is_complete:
        return  # `file-missing`, or the finding of a line
    members = {id: entry.record.article_ids for entry in snapshot.duplicates for id in entry.record.article_ids}
    smaller = defaultdict[str, list[str]](list)  # `left` of a pair is the smaller id
    for duplicates in snapshot.duplicates:
        for pair in duplicates.record.pairs:
            smaller[pair.right].append(pair.left)
    splits, before = defaultdict[str, set[str]](set), dict[str, str]()
    for entry in snapshot.assignment:
        splits[entry.record.cluster].add(entry.record.split)
    for entry in snapshot.assignment:
        row = entry.record
        others = [id for id in members.get(row.article_id, ()) if id != row.article_id]
        earlier = [id for id in smaller[row.article_id] if before.get(id) == row.split]
        before.setdefault(row.article_id, row.split)
        if row.cluster == row.article_id:
            problem = f"with {earlier[0]}, whose row is before it" if earlier else ""
        else:
            problem = "" if row.cluster in others else f"with {', '.join(others)}" if others else "alone"
        # One cause, one finding: a cluster in two splits is `cluster-across-splits`.
        if problem and len(splits[row.cluster] - {HELD_OUT}) < 2:
            message = f"is in cluster {row.cluster} here, in {_CLUSTERS} {problem}"
            yield entry.finding(ASSIGNMENT_CLUSTER_WRONG, row.article_id, message)


ASSIGNMENT_VERSION_WRONG = Rule(
    code="assignment-version-wrong",
    level=5,
    severity="warning",
    summary="an article is not in the released version that splits/assignment.tsv says it joined",
    why="Scores on the articles of an earlier test set are computed by `since_version`: it would not be the same set.",
    fix="Restore the row from git; if the article had lost its gold when the version was released, waive the finding.",
    example=(
        "splits/assignment.tsv:5 wire-68382fc9fbf0: L5 split warning [assignment-version-wrong] has joined in 0.0.1, "
        "which does not contain it"
    ),
)


@check(ASSIGNMENT_VERSION_WRONG)
def missing_from_versions(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each row with a released version that lacks the article."""
    released: dict[str, set[str]] = {}
    for release in snapshot.releases:
        files = () if release.manifest is None else release.manifest.files
        paths = [file.path for file in files if file.path.startswith("data/entities/")]
        rows = [release.rows.get(path) for path in paths]
        ids = [each.articles for each in rows if each is not None and each.articles is not None]
        if release.manifest is not None and len(ids) == len(paths):
            released[release.manifest.version] = {id for of_file in ids for id in of_file}
    gold = snapshot.gold.keys()
    for entry in snapshot.assignment:
        row = entry.record
        # Without gold, it is `split-without-gold`.
        if row.is_held_out or row.since_version not in released or gold is None or row.article_id not in gold:
            continue
        if row.article_id not in released[row.since_version]:
            message = f"has joined in {row.since_version}, which does not contain it"
            yield entry.finding(ASSIGNMENT_VERSION_WRONG, row.article_id, message)
