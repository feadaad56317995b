"""The files that describe a version of a corpus in Parquet: its shards, and the card by which `datasets` loads it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldwire.bulk.runner import Finished, total
from goldwire.bulk.store import Store
from goldwire.errors import ConflictError, MissingFileError
from goldwire.splitting.assignment import SPLITS
from goldwire.workspace.sources import Source

__all__ = ["BulkVersion", "write_version"]


class BulkVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version: the rows and the shards of each split, and the licence of each source."""

    version: str
    rows: dict[str, int]
    shards: dict[str, list[str]]
    licences: dict[str, str]


def write_version(store: Store, version: str, finished: Sequence[Finished], sources: dict[str, Source]) -> BulkVersion:
    """Write `release/versions/vX.Y.Z.json` and the card of the release, `release/README.md`.

    Raises
    ------
    ConflictError
        If the version exists with other shards.
    """
    files = sorted(name.removeprefix("release/") for entry in finished for name in entry.files)
    described = BulkVersion(
        version=version,
        rows={split: total(finished, split) for split in SPLITS},
        shards={split: [name for name in files if name.startswith(f"data/{split}/")] for split in SPLITS},
        licences={name: source.licence for name, source in sorted(sources.items())},
    )
    data = msgspec.json.format(msgspec.json.encode(described)) + b"\n"
    path = f"release/versions/v{version}.json"
    try:
        if store.read(path) != data:
            location = f"{store.url}/{path}"
            raise ConflictError(
                "the version exists with other articles", location=location, hint="take the next version"
            )
    except MissingFileError:
        store.put(path, data)
    store.put("release/README.md", _card(described).encode())
    return described


def _card(version: BulkVersion) -> str:
    """Return the card: which shards are in which split, for `datasets.load_dataset`, and the counts."""
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split, shards in version.shards.items():
        if shards:
            lines += [f"  - split: {split}", "    path:", *(f"    - {name}" for name in shards)]
    lines += ["---", "", f"# Version {version.version}", "", "| split | articles |", "|---|---|"]
    lines += [f"| {split} | {rows} |" for split, rows in version.rows.items()]
    lines += ["", "| source | licence |", "|---|---|"]
    lines += [f"| {source} | {licence} |" for source, licence in version.licences.items()]
    return "\n".join([*lines, ""])
