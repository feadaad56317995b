"""CITATION.cff and CHANGELOG.md of a version."""

from __future__ import annotations

import pybtex.database
import pybtex.errors
import pytest
import yaml
from msgspec.structs import replace
from pybtex import PybtexEngine

from goldwire.release.card_data import CitationData
from goldwire.release.citation import bibtex, changelog, citation
from goldwire.workspace.sources import Source
from support.card_examples import CARD, MANIFEST


def cff(**changes):
    return yaml.safe_load(citation(replace(CARD, **changes)))


def test_the_citation_is_valid_yaml_with_title_version_and_date():
    manifest = replace(MANIFEST, name='My "news": data', published="2026-11-30")
    document = cff(manifest=manifest)
    assert (document["title"], document["version"], document["license"]) == ('My "news": data', "0.0.1", "CC-BY-4.0")
    assert document["date-released"] == "2026-11-30"
    other = Source(name="x", language="en", licence="MIT", redistribute=True)
    assert "license" not in cff(sources={**CARD.sources, "other": other})


CITED = CitationData(
    authors=("Ito, Ada", "The Lab & Co"),
    year=2021,
    doi="10.1000/1",
    homepage="https://lab.example/a_b",
    keywords=("a",),
)


def test_authors_and_addresses_come_from_the_settings():
    document = cff(citation=CITED)
    assert document["authors"] == [{"family-names": "Ito", "given-names": "Ada"}, {"name": "The Lab & Co"}]
    assert (document["doi"], document["url"], document["keywords"]) == ("10.1000/1", "https://lab.example/a_b", ["a"])
    assert bibtex(MANIFEST, CITED).splitlines() == [
        "@misc{trial,",
        "  title = {{trial}},",
        r"  author = {Ito, Ada and {The Lab \& Co}},",
        "  year = {2021},",
        "  doi = {10.1000/1},",
        "  url = {https://lab.example/a_b},",
        "  note = {Version 0.0.1}",
        "}",
    ]
    assert "  author = {{The authors and annotators of trial}}," in bibtex(MANIFEST, CitationData())


NAME = r"Größe & 50% of {it}: \N_1 #2 ~ } ^$"


@pytest.mark.parametrize("authors", [(), ("Ito, Ada", "Núñez, José María"), (NAME,), ("von Berg, K.", "The Lab")])
def test_a_bibtex_program_reads_the_entry(authors):
    manifest = replace(MANIFEST, name=NAME, published="2026-11-30")
    entry = bibtex(manifest, replace(CITED, authors=authors, year=None))
    with pybtex.errors.capture() as errors:
        database = pybtex.database.parse_string(entry, "bibtex")
        text = PybtexEngine().format_from_string(entry, style="plain", output_backend="plaintext")
    assert errors == []
    assert list(database.entries) == ["grosse-50-of-it-n-1-2"]
    assert "2026" in text
    assert "Version 0.0.1" in text
    people = database.entries["grosse-50-of-it-n-1-2"].persons["author"]
    families = [author.partition(", ")[0] if ", " in author else None for author in authors]
    for person, family in zip(people, families, strict=False):
        if family is not None:
            assert " ".join((*person.prelast_names, *person.last_names)) == family


def test_only_the_first_version_is_called_the_first_release():
    first = changelog(MANIFEST, None)
    assert first == "# Changelog\n\n## 0.0.1\n\n- First release.\n- 5 articles\n"
    second = changelog(replace(MANIFEST, version="0.0.2", previous="0.0.1"), first)
    assert (
        second == "# Changelog\n\n## 0.0.2\n\n- No changes since 0.0.1.\n- 5 articles\n\n" + first.partition("\n\n")[2]
    )


def test_the_newest_changes_are_first():
    manifest = replace(MANIFEST, version="0.1.0", previous="0.0.1", changes=("minor: 2 articles added",))
    assert changelog(manifest, changelog(MANIFEST, None)).splitlines()[2:5] == [
        "## 0.1.0",
        "",
        "- minor: 2 articles added",
    ]
