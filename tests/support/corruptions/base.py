"""What a corruption is, and helpers to change a copy of tests/tiny_repo at random places."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from goldwire.records import text_digest
from goldwire.stages import dedup
from goldwire.workspace.layout import find_workspace

__all__ = [
    "ADJUDICATION",
    "AGREEMENT",
    "ANY_ITEM",
    "ANY_LINE",
    "ARTICLES",
    "ASSIGNMENT",
    "CLUSTERS",
    "CONTRADICTED_DECISION",
    "DECISIONS",
    "GOLD",
    "GUIDELINES",
    "LAYERS",
    "RELEASE",
    "SCHEMA",
    "SOURCES",
    "STALE_AGREEMENT",
    "STALE_DECISION",
    "TASKS",
    "Corruption",
    "Expected",
    "Row",
    "WorkspaceCopy",
    "canonical_json",
    "corruption",
    "inserted_text",
    "record_corruption",
]

Row = dict[str, Any]
Expected = tuple[str, str, int | None, str | None]
"""Code, file, line and item of an expected finding."""

ARTICLES = ("corpus/articles/herald.jsonl", "corpus/articles/wire.jsonl")
LAYERS = tuple(f"annotations/layers/b01/A{number}.jsonl" for number in (1, 2, 3))
GOLD, DECISIONS, TASKS = (
    f"annotations/{name}" for name in ("gold/b01.jsonl", "gold/b01.decisions.jsonl", "tasks/b01.jsonl")
)
ASSIGNMENT, CLUSTERS, SCHEMA = "splits/assignment.tsv", "corpus/duplicates.jsonl", "annotations/schema.toml"
SOURCES, GUIDELINES, AGREEMENT = "corpus/sources.toml", "annotations/GUIDELINES.md", "annotations/agreement/b01.json"
ADJUDICATION, RELEASE = "annotations/gold/b01.adjudication.json", "splits/v0.0.1"
FREE_ARTICLES = ("wire-68382fc9fbf0", "herald-d4f13fee6ac3")  # only a cluster refers to them
ANY_LINE, ANY_ITEM = -1, "*"
"""In an expected finding: whatever line or item; it follows from another change."""
STALE_AGREEMENT: Expected = ("agreement-stale", AGREEMENT, None, ANY_ITEM)
CONTRADICTED_DECISION: Expected = ("gold-contradicts-decision", GOLD, ANY_LINE, ANY_ITEM)
STALE_DECISION: Expected = ("decision-stale", DECISIONS, ANY_LINE, ANY_ITEM)


class WorkspaceCopy:
    """A copy of the clean workspace, with helpers to read and write its files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, file: str) -> str:
        return (self.root / file).read_bytes().decode("utf-8")

    def write(self, file: str, text: str) -> None:
        (self.root / file).parent.mkdir(parents=True, exist_ok=True)
        (self.root / file).write_bytes(text.encode("utf-8"))

    def replace(self, file: str, old: str, new: str) -> None:
        assert old in self.read(file)
        self.write(file, self.read(file).replace(old, new, 1))

    def rows(self, file: str) -> list[Row]:
        return [json.loads(line) for line in self.read(file).splitlines()]

    def write_rows(self, file: str, rows: list[Any]) -> None:
        lines = [row if isinstance(row, str) else canonical_json(row) for row in rows]
        self.write(file, "".join(f"{line}\n" for line in lines))

    def assignment(self) -> list[list[str]]:
        """The rows of splits/assignment.tsv without its header: article, cluster, split, version."""
        return [line.split("\t") for line in self.read(ASSIGNMENT).splitlines()[1:]]

    def write_assignment(self, rows: list[list[str]]) -> None:
        header = self.read(ASSIGNMENT).splitlines()[0]
        self.write(ASSIGNMENT, "".join(f"{line}\n" for line in (header, *map("\t".join, rows))))

    def random_article(self, rng: random.Random, *, free: bool = True) -> tuple[str, int, list[Row]]:
        """A random article, by default one that nothing refers to: its file, its index, and the rows of the file."""
        candidates = [
            (file, index, rows)
            for file in ARTICLES
            for rows in [self.rows(file)]
            for index, row in enumerate(rows)
            if not free or row["id"] in FREE_ARTICLES
        ]
        return rng.choice(candidates)

    def random_row(self, rng: random.Random, files: tuple[str, ...]) -> tuple[str, int, list[Row]]:
        """A random row of a random file: the file, the index of the row, and the rows of the file."""
        file = rng.choice(files)
        rows = self.rows(file)
        return file, rng.randrange(len(rows)), rows


class Corruption(msgspec.Struct, frozen=True):
    """A way to damage the workspace, and the codes of the findings that it may cause.

    `apply` damages a copy at a random place and returns all findings that `check` has to give.
    """

    codes: tuple[str, ...]
    apply: Callable[[WorkspaceCopy, random.Random], list[Expected]]


def corruption(*codes: str) -> Callable[[Callable[[WorkspaceCopy, random.Random], list[Expected]]], Corruption]:
    """Bind a function that damages a workspace to the codes of the findings that it may cause."""

    def bind(apply: Callable[[WorkspaceCopy, random.Random], list[Expected]]) -> Corruption:
        return Corruption(codes, apply)

    return bind


def record_corruption(
    files: tuple[str, ...], code: str, *further: Expected
) -> Callable[[Callable[[Row, random.Random], str | None]], Corruption]:
    """Bind a function that damages one row: it returns the item of the finding, or None for the row's own id."""

    def bind(change: Callable[[Row, random.Random], str | None]) -> Corruption:
        def apply(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
            file, index, rows = copy.random_row(rng, files)
            row = rows[index]
            item = change(row, rng) or row.get("article_id") or row["id"]
            copy.write_rows(file, rows)
            return [(code, file, index + 1, item), *further]

        return Corruption((code, *(finding[0] for finding in further)), apply)

    return bind


def inserted_text(code: str, text: str) -> Corruption:
    """Return a corruption that inserts a text between two words of an article."""

    def apply(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
        file, index, rows = copy.random_article(rng)
        row = rows[index]
        body = row["text"].index("\n\n") + 2
        offset = rng.choice([at for at in range(body, len(row["text"])) if row["text"][at] == " "])
        row["text"] = row["text"][:offset] + text + row["text"][offset:]
        row["text_sha256"] = text_digest(row["text"])
        copy.write_rows(file, rows)
        dedup.run(find_workspace(copy.root, explicit=True))  # the similarity of the new text
        return [(code, file, index + 1, row["id"])]

    return Corruption((code,), apply)


def canonical_json(row: Any) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
