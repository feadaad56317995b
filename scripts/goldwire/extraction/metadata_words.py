"""Words and signs around bylines and headlines, which text pages and HTML pages share."""

from __future__ import annotations

__all__ = ["BYLINE_WORDS", "TITLE_SEPARATORS"]

BYLINE_WORDS = ("by", "por", "von", "par")
"""Words before an author's name in English, Spanish and Portuguese, German, and French."""

TITLE_SEPARATORS = "|•·»–—-"
"""Signs between a headline and the name of its outlet."""
