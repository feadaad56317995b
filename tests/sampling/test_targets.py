"""Targets of stance tasks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from goldwire.errors import GoldwireError
from goldwire.sampling import targets
from support import factories

TEXT = """\
Quay Guild wins again

Ada Lind lost to the Quay Guild. Lind left. Port Aldra slept.

Bo Marsk, Port Aldra's mayor, met Cy Marsk. Marsk smiled. The Oar Club and the Oar Club and the oar club wept."""
LABELS = {"Quay Guild": "ORG", "Oar Club": "ORG", "oar club": "ORG", "Port Aldra": "ORG"}


def marked(text: str) -> list[tuple[int, int, str]]:
    names = ["Quay Guild", "Ada Lind", "Port Aldra", "Bo Marsk", "Cy Marsk", "Oar Club", "oar club", "Lind", "Marsk"]
    return [(*found.span(), LABELS.get(found[0], "PER")) for found in re.finditer("|".join(names), text)]


ARTICLE = factories.article(TEXT)
GOLD = factories.layer(ARTICLE, marked(TEXT), annotator="gold")


def test_salience_by_headline_lead_and_number_of_mentions() -> None:
    # Lind is Ada Lind; Marsk may be either; Bo and Cy Marsk stand there once; Port Aldra in the lead and once more.
    assert targets.salient_targets(ARTICLE, GOLD, (), 9) == ("Quay Guild", "Oar Club", "Ada Lind", "Port Aldra")
    assert targets.salient_targets(ARTICLE, GOLD, (), 2) == ("Quay Guild", "Oar Club")
    assert targets.salient_targets(ARTICLE, GOLD, ("PER",), 9) == ("Ada Lind",)


def test_an_article_of_one_line_has_only_a_headline() -> None:
    article = factories.article("Ada Lind lost")
    assert targets.salient_targets(article, factories.layer(article, [(0, 8, "PER")]), (), 3) == ("Ada Lind",)


def test_names_of_a_list_are_found_as_whole_words() -> None:
    article = factories.article("Sun rises\n\nThe Sun Party (C++) won.")
    assert targets.mentioned_targets(article, ("Sun Party", "C++", "Part", "sun", "Sun")) == ("Sun Party", "C++", "Sun")
    assert targets.mentioned_targets(factories.article("The N.L.F. met\n\nIt did."), ("N.L.", "N.L.F.")) == ("N.L.F.",)


def test_a_name_is_not_found_inside_a_combined_letter() -> None:
    article = factories.article("\N{DEVANAGARI LETTER NA}\N{DEVANAGARI LETTER TA}\N{DEVANAGARI VOWEL SIGN E} won")
    short, whole = article.text[:2], article.text[:3]
    assert targets.mentioned_targets(article, (short, whole)) == (whole,)


def test_a_list_has_one_name_per_line() -> None:
    assert targets.parse_target_list("# whom\n\nAda  Lind \nQuay Guild\n", Path("t")) == ("Ada Lind", "Quay Guild")


def test_names_of_a_list_are_composed_as_articles_are() -> None:
    assert targets.parse_target_list("A\N{COMBINING DIAERESIS}nne\r\n", Path("t")) == (
        "\N{LATIN CAPITAL LETTER A WITH DIAERESIS}nne",
    )


@pytest.mark.parametrize("text", ["", "# none\n", "Ada\nBo\nAda\n", "x" * 101])
def test_an_invalid_list_is_a_one_line_error(text: str) -> None:
    with pytest.raises(GoldwireError) as caught:
        targets.parse_target_list(text, Path("targets.txt"))
    assert "targets.txt" in str(caught.value.location)
