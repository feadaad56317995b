"""Do annotators agree on who supports or opposes whom?

Annotators mark their own spans, so first `goldwire.alignment.mentions` aligns them. An item is then a pair of holder
(a mention, or the article's voice) and target (a mention, or a name that was asked about) in one article. Whether
annotators draw the same stances at all shows in the F1 of whole triples (holder, target, stance), and in alpha over
the pairs that any of them drew, with "none" as an answer. Alpha over the pairs that two or more drew is conditional:
how far they agree on the stance, given that both drew one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

import msgspec

from goldwire.agreement.annotations import required_layer
from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions
from goldwire.agreement.intervals import measure
from goldwire.agreement.krippendorff import Level, alpha_estimate
from goldwire.agreement.ratings import parse
from goldwire.alignment.entity_names import Words, fullest_names, name_words
from goldwire.alignment.mentions import StancePair, align_mentions, align_stances
from goldwire.records import Agreement, AnnotationLayer

__all__ = [
    "existence_alpha",
    "existence_estimate",
    "pairs_alpha",
    "pairs_by_target",
    "readers_by_article",
    "stance_alpha",
    "stance_confusion",
    "stance_pairs",
    "stance_ratings",
]

# Pairs rated by two annotators: a target in the text with fewer pairs has no separate value.
_MIN_PAIRS_PER_TARGET = 5


def stance_pairs(layers: Iterable[AnnotationLayer]) -> list[StancePair]:
    """Return every holder-target pair with a stance in confirmed layers, by article and in text order."""
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in map(required_layer, layers):
        if layer.confirmed:
            by_article[layer.article_id].append(layer)
    return [
        pair
        for _, of_article in sorted(by_article.items())
        for pair in align_stances(of_article, align_mentions(of_article))
    ]


def stance_ratings(layers: Iterable[AnnotationLayer]) -> tuple[list[list[str | None]], list[str]]:
    """Return a table of pairs x annotators (in the order of their names; None: no stance), and each pair's article."""
    layers = [*map(required_layer, layers)]
    pairs = stance_pairs(layers)
    return _rating_rows(pairs, sorted({layer.annotator for layer in layers})), [pair.article_id for pair in pairs]


def _rating_rows(pairs: Sequence[StancePair], annotators: Sequence[str]) -> list[list[str | None]]:
    answers = (pair.answers for pair in pairs)
    return [[by_annotator.get(name) for name in annotators] for by_annotator in answers]


def stance_alpha(
    layers: Iterable[AnnotationLayer],
    stances: Sequence[str],
    level: Level = "nominal",
    *,
    with_none: bool = False,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
) -> Agreement:
    """Krippendorff's alpha of the stance of holder-target pairs.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        Unconfirmed layers are left out.
    stances : sequence of str
        The stances in order, from against to in favour.
    level : {"nominal", "ordinal", "interval", "ratio"}
        The level of measurement.
    with_none : bool, default False
        Whether "none", for an annotator who confirmed the article and drew no stance between a pair, is an answer like
        the stances (nominal level only). The pairs then are those that any annotator drew, and alpha tells whether
        annotators draw the same stances at all.
    n_boot : int, default 1000
        Number of bootstrap replicates over articles, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval, which is over articles.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed; see `krippendorff_alpha`.

    Returns
    -------
    Agreement
        `n_items` counts the pairs, and `condition` says which. nan where no pair has answers of two annotators. An
        annotator who drew two different stances between one pair counts as not having answered.

    Raises
    ------
    ValueError
        If `with_none` is asked for at another level than nominal.

    Notes
    -----
    A pair is one of aligned mentions, not of offsets: two annotators who end a holder's name one word apart and draw
    the same stance agree on it, and disagree on a boundary, which span F1 measures. With offsets as keys, each boundary
    that differs turns one agreement into two pairs that only one of them drew: on the batches b00 and b01 of goldwire's
    sample, alpha with "none" would then be .604 over 260 pairs and .546 over 370, instead of .648 over 252 and .587
    over 356.

    With `with_none`, the pairs are those that at least one of these annotators drew. All pairs of mentions that nobody
    drew would be units too (23,638 in b00), and "none" on nearly all of them makes alpha .843, whatever annotators do
    with the others. Every annotator among the layers counts: `goldwire agree` passes neither experts nor gold.

    References
    ----------
    Krippendorff, K. (2004). Content Analysis, 2nd ed., ch. 11.

    Examples
    --------
    >>> from goldwire import agreement
    >>> from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel
    >>> ada = SpanLabel(id="T1", start=0, end=9, label="PER", text="Ada Brook")
    >>> port = SpanLabel(id="T2", start=14, end=25, label="ORG", text="Port League")
    >>> def layer(annotator, stance):
    ...     drawn = StanceLabel(id="R1", holder="T1", target="T2", target_name=None, stance=stance)
    ...     return AnnotationLayer(
    ...         article_id="wire-000000000001", text_sha256="0" * 64, batch="b01", annotator=annotator,
    ...         guidelines_version="1", schema_version="1", confirmed=True, spans=(ada, port), stances=(drawn,),
    ...     )
    >>> layers = [layer("A1", "supports"), layer("A2", "supports"), layer("A3", "opposes")]
    >>> alpha = agreement.stance_alpha(layers, ["opposes", "neutral", "supports"])
    >>> round(alpha.value, 4), alpha.n_items
    (0.0, 1)
    """
    layers = [*map(required_layer, layers)]
    annotators = sorted({layer.annotator for layer in layers})
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method)
    if not with_none:
        return pairs_alpha(stance_pairs(layers), annotators, stances, level, options)
    if level != "nominal":
        raise ValueError(f'with_none needs the nominal level, not {level!r}: "no stance" has no place on a scale')
    return existence_alpha(stance_pairs(layers), annotators, readers_by_article(layers), options)


