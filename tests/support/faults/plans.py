"""Kinds of fault in plans, coverage, decisions and splits."""

from __future__ import annotations

import random
from typing import Any

from support.faults import (
    AGREEMENT,
    ARTICLES,
    ASSIGNMENT,
    DECISIONS,
    GOLD,
    RELEASE,
    SCHEMA,
    SOURCES,
    TASKS,
    Copy,
    Found,
    kind,
)

Row = dict[str, Any]


def in_task(change: Any) -> None:
    """Add a kind that changes a random task."""

    def spoil(copy: Copy, luck: random.Random) -> list[Found]:
        rows = copy.rows(TASKS)
        number = luck.randrange(len(rows))
        code = change(rows[number], luck)
        copy.put(TASKS, rows)
        return [(code, TASKS, number + 1, rows[number]["id"])]

    spoil.__name__ = change.__name__
    kind(spoil)


@in_task
def window_too_long(row: Row, luck: random.Random) -> str:
    row["window"][1] += luck.randrange(1, 99)
    return "task-window"


@in_task
def shows_less_than_it_asks_about(row: Row, luck: random.Random) -> str:
    start, end = row["window"]
    row["context"] = [luck.randrange(start + 1, end), end]
    return "task-window"


@in_task
def target_of_entities(row: Row, luck: random.Random) -> str:
    row["target"] = "the toll"
    return "task-target"


@in_task
def asked_twice(row: Row, luck: random.Random) -> str:
    row["annotators"].append(luck.choice(row["annotators"]))
    return "task-annotators"


@kind
def asked_by_name(copy: Copy, luck: random.Random) -> list[Found]:
    rows = copy.rows(TASKS)
    number = luck.randrange(len(rows))
    rows[number]["annotators"].append(luck.choice(("Ilsa", "ilsa@nowhere.example", "Ilsa Vernock")))
    copy.put(TASKS, rows)
    return [("annotator-not-pseudonym", TASKS, number + 1, rows[number]["article_id"])]


@kind
def layer_gone(copy: Copy, luck: random.Random) -> list[Found]:
    file, number, rows = copy.layer(luck)
    gone = rows.pop(number)["article_id"]
    copy.put(file, rows)
    tasks = copy.rows(TASKS)
    n, task = next((n, task) for n, task in enumerate(tasks, 1) if task["article_id"] == gone)
    return [("layer-missing", TASKS, n, task["id"])]


@kind
def layer_unasked(copy: Copy, luck: random.Random) -> list[Found]:
    _, number, rows = copy.layer(luck)
    name = f"A{luck.randrange(4, 99)}"
    copy.put(f"annotations/layers/b01/{name}.jsonl", [rows[number] | {"annotator": name}])
    return [("layer-unassigned", f"annotations/layers/b01/{name}.jsonl", 1, rows[number]["article_id"])]


@kind
def agreement_gone(copy: Copy, luck: random.Random) -> list[Found]:
    (copy.root / AGREEMENT).unlink()
    return [("agreement-missing", AGREEMENT, None, "b01")]


@kind
def label_that_nobody_uses(copy: Copy, luck: random.Random) -> list[Found]:
    name = luck.choice(("LOC", "GPE", "EVENT"))
    fields = f'label = "{name}"\ndescription = "x"\ncolor = "#0b6b61"\nkey = "z"'
    copy.write(SCHEMA, f"{copy.read(SCHEMA)}\n[[entity]]\n{fields}\n")
    return [("label-unused", SCHEMA, None, name)]


@kind
def decision_gone(copy: Copy, luck: random.Random) -> list[Found]:
    rows = copy.rows(DECISIONS)
    gone = rows.pop(luck.choice([n for n, row in enumerate(rows) if row["gold_id"]]))
    copy.put(DECISIONS, rows)
    number = next(n for n, row in enumerate(copy.rows(GOLD), 1) if row["article_id"] == gone["article_id"])
    return [("decision-missing", GOLD, number, gone["gold_id"])]


