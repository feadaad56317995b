"""Whether a model may stand in for human annotators."""

from __future__ import annotations

from goldwire.certification.alternative_annotator import AltTestResult, AnnotatorComparison, alt_test

__all__ = ["AltTestResult", "AnnotatorComparison", "alt_test"]
