"""The gold of an article that was asked about twice: for its entities, and for its stance to targets by name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from goldwire.records import AnnotationLayer

__all__ = ["Whole", "merge"]


class Whole(msgspec.Struct, frozen=True):
    """All gold of an article in one layer, and the id in it of each unit, by batch and the id that it has there."""

    layer: AnnotationLayer
    units: Mapping[tuple[str, str], str]

    @property
    def batches(self) -> frozenset[str]:
        """The batches that it comes from."""
        return frozenset(batch for batch, _ in self.units) | {self.layer.batch}


def merge(gold: Iterable[AnnotationLayer]) -> dict[str, Whole]:
    """The gold of each article, by id. Stances to names follow on those between mentions, which keep their ids.

    Of two layers that say the same kind of thing the last counts: an article that was annotated again.
    """
    by_article: dict[str, list[AnnotationLayer]] = {}
    for layer in gold:
        by_article.setdefault(layer.article_id, []).append(layer)
    return {article: _merged(layers) for article, layers in by_article.items()}


def _merged(layers: Sequence[AnnotationLayer]) -> Whole:
    marked = [layer for layer in layers if not _by_name(layer)]
    base = (marked or layers)[-1]
    named = [layer for layer in layers if marked and _by_name(layer)][-1:]
    units = {(base.batch, span.id): span.id for span in base.spans}
    units |= {(base.batch, stance.id): stance.id for stance in base.stances}
    stances = list(base.stances)
    for layer in named:
        for stance in layer.stances:
            units[layer.batch, stance.id] = f"R{len(stances) + 1}"
            stances.append(msgspec.structs.replace(stance, id=f"R{len(stances) + 1}"))
    return Whole(msgspec.structs.replace(base, stances=tuple(stances)), units)


def _by_name(layer: AnnotationLayer) -> bool:
    """Whether the layer is of a batch that asks about targets by name, or says nothing at all."""
    return not layer.spans and all(stance.target_name is not None for stance in layer.stances)
