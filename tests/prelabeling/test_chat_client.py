"""The chat client against a server that is busy, broken, slow or refuses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from goldwire.errors import ConfigError, GoldwireError, ServerError
from goldwire.prelabeling.chat_client import ChatClient, parse_retry_after
from support import fake_chat
from support.fake_chat import KEY, FakeChat, completion, error

BODY = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "seed": 0}
BUSY = error(429, "rate_limit_exceeded", "Rate limit reached", retry_after="7")


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat.serve() as serving:
        yield serving


def client(server: FakeChat, waits: list[float], **options: object) -> ChatClient:
    return ChatClient(server.endpoint, sleep=waits.append, **options)  # type: ignore[arg-type]


def test_a_reply_has_its_content_model_and_tokens(server: FakeChat) -> None:
    server.key = KEY
    reply = client(server, [], key=KEY).complete(BODY)
    assert (reply.content, reply.model) == ('{"spans": [], "stances": []}', fake_chat.MODEL)
    assert (reply.prompt_tokens, reply.completion_tokens, reply.fingerprint) == (1000, 50, "fp_44709d6fcb")


def test_a_busy_server_is_asked_again_after_the_time_that_it_names(server: FakeChat) -> None:
    waits: list[float] = []
    server.script = [BUSY, error(500, "server_error", "oops"), (503, {}, b"<html>overloaded</html>")]
    assert client(server, waits).complete(BODY).content
    assert waits == [7.0, 2.0, 4.0]


def test_a_server_that_stays_busy_is_a_one_line_error(server: FakeChat) -> None:
    waits: list[float] = []
    server.script = [error(500, "server_error", "oops")] * 9
    with pytest.raises(ServerError, match=r"status 500 \(server_error: oops\), 6 times.*not asked again"):
        client(server, waits).complete(BODY)
    assert waits == [1, 2, 4, 8, 16]


def test_a_wait_of_hours_and_an_empty_account_end_the_command(server: FakeChat) -> None:
    server.script = [error(429, "rate_limit_exceeded", "daily limit", retry_after="7200")]
    with pytest.raises(ServerError, match="asks to wait 120 minutes"):
        client(server, []).complete(BODY)
    server.script = [error(429, "insufficient_quota", "You exceeded your current quota")]
    with pytest.raises(GoldwireError, match="insufficient_quota"):
        client(server, []).complete(BODY)
    assert len(server.requests) == 2


def test_a_slow_reply_is_asked_for_again(server: FakeChat) -> None:
    server.script = [fake_chat.slow(1.0, completion("late"))]
    waits: list[float] = []
    assert client(server, waits, timeout=0.2).complete(BODY).content != "late"
    assert waits == [1]


def test_only_requests_to_this_machine_pass_no_proxy(server: FakeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there
    assert client(server, []).complete(BODY).content
    assert ChatClient(server.endpoint.replace("127.0.0.1", "localhost"), sleep=[].append).complete(BODY).content
    monkeypatch.setenv("http_proxy", server.endpoint.removesuffix("/v1"))
    with pytest.raises(ConfigError, match=r"POST http://model\.example/v1/chat/completions"):
        ChatClient("http://model.example/v1").complete(BODY)


def test_the_key_is_sent_although_a_netrc_has_a_password(
    server: FakeChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login ada password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.key = KEY
    assert client(server, [], key=KEY).complete(BODY).content


def test_the_key_is_in_no_message(server: FakeChat) -> None:
    server.key = "sk-another"
    with pytest.raises(ConfigError) as caught:
        client(server, [], key=KEY).complete(BODY)
    assert "OPENAI_API_KEY" in str(caught.value)
    assert "[key]" in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("endpoint", "problem"),
    [
        ("http://model.example/v1", "unencrypted"),
        ("https://user:secret@model.example/v1", "has a key in it"),
        ("https://model.example/v1?key=secret", "has a key in it"),
        ("model.example", "not an endpoint"),
        ("file:///etc/passwd", "not an endpoint"),
    ],
)
def test_an_endpoint_that_would_reveal_the_key_is_refused(endpoint: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        ChatClient(endpoint, KEY)


def test_fields_that_a_server_does_not_know_are_left_out(server: FakeChat) -> None:
    server.script = [error(400, "unknown_parameter", "Unrecognized request argument supplied: seed")]
    asking = client(server, [])
    asking.complete(BODY)
    asking.complete(BODY)
    assert ["seed" in request for request in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        # As Azure, OpenAI, vLLM and two versions of llama.cpp word it.
        (error(400, "content_filter", "The response was filtered due to the prompt"), "content_filter"),
        (
            error(400, "context_length_exceeded", "This model's maximum context length is 8192 tokens."),
            "context_length",
        ),
        ((400, {}, {"object": "error", "message": "maximum context length is 4096 tokens"}), "context_length"),
        ((400, {}, {"error": {"code": 400, "message": "exceeds the available context size"}}), "context_length"),
        ((500, {}, {"error": {"code": 500, "message": "Context size has been exceeded."}}), "context_length"),
    ],
)
def test_an_article_that_is_refused_does_not_end_the_command(
    server: FakeChat, refusal: fake_chat.Reply, reason: str
) -> None:
    server.script = [refusal]
    reply = client(server, []).complete(BODY)
    assert (reply.content, reply.finish_reason, len(server.requests)) == ("", reason, 1)


def test_an_error_with_status_200_is_an_error(server: FakeChat) -> None:
    waits: list[float] = []
    server.script = [(200, {}, {"error": {"code": code, "message": "Provider returned error"}}) for code in (502, None)]
    assert client(server, waits).complete(BODY).content
    assert waits == [1, 2]
    server.script = [(200, {}, {"error": {"code": 401, "message": "No auth credentials found"}})]
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        client(server, waits).complete(BODY)


def test_a_redirect_a_wrong_address_and_another_protocol_are_errors(server: FakeChat) -> None:
    server.script = [(302, {"location": "https://elsewhere.example/"}, {})]
    with pytest.raises(ConfigError, match="redirects"):
        client(server, []).complete(BODY)
    with pytest.raises(ConfigError, match=r"unknown_url.*check --endpoint"):
        ChatClient(server.endpoint + "/other").complete(BODY)
    server.script = [(200, {}, {"ok": True})]
    with pytest.raises(ServerError, match="not a chat completion"):
        client(server, []).complete(BODY)


def test_a_server_that_is_not_there_is_a_one_line_error() -> None:
    with pytest.raises(ServerError, match="no reply"):
        ChatClient("http://127.0.0.1:9/v1", sleep=lambda _: None).complete(BODY)


def test_retry_after_is_a_number_or_a_date() -> None:
    assert (parse_retry_after("2.5"), parse_retry_after(None), parse_retry_after("soon")) == (2.5, 0.0, 0.0)
    assert 50 < parse_retry_after(formatdate(time.time() + 60, usegmt=True)) <= 60
