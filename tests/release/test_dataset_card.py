"""The text of the dataset card: the Hub's sections, numbers from the release."""

from __future__ import annotations

import re
from pathlib import Path

import huggingface_hub
from msgspec.structs import replace

from goldwire.baselines.scores import Baseline, Model, Score
from goldwire.release.dataset_card import NO_TEXT, card_text, images
from support.card_examples import CARD


def headings(text: str) -> list[str]:
    return [re.sub(r"\s*\[optional\]", "", line) for line in text.splitlines() if line.startswith("##")]


def test_the_card_has_every_section_of_the_hubs_template():
    template = Path(huggingface_hub.__file__).parent / "templates" / "datasetcard_template.md"
    ours = headings(card_text(CARD))
    assert [line for line in headings(template.read_text()) if line not in ours] == []


def test_the_card_has_the_numbers_of_the_release():
    text = card_text(CARD)
    assert "shortest 50, median 150, longest 300" in text
    assert "| b01 | alpha | 0.500 | 0.400 to 0.600 | 9 | 3 |" in text
    assert "| b01 | kappa | undefined: one rater |" in text
    assert "2021-03-04 to 2021-05-06" in text
    assert "2 by label" in text


def test_every_image_of_the_card_is_written():
    assert sorted(re.findall(r"\]\((images/[^)]+)\)", card_text(CARD))) == sorted(images(CARD))


def test_the_card_shows_how_to_load_the_dataset():
    assert 'load_dataset("splits/v0.0.1", "stance")' in card_text(CARD)
    assert 'load_dataset("lab/trial", "stance", revision="v0.0.1")' in card_text(replace(CARD, repo_id="lab/trial"))


def test_the_card_of_a_standoff_release_states_that_it_has_no_text():
    manifest = replace(CARD.manifest, standoff=True, withheld_sources=("wire",))
    text = card_text(replace(CARD, manifest=manifest))
    assert NO_TEXT in text
    assert "The text of wire may not be redistributed." in text
    assert NO_TEXT not in card_text(CARD)


def test_the_card_reports_baselines_only_if_they_were_trained():
    model = Model(name="tagger", role="probe", scores={"test": Score(value=0.5, low=0.4, high=0.6, n=9)})
    baseline = Baseline(n_train_articles=3, stance=(), entities=(model,), warnings=("entities: too easy",))
    text = card_text(replace(CARD, baseline=baseline))
    assert "| tagger (probe) |  | 0.500 [0.400, 0.600], n=9 |" in text
    assert "**Warning:** entities: too easy." in text
    assert "### Baselines" not in card_text(CARD)
