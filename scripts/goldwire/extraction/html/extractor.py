"""HTML pages: the article's paragraphs among the blocks of a page, and what the page says of it.

Each block is judged by networks that see its words, where it stands in the tree, and whether rules take it and those
around it. On 102 news pages, each judged by networks that saw no page of its site, this is F1 .980 where trafilatura
has .957 (see tests/benchmarks/train_html.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire import records
from goldwire.extraction.html.block_features import Told, look, words_of
from goldwire.extraction.html.blocks import Block, Page, cut, parse
from goldwire.extraction.html.class_names import kinds_of, tag_bit
from goldwire.extraction.html.metadata import Facts, read_facts, tidy
from goldwire.extraction.network import BLOCKS, load_network, probabilities
from goldwire.extraction.plaintext.boilerplate import match_boilerplate
from goldwire.extraction.result import ExtractedArticle
from goldwire.extraction.source_links import is_address_line, lists_addresses

__all__ = ["Reading", "choose", "extract_html", "read", "tidy", "without_residue"]

_LIKELY = 0.6  # best of .4, .5, .6 and .7 over four foldings by site
_SHORT, _LABEL = 200, 40  # characters
_CAPTION = tag_bit("figcaption")
_ASIDE = tag_bit("aside")
_BYLINE, _PULLED = kinds_of("byline"), kinds_of("pull")
_QUOTES = "“”\"'‘’«».,… "
_COPY_WORDS, _COPY_RUN, _COPY_SHARE = 60, 4, 0.8


class Reading(msgspec.Struct):
    """A page as it is judged: what it says, its blocks, and what they look like (a row each)."""

    facts: Facts
    page: Page
    looks: NDArray[np.float32]
    main: NDArray[np.float64]  # 1 for each block that the rules take, 0 for the others


def read(raw: str | bytes, told: str | None = None) -> Reading | None:
    """Read a page (bytes are UTF-8); None where there is none. `told` is as of `extract_html`."""
    tree = parse(raw)
    if tree is None:
        return None
    facts, page = read_facts(tree, told), cut(tree)
    if not page.blocks:
        return Reading(facts, page, np.zeros((0, 0), np.float32), np.zeros(0))
    said = {name: facts.found[name].value for name in ("headline", "summary") if name in facts.found}
    return Reading(facts, page, *look(page, words_of(page.blocks), Told(**said, body=facts.body)))


def extract_html(raw: str | bytes, told: str | None = None) -> ExtractedArticle:
    """Extract the article of an HTML page; a page that holds none gives an empty body.

    Bytes are UTF-8. `told` is the headline where something beside the page, such as a feed, tells it.
    """
    reading = read(raw, told)
    if reading is None:
        return ExtractedArticle(title="", text="", body="", captions=())
    facts = reading.facts
    said = {name: fact.value for name, fact in facts.found.items()}
    title, captions = said.get("headline", ""), tuple(fact.value for fact in facts.captions)
    apart = {title, *captions}
    likely = probabilities(reading.looks, load_network(BLOCKS)) if reading.page.blocks else np.zeros(0)
    lines = [tidy(reading.page.blocks[place].text) for place in choose(reading.page, likely, reading.main)]
    body = "\n\n".join(without_residue([line for line in lines if line and line not in apart]))
    return ExtractedArticle(
        title=title,
        text="\n\n".join(part for part in (title, body) if part),
        body=body,
        captions=captions,
        url=said.get("url"),
        published=said["date"][:10] if "date" in said else None,
        language=said.get("language"),
        metadata=_records(facts),
    )


def _records(facts: Facts) -> tuple[records.MetadataValue, ...]:
    """Give what a page says of its article, without the summary that it makes of it, as it is kept."""
    found = [(name, fact) for name, fact in facts.found.items() if name != "summary"]
    found += [("caption", fact) for fact in facts.captions]
    return tuple(records.MetadataValue(name=name, value=fact.value, source=fact.where) for name, fact in found)


def choose(page: Page, likely: NDArray[np.float64], main: NDArray[np.float64]) -> list[int]:
    """Choose the blocks that are body: the likely ones, without captions, bylines and what is said twice.

    Pages repeat their whole text in one block for search engines: a long block made of what others said is left out.
    So is a pull quote. `main` tells which blocks the rules take.
    """
    seen: set[tuple[str, ...]] = set()
    chosen = []
    for place in np.flatnonzero(likely > _LIKELY).tolist():
        block = page.blocks[place]
        stands = page.places[block.place]
        if stands.tags & _CAPTION or (not main[place] and stands.kinds & _BYLINE and len(block.text) < _SHORT):
            continue
        words = block.text.split()
        runs = list(zip(*(words[start:] for start in range(_COPY_RUN)), strict=False))
        if len(words) >= _COPY_WORDS and sum(run in seen for run in runs) >= _COPY_SHARE * len(runs):
            continue
        seen.update(runs)
        chosen.append(place)
    whole = "\n".join(page.blocks[place].text for place in chosen)
    kept = [place for place in chosen if not _is_pulled(page, page.blocks[place], whole)]
    # A label that stands over what was left out goes with it.
    there = {*kept, len(page.blocks)}
    return [place for place in kept if place + 1 in there or main[place] or not _is_label(page, place)]


def _is_pulled(page: Page, block: Block, whole: str) -> bool:
    """Tell whether a block stands aside and quotes what another says."""
    place = page.places[block.place]
    named, aside = bool(place.kinds & _PULLED), bool(place.tags & _ASIDE)
    return (named and aside) or ((named or aside) and whole.count(block.text.strip(_QUOTES)) > 1)


def _is_label(page: Page, place: int) -> bool:
    text = page.blocks[place].text
    return len(text) < _LABEL and text[-1].isalnum()


def without_residue(lines: Sequence[str]) -> list[str]:
    """Drop a subscription box or a copyright line that was kept, told by its words as in text pages.

    Addresses alone on their lines stay where there are many: an article about what to buy.
    """
    listed = lists_addresses(lines)
    return [line for line in lines if match_boilerplate(line) is None or (listed and is_address_line(line))]
