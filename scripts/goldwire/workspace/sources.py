"""`corpus/sources.toml`: what each source is, its language and licence, and how its files' fields are named."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.errors import ConfigError, MissingFileError

__all__ = ["Fields", "Source", "read_sources"]


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a source's rows call the text, headline, address and date; `html` is read where there is no text."""

    text: str = "text"
    html: str = "html"
    title: str = "title"
    url: str = "url"
    published: str = "published"


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source: its name, language (as `en`), licence, and whether its text may be given away.

    `languages` are those wanted where it has several (`und`: any); an article is then in the one that it is found to be
    in. `encoding` is of files that are not UTF-8 and do not say what they are. `mojibake` is kept where texts were
    annotated before goldwire mended it.
    """

    name: str
    language: str
    licence: str
    redistribute: bool
    homepage: str | None = None
    languages: tuple[str, ...] = ()
    encoding: str | None = None
    mojibake: Literal["fix", "keep"] = "fix"
    fields: Fields = Fields()

    @property
    def is_open(self) -> bool:
        """Whether its articles are in several languages, each told by its text."""
        return bool(self.languages) or self.language in ("und", "mul")


def read_sources(path: Path) -> dict[str, Source]:
    """Read all sources by their folder's name; every fault is one GoldwireError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(document, dict[str, Source])
    except FileNotFoundError:
        raise MissingFileError("no such file", location=path, hint="name there each folder of corpus/raw/") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        hint = "each [source] needs name, language, licence and redistribute"
        raise ConfigError(str(error), location=path, hint=hint) from None
