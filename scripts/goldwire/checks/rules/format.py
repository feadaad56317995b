"""L1: each record alone, and the records of a file: ids, names, dates, text layout, order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from itertools import pairwise
from operator import attrgetter
from pathlib import PurePosixPath

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.checks.workspace_files import KINDS, batch_of
from goldwire.quantities import quantity
from goldwire.records import GOLD, AnnotationLayer, Article, Finding, is_pseudonym, number_layer, text_digest
from goldwire.workspace.guidelines import version_of

__all__ = [
    "malformed_articles",
    "misnumbered_layers",
    "misplaced_records",
    "real_names",
    "repeated_records",
    "unsorted_files",
    "unversioned_guidelines",
]

FILE_UNSORTED = Rule(
    code="file-unsorted",
    level=1,
    severity="warning",
    summary="the records of a file are not sorted by id",
    why="The same records in another order cause an unreadable diff.",
    fix="Sort the records.",
    example="annotations/tasks/b01.jsonl:2: L1 format warning [file-unsorted] 'b01-0002' comes after 'b01-0009'",
    fixable=True,
)


@check(FILE_UNSORTED)
def unsorted_files(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file at its first record that is out of order."""
    for kind in KINDS:
        if not kind.sort:
            continue
        sort_key, reported = attrgetter(*kind.sort), set()
        for first, second in pairwise(getattr(snapshot, kind.table)):
            if first.file != second.file or second.file in reported:
                continue
            if sort_key(first.record) > sort_key(second.record):
                reported.add(second.file)
                message = f"{sort_key(second.record)!r} comes after {sort_key(first.record)!r}"
                yield second.finding(FILE_UNSORTED, None, message)


ID_REPEATED = Rule(
    code="id-repeated",
    level=1,
    severity="error",
    summary="two records have the same id",
    why="Labels, splits and releases refer to records by id: each reader would choose one of the two.",
    fix="Remove one of the records, or give them different ids.",
    example=(
        "corpus/articles/wire.jsonl:4 wire-dcd79e4eb66e: L1 format error [id-repeated] wire-dcd79e4eb66e is "
        "already at corpus/articles/wire.jsonl:3"
    ),
)


