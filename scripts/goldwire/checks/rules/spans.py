"""L2: spans match the text of their article, and spans of a layer overlap only as the schema allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.rules.text import INVISIBLE, character_name
from goldwire.checks.snapshot import Snapshot
from goldwire.quantities import quantity
from goldwire.records import Finding, SpanLabel
from goldwire.text.boundaries import splits_grapheme, splits_word, token_around

__all__ = ["misaligned_spans", "misplaced_spans", "overlapping_spans", "unknown_labels"]

SPAN_OUT_OF_BOUNDS = Rule(
    code="span-out-of-bounds",
    level=2,
    severity="error",
    summary="a span reaches outside the text",
    why="Readers would shorten it silently, or fail.",
    fix="Correct the span in Doccano and run `goldwire pull`; offsets count code points from 0, the end is exclusive.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 T8: L2 span error [span-out-of-bounds] [377, 422) in a text of 420 "
        "code points"
    ),
)
SPAN_EMPTY = Rule(
    code="span-empty",
    level=2,
    severity="error",
    summary="a span contains no character",
    why="It marks nothing, yet it counts as a label.",
    fix="Remove the span, or correct its end.",
    example="annotations/layers/b01/A1.jsonl:1 T8: L2 span error [span-empty] [377, 377) contains no character",
)
SPAN_TEXT_MISMATCH = Rule(
    code="span-text-mismatch",
    level=2,
    severity="error",
    summary="the stored text of a span differs from the text of the article at its offsets",
    why="A model would learn the wrong words. Most often the offsets count bytes or UTF-16 units.",
    fix="Convert the offsets to code points (the message says where the text occurs), or run `goldwire pull` again.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 T8: L2 span error [span-text-mismatch] stored 'Harbour Board', the "
        "article has 'arbour Board,'; it occurs at [377, 390)"
    ),
)
SPAN_SPLITS_GRAPHEME = Rule(
    code="span-splits-grapheme",
    level=2,
    severity="error",
    summary="a span starts or ends inside a grapheme, which readers see as one character",
    why="Nobody marks half an emoji, or a letter without its accent: the offsets are wrong.",
    fix="Mark the span again in Doccano and run `goldwire pull`.",
    example=(
        "annotations/layers/b02/A1.jsonl:1 T1: L2 span error [span-splits-grapheme] the edge of 'the school👍' at "
        "offset 175 is inside 'l👍🏽 '"
    ),
)
SPAN_SPLITS_WORD = Rule(
    code="span-splits-word",
    level=2,
    severity="warning",
    summary="a span starts or ends inside a word",
    why="Most often the mouse slipped, or offsets are off by one; models that label words cannot learn the span.",
    fix="Mark the whole word in Doccano and run `goldwire pull`, or waive the finding if part of a word is meant.",
    example=(
        "annotations/gold/b01.jsonl:1 T9: L2 span warning [span-splits-word] the edge of 'Harbour Boar' is "
        "inside the word 'Board'"
    ),
)
SPAN_EDGE_SPACE = Rule(
    code="span-edge-space",
    level=2,
    severity="warning",
    summary="a span starts or ends with white space",
    why="The same mention with and without a space counts as a disagreement.",
    fix="Trim the span; `goldwire pull` trims new ones.",
    example=(
        "annotations/gold/b01.jsonl:1 T9: L2 span warning [span-edge-space] ' Harbour Board' starts or ends with "
        "white space"
    ),
    fixable=True,
)
SPAN_INVISIBLE_CHARACTER = Rule(
    code="span-invisible-character",
    level=2,
    severity="warning",
    summary="a span contains an invisible character",
    why="Its text never equals the same name elsewhere.",
    fix="Run `goldwire ingest` again before annotation; once the article is annotated, waive this finding.",
    example=(
        "annotations/layers/b02/A1.jsonl:1 T1: L2 span warning [span-invisible-character] 'sch\\xadool' contains "
        "U+00AD SOFT HYPHEN"
    ),
)


@check(
    *(SPAN_OUT_OF_BOUNDS, SPAN_EMPTY, SPAN_TEXT_MISMATCH, SPAN_SPLITS_GRAPHEME, SPAN_SPLITS_WORD),
    *(SPAN_EDGE_SPACE, SPAN_INVISIBLE_CHARACTER),
)
def misplaced_spans(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each span whose offsets do not fit its text, or that starts or ends at a wrong place."""
    texts = {entry.record.id: entry.record.text for entry in snapshot.articles}
    for table in (snapshot.layers, snapshot.gold, snapshot.prelabels):
        for entry in table:
            text = texts.get(entry.record.article_id)
            for span in entry.record.spans if text is not None else ():
                for rule, message in _span_problems(span, text or ""):
                    yield entry.finding(rule, span.id, message)


