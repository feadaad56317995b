"""Corruptions of annotators' layers and of gold."""

from __future__ import annotations

import random

from goldwire.records import text_digest
from support.corruptions.base import (
    ARTICLES,
    CONTRADICTED_DECISION,
    GOLD,
    LAYERS,
    STALE_AGREEMENT,
    STALE_DECISION,
    Expected,
    Row,
    WorkspaceCopy,
    corruption,
    record_corruption,
)


def random_span(row: Row, rng: random.Random) -> Row:
    span: Row = rng.choice(row["spans"])
    return span


def random_stance(row: Row, rng: random.Random) -> Row:
    stance: Row = rng.choice(row["stances"])
    return stance


def renumber_stances(row: Row) -> None:
    for number, stance in enumerate(row["stances"], 1):
        stance["id"] = f"R{number}"


@record_corruption(LAYERS, "span-out-of-bounds")
def span_ends_after_the_text(row: Row, rng: random.Random) -> str:
    span = random_span(row, rng)
    span["end"] += 10_000
    return str(span["id"])


@record_corruption(LAYERS, "span-out-of-bounds")
def span_starts_before_the_text(row: Row, rng: random.Random) -> str:
    row["spans"][0]["start"] = -rng.randrange(1, 500)
    return "T1"


@record_corruption(LAYERS, "span-empty")
def empty_span(row: Row, rng: random.Random) -> str:
    span = random_span(row, rng)
    span["end"], span["text"] = span["start"], ""
    return str(span["id"])


@record_corruption(LAYERS, "span-text-mismatch")
def shifted_span(row: Row, rng: random.Random) -> str:
    span = rng.choice(row["spans"][1:-1])
    shift = rng.choice((-1, 1, 2))
    span["start"], span["end"] = span["start"] + shift, span["end"] + shift
    return str(span["id"])


@record_corruption(LAYERS, "span-text-mismatch")
def span_with_another_text(row: Row, rng: random.Random) -> str:
    span = random_span(row, rng)
    span["text"] = span["text"].upper()
    return str(span["id"])


@record_corruption(LAYERS, "label-unknown")
def unknown_label(row: Row, rng: random.Random) -> str:
    span = random_span(row, rng)
    span["label"] = rng.choice(("Org", "LOC", "VOICE", ""))
    return str(span["id"])


@record_corruption(LAYERS, "stance-unknown")
def unknown_stance(row: Row, rng: random.Random) -> str:
    stance = random_stance(row, rng)
    stance["stance"] = rng.choice(("Supports", "against", ""))
    return str(stance["id"])


@record_corruption(LAYERS, "stance-dangling")
def dangling_stance(row: Row, rng: random.Random) -> str:
    stance = random_stance(row, rng)
    stance[rng.choice(("holder", "target"))] = "T99"
    return str(stance["id"])


@record_corruption(LAYERS, "stance-target-unclear")
def stance_with_no_or_two_targets(row: Row, rng: random.Random) -> str:
    stance = random_stance(row, rng)
    stance |= rng.choice(({"target_name": "the toll"}, {"target": None}))
    return str(stance["id"])


@record_corruption(LAYERS, "stance-to-itself")
def stance_to_itself(row: Row, rng: random.Random) -> str:
    row["stances"] = [row["stances"][0]]
    row["stances"][0] |= {"target": row["stances"][0]["holder"]}
    return "R1"


@record_corruption(LAYERS, "stance-contradicts")
def contradicting_stance(row: Row, rng: random.Random) -> str:
    index = rng.randrange(len(row["stances"]))
    first = row["stances"][index]
    values = sorted(rng.sample(("neutral", "opposes", "supports"), 2))
    row["stances"][index : index + 1] = [first | {"stance": value} for value in values]
    renumber_stances(row)
    return f"R{index + 2}"


@record_corruption(LAYERS, "stance-repeated")
def repeated_stance(row: Row, rng: random.Random) -> str:
    index = rng.randrange(len(row["stances"]))
    row["stances"].insert(index, dict(row["stances"][index]))
    renumber_stances(row)
    return f"R{index + 2}"


@record_corruption(LAYERS, "span-repeated")
def repeated_span(row: Row, rng: random.Random) -> str:
    row["spans"].append(row["spans"][-1] | {"id": f"T{len(row['spans']) + 1}"})
    return str(row["spans"][-1]["id"])


