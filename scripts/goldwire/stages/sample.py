"""Plan a batch: which articles, asked of which annotators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from goldwire import jsonl, load, planner, schema
from goldwire.checks.shape import is_pseudonym
from goldwire.doccano.convert import unfit
from goldwire.errors import GoldwireError
from goldwire.experts import is_expert
from goldwire.layout import Workspace
from goldwire.records import Article, Task

__all__ = ["SampleReport", "run"]

_BATCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,29}")
_RESERVED = frozenset({"gold", "admin"})


class SampleReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was planned, and what was passed over."""

    batch: str
    file: str
    changed: bool
    tasks: int
    overlap: int
    seed: int
    load: dict[str, int]  # annotator -> tasks
    passed_over: dict[str, int]  # why -> articles

    def lines(self) -> Iterator[str]:
        """What a person reads."""
        loads = ", ".join(f"{name} {count}" for name, count in self.load.items())
        yield f"{self.file}: {self.tasks} articles, each to {self.overlap} of {len(self.load)} annotators ({loads})"
        if not self.changed:
            yield "already planned so; nothing changed"
        for why, count in self.passed_over.items():
            yield f"passed over {count}: {why}"


def run(
    workspace: Workspace,
    *,
    batch: str,
    annotators: tuple[str, ...],
    overlap: int,
    limit: int | None = None,
    articles: tuple[str, ...] = (),
    whole_clusters: bool = False,
    seed: int | None = None,
) -> SampleReport:
    """Plan `batch`: each article to exactly `overlap` of `annotators`, loads within one of each other.

    `limit` caps the articles; `articles` names them instead of drawing; `whole_clusters` takes every article of a
    wire story instead of one; `seed` is the workspace's own unless given. Repeatable: the same plan again changes
    nothing, another one under the same name is refused. Bad names, an overlap that cannot be met and an empty
    choice are GoldwireErrors.
    """
    names = _checked_names(batch, annotators)
    _check_numbers(names, overlap, limit)
    schema.read_schema(workspace.schema)  # a plan for a schema that cannot be read would fail at push
    seed = workspace.settings.seed if seed is None else seed
    key = f"{seed}\0{batch}"
    with workspace.lock():
        corpus = load.articles(workspace)
        chosen, passed_over = _choose(workspace, corpus, batch, articles, _Choice(key, limit, whole_clusters))
        tasks = _tasks(batch, [corpus[name] for name in chosen], planner.assign(chosen, names, overlap, key))
        changed = _write(workspace, batch, tasks)
    load_of = Counter(name for task in tasks for name in task.annotators)
    return SampleReport(
        batch=batch,
        file=workspace.relative(workspace.tasks / f"{batch}.jsonl"),
        changed=changed,
        tasks=len(tasks),
        overlap=overlap,
        seed=seed,
        load={name: load_of[name] for name in names},
        passed_over=passed_over,
    )


class _Choice(msgspec.Struct, frozen=True):
    key: str
    limit: int | None
    whole: bool


def _checked_names(batch: str, annotators: tuple[str, ...]) -> tuple[str, ...]:
    """Sorted pseudonyms: a real name or an address would travel with the data set for ever."""
    if not _BATCH.fullmatch(batch):
        raise GoldwireError(
            f"not a name for a batch: {batch!r}", way_out="use up to 30 letters, digits, - and _, as in b01"
        )
    for name in annotators:
        if not is_pseudonym(name) or name.lower() in _RESERVED:
            raise GoldwireError(
                f"not a pseudonym: {name!r}",
                way_out="use a letter, then up to 19 letters, digits, - and _, with a number: A1",
            )
        if is_expert(name):
            raise GoldwireError(
                f"{name!r} is an expert's name, who settles disputes and has no vote", way_out="name annotators A1, A2"
            )
    # Doccano's accounts and many file systems do not tell a1 from A1.
    for name, count in Counter(name.lower() for name in annotators).items():
        if count > 1:
            raise GoldwireError(f"annotator {name!r} is named {count} times", way_out="name each person once")
    return tuple(sorted(annotators))


