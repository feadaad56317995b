"""Text that a page repeats: pull quotes, and second copies of its paragraphs."""

from __future__ import annotations

import pytest

from goldwire.extraction.api import extract
from goldwire.extraction.repeats import (
    casefold_quotes,
    exact_copies,
    pull_quotes,
    second_copies,
    second_versions,
    verbatim_repeats,
)
from support.sample_pages import BODY, HEADLINE, PROSE, page, scraped


@pytest.mark.parametrize(
    ("quote", "is_one"),
    [
        ("“Stones that the storm had moved.”", True),
        ("“Stones the storm had moved.”", True),  # but for one word
        ("“Storm that the stones had moved.”", False),  # in another order
        ("“Stones that storm moved to court.”", False),  # with more than four left out
        ("“Tones that the storm had moved.”", False),  # not a word of it
    ],
)
def test_a_pull_quote_has_the_words_of_a_longer_line_in_their_order(quote: str, is_one: bool) -> None:
    line = "They found stones that the storm had moved on Monday, and the owners went with it all the way to court."
    assert pull_quotes([line, quote]) == ({1} if is_one else set())
    assert pull_quotes(["stones that the storm had moved, too.", quote]) == set()  # not longer than the quote


def test_sentences_that_many_paragraphs_repeat_are_not_pull_quotes() -> None:
    assert pull_quotes(["one two three four five six.", *(f"{n} two three four five six." for n in "abc")]) == set()
    assert pull_quotes([]) == set()


def test_only_candidates_are_pull_quotes() -> None:
    lines = [
        "They found stones that the storm had moved on Monday in the harbour.",
        "“Stones that the storm had moved.”",
    ]
    assert pull_quotes(lines, [True, True]) == pull_quotes(lines) == {1}
    assert pull_quotes(lines, [True, False]) == set()


def test_a_pull_quote_is_a_separate_zone() -> None:
    quote = "“We will not open it for one hour before it is safe,”"
    article = extract(page().replace(BODY[2], f"{quote}\n\n{BODY[2]}"))
    assert quote not in article.body.split("\n\n")
    assert [zone.zone for zone in article.zones].count("pull-quote") == 1


def test_a_pull_quote_is_not_body_and_another_quotation_is() -> None:
    quotes = ("“We will not open it for one hour”", "They have asked a court to hear their case before the month ends.")
    article = extract(scraped(HEADLINE, *BODY[:3], quotes[0], BODY[3]))
    assert article.body == "\n\n".join(BODY)
    other = extract(scraped(HEADLINE, *BODY[:3], "“Nobody has said that anywhere on this page”", BODY[3]))
    assert len(other.body.split("\n\n")) == 5


def test_a_second_copy_has_most_of_its_ngrams_in_lines_above() -> None:
    words = [f"w{number}" for number in range(80)]
    halves, whole = [" ".join(words[:40]), " ".join(words[40:])], " ".join(words)
    assert second_copies([*halves, whole]) == second_copies([*halves, whole], [True] * 3) == {2}
    assert second_copies([*halves, whole], [True, True, False]) == set()
    assert second_copies([halves[0], whole]) == set()
    assert second_copies([*halves, " ".join(words[:50])]) == set()
    assert second_copies([]) == set()


def test_a_copy_of_several_lines_is_no_repetition_of_one() -> None:
    halves = [" ".join(f"{part}{number}" for number in range(40)) for part in "ab"]
    lines = [*halves, " ".join(halves), " ".join(halves)]
    assert second_copies(lines, of_several=True) == second_copies(lines) == {2, 3}
    long = " ".join(f"c{number}" for number in range(80))
    assert second_copies([long, f"{long} d", f"{halves[0]} {long}"]) == {1, 2}
    assert second_copies([long, f"{long} d", f"{halves[0]} {long}"], of_several=True) == set()


def test_an_exact_copy_is_a_line_above_and_may_be_one() -> None:
    assert exact_copies([BODY[0], BODY[1], BODY[0], f"{BODY[1]} ", BODY[0]], [True] * 5) == {2, 4}
    assert exact_copies([BODY[0]] * 3, [True, False, True]) == {2}


def test_a_second_version_is_a_run_of_copies_that_may_have_lines_of_its_own() -> None:
    assert second_versions([*BODY, "Read more", *BODY]) == {5, 6, 7, 8}
    assert second_versions([*BODY, BODY[0], BODY[1], PROSE[2], *BODY[2:]]) == {4, 5, 7, 8}
    assert second_versions([*BODY, *BODY, *BODY]) == set(range(4, 12))
    assert second_versions([]) == set()


def test_what_an_article_repeats_between_other_text_is_not_a_second_version() -> None:
    others = [f"{text} It was the {number}. time." for number, text in enumerate(BODY * 2)]
    assert second_versions([line for other in others for line in (BODY[0], other)]) == set()
    assert second_versions([*BODY, *BODY[:2]]) == set()  # 65 words
    assert second_versions([*BODY, *BODY[::-1]]) == set()  # in another order
    assert second_versions(["Buy now"] * 100) == set()


def test_the_share_of_a_second_copy_is_an_option() -> None:
    words = [f"w{number}" for number in range(80)]
    lines = [" ".join(words[:56]), " ".join(words)]  # 52 of 76 n-grams, .68
    assert second_copies(lines) == {1}
    assert second_copies(lines, min_share=0.8) == set()


@pytest.mark.parametrize("quote", ["“The storm had moved two stones,”", "«The storm had moved two stones.»"])
def test_a_verbatim_repeat_is_in_another_line_without_its_quotation_marks(quote: str) -> None:
    line = "“The storm had moved two stones, and a third,” said the divers."
    assert verbatim_repeats([line, quote], [False, True]) == {1}
    assert verbatim_repeats([line, quote], [False, False]) == set()
    assert verbatim_repeats([line, quote.replace("two", "three")], [False, True]) == set()
    assert verbatim_repeats([], []) == set()


def test_texts_that_differ_in_case_and_quotation_marks_fold_to_the_same() -> None:
    assert casefold_quotes("“Ferry’s REST”") == casefold_quotes("'ferry's rest'") == casefold_quotes('"Ferry`s Rest"')
