"""L3: texts that contain contact data, broken characters or markup, and gold that contradicts itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Finding, SpanLabel

__all__ = [
    "EMAIL",
    "content_problems",
    "identical_texts_differ",
    "inconsistent_surfaces",
    "repeated_texts",
    "unclean_texts",
]

TEXT_EMAIL = Rule(
    code="text-email",
    level=3,
    severity="warning",
    summary="the text of an article contains an e-mail address",
    why="It is personal data, and mostly boilerplate: a byline or a contact box.",
    fix="Remove it as boilerplate, or waive the finding if the article is about it.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-email] 'desk@nowhere.example' "
        "at offset 115"
    ),
)
TEXT_PHONE = Rule(
    code="text-phone",
    level=3,
    severity="warning",
    summary="the text of an article contains what looks like a phone number",
    why="It is personal data, and mostly boilerplate: a contact box or an advertisement.",
    fix="Remove it as boilerplate, or waive the finding if the article is about it.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-phone] '555-123-4567' at offset 111"
    ),
)
TEXT_MARKUP = Rule(
    code="text-markup",
    level=3,
    severity="warning",
    summary="the text of an article contains HTML tags or entities",
    why="Annotators would mark them, and models would learn them.",
    fix="Ingest the page as HTML and not as text.",
    example="corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-markup] '&amp;' at offset 105",
)
TEXT_REPLACEMENT_CHARACTER = Rule(
    code="text-replacement-character",
    level=3,
    severity="warning",
    summary="the text of an article contains the replacement character U+FFFD",
    why="It stands for letters that were lost because the page was decoded with the wrong encoding.",
    fix="Scrape the page again, or set its real encoding.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-replacement-character] 1, the "
        "first at offset 109"
    ),
)
TEXT_MOJIBAKE = Rule(
    code="text-mojibake",
    level=3,
    severity="warning",
    summary="the text of an article was decoded with the wrong encoding (mojibake)",
    why="UTF-8 was read as Windows-1252: quotes and accented letters became two or three wrong characters.",
    fix="Repair the raw file (the message names the original characters) and run `goldwire ingest` again.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-mojibake] 'â€œ' at offset 106 was '“'"
    ),
)

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?<![\w+/.])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]\d{2,4}){1,4}|\(\d{3}\) ?\d{3}-\d{4}"
    r"|\d{3}-\d{3}-\d{4})(?![\w-])"
)
_MARKUP = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|#\d{2,6}|#x[0-9A-Fa-f]{2,5});"
    r"|</?(?:p|br|div|span|a|b|i|em|strong|script|style|img|h[1-6]|li|ul|table|td|tr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_DECODED_TWICE = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u2122]{1,3}")


@check(TEXT_EMAIL, TEXT_PHONE, TEXT_MARKUP, TEXT_REPLACEMENT_CHARACTER, TEXT_MOJIBAKE)
def unclean_texts(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each kind of unwanted content in the text of an article."""
    for entry in snapshot.articles:
        for rule, message in content_problems(entry.record.text):
            yield entry.finding(rule, entry.record.id, message)


def content_problems(text: str) -> Iterator[tuple[Rule, str]]:
    """Yield a rule and a message for each kind of unwanted content in a text, at its first offset."""
    if "@" in text:
        yield from _first_match(TEXT_EMAIL, EMAIL, text)
    yield from _first_match(TEXT_PHONE, _PHONE, text)
    if "&" in text or "<" in text:
        yield from _first_match(TEXT_MARKUP, _MARKUP, text)
    if text.isascii():
        return
    if "\ufffd" in text:
        message = f"{text.count(chr(0xFFFD))}, the first at offset {text.index(chr(0xFFFD))}"
        yield TEXT_REPLACEMENT_CHARACTER, message
    for match in _DECODED_TWICE.finditer(text):
        original = _decoded_once(match[0])
        if original is not None:
            yield TEXT_MOJIBAKE, f"{match[0]!r} at offset {match.start()} was {original!r}"
            break


def _first_match(rule: Rule, pattern: re.Pattern[str], text: str) -> Iterator[tuple[Rule, str]]:
    match = pattern.search(text)
    if match:
        count = sum(1 for _ in pattern.finditer(text))
        yield rule, f"{match[0]!r} at offset {match.start()}{f', {count} in total' if count > 1 else ''}"


