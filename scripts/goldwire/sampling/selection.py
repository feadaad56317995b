"""Selection of a batch's articles, and their distribution to annotators within limits."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import inf

import msgspec

from goldwire.errors import ConfigError
from goldwire.quantities import quantity
from goldwire.records import Article, Duplicates
from goldwire.sampling.annotator_assignment import Workload, assign_annotators, pick_articles, random_order
from goldwire.sampling.inclusion import group_probabilities, systematic_sample, uncertainty_probabilities
from goldwire.sampling.options import SamplingOptions
from goldwire.sampling.stratification import allocate, stratify
from goldwire.sampling.tasks import TaskBuilder
from goldwire.text.display_limits import unsupported_reason

__all__ = [
    "Candidates",
    "Selection",
    "distribute",
    "select_articles",
    "select_gold_checks",
    "select_listed",
    "spread",
]

_MAX_SCORED = 5_000
"""Articles, in random order, whose uncertainty is computed: that takes a minute or two."""


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """The articles that a batch may take: the corpus, its clusters, and the batch that already has each article.

    `excluded` has the reason of each article that people excluded, `with_gold` the articles with gold labels,
    `by_expert` those among them whose gold an expert decided, and `seen_by` the annotators of each planned article.
    """

    corpus: Mapping[str, Article]
    clusters: Sequence[Duplicates]
    planned: Mapping[str, str]
    excluded: Mapping[str, str] = {}
    with_gold: frozenset[str] = frozenset()
    by_expert: frozenset[str] = frozenset()
    seen_by: Mapping[str, frozenset[str]] = {}


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of the selected articles in planning order.

    `probabilities` has the inclusion probability of each article that was drawn with a known one, `strata` the
    available and selected articles per stratum, `skipped` the skipped articles per reason.
    """

    article_ids: tuple[str, ...]
    probabilities: Mapping[str, float] = {}
    strata: dict[str, tuple[int, int]] = {}
    skipped: dict[str, int] = {}


def select_articles(candidates: Candidates, builder: TaskBuilder, key: str) -> Selection:
    """Select articles, one per cluster unless `whole_clusters`, in the order and strata of the options."""
    options = builder.options
    groups, skipped = _groups(candidates, builder)
    selection = _select_from(groups, candidates.corpus, builder, key)
    copies = 0 if options.whole_clusters else sum(len(group) - 1 for group in groups)
    if options.max_articles is None:
        skipped["near-duplicate of an article in this batch"] += copies
    counts = {reason: count for reason, count in sorted(skipped.items()) if count}
    return msgspec.structs.replace(selection, skipped=counts)


def select_gold_checks(
    candidates: Candidates, builder: TaskBuilder, selected: Collection[str], annotators: Sequence[str], key: str
) -> dict[str, tuple[str, ...]]:
    """Select articles whose gold is known, and for each the annotators who are compared with it.

    Copies of articles with gold come first, because they get gold of their own, too; then the articles with gold, those
    that an expert decided before others. An article with gold is for the annotators who have not seen it or a copy of
    it, a copy is for everybody. There is one article per cluster, and none of this batch's own selection. All
    annotators get about the same number. Raises ConfigError if there are too few.
    """
    wanted = builder.options.gold_checks
    cluster_of = {name: cluster.article_ids for cluster in candidates.clusters for name in cluster.article_ids}
    taken = {copy for name in selected for copy in cluster_of.get(name, (name,))}
    pool: dict[str, tuple[str, ...]] = {}
    for name in _check_candidates(candidates, builder, key):
        seen_by = {one for copy in cluster_of.get(name, (name,)) for one in candidates.seen_by.get(copy, ())}
        readers = tuple(one for one in annotators if name not in candidates.with_gold or one not in seen_by)
        if readers and name not in taken:
            pool[name] = readers
    checks: dict[str, tuple[str, ...]] = {}
    n_checks = dict.fromkeys(annotators, 0)
    while pool and len(checks) < wanted:
        fewest = min(n_checks.values())
        name = max(pool, key=lambda name: sum(n_checks[one] == fewest for one in pool[name]))  # the first of the best
        checks[name] = pool[name]
        for one in pool[name]:
            n_checks[one] += 1
        for copy in cluster_of.get(name, (name,)):
            pool.pop(copy, None)
    if len(checks) < wanted:
        raise ConfigError(
            f"{wanted} gold checks, but only {quantity(len(checks), 'article')} with gold, or copies of such articles, "
            "are new to one of these annotators",
            hint=f"use --gold-checks {len(checks)}, or have others annotate a batch first",
        )
    return checks


