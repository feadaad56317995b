"""Which lines are what: those that say it themselves, and a page whose lines have to be told apart together."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from goldwire.extraction.api import extract
from goldwire.extraction.network import Network
from goldwire.extraction.plaintext import headline as headlines
from goldwire.extraction.plaintext import pages
from goldwire.extraction.plaintext import segmenter as zones
from goldwire.extraction.plaintext.boilerplate import name_line
from goldwire.extraction.plaintext.line_selection import kept
from goldwire.extraction.plaintext.line_table import Sight, sight
from goldwire.extraction.plaintext.segmenter import divide, zone_lines
from goldwire.extraction.repeats import pull_quotes, second_copies

BODY = (
    "The harbour of Lanthe will stay closed for a third week, the port authority said on Monday, after divers found "
    "that the storm had moved two of the breakwater’s largest stones.",
    "“We will not open it for one hour before it is safe,” said Ilva Tarn, the harbour master. Fishing boats have "
    "been told to land their catch in Greyport, forty kilometres to the south.",
    "The owners of the ferry, who lose a day’s takings for every day of the closure, called the decision hasty. They "
    "have asked a court in the capital to hear their case before the end of the month.",
    "Residents were divided. Some said that the breakwater should have been mended years ago; others that the "
    "authority had at last done what it was paid to do.",
)
HEADLINE = "Lanthe harbour to stay closed for a third week"
CAPTION = "Boats tied up at the north quay of Lanthe on Monday. — Reuters"


@pytest.mark.parametrize(
    ("line", "zone"),
    [
        ("Please enter your comment!", "comments"),
        ("[ 167 comments ]", "comments"),
        ("Your email address will not be published. Fields with a star are needed *", "comments"),
        ("- Advertisment -", "advertisement"),
        ("Story continues below advertisement", "advertisement"),
        ("Sign up for our weekly newsletter", "newsletter"),
        ("Get the Morning Post in your inbox", "newsletter"),
        ("We use cookies to make this site better. By continuing you agree.", "cookie-notice"),
        ("© 2021 The Lanthe Post. All rights reserved.", "legal"),
        ("Share on Facebook", "share-links"),
        ("Facebook Twitter WhatsApp Email", "share-links"),
        ("Tags: harbour, Lanthe, storm", "tags"),
        ("Source link", "source-link"),
        ("ALSO READ: How the breakwater was built", "related"),
        ("Most Popular", "related"),
        ("Skip to main content", "navigation"),
        ("Home » News » Harbour", "navigation"),
        ("By Mara Oskel, Staff Writer", "byline"),
        ("(Reporting by Mara Oskel; editing by Jon Tal)", "byline"),
        ("Published: March 22, 2021 7:41 PM", "publication-date"),
        ("Tuesday 29 October 2019 | 08:00", "publication-date"),
        ("3 min read", "publication-date"),
        ("Join 12 others in the conversation", "comments"),
        ("1,204 comments. Be kind.", "comments"),
        ("The Quay at 7: what the harbour talks about, in your inbox.", "newsletter"),
        ("You’ve reached your monthly limit of free articles.", "newsletter"),
        ("Two free stories left. Subscribe for 1 crown.", "newsletter"),
        ("Like what you’re reading? Get all of the Post for 1 crown.", "newsletter"),
        ("Share | Print | A+", "share-links"),
        ("Kindly share this story with a friend", "share-links"),
        ("Listen to this article · 5 min", "related"),
        ("Contributing: Mara Oskel in Greyport.", "byline"),
        ("Mara Oskel in Greyport and Jon Tal in Lanthe", "byline"),
        ("Mara Oskel and Jon Tal in Lanthe contributed to this report.", "byline"),
        ("This story corrects the number of boats in paragraph 3.", "correction"),
        ("(A correction to this story: an earlier version misspelt Greyport.)", "correction"),
        ("LANTHE WIRE / Greyport | Last updated 11 Apr 2023 06:40 hrs", "publication-date"),
        ("The quay at night. (Post photo: J. Tal)", "caption"),
        (CAPTION, "caption"),
        ("The quay at night. (Photo: Jon Tal)", "caption"),
        ("Boats at the quay. (Post / Jon Tal)", "caption"),
        ("Courtesy of Jon Tal", "caption"),
        ("The quay at night. Courtesy of Jon Tal", "caption"),
    ],
)
def test_lines_that_say_what_they_are(line: str, zone: str) -> None:
    named = name_line(line)
    assert named is not None
    assert named[0] == zone


@pytest.mark.parametrize(
    "line",
    [
        *BODY,
        HEADLINE,
        "LANTHE (Reuters) — The harbour will stay closed.",
        "By Monday the harbour was closed.",
        "He said that cookies were sold at the quay.",
        "More than forty boats were tied up.",
        "She would not comment.",
        "Related costs rose by a third, the authority said.",
        "The photo showed two stones.",
    ],
)
def test_lines_of_prose_have_no_name(line: str) -> None:
    assert name_line(line) is None


def page(*, above: tuple[str, ...] = (), headline: str = HEADLINE, below: tuple[str, ...] = ()) -> str:
    return "\n\n".join((*above, headline, CAPTION, *BODY, *below)) + "\n"


ABOVE = ("Home", "News", "Sport", f"HomeNews{HEADLINE}")
BELOW = (
    "Source link",
    "Please enter your comment!",
    "- Advertisment -",
    "Most Popular",
    "Ten ways to cook a turnip",
    "Recent Comments",
)


@pytest.mark.parametrize("above", [(), ABOVE[:3], ABOVE, (f"{HEADLINE} | The Lanthe Post",)])
@pytest.mark.parametrize("below", [(), BELOW])
def test_a_page_gives_headline_caption_and_paragraphs(above: tuple[str, ...], below: tuple[str, ...]) -> None:
    found = extract(page(above=above, below=below))
    assert found.title == HEADLINE
    assert found.captions == (CAPTION,)
    assert found.body == "\n\n".join(BODY)
    assert found.text == f"{HEADLINE}\n\n{found.body}"


def test_a_glued_breadcrumb_is_parted_from_the_headline() -> None:
    zones = zone_lines(page(above=ABOVE))
    assert [z.zone for z in zones if z.line == 7] == ["breadcrumb", "repeated-headline"]


def test_the_typographic_headline_is_the_one_kept() -> None:
    typographic = "Lanthe harbour ‘to stay closed’ for a third week"
    plain = typographic.replace("‘", "'").replace("’", "'")
    assert extract(page(above=(f"HomeNews{plain}",), headline=typographic)).title == typographic


def test_a_pull_quote_is_no_paragraph() -> None:
    quote = "“We will not open it for one hour before it is safe,”"
    found = extract(page().replace(BODY[2], f"{quote}\n\n{BODY[2]}"))
    assert quote not in found.body.split("\n\n")
    assert [zone.zone for zone in found.zones].count("pull-quote") == 1


def test_a_told_headline_is_not_looked_for_in_the_page() -> None:
    told = extract("\n\n".join(BODY), title=f" {HEADLINE}")
    assert (told.title, told.body) == (HEADLINE, "\n\n".join(BODY))
    assert extract(page(), title=f"{HEADLINE} | The Lanthe Post").title == HEADLINE


def test_a_page_without_prose_has_no_body() -> None:
    assert extract("Home\nNews\nMost Popular\nRecent Comments").body == ""


@pytest.mark.parametrize("raw", ["", "0", ".", "…", "”", "é", "a\nb", "。", "\n", "\ufeff", "a" * 70_000])
def test_pages_of_next_to_nothing_have_no_body(raw: str) -> None:
    assert extract(raw).body == ""


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from((*ABOVE, *BELOW, *BODY, "", CAPTION)), st.text(max_size=30)), max_size=30))
@example(["Most Popular", BODY[0], *["Home"] * 6])
@example(["Most Popular", "0", "0", *[ABOVE[3]] * 2])
def test_every_line_has_a_zone_and_text_comes_from_body(lines: list[str]) -> None:
    found = extract("\n".join(lines))
    place = 0
    for zone in found.zones:
        assert zone.start >= place
        assert not found.page[place : zone.start].strip("\n")
        assert "\n" not in found.page[zone.start : zone.end]
        place = zone.end
    assert not found.page[place:].strip("\n")
    kept = [found.page[zone.start : zone.end] for zone in found.zones if zone.zone == "body"]
    assert found.body == "\n\n".join(kept)
    raw = "\n".join(lines).encode()
    for run in found.runs:
        assert 0 <= run.raw_start < run.raw_end <= len(raw)


TOLD_APART = (
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
@given(st.lists(st.sampled_from(TOLD_APART), max_size=40), st.sampled_from(("", HEADLINE, f"{HEADLINE} | The Post")))
@example([HEADLINE, *BODY[:3], "12 comments", "Jon Tal", BODY[3], CAPTION, "Boats. (AP)"], "")
@example([HEADLINE, BODY[0], "Related stories", "Jon Tal", "So it was said, twice.", "1", BODY[1]], "")
@example(["Most Popular", "News", BODY[0], "Home", "Home"], "")
@example(["Most Popular", CAPTION, BODY[0], "Home", "Home"], "")
def test_an_article_is_the_same_however_many_lines_are_asked_for(lines: list[str], told: str) -> None:
    text = "\n".join(lines)
    some, every = divide(text, told), divide(text, told, every=True)
    assume(any(part.zone == "body" for part in every.parts))
    assert some.title == every.title
    for zone in ("headline", "body", "caption"):
        assert [(p.line, p.start, p.end) for p in some.parts if p.zone == zone] == [
            (p.line, p.start, p.end) for p in every.parts if p.zone == zone
        ]


def scraped(*lines: str) -> str:
    return "\n\n".join(("Home", "News", *lines, "© 2021 The Lanthe Post. All rights reserved."))


def test_a_pull_quote_is_told_from_the_paragraph_it_is_pulled_from() -> None:
    quotes = ("“We will not open it for one hour”", "They have asked a court to hear their case before the month ends.")
    found = extract(scraped(HEADLINE, *BODY[:3], quotes[0], BODY[3]))
    assert found.body == "\n\n".join(BODY)
    other = extract(scraped(HEADLINE, *BODY[:3], "“Nobody has said that anywhere on this page”", BODY[3]))
    assert len(other.body.split("\n\n")) == 5


@pytest.mark.parametrize(
    ("quote", "is_one"),
    [
        ("“Stones that the storm had moved.”", True),
        ("“Stones the storm had moved.”", True),  # but for one word
        ("“Storm that the stones had moved.”", False),  # in another order
        ("“Stones that storm moved to court.”", False),  # with more than four left out
        ("“Tones that the storm had moved.”", False),  # no word of it
    ],
)
def test_a_pull_quote_has_the_words_in_their_order(quote: str, is_one: bool) -> None:
    line = "They found stones that the storm had moved on Monday, and the owners went with it all the way to court."
    assert pull_quotes([line, quote]) == ({1} if is_one else set())
    assert pull_quotes(["stones that the storm had moved, too.", quote]) == set()  # no longer than it


def test_sentences_that_many_paragraphs_repeat_are_no_pull_quotes() -> None:
    assert pull_quotes(["one two three four five six.", *(f"{n} two three four five six." for n in "abc")]) == set()
    assert pull_quotes([]) == set()


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
def test_a_breadcrumb_glued_to_a_headline(title: str, above: list[str], size: int) -> None:
    assert headlines.glued(title, above) == size


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
    assert headlines.copies(HEADLINE, ["Home", line]) == ({1} if is_copy else set())
    assert headlines.copies("Lanthe", ["Lanthe"]) == set()
    told = headlines.find([line, "Home"], f"{line} | Post", lambda _, rows=-1: None)
    assert told == (None if len(line) < 15 else 0)


@pytest.mark.parametrize(
    "copy", [f"{HEADLINE}; owners of the ferry protest", f"{HEADLINE} as owners of the ferry protest"]
)
def test_the_fullest_copy_of_a_headline_is_taken(copy: str) -> None:
    for lines in ((HEADLINE, copy), (copy, HEADLINE)):
        assert extract(scraped(*lines, *BODY)).title == copy


def test_a_headline_keeps_the_typographic_quotes_of_its_copy() -> None:
    assert extract(scraped("Harbour’s ferry to ‘rest’ a while", "Harbour's ferry to 'rest' a while", *BODY)).title == (
        "Harbour’s ferry to ‘rest’ a while"
    )


def test_an_outlets_name_is_no_part_of_a_headline() -> None:
    assert extract(scraped(f"{HEADLINE} | The Post", HEADLINE, *BODY)).title == HEADLINE


def test_an_article_goes_on_below_a_count_of_its_comments() -> None:
    assert extract(scraped(HEADLINE, *BODY[:3], "12 comments", BODY[3])).body == "\n\n".join(BODY)


def bodies(monkeypatch: pytest.MonkeyPatch, lines: list[str], likely: list[float]) -> list[str]:
    """Give the body's lines of a page of which the network says so."""

    def told(data: list[bytes], weights: Network) -> Sight:
        seen, said = sight(data, weights), np.array(likely, np.float32)
        return msgspec.structs.replace(seen, likely=said, kept=kept(said, seen.words, seen.bounds))

    monkeypatch.setattr(pages, "sight", told)
    text = "\n".join(lines)
    return [text[part.start : part.end] for part in zones.divide(text).parts if part.zone == "body"]


