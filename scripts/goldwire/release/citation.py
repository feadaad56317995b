"""What goes along with a release for people who cite and follow it: CITATION.cff and CHANGELOG.md."""

from __future__ import annotations

import json
from collections.abc import Sequence

from goldwire.records import Release

__all__ = ["changelog", "citation"]


def citation(manifest: Release, licences: Sequence[str], about: str) -> str:
    """CITATION.cff (version 1.2.0) of the dataset."""
    lines = [
        "cff-version: 1.2.0",
        "message: If you use this dataset, please cite it and say which version.",
        "type: dataset",
        f"title: {json.dumps(manifest.name)}",
        f"version: {json.dumps(manifest.version)}",
        f"abstract: {json.dumps(about, ensure_ascii=False)}",
        "authors:",
        f"  - name: {json.dumps(f'The makers and annotators of {manifest.name}')}",
    ]
    if len(licences) == 1:
        lines.append(f"license: {json.dumps(licences[0])}")
    return "\n".join(lines) + "\n"


def changelog(manifest: Release, earlier: str | None) -> str:
    """CHANGELOG.md: this version's entry above those of the version before, as its own CHANGELOG.md has them."""
    reasons = manifest.reasons or ("The first release.",)
    total = sum(manifest.articles.values())
    entry = "\n".join([f"## {manifest.version}", "", *(f"- {reason}" for reason in reasons), f"- {total} articles"])
    before = (earlier or "").partition("\n## ")[2]
    return f"# Changes\n\n{entry}\n" + (f"\n## {before}" if before else "")
