"""Plan a batch: which articles, asked of which annotators."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, ConflictError, DataError, GoldwireError, MissingFileError
from goldwire.records import Article, Task, TaskKind
from goldwire.sampling import annotator_assignment
from goldwire.sampling.options import How, Order, check_how, check_names, read_limits
from goldwire.sampling.stratification import allocate, stratify
from goldwire.sampling.tasks import Asking, prepare
from goldwire.sampling.windows import Unit
from goldwire.text.display_limits import unsupported_reason
from goldwire.workspace import jsonl, label_schema
from goldwire.workspace import loading as load
from goldwire.workspace.layout import Workspace

__all__ = ["SampleReport", "run"]

_JUDGED = 5_000
"""Articles, drawn at random, that a model is asked about: as many cost it a minute or two."""


class SampleReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was planned, and what was passed over."""

    batch: str
    file: str
    changed: bool
    tasks: int
    articles: int
    overlap: int
    calibration: int  # articles that everybody sees
    seed: int
    load: dict[str, int]  # annotator -> tasks
    strata: dict[str, tuple[int, int]]  # stratum -> articles to choose from, articles chosen
    passed_over: dict[str, int]  # why -> articles

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        loads = ", ".join(f"{name} {count}" for name, count in self.load.items())
        many = f" ({self.tasks} tasks)" if self.tasks != self.articles else ""
        who = f"each to {self.overlap} of {len(self.load)} annotators ({loads})"
        yield f"{self.file}: {self.articles} articles{many}, {who}"
        if self.calibration:
            yield f"the first {self.calibration} articles go to everybody, for calibration"
        for name, (there, chosen) in self.strata.items():
            yield f"{name}: {chosen} of {there}"
        if not self.changed:
            yield "already planned so; nothing changed"
        for why, count in self.passed_over.items():
            yield f"passed over {count}: {why}"


