"""Kinds of fault in articles, spans, stances, plans, gold and splits."""

from __future__ import annotations

import random
from typing import Any

from goldwire.records import text_digest
from spoil import (
    AGREEMENT,
    ARTICLES,
    ASSIGNMENT,
    CLUSTERS,
    DECISIONS,
    GOLD,
    GUIDELINES,
    LAYERS,
    RELEASE,
    SCHEMA,
    SOURCES,
    STALE,
    TASKS,
    Copy,
    Found,
    in_gold,
    in_layer,
    in_text,
    kind,
)

Row = dict[str, Any]
Faults = list[tuple[str, str]]

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
    refer = [(name, n) for name in (*LAYERS, GOLD, DECISIONS, TASKS) for n, row in enumerate(copy.rows(name), 1) if row["article_id"] == gone]  # fmt: skip
    refer += [(ASSIGNMENT, n) for n, line in enumerate(copy.read(ASSIGNMENT).splitlines(), 1) if line.startswith(gone)]
    refer += [(CLUSTERS, n) for n, row in enumerate(copy.rows(CLUSTERS), 1) if gone in row["articles"]]
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
    rows[0]["cluster"] = name = luck.choice((rows[0]["articles"][1], "x"))
    copy.put(CLUSTERS, rows)
    return [("cluster-malformed", CLUSTERS, 1, name)]


@kind
def in_two_clusters(copy: Copy, luck: random.Random) -> list[Found]:
    rows = copy.rows(CLUSTERS)
    twice = luck.choice(rows[0]["articles"])
    both = sorted(("wire-68382fc9fbf0", twice))
    rows.append({"cluster": both[0], "articles": both, "pairs": []})
    copy.put(CLUSTERS, rows)
    return [("id-repeated" if both[0] == rows[0]["cluster"] else "cluster-overlaps", CLUSTERS, 2, twice)]


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
    row["end"] += luck.randrange(1, 99)
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
    file, number, rows = copy.layer(luck)
    name = f"A{luck.randrange(4, 99)}"
    copy.put(f"annotations/layers/b01/{name}.jsonl", [rows[number] | {"annotator": name}])
    return [("layer-unasked", f"annotations/layers/b01/{name}.jsonl", 1, rows[number]["article_id"])]


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
    gone = rows.pop(luck.choice([n for n, row in enumerate(rows) if row["unit"]]))
    copy.put(DECISIONS, rows)
    number = next(n for n, row in enumerate(copy.rows(GOLD), 1) if row["article_id"] == gone["article_id"])
    return [("gold-undecided", GOLD, number, gone["unit"])]


@kind
def unit_renamed(copy: Copy, luck: random.Random) -> list[Found]:
    rows = copy.rows(DECISIONS)
    number = luck.choice([n for n, row in enumerate(rows) if row["unit"]])
    rows[number]["unit"] = "T99"
    copy.put(DECISIONS, rows)
    return [("gold-unit-missing", DECISIONS, number + 1, "T99")]


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
