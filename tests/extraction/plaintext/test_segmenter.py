"""Segment pages: headline, captions and body, separated from boilerplate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from goldwire.extraction.api import extract
from goldwire.extraction.line_fingerprints import page_fingerprints
from goldwire.extraction.line_frequencies import LineFrequencies
from goldwire.extraction.plaintext import line_table
from goldwire.extraction.plaintext.line_table import cleaned_page
from goldwire.extraction.plaintext.segmenter import explain_lines, segment_page, segment_pages
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.text.normalization import normalize
from support.sample_pages import ABOVE, BELOW, BODY, CAPTION, HEADLINE, LINES, PROSE, page, scraped


def known_lines() -> SiteBoilerplate:
    """`Home`, `News` and others as lines that recur over a site's pages."""
    frequencies = LineFrequencies()
    frequencies.add(*page_fingerprints([b"Home\nNews\nShare", b"Home\nNews\nMost Popular", b"Home\nNews\nShare"] * 2))
    boilerplate = frequencies.recurring()
    assert boilerplate is not None
    return boilerplate


@pytest.mark.parametrize("above", [(), ABOVE[:3], ABOVE, (f"{HEADLINE} | The Lanthe Post",)])
@pytest.mark.parametrize("below", [(), BELOW])
def test_a_page_is_segmented_into_headline_caption_and_paragraphs(
    above: tuple[str, ...], below: tuple[str, ...]
) -> None:
    article = extract(page(above=above, below=below))
    assert article.title == HEADLINE
    assert article.captions == (CAPTION,)
    assert article.body == "\n\n".join(BODY)
    assert article.text == f"{HEADLINE}\n\n{article.body}"


def test_a_page_without_prose_has_no_body() -> None:
    assert extract("Home\nNews\nMost Popular\nRecent Comments").body == ""


def test_lines_of_a_page_without_an_article_are_explained() -> None:
    assert [zone.zone for zone in explain_lines("Home\n\nMost Popular\nJon Tal")] == ["navigation", "related", "other"]


@pytest.mark.parametrize("raw", ["", "0", ".", "…", "”", "é", "a\nb", "。", "\n", "\ufeff", "a" * 70_000])
def test_almost_empty_pages_have_no_body(raw: str) -> None:
    assert extract(raw).body == ""


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from((*ABOVE, *BELOW, *BODY, "", CAPTION)), st.text(max_size=30)), max_size=30))
@example(["Most Popular", BODY[0], *["Home"] * 6])
@example(["Most Popular", "0", "0", *[ABOVE[3]] * 2])
def test_every_line_has_a_zone_and_the_body_is_of_body_zones(lines: list[str]) -> None:
    article = extract("\n".join(lines))
    end = 0
    for zone in article.zones:
        assert zone.start >= end
        assert not article.page[end : zone.start].strip("\n")
        assert "\n" not in article.page[zone.start : zone.end]
        end = zone.end
    assert not article.page[end:].strip("\n")
    body = [article.page[zone.start : zone.end] for zone in article.zones if zone.zone == "body"]
    assert article.body == "\n\n".join(body)
    raw = "\n".join(lines).encode()
    for run in article.runs:
        assert 0 <= run.raw_start < run.raw_end <= len(raw)


ANY_LINES = (
    *(*ABOVE, *BELOW, *BODY, CAPTION, HEADLINE, f"{HEADLINE}; owners protest", HEADLINE.upper(), "By Mara Oskel"),
    *("12 comments", "Leave a comment", "Related stories", "ALSO READ: How the breakwater was built", "5 min read"),
    *(
        "Ten ways to cook",
        "Jon Tal",
        "“We will not open it for one hour”",
        "Boats. (AP)",
        "So it was said, twice.",
        "1",
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(ANY_LINES), max_size=40), st.sampled_from(("", HEADLINE, f"{HEADLINE} | The Post")))
@example([HEADLINE, *BODY[:3], "12 comments", "Jon Tal", BODY[3], CAPTION, "Boats. (AP)"], "")
@example([HEADLINE, BODY[0], "Related stories", "Jon Tal", "So it was said, twice.", "1", BODY[1]], "")
@example(["Most Popular", "News", BODY[0], "Home", "Home"], "")
@example(["Most Popular", CAPTION, BODY[0], "Home", "Home"], "")
def test_the_explained_lines_have_the_same_article(lines: list[str], given_title: str) -> None:
    text = "\n".join(lines)
    segmentation, explained = segment_page(text, given_title), explain_lines(text, given_title)
    assume(any(zone.zone == "body" for zone in explained))
    for name in ("headline", "body", "caption"):
        assert [(zone.line, zone.start, zone.end) for zone in segmentation.zones if zone.zone == name] == [
            (zone.line, zone.start, zone.end) for zone in explained if zone.zone == name
        ]
    titles = [text[zone.start : zone.end] for zone in explained if zone.zone == "headline"] or [given_title]
    assert not titles[0] or segmentation.title == titles[0]


