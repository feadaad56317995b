"""Selection of articles: how often each is taken over many plans, against its stated probability."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pytest

from goldwire.records import Article, Duplicates
from goldwire.sampling.options import SamplingOptions
from goldwire.sampling.selection import Candidates, select_articles
from goldwire.sampling.tasks import TaskBuilder
from support import factories

N_PLANS = 600


def uncertainty(_: TaskBuilder, articles: Sequence[Article]) -> dict[str, float]:
    return {article.id: float(int(article.id[-2:]) % 7 - 3) / 2 for article in articles}


def candidates() -> Candidates:
    articles = [
        factories.article(f"Headline {i}\n\nBody.", id=f"{source}-{i:012d}", source=source)
        for i in range(14)
        for source in (("wire",) if i < 9 else ("herald",))
    ]
    corpus = {article.id: article for article in articles}
    ids = sorted(corpus)
    clusters = [
        Duplicates(cluster=min(group), article_ids=group, pairs=())
        for group in ((ids[6], ids[7], ids[8]), (ids[0], ids[5]))
    ]
    return Candidates(corpus=corpus, clusters=clusters, planned={})


@pytest.mark.parametrize(
    "options",
    [
        SamplingOptions(max_articles=4),
        SamplingOptions(max_articles=4, stratify=("source",)),
        SamplingOptions(max_articles=4, order="uncertain"),
        SamplingOptions(max_articles=4, order="uncertain", stratify=("source",)),
    ],
    ids=["random", "strata", "uncertain", "uncertain-strata"],
)
def test_estimates_weighted_by_the_inverse_probability_are_unbiased(options: SamplingOptions) -> None:
    given = candidates()
    builder = TaskBuilder("b01", options, uncertainty=uncertainty if options.order == "uncertain" else None)
    weights: dict[str, float] = defaultdict(float)
    sizes = Counter[int]()
    for number in range(N_PLANS):
        selection = select_articles(given, builder, f"{number}\0b01")
        sizes[len(selection.article_ids)] += 1
        assert selection.probabilities.keys() == set(selection.article_ids)
        for name, probability in selection.probabilities.items():
            weights[name] += 1 / probability / N_PLANS
    assert sizes == {4: N_PLANS}
    totals = np.array([weights[name] for name in given.corpus])
    # Each article stands for itself: its mean weight is 1, with the variance 1 / p - 1. The least p is .06.
    assert np.abs(totals - 1).max() < 4 * np.sqrt((1 / 0.06 - 1) / N_PLANS)
    assert totals.sum() == pytest.approx(len(given.corpus), rel=0.05)


def test_uncertain_articles_are_taken_more_often() -> None:
    given = candidates()
    builder = TaskBuilder("b01", SamplingOptions(max_articles=4, order="uncertain"), uncertainty=uncertainty)
    taken = Counter[str]()
    for number in range(300):
        taken.update(select_articles(given, builder, f"{number}").article_ids)
    scores = uncertainty(builder, list(given.corpus.values()))
    high, low = ([taken[name] for name, score in scores.items() if score * sign > 0.9] for sign in (1, -1))
    assert min(high) > 2 * max(low) > 0


def test_without_a_limit_the_most_uncertain_come_first() -> None:
    given = candidates()
    builder = TaskBuilder("b01", SamplingOptions(order="uncertain"), uncertainty=uncertainty)
    selection = select_articles(given, builder, "13")
    scores = uncertainty(builder, [given.corpus[name] for name in selection.article_ids])
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert sorted(set(selection.probabilities.values())) == [pytest.approx(1 / 3), 0.5, 1.0]
