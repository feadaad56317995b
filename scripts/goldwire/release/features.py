"""The columns of a release: `datasets` features of each config, with every label as a ClassLabel and as a string.

pandas and DuckDB see the number of a ClassLabel only, so the name of each label is a column beside it: `label_name`
beside `label`, `ner_tag_names` beside `ner_tags`. The rows that goldwire reads and writes have names alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = [
    "LabelNames",
    "class_labels",
    "config_features",
    "label_decoder",
    "label_encoder",
    "label_names_of",
    "name_column",
]

Columns = dict[str, Any]
Converter = Callable[[Any], Any]


class LabelNames(msgspec.Struct, frozen=True):
    """Names of the entity labels and of the stances; a label's number is its index."""

    entity: tuple[str, ...]
    stance: tuple[str, ...]


def config_features(labels: LabelNames, *, standoff: bool = False) -> dict[str, Features]:
    """Return the features of each config; a label is among the names whether or not it occurs.

    A `standoff` release has neither the text nor any part of it, but the anchors that find annotations in a copy of
    the text.
    """
    from datasets import Features

    return {
        "entities": Features(_entity_columns(labels, standoff=standoff)),
        "stance": Features(_stance_columns(labels, standoff=standoff)),
        "annotations": Features(_annotation_columns(labels, standoff=standoff)),
        "stance_candidates": Features(_stance_candidate_columns(labels, standoff=standoff)),
        "entity_candidates": Features(_entity_candidate_columns(labels, standoff=standoff)),
    }


def _entity_columns(labels: LabelNames, *, standoff: bool) -> Columns:
    from datasets import ClassLabel, List, Value

    text, number = _text_and_number()
    tags = ["O", *(f"{prefix}-{label}" for label in labels.entity for prefix in "BI")]
    article = dict.fromkeys(("article_id", "source", "url", "published", "language"), text)
    sentence = dict.fromkeys(("start", "end", "token_start", "token_end"), number)
    content = {"windows": List(text)} if standoff else {"title": text, "text": text}
    return (
        article
        | content
        | {"text_sha256": text, "since_version": text}
        | ({} if standoff else {"tokens": List(text)})
        | {"token_starts": List(number), "token_ends": List(number)}
        | {"ner_tags": List(ClassLabel(names=tags)), "ner_tag_names": List(text)}
        | {"sentences": List(sentence)}
        | {"spans": List(_span(labels, standoff=standoff) | {"votes": number}), "n_annotators": number}
        | {"inclusion_probability": Value("float64")}
    )


def _stance_columns(labels: LabelNames, *, standoff: bool) -> Columns:
    from datasets import ClassLabel, Value

    text, number = _text_and_number()
    return (
        _pair_columns(standoff=standoff)
        | {"label": ClassLabel(names=list(labels.stance)), "label_name": text}
        | _share_columns("stance_shares")
        | {"votes": number, "n_annotators": number, "inclusion_probability": Value("float64")}
    )


def _stance_candidate_columns(labels: LabelNames, *, standoff: bool) -> Columns:
    return _pair_columns(standoff=standoff) | _vote_columns(labels.stance, "stance_shares")


def _entity_candidate_columns(labels: LabelNames, *, standoff: bool) -> Columns:
    text, number = _text_and_number()
    offsets = {"start": number, "end": number}
    surface = {} if standoff else {"surface": text}
    return _identity_columns() | offsets | surface | _vote_columns(labels.entity, "label_shares", offsets)


def _identity_columns() -> Columns:
    text, _ = _text_and_number()
    return dict.fromkeys(("id", "article_id", "source", "published", "since_version"), text)


def _pair_columns(*, standoff: bool) -> Columns:
    """The columns of a holder-target pair."""
    text, number = _text_and_number()
    ends = {
        f"{end}{suffix}": number if suffix else text
        for end in ("holder", "target")
        for suffix in ("", "_start", "_end")
    }
    return _identity_columns() | ({} if standoff else {"text": text}) | ends


def _share_columns(name: str) -> Columns:
    """The columns of a soft label: the share of each label, and of nothing."""
    from datasets import List, Value

    return {name: List(Value("float64")), "none_share": Value("float64")}


def _vote_columns(labels: Sequence[str], shares: str, offsets: Columns | None = None) -> Columns:
    """The columns of a candidate: whether it is in gold, each annotator's answer, and the shares."""
    from datasets import ClassLabel, List, Value

    text, number = _text_and_number()
    label = ClassLabel(names=list(labels))
    return (
        {"in_gold": Value("bool"), "gold_label": label, "gold_label_name": text}
        | {"answers": List({"annotator": text, "label": label, "label_name": text} | (offsets or {}))}
        | _share_columns(shares)
        | {"n_annotators": number}
    )


