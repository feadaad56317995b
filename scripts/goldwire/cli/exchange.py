"""Commands that exchange labels with other tools: `import`, `export` and `formats`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import EXCHANGE
from goldwire.cli.options import AsJson, Quiet, Root, SourceFormat, example, find, label_pairs, print_report

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "import",
        help="Read labels that were made with another tool into a new batch.",
        epilog=example(
            "goldwire import brat-project/ --batch b07", "goldwire import export.json --batch b08 --from argilla"
        ),
        rich_help_panel=EXCHANGE,
    )(_import)
    app.command(
        "export",
        help="Write the labels of a batch, or the gold labels, in the format of another tool.",
        epilog=example("goldwire export b01 --to brat out/", "goldwire export --gold --to spacy out/"),
        rich_help_panel=EXCHANGE,
    )(_export)
    app.command(
        "formats",
        help="List the formats of `import` and `export`, and what each can hold.",
        epilog=example("goldwire formats"),
        rich_help_panel=EXCHANGE,
    )(_formats)


def _import(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File, folder or archive of the other tool.")],
    batch: Annotated[str, typer.Option(metavar="BATCH", help="Name of the new batch.")],
    source_format: SourceFormat = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD=NEW", help="Label of the file and label of the schema; repeatable."),
    ] = None,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Skip documents whose text is not an article of the corpus.")
    ] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import import_labels as stage

    report = stage.run(
        find(root),
        path,
        batch=batch,
        source_format=source_format,
        rename=label_pairs(rename),
        skip_unknown=skip_unknown,
    )
    print_report(report, as_json=as_json, quiet=quiet)


def _export(
    batch: Annotated[str | None, typer.Argument(metavar="BATCH", help="Batch whose layers to write.")] = None,
    path: Annotated[Path | None, typer.Argument(metavar="PATH", help="New file or folder.")] = None,
    to: Annotated[str, typer.Option(metavar="FORMAT", help="See `goldwire formats`.")] = "doccano",
    gold: Annotated[bool, typer.Option("--gold", help="Write the gold labels of all batches.")] = False,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Leave out what the format cannot hold; it is counted.")
    ] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import export as stage

    if gold:
        path = Path(batch) if batch is not None and path is None else None
        batch = None
    if path is None or (batch is None and not gold):
        raise typer.BadParameter("give BATCH and PATH, or --gold and PATH")
    report = stage.run(find(root), batch=batch, to=to, path=path, accept_loss=accept_loss)
    print_report(report, as_json=as_json, quiet=quiet)


def _formats(as_json: AsJson = False, quiet: Quiet = False) -> None:
    from goldwire.formats import table_of_formats

    print_report(table_of_formats.build(), as_json=as_json, quiet=quiet)
