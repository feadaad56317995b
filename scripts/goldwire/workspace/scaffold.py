"""Create a workspace: its folders, and a first version of each file that people write."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from goldwire.errors import ConflictError
from goldwire.workspace import atomic
from goldwire.workspace.settings_reference import settings_table
from goldwire.workspace.toml_files import read_toml

__all__ = ["InitReport", "create_workspace", "has_example"]

_SCHEMA = """\
# The labels. A change of their meaning or of the guidelines is a new version.
version = "1.0"
voice = "VOICE"  # marks the headline where the article itself takes a side; never reaches a layer

[[entity]]
label = "PER"
description = "a named person"
color = "#1f6feb"
key = "p"

[[entity]]
label = "ORG"
description = "a named organisation"
color = "#9a6700"
key = "o"

[[entity]]
label = "GPE"
description = "a state, or a place name used for its government"
color = "#8250df"
key = "g"

[[stance]]
label = "supports"
description = "the holder speaks or acts for the target"
color = "#1a7f37"
key = "s"
order = 1

[[stance]]
label = "neutral"
description = "the holder addresses the target and takes no side"
color = "#57606a"
key = "n"
order = 0

[[stance]]
label = "opposes"
description = "the holder speaks or acts against the target"
color = "#cf222e"
key = "x"
order = -1
"""

_GUIDELINES = """\
# Guidelines

Version: 1.0

Mark every named person, organisation and state. Then, for each holder that takes a side, draw one relation from the
holder to the target: supports, opposes or neutral. When unsure, leave a comment. Tick the article when it is done.
"""

_SOURCES = """\
# One table per folder of corpus/raw/. `redistribute`: whether the licence allows to publish the text itself.
# More settings: homepage, languages, encoding, mojibake, clean ("page", "light" or "none"), fields.
# Not stated, clean and the names of fields are guessed, and `goldwire ingest` says so.
[example]
name = "The Example Times"
language = "en"
licence = "CC0-1.0"
redistribute = true
"""

_EXAMPLE_FILE = "corpus/raw/example/2027-01-04-harbour.txt"
_EXAMPLE = """\
Harbour of Lanthe to stay closed for a third week

The harbour will stay closed for a third week, the port authority of Lanthe said on Monday, after divers found that \
the storm had moved two of the breakwater's largest stones.

The Fishers' Union welcomed the decision. “Nobody wants to lose a boat for a day of herring,” said its chair, Mara \
Oskel.

The Hotel League called it a blow to the season and asked the government of Lanthe to pay for empty rooms.
"""

_README = """\
# {name}

A dataset of annotated news, made with goldwire. The files in `corpus/raw/example/` are invented: replace them.

```
goldwire ingest                            # corpus/raw/ to clean articles
goldwire dedup
goldwire sample b01 --annotators A1,A2     # plan a batch
goldwire server start
goldwire push b01                          # annotators mark names and stances in Doccano
goldwire people b01                        # each annotator's address, user name and password
goldwire status b01                        # who has done what
goldwire pull b01
goldwire agree b01
goldwire adjudicate b01
goldwire split
goldwire release
goldwire check                             # before each commit
```

`corpus/sources.toml` describes the sources, `annotations/schema.toml` the labels and `annotations/GUIDELINES.md` how to
mark them; `[tool.goldwire]` in `pyproject.toml` has all settings. `DATASHEET.md` documents the dataset.
"""

_DATASHEET = """\
# Datasheet of {name}

goldwire writes the blocks between marks at each release; the rest is written by people.

Version:

<!-- goldwire:begin version -->
<!-- goldwire:end version -->

## Motivation

For what was the dataset made, by whom, and who paid for it?

## Composition

<!-- goldwire:begin composition -->
<!-- goldwire:end composition -->

## Labels

<!-- goldwire:begin labels -->
<!-- goldwire:end labels -->

## Collection

Where do the texts come from, when and how were they collected, and may they be published?

## Annotation

Who annotated, how were they trained and paid?

<!-- goldwire:begin agreement -->
<!-- goldwire:end agreement -->

## Uses and limits

What should the dataset not be used for? Whom does it represent, and whom not?
"""

_WORKFLOW = """\
name: goldwire
on: [push, pull_request]
permissions: {contents: read}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install goldwire
      - run: goldwire check --format github
