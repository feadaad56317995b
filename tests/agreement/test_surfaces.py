"""Targets by what they are called in the text."""

from __future__ import annotations

from goldwire.agreement.batch import BatchContext, measure_batch
from goldwire.agreement.stance import pairs_by_target, stance_pairs
from goldwire.records import AnnotationLayer, Article
from support.factories import article, layer

STANCES = ("opposes", "neutral", "supports")


def told(number: int, sentence: str, target: str, *said: str) -> tuple[Article, list[AnnotationLayer]]:
    """An article in which each annotator says what the article's voice thinks of every `target`."""
    text = article(f"Story {number}\n\n{sentence}", id=f"wire-{number:012d}")
    spans = []
    for name in target.split("|"):
        at = text.text.index(name, spans[-1][1] if spans else 0)
        spans.append((at, at + len(name), "ORG"))
    drawn = [(None, place, said[0]) for place in range(len(spans))]
    layers = [
        layer(text, spans, [(None, place, stance) for _, place, _ in drawn], annotator=f"A{number + 1}")
        for number, stance in enumerate(said)
    ]
    return text, layers


def gathered(*stories: tuple[Article, list[AnnotationLayer]]) -> dict[str, int]:
    texts = {text.id: text.text for text, _ in stories}
    pairs = stance_pairs([layer for _, layers in stories for layer in layers])
    return {name: len(group) for name, group in pairs_by_target(pairs, texts).items()}


def test_case_articles_and_possessives_are_one_target() -> None:
    forms = (
        "the Port League",
        "Port League",
        "Port League\N{RIGHT SINGLE QUOTATION MARK}s",
        "PORT LEAGUE",
        "Port League",
    )
    stories = [told(n, f"Then {form} spoke.", form, "supports", "opposes") for n, form in enumerate(forms)]
    assert gathered(*stories) == {"Port League": 5}


def test_a_last_name_is_the_one_longer_name_of_its_article() -> None:
    stories = [told(n, "Ada Brook left. Brook returned.", "Ada Brook|Brook", "supports", "opposes") for n in range(3)]
    assert gathered(*stories) == {"Ada Brook": 6}
    two = [
        told(n, "Ada Brook and Nils Brook left. Brook returned.", "Ada Brook|Nils Brook|Brook", "supports", "opposes")
        for n in range(5)
    ]
    assert gathered(*two) == {"Ada Brook": 5, "Nils Brook": 5, "Brook": 5}


def test_targets_of_few_pairs_are_left_out() -> None:
    many = [told(n, "Port League spoke.", "Port League", "supports", "opposes") for n in range(5)]
    few = [told(n, "Quay Board spoke.", "Quay Board", "supports", "opposes") for n in range(5, 9)]
    alone = [told(n, "Nils Orr spoke.", "Nils Orr", "supports") for n in range(9, 20)]
    assert gathered(*many, *few, *alone) == {"Port League": 5}


def test_a_batch_tells_agreement_by_target() -> None:
    league = [told(n, "Port League spoke.", "Port League", STANCES[n % 3], STANCES[n % 3]) for n in range(6)]
    board = [told(n, "Quay Board spoke.", "Quay Board", STANCES[n % 3], STANCES[(n + 1) % 3]) for n in range(6, 12)]
    texts = {text.id: text.text for text, _ in (*league, *board)}
    layers = [layer for _, layers in (*league, *board) for layer in layers]
    found = measure_batch("b01", layers, BatchContext(labels=["ORG"], stances=STANCES, texts=texts), n_boot=100)
    values = {value.name: value for value in found.values}
    same, other = (values[f"stance_alpha_nominal[target {name}]"] for name in ("Port League", "Quay Board"))
    assert (same.value, same.n_items) == (1, 6)
    assert (other.value < 0, other.n_items) == (True, 6)
    assert other.low <= other.value <= other.high
