"""Requirements of venues for datasets, compared with a released version. Pure.

Each requirement names where the venue states it, so that it can be compared when the venue changes its rules:

- NeurIPS: hosting guidelines of the evaluations and datasets track 2026
  (https://neurips.cc/Conferences/2026/EvaluationsDatasetsHosting) and the announcement of its requirements on
  responsible use (https://blog.neurips.cc, 2026-05-04); properties of Croissant by its specification 1.1.
- The Hugging Face Hub: dataset cards (https://huggingface.co/docs/hub/datasets-cards) and their metadata
  (https://github.com/huggingface/hub-docs/blob/main/datasetcard.md). The Hub refuses no card for want of a field: what
  is required here is what it needs to load the data, to name the licence and to find the dataset. The sections are
  those of its template.
- Zenodo: about records and their limits (https://help.zenodo.org/docs/deposit/about-records): the minimal metadata are
  what a citation needs; 50 GB and 100 files per record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from goldwire.release.documents import ReleaseDocuments
from goldwire.release.responsible_ai import NEURIPS_PROPERTIES

__all__ = ["VENUES", "Requirement", "Venue", "VenueReport", "assess"]

Venue = Literal["neurips", "hub", "zenodo"]
State = Literal["met", "missing", "manual"]


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement of a venue, and whether a version meets it.

    Attributes
    ----------
    name
        What the venue asks for, as it calls it.
    required
        Whether the venue requires it; otherwise it recommends it.
    state
        `met`; `missing`; or `manual`, if only a person can see whether it is met.
    detail
        What was found, or what there is to look at.
    fix
        What to do; empty where it is met.
    """

    name: str
    required: bool
    state: State
    detail: str = ""
    fix: str = ""


class VenueReport(msgspec.Struct, frozen=True, kw_only=True):
    """The requirements of a venue and their states, in the order of the venue's pages."""

    venue: Venue
    version: str
    requirements: tuple[Requirement, ...]

    @property
    def exit_code(self) -> int:
        """1 if something that is required is missing."""
        return int(any(one.required and one.state == "missing" for one in self.requirements))

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for one in self.requirements:
            kind = "" if one.required or one.state == "met" else " (recommended)"
            yield f"{one.state:<8}{one.name}{kind}" + (f": {one.detail}" if one.detail else "")
            if one.fix:
                yield f"{'':<8}  {one.fix}"
        count = {state: sum(one.state == state for one in self.requirements) for state in ("met", "missing", "manual")}
        n_open = sum(one.required and one.state == "missing" for one in self.requirements)
        yield (
            f"{self.venue}, v{self.version}: {count['met']} met, {count['missing']} missing "
            f"({n_open} required), {count['manual']} to check by hand"
        )


def assess(venue: Venue, documents: ReleaseDocuments) -> VenueReport:
    """Compare a released version with what a venue asks.

    Parameters
    ----------
    venue : {"neurips", "hub", "zenodo"}
        The venue.
    documents : ReleaseDocuments
        What the version says of itself.
    """
    requirements = tuple(VENUES[venue](documents))
    return VenueReport(venue=venue, version=documents.manifest.version, requirements=requirements)


_RELEASE = "then release the next version"
_STATEMENTS = {
    "rai:dataSocialImpact": "social_impact",
    "rai:dataLimitations": "limitations",
    "rai:dataBiases": "biases",
    "rai:personalSensitiveInformation": "personal_information",
    "rai:dataUseCases": "uses",
    "rai:annotatorDemographics": "annotator_demographics",
}
"""The statement of the settings that fills a property."""

_SETTINGS = {"creator": "authors", "url": "homepage or repo_id", "publisher": "publisher or authors"}
_CORE = ("name", "description", "license", "url", "creator", "datePublished", "distribution", "recordSet")
_CORE_RECOMMENDED = ("version", "keywords", "publisher", "inLanguage", "citeAs")
_MORE_RAI = (
    *("rai:dataCollection", "rai:dataAnnotationProtocol", "rai:annotationsPerItem", "rai:annotatorDemographics"),
    *("rai:dataAnnotationAnalysis", "rai:dataPreprocessingProtocol", "rai:dataReleaseMaintenancePlan"),
)


