"""Where blocks stand in a page's tree: how deep, in which kinds of place, and with how much of its prose."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.blocks import Block, Page
from goldwire.extraction.html.class_names import KINDS

__all__ = ["Standing", "stand"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LEAST = 8  # words of prose: shorter blocks are headings, links and labels


class Standing(msgspec.Struct, kw_only=True):
    """Blocks' standing. `parent` is of places; `depth`, the kinds and `groups` are of blocks.

    `groups` number the blocks that stand in the same place, parent, its parent and its, and in like places.
    """

    parent: Ints
    place: Ints
    depth: Ints
    own_kinds: Floats
    near_kinds: Floats  # 1 / (1 + steps up to the nearest place of that kind), 0 where there is none
    groups: Ints
    above_top: Ints = msgspec.field(default_factory=lambda: np.zeros(0, np.int64))

    def prose(self, blocks: list[Block], count: Ints) -> Floats:
        """Give the words of each block that count as prose."""
        linked = np.array([block.linked for block in blocks])
        ends = np.array([1.0 if block.text[-1] in '.!?…。！？”"’»' else 0.5 for block in blocks])
        return np.asarray(count * (1 - linked) * (count >= _LEAST) * ends)

    def shares(self, prose: Floats) -> Iterable[tuple[str, object]]:
        """Tell how much of the page's prose is in a block's place and those around it, and how near the best is."""
        total, many = max(prose.sum(), 1.0), len(self.parent)
        own, above = np.bincount(self.place, prose, many).tolist(), self.parent.tolist()
        # Places are few: plain Python takes two thirds of the time of array operations level by level.
        for number in range(many - 1, 0, -1):
            own[above[number]] += own[number]
        held = np.array(own)
        place = self.place
        for step in range(5):
            yield f"share {step}", held[place] / total
            place = _up(self.parent, place)
        parent = _up(self.parent, self.place)
        beyond = self.parent[parent]
        score = np.bincount(parent, prose, many)
        score += np.bincount(beyond[beyond >= 0], prose[beyond >= 0] / 2, many)
        yield "parent's share", score[parent] / total
        top, below = _from_top(above, int(np.argmax(score)))
        self.above_top = np.array(top)[self.place]
        yield "above top", self.above_top
        yield "below", np.array(below)[self.place]


def _from_top(above: list[int], top: int) -> tuple[list[int], list[int]]:
    """Tell of each place how far above the top place is the first place that both stand in, and how far below that."""
    steps, below = [-1] * len(above), [0] * len(above)
    number = 0
    while top >= 0:
        steps[top] = number
        top, number = above[top], number + 1
    for place, parent in enumerate(above):
        if steps[place] < 0:
            steps[place], below[place] = steps[parent], below[parent] + 1
    return steps, below


def _up(parent: Ints, place: Ints) -> Ints:
    above = parent[place]
    return np.where(above >= 0, above, place)


def stand(page: Page) -> Standing:
    """Find the standing of a page's blocks."""
    places = page.places
    parent = np.array([place.parent for place in places], np.int64)
    place = np.array([block.place for block in page.blocks], np.int64)
    bits = np.array([each.kinds for each in places], np.int64)
    kinds = (bits[:, None] >> np.arange(len(KINDS)) & 1).astype(bool)
    depth = np.zeros(len(place), np.int64)
    near = np.zeros((len(place), len(KINDS)))
    at, step = place.copy(), 0
    while (inside := at >= 0).any():
        new = kinds[at] & inside[:, None] & (near == 0)
        near[new] = 1 / (1 + step)
        depth += inside
        at = np.where(inside, parent[at], -1)
        step += 1
    like: dict[object, int] = {}
    groups = [place, _up(parent, place)]
    groups += [_up(parent, groups[1])]
    groups += [_up(parent, groups[2])]
    names = ((places[one], places[two]) for one, two in zip(groups[0].tolist(), groups[1].tolist(), strict=True))
    keys = ((one.tag, one.names, two.tag, two.names) for one, two in names)
    groups.append(np.array([like.setdefault(key, len(like)) for key in keys], np.int64))
    return Standing(
        parent=parent,
        place=place,
        depth=depth - 1,
        own_kinds=kinds[place].astype(float),
        near_kinds=near,
        groups=np.stack(groups, axis=1),
    )
