"""Open anybody's dataset (JSON Lines, Parquet, CSV or a `datasets` folder) as one lazy table of known columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from goldwire.checks.dataset import Columns, Dataset
from goldwire.dataset_files import label_names, names_of, open_file
from goldwire.errors import GoldwireError
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = ["open_datasets"]

SUFFIXES = (".parquet", ".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".csv", ".tsv", ".csv.gz", ".tsv.gz", ".arrow")
# In order of preference: what the datasets that people publish call these.
_GUESSES: dict[str, tuple[str, ...]] = {
    "text": ("text", "sentence", "content", "body", "document", "article", "headline", "tweet", "comment"),
    "label": ("label", "labels", "stance", "polarity", "sentiment", "class", "category", "target_label", "y"),
    "spans": ("spans", "entities", "mentions", "labels", "label"),
    "start": ("start", "start_offset", "begin", "from", "span_start", "start_char"),
    "end": ("end", "end_offset", "to", "span_end", "end_char"),
    "surface": ("surface", "mention", "target", "span_text", "entity", "span"),
    "group": ("group", "article_id", "doc_id", "document_id", "story_id", "thread_id", "conversation_id", "url"),
    "id": ("id", "item_id", "uid", "guid", "row_id", "example_id", "idx"),
    "split": ("split", "fold", "subset", "partition"),
}
# What a row asks about its text: rows of one text are the same only where these are too.
_ABOUT = frozenset(
    (
        *("target", "target_start", "target_end", "holder", "holder_start", "holder_end", "aspect", "topic", "entity"),
        *("claim", "question", "premise", "hypothesis", "context", "start", "end", "annotator", "worker"),
    )
)
_KNOWN_SPLIT = re.compile(r"train(ing)?|dev(el)?|val(id(ation)?)?|test(ing)?|eval(uation)?|holdout", re.IGNORECASE)
_SHARD = re.compile(r"[-_.](\d{5}-of-\d{5}|part[-_]?\d+|\d{4,})$")


def open_datasets(path: Path, named: Columns | None = None) -> tuple[Dataset, ...]:
    """Open the dataset at `path`: a file, or a folder of them; each set of columns in it is a dataset of its own.

    `named` says what its columns are called where that cannot be guessed. A folder without data, a file that cannot
    be read, and a dataset without a text column are GoldwireErrors.
    """
    if not path.exists():
        raise GoldwireError("no such file or folder", place=path)
    files = tuple(_files(path))
    if not files:
        raise GoldwireError("no data files here", place=path, way_out=f"there should be some of {' '.join(SUFFIXES)}")
    groups: dict[tuple[str, ...], list[Path]] = {}
    for file in files:
        groups.setdefault(tuple(sorted(names_of(file))), []).append(file)
    root = path if path.is_dir() else path.parent
    opened = [_open(root, group, names, named or Columns()) for names, group in groups.items()]
    found = tuple(dataset for dataset in opened if dataset is not None)
    if not found:
        have = ", ".join(sorted({name for names in groups for name in names}))
        raise GoldwireError("no column of texts", place=path, way_out=f"name one with --text (there: {have})")
    return found


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*")):
        hidden = any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        if file.is_file() and not hidden and file.name.lower().endswith(SUFFIXES):
            yield file


def _open(root: Path, files: Sequence[Path], names: Sequence[str], named: Columns) -> Dataset | None:
    import polars as pl

    sample = open_file(files[0], names, rows=500).frame.collect()
    columns = guess_columns(sample.schema, named, root)
    if columns.text is None:
        return None
    wanted = list(dict.fromkeys(columns.named()))
    opened = [open_file(file, wanted) for file in files]
    shown = [file.relative_to(root).as_posix() for file in files]
    frames = [
        _normal(number, file, one.frame, columns, sample.schema)
        for number, (file, one) in enumerate(zip(files, opened, strict=True))
    ]
    broken = [
        Finding(code="json-broken", file=name, line=line, where=None, message=message)
        for name, one in zip(shown, opened, strict=True)
        for line, message in one.broken
    ]
    known = label_names(files[0])
    return Dataset(
        files=tuple(shown),
        frame=pl.concat(frames, how="vertical_relaxed"),
        columns=columns,
        labels=known.get(columns.label or "", ()),
        span_labels=known.get(f"{columns.spans}.label", ()),
        broken=tuple(broken),
    )


def guess_columns(schema: pl.Schema, named: Columns, place: object) -> Columns:
    """Which column is what: as `named`, or by the names that published datasets use, where the type fits."""
    import polars as pl

    for role, name in msgspec.structs.asdict(named).items():
        if isinstance(name, str) and name not in schema:
            raise GoldwireError(f"no column {name!r} for {role}", place=place, way_out=f"there: {', '.join(schema)}")
    found: dict[str, str | None] = {}
    for role, guesses in _GUESSES.items():
        fits = [name for name in guesses if name in schema and _fits(role, schema[name])]
        taken = {name for other, name in found.items() if other in ("text", "label", "start", "end")}
        found[role] = getattr(named, role) or next((name for name in fits if name not in taken), None)
    if (found["spans"] is not None and named.start is None) or found["start"] is None or found["end"] is None:
        found |= {"start": None, "end": None, "surface": None}
    if found["spans"] is not None and not isinstance(schema[found["spans"]], pl.List):
        raise GoldwireError(f"column {found['spans']!r} holds no list of spans", place=place)
    about = tuple(name for name in schema if name in _ABOUT or name in (found["start"], found["end"], found["surface"]))
    return Columns(**found, about=about)


def _fits(role: str, kind: pl.DataType) -> bool:
    import polars as pl

    if role == "spans":
        inner = getattr(kind, "inner", None)
        return isinstance(inner, pl.Struct) and {"start", "end"} <= {field.name for field in inner.fields}
    if role in ("start", "end"):
        return kind.is_integer()
    if role in ("text", "surface"):
        return kind == pl.String
    return kind.is_integer() or kind in (pl.String, pl.Boolean) or isinstance(kind, pl.Categorical | pl.Enum)


def _normal(number: int, file: Path, frame: pl.LazyFrame, columns: Columns, schema: pl.Schema) -> pl.LazyFrame:
    """The file's rows under the names that the checks know (see `Dataset`)."""
    import polars as pl

    single = msgspec.structs.asdict(columns)
    about = single.pop("about")
    names = label_names(file)
    exprs = [pl.lit(number, pl.UInt32).alias("file"), pl.col("row").cast(pl.UInt32)]
    exprs.append(pl.lit(split_name(file)).alias("split") if columns.split is None else _text(columns.split, "split"))
    for role in ("text", "id", "group", "surface"):
        if single[role] is not None:
            exprs.append(_text(single[role], role))
    for role in ("start", "end"):
        if single[role] is not None:
            exprs.append(pl.col(single[role]).cast(pl.Int64).alias(role))
    if columns.label is not None:
        exprs.append(_label(pl.col(columns.label), names.get(columns.label, ())).alias("label"))
    if columns.spans is not None:
        fields = {field.name for field in schema[columns.spans].inner.fields}  # type: ignore[attr-defined]
        spans = _span(fields, names.get(f"{columns.spans}.label", ()))
        exprs.append(pl.col(columns.spans).list.eval(spans).alias("spans"))
    if about:
        exprs.append(pl.struct(about).hash().alias("about"))
    return frame.select(exprs)


