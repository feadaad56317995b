"""Targets of stance tasks: the salient entities of an article's gold layer, or names from a list.

An entity is salient if it is named where newsrooms put the subject of a story: in the headline, in the lead (the first
paragraph) and once more, or three times anywhere. Entities of the headline come first, then those named most often,
then those named first.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from goldwire.alignment.entity_names import Words, fullest_names, name_words
from goldwire.errors import DataError
from goldwire.records import AnnotationLayer, Article, SpanLabel
from goldwire.text.name_search import find_name

__all__ = ["mentioned_targets", "parse_target_list", "salient_targets"]

_MIN_MENTIONS = 3  # that make an entity salient wherever they are
_MIN_MENTIONS_WITH_LEAD = 2  # if one of them is in the lead
_MAX_NAME_LENGTH = 100  # characters: the name above a text must be readable at a glance


class _Entity(msgspec.Struct, frozen=True):
    """The mentions of one entity, in text order."""

    spans: tuple[SpanLabel, ...]

    @property
    def name(self) -> str:
        """Its fullest name: of forms with the most words the shortest (without a possessive ending), then the first."""
        forms = [" ".join(span.text.split()) for span in self.spans]
        return min(forms, key=lambda form: (-len(name_words(form)), len(form)))


def salient_targets(
    article: Article, gold: AnnotationLayer, labels: Sequence[str], max_targets: int
) -> tuple[str, ...]:
    """Return up to `max_targets` names of salient entities with one of `labels` (empty: any), most salient first."""
    headline_end = article.text.find("\n")
    lead_end = article.text.find("\n\n", headline_end + 2)
    headline_end, lead_end = (len(article.text) if end < 0 else end for end in (headline_end, lead_end))
    ranked = []
    for entity in _entities(span for span in gold.spans if not labels or span.label in labels):
        starts = [span.start for span in entity.spans]
        in_headline = starts[0] < headline_end
        in_lead = any(headline_end < start < lead_end for start in starts)
        if in_headline or len(starts) >= _MIN_MENTIONS or (in_lead and len(starts) >= _MIN_MENTIONS_WITH_LEAD):
            ranked.append((not in_headline, -len(starts), starts[0], entity.name))
    names = dict.fromkeys(name for *_, name in sorted(ranked) if len(name) <= _MAX_NAME_LENGTH)
    return tuple(names)[:max_targets]


def _entities(spans: Iterable[SpanLabel]) -> list[_Entity]:
    """Group mentions of one label whose names mean one entity, in the order of their first mentions."""
    by_label: dict[str, list[SpanLabel]] = {}
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        by_label.setdefault(span.label, []).append(span)
    by_entity: dict[tuple[str, Words], list[SpanLabel]] = {}
    for label, mentions in by_label.items():
        fullest = fullest_names(span.text for span in mentions)
        for span in mentions:
            by_entity.setdefault((label, fullest[span.text]), []).append(span)
    return [_Entity(tuple(mentions)) for mentions in by_entity.values()]


def mentioned_targets(article: Article, names: Sequence[str]) -> tuple[str, ...]:
    """Return those of `names` that occur in the article as whole words, in the order of the list (case-sensitive)."""
    return tuple(name for name in names if any(find_name(name, article.text)))


def parse_target_list(text: str, location: Path) -> tuple[str, ...]:
    """Return the names of a list with one name per line; blank lines and lines that start with `#` are comments."""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name = " ".join(unicodedata.normalize("NFC", line).split())  # as articles are normalized
        if not name or name.startswith("#"):
            continue
        if name in lines:
            problem = f"{name[:60]!r} is already in line {lines[name]}"
            raise DataError(problem, location=f"{location}:{number}", hint="list each target once")
        if len(name) > _MAX_NAME_LENGTH:
            problem = f"{name[:60]!r} is longer than {_MAX_NAME_LENGTH} characters"
            raise DataError(problem, location=f"{location}:{number}", hint="use a shorter name")
        lines[name] = number
    if not lines:
        raise DataError("the file lists no target", location=location, hint="write one name per line")
    return tuple(lines)
