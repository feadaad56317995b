"""Extract the article of an HTML page: classify its blocks, and read the metadata that it states.

Networks classify each block by its words, its position in the tree, and what other extractors select. The scores on
pages whose set or site they had not seen are in docs/extraction.md, beside those of other extractors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.block_features import DescribedBlocks, describe_blocks, with_verdicts
from goldwire.extraction.html.blocks import BlockPage, parse_markup, split_blocks
from goldwire.extraction.html.boxes import boxed_blocks
from goldwire.extraction.html.class_names import class_hints, tag_bit
from goldwire.extraction.html.confidence import confidence, confidence_features, text_share
from goldwire.extraction.html.decoding import BlockChoice, choose_blocks
from goldwire.extraction.html.gaps import blocks_in_gaps, without_closing_headings
from goldwire.extraction.html.heuristics import select_by_heuristics
from goldwire.extraction.html.markup import Deadline, prepare_markup
from goldwire.extraction.html.metadata import PageMetadata, clean_line, read_metadata
from goldwire.extraction.html.page_kind import page_kind
from goldwire.extraction.html.second_opinion import select_by_resiliparse
from goldwire.extraction.html.top_candidate import select_by_text
from goldwire.extraction.network import BLOCKS, load_network, probabilities
from goldwire.extraction.plaintext.boilerplate import match_boilerplate
from goldwire.extraction.repeats import second_copies, second_versions, verbatim_repeats
from goldwire.extraction.result import ExtractedArticle

__all__ = ["AnalyzedPage", "analyze_page", "article_paragraphs", "extract_html", "page_confidence", "select_blocks"]

_MAX_BYLINE, _MAX_LABEL = 200, 40  # characters
_CAPTION_TAG, _ASIDE_TAG = tag_bit("figcaption"), tag_bit("aside")
_BYLINE_HINT, _PULL_QUOTE_HINT = class_hints("byline"), class_hints("pull")
# Higher than for lines of text: listings of code and comments that quote others share .6 to .8 of their n-grams with
# blocks above (3 of 1,174 pages); the 40 copies on these pages share more.
_COPY_SHARE = 0.8
_TWEET = "twitter-tweet"  # the class that Twitter gives to an embedded tweet
# Probability from which a chosen block stays though it matches a rule for pages of text, by the reason that the rule
# gives. Rules without an entry hold in any case. On three sets of pages, on sites that the networks had not seen, the
# blocks above these have more words of the gold than others: without them F1 was .0037, .0008 and .0025 lower.
_CERTAIN_FROM: Mapping[str, float] = {
    "byline": 0.9,
    "legal notice": 0.95,
    "picture credit": 0.9,
    "publication date": 0.7,
    "source link": 0.0,
}
# Paragraphs that are not of the article though they are in the middle of its text: how to reach its author, a link to
# other coverage, filler text, the address of a picture. On the same pages F1 is .0014, .0004 and .0000 higher.
_ASIDE = re.compile(
    r"(?:e-?mail|write to|reach|contact|follow|(?:have|got) a tip)\b.{0,200}(?:@\w|\bon (?:twitter|facebook|instagram))"
    r"|.{0,200}\[(?:video|photos?|pictures?|insight|reaction|analysis|gallery)\]\W*$"
    r"|a version of this (?:article|column|review|story) appear(?:s|ed)\b|lorem ipsum dolor\b|https?://\S+\.(?:png|jpe?g|gif|webp)$",
    re.I,
)
_MAX_ASIDE = 400  # characters
_CERTAIN_LABEL = 0.8  # probability from which a label stays


class AnalyzedPage(msgspec.Struct, frozen=True, eq=False):
    """A page that is ready for the classifier.

    Attributes
    ----------
    metadata : PageMetadata
    page : BlockPage
    described : DescribedBlocks
        The page's blocks, described.
    verdicts : tuple of array of float, shape (blocks,)
        How much of each block three extractors select, from 0 to 1: by names, by text, and Resiliparse.
    """

    metadata: PageMetadata
    page: BlockPage
    described: DescribedBlocks
    verdicts: tuple[NDArray[np.float64], ...]

    @property
    def is_heuristic(self) -> NDArray[np.float64]:
        """1 for each block that is selected by names, 0 for the others."""
        return self.verdicts[0]

    @property
    def features(self) -> NDArray[np.float32]:
        """The features of the blocks, computed on each access."""
        return with_verdicts(self.described, self.verdicts)


def extract_html(raw: str | bytes, given_title: str | None = None, url: str | None = None) -> ExtractedArticle:
    """Extract the article of an HTML page.

    1. Parse the page.
    2. Read its metadata: headline, byline, date, captions and others.
    3. Split it into blocks.
    4. Compute the features of each block, also from the metadata and from the verdicts of three other extractors.
    5. Score each block by the networks: its probability to be body.
    6. Choose the blocks whose expected F1 is largest.
    7. Select the blocks of the body: chosen ones, without captions, bylines, repeats and labels.
    8. Clean their texts, and drop the headline, the captions and boilerplate.
    9. Compose the article of headline, body and metadata, with its confidence and the kind of the page.

    Parameters
    ----------
    raw : str or bytes
        The page; bytes are UTF-8.
    given_title : str, optional
        The headline, if it is known from outside the page, for example from a feed.
    url : str, optional
        The address, if it is known from outside the page.

    Returns
    -------
    ExtractedArticle
        The article; its `body` is "" if the page has none.

    Raises
    ------
    DataError
        If the page is too large, or takes too long.
    """
    # 1-4
    deadline = Deadline()
    analyzed = analyze_page(raw, given_title, deadline)
    if analyzed is None:
        return ExtractedArticle(title="", text="", body="", captions=(), confidence=0.0)
    page, metadata = analyzed.page, analyzed.metadata
    if not page.blocks:
        return msgspec.structs.replace(_compose_article("", metadata), confidence=0.0)
    # 5. Score
    probability = probabilities(analyzed.features, load_network(BLOCKS))
    deadline.check()
    # 6. Choose
    choice = choose_blocks(probability, analyzed.described.words.count)
    # 7. Select
    selected = select_blocks(page, choice.is_chosen, analyzed.is_heuristic, probability)
    deadline.check()
    # 8. Clean
    not_body = {metadata.value("headline"), *(caption.value for caption in metadata.captions)}
    texts = [page.blocks[index].text for index in selected]
    paragraphs = article_paragraphs(texts, not_body, probability[selected].tolist())
    # 9. Compose
    article = _compose_article("\n\n".join(paragraphs), metadata)
    return msgspec.structs.replace(
        article,
        confidence=page_confidence(analyzed, probability, choice) if article.body else 0.0,
        text_share=text_share(choice.is_chosen.astype(float), analyzed.described.groups.prose),
        page_kind=page_kind(page, metadata, url),
    )


def analyze_page(
    raw: str | bytes, given_title: str | None = None, deadline: Deadline | None = None
) -> AnalyzedPage | None:
    """Parse a page and compute the features of its blocks: steps 1 to 4 of `extract_html`.

    None is returned if the page has no element.
    """
    deadline = deadline or Deadline()
    # 1. Parse
    markup = prepare_markup(raw)
    tree, markup = parse_markup(markup)
    if tree is None:
        return None
    deadline.check()
    # 2. Metadata
    metadata = read_metadata(tree, given_title)
    deadline.check()
    # 3. Blocks
    page = split_blocks(tree)
    deadline.check()
    # 4. Features
    described = describe_blocks(page, metadata)
    deadline.check()
    verdicts = (
        select_by_heuristics(page),
        select_by_text(page),
        select_by_resiliparse(markup, page, described.words),
    )
    deadline.check()
    return AnalyzedPage(metadata, page, described, verdicts)


def page_confidence(analyzed: AnalyzedPage, probability: NDArray[np.float64], choice: BlockChoice) -> float:
    """Return the estimated F1 of the chosen blocks of a page."""
    groups = analyzed.described.groups
    features = confidence_features(probability, choice, analyzed.verdicts, groups.weight, groups.prose)
    return confidence(features)


def select_blocks(
    page: BlockPage,
    is_chosen: NDArray[np.bool_],
    is_heuristic: NDArray[np.float64],
    probability: NDArray[np.float64] | None = None,
    *,
    without_boxes: bool = True,
) -> list[int]:
    """Select the blocks of the body: step 7 of `extract_html`.

    1. Take the chosen blocks, embedded tweets beside them, blocks in the gaps between them and their headings, without
       captions and bylines.
    2. Drop second copies: some pages repeat their whole text in one block, for search engines, or paragraph by
       paragraph, for another width of the screen. One paragraph that repeats another is no copy.
    3. Drop pull quotes, and blocks in boxes: teasers of other articles, captions, promotions, disclaimers.
    4. Drop labels and closing headings of blocks that were not selected.

    Parameters
    ----------
    page : BlockPage
        The page.
    is_chosen : array of bool, shape (blocks,)
        Whether each block is chosen as body.
    is_heuristic : array of float, shape (blocks,)
        1 for each block that the heuristics select, 0 for the others.
    probability : array of float, shape (blocks,), optional
        Probability of each block to be body: a label that is likely to be is no label of a box. Default: not known.
    without_boxes : bool
        Whether step 3 drops boxes. They are beside an article, which all blocks of a page are not.

    Returns
    -------
    list of int
        Indices of blocks, in page order.
    """
    # 1. Chosen blocks
    is_tweet = _is_quoted_tweet(page, is_chosen)
    is_body = is_chosen | is_tweet
    if probability is not None:
        is_body |= blocks_in_gaps(page, is_body, probability)
    chosen = np.flatnonzero(is_body).tolist()
    selected = [index for index in chosen if not _is_caption_or_byline(page, index, bool(is_heuristic[index]))]
    # 2. Second copies
    texts = [page.blocks[index].text for index in selected]
    copies = second_copies(texts, min_share=_COPY_SHARE, of_several=True) | second_versions(texts)
    selected = [index for number, index in enumerate(selected) if number not in copies]
    # 3. Pull quotes and boxes
    quotes = _pull_quotes(page, selected)
    selected = [index for index in selected if index not in quotes]
    boxed = boxed_blocks(page, selected) if without_boxes else set()
    selected = [index for index in selected if index not in boxed]
    # 4. Labels
    followed = {index - 1 for index in (*selected, len(page.blocks))}
    is_certain = is_tweet | (is_heuristic > 0)
    if probability is not None:
        is_certain |= probability >= _CERTAIN_LABEL
    selected = [index for index in selected if index in followed or is_certain[index] or not _is_label(page, index)]
    return without_closing_headings(page, selected)


def _is_quoted_tweet(page: BlockPage, is_chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which blocks are of embedded tweets next to chosen text.

    An article that embeds a tweet quotes it. The networks are unsure of its words, which are not those of the article,
    and never choose its signature (`— Name (@name) November 4, 2019`).
    """
    tweets = {number for number, element in enumerate(page.elements) if _TWEET in element.names}
    if not tweets:
        return np.zeros(len(page.blocks), bool)
    is_inside: list[bool] = []
    for number, element in enumerate(page.elements):
        is_inside.append(number in tweets or (element.parent >= 0 and is_inside[element.parent]))
    is_tweet = np.array([is_inside[block.element] for block in page.blocks], bool)
    others = np.flatnonzero(~is_tweet)
    if not len(others):
        return is_tweet & is_chosen
    # The blocks before and after each run of tweets.
    after = np.searchsorted(others, np.arange(len(is_tweet)))
    before = others[np.maximum(after - 1, 0)]
    after = others[np.minimum(after, len(others) - 1)]
    return is_tweet & (is_chosen[before] | is_chosen[after])


