"""Command lines in Markdown, parsed as `goldwire` does, without running them."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import Any

import typer.main

from goldwire.cli.application import app
from support.console_blocks import blocks

__all__ = ["command_lines", "commands_in_sentences", "parse_command"]

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_IN_SENTENCE = re.compile(r"`goldwire ([a-z][^`]*)`")
_COMMAND = re.compile(r"^(?:\$ |.* exec labels |\w+=\S+ )?goldwire (.+)$", re.MULTILINE)


def command_lines(text: str) -> list[list[str]]:
    """Return the arguments of each goldwire command in the code blocks of a page; `#` starts a comment."""
    shells = [block.text for block in blocks(text) if block.language in {"", "console", "bash", "sh"}]
    lines = _COMMAND.findall("".join(shells).replace("\\\n", " "))
    return [shlex.split(line, comments=True) for line in lines]


def commands_in_sentences(text: str) -> list[list[str]]:
    """Return the arguments of each goldwire command that a sentence of a page quotes."""
    return [shlex.split(command) for command in _IN_SENTENCE.findall(_FENCED.sub("", text))]


@cache
def _root() -> Any:
    return typer.main.get_command(app)


def parse_command(arguments: list[str]) -> dict[str, Any]:
    """Return the values of arguments and options; raise click's error if they are not valid."""
    command = _root()
    context = command.make_context("goldwire", list(arguments), resilient_parsing=False)
    while hasattr(command, "commands") and (rest := [*context._protected_args, *context.args]):
        name, command, arguments = command.resolve_command(context, rest)
        context = command.make_context(name, list(arguments), parent=context)
    return dict(context.params)
