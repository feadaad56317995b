"""Plan how many articles and annotators it takes until a figure is as precise as it has to be."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import get_args

import msgspec

from goldwire.agreement.pilots import Pilot, PlannedCoefficient, guessed_pilot, pilot_of_layers
from goldwire.agreement.planning import PrecisionPlan, plan_precision
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer
from goldwire.text_table import align_columns
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace

__all__ = ["PlanReport", "run", "run_guess"]


_OF_STANCES: tuple[PlannedCoefficient, ...] = ("stance_f1_exact", "stance_alpha_with_none")


class PlanReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of `plan`.

    Parameters
    ----------
    batch : str or None
        The pilot; None for guesses.
    machine : str or None
        The machine whose score against gold is planned; None for agreement.
    plans : tuple of PrecisionPlan
        One for each coefficient.
    max_per_annotator : int or None
        Articles that one annotator can label.
    """

    batch: str | None
    machine: str | None
    plans: tuple[PrecisionPlan, ...]
    max_per_annotator: int | None = None

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for number, plan in enumerate(self.plans):
            if number:
                yield ""
            yield self._title(plan)
            yield from self._design_lines(plan)
            if plan.curve:
                each = "" if self.machine else ", each with as many annotators"
                yield f"  to expect after more articles of this kind{each}:"
                sizes = ("  articles", *(f"{point.articles:,}" for point in plan.curve))
                widths = ("  +-", *(f"{point.half_width:.3f}" for point in plan.curve))
                yield from align_columns([sizes, widths], numbers=range(1, len(sizes)))
            yield from (f"note: {note}" for note in plan.notes)

    def _title(self, plan: PrecisionPlan) -> str:
        title = f"{plan.coefficient}{f' of {self.machine} against gold' if self.machine else ''} {plan.value:.3f}"
        if plan.pilot_half_width is None:
            return f"{title} (guessed); until +-{plan.precision:g}"
        pilot = quantity(plan.pilot_articles or 0, "article")
        each = "" if self.machine else f", {quantity(plan.pilot_overlap or 0, 'annotator')} each"
        return (
            f"{title} +-{plan.pilot_half_width:.3f} in {self.batch} ({pilot}{each})\n"
            f"  until +-{plan.precision:g} with probability {plan.assurance:.0%}:"
        )

    def _design_lines(self, plan: PrecisionPlan) -> Iterator[str]:
        for design in plan.designs:
            if design.articles is None or design.labelled_articles is None:
                yield f"  {quantity(design.overlap, 'annotator')} per article: not even with a million articles"
                continue
            line = f"  {quantity(design.articles, 'article')}"
            if not self.machine:
                labelled = quantity(design.labelled_articles, "labelled article")
                line += f" x {quantity(design.overlap, 'annotator')} = {labelled}"
                people = self._people(design.labelled_articles, design.overlap)
                line += "" if people is None else f", by {quantity(people, 'person')}"
            yield line
        if not self.machine:
            yield from (
                f"  at the cost of the first row, {quantity(design.overlap, 'annotator')} each give "
                f"+-{design.half_width_at_equal_cost:.3f}"
                for design in plan.designs[1:]
                if design.articles is not None
            )

    def _people(self, labelled_articles: int, overlap: int) -> int | None:
        if self.max_per_annotator is None:
            return None
        return max(overlap, ceil(labelled_articles / self.max_per_annotator))


def run(
    workspace: Workspace,
    *,
    batch: str,
    precision: float,
    coefficient: PlannedCoefficient | None = None,
    machine: str | None = None,
    assurance: float = 0.8,
    max_overlap: int = 4,
    max_per_annotator: int | None = None,
) -> PlanReport:
    """Plan from a pilot.

    Parameters
    ----------
    workspace : Workspace
    batch : str
        The pilot: a batch of which two annotators labelled the same articles.
    precision : float
        Half of the width that the 95% interval may have.
    coefficient : str or None
        Default: exact span F1, exact stance F1, and the alpha of stances, as far as the pilot has them.
    machine : str or None
        Plan the precision of this machine's score against gold instead of agreement.
    assurance, max_overlap
        As for `plan_precision`.
    max_per_annotator : int or None
        Articles that one annotator can label: the number of people follows from it.

    Raises
    ------
    MissingFileError
        The batch has no layers, or none of the machine, or no gold to score it against.
    DataError
        The pilot has no article that two annotators, or the machine and gold, labelled.
    """
    layers = _pilot_layers(workspace, batch, machine)
    coefficients = get_args(PlannedCoefficient) if coefficient is None else (coefficient,)
    # A machine that draws no stances has no score in them.
    has_stances = machine is None or any(layer.stances for layer in layers if layer.annotator == machine)
    pilots: list[Pilot] = []
    reasons: dict[str, list[str]] = {}
    for name in coefficients:
        if coefficient is None and (name == "span_f1_label" or (name in _OF_STANCES and not has_stances)):
            continue
        pilot = pilot_of_layers(layers, name)
        if isinstance(pilot, str):
            reasons.setdefault(pilot, []).append(name)
        else:
            pilots.append(pilot)
    if not pilots:
        hint = "plan from a guess: goldwire plan --precision 0.05 --value 0.8"
        problem = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
        raise DataError(problem, location=workspace.layers / batch, hint=hint)
    return PlanReport(
        batch=batch,
        machine=machine,
        plans=tuple(
            plan_precision(
                pilot,
                precision,
                assurance=assurance,
                max_overlap=max_overlap,
                fixed_overlap=machine is not None,
            )
            for pilot in pilots
        ),
        max_per_annotator=max_per_annotator,
    )


def _pilot_layers(workspace: Workspace, batch: str, machine: str | None) -> list[AnnotationLayer]:
    if machine is None:
        return list(loading.layers(workspace, batch))
    path = workspace.layers_file(batch, machine)
    of_machine = loading.layers_of(path)
    if not of_machine:
        raise MissingFileError(f"no layers of {machine} in batch {batch!r}", location=path)
    gold = [layer for layer in loading.gold(workspace) if layer.batch == batch]
    if not gold:
        hint = f"run `goldwire adjudicate {batch}` first"
        raise MissingFileError(f"no gold of batch {batch!r}", location=workspace.gold, hint=hint)
    return [*gold, *of_machine]


def run_guess(
    *,
    value: float,
    precision: float,
    items_per_article: float = 20,
    intraclass: float = 0.2,
    corrected_for_chance: bool = False,
    max_overlap: int = 4,
    max_per_annotator: int | None = None,
) -> PlanReport:
    """Plan from guesses; see `goldwire.agreement.pilots.guessed_pilot`.

    Raises
    ------
    ConfigError
        A guess is out of range.
    """
    try:
        pilot = guessed_pilot(
            value,
            items_per_article=items_per_article,
            intraclass=intraclass,
            corrected_for_chance=corrected_for_chance,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None
    plan = plan_precision(pilot, precision, assurance=0.5, max_overlap=max_overlap)
    return PlanReport(batch=None, machine=None, plans=(plan,), max_per_annotator=max_per_annotator)
