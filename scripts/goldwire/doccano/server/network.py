"""Network settings of a server: where it listens, its public address, its certificate, the proxies that it believes.

The default is the loopback address. Anything else needs TLS, here or in a proxy, or an explicit permission: sign-ins
send passwords, and answers have texts and labels.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from goldwire.errors import ConfigError
from goldwire.loopback import is_loopback

__all__ = ["LOOPBACK", "Network", "make_network"]

LOOPBACK = "127.0.0.1"
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """The network settings of a server; the server itself reads them too (see django/gw_settings.py).

    Attributes
    ----------
    host : str
        The address to listen on.
    public_url : str
        The address that people open, without a final slash. Empty: the address to listen on.
    tls_cert, tls_key : str
        PEM files of the certificate (with intermediate ones) and of its key. Empty: no TLS.
    trusted_proxies : tuple of str
        Addresses or networks of the reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    is_insecure : bool
        Whether people may sign in over http from other machines.
    """

    host: str = LOOPBACK
    public_url: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()
    is_insecure: bool = False

    def local_url(self, port: int) -> str:
        """Return the address at which goldwire itself reaches the server."""
        return f"{self._scheme}://{_bracket(self.connect_host)}:{port}"

    def url(self, port: int) -> str:
        """Return the address that people open."""
        return self.public_url or self.local_url(port)

    @property
    def connect_host(self) -> str:
        """The address to connect to on this machine."""
        if not _is_wildcard(self.host):
            return self.host
        return "::1" if ":" in self.host else LOOPBACK

    @property
    def fingerprint(self) -> str | None:
        """The SHA-256 of the certificate, by which goldwire itself knows the server; None without TLS.

        The name in the certificate is that of the public address, at which this machine may not reach itself.
        """
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.certificate)).hexdigest() if self.tls_cert else None

    @property
    def certificate(self) -> str:
        """The server's own certificate: the first one in the file."""
        match = _CERTIFICATE.search(Path(self.tls_cert).read_text(encoding="ascii", errors="replace"))
        if match is None:
            raise ConfigError("has no certificate", location=self.tls_cert, hint="name a PEM file")
        return match[0]

    def bind(self, port: int) -> str:
        """Return the address to listen on, as gunicorn wants it."""
        return f"{_bracket(self.host)}:{port}"

    @property
    def _scheme(self) -> str:
        return "https" if self.tls_cert else "http"


def _is_wildcard(host: str) -> bool:
    """Whether a server that listens on `host` listens on all addresses of this machine."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def make_network(
    last: Network,
    *,
    host: str | None = None,
    public_url: str | None = None,
    tls_cert: str | None = None,
    tls_key: str | None = None,
    trusted_proxies: Iterable[str] | None = None,
    insecure: bool = False,
) -> Network:
    """Return the network settings `last` with the changes that are not None, an empty text removes a setting.

    Raises
    ------
    ConfigError
        If the settings are not valid, or if they would let people sign in unencrypted without `insecure`.
    """
    changes: dict[str, object] = {
        "host": (host or LOOPBACK).strip("[]") if host is not None else last.host,
        "public_url": _public_url(public_url) if public_url is not None else last.public_url,
        "tls_cert": _absolute(tls_cert) if tls_cert is not None else last.tls_cert,
        "tls_key": _absolute(tls_key) if tls_key is not None else last.tls_key,
        "trusted_proxies": tuple(_proxies(trusted_proxies)) if trusted_proxies is not None else last.trusted_proxies,
    }
    network = msgspec.structs.replace(last, **changes)
    is_same = network == last
    network = msgspec.structs.replace(network, is_insecure=insecure or (is_same and last.is_insecure))
    _require_valid(network)
    _require_secure(network)
    return network


def _public_url(text: str) -> str:
    """Return a public address without a final slash; empty stays empty."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or parts.username or parts.query or parts.fragment:
        raise ConfigError(f"not a public address: {text!r}", hint="write https://labels.example.org")
    if parts.path.strip("/"):
        raise ConfigError(
            f"{text!r} has a path, and Doccano's page works only at the root of a host name",
            hint="use a different host name or port",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().resolve()) if path else ""


def _proxies(texts: Iterable[str]) -> Iterable[str]:
    """Yield the networks in options such as `127.0.0.1` or `10.0.0.0/8,::1`."""
    for text in ",".join(texts).split(","):
        if not text.strip():
            continue
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError:
            raise ConfigError(
                f"not an address or network: {text.strip()!r}", hint="write 127.0.0.1 or 10.0.0.0/8"
            ) from None
        if network.prefixlen == 0:
            raise ConfigError(f"{text.strip()} trusts everyone", hint="name the proxy's own address")
        yield str(network)


def _require_valid(network: Network) -> None:
    """Raise ConfigError if a setting is not valid or lacks another one."""
    if bool(network.tls_cert) != bool(network.tls_key):
        raise ConfigError("TLS needs both a certificate and its key", hint="give --tls-cert and --tls-key")
    if network.tls_cert:
        _require_certificate(network)
    if _is_wildcard(network.host) and not network.public_url:
        raise ConfigError(
            f"{network.host} is every address of this machine, and people need one to open",
            hint="name it: --public-url https://labels.example.org",
        )
    if network.public_url.startswith("https:") and not network.tls_cert and not network.trusted_proxies:
        raise ConfigError(
            f"{network.public_url} needs TLS, and this server has no certificate",
            hint="name the proxy that has one (--trusted-proxy 127.0.0.1), or give --tls-cert and --tls-key",
        )


def _require_certificate(network: Network) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for path in (network.tls_cert, network.tls_key):
        if not Path(path).is_file():
            raise ConfigError("no such file", location=path, hint="name a PEM file")
    try:
        context.load_cert_chain(network.tls_cert, network.tls_key, password="")  # otherwise it would ask for one
    except (ssl.SSLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise ConfigError(
            f"not a certificate and its key ({reason})",
            location=f"{network.tls_cert}, {network.tls_key}",
            hint="name PEM files that belong together, the key without a passphrase",
        ) from None


def _require_secure(network: Network) -> None:
    """Raise ConfigError if people could sign in unencrypted, unless that is allowed."""
    if network.is_insecure or (network.tls_cert and not network.public_url.startswith("http:")):
        return
    reason = "anyone on the network can read passwords, texts and labels"
    hint = "give --tls-cert and --tls-key, or a proxy with TLS in front; in a network that you trust, add --insecure"
    if not is_loopback(network.host):
        raise ConfigError(f"on {network.host} without TLS, {reason}", hint=hint)
    if network.public_url.startswith("http:") and not is_loopback(urlsplit(network.public_url).hostname):
        raise ConfigError(f"at {network.public_url}, {reason}", hint=hint)


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host
