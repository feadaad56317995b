"""XML data sets: each layout is read, and its leak is found. All texts are invented."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from goldwire.audit import xml_records
from goldwire.audit.xml_records import open_xml, xml_layout, xml_names
from goldwire.errors import DataError, MissingFileError
from goldwire.stages import audit


def texts(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join("".join(rng.choices("abdegiklmnoprstuv", k=7)) for _ in range(9)) for _ in range(count)]


TRAIN = texts(30, 1)
SPLITS = (("train", TRAIN), ("test", [*texts(15, 2), *TRAIN[:5]]))


def write(path: Path, content: str | Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else "\n".join(content), encoding="utf-8")


def collection(record: Callable[[str, int, str], str], root: str, *, name: str = "{}.xml") -> Callable[[Path], None]:
    """A file per split, with an element per text."""

    def layout(folder: Path) -> None:
        for split, of_split in SPLITS:
            records = [record(split, number, text) for number, text in enumerate(of_split)]
            write(folder / name.format(split), ["<?xml version='1.0'?>", f"<{root}>", *records, f"</{root}>"])

    return layout


def documents(document: Callable[[str, int, str], str], suffix: str = ".xml") -> Callable[[Path], None]:
    """A file per text, in a folder per split."""

    def layout(folder: Path) -> None:
        for split, of_split in SPLITS:
            for number, text in enumerate(of_split):
                write(folder / split / f"d{number}{suffix}", document(split, number, text))

    return layout


def reviews(folder: Path) -> None:  # SemEval 2016, task 5: sentences of reviews, with ids of both
    for split, of_split in SPLITS:
        with_ids = [f"<sentence id='{split}{n}'><text>{text}</text></sentence>" for n, text in enumerate(of_split)]
        parts = [
            f"<Review rid='{split}{n}'><sentences>{''.join(with_ids[n : n + 4])}</sentences></Review>"
            for n in range(0, len(of_split), 4)
        ]
        write(folder / f"{split}.xml", ["<Reviews>", *parts, "</Reviews>"])


def passages(folder: Path) -> None:  # BioC: passages of documents, whose annotations have a text, too
    for split, of_split in SPLITS:
        parts = [
            "<passage><offset>0</offset>"
            f"<text>{text}</text><annotation id='1'><text>{text[:7]}</text></annotation>"
            "</passage>"
            for text in of_split
        ]
        files = [
            f"<document><id>{split}{n}</id>{''.join(parts[n : n + 2])}</document>" for n in range(0, len(parts), 2)
        ]
        write(folder / f"{split}.xml", ["<collection><source>x</source>", *files, "</collection>"])


TEI = 'xmlns="http://www.tei-c.org/ns/1.0"'
LAYOUTS = {
    "SemEval 2014, task 4": collection(
        lambda split, n, text: (
            f"<sentence id='{split}{n}'><text>{text}</text><aspectTerms><aspectTerm term='{text.split()[0]}' "
            "polarity='negative' from='0' to='7'/></aspectTerms></sentence>"
        ),
        "sentences",
    ),
    "SemEval 2016, task 5": reviews,
    "BioC": passages,
    "PubMed": collection(
        lambda split, n, text: (
            f"<PubmedArticle><MedlineCitation><PMID>{split}{n}</PMID><Article><ArticleTitle>{text[:9]}</ArticleTitle>"
            f"<Abstract><AbstractText>{text[:31]}</AbstractText><AbstractText>{text[31:]}</AbstractText></Abstract>"
            "<AuthorList><Author><LastName>Vernock</LastName></Author></AuthorList></Article></MedlineCitation>"
            "</PubmedArticle>"
        ),
        "PubmedArticleSet",
    ),
    "SemEval 2019, task 4": collection(
        lambda split, n, text: f"<article id='{split}{n}' title='Toll'><p>{text[:31]}</p><p>{text[31:]}</p></article>",
        "articles",
        name="articles-{}.xml",
    ),
    "sentences without children": collection(
        lambda _, __, text: f"<s stance='{('supports', 'opposes')[len(text) % 2]}'>{text}</s>", "corpus"
    ),
    "RSS": collection(
        lambda split, n, text: (
            f"<item><title>Toll</title><guid>{split}{n}</guid><description>{text}</description></item>"
        ),
        "channel",
    ),
    "TEI": documents(
        lambda _, n, text: (
            f"<TEI {TEI}><teiHeader><title>T{n}</title></teiHeader><text><body><p>{text}</p></body></text></TEI>"
        )
    ),
    "TEI, words": documents(
        lambda _, __, text: (
            f"<TEI {TEI}><teiHeader/><text><body><p><s>{''.join(f'<w>{word}</w>' for word in text.split())}</s></p>"
            "</body></text></TEI>"
        )
    ),
    "NITF": documents(
        lambda _, n, text: (
            f"<nitf><head><title>T{n}</title></head><body><body.head><hedline><hl1>Toll {n}</hl1></hedline></body.head>"
            f"<body.content><p>{text}</p></body.content><body.end/></body></nitf>"
        )
    ),
    "NewsML-G2": documents(
        lambda split, n, text: (
            f'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:{split}:{n}"><itemMeta/><contentSet>'
            f'<inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{text}</p></body></html></inlineXML>'
            "</contentSet></newsItem>"
        )
    ),
    "JATS": documents(
        lambda split, n, text: (
            f"<article><front><article-meta><article-id>{split}{n}</article-id></article-meta></front>"
            f"<body><sec><title>Toll</title><p>{text}</p></sec></body><back><ref-list/></back></article>"
        ),
        ".nxml",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_leak_of_an_xml_data_set_is_found(layout: Callable[[Path], None], tmp_path: Path) -> None:
    layout(tmp_path)
    report = audit.run(tmp_path)
    assert report.conclusion == "test/train leak: 5 of 20 texts (25%)", report
    assert {finding.code for finding in report.findings} == {"text-across-splits"}, report.findings
    assert len(report.findings) <= 3


def test_ids_documents_and_spans_are_read(tmp_path: Path) -> None:
    LAYOUTS["SemEval 2014, task 4"](tmp_path)
    reviews(tmp_path / "reviews")
    file = tmp_path / "train.xml"
    frame = open_xml(file, xml_names(file), tmp_path, None).frame.collect()
    row = frame.row(29, named=True)
    assert (row["row"], row["id"], row["text"], row["spans"][0]["label"]) == (30, "train29", TRAIN[29], "negative")
    file = tmp_path / "reviews" / "train.xml"
    frame = open_xml(file, xml_names(file), tmp_path, None).frame.collect()
    assert frame["document_id"].to_list() == [f"train{n // 4 * 4}" for n in range(30)]
    LAYOUTS["PubMed"](tmp_path)
    assert "document_id" not in xml_names(tmp_path / "train.xml")


def test_a_span_outside_its_text_is_found(tmp_path: Path) -> None:
    record = (
        "<sentence id='{}'><text>The toll of the bridge</text><aspectTerm term='toll' from='{}' to='{}'/></sentence>"
    )
    write(
        tmp_path / "train.xml", ["<x>", *(record.format(n, 4, 8) for n in range(6)), record.format(7, 40, 44), "</x>"]
    )
    found = {(finding.code, finding.item) for finding in audit.run(tmp_path).findings}
    assert ("span-out-of-bounds", "7") in found


ENTITIES = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {name} '{f'&{other};' * 10}'>" for name, other in zip("bcdefghij", "abcdefghi", strict=True)
)


def test_another_file_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "secret.txt", "a secret")
    file = tmp_path / "train.xml"
    write(file, "<!DOCTYPE x [<!ENTITY f SYSTEM 'secret.txt'>]><x><s>&f; toll of bridge</s><s>The ferry of it</s></x>")
    read = open_xml(file, ["text"], tmp_path, None).frame.collect()["text"].to_list()
    assert [text.split(";")[-1].strip() for text in read] == ["toll of bridge", "The ferry of it"]
    assert "secret" not in str(read)


@pytest.mark.parametrize(
    "content",
    [
        "<x><s>The toll of the bridge</s><s>",
        "<x>" * 300 + "The toll of the bridge",
        f"{ENTITIES}]><x><s>&j; toll of bridge</s><s>The ferry of it</s></x>",
        "",
        "<x>\0</x>",
    ],
    ids=["cut", "nested", "a bomb", "empty", "a zero byte"],
)
def test_a_broken_file_is_a_finding_beside_others_and_an_error_alone(content: str, tmp_path: Path) -> None:
    write(tmp_path / "train.xml", content)
    with pytest.raises(DataError, match=r"(train\.xml)"):
        audit.run(tmp_path)
    LAYOUTS["sentences without children"](tmp_path / "good")
    report = audit.run(tmp_path)
    assert ("data-file-unreadable" if content else "split-empty") in {finding.code for finding in report.findings}
    assert report.conclusion == "test/train leak: 5 of 20 texts (25%)"


def test_a_record_has_a_limited_size_and_a_file_has_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_records, "_MAX_BYTES", 200_000)
    file = tmp_path / "train.xml"
    write(file, ["<x>", *(f"<s>The toll of the bridge {n}</s>" for n in range(9_000)), "</x>"])
    assert file.stat().st_size > 200_000
    monkeypatch.setattr(xml_records, "_SNIFFED", 1_000)
    assert open_xml(file, ["text"], tmp_path, None).frame.collect().height == 9_000
    write(file, f"<x><s>The toll of it</s><s>{'<p>and so on</p>' * 15_000}</s></x>")
    with pytest.raises(ValueError, match="more than 0 MB"):
        open_xml(file, ["text"], tmp_path, None)


def test_settings_are_not_data(tmp_path: Path) -> None:
    settings = "<settings><option name='a'>1</option><option name='b'>2</option></settings>"
    write(tmp_path / "settings.xml", settings)
    assert xml_layout(tmp_path / "settings.xml") is None
    with pytest.raises(MissingFileError):
        audit.run(tmp_path)
