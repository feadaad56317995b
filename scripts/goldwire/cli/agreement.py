"""Commands that measure agreement and decide on gold labels: `agree` and `adjudicate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import DEFAULT, PIPELINE, DefaultCommandGroup
from goldwire.cli.options import (
    AcceptLoss,
    AsJson,
    Batch,
    BatchOrFiles,
    Expert,
    Insecure,
    Method,
    MinPosterior,
    MinVotes,
    Quiet,
    Root,
    SourceFormat,
    allow_insecure,
    comma_separated,
    example,
    files_of,
    find,
    name_value_pairs,
    print_report,
    summary,
)

__all__ = ["add_to"]


_adjudicate = typer.Typer(cls=DefaultCommandGroup, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "agree",
        help=summary("agree"),
        epilog=example(
            "goldwire agree b01",
            "goldwire agree b01 --tables paper/",
            "goldwire agree ada.json ben.json",
        ),
        rich_help_panel=PIPELINE,
    )(_agree)
    app.add_typer(
        _adjudicate,
        name="adjudicate",
        help=f"{summary('adjudicate')} `goldwire adjudicate BATCH` means `goldwire adjudicate run BATCH`.",
        short_help=summary("adjudicate"),
        rich_help_panel=PIPELINE,
    )


def _agree(
    inputs: BatchOrFiles,
    html: Annotated[bool, typer.Option(help="Write the HTML report, too.")] = True,
    seed: Annotated[int, typer.Option(metavar="N", help="Random seed for gamma, which compares with chance.")] = 0,
    gold: Annotated[bool, typer.Option("--gold", help="Compare each annotator with the gold labels, too.")] = False,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Exit with code 1 if the coefficient is lower, as span_f1_exact=0.8; repeatable. "
            "[default: the floors of pyproject.toml]",
        ),
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write every table to this folder, too, as CSV and as LaTeX."),
    ] = None,
    source_format: SourceFormat = None,
    scale: Annotated[
        str | None,
        typer.Option(
            metavar="STANCES",
            help="With files: stances from against to in favour, comma-separated. [default: guessed from their names]",
        ),
    ] = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import agree as stage

    minima = name_value_pairs(fail_under)
    paths = files_of(inputs, root, source_format)
    if paths and (tables is not None or gold):
        raise typer.BadParameter("--tables and --gold need a batch")
    if not paths and scale is not None:
        raise typer.BadParameter("--scale is for files: that of a batch is in annotations/schema.toml")
    if paths:
        report = stage.run_files(
            paths, source_format=source_format, scale=comma_separated(scale), seed=seed, fail_under=minima
        )
    else:
        report = stage.run(
            find(root), batch=inputs[0], html=html, seed=seed, gold=gold, fail_under=minima, tables=tables
        )
    print_report(report, as_json=as_json, quiet=quiet, next_step="" if paths else f"`goldwire adjudicate {inputs[0]}`")


@_adjudicate.command(
    DEFAULT,
    help=f"{summary('adjudicate')} This is the default command.",
    epilog=example(
        "goldwire adjudicate b01 --method dawid-skene", "goldwire adjudicate ada.json ben.json --out gold.json"
    ),
)
def _adjudicate_run(
    inputs: BatchOrFiles,
    method: Annotated[Method, typer.Option(help="How labels are decided.")] = "majority",
    min_votes: MinVotes = None,
    min_posterior: MinPosterior = 0.8,
    expert: Annotated[
        str | None, typer.Option(metavar="NAME", help="Expert whose labels are final, with --method expert.")
    ] = None,
    source_format: SourceFormat = None,
    out: Annotated[
        Path | None, typer.Option(metavar="PATH", help="With files: new file or folder for the gold labels.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Format of --out. [default: the one of the files]")
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Leave out what the format of --out cannot hold; it is counted.")
    ] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import adjudicate as stage

    paths = files_of(inputs, root, source_format)
    if paths and out is None:
        raise typer.BadParameter("give the gold labels a new place with --out PATH")
    if not paths and (out is not None or to is not None or accept_loss):
        raise typer.BadParameter(
            "--out, --to and --accept-loss are for files; `goldwire export --gold` writes the gold of a workspace"
        )
    if paths and out is not None:
        report = stage.run_files(
            paths,
            out=out,
            to=to,
            source_format=source_format,
            method=method,
            min_votes=min_votes or 1,
            min_posterior=min_posterior,
            expert=expert,
            accept_loss=accept_loss,
        )
    else:
        report = stage.run(
            find(root), batch=inputs[0], method=method, min_votes=min_votes, min_posterior=min_posterior, expert=expert
        )
    next_step = "`goldwire split`"
    if report.unresolved:
        next_step += f"; before that, `goldwire adjudicate push {inputs[0]}` lets an expert decide what is unresolved"
    print_report(report, as_json=as_json, quiet=quiet, next_step="" if paths else next_step)


@_adjudicate.command(
    "push",
    help="Adjudicate a batch, and upload what is still disputed to an expert's project.",
    epilog=example("goldwire adjudicate push b01 --expert E1"),
)
def _adjudicate_push(
    batch: Batch,
    expert: Expert = "E1",
    method: Annotated[Method, typer.Option(help="How labels are decided; any but expert.")] = "majority",
    min_votes: MinVotes = None,
    min_posterior: MinPosterior = 0.8,
    insecure: Insecure = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import adjudicate as stage

    allow_insecure(insecure)
    report = stage.push(
        find(root), batch=batch, expert=expert, method=method, min_votes=min_votes, min_posterior=min_posterior
    )
    print_report(report, as_json=as_json, quiet=quiet)


@_adjudicate.command(
    "pull",
    help="Download an expert's decisions and comments, and adjudicate the batch with them.",
    epilog=example("goldwire adjudicate pull b01 --expert E1"),
)
def _adjudicate_pull(
    batch: Batch,
    expert: Expert = "E1",
    min_votes: MinVotes = None,
    accept_loss: AcceptLoss = False,
    insecure: Insecure = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import adjudicate as stage

    allow_insecure(insecure)
    report = stage.pull(find(root), batch=batch, expert=expert, min_votes=min_votes, accept_loss=accept_loss)
    print_report(report, as_json=as_json, quiet=quiet)
