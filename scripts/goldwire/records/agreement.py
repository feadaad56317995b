"""Agreement values of a batch."""

from __future__ import annotations

from typing import Literal

from goldwire.records.record import Record

__all__ = ["Agreement", "AgreementCondition", "AgreementInterval", "AgreementUnit"]

AgreementUnit = Literal["item", "span", "stance", "token", "prelabel"]
AgreementCondition = Literal["marked-by-two", "drawn-by-two", "drawn-by-any", "answered-by-two", "without-prelabels"]
AgreementInterval = Literal["jackknife", "percentile", "bca", "chance-sampling"]


class Agreement(Record, frozen=True, kw_only=True):
    """An agreement value with its sample size, its interval and the part of a batch that it describes.

    Attributes
    ----------
    coefficient : str
        The coefficient, such as `span_f1_exact` or `krippendorff_alpha_nominal`.
    batch : str or None
        The batch that was measured; None for data that is not a batch.
    unit : {"item", "span", "stance", "token", "prelabel"}
        What `n_items` counts and annotators agree on. A batch that asks for stances towards named targets has
        meaningful values of the unit `stance` only.
    label, annotators, source, target
        The part of the data that the value describes: one label against all others, these annotators only, articles
        of one source, stances towards one target. None where the value describes the whole.
    condition : str or None
        The units that the value is over, where these are not all of them. `marked-by-two`: text that two annotators
        marked; `drawn-by-two`: holder-target pairs between which two annotators drew a stance; `drawn-by-any`: pairs
        between which at least one did; `answered-by-two`: targets that two annotators were asked about by name;
        `without-prelabels`: labels other than those that both accepted of the same suggestion.
    value : float
        The coefficient; nan where it is undefined, and `reason` says why.
    low, high : float
        Bounds of the 95% interval; nan where there is none, and `reason` says why.
    interval : str or None
        How the interval was computed: `jackknife`, `percentile` or `bca` over articles, or `chance-sampling`: over the
        samples of chance in one text only.
    n_items : int
        Number of units that were compared.
    n_raters : int
        Number of annotators.
    n_groups : int or None
        Number of articles, or other groups of units, that the interval is over.
    reason : str or None
        Why the value or the interval is undefined.
    """

    coefficient: str
    batch: str | None = None
    unit: AgreementUnit = "item"
    label: str | None = None
    annotators: tuple[str, ...] | None = None
    source: str | None = None
    target: str | None = None
    condition: AgreementCondition | None = None
    value: float
    low: float
    high: float
    interval: AgreementInterval | None = None
    n_items: int
    n_raters: int
    n_groups: int | None = None
    reason: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the value describes the whole batch, not a label, some annotators, a source or a target."""
        return (self.label, self.annotators, self.source, self.target) == (None,) * 4

    @property
    def name(self) -> str:
        """The coefficient and, in brackets, the part that it describes; floors in `[tool.goldwire.floors]` use it.

        The whole batch: `span_f1_exact`; a label: `span_f1_exact[PER]`; annotators: `span_f1_exact[A1+A2]`; a source
        or target: `stance_alpha_nominal[source wire]`, `stance_alpha_nominal[target Port League]`. The name is only
        written and compared, never parsed.
        """
        parts = [part for part in (self.label, "+".join(self.annotators or ())) if part]
        parts += [f"{kind} {part}" for kind, part in (("source", self.source), ("target", self.target)) if part]
        return self.coefficient + (f"[{', '.join(parts)}]" if parts else "")
