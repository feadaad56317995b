"""The sources of a corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import ConfigError, MissingFileError
from goldwire.workspace.sources import Source, read_sources

WIRE = '[wire]\nname = "Nowhere Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n'


def test_sources_are_read_by_folder_with_defaults(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(WIRE)
    (name, source), *others = read_sources(path).items()
    assert (name, source.name, source.mojibake, source.fields.text) == ("wire", "Nowhere Wire", "fix", None)
    assert others == []


@pytest.mark.parametrize(
    ("language", "languages", "is_multilingual"),
    [("en", (), False), ("und", (), True), ("mul", (), True), ("en", ("en", "fr"), True)],
)
def test_multilingual_sources(language: str, languages: tuple[str, ...], is_multilingual: bool) -> None:
    source = Source(name="W", language=language, licence="CC0-1.0", redistribute=True, languages=languages)
    assert source.is_multilingual is is_multilingual


@pytest.mark.parametrize("text", ["not toml", "[wire]\n", f"{WIRE}colour = 1\n", f'{WIRE}mojibake = "maybe"\n'])
def test_invalid_sources_are_a_one_line_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_sources(path)
    assert caught.value.location == str(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_sources(tmp_path / "sources.toml")


def test_the_error_names_the_source_and_the_field(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    text = '[{}]\nname = "A"\nlanguage = "en"\n{} = "CC0-1.0"\nredistribute = true\n'
    path.write_text(text.format("wire", "licence") + text.format("law", "license"))
    with pytest.raises(
        ConfigError, match=r"^.+sources\.toml: \[law\]: Object contains unknown field `license`; hint: "
    ):
        read_sources(path)
