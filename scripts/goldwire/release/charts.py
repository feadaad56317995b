"""Bar charts for the dataset card as SVG: small, the same bytes each time, and no plotting library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

__all__ = ["bars", "by_length", "by_period"]

_COLOURS = {"train": "#2f6fde", "validation": "#b8590b", "test": "#1a7f37"}
_ROW, _NAME, _BAR, _COUNT = 22, 150, 420, 60  # pixels


def bars(title: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    """A horizontal bar a name, stacked by split; `counts` is split -> name -> how many, in the order to be drawn."""
    names = list(dict.fromkeys(name for by_name in counts.values() for name in by_name))
    totals = {name: sum(by_name.get(name, 0) for by_name in counts.values()) for name in names}
    unit = _BAR / max([1, *totals.values()])
    height = _ROW * (len(names) + 2)
    width = _NAME + _BAR + _COUNT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="8" y="15" font-weight="bold">{escape(title)}</text>',
    ]
    for row, name in enumerate(names, 1):
        top, left = row * _ROW, float(_NAME)
        lines.append(f'<text x="{_NAME - 8}" y="{top + 15}" text-anchor="end">{escape(_short(name))}</text>')
        for split, by_name in counts.items():
            length = by_name.get(name, 0) * unit
            if length:
                place = f'x="{left:.1f}" y="{top + 3}" width="{length:.1f}" height="{_ROW - 6}"'
                lines.append(f'<rect {place} fill="{_COLOURS.get(split, "#6e7781")}"/>')
            left += length
        lines.append(f'<text x="{left + 5:.1f}" y="{top + 15}">{totals[name]}</text>')
    for number, split in enumerate(counts):
        corner, below = _NAME + number * 110, _ROW * (len(names) + 1)
        colour = _COLOURS.get(split, "#6e7781")
        lines.append(f'<rect x="{corner}" y="{below + 5}" width="10" height="10" fill="{colour}"/>')
        lines.append(f'<text x="{corner + 15}" y="{below + 15}">{escape(split)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def by_length(lengths: Mapping[str, Iterable[int]]) -> dict[str, dict[str, int]]:
    """Count texts by length in characters, in ten steps; `lengths` is by split."""
    found = {split: list(values) for split, values in lengths.items()}
    longest = max((length for values in found.values() for length in values), default=0)
    step = next(size for power in range(9) for size in (10**power, 2 * 10**power, 5 * 10**power) if size * 10 > longest)
    names = [f"{start:,} to {start + step - 1:,}" for start in range(0, longest + 1, step)]
    counted = {split: Counter(names[length // step] for length in values) for split, values in found.items()}
    return {split: {name: counts[name] for name in names} for split, counts in counted.items()}


def by_period(dates: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    """Count ISO dates by day, month or year, whichever gives at most 24 bars; `dates` is by split."""
    found = {split: list(values) for split, values in dates.items()}
    everything = sorted({date for values in found.values() for date in values})
    digits = next((size for size in (10, 7, 4) if len({date[:size] for date in everything}) <= 24), 4)
    names = sorted({date[:digits] for date in everything})
    counted = {split: Counter(date[:digits] for date in values) for split, values in found.items()}
    return {split: {name: counts[name] for name in names} for split, counts in counted.items()}


def _short(name: str) -> str:
    return name if len(name) <= 22 else f"{name[:21]}…"
