"""Values that a row of a release has twice: surfaces beside offsets, names beside numbers, shares. Pure."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import isclose
from typing import Any

from goldwire.quantities import quantity
from goldwire.records import SpanLabel
from goldwire.text.bio_tags import bio_tags

__all__ = ["about_article", "names_in", "row_problems"]

_ARTICLE_COLUMNS = ("article_id", "source", "published", "text_sha256", "since_version")
_TOLERANCE = 1e-6
_Row = Mapping[str, Any]


def row_problems(rows: Iterable[_Row], texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the id of each row that contradicts itself, and what is wrong; `texts` has those of rows without text."""
    for row in rows:
        article = str(row.get("article_id"))
        item = str(row.get("id") or article)
        text = row["text"] if "text" in row else texts.get(article)
        try:
            problems = [*_texts(row), *_tokens(row), *_surfaces(row, text), *_shares(row), *_names(row)]
            if "id" in row and not item.startswith(f"{article}:"):
                problems.append(f"is a row of the article {article}")
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # columns of another type
            problems = ["its columns have other types than those of a release"]
        yield from ((item, problem) for problem in problems)


def names_in(rows: Iterable[_Row]) -> frozenset[tuple[str, int, str]]:
    """Return kind, number and name of the labels in rows without problems."""
    return frozenset(
        (kind, number, name) for row in rows for kind, number, name in _label_names(row) if number is not None and name
    )


def about_article(row: _Row) -> dict[str, Any]:
    """Return the columns of a row that say which article it is about; the digest of its text if it has only that."""
    about = {name: row[name] for name in _ARTICLE_COLUMNS if name in row}
    if "text_sha256" not in row and isinstance(row.get("text"), str):
        about["text_sha256"] = hashlib.sha256(row["text"].encode("utf-8", "surrogatepass")).hexdigest()
    if "inclusion_probability" in row:
        # Stances towards named targets are asked for in another batch, which drew its articles for itself.
        is_named_target = "target" in row and row.get("target_start") is None
        name = "inclusion_probability of named targets" if is_named_target else "inclusion_probability"
        about[name] = row["inclusion_probability"]
    return about


def _texts(row: _Row) -> Iterator[str]:
    text, digest, title = row.get("text"), row.get("text_sha256"), row.get("title")
    if text and digest and hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != digest:
        yield f"the text has another SHA-256 than {digest[:12]}..."
    if text and title and not text.startswith(title):
        yield f"the text does not begin with the title {title[:40]!r}"


def _tokens(row: _Row) -> Iterator[str]:
    starts, ends = row.get("token_starts") or [], row.get("token_ends") or []
    text, tokens = row.get("text"), row.get("tokens") or []
    columns = [column for column in (starts, ends, tokens, row.get("ner_tags"), row.get("ner_tag_names")) if column]
    if len({len(column) for column in columns}) > 1:
        yield "the columns of tokens differ in length"
        return
    if text and tokens:
        wrong = next((n for n, (s, e) in enumerate(zip(starts, ends, strict=True)) if text[s:e] != tokens[n]), None)
        if wrong is not None:
            yield f"token {wrong} is {tokens[wrong]!r}, the text has {text[starts[wrong] : ends[wrong]]!r}"
    for number, sentence in enumerate(row.get("sentences") or []):
        ranges = [bisect_left(starts, sentence[name]) for name in ("start", "end")]
        if starts and ranges != [sentence["token_start"], sentence["token_end"]]:
            yield f"sentence {number} has the tokens {ranges[0]} to {ranges[1]} by its offsets"
    if starts and row.get("ner_tag_names"):
        yield from _tags(row, list(zip(starts, ends, strict=True)))


def _tags(row: _Row, tokens: list[tuple[int, int]]) -> Iterator[str]:
    spans = [
        SpanLabel(id=span["id"], start=span["start"], end=span["end"], label=span["label_name"], text="")
        for span in row["spans"]
    ]
    expected = bio_tags(tokens, spans)
    wrong = next((n for n, tag in enumerate(row["ner_tag_names"]) if tag != expected[n]), None)
    if wrong is not None:
        yield f"token {wrong} has the tag {row['ner_tag_names'][wrong]}, the spans give {expected[wrong]}"


def _surfaces(row: _Row, text: str | None) -> Iterator[str]:
    if not text:
        return
    ends = [("surface", row["surface"], row["start"], row["end"])] if "surface" in row else []
    ends += [(name, row.get(name), row.get(f"{name}_start"), row.get(f"{name}_end")) for name in ("holder", "target")]
    ends += [(span["id"], span.get("text"), span["start"], span["end"]) for span in row.get("spans") or []]
    for name, surface, start, end in ends:
        if start is not None and text[start:end] != surface:
            yield f"{name} is {surface!r}, the text has {text[start:end]!r}"


def _shares(row: _Row) -> Iterator[str]:
    shares = row.get("stance_shares", row.get("label_shares"))
    none, n, answers = row.get("none_share"), row.get("n_annotators"), row.get("answers")
    if shares is not None and none is not None and not isclose(sum(shares) + none, 1, abs_tol=_TOLERANCE):
        yield f"the shares have the sum {sum(shares) + none:.4f}"
    if answers is None:
        return
    # An annotator with two answers, such as two labels of one mention, counts half for each.
    n_answers = Counter(answer["annotator"] for answer in answers)
    if n != len(n_answers):
        yield f"n_annotators is {n}, {quantity(len(n_answers), 'annotator')} answered"
    elif shares is not None and n:
        counted = [
            sum(1 / n_answers[answer["annotator"]] for answer in answers if answer["label"] == number) / n
            for number in range(len(shares))
        ]
        if any(not isclose(a, b, abs_tol=_TOLERANCE) for a, b in zip(counted, shares, strict=True)):
            yield "the shares are not those of the answers"
    if row.get("in_gold") != (row.get("gold_label") is not None):
        yield "in_gold contradicts gold_label"


def _names(row: _Row) -> Iterator[str]:
    for kind, number, name in _label_names(row):
        if (number is None) != (name is None):
            yield f"the {kind} {number} has the name {name}"


def _label_names(row: _Row) -> Iterator[tuple[str, int | None, str | None]]:
    """Yield the kind, the number and the name of each label of a row that has both."""
    stance = "stance" if "holder" in row else "label"
    pairs: list[tuple[str, Any, Any]] = []
    if "label_name" in row:
        pairs.append((stance, row.get("label"), row["label_name"]))
    if "gold_label_name" in row:
        pairs.append((stance, row.get("gold_label"), row["gold_label_name"]))
    for column, kind in (("spans", "label"), ("answers", stance), ("stances", "stance")):
        pairs += [(kind, each["label"], each["label_name"]) for each in row.get(column) or [] if "label_name" in each]
    pairs += [("tag", *pair) for pair in zip(row.get("ner_tags") or [], row.get("ner_tag_names") or [], strict=False)]
    yield from pairs
