"""Sign in to a Doccano server: the workspace's own, or any that the environment names.

GOLDWIRE_DOCCANO_URL       http(s)://host[:port][/prefix]; without it the workspace's own server is used
GOLDWIRE_DOCCANO_USERNAME  and GOLDWIRE_DOCCANO_PASSWORD, or
GOLDWIRE_DOCCANO_TOKEN     what the server gave as a key

What the environment does not say is asked of the keyring, where the package `keyring` is installed: there the address
is the service (`keyring set https://host USERNAME`).

GOLDWIRE_DOCCANO_CA        a file of the authorities to trust, PEM; without it REQUESTS_CA_BUNDLE, or the usual ones
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from goldwire.doccano.client.http import Http, RefusedError, guard
from goldwire.doccano.server import state
from goldwire.errors import ConfigError, MissingFileError, MissingPackageError, ServerError
from goldwire.workspace.layout import Workspace

if TYPE_CHECKING:
    from doccano_client import DoccanoClient

__all__ = ["CA", "PASSWORD", "TOKEN", "URL", "USERNAME", "Session", "connect", "sign_in_as"]

URL, TOKEN = "GOLDWIRE_DOCCANO_URL", "GOLDWIRE_DOCCANO_TOKEN"
USERNAME, PASSWORD = "GOLDWIRE_DOCCANO_USERNAME", "GOLDWIRE_DOCCANO_PASSWORD"
CA = "GOLDWIRE_DOCCANO_CA"

_SIGN_IN = 15.0  # seconds that a sign-in may take: a password hash costs the server under one
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Session(msgspec.Struct, frozen=True):
    """Somebody signed in: doccano-client for what it has, `http` over the same connection for the rest."""

    url: str
    username: str
    client: DoccanoClient
    http: Http


class _Account(msgspec.Struct, frozen=True):
    """Who to sign in as. Its repr names no secret. `home` is that of the workspace's own server, where it is that."""

    url: str
    username: str = ""
    password: str = ""
    token: str = ""
    home: Path | None = None

    def __repr__(self) -> str:
        return f"_Account({self.url!r}, {self.username!r})"


def connect(workspace: Workspace) -> Session:
    """Sign in to the server that the environment names, or else to the workspace's own, which must be running.

    An unreachable server, one that is no Doccano, a wrong password or token: each a GoldwireError.
    """
    return _open(_account(workspace))


def sign_in_as(url: str, name: str, password: str) -> Session:
    """Sign in to the server at `url` as `name`, as an annotator does in a browser."""
    return _open(_Account(_checked(url), name, password))


def _account(workspace: Workspace) -> _Account:
    url = os.environ.get(URL, "").strip()
    if not url:
        return _own_server(workspace)
    token, name, password = (os.environ.get(key, "") for key in (TOKEN, USERNAME, PASSWORD))
    if token:
        return _Account(_checked(url), token=token)
    checked = _checked(url)
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
    """User name and password that the keyring has for `url`; empty where it has none, or there is no keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return name, ""
    try:
        found = keyring.get_credential(url, name or None)
    except (KeyringError, ImportError, AttributeError):  # locked, no backend here, or one that is named and not there
        return name, ""
    return (name or found.username, found.password) if found else (name, "")


def _own_server(workspace: Workspace) -> _Account:
    from goldwire.doccano import credentials
    from goldwire.doccano.server import lifecycle

    home = (workspace.private / "server").resolve()
    url = lifecycle.where(home)
    if url is None:
        raise ServerError(
            "this workspace's Doccano server is not running",
            location=workspace.root,
            hint=f"`goldwire server start`, or name another server in {URL}",
        )
    return _Account(_checked(url), credentials.ADMIN, credentials.admin(home), state.read(home).token, home)


def _checked(url: str) -> str:
    """The address without a final slash; one that carries a password is refused, as it would end in logs."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ConfigError(f"not an address: {url!r}", location=URL, hint="write http://host:port or https://host")
    if parts.username or parts.password:
        raise ConfigError("holds a user name or password", location=URL, hint=f"put them in {USERNAME} and {PASSWORD}")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _open(account: _Account) -> Session:
    try:
        from doccano_client import DoccanoClient
    except ImportError as error:
        raise MissingPackageError(
            f"doccano-client is not installed ({error.name})", hint="install goldwire with its `doccano` extra"
        ) from None
    client = DoccanoClient(account.url)
    plain = client._base_repository._session
    plain.verify = _authorities()
    if urlsplit(account.url).hostname in _LOOPBACK:
        plain.trust_env = False  # a proxy of the environment knows nothing of this machine's own ports
    http, signing_in = Http(account.url, plain), Http(account.url, _copy(plain))
    guard(signing_in.session, base=account.url)

    def renew() -> bool:
        known = plain.unguarded("GET", f"{account.url}/v1/me", timeout=_SIGN_IN, allow_redirects=False)
        if known.status_code in {401, 403}:
            _use_token(plain, _signed_in(signing_in, account))
        return bool(known.status_code in {401, 403})

    guard(plain, base=account.url, renew=renew if account.password else None)
    _use_token(plain, account.token or _signed_in(signing_in, account))
    known = account.username if account.token and account.home else ""
    return Session(account.url, known or _username(http), client, http)


def _authorities() -> str | bool:
    """The file of certificates to trust, or True for those that everybody trusts."""
    for key in (CA, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = os.environ.get(key, "")
        if path and not Path(path).exists():
            raise MissingFileError("no such file", location=f"{key}={path}", hint="name a file of certificates")
        if path:
            return path
    return True


def _copy(session: Any) -> Any:
    """A session of the same settings for signing in: its cookies would make the server ask for a CSRF token."""
    import requests

    other = requests.Session()
    other.headers, other.verify, other.trust_env = session.headers.copy(), session.verify, session.trust_env
    return other


def _signed_in(http: Http, account: _Account) -> str:
    """A new token; that of the own server is kept beside its password, as a sign-in costs the server 0.1 s."""
    token = _new_token(http, account)
    if account.home is not None:
        state.write(account.home, token=token)
    return token


def _new_token(http: Http, account: _Account) -> str:
    body = {"username": account.username, "password": account.password}
    http.session.cookies.clear()
    try:
        answer = http.send("POST", "auth/login/", json=body, timeout=(5.0, _SIGN_IN)).json()
    except RefusedError as error:
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
        raise ServerError("does not sign in as Doccano does", location=account.url, hint="is this a Doccano server?")
    return key


def _use_token(session: Any, token: str) -> None:
    """As `auth`, not as a header: otherwise requests puts what ~/.netrc has for the host in its place."""

    def authorize(request: Any) -> Any:
        request.headers["Authorization"] = f"Token {token}"
        return request

    session.auth = authorize


def _username(http: Http) -> str:
    try:
        me = http.get("me")
    except RefusedError as error:
        if error.status in {401, 403}:
            raise ServerError("the token is not accepted", location=http.base, hint=f"check {TOKEN}") from None
        raise
    if not isinstance(me, dict) or not isinstance(me.get("username"), str):
        raise ServerError("answers, but not as Doccano does", location=http.base, hint="is this a Doccano server?")
    return str(me["username"])
