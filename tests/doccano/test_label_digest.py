"""The digest of labels, which goldwire and the server compute with the same file."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from goldwire.doccano import label_digest as module
from goldwire.doccano.label_digest import label_digest

ADA, UNION = (0, 8, "PER"), (13, 22, "ORG")


def test_digests_stay_the_same_across_versions() -> None:
    # Servers store these digests with the rows of earlier pushes.
    assert label_digest([ADA, UNION], [(ADA, UNION, "supports")]) == "d597a33245876ae4"
    assert label_digest([], []) == "a683096011db3975"


def test_order_and_copies_do_not_change_the_digest() -> None:
    assert label_digest([UNION, ADA, ADA], []) == label_digest([ADA, UNION], [])


def test_every_label_changes_the_digest() -> None:
    digests = {
        label_digest([], []),
        label_digest([ADA], []),
        label_digest([(0, 8, "ORG")], []),
        label_digest([ADA, UNION], []),
        label_digest([ADA, UNION], [(ADA, UNION, "supports")]),
        label_digest([ADA, UNION], [(UNION, ADA, "supports")]),
        label_digest([ADA, UNION], [(ADA, (), "supports")]),
    }
    assert len(digests) == 7


def test_the_file_imports_the_standard_library_only() -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)
