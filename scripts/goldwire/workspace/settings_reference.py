"""The settings as data, and as the commented table of a new workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_type_hints

import msgspec

from goldwire.workspace.layout import Settings

__all__ = ["SettingRow", "settings_rows", "settings_table"]

_EXAMPLES = {
    "prelabel_model": '"en_core_web_sm"',
    "repo_id": '"my-organisation/my-dataset"',
    "publisher": '"My University"',
    "year": "2027",
    "doi": '"10.5281/zenodo.0000000"',
    "homepage": '"https://dataset.example"',
}


class SettingRow(msgspec.Struct, frozen=True):
    """A setting: its name, its default in TOML (None: it has none) and what it is."""

    name: str
    default: str | None
    description: str


def settings_rows() -> Iterator[SettingRow]:
    """Yield the settings of `[tool.goldwire]` in order."""
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        description = next(meta.description for meta in hints[field.name].__metadata__ if meta.description)
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        has_default = default is not msgspec.NODEFAULT and default is not None
        yield SettingRow(field.name, _toml(default) if has_default else None, description)


def _toml(value: Any) -> str:
    """Return a default value in TOML; what is allowed here is the same in JSON."""
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def settings_table(name: str) -> str:
    """Return the table for pyproject.toml with `name`, and every other setting in a comment with its default."""
    lines = ["[tool.goldwire]", f"name = {json.dumps(name, ensure_ascii=False)}"]
    for row in settings_rows():
        if row.name != "name":
            value = row.default or _EXAMPLES[row.name]
            lines.append(f"# {row.name} = {value}  # {row.description}{'' if row.default else ' (not set)'}")
    return "\n".join(lines) + "\n"
