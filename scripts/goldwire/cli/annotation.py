"""Commands of a round of annotation: `sample`, `push` and `pull`."""

from __future__ import annotations

from typing import Annotated

import typer

from goldwire.cli import sampling_options as options
from goldwire.cli.groups import PIPELINE
from goldwire.cli.options import (
    AcceptLoss,
    AsJson,
    Batch,
    Insecure,
    Quiet,
    Root,
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
    annotators: options.Annotators,
    overlap: options.Overlap = 2,
    max_articles: options.MaxArticles = None,
    calibration: options.Calibration = 0,
    gold_checks: options.GoldChecks = 0,
    max_per_annotator: options.MaxPerAnnotator = "",
    stratify: options.Stratify = "",
    order: options.SelectionOrder = "random",
    kind: options.Kind = "entities",
    targets: options.Targets = None,
    max_targets: options.MaxTargets = 3,
    window_unit: options.Windows = "whole",
    window_size: options.WindowSize = 5,
    window_context: options.WindowContext = 1,
    article: options.ArticleIds = None,
    whole_clusters: options.WholeClusters = False,
    seed: options.Seed = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.sampling.options import SamplingOptions
    from goldwire.stages import sample as stage

    how = SamplingOptions(
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
    report = stage.run(find(root), batch=batch, annotators=comma_separated(annotators), options=how)
    print_report(
        report,
        as_json=as_json,
        quiet=quiet,
        next_step=f"`goldwire push {batch}` uploads it (`goldwire server start` runs a server)",
    )


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
    print_report(
        report,
        as_json=as_json,
        quiet=quiet,
        next_step=f"`goldwire status {batch}` shows who has done what, `goldwire pull {batch}` downloads the labels",
    )


def _pull(
    batch: Batch,
    watch: Annotated[bool, typer.Option("--watch", help="Repeat, and report what is new, until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", callback=finite, help="Seconds between pulls with --watch.")
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
        report = stage.run(workspace, batch=batch, accept_loss=accept_loss)
        is_begun = any(annotator.done for annotator in report.annotators)
        next_step = (
            f"`goldwire agree {batch}`" if is_begun else "pull again when annotators have ticked articles as done"
        )
        print_report(report, as_json=as_json, quiet=quiet, next_step=next_step)
        return
    for report in stage.watch(workspace, batch=batch, every=every):
        show_report(report, as_json=as_json, quiet=quiet)
