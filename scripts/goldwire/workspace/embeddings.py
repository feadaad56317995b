"""Vectors of articles, from a file of numpy or by a static embedding model on this disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goldwire.errors import DataError, MissingFileError
from goldwire.quantities import quantity

__all__ = ["MODEL_FILES", "embed_texts", "read_vectors"]

MODEL_FILES = ("config.json", "model.safetensors", "tokenizer.json")
"""The files of a static embedding model, as model2vec writes them."""


def read_vectors(path: Path, ids: Sequence[str]) -> NDArray[np.float32]:
    """Return the vector of each article from a `.npy` file; an article that it does not have gets zeros.

    A text file of the same name with the suffix `.txt` has the article id of each row.

    Raises
    ------
    MissingFileError
        If one of the two files does not exist.
    DataError
        If the file is not a table of numbers with a row per id.
    """
    names = path.with_suffix(".txt")
    for file, content in ((path, "a table of numbers"), (names, "one article id per line, a line for each row")):
        if not file.is_file():
            raise MissingFileError("no such file", location=file, hint=f"it has {content}")
    try:
        table = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise DataError(f"not a file of numpy ({error})", location=path, hint="write it with numpy.save") from None
    rows = names.read_text(encoding="utf-8").split()
    if table.ndim != 2 or not np.issubdtype(table.dtype, np.floating) or not np.isfinite(table).all():
        raise DataError("not a table of finite numbers", location=path, hint="it needs a row per article")
    if len(rows) != len(table):
        raise DataError(f"{quantity(len(rows), 'id')} for {quantity(len(table), 'row')} of {path.name}", location=names)
    position = {name: number for number, name in enumerate(rows)}
    found = np.array([position.get(name, -1) for name in ids])
    vectors = np.zeros((len(ids), table.shape[1]), np.float32)
    vectors[found >= 0] = table[found[found >= 0]]
    return vectors


def embed_texts(folder: Path, batches: Iterable[list[str]]) -> NDArray[np.float32]:
    """Return the vector of each text in batches of texts, by a static embedding model. Nothing is downloaded.

    Raises
    ------
    DataError
        If a file of the model is damaged.
    MissingFileError
        If the folder is not that of a model.
    ModuleNotFoundError
        If the extra `embeddings` is not installed.
    """
    for name in MODEL_FILES:
        if not (folder / name).is_file():
            raise MissingFileError("no such file", location=folder / name, hint="name the folder of a model2vec model")
    from model2vec import StaticModel
    from safetensors import SafetensorError

    try:
        model = StaticModel.from_pretrained(folder)
    except (SafetensorError, ValueError) as error:
        raise DataError(f"not a static embedding model ({error})", location=folder) from None
    # By default, model2vec reads the first 512 tokens only.
    vectors = [
        np.asarray(model.encode(batch, max_length=None, use_multiprocessing=False), np.float32) for batch in batches
    ]
    return np.concatenate([np.zeros((0, model.dim), np.float32), *vectors])
