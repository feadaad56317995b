"""Train simple models on a released version and report them beside the majority class and the probes."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from goldwire.baselines import evaluation
from goldwire.baselines.scores import Baseline, Candidate, Model, SoftModel, format_difference, format_interval
from goldwire.errors import DataError, MissingFileError
from goldwire.progress import activity
from goldwire.quantities import quantity
from goldwire.release import reader
from goldwire.release.features import label_names_of
from goldwire.release.rows import CONFIGS
from goldwire.text_table import align_columns
from goldwire.workspace import loading, versions
from goldwire.workspace.layout import Workspace

__all__ = ["BaselineReport", "run"]


class BaselineReport(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of the models of a version on its validation and test splits."""

    version: str
    baseline: Baseline

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        baseline = self.baseline
        yield f"v{self.version}: trained on train ({quantity(baseline.n_train_articles, 'article')})"
        yield from (f"{task}: no model, {reason}" for task, reason in baseline.skipped.items())
        shared = "articles of several annotators"
        yield from _scores("stance, macro-F1", baseline.stance)
        yield from _scores("entities, micro-F1", baseline.entities)
        yield from _scores(f"stance, {shared}", baseline.stance_shared)
        yield from _scores(f"entities, {shared}", baseline.entities_shared)
        yield from _distances(baseline.soft_stance)
        yield from _leads(baseline.stance_leads)
        yield from _features(baseline.stance_features)
        if baseline.warnings:
            yield ""
        for warning in baseline.warnings:
            yield from textwrap.wrap(f"warning: {warning}", _WIDTH, subsequent_indent="  ")


_WIDTH = 80
_SCORED = ("validation", "test")


def _scores(title: str, models: Sequence[Model]) -> Iterator[str]:
    """Yield a table with the scores of models; a model that is scored on another number of items says so."""
    if not models:
        return
    numbers = {split: Counter(m.scores[split].n for m in models if split in m.scores) for split in _SCORED}
    usual = {split: counts.most_common(1)[0][0] for split, counts in numbers.items() if counts}
    rows: list[tuple[str, ...]] = [
        (title, *(f"{split}, n={usual[split]}" if split in usual else "" for split in _SCORED))
    ]
    for model in models:
        others = [f"n={score.n}" for split, score in model.scores.items() if score.n != usual[split]]
        name = f"{model.name} ({', '.join(others)})" if others else model.name
        rows += _wrapped(name, [format_interval(model.scores.get(split)) for split in _SCORED], 34)
    yield from ("", *align_columns(rows))


def _distances(models: Sequence[SoftModel]) -> Iterator[str]:
    """Yield a table for each split with the distances of models from the distributions of people."""
    for split in _SCORED:
        scored = [(model.name, model.scores[split]) for model in models if split in model.scores]
        if not scored:
            continue
        rows: list[tuple[str, ...]] = [
            (f"stance distributions, {split}", "cross-entropy", "Manhattan", "Wasserstein", "n")
        ]
        for name, score in scored:
            values = (score.cross_entropy, score.manhattan, score.wasserstein)
            rows += _wrapped(name, [*("" if value is None else f"{value:.3f}" for value in values), str(score.n)], 34)
        yield from ("", *align_columns(rows, numbers={1, 2, 3, 4}))


def _leads(probes: Sequence[Model]) -> Iterator[str]:
    """Yield a table with how much higher the full model of stances scores than each probe."""
    if not any(probe.scores for probe in probes):
        return
    rows: list[tuple[str, ...]] = [("stance, model minus probe", *_SCORED)]
    for probe in probes:
        rows += _wrapped(probe.name, [format_difference(probe.scores.get(split)) for split in _SCORED], 28)
    yield from ("", *align_columns(rows))


def _features(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Yield a table with the cross-validated scores of the candidates for the full model of stances."""
    if not candidates:
        return
    rows: list[tuple[str, ...]] = [("stance, cross-validated on train", "macro-F1", "the model minus it")]
    for each in candidates:
        lead = "chosen" if each.chosen else format_difference(each.lead)
        rows += _wrapped(each.features, [format_interval(each), lead], 32)
    yield from ("", *align_columns(rows))


def _wrapped(name: str, cells: Sequence[str], width: int) -> list[tuple[str, ...]]:
    """Return rows whose first cell is a name, indented and continued in further rows where it is long."""
    first, *rest = textwrap.wrap(name, width, initial_indent="  ", subsequent_indent="    ")
    return [(first, *cells), *((line, *("" for _ in cells)) for line in rest)]


def run(workspace: Workspace, *, version: str | None = None) -> BaselineReport:
    """Train and score the baselines of a released version; nothing is written.

    `goldwire release` reports the same scores in the card.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    version : str, optional
        `X.Y.Z`; default: the latest release.

    Raises
    ------
    MissingFileError
        If there is no such release.
    DataError
        If it contains no text.
    """
    chosen = version or versions.latest(loading.releases(workspace))
    if chosen is None:
        raise MissingFileError("no release", location=workspace.splits, hint="run `goldwire release`")
    release = reader.open_release(workspace, versions.plain(chosen))
    if release.manifest.standoff:
        hint = "run `goldwire hydrate` on it, or release it with its text"
        raise DataError("contains no text", location=release.folder, hint=hint)
    rows = {
        config: {split: list(release.rows(config, split)) for split in release.splits(config)}
        for config in CONFIGS
        if config != "annotations" and config in release.manifest.labels
    }
    stances: tuple[str, ...] = ()
    if "stance_candidates" in rows:
        stances = label_names_of({config: release.tables(config) for config in rows}).stance
    with activity("training models"):
        scores = evaluation.measure(rows, stances)
    return BaselineReport(version=release.manifest.version, baseline=scores)
