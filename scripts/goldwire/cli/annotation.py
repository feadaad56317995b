"""Commands of a round of annotation: `sample`, `push` and `pull`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import PIPELINE
from goldwire.cli.options import (
    AcceptLoss,
    AsJson,
    Batch,
    Insecure,
    Order,
    Quiet,
    Root,
    TaskKind,
    WindowUnit,
    allow_insecure,
    comma_separated,
    example,
    find,
    finite,
    finite_or_none,
    print_report,
    show_report,
    summary,
)

__all__ = ["add_to"]


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
        epilog=example("goldwire push b01", "goldwire push b01 --prelabel M1 --holdout 0.2"),
        rich_help_panel=PIPELINE,
    )(_push)
    app.command(
        "pull",
        help=summary("pull"),
        epilog=example("goldwire pull b01 --watch"),
        rich_help_panel=PIPELINE,
    )(_pull)


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
    gold_checks: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="Slip in N articles whose gold is known, to compare every annotator with it."
        ),
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
        Order, typer.Option(help="Order of selection; uncertain: likelier where a model is less sure.")
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
        gold_checks=gold_checks,
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
            help="Labels to start from: gazetteer, model[:NAME], M1 or layer:[BATCH/]NAME. [default: none]",
        ),
    ] = None,
    holdout: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=0.9,
            callback=finite_or_none,
            help="Random share of articles that start blank, to measure what pre-labels do: 0.2. [default: none]",
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Delete server work that is no longer planned, after saving a backup."),
    ] = False,
    insecure: Insecure = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import push as stage

    allow_insecure(insecure)
    report = stage.run(find(root), batch=batch, prelabel=prelabel, holdout=holdout, force=force)
    print_report(report, as_json=as_json, quiet=quiet)


def _pull(
    batch: Batch,
    watch: Annotated[bool, typer.Option("--watch", help="Repeat, and report what is new, until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", callback=finite, help="Seconds between polls with --watch.")
    ] = 20,
    accept_loss: AcceptLoss = False,
    insecure: Insecure = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import pull as stage

    allow_insecure(insecure)
    workspace = find(root)
    if watch and accept_loss:
        raise typer.BadParameter("--accept-loss is for one pull, and --watch repeats it")
    if not watch:
        print_report(stage.run(workspace, batch=batch, accept_loss=accept_loss), as_json=as_json, quiet=quiet)
        return
    for report in stage.watch(workspace, batch=batch, every=every):
        show_report(report, as_json=as_json, quiet=quiet)
