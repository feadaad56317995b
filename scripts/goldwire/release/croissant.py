"""croissant.json: a release described for machines (MLCommons Croissant 1.1), with nested columns and labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.records import ReleaseFile
from goldwire.release import parquet
from goldwire.release.card_data import CardData
from goldwire.release.card_metadata import hub_fields, licence_address
from goldwire.release.citation import HUB, bibtex, person_name
from goldwire.release.responsible_ai import lineage, responsible_use
from goldwire.release.statements import summary

if TYPE_CHECKING:
    from datasets import Features

__all__ = ["document", "with_addresses"]

_VERSION = "http://mlcommons.org/croissant/1.1"
_RAI_VERSION = "http://mlcommons.org/croissant/RAI/1.0"

# The context of the specification 1.1, with the prefixes of its sections on responsible AI and provenance.
_OWN_TERMS = (
    *("annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes", "extract"),
    *("field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath"),
    *("key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate"),
    *("separator", "source", "subField", "transform", "unArchive"),
)
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
} | {term: f"cr:{term}" for term in _OWN_TERMS}
_TYPES = {
    "string": "sc:Text",
    "int32": "sc:Integer",
    "int64": "sc:Integer",
    "float64": "sc:Float",
    "bool": "sc:Boolean",
}


def document(card: CardData, files: Sequence[ReleaseFile], features: Mapping[str, Features]) -> str:
    """Return the JSON of croissant.json. A record set is one file, because a field reads only one.

    Parameters
    ----------
    card : CardData
        The data of the card; the files of its manifest are not used.
    files : sequence of ReleaseFile
        The Parquet files; others are ignored.
    features : mapping of str to datasets.Features
        Features of each config.
    """
    manifest = card.manifest
    paths = [file.path for file in files if file.path.endswith(".parquet")]
    record_sets = [
        _record_set(path, _record_set_name(config, split, shard, len(shards)), features[config])
        for config in features
        for split in manifest.articles
        for shards in [parquet.data_files(paths, config, split)]
        for shard, path in enumerate(shards)
    ]
    content = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [_VERSION, _RAI_VERSION],
        **_catalogue_entry(card),
        **responsible_use(card),
        **lineage(card),
        "distribution": [_file_object(file) for file in files if file.path.endswith(".parquet")],
        "recordSet": [*_label_sets(features), *record_sets],
    }
    return _json(content)


def with_addresses(text: str, repo_id: str, version: str) -> str:
    """Return a Croissant document whose files are those of a version in a repository on the Hub."""
    content = msgspec.json.decode(text)
    folder = f"{HUB}/{repo_id}/resolve/v{version}"
    for file in content["distribution"]:
        file["contentUrl"] = f"{folder}/{file['@id']}"
    return _json({"url": f"{HUB}/{repo_id}", **content} if "url" not in content else content)


def _json(content: Mapping[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _catalogue_entry(card: CardData) -> dict[str, Any]:
    """Return the properties of schema.org that have content: name, authors, date, licences."""
    manifest, cited = card.manifest, card.citation
    dates = sorted(date for split_dates in card.dates.values() for date in split_dates)
    publisher = [cited.publisher] if cited.publisher else list(cited.authors)
    properties = {
        "name": manifest.name,
        "description": summary(card),
        "version": manifest.version,
        "url": card.address,
        "sameAs": [f"https://doi.org/{cited.doi}"] if cited.doi else [],
        "creator": [_creator(author) for author in cited.authors],
        "publisher": [_creator(name) for name in publisher],
        "datePublished": manifest.published,
        "dateModified": manifest.published,
        "license": sorted({licence_address(source.licence) for source in card.sources.values()}),
        "inLanguage": sorted({source.language for source in card.sources.values()}),
        "keywords": list(cited.keywords or hub_fields(card)["tags"]),
        "temporalCoverage": f"{dates[0]}/{dates[-1]}" if dates else None,
        "citeAs": bibtex(manifest, cited, address=card.address),
        "isLiveDataset": False,
    }
    return {name: value for name, value in properties.items() if value not in (None, [])}


def _creator(name: str) -> dict[str, str]:
    person = person_name(name)
    if person is None:
        return {"@type": "sc:Organization", "name": name}
    return {"@type": "sc:Person", "name": person.full, "givenName": person.given_name, "familyName": person.family_name}


def _record_set_name(config: str, split: str, shard: int, n_shards: int) -> str:
    return f"{config}/{split}" if n_shards == 1 else f"{config}/{split}/{shard:05d}"


def _file_object(file: ReleaseFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": "application/x-parquet",
        "sha256": file.sha256,
    }


def _label_sets(features: Mapping[str, Features]) -> Iterator[dict[str, Any]]:
    """Yield one record set per kind of label, with the labels' numbers and names."""
    class_labels = {
        "entity_label": features["entities"]["spans"].feature["label"],
        "ner_tag": features["entities"]["ner_tags"].feature,
        "stance_label": features["stance"]["label"],
    }
    for name, feature in class_labels.items():
        yield {
            "@type": "cr:RecordSet",
            "@id": name,
            "name": name,
            "dataType": "sc:Enumeration",
            "key": {"@id": f"{name}/number"},
            "field": [_label_field(f"{name}/number", "sc:Integer"), _label_field(f"{name}/name", "sc:Text")],
            "data": [{f"{name}/number": i, f"{name}/name": label} for i, label in enumerate(feature.names)],
        }


def _label_field(name: str, data_type: str) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": data_type}


def _record_set(path: str, name: str, features: Features) -> dict[str, Any]:
    fields = [_field(f"{name}/{column}", path, column, feature) for column, feature in features.items()]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def _field(name: str, path: str, column: str, feature: Any) -> dict[str, Any]:
    """The field of a column; a list is a repeated field, and each key of a struct a sub-field with its JSON path."""
    from datasets import List

    repeated = isinstance(feature, List)
    inner = feature.feature if repeated else feature
    field: dict[str, Any] = {"@type": "cr:Field", "@id": name, "name": name}
    if repeated:
        field["repeated"] = True
    if not isinstance(inner, Mapping):
        return field | _leaf(path, column, inner)
    # Croissant readers support one level of sub-fields: a struct within a struct gets a sub-field for each of its keys.
    leaves = dict(_leaves(inner))
    field["subField"] = [
        {"@type": "cr:Field", "@id": f"{name}/{key}", "name": f"{name}/{key}"} | _leaf(path, column, leaf, key)
        for key, leaf in leaves.items()
    ]
    return field


def _leaves(struct: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the features within a struct with their JSON paths: `label`, `anchor.lead`."""
    for key, feature in struct.items():
        if isinstance(feature, Mapping):
            yield from _leaves(feature, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", feature


def _leaf(path: str, column: str, feature: Any, json_path: str | None = None) -> dict[str, Any]:
    from datasets import ClassLabel

    source: dict[str, Any] = {"fileObject": {"@id": path}, "extract": {"column": column}}
    if json_path is not None:
        source["transform"] = {"jsonPath": json_path}
    leaf = {"dataType": _TYPES[feature.dtype], "source": source}
    if isinstance(feature, ClassLabel):
        names = ", ".join(f"{number} {name}" for number, name in enumerate(feature.names))
        leaf = {"description": f"The number of a label: {names}."} | leaf
    return leaf
