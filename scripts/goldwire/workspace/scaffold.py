"""Make a new workspace: the folders, and a first version of each file that people write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from goldwire.errors import ConflictError
from goldwire.workspace import atomic

__all__ = ["Init", "run"]

_PYPROJECT = """\
[tool.goldwire]
name = "{name}"
"""

_SCHEMA = """\
# The labels. A change of meaning is a new version, and so is a change of the guidelines.
version = "1.0"
voice = "VOICE"  # marks the headline where the article itself takes a side; never reaches a layer

[[entity]]
label = "PER"
description = "a person, by name"
color = "#1f6feb"
key = "p"

[[entity]]
label = "ORG"
description = "an organisation, by name"
color = "#9a6700"
key = "o"

[[entity]]
label = "GPE"
description = "a state, or a place that stands for its government"
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
# One table a folder of corpus/raw/. `redistribute` says whether the text itself may be given away.
# [example-times]
# name = "The Example Times"
# language = "en"
# licence = "CC-BY-4.0"
# redistribute = true
"""

_IGNORED = ".goldwire/\n*.tmp\n"
_ATTRIBUTES = "corpus/** -text\nannotations/** -text\nsplits/** -text\n"


class Init(msgspec.Struct, frozen=True, kw_only=True):
    """What `init` wrote, relative to the new workspace."""

    root: str
    files: tuple[str, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.root}: a workspace, with {', '.join(self.files)}"
        yield "next: put articles under corpus/raw/<source>/, name the source in corpus/sources.toml, `goldwire ingest`"


def run(folder: Path) -> Init:
    """Make a workspace at `folder`, which may hold files but none of those that this would write."""
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
            raise ConflictError("is there already", location=folder / name, hint="name an empty folder")
    for name, text in files.items():
        atomic.write_text(folder / name, text)
    (folder / "corpus" / "raw").mkdir(exist_ok=True)
    return Init(root=str(folder), files=tuple(files))
