"""Random documents with labels of several annotators, in many scripts; the texts are invented lists of words."""

from __future__ import annotations

import random
from collections.abc import Iterator

from goldwire.formats.document import Document, Labels, Relation, Span, tokens_of

__all__ = ["random_documents"]

_WORDS = (
    "harbour vote committee said Ada Ito of the in 12 “quoted” don’t Port-Amara e.g. U.N. café naïve",
    "مجلس المدينة صوت على الخطة اليوم",
    "市议会昨天投票通过了新的港口计划",
    "नगर परिषद ने योजना को मंजूरी दी",
    "сегодня совет города проголосовал за план",
    "שלום המועצה הצביעה היום",
    "สภาเมืองลงมติเมื่อวานนี้",
    "👩‍👩‍👧 😀 🇩🇪 👍🏽 𝔘𝔫𝔦",
    "Ġħaqda Ελλάδα İstanbul ß e\u0301tude",
)
_UNUSUAL = (
    *[
        "#",
        "#tag",
        "_",
        "|",
        "a=b",
        "\\s",
        "\\",
        "-DOCSTART-",
        "NER=B-PER",
        '"',
        ",",
        "<b>&amp;</b>",
        "B-PER",
        "O",
        "null",
        "''",
        "`",
    ],
    "zero\u200bwidth",
    "\ufeffbom",
    "A\u030angstro\u0308m",
    "x\u0301\u0323",
    "\u0958\u0915\u093c",
    "\u1100\u1161\u11a8",
    "1\u00a0000",
    "👩🏽‍🚀",
    "🏴\U000e0067\U000e0062\U000e007f",
    "\u202bשלום\u202c",
)
_SPACES = (" ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "\u00a0", "\u2028", "\u3000", "\x85", " \n ")
_LABELS, _STANCES = ("PER", "ORG", "LOC", "ISSUE_2", 'Art Work, "other"|x=1'), ("supports", "opposes", "neutral")


def random_documents(n: int, seed: int) -> Iterator[Document]:
    """Yield `n` documents: spans nest, cross and repeat; relations have all kinds of ends."""
    rng = random.Random(seed)
    for number in range(n):
        text = _text(rng)
        document = Document(id=f"wire-{number:012x}", text=text)
        annotators = rng.sample(["A1", "A2", "B7"], rng.randint(1, 3))
        labels = tuple(_labels(rng, document, annotator) for annotator in sorted(annotators))
        yield Document(id=document.id, text=text, labels=labels)


def _text(rng: random.Random) -> str:
    """Return paragraphs, or in a third of the texts unusual words with all kinds of white space."""
    if rng.random() < 1 / 3:
        words = [rng.choice(rng.choice((_UNUSUAL, rng.choice(_WORDS).split()))) for _ in range(rng.randint(2, 25))]
        text = "".join(word + rng.choice((" ", rng.choice(_SPACES))) for word in words)
        return rng.choice(("", " ", "\n", "\t ", "\u200b")) + text.rstrip(" ") + rng.choice(("", " ", "\n", "\r\n"))
    paragraphs = []
    for _ in range(rng.randint(1, 3)):
        words = [rng.choice(rng.choice(_WORDS).split()) for _ in range(rng.randint(2, 25))]
        paragraphs.append(" ".join(words) + rng.choice([".", "!", "…", ""]))
    return "\n\n".join(paragraphs)


def _labels(rng: random.Random, document: Document, annotator: str) -> Labels:
    words = tokens_of(document)
    spans: dict[tuple[int, int, str], None] = {}
    for _ in range(rng.randint(0, 6)):
        first = rng.randrange(len(words))
        last = min(first + rng.randint(0, 3), len(words) - 1)
        start, end = words[first][0], words[last][1]
        if rng.random() < 0.1 and end - start > 2:  # within a word
            start += 1
        spans[start, end, rng.choice(_LABELS)] = None
    chosen = [Span(start=start, end=end, label=label) for start, end, label in sorted(spans)]
    relations: dict[Relation, None] = {}
    for _ in range(rng.randint(0, 3) if chosen else 0):
        holder = None if rng.random() < 0.2 else rng.randrange(len(chosen))
        named = rng.random() < 0.2
        relation = Relation(
            label=rng.choice(_STANCES),
            holder=holder,
            target=None if named else rng.randrange(len(chosen)),
            target_name="Port “League” 😀" if named else None,
        )
        relations[relation] = None
    comments = tuple(rng.sample(["unsure, see §2", "اسأل", "a\tb 😀"], rng.randint(0, 2)))
    return Labels(
        annotator=annotator,
        spans=tuple(chosen),
        relations=tuple(relations),
        comments=comments,
        complete=rng.random() < 0.8,
    )
