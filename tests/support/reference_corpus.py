"""The reference of the sample corpus, in corpus/truth/, and the evaluation of extraction against it.

`truth/<source>.jsonl` has a row per raw record; `truth/stories.tsv` lists which records report the same story.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from goldwire.errors import DataError
from goldwire.records import Article
from goldwire.workspace import jsonl

__all__ = ["LineScore", "ReferencePage", "StoryRow", "read_stories", "read_truth", "score"]


class ReferencePage(msgspec.Struct, frozen=True):
    """The content of a raw record as it reads after cleaning; only boilerplate counts for a `rejected` one."""

    file: str
    record: int | None
    kind: str  # `article` or `rejected`
    title: str
    paragraphs: tuple[str, ...]
    captions: tuple[str, ...]
    residue: tuple[str, ...]
    kinds: tuple[str, ...]  # of residue and of damage, e.g. `glued-breadcrumb`


class StoryRow(msgspec.Struct, frozen=True):
    """The story of a raw record; copies of a wire story share `wire_group`, other reports of an event `same_event`."""

    file: str
    record: str  # the 0-based line of a .jsonl, else empty
    published: str
    story: str
    wire_group: str
    same_event: str
    kind: str


class LineScore(msgspec.Struct, frozen=True, kw_only=True):
    """Correctly kept or removed lines, and records without an error."""

    right: int
    lines: int
    whole: int
    records: int


def read_truth(folder: Path) -> tuple[ReferencePage, ...]:
    """Return the rows of all sources; none if the folder does not exist."""
    return tuple(row for path in sorted(folder.glob("*.jsonl")) for row in jsonl.read(path, ReferencePage))


def read_stories(folder: Path) -> tuple[StoryRow, ...]:
    """Return the rows of stories.tsv; none if the file does not exist."""
    path = folder / "stories.tsv"
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        if tuple(rows.fieldnames or ()) != StoryRow.__struct_fields__:
            wanted = ", ".join(StoryRow.__struct_fields__)
            raise DataError(f"its columns are {rows.fieldnames}", location=path, hint=f"name them {wanted}")
        return tuple(StoryRow(**row) for row in rows)


def score(rows: Iterable[ReferencePage], articles: Iterable[Article]) -> LineScore:
    """Return how many lines were classified correctly.

    A content line (headline, paragraph, caption) is correct if the article has it; a boilerplate line is wrong if the
    article has a line that is not content.
    """
    made = {(article.origin.file, article.origin.row): article for article in articles}
    right = lines = whole = records = 0
    for row in rows:
        article = made.get((row.file, row.record))
        kept = Counter() if article is None else Counter((*article.text.split("\n\n"), *article.captions))
        content = Counter((row.title, *row.paragraphs, *row.captions) if row.kind == "article" else ())
        right += (kept & content).total() + max(0, len(row.residue) - (kept - content).total())
        lines += content.total() + len(row.residue)
        whole += kept == content
        records += 1
    return LineScore(right=right, lines=lines, whole=whole, records=records)