@check(ID_REPEATED)
def repeated_records(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each record whose id an earlier record of its kind has."""
    target_batches = snapshot.target_batches
    for kind in KINDS:
        first: dict[object, Entry[object]] = {}
        for entry in getattr(snapshot, kind.table):
            # An article may have gold twice: its entities, and its stances from a batch with named targets.
            is_target_gold = kind.table == "gold" and batch_of(entry.file) in target_batches
            earlier = first.setdefault((entry.key, is_target_gold), entry)
            if earlier is not entry:
                id = str(entry.key[-1] if isinstance(entry.key, tuple) else entry.key)
                yield entry.finding(ID_REPEATED, id, f"{id} is already at {earlier.file}:{earlier.line}")


ID_MALFORMED = Rule(
    code="id-malformed",
    level=1,
    severity="error",
    summary="an id is empty or has white space or control characters",
    why="Ids are columns of tables and parts of file names, which a tab or a space breaks.",
    fix="Use letters, digits, `-`, `_`, `.` and `:` in the id.",
    example=(
        "corpus/articles/wire.jsonl:1 wire 68382fc9fbf0: L1 format error [id-malformed] 'wire 68382fc9fbf0' is "
        "empty, is longer than 200 characters, or has white space"
    ),
)
TEXT_DIGEST_MISMATCH = Rule(
    code="text-digest-mismatch",
    level=1,
    severity="error",
    summary="the text of an article does not match its digest",
    why="Somebody edited the text: the offsets of all labels after the change are wrong.",
    fix="Restore the article from git. A corrected text is a new article.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-digest-mismatch] text_sha256 is "
        "6407e8469305..., the text has ca0b69665e5a..."
    ),
)
TEXT_EMPTY = Rule(
    code="text-empty",
    level=1,
    severity="error",
    summary="an article has no text",
    why="Nothing can be annotated in it, yet it counts as an article.",
    fix="Remove the article; if its raw file does have text, run `goldwire ingest` again.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-empty] the text has 0 characters, "
        "all white space"
    ),
)
TEXT_LAYOUT = Rule(
    code="text-layout",
    level=1,
    severity="warning",
    summary="a text has white space at a line end, or more than one blank line between paragraphs",
    why="Nobody sees this white space, but it moves every offset after it.",
    fix="Run `goldwire ingest` again before annotation; once the article is annotated, waive this finding.",
    example="corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format warning [text-layout] ' ' at offset 122",
)
TITLE_MISMATCH = Rule(
    code="title-mismatch",
    level=1,
    severity="warning",
    summary="the title of an article is not the first line of its text",
    why="Either the text has lost its headline, or the title belongs to another article.",
    fix="Run `goldwire ingest` again, or correct the title.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format warning [title-mismatch] the title is 'Snow "
        "closes the road', the text starts with 'First snow closes the upper road'"
    ),
)
DATE_MALFORMED = Rule(
    code="date-malformed",
    level=1,
    severity="warning",
    summary="a publication date is not in ISO 8601 format",
    why="Articles cannot be split by time if their dates cannot be compared.",
    fix="Write it like 2021-03-04 or 2021-03-04T05:06:07Z, or null if it is unknown.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format warning [date-malformed] '4 March 2021' is "
        "not an ISO 8601 date like 2021-03-04"
    ),
)

_LAYOUT_ERROR = re.compile(r"\n{3,}|[ \t]+(?=\n)|(?<=\n)[ \t]+|\A\s+|\s+\Z")


@check(ID_MALFORMED, TEXT_DIGEST_MISMATCH, TEXT_EMPTY, TEXT_LAYOUT, TITLE_MISMATCH, DATE_MALFORMED)
def malformed_articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield findings about the id, digest, layout, title and date of articles."""
    for entry in snapshot.articles:
        for rule, message in _article_problems(entry.record):
            yield entry.finding(rule, entry.record.id, message)


def _article_problems(article: Article) -> Iterator[tuple[Rule, str]]:
    if not article.id or len(article.id) > 200 or not article.id.isprintable() or " " in article.id:
        yield ID_MALFORMED, f"{article.id!r} is empty, is longer than 200 characters, or has white space"
    digest = text_digest(article.text)
    if digest != article.text_sha256:
        yield TEXT_DIGEST_MISMATCH, f"text_sha256 is {article.text_sha256[:12]}..., the text has {digest[:12]}..."
    if not article.text.strip():
        yield TEXT_EMPTY, f"the text has {quantity(len(article.text), 'character')}, all white space"
        return
    if match := _LAYOUT_ERROR.search(article.text):
        yield TEXT_LAYOUT, f"{match[0]!r} at offset {match.start()}"
    headline = article.text.split("\n", 1)[0]
    if article.title and headline != article.title:
        yield TITLE_MISMATCH, f"the title is {article.title!r}, the text starts with {headline!r}"
    if article.published is not None and not _is_iso_date(article.published):
        yield DATE_MALFORMED, f"{article.published!r} is not an ISO 8601 date like 2021-03-04"


def _is_iso_date(value: str) -> bool:
    for parse in (date.fromisoformat, datetime.fromisoformat):
        with suppress(ValueError):
            parse(value)
            return True
    return False


RECORD_MISPLACED = Rule(
    code="record-misplaced",
    level=1,
    severity="error",
    summary="a record is in a file of another source, batch or annotator",
    why="Whose label it is, or of which batch, depends on whether a reader uses the path or the record.",
    fix="Move the record to the right file, or correct the record.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [record-misplaced] source is 'herald', "
        "but the file belongs to 'wire'"
    ),
)