@corruption("span-crosses", "span-splits-word")
def crossing_spans(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, LAYERS)
    spans = rows[index]["spans"]
    last, id = spans[-1], f"T{len(spans) + 1}"
    # The last span becomes its first word, and a new span reaches from within this word to the old end.
    space = last["text"].index(" ")
    spans[-1] = last | {"end": last["start"] + space, "text": last["text"][:space]}
    spans.append(last | {"id": id, "start": last["start"] + 1, "text": last["text"][1:]})
    copy.write_rows(file, rows)
    return [("span-crosses", file, index + 1, id), ("span-splits-word", file, index + 1, id)]


@record_corruption(LAYERS, "layer-not-numbered")
def spans_out_of_order(row: Row, rng: random.Random) -> None:
    index = rng.randrange(len(row["spans"]) - 1)
    row["spans"][index], row["spans"][index + 1] = row["spans"][index + 1], row["spans"][index]


@record_corruption(LAYERS, "id-repeated")
def repeated_span_id(row: Row, rng: random.Random) -> str:
    row["spans"][-1]["id"] = row["spans"][-2]["id"]
    used = {end for stance in row["stances"] for end in (stance["holder"], stance["target"])}
    row["stances"] = [] if f"T{len(row['spans'])}" in used else row["stances"]
    return str(row["spans"][-2]["id"])


@record_corruption(LAYERS, "text-stale")
def layer_of_another_text(row: Row, rng: random.Random) -> None:
    row["text_sha256"] = text_digest(str(rng.random()))


@record_corruption(LAYERS, "record-misplaced")
def layer_in_the_wrong_file(row: Row, rng: random.Random) -> None:
    row[rng.choice(("batch", "annotator"))] = "A9"


@record_corruption(LAYERS, "layer-unconfirmed", STALE_AGREEMENT, STALE_DECISION)
def unconfirmed_layer(row: Row, rng: random.Random) -> None:
    row["confirmed"] = False


@record_corruption(LAYERS, "span-labelled-twice", STALE_AGREEMENT, STALE_DECISION)
def span_with_two_labels(row: Row, rng: random.Random) -> str:
    last = f"T{len(row['spans'])}"
    row["spans"][-1:] = [row["spans"][-1] | {"label": label} for label in ("ORG", "PER")]
    row["spans"][-1]["id"] = f"T{len(row['spans'])}"
    row["stances"] = [stance for stance in row["stances"] if last not in (stance["holder"], stance["target"])]
    renumber_stances(row)
    return str(row["spans"][-1]["id"])


@record_corruption(LAYERS, "guidelines-mixed")
def older_guidelines(row: Row, rng: random.Random) -> None:
    row["guidelines_version"] = "0.9"


@record_corruption(LAYERS, "schema-mixed")
def older_schema(row: Row, rng: random.Random) -> None:
    row["schema_version"] = "0.9"


@record_corruption((GOLD,), "span-splits-word", CONTRADICTED_DECISION)
def span_without_its_last_letter(row: Row, rng: random.Random) -> str:
    span = random_span(row, rng)
    span["end"], span["text"] = span["end"] - 1, span["text"][:-1]
    return str(span["id"])


@corruption("span-edge-space", "gold-contradicts-decision")
def space_at_the_edge_of_a_span(copy: WorkspaceCopy, rng: random.Random) -> list[Expected]:
    file, index, rows = copy.random_row(rng, (GOLD,))
    row = rows[index]
    text = next(a["text"] for name in ARTICLES for a in copy.rows(name) if a["id"] == row["article_id"])
    span = rng.choice([span for span in row["spans"] if " " in (text[span["start"] - 1], text[span["end"]])])
    if text[span["end"]] == " ":
        span["end"] += 1
    else:
        span["start"] -= 1
    span["text"] = text[span["start"] : span["end"]]
    copy.write_rows(file, rows)
    return [("span-edge-space", file, index + 1, span["id"]), CONTRADICTED_DECISION]


@record_corruption((GOLD,), "gold-unconfirmed")
def unconfirmed_gold(row: Row, rng: random.Random) -> None:
    row["confirmed"] = False
