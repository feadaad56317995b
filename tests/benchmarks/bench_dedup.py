"""Near-duplicates: goldwire beside datasketch and rensa where they are installed, in one run.

    python tests/benchmarks/bench_dedup.py [NUMBER] [--texts TEXTS.jsonl]

Plants copies of seven kinds (reset, lightly and heavily edited, cut short, wrapped in an outlet's boilerplate, or
both) among news-like texts of invented words, and prints texts a second, and precision and recall of pairs in one
cluster. With --texts, clusters your own ({text} a row) and prints how many it found.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from goldwire.similarity import near_duplicates  # noqa: E402

KINDS = ("reset", "edited 2%", "edited 6%", "edited 12%", "cut", "wrapped", "led, cut and wrapped")
Tool = Callable[[Sequence[str]], list[int]]


class Planter:
    """Makes texts of invented words, common ones more often, and copies of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        parts = ("ba", "ker", "lan", "mor", "ti", "son", "vi", "dal", "ro", "es", "qu", "an", "fe", "lin", "ha", "rad")
        self.words = ["".join(self.random.choices(parts, k=self.random.randint(1, 4))) for _ in range(30000)]
        self.weights = [1 / (rank + 3) for rank in range(len(self.words))]
        self.frames = [(self.make(25), self.make(70)) for _ in range(200)]

    def make(self, size: int) -> list[str]:
        return self.random.choices(self.words, cum_weights=self.cumulated(), k=size)

    def cumulated(self) -> list[float]:
        if not hasattr(self, "_cumulated"):
            total, self._cumulated = 0.0, []
            for weight in self.weights:
                total += weight
                self._cumulated.append(total)
        return self._cumulated

    def edited(self, words: list[str], share: float) -> list[str]:
        out: list[str] = []
        for word in words:
            chance = self.random.random() / share
            if chance < 0.6:
                out += self.make(1)
            elif chance >= 0.8:
                out += [word, *self.make(1)] if chance < 1 else [word]
        return out

    def copy(self, words: list[str], kind: str) -> str:
        head, foot = self.random.choice(self.frames)
        if kind == "reset":
            return "\n".join(words).upper()
        if kind.startswith("edited"):
            return " ".join(self.edited(words, float(kind.split()[1].rstrip("%")) / 100))
        if kind == "cut":
            return " ".join(words[: int(len(words) * self.random.uniform(0.4, 0.9))])
        if kind == "wrapped":
            return " ".join([*head, *words, *foot])
        kept = self.edited(words[: int(len(words) * self.random.uniform(0.6, 0.95))], 0.02)
        return " ".join([*head, *self.make(60), *kept, *foot])


def planted(number: int, seed: int = 1) -> tuple[list[str], list[int], list[str]]:
    """Give texts, the story of each, and what kind of copy it is."""
    planter = Planter(seed)
    rows: list[tuple[str, int, str]] = []
    story = 0
    while len(rows) < number:
        words, story = planter.make(int(min(max(planter.random.lognormvariate(6.06, 0.42), 120), 1800))), story + 1
        rows.append((" ".join(words), story, "base"))
        if planter.random.random() < 0.15:
            for kind in planter.random.choices(KINDS, k=planter.random.choice((1, 1, 2, 3, 5))):
                rows.append((planter.copy(words, kind), story, kind))
    planter.random.shuffle(rows)
    texts, stories, kinds = map(list, zip(*rows, strict=True))
    return texts, stories, kinds


def tools() -> dict[str, Tool]:
    found: dict[str, Tool] = {"goldwire": near_duplicates}
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return found

    def datasketch(texts: Sequence[str]) -> list[int]:
        index, label = MinHashLSH(threshold=0.5, num_perm=128), list(range(len(texts)))

        def root(item: int) -> int:
            while label[item] != item:
                label[item] = item = label[label[item]]
            return item

        for number, text in enumerate(texts):
            words = text.lower().split()
            sketch = MinHash(128)
            sketch.update_batch([" ".join(words[i : i + 5]).encode() for i in range(max(len(words) - 4, 1))])
            for other in index.query(sketch):
                label[root(other)] = root(number)
            index.insert(number, sketch)
        return [root(number) for number in range(len(texts))]

    return found | {"datasketch": datasketch}


def pairs(labels: Sequence[object]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("number", type=int, nargs="?", default=20000)
    parser.add_argument("--texts", type=Path)
    options = parser.parse_args()
    if options.texts:
        texts = [json.loads(line)["text"] for line in options.texts.open()]
        start = time.perf_counter()
        labels = near_duplicates(texts)
        say(
            f"{len(texts)} texts, {len(set(labels))} clusters, {len(texts) / (time.perf_counter() - start):.0f} texts/s"
        )
        return
    texts, stories, kinds = planted(options.number)
    near_duplicates(texts[:100])
    base = 0.0
    for name, tool in tools().items():
        start = time.perf_counter()
        labels = tool(texts)
        speed = len(texts) / (time.perf_counter() - start)
        base = base or speed
        both = pairs(list(zip(labels, stories, strict=True)))
        precision, recall = both / max(pairs(labels), 1), both / pairs(stories)
        say(f"{name:12} {speed:8.0f} texts/s {speed / base:5.2f}x  precision {precision:.4f}  recall {recall:.4f}")
        home = {story: label for story, label, kind in zip(stories, labels, kinds, strict=True) if kind == "base"}
        for kind in KINDS:
            own = [label == home[story] for story, label, k in zip(stories, labels, kinds, strict=True) if k == kind]
            say(f"  {kind:22} {sum(own) / max(len(own), 1):.3f} of {len(own)} with their story")


if __name__ == "__main__":
    main()
