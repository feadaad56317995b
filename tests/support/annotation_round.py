"""A small batch of invented articles for the real server, with its annotators."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests

from goldwire.doccano import credentials
from goldwire.doccano.client import labeling, session
from goldwire.records import AnnotationLayer, Article, Task
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import push, sample
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace
from support import factories

VOICE = "VOICE"


class AnnotationRound(NamedTuple):
    """A workspace with one planned batch. Its names are unique, because all tests of a run share one server."""

    workspace: Workspace
    batch: str
    people: tuple[str, ...]

    @property
    def articles(self) -> dict[str, Article]:
        return loading.articles(self.workspace)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return loading.tasks(self.workspace, self.batch)

    def layers(self, annotator: str) -> bytes:
        return (self.workspace.layers / self.batch / f"{annotator}.jsonl").read_bytes()


def plan(folder: Path, texts: Iterable[str], *, people: int = 1, **options: Any) -> AnnotationRound:
    """Plan a batch in which every annotator sees each of `texts`; `options` are those of `sample`."""
    tag = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
    space = factories.workspace(folder / "w", name=f"trial {tag}")
    return of_people(space, texts, tuple(f"P{tag}-{i}" for i in range(1, people + 1)), **options)


def of_people(space: Workspace, texts: Iterable[str], names: tuple[str, ...], **options: Any) -> AnnotationRound:
    factories.write_articles(space, [factories.article(text, id=f"wire-{i:012d}") for i, text in enumerate(texts, 1)])
    return plan_people(space, names, **options)


def plan_people(space: Workspace, names: tuple[str, ...], **options: Any) -> AnnotationRound:
    """Plan a batch of all the articles of `space`."""
    sample.run(space, batch="b01", annotators=names, options=SamplingOptions(overlap=len(names), **options))
    return AnnotationRound(space, "b01", names)


def requests_of(act: Callable[[], object]) -> list[str]:
    """Return the requests that `act` sends to any server, as `GET /v1/me`, sorted."""
    send, asked = requests.Session.send, []

    def send_and_record(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        asked.append(f"{request.method} {request.path_url.partition('?')[0]}")
        return send(self, request, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", send_and_record)
        act()
    return sorted(asked)


@contextmanager
def cut_off(method: str, fragment: str, nth: int) -> Iterator[None]:
    """Raise KeyboardInterrupt after the nth such request, whose answer is then lost."""
    send, sent = requests.Session.request, []

    def request_and_interrupt(self: requests.Session, verb: str, url: str, **options: Any) -> requests.Response:
        answer = send(self, verb, url, **options)
        if verb.upper() == method and fragment in url:
            sent.append(url)
            if len(sent) == nth:
                raise KeyboardInterrupt
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "request", request_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            yield


def sign_in(trial: AnnotationRound, annotator: str, server: str) -> session.Session:
    return session.sign_in_as(server, annotator, credentials.annotator_password(trial.workspace.private, annotator))


def submit(trial: AnnotationRound, report: push.PushReport, layers: Iterable[AnnotationLayer]) -> None:
    """Submit layers as their annotators, in all tasks of their articles."""
    tasks, articles, desks = trial.tasks, trial.articles, {}
    for layer in layers:
        if layer.annotator not in desks:
            project = next(
                annotator.project for annotator in report.annotators if annotator.annotator == layer.annotator
            )
            signed_in = sign_in(trial, layer.annotator, report.server)
            desks[layer.annotator] = labeling.open_session(signed_in, project, voice=VOICE)
        for task in tasks:
            if task.article_id == layer.article_id:
                labeling.submit_layer(desks[layer.annotator], layer, task, articles[layer.article_id])
