"""Decisions on gold, and the method by which a batch was adjudicated."""

from __future__ import annotations

from typing import Literal

from goldwire.records.record import Record

__all__ = [
    "Adjudication",
    "AdjudicationMethod",
    "Decision",
    "DecisionAnswer",
    "DisputeCause",
    "FallbackMethod",
    "Provenance",
]

Provenance = Literal["unanimous", "majority", "single", "expert", "model"]
DisputeCause = Literal["existence", "label", "boundary", "stance", "span"]
AdjudicationMethod = Literal["majority", "dawid-skene", "mace", "expert"]
FallbackMethod = Literal["majority", "dawid-skene", "mace"]


class DecisionAnswer(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One answer to the question behind a decision, and the annotators who gave it.

    `label` is the entity label or the stance; None where they marked or drew nothing. `start` and `end` are the
    offsets of a span; None for a stance and for nothing.
    """

    label: str | None
    start: int | None = None
    end: int | None = None
    annotators: tuple[str, ...]


class Decision(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Decision on one span or stance: in gold, left out of gold, or still in dispute.

    Attributes
    ----------
    article_id : str
    kind : {"span", "stance"}
    gold_id : str or None
        The id in the gold layer (`T4`, `R2`); None where it is not in gold: left out, or still in dispute.
    description : str
        The item in words: `Merkel [120, 126) PER`, `Merkel [120, 126) supports Berlin [10, 16)`.
    label : str or None
        The entity label or the stance that it has in gold; None where it is not in gold.
    start, end : int or None
        Offsets of a span: those in gold, or the most frequent ones among the annotators; None for a stance.
    holder, target : (int, int) or None
        Offsets of the ends of a stance. None for a span; no `holder` stands for the article's own voice, no `target`
        for a named one.
    target_name : str or None
        The target of a stance that was asked about by name.
    n_votes, n_voters : int
        How many annotators gave the answer that has most votes, of how many who annotated the article.
    provenance : {"unanimous", "majority", "single", "expert", "model"} or None
        Who decided, whether it is in gold or left out; None where it is in dispute. All annotators of the article
        agreed; most did; there was only one; the expert gave a reason, settled what the votes do not decide, or decided
        otherwise than the votes; or a model of the annotators decided.
    dispute : {"existence", "label", "boundary", "stance", "span"} or None
        Why it is undecided: whether there is anything, which label it has, where it starts or ends, which stance it is,
        or whether an end of the stance is in gold. None where it is decided.
    comment : str or None
        The expert's own words.
    answers : tuple of DecisionAnswer
        What the annotators answered, the most frequent answer first.
    posterior : float or None
        Probability of the answer, where a model of the annotators was asked.
    """

    article_id: str
    kind: Literal["span", "stance"]
    gold_id: str | None
    description: str
    label: str | None = None
    start: int | None = None
    end: int | None = None
    holder: tuple[int, int] | None = None
    target: tuple[int, int] | None = None
    target_name: str | None = None
    n_votes: int
    n_voters: int
    provenance: Provenance | None = None
    dispute: DisputeCause | None = None
    comment: str | None = None
    answers: tuple[DecisionAnswer, ...] = ()
    posterior: float | None = None

    @property
    def is_resolved(self) -> bool:
        """Whether it is decided: in gold or left out of it."""
        return self.provenance is not None

    @property
    def is_left_out(self) -> bool:
        """Whether it was decided that it is not in gold."""
        return self.is_resolved and self.gold_id is None


class Adjudication(Record, frozen=True, kw_only=True):
    """The method by which a batch was adjudicated: annotations/gold/<batch>.adjudication.json.

    With it and the layers, `goldwire check` adjudicates again and compares the result with gold and decisions.

    Attributes
    ----------
    batch : str
    method : {"majority", "dawid-skene", "mace", "expert"}
        What decides labels and stances: most votes, a model of the annotators, or one expert.
    min_votes : int
        The least number of votes for each item.
    min_posterior : float or None
        The least probability at which a model decides; None for other methods.
    expert : str or None
        Whose labels decide, with the method `expert`.
    fallback : {"majority", "dawid-skene", "mace"}
        What decides, with the method `expert`, where this expert did not tick the article as done.
    """

    batch: str
    method: AdjudicationMethod
    min_votes: int = 1
    min_posterior: float | None = None
    expert: str | None = None
    fallback: FallbackMethod = "majority"
