"""The settings reference has every setting, and docs/settings.md is what it generates."""

from __future__ import annotations

import tomllib

import msgspec

from goldwire.workspace.layout import Settings
from goldwire.workspace.settings_reference import settings_page, settings_rows, settings_table
from support.paths import REPOSITORY


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


def test_the_page_is_generated() -> None:
    assert (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()


def test_the_table_is_valid_with_every_comment_removed() -> None:
    table = tomllib.loads(settings_table('a "name"').replace("\n# ", "\n"))["tool"]["goldwire"]
    assert msgspec.convert(table, Settings).name == 'a "name"'