def _neurips(documents: ReleaseDocuments) -> Iterator[Requirement]:
    yield _valid_croissant(documents)
    for name in _CORE:
        yield _property(documents, name, required=True)
    for name in NEURIPS_PROPERTIES:
        yield _property(documents, name, required=True)
    for name in (*_CORE_RECOMMENDED, *_MORE_RAI):
        yield _property(documents, name, required=False)
    yield _hosted(documents)
    yield _accessible(documents)
    yield _present(
        "Documentation of the dataset",
        documents.has_datasheet,
        "write DATASHEET.md: motivation, composition, collection, uses, maintenance",
        required=False,
    )


def _hub(documents: ReleaseDocuments) -> Iterator[Requirement]:
    fields = documents.card_fields
    for name, fix in (
        ("license", "state `licence` of each source in corpus/sources.toml"),
        ("language", "state `language` of each source in corpus/sources.toml"),
        ("pretty_name", "state `name` in [tool.goldwire]"),
        ("size_categories", "release the version with this goldwire"),
        ("task_categories", "release the version with this goldwire"),
        ("configs", "release the version with this goldwire"),
        ("dataset_info", "release the version with this goldwire"),
    ):
        yield _present(f"{name} in the card", bool(fields.get(name)), fix)
    for name, fix in (
        ("annotations_creators", "state who annotated as annotations_creators in [tool.goldwire]"),
        ("language_creators", "state who wrote the texts as language_creators in [tool.goldwire]"),
        ("tags", "release the version with this goldwire"),
    ):
        yield _present(f"{name} in the card", bool(fields.get(name)), f"{fix}, {_RELEASE}", required=False)
    if fields.get("license") == "other":
        yield _present(
            "license_name in the card", bool(fields.get("license_name")), "release the version with this goldwire"
        )
        yield _present(
            "license_link in the card",
            bool(fields.get("license_link")),
            "state the SPDX id of one licence as `licence` of the sources, or add the link to the card on the Hub",
            required=False,
        )
    for heading in ("Uses", "Dataset Structure", "Dataset Creation", "Bias, Risks, and Limitations", "Citation"):
        yield _present(
            f"section {heading}",
            f"\n## {heading}\n" in documents.card,
            "release the version with this goldwire",
            required=False,
        )
    yield _present(
        "authors in the citation",
        bool(documents.croissant.get("creator")),
        f"state authors in [tool.goldwire], {_RELEASE}",
        required=False,
    )
    yield _repository(documents)
    yield _accessible(documents)


def _zenodo(documents: ReleaseDocuments) -> Iterator[Requirement]:
    cited = documents.citation
    yield _present("title", bool(cited.get("title")), "state `name` in [tool.goldwire]")
    yield _present(
        "creators", bool(documents.croissant.get("creator")), f"state authors in [tool.goldwire], {_RELEASE}"
    )
    yield _present(
        "publication date", bool(cited.get("date-released")), "release the next version: it records its date"
    )
    yield _present("description", bool(cited.get("abstract")), "release the version with this goldwire")
    yield _present(
        "licence",
        bool(cited.get("license")),
        "choose a licence for the record: the sources have several",
        required=False,
    )
    yield _present(
        "keywords", bool(cited.get("keywords")), f"state keywords in [tool.goldwire], {_RELEASE}", required=False
    )
    yield _present(
        "DOI in card and citation",
        bool(cited.get("doi")),
        f"reserve a DOI in the record's form, state it as doi in [tool.goldwire], {_RELEASE}",
        required=False,
    )
    yield Requirement(
        name="resource type",
        required=True,
        state="manual",
        detail="choose Dataset in the form",
    )
    yield _within_limits(documents)
    yield _accessible(documents)


