"""croissant.json: a release described for machines (MLCommons Croissant 1.0), with nested columns and labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.records import Release, ReleaseFile
from goldwire.release import parquet

if TYPE_CHECKING:
    from datasets import Features

__all__ = ["document"]

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    "string": "sc:Text",
    "int32": "sc:Integer",
    "int64": "sc:Integer",
    "float64": "sc:Float",
    "bool": "sc:Boolean",
}


def document(
    manifest: Release,
    files: Sequence[ReleaseFile],
    features: Mapping[str, Features],
    *,
    licences: Sequence[str],
    description: str,
) -> str:
    """Return the JSON of croissant.json. A record set is one split of a config, because a field reads only one file.

    Parameters
    ----------
    manifest : Release
        The manifest; its files are not used.
    files : sequence of ReleaseFile
        The Parquet files; others are ignored.
    features : mapping of str to datasets.Features
        Features of each config.
    licences : sequence of str
        SPDX ids of the sources' licences.
    description : str
        Description of the dataset in one or two sentences.
    """
    data_files = [file for file in files if file.path.endswith(".parquet")]
    record_sets = [
        _record_set(file.path, config, split, features[config])
        for config in features
        for split in manifest.articles
        for file in data_files
        if file.path == parquet.data_file(config, split)
    ]
    content = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": manifest.name,
        "description": description,
        "version": manifest.version,
        "license": [f"https://spdx.org/licenses/{licence}" for licence in licences],
        "citeAs": f"{manifest.name}, version {manifest.version}",
        "isLiveDataset": False,
        "distribution": [_file_object(file) for file in data_files],
        "recordSet": [*_label_sets(features), *record_sets],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


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


def _record_set(path: str, config: str, split: str, features: Features) -> dict[str, Any]:
    name = f"{config}/{split}"
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
