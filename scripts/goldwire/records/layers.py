"""Layers: the spans and stances that one annotator marked in one article."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from goldwire.records.record import Record

__all__ = ["AnnotationLayer", "MachineRun", "Prelabels", "SpanLabel", "StanceLabel", "number_layer"]


class SpanLabel(Record, frozen=True, kw_only=True, gc=False):
    """An entity mention. `text` is the surface `Article.text[start:end]`, kept on purpose: it proves the offsets."""

    id: str  # T1, T2, ... in start, end, label order
    start: int
    end: int
    label: str
    text: str


class StanceLabel(Record, frozen=True, kw_only=True, gc=False):
    """A holder's stance to a target.

    `holder` is a span id, or None for the article's own voice. Of `target` (a span id) and `target_name`
    (a target that is asked about by name) exactly one is set.
    """

    id: str  # R1, R2, ...
    holder: str | None
    target: str | None = None
    target_name: str | None = None
    stance: str


class Prelabels(Record, frozen=True, kw_only=True):
    """The annotator's use of the pre-labels of an article.

    `accepted` and `changed` are ids of the layer's spans and stances; the annotator added all others. Pre-labels that
    the annotator removed are only counted.
    """

    source: str  # `gazetteer`, `model:NAME` or `layer:NAME`
    accepted: tuple[str, ...]
    changed: tuple[str, ...]
    dropped_spans: int
    dropped_stances: int


class MachineRun(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The run of a machine that made a layer.

    Parameters
    ----------
    source : str
        The source as `goldwire prelabel --with` names it: `gazetteer`, `spacy:NAME`, `openai:MODEL`; a file or folder
        without its path.
    model : str or None
        The model that answered, as the endpoint or the package names it.
    version : str or None
        Its version or fingerprint, or the digest of the file that it was read from.
    prompt_sha256 : str or None
        Digest of the instructions; None for a machine that gets none.
    temperature : float or None
        Temperature of a language model.
    date : str
        ISO 8601 date of the run.
    runs : int
        How many runs the layer combines: it has the labels of more than half of them.
    confidence : dict of str to float
        Confidence by id of span or stance: the share of the runs if there are several, else what the machine states.
        Labels without one are not in it.
    """

    source: str
    model: str | None = None
    version: str | None = None
    prompt_sha256: str | None = None
    temperature: float | None = None
    date: str
    runs: int = 1
    confidence: dict[str, float] = msgspec.field(default_factory=dict)


class AnnotationLayer(Record, frozen=True, kw_only=True):
    """All that one annotator (or a machine, or `gold`) said of one article.

    Some fields are there only in some layers: `prelabels` where an annotator started from some, `machine` in those of
    machines, `holdout` in pre-labels that no annotator sees, `inclusion_probability` (see `Task`) in gold.
    """

    article_id: str
    text_sha256: str
    batch: str
    annotator: str
    guidelines_version: str
    schema_version: str
    confirmed: bool
    spans: tuple[SpanLabel, ...]
    stances: tuple[StanceLabel, ...]
    comments: tuple[str, ...] = ()
    prelabels: Prelabels | msgspec.UnsetType = msgspec.UNSET
    machine: MachineRun | msgspec.UnsetType = msgspec.UNSET
    holdout: Literal[True] | msgspec.UnsetType = msgspec.UNSET
    inclusion_probability: float | msgspec.UnsetType = msgspec.UNSET


def number_layer(
    spans: Iterable[SpanLabel], stances: Iterable[StanceLabel]
) -> tuple[tuple[SpanLabel, ...], tuple[StanceLabel, ...]]:
    """Renumber spans T1... in (start, end, label) order and stances R1... in the order of what they join.

    Stances may refer to any ids that `spans` carry; a reference to no span is kept as it is, for `check` to find.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end, span.label, span.id))
    names = {span.id: f"T{number}" for number, span in enumerate(ordered, 1)}
    places = {span.id: number for number, span in enumerate(ordered, 1)}
    joined = sorted(
        stances,
        key=lambda s: (places.get(s.holder or "", 0), places.get(s.target or "", 0), s.target_name or "", s.stance),
    )
    return (
        tuple(msgspec.structs.replace(span, id=names[span.id]) for span in ordered),
        tuple(
            msgspec.structs.replace(
                stance,
                id=f"R{number}",
                holder=None if stance.holder is None else names.get(stance.holder, stance.holder),
                target=None if stance.target is None else names.get(stance.target, stance.target),
            )
            for number, stance in enumerate(joined, 1)
        ),
    )
