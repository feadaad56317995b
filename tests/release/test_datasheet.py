"""Generated blocks of the datasheet: only text between their markers is changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldwire.release.datasheet import blocks, refresh, stale
from support.card_examples import MANIFEST

SHEET = """# Datasheet

By hand.

<!-- goldwire:begin composition -->
old
<!-- goldwire:end composition -->

More by hand.

<!-- goldwire:begin unknown -->
unchanged
<!-- goldwire:end unknown -->
"""


def test_refresh_changes_only_the_block():
    refreshed = refresh(SHEET, {"composition": "new"})
    assert refreshed == SHEET.replace("\nold\n", "\nnew\n")


def test_a_block_is_stale_until_it_is_refreshed():
    current = blocks(MANIFEST)
    assert stale(SHEET, current) == ("composition",)
    assert stale(refresh(SHEET, current), current) == ()


def test_blocks_have_the_numbers_of_the_manifest():
    current = blocks(MANIFEST)
    assert "| articles | 3 | 1 | 1 | 5 |" in current["composition"]
    assert "| PER | a person | 4 | 9 |" in current["labels"]
    assert "| b01 | alpha | 0.500 | 0.400 to 0.600 | 9 items |  | 3 |" in current["agreement"]


@given(st.text(alphabet="ab\n<!-> goldwire:beginendx", max_size=60))
def test_a_text_without_blocks_is_not_changed(text):
    assert refresh(text, {"x": "new"}) == text or "goldwire:begin x" in text
