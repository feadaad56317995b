"""Layers as labels of items: what each annotator said of each mention, and of each holder-target pair, of an article.

With these, tests that were made for categories hold for spans and stances: an item is a mention, or a pair, that any
annotator or the machine marked, and whoever read the article and marked nothing there said "nothing".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from goldwire.alignment.mentions import AlignedMention, align_mentions, align_stances
from goldwire.records import AnnotationLayer, has_vote

__all__ = ["ItemKey", "LabelKind", "LabelledItems", "SharedArticle", "item_labels", "shared_articles"]

LabelKind = Literal["span", "span-label", "stance"]
"""Mentions with their offsets and label; mentions with their label only; the stances of holder-target pairs."""

ItemKey: TypeAlias = tuple[str, int]
"""The id of an article, and the number of a mention or pair in it."""

Answer: TypeAlias = tuple[object, ...]
"""A label as it is compared; () for nothing."""


class SharedArticle(msgspec.Struct, frozen=True):
    """An article that the machine and at least two people have labelled."""

    article_id: str
    people: Mapping[str, AnnotationLayer]
    machine: AnnotationLayer

    @property
    def layers(self) -> list[AnnotationLayer]:
        """All layers, the machine's last."""
        return [*self.people.values(), self.machine]


class LabelledItems(msgspec.Struct, frozen=True):
    """The labels of items: as `alt_test` takes them, with the article of each item."""

    humans: dict[str, dict[ItemKey, Answer | None]]
    machine: dict[ItemKey, Answer | None]
    articles: dict[ItemKey, str]


def shared_articles(layers: Iterable[AnnotationLayer], machine: str) -> list[SharedArticle]:
    """Return the articles that the machine and two or more people confirmed, by id.

    People are all annotators but the machine, other machines (`M2`), experts (`E1`) and gold.
    """
    people: dict[str, dict[str, AnnotationLayer]] = defaultdict(dict)
    by_machine: dict[str, AnnotationLayer] = {}
    for layer in layers:
        name = layer.annotator
        if not layer.confirmed:
            continue
        if name == machine:
            by_machine[layer.article_id] = layer
        elif has_vote(name):
            people[layer.article_id][name] = layer
    return [
        SharedArticle(key, dict(sorted(people[key].items())), by_machine[key])
        for key in sorted(by_machine)
        if len(people[key]) > 1
    ]


def item_labels(articles: Sequence[SharedArticle], kind: LabelKind) -> LabelledItems:
    """Return what each annotator and the machine said of every mention, or of every holder-target pair.

    Two different stances between one pair are not a label of a person (None), as for `stance_alpha`.
    """
    items = LabelledItems(humans=defaultdict(dict), machine={}, articles={})
    for article in articles:
        mentions = align_mentions(article.layers)
        rows = _stance_rows(article, mentions) if kind == "stance" else _mention_rows(article, mentions, kind)
        for number, answers in enumerate(rows):
            key = (article.article_id, number)
            items.articles[key] = article.article_id
            items.machine[key] = answers.pop(article.machine.annotator)
            for name, answer in answers.items():
                items.humans[name][key] = answer
    return msgspec.structs.replace(items, humans=dict(sorted(items.humans.items())))


def _mention_rows(
    article: SharedArticle, mentions: Sequence[AlignedMention], kind: LabelKind
) -> list[dict[str, Answer | None]]:
    names = [layer.annotator for layer in article.layers]
    rows: list[dict[str, Answer | None]] = []
    for mention in mentions:
        spans = mention.spans
        rows.append(
            {
                name: ()
                if name not in spans
                else (spans[name].label,)
                if kind == "span-label"
                else (spans[name].start, spans[name].end, spans[name].label)
                for name in names
            }
        )
    return rows


def _stance_rows(article: SharedArticle, mentions: Sequence[AlignedMention]) -> list[dict[str, Answer | None]]:
    names = [layer.annotator for layer in article.layers]
    return [
        {name: drawn if len(drawn := pair.stances.get(name, ())) < 2 else None for name in names}
        for pair in align_stances(article.layers, mentions)
    ]
