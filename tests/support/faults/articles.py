"""Kinds of fault in articles, and in what refers to them."""

from __future__ import annotations

import random
from typing import Any

from goldwire.records import text_digest
from support.faults import (
    ASSIGNMENT,
    CLUSTERS,
    DECISIONS,
    GOLD,
    GUIDELINES,
    LAYERS,
    SOURCES,
    TASKS,
    Copy,
    Found,
    in_text,
    kind,
)

Row = dict[str, Any]

for name, code, insert in (
    ("carriage_return", "text-carriage-return", "\r"),
    ("bell", "text-control-character", "\x07"),
    ("tab", "text-control-character", "\t"),
    ("turned_around", "text-bidi-control", "\u202e"),
    ("zero_width", "text-invisible-character", "\u200b"),
    ("soft_hyphen", "text-invisible-character", "\u00ad"),
    ("decomposed", "text-not-nfc", " cafe\u0301"),
    ("e_mail", "text-email", " desk@nowhere.example"),
    ("telephone", "text-phone", " +99 30 1234567"),
    ("entity", "text-markup", " &nbsp;"),
    ("tag", "text-markup", " <br/>"),
    ("lost_letter", "text-replacement-character", " caf\ufffd"),
    ("decoded_twice", "text-mojibake", " caf\u00c3\u00a9"),
    ("blank_lines", "text-layout", "\n\n\n"),
    ("space_at_line_end", "text-layout", " \n\nThen"),
):
    in_text(name, code, insert)


def in_article(change: Any) -> None:
    """Add a kind that changes the fields of an article that nothing refers to."""

    def spoil(copy: Copy, luck: random.Random) -> list[Found]:
        file, number, rows = copy.article(luck)
        codes = change(rows[number], luck)
        copy.put(file, rows)
        return [(code, file, number + 1, rows[number]["id"]) for code in codes]

    spoil.__name__ = change.__name__
    kind(spoil)


@in_article
def digest_of_another_text(row: Row, luck: random.Random) -> list[str]:
    row["text_sha256"] = text_digest(str(luck.random()))
    return ["text-digest-mismatch"]


@in_article
def text_changed_by_hand(row: Row, luck: random.Random) -> list[str]:
    at = luck.randrange(row["text"].index("\n\n") + 2, len(row["text"]) - 1)
    row["text"] = f"{row['text'][:at]}x{row['text'][at:]}"
    return ["text-digest-mismatch"]


@in_article
def another_title(row: Row, luck: random.Random) -> list[str]:
    row["title"] = f"Story {luck.random()}"
    return ["title-mismatch"]


@in_article
def a_date_in_words(row: Row, luck: random.Random) -> list[str]:
    row["published"] = luck.choice(("yesterday", "4 March 2021", "2021-13-01", "03/04/2021"))
    return ["date-malformed"]


@in_article
def run_out_of_bounds(row: Row, luck: random.Random) -> list[str]:
    run = luck.choice(row["origin"]["runs"])
    run[luck.choice((1, 3))] += 10_000
    return ["origin-broken"]


@in_article
def another_source(row: Row, luck: random.Random) -> list[str]:
    row["source"] = "herald" if row["source"] == "wire" else "wire"
    return ["record-misplaced"]


@kind
def empty_text(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = copy.article(luck)
    rows[number] |= {"text": "", "title": "", "text_sha256": text_digest("")}
    rows[number]["origin"]["runs"] = []
    copy.put(file, rows)
    return [("text-empty", file, number + 1, rows[number]["id"])]


@kind
def no_version(copy: Copy, luck: random.Random) -> list[Found]:
    copy.replace(GUIDELINES, "Version: 1.0", luck.choice(("Version: next", "", "v1.0")))
    return [("guidelines-unversioned", GUIDELINES, None, None)]


@kind
def unknown_article(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = copy.layer(luck, LAYERS)
    rows[number]["article_id"] = f"zz-{luck.randrange(10**9)}"
    rows.append(rows.pop(number))
    copy.put(file, rows)
    return [("article-unknown", file, len(rows), rows[-1]["article_id"])]


@kind
def article_gone(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = copy.article(luck, free=False)
    gone = rows.pop(number)["id"]
    copy.put(file, rows)
    named = [(name, n, row) for name in (*LAYERS, GOLD, DECISIONS, TASKS) for n, row in enumerate(copy.rows(name), 1)]
    refer = [(name, n) for name, n, row in named if row["article_id"] == gone]
    refer += [(ASSIGNMENT, n) for n, line in enumerate(copy.read(ASSIGNMENT).splitlines(), 1) if line.startswith(gone)]
    refer += [(CLUSTERS, n) for n, row in enumerate(copy.rows(CLUSTERS), 1) if gone in row["article_ids"]]
    return [("article-unknown", name, n, gone) for name, n in refer]


@kind
def source_gone(copy: Copy, luck: random.Random) -> list[Found]:
    source = luck.choice(("wire", "herald"))
    text = copy.read(SOURCES).replace(f"[{source}]", f"[{source}s]").replace(f"[{source}.", f"[{source}s.")
    copy.write(SOURCES, text)
    file = f"corpus/articles/{source}.jsonl"
    return [("source-unknown", file, 1, copy.rows(file)[0]["id"])]


@kind
def cluster_misnamed(copy: Copy, luck: random.Random) -> list[Found]:
    rows = copy.rows(CLUSTERS)
    rows[0]["cluster"] = name = luck.choice((rows[0]["article_ids"][1], "x"))
    copy.put(CLUSTERS, rows)
    return [("cluster-malformed", CLUSTERS, 1, name)]


@kind
def in_two_clusters(copy: Copy, luck: random.Random) -> list[Found]:
    rows = copy.rows(CLUSTERS)
    twice = luck.choice(rows[0]["article_ids"])
    both = sorted(("wire-68382fc9fbf0", twice))
    rows.append({"cluster": both[0], "article_ids": both, "pairs": []})
    copy.put(CLUSTERS, rows)
    return [("id-repeated" if both[0] == rows[0]["cluster"] else "cluster-overlaps", CLUSTERS, 2, twice)]