SPAN_SPLITS_TOKEN = Rule(
    code="span-splits-token",
    level=2,
    severity="warning",
    summary="spans of a file start or end inside a token",
    why="BIO tags name whole tokens: `ner_tags` of the release are longer than what was marked.",
    fix=(
        "Mark whole words in Doccano, or waive the finding: a dictionary may divide a Thai, Lao, Khmer or Burmese "
        "name otherwise than people do, and the offsets in `spans` are exact."
    ),
    example=(
        "annotations/layers/b02/A1.jsonl:1 T1: L2 span warning [span-splits-token] 1 of 1 span start or end inside a "
        "token, the first is 'the school' in 'school-run'"
    ),
)


@check(SPAN_SPLITS_TOKEN)
def misaligned_spans(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file with spans that start or end inside a token, at the first of them."""
    texts = {entry.record.id: entry.record.text for entry in snapshot.articles}
    for _, entries in groupby((*snapshot.layers, *snapshot.gold), key=lambda entry: entry.file):
        spans = [
            (entry, span, text)
            for entry in entries
            if (text := texts.get(entry.record.article_id)) is not None
            for span in entry.record.spans
            if 0 <= span.start < span.end <= len(text)
        ]
        misaligned = [(entry, span, token) for entry, span, text in spans if (token := _split_token(span, text))]
        if misaligned:
            entry, span, token = misaligned[0]
            count = f"{len(misaligned)} of {quantity(len(spans), 'span')} start or end inside a token"
            yield entry.finding(SPAN_SPLITS_TOKEN, span.id, f"{count}, the first is {span.text!r} in {token!r}")


def _split_token(span: SpanLabel, text: str) -> str:
    """Return the token that a span splits; "" if none, or if it splits a word or a grapheme cluster (see above)."""
    edges = [offset for offset in (span.start, span.end) if 0 < offset < len(text)]
    if any(splits_word(text, offset) or splits_grapheme(text, offset) for offset in edges):
        return ""
    return next((token for offset in edges if (token := token_around(text, offset))), "")


def _span_problems(span: SpanLabel, text: str) -> Iterator[tuple[Rule, str]]:
    if text[span.start : span.end] == span.text and 0 <= span.start < span.end <= len(text):
        yield from _edge_problems(span, text)
    elif span.start < 0 or span.end > len(text):
        yield SPAN_OUT_OF_BOUNDS, f"[{span.start}, {span.end}) in a text of {len(text)} code points"
    elif span.start >= span.end:
        yield SPAN_EMPTY, f"[{span.start}, {span.end}) contains no character"
    else:
        message = f"stored {span.text!r}, the article has {text[span.start : span.end]!r}{_occurrence(span, text)}"
        yield SPAN_TEXT_MISMATCH, message


def _edge_problems(span: SpanLabel, text: str) -> Iterator[tuple[Rule, str]]:
    surface = span.text
    if surface[0].isspace() or surface[-1].isspace():
        yield SPAN_EDGE_SPACE, f"{surface!r} starts or ends with white space"
    for offset in (span.start, span.end):
        if 0 < offset < len(text):
            if splits_grapheme(text, offset):
                around = text[max(offset - 2, 0) : offset + 2]
                yield SPAN_SPLITS_GRAPHEME, f"the edge of {surface!r} at offset {offset} is inside {around!r}"
            elif splits_word(text, offset):
                yield SPAN_SPLITS_WORD, f"the edge of {surface!r} is inside the word {_word_at(text, offset)!r}"
    if not surface.isascii() and (match := INVISIBLE.search(surface)):
        yield SPAN_INVISIBLE_CHARACTER, f"{surface!r} contains {character_name(match[0])}"


def _word_at(text: str, offset: int) -> str:
    """Return the word around `offset`, at most 20 letters on each side."""
    start, end = offset, offset
    while start > max(offset - 20, 0) and text[start - 1].isalnum():
        start -= 1
    while end < min(offset + 20, len(text)) and text[end].isalnum():
        end += 1
    return text[start:end]


def _occurrence(span: SpanLabel, text: str) -> str:
    """Return where the stored text occurs next to its offsets, and whether those count bytes or UTF-16 units."""
    offset = -1
    starts = []
    while span.text and (offset := text.find(span.text, offset + 1)) >= 0:
        starts.append(offset)
    if not starts:
        return ""
    start = min(starts, key=lambda other: abs(other - span.start))
    before = text[:start]
    units = ""
    if len(before.encode("utf-16-le", "surrogatepass")) // 2 == span.start:
        units = " (the stored offsets count UTF-16 units)"
    elif len(before.encode("utf-8", "surrogatepass")) == span.start:
        units = " (the stored offsets count bytes)"
    return f"; it occurs at [{start}, {start + len(span.text)}){units}"


LABEL_UNKNOWN = Rule(
    code="label-unknown",
    level=2,
    severity="error",
    summary="a label is not in the schema",
    why="It would be a separate class in the released data.",
    fix="Correct the label, or add it to annotations/schema.toml and to the guidelines.",
    example="annotations/layers/b01/A1.jsonl:1 T8: L2 span error [label-unknown] 'Org' is not one of PER, ORG",
)
STANCE_UNKNOWN = Rule(
    code="stance-unknown",
    level=2,
    severity="error",
    summary="a stance is not in the schema",
    why="It would be a separate class in the released data.",
    fix="Correct the stance, or add it to annotations/schema.toml and to the guidelines.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 R2: L2 span error [stance-unknown] 'doubts' is not one of opposes, "
        "neutral, supports"
    ),
)


@check(LABEL_UNKNOWN, STANCE_UNKNOWN)
def unknown_labels(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each label and stance that the schema does not define."""
    if snapshot.schema is None:
        return
    entities, stances = frozenset(snapshot.schema.entity_labels), frozenset(snapshot.schema.stance_labels)
    for table in (snapshot.layers, snapshot.gold, snapshot.prelabels):
        for entry in table:
            for span in entry.record.spans:
                if span.label not in entities:
                    message = f"{span.label!r} is not one of {', '.join(snapshot.schema.entity_labels)}"
                    yield entry.finding(LABEL_UNKNOWN, span.id, message)
            for stance in entry.record.stances:
                if stance.stance not in stances:
                    message = f"{stance.stance!r} is not one of {', '.join(snapshot.schema.stance_labels)}"
                    yield entry.finding(STANCE_UNKNOWN, stance.id, message)


SPAN_REPEATED = Rule(
    code="span-repeated",
    level=2,
    severity="error",
    summary="one annotator marked the same span with the same label twice",
    why="It counts twice in every statistic.",
    fix="Delete one of them in Doccano and run `goldwire pull`, or remove it.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 T9: L2 span error [span-repeated] 'Harbour Board' is also marked ORG as T8"
    ),
)
SPAN_LABELLED_TWICE = Rule(
    code="span-labelled-twice",
    level=2,
    severity="warning",
    summary="one annotator gave the same span two labels",
    why="Unless the guidelines ask for both labels, one is a mistake.",
    fix="Delete one of them in Doccano and run `goldwire pull`.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 T9: L2 span warning [span-labelled-twice] 'Harbour Board' is marked "
        "PER, and ORG as T8"
    ),
)
SPAN_CROSSES = Rule(
    code="span-crosses",
    level=2,
    severity="error",
    summary="two spans of one layer overlap, and neither contains the other",
    why="BIO tags and most models cannot represent them, and it is nearly always a mistake.",
    fix='Correct them in Doccano and run `goldwire pull`, or set `overlap = "any"` in annotations/schema.toml.',
    example=(
        "annotations/layers/b01/A1.jsonl:1 T9: L2 span error [span-crosses] 'Harbour Board' starts inside 'the "
        "Harbour' (T8) and ends after it"
    ),
)
SPAN_NESTED = Rule(
    code="span-nested",
    level=2,
    severity="error",
    summary="a span is inside another, although the schema allows no overlap",
    why="The inner span is lost in BIO tags.",
    fix='Delete one in Doccano and run `goldwire pull`, or set `overlap = "nested"` in annotations/schema.toml.',
    example="annotations/layers/b01/A1.jsonl:1 T9: L2 span error [span-nested] 'Board' is inside 'Harbour Board' (T8)",
)


