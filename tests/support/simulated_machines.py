"""Simulated machines beside people: labels with a confidence, and corpora with a known share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
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
        drawn = random.random(len(set(self.stories.values()))).tolist()
        return {key: self.people[key] for key, story in self.stories.items() if drawn[story] < self.probabilities[key]}


def counted_corpus(
    random: np.random.Generator, n_stories: int, n_labelled: int, *, share: float, uncertain: bool = False
) -> Corpus:
    """Return a corpus in which people draw about `share` supportive stances, and the machine too many of them.

    Each story has one to four articles with about four stances each; stories differ (beta, intraclass correlation .15).
    The machine takes one of six other stances for a supportive one, misses one of eight, and invents some. With
    `uncertain`, stories with many stances of the machine are sampled more often.
    """
    story = np.repeat(np.arange(n_stories), random.integers(1, 5, n_stories))
    mean = random.beta(share / 0.18, (1 - share) / 0.18, n_stories)[story]
    whole = random.poisson(4, len(story))
    part = random.binomial(whole, mean)
    found = random.binomial(part, 7 / 8) + random.binomial(whole - part, 1 / 6)
    drawn = np.maximum(found, random.binomial(whole, 0.95)) + random.poisson(0.5, len(story))
    weights = np.bincount(story, 1 + drawn) if uncertain else np.ones(n_stories)
    chances = np.minimum(1.0, n_labelled * weights / weights.sum())
    return Corpus(
        people=_pairs(part, whole),
        machine=_pairs(found, drawn),
        probabilities=dict(enumerate(chances[story].tolist())),
        stories=dict(enumerate(story.tolist())),
    )


def _pairs(part: NDArray[np.int64], whole: NDArray[np.int64]) -> dict[int, tuple[float, float]]:
    return dict(enumerate(zip(part.astype(float).tolist(), whole.astype(float).tolist(), strict=True)))


class AnswerScenario(NamedTuple):
    """Articles whose items three people answer, and a machine.

    People are right with the probability `people` in an article of mean difficulty; `spread` is the standard deviation
    of articles' difficulty on the logit. Half of the variance is common to people and the machine. Articles have twelve
    items each or, with `is_long_tailed`, a log-normal number with a mean of about twelve.
    """

    name: str
    people: float = 0.85
    spread: float = 1.2
    is_long_tailed: bool = False


N_LABELS = 4
_ANSWERS = np.array([*product(range(N_LABELS), repeat=4)]).T  # every answer of three people and a machine, (4, 256)


def simulated_answers(
    random: np.random.Generator, scenario: AnswerScenario, n_articles: int, machine: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the answers of three people and the machine, shape (4, items), and the article of each item.

    The right label is 0; who errs gives any of the three others.
    """
    sizes = np.full(n_articles, 12)
    if scenario.is_long_tailed:
        sizes = np.clip(np.round(12 * np.exp(random.normal(-0.5, 1, n_articles))), 1, 240).astype(np.int64)
    articles = np.repeat(np.arange(n_articles), sizes)
    common, own, of_machine = random.normal(0, scenario.spread * np.sqrt(0.5), (3, n_articles))
    right = np.empty((4, len(articles)))
    right[:3] = _chance(scenario.people, common + own)[articles]
    right[3] = _chance(machine, common + of_machine)[articles]
    wrong = random.integers(1, N_LABELS, right.shape)
    return np.where(random.random(right.shape) < right, 0, wrong), articles


def _chance(share: float, difficulty: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.log(share / (1 - share)) + difficulty)))


def advantage(answers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return 1 where the first person is closer to the other people than the machine is, and -1 in the reverse."""
    first, machine = ((answers[[row]] == answers[1:3]).sum(axis=0) for row in (0, 3))
    return np.sign(first - machine).astype(np.float64)


def gain(answers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the machine's agreement with people minus that of people among themselves."""
    pairs = [(0, 1), (0, 2), (1, 2)]
    among = np.mean([answers[a] == answers[b] for a, b in pairs], axis=0)
    return np.asarray((answers[3] == answers[:3]).mean(axis=0) - among)


def expected_value(
    statistic: Callable[[NDArray[np.int64]], NDArray[np.float64]], scenario: AnswerScenario, machine: float
) -> float:
    """Return the exact mean of a statistic of answers over all articles: by quadrature over the difficulties."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    common, own, of_machine = (axis.ravel() for axis in np.meshgrid(nodes, nodes, nodes))
    weight = np.prod([axis.ravel() for axis in np.meshgrid(weights, weights, weights)], axis=0) / weights.sum() ** 3
    scale = scenario.spread * np.sqrt(0.5)
    by_people = _chance(scenario.people, scale * (common + own))
    by_machine = _chance(machine, scale * (common + of_machine))
    values, n_right = statistic(_ANSWERS), (_ANSWERS[:3] == 0).sum(axis=0)
    total = 0.0
    for n in range(4):
        for is_right in (False, True):
            value = float(values[(n_right == n) & ((_ANSWERS[3] == 0) == is_right)].sum())
            chance = by_people**n * ((1 - by_people) / (N_LABELS - 1)) ** (3 - n)
            chance = chance * (by_machine if is_right else (1 - by_machine) / (N_LABELS - 1))
            total += value * float(weight @ chance)
    return total


def machine_with(
    value: float, statistic: Callable[[NDArray[np.int64]], NDArray[np.float64]], scenario: AnswerScenario
) -> float:
    """Return how often a machine is right (in an article of mean difficulty) for which a statistic has this mean."""
    low, high = 0.02, 0.9999
    rises = expected_value(statistic, scenario, high) > expected_value(statistic, scenario, low)
    for _ in range(24):
        middle = (low + high) / 2
        if (expected_value(statistic, scenario, middle) < value) == rises:
            low = middle
        else:
            high = middle
    return (low + high) / 2
