"""What a block of a page looks like, as numbers: its words, its place, its neighbours, and whether rules take it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.blocks import Block, Page
from goldwire.extraction.html.class_names import TAGS, tag_bit
from goldwire.extraction.html.heuristics import take
from goldwire.extraction.html.tree_features import Standing, stand

__all__ = ["Told", "Words", "look", "words_of"]

Floats = NDArray[np.float64]
_WORD = re.compile(r"\w+")
_ENDS = frozenset('.!?…。！？”"’»')
_QUOTES = frozenset("“\"'«‘—–-")
_COMMON = frozenset(
    (
        *("the", "of", "and", "to", "a", "in", "that", "he", "she", "was", "said", "is", "for", "on", "with"),
        *("it", "as", "his", "her", "by", "have", "had", "they", "from", "de", "que", "o", "e", "do", "da"),
        *("em", "para", "com", "no", "na", "der", "die", "und", "das", "il", "di", "la", "che", "и", "в", "на"),
        *("не", "el", "los"),
    )
)
_CALLS = frozenset(["you", "your", "our", "us", "we", "click", "here", "subscribe", "sign", "follow"])
_FAR = (-30, 60)  # blocks: what is further is far
_GRAM = 3


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the page says of itself."""

    headline: str = ""
    summary: str = ""
    body: str = ""  # `articleBody` of its structured data


class Words(msgspec.Struct):
    """The words of the blocks, numbered: `flat` in reading order, `owner` the block of each."""

    numbers: dict[str, int]
    each: list[list[str]]
    flat: NDArray[np.int64]
    owner: NDArray[np.int64]
    count: NDArray[np.int64]

    def number(self, text: str) -> NDArray[np.int64]:
        """Number the words of another text, -1 where no block has it."""
        known = self.numbers.get
        return np.array([known(word, -1) for word in _WORD.findall(text.lower())], np.int64)

    def held(self, some: frozenset[str]) -> Floats:
        """Count the words of a set in each block."""
        marked = np.zeros(len(self.numbers) + 1, bool)
        marked[[self.numbers[word] for word in some if word in self.numbers]] = True
        return np.bincount(self.owner, marked[self.flat], len(self.count)).astype(float)


def words_of(blocks: list[Block]) -> Words:
    """Number the words of blocks."""
    each = [_WORD.findall(block.text.lower()) for block in blocks]
    every = list(chain.from_iterable(each))
    numbers = {word: number for number, word in enumerate(dict.fromkeys(every))}
    flat = np.array([numbers[word] for word in every], np.int64)
    count = np.array([len(words) for words in each], np.int64)
    return Words(numbers, each, flat, np.repeat(np.arange(len(blocks)), count), count)


def grams(numbers: NDArray[np.int64], size: int = _GRAM) -> NDArray[np.int64]:
    """Give a number for every run of `size` words (at most three): equal where the runs are, below 0 where one is."""
    found = numbers[: max(len(numbers) - size + 1, 0)]
    for place in range(1, size):
        found = found << 20 | numbers[place : len(numbers) - size + 1 + place]
    return found


def _covered(words: Words, text: str) -> Floats:
    """Give the share of each block's runs of three words that a text holds."""
    n = len(words.count)
    theirs, ours = np.sort(grams(words.number(text))), grams(words.flat)
    first = words.owner[: len(ours)]
    whole = first == words.owner[_GRAM - 1 : _GRAM - 1 + len(ours)]
    first = first[whole]
    if not len(theirs):
        return np.zeros(n)
    ours = ours[whole]
    # Half of np.isin's time, which sorts both.
    found = theirs[np.searchsorted(theirs[:-1], ours)] == ours
    return np.asarray(np.bincount(first, found, n) / np.maximum(np.bincount(first, minlength=n), 1))


def look(page: Page, words: Words, told: Told) -> tuple[NDArray[np.float32], Floats]:
    """Describe each block of a page (a row); and tell which the rules take (1, else 0)."""
    blocks, n = page.blocks, len(page.blocks)
    standing = stand(page)
    main = take(page)
    text, kinds, tags = _columns(_of_text(blocks, words)), _of_kinds(standing), _of_tags(page)
    rest = _columns(
        chain(
            _of_places(page),
            _of_page(blocks, words, standing),
            _of_told(words, told),
            _of_headline(page, words, told),
            (("main", main),),
        )
    )
    columns = text | {f"is {TAGS[number // 2]}": tags[:, number] for number in _IS} | rest
    parents = standing.groups[:, 1]
    beside = np.zeros((n, 2))
    beside[1:, 0] = beside[:-1, 1] = parents[1:] == parents[:-1]
    own = [np.stack(list(some.values()), axis=1) for some in (text, rest)]
    around = _beside(np.stack([columns[name] for name in _NEIGHBOURLY], axis=1))
    parts = [own[0], kinds, tags, own[1], *around, beside, _of_groups(columns, words, standing)]
    return np.concatenate(parts, axis=1, dtype=np.float32), main


