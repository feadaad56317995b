"""The command line: the only place that prints and exits.

A stage's command is declared by a function named after it whose parameters are the command's and whose result is
the keyword arguments of the stage's `run`; `--root`, `--json` and `--quiet` are added to each.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import goldwire
from goldwire.errors import explain
from goldwire.progress import QUIET
from goldwire.stages import STAGES

if TYPE_CHECKING:
    from goldwire.layout import Workspace

Options = dict[str, Any]
ROOT = "GOLDWIRE_ROOT"
USAGE = 2  # exit code of anything a user can put right, as click's own
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

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
server = typer.Typer(no_args_is_help=True)
app.add_typer(server, name="server", help="A Doccano server of the workspace's own, on 127.0.0.1.")


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


def _workspace(root: Path | None) -> Workspace:
    from goldwire.layout import find_workspace

    return find_workspace(root or Path.cwd(), explicit=root is not None)


def _emit(report: Any, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        import msgspec

        print(msgspec.json.encode(report).decode())
    elif not quiet:
        for line in report.lines():
            print(line)
    code = getattr(report, "exit_code", 0)
    if code:
        raise typer.Exit(code)


def _add(group: typer.Typer, name: str, summary: str, action: Callable[..., Any]) -> Callable[..., Any]:
    """Declare a command: `action(workspace, **options)` gives a report, `options` being what the function returns."""

    def declare(options: Callable[..., Options]) -> Callable[..., Options]:
        def command(*, root: Path | None = None, as_json: bool = False, quiet: bool = False, **given: Any) -> None:
            if as_json or quiet:
                os.environ[QUIET] = "1"
            _emit(action(_workspace(root), **options(**given)), as_json=as_json, quiet=quiet)

        own = inspect.signature(options, eval_str=True).parameters.values()
        shared = {"root": (Root, None), "as_json": (AsJson, False), "quiet": (Quiet, False)}
        command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # typer reads it
            [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
            + [
                inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
                for key, (kind, default) in shared.items()
            ]
        )
        command.__annotations__ = {}
        group.command(name, help=summary, short_help=summary)(command)
        return options

    return declare


def _stage(name: str) -> Callable[..., Any]:
    """Declare the command of a stage."""

    def action(workspace: Workspace, **options: Any) -> Any:
        return import_module(f"goldwire.stages.{name}").run(workspace, **options)

    return _add(app, name, next(stage.summary for stage in STAGES if stage.name == name), action)


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


@_stage("ingest")
def _ingest(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these sources.")] = None,
) -> Options:
    return {"sources": tuple(sources or ())}


@_stage("dedup")
def _dedup(
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Jaccard of word 5-grams, from 0 to 1.")] = 0.5,
) -> Options:
    return {"threshold": threshold}


@_stage("sample")
def _sample(
    batch: Batch,
    annotators: Annotated[str, typer.Option(help="Pseudonyms, comma-separated: A1,A2,A3.", show_default=False)],
    overlap: Annotated[int, typer.Option(min=1, help="How many annotators see each article.")] = 2,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many articles.")] = None,
    article: Annotated[list[str] | None, typer.Option(help="Just this article (repeat for more).")] = None,
    whole_clusters: Annotated[bool, typer.Option(help="Every article of a wire story, not one.")] = False,
    seed: Annotated[int | None, typer.Option(help="Another draw; without, the workspace's seed.")] = None,
) -> Options:
    return {
        "batch": batch,
        "annotators": tuple(name.strip() for name in annotators.split(",") if name.strip()),
        "overlap": overlap,
        "limit": limit,
        "articles": tuple(article or ()),
        "whole_clusters": whole_clusters,
        "seed": seed,
    }


@_stage("push")
def _push(batch: Batch) -> Options:
    return {"batch": batch}


@_stage("pull")
def _pull(batch: Batch) -> Options:
    return {"batch": batch}


@_stage("agree")
def _agree(
    batch: Batch,
    bootstrap: Annotated[int, typer.Option(min=0, help="Replicates behind each interval; 0 for none.")] = 1000,
    html: Annotated[bool, typer.Option(help="Also write the report for people.")] = True,
) -> Options:
    return {"batch": batch, "n_boot": bootstrap, "html": html}


@_stage("adjudicate")
def _adjudicate(
    batch: Batch,
    method: Annotated[str, typer.Option(help="How units are settled.")] = "majority",
    min_votes: Annotated[int | None, typer.Option(min=1, help="At least so many votes for a label.")] = None,
) -> Options:
    return {"batch": batch, "method": method, "min_votes": min_votes}


@_stage("split")
def _split(
    version: Annotated[str | None, typer.Option(help="The version they join; without, the next.")] = None,
) -> Options:
    return {"version": version}


@_stage("release")
def _release(
    version: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="X.Y.Z; without, the next.")] = None,
) -> Options:
    return {"version": version}


@_stage("publish")
def _publish(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="X.Y.Z.", show_default=False)],
    repo_id: Annotated[str | None, typer.Option(metavar="ORG/NAME", help="Without, the workspace's repo_id.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Make the repo private if it is new.")] = False,
) -> Options:
    return {"version": version, "repo_id": repo_id, "private": private}


def _server(name: str, summary: str) -> Callable[..., Any]:
    """Declare `goldwire server NAME`, the function of that name in `goldwire.doccano.serve`."""

    def action(workspace: Workspace, **options: Any) -> Any:
        return getattr(import_module("goldwire.doccano.serve"), name)(workspace, **options)

    return _add(server, name, summary, action)


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


@app.command("init", help="Make a new workspace.", short_help="Make a new workspace.")
def _init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder, made where it is missing.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    _emit(import_module("goldwire.init").run(folder), as_json=as_json, quiet=quiet)


_DEMO = "Take the sample articles all the way to a loaded dataset, through a real Doccano server."


@app.command("demo", help=_DEMO, short_help=_DEMO)
def _demo(
    serve: Annotated[bool, typer.Option("--serve", help="Leave the server up, and say how to sign in.")] = False,
    root: Root = None,
) -> None:
    for line in import_module("goldwire.demo").run(_workspace(root), serve=serve):
        print(line, flush=True)
