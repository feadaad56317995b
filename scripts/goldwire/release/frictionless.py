"""datapackage.json: the files of a release as a Frictionless data package (version 2), for catalogues. Pure.

`goldwire export --to datapackage` writes annotations as CSV tables with such a descriptor; this one describes the
Parquet files of a release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.records import ReleaseFile
from goldwire.release import parquet
from goldwire.release.card_data import CardData
from goldwire.release.citation import person_name
from goldwire.release.statements import summary

if TYPE_CHECKING:
    from datasets import Features

__all__ = ["descriptor"]

_SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {"string": "string", "int32": "integer", "int64": "integer", "float64": "number", "bool": "boolean"}


def descriptor(card: CardData, files: Sequence[ReleaseFile], features: Mapping[str, Features]) -> str:
    """Return the JSON of datapackage.json: one resource per config and split.

    Parameters
    ----------
    card : CardData
        The data of the card; the files of its manifest are not used.
    files : sequence of ReleaseFile
        The Parquet files; others are ignored.
    features : mapping of str to datasets.Features
        Features of each config.
    """
    manifest, cited = card.manifest, card.citation
    by_path = {file.path: file for file in files}
    package = {
        "$schema": _SCHEMA,
        "name": re.sub(r"[^a-z0-9._-]+", "-", manifest.name.lower()).strip("-") or "dataset",
        "id": None if cited.doi is None else f"https://doi.org/{cited.doi}",
        "title": manifest.name,
        "description": summary(card),
        "version": manifest.version,
        "homepage": card.address,
        "created": None if manifest.published is None else f"{manifest.published}T00:00:00Z",
        "keywords": list(cited.keywords),
        "licenses": [_licence(name) for name in sorted({source.licence for source in card.sources.values()})],
        "contributors": [_contributor(author) for author in cited.authors],
        "sources": [
            {"title": source.name} | ({"path": source.homepage} if source.homepage else {})
            for source in card.sources.values()
        ],
        "resources": [
            _resource(f"{config}-{split}", [by_path[path] for path in paths], config_features)
            for config, config_features in features.items()
            for split in manifest.articles
            if (paths := parquet.data_files(by_path, config, split))
        ],
    }
    content = {name: value for name, value in package.items() if value not in (None, [])}
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _licence(name: str) -> dict[str, str]:
    """A licence by its SPDX id, or by its title if it has none."""
    return {"name": name} if re.fullmatch(r"[-a-zA-Z0-9._]+", name) else {"title": name}


def _contributor(author: str) -> dict[str, Any]:
    person = person_name(author)
    if person is None:
        return {"title": author, "roles": ["creator"]}
    return {
        "title": person.full,
        "givenName": person.given_name,
        "familyName": person.family_name,
        "roles": ["creator"],
    }


def _resource(name: str, files: Sequence[ReleaseFile], features: Features) -> dict[str, Any]:
    """A table of one or more files; the digest is that of a single file.

    The optional `bytes` is left out: `frictionless validate` (5.16 and 5.21) does not count those of a Parquet file,
    and then takes every file for one of the wrong size. manifest.json has the sizes.
    """
    resource: dict[str, Any] = {"name": name, "path": [file.path for file in files]}
    if len(files) == 1:
        (file,) = files
        resource = {"name": name, "path": file.path, "hash": f"sha256:{file.sha256}"}
    return resource | {
        "type": "table",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": {"fields": [_field(column, feature) for column, feature in features.items()]},
    }


def _field(name: str, feature: Any) -> dict[str, Any]:
    """A column. A missing integer reaches `frictionless validate` as pandas writes it: `<NA>` or `nan`."""
    field: dict[str, Any] = {"name": name, "type": _type(feature)}
    return field | ({"missingValues": ["", "<NA>", "nan"]} if field["type"] == "integer" else {})


def _type(feature: Any) -> str:
    """The type of a column; `any` for a nested one: frictionless 5.21 does not take an array of numpy for `array`."""
    from datasets import List

    return "any" if isinstance(feature, List | Mapping) else _TYPES[feature.dtype]
