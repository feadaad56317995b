"""What of a page is not in its article."""

from __future__ import annotations

import pytest

from goldwire.extraction.html.removed_blocks import page_parts
from support.sample_pages import HEADLINE, PROSE

PAGE = f"""<html><body><nav><a>News</a> <a>Sport</a></nav>
<main><h1>{HEADLINE}</h1><p class="byline">By Mara Oskel</p><figure><figcaption>The old quay</figcaption></figure>
<p>{PROSE[0]}</p><div style="display:none">Cookies</div><p>{PROSE[1][:60]}<br>{PROSE[1][60:]}</p></main>
<aside><h2>Most read</h2><ul><li>Chowders</li><li>Weather</li></ul></aside><footer>Subscribe</footer></body></html>"""


def test_paragraphs_stand_between_the_blocks_that_are_not_in_the_article() -> None:
    parts = page_parts(PAGE, [HEADLINE, PROSE[0], PROSE[1]], ["The old quay"])
    assert [part.text for part in parts if part.is_kept] == [HEADLINE, PROSE[0], PROSE[1]]
    assert [(part.text, part.place, part.reason) for part in parts if not part.is_kept] == [
        ("News Sport", "navigation", "in <nav>"),
        ("By Mara Oskel", "other", "in <p> 'byline'"),
        ("The old quay", "caption", "a picture's caption"),
        ("Cookies", "hidden", "not visible on the page"),
        ("Most read · Chowders · Weather", "sidebar", "in <aside>"),
        ("Subscribe", "footer", "in <footer>"),
    ]


@pytest.mark.parametrize("markup", ["", "<!-- nothing -->", "<p>another text</p>"])
def test_every_paragraph_is_shown_whatever_the_page_is(markup: str) -> None:
    parts = page_parts(markup, [HEADLINE, *PROSE])
    assert [part.text for part in parts if part.is_kept] == [HEADLINE, *PROSE]
