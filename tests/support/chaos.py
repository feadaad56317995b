"""A server that is killed, replaced and restored, two leads on two machines, and their annotators."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from goldwire.doccano.server import lifecycle, processes
from goldwire.errors import GoldwireError, ServerError
from goldwire.records import Finding
from goldwire.stages import people, pull, push
from goldwire.workspace import loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound
from support.killed_servers import kill_web

__all__ = ["World"]

LOG = logging.getLogger(__name__)
N_ARTICLES, N_WORDS = 4, 60
TEXTS = [
    f"Headline {number}\n\n" + " ".join(f"word{number}x{n:02d}" for n in range(N_WORDS)) for number in range(N_ARTICLES)
]
Key = tuple[str, str]
"""An annotator and an article."""
Labels = frozenset[tuple[int, int]]
"""Offsets of spans: each submission adds a word that was never marked before."""


class Lead(NamedTuple):
    """A lead's own copy of the workspace."""

    trial: AnnotationRound

    def labels(self) -> dict[Key, Labels]:
        """Labels of the confirmed layers."""
        if not any((self.trial.workspace.layers / self.trial.batch).glob("*.jsonl")):
            return {}
        return {
            (layer.annotator, layer.article_id): frozenset((span.start, span.end) for span in layer.spans)
            for layer in loading.layers(self.trial.workspace, self.trial.batch)
            if layer.confirmed
        }

    def exported(self) -> dict[Key, Labels]:
        """Labels of the newest exports, which are the server's own bytes."""
        folder = self.trial.workspace.exports / self.trial.batch
        exported: dict[Key, Labels] = {}
        for path in folder.glob("*.jsonl"):
            for line in path.read_bytes().splitlines():
                row = msgspec.json.decode(line)
                entities = {(span["start_offset"], span["end_offset"]) for span in row.get("entities", ())}
                exported[path.stem, row["gw_article_id"]] = frozenset(entities)
        return exported


