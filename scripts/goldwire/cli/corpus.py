"""Commands that build and describe the corpus: `ingest`, `dedup`, `show`, `exclude`, `correct` and `stats`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import PIPELINE, WORKSPACE
from goldwire.cli.options import (
    AsJson,
    BulkEngine,
    Corpus,
    Engine,
    Quiet,
    RayAddress,
    Root,
    example,
    find,
    finite,
    print_report,
    summary,
)

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "stats",
        help="Count articles, near-duplicates, annotations and gold per source.",
        epilog=example("goldwire stats --json"),
        rich_help_panel=WORKSPACE,
    )(_stats)
    app.command(
        "show",
        help="Show an article beside its raw text: which lines are in it, and why the others are not.",
        epilog=example("goldwire show wire-68382fc9fbf0 --html article.html"),
        rich_help_panel=WORKSPACE,
    )(_show)
    app.command(
        "exclude",
        help="Exclude an article from annotation, with a reason, or undo that.",
        epilog=example('goldwire exclude wire-68382fc9fbf0 --reason "a list of headlines"'),
        rich_help_panel=WORKSPACE,
    )(_exclude)
    app.command(
        "correct",
        help="Replace the text of an article that nobody annotates yet, with a reason, or restore the extracted text.",
        short_help="Correct the text of an article that nobody annotates yet, or undo that.",
        epilog=example('goldwire correct wire-68382fc9fbf0 --text corrected.txt --reason "a caption in the text"'),
        rich_help_panel=WORKSPACE,
    )(_correct)
    app.command(
        "ingest",
        help=summary("ingest"),
        epilog=example(
            "goldwire ingest",
            "goldwire ingest wire gazette --reextract",
            "goldwire ingest s3://news/raw --out s3://news/corpus --engine ray --ray-address 10.0.0.1:6379",
        ),
        rich_help_panel=PIPELINE,
    )(_ingest)
    app.command(
        "dedup",
        help=summary("dedup"),
        epilog=example("goldwire dedup --threshold 0.6", "goldwire dedup --corpus s3://news/corpus --engine ray"),
        rich_help_panel=PIPELINE,
    )(_dedup)


def _stats(root: Root = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    from goldwire.stages import inventory

    print_report(inventory.run(find(root)), as_json=as_json, quiet=quiet)


def _show(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Id of the article.", show_default=False)],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write it as a page to this file.")
    ] = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import show as stage

    print_report(stage.run(find(root), article_id=article, html=html), as_json=as_json, quiet=quiet)


def _exclude(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Id of the article.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; stored in corpus/excluded.tsv.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Undo the exclusion.")] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import exclude as stage

    report = stage.run(find(root), article_id=article, reason=reason, undo=undo)
    print_report(report, as_json=as_json, quiet=quiet)


def _correct(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Id of the article.", show_default=False)],
    text: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File with the whole corrected text, headline first; UTF-8.")
    ] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; stored with the article.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Restore the extracted text.")] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import correct as stage

    report = stage.run(find(root), article_id=article, text=text, reason=reason, undo=undo)
    print_report(report, as_json=as_json, quiet=quiet)


def _ingest(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...", help="Sources to ingest; with --out, the URL of the raw files first. [default: all]"
        ),
    ] = None,
    reextract: Annotated[
        bool, typer.Option("--reextract", help="Extract existing articles again, too; their ids do not change.")
    ] = False,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Drop and list articles whose raw record is gone, even annotated ones."),
    ] = False,
    out: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Write a corpus in Parquet to this folder, as s3://bucket/corpus."),
    ] = None,
    sources_file: Annotated[
        str | None,
        typer.Option(metavar="URL", help="With --out: sources.toml. [default: the one beside the raw files]"),
    ] = None,
    engine: BulkEngine = "local",
    ray_address: RayAddress = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    if out is not None:
        from goldwire.parallel.tasks import open_pool
        from goldwire.stages import bulk

        raw, *names = sources or ("",)
        if not raw:
            raise typer.BadParameter("with --out, the first argument is the URL of the raw files")
        pool = open_pool(engine, ray_address)
        chosen = tuple(names)
        bulk_report = bulk.ingest(
            raw, out, pool=pool, sources_file=sources_file, sources=chosen, reextract=reextract, prune=prune
        )
        print_report(bulk_report, as_json=as_json, quiet=quiet)
        return
    if sources_file is not None or engine != "local" or ray_address is not None:
        raise typer.BadParameter("--sources-file, --engine and --ray-address need --out")
    from goldwire.stages import ingest as stage

    report = stage.run(find(root), sources=tuple(sources or ()), reextract=reextract, prune=prune)
    print_report(
        report,
        as_json=as_json,
        quiet=quiet,
        next_step="`goldwire show ARTICLE` shows what was left out of an article; then `goldwire dedup`",
    )


Embeddings = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Also list pairs with similar vectors: a .npy file with the ids in a .txt beside it, or the folder of "
        "a static embedding model.",
    ),
]


def _dedup(
    threshold: Annotated[
        float,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            callback=finite,
            help="Minimum Jaccard similarity of word 5-grams, from 0 to 1.",
        ),
    ] = 0.5,
    containment: Annotated[
        float,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            callback=finite,
            help="Share of a text's word 5-grams in a longer one from which it is a truncated copy, from 0 to 1.",
        ),
    ] = 0.75,
    engine: Annotated[Engine, typer.Option(help="What does the work: this process, Daft, or a Ray cluster.")] = "local",
    ray_address: RayAddress = None,
    embeddings: Embeddings = None,
    min_similarity: Annotated[
        float,
        typer.Option(
            metavar="X", min=0, max=1, callback=finite, help="With --embeddings: minimum cosine of a pair, from 0 to 1."
        ),
    ] = 0.9,
    corpus: Corpus = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    if corpus is not None and embeddings is not None:
        raise typer.BadParameter("--embeddings is for a workspace, not for --corpus")
    if corpus is not None:
        from goldwire.parallel.tasks import open_pool
        from goldwire.stages import bulk

        pool = open_pool(engine, ray_address)
        bulk_report = bulk.dedup(corpus, pool=pool, threshold=threshold, containment=containment)
        print_report(bulk_report, as_json=as_json, quiet=quiet)
        return
    from goldwire.stages import dedup as stage

    report = stage.run(
        find(root),
        threshold=threshold,
        containment=containment,
        engine=engine,
        ray_address=ray_address,
        embeddings=embeddings,
        min_similarity=min_similarity,
    )
    print_report(
        report, as_json=as_json, quiet=quiet, next_step="`goldwire sample b01 --annotators A1,A2` plans a batch"
    )
