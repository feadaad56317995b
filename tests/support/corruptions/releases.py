"""Corruptions of a released version."""

from __future__ import annotations

import random

from support.corruptions.base import ARTICLES, RELEASE, SOURCES, Expected, WorkspaceCopy, corruption
from support.overlay import rehash

MANIFEST, CARD = f"{RELEASE}/manifest.json", f"{RELEASE}/README.md"


@corruption("release-file-missing")
def released_file_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = random_parquet_file(copy, rng)
    (copy.root / file).unlink()
    return [("release-file-missing", file, None, None)]


@corruption("release-file-changed")
def released_file_changed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = random_parquet_file(copy, rng)
    data = bytearray((copy.root / file).read_bytes())
    data[rng.randrange(len(data))] ^= 1
    (copy.root / file).write_bytes(data)
    return [("release-file-changed", file, None, None)]


@corruption("release-file-unexpected")
def released_file_added(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file = f"{RELEASE}/{rng.choice(('notes.md', 'data/more.parquet', 'data/stance/test.csv'))}"
    copy.write(file, "x\n")
    return [("release-file-unexpected", file, None, None)]


def random_parquet_file(copy: WorkspaceCopy, rng: random.Random) -> str:
    return rng.choice(sorted((copy.root / RELEASE).rglob("*.parquet"))).relative_to(copy.root).as_posix()


@corruption("release-version-mismatch")
def manifest_of_another_version(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    copy.replace(MANIFEST, '"version": "0.0.1"', f'"version": "0.0.{rng.randrange(2, 99)}"')
    return [("release-version-mismatch", MANIFEST, None, None)]


@corruption("release-counts-wrong")
def manifest_with_another_count(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    split = rng.choice(("train", "validation", "test"))
    copy.replace(MANIFEST, f'"{split}": 1', f'"{split}": {rng.randrange(2, 99)}')
    return [("release-counts-wrong", MANIFEST, None, split)]


@corruption("release-card-stale")
def card_of_another_version(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    edit_card(copy, "# tiny 0.0.1\n", f"# tiny 0.{rng.randrange(1, 99)}.0\n")
    return [("release-card-stale", CARD, None, None)]


@corruption("release-email")
def email_address_in_card(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    lines = copy.read(CARD).split("\n")
    start = lines.index("# tiny 0.0.1")
    index = rng.choice([n for n in range(start + 1, len(lines)) if lines[n] and not lines[n].startswith("|")])
    before = "\n".join(lines[start : index + 1])
    edit_card(copy, before, f"{before} me@nowhere.example")
    return [("release-email", CARD, index + 1, None)]


def edit_card(copy: WorkspaceCopy, old: str, new: str) -> None:
    """Edit the card of the release and put its new digest into the manifest."""
    copy.replace(CARD, old, new)
    rehash(copy.root / RELEASE, "README.md")


@corruption("release-text-forbidden")
def redistribution_forbidden(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    copy.replace(SOURCES, "redistribute = true", "redistribute = false")
    id = copy.rows(ARTICLES[0])[1]["id"]
    split = next(row[2] for row in copy.assignment() if row[0] == id)
    files = [
        f"{RELEASE}/data/{config}/{split}-00000-of-00001.parquet"
        for config in ("entities", "stance", "stance_candidates")
    ]
    return [("release-text-forbidden", file, None, id) for file in files]


@corruption("version-not-increased")
def released_before_it_joined(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.assignment()
    rows[-1][3] = f"0.{rng.randrange(1, 99)}.0"
    copy.write_assignment(rows)
    file = f"{RELEASE}/data/entities/{rows[-1][2]}-00000-of-00001.parquet"
    return [("version-not-increased", file, None, rows[-1][0])]
