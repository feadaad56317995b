"""The data flow, as data: the order of the stages, what each reads and what it writes.

The help of the command line, the table in docs/architecture.md and a test (one writer per path; every path that is
read is written by an earlier stage or by a person) are derived from `STAGES`. Each module of this package is one
command.
"""

from __future__ import annotations

import msgspec

__all__ = ["BY_HAND", "SERVER", "STAGES", "Stage"]

SERVER = "the Doccano server"

BY_HAND = (
    "corpus/raw/",
    "corpus/sources.toml",
    "annotations/schema.toml",
    "annotations/GUIDELINES.md",
    "annotations/waivers.toml",
)
"""The paths that people write. Every other path that a stage reads is written by an earlier stage."""


class Stage(msgspec.Struct, frozen=True):
    """A stage: its name (module `goldwire.stages.<name>`, command `goldwire <name>`), summary, inputs and outputs."""

    name: str
    summary: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


STAGES = (
    Stage(
        "ingest",
        "Extract clean articles from raw files, with a map back to the raw bytes.",
        ("corpus/raw/", "corpus/sources.toml"),
        ("corpus/articles/", "corpus/rejected/"),
    ),
    Stage("dedup", "Find near-duplicate articles.", ("corpus/articles/",), ("corpus/duplicates.jsonl",)),
    Stage(
        "sample",
        "Plan a batch: choose articles and assign them to annotators.",
        ("corpus/articles/", "corpus/duplicates.jsonl", "annotations/schema.toml"),
        ("annotations/tasks/",),
    ),
    Stage(
        "push",
        "Upload a batch to Doccano, one project per annotator.",
        (
            "annotations/tasks/",
            "corpus/articles/",
            "annotations/schema.toml",
            "annotations/GUIDELINES.md",
        ),
        # With --prelabel it also reads gold and layers of earlier batches, which later stages write.
        (SERVER, ".goldwire/ledger/", "annotations/prelabels/"),
    ),
    Stage(
        "pull",
        "Download the labels, and check them against the text.",
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
        "Combine the annotators' labels into gold labels.",
        (
            "annotations/layers/",
            "annotations/tasks/",
            "annotations/schema.toml",
            "annotations/GUIDELINES.md",
            "corpus/articles/",
            SERVER,
        ),
        # `adjudicate push` also writes to the server, and `adjudicate pull` an expert's layers beside those of
        # `pull`: the table names one writer per path.
        ("annotations/gold/",),
    ),
    Stage(
        "split",
        "Assign gold articles to train, validation and test; near-duplicates stay together.",
        ("annotations/gold/", "corpus/duplicates.jsonl", "corpus/articles/"),
        ("splits/assignment.tsv",),
    ),
    Stage(
        "release",
        "Write a version as Parquet, with its dataset card and manifest.",
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
    Stage(
        "publish", "Upload a version to the Hugging Face Hub.", ("splits/vX.Y.Z/",), ("a Hugging Face dataset repo",)
    ),
    Stage("check", "Validate the whole workspace; exit code 1 on errors.", ("everything",), ()),
)
