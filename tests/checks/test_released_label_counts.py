"""Labels in the rows of a release are counted by config and split; a config that was not read whole is left out."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from goldwire.checks.released_label_counts import label_counts
from goldwire.checks.snapshot import ReleaseFolder
from goldwire.checks.snapshot_reader import read_snapshot
from goldwire.workspace.layout import find_workspace
from support.paths import TINY_REPO


@pytest.fixture(scope="module")
def release() -> ReleaseFolder:
    return read_snapshot(find_workspace(TINY_REPO, explicit=True)).releases[0]


def test_the_splits_of_a_config_have_the_labels_of_the_manifest(release: ReleaseFolder) -> None:
    assert release.manifest is not None
    by_config: dict[str, Counter[str]] = {}
    for (config, split), count in label_counts(release).items():
        assert split in release.manifest.articles
        by_config[config] = by_config.get(config, Counter()) + count
    assert by_config == release.manifest.labels
    assert by_config["stance_candidates"]["(nothing)"] > 0


def test_a_config_is_left_out_if_a_file_or_the_names_of_its_labels_are_missing(release: ReleaseFolder) -> None:
    first = next(path for path in release.rows if path.startswith("data/entities/"))
    unread = msgspec.structs.replace(release, rows={path: rows for path, rows in release.rows.items() if path != first})
    assert {config for config, _ in label_counts(release)} - {config for config, _ in label_counts(unread)} == {
        "entities"
    }
    assert label_counts(msgspec.structs.replace(release, card_metadata=None)) == {}
