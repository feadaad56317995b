"""The application: its commands in the order of the help, and what happens to errors."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

import goldwire
from goldwire.cli import annotation, corpus, quality, releases, setup
from goldwire.cli.groups import PanelGroup, print_help
from goldwire.cli.options import ROOT, Root
from goldwire.errors import explain

__all__ = ["app", "main"]

USAGE_ERROR = 2  # exit code of every error that the user can fix, as click has it
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

app = typer.Typer(
    cls=PanelGroup,
    help="Turn raw news articles into annotated training data that researchers can trust.",
    context_settings={"max_content_width": 100},
    rich_markup_mode=None,  # rich takes 0.3 s to import: `--help` would take twice as long
    pretty_exceptions_enable=False,
)

for _commands in (setup, corpus, annotation, quality, releases):
    _commands.add_to(app)


@app.callback(invoke_without_command=True)
def _goldwire(
    context: typer.Context,
    root: Root = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if root is not None:
        os.environ[ROOT] = str(root)
    if version:
        print(goldwire.__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        print_help(context)


def main() -> None:
    """Run the command line. An error that the user can fix is one line on standard error, and exit code 2."""
    try:
        code = app(prog_name="goldwire", standalone_mode=False)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        line = explain(error)
        if line is None and hasattr(error, "format_message"):  # a usage error of click
            message = str(error.format_message()).rstrip(".")
            line = f"{message}; hint: see `{_command_of(error)} --help`"
        if line is None:
            raise
        print(f"goldwire: {line}", file=sys.stderr)
        code = USAGE_ERROR
    sys.exit(code if isinstance(code, int) else 0)


def _command_of(error: Exception) -> str:
    """Return the command line that a usage error is about, without its arguments."""
    context = getattr(error, "ctx", None)
    return "goldwire" if context is None else str(context.command_path)
