"""The card's section for a summary of training content by Article 53(1)(d) of the AI Act."""

from __future__ import annotations

from msgspec.structs import replace

from goldwire.release.card_data import Website
from goldwire.release.training_content import training_content_section
from support.card_examples import CARD


def section(**changes: object) -> str:
    return "\n".join(training_content_section(replace(CARD, **changes)))


def test_websites_are_listed_by_size_and_what_is_unknown_is_called_so():
    websites = [Website(f"w{number}.example", 1, 1_000 - number) for number in range(60)]
    text = section(websites=websites)
    assert "| w0.example | 1 | 1,000 |" in text
    assert "w50.example" not in text
    assert "These are 50 of 60 websites" in text
    assert "| Crawler, its purpose and period | not stated |" in text
    assert "| Modality and size | text, 5 articles, 800 characters |" in text
    assert "| Dates of the content | 2021-03-04 to 2021-05-06 |" in text


def test_statements_describe_the_crawler_and_opt_outs():
    text = section(statements={"crawler": "newsbot, in 2026", "opt_out": "robots.txt was respected"})
    assert "| Crawler, its purpose and period | newsbot, in 2026 |" in text
    assert "| Reservations of rights (opt-outs) | robots.txt was respected |" in text
    assert "The articles have no addresses" in text


def test_synthetic_texts_are_not_scraped():
    text = section(language_creators=("machine-generated",), websites=[Website("w.example", 1, 1)])
    assert "synthetic data: no website was scraped" in text
    assert "w.example" not in text
