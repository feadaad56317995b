"""The label schema of a project (`annotations/schema.toml`). Labels are data, never enums in code."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import msgspec

from goldwire.errors import ConfigError, MissingFileError
from goldwire.quantities import quantity
from goldwire.workspace.toml_files import parse_toml, read_toml

__all__ = ["EntityLabel", "Schema", "StanceOption", "parse_schema", "read_schema"]

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_HOT_KEY = re.compile(r"[0-9a-z]")
_PREFIXED_KEY = re.compile(r"(?:ctrl|shift|alt|meta)\W.*?([0-9a-z])", re.IGNORECASE)


class EntityLabel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A label of spans: its name, description in one line, colour (`#rrggbb`), hot key, and examples, if any."""

    label: str
    description: str
    color: str
    key: str
    examples: tuple[str, ...] = ()


class StanceOption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A label of stances, with its position on the scale in `order` (opposes -1, neutral 0, supports 1)."""

    label: str
    description: str
    color: str
    key: str
    order: int
    examples: tuple[str, ...] = ()


class Schema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All labels of a project.

    Attributes
    ----------
    version : str
        Version of the schema; a change of meaning is a new version.
    voice : str
        A technical span label. If the article itself takes a side, the annotator marks any part of its headline with
        this label and draws the stance from there. It never reaches a layer: `pull` turns the stance of a `voice` span
        into one with holder None, and removes the span. "": the article itself takes no sides, as where there are no
        stances at all.
    overlap : {"none", "nested", "any"}
        Whether spans of one layer may cross (`any`), may only contain each other (`nested`), or neither (`none`).
    holders, targets : tuple of str
        Entity labels that may hold a stance, or be its target; empty: all.
    entity : tuple of EntityLabel
        The labels of spans.
    stance : tuple of StanceOption
        The labels of stances; empty: only entities are annotated.
    """

    version: str
    voice: str = ""
    overlap: Literal["none", "nested", "any"] = "nested"
    holders: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    entity: tuple[EntityLabel, ...]
    stance: tuple[StanceOption, ...] = ()

    @property
    def entity_labels(self) -> tuple[str, ...]:
        """Names of the entity labels, in the order of the file."""
        return tuple(label.label for label in self.entity)

    @property
    def stance_labels(self) -> tuple[str, ...]:
        """Names of the stances, from most opposed to most in favour."""
        return tuple(option.label for option in sorted(self.stance, key=lambda option: option.order))


def read_schema(path: Path) -> Schema:
    """Read and validate a schema file. Raises ConfigError with the value for every problem."""
    try:
        document = read_toml(path)
    except FileNotFoundError:
        raise MissingFileError("no label schema", location=path, hint="`goldwire init` writes a first one") from None
    return _schema(document, path)


def parse_schema(text: str, location: Path) -> Schema:
    """Parse and validate the text of a schema file; `location` is for errors only."""
    return _schema(parse_toml(text, location), location)


def _schema(document: dict[str, Any], location: Path) -> Schema:
    try:
        schema = msgspec.convert(document, Schema)
    except msgspec.ValidationError as error:
        raise ConfigError(
            str(error),
            location=location,
            hint="each label needs label, description, color and key, a stance also order",
        ) from None
    _validate(schema, location)
    # Without stances there is none for the article itself to hold.
    return schema if schema.stance else msgspec.structs.replace(schema, voice="")


def _validate(schema: Schema, location: Path) -> None:
    """Raise ConfigError for invalid or repeated names, hot keys or colours, and for unknown labels."""
    entries: tuple[EntityLabel | StanceOption, ...] = (*schema.entity, *schema.stance)
    for entry in entries:
        _validate_display(entry, location)
    labels = Counter([*filter(None, [schema.voice]), *(entry.label for entry in entries)])
    # Doccano separates the hot keys of entities and relations, but people do not.
    for kind, counts in (("labels", labels), ("hot keys", Counter(entry.key for entry in entries))):
        for value, count in counts.items():
            if count > 1:
                raise ConfigError(f"{count} {kind} are {value!r}", location=location, hint="make each unique")
    for group in (schema.entity, schema.stance):
        for value, count in Counter(entry.color.lower() for entry in group).items():
            if count > 1:
                raise ConfigError(
                    f"{quantity(count, 'label')} are {value!r}",
                    location=location,
                    hint="choose a different colour for each",
                )
    if not schema.entity:
        raise ConfigError("no [[entity]] label", location=location, hint="add at least one")
    for label in (*schema.holders, *schema.targets):
        if label not in schema.entity_labels:
            raise ConfigError(f"no [[entity]] label {label!r}", location=location, hint="see `holders` and `targets`")


def _validate_display(entry: EntityLabel | StanceOption, location: Path) -> None:
    """Raise ConfigError for a hot key or a colour that Doccano does not support."""
    if not _HOT_KEY.fullmatch(entry.key):
        prefixed = _PREFIXED_KEY.fullmatch(entry.key)
        hint = (
            f"write {prefixed[1].lower()!r}: Doccano ignores Ctrl and Shift"
            if prefixed
            else "use a digit or a small letter"
        )
        raise ConfigError(f"the key of {entry.label!r} is {entry.key!r}", location=location, hint=hint)
    if not _COLOR.fullmatch(entry.color):
        problem = f"the colour of {entry.label!r} is {entry.color!r}"
        raise ConfigError(problem, location=location, hint="write it as #rrggbb")
