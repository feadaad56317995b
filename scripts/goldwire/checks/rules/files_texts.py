"""L0: the files themselves, before anything in them is read."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "file-missing",
        0,
        "error",
        summary="a file that other files rest on is not there",
        why="Labels without the schema, the guidelines or the articles they are about cannot be judged or used.",
        fix="Bring it back from git, or run the stage that writes it.",
        example=(
            "annotations/GUIDELINES.md: L0 file error [file-missing] is not there, but annotators were asked "
            "to follow it"
        ),
    ),
    Rule(
        "file-unexpected",
        0,
        "warning",
        summary="a file that no stage writes and no stage reads",
        why="A stray copy or a half-written leftover looks like data to a person, and is silently left out.",
        fix="Move it away, or give it the name its folder asks for.",
        example=(
            "annotations/layers/b01/A1 (copy).txt: L0 file warning [file-unexpected] no stage writes or "
            "reads a file of this name"
        ),
    ),
    Rule(
        "file-unreadable",
        0,
        "error",
        summary="a file cannot be opened",
        why="What cannot be read cannot be checked, and would be missing from every release.",
        fix="Give yourself read permission, or mend the broken link.",
        example="annotations/tasks/b02.jsonl: L0 file error [file-unreadable] No such file or directory",
    ),
    Rule(
        "file-not-utf8",
        0,
        "error",
        summary="a file is not UTF-8",
        why="In another encoding every offset after the first accented letter, and the letter itself, are wrong.",
        fix="Save it as UTF-8, or write it again with the stage that makes it.",
        example="corpus/articles/wire.jsonl:1: L0 file error [file-not-utf8] byte 0xfc at 241 is not UTF-8",
    ),
    Rule(
        "file-bom",
        0,
        "error",
        summary="a file starts with a byte order mark",
        why="The mark is an invisible character: JSON readers refuse it and offsets shift by one.",
        fix="Save it as UTF-8 without a mark; `goldwire check --fix` takes it out.",
        example="annotations/GUIDELINES.md:1: L0 file error [file-bom] starts with a byte order mark",
        mended=True,
    ),
    Rule(
        "file-crlf",
        0,
        "error",
        summary="lines end in CRLF",
        why="git or an editor on Windows has rewritten the file: its digest no longer holds and every line differs.",
        fix="Keep `corpus/** -text`, `annotations/** -text` and `splits/** -text` in .gitattributes; "
        "`goldwire check --fix` takes the CRs out.",
        example="annotations/GUIDELINES.md:3: L0 file error [file-crlf] lines that end in CRLF: 1",
        mended=True,
    ),
    Rule(
        "merge-conflict",
        0,
        "error",
        summary="a merge conflict was left in the file",
        why="Both sides of the conflict are in it, so records stand there twice or are torn.",
        fix="Settle the conflict: keep one side, or write the file again with the stage that makes it.",
        example="splits/assignment.tsv:2: L0 file error [merge-conflict] a merge conflict starts here",
    ),
    Rule(
        "raw-missing",
        0,
        "warning",
        summary="an article's raw file is not there though its source may be redistributed",
        why="Without the raw bytes nobody can check how the text was made from them.",
        fix="Add the raw file, or set `redistribute = false` for its source in corpus/sources.toml.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L0 file warning [raw-missing] "
            "corpus/raw/wire/snow.txt is not there"
        ),
    ),
    Rule(
        "raw-changed",
        0,
        "error",
        summary="a raw file is not the one that the article was made from",
        why="The map from text to raw bytes points into other bytes now, and running ingest again would change "
        "the text below the labels.",
        fix="Bring the raw file back from git; a corrected article is a new raw file.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L0 file error [raw-changed] "
            "corpus/raw/wire/snow.txt has SHA-256 268d6b697be7..., the article is of 93e0439bf7e5..."
        ),
    ),
    Rule(
        "release-file-missing",
        0,
        "error",
        summary="a file that the release's manifest lists is not there",
        why="The released version can no longer be loaded as it was published.",
        fix="Bring it back from git: a released version never changes.",
        example=(
            "splits/v0.0.1/data/stance/test-00000-of-00001.parquet: L0 file error [release-file-missing] is "
            "in the manifest, not on disk"
        ),
    ),
    Rule(
        "release-file-changed",
        0,
        "error",
        summary="a released file is not the one that its manifest describes",
        why="Two people who load the same version would train on different data.",
        fix="Bring it back from git and release the change as a new version.",
        example=(
            "splits/v0.0.1/README.md: L0 file error [release-file-changed] SHA-256 3ff375da726c..., in the "
            "manifest 33bc8ee3ca17..."
        ),
    ),
    Rule(
        "release-file-unexpected",
        0,
        "error",
        summary="a file in a release that its manifest does not list",
        why="It would be loaded or published with the version without ever having been checked.",
        fix="Move it out of the release's folder.",
        example="splits/v0.0.1/notes.txt: L0 file error [release-file-unexpected] is not in the manifest",
    ),
)
