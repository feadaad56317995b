"""The generated blocks of DATASHEET.md. Pure.

A block is between `<!-- goldwire:begin NAME -->` and `<!-- goldwire:end NAME -->`, each on a line of its own; text
outside the blocks is never changed. The content of the blocks comes from a manifest alone, so `check` can compare it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from goldwire.records import Release
from goldwire.release.markdown import agreement_table, inline, markdown_table

__all__ = ["blocks", "refresh", "stale"]

_BLOCK = re.compile(
    r"(?P<begin>^<!-- goldwire:begin (?P<name>[\w-]+) -->[ \t]*\n)(?P<body>.*?)"
    r"(?P<end>^<!-- goldwire:end (?P=name) -->)",
    re.MULTILINE | re.DOTALL,
)


def blocks(manifest: Release) -> dict[str, str]:
    """Return the Markdown of each block by name: version, composition, labels, agreement, text."""
    splits = tuple(manifest.articles)
    counts = tuple(manifest.articles[split] for split in splits)
    labels = [
        (label, description, *_label_counts(label, manifest))
        for label, description in manifest.label_descriptions.items()
    ]
    withheld = ", ".join(manifest.withheld_sources)
    return {
        "version": (
            f"{inline(manifest.name)} {manifest.version}, made with goldwire {manifest.goldwire_version}, "
            f"guidelines {manifest.guidelines_version}, schema {manifest.schema_version}, "
            f"batches {', '.join(manifest.batches)}."
        ),
        "composition": markdown_table(("", *splits, "all"), [("articles", *counts, sum(counts))]),
        "labels": markdown_table(("label", "meaning", "in gold", "by annotators"), labels),
        "agreement": agreement_table(manifest.agreement) if manifest.agreement else "Agreement was not measured.",
        "text": (
            f"The text of {withheld} may not be redistributed."
            if withheld
            else "The text of all articles may be redistributed."
        ),
    }


def _label_counts(label: str, manifest: Release) -> tuple[int, int]:
    """Return the counts of the label in gold and in the annotators' layers."""
    in_gold = manifest.labels["entities"].get(label, 0) + manifest.labels["stance"].get(label, 0)
    return in_gold, manifest.labels["annotations"].get(label, 0)


def refresh(text: str, current: Mapping[str, str]) -> str:
    """Return the text with each of its blocks that `current` has brought up to date."""
    return _BLOCK.sub(
        lambda block: f"{block['begin']}{current.get(block['name'], block['body'].rstrip())}\n{block['end']}", text
    )


def stale(text: str, current: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the blocks in the text that differ from `current`."""
    return tuple(
        block["name"]
        for block in _BLOCK.finditer(text)
        if block["name"] in current and block["body"] != f"{current[block['name']]}\n"
    )
