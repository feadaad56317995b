"""Stand-off releases: rows without their text, and the text put back from a user's own copies of the articles.

Without the text, rows keep ids, digests, offsets, labels and the anchors that find annotations again in a copy
(`goldwire.release.reanchoring`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DECODE_ERRORS, DataError, MissingFileError, decode_problem
from goldwire.records import SpanLabel, text_digest
from goldwire.release.reanchoring import AnchorFingerprint, fingerprint_spans, fingerprint_windows, reanchor
from goldwire.release.rows import Row, sentence_rows
from goldwire.text.bio_tags import bio_tags
from goldwire.text.normalization import normalize

__all__ = [
    "SpanOffsets",
    "UserText",
    "candidate_texts",
    "fill_annotation",
    "fill_entity",
    "fill_entity_candidate",
    "fill_stance",
    "read_user_texts",
    "realign",
    "strip_text",
]

SpanOffsets = Mapping[tuple[int, int], tuple[int, int]]
"""From the offsets of an annotation in the original text to its offsets in the user's text."""

# A text that has less than a tenth of the article's windows is another article: half an article has half of them.
_SAME_ARTICLE = 0.1
_ID_COLUMNS = ("article_id", "id", "url")


def strip_text(config: str, row: Row, text: str) -> Row:
    """Return the row of a config without the text of its article."""
    if config == "entity_candidates":
        return _without(row, "surface")
    if config in ("stance", "stance_candidates"):
        # A named target, which has no offsets, is not taken from the text.
        is_named_target = row["target_start"] is None
        return {**_without(row, "text"), "holder": None, "target": row["target"] if is_named_target else None}
    salt = row["article_id"]
    stripped = _without(row, "title", "text", "tokens") | {"spans": _strip_spans(row["spans"], text, salt)}
    if config == "entities":
        return stripped | {"windows": fingerprint_windows(text, salt)}
    stances = [stance | {"target_name": None} if stance["target"] else stance for stance in row["stances"]]
    return stripped | {"stances": stances}


def _strip_spans(spans: Sequence[Row], text: str, salt: str) -> list[Row]:
    anchors = fingerprint_spans(text, [(span["start"], span["end"]) for span in spans], salt)
    return [
        _without(span, "text") | {"anchor": msgspec.structs.asdict(anchor)}
        for span, anchor in zip(spans, anchors, strict=True)
    ]


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def read_user_texts(path: Path) -> dict[str, str]:
    """Read a user's texts by article id or URL.

    Parameters
    ----------
    path : Path
        A `.jsonl` or `.parquet` file whose rows have `text` and one of `article_id`, `id` and `url`, or a folder with
        such files, or with one file `<article id>.txt` per article; folders in it are read too. Other files are
        ignored. Of several texts of one article the last counts, in the order of the paths.

    Raises
    ------
    MissingFileError
        If there are no texts.
    DataError
        If a file cannot be read.
    """
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    readable = [file for file in files if file.suffix.lower() in _READERS and file.is_file()]
    if not readable:
        kinds = ", ".join(_READERS)
        raise MissingFileError("no texts", location=path, hint=f"name a folder with files of {kinds}, or one such file")
    texts: dict[str, str] = {}
    for row in (row for file in readable for row in _READERS[file.suffix.lower()](file)):
        text = row.get("text")
        if isinstance(text, str):
            texts |= {str(row[name]): text for name in _ID_COLUMNS if row.get(name)}
    if not texts:
        hint = f"rows need `text` and one of {', '.join(_ID_COLUMNS)}"
        raise MissingFileError("contains no texts", location=path, hint=hint)
    return texts


