"""The roles of a dataset's columns: as given, or guessed from names that published datasets use and from values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from goldwire.audit.span_formats import holds_spans, holds_texts, holds_tokens, mean_words
from goldwire.audit.table import Columns
from goldwire.errors import ConfigError
from goldwire.text.field_names import plain_name

if TYPE_CHECKING:
    import polars as pl

__all__ = ["guess_columns"]

# Names in published datasets, in order of preference, as `plain_name` writes them.
_GUESSES: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "sentence", "content", "body", "document", "article", "full_text", "article_text", "tweet"),
        *("tweet_text", "post", "comment", "comment_text", "headline", "review", "passage", "context", "utterance"),
        *("claim", "statement", "premise", "sentence1", "sentence_1", "text_a", "text1", "question", "tokens", "words"),
        *("token", "paragraphs", "sentences", "sents", "body_paragraphs", "article_body", "news_text", "clean_text"),
        *("raw_text", "plain_text", "gold_text", "selftext", "title", "abstract", "caption"),
    ),
    "label": (
        *("label", "labels", "gold_label", "gold", "stance", "polarity", "sentiment", "class", "category"),
        *("classification", "verdict", "bias", "target_label", "y"),
    ),
    "spans": ("spans", "entities", "mentions", "ents", "annotations", "labels", "label", "answers"),
    "tags": ("ner_tags", "tags", "ner", "bio_tags", "labels", "label"),
    "start": ("start", "start_offset", "begin", "from", "span_start", "start_char"),
    "end": ("end", "end_offset", "to", "span_end", "end_char"),
    "surface": ("surface", "mention", "target", "span_text", "entity", "span", "text", "phrase", "quote"),
    "group": (
        *("group", "group_id", "article_id", "articleid", "doc_id", "docid", "document_id", "documentid"),
        *("document_index", "story_id", "news_id", "thread_id", "conversation_id", "dialogue_id", "dialog_id"),
        *("article", "document", "doc", "file", "filename", "file_name", "url", "link", "title"),
    ),
    "id": (
        *("id", "item_id", "uid", "uuid", "guid", "row_id", "example_id", "pairid", "pair_id", "tweet_id", "post_id"),
        *("comment_id", "sentence_id", "sent_id", "news_id", "article_id", "doc_id", "idx", "index", "_id"),
    ),
}
# Columns of the question about the text: rows with the same text are equal only if these are equal too.
_QUESTION_COLUMNS = frozenset(
    (
        *("target", "target_start", "target_end", "holder", "holder_start", "holder_end", "aspect", "topic", "entity"),
        *("claim", "question", "premise", "hypothesis", "sentence2", "sentence_2", "text_b", "text2", "context"),
        *("start", "end", "from", "to", "mention", "span", "aspect_term", "stance_target", "query", "evidence"),
        *("answer", "answers", "response", "reply", "parent", "attribute", "emotion", "event", "relation"),
        *("annotator", "annotator_id", "worker", "worker_id", "workerid", "rater", "rater_id", "coder", "user_id"),
    )
)
_MIN_WORDS = 3.0  # of a sentence, on average: names and titles have fewer
_MAX_MISSING = 0.3  # of all texts: a remark is missing more often
_MIN_RATIO = 3.0  # a column with that many times the words has the texts, whatever the names say
_MIN_SHARED = 0.2  # of the rows have the text of another: the data set has several rows per text
_MIN_DISTINCT = 0.8  # values per row of a text
_MAX_UNIQUE = 0.5  # values per row: a column with more numbers the rows, or has the time
_MAX_CLASSES = 100  # of a label that is guessed from its values alone
_MIN_EQUAL_LENGTHS = 0.8
_MIN_LETTERS = 0.5  # of the characters of a text
_SNIFFED_VALUES = 50
_NO_OFFSETS = {"start": None, "end": None, "surface": None}


def guess_columns(sample: pl.DataFrame, given: Columns, location: object) -> Columns:
    """Return the columns by role: those of `given`, or else guessed from names if the values fit the role."""
    import polars as pl

    _raise_for_unknown(sample, given, location)
    is_tags = given.spans is not None and isinstance(sample[given.spans].dtype, pl.List)
    if is_tags and _fits("tags", sample[given.spans or ""]):
        given = msgspec.structs.replace(given, tags=given.spans, spans=None)
    names_by_role = _names_by_role(sample, given)
    has_offsets = names_by_role["start"] is not None and names_by_role["end"] is not None
    if not has_offsets or (names_by_role["spans"] is not None and given.start is None):
        names_by_role |= _NO_OFFSETS
    if names_by_role["spans"] is not None and not _fits("spans", sample[names_by_role["spans"]]):
        hint = "a span has a start and an end, in code points of the text"
        raise ConfigError(
            f"column {names_by_role['spans']!r} does not hold lists of spans", location=location, hint=hint
        )
    if given.text is None and _is_surface(names_by_role, sample):
        names_by_role["text"] = None
    if not _has_tags(sample, names_by_role["text"], names_by_role["tags"]):
        names_by_role["tags"] = None
    return Columns(**names_by_role, about=_about(sample, names_by_role), split=given.split)


def _has_tags(sample: pl.DataFrame, text: str | None, tags: str | None) -> bool:
    """Whether a column has the tags of the words in another: most lists are of equal length."""
    if text is None or tags is None or not holds_tokens(sample[text]):
        return False
    equal = (sample[text].list.len() == sample[tags].list.len()).mean()
    return isinstance(equal, float) and equal >= 0.5


def _raise_for_unknown(sample: pl.DataFrame, given: Columns, location: object) -> None:
    for role, name in msgspec.structs.asdict(given).items():
        if isinstance(name, str) and name not in sample.columns:
            columns = ", ".join(column for column in sample.columns if column not in ("row", "file"))
            raise ConfigError(f"no column {name!r} for {role}", location=location, hint=f"columns: {columns}")


def _names_by_role(sample: pl.DataFrame, given: Columns) -> dict[str, str | None]:
    by_name = {plain_name(name): name for name in reversed(sample.columns)}
    found: dict[str, str | None] = {"text": given.text or _text(sample, by_name)}
    for role, guesses in _GUESSES.items():
        if role == "text":
            continue
        used = {name for other, name in found.items() if other in ("text", "label", "start", "end")}
        guessed = [by_name[guess] for guess in guesses if guess in by_name]
        fits = (name for name in guessed if name not in used and _fits(role, sample[name]))
        found[role] = getattr(given, role) or next(fits, None)
        if role == "label" and found[role] is None:
            found[role] = _unnamed_label(sample, {*used, found["text"]})
    return found


def _text(sample: pl.DataFrame, by_name: Mapping[str, str]) -> str | None:
    """Return the column of texts: the best-named one, unless another has many more words than a name or a title."""
    words = {
        name: count
        for name in sample.columns
        if name not in ("row", "file")
        and sample[name].null_count() <= _MAX_MISSING * sample.height
        and (count := mean_words(sample[name])) is not None
        and not _are_codes(sample[name])
    }
    named = [by_name[guess] for guess in _GUESSES["text"] if by_name.get(guess) in words]
    fitting = {role: _column_of(sample, by_name, role) for role in ("tags", "spans", "start")}
    tags = fitting["tags"] if fitting["spans"] is None and fitting["start"] is None else None
    if (tagged := next((name for name in named if name != tags and _has_tags(sample, name, tags)), None)) is not None:
        return tagged
    longest = max(words, key=words.__getitem__, default=None)
    # `text` may be a column of names beside `sentence`.
    best = next((name for name in named if words[name] >= _MIN_WORDS), named[0] if named else None)
    if best is not None and (words[best] >= _MIN_WORDS or longest is None):
        return best
    if (
        longest is not None
        and words[longest] >= _MIN_WORDS
        and (best is None or words[longest] > _MIN_RATIO * words[best])
    ):
        return longest
    return best


def _are_codes(values: pl.Series) -> bool:
    """Whether values are dates, numbers or lists of ids: most of their characters are not letters."""
    import polars as pl

    if values.dtype != pl.String:
        return False
    present = values.drop_nulls().head(_SNIFFED_VALUES)
    n_characters = int(present.str.count_matches(r"\S").sum())
    return n_characters > 0 and int(present.str.count_matches(r"[\p{L}\p{M}]").sum()) < _MIN_LETTERS * n_characters


def _column_of(sample: pl.DataFrame, by_name: Mapping[str, str], role: str) -> str | None:
    """Return the first column whose name and values fit a role."""
    guessed = (by_name[guess] for guess in _GUESSES[role] if guess in by_name)
    return next((name for name in guessed if _fits(role, sample[name])), None)


def _unnamed_label(sample: pl.DataFrame, used: set[str | None]) -> str | None:
    """Return the label of a table without a header: the only other column, or the first one of few values."""
    names = [name for name in sample.columns if name.startswith("column_") and name not in used]
    names = [name for name in names if _fits("label", sample[name]) and not sample[name].null_count()]
    few = (name for name in names if 1 < sample[name].n_unique() <= min(_MAX_CLASSES, max(2, sample.height / 4)))
    return names[0] if len(names) == 1 else next(few, None)


def _about(sample: pl.DataFrame, found: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the columns of the question about the text: by name, and those that tell many rows of one text apart."""
    used = {found[role] for role in ("text", "label", "spans", "tags", "id")}
    offsets = (found["start"], found["end"], found["surface"])
    named = tuple(
        name
        for name in sample.columns
        if name not in used
        and (plain_name(name) in _QUESTION_COLUMNS or name in offsets)
        and not sample[name].dtype.is_nested()
    )
    text = found["text"]
    if text is None:
        return named
    others = [
        n for n in sample.columns if n not in {*used, *named, "row", "file", found["group"]} and _is_plain(sample[n])
    ]
    return (*named, *_distinguishing_columns(sample, [text, *named], others))


