"""Run a page of the documentation as a reader does: write its files and run its commands, in order, in one folder.

- A fenced block with `title="PATH"` is a file, which is written.
- In a fenced `console` block, a line `$ COMMAND` is run (a line that ends with a backslash continues); `cd` holds until
  the end of the page. What follows it is output, compared loosely: each line must be printed, in this order, where
  `...` stands for anything and white space counts as one space. A line of `...` alone stands for any lines.
- A comment `<!-- test: NAME -->` calls an action of the test, in place of what a person does there.
- A comment `<!-- test: exit 1 -->` before a block says that its last command ends with that code.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from goldwire.cli import main

__all__ = ["Action", "Block", "blocks", "commands", "run_page"]

Action = Callable[[Path], None]
"""What a test does in place of a person, in the current folder of the page."""

_FENCE = re.compile(r'^(?P<indent> *)```(?P<language>\w+)?(?: +title="(?P<title>[^"]+)")?[^\n]*$')
_COMMENT = re.compile(r"^ *<!-- test: (?P<name>.+?) -->$")
_TIMEOUT = 180


class Block(NamedTuple):
    """A fenced block, or a comment for the test (`language` is "test")."""

    line: int
    language: str
    title: str | None
    text: str


class _Command(NamedTuple):
    line: str
    output: tuple[str, ...]


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks and the test comments of a page in order."""
    lines = iter(enumerate(page.splitlines(), 1))
    for number, line in lines:
        if comment := _COMMENT.match(line):
            yield Block(number, "test", None, comment["name"])
        elif fence := _FENCE.match(line):
            content = []
            for _, inner in lines:
                if inner.strip() == "```":
                    break
                content.append(inner.removeprefix(fence["indent"]))
            yield Block(number, fence["language"] or "", fence["title"], "".join(f"{row}\n" for row in content))


def commands(block: Block) -> list[_Command]:
    """Return the commands of a console block with the output that it shows."""
    found: list[_Command] = []
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            found.append(_Command(line.removeprefix("$ "), ()))
        elif line.strip():
            found[-1] = found[-1]._replace(output=(*found[-1].output, line))
    return found


def run_page(
    page: Path,
    folder: Path,
    *,
    actions: Mapping[str, Action] | None = None,
    environment: Mapping[str, str] = {},
    in_process: bool = False,
) -> int:
    """Run a page in a folder and return the number of commands. A command that fails, or prints other things, raises.

    Parameters
    ----------
    page
        The Markdown file.
    folder
        Where the first command runs.
    actions
        By the names of the test comments.
    environment
        Added to that of this process; PATH starts with the programs of this Python.
    in_process
        Whether `goldwire` runs in this process, which saves its start: half a second to two seconds per command.
    """
    own = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_COLOR": "1"} | environment
    code, count = 0, 0
    for block in blocks(page.read_text(encoding="utf-8")):
        location = f"{page.name}:{block.line}"
        if block.language == "test" and block.text.startswith("exit "):
            code = int(block.text.removeprefix("exit "))
        elif block.language == "test":
            (actions or {})[block.text](folder)
        elif block.title is not None:
            (folder / block.title).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            rows = commands(block)
            for row in rows:
                expected = code if row is rows[-1] else 0
                folder = _run(row, folder, own, expected, location, in_process=in_process)
                count += 1
            code = 0
    return count


def _run(
    command: _Command, folder: Path, environment: Mapping[str, str], code: int, location: str, *, in_process: bool
) -> Path:
    """Run one command, compare its output, and return the folder that it ends in."""
    if in_process and command.line.startswith("goldwire "):
        returned, printed = _call(shlex.split(command.line), folder, environment)
    else:
        returned, printed, folder = _shell(command.line, folder, environment)
    assert returned == code, f"{location}: $ {command.line}\nexit code {returned}\n{printed}"
    missing = _missing(command.output, printed)
    assert missing is None, f"{location}: $ {command.line}\ndoes not print {missing!r} (in this order):\n{printed}"
    return folder


def _call(arguments: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[object, str]:
    """Call the command line in this process; return the exit code and what was printed."""
    printed = io.StringIO()
    with (
        chdir(folder),
        patch.dict(os.environ, environment),
        patch.object(sys, "argv", arguments),
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        try:
            main()
        except SystemExit as end:
            return end.code, printed.getvalue()
    raise AssertionError("the command line ends with an exit code")


def _shell(line: str, folder: Path, environment: Mapping[str, str]) -> tuple[int, str, Path]:
    """Run a line of bash; return the exit code, what was printed, and the folder that it ends in."""
    read, write = os.pipe()
    try:
        done = subprocess.run(
            ["bash", "-c", f"exec 3>&{write}\n{line}\nstatus=$?\npwd >&3\nexit $status"],
            cwd=folder,
            env=dict(environment),
            pass_fds=(write,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    finally:
        os.close(write)
        with os.fdopen(read) as end:
            ended_in = end.read().strip()
    return done.returncode, done.stdout, Path(ended_in)


def _missing(shown: tuple[str, ...], printed: str) -> str | None:
    """Return the first line of `shown` that was not printed after those before it; None if all were."""
    rest = iter(" ".join(line.split()) for line in printed.splitlines())
    for line in shown:
        parts = [re.escape(" ".join(part.split())) for part in line.split("...")]
        pattern = re.compile(r"\s*.*\s*".join(parts))
        if line.strip() != "..." and not any(pattern.fullmatch(candidate) for candidate in rest):
            return line
    return None
