"""Turn raw news articles into annotated training data that researchers can trust.

Importing this is light: what is heavy loads on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from goldwire import agreement
    from goldwire.extraction import Extracted, extract
    from goldwire.load import load_layers
    from goldwire.released import load_release
    from goldwire.similarity import near_duplicates
    from goldwire.stages.check import check

__all__ = [
    "Extracted",
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
    "Extracted": "goldwire.extraction",
    "check": "goldwire.stages.check",
    "extract": "goldwire.extraction",
    "load_layers": "goldwire.load",
    "load_release": "goldwire.released",
    "near_duplicates": "goldwire.similarity",
}


def __getattr__(name: str) -> Any:
    if name == "agreement":
        return import_module("goldwire.agreement")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'goldwire' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