def _check_candidates(candidates: Candidates, builder: TaskBuilder, key: str) -> Iterator[str]:
    """Yield the articles that can be gold checks, in the order in which they are taken."""
    gold, corpus = candidates.with_gold & candidates.corpus.keys(), candidates.corpus
    copies = {
        name
        for cluster in candidates.clusters
        if gold.intersection(cluster.article_ids)
        for name in cluster.article_ids
        if name in corpus and name not in gold and name not in candidates.planned
    }
    by_expert = candidates.by_expert & gold
    for group in (copies, by_expert, gold - by_expert):
        for name in random_order(group, f"{key}\0checks"):
            if name not in candidates.excluded and builder.skip_reason(corpus[name]) is None:
                yield name


def spread(selected: Sequence[str], checks: Sequence[str], n_first: int) -> tuple[str, ...]:
    """Return the selected articles with the checks spread evenly among them, after the first `n_first`.

    Examples
    --------
    >>> spread(["a", "b", "c", "d", "e"], ["x", "y"], 1)
    ('a', 'b', 'x', 'c', 'd', 'y', 'e')
    """
    result, rest = list(selected[:n_first]), selected[n_first:]
    size, done = len(rest) / (len(checks) + 1), 0
    for number, check in enumerate(checks, 1):
        end = round(size * number)
        result += [*rest[done:end], check]
        done = end
    return (*result, *rest[done:])


def select_listed(candidates: Candidates, builder: TaskBuilder, key: str) -> Selection:
    """Select the articles that the options list; raise ConfigError for one that cannot be planned."""
    options = builder.options
    for name in options.articles:
        article = candidates.corpus.get(name)
        if article is None:
            raise ConfigError(f"no article {name!r}", hint="see the ids in corpus/articles/")
        if name in candidates.planned:
            raise ConfigError(f"article {name!r} is already in batch {candidates.planned[name]!r}", hint="remove it")
        if name in candidates.excluded:
            problem = f"article {name!r} is excluded: {candidates.excluded[name]}"
            raise ConfigError(
                problem, hint="remove it from the list, or undo the exclusion with `goldwire exclude --undo`"
            )
        reason = unsupported_reason(article.text) or builder.skip_reason(article)
        if reason:
            raise ConfigError(f"article {name!r} cannot be annotated: {reason}", hint="remove it")
    ordered = _order(sorted(set(options.articles)), candidates.corpus, builder, key)
    return Selection(article_ids=ordered[: options.max_articles])


def _groups(candidates: Candidates, builder: TaskBuilder) -> tuple[list[tuple[str, ...]], Counter[str]]:
    """Return the available articles grouped by cluster, and the number of skipped articles by reason."""
    cluster_of = {article: cluster.cluster for cluster in candidates.clusters for article in cluster.article_ids}
    planned_clusters = {cluster_of[article] for article in candidates.planned if article in cluster_of}
    skipped = Counter[str]()
    groups: dict[str, list[str]] = {}
    for name, article in candidates.corpus.items():
        if name in candidates.planned:
            skipped["already in another batch"] += 1
        elif name in candidates.excluded:
            skipped["excluded"] += 1
        elif reason := builder.skip_reason(article):
            skipped[reason] += 1
        elif cluster_of.get(name) in planned_clusters and not builder.options.whole_clusters:
            skipped["near-duplicate of an article in another batch"] += 1
        else:
            groups.setdefault(cluster_of.get(name, name), []).append(name)
    return [tuple(group) for group in groups.values()], skipped