def _text(name: str, role: str) -> pl.Expr:
    import polars as pl

    return pl.col(name).cast(pl.String).alias(role)


def _label(value: pl.Expr, names: Sequence[str]) -> pl.Expr:
    """A label by its name; a number that names none stays as it is."""
    import polars as pl

    if not names:
        return value.cast(pl.String)
    return value.replace_strict(
        list(range(len(names))), list(names), default=value.cast(pl.String), return_dtype=pl.String
    )


def _span(fields: set[str], names: Sequence[str]) -> pl.Expr:
    import polars as pl

    element = pl.element().struct
    surface = next((name for name in ("text", "surface", "mention", "word") if name in fields), None)
    return pl.struct(
        start=element.field("start").cast(pl.Int64),
        end=element.field("end").cast(pl.Int64),
        label=_label(element.field("label"), names) if "label" in fields else pl.lit(None, pl.String),
        text=element.field(surface) if surface else pl.lit(None, pl.String),
    )


def split_name(file: Path) -> str:
    """The split that a file is of: `data/train-00000-of-00002.parquet` and `train/0000.parquet` are `train`."""
    stem = file.name.split(".")[0]
    name = _SHARD.sub("", stem)
    if _KNOWN_SPLIT.match(name):
        return name
    return file.parent.name if _KNOWN_SPLIT.fullmatch(file.parent.name) else name
