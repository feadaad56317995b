"""Corruptions of tasks, coverage, decisions and splits."""

from __future__ import annotations

import json
import random

from support.corruptions.base import (
    ADJUDICATION,
    AGREEMENT,
    ASSIGNMENT,
    DECISIONS,
    GOLD,
    LAYERS,
    SCHEMA,
    STALE_AGREEMENT,
    STALE_DECISION,
    TASKS,
    Expected,
    Row,
    WorkspaceCopy,
    corruption,
    record_corruption,
)

DECISION_ID = "gold_id"


@record_corruption((TASKS,), "task-window")
def window_too_long(row: Row, rng: random.Random) -> str:
    row["window"][1] += rng.randrange(1, 99)
    return str(row["id"])


@record_corruption((TASKS,), "task-window")
def context_smaller_than_window(row: Row, rng: random.Random) -> str:
    start, end = row["window"]
    row["context"] = [rng.randrange(start + 1, end), end]
    return str(row["id"])


@record_corruption((TASKS,), "task-target")
def target_of_an_entity_task(row: Row, rng: random.Random) -> str:
    row["target"] = "the toll"
    return str(row["id"])


@record_corruption((TASKS,), "task-annotators")
def annotator_assigned_twice(row: Row, rng: random.Random) -> str:
    row["annotators"].append(rng.choice(row["annotators"]))
    return str(row["id"])


@record_corruption((TASKS,), "annotator-not-pseudonym")
def annotator_with_a_name(row: Row, rng: random.Random) -> None:
    row["annotators"].append(rng.choice(("Ilsa", "ilsa@nowhere.example", "Ilsa Vernock")))


@corruption("layer-missing", "agreement-stale", "decision-stale")
def layer_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, LAYERS)
    article = rows.pop(index)["article_id"]
    copy.write_rows(file, rows)
    line, task = next((n, task) for n, task in enumerate(copy.rows(TASKS), 1) if task["article_id"] == article)
    return [("layer-missing", TASKS, line, task["id"]), STALE_AGREEMENT, STALE_DECISION]


@corruption("layer-unassigned", "agreement-stale", "decision-stale")
def layer_of_another_annotator(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    _, index, rows = copy.random_row(rng, LAYERS)
    name = f"A{rng.randrange(4, 99)}"
    file = f"annotations/layers/b01/{name}.jsonl"
    copy.write_rows(file, [rows[index] | {"annotator": name}])
    return [("layer-unassigned", file, 1, rows[index]["article_id"]), STALE_AGREEMENT, STALE_DECISION]


@corruption("agreement-missing")
def agreement_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    (copy.root / AGREEMENT).unlink()
    return [("agreement-missing", AGREEMENT, None, "b01")]


@corruption("label-unused")
def label_that_nobody_uses(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    name = rng.choice(("LOC", "GPE", "EVENT"))
    fields = f'label = "{name}"\ndescription = "x"\ncolor = "#0b6b61"\nkey = "z"'
    copy.write(SCHEMA, f"{copy.read(SCHEMA)}\n[[entity]]\n{fields}\n")
    return [("label-unused", SCHEMA, None, name)]


@corruption("decision-missing")
def decision_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.rows(DECISIONS)
    removed = rows.pop(rng.choice([index for index, row in enumerate(rows) if row[DECISION_ID]]))
    copy.write_rows(DECISIONS, rows)
    line = next(n for n, row in enumerate(copy.rows(GOLD), 1) if row["article_id"] == removed["article_id"])
    return [("decision-missing", GOLD, line, removed[DECISION_ID])]


@corruption("gold-label-missing")
def decision_about_another_label(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.rows(DECISIONS)
    index = rng.choice([index for index, row in enumerate(rows) if row[DECISION_ID]])
    rows[index][DECISION_ID] = "T99"
    copy.write_rows(DECISIONS, rows)
    return [("gold-label-missing", DECISIONS, index + 1, "T99")]


@corruption("article-across-splits")
def article_in_two_splits(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.assignment()
    id, cluster, split, version = rng.choice(rows)
    other = rng.choice([name for name in ("train", "validation", "test") if name != split])
    copy.write_assignment([*rows, [id, cluster, other, version]])
    return [("article-across-splits", ASSIGNMENT, len(rows) + 2, id)]


@corruption("cluster-across-splits")
def cluster_in_two_splits(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.assignment()
    first, second = sorted(rng.sample(range(len(rows)), 2))
    rows[second][1] = rows[first][1]
    copy.write_assignment(rows)
    return [("cluster-across-splits", ASSIGNMENT, second + 2, rows[second][0])]


@corruption("assignment-cluster-wrong")
def cluster_of_another_article(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.assignment()
    index = rng.randrange(len(rows))
    rows[index][1] = rng.choice(("wire-68382fc9fbf0", "wire-ffffffffffff", "x"))  # no near-duplicate of any
    copy.write_assignment(rows)
    return [("assignment-cluster-wrong", ASSIGNMENT, index + 2, rows[index][0])]


@corruption("split-without-gold")
def split_without_gold(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.assignment()
    id, split = "wire-68382fc9fbf0", rng.choice(("train", "validation", "test"))
    copy.write_assignment([*rows, [id, id, split, "0.1.0"]])
    return [("split-without-gold", ASSIGNMENT, len(rows) + 2, id)]


@corruption("field-type")
def unknown_split(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.assignment()
    index = rng.randrange(len(rows))
    rows[index][2] = rng.choice(("dev", "Train", ""))
    copy.write_assignment(rows)
    return [("field-type", ASSIGNMENT, index + 2, rows[index][0])]


@corruption("version-malformed")
def malformed_version(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    rows = copy.assignment()
    index = rng.randrange(len(rows))
    rows[index][3] = rng.choice(("one", "1.0", "v0.0.1.2"))
    copy.write_assignment(rows)
    return [("version-malformed", ASSIGNMENT, index + 2, rows[index][0])]


@record_corruption((GOLD,), "gold-contradicts-decision")
def gold_stance_changed(row: Row, rng: random.Random) -> str:
    stance = rng.choice(row["stances"])
    stance["stance"] = rng.choice([name for name in ("supports", "neutral", "opposes") if name != stance["stance"]])
    return str(stance["id"])


@record_corruption((GOLD,), "gold-stale")
def gold_of_other_guidelines(row: Row, rng: random.Random) -> None:
    row[rng.choice(("guidelines_version", "schema_version"))] = "2.0"


@record_corruption((DECISIONS,), "decision-stale")
def votes_changed(row: Row, rng: random.Random) -> None:
    row[rng.choice(("n_votes", "n_voters"))] += rng.choice((-1, 1))


@corruption("adjudication-missing")
def method_of_adjudication_removed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    (copy.root / ADJUDICATION).unlink()
    return [("adjudication-missing", ADJUDICATION, None, "b01")]


@corruption("adjudication-invalid")
def method_of_adjudication_changed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    method = rng.choice(("expert", "mace", "dawid-skene"))
    copy.replace(ADJUDICATION, '"method": "majority"', f'"method": "{method}"')
    return [("adjudication-invalid", ADJUDICATION, None, "b01")]


@corruption("agreement-stale")
def agreement_figure_changed(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    document = json.loads(copy.read(AGREEMENT))
    value = rng.choice([value for value in document["values"] if value["value"] is not None])
    value[rng.choice(("value", "low", "high"))] = rng.random()
    copy.write(AGREEMENT, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return [STALE_AGREEMENT]
