"""croissant.json: the release described for machines (MLCommons Croissant 1.0), down to nested columns and labels."""

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
    kinds: Mapping[str, Features],
    *,
    licences: Sequence[str],
    about: str,
) -> str:
    """The JSON of croissant.json. A record set is one split of a config, since a field reads one file only."""
    data = [file for file in files if file.path.endswith(".parquet")]
    sets = [
        _record_set(file.path, config, split, kinds[config])
        for config in kinds
        for split in manifest.articles
        for file in data
        if file.path == parquet.data_file(config, split)
    ]
    made = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": manifest.name,
        "description": about,
        "version": manifest.version,
        "license": [f"https://spdx.org/licenses/{licence}" for licence in licences],
        "citeAs": f"{manifest.name}, version {manifest.version}",
        "isLiveDataset": False,
        "distribution": [_file_object(file) for file in data],
        "recordSet": [*_label_sets(kinds), *sets],
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode() + "\n"


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


def _label_sets(kinds: Mapping[str, Features]) -> Iterator[dict[str, Any]]:
    """One record set a kind of label, with its numbers and names."""
    columns = {
        "entity_label": kinds["entities"]["spans"].feature["label"],
        "ner_tag": kinds["entities"]["ner_tags"].feature,
        "stance_label": kinds["stance"]["label"],
    }
    for name, kind in columns.items():
        yield {
            "@type": "cr:RecordSet",
            "@id": name,
            "name": name,
            "dataType": "sc:Enumeration",
            "key": {"@id": f"{name}/number"},
            "field": [_plain(f"{name}/number", "sc:Integer"), _plain(f"{name}/name", "sc:Text")],
            "data": [{f"{name}/number": i, f"{name}/name": label} for i, label in enumerate(kind.names)],
        }


def _plain(name: str, kind: str) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": kind}


def _record_set(path: str, config: str, split: str, kind: Features) -> dict[str, Any]:
    name = f"{config}/{split}"
    fields = [_field(f"{name}/{column}", path, column, inner) for column, inner in kind.items()]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def _field(name: str, path: str, column: str, kind: Any) -> dict[str, Any]:
    """The field of a column; a list repeats it, and each key of a record is a sub-field found by its JSON path."""
    from datasets import List

    repeated = isinstance(kind, List)
    inner = kind.feature if repeated else kind
    made: dict[str, Any] = {"@type": "cr:Field", "@id": name, "name": name}
    if repeated:
        made["repeated"] = True
    if not isinstance(inner, Mapping):
        return made | _leaf(path, column, inner)
    made["subField"] = [
        {"@type": "cr:Field", "@id": f"{name}/{key}", "name": f"{name}/{key}"} | _leaf(path, column, part, key)
        for key, part in inner.items()
    ]
    return made


def _leaf(path: str, column: str, kind: Any, key: str | None = None) -> dict[str, Any]:
    from datasets import ClassLabel

    source: dict[str, Any] = {"fileObject": {"@id": path}, "extract": {"column": column}}
    if key is not None:
        source["transform"] = {"jsonPath": key}
    made = {"dataType": _TYPES[kind.dtype], "source": source}
    if isinstance(kind, ClassLabel):
        names = ", ".join(f"{number} {name}" for number, name in enumerate(kind.names))
        made = {"description": f"The number of a label: {names}."} | made
    return made
