"""L1: each record by itself: its ids, names, dates and the layout of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import PurePosixPath

from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import GOLD, Article, Finding, is_pseudonym, number_layer, text_digest
from goldwire.workspace.guidelines import version_of

__all__ = ["CHECKS"]

# A pseudonym has a number: a name without one is most likely somebody's own.
_LAYOUT = re.compile(r"\n{3,}|[ \t]+(?=\n)|(?<=\n)[ \t]+|\A\s+|\s+\Z")


def articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield what is wrong with an article's id, digest, date, title or layout."""
    for entry in snapshot.articles:
        for code, message in _faults(entry.record):
            yield entry.finding(code, entry.record.id, message)


def _faults(article: Article) -> Iterator[tuple[str, str]]:
    if not article.id or len(article.id) > 200 or not article.id.isprintable() or " " in article.id:
        yield (
            "id-malformed",
            f"{article.id!r} has white space or control characters, or is empty or over 200 characters",
        )
    have = text_digest(article.text)
    if have != article.text_sha256:
        yield "text-digest-mismatch", f"text_sha256 is {article.text_sha256[:12]}..., the text has {have[:12]}..."
    if not article.text.strip():
        yield "text-empty", f"{len(article.text)} characters, all white space"
        return
    if found := _LAYOUT.search(article.text):
        yield "text-layout", f"{found[0]!r} at {found.start()}"
    headline = article.text.split("\n", 1)[0]
    if article.title and headline != article.title:
        yield "title-mismatch", f"title is {article.title!r}, the text starts with {headline!r}"
    if article.published is not None and not _is_date(article.published):
        yield "date-malformed", f"{article.published!r} is not an ISO 8601 date, as 2021-03-04"


def _is_date(value: str) -> bool:
    for parse in (date.fromisoformat, datetime.fromisoformat):
        with suppress(ValueError):
            parse(value)
            return True
    return False


def places(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each record in a file whose name says otherwise than the record."""
    for name in ("articles", "rejected", "tasks", "layers", "gold"):
        for entry in getattr(snapshot, name):
            path = PurePosixPath(entry.file)
            said: tuple[tuple[str, str], ...] = (("batch", batch_of(entry.file)),)
            if name in ("articles", "rejected"):
                said = (("source", path.stem),)
            elif name == "layers":
                said = (*said, ("annotator", path.stem))
            elif name == "gold":
                said = (*said, ("annotator", GOLD))
            for field, value in said:
                if getattr(entry.record, field) != value:
                    message = f"{field} is {getattr(entry.record, field)!r}, by the file's name {value!r}"
                    where = getattr(entry.record, "article_id", None) or getattr(entry.record, "id", None)
                    yield entry.finding("record-misplaced", where, message)


def pseudonyms(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each annotator who goes by a name, once for each file."""
    told: set[tuple[str, str]] = set()
    for name in ("tasks", "layers"):
        for entry in getattr(snapshot, name):
            named = entry.record.annotators if name == "tasks" else (entry.record.annotator,)
            for annotator in named:
                if not is_pseudonym(annotator) and (entry.file, annotator) not in told:
                    told.add((entry.file, annotator))
                    message = f"{annotator!r} is no pseudonym, as A1"
                    yield entry.finding("annotator-not-pseudonym", entry.record.article_id, message)


def numbering(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each layer whose spans and stances are not numbered in their order, or share an id."""
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            layer = entry.record
            ids = [*(span.id for span in layer.spans), *(stance.id for stance in layer.stances)]
            twice = sorted({id for id in ids if ids.count(id) > 1}) if len(set(ids)) < len(ids) else []
            for id in twice:
                yield entry.finding("id-repeated", id, f"{ids.count(id)} spans or stances are {id!r}")
            whole = not twice and all(
                (stance.target is None) != (stance.target_name is None)
                and {stance.holder, stance.target} <= {None, *ids}
                for stance in layer.stances
            )
            if whole and number_layer(layer.spans, layer.stances) != (layer.spans, layer.stances):
                message = "spans are not T1, T2, ... in start, end, label order, or stances not R1, R2, ... in theirs"
                yield entry.finding("layer-not-numbered", layer.article_id, message)
            for stance in layer.stances:
                if (stance.target is None) == (stance.target_name is None):
                    what = "neither" if stance.target is None else "both"
                    yield entry.finding("stance-target-unclear", stance.id, f"of target and target_name {what} is set")


def guidelines(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding where the guidelines do not say which version they are."""
    if snapshot.guidelines is not None and version_of(snapshot.guidelines) is None:
        message = "no line `Version: X.Y`"
        yield Finding(
            code="guidelines-unversioned", file="annotations/GUIDELINES.md", line=None, item=None, message=message
        )


CHECKS = (articles, places, pseudonyms, numbering, guidelines)
