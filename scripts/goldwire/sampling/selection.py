"""Selection of a batch's articles, and their distribution to annotators within limits."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf

import msgspec

from goldwire.errors import ConfigError
from goldwire.records import Article, Duplicates
from goldwire.sampling.annotator_assignment import Workload, assign_annotators, pick_articles, random_order
from goldwire.sampling.options import SamplingOptions
from goldwire.sampling.stratification import allocate, stratify
from goldwire.sampling.tasks import TaskBuilder
from goldwire.text.display_limits import unsupported_reason

__all__ = ["Candidates", "Selection", "distribute", "select_articles", "select_listed"]

_MAX_SCORED = 5_000
"""Articles, in random order, whose uncertainty is computed: that takes a minute or two."""


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """The articles that a batch may take: the corpus, its clusters, and the batch that already has each article.

    `excluded` has the reason of each article that people excluded.
    """

    corpus: Mapping[str, Article]
    clusters: Sequence[Duplicates]
    planned: Mapping[str, str]
    excluded: Mapping[str, str] = {}


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of the selected articles in planning order.

    `strata` has the available and selected articles per stratum, `skipped` the skipped articles per reason.
    """

    article_ids: tuple[str, ...]
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
            raise ConfigError(problem, hint="remove it, or take that back with `goldwire exclude --undo`")
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
    whole = options.whole_clusters
    if not options.stratify:
        return Selection(article_ids=pick_articles(groups, key, limit=options.max_articles, whole=whole, order=order))
    rank = {name: number for number, name in enumerate(order)}
    stratum_of = stratify((corpus[name] for name in order), options.stratify)
    strata: dict[str, list[tuple[str, ...]]] = {}
    for group in groups:  # a cluster belongs to the stratum of its first article
        strata.setdefault(stratum_of[min(group, key=rank.__getitem__)], []).append(group)
    quotas = allocate((name for name, members in strata.items() for _ in members), options.max_articles or 0, key)
    picked = {
        name: pick_articles(strata[name], key, limit=quota, whole=whole, order=order) if quota else ()
        for name, quota in quotas.items()
    }
    return Selection(
        article_ids=tuple(sorted((name for names in picked.values() for name in names), key=rank.__getitem__)),
        strata={name: (len(strata[name]), len(names)) for name, names in picked.items()},
    )


def _order(names: Sequence[str], corpus: Mapping[str, Article], builder: TaskBuilder, key: str) -> tuple[str, ...]:
    """Return all `names` in the order in which they are taken."""
    shuffled = random_order(names, key)
    if builder.options.order == "oldest":  # "~" sorts after every date
        return tuple(sorted(names, key=lambda name: (corpus[name].published or "~", name)))
    if builder.uncertainty is None or not names:
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
            f"{options.calibration} calibration articles, but only {len(items)} articles to plan",
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
        f"{len(weights)} articles to {options.overlap} of {len(names)} annotators{calibration} are {needed} tasks,"
        f" more than their limits ({room}) allow",
        hint=f"{', '.join(hints[:-1])} or {hints[-1]}",
    )
