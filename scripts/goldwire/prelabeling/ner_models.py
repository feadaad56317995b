"""Named entity recognizers that are installed here: spaCy pipelines, GLiNER and GLiNER2 models. Nothing is downloaded.

A model is given as a package (`en_core_web_sm`) or as a folder with its files.
"""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from goldwire.errors import DataError, MissingFileError, MissingPackageError

__all__ = ["EntityRecognizer", "ScoredRange", "load_recognizer", "model_version"]

ScoredRange = tuple[int, int, str, float | None]
EntityRecognizer = Callable[[Iterable[str]], Iterator[list[ScoredRange]]]
"""Yields, for each text in order, (start, end, label, confidence) in code points, with labels of the schema only."""

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
        A package, or a folder with a spaCy pipeline, a GLiNER or a GLiNER2 model.
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
    if (folder / _GLINER).exists() or _is_gliner2(folder):
        counts = Counter(descriptions)
        pairs = zip(descriptions, labels, strict=True)
        by_text = {text if text and counts[text] == 1 else label: label for text, label in pairs}
        return _gliner2(folder, by_text) if _is_gliner2(folder) else _gliner(folder, by_text)
    if not (folder / "config.cfg").exists() and (not name.isidentifier() or find_spec(name) is None):
        package = "its package" if find_spec("spacy") else "spaCy and its package"
        raise MissingFileError(
            f"no model {name!r} is installed", hint=f"install {package}, or name a folder that holds one"
        )
    return _spacy(name, labels)


def model_version(name: str) -> str | None:
    """Return the version of a model's package, or the one in the `meta.json` of a spaCy folder; None if unknown."""
    try:
        meta = json.loads((Path(name) / "meta.json").read_text(encoding="utf-8"))
        return str(meta["version"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


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

    def recognize(texts: Iterable[str]) -> Iterator[list[ScoredRange]]:
        for document in pipeline.pipe(texts):
            entities = (
                (entity.start_char, entity.end_char, _schema_label(entity.label_, labels)) for entity in document.ents
            )
            yield [(start, end, label, None) for start, end, label in entities if label is not None]

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

    def recognize(texts: Iterable[str]) -> Iterator[list[ScoredRange]]:
        for text in texts:
            yield [
                (offset + entity["start"], offset + entity["end"], labels[entity["label"]], float(entity["score"]))
                for offset, piece in _pieces(text, max_words)
                for entity in model.predict_entities(piece, list(labels), threshold=_THRESHOLD)
            ]

    return recognize


def _is_gliner2(folder: Path) -> bool:
    """Whether a folder holds a GLiNER2 model: its configuration names one of the two extractor architectures."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and (config.get("model_type") == "extractor" or "architecture" in config)


def _gliner2(folder: Path, labels: dict[str, str]) -> EntityRecognizer:
    with _offline_hub():
        gliner2 = _import("gliner2")
        loader = getattr(gliner2, "AutoExtractor", None) or gliner2.GLiNER2  # the name in versions before 1.3
        try:
            model = loader.from_pretrained(str(folder))
        except Exception as error:  # noqa: BLE001 - torch, transformers and tokenizers raise many types
            problem = f"GLiNER2 cannot load it: {' '.join(str(error).split())[:200]}"
            raise DataError(problem, location=folder, hint="save the whole model, encoder included") from None

    def recognize(texts: Iterable[str]) -> Iterator[list[ScoredRange]]:
        for text in texts:
            ranges: list[ScoredRange] = []
            for offset, piece in _pieces(text, _MAX_WORDS):
                entities = model.extract_entities(
                    piece, list(labels), threshold=_THRESHOLD, include_confidence=True, include_spans=True
                )["entities"]
                ranges += [
                    (offset + entity["start"], offset + entity["end"], labels[name], float(entity["confidence"]))
                    for name, of_label in entities.items()
                    for entity in of_label
                ]
            yield _without_overlaps(ranges)

    return recognize


def _without_overlaps(ranges: Iterable[ScoredRange]) -> list[ScoredRange]:
    """Return the most confident ranges that do not overlap, in order: GLiNER2 may give one place several labels."""
    chosen: list[ScoredRange] = []
    for one in sorted(ranges, key=lambda one: (-(one[3] or 0), one[:3])):
        if all(one[1] <= other[0] or other[1] <= one[0] for other in chosen):
            chosen.append(one)
    return sorted(chosen)


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
