"""Alpha over tokens: the label of each word, or none, as if words had been labelled one by one."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import AnnotationsLike, AnnotatorSpans, articles_with_values, without_overlaps
from goldwire.agreement.estimates import IntervalMethod, IntervalOptions
from goldwire.agreement.intervals import measure
from goldwire.agreement.krippendorff import alpha_estimate
from goldwire.agreement.ratings import Ratings
from goldwire.alignment.span_matching import Span
from goldwire.records import Agreement, AnnotationLayer

__all__ = ["token_alpha"]

_TOKEN = re.compile(r"\w+|[^\w\s]")


@overload
def token_alpha(
    annotations: AnnotatorSpans,
    texts: str,
    *,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
@overload
def token_alpha(
    annotations: Sequence[AnnotatorSpans],
    texts: Sequence[str],
    *,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
@overload
def token_alpha(
    annotations: Iterable[AnnotationLayer],
    texts: Mapping[str, str],
    *,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
def token_alpha(
    annotations: AnnotationsLike,
    texts: str | Sequence[str] | Mapping[str, str],
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
) -> Agreement:
    """Return the nominal alpha of tokens that annotators label with their spans, or leave without a label.

    Most tokens have no label, and alpha depends mainly on these: for names, span F1 and unitizing alpha are more
    informative.

    Parameters
    ----------
    annotations : mapping, sequence of mappings, or iterable of AnnotationLayer
        One article's spans by annotator, several articles, or layers, of which unconfirmed ones are ignored.
    texts : str, sequence of str, or mapping of article id to str
        The text of the article, of each article in order, or of each article by its id.
    n_boot : int, default 1000
        Number of bootstrap replicates over articles, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed: by the jackknife, which holds its confidence level with few articles too; by the
        bootstrap, of which "bca" corrects for bias and skewness; or not at all.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts tokens of articles that two annotators or more
        confirmed. The value is nan, and `reason` says why, where there is no such article or all tokens have one label.

    Raises
    ------
    ValueError
        If the text of an article is missing.

    Notes
    -----
    Tokens are words and single punctuation marks. A token has the label of the span that covers its first character;
    where spans of one annotator overlap, the longer one counts.

    Examples
    --------
    >>> from goldwire.agreement import token_alpha
    >>> spans = {"A1": [(0, 9, "PER")], "A2": [(4, 9, "PER")]}
    >>> alpha = token_alpha(spans, "Ada Brook spoke.")
    >>> round(alpha.value, 4), alpha.n_items
    (0.5333, 4)
    """
    articles = articles_with_values(annotations, texts, "text")
    annotators = sorted({annotator for _, by_annotator in articles.values() for annotator in by_annotator})
    labels = sorted(
        {s.label for _, by_annotator in articles.values() for spans in by_annotator.values() for s in spans}
    )
    code_of = {label: code for code, label in enumerate(labels, 1)}
    blocks, groups = [np.zeros((0, len(annotators)), dtype=np.int64)], list[Hashable]()
    for article, (text, by_annotator) in articles.items():
        blocks.append(_token_codes(text, by_annotator, annotators, code_of))
        groups += [article] * len(blocks[-1])
    estimate = alpha_estimate(Ratings(np.concatenate(blocks), ("", *labels)))
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure(msgspec.structs.replace(estimate, coefficient="token_alpha", unit="token"), options)


def _token_codes(
    text: str, by_annotator: Mapping[str, Sequence[Span]], annotators: Sequence[str], code_of: Mapping[str, int]
) -> NDArray[np.int64]:
    """Return the label of each token, shape (tokens, annotators): 0 for none, -1 where the annotator has no layer."""
    starts = np.array([token.start() for token in _TOKEN.finditer(text)], dtype=np.int64)
    codes = np.full((len(starts), len(annotators)), -1, dtype=np.int64)
    for column, annotator in enumerate(annotators):
        if annotator in by_annotator:
            codes[:, column] = 0
            for span in without_overlaps(by_annotator[annotator]):
                first, last = np.searchsorted(starts, [span.start, span.end])
                codes[first:last, column] = code_of[span.label]
    return codes
