"""A client of the chat completions protocol, which OpenAI and most servers of local models speak.

References
----------
https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import email.utils
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from goldwire.errors import DECODE_ERRORS, ConfigError, ServerError
from goldwire.loopback import is_loopback

__all__ = ["KEY_VARIABLE", "ChatClient", "ChatReply", "endpoint_key", "parse_retry_after"]

KEY_VARIABLE = "OPENAI_API_KEY"
"""The environment variable with the key of the endpoint."""

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_OPTIONAL = ("response_format", "seed")  # fields that some servers do not know; the prompt describes the answer too
_OF_ARTICLE = {
    "content_filter": re.compile("content_filter|content management policy"),
    "context_length": re.compile("context_length_exceeded|context (?:size|length|window)", re.IGNORECASE),
}
"""Refusals that another article does not get, by the `finish_reason` of their reply: a command goes on after them."""

_ATTEMPTS = 6  # 31 s of waiting in all, if the endpoint names no time
_MAX_WAIT = 300.0  # seconds: beyond, the command ends, and a later one finds the finished articles in the cache
_HINT_CACHE = "run the same command again later: the articles that are done are not asked again"


class ChatReply(msgspec.Struct, frozen=True, kw_only=True):
    """The reply of a model.

    Attributes
    ----------
    content : str
    model : str
        The model that answered, which may be a dated version of the one that was asked.
    fingerprint : str or None
        Version of the server's configuration, if it states one.
    finish_reason : str
        `stop`; `length` for a truncated reply; `content_filter` for one that was withheld, or for an article that was
        refused; `context_length` for an article that is too long for the model.
    refusal : str or None
        Why the model refused.
    prompt_tokens, completion_tokens : int
        0 if the server does not count them.
    """

    content: str
    model: str
    fingerprint: str | None = None
    finish_reason: str = "stop"
    refusal: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Message(msgspec.Struct, frozen=True):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message = _Message()
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    model: str = ""
    system_fingerprint: str | None = None
    usage: _Usage | None = None


class ChatClient:
    """Sends requests to a chat completions endpoint, and repeats them as long as that may help.

    Parameters
    ----------
    endpoint : str
        The base address, such as `http://127.0.0.1:8000/v1`.
    key : str or None
        The key. It is sent over https, or to this machine, only.
    timeout : float
        Seconds to wait for a reply.
    sleep : callable
        Waits for a number of seconds.

    Raises
    ------
    ConfigError
        The endpoint is not a http address, contains a key, or would get the key unencrypted.
    """

    def __init__(
        self,
        endpoint: str,
        key: str | None = None,
        *,
        timeout: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = _completions_url(endpoint, key)
        self.timeout = timeout
        self.n_requests = 0
        self._key = key
        self._sleep = sleep
        self._unsupported: set[str] = set()

    def complete(self, body: Mapping[str, Any]) -> ChatReply:
        """Send one request and return the reply.

        A busy or broken server is asked again, after the time that its `Retry-After` names or with growing pauses. A
        server that does not know `response_format` or `seed` is asked without them. An article that the server
        filters, or that is too long, has an empty reply with the `finish_reason`.

        Raises
        ------
        ConfigError
            The server refuses the key, the model or the request.
        ServerError
            The server cannot be reached, stays busy, or does not speak the protocol.
        """
        problem = ""
        for attempt in range(_ATTEMPTS):
            sent = {name: value for name, value in body.items() if name not in self._unsupported}
            status, headers, content = self._post(sent)
            if status == 200:
                return self._reply(content)
            problem = self._problem(status, content)
            if status in (400, 422):
                unknown = {name for name in _OPTIONAL if name in sent and name in problem}
                self._unsupported |= unknown
                if unknown:
                    continue
            if status in (400, 413, 422, 500):
                reason = next((reason for reason, words in _OF_ARTICLE.items() if words.search(problem)), None)
                if reason is not None:
                    return ChatReply(content="", model="", finish_reason=reason)
            if (status and status not in _RETRIED) or "insufficient_quota" in problem:
                raise self._refusal(status, problem)
            if attempt < _ATTEMPTS - 1:
                self._wait(attempt, headers.get("retry-after"), problem)
        raise ServerError(f"{problem}, {_ATTEMPTS} times", location=self.url, hint=_HINT_CACHE)

    def _post(self, body: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """Return the status, headers and content of the response; status 0: there was none."""
        import requests

        host = urlsplit(self.url).hostname
        # A proxy that the environment names cannot reach this machine's own ports.
        proxies = {"no_proxy": host} if host and is_loopback(host) else None
        timeout = (10, self.timeout)
        self.n_requests += 1
        try:
            # A redirect may lead the key to another server.
            response = requests.post(
                self.url, json=body, auth=self._authorize, timeout=timeout, proxies=proxies, allow_redirects=False
            )
        except requests.RequestException as error:
            return 0, {}, type(error).__name__.encode()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return _status(response.status_code, response.content), headers, response.content

    def _authorize(self, request: Any) -> Any:
        """Add the key to a request. As a header it would be replaced by what a `.netrc` has for the server."""
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def _problem(self, status: int, content: bytes) -> str:
        """Return the server's problem in one line, without the key, which some servers quote."""
        text = content[:2_000].decode("utf-8", "replace")
        if not status:
            names = {"ConnectTimeout": "no connection", "ReadTimeout": f"no reply within {self.timeout:g} s"}
            return names.get(text, f"no reply ({text})")
        try:
            error = msgspec.json.decode(content)["error"]
            parts = (error.get("code"), error.get("message")) if isinstance(error, dict) else (error,)
            text = ": ".join(str(part) for part in parts if part)
        except (*DECODE_ERRORS, KeyError, TypeError):
            text = " ".join(text.split())[:200]
        text = text.replace(self._key, "[key]") if self._key else text
        return f"status {status}{f' ({text[:300]})' if text else ''}"

    def _refusal(self, status: int, problem: str) -> ConfigError | ServerError:
        hints = {
            401: f"set {KEY_VARIABLE} to a key of this endpoint",
            403: f"set {KEY_VARIABLE} to a key of this endpoint",
            404: "check --endpoint, and that the server has this model",
        }
        if 300 <= status < 400:
            return ConfigError(f"the endpoint redirects ({problem})", location=self.url, hint="name its own address")
        if "temperature" in problem:
            hints[status] = "choose another --temperature"
        if status in hints or status in (400, 413, 422):
            return ConfigError(
                f"the endpoint refuses the request: {problem}", location=self.url, hint=hints.get(status)
            )
        return ServerError(problem, location=self.url, hint=_HINT_CACHE)

    def _wait(self, attempt: int, retry_after: str | None, problem: str) -> None:
        seconds = max(float(2**attempt), parse_retry_after(retry_after))
        if seconds > _MAX_WAIT:
            message = f"{problem}: it asks to wait {seconds / 60:.0f} minutes"
            raise ServerError(message, location=self.url, hint=_HINT_CACHE)
        self._sleep(seconds)

    def _reply(self, content: bytes) -> ChatReply:
        try:
            completion = msgspec.json.decode(content, type=_Completion)
            choice = completion.choices[0]
        except (*DECODE_ERRORS, IndexError) as error:
            problem = f"not a chat completion: {str(error)[:200]}"
            raise ServerError(problem, location=self.url, hint="check --endpoint, which often ends in /v1") from None
        usage = completion.usage or _Usage()
        return ChatReply(
            content=choice.message.content or "",
            model=completion.model,
            fingerprint=completion.system_fingerprint,
            finish_reason=choice.finish_reason or "stop",
            refusal=choice.message.refusal,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
        )


