"""The label schema: valid files, and the error of each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.doccano.label_type_plan import label_types
from goldwire.errors import ConfigError, MissingFileError
from goldwire.workspace.label_schema import parse_schema, read_schema
from support import factories

LOCATION = Path("schema.toml")


def test_labels_are_in_the_order_of_the_file_and_stances_in_the_order_of_the_scale() -> None:
    schema = parse_schema(factories.SCHEMA, LOCATION)
    assert schema.entity_labels == tuple(label.label for label in schema.entity)
    orders = {option.label: option.order for option in schema.stance}
    assert [orders[label] for label in schema.stance_labels] == sorted(orders.values())


def repeated(field: str) -> str:
    """Return the schema with a field of its second entity label set to that of the first."""
    schema = parse_schema(factories.SCHEMA, LOCATION)
    first, second = (getattr(label, field) for label in schema.entity[:2])
    return factories.SCHEMA.replace(f'{field} = "{second}"', f'{field} = "{first}"', 1)


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        factories.SCHEMA.replace("[[entity]]", "[[unknown]]"),
        f'holders = ["NOSUCH"]\n{factories.SCHEMA}',
        factories.SCHEMA.replace('"#2f6fde"', '"blue"'),
        factories.SCHEMA.replace('key = "p"', 'key = "P"'),
        *map(repeated, ("label", "key", "color")),
    ],
)
def test_mistakes_are_errors_with_a_location_and_a_hint(text: str) -> None:
    assert text != factories.SCHEMA
    with pytest.raises(ConfigError) as caught:
        parse_schema(text, LOCATION)
    assert caught.value.location == str(LOCATION)
    assert caught.value.hint


@pytest.mark.parametrize("key", ["ctrl p", "shift p", "ctrl shift p", "Ctrl+P"])
def test_a_prefix_of_a_key_which_doccano_ignores_is_an_error_that_names_the_key(key: str) -> None:
    with pytest.raises(ConfigError, match="the key of 'PER'") as caught:
        parse_schema(factories.SCHEMA.replace('key = "p"', f'key = "{key}"'), LOCATION)
    assert caught.value.hint == "write 'p': Doccano ignores Ctrl and Shift"


def test_the_text_on_every_label_has_the_contrast_that_wcag_asks_for() -> None:
    def luminance(color: str) -> float:
        shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares]
        return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for color in ("#000000", "#2f6fde", "#6e7781", "#ff0000", "#00a000", "#8080ff", "#ffff00", "#ffffff"):
        schema = parse_schema(factories.SCHEMA.replace("#2f6fde", color), LOCATION)
        label = label_types(schema)[0][0]
        low, high = sorted((luminance(label.text_color), luminance(label.background_color)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, color


def test_a_missing_file_and_another_encoding_are_errors(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_schema(tmp_path / "schema.toml")
    (tmp_path / "schema.toml").write_bytes('version = "é"'.encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        read_schema(tmp_path / "schema.toml")


def test_a_schema_without_stances_and_voice_is_one_of_entities_only() -> None:
    text = factories.SCHEMA.partition("[[stance]]")[0].replace('voice = "VOICE"', 'voice = ""')
    schema = parse_schema(text, LOCATION)
    assert (schema.stance_labels, schema.voice) == ((), "")
    assert [label.text for label in label_types(schema)[0]] == list(schema.entity_labels)
