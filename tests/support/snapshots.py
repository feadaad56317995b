"""Snapshots of everything that users may rely on: Python names, command line, JSON keys, records, Parquet columns.

Run as a script to write the files of tests/snapshots/ anew:

    PYTHONPATH=scripts:tests python -m support.snapshots
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import numpy as np
import typer

import goldwire
from goldwire import agreement, certification, records
from goldwire.agreement.batch import BatchAgreement
from goldwire.bulk.article_table import article_schema, rejection_schema
from goldwire.bulk.shards import shard_schema
from goldwire.checks.registry import RULES
from goldwire.checks.report import CheckReport, Options, report
from goldwire.checks.rule import Rule
from goldwire.cli.application import app
from goldwire.doccano.server import lifecycle
from goldwire.formats import table_of_formats
from goldwire.release.features import LabelNames, config_features
from goldwire.stages import (
    adjudicate,
    agree,
    audit,
    audit_labels,
    backup,
    baseline,
    batches,
    bulk,
    bulk_audit,
    bulk_release,
    certify,
    check,
    correct,
    dedup,
    diff,
    doctor,
    estimate,
    exclude,
    export,
    hydrate,
    import_labels,
    ingest,
    inventory,
    people,
    plan,
    prelabel,
    publish,
    pull,
    push,
    release,
    restore,
    sample,
    show,
    split,
    status,
)
from goldwire.workspace import scaffold
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Settings
from goldwire.workspace.sources import Source

__all__ = ["FOLDER", "REGENERATE", "render"]

FOLDER = Path(__file__).parent.parent / "snapshots"
REGENERATE = "PYTHONPATH=scripts:tests .venv/bin/python -m support.snapshots"

_WIDTH = 100

_REPORTS: dict[str, Callable[..., Any]] = {
    "init": scaffold.create_workspace,
    "doctor": doctor.run,
    "correct": correct.run,
    "stats": inventory.run,
    "show": show.run,
    "exclude": exclude.run,
    "ingest": ingest.run,
    "ingest --out": bulk.ingest,
    "dedup": dedup.run,
    "dedup --corpus": bulk.dedup,
    "sample": sample.run,
    "push": push.run,
    "pull": pull.run,
    "agree": agree.run,
    "prelabel": prelabel.run,
    "certify": certify.run,
    "estimate": estimate.run,
    "plan": plan.run,
    "adjudicate": adjudicate.run,
    "adjudicate push": adjudicate.push,
    "adjudicate pull": adjudicate.pull,
    "split": split.run,
    "split --corpus": bulk.split,
    "release": release.run,
    "release --corpus": bulk_release.release,
    "publish": publish.run,
    "server start": lifecycle.start_server,
    "server status": lifecycle.report_status,
    "server stop": lifecycle.stop_server,
    "people": people.run,
    "people reset": people.reset,
    "backup": backup.run,
    "restore": restore.run,
    "status": batches.run,
    "status BATCH": status.run,
    "audit labels": audit_labels.run,
    "check --fix": check.run_fix,
    "check --for": check.run_venue,
    "diff": diff.run,
    "hydrate": hydrate.run,
    "baseline": baseline.run,
    "import": import_labels.run,
    "export": export.run,
    "formats": table_of_formats.build,
}
"""The function whose return value each command prints with `--json`."""

_FINDINGS: dict[str, Callable[..., CheckReport]] = {
    "check": check.run,
    "check --corpus": bulk_release.check,
    "audit": audit.run,
    "audit URL": bulk_audit.run,
}
"""The commands that print findings instead: a list of objects with the same keys in each."""

_SETTINGS = {
    "pyproject.toml [tool.goldwire]": Settings,
    "corpus/sources.toml [SOURCE]": Source,
    "annotations/schema.toml": Schema,
}


def render() -> dict[str, str]:
    """Return the text of each snapshot by its file name."""
    return {
        "python_names.txt": "\n".join(_python_names()) + "\n",
        "command_line.txt": "\n".join(_command_line()) + "\n",
        "json_keys.txt": "\n".join(_json_keys()) + "\n",
        "record_fields.txt": "\n".join(_record_fields()) + "\n",
        "parquet_columns.txt": "\n".join(_parquet_columns()) + "\n",
    }


def _python_names() -> Iterator[str]:
    """Yield every public name: functions with their signature, classes with their fields and methods."""
    for module in (goldwire, agreement, certification):
        for name in sorted(module.__all__):
            yield from _describe(f"{module.__name__}.{name}", getattr(module, name))


def _describe(name: str, value: object) -> Iterator[str]:
    if isinstance(value, types.ModuleType):
        yield f"{name} module"
    elif isinstance(value, type):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        yield f"{name} class({bases})"
        if issubclass(value, msgspec.Struct):
            yield from (f"  {line}" for line in _fields(value))
        for attribute in sorted(vars(value)):
            yield from (f"  {line}" for line in _method(attribute, vars(value)[attribute]))
    elif callable(value):
        variants = typing.get_overloads(value) if inspect.isfunction(value) else []
        for variant in [*variants, value]:
            yield f"{name}{_signature(variant)}"
    elif name == "goldwire.__version__":
        yield f"{name}: {type(value).__name__}"
    else:
        yield f"{name} = {_type_name(value) if get_args(value) else repr(value)}"


def _method(name: str, value: object) -> Iterator[str]:
    if name.startswith("_") and name != "__init__":
        return
    if isinstance(value, property):
        yield f"{name}: property"
    elif isinstance(value, classmethod | staticmethod):
        yield f"{type(value).__name__} {name}{_signature(value.__func__)}"
    elif inspect.isfunction(value):
        yield f"{name}{_signature(value)}"


class _Source:
    """An annotation as its source text, which `inspect` would put in quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _signature(function: Callable[..., Any]) -> str:
    """Return the signature with annotations as they are written."""

    def unquoted(annotation: Any) -> Any:
        return _Source(annotation) if isinstance(annotation, str) else annotation

    signature = inspect.signature(function)
    parameters = [entry.replace(annotation=unquoted(entry.annotation)) for entry in signature.parameters.values()]
    text = str(signature.replace(parameters=parameters, return_annotation=unquoted(signature.return_annotation)))
    return text.replace("= Ellipsis", "= ...")


