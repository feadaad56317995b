"""A release without its text, and the text put back: rows in, rows out.

Without it, rows keep ids, digests, offsets, labels and what finds the annotations again
(`goldwire.release.reanchoring`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from goldwire.records import SpanLabel, text_digest
from goldwire.release.reanchoring import Mark, fingerprint, marks, reanchor
from goldwire.release.rows import Row
from goldwire.text.bio_tags import bio_tags

__all__ = ["Copy", "Places", "fill_annotation", "fill_entity", "fill_stance", "find", "strip"]

Places = Mapping[tuple[int, int], tuple[int, int]]
"""From an annotation's place in the text it was made on to its place in the copy."""
# A copy that has less than a tenth of the article's windows is another article: half an article has half of them.
_SAME_ARTICLE = 0.1


class Copy(msgspec.Struct, frozen=True):
    """A researcher's copy of an article: exactly its text, or one that was aligned, and where annotations are in it."""

    text: str
    exact: bool
    places: Places


def strip(config: str, row: Row, text: str) -> Row:
    """The row of a config without the text of its article."""
    if config == "stance":
        named = row["target_start"] is None  # by a name that was asked about, which is not of the text
        return {**_without(row, "text"), "holder": None, "target": row["target"] if named else None}
    made = _without(row, "title", "text", "tokens") | {"spans": _strip_spans(row["spans"], text, row["article_id"])}
    if config == "entities":
        return made | {"windows": fingerprint(text, row["article_id"])}
    return made | {"stances": [one | {"target_name": None} if one["target"] else one for one in row["stances"]]}


def _strip_spans(spans: Sequence[Row], text: str, salt: str) -> list[Row]:
    made = marks(text, [(span["start"], span["end"]) for span in spans], salt)
    return [_without(span, "text") | msgspec.structs.asdict(mark) for span, mark in zip(spans, made, strict=True)]


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def find(row: Row, others: Sequence[Row], texts: Sequence[str]) -> Copy | None:
    """Find an article's annotations in a copy, given as the `texts` it may be read as; None if it is another article.

    `row` is its entity row without text, `others` are its annotation rows.
    """
    spans = [span for one in (row, *others) for span in one["spans"]]
    for text in texts:
        if text_digest(text) == row["text_sha256"]:
            return Copy(text, exact=True, places={(s["start"], s["end"]): (s["start"], s["end"]) for s in spans})
    wanted = {(span["start"], span["end"]): _mark(span) for span in spans}
    text = texts[-1]
    found = reanchor(row["windows"], list(wanted.values()), text, row["article_id"])
    if found.shared < _SAME_ARTICLE and not any(found.places):
        return None
    places = {old: new for old, new in zip(wanted, found.places, strict=True) if new is not None}
    return Copy(text, exact=False, places=places)


def _mark(span: Row) -> Mark:
    return Mark(**{name: span[name] for name in Mark.__struct_fields__})


def fill_entity(row: Row, copy: Copy, tokens: Sequence[tuple[int, int]]) -> Row:
    """The entity row with the copy's text; its spans are those that were found. It has tokens where it had some."""
    tokens = tokens if row["token_starts"] else ()
    spans = _fill_spans(row["spans"], copy)
    marked = [SpanLabel(**_without(span, "votes")) for span in spans]
    return _without(row, "windows") | {
        "title": copy.text.split("\n", 1)[0],
        "text": copy.text,
        "text_sha256": text_digest(copy.text),
        "tokens": [copy.text[start:end] for start, end in tokens],
        "token_starts": [start for start, _ in tokens],
        "token_ends": [end for _, end in tokens],
        "ner_tags": bio_tags(tokens, marked),
        "spans": spans,
    }


def fill_stance(row: Row, copy: Copy) -> Row | None:
    """The stance row with the copy's text; None where its holder or its target was not found."""
    made = row | {"text": copy.text}
    for end in ("holder", "target"):
        if row[f"{end}_start"] is None:
            continue
        place = copy.places.get((row[f"{end}_start"], row[f"{end}_end"]))
        if place is None:
            return None
        made |= {f"{end}_start": place[0], f"{end}_end": place[1], end: copy.text[slice(*place)]}
    return made


def fill_annotation(row: Row, copy: Copy) -> Row:
    """The annotation row with its surfaces; without the spans that were not found and the stances that hang on them."""
    spans = _fill_spans(row["spans"], copy)
    surfaces: dict[str | None, Any] = {span["id"]: span["text"] for span in spans}
    stances = [
        one | {"target_name": surfaces.get(one["target"], one["target_name"])}
        for one in row["stances"]
        if all(one[end] is None or one[end] in surfaces for end in ("holder", "target"))
    ]
    return row | {"text_sha256": text_digest(copy.text), "spans": spans, "stances": stances}


def _fill_spans(spans: Sequence[Row], copy: Copy) -> list[Row]:
    filled = []
    for span in spans:
        place = copy.places.get((span["start"], span["end"]))
        if place is not None:
            moved = {"start": place[0], "end": place[1], "text": copy.text[slice(*place)]}
            filled.append(_without(span, *Mark.__struct_fields__) | moved)
    return filled
