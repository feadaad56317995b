"""L0: the files themselves, before anything in them is read."""

from __future__ import annotations

from goldwire.findings.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "file-missing",
        0,
        "error",
        summary="a file that other files rest on is not there",
        why="Labels without the schema, the guidelines or the articles they are about cannot be judged or used.",
        fix="Bring it back from git, or run the stage that writes it.",
        example="",
    ),
    Rule(
        "file-unexpected",
        0,
        "warning",
        summary="a file that no stage writes and no stage reads",
        why="A stray copy or a half-written leftover looks like data to a person, and is silently left out.",
        fix="Move it away, or give it the name its folder asks for.",
        example="",
    ),
    Rule(
        "file-unreadable",
        0,
        "error",
        summary="a file cannot be opened",
        why="What cannot be read cannot be checked, and would be missing from every release.",
        fix="Give yourself read permission, or mend the broken link.",
        example="",
    ),
    Rule(
        "file-not-utf8",
        0,
        "error",
        summary="a file is not UTF-8",
        why="In another encoding every offset after the first accented letter, and the letter itself, are wrong.",
        fix="Save it as UTF-8, or write it again with the stage that makes it.",
        example="",
    ),
    Rule(
        "file-bom",
        0,
        "error",
        summary="a file starts with a byte order mark",
        why="The mark is an invisible character: JSON readers refuse it and offsets shift by one.",
        fix="Save it as UTF-8 without a mark; `goldwire check --fix` takes it out.",
        example="",
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
        example="",
        mended=True,
    ),
    Rule(
        "merge-conflict",
        0,
        "error",
        summary="a merge conflict was left in the file",
        why="Both sides of the conflict are in it, so records stand there twice or are torn.",
        fix="Settle the conflict: keep one side, or write the file again with the stage that makes it.",
        example="",
    ),
    Rule(
        "raw-missing",
        0,
        "warning",
        summary="an article's raw file is not there though its source may be redistributed",
        why="Without the raw bytes nobody can check how the text was made from them.",
        fix="Add the raw file, or set `redistribute = false` for its source in corpus/sources.toml.",
        example="",
    ),
    Rule(
        "raw-changed",
        0,
        "error",
        summary="a raw file is not the one that the article was made from",
        why="The map from text to raw bytes points into other bytes now, and running ingest again would change "
        "the text below the labels.",
        fix="Bring the raw file back from git; a corrected article is a new raw file.",
        example="",
    ),
    Rule(
        "release-file-missing",
        0,
        "error",
        summary="a file that the release's manifest lists is not there",
        why="The released version can no longer be loaded as it was published.",
        fix="Bring it back from git: a released version never changes.",
        example="",
    ),
    Rule(
        "release-file-changed",
        0,
        "error",
        summary="a released file is not the one that its manifest describes",
        why="Two people who load the same version would train on different data.",
        fix="Bring it back from git and release the change as a new version.",
        example="",
    ),
    Rule(
        "release-file-unexpected",
        0,
        "error",
        summary="a file in a release that its manifest does not list",
        why="It would be loaded or published with the version without ever having been checked.",
        fix="Move it out of the release's folder.",
        example="",
    ),
)
