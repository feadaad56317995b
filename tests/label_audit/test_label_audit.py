"""Labels that were spoiled on purpose come first; sound labels are left alone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

import msgspec
import pytest

from goldwire.label_audit.annotator_habits import span_habits, stance_habits
from goldwire.label_audit.copies import copy_suspects
from goldwire.label_audit.folds import article_folds
from goldwire.label_audit.label_audit import audit_labels
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.records import AnnotationLayer, Article, SpanLabel
from support import factories

PEOPLE = ("Ada Ito", "Bo Lund", "Cy Marsh", "Dee Orr", "Eli Voss")
BODIES = ("Quay Board", "Lamp Guild", "Port Union", "Tide Office", "Mast League")
VERBS = {"supports": ("praised", "backed", "welcomed"), "opposes": ("attacked", "condemned", "rejected")}

Data = tuple[dict[str, Article], list[AnnotationLayer]]


def corpus(n: int = 60, seed: int = 1) -> Data:
    """Articles of three sentences, each with a person, a body and a stance between them; no two sentences are equal."""
    rng = random.Random(seed)
    articles: dict[str, Article] = {}
    layers = []
    for number in range(n):
        text, spans, stances = f"Story {number}\n\n", [], []
        for line in range(3):
            person, body, stance = rng.choice(PEOPLE), rng.choice(BODIES), rng.choice([*VERBS])
            start = len(text)
            text += f"{person} {rng.choice(VERBS[stance])} "
            spans += [(start, start + len(person), "PER"), (len(text), len(text) + len(body), "ORG")]
            text += f"{body} on day {rng.randint(1, 999)} of case {number}-{line}. "
            stances.append((2 * line, 2 * line + 1, stance))
        article = factories.article(text.strip(), id=f"wire-{number:012d}")
        articles[article.id] = article
        layers.append(factories.layer(article, spans, stances, annotator="gold"))
    return articles, layers


def spoil(layers: Sequence[AnnotationLayer], seed: int = 2) -> tuple[list[AnnotationLayer], set[tuple[str, str]]]:
    """Change one span label and one stance in each fifth article."""
    rng, spoiled, changed = random.Random(seed), [], set()
    for number, layer in enumerate(layers):
        if number % 5 == 0:
            span, stance = rng.randrange(len(layer.spans)), rng.randrange(len(layer.stances))
            spans, stances = list(layer.spans), list(layer.stances)
            label = "ORG" if spans[span].label == "PER" else "PER"
            spans[span] = msgspec.structs.replace(spans[span], label=label)
            other = "opposes" if stances[stance].stance == "supports" else "supports"
            stances[stance] = msgspec.structs.replace(stances[stance], stance=other)
            changed |= {(layer.article_id, spans[span].id), (layer.article_id, stances[stance].id)}
            layer = msgspec.structs.replace(layer, spans=tuple(spans), stances=tuple(stances))
        spoiled.append(layer)
    return spoiled, changed


@pytest.fixture(scope="module")
def audited() -> tuple[tuple[LabelSuspect, ...], set[tuple[str, str]]]:
    articles, layers = corpus()
    spoiled, changed = spoil(layers)
    return audit_labels(articles, spoiled), changed


def test_spoiled_labels_come_first(audited) -> None:
    suspects, changed = audited
    first = {(one.article_id, one.item) for one in suspects[: len(changed)]}
    assert len(first & changed) >= 0.9 * len(changed)
    assert [one.score for one in suspects] == sorted((one.score for one in suspects), reverse=True)
    assert all(0 <= one.score <= 1 and one.reasons for one in suspects)


def test_a_suspect_has_text_label_suggestion_and_reasons(audited) -> None:
    suspects, changed = audited
    one = next(one for one in suspects if one.kind == "span-label" and (one.article_id, one.item) in changed)
    assert one.suggestion == ("PER" if one.text in PEOPLE else "ORG")
    assert any("a classifier trained on other articles says" in reason for reason in one.reasons)
    assert any(f"{one.text!r} is {one.suggestion} " in reason for reason in one.reasons)
    stance = next(one for one in suspects if one.kind == "stance")
    assert " to " in stance.text
    assert {stance.label, stance.suggestion} == {"supports", "opposes"}


def test_sound_labels_are_not_in_doubt() -> None:
    articles, layers = corpus()
    assert [one for one in audit_labels(articles, layers) if one.score > 0.5] == []


def test_equal_input_gives_equal_output() -> None:
    articles, layers = corpus(30)
    spoiled, _ = spoil(layers)
    once = audit_labels(articles, spoiled, only="spans")
    assert once == audit_labels(articles, spoiled[::-1], only="spans")
    assert "stance" not in {one.kind for one in once}


def test_a_name_that_is_left_out_once_is_missing() -> None:
    articles, layers = corpus()
    victim = layers[0]
    dropped = victim.spans[0]
    layers[0] = msgspec.structs.replace(victim, spans=victim.spans[1:], stances=())
    missing = [one for one in audit_labels(articles, layers, only="spans") if one.kind == "span-missing"]
    assert (missing[0].article_id, missing[0].start, missing[0].end) == (victim.article_id, dropped.start, dropped.end)
    assert any("left out once" in reason for reason in missing[0].reasons)
    assert any("a tagger trained on other articles marks it" in reason for reason in missing[0].reasons)


def test_copies_are_judged_together_and_compared() -> None:
    sentence = "The harbour master Ada Ito said that the ferry of the board would sail on Monday."
    one, two, three = (factories.article(f"{head}\n\n{sentence}", id=f"wire-{n:012d}") for n, head in enumerate("abc"))
    other = factories.article(
        "d\n\nNothing of that kind is in this text at all, it is another.", id="wire-000000000009"
    )
    articles = {article.id: article for article in (one, two, three, other)}
    folds = article_folds(articles)
    assert folds[one.id] == folds[two.id] == folds[three.id] != folds[other.id]
    start = one.text.index("Ada Ito")
    layers = [factories.layer(article, [(start, start + 7, "PER")], annotator="gold") for article in (one, two)]
    layers.append(factories.layer(three, [(start, start + 7, "ORG")], annotator="gold"))
    (suspect,) = copy_suspects(articles, layers)
    assert (suspect.article_id, suspect.label, suspect.suggestion, suspect.item) == (three.id, "ORG", "PER", "T1")


def test_a_habit_of_one_annotator_is_found() -> None:
    _, layers = corpus(20)
    people = []
    for layer in layers:
        for name in ("A1", "A2", "A3"):
            spans = tuple(
                msgspec.structs.replace(span, label="PER") if name == "A2" and span.text == "Quay Board" else span
                for span in layer.spans
            )
            people.append(msgspec.structs.replace(layer, annotator=name, spans=spans))
    (suspect,) = span_habits(people)
    assert (suspect.annotator, suspect.slip) == ("A2", "label")
    assert suspect.reasons[0].startswith("A2 marks as PER ")
    assert (suspect.text, suspect.label, suspect.suggestion) == ("Quay Board", "PER", "ORG")


def by_three(
    layers: list[AnnotationLayer], change: Callable[[AnnotationLayer], AnnotationLayer]
) -> list[AnnotationLayer]:
    """Layers of A1 and A3, who copy these, and of A2, who changes them."""
    people = [msgspec.structs.replace(layer, annotator=name) for layer in layers for name in ("A1", "A2", "A3")]
    return [change(layer) if layer.annotator == "A2" else layer for layer in people]


def test_boundaries_that_are_always_moved_are_found() -> None:
    def shorter(layer: AnnotationLayer) -> AnnotationLayer:
        return msgspec.structs.replace(
            layer, spans=tuple(msgspec.structs.replace(s, end=s.end - 6, text=s.text[:-6]) for s in layer.spans)
        )

    _, layers = corpus(20)
    suspects = list(span_habits(by_three(layers, shorter)))
    labels = {span.label for layer in layers for span in layer.spans}
    assert {(one.annotator, one.slip, one.label) for one in suspects} == {("A2", "end-earlier", x) for x in labels}
    assert all(re.match(r"A2 ends \d+ of \d+ mentions of \w+ earlier than all others", s.reasons[0]) for s in suspects)
    assert all("the others do so in 0 of" in suspect.reasons[0] for suspect in suspects)


def test_marks_that_nobody_else_makes_are_found() -> None:
    def more(layer: AnnotationLayer) -> AnnotationLayer:
        own = SpanLabel(id="T99", start=0, end=3, label="LOC", text="xxx")
        return msgspec.structs.replace(layer, spans=(own, *layer.spans))

    _, layers = corpus(20)
    (suspect,) = span_habits(by_three(layers, more))
    assert (suspect.annotator, suspect.slip, suspect.suggestion, suspect.label) == ("A2", "extra", None, "LOC")


def test_a_stance_that_one_annotator_never_draws_is_found() -> None:
    _, layers = corpus(40)
    unused = layers[0].stances[0].stance

    def without(layer: AnnotationLayer) -> AnnotationLayer:
        return msgspec.structs.replace(layer, stances=tuple(s for s in layer.stances if s.stance != unused))

    (suspect,) = stance_habits(by_three(layers, without))
    assert (suspect.label, suspect.suggestion, suspect.start) == (None, unused, None)
    assert re.match(rf"A2 draws nothing for (\d+) of \1 pairs of which all others draw {unused}", suspect.reasons[0])


def test_stances_that_one_annotator_exchanges_or_adds_are_found() -> None:
    _, layers = corpus(40)
    drawn = sorted({stance.stance for layer in layers for stance in layer.stances})
    changed = {drawn[0]: drawn[-1]}

    def exchange(layer: AnnotationLayer) -> AnnotationLayer:
        stances = (msgspec.structs.replace(s, stance=changed.get(s.stance, s.stance)) for s in layer.stances)
        return msgspec.structs.replace(layer, stances=tuple(stances))

    (suspect,) = stance_habits(by_three(layers, exchange))
    assert (suspect.annotator, suspect.slip) == ("A2", "stance")
    assert (suspect.suggestion, suspect.label) == (drawn[0], drawn[-1])
    none = [
        layer if layer.annotator == "A2" else msgspec.structs.replace(layer, stances=())
        for layer in by_three(layers, lambda layer: layer)
    ]
    extra = list(stance_habits(none))
    assert {(one.annotator, one.slip, one.label) for one in extra} == {("A2", "extra-stance", s) for s in drawn}


def test_two_annotators_and_careful_ones_have_no_habits() -> None:
    _, layers = corpus(20)
    same = by_three(layers, lambda layer: layer)
    assert not [*span_habits(same), *stance_habits(same)]
    two = [layer for layer in same if layer.annotator != "A3"]
    emptied = [msgspec.structs.replace(x, spans=(), stances=()) if x.annotator == "A2" else x for x in two]
    assert not [*span_habits(emptied), *stance_habits(emptied)]


def test_few_labels_or_none_are_no_error() -> None:
    articles, layers = corpus(1)
    assert audit_labels({}, []) == ()
    assert isinstance(audit_labels(articles, layers), tuple)
    empty = [msgspec.structs.replace(layer, spans=(), stances=()) for layer in layers]
    assert audit_labels(articles, empty) == ()
