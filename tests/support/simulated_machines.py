"""Simulated machines beside people: labels with a confidence, and corpora with a known share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel

_LABELS = ("PER", "ORG")
_STANCES = ("opposes", "neutral", "supports")

Labels = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]


def labels_with_confidence(random: np.random.Generator, n_articles: int, *, clustered: bool) -> Labels:
    """Return the confidence, whether it is wrong, and the article of each of about fifteen labels per article.

    A label of confidence c is wrong with probability .35 (1 - c). If `clustered`, articles differ in how hard they are
    (normal on the logit, standard deviation 1.2): the machine is not aware of it.
    """
    sizes = 1 + random.poisson(14, n_articles)
    articles = np.repeat(np.arange(n_articles), sizes)
    confidence = random.beta(3, 1.5, sizes.sum())
    chance = np.clip(0.35 * (1 - confidence), 1e-3, 0.999)
    if clustered:
        logit = np.log(chance / (1 - chance)) + random.normal(0, 1.2, n_articles)[articles]
        chance = 1 / (1 + np.exp(-logit))
    return confidence, random.random(len(confidence)) < chance, articles


def layers_of_people_and_machine(
    seed: int, n_articles: int, *, people: float, machine: float, n_people: int = 3, spread: float = 0.8
) -> list[AnnotationLayer]:
    """Return layers of `A1`... and `M1`, who are right about a mention, and a stance, with these probabilities.

    Each article has twelve mentions of ten characters; the first of them is the holder of a stance towards each other
    one. Who errs about a mention leaves it out or gives it the other label; who errs about a stance draws another or
    none. Articles differ in how hard they are: normal on the logit, with the standard deviation `spread`.
    """
    random = np.random.default_rng(seed)
    layers = []
    for number in range(n_articles):
        hard = random.normal(0, spread)
        truth = random.integers(0, 2, 12), random.integers(0, 3, 12)
        for name in (*(f"A{person + 1}" for person in range(n_people)), "M1"):
            share = machine if name == "M1" else people
            right = 1 / (1 + np.exp(-np.log(share / (1 - share)) + hard))
            layers.append(_layer(random, f"wire-{number:012d}", name, truth, float(right)))
    return layers


def _layer(
    random: np.random.Generator,
    article: str,
    annotator: str,
    truth: tuple[NDArray[np.int64], NDArray[np.int64]],
    right: float,
) -> AnnotationLayer:
    spans = {}
    for number, label in enumerate(truth[0]):
        error = number > 0 and random.random() > right
        if not error or random.random() < 0.4:
            marked = _LABELS[(label + error) % 2]
            at = 20 * number
            spans[number] = SpanLabel(id=f"T{len(spans) + 1}", start=at, end=at + 10, label=marked, text="Ada Brooks")
    stances = []
    for number, stance in enumerate(truth[1]):
        error = random.random() > right
        if number in spans and number > 0 and not (error and random.random() < 0.5):
            drawn = _STANCES[(stance + error) % 3]
            stances.append(StanceLabel(id=f"R{len(stances) + 1}", holder="T1", target=spans[number].id, stance=drawn))
    return AnnotationLayer(
        article_id=article,
        text_sha256="0" * 64,
        batch="b01",
        annotator=annotator,
        guidelines_version="1.0",
        schema_version="1.0",
        confirmed=True,
        spans=tuple(spans.values()),
        stances=tuple(stances),
    )


class Corpus(NamedTuple):
    """A corpus whose articles people and a machine have counted: supportive stances, and stances of any kind.

    `probabilities` are those with which an article is sampled for people, by article.
    """

    people: dict[int, tuple[float, float]]
    machine: dict[int, tuple[float, float]]
    probabilities: dict[int, float]
    stories: dict[int, int]

    def sample(self, random: np.random.Generator) -> dict[int, tuple[float, float]]:
        """Return people's counts of the articles of sampled stories."""
        drawn = {story: random.random() for story in set(self.stories.values())}
        return {key: self.people[key] for key, story in self.stories.items() if drawn[story] < self.probabilities[key]}


def counted_corpus(
    random: np.random.Generator, n_stories: int, n_labelled: int, *, share: float, uncertain: bool = False
) -> Corpus:
    """Return a corpus in which people draw about `share` supportive stances, and the machine too many of them.

    Each story has one to four articles with about four stances each; stories differ (beta, intraclass correlation .15).
    The machine takes one of six other stances for a supportive one, misses one of eight, and invents some. With
    `uncertain`, stories with many stances of the machine are sampled more often.
    """
    people, machine, stories = {}, {}, {}
    for story in range(n_stories):
        mean = random.beta(share / 0.18, (1 - share) / 0.18)
        for _ in range(random.integers(1, 5)):
            key = len(stories)
            whole = random.poisson(4)
            part = random.binomial(whole, mean)
            found = random.binomial(part, 7 / 8) + random.binomial(whole - part, 1 / 6)
            extra = random.poisson(0.5)
            people[key] = (float(part), float(whole))
            machine[key] = (float(found), float(max(found, random.binomial(whole, 0.95)) + extra))
            stories[key] = story
    sizes = np.zeros(n_stories)
    for key, story in stories.items():
        sizes[story] += 1 + machine[key][1]
    weights = sizes if uncertain else np.ones(n_stories)
    chances = np.minimum(1.0, n_labelled * weights / weights.sum())
    return Corpus(people, machine, {key: float(chances[story]) for key, story in stories.items()}, stories)


class Answers(NamedTuple):
    """Answers of three people and a machine by item, and the article of each item."""

    humans: dict[str, dict[int, int]]
    machine: dict[int, int]
    articles: dict[int, int]


def answers_by_article(
    random: np.random.Generator, n_articles: int, *, people: float, machine: float, spread: float
) -> Answers:
    """Return answers to twelve items per article, of four labels; who errs answers any of the others.

    Articles differ in how hard they are for people, and in how hard they are for the machine: both are normal on the
    logit, with the standard deviation `spread` and a correlation of one half.
    """
    articles = np.repeat(np.arange(n_articles), 12)
    truth = random.integers(0, 4, len(articles))
    common, own, of_machine = random.normal(0, spread * np.sqrt(0.5), (3, n_articles))

    def answers(share: float, hard: NDArray[np.float64]) -> dict[int, int]:
        right = 1 / (1 + np.exp(-np.log(share / (1 - share)) + hard[articles]))
        wrong = (truth + random.integers(1, 4, len(truth))) % 4
        return dict(enumerate(np.where(random.random(len(truth)) < right, truth, wrong).tolist()))

    return Answers(
        {name: answers(people, common + own) for name in ("A1", "A2", "A3")},
        answers(machine, common + of_machine),
        dict(enumerate(articles.tolist())),
    )
