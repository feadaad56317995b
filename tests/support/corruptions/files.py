"""Corruptions of files, lines and fields."""

from __future__ import annotations

import json
import random

from support.corruptions.base import (
    ARTICLES,
    CLUSTERS,
    GOLD,
    GUIDELINES,
    LAYERS,
    SCHEMA,
    SOURCES,
    TASKS,
    Corruption,
    Expected,
    WorkspaceCopy,
    canonical_json,
    corruption,
)

RECORD_FILES = (*ARTICLES, *LAYERS, GOLD, TASKS)
TEXT_FILES = (*RECORD_FILES, SCHEMA, SOURCES, GUIDELINES)


@corruption("file-bom")
def byte_order_mark(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = rng.choice(TEXT_FILES)
    copy.write(file, "\ufeff" + copy.read(file))
    return [("file-bom", file, 1, None)]


@corruption("file-crlf")
def crlf_line_end(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = rng.choice(TEXT_FILES)
    lines = copy.read(file).split("\n")
    index = rng.randrange(len(lines) - 1)
    lines[index] += "\r"
    copy.write(file, "\n".join(lines))
    return [("file-crlf", file, index + 1, None)]


@corruption("file-not-utf8")
def latin_1_byte(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = rng.choice(RECORD_FILES)
    data = (copy.root / file).read_bytes()
    start = data.index(b'"text":"') + 8 if b'"text":"' in data else data.index(b'"id":"') + 6
    offset = rng.randrange(start, start + 3)
    (copy.root / file).write_bytes(data[:offset] + b"\xe9" + data[offset + 1 :])
    return [("file-not-utf8", file, 1, None)]


@corruption("file-unexpected")
def stray_file(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    folder = rng.choice(("corpus/articles", "annotations/layers/b01", "annotations/gold", "annotations", "splits"))
    file = f"{folder}/{rng.choice(('notes.txt', 'A1.jsonl.bak', '.A1.jsonl.x.tmp', 'copy.csv'))}"
    copy.write(file, "x\n")
    return [("file-unexpected", file, None, None)]


def removed_file(file: str) -> Corruption:
    """Return a corruption that removes a file on which others depend."""

    def apply(copy: WorkspaceCopy, _: random.Random) -> list[Expected]:
        (copy.root / file).unlink()
        return [("file-missing", file, None, None)]

    return Corruption(("file-missing",), apply)


schema_removed = removed_file(SCHEMA)
guidelines_removed = removed_file(GUIDELINES)
sources_removed = removed_file(SOURCES)
clusters_removed = removed_file(CLUSTERS)


@corruption("link-broken")
def picture_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    name = rng.choice(("images/arrow.png", "images/two words.svg", "./images/arrow.png#left", "../corpus/map.webp"))
    picture = rng.choice((f"![An arrow](<{name}>)", f'<img alt="An arrow" src="{name}">', f"[arrow]: <{name}>"))
    if picture.startswith("["):
        picture = picture.replace("<", "").replace(">", "").replace(" words", "%20words")
    copy.write(GUIDELINES, f"{copy.read(GUIDELINES)}\n`![no](link.png)`\n\n{picture}\n")
    path = name.split("#")[0].removeprefix("./")
    path = path.removeprefix("../") if path.startswith("../") else f"annotations/{path}"
    return [("link-broken", GUIDELINES, len(copy.read(GUIDELINES).splitlines()), path)]


@corruption("raw-changed")
def raw_file_changed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = random_raw_file(copy, rng)
    data = bytearray((copy.root / file).read_bytes())
    data[rng.randrange(len(data))] ^= 1
    (copy.root / file).write_bytes(data)
    return [("raw-changed", *article_of(copy, file))]


@corruption("raw-missing")
def raw_file_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = random_raw_file(copy, rng)
    (copy.root / file).unlink()
    return [("raw-missing", *article_of(copy, file))]


def random_raw_file(copy: WorkspaceCopy, rng: random.Random) -> str:
    paths = sorted(path for path in (copy.root / "corpus/raw/wire").rglob("*") if path.is_file())
    return rng.choice(paths).relative_to(copy.root).as_posix()


def article_of(copy: WorkspaceCopy, raw_file: str) -> tuple[str, int, str]:
    """The file, line and id of the article that was made from a raw file."""
    return next(
        (file, line, row["id"])
        for file in ARTICLES
        for line, row in enumerate(copy.rows(file), 1)
        if row["origin"]["file"] == raw_file
    )


@corruption("merge-conflict")
def merge_conflict(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = rng.choice(RECORD_FILES)
    lines = copy.read(file).splitlines()
    index = rng.randrange(len(lines))
    lines[index : index + 1] = ["<<<<<<< ours", lines[index], "=======", lines[index], ">>>>>>> theirs"]
    copy.write(file, "\n".join(lines) + "\n")
    return [("merge-conflict", file, index + 1, None)]


@corruption("json-broken")
def truncated_line(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, RECORD_FILES)
    line = canonical_json(rows[index])[: -rng.randrange(1, 30)]
    copy.write_rows(file, [*rows[:index], line, *rows[index + 1 :]])
    return [("json-broken", file, index + 1, None)]


@corruption("field-missing")
def field_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, RECORD_FILES)
    row = rows[index]
    del row[rng.choice([name for name in row if name not in ("id", "article_id", "comments")])]
    copy.write_rows(file, rows)
    return [("field-missing", file, index + 1, None)]


@corruption("field-unknown")
def field_added(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, RECORD_FILES)
    rows[index][rng.choice(("note", "Text", "langauge"))] = rng.choice((None, "x", 1, []))
    copy.write_rows(file, rows)
    return [("field-unknown", file, index + 1, None)]


@corruption("field-type")
def field_of_another_type(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, RECORD_FILES)
    row = rows[index]
    row[rng.choice([name for name in row if name not in ("id", "article_id")])] = 1.5
    copy.write_rows(file, rows)
    return [("field-type", file, index + 1, None)]


@corruption("field-repeated")
def field_repeated(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, RECORD_FILES)
    row = rows[index]
    name = rng.choice([name for name in row if name not in ("id", "article_id")])
    line = f"{canonical_json({name: row[name]})[:-1]},{canonical_json(row)[1:]}"
    copy.write_rows(file, [*rows[:index], line, *rows[index + 1 :]])
    return [("field-repeated", file, index + 1, None)]


@corruption("file-not-canonical")
def spaces_in_json(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, RECORD_FILES)
    line = json.dumps(rows[index], ensure_ascii=False)
    copy.write_rows(file, [*rows[:index], line, *rows[index + 1 :]])
    return [("file-not-canonical", file, index + 1, None)]


@corruption("file-not-canonical")
def no_final_line_end(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = rng.choice(RECORD_FILES)
    text = copy.read(file).removesuffix("\n")
    copy.write(file, text)
    return [("file-not-canonical", file, text.count("\n") + 1, None)]


@corruption("file-unsorted")
def rows_swapped(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, _, rows = copy.random_row(rng, RECORD_FILES)
    index = rng.randrange(len(rows) - 1)
    rows[index], rows[index + 1] = rows[index + 1], rows[index]
    copy.write_rows(file, rows)
    return [("file-unsorted", file, index + 2, None)]


@corruption("id-repeated")
def row_repeated(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, RECORD_FILES)
    rows.insert(index, rows[index])
    copy.write_rows(file, rows)
    return [("id-repeated", file, index + 2, rows[index].get("id") or rows[index]["article_id"])]


@corruption("schema-invalid")
def label_defined_twice(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    new, old = rng.sample(("PER", "ORG", "supports", "neutral", "opposes"), 2)
    copy.replace(SCHEMA, f'label = "{old}"', f'label = "{new}"')
    return [("schema-invalid", SCHEMA, None, None)]


@corruption("toml-broken")
def unclosed_toml_string(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = rng.choice((SCHEMA, SOURCES))
    lines = copy.read(file).split("\n")
    index = rng.choice([index for index, line in enumerate(lines) if line.endswith('"')])
    lines[index] = lines[index][:-1]
    copy.write(file, "\n".join(lines))
    return [("toml-broken", file, None, None)]
