"""Modules import only downwards: pure <- edges <- stages <- cli."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "scripts" / "goldwire"
PURE_THIRD = {"numpy", "scipy", "polars", "msgspec"}
EDGES = {
    *("recognizers", "uncertain"),  # ask other people's models
    *("atomic", "jsonl", "layout", "load", "parquet", "html", "doccano", "hub", "report", "progress", "init"),
    *(
        "raw",
        "outcomes",
        "learning",
        "shelf",
        "workers",
        "tables",
        "archives",
        "feeds",
        "copies",
        "dataset",
    ),  # read others' files
    *("truth",),  # reads what an author says of raw pages
    "engine",  # asks Daft and Ray
    *("charsets", "mojibake", "language"),  # ask a library of an encoding, or a language
    *("extraction",),  # hands HTML to `html`
    *("assemble", "released", "croissant", "baseline", "tagger"),  # what a release is put together from, and read back
    *("survey", "survey_release", "since", "fix"),  # read, and mend, a workspace for `check`; `since` asks git
}
LEVELS = {"stages": 3, "demo": 4, "cli": 5, "__init__": 5} | dict.fromkeys(EDGES, 2)


def first_part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def level(name: str) -> int:
    return LEVELS.get(name, 1)


def imports(path: Path) -> set[tuple[str, str | None]]:
    """Top-level packages that a module imports, with the part of goldwire where it is goldwire's."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            head, *rest = name.split(".")
            found.add((head, rest[0] if rest else None))
    return found


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "served" not in path.parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_nothing_above_itself(path):
    own = first_part(path)
    for head, part in imports(path):
        if (
            head == "goldwire"
            and part is not None
            and (PACKAGE / part).with_suffix(".py").exists() | (PACKAGE / part).is_dir()
        ):
            assert level(part) <= level(own), f"{own} imports {part}"


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if level(first_part(path)) == 1],
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_a_pure_module_imports_no_outside_thing(path):
    import sys

    heads = {head for head, _ in imports(path)} - {"goldwire"}
    assert heads <= set(sys.stdlib_module_names) | PURE_THIRD
