"""Data files that are missing although a dataset card, a manifest or the names of others count on them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from goldwire.audit.data_file import Problem
from goldwire.errors import DECODE_ERRORS

__all__ = ["missing_files"]

_SHARD = re.compile(r"(.+-)(\d{5})-of-(\d{5})(\..+)")


def missing_files(root: Path, present: Iterable[Path]) -> list[tuple[Path, Problem]]:
    """Return the missing files below a folder, each with the file that names it; `present` are its data files."""
    existing = {*present}
    missing: dict[Path, str] = {}
    for path, reason in (*_shards(existing), *_listed_files(root)):
        if path not in existing and not path.is_file():
            missing.setdefault(path, reason)
    return [(path, Problem("data-file-missing", None, f"is missing; {by}")) for path, by in sorted(missing.items())]


def _shards(present: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the files that names like `train-00000-of-00002.parquet` count."""
    for path in sorted(present):
        if match := _SHARD.fullmatch(path.name):
            for number in range(int(match[3])):
                name = f"{match[1]}{number:0{len(match[2])}}-of-{match[3]}{match[4]}"
                yield path.with_name(name), f"{path.name} counts it"


def _listed_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that the dataset card, goldwire's manifest and the files of `datasets` name."""
    for pattern in _card_patterns(root / "README.md"):
        if not any(character in pattern for character in "*?["):
            yield root / pattern, "README.md lists it"
        elif "://" not in pattern and not _matches(root, pattern):
            yield root / pattern, "README.md lists such files"
    for entry in _list(_json(root / "manifest.json"), "files"):
        if isinstance(path := _value(entry, "path"), str) and path.endswith(".parquet"):
            yield root / path, "manifest.json lists it"
    splits = [name for name in _list(_json(root / "dataset_dict.json"), "splits") if isinstance(name, str)]
    for folder in (root, *(root / split for split in splits)):
        if folder != root and not folder.is_dir():
            yield folder / "state.json", "dataset_dict.json lists the split"
        for entry in _list(_json(folder / "state.json"), "_data_files"):
            if isinstance(name := _value(entry, "filename"), str):
                yield folder / name, "state.json lists it"


def _matches(root: Path, pattern: str) -> bool:
    names = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return any(fnmatch.fnmatch(name, pattern) for name in names)


def _card_patterns(card: Path) -> Iterator[str]:
    """Yield the patterns of files in `configs` of a dataset card: a path, a list, or a list of splits with paths."""
    import yaml

    try:
        text = card.read_text(encoding="utf-8")
        header = text.removeprefix("---\n").partition("\n---\n")[0] if text.startswith("---\n") else ""
        document = yaml.safe_load(header)
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return
    for config in _list(document, "configs"):
        pending = [_value(config, "data_files")]
        while pending:
            value = pending.pop(0)
            if isinstance(value, str):
                yield value.removeprefix("./")
            elif isinstance(value, list):
                pending += value
            elif isinstance(value, dict):
                pending += [value.get("path")] if "path" in value else [*value.values()]


def _json(path: Path) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes())
    except (OSError, *DECODE_ERRORS):
        return None


def _value(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else None


def _list(entry: Any, name: str) -> list[Any]:
    value = _value(entry, name)
    return value if isinstance(value, list) else []
