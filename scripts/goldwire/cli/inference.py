"""Commands on what labels allow to conclude: `certify`, `estimate` and `plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import INFERENCE
from goldwire.cli.options import (
    AsJson,
    BatchOrFiles,
    DebiasingMethod,
    Grouping,
    PlannedCoefficient,
    Quiet,
    Root,
    SourceFormat,
    example,
    files_of,
    find,
    finite,
    print_report,
)

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
    app.command(
        "plan",
        help="Plan articles and annotators until a figure is precise enough: from a pilot batch, or from guesses.",
        epilog=example(
            "goldwire plan b01 --precision 0.05 --max-per-annotator 40",
            "goldwire plan --precision 0.05 --value 0.8 --items 12",
        ),
        rich_help_panel=INFERENCE,
    )(_plan)


_ValueGuess = Annotated[float | None, typer.Option(metavar="X", help="Guessed value of the figure, without a pilot.")]
_Precision = Annotated[
    float,
    typer.Option(metavar="X", min=0.001, max=0.5, callback=finite, help="Half of the 95% interval's width."),
]
_Assurance = Annotated[
    float,
    typer.Option(metavar="X", min=0.5, max=0.99, callback=finite, help="Probability of reaching the precision."),
]
_ItemsGuess = Annotated[
    float, typer.Option(metavar="N", min=1, callback=finite, help="Guess: mentions or pairs in an article.")
]
_IntraclassGuess = Annotated[
    float,
    typer.Option(
        metavar="X", min=0, max=1, callback=finite, help="Guess: how similar the disagreements within an article are."
    ),
]


def _plan(
    batch: Annotated[
        str | None,
        typer.Argument(metavar="BATCH", help="Pilot: a batch with articles that several annotators labelled."),
    ] = None,
    precision: _Precision = 0.05,
    coefficient: Annotated[
        PlannedCoefficient | None, typer.Option(help="The figure. [default: those that the pilot has]")
    ] = None,
    machine: Annotated[
        str | None, typer.Option(metavar="NAME", help="Plan the score of this machine against gold.")
    ] = None,
    assurance: _Assurance = 0.8,
    max_overlap: Annotated[int, typer.Option(metavar="N", min=2, max=20, help="Annotators per article, at most.")] = 4,
    max_per_annotator: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Articles that one annotator can label.")
    ] = None,
    value: _ValueGuess = None,
    items: _ItemsGuess = 20,
    intraclass: _IntraclassGuess = 0.2,
    alpha: Annotated[bool, typer.Option("--alpha", help="Guess: the figure is an alpha, not an F1.")] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import plan as stage

    if (batch is None) == (value is None):
        raise typer.BadParameter("give a pilot BATCH or a guess with --value, and not both")
    if value is not None:
        report = stage.run_guess(
            value=value,
            precision=precision,
            items_per_article=items,
            intraclass=intraclass,
            corrected_for_chance=alpha,
            max_overlap=max_overlap,
            max_per_annotator=max_per_annotator,
        )
    else:
        report = stage.run(
            find(root),
            batch=batch or "",
            precision=precision,
            coefficient=coefficient,
            machine=machine,
            assurance=assurance,
            max_overlap=max_overlap,
            max_per_annotator=max_per_annotator,
        )
    print_report(report, as_json=as_json, quiet=quiet)


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
    inputs: BatchOrFiles,
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
        typer.Option(metavar="X", min=0.001, max=1, callback=finite, help="Smallest difference of F1 that matters."),
    ] = 0.05,
    max_error: Annotated[
        float,
        typer.Option(
            metavar="X",
            min=0.001,
            max=0.999,
            callback=finite,
            help="Highest share of wrong labels among those accepted.",
        ),
    ] = 0.05,
    delta: Annotated[
        float,
        typer.Option(
            metavar="X", min=0.0001, max=0.5, callback=finite, help="Probability that more than --max-error are wrong."
        ),
    ] = 0.05,
    latex: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a LaTeX table, too.")] = None,
    source_format: SourceFormat = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.certification.certificate import CertificateOptions
    from goldwire.stages import certify as stage

    options = CertificateOptions(epsilon=epsilon, margin=margin, max_error=max_error, delta=delta)
    paths = files_of(inputs, root, source_format)
    if paths:
        report = stage.run_files(paths, machine=machine, source_format=source_format, latex=latex, options=options)
    else:
        report = stage.run(find(root), batch=inputs[0], machine=machine, latex=latex, options=options)
    print_report(report, as_json=as_json, quiet=quiet)