def _is_caption_or_byline(page: BlockPage, index: int, is_heuristic: bool) -> bool:
    """Whether a block is in a caption, or is short and named as a byline and not selected by the heuristics."""
    block = page.blocks[index]
    element = page.elements[block.element]
    if element.tags & _CAPTION_TAG:
        return True
    return not is_heuristic and bool(element.hints & _BYLINE_HINT) and len(block.text) < _MAX_BYLINE


def _pull_quotes(page: BlockPage, selected: Sequence[int]) -> set[int]:
    """Return which blocks are pull quotes: in <aside> and named so, or one of these and repeated by another block."""
    elements = [page.elements[page.blocks[index].element] for index in selected]
    is_aside = [bool(element.tags & _ASIDE_TAG) for element in elements]
    is_named = [bool(element.hints & _PULL_QUOTE_HINT) for element in elements]
    certain = {index for index, *flags in zip(selected, is_aside, is_named, strict=True) if all(flags)}
    possible = [aside or named for aside, named in zip(is_aside, is_named, strict=True)]
    repeats = verbatim_repeats([page.blocks[index].text for index in selected], possible)
    return certain | {selected[number] for number in repeats}


def _is_label(page: BlockPage, index: int) -> bool:
    """Whether a block is short and ends without punctuation, as the heading of a list or a box."""
    text = page.blocks[index].text
    return len(text) < _MAX_LABEL and text[-1].isalnum()


