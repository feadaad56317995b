"""Commands of a round of annotation: `sample`, `push`, `pull`, and the server with its `status`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import PIPELINE, SERVER, PanelGroup, print_help
from goldwire.cli.options import (
    AcceptLoss,
    AsJson,
    Batch,
    Order,
    Quiet,
    Root,
    TaskKind,
    WindowUnit,
    comma_separated,
    example,
    find,
    finite,
    print_report,
    show_report,
    summary,
)

__all__ = ["add_to"]


_server = typer.Typer(cls=PanelGroup, rich_markup_mode=None, invoke_without_command=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "sample",
        help=summary("sample"),
        epilog=example(
            "goldwire sample b01 --annotators A1,A2,A3 --overlap 2 --max-articles 100",
            "goldwire sample b02 --annotators A1,A2 --kind stance --targets targets.txt",
        ),
        rich_help_panel=PIPELINE,
    )(_sample)
    app.command(
        "push",
        help=summary("push"),
        epilog=example("goldwire push b01", "goldwire push b01 --prelabel gazetteer"),
        rich_help_panel=PIPELINE,
    )(_push)
    app.command(
        "pull",
        help=summary("pull"),
        epilog=example("goldwire pull b01 --watch"),
        rich_help_panel=PIPELINE,
    )(_pull)
    app.add_typer(
        _server, name="server", help="Run a Doccano server for this workspace, on 127.0.0.1.", rich_help_panel=SERVER
    )
    app.command(
        "status",
        help="List the batches, or show progress, pace and top disagreements of one.",
        epilog=example("goldwire status", "goldwire status b01 --serve"),
        rich_help_panel=SERVER,
    )(_status)


def _sample(
    batch: Batch,
    annotators: Annotated[
        str, typer.Option(metavar="NAMES", help="Pseudonyms, comma-separated: A1,A2,A3.", show_default=False)
    ],
    overlap: Annotated[int, typer.Option(metavar="N", min=1, help="Number of annotators per article.")] = 2,
    max_articles: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Maximum number of articles. [default: all]")
    ] = None,
    calibration: Annotated[
        int, typer.Option(metavar="N", min=0, help="Give the first N articles to every annotator.")
    ] = 0,
    max_per_annotator: Annotated[
        str,
        typer.Option(
            metavar="N", help="Maximum number of tasks per annotator: 40, or A1=40,A2=20.", show_default=False
        ),
    ] = "",
    stratify: Annotated[
        str,
        typer.Option(
            metavar="KEYS", help="Sample in proportion to some of: source,year,month,length.", show_default=False
        ),
    ] = "",
    order: Annotated[
        Order, typer.Option(help="Order of selection; uncertain: those first that a model is least sure of.")
    ] = "random",
    kind: Annotated[
        TaskKind, typer.Option(help="What to annotate: entities and stances in the text, or the article's own stance.")
    ] = "entities",
    targets: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Targets of --kind stance, one per line. [default: salient entities of the gold]"
        ),
    ] = None,
    max_targets: Annotated[
        int, typer.Option(metavar="N", min=1, help="Maximum number of salient entities per article.")
    ] = 3,
    window_unit: Annotated[
        WindowUnit, typer.Option(help="Annotate whole articles, or windows of paragraphs or sentences.")
    ] = "whole",
    window_size: Annotated[int, typer.Option(metavar="N", min=1, help="Window size, in paragraphs or sentences.")] = 5,
    window_context: Annotated[
        int, typer.Option(metavar="N", min=0, help="Read-only context on each side of a window, in the same unit.")
    ] = 1,
    article: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this article; repeatable. [default: all]")
    ] = None,
    whole_clusters: Annotated[
        bool, typer.Option("--whole-clusters", help="Take all near-duplicates of an article, not one.")
    ] = False,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Random seed. [default: workspace seed]")] = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import sample as stage

    report = stage.run(
        find(root),
        batch=batch,
        annotators=comma_separated(annotators),
        overlap=overlap,
        max_articles=max_articles,
        calibration=calibration,
        max_per_annotator=max_per_annotator,
        stratify=comma_separated(stratify),
        order=order,
        kind=kind,
        targets=targets,
        max_targets=max_targets,
        window_unit=window_unit,
        window_size=window_size,
        window_context=window_context,
        articles=tuple(article or ()),
        whole_clusters=whole_clusters,
        seed=seed,
    )
    print_report(report, as_json=as_json, quiet=quiet)


def _push(
    batch: Batch,
    prelabel: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Labels to start from: gazetteer, model[:NAME] or layer:[BATCH/]NAME. [default: none]",
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Delete server work that is no longer planned, after saving a backup."),
    ] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import push as stage

    report = stage.run(find(root), batch=batch, prelabel=prelabel, force=force)
    print_report(report, as_json=as_json, quiet=quiet)


def _pull(
    batch: Batch,
    watch: Annotated[bool, typer.Option("--watch", help="Repeat, and report what is new, until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", callback=finite, help="Seconds between polls with --watch.")
    ] = 20,
    accept_loss: AcceptLoss = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import pull as stage

    workspace = find(root)
    if watch and accept_loss:
        raise typer.BadParameter("--accept-loss is for one pull, and --watch repeats it")
    if not watch:
        print_report(stage.run(workspace, batch=batch, accept_loss=accept_loss), as_json=as_json, quiet=quiet)
        return
    for report in stage.watch(workspace, batch=batch, every=every):
        show_report(report, as_json=as_json, quiet=quiet)


@_server.callback()
def _server_group(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print_help(context)


@_server.command(
    "start",
    help="Start the server, or report the running one. The first start installs Doccano for this workspace.",
    short_help="Start the server, or report the running one.",
    epilog=example("goldwire server start --port 8000"),
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
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.doccano.server import lifecycle

    print_report(lifecycle.start_server(find(root), database=database, port=port), as_json=as_json, quiet=quiet)


@_server.command("status", help="Show server status.", epilog=example("goldwire server status"))
def _server_status(root: Root = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    from goldwire.doccano.server import lifecycle

    print_report(lifecycle.report_status(find(root)), as_json=as_json, quiet=quiet)


@_server.command("stop", help="Stop the server (its data is kept).", epilog=example("goldwire server stop"))
def _server_stop(root: Root = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    from goldwire.doccano.server import lifecycle

    print_report(lifecycle.stop_server(find(root)), as_json=as_json, quiet=quiet)


def _status(
    batch: Annotated[
        str | None, typer.Argument(metavar="[BATCH]", help="Name of the batch. [default: list all batches]")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve a web page that refreshes itself.")] = False,
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port of the page; 0 means any free port.")
    ] = 0,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import status as stage

    workspace = find(root)
    if batch is None:
        if serve:
            raise typer.BadParameter("--serve needs a batch")
        print_report(stage.list_batches(workspace), as_json=as_json, quiet=quiet)
        return
    report = stage.run(workspace, batch=batch)
    if not serve:
        print_report(report, as_json=as_json, quiet=quiet)
        return
    from goldwire.report import dashboard

    board = dashboard.open_board(lambda: stage.run(workspace, batch=batch), port=port)
    print(f"http://127.0.0.1:{board.server_port}/ (stop with Ctrl-C)", flush=True)
    board.serve_forever()
