"""Corrections of extracted texts by people: the article keeps what is needed to undo them, and its map to raw bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import msgspec

from goldwire.records import Article, Correction, OriginRun, TextEdit, text_digest

__all__ = ["correct_article", "extracted_text", "normalized_text", "restore_article"]

_TOKENS = re.compile(r"\s|\w+|[^\w\s]")


def normalized_text(text: str) -> str:
    """Return a text in the form of articles: NFC, LF, no space at line ends, one blank line between paragraphs."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    return re.sub(r"\n{2,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


def extracted_text(article: Article) -> str:
    """Return the text before the correction; that of the article if there is none."""
    if isinstance(article.correction, msgspec.UnsetType):
        return article.text
    parts, end = [], 0
    for edit in article.correction.edits:
        parts += [article.text[end : edit.start], edit.extracted]
        end = edit.end
    return "".join((*parts, article.text[end:]))


def restore_article(article: Article) -> Article:
    """Return the article as it was extracted."""
    correction = article.correction
    if isinstance(correction, msgspec.UnsetType):
        return article
    text = extracted_text(article)
    return msgspec.structs.replace(
        article,
        text=text,
        text_sha256=text_digest(text),
        title=correction.title,
        origin=msgspec.structs.replace(article.origin, runs=correction.runs),
        correction=msgspec.UNSET,
    )


def correct_article(article: Article, text: str, reason: str) -> Article:
    """Return the article with a corrected text.

    A headline that is the first paragraph stays so. A second correction replaces the first one: its edits are those
    from the extracted text.

    Parameters
    ----------
    article : Article
    text : str
        The whole new text, in the form of `normalized_text`.
    reason : str
    """
    extracted = restore_article(article)
    matches = list(_matches(extracted.text, text))
    headline = extracted.text.partition("\n\n")[0]
    return msgspec.structs.replace(
        extracted,
        text=text,
        text_sha256=text_digest(text),
        title=text.partition("\n\n")[0] if extracted.title == headline else extracted.title,
        origin=msgspec.structs.replace(extracted.origin, runs=tuple(_moved_runs(extracted, matches))),
        correction=Correction(
            reason=reason,
            extracted_sha256=extracted.text_sha256,
            edits=tuple(_edits(extracted.text, text, matches)),
            title=extracted.title,
            runs=extracted.origin.runs,
        ),
    )


def _matches(old: str, new: str) -> Iterator[tuple[int, int, int]]:
    """Yield `(start in old, start in new, length)` of what two texts have in common, word by word and in order."""
    a, b = _TOKENS.findall(old), _TOKENS.findall(new)
    a_starts, b_starts = _starts(a), _starts(b)
    for match in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
        if match.size:
            length = a_starts[match.a + match.size] - a_starts[match.a]
            yield a_starts[match.a], b_starts[match.b], length


def _starts(tokens: Sequence[str]) -> list[int]:
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token))
    return starts


def _edits(old: str, new: str, matches: Sequence[tuple[int, int, int]]) -> Iterator[TextEdit]:
    """Yield the edits between the matches."""
    old_end = new_end = 0
    for old_start, new_start, length in (*matches, (len(old), len(new), 0)):
        if old_start > old_end or new_start > new_end:
            yield TextEdit(new_end, new_start, old[old_end:old_start])
        old_end, new_end = old_start + length, new_start + length


def _moved_runs(article: Article, matches: Sequence[tuple[int, int, int]]) -> Iterator[OriginRun]:
    """Yield the runs of the extracted text where it is unchanged; no run covers what a person wrote."""
    for old_start, new_start, length in matches:
        for run in article.origin.runs:
            start, end = max(run.start, old_start), min(run.end, old_start + length)
            if start < end:
                raw_start, raw_end = _raw_range(article, run, start, end)
                yield OriginRun(start - old_start + new_start, end - old_start + new_start, raw_start, raw_end)


def _raw_range(article: Article, run: OriginRun, start: int, end: int) -> tuple[int, int]:
    """Return the raw bytes of a part of a run; of a run that is not verbatim, all its bytes."""
    encoding = "utf-8" if article.origin.row is not None else article.origin.encoding
    text = article.text
    try:
        sizes = [len(text[a:b].encode(encoding)) for a, b in ((run.start, start), (start, end), (end, run.end))]
    except (LookupError, UnicodeEncodeError):
        return run.raw_start, run.raw_end
    if sum(sizes) != run.raw_end - run.raw_start:
        return run.raw_start, run.raw_end
    return run.raw_start + sizes[0], run.raw_end - sizes[2]
