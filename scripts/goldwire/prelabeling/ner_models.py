"""Entity recognizers that are installed here: spaCy pipelines and GLiNER models, never downloaded.

A model is named by a package (`en_core_web_sm`) or by a folder with its files.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from goldwire.errors import DataError, MissingFileError, MissingPackageError

__all__ = ["Recognizer", "load"]

Found = tuple[int, int, str]
Recognizer = Callable[[Iterable[str]], Iterator[list[Found]]]
"""For each text, in order, (start, end, label) in code points, labels among those that were asked for."""

_GLINER = "gliner_config.json"
# Models name the same kinds otherwise: CoNLL's four, OntoNotes' and GLiNER's words.
_ALIKE = (("PER", "PERSON"), ("ORG", "ORGANIZATION", "ORGANISATION"), ("LOC", "LOCATION"), ("MISC", "MISCELLANEOUS"))
# From 3.8.12 on spaCy wants pydantic 2, and doccano-client bears none but 1: they would not share an environment.
_INSTALL = {"spacy": "spacy<3.8.12"}
_PIECE, _WORDS = 1_200, 384  # characters and words that GLiNER is given at once: it drops what is beyond
_WORD = re.compile(r"\w+(?:[-_]\w+)*|\S")  # as it counts them: a table of results has three times as many as prose
_THRESHOLD = 0.5  # its own default


def load(name: str, labels: tuple[str, ...], descriptions: tuple[str, ...]) -> Recognizer:
    """Load the model that `name` names; `descriptions` are what a GLiNER model is asked for, a label each.

    What is not installed, or is no model, is a GoldwireError.
    """
    folder = Path(name)
    if (folder / _GLINER).exists():
        meant = Counter(descriptions)
        named = zip(descriptions, labels, strict=True)
        return _gliner(folder, {words if words and meant[words] == 1 else label: label for words, label in named})
    if not (folder / "config.cfg").exists() and (not name.isidentifier() or find_spec(name) is None):
        raise MissingFileError(
            f"no model {name!r} is installed", hint="install its package, or name a folder that holds one"
        )
    return _spacy(name, labels)


def _needed(package: str) -> Any:
    try:
        return import_module(package)
    except ImportError as error:
        problem = "cannot be imported" if find_spec(package) else "is not installed"
        hint = f"pip install '{_INSTALL.get(package, package)}'"
        raise MissingPackageError(f"{package} {problem} ({error})", hint=hint) from None


def _spacy(name: str, labels: tuple[str, ...]) -> Recognizer:
    spacy = _needed("spacy")
    try:
        pipeline = spacy.load(name)
    except (OSError, ValueError) as error:
        raise DataError(f"spaCy cannot load it: {str(error)[:200]}", location=name) from None

    def recognize(texts: Iterable[str]) -> Iterator[list[Found]]:
        for document in pipeline.pipe(texts):
            found = ((one.start_char, one.end_char, _own(one.label_, labels)) for one in document.ents)
            yield [(start, end, label) for start, end, label in found if label is not None]

    return recognize


def _own(label: str, labels: tuple[str, ...]) -> str | None:
    """What the schema calls a model's label."""
    named = {own.upper(): own for own in labels}
    alike = next((group for group in _ALIKE if label.upper() in group), ())
    return next((named[name] for name in (label.upper(), *alike) if name in named), None)


def _gliner(folder: Path, labels: dict[str, str]) -> Recognizer:
    os.environ["HF_HUB_OFFLINE"] = "1"  # its tokenizer is looked for on the Hub otherwise
    gliner = _needed("gliner")
    try:
        model = gliner.GLiNER.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # noqa: BLE001 - torch, transformers and tokenizers each raise what they like
        problem = f"GLiNER cannot load it: {' '.join(str(error).split())[:200]}"
        hint = "save it whole, with `model.save_pretrained(FOLDER)`: without its encoder's files it needs the Hub"
        raise DataError(problem, location=folder, hint=hint) from None
    words = min(_WORDS, getattr(model.config, "max_len", _WORDS))

    def recognize(texts: Iterable[str]) -> Iterator[list[Found]]:
        for text in texts:
            yield [
                (at + one["start"], at + one["end"], labels[one["label"]])
                for at, piece in _pieces(text, words)
                for one in model.predict_entities(piece, list(labels), threshold=_THRESHOLD)
            ]

    return recognize


def _pieces(text: str, words: int) -> Iterator[tuple[int, str]]:
    """The text in pieces that end where lines or sentences do, each with its place, of at most so many `words`."""
    start, places = 0, [word.start() for word in _WORD.finditer(text)]
    while start < len(text):
        beyond = bisect_left(places, start) + words
        room = min(start + _PIECE, places[beyond] if beyond < len(places) else len(text))
        end = room
        if room < len(text):
            end = max(text.rfind("\n", start, room), text.rfind(". ", start, room)) + 1
            end = end or max((place for place in places[beyond - words : beyond + 1] if place <= room), default=0)
            end = end if end > start else room
        yield start, text[start:end]
        start = end
