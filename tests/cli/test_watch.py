"""`pull --watch` and `status --serve` follow a live batch, and Ctrl-C ends them without output."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

import pytest

from goldwire.doccano.server import environment, lifecycle, processes
from goldwire.stages import push
from goldwire.workspace import loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

INTERRUPTED = 130


class Running:
    """A running command whose lines are read as they are printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(line.rstrip("\n"))

    def line(self) -> str:
        """Return the next line that it prints."""
        return self.lines.get(timeout=120)

    def interrupt(self) -> None:
        """Send Ctrl-C; the command must end without further output."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(120) == INTERRUPTED
        assert (self.process.stderr.read() if self.process.stderr else "") == ""
        with pytest.raises(Empty):
            self.lines.get(timeout=0.2)


# A shell starts a job in the background with Ctrl-C ignored, and every process below it inherits that.
CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
PROGRAM = f"{CTRL_C}; from goldwire.cli import main; main()"
ANNOUNCED = f"{CTRL_C}; import goldwire.stages.pull; print('imported', flush=True); {PROGRAM}"
REFRESHED = f"from goldwire.report import dashboard; dashboard.REFRESH = 1; {PROGRAM}"  # seconds: 20 are long here


@contextmanager
def running(trial: AnnotationRound, *arguments: str, program: str = PROGRAM) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=trial.workspace.root,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
def pushed(connected, tmp_path: Path) -> tuple[AnnotationRound, push.PushReport]:
    trial = annotation_round.plan(tmp_path, ["First\n\nAda Novak spoke.", "Second\n\nBody."])
    return trial, push.run(trial.workspace, batch="b01")


def labelled(trial: AnnotationRound, *, confirmed: bool):
    article = trial.articles["wire-000000000001"]
    return factories.layer(article, [(7, 16, "PER")], annotator=trial.people[0], confirmed=confirmed)


def test_watch_reports_each_change_once_and_pulls_it(pushed: tuple[AnnotationRound, push.PushReport]) -> None:
    trial, report = pushed
    (name,) = trial.people
    with running(trial, "pull", "b01", "--watch", "--every", "1") as watch:
        assert watch.line() == f"{name}: 0 of 2 done, 0 started, 2 left"
        annotation_round.submit(trial, report, [labelled(trial, confirmed=False)])
        assert watch.line() == f"{name}: 0 of 2 done, 1 started, 2 left"
        annotation_round.submit(trial, report, [labelled(trial, confirmed=True)])
        assert watch.line() == f"{name}: 1 of 2 done, 0 started, 1 left"
        time.sleep(2.5)  # two polls without a change
        watch.interrupt()
    assert loading.layers(trial.workspace, "b01") == (labelled(trial, confirmed=True),)
    assert not list(trial.workspace.annotations.rglob("*.tmp"))


def test_an_interrupt_during_a_pull_leaves_complete_files(
    pushed: tuple[AnnotationRound, push.PushReport],
) -> None:
    trial, report = pushed
    annotation_round.submit(trial, report, [labelled(trial, confirmed=True)])
    with running(trial, "pull", "b01", "--watch", "--every", "1", program=ANNOUNCED) as watch:
        assert watch.line() == "imported"
        time.sleep(0.3)  # while it signs in, or pulls
        watch.process.send_signal(signal.SIGINT)
        assert watch.process.wait(120) in (INTERRUPTED, -signal.SIGINT)
    with running(trial, "pull", "b01") as once:
        assert once.line().startswith(f"{trial.people[0]}: 1 of 2 done")
        assert once.process.wait(120) == 0
    assert loading.layers(trial.workspace, "b01") == (labelled(trial, confirmed=True),)


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_served_page_follows_the_batch(pushed: tuple[AnnotationRound, push.PushReport]) -> None:
    trial, report = pushed
    with running(trial, "status", "b01", "--serve", program=REFRESHED) as board:
        found = re.fullmatch(r"(http://127\.0\.0\.1:\d+/) \(stop with Ctrl-C\)", board.line())
        assert found is not None
        assert "<h2>0 of 2 tasks done</h2>" in page(found[1])
        annotation_round.submit(trial, report, [labelled(trial, confirmed=True)])
        until(lambda: "<h2>1 of 2 tasks done</h2>" in page(found[1]))
        assert f"{report.server}/projects/{report.annotators[0].project}/" in page(found[1])
        board.interrupt()


def test_a_server_in_the_foreground_ends_with_the_command(
    doccano_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.VARIABLE, str(doccano_environment))
    trial = annotation_round.plan(tmp_path, ["First\n\nAda Novak spoke."])
    home = trial.workspace.private / "server"
    with running(trial, "server", "start", "--foreground") as server:
        assert "Doccano runs on sqlite" in server.line()
        assert lifecycle.status(home) is not None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(120) == 0
    assert lifecycle.status(home) is None
    assert not processes.leftovers(home)
    with running(trial, "server", "start", "--foreground") as server:
        server.line()
        state = lifecycle.running_state(home)
        assert state is not None
        assert state.web is not None
        os.killpg(state.web.pid, signal.SIGKILL)
        assert server.process.wait(120) == 2
