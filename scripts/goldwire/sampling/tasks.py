"""Tasks of a batch: whole articles, windows of articles, or articles with a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from goldwire.errors import DataError, MissingFileError
from goldwire.records import Article, Task
from goldwire.sampling import targets
from goldwire.sampling.options import SamplingOptions
from goldwire.sampling.windows import Window, split_into_windows
from goldwire.text.display_limits import unsupported_reason
from goldwire.workspace import loading
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = ["TaskBuilder", "build_task_builder"]


class TaskBuilder(msgspec.Struct, frozen=True):
    """Builds the tasks of each article of a batch.

    `targets_of` returns an article's targets (None: the batch asks for entities); `lacks_gold` is true for articles
    whose targets are unknown; `uncertainty` returns how much each of some articles would teach a model, if that decides
    their order.
    """

    batch: str
    options: SamplingOptions
    targets_of: Callable[[Article], tuple[str, ...]] | None = None
    lacks_gold: Callable[[Article], bool] | None = None
    uncertainty: Callable[[TaskBuilder, Sequence[Article]], dict[str, float]] | None = None

    def skip_reason(self, article: Article) -> str | None:
        """Return why the article has no task, or None if it has one."""
        if unsupported_reason(article.text):
            return "the server cannot show the text"
        if self.lacks_gold and self.lacks_gold(article):
            return "no gold layer to take targets from"
        return "mentions no target" if self.targets_of and not self.targets_of(article) else None

    def tasks(self, article: Article) -> tuple[Task, ...]:
        """Return the article's tasks, without ids and annotators."""
        if self.targets_of is None:
            options = self.options
            units = options.window_unit, options.window_size, options.window_context
            windows = split_into_windows(article.text, *units, article.language)
            return tuple(self._task(article, window, None) for window in windows)
        whole = Window(0, len(article.text))
        return tuple(self._task(article, whole, target) for target in self.targets_of(article))

    def _task(self, article: Article, window: Window, target: str | None) -> Task:
        return Task(
            id="",
            batch=self.batch,
            kind=self.options.kind,
            article_id=article.id,
            window=(window.start, window.end),
            target=target,
            text_sha256=article.text_sha256,
            annotators=(),
            context=window.context,
        )


def build_task_builder(workspace: Workspace, schema: Schema, batch: str, options: SamplingOptions) -> TaskBuilder:
    """Read what the tasks need: the list of targets, or the gold layers that contain them."""
    uncertainty = partial(_uncertainty, workspace) if options.order == "uncertain" else None
    if options.kind == "entities":
        return TaskBuilder(batch, options, uncertainty=uncertainty)
    if options.targets is not None:
        path = Path(options.targets)
        names = targets.parse_target_list(_read_text(path), path)
        return TaskBuilder(
            batch, options, lambda article: targets.mentioned_targets(article, names), uncertainty=uncertainty
        )
    gold = {(layer.article_id, layer.text_sha256): layer for layer in loading.gold(workspace) if layer.spans}
    if not gold:
        raise MissingFileError(
            "no gold layers to take targets from",
            location=workspace.gold,
            hint="list targets with --targets FILE, or annotate entities first",
        )

    def salient(article: Article) -> tuple[str, ...]:
        layer = gold.get((article.id, article.text_sha256))
        return () if layer is None else targets.salient_targets(article, layer, schema.targets, options.max_targets)

    def lacks_gold(article: Article) -> bool:
        return (article.id, article.text_sha256) not in gold

    return TaskBuilder(batch, options, salient, lacks_gold, uncertainty)


def _uncertainty(workspace: Workspace, builder: TaskBuilder, articles: Sequence[Article]) -> dict[str, float]:
    """Return how much each of `articles` would teach a model of the gold and layers so far."""
    from goldwire.sampling import uncertainty

    gold = loading.gold(workspace)
    if not gold:
        raise MissingFileError(
            "no gold layers to train a model on", location=workspace.gold, hint="use --order random for the first batch"
        )
    layers = [
        layer
        for batch in loading.batches(workspace)
        if batch != builder.batch and loading.has_layers(workspace, batch)
        for layer in loading.layers(workspace, batch)
    ]
    texts = {name: article.text for name, article in loading.articles(workspace).items()}
    annotated = uncertainty.AnnotatedData(gold=gold, layers=layers, texts=texts)
    targets_of = builder.targets_of
    wanted = None if targets_of is None else {article.id: targets_of(article) for article in articles}
    try:
        return uncertainty.uncertainty_scores(annotated, {article.id: article.text for article in articles}, wanted)
    except ValueError as error:
        hint = "use --order random until there are some"
        raise DataError(f"gold has {error} to train a model on", location=workspace.gold, hint=hint) from None


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # Windows editors write a byte order mark
    except OSError as error:
        raise MissingFileError(
            f"cannot be read: {error.strerror}", location=path, hint="name a file with one target per line"
        ) from None
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 at byte {error.start}", location=path, hint="save it as UTF-8") from None
