"""The command line: the only part that prints and exits."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated

import typer

import goldwire
from goldwire.cli.options import ROOT, Root, app
from goldwire.errors import explain

__all__ = ["main"]

USAGE = 2  # exit code of anything a user can put right, as click's own
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

for _name in ("pipeline", "checks", "tools"):  # importing them declares their commands, in the order of the help
    import_module(f"goldwire.cli.{_name}")


def main() -> None:
    """Run the command line; every fault that a user can cause is one line on standard error and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        line = explain(error)
        if line is None and hasattr(error, "format_message"):  # a usage error of typer's
            line = f"{error.format_message()} (try --help)"
        if line is None:
            raise
        print(f"goldwire: {line}", file=sys.stderr)
        code = USAGE
    sys.exit(code if isinstance(code, int) else 0)


@app.callback(invoke_without_command=True)
def _goldwire(
    root: Root = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if root is not None:
        os.environ[ROOT] = str(root)
    if version:
        print(goldwire.__version__)
        raise typer.Exit
