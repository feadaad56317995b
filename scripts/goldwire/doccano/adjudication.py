"""An adjudication batch on the server: a batch's disputes go to its expert's project, and the answers come back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from goldwire.adjudication.disputes import DISPUTED, Contested, places_of, with_places
from goldwire.adjudication.expert_comments import name_of_target
from goldwire.doccano import accounts, project
from goldwire.doccano.client import jobs, labeling, session
from goldwire.doccano.client.download import write_export
from goldwire.doccano.client.project_reader import read_project
from goldwire.doccano.export_rows import Row
from goldwire.doccano.layers import Assignment, ProjectRows, RowProblem, collect, task_digests
from goldwire.doccano.sync import DesiredProject, sync_project
from goldwire.errors import ConfigError, ServerError
from goldwire.records import AnnotationLayer, Article, Task, TaskKind
from goldwire.workspace.guidelines import Guidelines
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = ["Brought", "Contest", "Fetched", "bring", "fetch", "keep"]

_HOW = """# Adjudication of batch {batch}

What is agreed is in place. What the annotators dispute is marked `{mark}`: beside the text, under D1, D2, ..., stands
what each of them said. Settle each: put the right label or stance where it belongs, or nothing, and delete the
`{mark}` mark. Say why in a comment: `D1: reason`, a line each. Then tick the article done; one that still has a
`{mark}` mark does not count. You may also change what is agreed.

"""
_HOW_BY_NAME = """# Adjudication of batch {batch}

Above each text stands a name, and the annotators dispute how the article, in its own voice, stands to it: beside the
text, under D1, stands what each of them said. Choose the right category, say why in a comment (`D1: reason`), then tick
the article done; one that is ticked without a category does not count.

"""
_COLOR = "#d4a72c"


class Contest(msgspec.Struct, frozen=True, kw_only=True):
    """A batch for its expert, and all that it takes to ask."""

    workspace: Workspace
    batch: str
    expert: str
    tasks: tuple[Task, ...]
    articles: Mapping[str, Article]
    schema: Schema
    guide: Guidelines

    @property
    def mark(self) -> str:
        """Of its project."""
        return project.project_marker(self.workspace.settings.name, self.batch, self.expert)

    @property
    def kind(self) -> TaskKind:
        """What the batch asks about."""
        return self.tasks[0].kind if self.tasks else "entities"

    @property
    def asked(self) -> tuple[Task, ...]:
        """What the expert may be asked: each target by name, or each article, also where it was seen in windows."""
        if self.kind == "stance":
            return tuple(msgspec.structs.replace(task, annotators=(self.expert,)) for task in self.tasks)
        first: dict[str, Task] = {}
        for task in self.tasks:
            article = self.articles.get(task.article_id)
            end = task.window[1] if article is None else len(article.text)
            whole = msgspec.structs.replace(task, annotators=(self.expert,), window=(0, end), context=None)
            first.setdefault(task.article_id, whole)
        return tuple(first.values())


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """Where the disputes are now: `added` of them are new there, an account was `created`."""

    address: str
    added: int
    created: bool


def bring(contest: Contest, disputes: Mapping[str, Contested]) -> Brought:
    """Bring disputes, by task, to the expert's project. Repeatable: nothing that is there is changed."""
    signed_in = session.connect(contest.workspace)
    jobs.require_worker(signed_in, "the import")
    tasks = tuple(task for task in contest.asked if task.id in disputes)
    articles = {task.article_id: contest.articles[task.article_id] for task in tasks}
    wanted = DesiredProject(
        project=_plan(contest), tasks=tasks, articles=articles, digests=task_digests(tasks, articles)
    )
    found = sync_project(signed_in, wanted)
    desk = labeling.open_session(signed_in, found.project.id, voice=contest.schema.voice)
    ready = _ready(signed_in, found.project.id)
    added = 0
    for task in tasks:
        example = desk.examples[task.id]
        if example not in ready:
            dispute = disputes[task.id]
            labeling.submit_layer(desk, dispute.layer, task, articles[task.article_id])
            # Last: what has it is complete, and is the expert's from then on.
            _tell(signed_in, found.project.id, example, dispute.said)
            added += 1
    user = accounts.read_people(contest.workspace).of(contest.expert).user
    created = accounts.ensure_account(signed_in, contest.workspace, user)
    project.ensure_member(signed_in, found.project.id, user)
    address = project.task_url(signed_in, found.project.id, 1, contest.kind)
    return Brought(address=address, added=added, created=created)