VENUES: dict[Venue, Callable[[ReleaseDocuments], Iterator[Requirement]]] = {
    "neurips": _neurips,
    "hub": _hub,
    "zenodo": _zenodo,
}
"""The requirements of each venue."""


def _present(name: str, is_met: bool, fix: str, *, required: bool = True) -> Requirement:
    return Requirement(name=name, required=required, state="met" if is_met else "missing", fix="" if is_met else fix)


def _property(documents: ReleaseDocuments, name: str, *, required: bool) -> Requirement:
    """A property of croissant.json."""
    value = documents.croissant.get(name)
    if name in _STATEMENTS:
        fix = f"state {_STATEMENTS[name]} in [tool.goldwire.statements], {_RELEASE}"
    else:
        fix = f"state {_SETTINGS[name]} in [tool.goldwire], {_RELEASE}" if name in _SETTINGS else _RELEASE[5:]
    return _present(name, value is False or bool(value), fix, required=required)


def _valid_croissant(documents: ReleaseDocuments) -> Requirement:
    name, issues = "valid Croissant file", documents.croissant_issues
    if not documents.croissant:
        return Requirement(name=name, required=True, state="missing", fix="release the next version: it writes one")
    if issues is None:
        fix = "pip install 'goldwire[audit]'"
        return Requirement(name=name, required=True, state="manual", detail="mlcroissant is not installed", fix=fix)
    if issues:
        detail = f"{len(issues)} issues, such as {issues[0]}" if len(issues) > 1 else issues[0]
        return Requirement(name=name, required=True, state="missing", detail=detail, fix=_RELEASE[5:])
    return Requirement(name=name, required=True, state="met", detail="no error and no open recommendation")


def _hosted(documents: ReleaseDocuments) -> Requirement:
    name = "Hosting on Hugging Face, Kaggle, OpenML, Dataverse or an own site"
    if documents.repo_id is None and "doi" not in documents.citation:
        fix = "state repo_id in [tool.goldwire] and run `goldwire publish`, or state the doi of another host"
        return Requirement(name=name, required=True, state="missing", fix=fix)
    where = documents.repo_id or documents.citation["doi"]
    return Requirement(
        name=name, required=True, state="manual", detail=f"see that reviewers can load {where} at this version"
    )


def _repository(documents: ReleaseDocuments) -> Requirement:
    return _present(
        "repository ORG/NAME", documents.repo_id is not None, "state repo_id in [tool.goldwire], or use --repo-id"
    )


def _accessible(documents: ReleaseDocuments) -> Requirement:
    """Whether the version may be given to others."""
    manifest = documents.manifest
    name, withheld = "text that may be redistributed", ", ".join(manifest.withheld_sources)
    if not manifest.withheld_sources:
        return Requirement(name=name, required=True, state="met")
    if manifest.standoff:
        detail = f"{withheld} withheld: this version contains no text, and users hydrate it"
        return Requirement(name=name, required=True, state="met", detail=detail)
    fix = "release a version without the text: `goldwire release --standoff`"
    return Requirement(name=name, required=True, state="missing", detail=withheld, fix=fix)


_ZENODO_FILES, _ZENODO_BYTES = 100, 50_000_000_000


def _within_limits(documents: ReleaseDocuments) -> Requirement:
    files = documents.manifest.files
    n_bytes = sum(file.bytes for file in files)
    name = f"at most {_ZENODO_FILES} files and {_ZENODO_BYTES // 10**9} GB"
    detail = f"{len(files) + 1} files, {n_bytes / 1e6:,.1f} MB; records have no folders: upload the version as one .zip"
    is_met = n_bytes <= _ZENODO_BYTES
    fix = "" if is_met else "ask Zenodo for more space, or divide the dataset"
    return Requirement(name=name, required=True, state="met" if is_met else "missing", detail=detail, fix=fix)
