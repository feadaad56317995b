"""Vectors of a file belong to the articles of their ids; files that are not vectors are an error of one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldwire.errors import DataError, MissingFileError
from goldwire.workspace.embeddings import MODEL_FILES, embed_texts, read_vectors


def test_rows_are_found_by_their_ids_and_articles_without_one_get_zeros(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.arange(6.0).reshape(3, 2))
    (tmp_path / "v.txt").write_text("b\nother\na\n")
    assert read_vectors(tmp_path / "v.npy", ["a", "b", "c"]).tolist() == [[4, 5], [0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("table", "ids", "problem"),
    [
        (np.ones((2, 3)), "a", r"v\.txt: 1 id for 2 rows"),
        (np.full((1, 3), np.nan), "a", "not a table of finite numbers"),
        (np.ones(3), "a b c", "not a table of finite numbers"),
        (np.ones((1, 3), int), "a", "not a table of finite numbers"),
        (None, "a", "not a file of numpy"),
        (np.ones((1, 3)), None, r"v\.txt: no such file; hint: it has one article id per line"),
    ],
)
def test_files_that_are_not_vectors_are_one_line(tmp_path: Path, table: Any, ids: str | None, problem: str) -> None:
    path = tmp_path / "v.npy"
    np.save(path, table) if table is not None else path.write_bytes(b"{}")
    if ids is not None:
        path.with_suffix(".txt").write_text(ids)
    with pytest.raises((DataError, MissingFileError), match=problem):
        read_vectors(path, ["a"])


def test_a_folder_without_a_model_is_refused_before_anything_is_asked_of_a_server(tmp_path: Path) -> None:
    for name in MODEL_FILES:
        with pytest.raises(MissingFileError, match=rf"{name}: no such file; hint: name the folder of a model2vec"):
            embed_texts(tmp_path, [["a text"]])
        (tmp_path / name).write_text("{}")