def _select_from(
    groups: Sequence[tuple[str, ...]], corpus: Mapping[str, Article], builder: TaskBuilder, key: str
) -> Selection:
    """Select from the groups, proportionally from each stratum if the options stratify."""
    options = builder.options
    order = _order([name for group in groups for name in group], corpus, builder, key)
    rank = {name: number for number, name in enumerate(order)}
    strata: dict[str, list[tuple[str, ...]]] = {}
    stratum_of = stratify((corpus[name] for name in order), options.stratify)
    for group in groups:  # a cluster belongs to the stratum of its first article
        strata.setdefault(stratum_of[min(group, key=rank.__getitem__)], []).append(group)
    quotas: Mapping[str, int | None] = dict.fromkeys(strata, options.max_articles)
    if options.stratify:
        quotas = allocate((name for name, members in strata.items() for _ in members), options.max_articles or 0, key)
    if options.order == "uncertain" and not options.whole_clusters:
        drawn = _draw_by_uncertainty(strata, quotas, corpus, builder, key)
    else:
        drawn = {name: _draw(strata[name], quota, order, options) for name, quota in quotas.items()}
    probabilities = {article: p for drawn_from in drawn.values() for article, p in drawn_from.items()}
    is_ordered = options.order == "uncertain" and options.max_articles is None and not options.whole_clusters
    return Selection(
        article_ids=tuple(probabilities if is_ordered else sorted(probabilities, key=rank.__getitem__)),
        probabilities={article: p for article, p in probabilities.items() if p is not None},
        strata={name: (len(strata[name]), len(drawn[name])) for name in quotas} if options.stratify else {},
    )


def _draw(
    groups: Sequence[tuple[str, ...]], quota: int | None, order: Sequence[str], options: SamplingOptions
) -> dict[str, float | None]:
    """Take the first articles in `order`, each with its inclusion probability if the order is random."""
    if quota == 0:
        return {}
    names = pick_articles(groups, "", limit=quota, whole=options.whole_clusters, order=order)
    if options.whole_clusters:  # a cluster that does not fit is skipped: only those of a full draw are certain
        is_full = options.order != "uncertain" and len(names) == sum(map(len, groups))
        return dict.fromkeys(names, 1.0 if is_full else None)
    if options.order != "random":
        return dict.fromkeys(names)
    return _probabilities(groups, names)


def _probabilities(groups: Sequence[tuple[str, ...]], names: Sequence[str]) -> dict[str, float | None]:
    """Return the probability of each of `names`, one member of each of the first groups in random order."""
    size_of = {name: len(group) for group in groups for name in group}
    of_group = group_probabilities(Counter(map(len, groups)), len(names))
    return {name: of_group[size_of[name]] / size_of[name] for name in names}


