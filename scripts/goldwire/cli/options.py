"""How a command is declared: its parameters are a function's, its work is an action that gives a report.

The function takes the command's parameters and returns the keyword arguments of the action; `--root`, `--json` and
`--quiet` are added to each.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldwire.progress import QUIET
from goldwire.stages import STAGES

if TYPE_CHECKING:
    from goldwire.workspace.layout import Workspace

__all__ = ["ROOT", "AsJson", "Batch", "Options", "Quiet", "Root", "app", "command", "emit", "find", "stage", "summary"]

Options = dict[str, Any]
ROOT = "GOLDWIRE_ROOT"

Root = Annotated[
    Path | None,
    typer.Option("--root", metavar="DIR", envvar=ROOT, help="The workspace; without, the nearest parent that is one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Batch = Annotated[str, typer.Argument(metavar="BATCH", help="The batch's name, such as b01.", show_default=False)]

app = typer.Typer(
    help="Turn raw news articles into annotated training data that researchers can trust.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def find(root: Path | None) -> Workspace:
    """The workspace that was named, or the one that the command runs in."""
    from goldwire.workspace.layout import find_workspace

    return find_workspace(root or Path.cwd(), explicit=root is not None)


def emit(report: Any, *, as_json: bool, quiet: bool) -> None:
    """Print a report as a program or a person reads it, and end with its exit code."""
    if as_json:
        import msgspec

        print(msgspec.json.encode(report).decode())
    elif not quiet:
        for line in report.lines():
            print(line)
    code = getattr(report, "exit_code", 0)
    if code:
        raise typer.Exit(code)


def command(name: str, summary: str, action: Callable[..., Any], *, group: typer.Typer = app) -> Callable[..., Any]:
    """Declare a command: `action(workspace, **options)` gives a report, `options` being what the function returns."""

    def declare(options: Callable[..., Options]) -> Callable[..., Options]:
        def run(*, root: Path | None = None, as_json: bool = False, quiet: bool = False, **given: Any) -> None:
            if as_json or quiet:
                os.environ[QUIET] = "1"
            emit(action(find(root), **options(**given)), as_json=as_json, quiet=quiet)

        own = inspect.signature(options, eval_str=True).parameters.values()
        shared = {"root": (Root, None), "as_json": (AsJson, False), "quiet": (Quiet, False)}
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # typer reads it
            [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
            + [
                inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
                for key, (kind, default) in shared.items()
            ]
        )
        run.__annotations__ = {}
        group.command(name, help=summary, short_help=summary)(run)
        return options

    return declare


def stage(name: str) -> Callable[..., Any]:
    """Declare the command of a stage, whose module is imported only when it runs."""

    def action(workspace: Workspace, **options: Any) -> Any:
        return import_module(f"goldwire.stages.{name}").run(workspace, **options)

    return command(name, summary(name), action)


def summary(name: str) -> str:
    """What the help says of a stage."""
    return next(stage.summary for stage in STAGES if stage.name == name)