class World:
    """A server with its past, two leads, and what has been submitted and seen.

    After each pull that ends, `check_pull` compares the lead's layers with the database and with what the lead had
    before. `counts` says how often each thing was done, `losses` how many findings report lost work.
    """

    def __init__(self, folder: Path, environment: Path, rng: random.Random) -> None:
        self.folder, self.environment, self.rng = folder, environment, rng
        self.home = folder / "server"
        self.counts: Counter[str] = Counter()
        self.losses = 0
        self.used: dict[str, int] = defaultdict(int)
        self.submitted: set[tuple[Key, tuple[int, int]]] = set()
        self.state = self._start()
        lifecycle.stop(self.home)
        self.empty = shutil.copytree(self.home, folder / "empty")
        self.backups = [self.empty]
        self._start()
        first = annotation_round.plan(folder / "first", TEXTS, people=2)
        second = first._replace(workspace=factories.copy_workspace(first.workspace, folder / "second"))
        self.leads = (Lead(first), Lead(second))

    def close(self) -> None:
        lifecycle.stop(self.home)
        processes.end(processes.leftovers(self.home), grace=0.1)

    # The server

    def _start(self) -> lifecycle.ServerStatus:
        port = self.state.port if hasattr(self, "state") else None
        self.state = lifecycle.start(self.home, environment=self.environment, port=port)
        return self.state

    def kill_server(self) -> None:
        kill_web(self.state)
        self._start()

    def back_up(self) -> None:
        lifecycle.stop(self.home)
        self.backups.append(shutil.copytree(self.home, self.folder / f"backup-{len(self.backups)}"))
        self._start()

    def restore(self) -> None:
        self._replace(self.rng.choice(self.backups))

    def replace_server(self) -> None:
        self._replace(self.empty)

    def _replace(self, backup: Path) -> None:
        lifecycle.stop(self.home)
        shutil.rmtree(self.home)
        shutil.copytree(backup, self.home)
        self._start()

    def move_clock(self) -> None:
        """Make all that has happened on the server a day older or younger."""
        lifecycle.stop(self.home)
        days = self.rng.choice(("-1 day", "+1 day"))
        with contextlib.closing(sqlite3.connect(self.home / "db.sqlite3")) as database, database:
            for table in ("examples_example", "labels_span"):
                database.execute(
                    f"UPDATE {table} SET created_at = datetime(created_at, ?), updated_at = datetime(updated_at, ?)",
                    (days, days),
                )
            database.execute("UPDATE examples_examplestate SET confirmed_at = datetime(confirmed_at, ?)", (days,))
        self._start()

    def confirmed(self) -> dict[Key, Labels]:
        """What is ticked done in the database, in the oldest project of each annotator."""
        query = """
            SELECT user.username, example.meta ->> '$.gw_article_id', span.start_offset, span.end_offset
            FROM examples_examplestate AS tick
            JOIN examples_example AS example ON example.id = tick.example_id
            JOIN auth_user AS user ON user.id = tick.confirmed_by_id
            LEFT JOIN labels_span AS span ON span.example_id = example.id
        """
        found: dict[Key, set[tuple[int, int]]] = defaultdict(set)
        address = f"{(self.home / 'db.sqlite3').as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
            for annotator, article, start, end in database.execute(query):
                found[annotator, article] |= set() if start is None else {(start, end)}
        return {key: frozenset(labels) for key, labels in found.items()}

    # Annotators

    def submit(self) -> None:
        """An annotator marks one more word of an article and ticks it done."""
        lead = self.leads[0]
        report = push.run(lead.trial.workspace, batch=lead.trial.batch)
        annotator = self.rng.choice(lead.trial.people)
        # The lead who pushed first to a new server made the account.
        people.reset(lead.trial.workspace, annotator=annotator)
        article = self.rng.choice(sorted(lead.trial.articles.values(), key=lambda one: one.id))
        number = self.used[annotator]
        self.used[annotator] += 1
        start = article.text.index(" ", 12 + 9 * number) + 1
        word = (start, start + 8)
        layer = factories.layer(article, [(*word, "PER")], annotator=annotator)
        annotation_round.submit(lead.trial, report, [layer])
        self.submitted.add(((annotator, article.id), word))

    # Leads

    def pull(self) -> None:
        self.check_pull(self.rng.choice(self.leads))

    def push(self) -> None:
        lead = self.rng.choice(self.leads)
        report = push.run(lead.trial.workspace, batch=lead.trial.batch)
        self._count_losses(report.findings)

    def kill_pull(self) -> None:
        self._disturb(pull.run, 0.6)

    def kill_push(self) -> None:
        self._disturb(push.run, 1.0)

    def pull_without_disk_space(self) -> None:
        self._disturb(pull.run, 60, max_file_bytes=self.rng.choice((100, 700, 1500)))

    def pull_at_once(self) -> None:
        """Both leads pull at the same moment."""
        fork = multiprocessing.get_context("fork")
        before = [lead.labels() for lead in self.leads]
        commands = [fork.Process(target=_run, args=(pull.run, lead.trial, None)) for lead in self.leads]
        for command in commands:
            command.start()
        for command, lead, known in zip(commands, self.leads, before, strict=True):
            command.join(120)
            assert command.exitcode in (0, 2)
            self._check_nothing_torn(lead, known)

    def exchange_by_git(self) -> None:
        """The lead who knows more pushes to git, and the other pulls from it."""
        for source, target in (self.leads, self.leads[::-1]):
            known, other = source.labels(), target.labels()
            if all(labels <= known.get(key, frozenset()) for key, labels in other.items()):
                for name in ("layers", "exports"):
                    folder = target.trial.workspace.root / "annotations" / name
                    shutil.rmtree(folder, ignore_errors=True)
                    if (source.trial.workspace.root / "annotations" / name).exists():
                        shutil.copytree(source.trial.workspace.root / "annotations" / name, folder)
                return

    def _disturb(self, command: Callable[..., object], longest: float, *, max_file_bytes: int | None = None) -> None:
        """Kill a command at a random moment, or take its disk space."""
        lead = self.rng.choice(self.leads)
        known = lead.labels()
        fork = multiprocessing.get_context("fork")
        process = fork.Process(target=_run, args=(command, lead.trial, max_file_bytes))
        process.start()
        process.join(longest if max_file_bytes else self.rng.uniform(0, longest))
        if process.is_alive():
            process.kill()
        process.join()
        assert process.exitcode in (0, 2, -signal.SIGKILL)
        self._check_nothing_torn(lead, known)

    # What must hold

    def _check_nothing_torn(self, lead: Lead, known: dict[Key, Labels]) -> None:
        """Each layer is as before, or as in the database: a command that did not end has reported nothing yet."""
        server = self.confirmed()
        for key, labels in lead.labels().items():
            assert labels >= known.get(key, frozenset()) or labels == server.get(key), (key, "torn")
        missing = known.keys() - lead.labels().keys()
        assert not missing - server.keys(), "a layer is gone after a command that did not end"

    def check_pull(self, lead: Lead) -> None:
        """Pull, and compare the layers with the database and with what was known before."""
        known, server = lead.labels(), self.confirmed()
        try:
            report = pull.run(lead.trial.workspace, batch=lead.trial.batch)
        except ServerError as error:
            if "is not on this server" not in error.message:  # new, and nobody has pushed yet
                raise
            assert lead.labels() == known
            return
        self._count_losses(report.findings)
        LOG.info("pulled by %s: %s", lead.trial.workspace.root.name, [finding.message for finding in report.findings])
        reported = {finding.item or "" for finding in report.findings}
        reported |= {Path(finding.file).stem for finding in report.findings}
        layers, exported = lead.labels(), lead.exported()
        for key, labels in server.items():
            if key[0] not in reported:
                assert labels <= layers.get(key, frozenset()), (key, "confirmed on the server, not in the layers")
                assert labels <= exported.get(key, frozenset()), (key, "confirmed on the server, not in the export")
        for key, labels in known.items():
            if key[0] not in reported:
                assert labels <= layers.get(key, frozenset()), (key, "was pulled before, and is gone")
        for key, labels in layers.items():
            assert all((key, word) in self.submitted for word in labels), (key, "was never submitted")

    def _count_losses(self, findings: Iterable[Finding]) -> None:
        self.losses += sum(finding.code == "server-work-missing" for finding in findings)

    def run(self, steps: Collection[str]) -> None:
        """Do each of `steps`, the names of methods; a lead pulls after each."""
        for step in steps:
            self.counts[step] += 1
            LOG.info("%s", step)
            getattr(self, step)()
            self.pull()


def _run(command: Callable[..., object], trial: AnnotationRound, max_file_bytes: int | None) -> None:
    """Run a command in a process of its own; exit with 2 for an error that is reported to the user."""
    import resource

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if max_file_bytes is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails with EFBIG instead
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, max_file_bytes))
    try:
        command(trial.workspace, batch=trial.batch)
    except (GoldwireError, OSError):
        os._exit(2)
    os._exit(0)
