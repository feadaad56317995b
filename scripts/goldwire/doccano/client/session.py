"""Signing in to a Doccano server: the workspace's own, or any server that the environment names.

GOLDWIRE_DOCCANO_URL       http(s)://host[:port][/prefix]; default: the workspace's own server
GOLDWIRE_DOCCANO_USERNAME  and GOLDWIRE_DOCCANO_PASSWORD, or
GOLDWIRE_DOCCANO_TOKEN     the key that the server returns on sign-in
GOLDWIRE_DOCCANO_CA        a PEM file of the authorities to trust; default: REQUESTS_CA_BUNDLE, or the usual ones
GOLDWIRE_DOCCANO_INSECURE  1: send the password or token over http to another machine, as `--insecure` does

Credentials missing from the environment are read from the keyring, if the package `keyring` is installed: the address
is the service (`keyring set https://host USERNAME`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from goldwire.doccano.client import package
from goldwire.doccano.client.http import Http, RequestRefusedError, guard_session
from goldwire.doccano.server import state
from goldwire.errors import ConfigError, MissingFileError, ServerError
from goldwire.loopback import is_loopback
from goldwire.workspace.layout import Workspace

if TYPE_CHECKING:
    from doccano_client import DoccanoClient

__all__ = ["CA", "INSECURE", "PASSWORD", "TOKEN", "URL", "USERNAME", "Session", "connect", "sign_in_as"]

URL, TOKEN = "GOLDWIRE_DOCCANO_URL", "GOLDWIRE_DOCCANO_TOKEN"
USERNAME, PASSWORD = "GOLDWIRE_DOCCANO_USERNAME", "GOLDWIRE_DOCCANO_PASSWORD"
CA, INSECURE = "GOLDWIRE_DOCCANO_CA", "GOLDWIRE_DOCCANO_INSECURE"

_SIGN_IN_TIMEOUT = 15.0  # seconds: a password hash takes the server less than one


class Session(msgspec.Struct, frozen=True):
    """A signed-in connection: doccano-client for the calls that it has, `http` over the same connection for others.

    `url` is the address that people open; requests go to `http.base`.
    """

    url: str
    username: str
    client: DoccanoClient
    http: Http


class _Account(msgspec.Struct, frozen=True):
    """The account to sign in with. Its repr contains no secret.

    `home`, `public_url` and `fingerprint` (of the certificate) are those of the workspace's own server.
    """

    url: str
    username: str = ""
    password: str = ""
    token: str = ""
    home: Path | None = None
    public_url: str = ""
    fingerprint: str | None = None

    def __repr__(self) -> str:
        return f"_Account({self.url!r}, {self.username!r})"


def connect(workspace: Workspace) -> Session:
    """Sign in to the server that the environment names, or else to the workspace's own, which must be running.

    Raises
    ------
    ServerError
        If the server is unreachable or not a Doccano server, or refuses the password or the token.
    ConfigError
        If the environment names a server but no account, or an invalid address.
    """
    return _open(_account(workspace))


def sign_in_as(url: str, name: str, password: str) -> Session:
    """Sign in to the server at `url` as the user `name`, as an annotator does in a browser."""
    return _open(_Account(_require_address(url), name, password))


def _account(workspace: Workspace) -> _Account:
    url = os.environ.get(URL, "").strip()
    if not url:
        return _own_server(workspace)
    token, name, password = (os.environ.get(key, "") for key in (TOKEN, USERNAME, PASSWORD))
    if token:
        return _Account(_require_address(url), token=token)
    checked = _require_address(url)
    if not (name and password):
        name, password = _from_keyring(checked, name)
    if not (name and password):
        raise ConfigError(
            "no account for this server",
            location=url,
            hint=f"set {USERNAME} and {PASSWORD}, or {TOKEN}, or `keyring set {checked} {name or 'USERNAME'}`",
        )
    return _Account(checked, name, password)


def _from_keyring(url: str, name: str) -> tuple[str, str]:
    """Return user name and password for `url` from the keyring; the password is empty if there is none."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return name, ""
    try:
        credential = keyring.get_credential(url, name or None)
    except (KeyringError, ImportError, AttributeError):  # locked, no backend, or a configured one that is missing
        return name, ""
    return (name or credential.username, credential.password) if credential else (name, "")


def _own_server(workspace: Workspace) -> _Account:
    from goldwire.doccano import credentials
    from goldwire.doccano.server import lifecycle

    home = (workspace.private / "server").resolve()
    running = lifecycle.running_state(home)
    if running is None:
        raise ServerError(
            "this workspace's Doccano server is not running",
            location=workspace.root,
            hint=f"`goldwire server start`, or name another server in {URL}",
        )
    return _Account(
        running.network.local_url(running.port),
        credentials.ADMIN,
        credentials.admin_password(state.passwords(home)),
        running.token,
        home,
        public_url=running.network.url(running.port),
        fingerprint=running.network.fingerprint,
    )


