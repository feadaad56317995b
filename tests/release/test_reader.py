"""Reading a released version: rows, data frames, clear errors."""

from __future__ import annotations

import pytest

from goldwire.errors import ConfigError, MissingFileError
from goldwire.release.reader import load_release
from support.paths import REPOSITORY

TINY = REPOSITORY / "tests" / "tiny_repo"


@pytest.fixture
def version():
    return load_release(TINY, "v0.0.1")


def test_a_data_frame_has_names_of_labels_and_a_split_column(version):
    frame = version.to_pandas("stance")
    assert set(frame["split"]) == set(version.splits("stance"))
    assert set(frame["label"]) <= {"opposes", "neutral", "supports"}
    one_split = version.to_pandas("stance", "train")
    assert "split" not in one_split
    assert len(one_split) == (frame["split"] == "train").sum()


def test_rows_have_names_of_labels(version):
    row = next(version.rows("entities", "train"))
    assert {span["label"] for span in row["spans"]} == {"PER", "ORG"}
    assert all(row["text"][span["start"] : span["end"]] == span["text"] for span in row["spans"])


def test_an_unknown_config_or_split_is_an_error(version):
    with pytest.raises(ConfigError, match="sentences"):
        version.to_pandas("sentences")
    with pytest.raises(ConfigError, match="dev"):
        next(version.rows("entities", "dev"))


def test_an_error_names_the_released_versions():
    with pytest.raises(MissingFileError, match=r"v9\.9\.9.*released versions: v0\.0\.1"):
        load_release(TINY, "9.9.9")


def test_contents_without_surfaces_have_offsets_only(version):
    (first, *_) = version.contents(surfaces=False).articles.values()
    assert first.labels[0].location.startswith("[")
