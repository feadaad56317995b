"""The same sentence in the gold of several articles: how far its labels agree, and where they do not."""

from __future__ import annotations

from goldwire.adjudication.sister_sentences import measure_sisters, sister_differences
from goldwire.records import AnnotationLayer, Article
from support.factories import article, layer

SENTENCE = "Ada Ito told the harbour council on Monday that she would back Bo Lund."
ADA, BO = (0, 7), (63, 70)


def copy(number: int, *spans: tuple[int, int, str], opening: str = "") -> tuple[Article, list[tuple[int, int, str]]]:
    text = f"Story {number}\n\n{opening}{SENTENCE}"
    start = text.index(SENTENCE)
    of = article(text, id=f"wire-{number:012d}")
    return of, [(start + begin, start + end, label) for begin, end, label in spans]


def found(*gold: AnnotationLayer, articles: list[Article]) -> list[tuple[str, str, str]]:
    by_id = {each.id: each for each in articles}
    return [(d.lacking.article.id[-1], d.text, d.label) for d in sister_differences(by_id, gold)]


def test_equal_labels_are_not_a_difference() -> None:
    both = [copy(number, (*ADA, "PER"), (*BO, "PER")) for number in (1, 2)]
    gold = [layer(of, spans, [(0, 1, "supports")]) for of, spans in both]
    assert found(*gold, articles=[of for of, _ in both]) == []
    measured = measure_sisters({of.id: of for of, _ in both}, gold)
    assert (measured.pairs, measured.equal_spans, measured.spans) == (1, 2, 2)
    assert (measured.equal_stances, measured.stances) == (1, 1)


def test_a_span_and_a_stance_that_one_article_lacks() -> None:
    (one, spans), (two, fewer) = copy(1, (*ADA, "PER"), (*BO, "PER")), copy(2, (*ADA, "PER"))
    gold = [layer(one, spans, [(0, 1, "supports")]), layer(two, fewer)]
    assert found(*gold, articles=[one, two]) == [("2", "Bo Lund", "PER"), ("2", "Ada Ito", "supports")]
    measured = measure_sisters({one.id: one, two.id: two}, gold)
    assert (measured.equal_spans, measured.spans, measured.equal_stances, measured.stances) == (1, 2, 0, 1)


def test_two_labels_of_a_mention_are_one_difference_where_the_rarer_one_is() -> None:
    copies = [copy(n, (*BO, label)) for n, label in ((1, "ORG"), (2, "PER"), (3, "PER"))]
    gold = [layer(of, spans) for of, spans in copies]
    assert found(*gold, articles=[of for of, _ in copies]) == [("1", "Bo Lund", "PER")]


def test_a_stance_drawn_from_another_sentence_is_not_a_difference() -> None:
    opening = "Ito has always been on the side of Bo Lund. "
    (one, spans), (two, others) = (
        copy(1, (*ADA, "PER"), (*BO, "PER")),
        copy(2, (*ADA, "PER"), (*BO, "PER"), opening=opening),
    )
    first = two.text.index("Ito"), two.text.index("Ito") + 3, "PER"
    gold = [layer(one, spans, [(0, 1, "supports")]), layer(two, [first, *others], [(0, 2, "supports")])]
    assert found(*gold, articles=[one, two]) == []


def test_a_sentence_that_one_article_repeats_is_not_compared_with_itself() -> None:
    of = article(f"Story\n\n{SENTENCE} {SENTENCE}")
    assert found(layer(of, [(7, 14, "PER")]), articles=[of]) == []
    assert measure_sisters({of.id: of}, [layer(of)]).pairs == 0
