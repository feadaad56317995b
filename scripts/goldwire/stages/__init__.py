"""The one way that data flows, as data: the order of the stages, what each reads and what it writes.

The command line's help, the README's table and a test (one writer a path; every read comes from an earlier stage
or from a person) are derived from `STAGES`.
"""

from __future__ import annotations

import msgspec

__all__ = ["BY_HAND", "SERVER", "STAGES", "Stage", "flow_table"]

SERVER = "the Doccano server"

BY_HAND = (
    "corpus/raw/",
    "corpus/sources.toml",
    "annotations/schema.toml",
    "annotations/GUIDELINES.md",
    "annotations/waivers.toml",
)
"""What people write: every other path that a stage reads is written by an earlier stage."""


class Stage(msgspec.Struct, frozen=True):
    """A step of the way: its name (module `goldwire.stages.<name>` and command `goldwire <name>`) and its data."""

    name: str
    summary: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


STAGES = (
    Stage(
        "ingest",
        "Turn raw articles into clean text, each stretch mapped back to the raw bytes.",
        ("corpus/raw/", "corpus/sources.toml"),
        ("corpus/articles/", "corpus/rejected/"),
    ),
    Stage("dedup", "Find the near-duplicates among the articles.", ("corpus/articles/",), ("corpus/duplicates.jsonl",)),
    Stage(
        "sample",
        "Plan a batch: which articles, asked of which annotators.",
        ("corpus/articles/", "corpus/duplicates.jsonl", "annotations/schema.toml"),
        ("annotations/tasks/",),
    ),
    Stage(
        "push",
        "Bring a batch to the Doccano server, one project an annotator.",
        (
            "annotations/tasks/",
            "corpus/articles/",
            "annotations/schema.toml",
            "annotations/GUIDELINES.md",
        ),
        # By --prelabel also from gold and layers of earlier rounds, which later stages write.
        (SERVER, ".goldwire/ledger/", "annotations/prelabels/"),
    ),
    Stage(
        "pull",
        "Bring the labels back, checked against the text.",
        (
            SERVER,
            ".goldwire/ledger/",
            "annotations/tasks/",
            "annotations/prelabels/",
            "corpus/articles/",
            "annotations/schema.toml",
        ),
        ("annotations/exports/", "annotations/layers/"),
    ),
    Stage(
        "agree",
        "Measure agreement between the annotators.",
        (
            ".goldwire/ledger/",
            "annotations/layers/",
            "annotations/tasks/",
            "annotations/schema.toml",
            "corpus/articles/",
        ),
        ("annotations/agreement/",),
    ),
    Stage(
        "adjudicate",
        "Settle the annotators' layers into gold; --push and --pull: through an expert on the server.",
        (
            "annotations/layers/",
            "annotations/tasks/",
            "annotations/schema.toml",
            "annotations/GUIDELINES.md",
            "corpus/articles/",
            SERVER,
        ),
        # By --push also to the server, by --pull also an expert's layers beside `pull`'s: a path names one writer.
        ("annotations/gold/",),
    ),
    Stage(
        "split",
        "Assign gold articles to train, validation and test; clusters stay whole.",
        ("annotations/gold/", "corpus/duplicates.jsonl", "corpus/articles/"),
        ("splits/assignment.tsv",),
    ),
    Stage(
        "release",
        "Write a version as Parquet with its card and manifest.",
        (
            "annotations/gold/",
            "annotations/layers/",
            "annotations/agreement/",
            "splits/assignment.tsv",
            "corpus/articles/",
            "corpus/sources.toml",
            "annotations/schema.toml",
        ),
        ("splits/vX.Y.Z/", "DATASHEET.md (generated blocks)"),
    ),
    Stage("publish", "Send a version to the Hugging Face Hub.", ("splits/vX.Y.Z/",), ("a Hugging Face dataset repo",)),
    Stage("check", "Find what is wrong anywhere; exit 1 on errors.", ("everything",), ()),
)


def flow_table() -> str:
    """Give the order as a Markdown table, as the README has it."""
    rows = ["| stage | what it does | reads | writes |", "|---|---|---|---|"]
    for stage in STAGES:
        reads, writes = (
            ", ".join(f"`{p}`" if "/" in p or "." in p else p for p in ps) for ps in (stage.reads, stage.writes)
        )
        rows.append(f"| `{stage.name}` | {stage.summary} | {reads} | {writes or 'nothing'} |")
    return "\n".join(rows)