def _check_numbers(names: tuple[str, ...], overlap: int, limit: int | None) -> None:
    if not 1 <= overlap <= len(names):
        way_out = "ask more people or overlap less"
        raise GoldwireError(f"an overlap of {overlap} cannot be met by {len(names)} annotators", way_out=way_out)
    if limit is not None and limit < 1:
        raise GoldwireError(f"a limit of {limit} articles", way_out="give 1 or more, or no limit")


def _choose(
    workspace: Workspace, corpus: dict[str, Article], batch: str, named: tuple[str, ...], choice: _Choice
) -> tuple[tuple[str, ...], dict[str, int]]:
    """The article ids of the batch in drawn order, and how many were passed over for which reason."""
    if not corpus:
        raise GoldwireError("no articles", place=workspace.articles, way_out="`goldwire ingest` makes them")
    elsewhere = {
        task.article_id: other
        for other in load.batches(workspace)
        if other != batch
        for task in load.tasks(workspace, other)
    }
    if named:
        return _as_named(corpus, elsewhere, named, choice)
    clusters = load.duplicates(workspace)
    cluster_of = {article: cluster.cluster for cluster in clusters for article in cluster.articles}
    told = {cluster_of[article] for article in elsewhere if article in cluster_of}
    passed = Counter[str]()
    groups: dict[str, list[str]] = {}
    for name, article in corpus.items():
        if name in elsewhere:
            passed["already in another batch"] += 1
        elif unfit(article.text):
            passed["the server cannot show the text"] += 1
        elif cluster_of.get(name) in told and not choice.whole:
            passed["near-duplicate of an article in another batch"] += 1
        else:
            groups.setdefault(cluster_of.get(name, name), []).append(name)
    chosen = planner.choose(map(tuple, groups.values()), choice.key, limit=choice.limit, whole=choice.whole)
    if not chosen:
        why = "; ".join(f"{count} {reason}" for reason, count in passed.items()) or "none fits the limit"
        raise GoldwireError(f"no article left to plan ({why})", place=workspace.articles, way_out="ingest more")
    copies = 0 if choice.whole else sum(len(group) - 1 for group in groups.values())
    passed["near-duplicate of an article in this batch"] += copies if choice.limit is None else 0
    return chosen, {why: count for why, count in sorted(passed.items()) if count}


def _as_named(
    corpus: dict[str, Article], elsewhere: dict[str, str], named: tuple[str, ...], choice: _Choice
) -> tuple[tuple[str, ...], dict[str, int]]:
    for name in named:
        if name not in corpus:
            raise GoldwireError(f"no article {name!r}", way_out="see the ids in corpus/articles/")
        if name in elsewhere:
            raise GoldwireError(f"article {name!r} is in batch {elsewhere[name]!r} already", way_out="leave it out")
        reason = unfit(corpus[name].text)
        if reason:
            raise GoldwireError(f"article {name!r} cannot be annotated: {reason}", way_out="leave it out")
    return planner.draw(set(named), choice.key)[: choice.limit], {}


def _tasks(batch: str, chosen: list[Article], plan: tuple[tuple[str, ...], ...]) -> tuple[Task, ...]:
    return tuple(
        Task(
            id=f"{batch}-{number:04d}",
            batch=batch,
            kind="entities",
            article_id=article.id,
            start=0,
            end=len(article.text),
            target=None,
            text_sha256=article.text_sha256,
            annotators=names,
        )
        for number, (article, names) in enumerate(zip(chosen, plan, strict=True), 1)
    )


def _write(workspace: Workspace, batch: str, tasks: tuple[Task, ...]) -> bool:
    path = workspace.tasks / f"{batch}.jsonl"
    if path.exists() and path.read_bytes() != jsonl.dump(tasks):
        raise GoldwireError(
            f"batch {batch!r} is planned already, and otherwise", place=path, way_out="give this one another name"
        )
    return jsonl.write(path, tasks)
