"""Baselines beside the majority class and the probes, on invented rows whose artefacts are known."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from goldwire.baselines.evaluation import measure
from goldwire.baselines.scores import f1_score
from goldwire.baselines.stance_context import HOLDER, TARGET, stance_context
from goldwire.baselines.tagger import spans_of_tags
from goldwire.text.bio_tags import bio_tags
from goldwire.text.tokenization import tokens
from support.factories import article, layer

PEOPLE = [f"{first} {last}" for first in ("Ada", "Bo", "Cy", "Di", "Ed") for last in ("Ito", "Lund", "Moss", "Reed")]
VERBS = {"supports": ["backs", "praises", "defends"], "opposes": ["attacks", "rejects", "mocks"]}
DAYS = ("On Monday", "After lunch", "In the hall", "By the river")


def corpus(count: int, *, by_target: bool, seed: int = 0) -> dict:
    """Articles of one stance each, which the verb tells; `by_target`, only the target does."""
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
        of = article(text, id=f"wire-{n:012d}")
        spans = layer(of, [(a, b, "PER") for a, b in ends]).spans
        cut = tokens(text)
        rows["entities"][split].append(
            {
                "article_id": of.id,
                "tokens": [text[a:b] for a, b in cut],
                "ner_tags": bio_tags(cut, spans),
                "spans": [{"start": a, "end": b} for a, b in ends],
            }
        )
        rows["stance"][split].append(stance_row(of.id, text, ends[0], ends[1], label=stance))
    return rows


def stance_row(article_id: str, text: str, holder: tuple[int, int] | None, target: tuple[int, int], *, label: str = ""):
    return {
        "id": f"{article_id}:R1",
        "article_id": article_id,
        "text": text,
        "holder": None if holder is None else text[slice(*holder)],
        "holder_start": None if holder is None else holder[0],
        "holder_end": None if holder is None else holder[1],
        "target": text[slice(*target)],
        "target_start": target[0],
        "target_end": target[1],
        "label": label,
    }


def scores(models, split="test"):
    return {model.name: model.scores[split].value for model in models}


def test_the_model_learns_what_the_words_say_and_no_probe_of_the_target_does():
    found = measure(corpus(400, by_target=False))
    stance = scores(found.stance)
    assert stance["TF-IDF and logistic regression"] > 0.95
    assert stance["majority class"] < 0.45
    assert max(stance["target's name only"], stance["lengths only"]) < 0.7
    # The verb stays where the target is masked, so that this probe rightly warns; the others do not.
    assert ["target masked" in warning for warning in found.warnings if warning.startswith("stance")] == [True]


def test_labels_that_the_target_alone_gives_away_are_warned_of():
    found = measure(corpus(400, by_target=True))
    stance = scores(found.stance)
    assert stance["target's name only"] > 0.95
    assert any("target's name only" in warning for warning in found.warnings)
    assert not any("lengths only" in warning for warning in found.warnings)


def test_the_tagger_finds_names_that_train_does_not_have():
    rows = corpus(200, by_target=False)
    for row in rows["entities"]["test"]:
        row["tokens"] = [{"Ada": "Zoe", "Ito": "Quill"}.get(token, token) for token in row["tokens"]]
    entities = scores(measure(rows).entities)
    assert entities["majority class"] == 0
    assert entities["linear tagger"] > entities["names seen in train"]
    assert entities["linear tagger"] > 0.9


def test_equal_rows_in_any_order_give_equal_scores():
    rows = corpus(80, by_target=False)
    turned = {config: {split: made[::-1] for split, made in found.items()} for config, found in rows.items()}
    assert measure(rows) == measure(turned)


def test_too_little_to_learn_from_is_said():
    rows = corpus(80, by_target=False)
    for row in rows["stance"]["train"]:
        row["label"] = "supports"
    assert measure(rows).skipped.keys() == {"stance"}
    rows["entities"]["train"] = []
    assert measure(rows).skipped.keys() == {"stance", "entities"}
    rows = corpus(80, by_target=False)
    rows["stance"]["test"] = rows["entities"]["test"] = []
    assert all(model.scores.keys() == {"validation"} for model in measure(rows).stance)


def test_a_context_is_the_sentences_around_both_with_both_marked():
    text = "Rain fell. Ada Ito spoke. It was late. She blamed Bo Lund. Snow fell."
    holder, target = ((text.index(name), text.index(name) + 7) for name in ("Ada Ito", "Bo Lund"))
    seen = stance_context(stance_row("a", text, holder, target))
    assert seen.marked.split() == f"{HOLDER} spoke. It was late. She blamed {TARGET} .".split()
    assert "Bo Lund" not in seen.masked
    assert "blamed" in seen.masked
    assert seen.between == ""
    voice = stance_context(stance_row("a", text, None, target))
    assert voice.marked.split() == f"She blamed {TARGET} .".split()
    assert voice.holder == "the article"


def test_a_target_asked_by_name_is_read_where_it_is_named():
    row = stance_row("a", "Rain fell. Bo Lund spoke.", None, (11, 18)) | {"target_start": None, "target_end": None}
    assert stance_context(row).marked == "Bo Lund spoke."
    assert stance_context(row | {"target": "Cy Moss"}).marked == "Rain fell."


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        (["B-PER", "I-PER", "O"], {(0, 2, "PER")}),
        (["B-PER", "B-PER"], {(0, 1, "PER"), (1, 2, "PER")}),
        (["I-PER", "I-ORG"], {(0, 1, "PER"), (1, 2, "ORG")}),
        (["O", "O"], set()),
    ],
)
def test_spans_of_tags(tags, spans):
    assert spans_of_tags(tags) == spans


def test_f1_is_the_mean_over_labels_with_an_interval():
    hits, wrong, missed = np.array([[2, 0], [1, 1]]), np.array([[1, 0], [0, 0]]), np.array([[0, 1], [0, 0]])
    few = f1_score(hits, wrong, missed)
    assert math.isclose(few.value, (6 / 7 + 2 / 3) / 2, abs_tol=1e-4)
    assert (few.low, few.high, few.n) == (None, None, 5)
    many = f1_score(*(np.tile(counts, (10, 1)) for counts in (hits, wrong, missed)))
    assert (many.value, many.n) == (few.value, 50)
    assert many.low < many.value < many.high
    assert f1_score(*np.zeros((3, 2, 1), dtype=int)) is None
