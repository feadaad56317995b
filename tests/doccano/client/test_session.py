"""Signing in, and all its errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldwire.doccano.client import session
from goldwire.doccano.server import state
from goldwire.errors import GoldwireError
from goldwire.workspace.layout import Workspace
from support import annotation_round, factories, two_projects
from support.fake_http import FakeServer, as_json, serve

PASSWORD = "hush-hush-hush"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return factories.workspace(tmp_path / "w")


@pytest.fixture
def fake_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    with serve() as made:
        monkeypatch.setenv(session.URL, made.url)
        monkeypatch.setenv(session.USERNAME, "admin")
        monkeypatch.setenv(session.PASSWORD, PASSWORD)
        monkeypatch.delenv(session.TOKEN, raising=False)
        yield made


def refused(space: Workspace) -> GoldwireError:
    with pytest.raises(GoldwireError) as caught:
        session.connect(space)
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_person_signs_in_with_a_password(connected, space: Workspace) -> None:
    signed_in = session.connect(space)
    assert signed_in.username == connected.username
    assert signed_in.client.get_profile().username == connected.username
    assert connected.password not in repr(signed_in)


def test_a_token_signs_in_too(connected, space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in = session.connect(space)
    key = signed_in.http.post("auth/login/", {"username": connected.username, "password": connected.password})["key"]
    monkeypatch.setenv(session.TOKEN, key)
    monkeypatch.delenv(session.PASSWORD)
    assert session.connect(space).username == connected.username


def test_signing_out_in_a_browser_does_not_end_a_run(
    connected, space: Workspace, monkeypatch: pytest.MonkeyPatch, worker_id: str
) -> None:
    """The account is one of this test: signing out deletes a token, and other tests have that of the administrator."""
    name = f"signs-out-{worker_id}"
    admin = two_projects.sign_in(connected.url, connected.username, connected.password).json()["key"]
    two_projects.person(two_projects.Caller(connected.url, admin), name)
    monkeypatch.setenv(session.USERNAME, name)
    monkeypatch.setenv(session.PASSWORD, two_projects.PASSWORD)
    first, second = session.connect(space), session.connect(space)
    second.client.logout()
    assert first.client.get_profile().username == name


def test_a_wrong_password_is_a_one_line_error(connected, space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(session.PASSWORD, PASSWORD)
    error = refused(space)
    assert error.location == connected.url
    assert "'admin'" in error.message


def test_a_wrong_token_is_a_one_line_error(connected, space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(session.TOKEN, PASSWORD)
    assert session.TOKEN in str(refused(space))


def test_an_unreachable_server_is_a_one_line_error(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(session.URL, "http://127.0.0.1:1")
    monkeypatch.setenv(session.TOKEN, PASSWORD)
    assert "goldwire server start" in str(refused(space))


def test_the_workspaces_own_server_must_be_running(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(session.URL, raising=False)
    assert "goldwire server start" in str(refused(space))


@pytest.fixture
def own(doccano, space: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Return a workspace whose own server is the shared one, without a stored token."""
    monkeypatch.delenv(session.URL, raising=False)
    space.private.mkdir(exist_ok=True)
    (space.private / "server").symlink_to(doccano.home)
    state.write(doccano.home, token="")
    yield space
    state.write(doccano.home, token="")


def test_the_token_of_the_own_server_is_stored(own: Workspace) -> None:
    sign_in = "POST /v1/auth/login/"
    assert sign_in in annotation_round.requests_of(lambda: session.connect(own).client.list_roles())
    assert annotation_round.requests_of(lambda: session.connect(own).client.list_roles()) == ["GET /v1/roles"]
    signed_in = session.connect(own)
    assert signed_in.username == signed_in.client.get_profile().username == "admin"
    assert (own.private / "server" / state.FILE).stat().st_mode & 0o777 == 0o600


