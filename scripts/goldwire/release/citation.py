"""CITATION.cff and CHANGELOG.md of a released version. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from goldwire.records import Release

__all__ = ["changelog", "citation"]


def citation(manifest: Release, licences: Sequence[str], abstract: str) -> str:
    """Return CITATION.cff (version 1.2.0) of the dataset."""
    lines = [
        "cff-version: 1.2.0",
        "message: If you use this dataset, please cite it and state the version.",
        "type: dataset",
        f"title: {json.dumps(manifest.name)}",
        f"version: {json.dumps(manifest.version)}",
        f"abstract: {json.dumps(abstract, ensure_ascii=False)}",
        "authors:",
        f"  - name: {json.dumps(f'The authors and annotators of {manifest.name}')}",
    ]
    if len(licences) == 1:
        lines.append(f"license: {json.dumps(licences[0])}")
    return "\n".join(lines) + "\n"


def changelog(manifest: Release, previous: str | None) -> str:
    """Return CHANGELOG.md: an entry for this version, then the entries of `previous`, the version before's file."""
    no_changes = "First release." if manifest.previous is None else f"No changes since {manifest.previous}."
    n_articles = sum(manifest.articles.values())
    lines = [f"## {manifest.version}", "", *(f"- {change}" for change in manifest.changes or (no_changes,))]
    entry = "\n".join([*lines, f"- {n_articles} articles"])
    earlier = (previous or "").partition("\n## ")[2]
    return f"# Changelog\n\n{entry}\n" + (f"\n## {earlier}" if earlier else "")
