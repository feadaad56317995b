"""A seeded change of each field of each record on disk, enumerated from the records' types."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from goldwire import records
from goldwire.agreement.batch import BatchAgreement
from goldwire.baselines.scores import Baseline
from goldwire.ingestion.corrections import correct_article
from goldwire.prelabeling.layers import compare_with_suggestions
from goldwire.stages import agree
from goldwire.workspace import jsonl
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import find_workspace
from goldwire.workspace.sources import Source
from support.overlay import rehash

__all__ = ["RECORDS", "Field", "change_field", "changed_value", "complete_workspace", "fields"]

Field = tuple[str, ...]
"""The kind of file and the names of the fields down to one value: `("layers", "spans", "start")`."""

RECORDS: dict[str, tuple[str, Any]] = {
    "articles": ("corpus/articles/herald.jsonl", records.Article),
    "rejected": ("corpus/rejected/wire.jsonl", records.Rejected),
    "duplicates": ("corpus/duplicates.jsonl", records.Duplicates),
    "tasks": ("annotations/tasks/b01.jsonl", records.Task),
    "prelabels": ("annotations/prelabels/b01.jsonl", records.AnnotationLayer),
    "layers": ("annotations/layers/b01/A1.jsonl", records.AnnotationLayer),
    "gold": ("annotations/gold/b01.jsonl", records.AnnotationLayer),
    "decisions": ("annotations/gold/b01.decisions.jsonl", records.Decision),
    "adjudication": ("annotations/gold/b01.adjudication.json", records.Adjudication),
    "agreement": ("annotations/agreement/b01.json", BatchAgreement),
    "assignment": ("splits/assignment.tsv", records.SplitAssignment),
    "manifest": ("splits/v0.0.1/manifest.json", records.Release),
    "baseline": ("splits/v0.0.1/baseline.json", Baseline),
    "schema": ("annotations/schema.toml", Schema),
    "sources": ("corpus/sources.toml", Source),
}
"""The file of each kind of record in the tiny workspace, and the type of its records."""


def complete_workspace(root: Path) -> None:
    """Add what the tiny workspace at `root` lacks: a rejected page, a corrected article, and pre-labels."""
    space = find_workspace(root, explicit=True)
    path = space.articles / "herald.jsonl"
    article, *others = jsonl.read(path, records.Article)
    misspelled = msgspec.structs.replace(article, text=article.text[:-2] + "?!")
    corrected = correct_article(
        msgspec.structs.replace(misspelled, text_sha256=records.text_digest(misspelled.text)), article.text, "a typo"
    )
    jsonl.write(path, [corrected, *others])
    page = space.raw / "wire" / "brief.txt"
    page.write_text("In brief\n")
    rejected = records.Rejected(
        source="wire",
        file=space.relative(page),
        row=None,
        reason="too-short",
        detail="2 words, at least 25",
        sha256=hashlib.sha256(page.read_bytes()).hexdigest(),
    )
    jsonl.write(space.rejected / "wire.jsonl", [rejected])
    path = space.layers / "b01" / "A1.jsonl"
    layers = list(jsonl.read(path, records.AnnotationLayer))
    suggestions = [
        msgspec.structs.replace(layer, annotator="gazetteer", confirmed=False, comments=()) for layer in layers
    ]
    jsonl.write(space.prelabels / "b01.jsonl", suggestions)
    jsonl.write(path, [compare_with_suggestions(layer, each) for layer, each in zip(layers, suggestions, strict=True)])
    agree.run(space, batch="b01", html=False)


def fields() -> Iterator[Field]:
    """Yield every field of every record on disk."""
    for kind, (_, struct) in RECORDS.items():
        for path in _paths(struct):
            yield (kind, *path)


def _paths(kind: Any) -> Iterator[tuple[str, ...]]:
    for field in msgspec.structs.fields(kind):
        inner = next(_structs(field.type), None)
        if inner is None:
            yield (field.encode_name,)
        else:
            yield from ((field.encode_name, *path) for path in _paths(inner))


def _structs(kind: Any) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for argument in get_args(kind):
        yield from _structs(argument)


def change_field(root: Path, field: Field, rng: random.Random) -> None:
    """Change one value of a field in the workspace at `root`; its file stays well-formed and canonical."""
    kind, path = field[0], field[1:]
    file, struct = root / RECORDS[kind][0], RECORDS[kind][1]
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
        decoder = msgspec.json.Decoder(struct)
        _change_one(rows, struct, path, rng)
        lines = (msgspec.json.encode(decoder.decode(json.dumps(row))) for row in rows)
        file.write_bytes(b"".join(line + b"\n" for line in lines))
    elif file.suffix == ".json":
        document = json.loads(text)
        _change_one([document], struct, path, rng)
        file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        if kind == "baseline":
            rehash(file.parent, file.name)  # whoever changes it on purpose repairs its digest, too
    elif file.suffix == ".tsv":
        header, *lines = [line.split("\t") for line in text.splitlines()]
        rows = [dict(zip(header, line, strict=True)) for line in lines]
        _change_one(rows, struct, path, rng)
        file.write_text("".join("\t".join(line) + "\n" for line in (header, *(row.values() for row in rows))))
    else:
        tables = tomllib.loads(text)
        _change_one([tables] if kind == "schema" else [tables["wire"]], struct, path, rng)
        file.write_text(_toml(tables), encoding="utf-8")


def _change_one(rows: list[Any], struct: Any, path: tuple[str, ...], rng: random.Random) -> None:
    """Change the value at `path` in one row that has it: preferably one that is not null."""
    holders = [(holder, kind) for row in rows for holder, kind in _holders(row, struct, path)]
    name = path[-1]
    present = [pair for pair in holders if pair[0].get(name) not in (None, [], {})] if isinstance(name, str) else []
    holder, kind = rng.choice(present or holders)
    holder[name] = _other(holder.get(name), kind, rng)


class _Item(dict[str, Any]):
    """A struct that is stored as an array, such as a run of an article's origin, with the names of its fields."""

    def __init__(self, array: list[Any], names: tuple[str, ...]) -> None:
        super().__init__(zip(names, array, strict=True))
        self.array, self.names = array, names

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self.array[self.names.index(name)] = value


