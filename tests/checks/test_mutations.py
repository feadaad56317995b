"""Whatever goes wrong, wherever: each kind of fault at random places is found, by its code, there, and nothing else."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from goldwire.stages import check
from goldwire.workspace.layout import find_workspace
from support.faults import KINDS, Copy, articles, files, layers, plans
from support.overlay import TINY

SEEDS = 20

MODULES = (articles, files, layers, plans)  # each adds its kinds as it is imported


def test_there_are_kinds_enough() -> None:
    assert len(KINDS) >= 60
    assert all(module.__doc__ for module in MODULES)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_kind(name: str, tmp_path: Path) -> None:
    for seed in range(SEEDS):
        root = tmp_path / str(seed)
        shutil.copytree(TINY, root)
        wanted = KINDS[name](Copy(root), random.Random(f"{name} {seed}"))
        found = check.run(find_workspace(root, explicit=True)).findings
        places = sorted((f.code, f.file, f.line or 0, f.item or "") for f in found)
        assert places == sorted((code, file, line or 0, where or "") for code, file, line, where in wanted), seed
