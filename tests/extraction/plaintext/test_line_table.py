"""Per-line measurements of a batch of pages."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.extraction.network import load_line_model
from goldwire.extraction.plaintext import boilerplate, line_table
from goldwire.extraction.plaintext.line_table import CONTAINED, REPEATED, build_line_table, cleaned_page, page_views
from support.sample_pages import BODY, HEADLINE, LINES, PROSE

PAGES = st.lists(st.lists(st.sampled_from((*PROSE, *LINES)), max_size=25).map("\n".join), min_size=1, max_size=6)


def test_a_page_view_has_the_lines_that_are_not_blank_with_their_numbers_and_offsets() -> None:
    text = f"Порт\n\n{HEADLINE}\n{BODY[1]}"
    _, page = page_views((cleaned_page("Home"), cleaned_page(text, "Port")), load_line_model())
    assert (page.text, page.given_title, page.lines) == (text, "Port", text.replace("\n\n", "\n").split("\n"))
    assert list(page.numbers) == [1, 3, 4]
    assert [text[start : start + len(line)] for start, line in zip(page.starts, page.lines, strict=True)] == page.lines
    assert [page.index_of(number) for number in page.numbers] == [0, 1, 2]
    assert page.selected[2] == 1


def test_a_line_is_matched_only_with_the_rules_that_are_asked_for() -> None:
    (page,) = page_views((cleaned_page("By Mara Oskel\nHome"),), load_line_model())
    byline = page.match_rules(0)
    assert byline is not None
    assert byline.zone == "byline"
    assert page.match_rules(0, boilerplate.rule_mask("byline")) == byline
    assert page.match_rules(0, boilerplate.rule_mask("comments")) is None


def test_repetition_is_of_words_of_the_page_and_of_one_longer_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_table, "probabilities", lambda features, network: np.full(len(features), 0.9))
    quote, halves = "stones that the storm had moved", "stones had moved before it is safe"
    text = "\n".join((f"They found {quote} on Monday.", "It is safe before Monday.", quote, halves, "They found it."))
    (page,) = page_views((cleaned_page(text),), load_line_model())
    assert [flags & REPEATED > 0 for flags in page.repetition] == [False, True, True, True, True]
    assert [flags & CONTAINED > 0 for flags in page.repetition] == [False, False, True, False, False]


@settings(max_examples=100, deadline=None)
@given(PAGES)
def test_the_table_of_a_page_does_not_depend_on_the_pages_beside_it(pages: list[str]) -> None:
    data = [page.encode() for page in pages]
    table = build_line_table(data, load_line_model())
    for page, first, after in zip(data, table.page_bounds[:-1], table.page_bounds[1:], strict=True):
        alone = build_line_table([page], load_line_model())
        for name, column in msgspec.structs.asdict(alone).items():
            if name != "page_bounds":
                assert np.array_equal(getattr(table, name)[first:after], column), name
