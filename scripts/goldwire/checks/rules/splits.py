"""L5: splits have what they should, and nothing leaks from one split to another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.errors import GoldwireError
from goldwire.records import Article, Duplicates, Finding, SplitAssignment
from goldwire.splitting.assignment import group_articles
from goldwire.workspace.versions import parse

__all__ = [
    "articles_in_two_splits",
    "incomplete_splits",
    "misordered_assignment",
    "similar_across_splits",
    "unassigned_gold",
]

FILE = "splits/assignment.tsv"

SPLIT_MISSING = Rule(
    code="split-missing",
    level=5,
    severity="warning",
    summary="a gold article has no split",
    why="It will not be in the next release.",
    fix="Run `goldwire split`.",
    example=(
        "annotations/gold/b01.jsonl:3 wire-dcd79e4eb66e: L5 split warning [split-missing] is gold, but not in "
        "splits/assignment.tsv"
    ),
)
SPLIT_WITHOUT_GOLD = Rule(
    code="split-without-gold",
    level=5,
    severity="warning",
    summary="an article has a split, but no gold",
    why="It may have been released, and its gold has been lost since.",
    fix="Restore its gold; the row itself stays forever.",
    example="splits/assignment.tsv:5 wire-68382fc9fbf0: L5 split warning [split-without-gold] is in train without gold",
)


@check(SPLIT_MISSING, SPLIT_WITHOUT_GOLD)
def unassigned_gold(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each gold article without a split, and for each article with a split but no gold."""
    assigned, gold = snapshot.assignment.keys(), snapshot.gold.keys()
    if FILE in snapshot.files and assigned is not None:
        for entry in snapshot.gold:
            if entry.record.article_id not in assigned:
                yield entry.finding(SPLIT_MISSING, entry.record.article_id, f"is gold, but not in {FILE}")
    if gold is not None:
        for row in snapshot.assignment:
            if row.record.article_id not in gold and not row.record.is_held_out:
                yield row.finding(SPLIT_WITHOUT_GOLD, row.record.article_id, f"is in {row.record.split} without gold")


VERSION_MALFORMED = Rule(
    code="version-malformed",
    level=5,
    severity="error",
    summary="a version is not of the form X.Y.Z",
    why='Versions have to be sorted, and `revision="v1.2.3"` has to find them.',
    fix="Use three numbers.",
    example=(
        "splits/assignment.tsv:4 wire-dcd79e4eb66e: L5 split error [version-malformed] since_version is 'one', "
        "expected a version like 1.2.3"
    ),
)
ASSIGNMENT_OUT_OF_ORDER = Rule(
    code="assignment-out-of-order",
    level=5,
    severity="error",
    summary="a row of splits/assignment.tsv comes after a row of a later version",
    why="Rows are only appended: this row was inserted by hand.",
    fix="Restore the file from git and run `goldwire split`.",
    example=(
        "splits/assignment.tsv:3 wire-6bc7e889ace8: L5 split error [assignment-out-of-order] version 0.0.0 comes "
        "after version 0.0.1"
    ),
)


