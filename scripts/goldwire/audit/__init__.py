"""Checks of anybody's dataset, on columns: every fault counted in one pass, then the places of what was found.

Only rows with findings become Python objects.
"""

from __future__ import annotations

from goldwire.audit.runner import check_dataset
from goldwire.audit.table import Columns, Dataset, Found, Limits

__all__ = ["Columns", "Dataset", "Found", "Limits", "check_dataset"]
