"""Waiting for background jobs of a server whose worker may be dead."""

from __future__ import annotations

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
def fake_server() -> Iterator[FakeServer]:
    with serve() as made:
        made.sign_in_works()
        yield made


@pytest.fixture
def signed_in(fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> session.Session:
    monkeypatch.setattr(jobs, "_HEALTH_CHECK_AFTER", 0.1)
    return session.sign_in_as(fake_server.url, "admin", "hush")


def test_a_dead_worker_is_reported_without_waiting(fake_server: FakeServer, signed_in: session.Session) -> None:
    fake_server.answers |= {"GET /v1/tasks/status/j": WAITING, "GET /v1/health/": DOWN}
    with pytest.raises(GoldwireError, match="worker is down") as caught:
        jobs.wait(signed_in, "j", "the import")
    assert fake_server.asked.count("GET /v1/health/") == 1  # the job never ends: to wait is to ask again
    assert caught.value.hint


def test_a_dead_worker_is_reported_within_15_seconds() -> None:
    assert jobs._HEALTH_CHECK_AFTER + jobs._HEALTH_TIMEOUT < 15  # silence, then the health page


def test_a_slow_worker_is_waited_for(fake_server: FakeServer, signed_in: session.Session) -> None:
    done = as_json({"ready": True, "result": {"error": []}, "error": None})
    fake_server.answers |= {
        "GET /v1/tasks/status/j": lambda before: WAITING if before < 10 else done,
        "GET /v1/health/": UP,
    }
    assert jobs.wait(signed_in, "j", "the import") == {"error": []}
    assert "GET /v1/health/" in fake_server.asked


def test_a_worker_that_dies_during_the_wait_is_reported(fake_server: FakeServer, signed_in: session.Session) -> None:
    fake_server.answers |= {"GET /v1/tasks/status/j": WAITING, "GET /v1/health/": lambda before: DOWN if before else UP}
    with pytest.raises(GoldwireError, match="worker is down"):
        jobs.wait(signed_in, "j", "the import")


def test_a_job_that_later_jobs_overtake_can_be_given_up(fake_server: FakeServer, signed_in: session.Session) -> None:
    fake_server.answers |= {"GET /v1/tasks/status/j": WAITING, "GET /v1/health/": UP}
    answers = iter([False, True])
    with pytest.raises(ConnectionLostError, match="lost the import"):
        jobs.wait(signed_in, "j", "the import", is_lost=lambda: next(answers))
    assert fake_server.asked.count("GET /v1/health/") == jobs._OVERTAKEN + 1


def test_a_job_is_not_given_up_without_proof_that_later_jobs_finished(
    fake_server: FakeServer, signed_in: session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_LIMIT", 1.0)
    fake_server.answers |= {"GET /v1/tasks/status/j": WAITING, "GET /v1/health/": BUSY}
    with pytest.raises(GoldwireError, match="not done after"):
        jobs.wait(signed_in, "j", "the import", is_lost=lambda: True)


def test_a_failed_job_raises_connection_lost(fake_server: FakeServer, signed_in: session.Session) -> None:
    fake_server.answers["GET /v1/tasks/status/j"] = as_json({"ready": True, "result": None, "error": {"text": "boom"}})
    with pytest.raises(ConnectionLostError, match="boom"):
        jobs.wait(signed_in, "j", "the import")


@pytest.mark.parametrize("health", [UP, BUSY, (200, "text/html", "<p>"), as_json({"Cache": "down"}, 500), as_json([])])
def test_the_worker_counts_as_running_if_the_server_reports_no_problem(
    fake_server: FakeServer, signed_in: session.Session, health: tuple[int, str, str]
) -> None:
    fake_server.answers["GET /v1/health/"] = health
    assert jobs.require_worker(signed_in, "the import") == (health is UP)


def test_the_real_server_reports_a_healthy_worker(connected) -> None:
    jobs.require_worker(session.sign_in_as(connected.url, connected.username, connected.password), "the import")
