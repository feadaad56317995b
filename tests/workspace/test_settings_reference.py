"""The settings reference has every setting. The site shows it: tests/repository/test_site.py."""

from __future__ import annotations

import tomllib

import msgspec

from goldwire.workspace.layout import Settings
from goldwire.workspace.settings_reference import settings_rows, settings_table


def test_every_setting_has_a_row_with_its_default() -> None:
    rows = {row.name: row for row in settings_rows()}
    assert tuple(rows) == Settings.__struct_fields__
    settings = Settings(name="trial")
    for name, row in rows.items():
        if row.default is not None:
            value = tomllib.loads(f"value = {row.default}")["value"]
            assert msgspec.to_builtins(getattr(settings, name)) in (
                value,
                tuple(value) if isinstance(value, list) else 0,
            )


def test_the_table_is_valid_with_every_comment_removed() -> None:
    table = tomllib.loads(settings_table('a "name"').replace("\n# ", "\n"))["tool"]["goldwire"]
    assert msgspec.convert(table, Settings).name == 'a "name"'