def run(
    workspace: Workspace,
    *,
    batch: str,
    annotators: tuple[str, ...],
    overlap: int = 2,
    max_articles: int | None = None,
    calibration: int = 0,
    max_per_annotator: str = "",
    stratify: tuple[str, ...] = (),
    order: Order = "random",
    articles: tuple[str, ...] = (),
    whole_clusters: bool = False,
    seed: int | None = None,
    window_unit: Unit = "whole",
    window_size: int = 5,
    window_context: int = 1,
    kind: TaskKind = "entities",
    targets: Path | None = None,
    max_targets: int = 3,
) -> SampleReport:
    """Plan `batch`: assign each article to exactly `overlap` of `annotators`, with workloads as even as possible.

    The options are the fields of `goldwire.sampling.options.How`. Repeatable: the same plan changes nothing, and
    another plan under the same name is a ConflictError. Invalid names, an overlap that cannot be met and an empty
    selection are errors too.
    """
    names = check_names(batch, annotators)
    wanted = How(
        overlap=overlap,
        max_articles=max_articles,
        calibration=calibration,
        max_per_annotator=max_per_annotator,
        stratify=stratify,
        order=order,
        articles=articles,
        whole_clusters=whole_clusters,
        seed=seed,
        window_unit=window_unit,
        window_size=window_size,
        window_context=window_context,
        kind=kind,
        targets=targets,
        max_targets=max_targets,
    )
    check_how(wanted, names)
    limits = read_limits(wanted.max_per_annotator, names)
    labels = label_schema.read_schema(workspace.schema)  # a plan for a schema that cannot be read would fail at push
    seed = workspace.settings.seed if wanted.seed is None else wanted.seed
    key = f"{seed}\0{batch}"
    with workspace.lock():
        corpus = load.articles(workspace)
        asking = prepare(workspace, labels, batch, wanted)
        choice = _choose(workspace, corpus, asking, key)
        asked = {name: asking.tasks(corpus[name]) for name in choice.chosen}
        people = _assigned({name: len(made) for name, made in asked.items()}, names, wanted, limits, key)
        tasks = _tasks(asked, people, wanted.calibration)
        changed = _write(workspace, batch, tasks)
    load_of = Counter(name for task in tasks for name in task.annotators)
    return SampleReport(
        batch=batch,
        file=workspace.relative(workspace.tasks / f"{batch}.jsonl"),
        changed=changed,
        tasks=len(tasks),
        articles=len(asked),
        overlap=wanted.overlap,
        calibration=wanted.calibration,
        seed=seed,
        load={name: load_of[name] for name in names},
        strata=choice.strata,
        passed_over=choice.passed_over,
    )


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Article ids in the order in which they are planned, and what a report says of the others."""

    chosen: tuple[str, ...]
    strata: dict[str, tuple[int, int]] = {}
    passed_over: dict[str, int] = {}


def _choose(workspace: Workspace, corpus: dict[str, Article], asking: Asking, key: str) -> _Choice:
    how = asking.how
    if not corpus:
        raise MissingFileError("no articles", location=workspace.articles, hint="`goldwire ingest` makes them")
    elsewhere = {
        task.article_id: other
        for other in load.batches(workspace)
        if other != asking.batch
        for task in load.tasks(workspace, other)
        if task.kind == how.kind
    }
    if how.articles:
        return _as_named(corpus, elsewhere, asking, key)
    groups, passed = _groups(workspace, corpus, elsewhere, asking)
    choice = _drawn(groups, corpus, asking, key)
    if not choice.chosen:
        why = "; ".join(f"{count} {reason}" for reason, count in passed.items()) or "none fits the limit"
        hint = "ingest more" if asking.named is None else "name other targets, or ingest more"
        raise DataError(f"no article left to plan ({why})", location=workspace.articles, hint=hint)
    copies = 0 if how.whole_clusters else sum(len(group) - 1 for group in groups)
    passed["near-duplicate of an article in this batch"] += copies if how.max_articles is None else 0
    told = {why: count for why, count in sorted(passed.items()) if count}
    return msgspec.structs.replace(choice, passed_over=told)


def _groups(
    workspace: Workspace, corpus: Mapping[str, Article], elsewhere: Mapping[str, str], asking: Asking
) -> tuple[list[tuple[str, ...]], Counter[str]]:
    """The articles that may be planned, by wire story, and how many may not, by reason."""
    clusters = load.duplicates(workspace)
    cluster_of = {article: cluster.cluster for cluster in clusters for article in cluster.articles}
    told = {cluster_of[article] for article in elsewhere if article in cluster_of}
    passed = Counter[str]()
    groups: dict[str, list[str]] = {}
    for name, article in corpus.items():
        if name in elsewhere:
            passed["already in another batch"] += 1
        elif reason := asking.refusal(article):
            passed[reason] += 1
        elif cluster_of.get(name) in told and not asking.how.whole_clusters:
            passed["near-duplicate of an article in another batch"] += 1
        else:
            groups.setdefault(cluster_of.get(name, name), []).append(name)
    return [tuple(group) for group in groups.values()], passed


def _drawn(groups: Sequence[tuple[str, ...]], corpus: Mapping[str, Article], asking: Asking, key: str) -> _Choice:
    """Choose from the groups, of each stratum in proportion where that is asked for."""
    how = asking.how
    order = _order([name for group in groups for name in group], corpus, asking, key)
    if not how.stratify:
        return _Choice(
            chosen=annotator_assignment.choose(
                groups, key, limit=how.max_articles, whole=how.whole_clusters, order=order
            )
        )
    place = {name: number for number, name in enumerate(order)}
    parts = stratify((corpus[name] for name in order), how.stratify)
    by_part: dict[str, list[tuple[str, ...]]] = {}
    for group in groups:  # a wire story is of the stratum of the article that stands for it
        by_part.setdefault(parts[min(group, key=place.__getitem__)], []).append(group)
    quotas = allocate((name for name, found in by_part.items() for _ in found), how.max_articles or 0, key)
    taken = {
        part: annotator_assignment.choose(by_part[part], key, limit=quota, whole=how.whole_clusters, order=order)
        if quota
        else ()
        for part, quota in quotas.items()
    }
    return _Choice(
        chosen=tuple(sorted((name for names in taken.values() for name in names), key=place.__getitem__)),
        strata={part: (len(by_part[part]), len(names)) for part, names in taken.items()},
    )


def _order(names: Sequence[str], corpus: Mapping[str, Article], asking: Asking, key: str) -> tuple[str, ...]:
    """All `names` in the order in which they are taken."""
    drawn = annotator_assignment.draw(names, key)
    if asking.how.order == "oldest":  # "~" comes after every date
        return tuple(sorted(names, key=lambda name: (corpus[name].published or "~", name)))
    if asking.doubts is None or not names:
        return drawn
    doubts = asking.doubts(asking, [corpus[name] for name in drawn[:_JUDGED]])
    return tuple(sorted(drawn, key=lambda name: -doubts.get(name, -inf)))


def _as_named(corpus: Mapping[str, Article], elsewhere: Mapping[str, str], asking: Asking, key: str) -> _Choice:
    how = asking.how
    for name in how.articles:
        if name not in corpus:
            raise ConfigError(f"no article {name!r}", hint="see the ids in corpus/articles/")
        if name in elsewhere:
            raise ConfigError(f"article {name!r} is in batch {elsewhere[name]!r} already", hint="leave it out")
        reason = unsupported_reason(corpus[name].text) or asking.refusal(corpus[name])
        if reason:
            raise ConfigError(f"article {name!r} cannot be annotated: {reason}", hint="leave it out")
    return _Choice(chosen=_order(sorted(set(how.articles)), corpus, asking, key)[: how.max_articles])


def _assigned(
    weights: Mapping[str, int], names: Sequence[str], how: How, limits: Mapping[str, int], key: str
) -> tuple[tuple[str, ...], ...]:
    """Who is asked about each article: all that is asked about it, or a layer would be silent on what it never saw."""
    items = tuple(weights)
    if how.calibration > len(items):
        raise ConfigError(
            f"{how.calibration} articles for calibration, and {len(items)} to plan", hint="calibrate on fewer"
        )
    bounds = annotator_assignment.Load(weights=weights, limits=limits, everybody=how.calibration)

    def planned(count: int) -> tuple[tuple[str, ...], ...] | None:
        try:
            return annotator_assignment.assign(items[:count], names, how.overlap, key, bounds)
        except ValueError:
            return None

    plan = planned(len(items))
    if plan is None:
        raise _too_much(weights, names, how, limits, bisect(range(len(items)), 0, key=lambda n: planned(n + 1) is None))
    return plan


def _too_much(
    weights: Mapping[str, int], names: Sequence[str], how: How, limits: Mapping[str, int], fit: int
) -> GoldwireError:
    """The error for a plan that the limits have no room for, of whose articles the first `fit` do fit."""
    everybody = sum(list(weights.values())[: how.calibration])
    needed = how.overlap * (sum(weights.values()) - everybody) + len(names) * everybody
    room = ", ".join(f"{name} {limits[name]}" if name in limits else f"{name} any" for name in names)
    calibration = f", {how.calibration} to all {len(names)}" if how.calibration else ""
    ways = ["raise a limit", "name more annotators", "overlap less"][: 3 if how.overlap > 1 else 2]
    ways += [f"use --max-articles {fit}"] if fit and not how.articles else []
    return ConfigError(
        f"{len(weights)} articles to {how.overlap} of {len(names)} annotators{calibration} are {needed} tasks,"
        f" which their limits ({room}) have no room for",
        hint=f"{', '.join(ways[:-1])} or {ways[-1]}",
    )


def _tasks(
    asked: Mapping[str, Sequence[Task]], people: Sequence[tuple[str, ...]], calibration: int
) -> tuple[Task, ...]:
    """Number the tasks, in the order in which annotators meet them."""
    planned = [
        msgspec.structs.replace(task, annotators=names, calibration=number < calibration)
        for number, (made, names) in enumerate(zip(asked.values(), people, strict=True))
        for task in made
    ]
    return tuple(
        msgspec.structs.replace(task, id=f"{task.batch}-{number:04d}") for number, task in enumerate(planned, 1)
    )


def _write(workspace: Workspace, batch: str, tasks: tuple[Task, ...]) -> bool:
    path = workspace.tasks / f"{batch}.jsonl"
    if path.exists() and path.read_bytes() != jsonl.dump(tasks):
        raise ConflictError(
            f"batch {batch!r} is planned already, and otherwise", location=path, hint="give this one another name"
        )
    return jsonl.write(path, tasks)
