"""Accessibility of a page: what axe-core finds."""

from __future__ import annotations

from typing import Any

import pytest

__all__ = ["serious_violations"]

_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def serious_violations(page: Any) -> list[str]:
    """Return the serious and critical violations of WCAG 2.2, levels A and AA, each with its first elements."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()
    found = axe.run(page, options={"runOnly": _STANDARDS, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes'][:5]]} {one['nodes'][0]['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
