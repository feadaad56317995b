"""Alpha over tokens: the label of each word, or none, as if words had been labelled one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np

from goldwire.agreement.annotations import spans_by_article, without_overlaps
from goldwire.agreement.bootstrap import BootstrapOptions, measure
from goldwire.agreement.krippendorff import alpha_estimate
from goldwire.agreement.ratings import Ratings
from goldwire.records import Agreement, AnnotationLayer

__all__ = ["token_alpha"]

_TOKEN = re.compile(r"\w+|[^\w\s]")


def token_alpha(layers: Iterable[AnnotationLayer], texts: Mapping[str, str], **options: Any) -> Agreement:
    """Nominal alpha of tokens (words and single marks) that confirmed layers label, each with its span's label or none.

    A token has the label of the span that covers its first character. `texts` by article id; `options`: n_boot,
    seed, method; resampled are articles. n_items counts tokens. Most tokens have no label, so that alpha leans on them:
    unitizing alpha and F1 say more of names.
    """
    articles = spans_by_article(layers)
    names = sorted({name for by in articles.values() for name in by})
    labels = sorted({span.label for by in articles.values() for spans in by.values() for span in spans})
    code = {label: number for number, label in enumerate(labels, 1)}
    blocks, groups = [], []
    for article, by in articles.items():
        starts = np.array([token.start() for token in _TOKEN.finditer(texts[article])], dtype=np.int64)
        block = np.full((len(starts), len(names)), -1, dtype=np.int64)
        for column, name in enumerate(names):
            if name in by:
                block[:, column] = 0
                for span in without_overlaps(by[name]):
                    first, last = np.searchsorted(starts, [span.start, span.end])
                    block[first:last, column] = code[span.label]
        blocks.append(block)
        groups += [article] * len(starts)
    codes = np.concatenate(blocks) if blocks else np.zeros((0, 0), dtype=np.int64)
    found = msgspec.structs.replace(alpha_estimate(Ratings(codes, ("", *labels))), coefficient="token_alpha")
    return measure(found, BootstrapOptions(**options, groups=groups))
