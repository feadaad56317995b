"""Commands of the annotation server: `server`, `status`, and what a project lead needs beside them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import SERVER, DefaultCommandGroup, PanelGroup, print_help
from goldwire.cli.options import AsJson, Batch, Insecure, Quiet, Root, allow_insecure, example, find, print_report

__all__ = ["add_to"]

_server = typer.Typer(cls=PanelGroup, rich_markup_mode=None, invoke_without_command=True)
_people = typer.Typer(cls=DefaultCommandGroup, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_server, name="server", help="Run a Doccano server for this workspace.", rich_help_panel=SERVER)
    app.add_typer(
        _people,
        name="people",
        help="Print what each annotator needs to start. `goldwire people BATCH` means `goldwire people run BATCH`.",
        short_help="Print what each annotator of a batch needs to start: address, user name, password.",
        rich_help_panel=SERVER,
    )
    app.command(
        "backup",
        help="Back up the server's data and all secrets, encrypted with a passphrase. The server may be running.",
        short_help="Back up the server's data and all secrets, encrypted with a passphrase.",
        epilog=example("goldwire backup /media/usb/labels-2026-11-29.tar"),
        rich_help_panel=SERVER,
    )(_backup)
    app.command(
        "restore",
        help="Restore a backup into a workspace that has no server.",
        epilog=example("goldwire restore /media/usb/labels-2026-11-29.tar"),
        rich_help_panel=SERVER,
    )(_restore)
    app.command(
        "status",
        help="List the batches, or show progress, pace and top disagreements of one.",
        epilog=example("goldwire status", "goldwire status b01 --serve"),
        rich_help_panel=SERVER,
    )(_status)


@_server.callback()
def _server_group(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print_help(context)


@_server.command(
    "start",
    help="Start the server, or report the running one. The first start installs Doccano for this workspace.",
    short_help="Start the server, or report the running one.",
    epilog=example(
        "goldwire server start --port 8000",
        "goldwire server start --port 8000 --public-url https://labels.example.org --trusted-proxy 127.0.0.1",
    ),
)
def _server_start(
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="GOLDWIRE_DATABASE",
            help="postgresql://..., for a team. [default: SQLite]",
            show_envvar=True,
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=65535, help="Port. [default: any free port]")
    ] = None,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on. [default: last start's, or 127.0.0.1]")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Address that annotators open, such as https://labels.example.org."),
    ] = None,
    tls_cert: Annotated[
        str | None, typer.Option(metavar="FILE", help="PEM file of the certificate, with intermediate ones.")
    ] = None,
    tls_key: Annotated[str | None, typer.Option(metavar="FILE", help="PEM file of the certificate's key.")] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="Reverse proxy whose X-Forwarded-* headers are believed; repeatable. [default: none]",
        ),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let people on other machines sign in without TLS.")
    ] = False,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay until the server ends, or until Ctrl-C or SIGTERM stops it.")
    ] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.doccano.server import lifecycle
    from goldwire.doccano.server.network import make_network

    network = partial(
        make_network,
        host=host,
        public_url=public_url,
        tls_cert=tls_cert,
        tls_key=tls_key,
        trusted_proxies=trusted_proxy,
        insecure=insecure,
    )
    workspace = find(root)
    report = lifecycle.start_server(workspace, database=database, port=port, network=network)
    print_report(report, as_json=as_json, quiet=quiet)
    if foreground:
        lifecycle.wait(workspace)


@_server.command("status", help="Show server status.", epilog=example("goldwire server status"))
def _server_status(root: Root = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    from goldwire.doccano.server import lifecycle

    print_report(lifecycle.report_status(find(root)), as_json=as_json, quiet=quiet)


@_server.command("stop", help="Stop the server (its data is kept).", epilog=example("goldwire server stop"))
def _server_stop(root: Root = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    from goldwire.doccano.server import lifecycle

    print_report(lifecycle.stop_server(find(root)), as_json=as_json, quiet=quiet)


@_people.command(
    "run",
    help="Print address, user name and password of each annotator of a batch. This is the default command.",
    short_help="Print address, user name and password of each annotator of a batch.",
    epilog=example("goldwire people b01"),
)
def _people_run(
    batch: Batch, insecure: Insecure = False, root: Root = None, as_json: AsJson = False, quiet: Quiet = False
) -> None:
    from goldwire.stages import people as stage

    allow_insecure(insecure)
    print_report(stage.run(find(root), batch=batch), as_json=as_json, quiet=quiet)


@_people.command(
    "reset",
    help="Give an annotator a new password, and end all sessions with the old one.",
    epilog=example("goldwire people reset A1"),
)
def _people_reset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Pseudonym of the annotator.", show_default=False)],
    insecure: Insecure = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import people as stage

    allow_insecure(insecure)
    print_report(stage.reset(find(root), annotator=name), as_json=as_json, quiet=quiet)


_PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="File with the passphrase in its first line. [default: GOLDWIRE_PASSPHRASE, or a prompt]",
    ),
]


def _backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file to write.", show_default=False)],
    passphrase_file: _PassphraseFile = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.doccano.server.passphrase import read_passphrase
    from goldwire.stages import backup as stage

    workspace, passphrase = find(root), read_passphrase(passphrase_file, is_new=True)
    print_report(stage.run(workspace, file=file, passphrase=passphrase), as_json=as_json, quiet=quiet)


def _restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="File that `goldwire backup` wrote.", show_default=False)
    ],
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="GOLDWIRE_DATABASE",
            help="Empty PostgreSQL database to fill. [default: that of the backup]",
            show_envvar=True,
        ),
    ] = None,
    passphrase_file: _PassphraseFile = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.doccano.server.passphrase import read_passphrase
    from goldwire.stages import restore as stage

    workspace, passphrase = find(root), read_passphrase(passphrase_file, is_new=False)
    report = stage.run(workspace, file=file, passphrase=passphrase, database=database)
    print_report(report, as_json=as_json, quiet=quiet)


def _status(
    batch: Annotated[
        str | None, typer.Argument(metavar="BATCH", help="Name of the batch. [default: list all batches]")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve a web page that refreshes itself.")] = False,
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port of the page; 0 means any free port.")
    ] = 0,
    insecure: Insecure = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import batches
    from goldwire.stages import status as stage

    allow_insecure(insecure)
    workspace = find(root)
    if batch is None:
        if serve:
            raise typer.BadParameter("--serve needs a batch")
        print_report(batches.run(workspace), as_json=as_json, quiet=quiet)
        return
    report = stage.run(workspace, batch=batch)
    if not serve:
        print_report(report, as_json=as_json, quiet=quiet)
        return
    from goldwire.report import dashboard

    board = dashboard.open_board(lambda: stage.run(workspace, batch=batch), port=port, first=report)
    print(f"http://127.0.0.1:{board.server_port}/ (stop with Ctrl-C)", flush=True)
    board.serve_forever()
