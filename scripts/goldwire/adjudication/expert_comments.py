"""Why an expert settled a unit as they did: read from the comments of the expert's layer.

A line of a comment is `T4: reason` or `R2: reason` by the ids of the expert's own layer, `[120, 126): reason` by place
(also of what the expert left out), `[120, 126) to [10, 16): reason` or `the article to [10, 16): reason` of a stance,
`the article to 'Ada Lind': reason` of one to a target by name. Other lines are remarks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from goldwire.alignment.mentions import Pair, SpanUnit
from goldwire.records import AnnotationLayer

__all__ = ["name_of_target", "pair_names", "read_reasons", "reasons_of", "span_names"]

_PLACE = r"\[\s*\d+\s*,\s*\d+\s*\)"
_NAME = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""  # as `repr` writes it
_STANCE = rf"(?:{_PLACE}|the article)\s+to\s+{_PLACE}|the article\s+to\s+(?:{_NAME})"
_REASON = re.compile(rf"\s*(?P<unit>[TR]\d+|{_STANCE}|{_PLACE})\s*:\s*(?P<why>\S.*?)\s*")


def read_reasons(comments: Iterable[str]) -> dict[str, str]:
    """Reasons by the unit that they name, as `span_names` and `pair_names` write it; several are joined."""
    found: dict[str, list[str]] = {}
    for line in (line for comment in comments for line in comment.splitlines()):
        said = _REASON.fullmatch(line)
        if said is not None:
            unit = re.sub(rf"{_PLACE}", lambda place: _place(*map(int, re.findall(r"\d+", place[0]))), said["unit"])
            found.setdefault(" ".join(unit.split()), []).append(said["why"])
    return {unit: "; ".join(reasons) for unit, reasons in found.items()}


def reasons_of(names: Iterable[str], reasons: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """Those of a unit's names that have a reason, and the reasons, joined: several places may be one unit."""
    used = tuple(name for name in dict.fromkeys(names) if name in reasons)
    return used, "; ".join(dict.fromkeys(reasons[name] for name in used))


def span_names(unit: SpanUnit, expert: str | None) -> Iterator[str]:
    """What a comment may call a span unit: the expert's id of it, or the place where anybody has it."""
    if expert in unit.spans:
        yield unit.spans[expert].id
    yield from dict.fromkeys(_place(span.start, span.end) for span in unit.spans.values())


def pair_names(pair: Pair, units: Sequence[SpanUnit], layer: AnnotationLayer | None) -> Iterator[str]:
    """What a comment may call a pair: the id of the expert's own stance, or where its two ends are."""
    for stance in layer.stances if layer is not None else ():
        ends = (_is_of(end, unit, units, layer) for end, unit in _ends(stance.holder, stance.target, pair))
        if layer is not None and all(ends) and stance.target_name == pair.target_name:
            yield stance.id
    if pair.target_name is not None:
        yield name_of_target(pair.target_name)
    if pair.target is not None:
        for target in _places(units[pair.target]):
            for holder in ("the article",) if pair.holder is None else _places(units[pair.holder]):
                yield f"{holder} to {target}"


def name_of_target(target: str) -> str:
    """What a comment may call the article's own stance to a target by name."""
    return " ".join(f"the article to {target!r}".split())


def _ends(holder: str | None, target: str | None, pair: Pair) -> tuple[tuple[str | None, int | None], ...]:
    return (holder, pair.holder), (target, pair.target)


def _is_of(end: str | None, unit: int | None, units: Sequence[SpanUnit], layer: AnnotationLayer | None) -> bool:
    """Whether an end of the expert's stance is the unit (of both None: the article's voice, or a target by name)."""
    if end is None or unit is None or layer is None:
        return end is None and unit is None
    return layer.annotator in units[unit].spans and units[unit].spans[layer.annotator].id == end


def _places(unit: SpanUnit) -> list[str]:
    return list(dict.fromkeys(_place(span.start, span.end) for span in unit.spans.values()))


def _place(start: int, end: int) -> str:
    return f"[{start}, {end})"
