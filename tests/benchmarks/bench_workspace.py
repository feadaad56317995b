"""Measure `goldwire check` of a whole workspace: seconds by number of articles, and the cost of ten times as many.

    python tests/benchmarks/bench_workspace.py [ARTICLES]

The real stages make the workspace from invented articles: two annotators per article, gold, splits. Each check runs
three times in a process of its own, and the best processor time counts. The first figure is the start-up time, which
the net figure excludes.
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
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import adjudicate, agree, dedup, ingest, sample, split
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support import factories

ROUNDS = 3
NAMES = {"Ilsa Vernock": "PER", "Harbour Board": "ORG", "Quay Society": "ORG", "Tobin Marsk": "PER"}
SOURCES = '[wire]\nname = "Nowhere Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n'


def main(articles: int) -> None:
    """Print the seconds of a check of no articles, of `articles` and of ten times as many."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        for count in (0, articles, 10 * articles):
            root = make(Path(folder) / str(count), count).root
            seconds.append(min(check(root) for _ in range(ROUNDS)))
            sys.stdout.write(f"{count:>7,} articles {seconds[-1]:7.2f} s\n")
    start, single, tenfold = seconds
    sys.stdout.write(
        f"10x the articles: {tenfold / single:.2f}x the time, {(tenfold - start) / (single - start):.2f}x net\n"
    )


def check(root: Path) -> float:
    """Return the processor seconds of one check, which must find nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "from goldwire.cli import main; main()", "check", "--root", str(root)]
    # These annotators always agree.
    command += ["--strict", "--ignore", "label-undisputed", "--ignore", "annotators-identical"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make(root: Path, count: int) -> Workspace:
    """Create a workspace of `count` articles of about 1,500 characters, all annotated, adjudicated and split."""
    rng = random.Random(count)
    words = ["".join(map(rng.choice, ("bdfgklmnprstvz", "aeiou") * rng.randint(1, 4))) for _ in range(5_000)]
    factories.workspace(root)
    (root / "annotations" / "waivers.toml").write_text("# Nothing is waived here.\n")
    (root / "corpus" / "raw" / "wire").mkdir(parents=True)
    (root / "corpus" / "sources.toml").write_text(SOURCES)
    for number in range(count):
        (root / "corpus" / "raw" / "wire" / f"{number:06}.txt").write_text(story(rng, words))
    workspace = find_workspace(root, explicit=True)
    if count:
        ingest.run(workspace)
        dedup.run(workspace)
        sample.run(
            workspace, batch="b01", annotators=("A1", "A2"), options=SamplingOptions(overlap=2, max_articles=count)
        )
        articles = loading.articles(workspace)
        for annotator in ("A1", "A2"):
            layers = [mark(articles[id], annotator) for id in sorted(articles)]
            jsonl.write(workspace.layers / "b01" / f"{annotator}.jsonl", layers)
        agree.run(workspace, batch="b01", html=False)
        adjudicate.run(workspace, batch="b01")
        split.run(workspace)
    return workspace


def story(rng: random.Random, words: list[str]) -> str:
    """Return a headline and six paragraphs of invented words with names of people and organisations."""
    paragraphs = []
    for _ in range(6):
        sentence = rng.choices(words, k=40)
        sentence[rng.randrange(1, 39)] = rng.choice(sorted(NAMES))
        paragraphs.append(f"The {' '.join(sentence)}.")
    return "\n\n".join((f"A {' '.join(rng.choices(words, k=7))}", *paragraphs)) + "\n"


def mark(article: Article, annotator: str) -> AnnotationLayer:
    """Return a layer with all names and a stance between the first two."""
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
