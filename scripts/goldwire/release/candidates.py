"""The rows of `stance_candidates` and `entity_candidates`: whatever anybody marked, in gold or not. Pure.

They have no column `label`: an item that is not in gold cannot be taken for gold by mistake. Research on disagreement
uses the answers of each annotator and their shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from goldwire.records import Decision, DecisionAnswer
from goldwire.release.rows import ReleaseEntry, Row, article_columns
from goldwire.release.vote_shares import label_shares, none_share

__all__ = ["entity_candidate_rows", "stance_candidate_rows"]


def stance_candidate_rows(entry: ReleaseEntry, decisions: Sequence[Decision], stances: Sequence[str]) -> list[Row]:
    """Return one row per holder-target pair of an article between which an annotator or an expert drew a stance.

    Parameters
    ----------
    entry : ReleaseEntry
        The article.
    decisions : sequence of Decision
        All decisions on the article.
    stances : sequence of str
        The names of the stances, in the order of `stance_shares`.
    """
    text = entry.article.text
    rows = []
    for number, decision in enumerate((one for one in decisions if one.kind == "stance"), 1):
        target = {} if decision.target else {"target": decision.target_name}
        rows.append(
            {
                **_identity(entry, decision, number),
                "text": text,
                **_end("holder", decision.holder, text),
                **(_end("target", decision.target, text) | target),
                "in_gold": decision.gold_id is not None,
                "gold_label": decision.label,
                "answers": [answer for given in decision.answers for answer in _answers(given)],
                "stance_shares": label_shares(decision, stances),
                "none_share": none_share(decision),
                "n_annotators": decision.n_voters,
            }
        )
    return rows


def entity_candidate_rows(entry: ReleaseEntry, decisions: Sequence[Decision], labels: Sequence[str]) -> list[Row]:
    """Return one row per mention of an article that an annotator or an expert marked.

    `start` and `end` are those in gold, or else the most frequent ones; each answer has its own. `label_shares` follows
    the order of `labels`.
    """
    rows = []
    for number, decision in enumerate((one for one in decisions if one.kind == "span"), 1):
        start, end = decision.start or 0, decision.end or 0
        rows.append(
            {
                **_identity(entry, decision, number),
                "start": start,
                "end": end,
                "surface": entry.article.text[start:end],
                "in_gold": decision.gold_id is not None,
                "gold_label": decision.label,
                "answers": [
                    answer | {"start": given.start, "end": given.end}
                    for given in decision.answers
                    for answer in _answers(given)
                ],
                "label_shares": label_shares(decision, labels),
                "none_share": none_share(decision),
                "n_annotators": decision.n_voters,
            }
        )
    return rows


def _identity(entry: ReleaseEntry, decision: Decision, number: int) -> Row:
    """The id of a candidate, which is that of its gold label if it has one, and the columns of its article."""
    return {"id": f"{entry.article.id}:{decision.gold_id or f'C{number}'}", **article_columns(entry)}


def _end(name: str, offsets: tuple[int, int] | None, text: str) -> Row:
    """The columns of a holder or target; all are null without offsets."""
    values: tuple[Any, ...] = (None, None, None) if offsets is None else (text[slice(*offsets)], *offsets)
    return dict(zip((name, f"{name}_start", f"{name}_end"), values, strict=True))


def _answers(given: DecisionAnswer) -> list[Row]:
    return [{"annotator": annotator, "label": given.label} for annotator in given.annotators]