def _annotation_columns(labels: LabelNames, *, standoff: bool) -> Columns:
    from datasets import ClassLabel, List, Value

    text, _ = _text_and_number()
    stance = dict.fromkeys(("id", "holder", "target", "target_name"), text)
    stance |= {"label": ClassLabel(names=list(labels.stance)), "label_name": text}
    return (
        dict.fromkeys(("article_id", "text_sha256", "batch", "annotator"), text)
        | {"guidelines_version": text, "schema_version": text, "confirmed": Value("bool")}
        | {"spans": List(_span(labels, standoff=standoff)), "stances": List(stance)}
    )


def _span(labels: LabelNames, *, standoff: bool) -> Columns:
    from datasets import ClassLabel

    text, number = _text_and_number()
    anchor = dict.fromkeys(("first_word", "n_words", "lead", "trail"), number)
    anchor |= dict.fromkeys(("surface_digest", "before_digest", "after_digest"), text)
    surface = {"anchor": anchor} if standoff else {"text": text}
    label = {"label": ClassLabel(names=list(labels.entity)), "label_name": text}
    return {"id": text, "start": number, "end": number} | label | surface


def _text_and_number() -> tuple[Any, Any]:
    from datasets import Value

    return Value("string"), Value("int32")


def label_names_of(tables: Mapping[str, Mapping[str, pa.Table]]) -> LabelNames:
    """Return the label names that a release's tables (by config and split) were written with.

    If there is neither a stance nor an annotation table, the names of the stances are unknown.
    """
    from datasets import Features

    by_config = {
        config: Features.from_arrow_schema(next(iter(by_split.values())).schema)
        for config, by_split in tables.items()
        if by_split
    }
    entity = by_config["entities"]["spans"].feature["label"].names
    stance = by_config["annotations"]["stances"].feature["label"].names if "annotations" in by_config else ()
    return LabelNames(tuple(entity), tuple(by_config["stance"]["label"].names if "stance" in by_config else stance))


def class_labels(feature: Any) -> Any:
    """Return the label names within a feature, nested as it is; None if it holds no label."""
    from datasets import ClassLabel, List

    if isinstance(feature, ClassLabel):
        return list(feature.names)
    if isinstance(feature, List):
        return class_labels(feature.feature)
    if isinstance(feature, Mapping):
        nested = {name: class_labels(inner) for name, inner in feature.items()}
        return {name: names for name, names in nested.items() if names is not None} or None
    return None


def name_column(column: str) -> str:
    """Return the column that has the names of a column of labels: `label_name`, and `ner_tag_names` for `ner_tags`."""
    return f"{column.removesuffix('s')}_names" if column.endswith("s") else f"{column}_name"


def label_encoder(feature: Any) -> Converter | None:
    """Return a function that replaces label names by numbers in a value of the feature; None if it holds no label.

    Where the feature has a column for the names, the function fills it.
    """
    return _label_converter(feature, lambda names: {name: number for number, name in enumerate(names)}, _add_names)


def label_decoder(feature: Any) -> Converter | None:
    """Return a function that replaces label numbers by names in a value of the feature; None if it holds no label.

    The columns that repeat the names are left out.
    """
    return _label_converter(feature, lambda names: dict(enumerate(names)), _without_names)


def _add_names(row: Columns, columns: Columns, names: Mapping[str, str]) -> Columns:
    return columns | {name: row.get(column) for column, name in names.items()}


def _without_names(_: Columns, columns: Columns, names: Mapping[str, str]) -> Columns:
    repeated = frozenset(names.values())
    return {name: value for name, value in columns.items() if name not in repeated}


def _label_converter(
    feature: Any,
    mapping_of: Callable[[list[str]], dict[Any, Any]],
    convert_names: Callable[[Columns, Columns, Mapping[str, str]], Columns],
) -> Converter | None:
    """Compose the conversion of a feature's labels from those of its parts.

    Composed once per table: walking the features again for every value took nine tenths of a release's time.
    """
    from datasets import ClassLabel, List

    if isinstance(feature, ClassLabel):
        return {**mapping_of(feature.names), None: None}.__getitem__
    if isinstance(feature, List):
        convert = _label_converter(feature.feature, mapping_of, convert_names)
        return None if convert is None else lambda items: None if items is None else [convert(item) for item in items]
    if isinstance(feature, Mapping):
        nested = {name: _label_converter(inner, mapping_of, convert_names) for name, inner in feature.items()}
        converters = {name: convert for name, convert in nested.items() if convert is not None}
        names = {column: name_column(column) for column in converters if name_column(column) in feature}
        if converters:

            def convert_row(row: Columns) -> Columns:
                columns = {
                    name: converters[name](value) if name in converters else value for name, value in row.items()
                }
                return convert_names(row, columns, names) if names else columns

            return convert_row
    return None
