"""Commands that find problems in data: `check` and `audit`."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from goldwire.cli.colors import has_colors
from goldwire.cli.groups import DEFAULT, QUALITY, DefaultCommandGroup
from goldwire.cli.options import (
    AsJson,
    AsJsonFormat,
    AuditedLabels,
    BulkEngine,
    Corpus,
    Expert,
    Format,
    Ignore,
    Insecure,
    Quiet,
    RayAddress,
    Root,
    Select,
    SourceFormat,
    Strict,
    Venue,
    allow_insecure,
    comma_separated,
    example,
    find,
    print_report,
    refuse_bulk_options,
    summary,
)

if TYPE_CHECKING:
    from goldwire.checks.report import CheckReport, Options
    from goldwire.parallel.tasks import TaskPool

__all__ = ["add_to"]


_audit = typer.Typer(cls=DefaultCommandGroup, rich_markup_mode=None)

_AUDIT = "Check any dataset: leaks between splits, offsets, duplicates, label noise."


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "check",
        help=summary("check"),
        epilog=example("goldwire check --select L2 --format sarif", "goldwire check --explain span-text-mismatch"),
        rich_help_panel=QUALITY,
    )(_check)
    app.add_typer(
        _audit,
        name="audit",
        help=f"{_AUDIT} `goldwire audit PATH` means `goldwire audit run PATH`.",
        short_help=_AUDIT,
        rich_help_panel=QUALITY,
    )


_Format = Annotated[Format, typer.Option(help="Format of the report.")]
_MaxPerCode = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Maximum number of findings listed per code; the rest are counted."),
]
# Findings of one code at a terminal: 63 open decisions push everything else off the screen.
_PER_CODE_AT_TERMINAL = 10


def _column(content: str, default: str = "guessed") -> Any:
    """Return the option that names a column."""
    return typer.Option(metavar="NAME", help=f"Column of {content}. [default: {default}]")


_DatasetPath = Annotated[
    str,
    typer.Argument(
        metavar="PATH",
        help="A file, or a folder of data files or documents; or the URL of Parquet files.",
        show_default=False,
    ),
]
_AuditEngine = Annotated[
    Literal["local", "ray"] | None,
    typer.Option(
        help="Audit Parquet files in tasks, in processes of this machine or on a Ray cluster. "
        "[default: local, if PATH is a URL]"
    ),
]
_TaskFolder = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="With --engine: folder for the files of tasks. A repeated audit does only what is new. "
        "[default: temporary]",
    ),
]
_NearDuplicates = Annotated[
    bool | None,
    typer.Option(
        "--near-duplicates/--no-near-duplicates",
        help="Compare the texts of different splits. [default: up to 200,000 rows]",
    ),
]
_ChangedSince = Annotated[
    str | None, typer.Option(metavar="REV", help="Report only what changed since this git revision.")
]
_Explain = Annotated[str | None, typer.Option(metavar="CODE", help="Explain a code and exit; `all` lists the codes.")]
_Venue = Annotated[
    Venue | None, typer.Option("--for", help="List what a venue asks of the latest release, and what is missing.")
]
_Deep = Annotated[bool, typer.Option("--deep", help="Repeat extraction, gamma, models and release, and compare.")]


def _check(
    select: Select = None,
    ignore: Ignore = None,
    format: _Format = "text",
    strict: Strict = False,
    max_per_code: _MaxPerCode = None,
    changed_since: _ChangedSince = None,
    deep: _Deep = False,
    explain: _Explain = None,
    venue: _Venue = None,
    fix: Annotated[bool, typer.Option("--fix", help="Fix safe problems and show a diff.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --fix: only show the diff.")] = False,
    corpus: Corpus = None,
    engine: BulkEngine = "local",
    ray_address: RayAddress = None,
    root: Root = None,
    as_json: AsJsonFormat = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import check as stage

    if explain is not None:
        _print_explanation(explain, as_json=as_json)
        return
    if venue is not None:
        print_report(stage.run_venue(find(root), venue), as_json=as_json or format == "json", quiet=quiet)
        return
    if dry_run and not fix:
        raise typer.BadParameter("--dry-run needs --fix")
    if fix and (deep or changed_since is not None):
        raise typer.BadParameter("--fix is for the whole workspace, without --deep or --changed-since")
    selected, ignored = tuple(select or ()), tuple(ignore or ())
    printed = "json" if as_json else format
    if max_per_code is None and printed == "text" and sys.stdout.isatty():
        max_per_code = _PER_CODE_AT_TERMINAL
    if corpus is not None:
        if fix or deep or changed_since is not None:
            raise typer.BadParameter("--fix, --deep and --changed-since are for a workspace, not for --corpus")
        from goldwire.checks.report import Options
        from goldwire.parallel.tasks import open_pool

        options = Options(select=selected, ignore=ignored, format=printed, strict=strict, max_per_code=max_per_code)
        _check_corpus(corpus, open_pool(engine, ray_address), options, quiet=quiet)
        return
    refuse_bulk_options(engine, ray_address)
    if fix:
        fixed = stage.run_fix(find(root), select=selected, ignore=ignored, write=not dry_run)
        print_report(fixed, as_json=as_json, quiet=quiet)
        return
    report = stage.run(
        find(root),
        select=selected,
        ignore=ignored,
        format=printed,
        strict=strict,
        max_per_code=max_per_code,
        changed_since=changed_since,
        deep=deep,
    )
    _print_findings(report, quiet=quiet)


def _check_corpus(corpus: str, pool: TaskPool, options: Options, *, quiet: bool) -> None:
    """Check a corpus in Parquet."""
    from goldwire.stages import bulk_release

    options.selected_codes()  # refuses unknown codes before the work and not after it
    _print_findings(bulk_release.check(corpus, pool=pool, options=options), quiet=quiet)


@_audit.command(
    DEFAULT,
    help=f"{_AUDIT} This is the default command.",
    epilog=example(
        "goldwire audit data/ --text-column text --label-column label", "goldwire audit s3://news/corpus/release"
    ),
)
def _audit_run(
    path: _DatasetPath,
    text_column: Annotated[str | None, _column("texts")] = None,
    label_column: Annotated[str | None, _column("labels")] = None,
    spans_column: Annotated[str | None, _column("spans")] = None,
    group_column: Annotated[str | None, _column("groups that no two splits may share")] = None,
    split_column: Annotated[str | None, _column("splits", "guessed, also from file names")] = None,
    allowed_labels: Annotated[
        str | None, typer.Option(metavar="LABELS", help="Labels allowed, comma-separated. [default: any]")
    ] = None,
    near_duplicates: _NearDuplicates = None,
    select: Select = None,
    ignore: Ignore = None,
    format: _Format = "text",
    strict: Strict = False,
    max_per_code: Annotated[
        int, typer.Option(metavar="N", min=1, help="Maximum number of findings listed per code; the rest are counted.")
    ] = 3,
    engine: _AuditEngine = None,
    ray_address: RayAddress = None,
    out: _TaskFolder = None,
    as_json: AsJsonFormat = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.audit import Columns
    from goldwire.checks.report import Options
    from goldwire.stages import audit as stage

    columns = Columns(text=text_column, label=label_column, spans=spans_column, group=group_column, split=split_column)
    labels = comma_separated(allowed_labels)
    options = Options(
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        format="json" if as_json else format,
        strict=strict,
        max_per_code=max_per_code,
    )
    if "://" in path or engine is not None:
        from goldwire.stages import bulk_audit

        report = bulk_audit.run(
            path,
            pool=_task_pool(engine or "local", ray_address, out),
            out=out,
            columns=columns,
            allowed_labels=labels,
            near_duplicates=near_duplicates is not False,
            options=options,
        )
    elif ray_address is not None or out is not None:
        raise typer.BadParameter("--ray-address and --out need --engine here")
    else:
        report = stage.run(
            Path(path), columns=columns, allowed_labels=labels, near_duplicates=near_duplicates, options=options
        )
    _print_findings(report, quiet=quiet, width=get_terminal_size().columns)


def _task_pool(engine: str, ray_address: str | None, out: str | None) -> TaskPool:
    """Return the pool of an audit in tasks, whose files all nodes of a cluster must reach."""
    from goldwire.parallel.tasks import open_pool

    if ray_address is not None and out is None:
        raise typer.BadParameter("--ray-address needs --out, a folder that all nodes of the cluster can reach")
    return open_pool(engine, ray_address)


@_audit.command(
    "labels",
    help="List the labels that are likely wrong: those of the workspace's gold, or of files of any tool.",
    epilog=example(
        "goldwire audit labels",
        "goldwire audit labels export.json --only spans",
        "goldwire audit labels --push b01 --expert E1",
    ),
)
def _audit_labels(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files of another tool. [default: the gold of the workspace]"),
    ] = None,
    only: Annotated[AuditedLabels | None, typer.Option(help="Audit only these labels. [default: both]")] = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="How many labels to list, or to upload.")] = 50,
    batch: Annotated[
        str | None,
        typer.Option("--push", metavar="BATCH", help="Upload those of this batch to an expert's project for review."),
    ] = None,
    expert: Expert = "E1",
    source_format: SourceFormat = None,
    insecure: Insecure = False,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from goldwire.stages import audit_labels as stage

    allow_insecure(insecure)
    if paths and batch is not None:
        raise typer.BadParameter("--push uploads gold of the workspace: give no PATH")
    if paths:
        report = stage.run_files(paths, source_format=source_format, only=only, top=top)
    elif batch is not None:
        report = stage.push(find(root), batch=batch, expert=expert, only=only, top=top)
    else:
        report = stage.run(find(root), only=only, top=top)
    print_report(report, as_json=as_json, quiet=quiet)


def _print_explanation(code: str, *, as_json: bool) -> None:
    """Print the explanation of a code, or of every code for `all`."""
    from goldwire.checks.registry import RULES, explain

    text = explain(code)
    if as_json:
        import msgspec

        rules = list(RULES.values()) if code == "all" else [RULES[code]]
        text = msgspec.json.encode(rules).decode()
    print(text)


def _print_findings(report: CheckReport, *, quiet: bool, width: int | None = None) -> None:
    """Print findings in the format that was chosen, in colour on a terminal, and exit with the report's code."""
    text = report.render(color=has_colors(sys.stdout), width=width).rstrip("\n")
    if text and not quiet:
        print(text)
        if report.findings and report.format == "text" and sys.stdout.isatty():
            print("next: `goldwire check --explain CODE` says why it matters, and how to fix it")
            if report.unlisted:
                print("      --max-per-code N lists more of each code")
    raise typer.Exit(report.exit_code)