@kind
def unit_renamed(copy: Copy, luck: random.Random) -> list[Found]:
    rows = copy.rows(DECISIONS)
    number = luck.choice([n for n, row in enumerate(rows) if row["gold_id"]])
    rows[number]["gold_id"] = "T99"
    copy.put(DECISIONS, rows)
    return [("gold-label-missing", DECISIONS, number + 1, "T99")]


def lines(copy: Copy) -> list[str]:
    return copy.read(ASSIGNMENT).splitlines()


@kind
def in_two_splits(copy: Copy, luck: random.Random) -> list[Found]:
    rows = lines(copy)
    id, cluster, split, since = luck.choice(rows[1:]).split("\t")
    other = luck.choice([name for name in ("train", "validation", "test") if name != split])
    copy.write(ASSIGNMENT, "\n".join([*rows, "\t".join((id, cluster, other, since)), ""]))
    return [("article-across-splits", ASSIGNMENT, len(rows) + 1, id)]


@kind
def cluster_torn(copy: Copy, luck: random.Random) -> list[Found]:
    rows = [row.split("\t") for row in lines(copy)]
    one, other = sorted(luck.sample(range(1, len(rows)), 2))
    rows[other][1] = rows[one][1]
    copy.write(ASSIGNMENT, "".join("\t".join(row) + "\n" for row in rows))
    return [("cluster-across-splits", ASSIGNMENT, other + 1, rows[other][0])]


@kind
def row_without_gold(copy: Copy, luck: random.Random) -> list[Found]:
    rows = lines(copy)
    split = luck.choice(("train", "validation", "test"))
    copy.write(ASSIGNMENT, "\n".join([*rows, f"wire-68382fc9fbf0\twire-68382fc9fbf0\t{split}\t0.1.0", ""]))
    return [("split-without-gold", ASSIGNMENT, len(rows) + 1, "wire-68382fc9fbf0")]


@kind
def no_split_of_that_name(copy: Copy, luck: random.Random) -> list[Found]:
    rows = [row.split("\t") for row in lines(copy)]
    number = luck.randrange(1, len(rows))
    rows[number][2] = luck.choice(("dev", "Train", ""))
    copy.write(ASSIGNMENT, "".join("\t".join(row) + "\n" for row in rows))
    return [("field-type", ASSIGNMENT, number + 1, rows[number][0])]


@kind
def no_version_number(copy: Copy, luck: random.Random) -> list[Found]:
    rows = [row.split("\t") for row in lines(copy)]
    number = luck.randrange(1, len(rows))
    rows[number][3] = luck.choice(("one", "1.0", "v0.0.1.2"))
    copy.write(ASSIGNMENT, "".join("\t".join(row) + "\n" for row in rows))
    return [("version-malformed", ASSIGNMENT, number + 1, rows[number][0])]


@kind
def joined_after_its_release(copy: Copy, luck: random.Random) -> list[Found]:
    rows = [row.split("\t") for row in lines(copy)]
    rows[-1][3] = f"0.{luck.randrange(1, 99)}.0"
    copy.write(ASSIGNMENT, "".join("\t".join(row) + "\n" for row in rows))
    file = f"{RELEASE}/data/entities/{rows[-1][2]}-00000-of-00001.parquet"
    return [("version-not-increased", file, None, rows[-1][0])]


@kind
def text_that_may_not_be_given_away(copy: Copy, luck: random.Random) -> list[Found]:
    copy.replace(SOURCES, "redistribute = true", "redistribute = false")
    id = copy.rows(ARTICLES[0])[1]["id"]
    split = next(row.split("\t")[2] for row in lines(copy) if row.startswith(id))
    files = [f"{RELEASE}/data/{config}/{split}-00000-of-00001.parquet" for config in ("entities", "stance")]
    return [("release-text-forbidden", file, None, id) for file in files]
