"""L2: spans lie in the text as they say."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.rules.text import INVISIBLE, show
from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.records import AnnotationLayer, Finding, SpanLabel
from goldwire.text.boundaries import splits_grapheme, splits_word

__all__ = ["CHECKS"]


def surfaces(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each span that is not a stretch of its article's text, or not the one that it says."""
    texts = {entry.record.id: entry.record.text for entry in snapshot.articles}
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            text = texts.get(entry.record.article_id)
            if text is not None:
                for span in entry.record.spans:
                    if text[span.start : span.end] == span.text and 0 <= span.start < span.end <= len(text):
                        yield from _edges(entry, span, text)
                    else:
                        yield _misplaced(entry, span, text)


def _misplaced(entry: Entry[AnnotationLayer], span: SpanLabel, text: str) -> Finding:
    if span.start < 0 or span.end > len(text):
        code, message = "span-out-of-bounds", f"[{span.start}, {span.end}) in a text of {len(text)} code points"
    elif span.start >= span.end:
        code, message = "span-empty", f"[{span.start}, {span.end}) holds nothing"
    else:
        code = "span-text-mismatch"
        message = f"stored {span.text!r}, article has {text[span.start : span.end]!r}{_elsewhere(span, text)}"
    return entry.finding(code, span.id, message)


def _edges(entry: Entry[AnnotationLayer], span: SpanLabel, text: str) -> Iterator[Finding]:
    surface = span.text
    if surface[0].isspace() or surface[-1].isspace():
        yield entry.finding("span-edge-space", span.id, f"{surface!r} begins or ends with white space")
    for at in (span.start, span.end):
        if 0 < at < len(text):
            if splits_grapheme(text, at):
                whole = text[max(at - 2, 0) : at + 2]
                yield entry.finding("span-splits-grapheme", span.id, f"{surface!r} is cut at {at}, within {whole!r}")
            elif splits_word(text, at):
                yield entry.finding("span-splits-word", span.id, f"{surface!r} is cut from {_word(text, at)!r}")
    if not surface.isascii() and (found := INVISIBLE.search(surface)):
        yield entry.finding("span-invisible-character", span.id, f"{surface!r} has {show(found[0])}")


def _word(text: str, at: int) -> str:
    """The word around `at`, at most 20 letters of it on either side."""
    start, end = at, at
    while start > max(at - 20, 0) and text[start - 1].isalnum():
        start -= 1
    while end < min(at + 20, len(text)) and text[end].isalnum():
        end += 1
    return text[start:end]


def _elsewhere(span: SpanLabel, text: str) -> str:
    """Where the surface does stand, nearest first, and whether that says in what units the offsets were counted."""
    at = -1
    starts = []
    while span.text and (at := text.find(span.text, at + 1)) >= 0:
        starts.append(at)
    if not starts:
        return ""
    start = min(starts, key=lambda found: abs(found - span.start))
    before = text[:start]
    units = ""
    if len(before.encode("utf-16-le", "surrogatepass")) // 2 == span.start:
        units = " (these offsets count UTF-16 units)"
    elif len(before.encode("utf-8", "surrogatepass")) == span.start:
        units = " (these offsets count bytes)"
    return f"; it stands at [{start}, {start + len(span.text)}){units}"


def labels(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each label and stance that the schema does not have."""
    if snapshot.schema is None:
        return
    entities, stances = frozenset(snapshot.schema.entity_labels), frozenset(snapshot.schema.stance_labels)
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            for span in entry.record.spans:
                if span.label not in entities:
                    message = f"{span.label!r} is not one of {', '.join(snapshot.schema.entity_labels)}"
                    yield entry.finding("label-unknown", span.id, message)
            for stance in entry.record.stances:
                if stance.stance not in stances:
                    message = f"{stance.stance!r} is not one of {', '.join(snapshot.schema.stance_labels)}"
                    yield entry.finding("stance-unknown", stance.id, message)


CHECKS = (surfaces, labels)
