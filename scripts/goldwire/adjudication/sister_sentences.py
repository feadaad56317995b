"""Sister sentences: the same sentence in the gold of several articles, as copies of wire stories have it.

Nobody plans them, and they cost nothing: where their labels differ, one of the articles is most often wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import msgspec

from goldwire.alignment.entity_names import fullest_names
from goldwire.records import AnnotationLayer, Article
from goldwire.text.sentences import sentences

__all__ = ["SisterAgreement", "SisterDifference", "SisterSentence", "measure_sisters", "sister_differences"]

MIN_LENGTH = 50
"""Characters: shorter sentences, such as `He declined to comment.`, recur without being copies."""

SpanKey = tuple[int, int, str]
StanceKey = tuple[int, int, str]


class SisterSentence(msgspec.Struct, frozen=True):
    """One occurrence of a sentence: its offsets in an article, and the gold of that article."""

    article: Article
    gold: AnnotationLayer
    start: int
    end: int

    @property
    def spans(self) -> dict[SpanKey, str]:
        """The id of each span in the sentence by its offsets in it and its label."""
        return {
            (span.start - self.start, span.end - self.start, span.label): span.id
            for span in self.gold.spans
            if self.start <= span.start and span.end <= self.end
        }

    @property
    def stances(self) -> dict[StanceKey, str]:
        """The id of a stance of each holder in the sentence, by the holder's offsets in it and the stance."""
        inside = {id: key for key, id in self.spans.items()}
        held = [stance for stance in self.gold.stances if stance.holder in inside]
        return {(*inside[stance.holder or ""][:2], stance.stance): stance.id for stance in reversed(held)}

    def has_stance_elsewhere(self, holder: str, stance: str) -> bool:
        """Whether the article has the stance of the same holder, drawn from any sentence."""
        names = {span.id: span.text for span in self.gold.spans}
        full = fullest_names({*names.values(), holder})
        return any(
            drawn.stance == stance and drawn.holder in names and full[names[drawn.holder]] == full[holder]
            for drawn in self.gold.stances
        )


class SisterAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement over all pairs of sister sentences: shared labels out of all labels of the pair.

    A stance counts where its holder is in the sentence, by holder and stance: its target may be named before.
    """

    sentences: int
    pairs: int
    equal_spans: int
    spans: int
    equal_stances: int
    stances: int


class SisterDifference(msgspec.Struct, frozen=True):
    """A label that one occurrence of a sentence has and another lacks.

    `lacking` is the occurrence without it and `having` one with it, in which it has the id `gold_id`. `text` is the
    marked text or the holder, at `start` to `end` of the sentence; `stance` is None for a span.
    """

    lacking: SisterSentence
    having: SisterSentence
    gold_id: str
    text: str
    start: int
    end: int
    label: str
    stance: str | None = None


def _sisters(articles: Mapping[str, Article], gold: Iterable[AnnotationLayer]) -> Iterator[tuple[SisterSentence, ...]]:
    """Yield the occurrences of each sentence that two or more articles have, in the order of the layers."""
    occurrences: dict[str, list[SisterSentence]] = defaultdict(list)
    for layer in gold:
        article = articles[layer.article_id]
        for start, end in sentences(article.text, article.language):
            if end - start > MIN_LENGTH:
                occurrences[article.text[start:end]].append(SisterSentence(article, layer, start, end))
    for sisters in occurrences.values():
        if len({sister.article.id for sister in sisters}) > 1:
            yield tuple(sisters)


def measure_sisters(articles: Mapping[str, Article], gold: Iterable[AnnotationLayer]) -> SisterAgreement:
    """Return how far the gold of sister sentences agrees.

    Parameters
    ----------
    articles : mapping of str to Article
    gold : iterable of AnnotationLayer
        Gold layers of entities, at most one per article.

    Examples
    --------
    >>> measure_sisters({}, [])
    SisterAgreement(sentences=0, pairs=0, equal_spans=0, spans=0, equal_stances=0, stances=0)
    """
    counts: Counter[str] = Counter()
    for sisters in _sisters(articles, gold):
        counts["sentences"] += 1
        for left, right in combinations(sisters, 2):
            if left.article.id == right.article.id:
                continue
            counts["pairs"] += 1
            for name, a, b in (
                ("spans", {*left.spans}, {*right.spans}),
                ("stances", {*left.stances}, {*right.stances}),
            ):
                counts[name] += len(a | b)
                counts[f"equal_{name}"] += len(a & b)
    return SisterAgreement(**{name: counts[name] for name in SisterAgreement.__struct_fields__})


def sister_differences(articles: Mapping[str, Article], gold: Iterable[AnnotationLayer]) -> Iterator[SisterDifference]:
    """Yield the labels that one occurrence of a sentence has and another lacks.

    Two labels or boundaries for one mention are one difference, where the rarer one is. A stance that the other article
    draws from another sentence is not a difference: guidelines may ask for one relation per holder and target, drawn
    from the first sentence that shows it, and a shortened copy begins elsewhere.
    """
    for sisters in _sisters(articles, gold):
        yield from _span_differences(sisters)
        yield from _stance_differences(sisters)


def _span_differences(sisters: tuple[SisterSentence, ...]) -> Iterator[SisterDifference]:
    holding: dict[SpanKey, tuple[SisterSentence, str]] = {}
    for sister in sisters:
        for key, id in sister.spans.items():
            holding.setdefault(key, (sister, id))
    counts = Counter(key for sister in sisters for key in sister.spans)
    # Of two equally frequent ones the later one is reported.
    rank = {key: (-counts[key], number) for number, key in enumerate(holding)}
    for sister in sisters:
        own = sister.spans
        for key, (having, id) in sorted(holding.items(), key=lambda item: item[0]):
            rivals = [other for other in own if other[0] < key[1] and key[0] < other[1]]
            is_missing = key not in own and having.article.id != sister.article.id
            if is_missing and all(rank[key] < rank[rival] for rival in rivals):
                text = sister.article.text[sister.start + key[0] : sister.start + key[1]]
                yield SisterDifference(sister, having, id, text, *key)


def _stance_differences(sisters: tuple[SisterSentence, ...]) -> Iterator[SisterDifference]:
    holding: dict[StanceKey, tuple[SisterSentence, str]] = {}
    for sister in sisters:
        for key, id in sister.stances.items():
            holding.setdefault(key, (sister, id))
    for sister in sisters:
        own = sister.stances
        for (start, end, stance), (having, id) in sorted(holding.items(), key=lambda item: item[0]):
            text = sister.article.text[sister.start + start : sister.start + end]
            is_marked = any((start, end) == key[:2] for key in sister.spans)  # else the span is the difference
            is_missing = (start, end, stance) not in own and having.article.id != sister.article.id
            if is_marked and is_missing and not sister.has_stance_elsewhere(text, stance):
                yield SisterDifference(sister, having, id, text, start, end, stance, stance)
