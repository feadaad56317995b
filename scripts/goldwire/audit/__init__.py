"""Validation of any dataset, column by column, without a workspace.

One pass counts every kind of problem; only rows with findings become Python objects.
"""

from __future__ import annotations

from goldwire.audit.runner import audit_dataset
from goldwire.audit.table import AuditOptions, AuditResult, Columns, Dataset

__all__ = ["AuditOptions", "AuditResult", "Columns", "Dataset", "audit_dataset"]
