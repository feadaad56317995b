"""Train simple models on a released version and report them beside the majority class and the probes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.baselines import evaluation
from goldwire.baselines.scores import Baseline, format_score, format_soft_score
from goldwire.errors import DataError, MissingFileError
from goldwire.quantities import quantity
from goldwire.release import reader
from goldwire.release.features import label_names_of
from goldwire.release.rows import CONFIGS
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
        tasks = (("stance", "macro-F1", baseline.stance), ("entities", "micro-F1", baseline.entities))
        for task, metric, models in tasks:
            if task in baseline.skipped:
                yield f"{task}: no model, {baseline.skipped[task]}"
            for model in models:
                scores = "; ".join(f"{split} {format_score(score)}" for split, score in model.scores.items())
                yield f"{task} {metric}, {model.name}: {scores or 'nothing to score on'}"
        for task, models in (("stance", baseline.stance_shared), ("entities", baseline.entities_shared)):
            for model in models:
                scores = "; ".join(f"{split} {format_score(score)}" for split, score in model.scores.items())
                yield f"{task}, articles of several annotators, {model.name}: {scores or 'nothing to score on'}"
        for soft in baseline.soft_stance:
            distances = "; ".join(f"{split} {format_soft_score(score)}" for split, score in soft.scores.items())
            yield f"stance distributions, {soft.name}: {distances}"
        for candidate in baseline.stance_features:
            chosen = "chosen" if candidate.chosen else "not chosen"
            yield f"stance features, {candidate.features}: {candidate.score:.3f} on train, cross-validated ({chosen})"
        yield from (f"warning: {warning}" for warning in baseline.warnings)


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
    return BaselineReport(version=release.manifest.version, baseline=evaluation.measure(rows, stances))
