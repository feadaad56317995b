"""A language model as an annotator: prompts, replies, their cache, and what they cost."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DECODE_ERRORS
from goldwire.prelabeling.chat_client import ChatClient, ChatReply
from goldwire.prelabeling.chat_prompt import Prompt, parse_reply
from goldwire.prelabeling.machine_answers import Answer, AnswerContext
from goldwire.workspace import atomic, private_files

__all__ = ["ChatModel", "ChatUsage", "ReplyCache"]

_REPAIR = "Your answer cannot be read: {problem}. Answer again, with one complete JSON object of the schema only."


class ChatUsage(msgspec.Struct, frozen=True, kw_only=True):
    """Number and cost of the replies of a run.

    Parameters
    ----------
    requests : int
        Requests that were sent, repeated ones included.
    cached : int
        Replies that were in the cache.
    prompt_tokens, completion_tokens : int
        Tokens as the endpoint counts them, without those of cached replies.
    cost : float or None
        Their price, if prices were given.
    """

    requests: int
    cached: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None = None


class ReplyCache:
    """Replies in files that only their owner may read, by a digest of the endpoint and the whole request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> ChatReply | None:
        """Return the reply to a request, or None; a damaged file is none."""
        try:
            return msgspec.json.decode(self._path(key).read_bytes(), type=ChatReply)
        except (FileNotFoundError, *DECODE_ERRORS):
            return None

    def put(self, key: str, reply: ChatReply) -> None:
        """Store the reply to a request."""
        private_files.private_dir(self._path(key).parent)
        atomic.write_bytes(self._path(key), msgspec.json.encode(reply))

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"


class ChatModel:
    """Asks a model about articles. Safe to call from several threads.

    Parameters
    ----------
    client : ChatClient
    model : str
        Name of the model at the endpoint.
    prompt : Prompt
    cache : ReplyCache
    temperature : float
    prices : tuple of float, optional
        Prices of a million prompt tokens and of a million completion tokens.
    """

    def __init__(
        self,
        client: ChatClient,
        model: str,
        prompt: Prompt,
        cache: ReplyCache,
        *,
        temperature: float = 0.0,
        prices: tuple[float, float] | None = None,
    ) -> None:
        self.prompt = prompt
        self.temperature = temperature
        self.models: set[tuple[str, str | None]] = set()
        self._client, self._model, self._cache, self._prices = client, model, cache, prices
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def usage(self) -> ChatUsage:
        """Number and cost of the replies so far."""
        tokens = self._counts["prompt"], self._counts["completion"]
        cost = None
        if self._prices is not None:
            cost = sum(price * count for price, count in zip(self._prices, tokens, strict=True)) / 1e6
        return ChatUsage(
            requests=self._client.n_requests,
            cached=self._counts["cached"],
            prompt_tokens=tokens[0],
            completion_tokens=tokens[1],
            cost=cost,
        )

    def answer(self, context: AnswerContext, run: int = 0) -> Answer | str:
        """Return the answer about an article, or why there is none: `refused`, `too long`, `truncated`, `unreadable`.

        A truncated or unreadable reply is asked for once more, with the problem. Only answers are cached, so that a
        repeated command asks again for what failed.
        """
        messages = self.prompt.messages(context)
        problem = ""
        for _ in range(2):
            body = self._body(messages, context, run)
            reply = self._reply(body)
            if reply.refusal or reply.finish_reason == "content_filter":
                return "refused"
            if reply.finish_reason == "context_length":
                return "too long"
            try:
                if reply.finish_reason == "length":
                    raise ValueError("it was cut off")
                answer = parse_reply(reply.content)
            except ValueError as error:
                problem = "truncated" if reply.finish_reason == "length" else "unreadable"
                repair = {"role": "user", "content": _REPAIR.format(problem=error)}
                messages = [*messages[:2], {"role": "assistant", "content": reply.content}, repair]
                continue
            self._cache.put(self._key(body), reply)
            return answer
        return problem

    def _body(self, messages: list[dict[str, str]], context: AnswerContext, run: int) -> dict[str, Any]:
        schema = self.prompt.answer_schema(context.targets)
        return {
            "model": self._model,
            "messages": messages,
            "temperature": self.temperature,
            "seed": run,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "annotations", "strict": True, "schema": schema},
            },
        }

    def _reply(self, body: Mapping[str, Any]) -> ChatReply:
        cached = self._cache.get(self._key(body))
        reply = self._client.complete(body) if cached is None else cached
        with self._lock:
            if reply.content:
                self.models.add((reply.model or self._model, reply.fingerprint))
            if cached is not None:
                self._counts["cached"] += 1
            else:
                self._counts.update(prompt=reply.prompt_tokens, completion=reply.completion_tokens)
        return reply

    def _key(self, body: Mapping[str, Any]) -> str:
        content = msgspec.json.encode([self._client.url, body], order="sorted")
        return hashlib.sha256(content).hexdigest()
