"""A section of the card for providers of models who train on the dataset in the European Union. Pure.

Article 53(1)(d) of the AI Act (Regulation (EU) 2024/1689) requires providers of general-purpose models to publish a
summary of their training content by the template of the AI Office of 24 July 2025: general information, a list of data
sources (among them public datasets, data scraped from websites with their main domain names, and synthetic data), and
how reservations of rights were respected. The section has what the summary asks of a dataset, as far as it is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.quantities import quantity
from goldwire.release.card_data import CardData
from goldwire.release.markdown import inline, markdown_table
from goldwire.release.statements import stated

__all__ = ["training_content_section"]

_MAX_WEBSITES = 50
_UNKNOWN = "not stated"


def training_content_section(card: CardData) -> Iterator[str]:
    """Yield the paragraphs of the section."""
    manifest = card.manifest
    n_characters = sum(sum(lengths) for lengths in card.lengths.values())
    dates = sorted(date for split_dates in card.dates.values() for date in split_dates)
    languages = ", ".join(sorted({source.language for source in card.sources.values()}))
    yield "#### For a summary of training content (AI Act, Article 53(1)(d))"
    yield (
        "What the template of the EU's AI Office asks of a public dataset. A provider who trains a general-purpose "
        "model on this one names it, and the sources below."
    )
    rows = [
        ("Name and version", f"{inline(manifest.name)} {manifest.version}"),
        ("Address", card.citation.homepage or "the page of this card"),
        (
            "Modality and size",
            f"text, {quantity(sum(manifest.articles.values()), 'article')}, {quantity(n_characters, 'character')}",
        ),
        ("Type of content", "news articles, machine-generated" if card.is_machine_written else "news articles"),
        ("Languages", languages),
        ("Dates of the content", f"{dates[0]} to {dates[-1]}" if dates else _UNKNOWN),
    ]
    if card.is_machine_written:
        yield markdown_table(("", ""), rows)
        yield "The texts are synthetic data: no website was scraped."
        return
    crawler = next(stated(card, "crawler"), _UNKNOWN)
    rows += [
        ("Crawler, its purpose and period", crawler),
        ("Reservations of rights (opt-outs)", next(stated(card, "opt_out"), _UNKNOWN)),
    ]
    yield markdown_table(("", ""), rows)
    if card.websites:
        websites = card.websites[:_MAX_WEBSITES]
        yield markdown_table(
            ("Website", "Articles", "Characters"),
            [(website.domain, website.n_articles, f"{website.n_characters:,}") for website in websites],
        )
        if len(card.websites) > len(websites):
            yield f"These are {len(websites)} of {len(card.websites)} websites; the column `url` of `entities` has all."
    else:
        yield "The articles have no addresses, so that their websites are not known."
