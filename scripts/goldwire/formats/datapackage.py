"""Frictionless data packages: `datapackage.json` with CSV tables of documents, spans, relations and annotators.

Written only; the tables are what `goldwire export --to csv` puts into one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import Document
from goldwire.formats.files import csv_table, write_member

__all__ = ["FORMAT"]

_TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "documents": (("document", "string"), ("text", "string")),
    "annotators": (("document", "string"), ("annotator", "string"), ("complete", "boolean")),
    "spans": (
        ("document", "string"),
        ("annotator", "string"),
        ("span", "integer"),
        ("start", "integer"),
        ("end", "integer"),
        ("label", "string"),
        ("surface", "string"),
    ),
    "relations": (
        ("document", "string"),
        ("annotator", "string"),
        ("holder", "integer"),
        ("target", "integer"),
        ("target_name", "string"),
        ("label", "string"),
    ),
    "comments": (("document", "string"), ("annotator", "string"), ("comment", "string")),
}
_PRIMARY = {"documents": ["document"], "annotators": ["document", "annotator"]}
_SPAN_KEY = ["document", "annotator", "span"]


class DataPackageFormat(msgspec.Struct, frozen=True):
    """Frictionless data package."""

    name: str = "datapackage"
    title: str = "Frictionless data package"
    package: str | None = None
    capabilities: Capabilities = Capabilities(imports=False)

    def matches(self, path: Path) -> bool:
        """Whether the folder has a datapackage.json."""
        return (path / "datapackage.json").is_file()

    def read(self, path: Path) -> Iterator[Document]:
        """Raise DataError: the tables of a package can mean anything."""
        raise DataError("data packages are written only", location=path, hint="import its CSV with --from csv")

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write the descriptor and the tables."""
        rows: dict[str, list[list[Any]]] = {name: [] for name in _TABLES}
        for document in documents:
            _add(document, rows)
        for name, fields in _TABLES.items():
            write_member(path / f"{name}.csv", csv_table((field for field, _ in fields), rows[name]))
        descriptor = {"name": "annotations", "profile": "tabular-data-package", "resources": list(_resources())}
        write_member(path / "datapackage.json", msgspec.json.format(msgspec.json.encode(descriptor)) + b"\n")


def _add(document: Document, rows: dict[str, list[list[Any]]]) -> None:
    rows["documents"].append([document.id, document.text])
    for labels in document.labels:
        own = [document.id, labels.annotator]
        rows["annotators"].append([*own, str(labels.complete).lower()])
        for number, span in enumerate(labels.spans):
            surface = document.text[span.start : span.end]
            rows["spans"].append([*own, number, span.start, span.end, span.label, surface])
        for relation in labels.relations:
            rows["relations"].append([*own, relation.holder, relation.target, relation.target_name, relation.label])
        rows["comments"].extend([*own, comment] for comment in labels.comments)


def _resources() -> Iterator[dict[str, Any]]:
    for name, fields in _TABLES.items():
        schema: dict[str, Any] = {"fields": [{"name": field, "type": kind} for field, kind in fields]}
        if name in _PRIMARY:
            schema["primaryKey"] = _PRIMARY[name]
        if name == "spans":
            schema["primaryKey"] = _SPAN_KEY
        if name != "documents":
            reference = {"resource": "documents", "fields": "document"}
            schema["foreignKeys"] = [{"fields": "document", "reference": reference}]
        yield {
            "name": name,
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": schema,
        }


FORMAT = DataPackageFormat()