def _holders(value: Any, struct: Any, path: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    """Yield each object that has the last field of `path`, and the type of that field."""
    if isinstance(value, list) and struct.__struct_config__.array_like:
        value = _Item(value, struct.__struct_fields__)
    field = next(each for each in msgspec.structs.fields(struct) if each.encode_name == path[0])
    if len(path) == 1:
        yield value, field.type
        return
    inner, nested = next(_structs(field.type)), value.get(path[0])
    if nested is None or nested in ([], {}):
        nested = value[path[0]] = _example(field.type)
    if isinstance(nested, dict) and get_origin(field.type) is dict:
        nested = list(nested.values())
    is_list = isinstance(nested, list) and not (
        inner.__struct_config__.array_like and nested and nested[0].__class__ is int
    )
    for each in nested if is_list else [nested]:
        yield from _holders(each, inner, path[1:])


def _example(kind: Any) -> Any:
    """Return a value of a type that holds structs, with one of them."""
    struct = next(_structs(kind))
    item = {
        field.encode_name: _example(field.type) if next(_structs(field.type), None) else _plain(field.type)
        for field in msgspec.structs.fields(struct)
        if field.required
    }
    one = list(item.values()) if struct.__struct_config__.array_like else item
    return [one] if any(get_origin(each) is tuple for each in (kind, *get_args(kind))) else one


def _plain(kind: Any) -> Any:
    """Return a value of a type without structs."""
    if kind is bool:
        return True
    if kind in (int, float):
        return 1
    if kind is str:
        return "x"
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return arguments[0]
    if origin in (Union, types.UnionType):
        return _plain(next(each for each in arguments if each not in (type(None), msgspec.UnsetType)))
    if origin is tuple:
        return [_plain(each) for each in arguments if each is not Ellipsis]
    return {"x": _plain(arguments[1])} if origin is dict else "x"


def changed_value(value: Any, rng: random.Random) -> Any:
    """Return another value of the type of a value that is not empty."""
    return _other(value, None, rng)


def _other(value: Any, kind: Any, rng: random.Random) -> Any:
    """Return another value of the type."""
    if value is None or value in ([], {}):
        return _plain(kind)
    literals = [option for each in (kind, *get_args(kind)) if get_origin(each) is Literal for option in get_args(each)]
    if literals:
        return rng.choice([option for option in literals if option != value])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.choice((1, 2, 3))
    if isinstance(value, float):
        return value / 2 if value else 0.5
    if isinstance(value, str):
        return _other_text(value, rng)
    changed = copy.deepcopy(value)
    key = rng.choice(list(changed) if isinstance(changed, dict) else range(len(changed)))
    changed[key] = _other(changed[key], None, rng)
    return changed


def _other_text(value: str, rng: random.Random) -> str:
    """Return a text of the same form: another digit, or another letter, at a random place."""
    places = [n for n, c in enumerate(value) if c.isascii() and c.isalnum()]
    if not places:
        return value + "x"
    place = rng.choice(places)
    options = "123456789" if value[place].isdigit() else "abcdef"
    return value[:place] + rng.choice([c for c in options if c != value[place].lower()]) + value[place + 1 :]


def _toml(tables: dict[str, Any], prefix: str = "") -> str:
    """Return simple tables as TOML."""
    plain = {k: v for k, v in tables.items() if not isinstance(v, dict) and not _is_array_of_tables(v)}
    text = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in plain.items())
    for key, value in tables.items():
        if isinstance(value, dict):
            text += f"\n[{prefix}{key}]\n{_toml(value, f'{prefix}{key}.')}"
        elif _is_array_of_tables(value):
            text += "".join(f"\n[[{prefix}{key}]]\n{_toml(each)}" for each in value)
    return text


def _is_array_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)
