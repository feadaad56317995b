"""Shared by the commands: common options, choices, the workspace that a command runs in, and printing of reports."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import typer

from goldwire.errors import ConfigError, GoldwireError
from goldwire.progress import QUIET
from goldwire.stages import STAGES

if TYPE_CHECKING:
    from goldwire.workspace.layout import Workspace

__all__ = [
    "ROOT",
    "AcceptLoss",
    "AsJson",
    "AsJsonFormat",
    "AuditedLabels",
    "Batch",
    "BatchOrFiles",
    "BulkEngine",
    "Corpus",
    "DebiasingMethod",
    "Engine",
    "Expert",
    "Format",
    "Grouping",
    "Ignore",
    "Insecure",
    "Method",
    "MinPosterior",
    "MinVotes",
    "Order",
    "PlannedCoefficient",
    "Quiet",
    "RayAddress",
    "Report",
    "Root",
    "Select",
    "SourceFormat",
    "Strict",
    "TaskKind",
    "Venue",
    "WindowUnit",
    "allow_insecure",
    "comma_separated",
    "complete_code",
    "example",
    "files_of",
    "find",
    "finite",
    "finite_or_none",
    "label_pairs",
    "name_value_pairs",
    "print_report",
    "reasons_by_code",
    "refuse_bulk_options",
    "show_report",
    "summary",
]

ROOT = "GOLDWIRE_ROOT"
"""The environment variable that names the workspace folder, as `--root` does."""

INSECURE = "GOLDWIRE_DOCCANO_INSECURE"
"""The environment variable that allows what `--insecure` allows; see `goldwire.doccano.client.session`."""

# The choices are repeated here so that `--help` need not import the stages; tests/cli/test_options.py compares them.
AuditedLabels = Literal["spans", "stances"]
DebiasingMethod = Literal["ppi++", "dsl", "people", "machine"]
Engine = Literal["local", "daft", "ray"]
Format = Literal["text", "json", "junit", "sarif", "github"]
Grouping = Literal["outlet", "month", "pair"]
Method = Literal["majority", "dawid-skene", "mace", "expert"]
Order = Literal["random", "oldest", "uncertain"]
PlannedCoefficient = Literal["span_f1_exact", "span_f1_label", "stance_f1_exact", "stance_alpha_with_none"]
TaskKind = Literal["entities", "stance"]
Venue = Literal["neurips", "hub", "zenodo"]
WindowUnit = Literal["whole", "paragraphs", "sentences"]


class Report(Protocol):
    """The result of a stage: a record that is also readable as text."""

    def to_text(self) -> str:
        """Return the report for people."""


def _hide_progress(hide: bool) -> bool:
    if hide:
        os.environ[QUIET] = "1"
    return hide


def _complete_batch(incomplete: str) -> list[str]:
    """Return the batches of the workspace whose names begin with `incomplete`."""
    folder = Path(os.environ.get(ROOT) or Path.cwd()) / "annotations" / "tasks"
    return sorted(path.stem for path in folder.glob("*.jsonl") if path.stem.startswith(incomplete))


def complete_code(incomplete: str) -> list[str]:
    """Return the codes of findings that begin with `incomplete`."""
    from goldwire.checks.registry import RULES

    return [code for code in RULES if code.startswith(incomplete)]


def finite(number: float) -> float:
    """Return a number; raise a usage error for `nan`, which is in every range, and for `inf`."""
    if not math.isfinite(number):
        raise typer.BadParameter(f"{number} is not a finite number")
    return number


Root = Annotated[
    Path | None,
    typer.Option(
        "--root",
        metavar="DIR",
        envvar=ROOT,
        show_envvar=False,
        help="Workspace folder. [default: nearest enclosing workspace]",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.", callback=_hide_progress)]
AsJsonFormat = Annotated[bool, typer.Option("--json", help="Same as --format json.", callback=_hide_progress)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.", callback=_hide_progress)]
Insecure = Annotated[
    bool,
    typer.Option(
        "--insecure",
        help="Send the password over http to a server on another machine.",
    ),
]
AcceptLoss = Annotated[
    bool,
    typer.Option("--accept-loss", help="Take the layers as the server has them, even where it has lost work."),
]
Batch = Annotated[
    str,
    typer.Argument(
        metavar="BATCH",
        help="Name of the batch, for example b01.",
        show_default=False,
        autocompletion=_complete_batch,
    ),
]
BatchOrFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="BATCH|PATH...",
        help="Name of the batch, for example b01; or files of another tool, which need no workspace.",
        show_default=False,
        autocompletion=_complete_batch,
    ),
]
SourceFormat = Annotated[
    str | None,
    typer.Option("--from", metavar="FORMAT", help="See `goldwire formats`. [default: what the file looks like]"),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CODE",
        help="Report only this code, prefix of codes (span), or level (L2); repeatable. [default: all]",
        autocompletion=complete_code,
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CODE",
        help="Do not report this code, prefix of codes, or level; repeatable.",
        autocompletion=complete_code,
    ),
]
BulkEngine = Annotated[
    Literal["local", "ray"],
    typer.Option(
        "--engine", help="Where a corpus in Parquet is processed: processes of this machine, or a Ray cluster."
    ),
]
Corpus = Annotated[
    str | None,
    typer.Option(
        "--corpus", metavar="URL", help="Work on a corpus in Parquet, as s3://bucket/corpus, and not on a workspace."
    ),
]
RayAddress = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Ray cluster, with --engine ray. [default: start one here]")
]
Expert = Annotated[str, typer.Option(metavar="NAME", help="Pseudonym of the expert: E1, E2, ...")]
MinVotes = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Minimum number of votes for a label. [default: workspace setting]"),
]
MinPosterior = Annotated[
    float,
    typer.Option(
        metavar="X", min=0, max=1, callback=finite, help="Minimum posterior of a label, with dawid-skene and mace."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with code 1 on warnings, too.")]


def summary(stage: str) -> str:
    """Return the summary of a stage, which is the help of its command."""
    return next(entry.summary for entry in STAGES if entry.name == stage)


def example(*lines: str) -> str:
    """Return the epilog of a command's help: one example, or several below each other."""
    if len(lines) == 1:
        return f"Example: {lines[0]}"
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def allow_insecure(allow: bool) -> None:
    """Allow a password over http to another machine, if `--insecure` was given."""
    if allow:
        os.environ[INSECURE] = "1"


