"""Baselines beside the majority class and the probes, on invented rows with known artefacts."""

from __future__ import annotations

import random

from goldwire.baselines.evaluation import measure
from goldwire.text.bio_tags import bio_tags
from goldwire.text.tokenization import tokens
from support.factories import article, layer
from support.release_rows import stance_row

PEOPLE = [f"{first} {last}" for first in ("Ada", "Bo", "Cy", "Di", "Ed") for last in ("Ito", "Lund", "Moss", "Reed")]
VERBS = {"supports": ["backs", "praises", "defends"], "opposes": ["attacks", "rejects", "mocks"]}
DAYS = ("On Monday", "After lunch", "In the hall", "By the river")


def corpus(count: int, *, by_target: bool, seed: int = 0) -> dict:
    """Return articles with one stance each that follows from the verb or, `by_target`, only from the target."""
    luck = random.Random(seed)
    rows: dict = {config: {"train": [], "validation": [], "test": []} for config in ("entities", "stance")}
    for n in range(count):
        holder, target = luck.sample(PEOPLE, 2)
        stance = luck.choice(["supports", "supports", "opposes"])
        verb = "mentions" if by_target else luck.choice(VERBS[stance])
        if by_target:
            stance = "supports" if target.startswith(("Ada", "Bo", "Cy")) else "opposes"
        opening = f"{luck.choice(DAYS)}, {holder} "
        text = f"{opening}{verb} {target}. Nobody was hurt."
        start, split = len(opening) - 1 - len(holder), ("train", "train", "validation", "test")[n % 4]
        ends = [(start, start + len(holder)), (text.index(target), text.index(target) + len(target))]
        new = article(text, id=f"wire-{n:012d}")
        spans = layer(new, [(a, b, "PER") for a, b in ends]).spans
        offsets = tokens(text)
        rows["entities"][split].append(
            {
                "article_id": new.id,
                "tokens": [text[a:b] for a, b in offsets],
                "ner_tags": bio_tags(offsets, spans),
                "spans": [{"start": a, "end": b} for a, b in ends],
            }
        )
        rows["stance"][split].append(stance_row(text, ends[0], ends[1], article_id=new.id, label=stance))
    return rows


def scores(models, split="test"):
    return {model.name: model.scores[split].value for model in models}


def test_the_model_learns_from_the_words_and_probes_of_the_target_do_not():
    baseline = measure(corpus(400, by_target=False))
    stance = scores(baseline.stance)
    assert stance["TF-IDF and logistic regression"] > 0.95
    assert stance["majority class"] < 0.45
    assert max(stance["target's name only"], stance["lengths only"]) < 0.7
    # The verb remains when the target is masked, so this probe rightly warns; the others do not.
    assert ["target masked" in warning for warning in baseline.warnings if warning.startswith("stance")] == [True]


def test_a_warning_is_given_for_labels_that_follow_from_the_target_alone():
    baseline = measure(corpus(400, by_target=True))
    stance = scores(baseline.stance)
    assert stance["target's name only"] > 0.95
    assert any("target's name only" in warning for warning in baseline.warnings)
    assert not any("lengths only" in warning for warning in baseline.warnings)


def test_the_tagger_finds_names_that_are_not_in_train():
    rows = corpus(200, by_target=False)
    for row in rows["entities"]["test"]:
        row["tokens"] = [{"Ada": "Zoe", "Ito": "Quill"}.get(token, token) for token in row["tokens"]]
    entities = scores(measure(rows).entities)
    assert entities["majority class"] == 0
    assert entities["linear tagger"] > entities["names seen in train"]
    assert entities["linear tagger"] > 0.9


def test_the_order_of_the_rows_does_not_change_the_scores():
    rows = corpus(80, by_target=False)
    reversed_rows = {
        config: {split: split_rows[::-1] for split, split_rows in by_split.items()} for config, by_split in rows.items()
    }
    assert measure(rows) == measure(reversed_rows)


def test_tasks_with_too_little_training_data_are_skipped():
    rows = corpus(80, by_target=False)
    for row in rows["stance"]["train"]:
        row["label"] = "supports"
    assert measure(rows).skipped.keys() == {"stance"}
    rows["entities"]["train"] = []
    assert measure(rows).skipped.keys() == {"stance", "entities"}
    rows = corpus(80, by_target=False)
    rows["stance"]["test"] = rows["entities"]["test"] = []
    assert all(model.scores.keys() == {"validation"} for model in measure(rows).stance)
