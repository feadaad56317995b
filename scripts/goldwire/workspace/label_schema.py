"""The labels of a project, which are data (`annotations/schema.toml`), never enums in code."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.errors import ConfigError, MissingFileError

__all__ = ["EntityLabel", "Schema", "StanceOption", "parse_schema", "read_schema"]


class EntityLabel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of span: its name, what it means in one line, its colour (`#rrggbb`) and its hot key."""

    label: str
    description: str
    color: str
    key: str


class StanceOption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stance: as an entity label, and its place on the scale (opposes -1, neutral 0, supports 1)."""

    label: str
    description: str
    color: str
    key: str
    order: int


class Schema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All labels of a project.

    `voice` names a technical span label: an annotator who finds that the article itself takes a side marks any
    stretch of its headline with it and draws the stance from there. It never reaches a layer: `pull` turns a
    stance held by a `voice` span into one with holder None, and drops the span.

    `overlap` says whether spans of one layer may cross (`any`), only lie within each other (`nested`) or neither
    (`none`); `holders` and `targets` name the entity labels that may hold a stance or be its target (none named: all).
    """

    version: str
    voice: str = "VOICE"
    overlap: Literal["none", "nested", "any"] = "nested"
    holders: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    entity: tuple[EntityLabel, ...]
    stance: tuple[StanceOption, ...]

    @property
    def entity_labels(self) -> tuple[str, ...]:
        """Names of the entity labels, in the file's order."""
        return tuple(label.label for label in self.entity)

    @property
    def stance_labels(self) -> tuple[str, ...]:
        """Names of the stances from most against to most in favour."""
        return tuple(option.label for option in sorted(self.stance, key=lambda option: option.order))


def read_schema(path: Path) -> Schema:
    """Read and validate a schema file; every fault is one GoldwireError with the value."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingFileError("no schema", location=path, hint="`goldwire init` writes one to start from") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}", location=path, hint="save it as UTF-8") from None
    return parse_schema(text, path)


def parse_schema(text: str, place: Path) -> Schema:
    """Parse and validate the text of a schema file; `place` is only named in errors."""
    try:
        schema = msgspec.convert(tomllib.loads(text), Schema)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(str(error), location=place, hint="see annotations/README.md for its fields") from None
    _refuse_repeats(schema, place)
    return schema


def _refuse_repeats(schema: Schema, place: Path) -> None:
    entries: tuple[EntityLabel | StanceOption, ...] = (*schema.entity, *schema.stance)
    named = Counter([schema.voice, *(entry.label for entry in entries)])
    # Doccano keeps hot keys of entities and relations apart, but people do not.
    for what, counts in (("labels", named), ("hot keys", Counter(entry.key for entry in entries))):
        for value, count in counts.items():
            if count > 1:
                raise ConfigError(f"{count} {what} are {value!r}", location=place, hint="give each its own")
    for group in (schema.entity, schema.stance):
        for value, count in Counter(entry.color.lower() for entry in group).items():
            if count > 1:
                raise ConfigError(f"{count} labels are {value!r}", location=place, hint="give each its own colour")
    if not schema.entity:
        raise ConfigError("no [[entity]] label", location=place, hint="name at least one")
    for label in (*schema.holders, *schema.targets):
        if label not in schema.entity_labels:
            raise ConfigError(f"no [[entity]] label {label!r}", location=place, hint="see `holders` and `targets`")
