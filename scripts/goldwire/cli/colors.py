"""Colours of help and errors: on a terminal only, and never with NO_COLOR (https://no-color.org)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, TextIO

import typer
from typer.core import TyperGroup

__all__ = ["ColoredContext", "error_line", "has_colors"]

_Context: Any = TyperGroup.context_class
_Formatter: Any = _Context.formatter_class
_HINT = "; hint: "


def has_colors(stream: TextIO) -> bool:
    """Return whether text on `stream` may have colours."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def error_line(message: str, *, color: bool) -> str:
    """Return an error as one line, in which the name of the program and the hint stand out.

    Examples
    --------
    >>> error_line("no batch 'b09'; hint: there is b01", color=False)
    "goldwire: no batch 'b09'; hint: there is b01"
    """
    if not color:
        return f"goldwire: {message}"
    problem, separator, hint = message.rpartition(_HINT)
    start = typer.style("goldwire:", fg="red", bold=True)
    if not separator:
        return f"{start} {message}"
    return f"{start} {problem}; {typer.style('hint:', fg='cyan', bold=True)} {hint}"


class _ColoredFormatter(_Formatter):  # type: ignore[misc]  # typer's own class, typed as Any
    def write_heading(self, heading: str) -> None:
        super().write_heading(typer.style(heading, fg="green", bold=True))

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        usage = typer.style(prefix or "Usage: ", fg="green", bold=True)
        super().write_usage(typer.style(prog, fg="cyan", bold=True), args, usage)

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        colored = [(typer.style(first, fg="cyan", bold=True), second) for first, second in rows]
        super().write_dl(colored, col_max, col_spacing)


class ColoredContext(_Context):  # type: ignore[misc]  # typer's own class, typed as Any
    """The context of a command, whose help has colours on a terminal."""

    def make_formatter(self) -> Any:
        """Return what writes the help."""
        formatter = _ColoredFormatter if has_colors(sys.stdout) else _Formatter
        return formatter(width=self.terminal_width, max_width=self.max_content_width)