def _plan(contest: Contest) -> project.ProjectPlan:
    spans, relations = project.label_types(contest.schema, contest.workspace.schema)
    if DISPUTED in (*contest.schema.entity_labels, *contest.schema.stance_labels, contest.schema.voice):
        raise ConfigError(f"a label {DISPUTED}", location=contest.workspace.schema, hint="name it otherwise")
    mark = project.LabelType(DISPUTED, None, None, _COLOR, "#000000")
    by_name = contest.kind == "stance"
    how = _HOW_BY_NAME if by_name else _HOW
    return project.ProjectPlan(
        workspace=contest.workspace.settings.name,
        batch=contest.batch,
        annotator=contest.expert,
        guideline=how.format(batch=contest.batch, mark=DISPUTED) + contest.guide.text,
        spans=() if by_name else (*spans, mark),
        relations=relations if by_name else (*relations, mark),
        kind=contest.kind,
    )


def _ready(signed_in: session.Session, where: int) -> frozenset[int]:
    """Ids of the examples that hold their disputes already."""
    rows = signed_in.http.pages(f"projects/{where}/examples")
    return frozenset(row["id"] for row in rows if "D1" in row["meta"])


def _tell(signed_in: session.Session, where: int, example: int, said: Mapping[str, str]) -> None:
    """Put what was said beside the text, where Doccano shows an example's meta."""
    path = f"projects/{where}/examples/{example}"
    meta = signed_in.http.get(path)["meta"]
    signed_in.http.patch(path, {"meta": {**meta, **said}})


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """The expert's layers; `open` names the articles that are not ticked done or still hold a mark."""

    layers: tuple[AnnotationLayer, ...]
    data: bytes
    open: tuple[str, ...]
    troubles: tuple[RowProblem, ...]


def fetch(contest: Contest, former: Mapping[str, AnnotationLayer]) -> Fetched:
    """Fetch what the expert has said. Nothing is changed there, and `former` layers stand where a row is spoilt."""
    signed_in = session.connect(contest.workspace)
    jobs.require_worker(signed_in, "the export")
    found = project.find_projects(signed_in, contest.mark)
    if not found:
        hint = f"`goldwire adjudicate push {contest.batch}` uploads the disputes"
        raise ServerError(f"{contest.expert} has no project for {contest.batch}", location=signed_in.url, hint=hint)
    reading = read_project(signed_in, found[0].id)
    data, there = reading.data(), list(reading.full_rows())
    on_server = {row.gw_task_id for row in there}
    tasks = tuple(task for task in contest.asked if task.id in on_server)
    places, targets = _places(data), {task.id: task.target for task in tasks}
    for row in there:
        if target := targets.get(row.gw_task_id or ""):
            places[row.id] = {"D1": name_of_target(target)}
    rows = [_settled(row, places.get(row.id, {})) for row in there]
    marked = {row.id for row in there if _marks(row)}
    asked = Assignment(
        batch=contest.batch,
        annotator=contest.expert,
        tasks=tasks,
        articles=contest.articles,
        digests=task_digests(tasks, contest.articles),
        schema=contest.schema,
        guidelines_version=contest.guide.version,
    )
    collected = collect(asked, ProjectRows.in_memory(rows, reading.confirmed - marked), former)
    done = {layer.article_id for layer in collected.layers if layer.confirmed}
    left = tuple(sorted({task.article_id for task in tasks} - done))
    return Fetched(layers=collected.layers, data=data, open=left, troubles=collected.problems)


def _marks(row: Row) -> set[int]:
    return {entity.id for entity in row.entities if entity.label == DISPUTED} | {
        relation.id for relation in row.relations if relation.type == DISPUTED
    }


def _settled(row: Row, places: Mapping[str, str]) -> Row:
    """A row without what waits to be settled, its comments said of places."""
    gone = {entity.id for entity in row.entities if entity.label == DISPUTED}
    relations = (one for one in row.relations if one.type != DISPUTED and not {one.from_id, one.to_id} & gone)
    return msgspec.structs.replace(
        row,
        entities=tuple(entity for entity in row.entities if entity.id not in gone),
        relations=tuple(relations),
        comments=tuple(msgspec.structs.replace(c, comment=with_places(c.comment, places)) for c in row.comments),
    )


def _places(data: bytes) -> dict[int, dict[str, str]]:
    """The places of each row's disputes, which the server exports with it, by the row's id."""
    rows = [msgspec.json.decode(line) for line in data.split(b"\n") if line.strip()]
    return {
        row["id"]: places_of({name: value for name, value in row.items() if name[:1] == "D" and name[1:].isdigit()})
        for row in rows
        if isinstance(row, dict) and "id" in row
    }


def keep(contest: Contest, fetched: Fetched) -> None:
    """Keep the server's own bytes beside the annotators'."""
    lines = fetched.data.splitlines(keepends=True)
    write_export(contest.workspace.exports / contest.batch / f"{contest.expert}.jsonl", lambda: lines)