def _decoded_once(text: str) -> str | None:
    """Return the text whose UTF-8 bytes were read as Windows-1252, or None if it was not decoded twice."""
    # Windows-1252 leaves five bytes undefined; software decodes them as the control characters of the same number.
    data = b"".join(c.encode("latin-1") if "\x80" <= c <= "\xff" else c.encode("cp1252", "ignore") for c in text)
    for size in range(len(data), 1, -1):
        try:
            return data[:size].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return None


TEXT_REPEATED = Rule(
    code="text-repeated",
    level=3,
    severity="warning",
    summary="two articles have the same text, and no cluster contains both",
    why="They would be annotated twice, and could be in two splits.",
    fix="Run `goldwire dedup`.",
    example=(
        "corpus/articles/wire.jsonl:4 wire-e0e0e0e0e0e0: L3 content warning [text-repeated] has the same text as "
        "wire-68382fc9fbf0, and no cluster has both"
    ),
)


@check(TEXT_REPEATED)
def repeated_texts(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article with the text of an earlier article that is not in its cluster."""
    if not snapshot.duplicates.is_complete:
        return
    cluster_of = {id: entry.record.cluster for entry in snapshot.duplicates for id in entry.record.article_ids}
    first: dict[str, str] = {}
    for entry in snapshot.articles:
        article = entry.record
        other = first.setdefault(article.text_sha256, article.id)
        if other != article.id and cluster_of.get(other, other) != cluster_of.get(article.id):
            yield entry.finding(TEXT_REPEATED, article.id, f"has the same text as {other}, and no cluster has both")


SURFACE_TWO_LABELS = Rule(
    code="surface-two-labels",
    level=3,
    severity="warning",
    summary="the same surface has two labels in gold",
    why="Some names do have two meanings, but most often an annotator made a mistake. The message has the counts.",
    fix="Review the rarer label; clarify the guidelines, or waive the finding with the reason.",
    example=(
        "annotations/gold/b01.jsonl:1 T9: L3 content warning [surface-two-labels] 'Harbour Board' is 6 times "
        "ORG, 1 times PER in gold"
    ),
)


@check(SURFACE_TWO_LABELS)
def inconsistent_surfaces(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each label of a surface in gold except the most frequent one, at its first span."""
    spans: dict[str, dict[str, list[tuple[Entry[AnnotationLayer], SpanLabel]]]] = defaultdict(lambda: defaultdict(list))
    for entry in snapshot.gold:
        for span in entry.record.spans:
            spans[span.text][span.label].append((entry, span))
    for surface, by_label in spans.items():
        if len(by_label) < 2:
            continue
        ranked = sorted(by_label, key=lambda label: (-len(by_label[label]), label))
        counts = ", ".join(f"{len(by_label[label])} times {label}" for label in ranked)
        for label in sorted(ranked[1:]):
            entry, span = by_label[label][0]
            yield entry.finding(SURFACE_TWO_LABELS, span.id, f"{surface!r} is {counts} in gold")


TEXT_TWO_LABELS = Rule(
    code="text-two-labels",
    level=3,
    severity="warning",
    summary="two rows or articles with the same text have different labels",
    why="One of them is wrong, or the guidelines are unclear; a model cannot learn both.",
    fix="Decide which labels are right, or remove one of the two.",
    example=(
        "rows.csv:4: L3 content warning [text-two-labels] 'supports' here, another label at rows.csv:2, "
        "for the same text"
    ),
)


@check(TEXT_TWO_LABELS)
def identical_texts_differ(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each gold layer whose spans differ from those of an article with the same text."""
    first: dict[str, Entry[AnnotationLayer]] = {}
    target_batches = snapshot.target_batches
    for entry in snapshot.gold:
        if batch_of(entry.file) in target_batches:
            continue  # has no spans
        layer = entry.record
        other = first.setdefault(layer.text_sha256, entry).record
        difference = len(_extents(other) ^ _extents(layer))
        if difference:
            message = (
                f"{quantity(difference, 'span differs', 'spans differ')} from those of {other.article_id}, which "
                "has the same text"
            )
            yield entry.finding(TEXT_TWO_LABELS, layer.article_id, message)


def _extents(layer: AnnotationLayer) -> set[tuple[int, int, str]]:
    return {(span.start, span.end, span.label) for span in layer.spans}