def find(root: Path | None) -> Workspace:
    """Return the workspace at `root`, or the nearest one that encloses the working folder."""
    from goldwire.workspace.layout import find_workspace

    return find_workspace(root or Path.cwd(), explicit=root is not None)


def files_of(arguments: list[str], root: Path | None, source_format: str | None) -> tuple[Path, ...]:
    """Return the paths that the arguments of `BatchOrFiles` name; none if they name one batch of the workspace.

    A single name is a batch if the workspace has it, or if there is no such file; `./b01` is always a path.
    """
    paths = tuple(Path(argument) for argument in arguments)
    if len(paths) > 1 or source_format is not None or any(sep in arguments[0] for sep in (os.sep, os.altsep) if sep):
        return paths
    may_be_file = paths[0].exists() or bool(paths[0].suffix)
    try:
        workspace = find(root)
    except GoldwireError:
        if may_be_file:
            return paths
        raise
    is_batch = (workspace.layers / arguments[0]).exists() or (workspace.tasks_file(arguments[0])).exists()
    return () if is_batch or not may_be_file else paths


def refuse_bulk_options(engine: str, ray_address: str | None) -> None:
    """Raise a usage error for options that only a corpus in Parquet takes."""
    if engine != "local" or ray_address is not None:
        raise typer.BadParameter("--engine and --ray-address need --corpus here")


def print_report(report: Report, *, as_json: bool, quiet: bool, next_step: str = "") -> None:
    """Print a report as JSON or as text, and exit with its exit code if that is not 0.

    What to do next is for people at a terminal: a file or a pipe gets the report alone.
    """
    show_report(report, as_json=as_json, quiet=quiet)
    code = getattr(report, "exit_code", 0)
    if code:
        raise typer.Exit(code)
    if next_step and not as_json and not quiet and sys.stdout.isatty():
        print(f"next: {next_step}")


def show_report(report: Report, *, as_json: bool, quiet: bool) -> None:
    """Print a report as JSON or as text."""
    if as_json:
        import msgspec

        print(msgspec.json.encode(report).decode(), flush=True)
    elif not quiet and (text := report.to_text()):
        print(text, flush=True)


def comma_separated(text: str | None) -> tuple[str, ...]:
    """Split `A1, A2` into its names."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def finite_or_none(number: float | None) -> float | None:
    """Return a number as `finite` does; None if the option was not given."""
    return None if number is None else finite(number)


def label_pairs(texts: list[str] | None) -> dict[str, str]:
    """Parse each `OLD=NEW` of an option that is repeated."""
    pairs = {}
    for text in texts or ():
        old, equals, new = text.partition("=")
        if not (old and equals and new):
            raise ConfigError(f"not two labels: {text!r}", hint="write OLD=NEW, as PERSON=PER")
        pairs[old] = new
    return pairs


def name_value_pairs(texts: list[str] | None) -> dict[str, float]:
    """Parse each `NAME=VALUE` of an option that is repeated."""
    pairs = {}
    for text in texts or ():
        name, equals, value = text.rpartition("=")
        try:
            pairs[name] = float(value)
        except ValueError:
            equals = ""
        if not equals or not name or not math.isfinite(pairs[name]):
            raise ConfigError(f"not a name and a number: {text!r}", hint="write NAME=VALUE, as span_f1_exact=0.8")
    return pairs


def reasons_by_code(texts: list[str] | None) -> dict[str, str]:
    """Parse each `CODE=REASON` of an option that is repeated."""
    reasons = {}
    for text in texts or ():
        code, equals, reason = text.partition("=")
        if not equals or not reason.strip():
            raise ConfigError(f"no reason in {text!r}", hint="write CODE=REASON: the reason will be in the card")
        reasons[code.strip()] = reason.strip()
    return reasons
