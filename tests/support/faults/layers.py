"""Kinds of fault in what annotators said, and in gold."""

from __future__ import annotations

import random
from typing import Any

from goldwire.records import text_digest
from support.faults import STALE, in_gold, in_layer

Row = dict[str, Any]
Faults = list[tuple[str, str]]


def a_span(row: Row, luck: random.Random) -> Row:
    span: Row = luck.choice(row["spans"])
    return span


def out_of_bounds(row: Row, luck: random.Random) -> Faults:
    span = a_span(row, luck)
    span["end"] += 10_000
    return [("span-out-of-bounds", span["id"])]


def before_the_text(row: Row, luck: random.Random) -> Faults:
    row["spans"][0]["start"] = -luck.randrange(1, 500)
    return [("span-out-of-bounds", "T1")]


def empty_span(row: Row, luck: random.Random) -> Faults:
    span = a_span(row, luck)
    span["end"], span["text"] = span["start"], ""
    return [("span-empty", span["id"])]


def shifted(row: Row, luck: random.Random) -> Faults:
    span = luck.choice(row["spans"][1:-1])
    by = luck.choice((-1, 1, 2))
    span["start"], span["end"] = span["start"] + by, span["end"] + by
    return [("span-text-mismatch", span["id"])]


def other_surface(row: Row, luck: random.Random) -> Faults:
    span = a_span(row, luck)
    span["text"] = span["text"].upper()
    return [("span-text-mismatch", span["id"])]


def unknown_label(row: Row, luck: random.Random) -> Faults:
    span = a_span(row, luck)
    span["label"] = luck.choice(("Org", "LOC", "VOICE", ""))
    return [("label-unknown", span["id"])]


def unknown_stance(row: Row, luck: random.Random) -> Faults:
    stance = luck.choice(row["stances"])
    stance["stance"] = luck.choice(("Supports", "against", ""))
    return [("stance-unknown", stance["id"])]


def dangling(row: Row, luck: random.Random) -> Faults:
    stance = luck.choice(row["stances"])
    stance[luck.choice(("holder", "target"))] = "T99"
    return [("stance-dangling", stance["id"])]


def no_target(row: Row, luck: random.Random) -> Faults:
    stance = luck.choice(row["stances"])
    stance |= luck.choice(({"target_name": "the toll"}, {"target": None}))
    return [("stance-target-unclear", stance["id"])]


def to_itself(row: Row, luck: random.Random) -> Faults:
    row["stances"] = [row["stances"][0]]
    row["stances"][0] |= {"target": row["stances"][0]["holder"]}
    return [("stance-to-itself", "R1")]


def another_stance(row: Row, luck: random.Random) -> Faults:
    number = luck.randrange(len(row["stances"]))
    first = row["stances"][number]
    values = sorted(luck.sample(("neutral", "opposes", "supports"), 2))
    pair = [first | {"stance": value} for value in values]
    row["stances"][number : number + 1] = pair
    renumber(row)
    return [("stance-contradicts", f"R{number + 2}")]


def same_stance(row: Row, luck: random.Random) -> Faults:
    number = luck.randrange(len(row["stances"]))
    row["stances"].insert(number, dict(row["stances"][number]))
    renumber(row)
    return [("stance-repeated", f"R{number + 2}")]


def renumber(row: Row) -> None:
    for number, stance in enumerate(row["stances"], 1):
        stance["id"] = f"R{number}"


def same_span(row: Row, luck: random.Random) -> Faults:
    row["spans"].append(row["spans"][-1] | {"id": f"T{len(row['spans']) + 1}"})
    return [("span-repeated", row["spans"][-1]["id"])]


def crossing(row: Row, luck: random.Random) -> Faults:
    last = row["spans"][-1]
    cut = last["text"].index(" ") + 1
    row["spans"][-1] = last | {"end": last["start"] + cut - 1, "text": last["text"][: cut - 1]}
    before = row["spans"][-1]
    number = len(row["spans"]) + 1
    # From within the last span's own first word to beyond it: three spans, of which two cross.
    row["spans"].append(last | {"id": f"T{number}", "start": before["start"] + 1, "text": last["text"][1:]})
    return [("span-crosses", f"T{number}"), ("span-splits-word", f"T{number}")]


def ids_swapped(row: Row, luck: random.Random) -> Faults:
    number = luck.randrange(len(row["spans"]) - 1)
    row["spans"][number], row["spans"][number + 1] = row["spans"][number + 1], row["spans"][number]
    return [("layer-not-numbered", row["article_id"])]


def one_id_twice(row: Row, luck: random.Random) -> Faults:
    row["spans"][-1]["id"] = row["spans"][-2]["id"]
    used = {end for stance in row["stances"] for end in (stance["holder"], stance["target"])}
    row["stances"] = [] if f"T{len(row['spans'])}" in used else row["stances"]
    return [("id-repeated", row["spans"][-2]["id"])]


def other_text(row: Row, luck: random.Random) -> Faults:
    row["text_sha256"] = text_digest(str(luck.random()))
    return [("text-stale", row["article_id"])]


def other_batch(row: Row, luck: random.Random) -> Faults:
    row[luck.choice(("batch", "annotator"))] = "A9"
    return [("record-misplaced", row["article_id"])]


def unconfirmed(row: Row, luck: random.Random) -> Faults:
    row["confirmed"] = False
    return [("layer-unconfirmed", row["article_id"])]


for change in (out_of_bounds, before_the_text, empty_span, shifted, other_surface, unknown_label, unknown_stance):
    in_layer(change.__name__, change)
for change in (dangling, no_target, to_itself, another_stance, same_stance, same_span, crossing, other_text):
    in_layer(change.__name__, change)
for change in (ids_swapped, one_id_twice, other_batch, unconfirmed):
    in_layer(change.__name__, change)


def two_labels(row: Row, luck: random.Random) -> Faults:
    row["spans"][-1:] = [row["spans"][-1] | {"label": label} for label in ("ORG", "PER")]
    row["spans"][-1]["id"] = f"T{len(row['spans'])}"
    row["stances"] = [s for s in row["stances"] if f"T{len(row['spans']) - 1}" not in (s["holder"], s["target"])]
    renumber(row)
    return [("span-labelled-twice", row["spans"][-1]["id"])]


in_layer("two_labels", two_labels, STALE)


def older_guidelines(row: Row, luck: random.Random) -> Faults:
    row["guidelines_version"] = "0.9"
    return [("guidelines-mixed", row["article_id"])]


def older_schema(row: Row, luck: random.Random) -> Faults:
    row["schema_version"] = "0.9"
    return [("schema-mixed", row["article_id"])]


in_layer("older_guidelines", older_guidelines)
in_layer("older_schema", older_schema)


def cut_short(row: Row, luck: random.Random) -> Faults:
    span = a_span(row, luck)
    span["end"], span["text"] = span["end"] - 1, span["text"][:-1]
    return [("span-splits-word", span["id"])]


def edge(row: Row, luck: random.Random) -> Faults:
    # After the first two spans, which may stand at the beginning of a line.
    span = luck.choice(row["spans"][2:-1])
    before = luck.random() < 0.5
    span["start"], span["text"] = (span["start"] - 1, f" {span['text']}") if before else (span["start"], span["text"])
    span["end"], span["text"] = (span["end"], span["text"]) if before else (span["end"] + 1, f"{span['text']} ")
    return [("span-edge-space", span["id"])]


def not_final(row: Row, luck: random.Random) -> Faults:
    row["confirmed"] = False
    return [("gold-unconfirmed", row["article_id"])]


in_gold("cut_short", cut_short)
in_gold("not_final", not_final)
