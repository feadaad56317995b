"""What things are called: texts by digest, articles for ever, a layer's spans and stances in their order. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from goldwire.records import SpanLabel, StanceLabel

__all__ = ["article_id", "number_layer", "text_digest"]


def text_digest(text: str) -> str:
    """SHA-256 of `text` in UTF-8, hexadecimal. A lone surrogate is digested as it is, never raised on."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def article_id(source: str, key: str | bytes) -> str:
    """`<source>-<12 hex digits>`, from the source and the canonical URL (str) or the raw bytes.

    48 bits: at a million articles of one source the chance that any two collide is 0.2%, and ingest refuses a
    collision, so that it is never silent.
    """
    data = key.encode() if isinstance(key, str) else key
    digest = hashlib.sha256(source.encode() + b"\0" + data).hexdigest()
    return f"{source}-{digest[:12]}"


def number_layer(
    spans: Iterable[SpanLabel], stances: Iterable[StanceLabel]
) -> tuple[tuple[SpanLabel, ...], tuple[StanceLabel, ...]]:
    """Renumber spans T1... in (start, end, label) order and stances R1... in the order of what they join.

    Stances may refer to any ids that `spans` carry; a reference to no span is kept as it is, for `check` to find.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end, span.label, span.id))
    names = {span.id: f"T{number}" for number, span in enumerate(ordered, 1)}
    places = {span.id: number for number, span in enumerate(ordered, 1)}
    joined = sorted(
        stances,
        key=lambda s: (places.get(s.holder or "", 0), places.get(s.target or "", 0), s.target_name or "", s.stance),
    )
    return (
        tuple(msgspec.structs.replace(span, id=names[span.id]) for span in ordered),
        tuple(
            msgspec.structs.replace(
                stance,
                id=f"R{number}",
                holder=None if stance.holder is None else names.get(stance.holder, stance.holder),
                target=None if stance.target is None else names.get(stance.target, stance.target),
            )
            for number, stance in enumerate(joined, 1)
        ),
    )