def _read_text(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        yield {"article_id": path.stem, "text": path.read_bytes().decode("utf-8-sig")}
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 at byte {error.start}", location=path, hint="save it as UTF-8") from None


def _read_jsonl(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                if line.strip():
                    yield msgspec.json.decode(line, type=dict[str, Any])
            except DECODE_ERRORS as error:
                raise DataError(decode_problem(error), location=f"{path}:{number}", hint="correct the line") from None


def _read_table(path: Path) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            columns = [name for name in pq.read_schema(file).names if name in ("text", *_ID_COLUMNS)]
            yield from pq.read_table(file, columns=columns).to_pylist()
    except pa.ArrowException as error:
        raise DataError(f"not readable as Parquet: {error}", location=path) from None


_READERS: Mapping[str, Callable[[Path], Iterator[Mapping[str, Any]]]] = {
    ".txt": _read_text,
    ".jsonl": _read_jsonl,
    ".parquet": _read_table,
}
"""The reader of a user's texts by the ending of the file's name."""


def candidate_texts(text: str) -> list[str]:
    """Return the forms of a user's text to try: unchanged, with LF line ends, and normalised as `ingest` does."""
    with_lf = text.replace("\r\n", "\n").strip("\n")
    return list(dict.fromkeys((text, with_lf, normalize(text).text.strip())))


class UserText(msgspec.Struct, frozen=True):
    """A user's text of an article, and where the annotations are in it.

    `exact` is whether it is the very text that was annotated; otherwise it was aligned with it, and `offsets` lacks
    the annotations that were not found.
    """

    text: str
    exact: bool
    offsets: SpanOffsets


def realign(row: Row, annotations: Sequence[Row], texts: Sequence[str]) -> UserText | None:
    """Find the annotations of an article in a user's text.

    Parameters
    ----------
    row : dict
        The article's entity row without text.
    annotations : sequence of dict
        The annotation rows of the article.
    texts : sequence of str
        The candidate forms of the user's text; if none is the original text, the last is aligned with it.

    Returns
    -------
    UserText or None
        None if the text is that of another article.
    """
    spans = [span for annotated in (row, *annotations) for span in annotated["spans"]]
    for text in texts:
        if text_digest(text) == row["text_sha256"]:
            return UserText(text, exact=True, offsets={(s["start"], s["end"]): (s["start"], s["end"]) for s in spans})
    anchors = {(span["start"], span["end"]): AnchorFingerprint(**span["anchor"]) for span in spans}
    text = texts[-1]
    result = reanchor(row["windows"], list(anchors.values()), text, row["article_id"])
    if result.shared < _SAME_ARTICLE and not any(result.offsets):
        return None
    offsets = {old: new for old, new in zip(anchors, result.offsets, strict=True) if new is not None}
    return UserText(text, exact=False, offsets=offsets)


def fill_entity(row: Row, user_text: UserText, tokens: Sequence[tuple[int, int]]) -> Row:
    """Return the entity row with the user's text, and without the spans that were not found in it.

    It has `tokens` only if the original row had tokens.
    """
    tokens = tokens if row["token_starts"] else ()
    text = user_text.text
    spans = _fill_spans(row["spans"], user_text)
    return _without(row, "windows") | {
        "title": text.split("\n", 1)[0],
        "text": text,
        "text_sha256": text_digest(text),
        "tokens": [text[start:end] for start, end in tokens],
        "token_starts": [start for start, _ in tokens],
        "token_ends": [end for _, end in tokens],
        "ner_tags": bio_tags(tokens, [SpanLabel(**_without(span, "votes")) for span in spans]),
        "sentences": sentence_rows(text, row["language"], tokens),
        "spans": spans,
    }


def fill_stance(row: Row, user_text: UserText) -> Row | None:
    """Return the stance or candidate with the user's text; None if its holder or its target was not found in it."""
    filled = row | {"text": user_text.text}
    for end in ("holder", "target"):
        if row[f"{end}_start"] is None:
            continue
        offsets = user_text.offsets.get((row[f"{end}_start"], row[f"{end}_end"]))
        if offsets is None:
            return None
        filled |= {f"{end}_start": offsets[0], f"{end}_end": offsets[1], end: user_text.text[slice(*offsets)]}
    return filled


def fill_entity_candidate(row: Row, user_text: UserText) -> Row | None:
    """Return the candidate with its surface; None if it was not found in the user's text.

    An answer whose own offsets were not found keeps its label.
    """
    offsets = user_text.offsets.get((row["start"], row["end"]))
    if offsets is None:
        return None
    answers = []
    for answer in row["answers"]:
        start, end = user_text.offsets.get((answer["start"], answer["end"]), (None, None))
        answers.append(answer | {"start": start, "end": end})
    surface = user_text.text[slice(*offsets)]
    return row | {"start": offsets[0], "end": offsets[1], "surface": surface, "answers": answers}


def fill_annotation(row: Row, user_text: UserText) -> Row:
    """Return the annotation row with surfaces, without spans that were not found and without their stances."""
    spans = _fill_spans(row["spans"], user_text)
    surfaces: dict[str | None, Any] = {span["id"]: span["text"] for span in spans}
    stances = [
        stance | {"target_name": surfaces.get(stance["target"], stance["target_name"])}
        for stance in row["stances"]
        if all(stance[end] is None or stance[end] in surfaces for end in ("holder", "target"))
    ]
    return row | {"text_sha256": text_digest(user_text.text), "spans": spans, "stances": stances}


def _fill_spans(spans: Sequence[Row], user_text: UserText) -> list[Row]:
    filled = []
    for span in spans:
        offsets = user_text.offsets.get((span["start"], span["end"]))
        if offsets is not None:
            surface = {"start": offsets[0], "end": offsets[1], "text": user_text.text[slice(*offsets)]}
            filled.append(_without(span, "anchor") | surface)
    return filled