def _draw_by_uncertainty(
    strata: Mapping[str, Sequence[tuple[str, ...]]],
    quotas: Mapping[str, int | None],
    corpus: Mapping[str, Article],
    builder: TaskBuilder,
    key: str,
) -> dict[str, dict[str, float | None]]:
    """Draw articles of each stratum with probabilities that grow with their uncertainty.

    1. Take one article of each group at random, and as many groups, in random order, as can be scored.
    2. Draw from these systematically. The inclusion probability is the product of both steps.
    """
    n_groups = sum(map(len, strata.values()))
    pools: dict[str, dict[str, float | None]] = {}
    for name, groups in strata.items():
        n_scored = -(-_MAX_SCORED * len(groups) // n_groups)
        limit = len(groups) if quotas[name] is None else max(n_scored, quotas[name] or 0)
        pools[name] = _probabilities(groups, pick_articles(groups, key, limit=limit))
    pooled = random_order([article for pool in pools.values() for article in pool], key)
    scores = (
        builder.uncertainty(builder, [corpus[name] for name in pooled[:_MAX_SCORED]]) if builder.uncertainty else {}
    )
    drawn: dict[str, dict[str, float | None]] = {}
    for name, pool in pools.items():
        quota = quotas[name]
        articles = random_order(pool, key)
        if quota is None:  # all of them: the most uncertain first
            articles = tuple(sorted(articles, key=lambda article: -scores.get(article, -inf)))
        values = [scores.get(article, 0.0) for article in articles]  # beyond those scored: the mean
        probabilities = uncertainty_probabilities(values, len(articles) if quota is None else quota)
        places = systematic_sample(probabilities, f"{key}\0{name}\0start") if quota != 0 else ()
        drawn[name] = {articles[i]: (pool[articles[i]] or 0.0) * float(probabilities[i]) for i in places}
    return drawn


def _order(names: Sequence[str], corpus: Mapping[str, Article], builder: TaskBuilder, key: str) -> tuple[str, ...]:
    """Return all `names` in the order in which they are taken; the random order of a sample by uncertainty."""
    shuffled = random_order(names, key)
    if builder.options.order == "oldest":  # "~" sorts after every date
        return tuple(sorted(names, key=lambda name: (corpus[name].published or "~", name)))
    if builder.uncertainty is None or not names or not (builder.options.whole_clusters or builder.options.articles):
        return shuffled
    scores = builder.uncertainty(builder, [corpus[name] for name in shuffled[:_MAX_SCORED]])
    return tuple(sorted(shuffled, key=lambda name: -scores.get(name, -inf)))


def distribute(
    weights: Mapping[str, int], annotators: Sequence[str], options: SamplingOptions, limits: Mapping[str, int], key: str
) -> tuple[tuple[str, ...], ...]:
    """Return the annotators of each article, in the order of `weights` (tasks per article).

    All tasks about one article go to the same annotators: a layer must cover the whole article. Raises ConfigError with
    the number of articles that would fit if the limits are too low.
    """
    items = tuple(weights)
    if options.calibration > len(items):
        raise ConfigError(
            f"{quantity(options.calibration, 'calibration article')}, but only {quantity(len(items), 'article')} "
            "to plan",
            hint="reduce --calibration",
        )
    workload = Workload(weights=weights, limits=limits, n_calibration=options.calibration)

    def plan(count: int) -> tuple[tuple[str, ...], ...] | None:
        try:
            return assign_annotators(items[:count], annotators, options.overlap, key, workload)
        except ValueError:
            return None

    planned = plan(len(items))
    if planned is None:
        fitting = bisect(range(len(items)), 0, key=lambda number: plan(number + 1) is None)
        raise _limits_error(weights, annotators, options, limits, fitting)
    return planned


def _limits_error(
    weights: Mapping[str, int], names: Sequence[str], options: SamplingOptions, limits: Mapping[str, int], fitting: int
) -> ConfigError:
    """Return the error for a plan that exceeds the limits; the first `fitting` articles are within them."""
    calibration_weight = sum(list(weights.values())[: options.calibration])
    needed = options.overlap * (sum(weights.values()) - calibration_weight) + len(names) * calibration_weight
    room = ", ".join(f"{name} {limits[name]}" if name in limits else f"{name} unlimited" for name in names)
    calibration = f", {options.calibration} to all {len(names)}" if options.calibration else ""
    hints = ["raise a limit", "name more annotators", "reduce --overlap"][: 3 if options.overlap > 1 else 2]
    hints += [f"use --max-articles {fitting}"] if fitting and not options.articles else []
    return ConfigError(
        f"{quantity(len(weights), 'article')} to {options.overlap} of "
        f"{quantity(len(names), 'annotator')}{calibration} make {quantity(needed, 'task')},"
        f" more than their limits ({room}) allow",
        hint=f"{', '.join(hints[:-1])} or {hints[-1]}",
    )
