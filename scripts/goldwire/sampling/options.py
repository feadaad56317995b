"""Options of a batch, and their validation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import msgspec

from goldwire.errors import ConfigError
from goldwire.quantities import quantity
from goldwire.records import TaskKind, is_expert, is_machine, is_pseudonym
from goldwire.sampling.stratification import KEYS
from goldwire.sampling.windows import WindowUnit

__all__ = ["Order", "SamplingOptions", "check_names", "check_options", "parse_task_limits"]

Order = Literal["random", "oldest", "uncertain"]
_BATCH_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,29}")
_RESERVED_NAMES = frozenset({"gold", "admin"})


class SamplingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a batch: the articles that it takes and the questions of its tasks.

    Parameters
    ----------
    overlap
        Number of annotators per article.
    max_articles
        Number of articles. Default: all that are available.
    calibration
        Number of articles, the first ones, that every annotator gets.
    gold_checks
        Number of further articles, spread over the batch, that have gold from another batch, or are copies of articles
        with gold; those annotators get them who have not seen them.
    max_per_annotator
        Maximum number of tasks: `40` for every annotator, or `A1=40,A2=20`.
    stratify
        Divide the corpus by some of `source`, `year`, `month` and `length`, and take a proportional share of each part.
    order
        `random`, `oldest` first, or `uncertain`: drawn with probabilities that grow with the uncertainty of a model of
        the gold so far; all articles, if there is no maximum, the most uncertain first.
    articles
        Ids of the articles to take, instead of choosing some.
    whole_clusters
        Whether to take every article of a cluster of near-duplicates instead of one.
    seed
        Seed of the random order. Default: the workspace's seed.
    window_unit, window_size, window_context
        Ask about parts of `window_size` paragraphs or sentences, and show `window_context` more on each side.
        Default: whole articles.
    kind
        `entities`, or `stance`: the article's own stance to targets.
    targets
        File with one target per line. Default: the salient entities of each article's gold layer.
    max_targets
        Maximum number of salient entities per article.
    """

    overlap: int = 2
    max_articles: int | None = None
    calibration: int = 0
    gold_checks: int = 0
    max_per_annotator: str = ""
    stratify: tuple[str, ...] = ()
    order: Order = "random"
    articles: tuple[str, ...] = ()
    whole_clusters: bool = False
    seed: int | None = None
    window_unit: WindowUnit = "whole"
    window_size: int = 5
    window_context: int = 1
    kind: TaskKind = "entities"
    targets: Path | None = None
    max_targets: int = 3


_DEFAULTS = SamplingOptions()


def check_names(batch: str, annotators: Sequence[str]) -> tuple[str, ...]:
    """Return the sorted pseudonyms; raise ConfigError for an invalid name of a batch or an annotator.

    Only pseudonyms are accepted, because a real name or an address would be published with the dataset.
    """
    if not _BATCH_NAME.fullmatch(batch):
        raise ConfigError(f"invalid batch name {batch!r}", hint="use up to 30 letters, digits, - and _, as in b01")
    for name in annotators:
        if not is_pseudonym(name) or name.lower() in _RESERVED_NAMES:
            raise ConfigError(
                f"not a pseudonym: {name!r}",
                hint="use a letter, then up to 19 letters, digits, - and _, with a number: A1",
            )
        if is_expert(name):
            raise ConfigError(
                f"{name!r} is the name of an expert, and experts have no vote", hint="name annotators A1, A2, ..."
            )
        if is_machine(name):
            raise ConfigError(
                f"{name!r} is the name of a machine, and machines get no tasks",
                hint="name annotators A1, A2, ...; `goldwire prelabel` lets a machine label the batch",
            )
    # Doccano's accounts and many file systems do not distinguish a1 from A1.
    for name, count in Counter(name.lower() for name in annotators).items():
        if count > 1:
            raise ConfigError(f"annotator {name!r} is listed {count} times", hint="list each annotator once")
    return tuple(sorted(annotators))


def check_options(options: SamplingOptions, annotators: Sequence[str]) -> None:
    """Raise ConfigError for options that contradict each other or that no plan can satisfy."""
    if not 1 <= options.overlap <= len(annotators):
        raise ConfigError(
            f"an overlap of {options.overlap} is impossible with {quantity(len(annotators), 'annotator')}",
            hint="name more annotators or reduce --overlap",
        )
    if options.max_articles is not None and options.max_articles < 1:
        raise ConfigError(f"max_articles is {options.max_articles}", hint="use 1 or more, or no maximum")
    if options.calibration < 0:
        raise ConfigError(f"{quantity(options.calibration, 'calibration article')}", hint="use 0 or more")
    if options.max_articles is not None and options.calibration > options.max_articles:
        raise ConfigError(
            f"{quantity(options.calibration, 'calibration article')}, but only "
            f"{quantity(options.max_articles, 'article')} in all",
            hint="raise --max-articles",
        )
    if options.gold_checks < 0:
        raise ConfigError(f"{options.gold_checks} gold checks", hint="use 0 or more")
    for name, value, choices in (
        ("order", options.order, Order),
        ("window unit", options.window_unit, WindowUnit),
        ("kind", options.kind, TaskKind),
    ):
        if value not in get_args(choices):
            raise ConfigError(f"unknown {name} {value!r}", hint=f"choose one of {', '.join(get_args(choices))}")
    _check_targets(options)
    _check_windows(options)
    for key in options.stratify:
        if key not in KEYS or options.stratify.count(key) > 1:
            raise ConfigError(f"cannot stratify by {','.join(options.stratify)}", hint=f"choose from {', '.join(KEYS)}")
    if options.stratify and (options.max_articles is None or options.articles):
        raise ConfigError("--stratify needs a number of articles to draw", hint="add --max-articles, without --article")


def _check_targets(options: SamplingOptions) -> None:
    if options.kind == "entities" and options.targets is not None:
        raise ConfigError("--targets only applies to stance tasks", hint="add --kind stance")
    if options.kind == "stance" and options.window_unit != "whole":
        raise ConfigError("stance tasks are about whole articles", hint="remove --window-unit")
    if options.max_targets < 1:
        raise ConfigError(f"max_targets is {options.max_targets}", hint="use 1 or more")


def _check_windows(options: SamplingOptions) -> None:
    sizes, defaults = (options.window_size, options.window_context), (_DEFAULTS.window_size, _DEFAULTS.window_context)
    if options.window_unit == "whole" and sizes != defaults:
        raise ConfigError(
            "--window-size and --window-context need windows", hint="add --window-unit paragraphs, or sentences"
        )
    if options.window_size < 1 or options.window_context < 0:
        raise ConfigError(
            f"window size {options.window_size} with context {options.window_context}",
            hint="use a size of 1 or more and a context of 0 or more",
        )


def parse_task_limits(text: str, annotators: Sequence[str]) -> dict[str, int]:
    """Return the maximum number of tasks by annotator from `40` (every annotator) or `A1=40,A2=20`.

    Annotators without an entry have no limit. Raises ConfigError if the text has neither form.
    """
    if not text.strip():
        return {}
    limits: dict[str, int] = {}
    for part in text.split(","):
        name, equals, number = part.rpartition("=")
        name, number = name.strip(), number.strip()
        names = (name,) if equals else annotators
        is_repeated = (equals and name in limits) or (not equals and limits)
        if not number.isdecimal() or (equals and name not in annotators) or is_repeated:
            raise ConfigError(
                f"not a limit: {part.strip()!r} in {text!r}",
                hint=f"write one number for all annotators, or one per annotator: {annotators[0]}=40",
            )
        limits |= dict.fromkeys(names, int(number))
    return limits
