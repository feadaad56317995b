"""The choices and defaults of the command line are those of the stages."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import typer

from goldwire.agreement.pilots import PlannedCoefficient
from goldwire.certification.debiased import DebiasingMethod
from goldwire.checks.report import FORMATS
from goldwire.checks.venues import VENUES
from goldwire.cli import options
from goldwire.cli.application import app
from goldwire.dedup.engines import ENGINES
from goldwire.errors import ConfigError, MissingFileError
from goldwire.records import TaskKind
from goldwire.sampling.options import Order
from goldwire.sampling.windows import WindowUnit
from goldwire.stages.adjudicate import METHODS
from goldwire.stages.estimate import Grouping

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
STAGES = {
    ("ingest",): ("ingest", "run"),
    ("dedup",): ("dedup", "run"),
    ("sample",): ("sample", "run"),
    ("push",): ("push", "run"),
    ("agree",): ("agree", "run", "run_files"),
    ("adjudicate", "run"): ("adjudicate", "run", "run_files"),
    ("adjudicate", "push"): ("adjudicate", "push"),
    ("adjudicate", "pull"): ("adjudicate", "pull"),
    ("split",): ("split", "run"),
    ("release",): ("release", "run"),
    ("publish",): ("publish", "run"),
    ("check",): ("check", "run"),
    ("estimate",): ("estimate", "run"),
    ("audit", "run"): ("audit", "run"),
    ("audit", "labels"): ("audit_labels", "run", "run_files", "push"),
}
"""Each command, and the module and functions that it calls."""

INPUTS = {"batch", "paths"}
"""What the argument `inputs` of a command stands for: a batch for one function, files for another."""

ONLY_CLI = {"root", "as_json", "quiet", "explain", "fix", "dry_run", "article", "insecure", "venue"}
BULK = {"corpus", "engine", "out", "raw", "ray_address", "sources_file"}
"""Options of a corpus in Parquet, with which a command calls another stage."""

GUESSED = {f"{role}_column" for role in ("tags", "start", "end", "surface", "id", "about")}
"""Columns of a dataset that are always guessed."""

ONLY_STAGE = {"workspace", "articles", "ratios", "seed"} | GUESSED


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (options.DebiasingMethod, get_args(DebiasingMethod)),
        (options.Engine, ENGINES),
        (options.Format, FORMATS),
        (options.Grouping, get_args(Grouping)),
        (options.Method, METHODS),
        (options.PlannedCoefficient, get_args(PlannedCoefficient)),
        (options.Order, get_args(Order)),
        (options.TaskKind, get_args(TaskKind)),
        (options.WindowUnit, get_args(WindowUnit)),
        (options.Venue, tuple(VENUES)),
    ],
)
def test_choices_are_those_of_the_stages(choices: object, expected: tuple[str, ...]) -> None:
    assert get_args(choices) == tuple(expected)


def command(path: tuple[str, ...]) -> Any:
    found = COMMANDS[path[0]]
    for name in path[1:]:
        found = found.commands[name]
    return found


def parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the defaults of a function's parameters by name; of a record of options, those of its fields."""
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if isinstance(parameter.default, msgspec.Struct):
            fields = msgspec.structs.asdict(parameter.default)
            found |= {f"{key}_column" if name == "columns" else key: value for key, value in fields.items()}
        else:
            found[name] = parameter.default
    return found


@pytest.mark.parametrize("path", STAGES, ids=" ".join)
def test_options_have_the_names_and_defaults_of_the_stage(path: tuple[str, ...]) -> None:
    module, *functions = STAGES[path]
    stage: dict[str, Any] = {}
    for function in reversed(functions):
        stage |= parameters(getattr(import_module(f"goldwire.stages.{module}"), function))
    left_out = ONLY_CLI | {"help"} | (BULK - stage.keys())
    given = {param.name: param for param in command(path).params if param.name not in left_out}
    names = given.keys() - {"seed"}
    assert (names - {"inputs"} | INPUTS if "inputs" in names else names) == stage.keys() - ONLY_STAGE
    for name, param in given.items():
        default = inspect.Parameter.empty if name == "inputs" else stage[name]
        if default not in (inspect.Parameter.empty, (), "") and not isinstance(default, dict):
            assert param.default == default, name


def test_every_command_takes_json_quiet_and_shows_an_example() -> None:
    leaves = []
    todo = [((name,), found) for name, found in COMMANDS.items()]
    while todo:
        path, found = todo.pop()
        if hasattr(found, "commands"):
            todo += [((*path, name), inner) for name, inner in found.commands.items()]
        else:
            leaves.append((path, found))
    assert len(leaves) >= 24
    for path, found in leaves:
        flags = {flag for param in found.params for flag in param.opts}
        assert {"--json", "--quiet"} <= flags, path
        assert f"goldwire {' '.join(path).replace(' run', '')}" in found.epilog, path
        assert all(param.help for param in found.params), path


def test_options_of_name_and_value_are_parsed() -> None:
    assert options.name_value_pairs(["span_f1_exact=0.8", "a=b=-1"]) == {"span_f1_exact": 0.8, "a=b": -1.0}
    assert options.name_value_pairs(None) == {}
    for text in ("span_f1_exact", "span_f1_exact=high", "=0.5"):
        with pytest.raises(ConfigError):
            options.name_value_pairs([text])


def test_comma_separated_names_are_trimmed() -> None:
    assert options.comma_separated(" A1, A2,,A3 ") == ("A1", "A2", "A3")
    assert options.comma_separated(None) == ()


def test_stages_declare_the_types_of_all_options() -> None:
    for module, function in ((module, name) for module, *names in STAGES.values() for name in names):
        run = getattr(import_module(f"goldwire.stages.{module}"), function)
        assert run.__annotations__.keys() - {"return"} == inspect.signature(run).parameters.keys()
        assert "Any" not in run.__annotations__.values()


def test_a_batch_needs_a_workspace_and_a_file_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert options.files_of(["ada.json"], None, None) == (Path("ada.json"),)
    with pytest.raises(MissingFileError, match="no workspace here"):
        options.files_of(["b01"], None, None)
