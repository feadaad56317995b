"""The guideline page: labels of the schema above the project's own text."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.doccano.guideline_page import guideline_page
from goldwire.doccano.label_type_plan import label_types
from goldwire.workspace.guidelines import version_of
from goldwire.workspace.label_schema import Schema, parse_schema
from support import factories

OWN = "# Guidelines\n\nVersion: 1.0\n\nMark names.\n"


def page(text: str, **options: object) -> str:
    schema = parse_schema(text, Path("schema.toml"))
    return guideline_page(schema, label_types(schema), OWN, **options)  # type: ignore[arg-type]


def test_every_label_has_its_colour_key_and_meaning():
    text = page(factories.SCHEMA, introduction="**Only the window.**\n\n")
    assert text.startswith("**Only the window.**\n\n## Labels\n\n| Label | Key | Meaning |\n| --- | --- | --- |\n")
    assert '| <span style="color:#2f6fde">■</span> PER | `p` | a person |' in text
    assert '| <span style="color:#cf222e">■</span> opposes | `x` | speaks or acts against |' in text
    assert "VOICE | `v` | The article itself, where it takes a side" in text
    assert text.endswith("\n\n" + OWN)
    assert version_of(text) == "1.0"


def test_answers_about_a_target_have_no_labels_of_spans():
    text = page(factories.SCHEMA, kind="stance")
    assert "## Answers" in text
    assert "PER" not in text


@pytest.mark.parametrize("voice", ["", 'voice = ""\n', 'voice = "VOICE"\n'])
def test_without_stances_there_is_no_voice(voice: str):
    text = page(factories.SCHEMA.partition("[[stance]]")[0].replace('voice = "VOICE"\n', voice))
    assert "## Relations" not in text
    assert "article itself" not in text


def test_a_schema_names_the_voice_or_has_none():
    text = page(factories.SCHEMA.replace('voice = "VOICE"\n', ""))
    assert "opposes" in text
    assert "article itself" not in text
    schema: Schema = parse_schema(factories.SCHEMA.replace('"VOICE"', '"WRITER"'), Path("schema.toml"))
    assert [label.text for label in label_types(schema)[0]] == ["PER", "ORG", "WRITER"]


def test_what_markdown_would_interpret_is_escaped():
    changed = factories.SCHEMA.replace('"a person"', '"a *person* | <b>name</b>\\nVersion: 9.0"')
    changed = changed.replace('key = "p"', 'key = "p"\nexamples = ["Ada_Lind", "Bo"]')
    text = page(changed)
    assert "| Label | Key | Meaning | Examples |" in text
    assert r"| a \*person\* \| \<b\>name\</b\> Version: 9.0 | *Ada\_Lind*, *Bo* |" in text
    assert version_of(text) == "1.0"
