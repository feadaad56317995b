"""A server that others run: https with a private authority, below a path, behind a proxy with another host name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from goldwire.doccano.client import session
from goldwire.errors import GoldwireError
from goldwire.stages import pull, push, status
from goldwire.workspace import loading
from support import annotation_round, factories
from support.fake_http import FakeServer, serve
from support.proxy import Proxy, behind

TEXTS = [f"Head {i} \N{GRINNING FACE}\n\nAda Novak spoke." for i in range(5)]


@pytest.fixture
def elsewhere() -> Iterator[FakeServer]:
    """Another host, which must not receive any request."""
    with serve() as made:
        yield made


@pytest.fixture
def proxy(connected, elsewhere: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    with behind(connected.url, tmp_path, elsewhere.url) as made:
        monkeypatch.setenv(session.URL, f"{made.url}/")
        monkeypatch.setenv(session.CA, str(made.authority))
        yield made


def test_a_round_trip_through_the_proxy_contacts_no_other_host(
    proxy: Proxy, elsewhere: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    report = push.run(trial.workspace, batch="b01")
    assert report.annotators[0].address.startswith(f"{proxy.url}/projects/")
    articles = list(trial.articles.values())
    layers = [factories.layer(article, [(8, 11, "PER")], annotator=trial.people[0]) for article in articles]
    annotation_round.submit(trial, report, layers)
    assert not push.run(trial.workspace, batch="b01").annotators[0].changed
    assert not pull.run(trial.workspace, batch="b01").findings
    assert loading.layers(trial.workspace, "b01") == tuple(layers)
    assert status.run(trial.workspace, batch="b01").done == 5
    assert all(request.split()[1].startswith("/labels/v1/") for request in proxy.asked)
    assert (elsewhere.asked, elsewhere.tokens) == ([], [])


def test_lists_of_doccano_client_stay_on_the_server(proxy: Proxy, elsewhere: FakeServer, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    where = push.run(trial.workspace, batch="b01").annotators[0].project
    signed_in = session.connect(trial.workspace)
    proxy.asked.clear()
    assert len(list(signed_in.client.list_examples(where))) == 5
    assert proxy.asked == [f"GET /labels/v1/projects/{where}/examples"] * 3
    assert elsewhere.asked == []


def test_a_token_is_sufficient(proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = factories.workspace(tmp_path / "w")
    body = {"username": "admin", "password": session.os.environ[session.PASSWORD]}
    monkeypatch.setenv(session.TOKEN, session.connect(space).http.post("auth/login/", body)["key"])
    monkeypatch.delenv(session.PASSWORD)
    assert session.connect(space).username == "admin"


@pytest.mark.parametrize("key", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_of_requests_and_curl_are_trusted(
    proxy: Proxy, tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (session.CA, "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(key, str(proxy.authority))
    assert session.connect(factories.workspace(tmp_path / "w")).username == "admin"


def test_goldwires_own_variable_has_precedence(proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import certifi

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    assert session.connect(factories.workspace(tmp_path / "w")).username == "admin"
    monkeypatch.setattr(session, "is_loopback", lambda host: False)  # so that requests reads the environment
    assert session.connect(factories.workspace(tmp_path / "x")).username == "admin"


def test_an_untrusted_authority_is_a_one_line_error(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(session.CA)
    with pytest.raises(GoldwireError, match=session.CA):
        session.connect(factories.workspace(tmp_path / "w"))


def test_a_missing_authority_file_is_a_one_line_error(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(session.CA, "/no/such.pem")
    with pytest.raises(GoldwireError, match="no such file"):
        session.connect(factories.workspace(tmp_path / "w"))


def test_an_invalid_authority_file_is_a_one_line_error(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    monkeypatch.setenv(session.CA, str(tmp_path / "bad.pem"))
    with pytest.raises(GoldwireError) as caught:
        session.connect(factories.workspace(tmp_path / "w"))
    assert "\n" not in str(caught.value)


def test_a_wrong_path_is_a_one_line_error(proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(session.URL, proxy.url.removesuffix("/labels"))
    with pytest.raises(GoldwireError):
        session.connect(factories.workspace(tmp_path / "w"))