SITE_BOILERPLATE = known_lines()
PAGES = st.lists(
    st.lists(st.one_of(st.sampled_from((*PROSE, *LINES)), st.text(max_size=40)), max_size=25).map(
        lambda lines: normalize("\n".join(lines)).text
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(PAGES)
@example(["", PROSE[0], "", "Home", ""])
def test_a_batch_of_pages_is_segmented_like_single_pages(pages: list[str]) -> None:
    titles = ["Lanthe harbour" if number % 3 == 2 else "" for number in range(len(pages))]
    for known in (None, SITE_BOILERPLATE):
        together = list(segment_pages(list(map(cleaned_page, pages, titles)), site_boilerplate=known))
        alone = [segment_page(text, title, site_boilerplate=known) for text, title in zip(pages, titles, strict=True)]
        assert together == alone


def test_an_article_continues_below_a_count_of_its_comments() -> None:
    assert extract(scraped(HEADLINE, *BODY[:3], "12 comments", BODY[3])).body == "\n\n".join(BODY)


def bodies(monkeypatch: pytest.MonkeyPatch, lines: list[str], probability: list[float]) -> list[str]:
    """Return the body lines of a page if the network returns these probabilities."""

    monkeypatch.setattr(line_table, "probabilities", lambda features, network: np.array(probability))
    text = "\n".join(lines)
    return [text[zone.start : zone.end] for zone in segment_page(text).zones if zone.zone == "body"]


def test_a_second_copy_of_the_whole_text_in_one_line_is_not_body(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = " ".join(BODY)
    assert whole.count(" ") >= 60
    assert bodies(monkeypatch, [HEADLINE, *BODY, whole], [0, *[0.9] * len(BODY), 0.9]) == list(BODY)


def test_an_article_that_is_twice_on_a_page_is_once_in_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    short = "It was the last ferry of the day."
    lines = [HEADLINE, *BODY, short, *BODY, short]
    assert bodies(monkeypatch, lines, [0, *[0.9] * (len(lines) - 1)]) == [*BODY, short, short]  # 8 words: by chance


COMMENTS = [
    "I was there on Monday and I saw the stones, and I can tell you that this was no storm at all.",
    "My brother has a boat there, and he says that it was the same ten years ago: the stones move each winter.",
    "Thanks for the report. I hope that the ferry comes back soon, since the road takes me two hours each day.",
    "They should ask the people who live there. We all knew that the breakwater is too old for these winters.",
    "Same here, and nobody told us. It is always the port authority first, and then those who need the port.",
]


@pytest.mark.parametrize(("heading", "above"), [("Comments", False), ("12 comments", True)])
def test_an_article_below_a_box_of_comments_is_body(monkeypatch: pytest.MonkeyPatch, heading: str, above: bool) -> None:
    lines, probability = [HEADLINE, *COMMENTS, heading, "Jon Tal", *BODY], [0, *[0.6] * 5, 0, 0, *[0.9] * 4]
    assert (BODY[3] in bodies(monkeypatch, lines, probability)) is not above
    lines, probability = [HEADLINE, *BODY, heading, "Jon Tal", *COMMENTS], [0, *[0.9] * 4, 0, 0, *[0.6] * 5]
    assert bodies(monkeypatch, lines, probability) == list(BODY)


@pytest.mark.parametrize("heading", ["Comments", "2 comments", "2 Responses to “Harbour of Lanthe”"])
def test_comments_end_a_short_post_but_not_a_summary_above_the_article(
    monkeypatch: pytest.MonkeyPatch, heading: str
) -> None:
    post = "Stones fell from the breakwater on Monday, and nobody knows when the ferry will sail again."
    assert post.count(" ") < 20
    lines = [HEADLINE, post, heading, "Jon Tal", *COMMENTS]
    assert bodies(monkeypatch, lines, [0, 0.8, 0, 0, *[0.6] * 5]) == [post]
    lines = [HEADLINE, post, heading, "Share", *BODY]
    assert bodies(monkeypatch, lines, [0, 0.8, 0, 0, *[0.8] * 4]) == [post, *BODY]


def test_a_doubtful_line_below_a_link_to_another_story_is_not_body(monkeypatch: pytest.MonkeyPatch) -> None:
    teaser = "Ferry owners go to court over the closure of the harbour of Lanthe"
    lines, probability = [HEADLINE, *BODY[:2], "Most Popular", teaser, *BODY[2:]], [0, 0.9, 0.9, 0, 0.4, 0.9, 0.9]
    assert bodies(monkeypatch, lines, probability) == list(BODY)
    assert bodies(monkeypatch, lines, [0, 0.9, 0.9, 0, 0.6, 0.9, 0.9]) == [*BODY[:2], teaser, *BODY[2:]]


@pytest.mark.parametrize("below", ["By Mara Oskel", "November 19, 2019", "Posted on November 19, 2019", "Jon Tal"])
def test_a_summary_above_the_date_is_not_body(monkeypatch: pytest.MonkeyPatch, below: str) -> None:
    summary = "Stones fell from the breakwater on Monday, and nobody knows when the ferry will sail again."
    is_body = below.startswith(("Posted", "Jon", "By"))  # above a byline alone, it is as often the beginning
    for probability in (0.7, 0.95):
        body = bodies(monkeypatch, [HEADLINE, summary, below, *BODY], [0, probability, 0, *[0.9] * len(BODY)])
        assert (summary in body) is (is_body or probability > 0.9)
    assert BODY[0] in bodies(monkeypatch, [HEADLINE, BODY[0], below, BODY[1]], [0, 0.7, 0, 0.9])  # half of the body


TEASERS = [
    "Customers left without paying after a power cut in the market hall of Lanthe on Sunday evening.",
    "The first snow of the winter is expected on Thursday, and the road to the lighthouse may be closed.",
    "Drivers of the island's buses will go on strike next week, for the third time since the summer.",
]


@pytest.mark.parametrize(
    ("above", "headline", "below", "is_cut"),
    [
        ([], HEADLINE, "November 19, 2019", True),
        ([], HEADLINE.upper(), "By Mara Oskel", True),
        ([HEADLINE], HEADLINE, "By Mara Oskel", False),  # the article is below its first headline
        ([], HEADLINE, "Share", False),
        ([], "Lanthe harbour", "By Mara Oskel", False),  # too little of the title
    ],
)
def test_teasers_above_the_only_headline_are_not_body(
    monkeypatch: pytest.MonkeyPatch, above: list[str], headline: str, below: str, is_cut: bool
) -> None:
    lines = [f"{HEADLINE} | The Lanthe Post", *above, *TEASERS, headline, below, *BODY]
    likely = {**dict.fromkeys(TEASERS, 0.8), **dict.fromkeys(BODY, 0.7)}
    body = bodies(monkeypatch, lines, [likely.get(line, 0.0) for line in lines])
    assert body == [*([] if is_cut else TEASERS), *BODY]


def test_a_headline_with_little_below_it_does_not_begin_the_article(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{HEADLINE} | The Lanthe Post", *BODY, HEADLINE, "By Mara Oskel", "She lives in Lanthe, on the harbour."]
    assert bodies(monkeypatch, lines, [0, *[0.9] * len(BODY), 0, 0, 0.8])[: len(BODY)] == list(BODY)


def test_a_line_that_completes_a_list_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [HEADLINE, *BODY, *[f"June {day} – West Beach Hall" for day in range(9, 15)]]
    assert bodies(monkeypatch, lines, [0, *[0.9] * len(BODY), *[0.02] * 6]) == lines[1:]
    assert {zone.reason for zone in explain_lines("\n".join(lines))[-6:]} == {"in a list of the article"}


def test_a_thread_of_comments_is_not_body_and_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    stamped = [line for n, text in enumerate(COMMENTS) for line in ("Jon Tal", f"July {n}, 2012 at 7:03 pm", text)]
    lines, probability = [HEADLINE, *BODY, *stamped], [0, *[0.9] * len(BODY), *[0.1, 0.1, 0.8] * len(COMMENTS)]
    assert bodies(monkeypatch, lines, probability) == list(BODY)
    assert {zone.zone for zone in explain_lines("\n".join(lines))[-2:]} <= {"comments", "publication-date"}


@pytest.mark.parametrize(("count", "stay"), [(3, True), (2, False)])
def test_addresses_are_body_if_more_than_two_are_listed(
    monkeypatch: pytest.MonkeyPatch, count: int, stay: bool
) -> None:
    listed = [
        line for number in range(count) for line in (f"A lamp of {number} bulbs", f"https://shop.example/{number}")
    ]
    body = bodies(monkeypatch, [HEADLINE, *BODY, *listed], [0, *[0.9] * (len(BODY) + len(listed))])
    assert [line for line in body if line.startswith("http")] == [line for line in listed[1::2] if stay]


@pytest.mark.parametrize("heading", ["About Mara Oskel", "Über Mara Oskel", "About the author"])
def test_an_article_ends_above_the_bio_of_its_author(monkeypatch: pytest.MonkeyPatch, heading: str) -> None:
    bio = "Mara Oskel has written of harbours and of ferries for twenty years."
    probability = [0, *[0.9] * (len(BODY) + 2)]
    assert bodies(monkeypatch, [HEADLINE, *BODY, heading, bio], probability) == list(BODY)
    early = bodies(monkeypatch, [HEADLINE, BODY[0], heading, *BODY[1:], bio], probability)
    assert {BODY[1], bio} <= set(early)
    assert bio in bodies(monkeypatch, [HEADLINE, *BODY, "About 300 people came", bio], probability)