def test_an_expired_token_of_the_own_server_is_renewed(own: Workspace) -> None:
    state.write(own.private / "server", token="0" * 40)  # one that the server does not know any more
    assert "POST /v1/auth/login/" in annotation_round.requests_of(lambda: session.connect(own).client.list_roles())
    assert annotation_round.requests_of(lambda: session.connect(own).client.list_roles()) == ["GET /v1/roles"]


@pytest.mark.parametrize(
    ("login", "me"),
    [
        ((200, "text/html", "<!doctype html>"), as_json({})),
        ((200, "text/plain", "hello"), as_json({})),
        (as_json(["hello"]), as_json({})),
        (as_json({"hello": 1}), as_json({})),
        (as_json({"detail": "Not found."}, 404), as_json({})),
        (as_json({"key": "k"}), as_json([])),
        (as_json({"key": "k"}), as_json({"login": "me"})),
        (as_json({"key": "k"}), (200, "text/plain", "hello")),
    ],
)
def test_a_server_other_than_doccano_is_a_one_line_error(fake_server: FakeServer, space: Workspace, login, me) -> None:
    fake_server.answers |= {"POST /v1/auth/login/": login, "GET /v1/me": me}
    assert refused(space).location.startswith(fake_server.url)


def test_too_many_attempts_are_reported(fake_server: FakeServer, space: Workspace) -> None:
    fake_server.answers["POST /v1/auth/login/"] = as_json({"detail": "Request was throttled."}, 429)
    assert "wait a minute" in str(refused(space))


def test_every_request_has_the_token_and_netrc_does_not_replace_it(
    fake_server: FakeServer, space: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login jo password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    fake_server.sign_in_works()
    fake_server.answers["GET /v1/roles"] = as_json([])
    session.connect(space).client.list_roles()
    assert fake_server.tokens == [None, "Token k1", "Token k1"]


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "ftp://example.org", "http://", "http://admin:pw@127.0.0.1:1", "http://h:x"]
)
def test_an_invalid_address_is_refused(space: Workspace, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv(session.URL, url)
    monkeypatch.setenv(session.TOKEN, PASSWORD)
    error = refused(space)
    assert error.location == session.URL
    assert "pw@" not in str(error)


def test_an_address_may_have_a_path(fake_server: FakeServer, space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(session.URL, f"{fake_server.url}/tools/doccano/")
    fake_server.answers |= {
        "POST /tools/doccano/v1/auth/login/": as_json({"key": "k1"}),
        "GET /tools/doccano/v1/me": as_json({"username": "admin"}),
    }
    assert re.fullmatch(r"http://127.0.0.1:\d+/tools/doccano", session.connect(space).url)


def test_an_address_without_an_account_has_a_hint(
    fake_server: FakeServer, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(session.PASSWORD)
    assert session.TOKEN in str(refused(space))


@pytest.mark.parametrize("host", ["labels.example.org", "10.0.0.7", "192.168.1.5:8000", "[2001:db8::1]:8000"])
def test_a_password_is_not_sent_over_http_to_another_machine(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv(session.URL, f"http://{host}")
    monkeypatch.setenv(session.USERNAME, "admin")
    monkeypatch.setenv(session.PASSWORD, PASSWORD)
    monkeypatch.delenv(session.INSECURE, raising=False)

    def sent(*_: object, **__: object) -> None:
        raise AssertionError("sent")

    with monkeypatch.context() as patch:
        patch.setattr("requests.Session.send", sent)
        error = refused(space)
        assert "--insecure" in str(error)
        assert "anyone on the network" in error.message
        patch.setenv(session.TOKEN, "token")
        assert "--insecure" in str(refused(space))


def test_a_password_is_sent_over_http_if_that_is_allowed(
    fake_server: FakeServer, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "is_loopback", lambda host: False)
    assert "--insecure" in str(refused(space))
    monkeypatch.setenv(session.INSECURE, "1")
    fake_server.sign_in_works()
    assert session.connect(space).username == "admin"
