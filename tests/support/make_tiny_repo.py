"""Write tests/tiny_repo, a complete workspace of five invented articles, with the real stages.

Run it again after a change of a record or of what a stage writes:

    PYTHONPATH=scripts:tests python -m support.make_tiny_repo
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from goldwire.records import AnnotationLayer, Article
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import adjudicate, agree, dedup, ingest, release, sample, split
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support import factories

TINY_REPO = Path(__file__).parents[1] / "tiny_repo"
ANNOTATORS = ("A1", "A2", "A3")

PYPROJECT = """\
[tool.goldwire]
name = "tiny"
train = 0.34
validation = 0.33
test = 0.33
annotations_creators = ["machine-generated"]

[tool.goldwire.floors]
span_f1_exact = 0.5
"""

SOURCES = """\
[herald]
name = "The Herald of Nowhere"
language = "en"
licence = "CC0-1.0"
redistribute = true

[herald.fields]
text = "body"

[wire]
name = "Nowhere Wire"
language = "en"
licence = "CC0-1.0"
redistribute = true
"""

FERRY = """\
Harbour Board drops the night ferry

The Harbour Board said on Tuesday that the night ferry would stop in May. Ilsa Vernock, who has led the Lamp Guild \
for nine years, called the plan a blow to bakers and nurses who cross after dark.

Tobin Marsk of the Quay Society welcomed the step and said that the boats ran empty after ten. Asked about the Quay \
Society, Ilsa Vernock would not be drawn.
"""

MILL = """\
Quay Society wants the old mill back

The Quay Society has asked for the keys of the old mill. Tobin Marsk told a full hall that the Lamp Guild had let the \
roof rot and ought to hand it over before the winter rain.

The Lamp Guild shrugged. Ilsa Vernock, a carpenter by trade, thanked the Harbour Board for the new slates and said \
that she had no opinion of the Quay Society at all.
"""

TOLL = """\
Lamp Guild and Harbour Board agree on bridge toll

Carts will pay two coins at the bridge from spring on, the Lamp Guild and the Harbour Board have settled. Ilsa \
Vernock praised the Harbour Board for its patience through eleven long evenings of talk.

Tobin Marsk rejected the Lamp Guild and its toll in a letter to every house by the river. He takes no side, he wrote, \
on the Harbour Board, which has yet to answer him.
"""

SNOW = """\
First snow closes the upper road

Snow fell on the upper road before dawn and the carts had to turn back. Nobody was hurt, but the market opened two \
hours late and the school did not open at all, to the joy of most who go there.
"""

COPY = FERRY.replace("Harbour Board drops the night ferry", "No more night ferry from May").replace(
    " who cross after dark", ""
)
NAMES = {"Ilsa Vernock": "PER", "Tobin Marsk": "PER"} | dict.fromkeys(
    ("Harbour Board", "Lamp Guild", "Quay Society"), "ORG"
)
STANCES = {
    "Harbour Board drops": (
        ("Ilsa Vernock", "Harbour Board", "opposes"),
        ("Tobin Marsk", "Harbour Board", "supports"),
        ("Ilsa Vernock", "Quay Society", "neutral"),
    ),
    "Quay Society wants": (
        ("Tobin Marsk", "Lamp Guild", "opposes"),
        ("Ilsa Vernock", "Harbour Board", "supports"),
        ("Ilsa Vernock", "Quay Society", "neutral"),
    ),
    "Lamp Guild and": (
        ("Ilsa Vernock", "Harbour Board", "supports"),
        ("Tobin Marsk", "Lamp Guild", "opposes"),
        ("Tobin Marsk", "Harbour Board", "neutral"),
    ),
}


def main(root: Path = TINY_REPO) -> None:
    """Write the workspace at `root`, and replace an existing one."""
    shutil.rmtree(root, ignore_errors=True)
    workspace = write_inputs(root)
    ingest.run(workspace)
    dedup.run(workspace)
    articles = loading.articles(workspace)
    annotated = tuple(id for id, article in articles.items() if stances_of(article))
    sample.run(workspace, batch="b01", annotators=ANNOTATORS, options=SamplingOptions(overlap=3, articles=annotated))
    for annotator in ANNOTATORS:
        layers = [annotate(articles[id], annotator) for id in sorted(annotated)]
        jsonl.write(workspace.layers / "b01" / f"{annotator}.jsonl", layers)
    agree.run(workspace, batch="b01", html=False)
    adjudicate.run(workspace, batch="b01")
    split.run(workspace)
    os.environ["SOURCE_DATE_EPOCH"] = "1796040000"  # 2026-11-30, so that the files are the same on any day
    release.run(workspace)
    shutil.rmtree(workspace.private, ignore_errors=True)


def write_inputs(root: Path) -> Workspace:
    """Write the files that people write: settings, schema, guidelines, sources and raw articles."""
    factories.workspace(root)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "annotations" / "waivers.toml").write_text("# Nothing is waived here.\n")
    blocks = (f"<!-- goldwire:begin {name} -->\n<!-- goldwire:end {name} -->\n" for name in ("version", "composition"))
    (root / "DATASHEET.md").write_text("# Datasheet\n\n" + "\n".join(blocks))
    raw = root / "corpus" / "raw"
    for name, text in (("ferry", FERRY), ("mill", MILL), ("snow", SNOW)):
        (raw / "wire").mkdir(parents=True, exist_ok=True)
        (raw / "wire" / f"{name}.txt").write_text(text)
    (raw / "herald").mkdir(parents=True)
    rows = [
        {"body": text, "url": f"https://herald.example/{name}", "published": "2021-03-04"}
        for name, text in (("toll", TOLL), ("night-ferry", COPY))
    ]
    (raw / "herald" / "march.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (root / "corpus" / "sources.toml").write_text(SOURCES)
    return find_workspace(root, explicit=True)


def stances_of(article: Article) -> Sequence[tuple[str, str, str]]:
    """Return the stances of an article by holder, target and stance; an article without any is not annotated."""
    return next((stances for start, stances in STANCES.items() if article.text.startswith(start)), ())


def annotate(article: Article, annotator: str) -> AnnotationLayer:
    """Return an annotator's layer of an article. One annotator misses a mention, so that agreement is not perfect."""
    spans = sorted(
        (at, at + len(name), label)
        for name, label in NAMES.items()
        for at in range(len(article.text))
        if article.text.startswith(name, at)
    )
    missed = next(n for n, (s, e, _) in enumerate(spans) if article.text[s:e] == "Lamp Guild")
    if annotator == ANNOTATORS[len(article.text) % 3]:
        del spans[missed]
    first = {article.text[start:end]: number for number, (start, end, _) in reversed(list(enumerate(spans)))}
    stances = [(first[holder], first[target], stance) for holder, target, stance in stances_of(article)]
    return factories.layer(article, spans, stances, annotator=annotator)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TINY_REPO)
