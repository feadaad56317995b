"""L3: what the text and the labels say."""

from __future__ import annotations

from goldwire.findings.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
