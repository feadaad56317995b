"""CITATION.cff and CHANGELOG.md of a version."""

from __future__ import annotations

import yaml
from msgspec.structs import replace

from goldwire.release.card_data import CitationData
from goldwire.release.citation import bibtex, changelog, citation
from support.card_examples import MANIFEST


def test_the_citation_is_valid_yaml_with_title_and_version():
    document = yaml.safe_load(
        citation(replace(MANIFEST, name='My "news": data'), ["CC0-1.0"], "What it is.", CitationData())
    )
    assert (document["title"], document["version"], document["license"]) == ('My "news": data', "0.0.1", "CC0-1.0")
    assert "license" not in yaml.safe_load(citation(MANIFEST, ["CC0-1.0", "MIT"], "", CitationData()))


CITED = CitationData(authors=("Ada Ito", "Bo Lund"), year=2021, doi="10.1000/1", homepage="https://lab.example")


def test_authors_and_addresses_come_from_the_settings():
    document = yaml.safe_load(citation(MANIFEST, [], "", CITED))
    assert document["authors"] == [{"name": "Ada Ito"}, {"name": "Bo Lund"}]
    assert (document["doi"], document["url"]) == ("10.1000/1", "https://lab.example")
    assert bibtex(MANIFEST, CITED).splitlines() == [
        "@misc{trial,",
        "  title = {trial},",
        "  author = {Ada Ito and Bo Lund},",
        "  year = {2021},",
        "  doi = {10.1000/1},",
        "  url = {https://lab.example},",
        "  version = {0.0.1}",
        "}",
    ]
    assert "  author = {{The authors and annotators of trial}}," in bibtex(MANIFEST, CitationData())


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