def _require_address(url: str) -> str:
    """Return the address without a final slash.

    Refuse one with a password, which would end up in logs, and one that would send the password unencrypted to another
    machine.
    """
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ConfigError(f"not an address: {url!r}", location=URL, hint="write http://host:port or https://host")
    if parts.username or parts.password:
        raise ConfigError("holds a user name or password", location=URL, hint=f"put them in {USERNAME} and {PASSWORD}")
    if parts.scheme == "http" and not is_loopback(parts.hostname) and not os.environ.get(INSECURE):
        raise ConfigError(
            "over http, anyone on the network can read the password and the labels",
            location=url,
            hint="use https or an ssh tunnel; in a network that you trust, add --insecure",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _open(account: _Account) -> Session:
    client = package.import_client()(account.url)
    session = client._base_repository._session
    session.verify = account.fingerprint is None and _authorities()
    if account.fingerprint is not None:
        _accept_certificate(session, account.url, account.fingerprint)
    if account.home is not None or is_loopback(urlsplit(account.url).hostname):
        session.trust_env = False  # a proxy that the environment names cannot reach this machine's own ports
    http, sign_in_http = Http(account.url, session), Http(account.url, _copy(session))
    guard_session(sign_in_http.session, base=account.url)

    def renew() -> bool:
        answer = session.unguarded("GET", f"{account.url}/v1/me", timeout=_SIGN_IN_TIMEOUT, allow_redirects=False)
        if answer.status_code in {401, 403}:
            _use_token(session, _sign_in(sign_in_http, account))
        return bool(answer.status_code in {401, 403})

    guard_session(session, base=account.url, renew=renew if account.password else None)
    _use_token(session, account.token or _sign_in(sign_in_http, account))
    # The stored token of the workspace's own server is always the administrator's.
    username = account.username if account.token and account.home else ""
    return Session(account.public_url or account.url, username or _username(http), client, http)


def _accept_certificate(session: Any, url: str, fingerprint: str) -> None:
    """Accept only the certificate with this SHA-256 at `url`, whatever name it is for."""
    from requests_toolbelt.adapters.fingerprint import FingerprintAdapter

    session.mount(url, FingerprintAdapter(fingerprint))


def _authorities() -> str | bool:
    """Return the file of authorities to trust, or True for the usual ones."""
    for key in (CA, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = os.environ.get(key, "")
        if path and not Path(path).exists():
            raise MissingFileError("no such file", location=f"{key}={path}", hint="name a file of certificates")
        if path:
            return path
    return True


def _copy(session: Any) -> Any:
    """Return a session with the same settings, for signing in: its cookies would make the server want a CSRF token."""
    import requests

    copy = requests.Session()
    copy.headers, copy.verify, copy.trust_env = session.headers.copy(), session.verify, session.trust_env
    copy.adapters = session.adapters
    return copy


def _sign_in(http: Http, account: _Account) -> str:
    """Return a new token; store that of the workspace's own server, because a sign-in takes the server 0.1 s."""
    token = _new_token(http, account)
    if account.home is not None:
        state.write(account.home, token=token)
    return token


def _new_token(http: Http, account: _Account) -> str:
    body = {"username": account.username, "password": account.password}
    http.session.cookies.clear()
    try:
        answer = http.send("POST", "auth/login/", json=body, timeout=(5.0, _SIGN_IN_TIMEOUT)).json()
    except RequestRefusedError as error:
        if error.status in {400, 401}:
            raise ServerError(
                f"wrong user name or password for {account.username!r}",
                location=account.url,
                hint=f"check {USERNAME} and {PASSWORD}",
            ) from None
        raise
    except ValueError:
        answer = None
    key = answer.get("key") if isinstance(answer, dict) else None
    if not isinstance(key, str):
        raise ServerError(
            "does not answer a sign-in as Doccano does", location=account.url, hint="is this a Doccano server?"
        )
    return key


def _use_token(session: Any, token: str) -> None:
    """Send the token as `auth`, not as a header, which requests replaces by what ~/.netrc has for the host."""

    def authorize(request: Any) -> Any:
        request.headers["Authorization"] = f"Token {token}"
        return request

    session.auth = authorize


def _username(http: Http) -> str:
    try:
        me = http.get("me")
    except RequestRefusedError as error:
        if error.status in {401, 403}:
            raise ServerError("the token is not accepted", location=http.base, hint=f"check {TOKEN}") from None
        raise
    if not isinstance(me, dict) or not isinstance(me.get("username"), str):
        raise ServerError("does not answer as Doccano does", location=http.base, hint="is this a Doccano server?")
    return str(me["username"])
