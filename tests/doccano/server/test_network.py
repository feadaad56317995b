"""Network settings: what is refused without an explicit permission, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from goldwire.doccano.server.network import Network, make_network
from goldwire.errors import ConfigError
from support.proxy import certificate

PUBLIC = "https://labels.example.org"


def changed(last: Network = Network(), **options: Any) -> Network:  # noqa: B008
    return make_network(last, **options)


def test_the_default_is_loopback() -> None:
    assert changed() == Network()
    assert (Network().local_url(8000), Network().url(8000)) == ("http://127.0.0.1:8000",) * 2
    assert changed(host="::1").local_url(8000) == "http://[::1]:8000"
    assert changed(host="localhost").bind(8000) == "localhost:8000"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": "10.0.0.5"}, "without TLS, anyone on the network can read passwords"),
        ({"host": "0.0.0.0"}, "every address of this machine"),
        ({"host": "::", "public_url": "http://localhost"}, "on :: without TLS"),
        ({"public_url": "http://labels.example.org"}, "anyone on the network"),
        ({"public_url": PUBLIC}, "no certificate"),
        ({"public_url": f"{PUBLIC}/labels"}, "has a path"),
        ({"public_url": "labels.example.org"}, "not a public address"),
        ({"public_url": "https://me@labels.example.org"}, "not a public address"),
        ({"public_url": "https://labels.example.org:99999"}, "not a public address"),
        ({"trusted_proxies": ["proxy"]}, "not an address or network: 'proxy'"),
        ({"trusted_proxies": ["10.0.0.0/8,::/0"]}, "trusts everyone"),
        ({"tls_cert": "c.pem"}, "both a certificate and its key"),
        ({"tls_cert": "/no/such.pem", "tls_key": "/no/such.key"}, "no such file"),
    ],
)
def test_what_is_not_valid_or_not_encrypted_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        changed(**options)
    assert caught.value.hint


def test_an_unencrypted_network_needs_an_explicit_permission_which_another_one_does_not_inherit() -> None:
    allowed = changed(host="10.0.0.5", insecure=True)
    assert (allowed.is_insecure, allowed.url(8000)) == (True, "http://10.0.0.5:8000")
    assert changed(allowed) == allowed
    with pytest.raises(ConfigError):
        changed(allowed, host="10.0.0.6")
    assert changed(allowed, host="127.0.0.1") == Network()


def test_a_proxy_in_front_needs_no_permission_and_its_settings_are_remembered() -> None:
    network = changed(public_url=f"{PUBLIC.upper()}/", trusted_proxies=["127.0.0.1", "10.1.2.3/8,::1"])
    assert network.public_url == "https://LABELS.EXAMPLE.ORG".lower()
    assert network.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8", "::1/128")
    assert (network.url(8000), network.local_url(8000)) == (PUBLIC, "http://127.0.0.1:8000")
    assert changed(network) == network
    assert changed(network, public_url="", trusted_proxies=[""]) == Network()


def test_a_certificate_and_its_key(tmp_path: Path) -> None:
    made, key = certificate(tmp_path, "DNS:labels.example.org")
    network = changed(host="0.0.0.0", public_url=PUBLIC, tls_cert=str(made), tls_key=str(key))
    assert (network.local_url(8443), network.is_insecure) == ("https://127.0.0.1:8443", False)
    assert len(network.fingerprint or "") == 64
    for cert, other in ((key, made), (made, made)):
        with pytest.raises(ConfigError, match="not a certificate and its key"):
            changed(tls_cert=str(cert), tls_key=str(other))
    with pytest.raises(ConfigError, match="anyone on the network"):
        changed(network, public_url="http://labels.example.org")
