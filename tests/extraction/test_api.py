"""Extract articles: a real page, the sample corpus against its truth, and an HTML page."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

import goldwire
from goldwire.extraction.api import extract, extract_texts, prepare_text
from goldwire.records import Article
from goldwire.stages import ingest
from goldwire.workspace import jsonl
from goldwire.workspace.layout import find_workspace
from support.paths import REPOSITORY
from support.sample_pages import HEADLINE, PROSE

SEED = REPOSITORY.parent / "shared" / "seed"


@pytest.mark.skipif(not SEED.is_dir(), reason="the seed page is not part of the repository")
def test_the_seed_has_its_headline_caption_and_thirteen_paragraphs() -> None:
    (path,) = SEED.glob("*.txt")
    raw = path.read_bytes()
    article = extract(raw)
    lines = [line.strip("\xa0 ") for line in raw.decode().splitlines()]
    assert article.title == lines[2]
    assert article.captions == (lines[4],)
    paragraphs = [" ".join(line.split()) for line in lines[6:31] if line]
    assert len(paragraphs) == 13
    assert article.body == "\n\n".join(paragraphs)
    assert article.text == f"{article.title}\n\n{article.body}"
    for run in article.runs:
        assert " ".join(raw[run.raw_start : run.raw_end].decode().split()) == article.text[run.start : run.end].strip()
    gaps = "".join(article.text[one.end : other.start] for one, other in pairwise(article.runs))
    assert gaps == "\n\n" * 13


class Truth(msgspec.Struct, frozen=True):
    file: str
    record: int | None
    kind: str
    title: str | None
    paragraphs: tuple[str, ...]
    captions: tuple[str, ...]


TRUTH = [row for path in sorted((REPOSITORY / "corpus" / "truth").glob("*.jsonl")) for row in jsonl.read(path, Truth)]


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int | None], Article]:
    root = tmp_path_factory.mktemp("corpus")
    (root / "pyproject.toml").write_text('[tool.goldwire]\nname = "trial"\n')
    shutil.copytree(REPOSITORY / "corpus" / "raw", root / "corpus" / "raw")
    shutil.copy(REPOSITORY / "corpus" / "sources.toml", root / "corpus")
    workspace = find_workspace(root, explicit=True)
    ingest.run(workspace)
    articles = [row for path in workspace.articles.glob("*.jsonl") for row in jsonl.read(path, Article)]
    return {(article.origin.file, article.origin.row): article for article in articles}


@pytest.mark.parametrize("truth", TRUTH, ids=lambda row: f"{Path(row.file).stem}-{row.record}")
def test_the_articles_of_the_sample_corpus_are_those_of_its_truth(
    truth: Truth, ingested: dict[tuple[str, int | None], Article]
) -> None:
    article = ingested.get((truth.file, truth.record))
    if truth.kind == "rejected":
        assert article is None
        return
    assert article is not None
    assert article.title == truth.title
    assert article.text.split("\n\n") == [truth.title, *truth.paragraphs]
    assert article.captions == truth.captions


HTML = """\
<!DOCTYPE html><html lang="en"><head><title>Lanthe harbour to stay closed | The Post</title>
<meta property="og:title" content="Lanthe harbour to stay closed"><link rel="canonical" href="https://post.example/a">
<meta property="article:published_time" content="2021-03-04"></head>
<body><nav><a href="#">Home</a> <a href="#">Sport</a></nav><article><h1>Lanthe harbour to stay closed</h1>
<figure><img src="a.jpg"><figcaption>Boats at the quay. (Post/Jon Tal)</figcaption></figure>
<p>The harbour of Lanthe will stay closed for a third week, the port authority said on Monday, after divers article that
the storm had moved two of the breakwater’s largest stones.</p>
<p>“We will not open it for one hour before it is safe,” said the harbour master. Boats have been told to land their
catch in Greyport, forty kilometres to the south of the town.</p></article><footer>© The Post</footer></body></html>
"""


def test_html_is_extracted_to_the_article_and_its_metadata() -> None:
    article = extract(HTML.encode(), "html")
    assert article.title == "Lanthe harbour to stay closed"
    assert [line.split()[0] for line in article.body.split("\n\n")] == ["The", "“We"]
    assert article.captions == ("Boats at the quay. (Post/Jon Tal)",)
    assert (article.url, article.published, article.language) == ("https://post.example/a", "2021-03-04", "en")


def test_html_without_an_article_has_an_empty_body() -> None:
    assert extract("<html><body></body></html>", "html").body == ""
    assert extract("", "html").body == ""


def test_a_given_headline_is_inserted_above_the_body() -> None:
    body = HTML.split("<p>")[1].split("</p>")[0].replace("\n", " ")
    title = "Harbour stays closed"
    for raw, paragraphs in (("Home\nNews", ()), (body, (body,)), (f"Home\n\n{body}\n", (body,))):
        article = extract(raw, title=title)
        assert (article.title, article.text) == (title, "\n\n".join((title, *paragraphs)))
        assert article.body == "\n\n".join(paragraphs)
        assert [run.start for run in article.runs] == [len(title) + 2] * len(paragraphs)


def test_a_batch_of_text_pages_is_extracted_like_single_pages() -> None:
    whole = "\n\n".join((HEADLINE, *PROSE))
    raws = [whole, f"Home\n{whole}", "", "Home\nNews", whole.replace("“", "â€œ")]
    titles = [None, "A headline that is given", None, None, None]
    pages = [prepare_text(raw, title=title) for raw, title in zip(raws, titles, strict=True)]
    alone = [extract(raw, title=title) for raw, title in zip(raws, titles, strict=True)]
    assert list(extract_texts(pages)) == alone
    assert alone[4].mojibake_repairs


def test_the_package_exports_the_function() -> None:
    for _ in range(2):
        assert goldwire.extract is extract
        assert goldwire.extract("").body == ""
