"""An expert's reasons for decisions, read from the comments of the expert's layer.

A line of a comment that gives a reason is `REFERENCE: reason`. A reference is

- `T4` or `R2`: an id in the expert's own layer;
- `[120, 126)`: a mention by its offsets, also one that the expert left out;
- `[120, 126) to [10, 16)` or `the article to [10, 16)`: a stance by its ends;
- `the article to 'Ada Lind'`: the article's stance towards a named target.

In the expert's project on Doccano a reference may also be `D3`, the number of a dispute; `resolve_dispute_ids` replaces
it on download. Other lines are remarks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from goldwire.alignment.mentions import AlignedMention, StancePair
from goldwire.records import AnnotationLayer, StanceLabel

__all__ = [
    "ARTICLE_VOICE",
    "mention_references",
    "offsets_reference",
    "pair_references",
    "parse_reasons",
    "reasons_for",
    "resolve_dispute_ids",
    "target_reference",
]

ARTICLE_VOICE = "the article"

_OFFSETS = r"\[\s*\d+\s*,\s*\d+\s*\)"
_NAME = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""  # as `repr` writes it
_STANCE = rf"(?:{_OFFSETS}|{ARTICLE_VOICE})\s+to\s+{_OFFSETS}|{ARTICLE_VOICE}\s+to\s+(?:{_NAME})"
_REASON = re.compile(rf"\s*(?P<reference>[TR]\d+|{_STANCE}|{_OFFSETS})\s*:\s*(?P<reason>\S.*?)\s*")
_DISPUTE_ID = re.compile(r"(?P<id>D\d+)(?=\s*:)")


def parse_reasons(comments: Iterable[str]) -> dict[str, str]:
    """Return the reasons in comments by their reference, as the functions below write it; several are joined by `; `.

    Examples
    --------
    >>> parse_reasons(["T1: a body, not a person", "[12,19): only a byline", "good work"])
    {'T1': 'a body, not a person', '[12, 19)': 'only a byline'}
    """
    reasons: dict[str, list[str]] = {}
    for line in (line for comment in comments for line in comment.splitlines()):
        match = _REASON.fullmatch(line)
        if match is not None:
            reference = re.sub(_OFFSETS, _normalized_offsets, match["reference"])
            reasons.setdefault(" ".join(reference.split()), []).append(match["reason"])
    return {reference: "; ".join(texts) for reference, texts in reasons.items()}


def _normalized_offsets(match: re.Match[str]) -> str:
    start, end = re.findall(r"\d+", match[0])
    return offsets_reference(int(start), int(end))


def resolve_dispute_ids(comment: str, references: Mapping[str, str]) -> str:
    """Replace the numbers of disputes (`D3: reason`) by references that stay valid when the disputes change."""
    return _DISPUTE_ID.sub(lambda match: references.get(match["id"], match["id"]), comment)


def reasons_for(references: Iterable[str], reasons: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """Return those of an item's references that have a reason, and their reasons joined by `; `."""
    used = tuple(reference for reference in dict.fromkeys(references) if reference in reasons)
    return used, "; ".join(dict.fromkeys(reasons[reference] for reference in used))


def mention_references(mention: AlignedMention, expert: str | None) -> Iterator[str]:
    """Yield all references to a mention: the expert's id of it, and all offsets at which it was marked."""
    if expert in mention.spans:
        yield mention.spans[expert].id
    yield from _all_offsets(mention)


def pair_references(pair: StancePair, expert_layer: AnnotationLayer | None) -> Iterator[str]:
    """Yield all references to a pair: the id of the expert's own stance, and the offsets of its two ends."""
    for stance in expert_layer.stances if expert_layer is not None else ():
        if expert_layer is not None and _joins(stance, pair, expert_layer.annotator):
            yield stance.id
    if pair.target_name is not None:
        yield target_reference(pair.target_name)
    if pair.target is not None:
        for target in _all_offsets(pair.target):
            for holder in (ARTICLE_VOICE,) if pair.holder is None else _all_offsets(pair.holder):
                yield f"{holder} to {target}"


def target_reference(target_name: str) -> str:
    """Return the reference to the article's stance towards a named target."""
    return " ".join(f"{ARTICLE_VOICE} to {target_name!r}".split())


def offsets_reference(start: int, end: int) -> str:
    """Return the reference to a mention at these offsets."""
    return f"[{start}, {end})"


def _joins(stance: StanceLabel, pair: StancePair, annotator: str) -> bool:
    """Whether an annotator's stance joins the holder and the target of the pair."""
    ends = ((stance.holder, pair.holder), (stance.target, pair.target))
    return stance.target_name == pair.target_name and all(
        (span_id is None and mention is None)
        or (mention is not None and annotator in mention.spans and mention.spans[annotator].id == span_id)
        for span_id, mention in ends
    )


def _all_offsets(mention: AlignedMention) -> Sequence[str]:
    return list(dict.fromkeys(offsets_reference(span.start, span.end) for span in mention.spans.values()))
