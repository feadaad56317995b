"""From a project's rows to an annotator's layers, and to what is wrong with them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from goldwire.doccano import categories
from goldwire.doccano.conversion import Problem, Row, incoming, outgoing, shown
from goldwire.doccano.reconciliation import compare
from goldwire.prelabeling.layers import clip_to_window, compare_with_suggestions, merge_windows
from goldwire.records import AnnotationLayer, Article, SpanLabel, Task, number_layer, text_digest
from goldwire.workspace.indexed_jsonl import RecordLookup
from goldwire.workspace.label_schema import Schema

__all__ = ["Asked", "Collected", "Found", "Tally", "Trouble", "collect", "digests", "joined", "layers"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What one annotator was asked in one batch, and under which rules."""

    batch: str
    annotator: str
    tasks: tuple[Task, ...]
    articles: RecordLookup[Article]
    digests: Mapping[str, str]  # see `digests`
    schema: Schema
    guidelines_version: str
    suggested: RecordLookup[AnnotationLayer] = {}  # article id -> what its annotators were given to start from


class Found(msgspec.Struct, frozen=True):
    """A project's rows, and the ids of those that are ticked done; `whole` gives a row with all that it has."""

    rows: Sequence[Row]
    confirmed: frozenset[int]
    whole: Callable[[Row], Row] = lambda row: row


class Trouble(msgspec.Struct, frozen=True):
    """A problem, the task it is in, and the row: None where the server has none."""

    task: str
    row: Row | None
    problem: Problem


class Tally(msgspec.Struct):
    """What `layers` has come upon so far; `kept` counts layers of an earlier pull that stand, the next two tasks."""

    kept: int = 0
    done: int = 0
    started: int = 0
    troubles: list[Trouble] = []

    def count(self, number: int, *, done: bool) -> None:
        """Count tasks that are ticked done, or only begun."""
        self.done += number if done else 0
        self.started += 0 if done else number


def digests(tasks: Iterable[Task], articles: RecordLookup[Article]) -> dict[str, str]:
    """The digest of what each task shows, by task id: of those whose article still says what it said when planned."""
    found = {}
    for task in tasks:
        article = articles.get(task.article_id)
        if article is not None and text_digest(article.text) == task.text_sha256:
            found[task.id] = text_digest(shown(task, article))
    return found


def layers(
    asked: Asked, found: Found, former: RecordLookup[AnnotationLayer], tally: Tally
) -> Iterator[AnnotationLayer]:
    """Make a layer of every article of which a task was worked on or ticked done, in the order of article ids.

    Nothing said is no layer. A layer is confirmed where all that was asked about its article is. Where anything in a
    row cannot be trusted the layer in `former` (by article id) stands. A layer that says just what the former said
    keeps the former's versions: it was made under those guidelines. `tally` is complete when all are made.
    """
    tasks = [task for task in asked.tasks if task.id in asked.digests]
    have = compare(found.rows, tasks, asked.digests, found.confirmed)
    tally.troubles += _stale(asked)
    tally.troubles += [Trouble(task_id, row, problem) for task_id, row, problem in have.problems]
    tally.troubles += [
        Trouble(name, None, Problem("server-task-missing", "the server has no such task")) for name in have.missing
    ]
    spoilt = {trouble.task for trouble in tally.troubles}
    of_article: dict[str, list[Task]] = defaultdict(list)
    for task in asked.tasks:
        of_article[task.article_id].append(task)
    for name, wanted in sorted(of_article.items()):
        rows = [(task, row) for task in wanted if (row := have.kept.get(task.id)) and task.id not in spoilt]
        made, troubles = _parts(asked, found, rows)
        tally.troubles += troubles
        if any(task.id in spoilt for task in wanted) or not all(trouble.problem.dropped for trouble in troubles):
            layer = former.get(name)
            tally.kept += layer is not None
            if layer is not None:
                tally.count(len(wanted), done=layer.confirmed)
        else:
            layer = _layer(made, former, of=len(wanted)) if made else None
            for part, _ in made:
                tally.count(1, done=part.confirmed)
        if layer is not None:
            yield layer
    strange = Problem("server-example-unknown", "has labels but is no task of this batch")
    stale = {task.id for task in asked.tasks} - asked.digests.keys()
    left = (row for row in have.strangers if row.worked_on and row.gw_task_id not in stale)
    tally.troubles += [Trouble(asked.batch, row, strange) for row in left]


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """All layers, and the rest as in `Tally`."""

    layers: tuple[AnnotationLayer, ...]
    kept: int
    done: int
    started: int
    troubles: tuple[Trouble, ...]