def test_a_second_copy_of_the_whole_text_in_one_line_is_no_body(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = " ".join(BODY)
    assert whole.count(" ") >= 60
    found = bodies(monkeypatch, [HEADLINE, *BODY, whole], [0, *[0.9] * len(BODY), 0.9])
    assert found == list(BODY)


def test_only_what_others_said_is_a_copy() -> None:
    words = [f"w{number}" for number in range(80)]
    halves, whole = [" ".join(words[:40]), " ".join(words[40:])], " ".join(words)
    assert second_copies([*halves, whole], [True] * 3) == {2}
    assert second_copies([*halves, whole], [True, True, False]) == set()
    assert second_copies([halves[0], whole], [True] * 2) == set()
    assert second_copies([*halves, " ".join(words[:50])], [True] * 3) == set()
    assert second_copies([], []) == set()


@pytest.mark.parametrize(("count", "stay"), [(3, True), (2, False)])
def test_addresses_stay_where_many_are_listed(monkeypatch: pytest.MonkeyPatch, count: int, stay: bool) -> None:
    listed = [
        line for number in range(count) for line in (f"A lamp of {number} bulbs", f"https://shop.example/{number}")
    ]
    found = bodies(monkeypatch, [HEADLINE, *BODY, *listed], [0, *[0.9] * (len(BODY) + len(listed))])
    assert [line for line in found if line.startswith("http")] == [line for line in listed[1::2] if stay]


@pytest.mark.parametrize("above", ["About Mara Oskel", "Über Mara Oskel", "About the author"])
def test_an_article_ends_above_what_presents_its_author(monkeypatch: pytest.MonkeyPatch, above: str) -> None:
    life = "Mara Oskel has written of harbours and of ferries for twenty years."
    likely = [0, *[0.9] * (len(BODY) + 2)]
    assert bodies(monkeypatch, [HEADLINE, *BODY, above, life], likely) == list(BODY)
    early = bodies(monkeypatch, [HEADLINE, BODY[0], above, *BODY[1:], life], likely)
    assert {BODY[1], life} <= set(early)
    assert life in bodies(monkeypatch, [HEADLINE, *BODY, "About 300 people came", life], likely)
