"""L5: nothing of one split is in another: no article, cluster, text or story."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.records import Article, Duplicates, Finding, SplitAssignment
from goldwire.splitting.assignment import group_articles

__all__ = ["CHECKS"]

_HEADLINE = 20  # letters and digits: a shorter headline (`Weather`, `In brief`) is many stories'


def articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each row that gives an article a second split."""
    first: dict[str, str] = {}
    for entry in snapshot.assignment:
        row = entry.record
        split = first.setdefault(row.article_id, row.split)
        if split != row.split:
            yield entry.finding("article-across-splits", row.article_id, f"in {split} already, here in {row.split}")


def likenesses(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article that is like an earlier one of another split, by the strongest likeness."""
    rows = {entry.record.article_id: entry for entry in reversed(snapshot.assignment.entries)}
    texts = {entry.record.id: entry.record for entry in snapshot.articles if entry.record.id in rows}
    told: set[frozenset[str]] = set()
    for one, other, code, message in (
        *_by_cluster(snapshot, rows),
        *_by_text(rows, texts),
        *_by_likeness(rows, texts),
        *_by_headline(rows, texts),
    ):
        if frozenset((one, other)) not in told:
            told.add(frozenset((one, other)))
            here, there = rows[one].record.split, rows[other].record.split
            yield rows[one].finding(code, one, f"in {here}, {message} {other} in {there}")


Rows = dict[str, Entry[SplitAssignment]]
Leak = tuple[str, str, str, str]
"""The later article, the earlier one, the code, and what they have to do with each other."""


def _by_cluster(snapshot: Snapshot, rows: Rows) -> Iterator[Leak]:
    groups: dict[str, list[str]] = {}
    for id, entry in rows.items():
        groups.setdefault(entry.record.cluster, []).append(id)
    clusters = [tuple(ids) for ids in groups.values()]
    for cluster in snapshot.duplicates:
        clusters += _joined(cluster.record, rows)
    for ids in clusters:
        yield from _across(ids, rows, "cluster-across-splits", "its near-duplicate")


def _joined(cluster: Duplicates, rows: Rows) -> list[tuple[str, ...]]:
    """The cluster's articles that have a split, by what joins them without those that have none.

    A new article that bridges train and test is kept out by `goldwire split`: the two it bridges do not leak by it.
    """
    there = tuple(id for id in cluster.articles if id in rows)
    if len(there) == len(cluster.articles):
        return [there]
    links = group_articles((one, other) for one, other, _ in cluster.pairs if one in rows and other in rows)
    groups: dict[str, list[str]] = {}
    for id in there:
        groups.setdefault(links.get(id, id), []).append(id)
    return [tuple(ids) for ids in groups.values()]


def _by_text(rows: Rows, texts: dict[str, Article]) -> Iterator[Leak]:
    groups: dict[str, list[str]] = {}
    for id, article in texts.items():
        groups.setdefault(article.text, []).append(id)
    for ids in groups.values():
        yield from _across(ids, rows, "text-across-splits", "the very text of")


def _by_likeness(rows: Rows, texts: dict[str, Article]) -> Iterator[Leak]:
    if len({rows[id].record.split for id in texts}) < 2:
        return
    # scipy and polars cost 0.3 s to import: only where there are splits to compare.
    from goldwire.dedup.near_duplicates import pairs

    ids = sorted(texts)
    found = pairs([texts[id].text for id in ids])
    for left, right, jaccard in zip(found.left, found.right, found.jaccard, strict=True):
        what = f"nearly the text (Jaccard {jaccard:.2f}) of"
        yield from _across((ids[left], ids[right]), rows, "near-text-across-splits", what)


def _by_headline(rows: Rows, texts: dict[str, Article]) -> Iterator[Leak]:
    groups: dict[str, list[str]] = {}
    for id, article in texts.items():
        headline = "".join(filter(str.isalnum, article.title.casefold()))
        if len(headline) >= _HEADLINE:
            groups.setdefault(headline, []).append(id)
    for ids in groups.values():
        yield from _across(ids, rows, "headline-across-splits", "the headline of")


def _across(ids: list[str] | tuple[str, ...], rows: Rows, code: str, what: str) -> Iterator[Leak]:
    """Each article with the first of another split than its own, later rows after earlier ones."""
    ordered = sorted(ids, key=lambda id: rows[id].line)
    if len({rows[id].record.split for id in ordered}) < 2:
        return
    for number, later in enumerate(ordered):
        for earlier in ordered[:number]:
            if rows[earlier].record.split != rows[later].record.split:
                yield later, earlier, code, what
                break


CHECKS = (articles, likenesses)
