"""Kinds of fault, each put at a random place into a copy of tests/tiny_repo, with what has to be found there.

A kind is a function of the copy and a random generator that gives the findings as (code, file, line, where); a place
of None stands for any. Kinds that cannot be told apart from another by their trace give the code that is found.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from goldwire.records import text_digest

Found = tuple[str, str, int | None, str | None]
Kind = Callable[["Copy", random.Random], list[Found]]
KINDS: dict[str, Kind] = {}

ARTICLES = ("corpus/articles/herald.jsonl", "corpus/articles/wire.jsonl")
LAYERS = tuple(f"annotations/layers/b01/A{number}.jsonl" for number in (1, 2, 3))
GOLD, DECISIONS, TASKS = (
    f"annotations/{name}" for name in ("gold/b01.jsonl", "gold/b01.decisions.jsonl", "tasks/b01.jsonl")
)
ASSIGNMENT, CLUSTERS, SCHEMA = "splits/assignment.tsv", "corpus/duplicates.jsonl", "annotations/schema.toml"
SOURCES, GUIDELINES, AGREEMENT = "corpus/sources.toml", "annotations/GUIDELINES.md", "annotations/agreement/b01.json"
RELEASE = "splits/v0.0.1"
FREE = ("wire-68382fc9fbf0", "herald-d4f13fee6ac3")  # articles that nothing but a cluster refers to
STALE: Found = ("agreement-stale", AGREEMENT, None, "span_f1_exact")


class Copy:
    """A copy of the clean workspace, changed a record or a text at a time."""

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

    def rows(self, file: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.read(file).splitlines()]

    def put(self, file: str, rows: list[Any]) -> None:
        lines = [row if isinstance(row, str) else compact(row) for row in rows]
        self.write(file, "".join(f"{line}\n" for line in lines))

    def article(self, luck: random.Random, *, free: bool = True) -> tuple[str, int, list[dict[str, Any]]]:
        """A random article: its file, its place and the file's rows."""
        places = [
            (file, number, rows)
            for file in ARTICLES
            for rows in [self.rows(file)]
            for number, row in enumerate(rows)
            if not free or row["id"] in FREE
        ]
        return luck.choice(places)

    def layer(self, luck: random.Random, files: tuple[str, ...] = LAYERS) -> tuple[str, int, list[dict[str, Any]]]:
        """A random layer: its file, its place and the file's rows."""
        file = luck.choice(files)
        rows = self.rows(file)
        return file, luck.randrange(len(rows)), rows


def compact(row: Any) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def kind(function: Kind) -> Kind:
    """Add a kind under its function's name."""
    KINDS[function.__name__] = function
    return function


def in_text(name: str, code: str, insert: str) -> None:
    """Add a kind that puts something between two words of an article's text."""

    def spoil(copy: Copy, luck: random.Random) -> list[Found]:
        file, number, rows = copy.article(luck)
        row = rows[number]
        start = row["text"].index("\n\n") + 2
        spaces = [at for at in range(start, len(row["text"])) if row["text"][at] == " "]
        at = luck.choice(spaces)
        row["text"] = row["text"][:at] + insert + row["text"][at:]
        row["text_sha256"] = text_digest(row["text"])
        copy.put(file, rows)
        return [(code, file, number + 1, row["id"])]

    KINDS[name] = spoil


def in_layer(name: str, change: Callable[[dict[str, Any], random.Random], list[tuple[str, str]]], *more: Found) -> None:
    """Add a kind that changes a random layer; `change` gives the codes and the ids in the layer."""

    def spoil(copy: Copy, luck: random.Random) -> list[Found]:
        file, number, rows = copy.layer(luck)
        found = change(rows[number], luck)
        copy.put(file, rows)
        return [*((code, file, number + 1, where) for code, where in found), *more]

    KINDS[name] = spoil


def in_gold(name: str, change: Callable[[dict[str, Any], random.Random], list[tuple[str, str]]]) -> None:
    """Add a kind that changes a random gold layer."""

    def spoil(copy: Copy, luck: random.Random) -> list[Found]:
        file, number, rows = copy.layer(luck, (GOLD,))
        found = change(rows[number], luck)
        copy.put(file, rows)
        return [(code, file, number + 1, where) for code, where in found]

    KINDS[name] = spoil