def _status(status: int, content: bytes) -> int:
    """Return the status of a response; some servers send an error with status 200, and its own status in it."""
    try:
        body = msgspec.json.decode(content)
    except DECODE_ERRORS:
        return status
    if status != 200 or not isinstance(body, dict) or "choices" in body or not body.get("error"):
        return status
    code = body["error"].get("code") if isinstance(body["error"], dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def endpoint_key() -> str | None:
    """Return the key of the endpoint from the environment, or None."""
    return os.environ.get(KEY_VARIABLE) or None


def parse_retry_after(value: str | None) -> float:
    """Return the seconds that a `Retry-After` header names, as a number or as a date; 0 if it names none."""
    if value is None:
        return 0.0
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(email.utils.parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except ValueError:
        return 0.0


def _completions_url(endpoint: str, key: str | None) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"not an endpoint: {endpoint!r}", hint="name its base address: http://127.0.0.1:8000/v1")
    if parts.username or parts.password or parts.query:
        raise ConfigError("the address of the endpoint has a key in it", hint=f"set {KEY_VARIABLE} instead")
    if key and parts.scheme == "http" and not is_loopback(parts.hostname):
        hint = f"use https, or unset {KEY_VARIABLE}"
        raise ConfigError("the key would be sent unencrypted to another machine", location=endpoint, hint=hint)
    base = endpoint.rstrip("/")
    return base if base.endswith("/chat/completions") else f"{base}/chat/completions"
