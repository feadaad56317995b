"""The YAML block above a dataset card: the Hub's own fields, and how each config loads."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from goldwire.release.card_data import CardData
from goldwire.release.parquet import split_pattern

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = ["front_matter", "hub_fields", "licence_address"]

# Licences that the Hub lists under the same id; any other licence is `other` with its name.
_HUB_LICENCES = frozenset(
    (
        *("apache-2.0", "mit", "unlicense", "odbl", "odc-by", "pddl", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0"),
        *("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0"),
    )
)
_MANY = ("mul", "und")  # languages of a source whose articles are in several
_SIZE_CATEGORIES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def hub_fields(card: CardData) -> dict[str, Any]:
    """Return the Hub's own fields: licence, language, creators, size, tasks."""
    licences = sorted({source.licence for source in card.sources.values()})
    licence = licences[0].lower() if len(licences) == 1 else "other"
    fields: dict[str, Any] = {"license": licence if licence in _HUB_LICENCES else "other"}
    if fields["license"] == "other":
        fields["license_name"] = "-and-".join(name.lower().replace(" ", "-") for name in licences) or "unstated"
        if len(licences) == 1 and (address := licence_address(licences[0])).startswith("https://"):
            fields["license_link"] = address
    languages = sorted({source.language for source in card.sources.values()})
    has_stances = sum(card.n_rows["stance"].values()) > 0
    return fields | {
        "language": languages,
        "multilinguality": ["monolingual" if len(languages) == 1 and languages[0] not in _MANY else "multilingual"],
        **({"annotations_creators": list(card.annotation_creators)} if card.annotation_creators else {}),
        "language_creators": list(card.language_creators),
        "pretty_name": card.manifest.name,
        "size_categories": _size_categories(sum(by_split.values()) for by_split in card.n_rows.values()),
        "source_datasets": ["original"],
        "task_categories": ["token-classification", *(["text-classification"] if has_stances else [])],
        "task_ids": ["named-entity-recognition", *(["multi-input-text-classification"] if has_stances else [])],
        "tags": ["stance-detection"] if has_stances else ["named-entity-recognition"],
    }


def licence_address(licence: str) -> str:
    """Return the address of a licence of the SPDX list; another licence by its name."""
    is_spdx = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]*", licence) is not None
    return f"https://spdx.org/licenses/{licence}" if is_spdx else licence


def _size_categories(n_rows: Iterable[int]) -> list[str]:
    """Return the categories of the configs that have rows, from small to large: the Hub has one list for all."""
    bounds = [bound for bound, _ in _SIZE_CATEGORIES]
    names = [*(name for _, name in _SIZE_CATEGORIES), "1M<n<10M"]
    return [names[number] for number in sorted({bisect_right(bounds, count) for count in n_rows if count})]


def front_matter(
    features: Mapping[str, Features], tables: Mapping[str, Mapping[str, pa.Table]], fields: Mapping[str, Any]
) -> str:
    """Return the YAML of a dataset card: `fields` first, then what makes `datasets` load each config.

    Parameters
    ----------
    features : mapping of str to datasets.Features
        Features of each config; the first config is the default one.
    tables : mapping of str to mapping of str to pyarrow.Table
        Tables by config and split. A config without rows has no tables and is not listed.
    fields : mapping
        The Hub's own fields (`license`, `language`, ...) with their values.
    """
    from datasets import DatasetInfo, SplitDict, SplitInfo
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    configs = [config for config in features if tables.get(config)]
    infos = {}
    for config in configs:
        splits = {
            name: SplitInfo(name=name, num_bytes=table.nbytes, num_examples=table.num_rows)
            for name, table in tables[config].items()
        }
        infos[config] = DatasetInfo(
            features=features[config],
            splits=SplitDict(splits),
            download_size=None,
            dataset_size=sum(split.num_bytes for split in splits.values()),
        )
    data_files = {
        config: {"data_files": [{"split": name, "path": split_pattern(config, name)} for name in tables[config]]}
        | ({"default": True} if config == next(iter(features)) else {})
        for config in configs
    }
    metadata = DatasetCardData(**fields)
    MetadataConfigs(data_files).to_dataset_card_data(metadata)
    DatasetInfosDict(infos).to_dataset_card_data(metadata)
    return str(metadata.to_yaml(line_break="\n")).strip() + "\n"
