from __future__ import annotations

from math import isnan

import pytest

from goldwire.agreement import krippendorff_alpha, token_alpha
from support.factories import article, layer


def test_tokens_are_words_and_punctuation_marks() -> None:
    spans = {"a": [(0, 9, "PER")], "b": [(4, 9, "PER")]}
    alpha = token_alpha(spans, "Ada Brook spoke.")
    assert alpha.n_items == 4
    ratings = [["PER", ""], ["PER", "PER"], ["", ""], ["", ""]]
    assert alpha.value == pytest.approx(krippendorff_alpha(ratings).value)


def test_unconfirmed_layers_are_ignored_and_the_interval_contains_the_value() -> None:
    texts = [article(f"Story {n}\n\nAda Brook met Nils Orr.", id=f"wire-{n:012d}") for n in range(12)]
    layers = [layer(t, [(9 + len(str(n)), 18 + len(str(n)), "PER")]) for n, t in enumerate(texts)]
    layers += [layer(t, [(9, 18, "PER")], annotator="A2", confirmed=n != 3) for n, t in enumerate(texts)]
    alpha = token_alpha(layers, {t.id: t.text for t in texts})
    assert alpha.low <= alpha.value <= alpha.high
    assert alpha.n_items == sum(len(t.text.split()) + 1 for n, t in enumerate(texts) if n != 3)


def test_alpha_without_layers_is_undefined() -> None:
    assert isnan(token_alpha([], {}).value)


def test_every_article_needs_its_text() -> None:
    with pytest.raises(ValueError, match="each article needs its text"):
        token_alpha([layer(article("Story\n\nAda Brook."))], {})