def pairs_alpha(
    pairs: Sequence[StancePair],
    annotators: Sequence[str],
    stances: Sequence[str],
    level: Level,
    options: IntervalOptions,
) -> Agreement:
    """Return `stance_alpha` of aligned pairs over these annotators; intervals are over articles."""
    rows = _rating_rows(pairs, annotators)
    used = {stance for row in rows for stance in row if stance is not None}
    estimate = alpha_estimate(parse(rows, [*stances, *sorted(used - set(stances))]), level)
    reason = "no holder-target pair that two annotators drew" if not estimate.n_items else estimate.undefined_reason
    asked_by_name = bool(pairs) and all(pair.target is None for pair in pairs)
    estimate = msgspec.structs.replace(
        estimate,
        coefficient=f"stance_alpha_{level}",
        undefined_reason=reason,
        unit="stance",
        condition="answered-by-two" if asked_by_name else "drawn-by-two",
    )
    return measure(estimate, msgspec.structs.replace(options, groups=[pair.article_id for pair in pairs]))


def existence_alpha(
    pairs: Sequence[StancePair],
    annotators: Sequence[str],
    readers: Mapping[str, Collection[str]],
    options: IntervalOptions,
) -> Agreement:
    """Return nominal alpha with "none" as an answer, over the pairs that any of these annotators drew.

    `readers` are the annotators who confirmed each article.
    """
    estimate, articles = existence_estimate(pairs, annotators, readers)
    return measure(estimate, msgspec.structs.replace(options, groups=articles))


def existence_estimate(
    pairs: Sequence[StancePair], annotators: Sequence[str], readers: Mapping[str, Collection[str]]
) -> tuple[Estimate, list[str]]:
    """Return the estimate of `existence_alpha`, and the article of each pair."""
    drawn = [pair for pair in pairs if any(name in pair.stances for name in annotators)]
    rows = [[_answer_or_none(pair, name, readers[pair.article_id]) for name in annotators] for pair in drawn]
    estimate = alpha_estimate(parse(rows))
    reason = "no annotator drew a stance" if not estimate.n_items else estimate.undefined_reason
    estimate = msgspec.structs.replace(
        estimate,
        coefficient="stance_alpha_with_none",
        undefined_reason=reason,
        unit="stance",
        condition="drawn-by-any",
    )
    return estimate, [pair.article_id for pair in drawn]


def _answer_or_none(pair: StancePair, annotator: str, readers: Collection[str]) -> tuple[str, ...] | None:
    """Return the annotator's one stance, () for no stance, and None for two stances or an unread article."""
    drawn = pair.stances.get(annotator, ())
    return drawn if annotator in readers and len(drawn) < 2 else None


def readers_by_article(layers: Iterable[AnnotationLayer]) -> dict[str, set[str]]:
    """Return the annotators who confirmed each article."""
    readers: dict[str, set[str]] = defaultdict(set)
    for layer in layers:
        if layer.confirmed:
            readers[layer.article_id].add(layer.annotator)
    return readers


def stance_confusion(pairs: Iterable[StancePair]) -> dict[tuple[str, str], int]:
    """Count how often two annotators drew these two stances between one pair; the stances in alphabetical order."""
    counts: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        for x, y in combinations(pair.answers.values(), 2):
            counts[min(x, y), max(x, y)] += 1
    return dict(counts)


def pairs_by_target(pairs: Sequence[StancePair], texts: Mapping[str, str]) -> dict[str, list[StancePair]]:
    """Group pairs by the name of their target: the name that was asked about, or what is marked in the text.

    Marked targets are grouped by `fullest_names` of their article, under the form that most of them have. Those with
    fewer than five pairs that two annotators rated are left out.
    """
    by_name: dict[str, list[StancePair]] = defaultdict(list)
    surfaces: dict[str, list[tuple[StancePair, str]]] = defaultdict(list)
    for pair in pairs:
        if pair.target is None:
            by_name[pair.target_name or ""].append(pair)
        elif pair.article_id in texts:
            extent = pair.target.extent
            surface = " ".join(texts[pair.article_id][extent.start : extent.end].split())
            surfaces[pair.article_id].append((pair, surface))
    marked: dict[Words, list[StancePair]] = defaultdict(list)
    forms: dict[Words, Counter[str]] = defaultdict(Counter)
    for of_article in surfaces.values():
        fullest = fullest_names(surface for _, surface in of_article)
        for pair, surface in of_article:
            marked[fullest[surface]].append(pair)
            forms[fullest[surface]][surface] += name_words(surface) == fullest[surface]
    for words, of_target in marked.items():
        if sum(len(pair.answers) > 1 for pair in of_target) >= _MIN_PAIRS_PER_TARGET:
            by_name[min(forms[words].items(), key=lambda form: (-form[1], form[0]))[0]] += of_target
    return dict(by_name)
