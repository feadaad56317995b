"""What a planned batch asks about an article: all of it, windows of it, or its stance to targets by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from goldwire.errors import DataError, MissingFileError
from goldwire.records import Article, Task
from goldwire.sampling import targets
from goldwire.sampling.options import How
from goldwire.sampling.windows import Window, cut
from goldwire.text.display_limits import unsupported_reason
from goldwire.workspace import loading
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = ["Asking", "prepare"]


class Asking(msgspec.Struct, frozen=True):
    """What is asked; `named` gives an article's targets, None where a batch asks for entities.

    `unknown` are articles of which nobody can say what their targets are; `doubts` says how much each of some articles
    would teach, where that is their order.
    """

    batch: str
    how: How
    named: Callable[[Article], tuple[str, ...]] | None = None
    unknown: Callable[[Article], bool] | None = None
    doubts: Callable[[Asking, Sequence[Article]], dict[str, float]] | None = None

    def refusal(self, article: Article) -> str | None:
        """Why nothing can be asked about `article`, None where something can."""
        if unsupported_reason(article.text):
            return "the server cannot show the text"
        if self.unknown and self.unknown(article):
            return "no gold to take targets from"
        return "names no target" if self.named and not self.named(article) else None

    def tasks(self, article: Article) -> tuple[Task, ...]:
        """What is asked about `article`, still of nobody."""
        if self.named is None:
            parts = cut(article.text, self.how.window_unit, self.how.window_size, self.how.window_context)
            return tuple(self._task(article, part, None) for part in parts)
        return tuple(self._task(article, Window(0, len(article.text)), name) for name in self.named(article))

    def _task(self, article: Article, part: Window, target: str | None) -> Task:
        return Task(
            id="",
            batch=self.batch,
            kind=self.how.kind,
            article_id=article.id,
            window=(part.start, part.end),
            target=target,
            text_sha256=article.text_sha256,
            annotators=(),
            context=part.shown,
        )


def prepare(workspace: Workspace, schema: Schema, batch: str, how: How) -> Asking:
    """Read what it takes to ask: the list of targets, or the gold that has them."""
    doubts = partial(_doubts, workspace) if how.order == "uncertain" else None
    if how.kind == "entities":
        return Asking(batch, how, doubts=doubts)
    if how.targets is not None:
        names = targets.parse_list(_read(Path(how.targets)), Path(how.targets))
        return Asking(batch, how, lambda article: targets.named(article, names), doubts=doubts)
    gold = {(layer.article_id, layer.text_sha256): layer for layer in loading.gold(workspace) if layer.spans}
    if not gold:
        raise MissingFileError(
            "no gold to take targets from",
            location=workspace.gold,
            hint="name targets with --targets FILE, or annotate entities first",
        )

    def salient(article: Article) -> tuple[str, ...]:
        layer = gold.get((article.id, article.text_sha256))
        return () if layer is None else targets.salient(article, layer, schema.targets, how.max_targets)

    return Asking(batch, how, salient, lambda article: (article.id, article.text_sha256) not in gold, doubts)


def _doubts(workspace: Workspace, asking: Asking, articles: Sequence[Article]) -> dict[str, float]:
    """How much each of `articles` would teach, by the gold and the layers so far."""
    from goldwire.sampling import uncertainty

    gold, place = loading.gold(workspace), workspace.gold
    if not gold:
        raise MissingFileError("no gold to be uncertain by", location=place, hint="draw the first batches at random")
    layers = [
        layer
        for batch in loading.batches(workspace)
        if batch != asking.batch and any((workspace.layers / batch).glob("*.jsonl"))
        for layer in loading.layers(workspace, batch)
    ]
    texts = {key: article.text for key, article in loading.articles(workspace).items()}
    known = uncertainty.Known(gold=gold, layers=layers, texts=texts)
    named = asking.named
    wanted = None if named is None else {article.id: named(article) for article in articles}
    try:
        return uncertainty.scores(known, {article.id: article.text for article in articles}, wanted)
    except ValueError as error:
        hint = "draw at random until gold has them"
        raise DataError(f"gold has {error} to learn from", location=place, hint=hint) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # Windows editors put a mark first
    except OSError as error:
        raise MissingFileError(
            f"cannot be read: {error.strerror}", location=path, hint="name a file of targets"
        ) from None
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 at byte {error.start}", location=path, hint="save it as UTF-8") from None
