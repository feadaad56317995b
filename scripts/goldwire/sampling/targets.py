"""Whom or what a batch asks about by name: the salient entities of an article's gold, or names from a list. Pure.

An entity is salient by where newsrooms put what a story is about: it is named in the headline, or in the lead (the
first paragraph) and again, or three times anywhere. Those of the headline come first, then those named most often, then
those named first.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from goldwire.errors import DataError
from goldwire.records import AnnotationLayer, Article, SpanLabel
from goldwire.text.name_search import find_name

__all__ = ["named", "parse_list", "salient"]

_OFTEN = 3  # mentions that make an entity salient wherever they are
_LEAD = 2  # mentions that do with one of them in the lead
_LONGEST = 100  # characters of a name: what stands above a text is to be read at a glance


class _Entity(msgspec.Struct, frozen=True):
    """The mentions of one thing, in text order."""

    spans: tuple[SpanLabel, ...]

    @property
    def name(self) -> str:
        """Its fullest name, the first of equals."""
        return max((" ".join(span.text.split()) for span in self.spans), key=len)


def salient(article: Article, gold: AnnotationLayer, labels: Sequence[str], most: int) -> tuple[str, ...]:
    """At most `most` names of what `article` is about, of these entity `labels` (none: all), in order of salience."""
    headline = article.text.find("\n")
    lead = article.text.find("\n\n", headline + 2)
    headline, lead = (len(article.text) if end < 0 else end for end in (headline, lead))
    found = []
    for entity in _entities(span for span in gold.spans if not labels or span.label in labels):
        starts, times = [span.start for span in entity.spans], len(entity.spans)
        in_headline = starts[0] < headline
        if in_headline or times >= _OFTEN or (times >= _LEAD and any(headline < s < lead for s in starts)):
            found.append((not in_headline, -times, starts[0], entity.name))
    return tuple(dict.fromkeys(name for *_, name in sorted(found) if len(name) <= _LONGEST))[:most]


def _entities(spans: Iterable[SpanLabel]) -> list[_Entity]:
    """Mentions of one label and name, whatever its case; `Vernock` is `Ilsa Vernock` where no other is a Vernock."""
    by_name: dict[tuple[str, str], list[SpanLabel]] = {}
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        by_name.setdefault((span.label, " ".join(span.text.split()).casefold()), []).append(span)
    for label, name in sorted(by_name, key=lambda key: len(key[1])):
        fuller = [key for key in by_name if key[0] == label and key[1].endswith(f" {name}")]
        if " " not in name and len(fuller) == 1:
            by_name[fuller[0]] += by_name.pop((label, name))
    return [_Entity(tuple(sorted(found, key=lambda span: span.start))) for found in by_name.values()]


def named(article: Article, names: Sequence[str]) -> tuple[str, ...]:
    """Those of `names` that stand in the article as whole words, in the list's order; capitals count."""
    return tuple(name for name in names if any(find_name(name, article.text)))


def parse_list(text: str, place: Path) -> tuple[str, ...]:
    """The names of a list, one a line; blank lines and those that start with `#` say nothing."""
    names: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name = " ".join(unicodedata.normalize("NFC", line).split())  # as articles are
        if not name or name.startswith("#"):
            continue
        if len(name) > _LONGEST or name in names:
            why = f"stands in line {names[name]} already" if name in names else f"is longer than {_LONGEST} characters"
            raise DataError(f"{name[:60]!r} {why}", location=f"{place}:{number}", hint="name each target once, shortly")
        names[name] = number
    if not names:
        raise DataError("names no target", location=place, hint="write one name a line")
    return tuple(names)
