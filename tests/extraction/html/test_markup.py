"""Repairs and limits of markup."""

from __future__ import annotations

import pytest

from goldwire.errors import DataError
from goldwire.extraction.api import extract
from goldwire.extraction.html import markup
from goldwire.extraction.html.blocks import parse, split_blocks
from goldwire.extraction.html.markup import MAX_PAGE_BYTES, Deadline, prepare_markup
from support.html_pages import FIRST, SECOND, THIRD, html_page


def texts(html: str) -> list[str]:
    return [block.text for block in split_blocks(parse(html)).blocks]


def test_an_unclosed_title_does_not_swallow_the_page() -> None:
    assert texts(f"<html><head><title>Harbour shut<body><p>{FIRST}</p>") == [FIRST]
    whole = b"<title>a</title><p>b"
    assert prepare_markup(whole) is whole


def test_elements_after_the_end_of_the_body_are_read() -> None:
    header = f"<html><body><div>{FIRST}</div></body></html>"
    assert texts(f"{header}<div><h1>{SECOND}</h1><p>{THIRD}</p></div></BODY ></html>") == [FIRST, SECOND, THIRD]
    whole = f"{header}\n\n".encode()
    assert prepare_markup(whole) is whole


@pytest.mark.parametrize("tag", ["div", "span", "table><tr><td"])
def test_elements_nested_more_deeply_than_they_can_be_parsed_lose_no_text(tag: str) -> None:
    page = f"<html><body>{f'<{tag}>' * 100_000}<p>{FIRST}</p><div>{SECOND[:20]}<b>{SECOND[20:]}</b></div></body></html>"
    assert texts(page) == [FIRST, SECOND]
    assert SECOND in extract(page.replace(SECOND[:20], f"{THIRD} {SECOND[:20]}"), "html").body


FLOODS = {
    "with quotes": lambda n: "<div " + " ".join(f'a{i}="x>"' for i in range(n)) + ">",
    "without values": lambda n: "<div " + " ".join(f"a{i}" for i in range(n)) + ">",
    "of unclosed tags": lambda n: "<div " * n + ">",
    "of unclosed quotes": lambda n: "<a \"'" * n + ">",
    "of equals signs": lambda n: "<p ='" * n + ">",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_the_parser_gets_200_attributes_of_a_flood(flood: str) -> None:
    # libxml2 compares each attribute of a tag with all others: 200,000 were not done in 120 s.
    def page(n: int) -> str:
        return f"<p>{FIRST}</p><p>{SECOND}</p>{FLOODS[flood](n)}<p>{THIRD}</p>"

    assert FIRST in extract(page(200_000), "html").body
    root = parse(page(200_000))
    assert root is not None
    assert max(len(element.attrib) for element in root.iter()) <= 200
    # A flood of any size is the same to the parser, so that its time does not grow.
    assert prepare_markup(page(200_000)) == prepare_markup(page(2_000))


def test_the_text_after_a_flood_stays() -> None:
    tag = "<div " + " ".join(f'a{i}="x>"' for i in range(2_000)) + ">"
    assert texts(f"{tag}<p>{FIRST}</p></div>") == [FIRST]


def test_a_flood_in_a_tag_that_is_not_closed_is_cut() -> None:
    tag = "<div " + " ".join(f"a{i}=x" for i in range(2_000))
    assert prepare_markup(tag.encode()).endswith(b" a199=x ")


def test_a_long_tag_and_a_script_stay_as_they_are() -> None:
    data = ("<img src='data:image/png;base64," + "A" * 90_000 + "'>").encode()
    script = ("<script>" + "if(a<b && c='x' d=\"y\") " * 4_000 + "</script><p>x</p>").encode()
    comment = ("<!-- <a " + "b='c' " * 2_000 + "--><p>x</p>").encode()
    for unchanged in (data, script, comment):
        assert prepare_markup(unchanged) == unchanged


def test_a_page_that_is_too_large_is_refused() -> None:
    with pytest.raises(DataError, match="bytes, at most"):
        extract(b"<p>" + b"x" * MAX_PAGE_BYTES, "html")


def test_a_page_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Deadline(10).check()
    with pytest.raises(DataError, match="more than 0 s"):
        Deadline(0).check()
    monkeypatch.setattr(markup, "MAX_PAGE_SECONDS", -1.0)
    with pytest.raises(DataError, match="extraction took more than"):
        extract(html_page(f"<p>{FIRST}</p>"), "html")
