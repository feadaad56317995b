"""The gold of an article from several batches: its entities, and its stance towards named targets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from goldwire.records import AnnotationLayer

__all__ = ["CombinedGold", "merge_gold", "target_batches"]


class CombinedGold(msgspec.Struct, frozen=True):
    """All gold of an article in one layer.

    Parameters
    ----------
    layer : AnnotationLayer
    gold_ids : mapping of (str, str) to str
        The id in `layer` of each span and stance, by its batch and the id that it has there.
    has_entities : bool
        Whether the article's entities were annotated; if not, that the layer has none means nothing.
    target_probability : float or None
        Inclusion probability of the article in the batch that asked for its stance towards named targets.
    """

    layer: AnnotationLayer
    gold_ids: Mapping[tuple[str, str], str]
    has_entities: bool = True
    target_probability: float | None = None

    @property
    def batches(self) -> frozenset[str]:
        """The batches whose gold is in the layer."""
        return frozenset(batch for batch, _ in self.gold_ids) | {self.layer.batch}


def target_batches(layers: Iterable[AnnotationLayer]) -> frozenset[str]:
    """Return the batches that ask for stance towards named targets: they have such stances and no spans."""
    layers = tuple(layers)
    with_targets = {layer.batch for layer in layers if any(stance.target_name is not None for stance in layer.stances)}
    return frozenset(with_targets - {layer.batch for layer in layers if layer.spans})


def merge_gold(gold: Iterable[AnnotationLayer], known_target_batches: Collection[str] = ()) -> dict[str, CombinedGold]:
    """Merge the gold layers of each article, by article id.

    Parameters
    ----------
    gold : iterable of AnnotationLayer
        Gold layers in the order of their batches. Of two layers of the same kind the last counts: the article was
        annotated again.
    known_target_batches : collection of str
        Batches that ask for stance towards named targets, although their gold may have no stance yet.

    Returns
    -------
    dict of CombinedGold by article id
        Stances between mentions keep their ids; stances towards named targets are numbered after them.
    """
    gold = tuple(gold)
    batches = target_batches(gold) | frozenset(known_target_batches)
    by_article: dict[str, list[AnnotationLayer]] = {}
    for layer in gold:
        by_article.setdefault(layer.article_id, []).append(layer)
    return {article: _merge(layers, batches) for article, layers in by_article.items()}


def _merge(layers: Sequence[AnnotationLayer], target_batches: Collection[str]) -> CombinedGold:
    with_entities = [layer for layer in layers if layer.batch not in target_batches]
    base = (with_entities or layers)[-1]
    with_targets = [layer for layer in layers if with_entities and layer.batch in target_batches][-1:]
    gold_ids = {(base.batch, span.id): span.id for span in base.spans}
    gold_ids |= {(base.batch, stance.id): stance.id for stance in base.stances}
    stances = list(base.stances)
    for layer in with_targets:
        for stance in layer.stances:
            stances.append(msgspec.structs.replace(stance, id=f"R{len(stances) + 1}"))
            gold_ids[layer.batch, stance.id] = stances[-1].id
    asked = (with_targets or ([] if with_entities else layers))[-1:]
    probability = next((layer.inclusion_probability or None for layer in asked), None)
    merged = msgspec.structs.replace(base, stances=tuple(stances))
    return CombinedGold(merged, gold_ids, bool(with_entities), probability)
