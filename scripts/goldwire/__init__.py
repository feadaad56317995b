"""Turn raw news articles into annotated training data that researchers can trust.

Importing this is light: what is heavy loads on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from goldwire import agreement
    from goldwire.dedup.near_duplicates import near_duplicates
    from goldwire.extraction.api import ExtractedArticle, extract
    from goldwire.release.reader import load_release
    from goldwire.stages.check import check
    from goldwire.workspace.loading import load_layers

__all__ = [
    "ExtractedArticle",
    "__version__",
    "agreement",
    "check",
    "extract",
    "load_layers",
    "load_release",
    "near_duplicates",
]

__version__ = "0.1.0"

_HOMES = {
    "ExtractedArticle": "goldwire.extraction.result",
    "check": "goldwire.stages.check",
    "extract": "goldwire.extraction.api",
    "load_layers": "goldwire.workspace.loading",
    "load_release": "goldwire.release.reader",
    "near_duplicates": "goldwire.dedup.near_duplicates",
}


def __getattr__(name: str) -> Any:
    if name == "agreement":
        return import_module("goldwire.agreement")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'goldwire' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