@check(SPAN_REPEATED, SPAN_LABELLED_TWICE, SPAN_CROSSES, SPAN_NESTED)
def overlapping_spans(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each span that repeats another of its layer, or overlaps one as the schema forbids."""
    overlap = "any" if snapshot.schema is None else snapshot.schema.overlap
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            for rule, span, message in _overlap_problems(entry.record.spans, overlap):
                yield entry.finding(rule, span.id, message)


def _overlap_problems(spans: Sequence[SpanLabel], overlap: str) -> Iterator[tuple[Rule, SpanLabel, str]]:
    open_spans: list[SpanLabel] = []
    previous: SpanLabel | None = None
    # Outer spans come before inner ones: an open span that ends before this one crosses it.
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.label)):
        open_spans = [other for other in open_spans if other.end > span.start]
        if previous is not None and (previous.start, previous.end) == (span.start, span.end):
            if previous.label == span.label:
                yield SPAN_REPEATED, span, f"{span.text!r} is also marked {span.label} as {previous.id}"
            else:
                message = f"{span.text!r} is marked {span.label}, and {previous.label} as {previous.id}"
                yield SPAN_LABELLED_TWICE, span, message
        else:
            crossed = next((other for other in open_spans if other.end < span.end), None)
            if crossed is not None and overlap != "any":
                message = f"{span.text!r} starts inside {crossed.text!r} ({crossed.id}) and ends after it"
                yield SPAN_CROSSES, span, message
            elif open_spans and overlap == "none":
                outer = open_spans[-1]
                yield SPAN_NESTED, span, f"{span.text!r} is inside {outer.text!r} ({outer.id})"
        open_spans.append(span)
        previous = span
