"""What a block of a page looks like, as numbers: its words, its place, its neighbours, and what trafilatura thinks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.html.blocks import Block, Page
from goldwire.html.names import KINDS, TAGS, tag_bit
from goldwire.html.standing import Standing, stand

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
    """What the page says of itself, and the main text that trafilatura finds in it."""

    headline: str = ""
    summary: str = ""
    body: str = ""  # `articleBody` of its structured data
    main: str = ""


class Words(msgspec.Struct):
    """The words of the blocks, numbered: `flat` in reading order, `owner` the block of each."""

    numbers: dict[str, int]
    each: list[list[str]]
    flat: NDArray[np.int64]
    owner: NDArray[np.int64]
    count: NDArray[np.int64]

    def number(self, text: str) -> NDArray[np.int64]:
        """Number the words of another text."""
        known = self.numbers
        return np.array([known.setdefault(word, len(known)) for word in _WORD.findall(text.lower())], np.int64)

    def held(self, some: frozenset[str]) -> Floats:
        """Count the words of a set in each block."""
        marked = np.zeros(len(self.numbers) + 1, bool)
        marked[[self.numbers[word] for word in some if word in self.numbers]] = True
        return np.bincount(self.owner, marked[self.flat], len(self.count)).astype(float)


def words_of(blocks: list[Block]) -> Words:
    """Number the words of blocks."""
    each = [_WORD.findall(block.text.lower()) for block in blocks]
    numbers: dict[str, int] = {}
    flat = np.array([numbers.setdefault(word, len(numbers)) for words in each for word in words], np.int64)
    count = np.array([len(words) for words in each], np.int64)
    return Words(numbers, each, flat, np.repeat(np.arange(len(blocks)), count), count)


def grams(numbers: NDArray[np.int64], size: int = _GRAM) -> NDArray[np.int64]:
    """Give a number for every run of `size` words (at most three): equal where the runs are."""
    found = numbers[: max(len(numbers) - size + 1, 0)]
    for place in range(1, size):
        found = found << 20 | numbers[place : len(numbers) - size + 1 + place]
    return found


def _covered(words: Words, text: str) -> Floats:
    """Give the share of each block's runs of three words that a text holds."""
    n = len(words.count)
    theirs, ours = grams(words.number(text)), grams(words.flat)
    first = words.owner[: len(ours)]
    whole = first == words.owner[_GRAM - 1 : _GRAM - 1 + len(ours)]
    first = first[whole]
    held = np.bincount(first, np.isin(ours[whole], theirs), n)
    return np.asarray(held / np.maximum(np.bincount(first, minlength=n), 1))


def look(page: Page, words: Words, told: Told) -> tuple[NDArray[np.float32], Floats]:
    """Describe each block of a page (a row); and give the share of each that trafilatura took."""
    blocks, n = page.blocks, len(page.blocks)
    standing = stand(page)
    main = _kept(blocks, words, told.main)
    columns: dict[str, Floats] = {}
    for name, column in (
        *_of_text(blocks, words),
        *_of_places(page, standing),
        *_of_page(blocks, words, standing),
        *_of_told(words, told),
        *_of_headline(page, words, told),
    ):
        columns[name] = np.asarray(column, float)
    columns["main"] = main
    around = [_beside(columns, step) for step in (-1, 1)]
    parents = standing.groups[:, 1]
    beside = np.zeros((n, 2))
    beside[1:, 0] = beside[:-1, 1] = parents[1:] == parents[:-1]
    own = np.stack(list(columns.values()), axis=1)
    parts: list[Floats] = [own, *around, beside, _of_groups(columns, words, standing)]
    return np.concatenate(parts, axis=1, dtype=np.float32), main


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


def _of_places(page: Page, standing: Standing) -> Iterable[tuple[str, Floats]]:
    own = standing.own_kinds
    for place in range(len(KINDS)):
        yield f"own {KINDS[place][0]}", own[:, place]
        yield f"near {KINDS[place][0]}", standing.near_kinds[:, place]
    tags = np.array([page.places[block.place].tags for block in page.blocks])
    bits = np.array([tag_bit(page.places[block.place].tag) for block in page.blocks])
    for tag in TAGS:
        yield f"in {tag}", (tags & tag_bit(tag) > 0).astype(float)
        yield f"is {tag}", (bits & tag_bit(tag) > 0).astype(float)
    places = [page.places[block.place] for block in page.blocks]
    yield "level", np.array([float(p.tag[1]) if p.tag[0] == "h" and p.tag[1:].isdigit() else 0.0 for p in places])
    yield "hidden", np.array([float(place.hidden) for place in places])
    yield "is body", np.array([float(place.is_body) for place in places])


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


def _kept(blocks: list[Block], words: Words, main: str) -> Floats:
    """Give the share of each block that is in trafilatura's main text; of one of two words, whether a line is it."""
    lines = {line.strip("- ") for line in main.split("\n")}
    short = np.array([float(block.text in lines) for block in blocks])
    return np.where(words.count < _GRAM, short, _covered(words, main))


_NEIGHBOURLY = (
    *("words", "linked", "ends", "sentences", "is p", "is li", "is h", "above top", "below", "common", "strong"),
    *("headline", "hidden", "told", "depth", "main"),
)


def _beside(columns: dict[str, Floats], step: int) -> Floats:
    """Give what is known of the block before (`step` -1) or after, -1 where there is none."""
    own = np.stack([columns[name] for name in _NEIGHBOURLY], axis=1)
    found = np.full(own.shape, -1.0)
    if step < 0:
        found[1:] = own[:-1]
    else:
        found[:-1] = own[1:]
    return found


def _of_groups(columns: dict[str, Floats], words: Words, standing: Standing) -> Floats:
    """Describe the other blocks of each block's groups, and how much of the page trafilatura took."""
    weight = words.count + 0.3
    main, linked = columns["main"], columns["linked"]
    prose = weight * (1 - linked) * (weight > 8)
    taken = main * weight
    all_taken, all_prose = max(taken.sum(), 1e-9), max(prose.sum(), 1e-9)
    found = []
    for group in standing.groups.T:
        size, inside, many = (np.bincount(group, column)[group] for column in (weight, taken, np.ones(len(group))))
        links, prosaic = (np.bincount(group, column)[group] for column in (linked * weight, prose))
        found += [
            (inside - taken + 0.5 * main.mean()) / (size - weight + 0.5),
            inside / all_taken,
            (links - linked * weight + 0.2) / (size - weight + 0.4),
            prosaic / all_prose,
            np.log1p((size - weight) / np.maximum(many - 1, 1)),
        ]
    n, good = len(main), (prose * main).sum()
    whole = (good / all_prose, taken.sum() / weight.sum(), np.log1p(taken.sum()), good / all_taken)
    found += [np.full(n, share) for share in whole]
    done = np.cumsum(taken) / all_taken
    found += [done, done - taken / all_taken, *(_window(taken, reach) / _window(weight, reach) for reach in (3, 8))]
    found += [_since(main > 0.5), _since(main[::-1] > 0.5)[::-1]]
    return np.stack(found, axis=1)


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
