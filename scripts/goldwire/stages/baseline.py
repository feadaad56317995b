"""Train simple models on a released version and report them beside the majority class and the probes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.baselines import evaluation
from goldwire.baselines.scores import Baseline, described
from goldwire.errors import DataError, MissingFileError
from goldwire.release import reader
from goldwire.workspace import loading, versions
from goldwire.workspace.layout import Workspace

__all__ = ["BaselineReport", "run"]


class BaselineReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the models of a version score on its validation and test."""

    version: str
    measured: Baseline

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        found = self.measured
        yield f"v{self.version}: trained on train ({found.articles} articles)"
        for task, of, models in (("stance", "macro-F1", found.stance), ("entities", "micro-F1", found.entities)):
            if task in found.skipped:
                yield f"{task}: no model, since {found.skipped[task]}"
            for model in models:
                said = "; ".join(f"{split} {described(score)}" for split, score in model.scores.items())
                yield f"{task} {of}, {model.name}: {said or 'nothing to score on'}"
        yield from (f"warning: {warning}" for warning in found.warnings)


def run(workspace: Workspace, *, version: str | None = None) -> BaselineReport:
    """Measure version `X.Y.Z`, or the latest; nothing is written. A release of itself has these figures in its card."""
    wanted = version or versions.latest(loading.releases(workspace))
    if wanted is None:
        raise MissingFileError("no release", location=workspace.splits, hint="`goldwire release` makes one")
    opened = reader.open_release(workspace, versions.plain(wanted))
    if opened.manifest.standoff:
        raise DataError("it holds no text", location=opened.folder, hint="hydrate it, or release it with its text")
    rows = {
        config: {split: list(opened.rows(config, split)) for split in opened.splits(config)}
        for config in ("entities", "stance")
    }
    return BaselineReport(version=opened.manifest.version, measured=evaluation.measure(rows))
