"""Named entity recognizers that are installed here: spaCy pipelines and GLiNER models. Nothing is downloaded.

A model is given as a package (`en_core_web_sm`) or as a folder with its files.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from goldwire.errors import DataError, MissingFileError, MissingPackageError

__all__ = ["EntityRecognizer", "load_recognizer"]

LabelledRange = tuple[int, int, str]
EntityRecognizer = Callable[[Iterable[str]], Iterator[list[LabelledRange]]]
"""Yields, for each text in order, (start, end, label) in code points, with labels of the schema only."""

_GLINER = "gliner_config.json"
# Other names of the same kinds: CoNLL's four, those of OntoNotes and those used with GLiNER.
_SYNONYMS = (("PER", "PERSON"), ("ORG", "ORGANIZATION", "ORGANISATION"), ("LOC", "LOCATION"), ("MISC", "MISCELLANEOUS"))
_MAX_CHARACTERS, _MAX_WORDS = 1_200, 384  # of a piece: GLiNER ignores what is beyond
_WORD = re.compile(r"\w+(?:[-_]\w+)*|\S")  # as GLiNER counts them: a table of results has three times as many as prose
_THRESHOLD = 0.5  # GLiNER's default


def load_recognizer(name: str, labels: tuple[str, ...], descriptions: tuple[str, ...]) -> EntityRecognizer:
    """Return a recognizer of the schema's labels.

    Parameters
    ----------
    name
        A package, or a folder with a spaCy pipeline or a GLiNER model.
    labels, descriptions
        The schema's entity labels and their descriptions. A GLiNER model is asked for the descriptions.

    Raises
    ------
    MissingFileError, MissingPackageError
        The model, or the package that runs it, is not installed.
    DataError
        The model cannot be loaded.
    """
    folder = Path(name)
    if (folder / _GLINER).exists():
        counts = Counter(descriptions)
        pairs = zip(descriptions, labels, strict=True)
        return _gliner(folder, {text if text and counts[text] == 1 else label: label for text, label in pairs})
    if not (folder / "config.cfg").exists() and (not name.isidentifier() or find_spec(name) is None):
        raise MissingFileError(
            f"no model {name!r} is installed", hint="install its package, or name a folder that holds one"
        )
    return _spacy(name, labels)


def _import(package: str) -> Any:
    try:
        return import_module(package)
    except ImportError as error:
        problem = "cannot be imported" if find_spec(package) else "is not installed"
        hint = f"pip install {package}"
        raise MissingPackageError(f"{package} {problem} ({error})", hint=hint) from None


def _spacy(name: str, labels: tuple[str, ...]) -> EntityRecognizer:
    spacy = _import("spacy")
    try:
        pipeline = spacy.load(name)
    except (OSError, ValueError) as error:
        raise DataError(f"spaCy cannot load it: {str(error)[:200]}", location=name) from None

    def recognize(texts: Iterable[str]) -> Iterator[list[LabelledRange]]:
        for document in pipeline.pipe(texts):
            entities = (
                (entity.start_char, entity.end_char, _schema_label(entity.label_, labels)) for entity in document.ents
            )
            yield [(start, end, label) for start, end, label in entities if label is not None]

    return recognize


def _schema_label(label: str, labels: tuple[str, ...]) -> str | None:
    """Return the schema's label for a model's label, or None if it has none."""
    by_name = {name.upper(): name for name in labels}
    synonyms = next((group for group in _SYNONYMS if label.upper() in group), ())
    return next((by_name[name] for name in (label.upper(), *synonyms) if name in by_name), None)


@contextmanager
def _offline_hub() -> Iterator[None]:
    """Set `HF_HUB_OFFLINE`, which huggingface_hub reads when it is imported, and restore its value afterwards."""
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


def _gliner(folder: Path, labels: dict[str, str]) -> EntityRecognizer:
    with _offline_hub():  # otherwise its tokenizer is searched on the Hub
        gliner = _import("gliner")
        try:
            model = gliner.GLiNER.from_pretrained(str(folder), local_files_only=True)
        except Exception as error:  # noqa: BLE001 - torch, transformers and tokenizers raise many types
            problem = f"GLiNER cannot load it: {' '.join(str(error).split())[:200]}"
            hint = "save the whole model with `model.save_pretrained(FOLDER)`, encoder included"
            raise DataError(problem, location=folder, hint=hint) from None
    max_words = min(_MAX_WORDS, getattr(model.config, "max_len", _MAX_WORDS))

    def recognize(texts: Iterable[str]) -> Iterator[list[LabelledRange]]:
        for text in texts:
            yield [
                (offset + entity["start"], offset + entity["end"], labels[entity["label"]])
                for offset, piece in _pieces(text, max_words)
                for entity in model.predict_entities(piece, list(labels), threshold=_THRESHOLD)
            ]

    return recognize


def _pieces(text: str, max_words: int) -> Iterator[tuple[int, str]]:
    """Yield pieces of at most `max_words` words that end at lines or sentences, each with its offset."""
    start, word_starts = 0, [word.start() for word in _WORD.finditer(text)]
    while start < len(text):
        limit = bisect_left(word_starts, start) + max_words
        max_end = min(start + _MAX_CHARACTERS, word_starts[limit] if limit < len(word_starts) else len(text))
        end = max_end
        if max_end < len(text):
            end = max(text.rfind("\n", start, max_end), text.rfind(". ", start, max_end)) + 1
            candidates = word_starts[limit - max_words : limit + 1]
            end = end or max((offset for offset in candidates if offset <= max_end), default=0)
            end = end if end > start else max_end
        yield start, text[start:end]
        start = end
