"""Bar charts of the dataset card as SVG: small, the same bytes each time, without a plotting library. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

__all__ = ["bars", "by_length", "by_period"]

_COLOURS = {"train": "#2f6fde", "validation": "#b8590b", "test": "#1a7f37"}
_OTHER_COLOUR = "#6e7781"
_ROW_HEIGHT, _NAME_WIDTH, _BAR_WIDTH, _COUNT_WIDTH = 22, 150, 420, 60  # pixels
_MAX_NAME_LENGTH = 22  # characters
_MAX_BARS = 24


def bars(title: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    """Return a chart with one horizontal bar per name, stacked by split.

    Parameters
    ----------
    title : str
        The title.
    counts : mapping
        Counts by split and name, in the order in which they are drawn.
    """
    names = list(dict.fromkeys(name for by_name in counts.values() for name in by_name))
    totals = {name: sum(by_name.get(name, 0) for by_name in counts.values()) for name in names}
    unit = _BAR_WIDTH / max([1, *totals.values()])
    height, width = _ROW_HEIGHT * (len(names) + 2), _NAME_WIDTH + _BAR_WIDTH + _COUNT_WIDTH
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="8" y="15" font-weight="bold">{escape(title)}</text>',
    ]
    for row, name in enumerate(names, 1):
        top, left = row * _ROW_HEIGHT, float(_NAME_WIDTH)
        lines.append(f'<text x="{_NAME_WIDTH - 8}" y="{top + 15}" text-anchor="end">{escape(_shorten(name))}</text>')
        for split, by_name in counts.items():
            length = by_name.get(name, 0) * unit
            if length:
                box = f'x="{left:.1f}" y="{top + 3}" width="{length:.1f}" height="{_ROW_HEIGHT - 6}"'
                lines.append(f'<rect {box} fill="{_colour(split)}"/>')
            left += length
        lines.append(f'<text x="{left + 5:.1f}" y="{top + 15}">{totals[name]}</text>')
    lines += _legend(counts, top=_ROW_HEIGHT * (len(names) + 1))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _legend(splits: Iterable[str], *, top: int) -> list[str]:
    lines = []
    for number, split in enumerate(splits):
        left = _NAME_WIDTH + number * 110
        lines.append(f'<rect x="{left}" y="{top + 5}" width="10" height="10" fill="{_colour(split)}"/>')
        lines.append(f'<text x="{left + 15}" y="{top + 15}">{escape(split)}</text>')
    return lines


def _colour(split: str) -> str:
    return _COLOURS.get(split, _OTHER_COLOUR)


def by_length(lengths: Mapping[str, Iterable[int]]) -> dict[str, dict[str, int]]:
    """Count texts by split and length in characters, in at most ten intervals."""
    by_split = {split: list(values) for split, values in lengths.items()}
    longest = max((length for values in by_split.values() for length in values), default=0)
    step = next(size for power in range(9) for size in (10**power, 2 * 10**power, 5 * 10**power) if size * 10 > longest)
    names = [f"{start:,} to {start + step - 1:,}" for start in range(0, longest + 1, step)]
    counts = {split: Counter(names[length // step] for length in values) for split, values in by_split.items()}
    return {split: {name: count[name] for name in names} for split, count in counts.items()}


def by_period(dates: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    """Count ISO dates by split and day, month or year, whichever gives at most 24 bars."""
    by_split = {split: list(values) for split, values in dates.items()}
    all_dates = sorted({date for values in by_split.values() for date in values})
    digits = next((size for size in (10, 7, 4) if len({date[:size] for date in all_dates}) <= _MAX_BARS), 4)
    names = sorted({date[:digits] for date in all_dates})
    counts = {split: Counter(date[:digits] for date in values) for split, values in by_split.items()}
    return {split: {name: count[name] for name in names} for split, count in counts.items()}


def _shorten(name: str) -> str:
    return name if len(name) <= _MAX_NAME_LENGTH else f"{name[: _MAX_NAME_LENGTH - 1]}…"
