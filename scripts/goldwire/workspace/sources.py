"""The sources of a corpus (`corpus/sources.toml`): name, language, licence, and the columns of their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from goldwire.errors import ConfigError, MissingFileError
from goldwire.records import Cleaning
from goldwire.workspace.toml_files import read_toml

__all__ = ["Fields", "Source", "read_sources", "table_hint"]

_TABLE = (
    'name = "...", language = "en", licence = "unknown", redistribute = false, each on a line'  # promises the least
)


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of the columns of a source's files; None: guessed. `html` is used for rows without text.

    A guess takes the name of the attribute itself, or else another common name (`body`, `headline`, `date`, `link`).
    """

    text: str | None = None
    html: str | None = None
    title: str | None = None
    url: str | None = None
    published: str | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source of articles: one table of corpus/sources.toml.

    Attributes
    ----------
    name : str
        Name of the outlet, for people.
    language : str
        Language of its articles, such as `en`; `und` or `mul`: detected in each article.
    licence : str
        Licence of the texts.
    redistribute : bool
        Whether the licence allows to publish the texts.
    homepage : str or None
        Address of the outlet.
    languages : tuple of str
        Wanted languages of a source with several (`und`: any). Articles in other languages are rejected.
    encoding : str or None
        Encoding of files that are not UTF-8 and do not declare their encoding.
    mojibake : {"fix", "keep"}
        Whether to repair mojibake. "keep" is for texts that were annotated unrepaired.
    clean : {"page", "light", "none"} or None
        How texts are cleaned (HTML always is as a page): "page" extracts the article of a dumped web page; "light"
        removes only lines that are boilerplate by their words, such as `Share on Facebook`; "none" removes nothing.
        None: guessed for each text, "page" or "none".
    fields : Fields
        Names of the columns of its files, where they are not guessed.
    """

    name: str
    language: str
    licence: str
    redistribute: bool
    homepage: str | None = None
    languages: tuple[str, ...] = ()
    encoding: str | None = None
    mojibake: Literal["fix", "keep"] = "fix"
    clean: Cleaning | None = None
    fields: Fields = Fields()

    @property
    def is_multilingual(self) -> bool:
        """Whether its articles are in several languages, so that each article's is detected."""
        return bool(self.languages) or self.language in ("und", "mul")


def read_sources(path: Path) -> dict[str, Source]:
    """Read all sources, by the name of their folder in corpus/raw/. Raises ConfigError if one is not valid."""
    try:
        tables = read_toml(path)
    except FileNotFoundError:
        raise MissingFileError(
            "no such file", location=path, hint="add a table for each folder of corpus/raw/"
        ) from None
    return {name: _source(name, table, path) for name, table in tables.items()}


def _source(name: str, table: Any, path: Path) -> Source:
    try:
        return msgspec.convert(table, Source)
    except msgspec.ValidationError as error:
        hint = "each [source] needs name, language, licence and redistribute"
        raise ConfigError(f"[{name}]: {error}", location=path, hint=hint) from None


def table_hint(missing: Sequence[str]) -> str:
    """Return what to do about sources without a table.

    Examples
    --------
    >>> table_hint(["wire"])
    'add [wire] with name = "...", language = "en", licence = "unknown", redistribute = false, each on a line'
    """
    if "example" in missing:  # who replaces sources.toml often forgets it
        return "remove the folder `example` of raw files, which `goldwire init` wrote, or add its table again"
    return f"add [{missing[0]}] with {_TABLE}"
