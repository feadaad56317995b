"""L2: spans lie in the text as they say."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.records import AnnotationLayer, Finding, SpanLabel

__all__ = ["CHECKS"]


def surfaces(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each span that is not a stretch of its article's text, or not the one that it says."""
    texts = {entry.record.id: entry.record.text for entry in snapshot.articles}
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            text = texts.get(entry.record.article_id)
            if text is not None:
                for span in entry.record.spans:
                    # The fast path: a million spans a second, of which hardly one needs a word.
                    if text[span.start : span.end] != span.text or not 0 <= span.start < span.end <= len(text):
                        yield _misplaced(entry, span, text)


def _misplaced(entry: Entry[AnnotationLayer], span: SpanLabel, text: str) -> Finding:
    if span.start < 0 or span.end > len(text):
        code, message = "span-out-of-bounds", f"[{span.start}, {span.end}) in a text of {len(text)} code points"
    elif span.start >= span.end:
        code, message = "span-empty", f"[{span.start}, {span.end}) holds nothing"
    else:
        code = "span-text-mismatch"
        message = f"stored {span.text!r}, article has {text[span.start : span.end]!r}{_elsewhere(span, text)}"
    return Finding(code=code, file=entry.file, line=entry.line, where=span.id, message=message)


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
                    yield _at(entry, "label-unknown", span.id, message)
            for stance in entry.record.stances:
                if stance.stance not in stances:
                    message = f"{stance.stance!r} is not one of {', '.join(snapshot.schema.stance_labels)}"
                    yield _at(entry, "stance-unknown", stance.id, message)


def joins(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each stance whose holder or target is not a span of its layer."""
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            there = {span.id for span in entry.record.spans} if entry.record.stances else set()
            for stance in entry.record.stances:
                for role in ("holder", "target"):
                    id = getattr(stance, role)
                    if id is not None and id not in there:
                        yield _at(entry, "stance-dangling", stance.id, f"no span {id!r}, its {role}")


def _at(entry: Entry[AnnotationLayer], code: str, where: str, message: str) -> Finding:
    return Finding(code=code, file=entry.file, line=entry.line, where=where, message=message)


CHECKS = (surfaces, labels, joins)
