"""An invented manifest and card data, for tests of the card and the datasheet."""

from __future__ import annotations

from math import nan

from goldwire.records import Agreement, Release
from goldwire.release.card_claims import CLAIM_CODES
from goldwire.release.card_data import CardData
from goldwire.release.rows import CONFIGS
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
        Agreement(coefficient="alpha", batch="b01", value=0.5, low=0.4, high=0.6, n_items=9, n_raters=3),
        Agreement(
            coefficient="kappa", batch="b01", value=nan, low=nan, high=nan, n_items=0, n_raters=1, reason="one rater"
        ),
    ),
    files=(),
    label_descriptions={"PER": "a person", "supports": "is | for"},
)
EMPTY: dict[str, dict[str, int]] = {"train": {}, "validation": {}, "test": {}}
CARD = CardData(
    manifest=MANIFEST,
    sources={"wire": Source(name="The Wire", language="en", licence="CC-BY-4.0", redistribute=True)},
    articles_by_source={"wire": 5},
    n_rows={config: {"train": 3, "validation": 1, "test": 1} for config in CONFIGS},
    label_counts=dict.fromkeys(CONFIGS, EMPTY) | {"entities": {**EMPTY, "train": {"PER": 4}}},
    annotators=("A1", "A2"),
    resolved={"majority": 3},
    unresolved={"label": 2},
    n_untagged_spans=1,
    dates={"train": ["2021-03-04"], "validation": [], "test": ["2021-05-06"]},
    lengths={"train": [100, 200, 300], "validation": [150], "test": [50]},
    outlets={"train": {"The Wire": 3}, "validation": {"The Wire": 1}, "test": {"The Wire": 1}},
    annotation_creators=("expert-generated",),
    language_creators=("found",),
    repo_id=None,
    verified=frozenset().union(*CLAIM_CODES.values()),
)
