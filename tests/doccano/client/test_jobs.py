"""Waiting for a server's jobs, on which nobody may be working."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from goldwire.doccano.client import jobs, session
from goldwire.doccano.client.http import ConnectionLostError
from goldwire.errors import GoldwireError
from support.fake_http import FakeServer, as_json, serve

WAITING = as_json({"ready": False, "result": None, "error": None})
DOWN = as_json({"CeleryHealthCheckCelery": "unavailable: TimeoutError"}, 500)
BUSY = as_json({"CeleryHealthCheckCelery": "unavailable: Unknown error"}, 500)
UP = as_json({"CeleryHealthCheckCelery": "OK", "MigrationsHealthCheck": "OK"})


@pytest.fixture
def double() -> Iterator[FakeServer]:
    with serve() as made:
        made.sign_in_works()
        yield made


@pytest.fixture
def signed_in(double: FakeServer, monkeypatch: pytest.MonkeyPatch) -> session.Session:
    monkeypatch.setattr(jobs, "_HEALTH_CHECK_AFTER", 0.1)
    return session.sign_in_as(double.url, "admin", "hush")


def test_a_worker_that_is_down_is_told_and_not_waited_for(double: FakeServer, signed_in: session.Session) -> None:
    double.answers |= {"GET /v1/tasks/status/j": WAITING, "GET /v1/health/": DOWN}
    started = time.monotonic()
    with pytest.raises(GoldwireError, match="worker is down") as caught:
        jobs.wait(signed_in, "j", "the import")
    assert time.monotonic() - started < 2
    assert caught.value.hint


def test_the_patience_by_default_keeps_the_promise_of_15_seconds() -> None:
    assert jobs._HEALTH_CHECK_AFTER + jobs._HEALTH_TIMEOUT < 15  # silence, then the health page


def test_a_worker_that_is_only_slow_is_waited_for(double: FakeServer, signed_in: session.Session) -> None:
    done = as_json({"ready": True, "result": {"error": []}, "error": None})
    double.answers |= {"GET /v1/tasks/status/j": lambda before: WAITING if before < 10 else done, "GET /v1/health/": UP}
    assert jobs.wait(signed_in, "j", "the import") == {"error": []}
    assert "GET /v1/health/" in double.asked


def test_a_worker_that_dies_meanwhile_is_told(double: FakeServer, signed_in: session.Session) -> None:
    double.answers |= {"GET /v1/tasks/status/j": WAITING, "GET /v1/health/": lambda before: DOWN if before else UP}
    with pytest.raises(GoldwireError, match="worker is down"):
        jobs.wait(signed_in, "j", "the import")


def test_a_job_that_others_overtake_is_lost_where_that_may_be_said(
    double: FakeServer, signed_in: session.Session
) -> None:
    double.answers |= {"GET /v1/tasks/status/j": WAITING, "GET /v1/health/": UP}
    said = iter([False, True])
    with pytest.raises(ConnectionLostError, match="lost the import"):
        jobs.wait(signed_in, "j", "the import", is_lost=lambda: next(said))
    assert double.asked.count("GET /v1/health/") == jobs._OVERTAKEN + 1


def test_a_job_is_not_lost_where_nobody_says_that_others_were_done(
    double: FakeServer, signed_in: session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_LIMIT", 1.0)
    double.answers |= {"GET /v1/tasks/status/j": WAITING, "GET /v1/health/": BUSY}
    with pytest.raises(GoldwireError, match="not done after"):
        jobs.wait(signed_in, "j", "the import", is_lost=lambda: True)


def test_a_job_that_failed_may_have_left_something(double: FakeServer, signed_in: session.Session) -> None:
    double.answers["GET /v1/tasks/status/j"] = as_json({"ready": True, "result": None, "error": {"text": "boom"}})
    with pytest.raises(ConnectionLostError, match="boom"):
        jobs.wait(signed_in, "j", "the import")


@pytest.mark.parametrize("health", [UP, BUSY, (200, "text/html", "<p>"), as_json({"Cache": "down"}, 500), as_json([])])
def test_a_server_that_does_not_say_it_is_ill_is_believed(
    double: FakeServer, signed_in: session.Session, health: tuple[int, str, str]
) -> None:
    double.answers["GET /v1/health/"] = health
    assert jobs.require_worker(signed_in, "the import") == (health is UP)


def test_the_real_server_says_that_it_is_well(connected) -> None:
    jobs.require_worker(session.sign_in_as(connected.url, connected.username, connected.password), "the import")
