"""The features of the full model are chosen on train alone, over whole articles; probes see only what they are for."""

from __future__ import annotations

import random

from goldwire.baselines.stance_context import StanceContext
from goldwire.baselines.stance_models import PROBES, choose_features, classify

NOTHING = StanceContext(
    marked="", between="", holder_sentence="", windows="", holder="", target="", masked="", lengths=(0.0, 0.0, 0.0)
)


def context(**fields: str) -> StanceContext:
    return StanceContext(**{name: getattr(NOTHING, name) for name in NOTHING.__struct_fields__} | fields)


def agreement_with(labels):
    return lambda predicted: sum(a == b for a, b in zip(labels, predicted, strict=True)) / len(labels)


def test_the_features_that_predict_the_label_in_train_are_chosen():
    luck = random.Random(3)
    labels = [luck.choice(["supports", "opposes"]) for _ in range(80)]
    articles = [f"a{n // 2}" for n in range(80)]
    for field, expected in (("windows", "the words around both mentions"), ("between", "the words between")):
        contexts = [context(**{field: f"verb{label} word{luck.randrange(9)}"}) for label in labels]
        chosen, candidates = choose_features(contexts, labels, articles, agreement_with(labels))
        assert expected in chosen.name
        assert [candidate.features for candidate in candidates if candidate.chosen] == [chosen.name]
        assert max(candidate.score for candidate in candidates) > 0.95


def test_no_article_is_in_two_folds():
    """A word that only the pairs of one article share predicts nothing."""
    luck = random.Random(4)
    labels = [("supports", "opposes")[luck.randrange(2)] for _ in range(40) for _ in range(2)]
    labels = [labels[n - n % 2] for n in range(80)]
    contexts = [context(holder_sentence=f"only{n // 2}") for n in range(80)]
    _, candidates = choose_features(contexts, labels, [f"a{n // 2}" for n in range(80)], agreement_with(labels))
    assert max(candidate.score for candidate in candidates) < 0.7


def test_articles_that_share_a_sentence_are_in_one_fold():
    """The copies of a story would otherwise be predicted from each other."""
    luck = random.Random(5)
    stories = [(f"a long sentence of story {n} that both of its copies have", luck.randrange(2)) for n in range(40)]
    contexts = [context(holder_sentence=sentence) for sentence, _ in stories for _ in range(2)]
    labels = [("supports", "opposes")[side] for _, side in stories for _ in range(2)]
    _, candidates = choose_features(contexts, labels, [f"a{n}" for n in range(80)], agreement_with(labels))
    assert max(candidate.score for candidate in candidates) < 0.75


def test_with_one_article_nothing_is_compared():
    chosen, candidates = choose_features([context(), context()], ["a", "b"], ["x", "x"], lambda _: 0.0)
    assert (bool(chosen.name), candidates) == (True, ())


def test_the_probes_of_names_see_names_only():
    train = [context(holder=f"H{n % 2}", target=f"T{n % 3}", marked=f"verb{n % 2}") for n in range(30)]
    labels = ["supports" if n % 2 else "opposes" for n in range(30)]
    by_name = {probe.name: probe for probe in PROBES}
    new = [context(holder="H1", target="T0", marked="verb0")]
    assert classify(by_name["holder's name only"], train, labels, new) == ["supports"]
    assert classify(by_name["both names only"], train, labels, new) == ["supports"]
    assert {"target's name only", "target masked", "lengths only"} < by_name.keys()
