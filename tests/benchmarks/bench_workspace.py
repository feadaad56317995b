"""`goldwire check` of a whole workspace: seconds by articles, and what ten times the articles cost.

    python tests/benchmarks/bench_workspace.py [ARTICLES]

The workspace is made by the real stages from invented articles: two annotators an article, gold, splits. Each check is
a process of its own, three times, and the best processor time counts: the first figure is the command's own start.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from goldwire.records import AnnotationLayer, Article
from goldwire.stages import adjudicate, agree, dedup, ingest, sample, split
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support import factories

ROUNDS = 3
NAMES = {"Ilsa Vernock": "PER", "Harbour Board": "ORG", "Quay Society": "ORG", "Tobin Marsk": "PER"}
SOURCES = '[wire]\nname = "Nowhere Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n'


def main(articles: int) -> None:
    """Print the seconds that a check takes of no, of `articles` and of ten times as many articles."""
    took = []
    with tempfile.TemporaryDirectory() as folder:
        for count in (0, articles, 10 * articles):
            root = make(Path(folder) / str(count), count).root
            took.append(min(check(root) for _ in range(ROUNDS)))
            sys.stdout.write(f"{count:>7,} articles {took[-1]:7.2f} s\n")
    start, one, ten = took
    sys.stdout.write(
        f"10x the articles: {ten / one:.2f}x the time, {(ten - start) / (one - start):.2f}x without start\n"
    )


def check(root: Path) -> float:
    """Processor seconds of one check, which must find nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "from goldwire.cli import main; main()", "check", "--root", str(root)]
    command += ["--strict", "--ignore", "label-undisputed"]  # these annotators are of one mind
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make(root: Path, count: int) -> Workspace:
    """Make a workspace of `count` articles of about 1,500 characters, all annotated, settled and split."""
    luck = random.Random(count)
    words = ["".join(map(luck.choice, ("bdfgklmnprstvz", "aeiou") * luck.randint(1, 4))) for _ in range(5_000)]
    factories.workspace(root)
    (root / "annotations" / "waivers.toml").write_text("# Nothing is waived here.\n")
    (root / "corpus" / "raw" / "wire").mkdir(parents=True)
    (root / "corpus" / "sources.toml").write_text(SOURCES)
    for number in range(count):
        (root / "corpus" / "raw" / "wire" / f"{number:06}.txt").write_text(story(luck, words))
    workspace = find_workspace(root, explicit=True)
    if count:
        ingest.run(workspace)
        dedup.run(workspace)
        sample.run(workspace, batch="b01", annotators=("A1", "A2"), overlap=2, max_articles=count)
        articles = loading.articles(workspace)
        for annotator in ("A1", "A2"):
            layers = [mark(articles[id], annotator) for id in sorted(articles)]
            jsonl.write(workspace.layers / "b01" / f"{annotator}.jsonl", layers)
        agree.run(workspace, batch="b01", n_boot=0, html=False)
        adjudicate.run(workspace, batch="b01")
        split.run(workspace)
    return workspace


def story(luck: random.Random, words: list[str]) -> str:
    """A headline and six paragraphs of nonsense in which people and bodies are named."""
    paragraphs = []
    for _ in range(6):
        chosen = luck.choices(words, k=40)
        chosen[luck.randrange(1, 39)] = luck.choice(sorted(NAMES))
        paragraphs.append(f"The {' '.join(chosen)}.")
    return "\n\n".join((f"A {' '.join(luck.choices(words, k=7))}", *paragraphs)) + "\n"


def mark(article: Article, annotator: str) -> AnnotationLayer:
    """All names, and a stance between the first two."""
    spans = sorted(
        (at, at + len(name), label)
        for name, label in NAMES.items()
        for at in range(len(article.text))
        if article.text.startswith(name, at)
    )
    stance = ("supports", "neutral", "opposes")[len(article.text) % 3]
    return factories.layer(article, spans, [(0, 1, stance)], annotator=annotator)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
