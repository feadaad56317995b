"""`import goldwire`: light, complete, and known to type checkers, editors and `help`."""

from __future__ import annotations

import ast
import inspect
import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import goldwire
from support.paths import SCRIPTS

HEAVY = {"numpy", "scipy", "polars", "pandas", "pyarrow", "datasets", "sklearn", "msgspec", "typer", "rich", "lxml"}


def test_the_import_loads_nothing_heavy() -> None:
    code = "import sys, goldwire; print(*sorted(name for name in sys.modules if '.' not in name))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(SCRIPTS)}
    )
    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("name", goldwire.__all__)
def test_every_public_name_is_exported_and_documented(name: str) -> None:
    value = getattr(goldwire, name)
    assert name in dir(goldwire)
    if name != "__version__":
        assert inspect.getdoc(value)
        assert goldwire.__doc__ is not None
        assert name in goldwire.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'extracted'"):
        goldwire.extracted  # type: ignore[attr-defined]  # noqa: B018


def test_type_checkers_see_every_public_name() -> None:
    tree = ast.parse((SCRIPTS / "goldwire" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == set(goldwire.__all__) - {"__version__"}
    assert Path(SCRIPTS, "goldwire", "py.typed").exists()


def test_help_describes_the_public_names_first() -> None:
    text = pydoc.plain(pydoc.render_doc(goldwire))
    assert text.index("near_duplicates : one cluster number per text") < text.index("PACKAGE CONTENTS")
    assert "\n    extract(raw" in text
    assert "class GoldwireError(" in text


def test_a_user_can_catch_an_error_by_its_standard_type(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        goldwire.load_layers(tmp_path, "b01")
    assert isinstance(caught.value, goldwire.GoldwireError)
    assert isinstance(caught.value, goldwire.MissingFileError)