def _fields(struct: type[msgspec.Struct]) -> Iterator[str]:
    """Yield the fields of a record with their types, and which are optional."""
    for field in msgspec.structs.fields(struct):
        yield f"{field.encode_name}: {_type_name(field.type)}{'' if field.required else ' (optional)'}"


def _type_name(kind: Any) -> str:
    """Return a type as short text that is the same in every version of Python."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " | ".join(map(_type_name, arguments))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if origin is np.ndarray:  # how numpy spells its parameters differs between versions
        return "ndarray"
    if origin is not None:
        return f"{getattr(origin, '__name__', origin)}[{', '.join(map(_type_name, arguments))}]"
    if kind is type(None):
        return "None"
    return "..." if kind is Ellipsis else str(getattr(kind, "__name__", kind))


def _command_line() -> Iterator[str]:
    """Yield the help of every command, at a fixed width and without colour."""
    root = typer.main.get_command(app)
    yield from _help(root, None, "goldwire")


def _help(command: Any, parent: Any, name: str) -> Iterator[str]:
    context = command.context_class(
        command, info_name=name, parent=parent, terminal_width=_WIDTH, max_content_width=_WIDTH
    )
    yield f"$ {context.command_path} --help"
    yield from command.get_help(context).rstrip().splitlines()
    yield ""
    for inner in command.list_commands(context) if hasattr(command, "commands") else ():
        yield from _help(command.commands[inner], context, inner)


def _json_keys() -> Iterator[str]:
    """Yield every key that `--json` prints, by command, with the type of its value."""
    for command, function in _REPORTS.items():
        returned = _returned(function)
        yield f"$ goldwire {command} --json"
        yield from (f"  {line}" for line in _paths(returned, "", ()))
    yield "$ goldwire check --explain CODE --json"
    yield from (f"  [].{line}" for line in _fields(Rule))
    yield "$ goldwire demo --json"
    yield "  lines: tuple[str, ...]"
    finding = RULES["span-empty"].finding("annotations/layers/b01/A1.jsonl", "it is empty", line=1)
    shown = report([finding], Options(format="json")).render()
    structs = (Rule, records.Finding)
    types_of = {field.name: _type_name(field.type) for struct in structs for field in msgspec.structs.fields(struct)}
    for command, function in _FINDINGS.items():
        assert _returned(function) is CheckReport
        yield f"$ goldwire {command} --json"
        yield from (f"  [].{key}: {types_of[key]}" for key in msgspec.json.decode(shown)[0])


def _returned(function: Callable[..., Any]) -> Any:
    """Return the type that a function returns; its other annotations may be known to type checkers only."""
    return eval(function.__annotations__["return"], function.__globals__)


def _paths(kind: Any, path: str, above: Sequence[Any]) -> Iterator[str]:
    """Yield `key.key[].key: type` for every key below a type."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in above:
            yield f"{path}: {kind.__name__}, as above"
        else:
            for field in msgspec.structs.fields(kind):
                name = f"{path}.{field.encode_name}" if path else field.encode_name
                yield from _paths(field.type, name, (*above, kind))
        return
    arguments, structs = get_args(kind), [entry for entry in _structs(kind) if entry not in above]
    if not structs:
        yield f"{path}: {_type_name(kind)}"
        return
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        rest = [argument for argument in arguments if not list(_structs(argument))]
        yield f"{path}: {' | '.join([_type_name(a) for a in arguments if a not in rest] + [*map(_type_name, rest)])}"
        for argument in arguments:
            if list(_structs(argument)):
                yield from _paths(argument, path, above)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _paths(arguments[1], f"{path}{{}}", above)
    else:
        yield from _paths(arguments[0], f"{path}[]", above)


def _structs(kind: Any) -> Iterator[type]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for argument in get_args(kind):
        yield from _structs(argument)


def _record_fields() -> Iterator[str]:
    """Yield the fields of every record on disk and of every settings file."""
    known: dict[str, type[msgspec.Struct]] = {}
    for name in sorted(records.__all__):
        value = getattr(records, name)
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value is not records.Record:
            known[name] = value
    known |= {"annotations/agreement/BATCH.json": BatchAgreement} | _SETTINGS
    for name, struct in known.items():
        yield name
        yield from (f"  {line}" for line in _paths(struct, "", ()))


def _parquet_columns() -> Iterator[str]:
    """Yield the columns of each config of a release, with its text and without it, and of a corpus in Parquet."""
    labels = LabelNames(("PER", "ORG"), ("supports", "opposes"))
    for title, standoff in (("with text", False), ("without text (--standoff)", True)):
        for config, columns in config_features(labels, standoff=standoff).items():
            yield f"{config}, {title}"
            yield from (f"  {field.name}: {field.type}" for field in columns.arrow_schema)
    schemas = {"articles": article_schema(), "rejected": rejection_schema(), "release": shard_schema()}
    for folder, schema in schemas.items():
        yield f"{folder}/ of a corpus in Parquet"
        yield from (f"  {field.name}: {field.type}" for field in schema)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in render().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
