"""Boilerplate rules: lines that show by their words what they are, and lines of prose that match no rule."""

from __future__ import annotations

import pytest

from goldwire.extraction.plaintext import boilerplate
from goldwire.extraction.plaintext.boilerplate import match_boilerplate
from goldwire.extraction.plaintext.boilerplate_patterns import RULES
from goldwire.extraction.plaintext.captions import CAPTION_RULE
from support.sample_pages import BODY, CAPTION, HEADLINE


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
        ("3 Responses to “Harbour of Lanthe to stay closed”", "comments"),
        ("Two thoughts on Harbour of Lanthe to stay closed", "comments"),
        ("12 responses so far", "comments"),
        ("Trackbacks (3)", "comments"),
        ("{ 33 comments… read them below or add one }", "comments"),
        ("Listed below are links to blogs that reference Harbour of Lanthe:", "comments"),
        ("You can follow this conversation by subscribing to the comment feed for this post.", "comments"),
        ("Posted by Mara Oskel on October 14, 2012 | Permalink | Comments", "comments"),
        ("Posted on October 14, 2012 at 6:41 AM • 7 Comments", "comments"),
        ("Name (required)", "comments"),
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
def test_lines_that_match_a_rule(line: str, zone: str) -> None:
    match = match_boilerplate(line)
    assert match is not None
    assert match.zone == zone


@pytest.mark.parametrize(
    "line",
    [
        "One response to the shortage was to import more.",
        "Three responses to drought",
        "Reactions to the closure of the harbour came at once.",
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
def test_lines_of_prose_match_no_rule(line: str) -> None:
    assert match_boilerplate(line) is None


def test_a_rule_is_tried_only_on_lines_with_its_required_words() -> None:
    tried = []
    rules = boilerplate._selected_rules(boilerplate.rule_mask("legal"))
    assert [match for *_, match in rules] == [("legal", "legal notice")]
    for line in ("The ferry may not run on Monday.", "© 2021 The Lanthe Post"):
        tried += [line for contains, *_ in rules if any(words in line.lower() for words in contains)]
    assert tried == ["© 2021 The Lanthe Post"]


def test_the_mask_of_several_zones_has_the_rules_of_each() -> None:
    both = boilerplate.rule_mask("comments", "caption")
    assert boilerplate.candidate_rules("Leave a comment") & both
    assert both & boilerplate.CAPTION_MASK
    zones = [rule.zone for number, rule in enumerate((*RULES, CAPTION_RULE)) if both >> number & 1]
    assert zones == [*["comments"] * 4, "caption"]
