"""What a release holds, row by row: gold as `entities` and `stance`, and every annotator's layer as `annotations`.

Pure. A label is its name here; `goldwire.release.parquet` writes it as a ClassLabel. Offsets are code points of `text`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from goldwire.records import AnnotationLayer, Article, Decision, SpanLabel, SplitAssignment
from goldwire.text.bio_tags import bio_tags

__all__ = ["CONFIGS", "Entry", "Row", "annotation_row", "entity_row", "stance_rows"]

CONFIGS = ("entities", "stance", "annotations")
Row = dict[str, Any]


class Entry(msgspec.Struct, frozen=True):
    """An article of a release: its gold, the version it joined, how many annotators voted, and how on each unit.

    `marked` is whether anybody was asked about its entities.
    """

    article: Article
    gold: AnnotationLayer
    joined: SplitAssignment
    annotators: int
    decisions: Mapping[str, Decision]
    marked: bool = True


def entity_row(entry: Entry, tokens: Sequence[tuple[int, int]]) -> Row:
    """An article with its gold spans, and the same as one BIO tag a token. `tokens` are (start, end) in order.

    Where nobody was asked about entities it has no tokens: an `O` for each would say that there are none.
    """
    article, gold = entry.article, entry.gold
    tokens = tokens if entry.marked else ()
    return {
        "article_id": article.id,
        "source": article.source,
        "url": article.url,
        "published": article.published,
        "language": article.language,
        "title": article.title,
        "text": article.text,
        "text_sha256": article.text_sha256,
        "since": entry.joined.since,
        "tokens": [article.text[start:end] for start, end in tokens],
        "token_starts": [start for start, _ in tokens],
        "token_ends": [end for _, end in tokens],
        "ner_tags": bio_tags(tokens, gold.spans),
        "spans": [_span(span) | {"votes": _counted(entry.decisions.get(span.id))} for span in gold.spans],
        "n_annotators": entry.annotators if entry.marked else 0,
    }


def stance_rows(entry: Entry, options: Sequence[str]) -> list[Row]:
    """One row a holder-target pair of gold; `shares` follows `options`, the stances in the order of their label."""
    article = entry.article
    spans = {span.id: span for span in entry.gold.spans}
    rows = []
    for stance in entry.gold.stances:
        holder, target = spans.get(stance.holder or ""), spans.get(stance.target or "")
        made = entry.decisions.get(stance.id)
        rows.append(
            {
                "id": f"{article.id}:{stance.id}",
                "article_id": article.id,
                "source": article.source,
                "published": article.published,
                "since": entry.joined.since,
                "text": article.text,
                **_end("holder", holder),
                **(_end("target", target) | ({} if target else {"target": stance.target_name})),
                "label": stance.stance,
                "shares": _shares(made, stance.stance, options),
                "votes": _counted(made),
                # A target asked about by name was a question of its own, maybe to other people.
                "n_annotators": entry.annotators if made is None or stance.target else made.of,
            }
        )
    return rows


def annotation_row(layer: AnnotationLayer) -> Row:
    """All that one annotator said of an article. Comments stay out: people write names and doubts there."""
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


def _span(span: SpanLabel) -> Row:
    return {"id": span.id, "start": span.start, "end": span.end, "label": span.label, "text": span.text}


def _end(name: str, span: SpanLabel | None) -> Row:
    values = (None, None, None) if span is None else (span.text, span.start, span.end)
    return dict(zip((name, f"{name}_start", f"{name}_end"), values, strict=True))


def _counted(decision: Decision | None) -> int | None:
    return None if decision is None else decision.votes


def _shares(decision: Decision | None, label: str, options: Sequence[str]) -> list[float]:
    """The share of each stance among the annotators who drew one; where nobody's vote is known, gold has all."""
    said = {} if decision is None else {option: len(names) for option, names in decision.options}
    drawn = sum(said.get(option, 0) for option in options)
    if not drawn:
        return [float(option == label) for option in options]
    return [said.get(option, 0) / drawn for option in options]