@check(RECORD_MISPLACED)
def misplaced_records(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each record whose source, batch or annotator differs from the name of its file."""
    for table in ("articles", "rejected", "tasks", "layers", "gold", "prelabels"):
        for entry in getattr(snapshot, table):
            for field, expected in _fields_in_path(table, entry.file).items():
                value = getattr(entry.record, field)
                if value != expected:
                    id = getattr(entry.record, "article_id", None) or getattr(entry.record, "id", None)
                    message = f"{field} is {value!r}, but the file belongs to {expected!r}"
                    yield entry.finding(RECORD_MISPLACED, id, message)
    for file, adjudication in sorted(snapshot.adjudications.items()):
        if adjudication.batch != batch_of(file):
            message = f"batch is {adjudication.batch!r}, but the file belongs to {batch_of(file)!r}"
            yield RECORD_MISPLACED.finding(file, message, item=adjudication.batch)


def _fields_in_path(table: str, file: str) -> dict[str, str]:
    """Return the field values that the path of a record file implies."""
    if table in ("articles", "rejected"):
        return {"source": PurePosixPath(file).stem}
    fields = {"batch": batch_of(file)}
    if table == "layers":
        fields["annotator"] = PurePosixPath(file).stem
    elif table == "gold":
        fields["annotator"] = GOLD
    return fields


ANNOTATOR_NOT_PSEUDONYM = Rule(
    code="annotator-not-pseudonym",
    level=1,
    severity="error",
    summary="an annotator is identified by a name and not by a pseudonym",
    why="Every release would contain the name, and a published name cannot be withdrawn.",
    fix="Use a pseudonym with a number, like A1, in tasks, layers and file names.",
    example=(
        "annotations/tasks/b01.jsonl:1 wire-6bc7e889ace8: L1 format error [annotator-not-pseudonym] 'Ilsa' is "
        "not a pseudonym like A1"
    ),
)


@check(ANNOTATOR_NOT_PSEUDONYM)
def real_names(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each annotator without a pseudonym, once per file."""
    reported: set[tuple[str, str]] = set()
    for table in ("tasks", "layers"):
        for entry in getattr(snapshot, table):
            annotators = entry.record.annotators if table == "tasks" else (entry.record.annotator,)
            for annotator in annotators:
                # A pseudonym has a number: a name without one is most likely a person's.
                if not is_pseudonym(annotator) and (entry.file, annotator) not in reported:
                    reported.add((entry.file, annotator))
                    message = f"{annotator!r} is not a pseudonym like A1"
                    yield entry.finding(ANNOTATOR_NOT_PSEUDONYM, entry.record.article_id, message)


LAYER_NOT_NUMBERED = Rule(
    code="layer-not-numbered",
    level=1,
    severity="warning",
    summary="the spans or stances of a layer are not numbered in order",
    why="The same labels with other ids give a diff although nothing has changed.",
    fix="Number the spans T1, T2, ... and the stances R1, R2, ... in order.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L1 format warning [layer-not-numbered] spans are "
        "not T1, T2, ... by start, end and label, or stances not R1, R2, ... by holder and target"
    ),
    fixable=True,
)
STANCE_TARGET_UNCLEAR = Rule(
    code="stance-target-unclear",
    level=1,
    severity="error",
    summary="a stance has no target or two targets",
    why="Exactly one of `target` (a span) and `target_name` says towards whom the stance is.",
    fix="Set the right one, and set the other to null.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 R1: L1 format error [stance-target-unclear] both target and "
        "target_name are set"
    ),
)


@check(ID_REPEATED, LAYER_NOT_NUMBERED, STANCE_TARGET_UNCLEAR)
def misnumbered_layers(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield findings about the ids of spans and stances, and about the targets that stances refer to."""
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            for rule, item, message in _numbering_problems(entry.record):
                yield entry.finding(rule, item, message)


def _numbering_problems(layer: AnnotationLayer) -> Iterator[tuple[Rule, str, str]]:
    counts = Counter([*(span.id for span in layer.spans), *(stance.id for stance in layer.stances)])
    repeated = sorted(id for id, count in counts.items() if count > 1)
    for id in repeated:
        yield ID_REPEATED, id, f"{quantity(counts[id], 'span')} or stances have the id {id!r}"
    references_resolve = not repeated and all(
        (stance.target is None) != (stance.target_name is None) and {stance.holder, stance.target} <= {None, *counts}
        for stance in layer.stances
    )
    if references_resolve and number_layer(layer.spans, layer.stances) != (layer.spans, layer.stances):
        message = "spans are not T1, T2, ... by start, end and label, or stances not R1, R2, ... by holder and target"
        yield LAYER_NOT_NUMBERED, layer.article_id, message
    for stance in layer.stances:
        if (stance.target is None) == (stance.target_name is None):
            which = "neither target nor target_name is" if stance.target is None else "both target and target_name are"
            yield STANCE_TARGET_UNCLEAR, stance.id, f"{which} set"


GUIDELINES_UNVERSIONED = Rule(
    code="guidelines-unversioned",
    level=1,
    severity="error",
    summary="the guidelines do not state their version",
    why="Each layer records the version of the guidelines that its annotator followed.",
    fix="Add a line `Version: 1.0` to annotations/GUIDELINES.md, and increase it with every change of meaning.",
    example="annotations/GUIDELINES.md: L1 format error [guidelines-unversioned] no line `Version: X.Y`",
)


@check(GUIDELINES_UNVERSIONED)
def unversioned_guidelines(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding if the guidelines do not state their version."""
    if snapshot.guidelines is not None and version_of(snapshot.guidelines) is None:
        yield GUIDELINES_UNVERSIONED.finding("annotations/GUIDELINES.md", "no line `Version: X.Y`")
