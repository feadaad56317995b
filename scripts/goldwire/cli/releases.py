"""Commands of versions: `split`, `release`, `publish`, and those that compare, restore or measure one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldwire.cli.groups import PIPELINE, RELEASES
from goldwire.cli.options import (
    AsJson,
    BulkEngine,
    Corpus,
    Quiet,
    RayAddress,
    Root,
    complete_code,
    example,
    find,
    print_report,
    reasons_by_code,
    refuse_bulk_options,
    summary,
)
from goldwire.errors import ConfigError

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "split",
        help=summary("split"),
        epilog=example("goldwire split --story-groups stories.jsonl"),
        rich_help_panel=PIPELINE,
    )(_split)
    app.command(
        "release",
        help=summary("release"),
        epilog=example(
            "goldwire release",
            "goldwire release 0.2.0 --standoff",
            "goldwire release --allow 'span-nested=titles'",
            "goldwire release 1.0.0 --corpus s3://news/corpus",
        ),
        rich_help_panel=PIPELINE,
    )(_release)
    app.command(
        "publish",
        help=summary("publish"),
        epilog=example("goldwire publish --repo-id ORG/NAME"),
        rich_help_panel=PIPELINE,
    )(_publish)
    app.command(
        "diff",
        help="Compare two versions, article by article and label by label.",
        epilog=example("goldwire diff 0.1.0 0.2.0", "goldwire diff --since main --markdown"),
        rich_help_panel=RELEASES,
    )(_diff)
    app.command(
        "hydrate",
        help="Add your own copy of the texts to a version that was released without them.",
        epilog=example("goldwire hydrate splits/v0.1.0 --texts articles/"),
        rich_help_panel=RELEASES,
    )(_hydrate)
    app.command(
        "baseline",
        help="Train simple models on a version, and compare them with probes for artefacts.",
        epilog=example("goldwire baseline 0.1.0"),
        rich_help_panel=RELEASES,
    )(_baseline)


def _split(
    version: Annotated[
        str | None, typer.Option(metavar="X.Y.Z", help="Version that the articles join. [default: the next]")
    ] = None,
    story_groups: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Articles of one story to keep together, in the format of corpus/duplicates.jsonl."
        ),
    ] = None,
    corpus: Corpus = None,
    engine: BulkEngine = "local",
    ray_address: RayAddress = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    if corpus is not None:
        from goldwire.parallel.tasks import open_pool
        from goldwire.stages import bulk

        if version is not None or story_groups is not None:
            raise typer.BadParameter("--version and --story-groups are for a workspace, not for --corpus")
        print_report(bulk.split(corpus, pool=open_pool(engine, ray_address)), as_json=as_json, quiet=quiet)
        return
    refuse_bulk_options(engine, ray_address)
    from goldwire.stages import split as stage

    report = stage.run(find(root), version=version, story_groups=story_groups)
    print_report(report, as_json=as_json, quiet=quiet, next_step="`goldwire release` writes a version")


def _release(
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="X.Y.Z. [default: the next version]")] = None,
    standoff: Annotated[
        bool,
        typer.Option(
            "--standoff",
            help="Leave the text out; `goldwire hydrate` adds it again. "
            "[default: if a source may not be redistributed]",
        ),
    ] = False,
    full_text: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="Include text that may not be redistributed, for this reason; the version cannot be published.",
        ),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE=REASON",
            help="Accept the errors of this code; manifest and card will state the reason. Repeatable.",
            autocompletion=complete_code,
        ),
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Train simple models and probes for the dataset card.")] = True,
    corpus: Corpus = None,
    engine: BulkEngine = "local",
    ray_address: RayAddress = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    if corpus is not None:
        from goldwire.parallel.tasks import open_pool
        from goldwire.stages import bulk_release

        if standoff or full_text is not None or allow:
            raise typer.BadParameter("--standoff, --full-text and --allow are for a workspace, not for --corpus")
        if version is None:
            raise typer.BadParameter("with --corpus, name the version, as 1.0.0")
        bulk_report = bulk_release.release(corpus, version, pool=open_pool(engine, ray_address))
        print_report(bulk_report, as_json=as_json, quiet=quiet)
        return
    refuse_bulk_options(engine, ray_address)
    from goldwire.stages import release as stage

    report = stage.run(
        find(root),
        version=version,
        standoff=standoff,
        full_text=full_text,
        allow=reasons_by_code(allow),
        baselines=baselines,
    )
    print_report(
        report, as_json=as_json, quiet=quiet, next_step="`goldwire check`, then `goldwire publish --repo-id ORG/NAME`"
    )


def _publish(
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="X.Y.Z. [default: the latest]")] = None,
    repo_id: Annotated[
        str | None, typer.Option(metavar="ORG/NAME", help="Dataset repository. [default: workspace setting]")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Make the repository private if it is new.")] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import publish as stage

    report = stage.run(find(root), version=version, repo_id=repo_id, private=private)
    print_report(report, as_json=as_json, quiet=quiet)


def _diff(
    old: Annotated[str | None, typer.Argument(metavar="V1", help="A version, X.Y.Z.", show_default=False)] = None,
    new: Annotated[str | None, typer.Argument(metavar="V2", help="A later version.", show_default=False)] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="REV", help="Compare the gold labels of a git revision with the present ones, instead."),
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown, as for a comment on a pull request.")
    ] = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import diff as stage

    if since is not None and old is None:
        report = stage.run_since(find(root), since)
    elif since is None and old is not None and new is not None:
        report = stage.run(find(root), old=old, new=new)
    else:
        raise ConfigError("two versions or one revision are compared", hint="name V1 and V2, or use --since REV")
    if markdown and not as_json:
        print(report.to_markdown(), end="")
        return
    print_report(report, as_json=as_json, quiet=quiet)


def _hydrate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the release.", show_default=False)],
    texts: Annotated[
        Path,
        typer.Option(
            metavar="PATH",
            help="Your texts: a folder with .txt, .jsonl or .parquet files, or one such file.",
            show_default=False,
        ),
    ],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="New folder. [default: DATASET-hydrated]")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import hydrate as stage

    target = out or dataset.with_name(f"{dataset.name}-hydrated")
    print_report(stage.run(dataset, texts=texts, out=target), as_json=as_json, quiet=quiet)


def _baseline(
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="X.Y.Z. [default: the latest]")] = None,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import baseline as stage

    print_report(stage.run(find(root), version=version), as_json=as_json, quiet=quiet)
