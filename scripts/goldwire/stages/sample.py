"""Plan a batch: which articles, and which annotators get each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

import msgspec

from goldwire.errors import ConflictError, DataError, MissingFileError
from goldwire.quantities import quantity
from goldwire.records import Adjudication, Article, GoldCheck, Task
from goldwire.sampling.options import SamplingOptions, check_names, check_options, parse_task_limits
from goldwire.sampling.selection import (
    Candidates,
    Selection,
    distribute,
    select_articles,
    select_gold_checks,
    select_listed,
    spread,
)
from goldwire.sampling.tasks import TaskBuilder, build_task_builder
from goldwire.workspace import jsonl, label_schema, loading
from goldwire.workspace.exclusions import read_exclusions
from goldwire.workspace.layout import Workspace

__all__ = ["SampleReport", "run"]


LONG = 12_000
"""Characters, some 2,000 words: longer articles are ten screens, in which names far apart are hard to relate."""


class SampleReport(msgspec.Struct, frozen=True, kw_only=True):
    """The planned batch, and the articles that were skipped."""

    batch: str
    file: str
    changed: bool
    tasks: int
    articles: int
    overlap: int
    calibration: int  # articles that every annotator gets
    seed: int
    load: dict[str, int]  # annotator -> tasks
    strata: dict[str, tuple[int, int]]  # stratum -> available articles, selected articles
    skipped: dict[str, int]  # reason -> articles
    gold_checks: int = 0  # articles whose gold is known, or that of a copy
    long_articles: int = 0  # articles of one task each, of more than `LONG` characters

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        loads = ", ".join(f"{name} {count}" for name, count in self.load.items())
        tasks = f" ({quantity(self.tasks, 'task')})" if self.tasks != self.articles else ""
        assignment = f"each to {self.overlap} of {quantity(len(self.load), 'annotator')} ({loads})"
        articles = quantity(self.articles, "article")
        yield f"{self.file}: {articles}{tasks}, {assignment}"
        if self.calibration:
            yield (
                f"{quantity(self.calibration, 'article, the first, goes', 'articles, the first, go')} to every "
                "annotator, for calibration"
            )
        if self.gold_checks:
            checks = quantity(self.gold_checks, "article is a gold check, which", "articles are gold checks, which")
            yield f"{checks} `agree` compares with known gold"
        if self.long_articles:
            number = f"{self.long_articles} of the tasks are articles of more than {LONG:,} characters"
            yield f"{number}; `--window-unit paragraphs` divides such articles"
        for name, (available, selected) in self.strata.items():
            yield f"{name}: {selected} of {available}"
        if not self.changed:
            yield "already planned; nothing changed"
        for reason, count in self.skipped.items():
            yield f"skipped {count}: {reason}"


def run(
    workspace: Workspace,
    *,
    batch: str,
    annotators: tuple[str, ...],
    options: SamplingOptions = SamplingOptions(),  # noqa: B008 - a frozen record
) -> SampleReport:
    """Plan `batch`: assign each article to exactly `overlap` of `annotators`, with workloads as even as possible.

    The same plan again changes nothing.

    Raises
    ------
    ConfigError
        A name or option is invalid, or no plan satisfies the options.
    ConflictError
        The batch exists with another plan.
    DataError
        No article is left to plan.
    """
    names = check_names(batch, annotators)
    check_options(options, names)
    limits = parse_task_limits(options.max_per_annotator, names)
    schema = label_schema.read_schema(workspace.schema)  # fail now rather than at push
    seed = workspace.settings.seed if options.seed is None else options.seed
    key = f"{seed}\0{batch}"
    with workspace.lock():
        builder = build_task_builder(workspace, schema, batch, options)
        candidates = _candidates(workspace, builder)
        selection = _select(workspace, candidates, builder, key)
        checks = (
            select_gold_checks(candidates, builder, selection.article_ids, names, key) if options.gold_checks else {}
        )
        drafts = {
            name: _drafts(builder, candidates.corpus[name], selection)
            for name in spread(selection.article_ids, tuple(checks), options.calibration)
        }
        assigned = _assignments(drafts, checks, names, options, limits, key)
        tasks = _numbered_tasks(drafts, assigned, options.calibration, _Checks(frozenset(checks), candidates.with_gold))
        changed = _write(workspace, batch, tasks)
    load = Counter(name for task in tasks for name in task.annotators)
    return SampleReport(
        batch=batch,
        file=workspace.relative(workspace.tasks_file(batch)),
        changed=changed,
        tasks=len(tasks),
        articles=len(drafts),
        overlap=options.overlap,
        calibration=options.calibration,
        seed=seed,
        load={name: load[name] for name in names},
        strata=selection.strata,
        skipped=selection.skipped,
        gold_checks=len(checks),
        long_articles=sum(task.window[1] - task.window[0] > LONG for task in tasks if task.kind == "entities"),
    )


def _candidates(workspace: Workspace, builder: TaskBuilder) -> Candidates:
    corpus = loading.articles(workspace)
    if not corpus:
        raise MissingFileError("no articles", location=workspace.articles, hint="run `goldwire ingest` first")
    planned = {
        task.article_id: other
        for other in loading.batches(workspace)
        if other != builder.batch
        for task in loading.tasks(workspace, other)
        if task.kind == builder.options.kind
    }
    candidates = Candidates(
        corpus=corpus,
        clusters=loading.duplicates(workspace),
        planned=planned,
        excluded=read_exclusions(workspace.exclusions),
    )
    if not builder.options.gold_checks:
        return candidates
    return msgspec.structs.replace(candidates, **_known_gold(workspace, builder.batch))


class _KnownGold(TypedDict):
    """The fields of `Candidates` that gold checks are taken from."""

    with_gold: frozenset[str]
    by_expert: frozenset[str]
    seen_by: dict[str, frozenset[str]]


def _known_gold(workspace: Workspace, batch: str) -> _KnownGold:
    """Return the articles with gold from other batches, and who has annotated which article."""
    gold = [layer for layer in loading.gold(workspace) if layer.batch != batch]
    seen_by: dict[str, set[str]] = {}
    for other in loading.batches(workspace):
        for task in loading.tasks(workspace, other) if other != batch else ():
            seen_by.setdefault(task.article_id, set()).update(task.annotators)
    expert_batches = {
        name
        for name in {layer.batch for layer in gold}
        if (path := workspace.adjudication_file(name)).exists()
        and jsonl.read_document(path, Adjudication).expert is not None
    }
    return {
        "with_gold": frozenset(layer.article_id for layer in gold),
        "by_expert": frozenset(layer.article_id for layer in gold if layer.batch in expert_batches),
        "seen_by": {article: frozenset(names) for article, names in seen_by.items()},
    }


def _select(workspace: Workspace, candidates: Candidates, builder: TaskBuilder, key: str) -> Selection:
    if builder.options.articles:
        return select_listed(candidates, builder, key)
    selection = select_articles(candidates, builder, key)
    if not selection.article_ids:
        reasons = "; ".join(f"{count} {reason}" for reason, count in selection.skipped.items())
        hint = "ingest more articles" if builder.targets_of is None else "list other targets, or ingest more articles"
        raise DataError(
            f"no article left to plan ({reasons or 'none is within --max-articles'})",
            location=workspace.articles,
            hint=hint,
        )
    return selection


def _drafts(builder: TaskBuilder, article: Article, selection: Selection) -> tuple[Task, ...]:
    probability = selection.probabilities.get(article.id)
    tasks = builder.tasks(article)
    return tuple(msgspec.structs.replace(task, inclusion_probability=probability) for task in tasks)


def _assignments(
    drafts: Mapping[str, Sequence[Task]],
    checks: Mapping[str, tuple[str, ...]],
    names: tuple[str, ...],
    options: SamplingOptions,
    limits: Mapping[str, int],
    key: str,
) -> list[tuple[str, ...]]:
    """Return the annotators of each article in the order of `drafts`; those of the checks are given."""
    n_checks = Counter(one for name, readers in checks.items() for one in readers for _ in drafts[name])
    weights = {name: len(tasks) for name, tasks in drafts.items() if name not in checks}
    free = {name: limit - n_checks[name] for name, limit in limits.items()}
    assigned = dict(zip(weights, distribute(weights, names, options, free, key), strict=True))
    return [checks.get(name) or assigned[name] for name in drafts]


class _Checks(NamedTuple):
    """The gold checks of a batch, and the articles with gold from other batches."""

    articles: frozenset[str]
    with_gold: frozenset[str]

    def kind(self, article: str) -> GoldCheck | None:
        if article not in self.articles:
            return None
        return "article" if article in self.with_gold else "copy"


def _numbered_tasks(
    drafts: Mapping[str, Sequence[Task]], assigned: Sequence[tuple[str, ...]], calibration: int, checks: _Checks
) -> tuple[Task, ...]:
    """Return the tasks with annotators and ids, in the order in which annotators get them."""
    planned = [
        msgspec.structs.replace(
            task,
            annotators=names,
            calibration=number < calibration,
            gold_check=checks.kind(article),
        )
        for number, ((article, tasks), names) in enumerate(zip(drafts.items(), assigned, strict=True))
        for task in tasks
    ]
    return tuple(
        msgspec.structs.replace(task, id=f"{task.batch}-{number:04d}") for number, task in enumerate(planned, 1)
    )


def _write(workspace: Workspace, batch: str, tasks: tuple[Task, ...]) -> bool:
    path = workspace.tasks_file(batch)
    if path.exists() and path.read_bytes() == jsonl.dump(_without_probabilities(tasks)):
        return False  # planned by goldwire 0.2 or earlier
    if path.exists() and path.read_bytes() != jsonl.dump(tasks):
        raise ConflictError(
            f"batch {batch!r} already exists with a different plan", location=path, hint="choose another name"
        )
    return jsonl.write(path, tasks)


def _without_probabilities(tasks: Sequence[Task]) -> tuple[Task, ...]:
    return tuple(msgspec.structs.replace(task, inclusion_probability=None) for task in tasks)