def _columns(named: Iterable[tuple[str, object]]) -> dict[str, Floats]:
    return {name: np.asarray(column, float) for name, column in named}


def _of_text(blocks: list[Block], words: Words) -> Iterable[tuple[str, object]]:
    characters = np.array([len(block.text) for block in blocks], float)
    texts = [block.text for block in blocks]
    count = words.count
    yield "words", np.log1p(count)
    yield "characters", np.log1p(characters)
    yield "word length", characters / np.maximum(count, 1)
    yield "linked", [block.linked for block in blocks]
    yield "links", np.log1p([block.links for block in blocks])
    yield "strong", [block.strong for block in blocks]
    yield "after break", [block.after_break for block in blocks]
    yield "ends", [text[-1] in _ENDS for text in texts]
    yield "colon", [text[-1] in ":：" for text in texts]
    yield "quotes", [text[0] in _QUOTES for text in texts]
    yield (
        "sentences",
        [min(text.count(".") + text.count("!") + text.count("?") + text.count("。"), 10) for text in texts],
    )
    yield "commas", [min(text.count(",") + text.count("，") + text.count("、"), 8) for text in texts]
    yield "address", ["http" in text or "@" in text or "www." in text for text in texts]
    yield "copyright", ["©" in text or "opyright" in text for text in texts]
    flat = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), np.uint32)
    starts = np.concatenate(([0], np.cumsum(characters)[:-1])).astype(np.int64)
    capital = ((flat >= 65) & (flat <= 90)) | ((flat >= 0x410) & (flat <= 0x42F))
    digit = (flat >= 48) & (flat <= 57)
    yield "capitals", np.add.reduceat(capital, starts, dtype=np.int64) / characters
    yield "digits", np.add.reduceat(digit, starts, dtype=np.int64) / characters
    yield "common", words.held(_COMMON) / np.maximum(count, 1)
    yield "calls", words.held(_CALLS) > 0
    same = Counter(texts)
    yield "repeated", [min(same[text], 4) for text in texts]


def _of_kinds(standing: Standing) -> Floats:
    """Give the kinds of place that a block stands in, itself and nearby, side by side."""
    own, near = standing.own_kinds, standing.near_kinds
    return np.stack([own, near], axis=2).reshape(len(own), -1)


_TAG_BITS = np.array([tag_bit(tag) for tag in TAGS])
_IS = [2 * TAGS.index(tag) + 1 for tag in ("p", "li", "h")]


def _of_tags(page: Page) -> Floats:
    """Give the tags that a block stands in, and its own, side by side."""
    places = [page.places[block.place] for block in page.blocks]
    bits = np.array([(place.tags, tag_bit(place.tag)) for place in places])
    return np.asarray(bits[:, None, :] & _TAG_BITS[:, None] > 0, float).reshape(len(places), -1)


def _of_places(page: Page) -> Iterable[tuple[str, object]]:
    places = [page.places[block.place] for block in page.blocks]
    yield "level", [float(p.tag[1]) if p.tag[0] == "h" and p.tag[1:].isdigit() else 0.0 for p in places]
    yield "hidden", [place.hidden for place in places]
    yield "is body", [place.is_body for place in places]


def _of_page(blocks: list[Block], words: Words, standing: Standing) -> Iterable[tuple[str, object]]:
    n = len(blocks)
    place, done = np.arange(n), np.cumsum(words.count)
    yield "depth", standing.depth
    yield "place", place / max(n, 1)
    yield "word place", done / max(done[-1], 1)
    yield "blocks", np.full(n, np.log(n + 1))
    yield "page words", np.full(n, np.log(done[-1] + 1))
    prose = standing.prose(blocks, words.count)
    yield from standing.shares(prose)
    inside = standing.above_top == 0
    first = int(np.argmax(inside)) if inside.any() else 0
    last = n - 1 - int(np.argmax(inside[::-1])) if inside.any() else n - 1
    yield "from first", np.clip(place - first, *_FAR)
    yield "to last", np.clip(last - place, *_FAR)


