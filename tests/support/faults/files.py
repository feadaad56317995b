"""Kinds of fault in files, lines and fields."""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any

from support import faults
from support.faults import ARTICLES, GOLD, GUIDELINES, LAYERS, RELEASE, SCHEMA, SOURCES, TASKS, Copy, Found, kind

TEXTS = (*ARTICLES, *LAYERS, GOLD, TASKS, SCHEMA, SOURCES, GUIDELINES)
RECORDS = (*ARTICLES, *LAYERS, GOLD, TASKS)


def every(copy: Copy, folder: str, suffix: str = "") -> list[str]:
    paths = sorted((copy.root / folder).rglob(f"*{suffix}"))
    return [path.relative_to(copy.root).as_posix() for path in paths if path.is_file()]


@kind
def mark(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(TEXTS)
    copy.write(file, "\ufeff" + copy.read(file))
    return [("file-bom", file, 1, None)]


@kind
def line_ends(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(TEXTS)
    lines = copy.read(file).split("\n")
    number = luck.randrange(len(lines) - 1)
    lines[number] += "\r"
    copy.write(file, "\n".join(lines))
    return [("file-crlf", file, number + 1, None)]


@kind
def encoding(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(RECORDS)
    data = (copy.root / file).read_bytes()
    start = data.index(b'"text":"') + 8 if b'"text":"' in data else data.index(b'"id":"') + 6
    number = luck.randrange(start, start + 3)
    (copy.root / file).write_bytes(data[:number] + b"\xe9" + data[number + 1 :])
    return [("file-not-utf8", file, 1, None)]


@kind
def stray_file(copy: Copy, luck: random.Random) -> list[Found]:
    folder = luck.choice(("corpus/articles", "annotations/layers/b01", "annotations/gold", "annotations", "splits"))
    file = f"{folder}/{luck.choice(('notes.txt', 'A1.jsonl.bak', '.A1.jsonl.x.tmp', 'copy.csv'))}"
    copy.write(file, "x\n")
    return [("file-unexpected", file, None, None)]


def without(name: str, file: str) -> None:
    def gone(copy: Copy, _: random.Random) -> list[Found]:
        (copy.root / file).unlink()
        return [("file-missing", file, None, None)]

    faults.KINDS[name] = gone


without("no_schema", SCHEMA)
without("no_guidelines", GUIDELINES)
without("no_sources", SOURCES)


@kind
def raw_changed(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(every(copy, "corpus/raw/wire"))
    data = bytearray((copy.root / file).read_bytes())
    data[luck.randrange(len(data))] ^= 1
    (copy.root / file).write_bytes(data)
    return [("raw-changed", *place(copy, file))]


@kind
def raw_gone(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(every(copy, "corpus/raw/wire"))
    (copy.root / file).unlink()
    return [("raw-missing", *place(copy, file))]


def place(copy: Copy, raw: str) -> tuple[str, int, str]:
    """The article that was made from a raw file."""
    return next(
        (file, number, row["id"])
        for file in ARTICLES
        for number, row in enumerate(copy.rows(file), 1)
        if row["origin"]["file"] == raw
    )


@kind
def release_file_gone(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(every(copy, RELEASE, ".parquet"))
    (copy.root / file).unlink()
    return [("release-file-missing", file, None, None)]


@kind
def release_file_changed(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(every(copy, RELEASE, ".parquet"))
    data = bytearray((copy.root / file).read_bytes())
    data[luck.randrange(len(data))] ^= 1
    (copy.root / file).write_bytes(data)
    return [("release-file-changed", file, None, None)]


@kind
def release_file_added(copy: Copy, luck: random.Random) -> list[Found]:
    file = f"{RELEASE}/{luck.choice(('notes.md', 'data/more.parquet', 'data/stance/test.csv'))}"
    copy.write(file, "x\n")
    return [("release-file-unexpected", file, None, None)]


@kind
def conflict(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(RECORDS)
    lines = copy.read(file).splitlines()
    number = luck.randrange(len(lines))
    lines[number : number + 1] = ["<<<<<<< ours", lines[number], "=======", lines[number], ">>>>>>> theirs"]
    copy.write(file, "\n".join(lines) + "\n")
    return [("merge-conflict", file, number + 1, None)]


def a_line(copy: Copy, luck: random.Random) -> tuple[str, int, list[Any]]:
    file = luck.choice(RECORDS)
    rows = copy.rows(file)
    return file, luck.randrange(len(rows)), rows


@kind
def line_cut_off(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = a_line(copy, luck)
    rows[number] = faults.compact(rows[number])[: -luck.randrange(1, 30)]
    copy.put(file, rows)
    return [("json-broken", file, number + 1, None)]


@kind
def field_dropped(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = a_line(copy, luck)
    row = rows[number]
    del row[luck.choice([name for name in row if name not in ("id", "article_id", "comments")])]
    copy.put(file, rows)
    return [("field-missing", file, number + 1, None)]


@kind
def field_added(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = a_line(copy, luck)
    rows[number][luck.choice(("note", "Text", "langauge"))] = luck.choice((None, "x", 1, []))
    copy.put(file, rows)
    return [("field-unknown", file, number + 1, None)]


@kind
def field_of_another_type(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = a_line(copy, luck)
    row = rows[number]
    row[luck.choice([name for name in row if name not in ("id", "article_id")])] = 1.5
    copy.put(file, rows)
    return [("field-type", file, number + 1, None)]


@kind
def field_twice(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = a_line(copy, luck)
    name = luck.choice([name for name in rows[number] if name not in ("id", "article_id")])
    doubled = json.dumps({name: rows[number][name]}, ensure_ascii=False, separators=(",", ":"))
    rows[number] = f"{doubled[:-1]},{faults.compact(rows[number])[1:]}"
    copy.put(file, rows)
    return [("field-repeated", file, number + 1, None)]


@kind
def spaces(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = a_line(copy, luck)
    rows[number] = json.dumps(rows[number], ensure_ascii=False)
    copy.put(file, rows)
    return [("file-not-canonical", file, number + 1, None)]


@kind
def no_last_line_end(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice(RECORDS)
    lines = copy.read(file).removesuffix("\n")
    copy.write(file, lines)
    return [("file-not-canonical", file, lines.count("\n") + 1, None)]


@kind
def swapped(copy: Copy, luck: random.Random) -> list[Found]:
    file, _, rows = a_line(copy, luck)
    number = luck.randrange(len(rows) - 1)
    rows[number], rows[number + 1] = rows[number + 1], rows[number]
    copy.put(file, rows)
    return [("file-unsorted", file, number + 2, None)]


@kind
def doubled(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = a_line(copy, luck)
    rows.insert(number, rows[number])
    copy.put(file, rows)
    return [("id-repeated", file, number + 2, rows[number].get("id") or rows[number]["article_id"])]


@kind
def schema_twice(copy: Copy, luck: random.Random) -> list[Found]:
    new, old = luck.sample(("PER", "ORG", "supports", "neutral", "opposes"), 2)
    copy.replace(SCHEMA, f'label = "{old}"', f'label = "{new}"')
    return [("schema-invalid", SCHEMA, None, None)]


@kind
def toml_torn(copy: Copy, luck: random.Random) -> list[Found]:
    file = luck.choice((SCHEMA, SOURCES))
    lines = copy.read(file).split("\n")
    number = luck.choice([n for n, line in enumerate(lines) if line.endswith('"')])
    lines[number] = lines[number][:-1]
    copy.write(file, "\n".join(lines))
    return [("toml-broken", file, None, None)]


@kind
def manifest_says_another_version(copy: Copy, luck: random.Random) -> list[Found]:
    copy.replace(f"{RELEASE}/manifest.json", '"version": "0.0.1"', f'"version": "0.0.{luck.randrange(2, 99)}"')
    return [("release-version-mismatch", f"{RELEASE}/manifest.json", None, None)]


@kind
def manifest_says_another_count(copy: Copy, luck: random.Random) -> list[Found]:
    split = luck.choice(("train", "validation", "test"))
    copy.replace(f"{RELEASE}/manifest.json", f'"{split}": 1', f'"{split}": {luck.randrange(2, 99)}')
    return [("release-counts-wrong", f"{RELEASE}/manifest.json", None, split)]


def card(copy: Copy, old: str, new: str) -> None:
    """Change a release's card and put its new digest into the manifest."""
    before = hashlib.sha256((copy.root / RELEASE / "README.md").read_bytes()).hexdigest()
    copy.replace(f"{RELEASE}/README.md", old, new)
    after = hashlib.sha256((copy.root / RELEASE / "README.md").read_bytes()).hexdigest()
    copy.replace(f"{RELEASE}/manifest.json", before, after)


@kind
def card_of_another_version(copy: Copy, luck: random.Random) -> list[Found]:
    card(copy, "# tiny 0.0.1\n", f"# tiny 0.{luck.randrange(1, 99)}.0\n")
    return [("release-card-stale", f"{RELEASE}/README.md", None, None)]


@kind
def address_in_card(copy: Copy, luck: random.Random) -> list[Found]:
    lines = copy.read(f"{RELEASE}/README.md").split("\n")
    start = lines.index("# tiny 0.0.1")
    number = luck.choice([n for n in range(start + 1, len(lines)) if lines[n] and not lines[n].startswith("|")])
    card(copy, "\n".join(lines[start : number + 1]), "\n".join([*lines[start : number + 1]]) + " me@nowhere.example")
    return [("release-email", f"{RELEASE}/README.md", number + 1, None)]
