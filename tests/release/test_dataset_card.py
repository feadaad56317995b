"""The text of the dataset card: the Hub's sections, numbers from the release."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import huggingface_hub
import pytest
from msgspec.structs import replace

from goldwire.baselines.scores import Baseline, Candidate, Model, Score, SoftModel, SoftScore
from goldwire.checks.release_gate import pass_gate
from goldwire.records import AcceptedFindings
from goldwire.release.card_claims import CLAIM_CODES, NO_LEAK
from goldwire.release.dataset_card import NO_TEXT, card_text, images, with_repository
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
    assert "| b01 | alpha | 0.500 | 0.400 to 0.600 | 9 items |  | 3 |" in text
    assert "| b01 | kappa | undefined: one rater |" in text
    assert "2021-03-04 to 2021-05-06" in text
    assert "2 by label" in text


def test_every_image_of_the_card_is_written():
    assert sorted(re.findall(r"\]\((images/[^)]+)\)", card_text(CARD))) == sorted(images(CARD))


def test_the_card_shows_how_to_load_the_dataset():
    assert 'load_dataset("splits/v0.0.1", "stance")' in card_text(CARD)
    assert 'load_dataset("lab/trial", "stance", revision="v0.0.1")' in card_text(replace(CARD, repo_id="lab/trial"))


def test_the_card_loads_a_config_that_has_rows():
    n_rows = {**CARD.n_rows, "stance": dict.fromkeys(CARD.n_rows["stance"], 0)}
    text = card_text(replace(CARD, n_rows=n_rows))
    assert 'load_dataset("splits/v0.0.1", "entities")' in text
    assert "models of the stance" not in text


def test_a_repository_can_be_named_later():
    expected = card_text(replace(CARD, repo_id="lab/trial"))
    assert with_repository(card_text(CARD), "lab/trial", "0.0.1") == expected
    assert with_repository(card_text(replace(CARD, repo_id="lab/old")), "lab/trial", "0.0.1") == expected


SECOND = replace(CARD, manifest=replace(CARD.manifest, previous="0.0.0"))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("near-text-across-splits", NO_LEAK),
        ("cluster-across-splits", NO_LEAK),
        ("assignment-changed", "No article of an earlier version has changed its split."),
        ("span-text-mismatch", "The offsets of every span were compared with its text."),
        ("text-not-nfc", "Texts are NFC"),
        ("raw-missing", "Each stretch of text is mapped to the bytes"),
        ("decision-missing", "Each gold label has a record of how it was decided."),
        ("agreement-stale", "The values were computed again"),
        ("annotator-not-pseudonym", "only the pseudonyms are included"),
    ],
)
def test_a_sentence_is_in_the_card_only_if_its_check_found_nothing(code, sentence):
    assert sentence in card_text(SECOND)
    assert sentence not in card_text(replace(SECOND, verified=SECOND.verified - {code}))
    assert sentence not in card_text(replace(SECOND, verified=frozenset()))
    assert "changed its split" not in card_text(CARD)


def test_no_dispute_is_stated_only_if_every_label_has_a_decision():
    settled = replace(CARD, unresolved={})
    assert "No label is in dispute." in card_text(settled)
    assert "No label is in dispute." not in card_text(replace(settled, verified=frozenset()))
    assert "How the gold labels were decided is not recorded." in card_text(replace(settled, resolved={}))


def test_the_claims_depend_on_checks_that_run_at_a_release():
    verified = pass_gate((), (), {}, date(2026, 1, 1)).verified
    assert frozenset().union(*CLAIM_CODES.values()) <= verified


def test_accepted_errors_are_in_the_card_with_their_reasons():
    accepted = AcceptedFindings(
        code="cluster-across-splits", summary="near-duplicates are apart", reason="known | copies", n_findings=2
    )
    text = card_text(replace(CARD, manifest=replace(CARD.manifest, accepted=(accepted,))))
    assert "- `cluster-across-splits` (2): near-duplicates are apart. Accepted because: known | copies" in text
    assert "**Near-duplicates are in different splits**" in text


def test_the_card_states_doccano_and_pre_labels_only_if_they_were_used():
    assert "Doccano" not in card_text(CARD)
    used = card_text(replace(CARD, doccano_batches=("b01",), prelabel_sources=("gazetteer",)))
    assert "Annotators labelled the articles in Doccano, each in a project of their own." in used
    assert "They started from pre-labels (`gazetteer`), which they could change." in used


def test_the_card_has_annotators_beside_models_and_soft_labels():
    human = Model(name="each annotator", role="human", scores={"test": Score(value=0.9, low=None, high=None, n=4)})
    soft = SoftModel(
        name="mean of train",
        scores={"validation": SoftScore(cross_entropy=None, manhattan=0.5, wasserstein=0.25, n=7)},
    )
    baseline = Baseline(
        n_train_articles=3,
        stance=(),
        entities=(),
        warnings=(),
        stance_shared=(human,),
        soft_stance=(soft,),
        stance_features=(Candidate(features="names", score=0.4, chosen=True),),
    )
    text = card_text(replace(CARD, baseline=baseline))
    assert "| stance, macro-F1, shared articles | validation | test |" in text
    assert "| each annotator |  | 0.900, n=4 |" in text
    assert "| mean of train | Manhattan 0.500, Wasserstein 0.250, n=7 |  |" in text
    assert "The stance model sees names: the best of these sets" in text


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
