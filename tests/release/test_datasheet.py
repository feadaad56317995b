"""Generated blocks: only what is between their markers is ever written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldwire.records import Agreement, Release
from goldwire.release.datasheet import blocks, refresh, stale

SHEET = """# Datasheet

By hand.

<!-- goldwire:begin composition -->
old
<!-- goldwire:end composition -->

More by hand.

<!-- goldwire:begin unknown -->
kept
<!-- goldwire:end unknown -->
"""
MANIFEST = Release(
    name="trial",
    version="0.0.1",
    goldwire_version="0.1.0",
    guidelines_version="1.0",
    schema_version="1.0",
    batches=("b01",),
    articles={"train": 3, "validation": 1, "test": 1},
    labels={"entities": {"PER": 4}, "stance": {}, "annotations": {"PER": 9}},
    agreement=(Agreement(coefficient="b01/alpha", value=0.5, low=0.4, high=0.6, n_items=9, n_raters=3),),
    files=(),
    label_descriptions={"PER": "a person"},
)


def test_a_block_is_refreshed_and_nothing_else():
    made = refresh(SHEET, {"composition": "new"})
    assert made == SHEET.replace("\nold\n", "\nnew\n")


def test_stale_blocks_are_named_until_they_are_refreshed():
    current = blocks(MANIFEST)
    assert stale(SHEET, current) == ("composition",)
    assert stale(refresh(SHEET, current), current) == ()


def test_numbers_come_from_the_manifest():
    made = blocks(MANIFEST)
    assert "| articles | 3 | 1 | 1 | 5 |" in made["composition"]
    assert "| PER | a person | 4 | 9 |" in made["labels"]
    assert "| b01/alpha | 0.500 | 0.400 to 0.600 | 9 | 3 |" in made["agreement"]


@given(st.text(alphabet="ab\n<!-> goldwire:beginendx", max_size=60))
def test_a_sheet_without_blocks_is_left_as_it_is(text):
    assert refresh(text, {"x": "new"}) == text or "goldwire:begin x" in text
