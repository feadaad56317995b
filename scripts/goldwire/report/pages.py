"""Shared parts of the pages for project leads: templates and their filters, and the measures in words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from math import isnan

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from goldwire.agreement.descriptions import articles as article_count
from goldwire.agreement.descriptions import scope
from goldwire.quantities import quantity
from goldwire.records import Agreement
from goldwire.report.phrasing import drift, interval, meaning, number

__all__ = ["Measure", "MeasureGroup", "class_name", "environment", "group_measures"]

_GROUPS = (
    (
        "Spans",
        "Do they mark the same text?",
        (
            ("span_f1_exact", "exact", "F1"),
            ("span_f1_characters", "by character", "F1"),
            ("unitizing_alpha_u", "above chance", "alpha"),
        ),
        "Where two marked a text: the same label?",
        (("unitizing_alpha_cu", "label, above chance", "alpha"),),
    ),
    (
        "Stances",
        "Do they draw the same stances?",
        (("stance_f1_exact", "exact", "F1"), ("stance_alpha_with_none", "above chance, none counted", "alpha")),
        "Where two drew one: the same stance?",
        (("stance_alpha_nominal", "stance, above chance", "alpha"),),
    ),
    (
        "Pre-labels",
        "Are suggestions accepted?",
        (("prelabel_acceptance", "unchanged", "share"),),
        "Without accepted suggestions: the same?",
        (
            ("span_f1_exact_excluding_prelabels", "spans, exact", "F1"),
            ("stance_f1_exact_excluding_prelabels", "stances, exact", "F1"),
        ),
    ),
    (
        "Effect of pre-labels",
        "Do annotators follow suggestions that they see?",
        (("prelabel_effect_on_labels", "spans, against the holdout", "difference of F1"),),
        "Do they agree more because of them?",
        (("prelabel_effect_on_agreement", "spans, against the holdout", "difference of F1"),),
    ),
)
"""For each kind of item: the question of existence with its measures, and that of the choice with its measures."""


class Measure(msgspec.Struct, frozen=True):
    """A value, its name in words and its kind: F1, alpha or a share."""

    value: Agreement
    title: str
    kind: str


class MeasureGroup(msgspec.Struct, frozen=True):
    """The measures of one kind of item: whether it is marked at all, and what is chosen where two marked it."""

    title: str
    existence_question: str
    existence: tuple[Measure, ...]
    choice_question: str
    choice: tuple[Measure, ...]


def group_measures(values: Iterable[Agreement]) -> list[MeasureGroup]:
    """Return the headline measures of a whole batch, existence beside choice; groups without items are left out."""
    whole = {value.coefficient: value for value in values if value.is_whole and value.n_items}

    def measures(names: Iterable[tuple[str, str, str]]) -> tuple[Measure, ...]:
        return tuple(Measure(whole[name], title, kind) for name, title, kind in names if name in whole)

    groups = [
        MeasureGroup(title, existence, measures(first), choice, measures(second))
        for title, existence, first, choice, second in _GROUPS
    ]
    return [group for group in groups if group.existence or group.choice]


def environment() -> Environment:
    """Return the environment of the pages' templates."""
    templates = Environment(
        loader=PackageLoader("goldwire.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "number": number,
        "interval": interval,
        "drift": drift,
        "meaning": meaning,
        "slug": class_name,
        "percent": _percent,
        "axis": _axis,
        "code": _code,
        "scope": scope,
        "articles": article_count,
        "link": _web_address,
        "quantity": quantity,
        "digest": lambda text: hashlib.sha256(str(text).encode()).hexdigest()[:16],
    }
    templates.tests["undefined_value"] = lambda value: isnan(value)
    return templates


def class_name(label: str) -> str:
    """Return a label as part of a CSS class; no two labels have the same one."""
    return "l-" + re.sub(r"[^A-Za-z0-9]", lambda match: f"_{ord(match[0]):x}_", label)


def _code(text: str) -> Markup:
    """Return a text with what stands between backquotes as code; the text is escaped."""
    parts = text.split("`")
    return Markup().join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def _percent(value: float, low: float = 0.0, high: float = 1.0) -> str:
    return f"{100 * min(1.0, max(0.0, (value - low) / (high - low))):.2f}%"


def _axis(values: Iterable[Agreement]) -> int:
    """Return where the axis begins on which values are drawn below each other: -1 if any reaches below 0, else 0."""
    return -1 if any(value.value < 0 or value.low < 0 for value in values) else 0


def _web_address(address: str | None) -> str | None:
    """Return an address that opens a page, else None: a `javascript:` address would run with one click."""
    return address if address is not None and address.startswith(("http://", "https://")) else None
