"""The commands that are no stage: the server, a new workspace, comparing and restoring releases, the demo."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldwire.cli.options import AsJson, Options, Quiet, Root, app, command, emit, find

if TYPE_CHECKING:
    from goldwire.workspace.layout import Workspace

__all__: list[str] = []

server = typer.Typer(no_args_is_help=True)
app.add_typer(server, name="server", help="A Doccano server of the workspace's own, on 127.0.0.1.")


def _server(name: str, summary: str) -> Callable[..., Any]:
    """Declare `goldwire server NAME`, the function of that name in `goldwire.doccano.server.serve`."""

    def action(workspace: Workspace, **options: Any) -> Any:
        return getattr(import_module("goldwire.doccano.server.serve"), name)(workspace, **options)

    return command(name, summary, action, group=server)


@_server("start", "Start it, or find it running; the first time makes Doccano's own environment.")
def _server_start(
    database: Annotated[
        str | None,
        typer.Option(
            envvar="GOLDWIRE_DATABASE", help="postgresql://... for a team; without, SQLite.", show_envvar=True
        ),
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Just this port; without, a free one.")] = None,
) -> Options:
    return {"database": database, "port": port}


@_server("status", "Say whether it runs, where, and what is wrong with it.")
def _server_status() -> Options:
    return {}


@_server("stop", "End it; its data stays.")
def _server_stop() -> Options:
    return {}


_STATUS = "Say who has done what of a batch, how fast, and what people differ on most; or what the corpus holds."


@app.command("status", help=_STATUS, short_help=_STATUS)
def _status(
    batch: Annotated[str | None, typer.Argument(metavar="[BATCH]", help="The batch's name, such as b01.")] = None,
    corpus: Annotated[bool, typer.Option("--corpus", help="Count articles, copies and gold; asks no server.")] = False,
    serve: Annotated[bool, typer.Option("--serve", help="As a page on 127.0.0.1 that refreshes itself.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The page's port; 0: a free one.")] = 0,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    if (batch is None) != corpus or (corpus and serve):
        raise typer.BadParameter("name a batch (`--serve` makes a page of it), or say --corpus")
    workspace = find(root)
    if corpus:
        emit(import_module("goldwire.stages.inventory").run(workspace), as_json=as_json, quiet=quiet)
        return
    stage = import_module("goldwire.stages.status")
    report = stage.run(workspace, batch=batch)
    if not serve:
        emit(report, as_json=as_json, quiet=quiet)
        return
    board = import_module("goldwire.report.dashboard").open_board(lambda: stage.run(workspace, batch=batch), port=port)
    print(f"http://127.0.0.1:{board.server_port}/ (Ctrl-C ends it)", flush=True)
    board.serve_forever()


@app.command("init", help="Make a new workspace.", short_help="Make a new workspace.")
def _init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder, made where it is missing.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    emit(import_module("goldwire.workspace.scaffold").run(folder), as_json=as_json, quiet=quiet)


_DEMO = "Take the sample articles all the way to a loaded dataset, through a real Doccano server."


@app.command("demo", help=_DEMO, short_help=_DEMO)
def _demo(
    serve: Annotated[bool, typer.Option("--serve", help="Leave the server up, and say how to sign in.")] = False,
    root: Root = None,
) -> None:
    for line in import_module("goldwire.stages.demo").run(find(root), serve=serve):
        print(line, flush=True)


def _compare(workspace: Workspace, **options: Any) -> Any:
    return import_module("goldwire.stages.diff").run(workspace, **options)


@command("diff", "Say what changed between two versions, article by article and label by label.", _compare)
def _diff(
    old: Annotated[str, typer.Argument(metavar="V1", help="A version, X.Y.Z.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="V2", help="A later one.", show_default=False)],
) -> Options:
    return {"old": old, "new": new}


def _measure(workspace: Workspace, **options: Any) -> Any:
    return import_module("goldwire.stages.baseline").run(workspace, **options)


@command("baseline", "Train simple models on a version and score them beside the probes for artefacts.", _measure)
def _baseline(
    version: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="X.Y.Z; without, the latest.")] = None,
) -> Options:
    return {"version": version}


_HYDRATE = "Put your own copy of the text back into a release that was published without it."


@app.command("hydrate", help=_HYDRATE, short_help=_HYDRATE)
def _hydrate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="The release's folder.", show_default=False)],
    texts: Annotated[Path, typer.Option(metavar="DIR|PARQUET", help="Your copy of the articles.", show_default=False)],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="The new folder; without, DATASET-hydrated.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    target = out or dataset.with_name(f"{dataset.name}-hydrated")
    emit(import_module("goldwire.stages.hydrate").run(dataset, texts=texts, out=target), as_json=as_json, quiet=quiet)