"""

_IGNORED = (".goldwire/", "*.tmp")
_ATTRIBUTES = ("corpus/** -text", "annotations/** -text", "splits/** -text")


class InitReport(msgspec.Struct, frozen=True, kw_only=True):
    """The files that `init` wrote, relative to the new workspace `root`; it added to those in `extended`."""

    root: str
    files: tuple[str, ...]
    extended: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        added = f"; added to {', '.join(self.extended)}" if self.extended else ""
        yield f"{self.root}: new workspace with {', '.join(self.files)}{added}"
        yield "next: run `goldwire ingest`, which extracts the example, or put your own texts into corpus/raw/<source>/"


def create_workspace(folder: Path) -> InitReport:
    """Create a workspace in `folder`, which may be a Python project already.

    In a project, the table `[tool.goldwire]` is added to its pyproject.toml and lines to .gitignore and .gitattributes;
    what they have stays byte for byte. An existing README.md, DATASHEET.md or workflow stays as it is.

    Raises
    ------
    ConflictError
        One of the other files exists already, or the project is a workspace.
    """
    name = folder.resolve().name
    is_project = (folder / "pyproject.toml").exists()
    added = {
        ".gitignore": "".join(f"{line}\n" for line in _IGNORED),
        ".gitattributes": "".join(f"{line}\n" for line in _ATTRIBUTES),
        "pyproject.toml": settings_table(name),
    }
    files = {
        "corpus/sources.toml": _SOURCES,
        _EXAMPLE_FILE: _EXAMPLE,
        "annotations/schema.toml": _SCHEMA,
        "annotations/GUIDELINES.md": _GUIDELINES,
    }
    optional = {
        "README.md": _README.format(name=name),
        "DATASHEET.md": _DATASHEET.format(name=name),
        ".github/workflows/goldwire.yml": _WORKFLOW,
    }
    whole = {**files, **({} if is_project else added)}
    for path, text in whole.items():
        if (folder / path).exists() and not _was_interrupted(folder, path, text):
            raise ConflictError("the file exists already", location=folder / path, hint="choose another folder")
    extended = _extend_files(folder, added) if is_project else {}
    missing = {path: text for path, text in optional.items() if not (folder / path).exists()}
    new = {path: text for path, text in {**files, **missing, **added}.items() if not (folder / path).exists()}
    for path, text in new.items():  # the settings, which make the workspace, come last
        atomic.write_text(folder / path, text)
    for path, data in extended.items():
        atomic.write_bytes(folder / path, data)
    return InitReport(root=str(folder), files=tuple(new), extended=tuple(extended))


def has_example(folder: Path) -> bool:
    """Whether a workspace still has the example that `create_workspace` wrote, as a raw file or as an article."""
    example, raw, articles = _EXAMPLE.encode(), folder / _EXAMPLE_FILE, folder / "corpus/articles/example.jsonl"
    if raw.is_file() and raw.read_bytes() == example:
        return True
    return articles.is_file() and sha256(example).hexdigest() in articles.read_text(encoding="utf-8")


def _was_interrupted(folder: Path, path: str, text: str) -> bool:
    """Whether a file is of an `init` that was killed before it wrote the settings."""
    return path != "pyproject.toml" and (folder / path).is_file() and (folder / path).read_bytes() == text.encode()


def _extend_files(folder: Path, added: dict[str, str]) -> dict[str, bytes]:
    """Return the files that exist with what is added to each; raise ConflictError if the project is a workspace."""
    extended = {}
    for path, text in added.items():
        if not (folder / path).exists():
            continue
        before = (folder / path).read_bytes()
        if path == "pyproject.toml":
            if "goldwire" in read_toml(folder / path).get("tool", {}):
                hint = "it is a workspace already"
                raise ConflictError("there is a [tool.goldwire] table", location=folder / path, hint=hint)
            extended[path] = before + (b"\n" if before.endswith(b"\n") or not before else b"\n\n") + text.encode()
            continue
        missing = [line for line in text.splitlines() if line.encode() not in before.splitlines()]
        if missing:
            start = b"" if before.endswith(b"\n") or not before else b"\n"
            extended[path] = before + start + "".join(f"{line}\n" for line in missing).encode()
    return extended
