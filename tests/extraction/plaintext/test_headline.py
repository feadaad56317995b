"""Find the headline of a page, its copies, and breadcrumbs that are joined to it."""

from __future__ import annotations

import pytest

from goldwire.extraction.api import extract
from goldwire.extraction.network import load_line_model
from goldwire.extraction.plaintext.headline import breadcrumb_length, find_headline, headline_copies
from goldwire.extraction.plaintext.line_table import PageView, cleaned_page, page_views
from support.sample_pages import ABOVE, BODY, HEADLINE, page, scraped


def view(*lines: str, given_title: str = "") -> PageView:
    (only,) = page_views((cleaned_page("\n".join(lines), given_title),), load_line_model())
    return only


@pytest.mark.parametrize(
    ("title", "above", "size"),
    [
        ("HomeNewsLanthe harbour to stay closed", ["News", "Sport"], 8),
        ("HomeNews12 boats stay in Lanthe", ["News"], 8),
        ("World»Sea»Lanthe harbour to stay closed", [], 10),
        ("Newsreel found in Lanthe harbour", ["News"], 0),
        ("Home", ["Home"], 0),
        (HEADLINE, ["Lanthe"], 0),
    ],
)
def test_the_length_of_a_breadcrumb_joined_to_a_headline(title: str, above: list[str], size: int) -> None:
    assert breadcrumb_length(title, above) == size


@pytest.mark.parametrize(
    ("line", "is_copy"),
    [
        (f"{HEADLINE} | The Lanthe Post", True),
        (f"HomeNews{HEADLINE.upper()}", True),
        (HEADLINE[:-1], False),
        (f"{HEADLINE} {'and more ' * 9}", False),
        ("Lanthe harbour", False),
    ],
)
def test_copies_of_a_headline(line: str, is_copy: bool) -> None:
    assert headline_copies(HEADLINE, ["Home", line]) == ({1} if is_copy else set())
    assert headline_copies("Lanthe", ["Lanthe"]) == set()
    index = find_headline(view(line, "Home", given_title=f"{line} | Post"), 1)
    assert index == (None if len(line) < 15 else 0)


def test_the_headline_is_the_given_one_or_a_repeated_line_or_the_line_above_the_byline() -> None:
    lines = ("News", "Ferry owners go to court", HEADLINE, "By Mara Oskel", *BODY)
    assert find_headline(view(*lines, given_title=HEADLINE), 4) == 2
    assert find_headline(view("Ferry owners go to court", *lines), 5) == 2
    assert find_headline(view(*lines), 4) == 2
    assert find_headline(view("News", "Sport"), 1) is None


def test_a_breadcrumb_joined_to_a_headline_is_a_separate_zone() -> None:
    zones = extract(page(above=ABOVE)).zones
    assert [zone.zone for zone in zones if zone.line == 7] == ["breadcrumb", "repeated-headline"]


def test_of_two_copies_the_typographic_headline_is_used() -> None:
    typographic = "Lanthe harbour ‘to stay closed’ for a third week"
    plain = typographic.replace("‘", "'").replace("’", "'")
    assert extract(page(above=(f"HomeNews{plain}",), headline=typographic)).title == typographic
    lines = ("Harbour’s ferry to ‘rest’ a while", "Harbour's ferry to 'rest' a while", *BODY)
    assert extract(scraped(*lines)).title == "Harbour’s ferry to ‘rest’ a while"


@pytest.mark.parametrize(
    "copy", [f"{HEADLINE}; owners of the ferry protest", f"{HEADLINE} as owners of the ferry protest"]
)
def test_the_fullest_copy_of_a_headline_is_used(copy: str) -> None:
    for lines in ((HEADLINE, copy), (copy, HEADLINE)):
        assert extract(scraped(*lines, *BODY)).title == copy


def test_the_name_of_an_outlet_is_not_part_of_a_headline() -> None:
    assert extract(scraped(f"{HEADLINE} | The Post", HEADLINE, *BODY)).title == HEADLINE


def test_a_given_headline_is_not_required_to_be_on_the_page() -> None:
    article = extract("\n\n".join(BODY), title=f" {HEADLINE}")
    assert (article.title, article.given_title, article.body) == (HEADLINE, HEADLINE, "\n\n".join(BODY))
    assert extract(page(), title=f"{HEADLINE} | The Lanthe Post").title == HEADLINE