def article_paragraphs(
    texts: Sequence[str], not_body: Collection[str] = (), probability: Sequence[float] | None = None
) -> list[str]:
    """Return the paragraphs of the body: step 8 of `extract_html`.

    Boilerplate that was selected, such as a newsletter box or a copyright line, is matched by its words as on pages
    of text, unless the networks are certain. If nothing else is left, it stays: no page is empty for its words alone.

    Parameters
    ----------
    texts : sequence of str
        Texts of the selected blocks.
    not_body : collection of str
        Paragraphs to drop: the headline and the captions, which are not part of the body. Default: none.
    probability : sequence of float, optional
        Probability of each of these blocks to be body. Default: not known, and every match counts.
    """
    if probability is None:
        probability = [0.0] * len(texts)
    lines = [(clean_line(text), p) for text, p in zip(texts, probability, strict=True)]
    lines = [(line, p) for line, p in lines if line and line not in not_body]
    return [line for line, p in lines if not _is_boilerplate(line, p)] or [line for line, _ in lines]


def _is_boilerplate(line: str, probability: float) -> bool:
    """Whether a line matches a rule of boilerplate that holds against this probability to be body."""
    if len(line) <= _MAX_ASIDE and _ASIDE.match(line):
        return True
    match = match_boilerplate(line)
    return match is not None and probability < _CERTAIN_FROM.get(match.reason, 1.1)


def _compose_article(body: str, metadata: PageMetadata) -> ExtractedArticle:
    """Compose the article of its body and the metadata of its page, except the summary."""
    title, date = metadata.value("headline"), metadata.value("date")
    stated = tuple(value for name, value in metadata.values.items() if name != "summary")
    return ExtractedArticle(
        title=title,
        text="\n\n".join(part for part in (title, body) if part),
        body=body,
        captions=tuple(caption.value for caption in metadata.captions),
        url=metadata.value("url") or None,
        published=date[:10] or None,
        language=metadata.value("language") or None,
        metadata=(*stated, *metadata.captions),
    )
