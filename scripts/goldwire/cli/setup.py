"""Commands that create a workspace, show what one does, or examine it: `init`, `demo` and `doctor`."""

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
        help="Take the sample articles to a loaded dataset, through a real Doccano server, in a new folder.",
        short_help="Take the sample articles to a loaded dataset, through a real Doccano server.",
        epilog=example("goldwire demo", "goldwire demo --serve"),
        rich_help_panel=WORKSPACE,
    )(_demo)
    app.command(
        "doctor",
        help="Examine the installation, the workspace and the server; exit code 1 on a problem.",
        epilog=example("goldwire doctor", "goldwire doctor --json"),
        rich_help_panel=WORKSPACE,
    )(_doctor)


def _init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder; created if missing.", show_default=False)],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.workspace import scaffold

    print_report(scaffold.create_workspace(folder), as_json=as_json, quiet=quiet)


def _demo(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help="New folder to work in. [default: goldwire-demo, or .goldwire/demo in a workspace]",
            show_default=False,
        ),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Keep the server running, and print how to sign in.")] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.errors import MissingFileError
    from goldwire.stages import demo as stage

    try:
        workspace = find(root)
    except MissingFileError:
        workspace = None
    lines = []
    for line in stage.run(workspace, folder=folder, serve=serve):
        lines.append(line)
        if not (as_json or quiet):
            print(line, flush=True)
    if as_json:
        import msgspec

        print(msgspec.json.encode({"lines": lines}).decode())


def _doctor(root: Root = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    from goldwire.stages import doctor as stage

    print_report(stage.run(root or Path.cwd(), explicit=root is not None), as_json=as_json, quiet=quiet)
