"""Documents of a released version: card, Croissant file and citation, as read from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from goldwire.records import Release
from goldwire.release.reader import ReleasedVersion

__all__ = ["ReleaseDocuments", "read_documents"]


class ReleaseDocuments(msgspec.Struct, frozen=True, kw_only=True):
    """The documents of a released version.

    Attributes
    ----------
    manifest
        Its manifest.json.
    card, card_fields
        The text of its card below the YAML block, and the YAML block.
    croissant, citation
        croissant.json and CITATION.cff; empty where the version has none, or one that cannot be read.
    croissant_issues
        Errors and open recommendations that mlcroissant finds; None if it is not installed.
    repo_id
        The dataset repository on the Hub, if the workspace names one.
    """

    manifest: Release
    card: str
    card_fields: Mapping[str, Any]
    croissant: Mapping[str, Any]
    citation: Mapping[str, Any]
    croissant_issues: tuple[str, ...] | None
    repo_id: str | None


def read_documents(release: ReleasedVersion, *, repo_id: str | None) -> ReleaseDocuments:
    """Read the documents of a released version."""
    header, card = _divide(_text(release.folder / "README.md"))
    croissant_file = release.folder / "croissant.json"
    try:
        croissant = json.loads(_text(croissant_file) or "{}")
    except ValueError:
        croissant = {}
    return ReleaseDocuments(
        manifest=release.manifest,
        card=card,
        card_fields=_yaml(header),
        croissant=croissant if isinstance(croissant, dict) else {},
        citation=_yaml(_text(release.folder / "CITATION.cff")),
        croissant_issues=_croissant_issues(croissant_file) if croissant else (),
        repo_id=repo_id,
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):  # `goldwire check` reports both
        return ""


def _divide(text: str) -> tuple[str, str]:
    """Divide a card into its YAML block and the text below."""
    if not text.startswith("---\n"):
        return "", text
    header, _, card = text.removeprefix("---\n").partition("\n---\n")
    return header, card


def _yaml(text: str) -> Mapping[str, Any]:
    import yaml

    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return values if isinstance(values, dict) else {}


def _croissant_issues(path: Path) -> tuple[str, ...] | None:
    """Return what mlcroissant reports; None if it is not installed."""
    try:
        import mlcroissant
        from absl import logging
    except ModuleNotFoundError:
        return None
    logging.set_verbosity(logging.ERROR)  # it logs each recommendation that it also returns
    try:
        issues = mlcroissant.Dataset(jsonld=str(path)).metadata.ctx.issues
    except mlcroissant.ValidationError as error:
        return (" ".join(str(error).split()),)
    return tuple(" ".join(str(issue).split()) for issue in (*sorted(issues.errors), *sorted(issues.warnings)))
