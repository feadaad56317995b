"""Agreement on stances."""

from __future__ import annotations

from math import isnan

import msgspec
import pytest

from goldwire import agreement, load_layers
from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import BatchContext
from goldwire.agreement.disagreements import find_disagreements
from goldwire.agreement.stance import pairs_by_target, stance_confusion, stance_pairs
from goldwire.records import AnnotationLayer, Article, StanceLabel
from support.factories import article, layer
from support.paths import REPOSITORY

TEXT = article("Harbour row\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay.")
ADA, LEAGUE, NILS = (13, 22, "PER"), (30, 41, "ORG"), (51, 59, "PER")
STANCES = ["opposes", "neutral", "supports"]


def drawn(
    annotator: str, *stances: tuple[int | None, int, str], marks: tuple[tuple[int, int, str], ...] = (ADA, LEAGUE, NILS)
) -> AnnotationLayer:
    return layer(TEXT, marks, stances, annotator=annotator)


def test_alpha_is_over_pairs_that_two_annotators_drew() -> None:
    layers = [
        drawn("A1", (0, 1, "supports"), (0, 2, "opposes"), (None, 0, "neutral")),
        drawn("A2", (0, 1, "supports"), (0, 2, "neutral"), (2, 0, "opposes")),
    ]
    alpha = agreement.stance_alpha(layers, STANCES)
    plain = agreement.krippendorff_alpha([["supports", "supports"], ["opposes", "neutral"]])
    assert alpha.value == pytest.approx(plain.value)
    assert (alpha.n_items, alpha.n_raters) == (2, 2)
    assert len(stance_pairs(layers)) == 4


def test_the_scale_runs_from_against_to_in_favour() -> None:
    near = [drawn("A1", (0, 1, "opposes"), (0, 2, "supports")), drawn("A2", (0, 1, "neutral"), (0, 2, "supports"))]
    far = [drawn("A1", (0, 1, "opposes"), (0, 2, "supports")), drawn("A2", (0, 1, "supports"), (0, 2, "supports"))]
    values = [agreement.stance_alpha(layers, STANCES, "ordinal").value for layers in (near, far)]
    assert values[0] > values[1]


def test_agreement_without_a_common_pair_is_undefined() -> None:
    alpha = agreement.stance_alpha([drawn("A1", (0, 1, "supports")), drawn("A2")], STANCES)
    assert isnan(alpha.value)
    assert alpha.reason == "no holder-target pair that two annotators drew"


def test_two_stances_of_one_annotator_on_one_pair_do_not_count() -> None:
    torn = drawn("A1", (0, 1, "supports"), (0, 1, "opposes"))
    assert [pair.answers for pair in stance_pairs([torn, drawn("A2", (0, 1, "supports"))])] == [{"A2": "supports"}]


def test_stances_towards_a_named_target_are_compared() -> None:
    def about(annotator: str, stance: str) -> AnnotationLayer:
        drawn = StanceLabel(id="R1", holder=None, target_name="Westport", stance=stance)
        return msgspec.structs.replace(layer(TEXT, annotator=annotator), stances=(drawn,))

    layers = [about("A1", "supports"), about("A2", "supports"), about("A3", "neutral")]
    assert agreement.mean_stance_f1(layers).value == pytest.approx(1 / 3)
    assert [pair.target_name for pair in stance_pairs(layers)] == ["Westport"]
    [disagreement] = find_disagreements(layers)
    assert (disagreement.kinds, disagreement.stance_ends) == (("stance",), "the article to Westport")


def test_the_confusion_counts_pairs_of_stances() -> None:
    layers = [drawn("A1", (0, 1, "supports")), drawn("A2", (0, 1, "opposes")), drawn("A3", (0, 1, "supports"))]
    assert stance_confusion(stance_pairs(layers)) == {("supports", "supports"): 1, ("opposes", "supports"): 2}


def test_unconfirmed_layers_are_ignored() -> None:
    unsure = layer(TEXT, [ADA, LEAGUE], [(0, 1, "opposes")], annotator="A2", confirmed=False)
    assert isnan(agreement.stance_alpha([drawn("A1", (0, 1, "supports")), unsure], STANCES).value)
    assert find_disagreements([drawn("A1", (0, 1, "supports")), unsure]) == []