@check(VERSION_MALFORMED, ASSIGNMENT_OUT_OF_ORDER)
def misordered_assignment(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each row whose version is malformed, or earlier than that of a row before it."""
    latest: tuple[int, int, int] = (0, 0, 0)
    for entry in snapshot.assignment:
        row = entry.record
        try:
            version = parse(row.since_version)
        except GoldwireError:
            message = f"since_version is {row.since_version!r}, expected a version like 1.2.3"
            yield entry.finding(VERSION_MALFORMED, row.article_id, message)
            continue
        if version < latest:
            message = f"version {row.since_version} comes after version {'.'.join(map(str, latest))}"
            yield entry.finding(ASSIGNMENT_OUT_OF_ORDER, row.article_id, message)
        latest = max(latest, version)


SPLIT_EMPTY = Rule(
    code="split-empty",
    level=5,
    severity="warning",
    summary="a split has no article",
    why="There is nothing to train, to validate or to test on.",
    fix="Annotate more articles, or set the ratio of the split to 0 in [tool.goldwire].",
    example="splits/assignment.tsv test: L5 split warning [split-empty] test has no article, its ratio is 0.33",
)
SPLIT_LACKS_LABEL = Rule(
    code="split-lacks-label",
    level=5,
    severity="warning",
    summary="a label is missing from one of the splits",
    why="It is never learned, or never tested.",
    fix="Annotate more articles with this label.",
    example=(
        "splits/assignment.tsv train neutral: L5 split warning [split-lacks-label] no neutral in train "
        "(validation 1, test 1)"
    ),
)


@check(SPLIT_EMPTY, SPLIT_LACKS_LABEL)
def incomplete_splits(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each split without an article, and for each label that a split lacks and others have."""
    split_of = {
        entry.record.article_id: entry.record.split
        for entry in reversed(snapshot.assignment.entries)
        if not entry.record.is_held_out
    }
    if not split_of or not snapshot.assignment.is_complete:
        return
    splits = [split for split, ratio in snapshot.ratios.items() if ratio > 0]
    sizes = Counter[str](split_of.values())
    for split in splits:
        if not sizes[split]:
            message = f"{split} has no article, its ratio is {snapshot.ratios[split]:g}"
            yield SPLIT_EMPTY.finding(FILE, message, item=split)
    if not snapshot.gold.is_complete or not split_of.keys() <= {entry.record.article_id for entry in snapshot.gold}:
        return
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in snapshot.gold:
        home = split_of.get(entry.record.article_id)
        if home is not None:
            counts[home].update(span.label for span in entry.record.spans)
            counts[home].update(stance.stance for stance in entry.record.stances)
    for label in sorted({label for by_label in counts.values() for label in by_label}):
        for split in splits:
            if sizes[split] and not counts[split][label]:
                others = ", ".join(f"{other} {counts[other][label]}" for other in splits if other != split)
                message = f"no {label} in {split} ({others})"
                yield SPLIT_LACKS_LABEL.finding(FILE, message, item=f"{split} {label}")


ARTICLE_ACROSS_SPLITS = Rule(
    code="article-across-splits",
    level=5,
    severity="error",
    summary="an article is assigned to two splits",
    why="A model is tested on an article that it was trained on, so that its score is meaningless.",
    fix="Keep the first row: an article keeps its split forever.",
    example=(
        "splits/assignment.tsv:5 herald-f00daee13d10: L5 split error [article-across-splits] is already in "
        "train, here in test"
    ),
)


@check(ARTICLE_ACROSS_SPLITS)
def articles_in_two_splits(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each row that assigns an article to a second split."""
    first: dict[str, str] = {}
    for entry in snapshot.assignment:
        row = entry.record
        split = first.setdefault(row.article_id, row.split)
        if split != row.split:
            yield entry.finding(ARTICLE_ACROSS_SPLITS, row.article_id, f"is already in {split}, here in {row.split}")


CLUSTER_ACROSS_SPLITS = Rule(
    code="cluster-across-splits",
    level=5,
    severity="error",
    summary="near-duplicate articles are in different splits",
    why="The same story under two ids in train and test inflates every score.",
    fix="Restore splits/assignment.tsv from git and run `goldwire split`, which keeps clusters whole.",
    example=(
        "splits/assignment.tsv:3 wire-6bc7e889ace8: L5 split error [cluster-across-splits] in validation, "
        "near-duplicate of herald-f00daee13d10 in train"
    ),
)
TEXT_ACROSS_SPLITS = Rule(
    code="text-across-splits",
    level=5,
    severity="error",
    summary="the same text is in two splits",
    why="A model is tested on a text that it was trained on, even though the ids differ.",
    fix="Run `goldwire dedup`; keep the article that got its split first, and remove the other from gold.",
    example=(
        "splits/assignment.tsv:5 wire-e0e0e0e0e0e0: L5 split error [text-across-splits] in train, same text as "
        "wire-dcd79e4eb66e in test"
    ),
)
NEAR_TEXT_ACROSS_SPLITS = Rule(
    code="near-text-across-splits",
    level=5,
    severity="error",
    summary="nearly the same text is in two splits",
    why="The model has seen the story in training: its score measures memory and not skill.",
    fix="Run `goldwire dedup`; keep the article that got its split first, and remove the other from gold.",
    example=(
        "splits/assignment.tsv:5 herald-d4f13fee6ac3: L5 split error [near-text-across-splits] in train, nearly "
        "the same text (Jaccard 0.70) as wire-dcd79e4eb66e in test"
    ),
)
HEADLINE_ACROSS_SPLITS = Rule(
    code="headline-across-splits",
    level=5,
    severity="warning",
    summary="articles with the same headline are in two splits",
    why="They are most often two versions of one story.",
    fix="Compare them; if they are the same story, remove one from gold.",
    example=(
        "splits/assignment.tsv:5 wire-68382fc9fbf0: L5 split warning [headline-across-splits] in train, same "
        "headline as wire-dcd79e4eb66e in test"
    ),
)

_MIN_HEADLINE = 20  # letters and digits: many stories share a shorter headline (`Weather`, `In brief`)


Rows = dict[str, Entry[SplitAssignment]]
"""The first row of each article."""
Leak = tuple[str, str, Rule, str]
"""The later article, the earlier one, the rule, and how they are related."""


@check(CLUSTER_ACROSS_SPLITS, TEXT_ACROSS_SPLITS, NEAR_TEXT_ACROSS_SPLITS, HEADLINE_ACROSS_SPLITS)
def similar_across_splits(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each two similar articles in different splits, by their strongest similarity."""
    rows = {e.record.article_id: e for e in reversed(snapshot.assignment.entries) if not e.record.is_held_out}
    articles = {entry.record.id: entry.record for entry in snapshot.articles if entry.record.id in rows}
    reported: set[frozenset[str]] = set()
    for later, earlier, rule, relation in (
        *_shared_clusters(snapshot.duplicates, rows),
        *_equal_texts(rows, articles),
        *_similar_texts(rows, articles),
        *_equal_headlines(rows, articles),
    ):
        if frozenset((later, earlier)) not in reported:
            reported.add(frozenset((later, earlier)))
            message = f"in {rows[later].record.split}, {relation} {earlier} in {rows[earlier].record.split}"
            yield rows[later].finding(rule, later, message)


def _shared_clusters(duplicates: Iterable[Entry[Duplicates]], rows: Rows) -> Iterator[Leak]:
    by_cluster: dict[str, list[str]] = {}
    for id, row in rows.items():
        by_cluster.setdefault(row.record.cluster, []).append(id)
    groups = list(by_cluster.values())
    for entry in duplicates:
        groups += _assigned_groups(entry.record, rows)
    for ids in groups:
        yield from _across_splits(ids, rows, CLUSTER_ACROSS_SPLITS, "near-duplicate of")


def _assigned_groups(cluster: Duplicates, rows: Rows) -> list[list[str]]:
    """Return the assigned articles of a cluster, grouped by the pairs between them.

    `goldwire split` leaves out a new article that joins train and test: the two articles that it joins do not leak.
    """
    assigned = [id for id in cluster.article_ids if id in rows]
    if len(assigned) == len(cluster.article_ids):
        return [assigned]
    pairs = ((pair.left, pair.right) for pair in cluster.pairs if pair.left in rows and pair.right in rows)
    group_of = group_articles(pairs)
    groups: dict[str, list[str]] = {}
    for id in assigned:
        groups.setdefault(group_of.get(id, id), []).append(id)
    return list(groups.values())


def _equal_texts(rows: Rows, articles: dict[str, Article]) -> Iterator[Leak]:
    groups: dict[str, list[str]] = {}
    for id, article in articles.items():
        groups.setdefault(article.text, []).append(id)
    for ids in groups.values():
        yield from _across_splits(ids, rows, TEXT_ACROSS_SPLITS, "same text as")


def _similar_texts(rows: Rows, articles: dict[str, Article]) -> Iterator[Leak]:
    if len({rows[id].record.split for id in articles}) < 2:
        return
    # scipy and polars take 0.3 s to import: they are needed only if there are splits to compare.
    from goldwire.dedup.near_duplicates import near_duplicate_pairs

    ids = sorted(articles)
    similar = near_duplicate_pairs([articles[id].text for id in ids])
    for left, right, jaccard in zip(similar.left, similar.right, similar.jaccard, strict=True):
        relation = f"nearly the same text (Jaccard {jaccard:.2f}) as"
        yield from _across_splits([ids[left], ids[right]], rows, NEAR_TEXT_ACROSS_SPLITS, relation)


def _equal_headlines(rows: Rows, articles: dict[str, Article]) -> Iterator[Leak]:
    groups: dict[str, list[str]] = {}
    for id, article in articles.items():
        headline = "".join(filter(str.isalnum, article.title.casefold()))
        if len(headline) >= _MIN_HEADLINE:
            groups.setdefault(headline, []).append(id)
    for ids in groups.values():
        yield from _across_splits(ids, rows, HEADLINE_ACROSS_SPLITS, "same headline as")


def _across_splits(ids: list[str], rows: Rows, rule: Rule, relation: str) -> Iterator[Leak]:
    """Yield each article with the first earlier one that is in another split."""
    ordered = sorted(ids, key=lambda id: rows[id].line)
    if len({rows[id].record.split for id in ordered}) < 2:
        return
    for number, later in enumerate(ordered):
        for earlier in ordered[:number]:
            if rows[earlier].record.split != rows[later].record.split:
                yield later, earlier, rule, relation
                break
