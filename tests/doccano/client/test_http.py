"""Every request has a time limit, safe retries, and a checked answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import requests

from goldwire.doccano.client import http
from support.fake_http import DROP, Answer, FakeServer, as_json, serve


@pytest.fixture
def fake_server() -> Iterator[FakeServer]:
    with serve() as made:
        yield made


@pytest.fixture
def wire(fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> http.Http:
    monkeypatch.setattr(http, "PAUSES", (0.01, 0.01))
    return guarded(fake_server)


def guarded(fake_server: FakeServer, **options: object) -> http.Http:
    session = requests.Session()
    session.trust_env = False
    http.guard_session(session, **options)  # type: ignore[arg-type]
    return http.Http(fake_server.url, session)


def then_well(first: Answer) -> object:
    return lambda before: first if before == 0 else as_json({"well": True})


@pytest.mark.parametrize("first", [DROP, as_json({}, 500), as_json({}, 503)])
def test_a_failed_read_is_repeated(fake_server: FakeServer, wire: http.Http, first: Answer) -> None:
    fake_server.answers["GET /v1/me"] = then_well(first)  # type: ignore[assignment]
    assert wire.get("me") == {"well": True}
    assert len(fake_server.asked) == 2


@pytest.mark.parametrize("first", [DROP, as_json({}, 500), as_json({}, 503)])
def test_a_write_that_may_have_had_an_effect_is_not_repeated(
    fake_server: FakeServer, wire: http.Http, first: Answer
) -> None:
    fake_server.answers["POST /v1/projects"] = then_well(first)  # type: ignore[assignment]
    with pytest.raises(http.ConnectionLostError):
        wire.post("projects", {})
    assert len(fake_server.asked) == 1


def test_a_persistent_server_error_is_a_one_line_error(fake_server: FakeServer, wire: http.Http) -> None:
    fake_server.answers["GET /v1/me"] = as_json({}, 502)
    with pytest.raises(http.ConnectionLostError) as caught:
        wire.get("me", q="secret")
    assert caught.value.location == f"{fake_server.url}/v1/me"
    assert len(fake_server.asked) == 3


def test_a_hanging_server_is_given_up_in_time(
    fake_server: FakeServer, wire: http.Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ", 0.2)

    is_given_up = threading.Event()
    waited: list[bool] = []

    def slow(_: int) -> Answer:
        waited.append(is_given_up.wait(30))
        return as_json({})

    fake_server.answers["GET /v1/me"] = slow
    with pytest.raises(http.ConnectionLostError):
        wire.get("me")
    assert waited == []  # the server has not answered yet
    is_given_up.set()


def test_an_unreachable_server_is_a_one_line_error(wire: http.Http) -> None:
    nowhere = http.Http("http://127.0.0.1:1", wire.session)
    with pytest.raises(http.ServerUnreachableError) as caught:
        nowhere.post("projects", {})
    assert "goldwire server start" in str(caught.value)


def test_a_host_without_an_address_is_unreachable(wire: http.Http, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(http.ServerUnreachableError, match="no server answers here"):
        http.Http("http://labels.invalid", wire.session).post("projects", {})


def test_a_web_page_is_refused_as_an_answer(wire: http.Http) -> None:
    with pytest.raises(http.RequestRefusedError) as caught:
        wire.get("no-such-address")
    assert caught.value.status == 404


def test_a_redirect_is_not_followed(fake_server: FakeServer, wire: http.Http) -> None:
    fake_server.answers["POST /v1/projects"] = (302, "text/plain", f"{fake_server.url}/elsewhere")
    with pytest.raises(http.RequestRefusedError, match="/elsewhere"):
        wire.post("projects", {})
    assert len(fake_server.asked) == 1


def test_a_refusal_contains_the_servers_message(fake_server: FakeServer, wire: http.Http) -> None:
    fake_server.answers["POST /v1/projects"] = as_json({"name": ["too long"]}, 400)
    with pytest.raises(http.RequestRefusedError, match="too long") as caught:
        wire.post("projects", {})
    assert caught.value.status == 400


@pytest.mark.parametrize("status", [401, 403])
def test_an_expired_token_is_renewed(fake_server: FakeServer, status: int) -> None:
    fake_server.answers["GET /v1/me"] = lambda before: as_json({}, 200 if before else status)
    assert guarded(fake_server, renew=lambda: True).get("me") == {}


@pytest.mark.parametrize(("renewed", "asked"), [(True, 2), (False, 1)])
def test_a_forbidden_request_stays_forbidden(fake_server: FakeServer, renewed: bool, asked: int) -> None:
    fake_server.answers["GET /v1/me"] = as_json({}, 403)
    with pytest.raises(http.RequestRefusedError):
        guarded(fake_server, renew=lambda: renewed).get("me")
    assert len(fake_server.asked) == asked


def test_a_list_is_read_page_by_page(fake_server: FakeServer, wire: http.Http) -> None:
    pages = [{"count": 3, "next": "http://hidden.example/", "results": [1, 2]}, {"count": 3, "results": [3]}]
    fake_server.answers["GET /v1/projects"] = lambda before: as_json(pages[before])
    assert list(wire.pages("projects")) == [1, 2, 3]
