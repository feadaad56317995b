"""The number of each label in the rows of a release, by its name in the card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from goldwire.checks.document_parsing import json_objects
from goldwire.checks.released_labels import ReleasedCandidate, ReleasedEntities, ReleasedLayer, ReleasedStance
from goldwire.checks.snapshot import ReleaseFolder

__all__ = ["label_counts"]

_NO_LABEL = "(nothing)"  # in the tables of candidates: the annotator marked or drew nothing


def label_counts(release: ReleaseFolder) -> dict[tuple[str, str], Counter[str]]:
    """Return the number of each label by config and split, of the configs whose files and label names were read."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    files = () if release.manifest is None else release.manifest.files
    unread = {f.path.split("/")[1] for f in files if f.path.startswith("data/") and f.path not in release.rows}
    for path, rows in sorted(release.rows.items()):
        _, config, file = [*path.split("/"), "", ""][:3]
        names = _label_names(release, config)
        if len(rows.labels) != rows.count or not names:
            unread.add(config)
            continue
        count = counts.setdefault((config, file.partition("-")[0]), Counter())
        for row in rows.labels:
            for field, label in _labels(row):
                if label is None and isinstance(row, ReleasedCandidate):
                    count[_NO_LABEL] += 1
                elif label is not None:
                    known = names.get(field, ())
                    count[known[label] if 0 <= label < len(known) else str(label)] += 1
    return {key: count for key, count in counts.items() if key[0] not in unread}


def _labels(row: Any) -> Iterator[tuple[str, int | None]]:
    """Yield the column and the number of each label of a row."""
    if isinstance(row, ReleasedStance):
        yield "label", row.label
    if isinstance(row, ReleasedCandidate):
        yield from (("answers", answer.label) for answer in row.answers)
    if isinstance(row, ReleasedEntities | ReleasedLayer):
        yield from (("spans", span.label) for span in row.spans)
    if isinstance(row, ReleasedLayer):
        yield from (("stances", stance.label) for stance in row.stances)


def _label_names(release: ReleaseFolder, config: str) -> dict[str, tuple[str, ...]]:
    """Return the names of the labels of a config by column, from the header of the card."""
    header = release.card_metadata or {}
    infos = header.get("dataset_info")
    infos = [infos] if isinstance(infos, dict) else infos if isinstance(infos, list) else []
    info = next((each for each in infos if isinstance(each, dict) and each.get("config_name") == config), {})
    names: dict[str, tuple[str, ...]] = {}
    for feature in json_objects(info, "features"):
        inner = next(iter(json_objects(feature, "list")), None)
        fields = json_objects(feature, "list") if inner is not None else [feature]
        for field in fields:
            kind = field.get("dtype")
            known = kind.get("class_label") if isinstance(kind, dict) else None
            if field.get("name") == "label" and isinstance(known, dict) and isinstance(known.get("names"), dict):
                names[str(feature.get("name"))] = tuple(map(str, known["names"].values()))
    return names
