"""L3: what the texts say that no article should: people's addresses, broken encodings, remains of markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["CHECKS", "text_faults"]

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
_TWICE_DECODED = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u2122]{1,3}")


def text_faults(text: str) -> Iterator[tuple[str, str]]:
    """Yield a code and a message for each kind of thing that a text should not hold, at its first place."""
    if "@" in text:
        yield from _found("text-email", EMAIL, text)
    yield from _found("text-phone", _PHONE, text)
    if "&" in text or "<" in text:
        yield from _found("text-markup", _MARKUP, text)
    if not text.isascii():
        if "\ufffd" in text:
            yield "text-replacement-character", f"{text.count(chr(0xFFFD))}, the first at {text.index(chr(0xFFFD))}"
        for found in _TWICE_DECODED.finditer(text):
            meant = _undone(found[0])
            if meant is not None:
                yield "text-mojibake", f"{found[0]!r} at {found.start()} was {meant!r}"
                break


def _found(code: str, pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    found = pattern.search(text)
    if found:
        count = sum(1 for _ in pattern.finditer(text))
        yield code, f"{found[0]!r} at {found.start()}{f', {count} in all' if count > 1 else ''}"


def _undone(text: str) -> str | None:
    """What UTF-8 bytes that were read as Windows-1252 were meant to be, None where they are no such thing."""
    # Windows-1252 leaves five bytes without a character; software puts the control of the same number there.
    data = b"".join(c.encode("latin-1") if "\x80" <= c <= "\xff" else c.encode("cp1252", "ignore") for c in text)
    for size in range(len(data), 1, -1):
        try:
            return data[:size].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return None


def texts(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield what each article's text should not hold."""
    for entry in snapshot.articles:
        for code, message in text_faults(entry.record.text):
            yield entry.finding(code, entry.record.id, message)


def repeats(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article with the very text of another that dedup has not put in one cluster with it."""
    if not snapshot.duplicates.whole:
        return
    cluster_of = {id: entry.record.cluster for entry in snapshot.duplicates for id in entry.record.articles}
    first: dict[str, str] = {}
    for entry in snapshot.articles:
        article = entry.record
        other = first.setdefault(article.text_sha256, article.id)
        if other != article.id and cluster_of.get(other, other) != cluster_of.get(article.id):
            yield entry.finding("text-repeated", article.id, f"has the very text of {other}, and no cluster joins them")


CHECKS = (texts, repeats)
