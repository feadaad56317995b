"""Results that are computed once per input, for tests that check nearly the same workspace many times.

Agreement takes three quarters of the time of a check, released files and near-duplicates most of the rest; and most
changes of a workspace do not touch what these depend on. A change of one article leaves gamma of the others: with gamma
computed by article, a check of a changed text takes 0.2 s instead of 0.65.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

import msgspec

from goldwire.agreement import annotator_report, batch
from goldwire.agreement.batch_context import BatchContext
from goldwire.checks import snapshot_reader
from goldwire.dedup import near_duplicates
from goldwire.workspace.layout import Workspace

__all__ = ["Results", "remember_results"]

Results = dict[bytes, Any]
"""Results by the digest of the function's name and input."""


@contextmanager
def remember_results(known: Results) -> Iterator[None]:
    """Let pure functions return what they returned for an equal input: equal input gives equal results."""
    gamma = import_module("goldwire.agreement.gamma")  # `goldwire.agreement.gamma` is the function of that name
    functions: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
        (batch, "measure_batch", _batch_input),
        (gamma, "article_disorders", lambda *arguments: arguments),
        (annotator_report, "mace", lambda codes: (codes.shape, codes.tobytes())),
        (snapshot_reader, "_read_release", _release_input),
        (near_duplicates, "near_duplicate_pairs", lambda texts, *options: (list(texts), options)),
    )
    with ExitStack() as patches:
        for module, name, read_input in functions:
            patches.enter_context(patch.object(module, name, _remembered(getattr(module, name), read_input, known)))
        yield


def _remembered(function: Callable[..., Any], read_input: Callable[..., Any], known: Results) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        content = msgspec.msgpack.encode((function.__name__, read_input(*arguments, **options)))
        key = hashlib.sha256(content).digest()
        if key not in known:
            known[key] = function(*arguments, **options)
        return known[key]

    return call


def _batch_input(name: str, layers: Sequence[Any], context: BatchContext, **options: Any) -> Any:
    return name, layers, context, options


def _release_input(workspace: Workspace, folder: str, paths: Sequence[str]) -> Any:
    """The paths of a released version with their bytes, or with None for one that cannot be read."""
    files: dict[str, bytes | None] = {}
    for path in paths:
        try:
            files[path] = (workspace.root / folder / path).read_bytes()
        except OSError:
            files[path] = None
    return folder, files
