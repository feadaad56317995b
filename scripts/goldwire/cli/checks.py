"""`goldwire check`: of this workspace, or of anybody's dataset."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from goldwire.cli.options import Quiet, Root, app, emit, find
from goldwire.progress import QUIET
from goldwire.stages import STAGES

__all__: list[str] = []

_SUMMARY = next(stage.summary for stage in STAGES if stage.name == "check")
_COLUMN = "Of a dataset: the column with "
Dataset = Annotated[Path | None, typer.Argument(metavar="[PATH]", help="Anybody's dataset; without, this workspace.")]


@app.command("check", help=_SUMMARY, short_help=_SUMMARY)
def _check(
    path: Dataset = None,
    select: Annotated[list[str] | None, typer.Option(help="Only this code, beginning of codes, or level (L2).")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Not this code, beginning of codes, or level.")] = None,
    format: Annotated[str, typer.Option(help="text, json, junit, sarif or github.")] = "text",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count for the exit code.")] = False,
    max_per_code: Annotated[int | None, typer.Option(min=1, help="Spell out so many of a code.")] = None,
    changed_since: Annotated[str | None, typer.Option(metavar="REV", help="Only what changed since REV.")] = None,
    explain: Annotated[str | None, typer.Option(metavar="CODE", help="Say what a code means, and stop.")] = None,
    text: Annotated[str | None, typer.Option(help=_COLUMN + "the text.")] = None,
    label: Annotated[str | None, typer.Option(help=_COLUMN + "the label.")] = None,
    spans: Annotated[str | None, typer.Option(help=_COLUMN + "the spans.")] = None,
    group: Annotated[str | None, typer.Option(help=_COLUMN + "the group that no split may share.")] = None,
    labels: Annotated[str | None, typer.Option(help="Of a dataset: the labels there may be, comma-separated.")] = None,
    near: Annotated[bool | None, typer.Option("--near/--no-near", help="Of a dataset: near-duplicates, too.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend, showing the difference.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --fix: only show the difference.")] = False,
    root: Root = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    quiet: Quiet = False,
) -> None:
    stage = _stage(quiet=as_json or quiet)
    if explain is not None:
        print(stage.explain(explain))
        return
    chosen: dict[str, Any] = {"select": tuple(select or ()), "ignore": tuple(ignore or ())}
    if fix:
        emit(stage.run_fix(find(root), write=not dry_run, **chosen), as_json=as_json, quiet=quiet)
        return
    chosen |= {"format": "json" if as_json else format, "strict": strict}
    chosen |= {} if max_per_code is None else {"max_per_code": max_per_code}
    if path is None:
        report = stage.run(find(root), changed_since=changed_since, **chosen)
    else:
        columns = {"text_column": text, "label_column": label, "spans_column": spans, "group_column": group}
        audit = import_module("goldwire.stages.audit")
        report = audit.run(path, allowed_labels=_names(labels), near_duplicates=near, **columns, **chosen)
    _show(report, quiet=quiet)


def _stage(*, quiet: bool) -> Any:
    if quiet:
        os.environ[QUIET] = "1"
    return import_module("goldwire.stages.check")


def _names(said: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (said or "").split(",") if name.strip())


def _show(report: Any, *, quiet: bool) -> None:
    if not quiet:
        print(report.render(color=sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    raise typer.Exit(report.exit_code)
