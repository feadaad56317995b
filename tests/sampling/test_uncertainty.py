"""Which articles teach most."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from goldwire.records import AnnotationLayer, Article, StanceLabel
from goldwire.sampling import uncertainty
from support import factories

NAMES = ("Ada Lind", "Bo Marsk", "Cy Vane")


def written(number: int, body: str) -> Article:
    return factories.article(f"Headline {number}\n\n{body}", id=f"wire-{number:012d}")


def gold(article: Article) -> AnnotationLayer:
    """Every name marked, and the article's own stance to each: `won` supports, `lost` opposes."""
    spans = [(at, at + len(name), "PER") for name in NAMES if (at := article.text.find(name)) >= 0]
    said = "supports" if "won" in article.text else "opposes"
    return factories.layer(article, spans, [(None, i, said) for i in range(len(spans))], annotator="gold")


KNOWN = [written(i, f"{NAMES[i % 3]} {('won', 'lost')[i % 2]} the vote on Monday.") for i in range(12)]
PLAIN = written(100, "Ada Lind won the vote on Monday.")
ODD = written(101, "Zuzka Pral from Ostrel quarrels: Quay Guild, Harbour Board, Lamp Fund.")


def known(*layers: AnnotationLayer, articles: list[Article] = KNOWN) -> uncertainty.AnnotatedData:
    return uncertainty.AnnotatedData(
        gold=[gold(article) for article in articles], layers=layers, texts={a.id: a.text for a in articles}
    )


def texts(*articles: Article) -> dict[str, str]:
    return {article.id: article.text for article in articles}


def test_unknown_names_are_more_uncertain_than_known_ones() -> None:
    scores = uncertainty.uncertainty_scores(known(), texts(PLAIN, ODD))
    assert scores[ODD.id] > scores[PLAIN.id]
    assert scores == uncertainty.uncertainty_scores(known(), texts(PLAIN, ODD))


def test_ambiguous_words_are_more_uncertain_than_known_ones() -> None:
    both = written(102, "Ada Lind won and lost the vote on Monday.")
    targets = {PLAIN.id: ("Ada Lind",), both.id: ("Ada Lind",)}
    scores = uncertainty.uncertainty_scores(known(), texts(PLAIN, both), targets)
    assert scores[both.id] > scores[PLAIN.id]


def test_stances_to_named_targets_train_the_model() -> None:
    named = [
        msgspec.structs.replace(
            factories.layer(article, annotator="gold"),
            stances=(
                StanceLabel(id="R1", holder=None, target_name=NAMES[i % 3], stance=("supports", "opposes")[i % 2]),
            ),
        )
        for i, article in enumerate(KNOWN)
    ]
    of = uncertainty.AnnotatedData(gold=named, layers=(), texts=texts(*KNOWN))
    both = written(102, "Ada Lind won and lost the vote on Monday.")
    scores = uncertainty.uncertainty_scores(of, texts(PLAIN, both), dict.fromkeys((PLAIN.id, both.id), ("Ada Lind",)))
    assert scores[both.id] > scores[PLAIN.id]


def test_disagreement_on_similar_articles_breaks_ties() -> None:
    disputed, agreed = KNOWN[0], KNOWN[1]
    layers = [
        factories.layer(disputed, [(12, 20, "PER")], annotator="A1"),
        factories.layer(disputed, [(12, 20, "ORG")], annotator="A2"),
        *(factories.layer(agreed, [(12, 20, "PER")], annotator=name) for name in ("A1", "A2")),
    ]
    assert uncertainty.disagreement(layers) == {disputed.id: 1.0, agreed.id: 0.0}
    like, unlike = uncertainty.expected_disagreement(
        [disputed.text, agreed.text], [1.0, 0.0], [disputed.text, agreed.text]
    )
    assert like > 0.5 > unlike
    assert uncertainty.expected_disagreement(["a b"], [0.3], ["z"]) == pytest.approx([0.3])
    same = {"one": disputed.text, "two": agreed.text}
    doubts = uncertainty.uncertainty_scores(known(*layers), same)
    alone = uncertainty.uncertainty_scores(known(), same)
    assert doubts["one"] - doubts["two"] > alone["one"] - alone["two"]


def test_different_stances_are_disagreement_and_one_annotator_has_none() -> None:
    article = KNOWN[0]
    spans = [(12, 20, "PER")]
    one, two = (factories.layer(article, spans, [(None, 0, said)]) for said in ("supports", "opposes"))
    two = msgspec.structs.replace(two, annotator="A2")
    assert uncertainty.disagreement([one, two]) == {article.id: 0.5}  # spans agree, stances do not
    assert uncertainty.disagreement([one]) == {}


def test_gold_without_training_data_is_refused() -> None:
    bare = [factories.layer(article, annotator="gold") for article in KNOWN]
    of = uncertainty.AnnotatedData(gold=bare, layers=(), texts=texts(*KNOWN))
    with pytest.raises(ValueError, match="span"):
        uncertainty.uncertainty_scores(of, texts(PLAIN))
    with pytest.raises(ValueError, match="stances"):
        uncertainty.uncertainty_scores(of, texts(PLAIN), {PLAIN.id: ("Ada Lind",)})


def test_entropy_is_in_nats() -> None:
    sure = uncertainty.stance_uncertainty(["a"] * 50 + ["b"] * 50, ["x"] * 50 + ["y"] * 50, ["a", "zzz"])
    assert sure[0] < 0.2
    assert sure[1] == pytest.approx(np.log(2), abs=0.01)
