"""Corruptions of articles, sources and clusters, and of references to them."""

from __future__ import annotations

import random
from collections.abc import Callable

from goldwire.records import text_digest
from support.corruptions.base import (
    ASSIGNMENT,
    CLUSTERS,
    DECISIONS,
    GOLD,
    GUIDELINES,
    LAYERS,
    SOURCES,
    TASKS,
    Corruption,
    Expected,
    Row,
    WorkspaceCopy,
    corruption,
    inserted_text,
)

MEMBERS = "article_ids"  # the field of Duplicates with its articles

carriage_return = inserted_text("text-carriage-return", "\r")
bell_character = inserted_text("text-control-character", "\x07")
tab = inserted_text("text-control-character", "\t")
right_to_left_override = inserted_text("text-bidi-control", "\u202e")
zero_width_space = inserted_text("text-invisible-character", "\u200b")
soft_hyphen = inserted_text("text-invisible-character", "\u00ad")
combining_accent = inserted_text("text-not-nfc", " cafe\u0301")
email_address = inserted_text("text-email", " desk@nowhere.example")
phone_number = inserted_text("text-phone", " +99 30 1234567")
html_entity = inserted_text("text-markup", " &nbsp;")
html_tag = inserted_text("text-markup", " <br/>")
replacement_character = inserted_text("text-replacement-character", " caf\ufffd")
mojibake = inserted_text("text-mojibake", " caf\u00c3\u00a9")
extra_blank_lines = inserted_text("text-layout", "\n\n\n")
trailing_space = inserted_text("text-layout", " \n\nThen")


def article_corruption(code: str) -> Callable[[Callable[[Row, random.Random], None]], Corruption]:
    """Bind a function that damages an article to which nothing refers."""

    def bind(change: Callable[[Row, random.Random], None]) -> Corruption:
        def apply(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
            file, index, rows = copy.random_article(rng)
            change(rows[index], rng)
            copy.write_rows(file, rows)
            return [(code, file, index + 1, rows[index]["id"])]

        return Corruption((code,), apply)

    return bind


@article_corruption("text-digest-mismatch")
def digest_of_another_text(row: Row, rng: random.Random) -> None:
    row["text_sha256"] = text_digest(str(rng.random()))


@article_corruption("text-digest-mismatch")
def text_edited_by_hand(row: Row, rng: random.Random) -> None:
    offset = rng.randrange(row["text"].index("\n\n") + 2, len(row["text"]) - 1)
    row["text"] = f"{row['text'][:offset]}x{row['text'][offset:]}"


@article_corruption("title-mismatch")
def title_of_another_article(row: Row, rng: random.Random) -> None:
    row["title"] = f"Story {rng.random()}"


@article_corruption("date-malformed")
def date_not_iso(row: Row, rng: random.Random) -> None:
    row["published"] = rng.choice(("yesterday", "4 March 2021", "2021-13-01", "03/04/2021"))


@article_corruption("origin-broken")
def run_out_of_bounds(row: Row, rng: random.Random) -> None:
    run = rng.choice(row["origin"]["runs"])
    run[rng.choice((1, 3))] += 10_000


@article_corruption("record-misplaced")
def source_of_another_file(row: Row, rng: random.Random) -> None:
    row["source"] = "herald" if row["source"] == "wire" else "wire"


@article_corruption("text-empty")
def empty_text(row: Row, rng: random.Random) -> None:
    row |= {"text": "", "title": "", "text_sha256": text_digest("")}
    row["origin"]["runs"] = []


@corruption("guidelines-unversioned")
def guidelines_without_version(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    copy.replace(GUIDELINES, "Version: 1.0", rng.choice(("Version: next", "", "v1.0")))
    return [("guidelines-unversioned", GUIDELINES, None, None)]


@corruption("article-unknown")
def layer_of_an_unknown_article(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, LAYERS)
    rows[index]["article_id"] = f"zz-{rng.randrange(10**9)}"
    rows.append(rows.pop(index))
    copy.write_rows(file, rows)
    return [("article-unknown", file, len(rows), rows[-1]["article_id"])]


@corruption("article-unknown")
def article_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_article(rng, free=False)
    removed = rows.pop(index)["id"]
    copy.write_rows(file, rows)
    referring = [
        (name, line)
        for name in (*LAYERS, GOLD, DECISIONS, TASKS)
        for line, row in enumerate(copy.rows(name), 1)
        if row["article_id"] == removed
    ]
    referring += [(ASSIGNMENT, line) for line, row in enumerate(copy.assignment(), 2) if row[0] == removed]
    referring += [(CLUSTERS, line) for line, row in enumerate(copy.rows(CLUSTERS), 1) if removed in row[MEMBERS]]
    return [("article-unknown", name, line, removed) for name, line in referring]


@corruption("source-unknown")
def source_renamed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    source = rng.choice(("wire", "herald"))
    text = copy.read(SOURCES).replace(f"[{source}]", f"[{source}s]").replace(f"[{source}.", f"[{source}s.")
    copy.write(SOURCES, text)
    file = f"corpus/articles/{source}.jsonl"
    return [("source-unknown", file, 1, copy.rows(file)[0]["id"])]


@corruption("cluster-malformed")
def cluster_renamed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.rows(CLUSTERS)
    rows[0]["cluster"] = name = rng.choice((rows[0][MEMBERS][1], "x"))
    copy.write_rows(CLUSTERS, rows)
    return [("cluster-malformed", CLUSTERS, 1, name)]


@corruption("id-repeated", "cluster-overlaps")
def article_in_two_clusters(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.rows(CLUSTERS)
    shared = rng.choice(rows[0][MEMBERS])
    members = sorted(("wire-68382fc9fbf0", shared))
    rows.append({"cluster": members[0], MEMBERS: members, "pairs": []})
    copy.write_rows(CLUSTERS, rows)
    code = "id-repeated" if members[0] == rows[0]["cluster"] else "cluster-overlaps"
    return [(code, CLUSTERS, 2, shared)]
