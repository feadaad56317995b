"""The dataset card: the Hub's sections, the Hub's fields, numbers from the data."""

from __future__ import annotations

import re
from math import nan
from pathlib import Path

import huggingface_hub
import pytest
from msgspec.structs import replace

from goldwire.records import Agreement, Release
from goldwire.release.dataset_card import CardData, body, hub_fields, images
from goldwire.workspace.sources import Source

MANIFEST = Release(
    name="trial",
    version="0.0.1",
    goldwire_version="0.1.0",
    guidelines_version="1.0",
    schema_version="1.0",
    batches=("b01",),
    articles={"train": 3, "validation": 1, "test": 1},
    labels={"entities": {"PER": 4}, "stance": {"supports": 2}, "annotations": {"PER": 9}},
    agreement=(
        Agreement(coefficient="b01/alpha", value=0.5, low=0.4, high=0.6, n_items=9, n_raters=3),
        Agreement(coefficient="b01/kappa", value=nan, low=nan, high=nan, n_items=0, n_raters=1, reason="one rater"),
    ),
    files=(),
    meanings={"PER": "a person", "supports": "is | for"},
)
EMPTY = {"train": {}, "validation": {}, "test": {}}
FACTS = CardData(
    manifest=MANIFEST,
    sources={"wire": Source(name="The Wire", language="en", licence="CC-BY-4.0", redistribute=True)},
    articles_of={"wire": 5},
    rows={config: {"train": 3, "validation": 1, "test": 1} for config in ("entities", "stance", "annotations")},
    counts={"entities": {**EMPTY, "train": {"PER": 4}}, "stance": EMPTY, "annotations": EMPTY},
    annotators=("A1", "A2"),
    decided={"majority": 3},
    unsettled={"label": 2},
    untagged=1,
    dates={"train": ["2021-03-04"], "validation": [], "test": ["2021-05-06"]},
    lengths={"train": [100, 200, 300], "validation": [150], "test": [50]},
    outlets={"train": {"The Wire": 3}, "validation": {"The Wire": 1}, "test": {"The Wire": 1}},
    creators=("expert-generated",),
    writers=("found",),
    repo_id=None,
)


def headings(text: str) -> list[str]:
    return [re.sub(r"\s*\[optional\]", "", line) for line in text.splitlines() if line.startswith("##")]


def test_every_section_of_the_hubs_template_is_there():
    template = Path(huggingface_hub.__file__).parent / "templates" / "datasetcard_template.md"
    ours = headings(body(FACTS))
    assert [line for line in headings(template.read_text()) if line not in ours] == []


def test_numbers_come_from_the_facts():
    text = body(FACTS)
    assert "shortest 50, median 150, longest 300" in text
    assert "| b01/alpha | 0.500 | 0.400 to 0.600 | 9 | 3 |" in text
    assert "| b01/kappa | undefined: one rater |" in text
    assert "2021-03-04 to 2021-05-06" in text
    assert "2 by label" in text


def test_every_picture_of_the_card_is_made():
    assert sorted(re.findall(r"\]\((images/[^)]+)\)", body(FACTS))) == sorted(images(FACTS))


def test_how_to_load_it():
    assert 'load_dataset("splits/v0.0.1", "stance")' in body(FACTS)
    assert 'load_dataset("lab/trial", "stance", revision="v0.0.1")' in body(replace(FACTS, repo_id="lab/trial"))


@pytest.mark.parametrize(
    ("licences", "expected", "name"),
    [
        (["CC-BY-4.0"], "cc-by-4.0", None),
        (["CC-BY-4.0", "MIT"], "other", "cc-by-4.0-and-mit"),
        (["House rules"], "other", "house-rules"),
    ],
)
def test_the_licence_as_the_hub_knows_it(licences, expected, name):
    sources = {
        str(n): Source(name="x", language="en", licence=licence, redistribute=True)
        for n, licence in enumerate(licences)
    }
    fields = hub_fields(replace(FACTS, sources=sources, articles_of=dict.fromkeys(sources, 1)))
    assert (fields["license"], fields.get("license_name")) == (expected, name)
