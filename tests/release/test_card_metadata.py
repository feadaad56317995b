"""The YAML of the dataset card: the Hub's own fields."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from goldwire.release.card_metadata import hub_fields
from goldwire.workspace.sources import Source
from support.card_examples import CARD


@pytest.mark.parametrize(
    ("licences", "expected", "name"),
    [
        (["CC-BY-4.0"], "cc-by-4.0", None),
        (["CC-BY-4.0", "MIT"], "other", "cc-by-4.0-and-mit"),
        (["House rules"], "other", "house-rules"),
        (["EUPL-1.2"], "other", "eupl-1.2"),
    ],
)
def test_the_licence_is_in_the_hubs_terms(licences, expected, name):
    sources = {
        str(n): Source(name="x", language="en", licence=licence, redistribute=True)
        for n, licence in enumerate(licences)
    }
    fields = hub_fields(replace(CARD, sources=sources, articles_by_source=dict.fromkeys(sources, 1)))
    assert (fields["license"], fields.get("license_name")) == (expected, name)
    link = "https://spdx.org/licenses/EUPL-1.2" if name == "eupl-1.2" else None
    assert fields.get("license_link") == link


def test_the_creators_are_those_of_the_settings():
    fields = hub_fields(CARD)
    assert (fields["annotations_creators"], fields["language_creators"]) == (["expert-generated"], ["found"])
    assert fields["size_categories"] == ["n<1K"]


def test_creators_who_are_not_stated_are_left_out():
    assert "annotations_creators" not in hub_fields(replace(CARD, annotation_creators=()))


def test_each_config_has_a_size_and_tasks_are_those_that_have_rows():
    rows = {**CARD.n_rows, "stance": {"train": 1400, "validation": 0, "test": 20}}
    fields = hub_fields(replace(CARD, n_rows=rows))
    assert (fields["size_categories"], fields["multilinguality"]) == (["n<1K", "1K<n<10K"], ["monolingual"])
    assert fields["task_ids"] == ["named-entity-recognition", "multi-input-text-classification"]
    fields = hub_fields(replace(CARD, n_rows={**CARD.n_rows, "stance": {}}))
    assert fields["task_categories"] == ["token-classification"]
    assert hub_fields(replace(CARD, n_rows={"entities": {"train": 1_000}, "stance": {}}))["size_categories"] == [
        "1K<n<10K"
    ]
    assert hub_fields(replace(CARD, n_rows={"entities": {"train": 1_000_000}, "stance": {}}))["size_categories"] == [
        "1M<n<10M"
    ]
