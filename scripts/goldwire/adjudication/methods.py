"""The methods of adjudication: which aggregator and which rule for boundaries each stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import get_args

import msgspec

from goldwire.adjudication.aggregation import AdjudicatedArticle, aggregate
from goldwire.adjudication.decisions import BoundaryPolicy
from goldwire.adjudication.voting import Aggregator, Model, expert_label, majority_vote, model_vote
from goldwire.agreement.annotator_models import dawid_skene, mace
from goldwire.errors import ConfigError
from goldwire.records import Adjudication, AdjudicationMethod, AnnotationLayer, Article, FallbackMethod, Task, has_vote

__all__ = ["METHODS", "MODELS", "adjudicate", "require_valid_method"]

METHODS: tuple[AdjudicationMethod, ...] = get_args(AdjudicationMethod)
# Without smoothing, Dawid-Skene of three annotators may take the one who left out half of all names for the best.
MODELS: Mapping[str, Model] = {"dawid-skene": partial(dawid_skene, n_iter=1000, tol=1e-9, smoothing=1.0), "mace": mace}
"""The methods that fit a model of the annotators."""


def adjudicate(
    articles: Mapping[str, Article],
    layers: Iterable[AnnotationLayer],
    adjudication: Adjudication,
    *,
    tasks: Iterable[Task] = (),
) -> tuple[AdjudicatedArticle, ...]:
    """Adjudicate the confirmed ones of a batch's layers, by article id.

    Parameters
    ----------
    articles : mapping of str to Article
    layers : iterable of AnnotationLayer
        At most one per annotator and article; those of machines and of other experts than the method's do not count.
    adjudication : Adjudication
        The method.
    tasks : iterable of Task
        The batch's tasks, whose inclusion probabilities gold carries. Gold checks whose own gold is from another
        batch are left out.

    Raises
    ------
    ConfigError
        The options of the method contradict each other.

    Examples
    --------
    >>> from goldwire.records import Adjudication
    >>> adjudicate({}, [], Adjudication(batch="b01", method="majority"))
    ()
    """
    require_valid_method(adjudication)
    tasks = tuple(tasks)
    gold_checks = {task.article_id for task in tasks if task.gold_check == "article"}
    used = [
        layer
        for layer in layers
        if layer.confirmed
        and layer.article_id not in gold_checks
        and (layer.annotator == adjudication.expert or has_vote(layer.annotator))
    ]
    policy = BoundaryPolicy(method=_voting(adjudication), min_votes=adjudication.min_votes, expert=adjudication.expert)
    probabilities = {task.article_id: task.inclusion_probability for task in tasks}
    return tuple(
        _with_probability(article, probabilities.get(article.gold.article_id))
        for article in aggregate(articles, used, _aggregator(adjudication), policy=policy)
    )


def _with_probability(article: AdjudicatedArticle, probability: float | None) -> AdjudicatedArticle:
    if probability is None:
        return article
    gold = msgspec.structs.replace(article.gold, inclusion_probability=probability)
    return msgspec.structs.replace(article, gold=gold)


def require_valid_method(adjudication: Adjudication) -> None:
    """Raise ConfigError if the options of a method contradict each other."""
    if adjudication.method not in METHODS:
        raise ConfigError(f"no method {adjudication.method!r}", hint=f"choose one of {', '.join(METHODS)}")
    if (adjudication.method == "expert") != (adjudication.expert is not None):
        hint = "for example --method expert --expert E1"
        raise ConfigError("--method expert needs --expert, and only it does", hint=hint)
    if adjudication.min_votes < 1:
        raise ConfigError(f"min_votes is {adjudication.min_votes}", hint="use 1 or more")
    if adjudication.fallback not in get_args(FallbackMethod):
        hint = f"choose one of {', '.join(get_args(FallbackMethod))}"
        raise ConfigError(f"no fallback {adjudication.fallback!r}", hint=hint)
    if adjudication.fallback != "majority" and adjudication.method != "expert":
        raise ConfigError(f"a fallback with the method {adjudication.method}", hint="only the method expert has one")
    is_model, posterior = _voting(adjudication) in MODELS, adjudication.min_posterior
    if is_model != (posterior is not None) or (posterior is not None and not 0 <= posterior <= 1):
        hint = f"{' and '.join(MODELS)} need a probability from 0 to 1"
        raise ConfigError(f"min_posterior is {posterior} with the method {_voting(adjudication)}", hint=hint)


def _voting(adjudication: Adjudication) -> AdjudicationMethod:
    """Return the method by which annotators decide where no expert has."""
    return adjudication.fallback if adjudication.method == "expert" else adjudication.method


def _aggregator(adjudication: Adjudication) -> Aggregator:
    votes = majority_vote(adjudication.min_votes)
    if adjudication.min_posterior is not None:
        model = MODELS[_voting(adjudication)]
        votes = model_vote(model, min_posterior=adjudication.min_posterior, min_votes=adjudication.min_votes)
    if adjudication.expert is None:
        return votes
    return expert_label(adjudication.expert, votes, has_vote=has_vote(adjudication.expert))
