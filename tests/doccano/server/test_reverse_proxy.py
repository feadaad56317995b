"""The served Doccano behind a real reverse proxy, with TLS: the guard and the limit on passwords hold there, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from requests_toolbelt.adapters.source import SourceAddressAdapter

from goldwire.doccano import credentials
from goldwire.doccano.server import lifecycle
from goldwire.doccano.server.network import Network, make_network
from support.reverse_proxies import HOST, ReverseProxy, free_port, serve
from support.two_projects import PASSWORD, World, made, person, side
from support.two_projects import Caller as DirectCaller


class Site(NamedTuple):
    """A server whose public address is that of the proxy, the proxy, and two projects on the server."""

    home: Path
    local: str
    proxy: ReverseProxy
    world: World

    @property
    def name(self) -> str:
        return f"{HOST}:{self.proxy.port}"

    def client(self, source: str = "127.0.0.1", *, host: str | None = None) -> requests.Session:
        """Return a client of the proxy whose own address is `source`."""
        client = requests.Session()
        client.trust_env = False
        client.mount("https://", SourceAddressAdapter((source, 0)))
        client.verify = str(self.proxy.authority)
        client.headers["Host"] = host or self.name
        client.headers["Referer"] = f"https://{self.name}/"
        return client

    def url(self, path: str) -> str:
        return f"https://127.0.0.1:{self.proxy.port}{path}"

    def sign_in(self, client: requests.Session, name: str, password: str, **headers: str) -> requests.Response:
        body = {"username": name, "password": password}
        return client.post(self.url("/v1/auth/login/"), json=body, headers=headers, timeout=30)


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def site(request, doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home, folder, port = tmp_path_factory.mktemp("site") / "server", tmp_path_factory.mktemp("proxy"), free_port()

    def network(last: Network) -> Network:
        return make_network(last, public_url=f"https://{HOST}:{port}", trusted_proxies=["127.0.0.1"])

    state = lifecycle.start(home, environment=doccano_environment, network=network)
    try:
        with serve(request.param, folder, port, state.port) as proxy:
            body = {"username": "admin", "password": credentials.admin_password(home)}
            key = requests.post(f"{state.local_url}/v1/auth/login/", json=body, timeout=60).json()["key"]
            admin = DirectCaller(state.local_url, key)
            world = World(
                state.local_url, admin, DirectCaller(state.local_url), admin, side(admin, "a"), side(admin, "b")
            )
            yield Site(home, state.local_url, proxy, world)
    finally:
        lifecycle.stop(home)


def test_the_public_address_is_reported_and_goldwire_itself_stays_on_loopback(site: Site) -> None:
    state = lifecycle.status(site.home)
    assert state is not None
    assert (state.url, state.local_url, state.problem) == (f"https://{site.name}", site.local, None)


def test_a_browser_signs_in_and_writes_with_secure_cookies(site: Site) -> None:
    client = site.client()
    page = client.get(site.url("/auth"), timeout=30)
    assert page.status_code == 200
    assert "nonce-" in page.headers["Content-Security-Policy"]
    assert page.headers["Strict-Transport-Security"] == "max-age=2592000"
    name = site.world.a.annotator("GET", "/v1/me").json()["username"]
    answer = site.sign_in(client, name, PASSWORD, Origin=f"https://{site.name}")
    assert answer.status_code == 200
    assert {(cookie.name.partition("_")[0], cookie.secure) for cookie in client.cookies} == {
        ("csrftoken", True),
        ("sessionid", True),
    }
    body = {"start_offset": 0, "end_offset": 3, "label": site.world.a.span_type}
    token = next(cookie.value for cookie in client.cookies if cookie.name == "csrftoken")
    headers = {"X-CSRFToken": str(token), "Origin": f"https://{site.name}"}
    address = site.url(f"{site.world.a.at}/spans")
    assert client.post(address, json=body, headers=headers, timeout=30).status_code == 201
    assert client.post(address, json=body, timeout=30).status_code == 403
    stranger = headers | {"Origin": "https://attacker.example"}
    assert client.post(address, json=body, headers=stranger, timeout=30).status_code == 403


def test_other_host_names_are_refused(site: Site) -> None:
    for host in ("attacker.example", f"attacker.example:{site.proxy.port}", f"{HOST}.attacker.example"):
        answer = site.client(host=host).get(site.url("/auth"), timeout=30)
        assert (answer.status_code, "nuxt" in answer.text) in ((400, False), (200, False)), host
    sent = site.client().get(site.url("/v1/me"), headers={"X-Forwarded-Host": "attacker.example"}, timeout=30)
    assert "attacker" not in sent.text


def test_the_guard_holds(site: Site) -> None:
    client, a, b = site.client(), site.world.a, site.world.b
    client.headers["Authorization"] = f"Token {a.annotator.token}"
    for method, path, status in (
        ("GET", a.path, 200),
        ("GET", b.path, 403),
        ("GET", f"{a.path}/examples/{b.example}", 404),
        ("PUT", f"{a.path}/examples/{a.example}", 403),
        ("DELETE", f"{a.path}/span-types/{a.span_type}", 403),
        ("POST", f"{a.path}/goldwire", 403),
        ("GET", "/media/x", 404),
        ("GET", "/admin/", 404),
        ("GET", "/v1/users", 403),
        ("GET", "/v1/fp/fetch/?target=http://127.0.0.1/", 403),
    ):
        assert client.request(method, site.url(path), json={}, timeout=30).status_code == status, (method, path)


def test_wrong_passwords_are_counted_by_the_clients_address(site: Site) -> None:
    name = f"proxied-{site.proxy.port}"
    person(site.world.admin, name)
    guesser, other = site.client("127.0.0.7"), site.client("127.0.0.8")
    # A guesser who invents an address for each attempt is still one address.
    answers = [
        site.sign_in(guesser, name, f"wrong-{number}", **{"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(11)
    ]
    assert answers == [400] * 10 + [429]
    assert site.sign_in(guesser, name, PASSWORD).status_code == 429
    assert site.sign_in(other, name, PASSWORD).status_code == 200


def test_nobody_but_the_proxy_is_believed(site: Site) -> None:
    direct = requests.Session()
    direct.trust_env = False
    direct.mount("http://", SourceAddressAdapter(("127.0.0.9", 0)))
    forged: dict[str, Any] = {
        "Host": site.name,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.1",
        "X-Forwarded-Ssl": "on",
        "Forwarded": "proto=https",
    }
    page = direct.get(f"{site.local}/auth?x=1", headers=forged, allow_redirects=False, timeout=30)
    assert (page.status_code, page.headers["Location"]) == (301, f"https://{site.name}/auth?x=1")
    body = {"username": "admin", "password": "x"}
    answer = direct.post(f"{site.local}/v1/auth/login/", json=body, headers=forged, timeout=30)
    assert (answer.status_code, answer.json()) == (403, {"detail": "goldwire: use https"})
    # At the server's own address, an invented address does not help a guesser either.
    name = f"direct-{site.proxy.port}"
    person(site.world.admin, name)
    answers = [
        direct.post(
            f"{site.local}/v1/auth/login/",
            json={"username": name, "password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
            timeout=30,
        ).status_code
        for number in range(11)
    ]
    assert answers == [400] * 10 + [429]
    assert made(site.world.admin("GET", "/v1/me"))["username"] == "admin"
