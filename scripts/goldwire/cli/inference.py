"""Commands on what labels allow to conclude: `certify`, `estimate` and `plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import INFERENCE
from goldwire.cli.options import AsJson, DebiasingMethod, Grouping, Quiet, Root, example, find, finite, print_report

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "certify",
        help="Test whether a machine may stand in for a person: of a batch, or of other tools' files.",
        epilog=example(
            "goldwire certify b01 --machine M1 --latex certificate.tex",
            "goldwire certify people.json model.json --machine model",
        ),
        rich_help_panel=INFERENCE,
    )(_certify)
    app.command(
        "estimate",
        help="Estimate stance shares of the corpus from a machine's labels, corrected by those of people.",
        epilog=example("goldwire estimate --machine M1 --by outlet", "goldwire estimate --by pair --stance supports"),
        rich_help_panel=INFERENCE,
    )(_estimate)


def _estimate(
    machine: Annotated[str, typer.Option(metavar="NAME", help="The machine whose layers are the corpus.")] = "M1",
    by: Annotated[Grouping | None, typer.Option(help="Parts of the corpus. [default: the whole only]")] = None,
    stance: Annotated[str | None, typer.Option(metavar="LABEL", help="Only this stance. [default: all]")] = None,
    method: Annotated[DebiasingMethod, typer.Option(help="How the machine's labels are corrected.")] = "ppi++",
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import estimate as stage

    report = stage.run(find(root), machine=machine, by=by, stance=stance, method=method)
    print_report(report, as_json=as_json, quiet=quiet)


def _certify(
    batch_or_paths: Annotated[
        list[str],
        typer.Argument(metavar="BATCH|PATH...", help="A batch, or files of other tools with the same documents."),
    ],
    machine: Annotated[str, typer.Option(metavar="NAME", help="The machine among the annotators.")] = "M1",
    epsilon: Annotated[
        float,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            callback=finite,
            help="How much better people may be in the alternative annotator test: 0.2 for experts, 0.15 for trained "
            "annotators, 0.1 for crowd workers.",
        ),
    ] = 0.15,
    margin: Annotated[
        float,
        typer.Option(metavar="X", min=0.001, max=1, callback=finite, help="Difference of F1 that would matter."),
    ] = 0.05,
    max_error: Annotated[
        float,
        typer.Option(metavar="X", min=0.001, max=0.999, callback=finite, help="Share of accepted labels to be wrong."),
    ] = 0.05,
    delta: Annotated[
        float,
        typer.Option(
            metavar="X", min=0.0001, max=0.5, callback=finite, help="Probability that more than --max-error are wrong."
        ),
    ] = 0.05,
    latex: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a LaTeX table, too.")] = None,
    source_format: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help="Format of the files. [default: what they look like]"),
    ] = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.certification.certificate import CertificateOptions
    from goldwire.stages import certify as stage

    options = CertificateOptions(epsilon=epsilon, margin=margin, max_error=max_error, delta=delta)
    paths = [Path(text) for text in batch_or_paths]
    if len(paths) == 1 and not paths[0].exists():
        report = stage.run(find(root), batch=batch_or_paths[0], machine=machine, latex=latex, options=options)
    else:
        report = stage.run_files(paths, machine=machine, source_format=source_format, latex=latex, options=options)
    print_report(report, as_json=as_json, quiet=quiet)
