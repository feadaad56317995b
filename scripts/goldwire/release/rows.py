"""The rows of a release: gold as `entities` and `stance`, and every annotator's layer as `annotations`. Pure.

`goldwire.release.candidates` has the rows of whatever anybody marked.

Labels are names here; `goldwire.release.parquet` writes them as ClassLabel. Offsets are code points of `text`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from goldwire.records import AnnotationLayer, Article, Decision, SpanLabel, SplitAssignment, StanceLabel
from goldwire.release.vote_shares import count_answer, label_shares, none_share
from goldwire.text.bio_tags import bio_tags
from goldwire.text.sentences import sentences

__all__ = [
    "CONFIGS",
    "ReleaseEntry",
    "Row",
    "annotation_row",
    "article_columns",
    "entity_row",
    "sentence_rows",
    "stance_rows",
]

CONFIGS = ("entities", "stance", "annotations", "stance_candidates", "entity_candidates")
Row = dict[str, Any]


class ReleaseEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An article of a release.

    Attributes
    ----------
    article, gold, assignment
        The article, its gold layer and its row of splits/assignment.tsv.
    n_annotators
        Number of annotators who confirmed the article in the batch of its gold.
    decisions
        The decision behind each gold label, by the label's id.
    entities_annotated
        Whether its entities were annotated; if not, an empty list does not mean that it has no entities.
    target_probability
        Inclusion probability of the article in the batch that asks for stances towards named targets.
    """

    article: Article
    gold: AnnotationLayer
    assignment: SplitAssignment
    n_annotators: int
    decisions: Mapping[str, Decision]
    entities_annotated: bool = True
    target_probability: float | None = None

    def probability_of(self, stance: StanceLabel) -> float | None:
        """Return the inclusion probability of the article in the batch that asked for a stance."""
        return self.target_probability if stance.target is None else self.gold.inclusion_probability or None


def entity_row(entry: ReleaseEntry, tokens: Sequence[tuple[int, int]]) -> Row:
    """Return an article with its gold spans, both as offsets and as one BIO tag per token.

    `tokens` are half-open offsets in text order. An article whose entities nobody was asked to mark has no tokens in
    its row, because an `O` for each token would mean that it contains no entity.
    """
    article, gold = entry.article, entry.gold
    tokens = tokens if entry.entities_annotated else ()
    return {
        "article_id": article.id,
        "source": article.source,
        "url": article.url,
        "published": article.published,
        "language": article.language,
        "title": article.title,
        "text": article.text,
        "text_sha256": article.text_sha256,
        "since_version": entry.assignment.since_version,
        "tokens": [article.text[start:end] for start, end in tokens],
        "token_starts": [start for start, _ in tokens],
        "token_ends": [end for _, end in tokens],
        "ner_tags": bio_tags(tokens, gold.spans),
        "sentences": sentence_rows(article.text, article.language, tokens),
        "spans": [_span(span) | {"votes": _votes(entry.decisions.get(span.id))} for span in gold.spans],
        "n_annotators": entry.n_annotators if entry.entities_annotated else 0,
        "inclusion_probability": entry.gold.inclusion_probability or None,
    }


def stance_rows(entry: ReleaseEntry, stances: Sequence[str]) -> list[Row]:
    """Return one row per holder-target pair of gold.

    `stance_shares` follows the order of `stances`, the names of the stance labels. It is null where no annotator drew
    the pair; an expert did.
    """
    article = entry.article
    spans = {span.id: span for span in entry.gold.spans}
    rows = []
    for stance in entry.gold.stances:
        holder, target = spans.get(stance.holder or ""), spans.get(stance.target or "")
        decision = entry.decisions.get(stance.id)
        rows.append(
            {
                "id": f"{article.id}:{stance.id}",
                **article_columns(entry),
                "text": article.text,
                **_end("holder", holder),
                **(_end("target", target) | ({} if target else {"target": stance.target_name})),
                "label": stance.stance,
                "stance_shares": None if decision is None else label_shares(decision, stances),
                "none_share": None if decision is None else none_share(decision),
                "votes": None if decision is None else count_answer(decision, stance.stance),
                # A named target is a separate task, possibly for other annotators.
                "n_annotators": entry.n_annotators if decision is None or stance.target else decision.n_voters,
                "inclusion_probability": entry.probability_of(stance),
            }
        )
    return rows


def sentence_rows(text: str, language: str, tokens: Sequence[tuple[int, int]]) -> list[Row]:
    """Return the sentences as offsets in the text and as the range of their tokens, both half-open.

    Titles of persons, such as `Dr.`, do not end a sentence. A token that a sentence's end divides belongs to the
    sentence it begins in.
    """
    starts = [start for start, _ in tokens]
    return [
        {
            "start": start,
            "end": end,
            "token_start": bisect_left(starts, start),
            "token_end": bisect_left(starts, end),
        }
        for start, end in sentences(text, language)
    ]


def annotation_row(layer: AnnotationLayer) -> Row:
    """Return one annotator's layer of an article, without comments: people write names and doubts in them."""
    spans = {span.id: span for span in layer.spans}
    return {
        "article_id": layer.article_id,
        "text_sha256": layer.text_sha256,
        "batch": layer.batch,
        "annotator": layer.annotator,
        "guidelines_version": layer.guidelines_version,
        "schema_version": layer.schema_version,
        "confirmed": layer.confirmed,
        "spans": [_span(span) for span in layer.spans],
        "stances": [
            {
                "id": stance.id,
                "holder": stance.holder,
                "target": stance.target,
                "target_name": stance.target_name or spans[stance.target or ""].text,
                "label": stance.stance,
            }
            for stance in layer.stances
        ],
    }


def article_columns(entry: ReleaseEntry) -> Row:
    """Return the columns that say which article a row is about."""
    return {
        "article_id": entry.article.id,
        "source": entry.article.source,
        "published": entry.article.published,
        "since_version": entry.assignment.since_version,
    }


def _span(span: SpanLabel) -> Row:
    return {"id": span.id, "start": span.start, "end": span.end, "label": span.label, "text": span.text}


def _end(name: str, span: SpanLabel | None) -> Row:
    """The columns of a stance's holder or target; all are null without a span."""
    values = (None, None, None) if span is None else (span.text, span.start, span.end)
    return dict(zip((name, f"{name}_start", f"{name}_end"), values, strict=True))


def _votes(decision: Decision | None) -> int | None:
    return None if decision is None else decision.n_votes
