"""Kill the web server, its worker or the client at random moments of push and pull, then repeat the command.

Two moments of each in an ordinary run; GOLDWIRE_FAULTS=30 tries so many, GOLDWIRE_DATABASE=postgresql://... a team's
server, whose worker is killed as well.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import build
import trial
from goldwire import load
from goldwire.doccano import passwords, project, server, session, settle
from goldwire.doccano.convert import parse_export
from goldwire.doccano.download import count, download
from goldwire.records import AnnotationLayer
from goldwire.stages import pull, push
from trial import Trial

MOMENTS = int(os.environ.get("GOLDWIRE_FAULTS", "2"))
TEXTS = [f"Headline {i} \N{GRINNING FACE}\n\nAda Novak met the Rail Union." for i in range(24)]
SEED = 20

pytestmark = [pytest.mark.server, pytest.mark.timeout(60 + 60 * MOMENTS), pytest.mark.xdist_group("faults")]


class Site:
    """A server that may be killed; it comes back at the same address."""

    def __init__(self, home: Path, environment: Path) -> None:
        self.home, self.environment = home, environment
        self.state = self.restart()

    def restart(self) -> server.ServerState:
        database = os.environ.get("GOLDWIRE_DATABASE")
        port = self.state.port if hasattr(self, "state") else None
        self.state = server.start(self.home, environment=self.environment, database=database, port=port)
        return self.state

    def parts(self) -> list[str]:
        return ["web", "client", "web and client", *(["worker"] if self.state.worker_pid else [])]

    def kill(self, what: str, client: int) -> None:
        if "client" in what:
            os.kill(client, signal.SIGKILL)
        pid = self.state.worker_pid if what == "worker" else self.state.pid if "web" in what else None
        if pid is not None:
            os.killpg(pid, signal.SIGKILL)
            # A killed process is out of /proc before it lets go of its port.
            while what != "worker" and self.port_is_taken():
                time.sleep(0.02)

    def port_is_taken(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.state.port))
            except OSError:
                return True
        return False


@pytest.fixture(scope="module")
def site(doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("faults") / "server", doccano_environment)
    yield site
    server.stop(site.home)


@pytest.fixture
def signed_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("GOLDWIRE_DOCCANO_URL", site.restart().url)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_USERNAME", site.state.username)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_PASSWORD", passwords.admin(site.home))
    monkeypatch.setattr(settle, "CHUNK", 3)  # more moments at which something is half done
    return site


def disturbed(site: Site, command: object, of: Trial, rng: random.Random, longest: float) -> str:
    """Run `command` in a process of its own, kill something after a random while, bring all back; what was killed."""
    process = multiprocessing.get_context("fork").Process(target=_quietly, args=(command, of))
    what, moment = rng.choice(site.parts()), rng.uniform(0, longest)
    process.start()
    process.join(moment)
    site.kill(what, process.pid or 0) if process.is_alive() else None
    if "client" in what:
        process.join()
    site.restart()
    process.join(120)
    assert process.exitcode is not None
    return f"{what} after {moment:.2f} s"


def _quietly(command, of: Trial) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    command.run(of.workspace, batch=of.batch)


def undisturbed(command: object, of: Trial) -> float:
    start = time.monotonic()
    command.run(of.workspace, batch=of.batch)  # type: ignore[attr-defined]
    return time.monotonic() - start


def on_server(of: Trial, annotator: str) -> Counter[tuple[str | None, str | None]]:
    """Task and text of each row of the annotator's one project."""
    signed_in = session.connect(of.workspace)
    (found,) = project.find(signed_in, project.mark(of.workspace.settings.name, of.batch, annotator))
    rows, _ = parse_export(download(signed_in, found.id, rows=count(signed_in, found.id)))
    return Counter((row.gw_task_id, row.text) for row in rows)


def entered(of: Trial) -> list[AnnotationLayer]:
    """What the annotators say: three articles each, ticked done."""
    articles = sorted(of.articles.values(), key=lambda article: article.id)[:3]
    return [
        build.layer(article, [(14, 23, "PER"), (32, 42, "ORG")], [(0, 1, "supports")], annotator=name)
        for name in of.people
        for article in articles
    ]


def test_push_ends_with_exactly_the_planned_tasks(signed_in: Site, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    longest = undisturbed(push, trial.plan(tmp_path / "undisturbed", TEXTS, people=2))
    for moment in range(MOMENTS):
        of = trial.plan(tmp_path / f"{moment}", TEXTS, people=2)
        what = disturbed(signed_in, push, of, rng, longest)
        report = push.run(of.workspace, batch=of.batch)
        for name in of.people:
            wanted = Counter((task.id, of.articles[task.article_id].text) for task in of.tasks)
            assert on_server(of, name) == wanted, what
            assert trial.sign_in(of, name, report.server).username == name
        assert not any(one.changed for one in push.run(of.workspace, batch=of.batch).annotators), what


def test_a_push_that_is_disturbed_loses_no_label(signed_in: Site, tmp_path: Path) -> None:
    rng = random.Random(SEED + 1)
    of = trial.plan(tmp_path, TEXTS, people=2)
    trial.enter(of, push.run(of.workspace, batch=of.batch), entered(of))
    for moment in range(MOMENTS):
        guide = of.workspace.guidelines
        guide.write_text(f"# Guidelines\n\nVersion: 1.{moment}\n")  # so that there is something to do
        disturbed(signed_in, push, of, rng, 0.5)
        push.run(of.workspace, batch=of.batch)
    pull.run(of.workspace, batch=of.batch)
    assert [msg.spans for msg in load.layers(of.workspace, of.batch)] == [msg.spans for msg in entered(of)]
    assert all(layer.confirmed for layer in load.layers(of.workspace, of.batch))


def test_pull_ends_with_every_confirmed_label(signed_in: Site, tmp_path: Path) -> None:
    rng = random.Random(SEED + 2)
    of = trial.plan(tmp_path, TEXTS, people=2)
    trial.enter(of, push.run(of.workspace, batch=of.batch), entered(of))
    longest = undisturbed(pull, of)
    wanted = {path.name: path.read_bytes() for path in (of.workspace.layers / of.batch).iterdir()}
    assert list(load.layers(of.workspace, of.batch)) == entered(of)
    for _ in range(MOMENTS):
        for path in [*of.workspace.layers.rglob("*.jsonl"), *of.workspace.exports.rglob("*.jsonl")]:
            path.unlink()
        what = disturbed(signed_in, pull, of, rng, longest)
        halves = {path.name: path.read_bytes() for path in of.workspace.layers.rglob("[!.]*.jsonl")}
        assert all(wanted[name] == data for name, data in halves.items()), what
        pull.run(of.workspace, batch=of.batch)
        assert {path.name: path.read_bytes() for path in (of.workspace.layers / of.batch).iterdir()} == wanted, what