def story(number: int, sentence: str, targets: str, *stances: str) -> tuple[Article, list[AnnotationLayer]]:
    """Return an article and a layer for each stance, which its annotator draws from the article to every target."""
    text = article(f"Story {number}\n\n{sentence}", id=f"wire-{number:012d}")
    spans: list[tuple[int, int, str]] = []
    for name in targets.split("|"):
        start = text.text.index(name, spans[-1][1] if spans else 0)
        spans.append((start, start + len(name), "ORG"))
    layers = [
        layer(text, spans, [(None, target, stance) for target in range(len(spans))], annotator=f"A{annotator}")
        for annotator, stance in enumerate(stances, 1)
    ]
    return text, layers


def pairs_per_target(*stories: tuple[Article, list[AnnotationLayer]]) -> dict[str, int]:
    texts = {text.id: text.text for text, _ in stories}
    pairs = stance_pairs([layer for _, layers in stories for layer in layers])
    return {name: len(of_target) for name, of_target in pairs_by_target(pairs, texts).items()}


def test_forms_of_one_name_are_one_target() -> None:
    forms = (
        "the Port League",
        "Port League",
        "Port League\N{RIGHT SINGLE QUOTATION MARK}s",
        "PORT LEAGUE",
        "Port League",
    )
    stories = [story(n, f"Then {form} spoke.", form, "supports", "opposes") for n, form in enumerate(forms)]
    assert pairs_per_target(*stories) == {"Port League": 5}


def test_a_last_name_belongs_to_the_full_name_in_its_article() -> None:
    stories = [story(n, "Ada Brook left. Brook returned.", "Ada Brook|Brook", "supports", "opposes") for n in range(3)]
    assert pairs_per_target(*stories) == {"Ada Brook": 6}
    two = [
        story(n, "Ada Brook and Nils Brook left. Brook returned.", "Ada Brook|Nils Brook|Brook", "supports", "opposes")
        for n in range(5)
    ]
    assert pairs_per_target(*two) == {"Ada Brook": 5, "Nils Brook": 5, "Brook": 5}


def test_targets_with_few_pairs_are_left_out() -> None:
    many = [story(n, "Port League spoke.", "Port League", "supports", "opposes") for n in range(5)]
    few = [story(n, "Quay Board spoke.", "Quay Board", "supports", "opposes") for n in range(5, 9)]
    alone = [story(n, "Nils Orr spoke.", "Nils Orr", "supports") for n in range(9, 20)]
    assert pairs_per_target(*many, *few, *alone) == {"Port League": 5}


def test_a_batch_has_agreement_by_target() -> None:
    league = [story(n, "Port League spoke.", "Port League", STANCES[n % 3], STANCES[n % 3]) for n in range(6)]
    board = [story(n, "Quay Board spoke.", "Quay Board", STANCES[n % 3], STANCES[(n + 1) % 3]) for n in range(6, 12)]
    texts = {text.id: text.text for text, _ in (*league, *board)}
    layers = [layer for _, layers in (*league, *board) for layer in layers]
    measured = measure_batch("b01", layers, BatchContext(labels=["ORG"], stances=STANCES, texts=texts))
    values = {value.name: value for value in measured.values}
    same, other = (values[f"stance_alpha_nominal[target {name}]"] for name in ("Port League", "Quay Board"))
    assert (same.value, same.n_items) == (1, 6)
    assert (other.value < 0, other.n_items) == (True, 6)
    assert other.low <= other.value <= other.high


@pytest.mark.parametrize(
    ("batch", "aligned", "by_offsets"), [("b00", (0.648, 252), (0.604, 260)), ("b01", (0.587, 356), (0.546, 370))]
)
def test_a_pair_is_one_of_mentions_not_of_offsets(
    batch: str, aligned: tuple[float, int], by_offsets: tuple[float, int]
) -> None:
    """The figures of the docstring: with offsets as keys, a boundary that differs is a stance that only one drew."""
    layers = load_layers(REPOSITORY, batch)
    names = sorted({of.annotator for of in layers})
    pairs: dict[tuple[object, ...], dict[str, set[str]]] = {}
    for of in layers:
        extents: dict[str | None, object] = {span.id: (span.start, span.end) for span in of.spans}
        for stance in of.stances:
            key = (of.article_id, extents.get(stance.holder), extents.get(stance.target), stance.target_name)
            pairs.setdefault(key, {}).setdefault(of.annotator, set()).add(stance.stance)
    answers = [[by.get(name, {"none"}) for name in names] for by in pairs.values()]
    rows = [[next(iter(each)) if len(each) == 1 else None for each in row] for row in answers]
    alpha = agreement.krippendorff_alpha(rows, method=None)
    assert (round(alpha.value, 3), len(rows)) == by_offsets
    measured = agreement.stance_alpha(layers, (), with_none=True, method=None)
    assert (round(measured.value, 3), measured.n_items) == aligned
