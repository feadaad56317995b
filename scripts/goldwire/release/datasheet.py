"""The parts of DATASHEET.md that a release knows better than people do: they stand between markers.

`<!-- goldwire:begin NAME -->` ... `<!-- goldwire:end NAME -->`, each on a line of its own; what is outside is never
touched. Everything in them comes from a manifest, so that `check` can tell whether they are current.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isnan

from goldwire.records import Agreement, Release

__all__ = ["blocks", "markdown_table", "refresh", "shown", "stale"]

_BLOCK = re.compile(
    r"(?P<begin>^<!-- goldwire:begin (?P<name>[\w-]+) -->[ \t]*\n)(?P<body>.*?)"
    r"(?P<end>^<!-- goldwire:end (?P=name) -->)",
    re.MULTILINE | re.DOTALL,
)


def blocks(manifest: Release) -> dict[str, str]:
    """The Markdown of each block, by name: version, composition, labels, agreement, text."""
    splits = tuple(manifest.articles)
    total = sum(manifest.articles.values())
    named = [(label, meaning, *_uses(label, manifest)) for label, meaning in manifest.meanings.items()]
    return {
        "version": f"{manifest.name} {manifest.version}, made with goldwire {manifest.goldwire_version}, guidelines "
        f"{manifest.guidelines_version}, schema {manifest.schema_version}, batches {', '.join(manifest.batches)}.",
        "composition": markdown_table(
            ("", *splits, "all"), [("articles", *(manifest.articles[split] for split in splits), total)]
        ),
        "labels": markdown_table(("label", "meaning", "in gold", "by annotators"), named),
        "agreement": _agreement(manifest.agreement),
        "text": f"The text of {', '.join(manifest.withheld)} may not be given away."
        if manifest.withheld
        else "All text in it may be given away.",
    }


def _uses(label: str, manifest: Release) -> tuple[int, int]:
    gold = manifest.labels["entities"].get(label, 0) + manifest.labels["stance"].get(label, 0)
    return gold, manifest.labels["annotations"].get(label, 0)


def refresh(text: str, current: Mapping[str, str]) -> str:
    """The text with each block that it has and `current` knows brought up to date."""
    return _BLOCK.sub(
        lambda found: f"{found['begin']}{current.get(found['name'], found['body'].rstrip())}\n{found['end']}", text
    )


def stale(text: str, current: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the blocks in the text that are not current."""
    return tuple(
        found["name"]
        for found in _BLOCK.finditer(text)
        if found["name"] in current and found["body"] != f"{current[found['name']]}\n"
    )


def _agreement(values: Sequence[Agreement]) -> str:
    if not values:
        return "Agreement was not measured."
    head = ("coefficient", "value", "95% interval", "items", "annotators")
    whole = [value for value in values if "[" not in value.coefficient]  # not of a label alone
    return markdown_table(head, [(v.coefficient, *shown(v), v.n_items, v.n_raters) for v in whole])


def shown(value: Agreement) -> tuple[str, str]:
    """A value and its interval as people read them."""
    if isnan(value.value):
        return f"undefined: {value.reason}", ""
    interval = "" if isnan(value.low) or isnan(value.high) else f"{value.low:.3f} to {value.high:.3f}"
    return f"{value.value:.3f}", interval


def markdown_table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)