def _is_plain(values: pl.Series) -> bool:
    return not values.dtype.is_nested() and not values.dtype.is_float()


def _distinguishing_columns(sample: pl.DataFrame, key: list[str], others: list[str]) -> tuple[str, ...]:
    """Return the columns, such as one of annotators, whose values differ in nearly all rows with the same text.

    They matter only if many rows share a text: a few are repeated by mistake.
    """
    import polars as pl

    if not others or not sample.height:
        return ()
    groups = sample.group_by(key).agg(pl.len(), *(pl.col(name).n_unique().name.prefix("distinct ") for name in others))
    groups = groups.filter(pl.col("len") > 1)
    n_shared = int(groups["len"].sum())
    if n_shared == 0 or n_shared < _MIN_SHARED * sample.height:
        return ()
    return tuple(
        name
        for name in others
        if int(groups[f"distinct {name}"].sum()) >= _MIN_DISTINCT * n_shared
        and sample[name].n_unique() < _MAX_UNIQUE * sample.height
    )


def _is_surface(found: Mapping[str, str | None], sample: pl.DataFrame) -> bool:
    """Whether the text column only holds the ranges between the offsets: a table of spans without their texts."""
    import polars as pl

    text, start, end = (found[role] for role in ("text", "start", "end"))
    if text is None or start is None or end is None or sample[text].dtype != pl.String:
        return False
    length = sample[end] - sample[start]
    equal = (sample[text].str.len_chars() == length).mean()  # of the others, offsets are wrong
    return isinstance(equal, float) and equal >= _MIN_EQUAL_LENGTHS and bool((sample[start] >= length).any())


def _fits(role: str, values: pl.Series) -> bool:
    import polars as pl

    kind = values.dtype
    if role == "spans":
        # Answers in general are those of annotators, with labels; those of a reading test are in the text.
        return holds_spans(values) and (plain_name(values.name) != "answers" or "answer_start" in str(kind))
    if role == "tags":
        return isinstance(kind, pl.List) and (kind.inner == pl.String or kind.inner.is_integer())
    if role in ("start", "end"):
        return kind.is_integer()
    if role == "text":
        return holds_texts(values)
    if role == "surface":
        return kind == pl.String
    return kind.is_integer() or kind in (pl.String, pl.Boolean) or isinstance(kind, pl.Categorical | pl.Enum)
