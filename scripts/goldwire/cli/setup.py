"""Commands that make a workspace, or show what one does: `init` and `demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import WORKSPACE
from goldwire.cli.options import AsJson, Quiet, Root, example, find, print_report

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "init",
        help="Create a workspace: folders, label schema, guidelines and settings to start from.",
        epilog=example("goldwire init my-dataset"),
        rich_help_panel=WORKSPACE,
    )(_init)
    app.command(
        "demo",
        help="Take the sample articles to a loaded dataset, through a real Doccano server.",
        epilog=example("goldwire demo --serve"),
        rich_help_panel=WORKSPACE,
    )(_demo)


def _init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder; created if missing.", show_default=False)],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.workspace import scaffold

    print_report(scaffold.create_workspace(folder), as_json=as_json, quiet=quiet)


def _demo(
    serve: Annotated[bool, typer.Option("--serve", help="Keep the server running, and print how to sign in.")] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import demo as stage

    lines = []
    for line in stage.run(find(root), serve=serve):
        lines.append(line)
        if not (as_json or quiet):
            print(line, flush=True)
    if as_json:
        import msgspec

        print(msgspec.json.encode({"lines": lines}).decode())
