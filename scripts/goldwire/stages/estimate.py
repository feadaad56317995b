"""Estimate stance shares of the corpus from a machine's labels, corrected by those of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import isnan
from typing import Literal

import msgspec

from goldwire.certification.debiased import DebiasedEstimate, DebiasingMethod, debiased_share
from goldwire.certification.stance_shares import StanceCounts, mean_counts, named_pairs, stance_counts
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.quantities import quantity
from goldwire.records import GOLD, AnnotationLayer, Article, has_vote
from goldwire.text_table import align_named_rows, wrap_line
from goldwire.workspace import jsonl, loading
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace

__all__ = ["EstimateReport", "Grouping", "StanceShare", "run"]

Grouping = Literal["outlet", "month", "pair"]
_MAX_PAIRS = 20  # of holders and targets, those in most articles
_MIN_ARTICLES = 3  # of a pair: a share of one or two stances says nothing


class StanceShare(msgspec.Struct, frozen=True, kw_only=True):
    """The share of one stance among the stances of a part of the corpus.

    Parameters
    ----------
    part : str
        `all`, an outlet, a month, or a holder and a target.
    stance : str
    estimate : DebiasedEstimate
    """

    part: str
    stance: str
    estimate: DebiasedEstimate


class EstimateReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of `estimate`.

    Parameters
    ----------
    machine : str
    shares : tuple of StanceShare
    n_articles, n_labelled : int
        Articles that the machine labelled, and those of them that people labelled, too.
    n_without_machine : int
        Articles that people labelled and the machine did not: they were left out.
    known_probabilities : bool
        Whether the inclusion probability of every labelled article is known.
    n_batches : int
        Batches that people's labels come from.
    """

    machine: str
    shares: tuple[StanceShare, ...]
    n_articles: int
    n_labelled: int
    n_without_machine: int
    known_probabilities: bool
    n_batches: int

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.machine} labelled {quantity(self.n_articles, 'article')}, people {self.n_labelled:,} of them"
        figures: dict[str, list[StanceShare]] = {}
        nothing: dict[str, list[str]] = {}
        for share in self.shares:
            figures.setdefault(share.part, []).append(share)
        for part, shares in figures.items():
            if part != "all" and all(isnan(share.estimate.value) for share in shares):
                nothing.setdefault(shares[0].estimate.reason or "", []).append(part)
        shown = [share for share in self.shares if not any(share.part in parts for parts in nothing.values())]
        yield from align_named_rows(
            [("part", "stance", "estimate, 95%", "machine", "labelled"), *(_row(share) for share in shown)]
        )
        for share in shown:
            if share.estimate.reason:
                yield from wrap_line(f"{share.part}, {share.stance}: {share.estimate.reason}")
        for reason, parts in sorted(nothing.items()):
            yield from wrap_line(f"no estimate: {reason}: {', '.join(parts)}")
        for note in self._notes():
            yield from wrap_line(note)

    def _notes(self) -> Iterator[str]:
        if self.n_without_machine:
            n_left_out = quantity(self.n_without_machine, "article")
            yield f"left out: {n_left_out} that people labelled and {self.machine} did not"
        if not self.known_probabilities:
            yield (
                "The inclusion probabilities of these articles are not all known: the figures hold if people's "
                "articles are a simple random sample of the machine's."
            )
        elif self.n_batches > 1:
            yield (
                f"People's labels come from {quantity(self.n_batches, 'batch')}, and inclusion probabilities are "
                "those of each batch by itself: the figures are exact for one batch."
            )


def _row(share: StanceShare) -> tuple[str, ...]:
    estimate = share.estimate
    figure = "n/a" if isnan(estimate.value) else f"{estimate.value:.3f}"
    if not isnan(estimate.low):
        figure += f" [{estimate.low:.3f}, {estimate.high:.3f}]"
    machine = "n/a" if isnan(estimate.machine) else f"{estimate.machine:.3f}"
    return share.part, share.stance, figure, machine, f"{estimate.n_labelled:,} of {estimate.n_items:,}"


class _Corpus(msgspec.Struct, frozen=True):
    """The layers of the machine and of people by article, with each article's story and inclusion probability."""

    machine: dict[str, AnnotationLayer]
    people: dict[str, list[AnnotationLayer]]
    stories: dict[str, str]
    probabilities: dict[str, float] | None


def run(
    workspace: Workspace,
    *,
    machine: str,
    by: Grouping | None = None,
    stance: str | None = None,
    method: DebiasingMethod = "ppi++",
) -> EstimateReport:
    """Estimate the share of each stance in the corpus and in its parts.

    Parameters
    ----------
    workspace : Workspace
    machine : str
        The machine, such as `M1`: its layers in all batches are the corpus.
    by : {"outlet", "month", "pair"} or None
        The parts: the sources, the months of publication, or the holders and targets with most stances.
    stance : str or None
        Only this stance. Default: every stance of the schema.
    method : {"ppi++", "dsl", "people", "machine"}
        See `goldwire.certification.debiased_mean`.

    Notes
    -----
    An article's label by people is its gold layer or, without one, the mean of its annotators. Articles of one cluster
    of near-duplicates are one story.

    Raises
    ------
    MissingFileError
        The machine has no layers.
    DataError
        People labelled none of the machine's articles.
    ConfigError
        The stance is not in the schema.
    """
    stances = read_schema(workspace.schema).stance_labels
    if stance is not None and stance not in stances:
        raise ConfigError(f"no stance {stance!r} in the schema", hint=f"available: {', '.join(stances) or 'none'}")
    corpus, n_without = _read(workspace, machine)
    articles = loading.articles(workspace) if by in ("outlet", "month") else {}
    shares = [
        share
        for each in ([stance] if stance is not None else stances)
        for share in _shares(corpus, each, by, articles, method)
    ]
    places = {share.part: place for place, share in reversed([*enumerate(shares)])}
    return EstimateReport(
        machine=machine,
        shares=tuple(sorted(shares, key=lambda share: places[share.part])),
        n_articles=len(corpus.machine),
        n_labelled=len(corpus.people),
        n_without_machine=n_without,
        known_probabilities=corpus.probabilities is not None,
        n_batches=len({layer.batch for layers in corpus.people.values() for layer in layers}),
    )


