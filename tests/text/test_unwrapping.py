"""Pages wrapped to a width are unwrapped; every other page is unchanged."""

from __future__ import annotations

import textwrap

import pytest

from goldwire.extraction.api import extract
from goldwire.text.normalization import normalize
from goldwire.text.unwrapping import unwrap

PARAGRAPHS = (
    "The council of Arvenholt voted on Monday to reopen the old ferry, which has not crossed the river for nine years.",
    "“It is late, but it is right,” said the mayor, who had promised the well-known crossing before two elections.",
    "Shopkeepers on the far bank welcomed the decision. Those who own the bridge said that they would go to court.",
)
PAGE = "\n\n".join(("Council votes to reopen the old ferry", *PARAGRAPHS))


@pytest.mark.parametrize("width", [45, 60, 72, 100])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_wrapped_page_is_unwrapped(width: int, end: str) -> None:
    wrapped = "\n\n".join(textwrap.fill(part, width) for part in PAGE.split("\n\n"))
    raw = wrapped.replace("\n", end).encode()
    page = unwrap(normalize(raw))
    assert page.text == PAGE
    for run in page.runs():
        source, text = raw[run.raw_start : run.raw_end].decode(), page.text[run.start : run.end]
        assert source == text or (source in ("\n", "\r\n") and text == " ")
    assert extract(raw).body == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(("size", "is_wrapped"), [(120, True), (121, False)])
def test_a_page_with_a_line_over_the_greatest_width_was_not_wrapped(size: int, is_wrapped: bool) -> None:
    above, last = "\n".join([f"{'word ' * 11}word"] * 8), "word " * 40
    page = normalize(f"{above}\n\n{last[: size - 1]}.\n\n{above}")
    assert max(map(len, page.text.split("\n"))) == size
    assert (unwrap(page) is not page) == is_wrapped


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        "",
        "Home\nNews\nSport\nLog in\nSearch",
        "\n".join(f"{name} votes to reopen the old ferry of its own for week {name}" for name in "ABCDEFGH"),
        "\n".join(
            f"Council of {name} votes to reopen a ferry of its own" for name in ("Ay", "Bexhill", "Carrow Bay", "Dun")
        ),
        "The sea is wide,\nthe sea is deep,\nand all the ships\nare fast asleep.",
        f"{PAGE}\n\nShort lines\nof a list\nbelow it",
    ],
)
def test_any_other_page_is_unchanged(text: str) -> None:
    page = normalize(text)
    assert unwrap(page) is page
