"""What a batch is to be, as a person says it; whatever cannot be meant is one clear line. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import msgspec

from goldwire.errors import ConfigError
from goldwire.records import TaskKind, is_expert, is_pseudonym
from goldwire.sampling.stratification import KEYS
from goldwire.sampling.windows import Unit

__all__ = ["How", "Order", "check_how", "check_names", "read_limits"]

Order = Literal["random", "oldest", "uncertain"]
_BATCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,29}")
_RESERVED = frozenset({"gold", "admin"})


class How(msgspec.Struct, frozen=True, kw_only=True):
    """How a batch is planned, besides who annotates.

    Each article goes to exactly `overlap` of them. `max_articles` caps the articles, the first `calibration` of which
    everybody sees; `articles` names them instead of drawing. `max_per_annotator` caps each annotator's tasks: `40`, or
    `A1=40,A2=20`. `stratify` parts the corpus by some of `source`, `year`, `month` and `length`, and takes of each
    part in proportion. `order` says which come first: those drawn, the oldest, or those that a model of the gold so
    far is least sure of (see `uncertain`). `whole_clusters` takes every article of a wire story instead of one. `seed`
    is the workspace's own unless given.

    By `window_unit` articles are asked about whole, or in parts of `window_size` paragraphs or sentences, each with
    `window_context` more on either side. A batch of kind `stance` asks for an article's own stance to named targets: to
    `max_targets` salient entities of its gold (see `targets`), or to those of the file `targets` that it names.
    """

    overlap: int = 2
    max_articles: int | None = None
    calibration: int = 0
    max_per_annotator: str = ""
    stratify: tuple[str, ...] = ()
    order: Order = "random"
    articles: tuple[str, ...] = ()
    whole_clusters: bool = False
    seed: int | None = None
    window_unit: Unit = "whole"
    window_size: int = 5
    window_context: int = 1
    kind: TaskKind = "entities"
    targets: Path | None = None
    max_targets: int = 3


_PLAIN = How()


def check_names(batch: str, annotators: Sequence[str]) -> tuple[str, ...]:
    """Sorted pseudonyms: a real name or an address would travel with the data set for ever."""
    if not _BATCH.fullmatch(batch):
        raise ConfigError(f"not a name for a batch: {batch!r}", hint="use up to 30 letters, digits, - and _, as in b01")
    for name in annotators:
        if not is_pseudonym(name) or name.lower() in _RESERVED:
            raise ConfigError(
                f"not a pseudonym: {name!r}",
                hint="use a letter, then up to 19 letters, digits, - and _, with a number: A1",
            )
        if is_expert(name):
            raise ConfigError(
                f"{name!r} is an expert's name, who settles disputes and has no vote", hint="name annotators A1, A2"
            )
    # Doccano's accounts and many file systems do not tell a1 from A1.
    for name, count in Counter(name.lower() for name in annotators).items():
        if count > 1:
            raise ConfigError(f"annotator {name!r} is named {count} times", hint="name each person once")
    return tuple(sorted(annotators))


def check_how(how: How, annotators: Sequence[str]) -> None:
    """Refuse numbers and words that no plan can be made of."""
    if not 1 <= how.overlap <= len(annotators):
        hint = "ask more people or overlap less"
        raise ConfigError(f"an overlap of {how.overlap} cannot be met by {len(annotators)} annotators", hint=hint)
    if how.max_articles is not None and how.max_articles < 1:
        raise ConfigError(f"max_articles is {how.max_articles}", hint="use 1 or more, or no maximum")
    if how.calibration < 0 or (how.max_articles is not None and how.calibration > how.max_articles):
        raise ConfigError(
            f"{how.calibration} calibration articles, but only {how.max_articles} articles in all",
            hint="raise --max-articles",
        )
    for what, said, known in (
        ("order", how.order, Order),
        ("window unit", how.window_unit, Unit),
        ("kind", how.kind, TaskKind),
    ):
        if said not in get_args(known):
            raise ConfigError(f"no {what} {said!r}", hint=f"choose one of {', '.join(get_args(known))}")
    if how.kind == "entities" and how.targets is not None:
        raise ConfigError("--targets names whom a stance is to", hint="add --kind stance")
    if how.kind == "stance" and how.window_unit != "whole":
        raise ConfigError("a stance is asked for of the whole article", hint="leave out --window-unit")
    if how.max_targets < 1:
        raise ConfigError(f"at most {how.max_targets} targets of an article", hint="give 1 or more")
    if how.window_unit == "whole" and (how.window_size, how.window_context) != (
        _PLAIN.window_size,
        _PLAIN.window_context,
    ):
        raise ConfigError(
            "--window-size and --window-context need windows", hint="add --window-unit paragraphs, or sentences"
        )
    if how.window_size < 1 or how.window_context < 0:
        raise ConfigError(
            f"windows of {how.window_size} with {how.window_context} either side", hint="give 1 or more, and 0 or more"
        )
    for key in how.stratify:
        if key not in KEYS or how.stratify.count(key) > 1:
            raise ConfigError(f"cannot stratify by {','.join(how.stratify)}", hint=f"name some of {', '.join(KEYS)}")
    if how.stratify and (how.max_articles is None or how.articles):
        raise ConfigError("--stratify needs a number of articles to draw", hint="add --max-articles, without --article")


def read_limits(most: str, annotators: Sequence[str]) -> dict[str, int]:
    """The most tasks by annotator: `40` for everybody, or `A1=40,A2=20`, where those not named have no limit."""
    if not most.strip():
        return {}
    found: dict[str, int] = {}
    for part in most.split(","):
        name, equals, number = part.rpartition("=")
        name, number = name.strip(), number.strip()
        names = (name,) if equals else annotators
        if not number.isdecimal() or (equals and (name not in annotators or name in found)) or (not equals and found):
            raise ConfigError(
                f"not a limit: {part.strip()!r} in {most!r}",
                hint=f"write a number for everybody, or one for each: {annotators[0]}=40",
            )
        found |= dict.fromkeys(names, int(number))
    return found
