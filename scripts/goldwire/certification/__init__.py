"""Whether a model may stand in for human annotators, and figures over a corpus that it labelled."""

from __future__ import annotations

from goldwire.certification.alternative_annotator import (
    AltTestResult,
    AnnotatorComparison,
    alt_test,
    mean_similarity,
)
from goldwire.certification.certificate import Certificate, CertificateOptions, certify
from goldwire.certification.debiased import DebiasedEstimate, debiased_mean, debiased_share
from goldwire.certification.equivalence import EquivalenceResult, equivalence_test
from goldwire.certification.selective_risk import RiskAtThreshold, SelectiveRisk, selective_risk

__all__ = [
    "AltTestResult",
    "AnnotatorComparison",
    "Certificate",
    "CertificateOptions",
    "DebiasedEstimate",
    "EquivalenceResult",
    "RiskAtThreshold",
    "SelectiveRisk",
    "alt_test",
    "certify",
    "debiased_mean",
    "debiased_share",
    "equivalence_test",
    "mean_similarity",
    "selective_risk",
]
