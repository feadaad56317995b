"""The workspace's own server is replaced by an empty one, or its database is restored from an older backup."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldwire.doccano.server import environment, lifecycle, processes
from goldwire.stages import pull, push
from goldwire.workspace import loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

TEXTS = [f"Headline {i}\n\nAda Novak met the Rail Union." for i in range(3)]
PER, ORG = (12, 21, "PER"), (30, 40, "ORG")
FIRST, SECOND = "wire-000000000001", "wire-000000000002"


class OwnServer:
    """A workspace with a server of its own, on which one article is done and pulled."""

    def __init__(self, trial: AnnotationRound) -> None:
        self.trial = trial
        self.home = trial.workspace.private / "server"
        self.annotator = trial.people[0]

    def start(self) -> None:
        lifecycle.start(self.home, environment=environment.default_folder(self.trial.workspace.private))

    def submit(self, article: str, *spans: tuple[int, int, str], confirmed: bool = True) -> None:
        layer = factories.layer(self.trial.articles[article], spans, annotator=self.annotator, confirmed=confirmed)
        annotation_round.submit(self.trial, self.push(), [layer])

    def push(self) -> push.PushReport:
        return push.run(self.trial.workspace, batch="b01")

    def pull(self) -> list[str]:
        return [finding.code for finding in pull.run(self.trial.workspace, batch="b01").findings]

    def labels(self) -> dict[str, tuple[bool, list[str]]]:
        """Whether each layer is ticked done, and its labels."""
        layers = loading.layers(self.trial.workspace, "b01")
        return {layer.article_id: (layer.confirmed, [span.label for span in layer.spans]) for layer in layers}


@pytest.fixture
def own(doccano_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnServer]:
    monkeypatch.delenv("GOLDWIRE_DOCCANO_URL", raising=False)
    monkeypatch.setenv(environment.VARIABLE, str(doccano_environment))
    server = OwnServer(annotation_round.plan(tmp_path, TEXTS))
    server.start()
    server.push()
    server.submit(FIRST, PER)
    server.pull()
    yield server
    lifecycle.stop(server.home)
    processes.end(processes.leftovers(server.home), grace=0.1)


def test_nothing_is_lost_when_a_server_goes_back_in_time_or_is_replaced(own: OwnServer, tmp_path: Path) -> None:
    # Yesterday's backup has one label of the first article.
    lifecycle.stop(own.home)
    backup = shutil.copytree(own.home, tmp_path / "backup")
    own.start()
    own.submit(FIRST, PER, ORG)
    own.submit(SECOND, ORG)
    assert own.pull() == []
    today = {FIRST: (True, ["PER", "ORG"]), SECOND: (True, ["ORG"])}
    assert own.labels() == today

    lifecycle.stop(own.home)
    today_home = own.home.rename(tmp_path / "today")
    shutil.copytree(backup, own.home)
    own.start()
    for _ in range(2):
        assert own.pull() == ["server-work-missing"]
        assert own.labels() == today
    # The same number of labels as before, but others: whoever counts would see nothing.
    own.submit(SECOND, PER)
    assert own.pull() == ["server-work-missing"]
    assert own.labels() == today

    lifecycle.stop(own.home)
    shutil.rmtree(own.home)
    today_home.rename(own.home)
    own.start()
    assert own.pull() == []
    assert own.labels() == today

    # A new server gives the same project and the same rows the same ids.
    lifecycle.stop(own.home)
    shutil.rmtree(own.home)
    own.start()
    assert own.pull() == ["server-project-missing"]
    assert [finding.code for finding in own.push().findings] == ["server-work-missing"]
    for _ in range(2):
        assert own.pull() == ["server-work-missing"]
        assert own.labels() == today
    own.submit(SECOND, PER)
    assert own.pull() == ["server-work-missing", "server-work-redone"]
    assert own.pull() == ["server-work-missing"]
    assert own.labels() == {FIRST: (True, ["PER", "ORG"]), SECOND: (True, ["PER"])}
