"""What `goldwire check --fix` can mend safely: how a file is written, never what it says.

Composing a text (NFC) moves offsets: it is done only where no task, layer or gold refers to the article yet.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from goldwire.checks.parsing import BAD, BOM, CRLF
from goldwire.checks.workspace_files import Kind, kind_of
from goldwire.records import AnnotationLayer, Article, OriginRun, SpanLabel, number_layer, text_digest

__all__ = ["mend"]

_encode = msgspec.json.Encoder().encode


def mend(file: str, data: bytes, codes: Iterable[str], *, in_use: frozenset[str]) -> bytes:
    """The file's bytes with the faults of these codes mended as far as that is safe.

    `in_use` are the articles that something refers to. A record file in which a line is no record is left alone
    but for its byte order mark and line ends.
    """
    wanted = frozenset(codes)
    if "file-bom" in wanted:
        data = data.removeprefix(BOM)
    if "file-crlf" in wanted:
        data = data.replace(CRLF, b"\n")
    kind = kind_of(file)
    records = None if kind is None else _records(data, kind)
    if kind is None or records is None:
        return data
    mended = [_mended(record, wanted, in_use) for record in records]
    if "file-unsorted" in wanted and kind.sort:
        mended.sort(key=attrgetter(*kind.sort))
    if mended == records and "file-not-canonical" not in wanted:
        return data
    return b"".join(_encode(record) + b"\n" for record in mended)


def _records(data: bytes, kind: Kind[Any]) -> list[Any] | None:
    decoder = msgspec.json.Decoder(kind.type)
    try:
        return [decoder.decode(line) for line in data.split(b"\n") if line.strip()]
    except BAD:
        return None


def _mended(record: Any, wanted: frozenset[str], in_use: frozenset[str]) -> Any:
    if isinstance(record, AnnotationLayer):
        if "span-edge-space" in wanted:
            record = _trimmed(record)
        if "layer-not-numbered" in wanted:
            spans, stances = number_layer(record.spans, record.stances)
            record = msgspec.structs.replace(record, spans=spans, stances=stances)
    elif isinstance(record, Article) and "text-not-nfc" in wanted and record.id not in in_use:
        record = _composed(record)
    return record


def _trimmed(layer: AnnotationLayer) -> AnnotationLayer:
    """The layer with the white space at its spans' edges outside of them, unless that puts them in another order."""
    spans = tuple(map(_trim, layer.spans))
    order = [(span.start, span.end, span.label) for span in spans]
    return msgspec.structs.replace(layer, spans=spans) if order == sorted(order) else layer


def _trim(span: SpanLabel) -> SpanLabel:
    surface = span.text.strip()
    if not surface or len(span.text) != span.end - span.start:
        return span
    start = span.start + len(span.text) - len(span.text.lstrip())
    return msgspec.structs.replace(span, start=start, end=start + len(surface), text=surface)


def _composed(article: Article) -> Article:
    text = unicodedata.normalize("NFC", article.text)
    origin = msgspec.structs.replace(article.origin, runs=_moved(article.text, article.origin.runs))
    return msgspec.structs.replace(
        article,
        title=unicodedata.normalize("NFC", article.title),
        text=text,
        text_sha256=text_digest(text),
        captions=tuple(unicodedata.normalize("NFC", caption) for caption in article.captions),
        origin=origin,
    )


def _moved(text: str, runs: Sequence[OriginRun]) -> tuple[OriginRun, ...]:
    """The runs over the composed text; one that begins or ends within a letter and its accents goes."""
    moved = []
    for run in runs:
        start, end = (len(unicodedata.normalize("NFC", text[:at])) for at in (run.start, run.end))
        whole = all(
            unicodedata.normalize("NFC", text[:at]) + unicodedata.normalize("NFC", text[at:])
            == unicodedata.normalize("NFC", text)
            for at in (run.start, run.end)
        )
        if whole and start < end:
            moved.append(OriginRun(start, end, run.raw_start, run.raw_end))
    return tuple(moved)
