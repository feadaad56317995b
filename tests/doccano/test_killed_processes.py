"""Kill the web server, its worker or the client at random moments of push and pull, then repeat the command.

On SQLite, and on PostgreSQL with a task worker. An ordinary run tries one or two moments of each kind;
GOLDWIRE_FAULTS=30 tries 30.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from goldwire.doccano import credentials, project, sync
from goldwire.doccano.client import session
from goldwire.doccano.client.download import count_rows, download
from goldwire.doccano.client.project_reader import read_project
from goldwire.doccano.export_rows import parse_export
from goldwire.doccano.server import lifecycle
from goldwire.records import AnnotationLayer, StanceLabel
from goldwire.stages import adjudicate, audit_labels, pull, push
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace
from support import annotation_round, factories
from support.annotation_round import AnnotationRound
from support.killed_servers import kill_web
from support.postgres import BINARIES, database

MOMENTS = int(os.environ.get("GOLDWIRE_FAULTS", "0"))
TEXTS = [f"Headline {i} \N{GRINNING FACE}\n\nAda Novak met the Rail Union." for i in range(24)]
SEED = 20

pytestmark = [pytest.mark.server, pytest.mark.timeout(600 + 60 * MOMENTS)]


class Site:
    """A server that can be killed and restarted at the same address."""

    def __init__(self, home: Path, environment: Path, database: str | None) -> None:
        self.home, self.environment, self.database = home, environment, database
        self.state = self.restart()

    def restart(self) -> lifecycle.ServerStatus:
        port = self.state.port if hasattr(self, "state") else None
        self.state = lifecycle.start(self.home, environment=self.environment, database=self.database, port=port)
        return self.state

    @property
    def moments(self) -> range:
        return range(MOMENTS or (1 if self.database else 2))

    def spare_time(self) -> None:
        """Skip on PostgreSQL in an ordinary run: other tests cover what needs the worker."""
        if self.database and not MOMENTS:
            pytest.skip("on PostgreSQL only with GOLDWIRE_FAULTS")

    def parts(self) -> list[str]:
        if self.database and not MOMENTS:
            return ["worker"]
        return ["web", "client", "web and client", *(["worker"] if self.database else [])]

    def kill(self, what: str, client: int) -> None:
        if "client" in what:
            os.kill(client, signal.SIGKILL)
        if what == "worker":
            assert self.state.worker_pid is not None
            os.killpg(self.state.worker_pid, signal.SIGKILL)
        elif "web" in what:
            kill_web(self.state)


POSTGRES = [
    pytest.mark.postgres,
    pytest.mark.skipif(BINARIES is None, reason="no PostgreSQL under /usr/lib/postgresql"),
]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=POSTGRES)])
def site(request, doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("faults") / "server"
    with database("hush") if request.param == "postgresql" else nullcontext() as address:
        try:
            yield Site(home, doccano_environment, address)
        finally:
            lifecycle.stop(home)


@pytest.fixture
def signed_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("GOLDWIRE_DOCCANO_URL", site.restart().url)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_USERNAME", site.state.username)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_PASSWORD", credentials.admin_password(site.home))
    monkeypatch.setattr(sync, "CHUNK", 3)  # more moments at which a push is incomplete
    return site


def disturbed(
    site: Site, command: object, trial: AnnotationRound, rng: random.Random, longest: float, *others: AnnotationRound
) -> str:
    """Run `command` in a process, kill a part of the system after a random time, restart it; return what was killed.

    Processes that run the command for `others` at the same time are not killed.
    """
    fork = multiprocessing.get_context("fork")
    process, *beside = [fork.Process(target=_quietly, args=(command, each)) for each in (trial, *others)]
    what, moment = rng.choice(site.parts()), rng.uniform(0, longest)
    for each in (process, *beside):
        each.start()
    process.join(moment)
    site.kill(what, process.pid or 0) if process.is_alive() else None
    if "client" in what:
        process.join()
    site.restart()
    for each in (process, *beside):
        each.join(120)
        assert each.exitcode is not None, what
    return f"{what} after {moment:.2f} s"


def _quietly(command, trial: AnnotationRound) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    command.run(trial.workspace, batch=trial.batch)


def undisturbed(command: object, trial: AnnotationRound) -> float:
    start = time.monotonic()
    command.run(trial.workspace, batch=trial.batch)  # type: ignore[attr-defined]
    return time.monotonic() - start


def on_server(trial: AnnotationRound, annotator: str) -> Counter[tuple[str | None, str | None]]:
    """Return task and text of each row of the annotator's only project."""
    signed_in = session.connect(trial.workspace)
    (found,) = project.find_projects(
        signed_in, project.project_marker(trial.workspace.settings.name, trial.batch, annotator)
    )
    rows, _ = parse_export(download(signed_in, found.id, rows=count_rows(signed_in, found.id)))
    return Counter((row.gw_task_id, row.text) for row in rows)


