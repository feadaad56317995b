"""Simulated articles with a known agreement: some articles are harder than others, and annotators err more on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from goldwire.alignment.span_matching import Span
from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel

LABELS = ("PER", "ORG", "LOC")
STANCES = ("opposes", "neutral", "supports")
_SLOT = 30  # characters of text per possible mention


class Scenario(NamedTuple):
    """A kind of corpus and of annotation.

    `n_items` is the mean number of items (mentions, pairs) of an article, `spread` the standard deviation of the
    articles' difficulty (of the logit of the chance to err), `missing` the share of answers or layers that are missing.
    """

    name: str
    n_items: int = 20
    n_annotators: int = 3
    missing: float = 0.2
    spread: float = 1.0
    is_long_tailed: bool = False


SCENARIOS = (
    Scenario("three annotators, a fifth missing"),
    Scenario("two annotators, six items an article", n_items=6, n_annotators=2, missing=0.0),
    Scenario("articles of very unequal length", is_long_tailed=True),
    Scenario("a few articles are much harder", spread=2.0),
    Scenario("all articles are equally hard", spread=0.0),
)

OTHER_SCENARIOS = (
    Scenario("four annotators, ten items, a third missing", n_items=10, n_annotators=4, missing=0.33, spread=1.5),
    Scenario("two annotators, very unequal in length and difficulty", 12, 2, 0.0, 1.5, is_long_tailed=True),
    Scenario("three annotators, forty items", n_items=40, missing=0.1, spread=0.7),
)
"""Corpora of another kind, seen only when the last candidates for the factors of the interval were compared."""


def article_sizes(random: np.random.Generator, scenario: Scenario, n_articles: int) -> np.ndarray:
    """Return the number of items in each article, at least one: Poisson, or log-normal with a long tail."""
    if scenario.is_long_tailed:
        sizes = scenario.n_items * np.exp(random.normal(-0.5, 1.0, n_articles))
    else:
        sizes = random.poisson(scenario.n_items, n_articles)
    return np.clip(np.round(sizes), 1, 20 * scenario.n_items).astype(np.int64)


def error_chances(random: np.random.Generator, scenario: Scenario, n_articles: int, error: float) -> np.ndarray:
    """Return each article's chance that an annotator errs on an item: logit-normal with the median `error`."""
    logit = np.log(error / (1 - error)) + random.normal(0, scenario.spread, n_articles)
    return np.asarray(1 / (1 + np.exp(-logit)))


def simulated_ratings_by_article(
    random: np.random.Generator, scenario: Scenario, n_articles: int, error: float, *, is_ordinal: bool = False
) -> list[np.ndarray]:
    """Return ratings of shape (items, annotators) of each article, among three labels that each article mixes its own
    way; who errs answers as chance would in the article or, on a scale, one step off.
    """
    articles = []
    sizes, chances = article_sizes(random, scenario, n_articles), error_chances(random, scenario, n_articles, error)
    for size, chance in zip(sizes, chances, strict=True):
        shares = random.dirichlet([3.0, 3.0, 3.0])
        truth = random.choice(3, size, p=shares)
        shape = (size, scenario.n_annotators)
        steps = np.clip(truth[:, None] + random.choice([-1, 1], shape), 0, 2)
        guesses = steps if is_ordinal else random.choice(3, shape, p=shares)
        ratings = np.where(random.random(shape) < chance, guesses, truth[:, None]).astype(float)
        ratings[random.random(shape) < scenario.missing] = np.nan
        articles.append(ratings)
    return articles


def simulated_spans(
    random: np.random.Generator, scenario: Scenario, n_articles: int, error: float
) -> Iterator[dict[str, list[Span]]]:
    """Yield the spans of each article by annotator, who miss, cut short, mislabel and invent mentions."""
    sizes, chances = article_sizes(random, scenario, n_articles), error_chances(random, scenario, n_articles, error)
    for size, chance in zip(sizes, chances, strict=True):
        labels = random.integers(0, 3, size)
        by_annotator: dict[str, list[Span]] = {}
        for annotator in _readers(random, scenario):
            by_annotator[annotator] = [
                span
                for number, label in enumerate(labels)
                for span in _marked(random, number * _SLOT, int(label), chance)
            ]
        yield by_annotator


def _readers(random: np.random.Generator, scenario: Scenario) -> list[str]:
    names = [f"A{number + 1}" for number in range(scenario.n_annotators)]
    return [name for name in names if random.random() >= scenario.missing]


def _marked(random: np.random.Generator, start: int, label: int, chance: float) -> list[Span]:
    """Return what an annotator marks where there is a mention of twelve characters."""
    kind = random.random() / chance if chance else 1.0
    right = Span(start, start + 12, LABELS[label])
    if kind >= 1:
        return [right]
    if kind < 0.4:
        return []
    if kind < 0.7:
        return [Span(start, start + int(random.integers(4, 12)), LABELS[label])]
    if kind < 0.9:
        return [Span(start, start + 12, LABELS[(label + 1) % 3])]
    return [right, Span(start + 15, start + 22, LABELS[label])]


def simulated_stances(
    random: np.random.Generator, scenario: Scenario, n_articles: int, error: float
) -> Iterator[dict[str, AnnotationLayer]]:
    """Yield the layers of each article by annotator: the same mentions, between which they draw stances."""
    sizes, chances = article_sizes(random, scenario, n_articles), error_chances(random, scenario, n_articles, error)
    for number, (size, chance) in enumerate(zip(sizes, chances, strict=True)):
        spans = tuple(
            SpanLabel(id=f"T{index + 1}", start=index * _SLOT, end=index * _SLOT + 12, label="PER", text="")
            for index in range(size + 1)
        )
        truth = random.integers(0, 3, size)
        yield {
            annotator: AnnotationLayer(
                article_id=f"wire-{number:012d}",
                text_sha256="",
                batch="b01",
                annotator=annotator,
                guidelines_version="1",
                schema_version="1",
                confirmed=True,
                spans=spans,
                stances=tuple(_drawn(random, truth, chance)),
            )
            for annotator in _readers(random, scenario)
        }


def _drawn(random: np.random.Generator, truth: np.ndarray, chance: float) -> Iterator[StanceLabel]:
    """Yield the stances that an annotator draws from each mention to the next: most errors are stances not drawn."""
    for index, stance in enumerate(truth):
        kind = random.random() / chance if chance else 1.0
        if kind < 0.6:
            continue
        chosen = STANCES[(stance + 1) % 3] if kind < 1 else STANCES[stance]
        yield StanceLabel(id=f"R{index + 1}", holder=f"T{index + 1}", target=f"T{index + 2}", stance=chosen)
