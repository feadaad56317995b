"""Extraction from text takes linear time on every kind of input, however regular or broken: four times the text, at
most about four times the time. Speed itself is not asserted.
"""

from __future__ import annotations

import random
import time

import pytest

from goldwire.extraction.api import extract

SENTENCE = "The council of Arvenholt voted on Monday to reopen the old ferry after nine years, the mayor said. "
PATTERNS = {
    "letters": "a",
    "digits": "1",
    "stops": ".",
    "one line": SENTENCE,
    "lines": SENTENCE.strip() + "\n",
    "short lines": "a\n",
    "blank lines": "\n",
    "spaces": " ",
    "tabs": "\t",
    "spaces in lines": "a  b \n",
    "CR LF": "x\r\n",
    "no-break spaces": "\u00a0a ",
    "zero-width spaces": "a\u200b",
    "joiners": "\u0905\u200d\n",
    "composed accents": "e\u0301",
    "accents alone": "\u0301",
    "Hangul": "\u1100\u1161\u11a8",
    "emoji": "\U0001f600",
    "ideographs": "新聞は昨日。\n",
    "Arabic": "خبر ",
    "Cyrillic": "Привет мир. ",
    "control characters": "\x00a\x85\n",
    "lone surrogates": "\ud800",
    "byte order marks": "\ufeff",
    "mojibake": '"â€œGutâ€\n',
    "mojibake in one line": "â€œGutâ€ ",
    "mojibake of letters": "Ã¼ber die BrÃ¼cke\n",
    "mojibake of controls": "\x9d\n",
    "wrapped lines": "the quick brown fox jumps over the lazy dog and runs far away into\n",
    "hyphenated lines": "a well-\n",
    "fragments": "The\nNew York Times\nreported\n, the man said.\n",
    "fragments and blank lines": "The\n\nferry\n, the man said\n\n.\n",
    "opened brackets": "{[(<",
    "closed brackets": ")]}",
    "angle brackets": "<a>",
    "entities": "&amp;",
    "quotes": '"',
    "quoted lines": '"a"\n',
    "pull quotes": f"“We will not go home,” she said. {SENTENCE}\n“We will not go home”\n",
    "capitals": "A",
    "joined words": "HomeNews",
    "headlines": "Harbour of Lanthe to stay closed for a third week\n",
    "breadcrumbs": "Home » News » Harbour of Lanthe to stay closed\n",
    "menus": "Home | News | Sport\n",
    "share links": "Facebook Twitter Email\n",
    "single letters": "f t x in ",
    "bylines": "By Mara Oskel\n",
    "sign-offs": "Mara Oskel in Lanthe, ",
    "contributors": "Mara Oskel, ",
    "comment counts": "12 comments\n",
    "dates": "Monday, 12 March 2020\n",
    "addresses": "https://example.org/a/b\n",
    "captions": "Photo: Mara Oskel/AP\n",
    "notices": "© 2020 All rights reserved\n",
    "cookies": "We use cookies on this website to give you the best\n",
    "related": "Also read: Harbour closed\n",
    "author boxes": "About the author\n",
    "code": "if (x == 1) { return y; }\n",
    "copies of a long line": f"{SENTENCE * 6}\n",
    "Markdown links": "[Home](https://example.org) * ",
    "Markdown lists": "  * [Home](https://example.org)\n",
    "Markdown pictures": "![Home](https://example.org/a.png)\n",
    "opened Markdown links": "[a](",
    "opened Markdown brackets": "[",
    "closed Markdown brackets": "](",
    "Markdown headings": "# Head\n",
    "Markdown emphasis": "**a** _b_ ",
    "Markdown rules": "* * *\n- [a](b)\n",
    "Markdown escapes": "\\. [a](b) ",
}
PIECES = (*PATTERNS.values(), " ", "\n", ",", "“", "”", "é", "Ã©", "word ", "Word ", "(", "[", "](", "1.\n")
N_RANDOM = 24
SIZE = 15_000  # characters
LARGEST_RATIO, SPARE = 8.0, 0.03  # four times the text may take this times the time, and some seconds more


def random_pattern(seed: int) -> str:
    rng = random.Random(seed)
    return "".join(rng.choices(PIECES, k=rng.randint(2, 12)))


def seconds(pattern: str, size: int) -> float:
    """Return the processor time of one extraction, with the origin of its text."""
    text = (pattern * (size // len(pattern) + 1))[:size]
    start = time.process_time()
    assert extract(text).runs is not None
    return time.process_time() - start


@pytest.mark.parametrize(
    "pattern",
    [*PATTERNS.values(), *map(random_pattern, range(N_RANDOM))],
    ids=[*PATTERNS, *(f"random {seed}" for seed in range(N_RANDOM))],
)
def test_four_times_the_text_takes_about_four_times_the_time(pattern: str) -> None:
    seconds(pattern, 1_000)
    for _ in range(4):  # another process may slow one of them
        short, long = seconds(pattern, SIZE), seconds(pattern, 4 * SIZE)
        if long <= LARGEST_RATIO * short + SPARE:
            return
    pytest.fail(f"{SIZE:,} characters took {short:.3f} s, and {4 * SIZE:,} took {long:.3f} s")
