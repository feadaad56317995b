"""CITATION.cff, BibTeX and CHANGELOG.md of a released version. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from goldwire.records import Release
from goldwire.release.card_data import CitationData

__all__ = ["bibtex", "changelog", "citation"]


def citation(manifest: Release, licences: Sequence[str], abstract: str, cited: CitationData) -> str:
    """Return CITATION.cff (version 1.2.0) of the dataset."""
    authors = cited.authors or (_unnamed_authors(manifest),)
    lines = [
        "cff-version: 1.2.0",
        "message: If you use this dataset, please cite it and state the version.",
        "type: dataset",
        f"title: {json.dumps(manifest.name)}",
        f"version: {json.dumps(manifest.version)}",
        f"abstract: {json.dumps(abstract, ensure_ascii=False)}",
        "authors:",
        *(f"  - name: {json.dumps(author, ensure_ascii=False)}" for author in authors),
    ]
    if cited.doi is not None:
        lines.append(f"doi: {json.dumps(cited.doi)}")
    if cited.homepage is not None:
        lines.append(f"url: {json.dumps(cited.homepage)}")
    if len(licences) == 1:
        lines.append(f"license: {json.dumps(licences[0])}")
    return "\n".join(lines) + "\n"


def bibtex(manifest: Release, cited: CitationData) -> str:
    """Return an entry of a BibTeX file."""
    fields = {
        "title": manifest.name,
        # In braces, a name is not divided into first and last names.
        "author": " and ".join(cited.authors) or f"{{{_unnamed_authors(manifest)}}}",
        "year": cited.year,
        "doi": cited.doi,
        "url": cited.homepage,
        "version": manifest.version,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value is not None]
    key = re.sub(r"\W+", "-", manifest.name.lower())
    return "\n".join((f"@misc{{{key},", ",\n".join(lines), "}"))


def _unnamed_authors(manifest: Release) -> str:
    return f"The authors and annotators of {manifest.name}"


def changelog(manifest: Release, previous: str | None) -> str:
    """Return CHANGELOG.md: an entry for this version, then the entries of `previous`, the version before's file."""
    no_changes = "First release." if manifest.previous is None else f"No changes since {manifest.previous}."
    n_articles = sum(manifest.articles.values())
    lines = [f"## {manifest.version}", "", *(f"- {change}" for change in manifest.changes or (no_changes,))]
    entry = "\n".join([*lines, f"- {n_articles} articles"])
    earlier = (previous or "").partition("\n## ")[2]
    return f"# Changelog\n\n{entry}\n" + (f"\n## {earlier}" if earlier else "")
