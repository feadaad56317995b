"""The application: its commands in the order of the help, and what happens to errors."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

import goldwire
from goldwire.cli import agreement, annotation, checks, corpus, exchange, inference, machines, releases, server, setup
from goldwire.cli.colors import error_line, has_colors
from goldwire.cli.groups import PanelGroup, print_help
from goldwire.cli.options import ROOT, Root
from goldwire.errors import explain

__all__ = ["app", "main"]

USAGE_ERROR = 2  # exit code of every error, as click has it
TRACEBACK = "GOLDWIRE_TRACEBACK"  # the environment variable that prints the traceback of an internal error
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

app = typer.Typer(
    cls=PanelGroup,
    help="Turn raw news articles into annotated training data that researchers can trust.",
    context_settings={"max_content_width": 100},
    rich_markup_mode=None,  # rich takes 0.3 s to import: `--help` would take twice as long
    pretty_exceptions_enable=False,
)

for _commands in (setup, corpus, annotation, agreement, server, machines, checks, inference, releases, exchange):
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
    """Run the command line. An error is one line on standard error, and exit code 2."""
    # The matrices are small: with a thread per core, `release` took 38 s of processor time instead of 9.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _set_output_encoding()
    try:
        code = app(prog_name="goldwire", standalone_mode=False)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:  # noqa: BLE001 - the one place where every error ends
        line = explain(error)
        if line is None and hasattr(error, "format_message"):  # a usage error of click
            message = str(error.format_message()).rstrip(".")
            line = f"{message}; hint: see `{_command_of(error)} --help`"
        if line is None:
            line = _bug_report(error)
        print(error_line(line, color=has_colors(sys.stderr)), file=sys.stderr)
        code = USAGE_ERROR
    sys.exit(code if isinstance(code, int) else 0)


def _set_output_encoding() -> None:
    """Write UTF-8 into files and pipes, and escape what a terminal cannot show.

    On Windows, Python writes piped output in the code page of the system, which no reader of JSON expects.
    """
    for stream in (sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):
            continue
        is_free = not stream.isatty() and "PYTHONIOENCODING" not in os.environ
        stream.reconfigure(encoding="utf-8" if is_free else None, errors="backslashreplace")


def _bug_report(error: Exception) -> str:
    """Return the line for an error of goldwire itself, whose traceback is written to a file; `TRACEBACK` prints it."""
    import tempfile
    import traceback

    details = "".join(traceback.format_exception(error))
    if os.environ.get(TRACEBACK):
        print(details, file=sys.stderr, end="")
    name = "the traceback"
    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="goldwire-traceback-", suffix=".txt")
        os.close(handle)
        report = f"goldwire {goldwire.__version__}, Python {sys.version}\n{' '.join(sys.argv)}\n\n{details}"
        Path(name).write_text(report, encoding="utf-8", errors="backslashreplace")
    summary = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".rstrip(": ")
    return f"internal error: {summary}; hint: this is a bug in goldwire: please report it with {name}"


def _command_of(error: Exception) -> str:
    """Return the command line that a usage error is about, without its arguments."""
    context = getattr(error, "ctx", None)
    return "goldwire" if context is None else str(context.command_path)
