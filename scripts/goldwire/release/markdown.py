"""Markdown tables for the dataset card and the datasheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isnan

from goldwire.agreement.descriptions import bounds, scope
from goldwire.records import Agreement

__all__ = ["agreement_table", "inline", "markdown_table"]

_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")


def inline(text: object) -> str:
    """Return a text in one line without HTML: settings and sources may hold line ends and tags.

    Examples
    --------
    >>> inline("The Herald\\n<script>of</script> Nowhere")
    'The Herald &lt;script>of&lt;/script> Nowhere'
    """
    return _TAG_START.sub("&lt;", " ".join(str(text).split()))


def markdown_table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; in a cell, `|` and HTML are escaped, and line ends are spaces."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(inline(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def agreement_table(values: Iterable[Agreement]) -> str:
    """Return a table of the agreement values of whole batches; values of a part of a batch are left out."""
    batch_values = [value for value in values if value.is_whole]
    rows = [
        (
            value.batch or "",
            value.coefficient,
            *_value_and_interval(value),
            scope(value),
            "" if value.n_groups is None else value.n_groups,
            value.n_raters,
        )
        for value in batch_values
    ]
    return markdown_table(("batch", "coefficient", "value", "95% interval", "over", "articles", "annotators"), rows)


def _value_and_interval(value: Agreement) -> tuple[str, str]:
    """Format an agreement value and its interval; the reason replaces one that is undefined."""
    if isnan(value.value):
        return f"undefined: {value.reason}", ""
    interval = bounds(value)
    return f"{value.value:.3f}", " to ".join(interval) if interval else value.reason or ""
