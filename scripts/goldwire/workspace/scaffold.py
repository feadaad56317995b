"""Create a workspace: its folders, and a first version of each file that people write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from goldwire.errors import ConflictError
from goldwire.workspace import atomic

__all__ = ["InitReport", "create_workspace"]

_PYPROJECT = """\
[tool.goldwire]
name = "{name}"
# Who annotates, for the dataset card: crowdsourced, expert-generated or machine-generated.
# annotations_creators = ["crowdsourced"]
"""

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
# [example-times]
# name = "The Example Times"
# language = "en"
# licence = "CC-BY-4.0"
# redistribute = true
"""

_IGNORED = ".goldwire/\n*.tmp\n"
_ATTRIBUTES = "corpus/** -text\nannotations/** -text\nsplits/** -text\n"


class InitReport(msgspec.Struct, frozen=True, kw_only=True):
    """The files that `init` wrote, relative to the new workspace `root`."""

    root: str
    files: tuple[str, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.root}: new workspace with {', '.join(self.files)}"
        yield "next: put articles into corpus/raw/<source>/, describe it in corpus/sources.toml, run `goldwire ingest`"


def create_workspace(folder: Path) -> InitReport:
    """Create a workspace in `folder`.

    Raises ConflictError if one of the files exists already; other files in the folder do not matter.
    """
    files = {
        "pyproject.toml": _PYPROJECT.format(name=folder.resolve().name),
        "corpus/sources.toml": _SOURCES,
        "annotations/schema.toml": _SCHEMA,
        "annotations/GUIDELINES.md": _GUIDELINES,
        ".gitignore": _IGNORED,
        ".gitattributes": _ATTRIBUTES,
    }
    for name in files:
        if (folder / name).exists():
            raise ConflictError("the file exists already", location=folder / name, hint="choose an empty folder")
    for name, text in files.items():
        atomic.write_text(folder / name, text)
    (folder / "corpus" / "raw").mkdir(exist_ok=True)
    return InitReport(root=str(folder), files=tuple(files))
