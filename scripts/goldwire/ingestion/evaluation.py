"""What a corpus' author says of its raw pages, in corpus/truth/, and how right the cleaner is about them.

`truth/<source>.jsonl` has a row for each raw record; `truth/stories.tsv` says which records tell one story. Both are
written by hand and are of no use but to judge: a workspace need not have them.
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

__all__ = ["Score", "Story", "Truth", "read_stories", "read_truth", "score"]


class Truth(msgspec.Struct, frozen=True):
    """What a raw record holds, as it reads after cleaning; of a `rejected` one only residue counts."""

    file: str
    record: int | None
    kind: str  # `article` or `rejected`
    title: str
    paragraphs: tuple[str, ...]
    captions: tuple[str, ...]
    residue: tuple[str, ...]
    kinds: tuple[str, ...]  # of residue and of damage, e.g. `glued-breadcrumb`


class Story(msgspec.Struct, frozen=True):
    """What a raw record tells: copies of one wire story share `wire_group`, own reports of one event `same_event`."""

    file: str
    record: str  # the 0-based line of a .jsonl, else empty
    published: str
    story: str
    wire_group: str
    same_event: str
    kind: str


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines of the truth were kept or dropped as it says, and how many records came out whole."""

    right: int
    lines: int
    whole: int
    records: int


def read_truth(folder: Path) -> tuple[Truth, ...]:
    """Read the rows of all sources; none where there is no such folder."""
    return tuple(row for path in sorted(folder.glob("*.jsonl")) for row in jsonl.read(path, Truth))


def read_stories(folder: Path) -> tuple[Story, ...]:
    """Read stories.tsv; none where there is no such file. Raises GoldwireError where its columns are others."""
    path = folder / "stories.tsv"
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        if tuple(rows.fieldnames or ()) != Story.__struct_fields__:
            wanted = ", ".join(Story.__struct_fields__)
            raise DataError(f"its columns are {rows.fieldnames}", location=path, hint=f"name them {wanted}")
        return tuple(Story(**row) for row in rows)


def score(rows: Iterable[Truth], articles: Iterable[Article]) -> Score:
    """Judge what the cleaner made of each record.

    A content line (headline, paragraph, caption) is right where the article has it; a line of residue is wrong where
    the article has a line that is no content.
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
    return Score(right=right, lines=lines, whole=whole, records=records)
