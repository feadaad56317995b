"""Markdown dumps lose their links and marks, paragraphs are unwrapped, and all that stays is traced."""

from __future__ import annotations

import pytest

from goldwire.extraction.plaintext.markdown import strip_markdown
from goldwire.text.normalization import normalize

LINKS = "\n".join(f"  * [Section {number}](/section-{number}/)" for number in range(6))


def stripped(markdown: str) -> str:
    return strip_markdown(normalize(f"{LINKS}\n\n{markdown}")).text.split("\n\n", 1)[1]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ('The [port authority](https://port.example/a_(b) "Port") said so.', "The port authority said so."),
        ("![A ferry](https://cdn.example/a.jpg)", ""),
        ("[![A ferry](/a.jpg)](/b) Ferry", " Ferry".strip()),
        ("[an\nold ferry](<https://port.example/a b>)", "an\nold ferry"),
        ("# The ferry", "The ferry"),
        ("  * one\n  * two", "one\ntwo"),
        ("> * one", "one"),
        ("**Bold** and _slanted_ and snake_case_name", "Bold and slanted and snake_case_name"),
        ("1\\. A [b] \\- c", "1. A [b] - c"),
        ("A\n\n* * *\n\nB", "A\n\n\n\nB"),
        ("An [open bracket and ](not a link", "An [open bracket and ](not a link"),
        ("5 * 3 = 15", "5 * 3 = 15"),
    ],
)
def test_text_of_markdown(markdown: str, text: str) -> None:
    assert stripped(markdown) == text


def test_paragraphs_wrapped_at_78_characters_are_joined_and_lists_are_not() -> None:
    line = "The council of Arvenholt voted on [Monday](https://council.example/monday) to"
    assert stripped(f"{line}\nreopen the old ferry.\n  * {line}\n  * reopen") == (
        "The council of Arvenholt voted on Monday to reopen the old ferry.\n"
        "The council of Arvenholt voted on Monday to\nreopen"
    )


def test_a_page_with_few_links_is_no_markdown() -> None:
    page = normalize("* [a](b)\n**two** _three_\n# four")
    assert strip_markdown(page) is page


def test_what_stays_is_traced_to_its_bytes() -> None:
    raw = f"{LINKS}\n\nThe **mayor** of [Lánthe](/l) said “no” to the [ferry \nline](/f)."
    page = strip_markdown(normalize(raw))
    data = raw.encode()
    for run in page.runs():
        text = page.text[run.start : run.end]
        assert text == " " or data[run.raw_start : run.raw_end].decode() == text
    assert "The mayor of Lánthe said “no” to the ferry\nline." in page.text