def collect(asked: Asked, found: Found, former: RecordLookup[AnnotationLayer]) -> Collected:
    """The same, all at once."""
    tally = Tally()
    made = tuple(layers(asked, found, former, tally))
    return Collected(
        layers=made, kept=tally.kept, done=tally.done, started=tally.started, troubles=tuple(tally.troubles)
    )


_Part = tuple[AnnotationLayer, AnnotationLayer | None]
"""What a row says of its article, and what its annotator started from."""


def _parts(asked: Asked, found: Found, rows: Iterable[tuple[Task, Row]]) -> tuple[list[_Part], list[Trouble]]:
    """What was said in the rows of one article that anybody worked on."""
    made, troubles = [], []
    for task, light in rows:
        done = light.id in found.confirmed
        if not (light.worked_on or done):
            continue
        row = found.whole(light)
        layer, problems = _part(asked, task, row, confirmed=done)
        troubles += [Trouble(task.id, light, problem) for problem in (*problems, *_unexplained(asked, task, row))]
        suggested = asked.suggested.get(task.article_id) if row.gw_prelabels is not None else None
        made.append((layer, None if suggested is None else clip_to_window(suggested, task)))
    return made, troubles


def _layer(made: Sequence[_Part], former: RecordLookup[AnnotationLayer], *, of: int) -> AnnotationLayer:
    layer = joined([part for part, _ in made], of=of)
    given = [started for _, started in made if started is not None]
    layer = compare_with_suggestions(layer, merge_windows(given)) if given else layer
    return _unless_same(layer, former.get(layer.article_id))


def joined(parts: Sequence[AnnotationLayer], *, of: int) -> AnnotationLayer:
    """One layer of what an annotator said of an article in some of `of` tasks, which are apart from each other."""
    if len(parts) == of == 1:
        return parts[0]
    spans, stances = [], []
    for number, part in enumerate(parts):
        ids = {span.id: f"{number} {span.id}" for span in part.spans}
        spans += [msgspec.structs.replace(span, id=ids[span.id]) for span in part.spans]
        stances += [
            msgspec.structs.replace(one, holder=ids.get(one.holder or ""), target=ids.get(one.target or ""))
            for one in part.stances
        ]
    numbered, drawn = number_layer(spans, stances)
    return msgspec.structs.replace(
        parts[0],
        confirmed=len(parts) == of and all(part.confirmed for part in parts),
        spans=numbered,
        stances=drawn,
        comments=tuple(comment for part in parts for comment in part.comments),
    )


def _stale(asked: Asked) -> list[Trouble]:
    """Tasks whose article is gone or says something else than when it was planned."""
    troubles = []
    for task in asked.tasks:
        if task.id not in asked.digests:
            what = "has changed" if task.article_id in asked.articles else "is gone"
            message = f"the text of {task.article_id} {what} since the batch was planned"
            troubles.append(Trouble(task.id, None, Problem("task-text-changed", message)))
    return troubles


def _part(asked: Asked, task: Task, row: Row, *, confirmed: bool) -> tuple[AnnotationLayer, tuple[Problem, ...]]:
    """What the row says of the task's article."""
    article = asked.articles[task.article_id]
    spans: tuple[SpanLabel, ...] = ()
    if task.kind == "stance":
        stances, problems = categories.incoming(row, task, article, asked.schema, confirmed=confirmed)
        confirmed = confirmed and bool(stances)
    else:
        spans, stances, problems = incoming(row, task, article, asked.schema)
    layer = AnnotationLayer(
        article_id=article.id,
        text_sha256=article.text_sha256,
        batch=asked.batch,
        annotator=asked.annotator,
        guidelines_version=asked.guidelines_version,
        schema_version=asked.schema.version,
        confirmed=confirmed,
        spans=spans,
        stances=stances,
        comments=tuple(comment.comment for comment in sorted(row.comments, key=lambda comment: comment.id)),
    )
    return layer, problems


def _unexplained(asked: Asked, task: Task, row: Row) -> Iterator[Problem]:
    """Whether the row started with other labels than is written here: what became of them nobody could tell."""
    suggested = asked.suggested.get(task.article_id)
    if row.gw_prelabels is None:
        return
    if suggested is not None:
        sent = outgoing(clip_to_window(suggested, task), task, asked.articles[task.article_id], asked.schema.voice)
        if sent.digest == row.gw_prelabels:
            return
    yield Problem("server-prelabels-unknown", "began with other labels than annotations/prelabels/ has for it")


def _unless_same(layer: AnnotationLayer, former: AnnotationLayer | None) -> AnnotationLayer:
    if former is None:
        return layer
    dated = msgspec.structs.replace(
        layer, guidelines_version=former.guidelines_version, schema_version=former.schema_version
    )
    return former if dated == former else layer
