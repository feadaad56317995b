"""CITATION.cff, BibTeX and CHANGELOG.md of a released version. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import NamedTuple

from goldwire.quantities import quantity
from goldwire.records import Release
from goldwire.release.card_data import CardData, CitationData
from goldwire.release.statements import summary

__all__ = ["HUB", "PersonName", "bibtex", "changelog", "citation", "person_name", "with_hub_address"]


HUB = "https://huggingface.co/datasets"
"""The address of the datasets on the Hub."""

# An entry without an address, or with one on the Hub.
_ADDRESS = re.compile(
    r"(?P<before>@misc\{(?:(?!  url = |@misc).*\n)*)"
    rf"(?:  url = \{{{re.escape(HUB)}/[^}}]*\}},\n)?"
    r"(?P<note>  note = \{)"
)
_SPECIAL = re.compile(r"[&%$#_{}]|[\\~^]")
# BibTeX counts braces even where they are escaped, so that they are commands, too.
_COMMANDS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
}


def citation(card: CardData) -> str:
    """Return CITATION.cff (version 1.2.0) of the dataset."""
    manifest, cited = card.manifest, card.citation
    licences = sorted({source.licence for source in card.sources.values()})
    lines = [
        "cff-version: 1.2.0",
        "message: If you use this dataset, please cite it and state the version.",
        "type: dataset",
        f"title: {_quote(manifest.name)}",
        f"version: {_quote(manifest.version)}",
        f"abstract: {_quote(summary(card))}",
        "authors:",
        *(line for author in cited.authors or (_unnamed_authors(manifest),) for line in _cff_author(author)),
    ]
    fields = {
        "date-released": manifest.published,
        "doi": cited.doi,
        "url": card.address,
        "license": licences[0] if len(licences) == 1 else None,
    }
    lines += [f"{name}: {_quote(value)}" for name, value in fields.items() if value is not None]
    if cited.keywords:
        lines += ["keywords:", *(f"  - {_quote(keyword)}" for keyword in cited.keywords)]
    return "\n".join(lines) + "\n"


def _quote(value: str) -> str:
    """Return a string in the form that YAML and JSON share."""
    return json.dumps(value, ensure_ascii=False)


class PersonName(NamedTuple):
    """The name of a person, in two parts."""

    family_name: str
    given_name: str

    @property
    def full(self) -> str:
        """Both parts, in the order of a signature."""
        return f"{self.given_name} {self.family_name}"


def person_name(author: str) -> PersonName | None:
    """Return the name of an author who is written `Family, Given`; None for a group, whose name is not divided."""
    family, comma, given = author.partition(", ")
    return PersonName(family, given) if comma else None


def _cff_author(author: str) -> tuple[str, ...]:
    person = person_name(author)
    if person is None:
        return (f"  - name: {_quote(author)}",)
    return f"  - family-names: {_quote(person.family_name)}", f"    given-names: {_quote(person.given_name)}"


def bibtex(manifest: Release, cited: CitationData, *, address: str | None = None) -> str:
    """Return an entry of a BibTeX file.

    Parameters
    ----------
    manifest : Release
        The manifest.
    cited : CitationData
        How to cite the dataset. Authors written `Family, Given` are people; others are groups, whose names are not
        divided.
    address : str, optional
        The address of the dataset; default: the homepage of `cited`.
    """
    authors = [_bibtex_author(author) for author in cited.authors or (_unnamed_authors(manifest),)]
    year = cited.year or (manifest.published or "")[:4] or None
    fields = {
        "title": f"{{{_escape_bibtex(manifest.name)}}}",  # in braces, a style does not change its case
        "author": " and ".join(authors),
        "year": year,
        "publisher": None if cited.publisher is None else _escape_bibtex(cited.publisher),
        "doi": cited.doi,
        "url": address or cited.homepage,
        "note": f"Version {manifest.version}",
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value is not None]
    return "\n".join((f"@misc{{{_key(manifest)},", ",\n".join(lines), "}"))


def with_hub_address(text: str, repo_id: str) -> str:
    """Return a text whose BibTeX entry has the address of a repository on the Hub, unless it has another address."""
    return _ADDRESS.sub(lambda entry: f"{entry['before']}  url = {{{HUB}/{repo_id}}},\n{entry['note']}", text)


def _key(manifest: Release) -> str:
    """A key of ASCII letters, digits and hyphens, which every program accepts."""
    ascii_name = unicodedata.normalize("NFKD", manifest.name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-") or "dataset"


def _bibtex_author(author: str) -> str:
    escaped = _escape_bibtex(author)
    return f"{{{escaped}}}" if person_name(author) is None else escaped


def _escape_bibtex(text: str) -> str:
    """Return text with the characters that LaTeX would take for commands escaped."""
    return _SPECIAL.sub(lambda match: _COMMANDS.get(match[0], f"\\{match[0]}"), text)


def _unnamed_authors(manifest: Release) -> str:
    return f"The authors and annotators of {manifest.name}"


def changelog(manifest: Release, previous: str | None) -> str:
    """Return CHANGELOG.md: an entry for this version, then the entries of `previous`, the version before's file."""
    no_changes = "First release." if manifest.previous is None else f"No changes since {manifest.previous}."
    n_articles = sum(manifest.articles.values())
    lines = [f"## {manifest.version}", "", *(f"- {change}" for change in manifest.changes or (no_changes,))]
    entry = "\n".join([*lines, f"- {quantity(n_articles, 'article')}"])
    earlier = (previous or "").partition("\n## ")[2]
    return f"# Changelog\n\n{entry}\n" + (f"\n## {earlier}" if earlier else "")
