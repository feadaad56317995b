"""Datasets of the Hugging Face Hub on disk: a folder of Parquet, JSON, CSV or Arrow files that `datasets` loads.

Spans are read from `tokens` with `ner_tags` (integers with names, or strings) or from a column of objects with `start`,
`end` and `label` beside a column `text`; the records of Argilla have a column per question. Read only: `goldwire
release` writes such a folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError, GoldwireError
from goldwire.formats import argilla, tag_schemes
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Span
from goldwire.formats.word_rows import joined_offsets

__all__ = ["FORMAT"]

_TOKENS = ("tokens", "words", "token")
_TAGS = ("ner_tags", "tags", "labels", "ner", "ner_tags_str", "entity_tags")
_SPANS = ("entities", "spans", "labels", "annotations", "ner")
_TEXT = ("text", "sentence", "content", "document")
_IDS = ("article_id", "doc_id", "document_id", "id")
_KEYS = {"start": ("start", "start_offset", "begin", "start_char"), "end": ("end", "end_offset", "end_char")}
_LABELS = ("label", "type", "entity", "tag", "entity_type")


class HuggingFaceFormat(msgspec.Struct, frozen=True):
    """Hugging Face dataset directory."""

    name: str = "huggingface"
    title: str = "Hugging Face dataset directory"
    package: str | None = None
    capabilities: Capabilities = Capabilities(
        exports=False, relations=False, several_annotators=False, comments=False, completeness=False
    )

    def matches(self, path: Path) -> bool:
        """Whether the folder has Parquet or Arrow files, or was made by `save_to_disk`."""
        return path.is_dir() and (
            (path / "dataset_dict.json").exists()
            or (path / "dataset_info.json").exists()
            or next(path.rglob("*.parquet"), None) is not None
        )

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per row of every split."""
        for split, rows in _load(path).items():
            columns = set(rows.column_names)
            if argilla.is_flat_record(columns):
                yield from (argilla.document_of(row, f"{split}-{number}") for number, row in enumerate(rows))
                continue
            tokens = next((name for name in _TOKENS if name in columns), None)
            tags = next((name for name in _TAGS if name in columns), None)
            spans = next((name for name in _SPANS if name in columns), None)
            text = next((name for name in _TEXT if name in columns), None)
            if not ((tokens and tags) or (text and spans)):
                found = ", ".join(sorted(columns))
                raise DataError(f"no words with tags and no text with spans (columns: {found})", location=path)
            identifier = next((name for name in _IDS if name in columns), None)
            for number, row in enumerate(rows):
                name = f"{split}-{row[identifier] if identifier else number}"
                if text and spans and not (tokens and tags):
                    yield _from_spans(name, row[text], row[spans], _names(rows.features, spans), path)
                else:
                    yield _from_tags(name, row[tokens or ""], row[tags or ""], _names(rows.features, tags or ""))

    def write(self, documents: Iterable[Document], path: Path) -> None:  # noqa: ARG002 - the protocol's parameter
        """Raise GoldwireError: `goldwire release` writes datasets."""
        raise GoldwireError("not a format of `export`", location=path, hint="run `goldwire release`")


def _load(path: Path) -> Mapping[str, Any]:
    import datasets

    try:
        if (path / "dataset_dict.json").exists() or (path / "state.json").exists():
            loaded = datasets.load_from_disk(str(path))
        else:
            loaded = datasets.load_dataset(str(path))
    except Exception as error:  # noqa: BLE001 - `datasets` raises errors of many libraries for a folder it cannot load
        raise DataError(f"`datasets` cannot load it: {error}", location=path) from None
    return loaded if isinstance(loaded, Mapping) else {"train": loaded}


def _names(features: Mapping[str, Any], column: str) -> Sequence[str]:
    """Return the names of the integer labels in a column, at whatever depth."""
    feature: Any = features.get(column)
    for _ in range(4):
        if hasattr(feature, "names"):
            return tuple(feature.names)
        if hasattr(feature, "feature"):
            feature = feature.feature
        elif isinstance(feature, list) and feature:
            feature = feature[0]
        elif isinstance(feature, Mapping):
            feature = next((feature[key] for key in _LABELS if key in feature), None)
        else:
            break
    return ()


def _label_name(value: Any, names: Sequence[str]) -> str:
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else str(value)


def _from_tags(name: str, words: Sequence[str], tags: Sequence[Any], names: Sequence[str]) -> Document:
    tokens = joined_offsets(words, repeat(1))
    spans = tuple(
        Span(start=tokens[first][0], end=tokens[end - 1][1], label=label)
        for first, end, label in tag_schemes.decode([_label_name(tag, names) for tag in tags])
    )
    labels = (Labels(annotator=ANONYMOUS, spans=spans),)
    return Document(id=name, text=" ".join(words), labels=labels, tokens=tokens)


def _from_spans(name: str, text: str, value: Any, names: Sequence[str], path: Path) -> Document:
    if isinstance(
        value, Mapping
    ):  # an object of parallel lists, as `datasets` returned sequences of objects before 4.0
        value = [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
    spans = []
    for item in value or ():
        try:
            start, end = (int(next(item[key] for key in _KEYS[side] if key in item)) for side in ("start", "end"))
            label = next(item[key] for key in _LABELS if key in item)
        except (StopIteration, TypeError, ValueError, RuntimeError):
            raise DataError(f"row {name}: a span needs start, end and label, has {item}", location=path) from None
        spans.append(Span(start=start, end=end, label=_label_name(label, names)))
    return Document(id=name, text=text, labels=(Labels(annotator=ANONYMOUS, spans=tuple(spans)),))


FORMAT = HuggingFaceFormat()