def _read(workspace: Workspace, machine: str) -> tuple[_Corpus, int]:
    of_machine: dict[str, AnnotationLayer] = {}
    of_people: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for path in sorted(workspace.layers.glob("*/*.jsonl")):
        if path.stem == machine:
            of_machine |= {layer.article_id: layer for layer in jsonl.read(path, AnnotationLayer) if layer.confirmed}
        elif has_vote(path.stem):
            for layer in jsonl.read(path, AnnotationLayer):
                if layer.confirmed:
                    of_people[layer.article_id].append(layer)
    if not of_machine:
        hint = "`goldwire prelabel` makes them, or `goldwire import` reads them"
        raise MissingFileError(f"no confirmed layers of {machine}", location=workspace.layers, hint=hint)
    of_people |= {layer.article_id: [layer] for layer in loading.gold(workspace) if layer.annotator == GOLD}
    labelled = {key: layers for key, layers in of_people.items() if key in of_machine}
    if not labelled:
        raise DataError(
            f"people labelled none of the articles of {machine}",
            location=workspace.layers,
            hint="the correction needs articles that both labelled",
        )
    stories = {key: key for key in of_machine}
    for cluster in loading.duplicates(workspace):
        stories |= {key: cluster.cluster for key in cluster.article_ids if key in stories}
    return (
        _Corpus(of_machine, labelled, stories, _probabilities(workspace, labelled)),
        len(of_people) - len(labelled),
    )


def _probabilities(workspace: Workspace, labelled: Mapping[str, object]) -> dict[str, float] | None:
    """Return the inclusion probability of each labelled article; None if one is unknown."""
    known = {
        task.article_id: task.inclusion_probability
        for batch in loading.batches(workspace)
        for task in loading.tasks(workspace, batch)
        if task.inclusion_probability is not None
    }
    return {key: known[key] for key in labelled} if all(key in known for key in labelled) else None


def _shares(
    corpus: _Corpus, stance: str, by: Grouping | None, articles: Mapping[str, Article], method: DebiasingMethod
) -> Iterator[StanceShare]:
    """Yield the share in the whole corpus, then in each part."""
    machine = {key: stance_counts(layer, stance) for key, layer in corpus.machine.items()}
    people = {key: mean_counts([stance_counts(x, stance) for x in layers]) for key, layers in corpus.people.items()}
    yield StanceShare(part="all", stance=stance, estimate=_estimate(corpus, machine, people, method))
    if by == "pair":
        yield from _pair_shares(corpus, stance, method)
    elif by is not None:
        part_of = {
            key: articles[key].source if by == "outlet" else (articles[key].published or "unknown")[:7]
            for key in machine
            if key in articles
        }
        for part in sorted(set(part_of.values())):
            inside = {key: counts for key, counts in machine.items() if part_of.get(key) == part}
            sampled = {key: counts for key, counts in people.items() if key in inside}
            yield StanceShare(part=part, stance=stance, estimate=_estimate(corpus, inside, sampled, method))


def _pair_shares(corpus: _Corpus, stance: str, method: DebiasingMethod) -> Iterator[StanceShare]:
    """Yield the share between each holder and target; an article without stances between them counts as 0 of 0."""
    layers = {key: [layer, *corpus.people.get(key, ())] for key, layer in corpus.machine.items()}
    pairs = named_pairs(layers, stance)
    sizes = {pair: len(of_pair) for pair, of_pair in pairs.items() if len(of_pair) >= _MIN_ARTICLES}
    for pair in sorted(sizes, key=lambda pair: (-sizes[pair], pair))[:_MAX_PAIRS]:
        of_pair, nothing = pairs[pair], (0.0, 0.0)
        machine = {key: of_pair.get(key, {}).get(layer.annotator, nothing) for key, layer in corpus.machine.items()}
        people = {
            key: mean_counts([of_pair.get(key, {}).get(layer.annotator, nothing) for layer in of_article])
            for key, of_article in corpus.people.items()
        }
        name = f"{pair.holder} -> {pair.target}"
        yield StanceShare(part=name, stance=stance, estimate=_estimate(corpus, machine, people, method))


def _estimate(
    corpus: _Corpus,
    machine: Mapping[str, StanceCounts],
    people: Mapping[str, StanceCounts],
    method: DebiasingMethod,
) -> DebiasedEstimate:
    probabilities = corpus.probabilities
    if probabilities is None:
        # As a part of the whole sample: within an outlet, too, each article had the same chance.
        equal = len(corpus.people) / len(corpus.machine)
        return debiased_share(machine, people, probabilities=equal, groups=corpus.stories, method=method)
    return debiased_share(machine, people, probabilities=probabilities, groups=corpus.stories, method=method)
