"""The gold of an article that was asked about twice: for its entities, and for its stance to targets by name. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from goldwire.records import AnnotationLayer

__all__ = ["Whole", "by_name", "merge"]


class Whole(msgspec.Struct, frozen=True):
    """All gold of an article in one layer, and the id in it of each unit, by batch and the id that it has there.

    `marked` is whether its entities were asked about: without, that it has none says nothing.
    """

    layer: AnnotationLayer
    units: Mapping[tuple[str, str], str]
    marked: bool = True

    @property
    def batches(self) -> frozenset[str]:
        """The batches that it comes from."""
        return frozenset(batch for batch, _ in self.units) | {self.layer.batch}


def by_name(layers: Iterable[AnnotationLayer]) -> frozenset[str]:
    """The batches that ask about targets by name: some layer of theirs has one, and none has a span."""
    layers = tuple(layers)
    named = {layer.batch for layer in layers if any(one.target_name is not None for one in layer.stances)}
    return frozenset(named - {layer.batch for layer in layers if layer.spans})


def merge(gold: Iterable[AnnotationLayer], named: Collection[str] = ()) -> dict[str, Whole]:
    """The gold of each article, by id. Stances to names follow on those between mentions, which keep their ids.

    Of two layers that say the same kind of thing the last counts: an article that was annotated again. `named` are
    batches that are known to ask by name, although nothing of theirs may have been settled.
    """
    gold = tuple(gold)
    asking = by_name(gold) | frozenset(named)
    by_article: dict[str, list[AnnotationLayer]] = {}
    for layer in gold:
        by_article.setdefault(layer.article_id, []).append(layer)
    return {article: _merged(layers, asking) for article, layers in by_article.items()}


def _merged(layers: Sequence[AnnotationLayer], asking: Collection[str]) -> Whole:
    marked = [layer for layer in layers if layer.batch not in asking]
    base = (marked or layers)[-1]
    named = [layer for layer in layers if marked and layer.batch in asking][-1:]
    units = {(base.batch, span.id): span.id for span in base.spans}
    units |= {(base.batch, stance.id): stance.id for stance in base.stances}
    stances = list(base.stances)
    for layer in named:
        for stance in layer.stances:
            units[layer.batch, stance.id] = f"R{len(stances) + 1}"
            stances.append(msgspec.structs.replace(stance, id=f"R{len(stances) + 1}"))
    return Whole(msgspec.structs.replace(base, stances=tuple(stances)), units, bool(marked))
