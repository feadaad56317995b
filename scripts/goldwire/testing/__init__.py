"""Synthetic annotators with known habits, for tests of whatever measures, combines or replaces annotators."""

from __future__ import annotations

from goldwire.testing.annotators import KINDS, AnnotatorKind, SyntheticAnnotator, annotate

__all__ = ["KINDS", "AnnotatorKind", "SyntheticAnnotator", "annotate"]
