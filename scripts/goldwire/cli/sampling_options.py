"""The options of `sample`, which plans a batch: which articles, how they are divided, and who gets them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.options import Order, TaskKind, WindowUnit

__all__ = [
    "Annotators",
    "ArticleIds",
    "Calibration",
    "GoldChecks",
    "Kind",
    "MaxArticles",
    "MaxPerAnnotator",
    "MaxTargets",
    "Overlap",
    "Seed",
    "SelectionOrder",
    "Stratify",
    "Targets",
    "WholeClusters",
    "WindowContext",
    "WindowSize",
    "Windows",
]

# --- Who gets an article ---------------------------------------------------------------------------------------------

Annotators = Annotated[
    str, typer.Option(metavar="NAMES", help="Pseudonyms, comma-separated: A1,A2,A3.", show_default=False)
]
Overlap = Annotated[int, typer.Option(metavar="N", min=1, help="Number of annotators per article.")]
MaxPerAnnotator = Annotated[
    str,
    typer.Option(metavar="N", help="Maximum number of tasks per annotator: 40, or A1=40,A2=20.", show_default=False),
]
Calibration = Annotated[int, typer.Option(metavar="N", min=0, help="Give the first N articles to every annotator.")]
GoldChecks = Annotated[
    int,
    typer.Option(metavar="N", min=0, help="Add N articles with known gold, which their annotators have not seen."),
]

# --- Which articles --------------------------------------------------------------------------------------------------

MaxArticles = Annotated[int | None, typer.Option(metavar="N", min=1, help="Maximum number of articles. [default: all]")]
Stratify = Annotated[
    str,
    typer.Option(metavar="KEYS", help="Sample in proportion to some of: source,year,month,length.", show_default=False),
]
SelectionOrder = Annotated[
    Order, typer.Option(help="Order of selection; uncertain: likelier where a model is less sure.")
]
ArticleIds = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="Only this article; repeatable. [default: all]")
]
WholeClusters = Annotated[
    bool, typer.Option("--whole-clusters", help="Take all near-duplicates of an article, not one.")
]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Random seed. [default: workspace seed]")]

# --- What a task asks ------------------------------------------------------------------------------------------------

Kind = Annotated[
    TaskKind, typer.Option(help="What to annotate: entities and stances in the text, or the article's own stance.")
]
Targets = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Targets of --kind stance, one per line. [default: salient entities of the gold]"
    ),
]
MaxTargets = Annotated[int, typer.Option(metavar="N", min=1, help="Maximum number of salient entities per article.")]
Windows = Annotated[WindowUnit, typer.Option(help="Annotate whole articles, or windows of paragraphs or sentences.")]
WindowSize = Annotated[int, typer.Option(metavar="N", min=1, help="Window size, in paragraphs or sentences.")]
WindowContext = Annotated[
    int, typer.Option(metavar="N", min=0, help="Read-only context on each side of a window, in the same unit.")
]
