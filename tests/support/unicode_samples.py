"""Texts of every script and trick, made up at random."""

from __future__ import annotations

import random

from goldwire.records import Article
from support import factories

PIECES = (
    *("Novak", "Rail Union", "said", "the", "naïve", "Cafe\u0301", "a\u0336b", "𝔘𝔫𝔦", "日本語", "ﬁ"),
    *("\N{GRINNING FACE}", "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "👍🏽", "🇪🇺"),
    *("किताब", "क्षत्रिय", "مرحبا", "السَّلام", "한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
    *("zero\u200bwidth", "\u200d", "\ufeff", "\u202eabc\u202c", "\u200fRTL", "\u00a0", "\u2028"),
    *("<b>x</b>", "&amp;", '"', "\\n"),
)
GAPS = (" ", " ", " ", "\n\n", "\r\n", "\t", "  ", "\r")


def article(rng: random.Random, number: int) -> Article:
    words = (rng.choice(PIECES) + rng.choice(GAPS) for _ in range(rng.randint(5, 120)))
    return factories.article(f"Head {number} 😀\n\n" + "".join(words) + "end.", id=f"wire-{number:012d}")
