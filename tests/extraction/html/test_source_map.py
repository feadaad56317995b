"""Runs that map an article of HTML to the bytes of its page."""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.extraction.api import extract
from goldwire.extraction.html.source_map import map_to_source
from goldwire.text.normalization import normalize
from support.html_pages import FIRST, SECOND, THIRD, html_page


def runs_of(raw: bytes, encoding: str = "utf-8") -> tuple[str, list[tuple[str, str]]]:
    """Return the text that no run covers, and of each run its text in the article and in the raw bytes."""
    article = extract(raw, "html")
    runs = article.runs
    assert [run.start for run in runs] == sorted(run.start for run in runs)
    assert all(run.end <= following.start for run, following in pairwise(runs))
    shown = [(article.text[run.start : run.end], raw[run.raw_start : run.raw_end].decode(encoding)) for run in runs]
    covered = {offset for run in runs for offset in range(run.start, run.end)}
    untraced = "".join(char for offset, char in enumerate(article.text) if offset not in covered)
    return untraced, shown


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_every_paragraph_is_mapped_to_the_raw_bytes(encoding: str) -> None:
    second = SECOND.replace("“", "&ldquo;").replace("”", "&#8221;").replace("Boats have", "<b>Boats</b>\n\t  have")
    meta = f'<meta charset="{encoding}">' if encoding == "cp1252" else ""
    markup = html_page(
        f"<article><h1>Lanthe harbour to stay closed</h1><p>{FIRST}</p><p>{second}</p><p>{THIRD}</p></article>", meta
    )
    untraced, shown = runs_of(markup.encode(encoding), encoding)
    assert untraced == "\n\n" * 3
    verbatim = [text for text, raw in shown if text == raw]
    assert {FIRST, THIRD} <= set(verbatim)
    assert ("“", "&ldquo;") in shown
    assert (" ", "</b>\n\t  ") in shown


WORDS = st.lists(
    st.sampled_from(["Lanthe", "the", "é", "‘quay’,", "AT&T", "<3", "x\u00ad", "a\u0301n", "Boats.", "漢字"]),
    min_size=3,
    max_size=12,
)
SPACES = st.sampled_from([" ", "\n", "  ", "&nbsp;", " <!-- x --> ", "<b> ", " </b>", "<i></i> "])


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=3), st.data())
def test_the_raw_bytes_of_a_run_show_its_text(paragraphs: list[list[str]], data: st.DataObject) -> None:
    markup = ""
    for words in paragraphs:
        parts = [escape(word, quote=False) for word in words]
        markup += "<p>" + parts[0] + "".join(data.draw(SPACES) + part for part in parts[1:]) + f" {FIRST}</p>\n"
    raw = html_page(
        f"<article><h1>Lanthe harbour to stay closed</h1>{markup}<p>{SECOND}</p><p>{THIRD}</p></article>"
    ).encode()
    _, shown = runs_of(raw)
    for text, raw_text in shown:
        plain = re.sub(r"<!--.*?-->|<[^>]*>", "", raw_text)
        assert " ".join(normalize(unescape(plain)).text.split()) == text.strip()


def pieces(source: str, title: str, *paragraphs: str) -> list[list[str]]:
    """Return the source of each piece of the headline and of each paragraph."""
    texts = map_to_source(source, title, paragraphs)
    return [[source[start:end] for _, _, start, end, _ in text.pieces] for text in texts]


def test_tags_and_entities_within_a_paragraph_are_mapped() -> None:
    source = "<p>Boats &amp; <b>quays</b> of Lanthe</p>"
    expected = ["Boats", " ", "&amp;", " <b>", "quays", "</b> ", "of Lanthe"]
    assert pieces(source, "", "Boats & quays of Lanthe") == [expected]


def test_paragraphs_are_searched_in_page_order() -> None:
    source = "<p>Quay shut.</p><p>Boats left.</p><p>Quay shut.</p>"
    texts = map_to_source(source, "", ["Boats left.", "Quay shut.", "Quay shut."])
    assert [text.pieces[0][2] for text in texts] == [source.index("Boats"), source.rindex("Quay"), source.index("Quay")]


def test_a_paragraph_that_is_not_in_one_piece_is_untraced() -> None:
    assert pieces("<p>Quay <p>shut.</p>", "", "Quay was shut.", "Other") == [[], []]


def test_a_headline_is_found_in_attributes() -> None:
    assert pieces('<meta content="Quay shut">', "Quay shut") == [["Quay shut"]]
    assert pieces("<p>x</p>", "Quay shut") == [[]]