def entered(trial: AnnotationRound) -> list[AnnotationLayer]:
    """Return the annotators' layers: three articles each, ticked done."""
    articles = sorted(trial.articles.values(), key=lambda article: article.id)[:3]
    return [
        factories.layer(article, [(14, 23, "PER"), (32, 42, "ORG")], [(0, 1, "supports")], annotator=name)
        for name in trial.people
        for article in articles
    ]


def test_push_ends_with_exactly_the_planned_tasks(signed_in: Site, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    longest = undisturbed(push, annotation_round.plan(tmp_path / "undisturbed", TEXTS, people=2))
    for moment in signed_in.moments:
        trial = annotation_round.plan(tmp_path / f"{moment}", TEXTS, people=2)
        what = disturbed(signed_in, push, trial, rng, longest)
        report = push.run(trial.workspace, batch=trial.batch)
        for name in trial.people:
            wanted = Counter((task.id, trial.articles[task.article_id].text) for task in trial.tasks)
            assert on_server(trial, name) == wanted, what
            assert annotation_round.sign_in(trial, name, report.server).username == name
        assert not any(annotator.changed for annotator in push.run(trial.workspace, batch=trial.batch).annotators), what


def test_two_simultaneous_pushes_end_exact_if_one_is_disturbed(signed_in: Site, tmp_path: Path) -> None:
    rng = random.Random(SEED + 3)
    for moment in range(max(1, MOMENTS)):
        trial = annotation_round.plan(tmp_path / f"{moment}", TEXTS, people=2)
        other = trial._replace(workspace=factories.copy_workspace(trial.workspace, tmp_path / f"{moment}-elsewhere"))
        what = disturbed(signed_in, push, trial, rng, 3.0, other)
        push.run(trial.workspace, batch=trial.batch)
        for name in trial.people:
            wanted = Counter((task.id, trial.articles[task.article_id].text) for task in trial.tasks)
            assert on_server(trial, name) == wanted, what
        for each in (trial, other):
            push.run(each.workspace, batch=trial.batch)
            assert not any(annotator.changed for annotator in push.run(each.workspace, batch=trial.batch).annotators), (
                what
            )


def test_a_disturbed_push_loses_no_label(signed_in: Site, tmp_path: Path) -> None:
    signed_in.spare_time()
    rng = random.Random(SEED + 1)
    trial = annotation_round.plan(tmp_path, TEXTS, people=2)
    annotation_round.submit(trial, push.run(trial.workspace, batch=trial.batch), entered(trial))
    for moment in signed_in.moments:
        guide = trial.workspace.guidelines
        guide.write_text(f"# Guidelines\n\nVersion: 1.{moment}\n")  # so that the push has something to change
        disturbed(signed_in, push, trial, rng, 0.5)
        push.run(trial.workspace, batch=trial.batch)
    pull.run(trial.workspace, batch=trial.batch)
    assert [msg.spans for msg in loading.layers(trial.workspace, trial.batch)] == [msg.spans for msg in entered(trial)]
    assert all(layer.confirmed for layer in loading.layers(trial.workspace, trial.batch))


def test_pull_ends_with_every_confirmed_label(signed_in: Site, tmp_path: Path) -> None:
    rng = random.Random(SEED + 2)
    trial = annotation_round.plan(tmp_path, TEXTS, people=2)
    annotation_round.submit(trial, push.run(trial.workspace, batch=trial.batch), entered(trial))
    longest = undisturbed(pull, trial)
    wanted = {path.name: path.read_bytes() for path in (trial.workspace.layers / trial.batch).iterdir()}
    assert list(loading.layers(trial.workspace, trial.batch)) == entered(trial)
    for _ in signed_in.moments:
        for path in [*trial.workspace.layers.rglob("*.jsonl"), *trial.workspace.exports.rglob("*.jsonl")]:
            path.unlink()
        what = disturbed(signed_in, pull, trial, rng, longest)
        halves = {path.name: path.read_bytes() for path in trial.workspace.layers.rglob("[!.]*.jsonl")}
        assert all(wanted[name] == data for name, data in halves.items()), what
        pull.run(trial.workspace, batch=trial.batch)
        assert {path.name: path.read_bytes() for path in (trial.workspace.layers / trial.batch).iterdir()} == wanted, (
            what
        )


class Adjudication(NamedTuple):
    """`adjudicate push` or `adjudicate pull` for an expert, as a command."""

    expert: str
    command: Callable[..., object]

    def run(self, workspace: Workspace, *, batch: str) -> None:
        self.command(workspace, batch=batch, expert=self.expert)


def write_disputes(trial: AnnotationRound) -> None:
    """Write layers of two annotators who dispute a label and a stance of each article, or the stance to its target."""
    by_name = trial.tasks[0].kind == "stance"
    for name, label, stance in zip(trial.people, ("PER", "ORG"), ("supports", "opposes"), strict=True):
        layers = []
        for article in list(trial.articles.values())[:4]:
            drawn = [(0, 1, stance)] if stance == "supports" else []
            layer = factories.layer(article, [(14, 23, label), (32, 42, "ORG")], drawn, annotator=name)
            if by_name:
                named = (StanceLabel(id="R1", holder=None, target_name="Ada Novak", stance=stance),)
                layer = msgspec.structs.replace(layer, spans=(), stances=named)
            layers.append(layer)
        jsonl.write(trial.workspace.layers / trial.batch / f"{name}.jsonl", layers)


def for_expert(trial: AnnotationRound, expert: str) -> list[tuple[object, ...]]:
    """Return what waits for the expert on the server: text, labels and disputes of each row."""
    signed_in = session.connect(trial.workspace)
    (found,) = project.find_projects(
        signed_in, project.project_marker(trial.workspace.settings.name, trial.batch, expert)
    )
    export = read_project(signed_in, found.id)
    exported = [msgspec.json.decode(line) for line in export.lines()]
    rows = []
    for row, line in zip(export.full_rows(), exported, strict=True):
        spans = {entity.id: (entity.start_offset, entity.end_offset, entity.label) for entity in row.entities}
        drawn = Counter((spans[relation.from_id], spans[relation.to_id], relation.type) for relation in row.relations)
        disputes = {key: value for key, value in line.items() if key[:1] == "D"}
        rows.append((row.gw_task_id, row.text, Counter(spans.values()), drawn, disputes))
    return sorted(rows, key=lambda row: str(row[0]))


def test_suspect_labels_reach_the_reviewer_complete_after_a_killed_push(signed_in: Site, tmp_path: Path) -> None:
    """`goldwire audit labels --push`."""
    signed_in.spare_time()
    rng = random.Random(SEED + 5)
    trial = annotation_round.plan(tmp_path, TEXTS[:6], people=2)
    spans = [(14, 23, "PER"), (32, 42, "ORG")]
    for name in trial.people:
        layers = [
            factories.layer(article, [spans[0], (32, 42, "PER" if number == 0 else "ORG")], annotator=name)
            for number, article in enumerate(trial.articles.values())
        ]
        jsonl.write(trial.workspace.layers / trial.batch / f"{name}.jsonl", layers)
    adjudicate.run(trial.workspace, batch=trial.batch)
    gold = {path: path.read_bytes() for path in trial.workspace.gold.iterdir()}
    longest = undisturbed(Adjudication("E920", audit_labels.push), trial)
    wanted = for_expert(trial, "E920")
    assert wanted
    for moment in signed_in.moments:
        command = Adjudication(f"E{921 + moment}", audit_labels.push)
        what = disturbed(signed_in, command, trial, rng, longest)
        command.run(trial.workspace, batch=trial.batch)
        assert for_expert(trial, command.expert) == wanted, what
        assert {path: path.read_bytes() for path in trial.workspace.gold.iterdir()} == gold, what


@pytest.mark.parametrize("kind", ["entities", "stance"])
def test_disputes_reach_the_expert_complete_after_a_killed_push(signed_in: Site, tmp_path: Path, kind: str) -> None:
    signed_in.spare_time()
    rng = random.Random(SEED + 4)
    (tmp_path / "targets.txt").write_text("Ada Novak\n")
    options = {"kind": "stance", "targets": tmp_path / "targets.txt"} if kind == "stance" else {}
    trial = annotation_round.plan(tmp_path, TEXTS[:6], people=2, **options)
    write_disputes(trial)
    longest = undisturbed(Adjudication("E900", adjudicate.push), trial)
    wanted = for_expert(trial, "E900")
    assert len(wanted) == 4
    assert all(disputes for *_, disputes in wanted)
    for moment in signed_in.moments:
        command = Adjudication(f"E{901 + moment}", adjudicate.push)
        what = disturbed(signed_in, command, trial, rng, longest)
        command.run(trial.workspace, batch=trial.batch)
        assert for_expert(trial, command.expert) == wanted, what
        back = Adjudication(command.expert, adjudicate.pull)
        what = disturbed(signed_in, back, trial, rng, 0.5)
        back.run(trial.workspace, batch=trial.batch)
        assert for_expert(trial, command.expert) == wanted, what
