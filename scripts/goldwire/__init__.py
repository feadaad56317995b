"""Turn raw news articles into annotated training data that researchers can trust.

Functions
---------
extract : the article in a raw page: headline, paragraphs, metadata, and where each character came from
near_duplicates : one cluster number per text
agreement : the module of agreement coefficients, each with its interval and its n
check : the findings in a workspace, as `goldwire check` prints them
load_layers : the annotations of a batch, one layer per annotator and article
load_release : a released version of the dataset, as tables

Records
-------
Article, Origin, OriginRun, MetadataValue, Rejected, Duplicates, DuplicatePair : the corpus
Task, Prelabels, SpanLabel, StanceLabel, AnnotationLayer : annotation
Agreement, Adjudication, Decision, DecisionAnswer : agreement and gold
SplitAssignment, Release, ReleaseFile : versions
ReleasedVersion : what `load_release` returns
Finding : a problem that a check found
ExtractedArticle, Zone : what `extract` returns

Exceptions
----------
GoldwireError : the base class; each of its subclasses is also the standard library's exception that one expects:
ConfigError, ConflictError, DataError, MissingFileError, MissingPackageError, ServerError

Everything else is private and may change in any version. The import is light: each name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from goldwire import agreement
    from goldwire.dedup.near_duplicates import near_duplicates
    from goldwire.errors import (
        ConfigError,
        ConflictError,
        DataError,
        GoldwireError,
        MissingFileError,
        MissingPackageError,
        ServerError,
    )
    from goldwire.extraction.api import extract
    from goldwire.extraction.plaintext.zones import Zone
    from goldwire.extraction.result import ExtractedArticle
    from goldwire.records import (
        Adjudication,
        Agreement,
        AnnotationLayer,
        Article,
        Decision,
        DecisionAnswer,
        DuplicatePair,
        Duplicates,
        Finding,
        MetadataValue,
        Origin,
        OriginRun,
        Prelabels,
        Rejected,
        Release,
        ReleaseFile,
        SpanLabel,
        SplitAssignment,
        StanceLabel,
        Task,
    )
    from goldwire.release.reader import ReleasedVersion, load_release
    from goldwire.stages.check import check
    from goldwire.workspace.loading import load_layers

__all__ = [
    "Adjudication",
    "Agreement",
    "AnnotationLayer",
    "Article",
    "ConfigError",
    "ConflictError",
    "DataError",
    "Decision",
    "DecisionAnswer",
    "DuplicatePair",
    "Duplicates",
    "ExtractedArticle",
    "Finding",
    "GoldwireError",
    "MetadataValue",
    "MissingFileError",
    "MissingPackageError",
    "Origin",
    "OriginRun",
    "Prelabels",
    "Rejected",
    "Release",
    "ReleaseFile",
    "ReleasedVersion",
    "ServerError",
    "SpanLabel",
    "SplitAssignment",
    "StanceLabel",
    "Task",
    "Zone",
    "__version__",
    "agreement",
    "check",
    "extract",
    "load_layers",
    "load_release",
    "near_duplicates",
]

__version__ = "0.6.0"

_MODULES = {
    "goldwire.dedup.near_duplicates": ("near_duplicates",),
    "goldwire.errors": (
        "ConfigError",
        "ConflictError",
        "DataError",
        "GoldwireError",
        "MissingFileError",
        "MissingPackageError",
        "ServerError",
    ),
    "goldwire.extraction.api": ("extract",),
    "goldwire.extraction.plaintext.zones": ("Zone",),
    "goldwire.extraction.result": ("ExtractedArticle",),
    "goldwire.records": (
        "Adjudication",
        "Agreement",
        "AnnotationLayer",
        "Article",
        "Decision",
        "DecisionAnswer",
        "DuplicatePair",
        "Duplicates",
        "Finding",
        "MetadataValue",
        "Origin",
        "OriginRun",
        "Prelabels",
        "Rejected",
        "Release",
        "ReleaseFile",
        "SpanLabel",
        "SplitAssignment",
        "StanceLabel",
        "Task",
    ),
    "goldwire.release.reader": ("ReleasedVersion", "load_release"),
    "goldwire.stages.check": ("check",),
    "goldwire.workspace.loading": ("load_layers",),
}
"""The module of each public name; the imports above say the same to type checkers and editors."""

_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "agreement":
        return import_module("goldwire.agreement")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'goldwire' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
