"""Automatic fixes of `goldwire check --fix`: they change the form of a file, never its meaning.

Normalizing a text to NFC moves offsets, so it is done only for articles that no task, layer or gold refers to.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from operator import attrgetter
from typing import Any

import msgspec

from goldwire.checks.file_bytes import BOM, CRLF, FILE_BOM, FILE_CRLF
from goldwire.checks.parsing import FILE_NOT_CANONICAL
from goldwire.checks.registry import RULES
from goldwire.checks.report import escape_unprintable
from goldwire.checks.rules.format import FILE_UNSORTED, LAYER_NOT_NUMBERED
from goldwire.checks.rules.spans import SPAN_EDGE_SPACE
from goldwire.checks.rules.text import TEXT_NOT_NFC
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import Kind, kind_of
from goldwire.errors import DECODE_ERRORS
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Article, Finding, OriginRun, SpanLabel, number_layer, text_digest
from goldwire.workspace import atomic
from goldwire.workspace.layout import Workspace

__all__ = ["Fix", "FixReport", "apply_fixes", "fix_file", "plan_fixes"]

_LINE_WIDTH, _CONTEXT = 200, 30  # characters of a diff line, and of the unchanged text around a change in it

_encode = msgspec.json.Encoder().encode


class Fix(msgspec.Struct, frozen=True):
    """A file that can be fixed: the codes, and its bytes before and after."""

    file: str
    codes: tuple[str, ...]
    before: bytes
    after: bytes

    def diff(self) -> Iterator[str]:
        """Yield a unified diff without context lines; long lines are shortened to the changed part."""
        before, after = (data.decode("utf-8", "replace").splitlines() for data in (self.before, self.after))
        yield f"--- {self.file}"
        yield f"+++ {self.file} ({', '.join(self.codes)})"
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for tag, start, end, new_start, new_end in matcher.get_opcodes():
            if tag != "equal":
                yield f"@@ -{start + 1},{end - start} +{new_start + 1},{new_end - new_start} @@"
                yield from _changed_lines(before[start:end], after[new_start:new_end])


class FixReport(msgspec.Struct, frozen=True, kw_only=True):
    """The result of `goldwire check --fix`.

    Attributes
    ----------
    files
        Files that were fixed or, unless `written`, that can be.
    diff
        The lines of the diff.
    written
        Whether the files were written.
    left
        Number of findings that cannot be fixed automatically.
    """

    files: tuple[str, ...]
    diff: tuple[str, ...]
    written: bool
    left: int

    def to_text(self) -> str:
        """Return the diff, then the number of files."""
        verb = "fixed" if self.written else "can be fixed"
        total = (
            f"{quantity(len(self.files), 'file')} {verb}; {quantity(self.left, 'finding')} cannot be fixed "
            "automatically"
        )
        return "\n".join((*self.diff, total))


def plan_fixes(workspace: Workspace, snapshot: Snapshot, findings: Iterable[Finding]) -> tuple[Fix, ...]:
    """Return the fixes for the fixable ones of `findings`, without writing anything."""
    codes_by_file: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        if RULES[finding.code].fixable and not finding.file.startswith("splits/v"):
            codes_by_file[finding.file].add(finding.code)
    referring = (snapshot.tasks, snapshot.layers, snapshot.gold, snapshot.assignment)
    articles_in_use = frozenset(entry.record.article_id for table in referring for entry in table)
    all_references_known = all(table.is_complete for table in referring)
    fixes = []
    for file, codes in sorted(codes_by_file.items()):
        data = (workspace.root / file).read_bytes()
        # An unreadable record may refer to any article: then no text is changed.
        safe = codes if all_references_known else codes - {TEXT_NOT_NFC.code}
        fixed = fix_file(file, data, safe, articles_in_use=articles_in_use)
        if fixed != data:
            fixes.append(Fix(file, tuple(sorted(safe)), data, fixed))
    return tuple(fixes)


def apply_fixes(workspace: Workspace, fixes: Iterable[Fix]) -> None:
    """Write the fixed files, each atomically."""
    for fix in fixes:
        atomic.write_bytes(workspace.root / fix.file, fix.after)


def fix_file(file: str, data: bytes, codes: Iterable[str], *, articles_in_use: frozenset[str]) -> bytes:
    """Return the content of a file with the problems of some codes fixed, as far as that is safe.

    Parameters
    ----------
    file
        Path relative to the workspace, which determines the kind of its records.
    data
        Its content.
    codes
        The codes to fix.
    articles_in_use
        Articles that tasks, layers, gold or splits refer to: their texts are not changed.

    Notes
    -----
    In a record file with a line that is not a record only the byte order mark and the line ends are fixed.
    """
    codes = frozenset(codes)
    if FILE_BOM.code in codes:
        data = data.removeprefix(BOM)
    if FILE_CRLF.code in codes:
        data = data.replace(CRLF, b"\n")
    kind = kind_of(file)
    records = None if kind is None else _decode_records(data, kind)
    if kind is None or records is None:
        return data
    fixed = [_fix_record(record, codes, articles_in_use) for record in records]
    if FILE_UNSORTED.code in codes and kind.sort:
        fixed.sort(key=attrgetter(*kind.sort))
    if fixed == records and FILE_NOT_CANONICAL.code not in codes:
        return data
    return b"".join(_encode(record) + b"\n" for record in fixed)


def _decode_records(data: bytes, kind: Kind[Any]) -> list[Any] | None:
    decoder = msgspec.json.Decoder(kind.type)
    try:
        return [decoder.decode(line) for line in data.split(b"\n") if line.strip()]
    except DECODE_ERRORS:
        return None


def _fix_record(record: Any, codes: frozenset[str], articles_in_use: frozenset[str]) -> Any:
    if isinstance(record, AnnotationLayer):
        if SPAN_EDGE_SPACE.code in codes:
            record = _trim_spans(record)
        if LAYER_NOT_NUMBERED.code in codes:
            spans, stances = number_layer(record.spans, record.stances)
            record = msgspec.structs.replace(record, spans=spans, stances=stances)
    elif isinstance(record, Article) and TEXT_NOT_NFC.code in codes and record.id not in articles_in_use:
        record = _normalize_article(record)
    return record


def _trim_spans(layer: AnnotationLayer) -> AnnotationLayer:
    """Return the layer with white space trimmed from its spans, unless that changes their order."""
    spans = tuple(map(_trim_span, layer.spans))
    order = [(span.start, span.end, span.label) for span in spans]
    return msgspec.structs.replace(layer, spans=spans) if order == sorted(order) else layer


def _trim_span(span: SpanLabel) -> SpanLabel:
    surface = span.text.strip()
    if not surface or len(span.text) != span.end - span.start:
        return span
    start = span.start + len(span.text) - len(span.text.lstrip())
    return msgspec.structs.replace(span, start=start, end=start + len(surface), text=surface)


def _normalize_article(article: Article) -> Article:
    text = unicodedata.normalize("NFC", article.text)
    origin = msgspec.structs.replace(article.origin, runs=_normalize_runs(article.text, article.origin.runs))
    return msgspec.structs.replace(
        article,
        title=unicodedata.normalize("NFC", article.title),
        text=text,
        text_sha256=text_digest(text),
        captions=tuple(unicodedata.normalize("NFC", caption) for caption in article.captions),
        origin=origin,
    )


def _normalize_runs(text: str, runs: Sequence[OriginRun]) -> tuple[OriginRun, ...]:
    """Return the runs over the normalized text; a run that splits a letter from its accents is dropped."""
    moved = []
    for run in runs:
        if _is_boundary(text, run.start) and _is_boundary(text, run.end):
            start, end = (len(unicodedata.normalize("NFC", text[:offset])) for offset in (run.start, run.end))
            if start < end:
                moved.append(OriginRun(start, end, run.raw_start, run.raw_end))
    return tuple(moved)


def _is_boundary(text: str, offset: int) -> bool:
    """Whether both sides of `offset` can be normalized apart from each other."""
    head, tail = (unicodedata.normalize("NFC", side) for side in (text[:offset], text[offset:]))
    return head + tail == unicodedata.normalize("NFC", text)


def _changed_lines(before: list[str], after: list[str]) -> Iterator[str]:
    if len(before) != len(after):
        for sign, lines in (("-", before), ("+", after)):
            yield from (escape_unprintable(f"{sign}{line[:_LINE_WIDTH]}") for line in lines)
        return
    for old, new in zip(before, after, strict=True):
        prefix = _common_prefix(old, new)
        suffix = _common_prefix(old[prefix:][::-1], new[prefix:][::-1])
        for sign, line in (("-", old), ("+", new)):
            start = max(prefix - _CONTEXT, 0)
            end = min(len(line) - suffix + _CONTEXT, len(line), prefix + _LINE_WIDTH)
            head, tail = "..." if start else "", "..." if end < len(line) else ""
            yield escape_unprintable(f"{sign}{head}{line[start:end]}{tail}")


def _common_prefix(first: str, second: str) -> int:
    """Return the number of characters with which both texts start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
