"""The blocks of a page beside the paragraphs of its article: what is not in the article, and where on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from goldwire.extraction.html.blocks import BlockPage, parse, split_blocks

__all__ = ["PagePart", "page_parts"]

_PLACES = {
    "nav": "navigation",
    "aside": "sidebar",
    "footer": "footer",
    "form": "form",
    "figure": "caption",
    "figcaption": "caption",
    "header": "header",
}
_MIN_CONTAINED = 20  # characters: a shorter text, such as `News`, is in a paragraph by chance


class PagePart(msgspec.Struct, frozen=True):
    """A paragraph of the article (`place` is `body`), or a block that is not in it, its place and the reason."""

    text: str
    is_kept: bool
    place: str
    reason: str


def page_parts(markup: str, paragraphs: Sequence[str], captions: Sequence[str] = ()) -> list[PagePart]:
    """Return the paragraphs of an article in order, and between them the blocks of its page that are not in it.

    Parameters
    ----------
    markup : str
        The page.
    paragraphs : sequence of str
        Those of the article; each is in the result once, as it is.
    captions : sequence of str
        Texts that were recognized as captions of pictures.

    Returns
    -------
    list of PagePart
        Neighbouring blocks with the same place and reason are one part, joined by ` · `.

    Examples
    --------
    >>> page = "<nav><a>News</a> <a>Sport</a></nav><h1>A ferry is late</h1><aside>Most read</aside>"
    >>> for part in page_parts(page, ["A ferry is late"]):
    ...     print(part.is_kept, part.text, part.reason)
    False News Sport in <nav>
    True A ferry is late
    False Most read in <aside>
    """
    return [*_merge_neighbours(_parts(markup, paragraphs, {_words(caption) for caption in captions}))]


def _parts(markup: str, paragraphs: Sequence[str], captions: set[str]) -> Iterator[PagePart]:
    tree = parse(markup)
    page = BlockPage([], []) if tree is None else split_blocks(tree)
    wanted, at = [_words(paragraph) for paragraph in paragraphs], 0
    for block in page.blocks:
        words = _words(block.text)
        if not words or (at and _is_same(words, wanted[at - 1])):  # a paragraph may be several blocks
            continue
        match = next((n for n in range(at, len(wanted)) if _is_same(words, wanted[n])), None)
        if match is None:
            place, reason = ("caption", "a picture's caption") if words in captions else _place(page, block.element)
            yield PagePart(block.text, False, place, reason)
            continue
        yield from (PagePart(text, True, "body", "") for text in paragraphs[at : match + 1])
        at = match + 1
    yield from (PagePart(text, True, "body", "") for text in paragraphs[at:])


def _words(text: str) -> str:
    """Return the words of a text in lower case, without punctuation and white space, which extraction may change."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _is_same(block: str, paragraph: str) -> bool:
    """Return whether a block is a paragraph, a part of one, or contains one."""
    shorter, longer = sorted((block, paragraph), key=len)
    return block == paragraph or (len(shorter) >= _MIN_CONTAINED and shorter in longer)


def _place(page: BlockPage, index: int) -> tuple[str, str]:
    """Return where on the page an element is: the nearest ancestor that says so by its tag, class or id."""
    named = ""
    while index >= 0:
        element = page.elements[index]
        if element.is_hidden:
            return "hidden", "not visible on the page"
        if element.tag in _PLACES:
            return _PLACES[element.tag], f"in <{element.tag}>"
        if not named and element.names.strip():
            named = f"in <{element.tag}> {' '.join(element.names.split())!r}"
        index = element.parent
    return "other", named or "unlike the paragraphs of the article"


def _merge_neighbours(parts: Iterator[PagePart]) -> Iterator[PagePart]:
    last: PagePart | None = None
    for part in parts:
        if last and not last.is_kept and (last.place, last.reason) == (part.place, part.reason):
            last = msgspec.structs.replace(last, text=f"{last.text} · {part.text}")
            continue
        if last:
            yield last
        last = part
    if last:
        yield last