def _of_told(words: Words, told: Told) -> Iterable[tuple[str, object]]:
    n = len(words.count)
    yield "told", _covered(words, told.body) if told.body else np.full(n, -1.0)
    yield "is told", np.full(n, float(bool(told.body)))


def _of_headline(page: Page, words: Words, told: Told) -> Iterable[tuple[str, object]]:
    n = len(page.blocks)
    sets = [set(each) for each in words.each]
    head, summary = set(_WORD.findall(told.headline.lower())), set(_WORD.findall(told.summary.lower()))
    size = np.array([len(each) for each in sets], float)
    both = np.array([len(each & head) for each in sets], float)
    like = both / np.maximum(size + len(head) - both, 1)
    yield "headline", like
    yield "of headline", both / np.maximum(size, 1)
    both = np.array([len(each & summary) for each in sets], float)
    yield "summary", both / np.maximum(size + len(summary) - both, 1)
    yield "of summary", both / max(len(summary), 1)
    found = np.flatnonzero(like > 0.6)
    best = int(np.argmax(like)) if len(found) else None
    yield "from headline", _from(best, n)
    yield "from last headline", _from(int(found[-1]) if len(found) else None, n)
    # The first element of level one: most pages have one, and it is the headline.
    ones = (place for place, block in enumerate(page.blocks) if page.places[block.place].tag == "h1")
    yield "from level one", _from(next(ones, None), n)


def _from(place: int | None, n: int) -> Floats:
    if place is None:
        return np.full(n, _FAR[0] - 1.0)
    return np.clip(np.arange(n) - place, *_FAR).astype(float)


_NEIGHBOURLY = (
    *("words", "linked", "ends", "sentences", "is p", "is li", "is h", "above top", "below", "common", "strong"),
    *("headline", "hidden", "told", "depth", "main"),
)


def _beside(own: Floats) -> tuple[Floats, Floats]:
    """Give what is known of the block before and of the one after, -1 where there is none."""
    none = np.full((1, own.shape[1]), -1.0)
    return np.concatenate((none, own[:-1])), np.concatenate((own[1:], none))


def _of_groups(columns: dict[str, Floats], words: Words, standing: Standing) -> Floats:
    """Describe the other blocks of each block's groups, and how much of the page the rules take."""
    weight = words.count + 0.3
    main, linked = columns["main"], columns["linked"]
    prose = weight * (1 - linked) * (weight > 8)
    taken = main * weight
    all_taken, all_prose = max(taken.sum(), 1e-9), max(prose.sum(), 1e-9)
    n, ways = standing.groups.shape
    # All ways to group at once: each has numbers of its own.
    many = int(standing.groups.max()) + 1
    group = (standing.groups + many * np.arange(ways)).ravel()
    size, inside, links, prosaic, others = (
        np.bincount(group, np.repeat(column, ways))[group].reshape(n, ways)
        for column in (weight, taken, linked * weight, prose, np.ones(n))
    )
    weight_, taken_, linked_ = weight[:, None], taken[:, None], (linked * weight)[:, None]
    grouped = (
        (inside - taken_ + 0.5 * main.mean()) / (size - weight_ + 0.5),
        inside / all_taken,
        (links - linked_ + 0.2) / (size - weight_ + 0.4),
        prosaic / all_prose,
        np.log1p((size - weight_) / np.maximum(others - 1, 1)),
    )
    good = (prose * main).sum()
    whole = (good / all_prose, taken.sum() / weight.sum(), np.log1p(taken.sum()), good / all_taken)
    done = np.cumsum(taken) / all_taken
    single = [done, done - taken / all_taken, *(_window(taken, reach) / _window(weight, reach) for reach in (3, 8))]
    single += [_since(main > 0.5), _since(main[::-1] > 0.5)[::-1]]
    return np.concatenate(
        [np.stack(grouped, axis=2).reshape(n, -1), np.tile(whole, (n, 1)), np.stack(single, axis=1)], axis=1
    )


def _window(values: NDArray[Any], reach: int) -> Floats:
    total = np.concatenate(([0.0], np.cumsum(values)))
    place = np.arange(len(values))
    return np.asarray(total[np.minimum(place + reach + 1, len(values))] - total[np.maximum(place - reach, 0)])


def _since(marks: NDArray[np.bool_]) -> Floats:
    """Give how many blocks ago the last mark was, before each block; at most 60."""
    place = np.arange(len(marks))
    last = np.maximum.accumulate(np.where(marks, place, -_FAR[1]))
    before = np.concatenate(([-_FAR[1]], last[:-1]))
    return np.minimum(place - before - 1, _FAR[1]).astype(float)
