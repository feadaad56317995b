"""Commands of machine annotators: `prelabel`."""

from __future__ import annotations

from typing import Annotated

import typer

from goldwire.cli.groups import MACHINES
from goldwire.cli.options import AsJson, Batch, Quiet, Root, example, find, finite, print_report

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "prelabel",
        help="Label a batch with a machine, whose layers (M1, M2, ...) stand beside the annotators'.",
        epilog=example(
            "goldwire prelabel b01 --with spacy:en_core_web_sm",
            "goldwire prelabel b01 --with openai:my-model --endpoint http://server/v1",
            "goldwire prelabel b01 --with cmd:./label.py --as M3 --runs 5",
        ),
        rich_help_panel=MACHINES,
    )(_prelabel)


def _prelabel(
    batch: Batch,
    source: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="MACHINE",
            help="gazetteer, spacy:MODEL, gliner:FOLDER, openai:MODEL, cmd:COMMAND (JSON Lines in and out), file:PATH.",
            show_default=False,
        ),
    ],
    machine: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Name of the machine. [default: the next of M1, M2, ...]"),
    ] = None,
    runs: Annotated[
        int, typer.Option(metavar="N", min=1, help="Ask N times; keep the labels that more than half of the runs give.")
    ] = 1,
    endpoint: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="OPENAI_BASE_URL",
            show_envvar=False,
            help="Chat completions server of openai:MODEL; its key is the variable OPENAI_API_KEY.",
        ),
    ] = None,
    temperature: Annotated[
        float, typer.Option(metavar="T", min=0, callback=finite, help="Temperature of openai:MODEL.")
    ] = 0.0,
    concurrency: Annotated[int, typer.Option(metavar="N", min=1, help="Requests at a time.")] = 4,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, callback=finite, help="Time to wait for a reply.")
    ] = 120,
    price: Annotated[
        str | None,
        typer.Option(
            metavar="IN,OUT", help="Prices of a million prompt and completion tokens, to report the cost: 0.15,0.60."
        ),
    ] = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import prelabel as stage
    from goldwire.stages.ask_machine import ChatOptions

    chat = ChatOptions(
        endpoint=endpoint,
        temperature=temperature,
        concurrency=concurrency,
        timeout=timeout,
        prices=None if price is None else _prices(price),
    )
    report = stage.run(find(root), batch=batch, source=source, machine=machine, runs=runs, chat=chat)
    print_report(report, as_json=as_json, quiet=quiet)


def _prices(text: str) -> tuple[float, float]:
    try:
        first, second = (finite(float(part)) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"not two prices: {text!r}; write IN,OUT, as 0.15,0.60") from None
    return first, second
