"""Requirements of venues for datasets, compared with a released version. Pure.

Each requirement has the page that states it (`Requirement.source`), compared in November 2026 where the page could be
read: of the NeurIPS pages only excerpts, and not the Hub's page on manual configuration or the list of fields of
Croissant RAI. What a page calls optional, or does not mention, is not required here.

- NeurIPS requires a hosted dataset and a Croissant file with its core and the minimal `rai:` properties. Croissant's
  specification says which properties are the core.
- The Hugging Face Hub refuses no card for want of a field. Required here is what names the licence and the language,
  and what `load_dataset` needs to find the files of each configuration.
- Zenodo requires what a citation needs, and limits a record to 100 files and 50 GB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from goldwire.quantities import quantity
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
    source
        The page that states the requirement; `corpus/sources.toml` for the rights of publishers, which bind everywhere.
    """

    name: str
    required: bool
    state: State
    source: str
    detail: str = ""
    fix: str = ""


class VenueReport(msgspec.Struct, frozen=True, kw_only=True):
    """The requirements of a venue and their states, page by page."""

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
        source = ""
        for one in self.requirements:
            if one.source != source:
                source = one.source
                yield source
            kind = "" if one.required or one.state == "met" else " (recommended)"
            yield f"  {one.state:<8}{one.name}{kind}" + (f": {one.detail}" if one.detail else "")
            if one.fix:
                yield f"{'':<10}  {one.fix}"
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


# The pages of the venues, and the specifications that they refer to.
_HOSTING = "https://neurips.cc/Conferences/2026/EvaluationsDatasetsHosting"
_CROISSANT = "https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html"
_CROISSANT_RAI = "https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html"
_CARDS = "https://huggingface.co/docs/hub/datasets-cards"
_CARD_FIELDS = "https://github.com/huggingface/hub-docs/blob/main/datasetcard.md"
_CARD_TEMPLATE = (
    "https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/templates/datasetcard_template.md"
)
_CONFIGURATIONS = "https://huggingface.co/docs/hub/datasets-manual-configuration"
_RECORDS = "https://help.zenodo.org/docs/deposit/about-records"
_FILES = "https://help.zenodo.org/docs/deposit/manage-files"
_RIGHTS = "corpus/sources.toml"

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
_CORE = ("name", "description", "license", "url", "creator", "datePublished", "distribution")
_CORE_RECOMMENDED = ("version", "keywords", "publisher", "inLanguage", "recordSet", "citeAs")
_MORE_RAI = (
    *("rai:dataCollection", "rai:dataAnnotationProtocol", "rai:annotationsPerItem", "rai:annotatorDemographics"),
    *("rai:dataAnnotationAnalysis", "rai:dataPreprocessingProtocol", "rai:dataReleaseMaintenancePlan"),
)


def _neurips(documents: ReleaseDocuments) -> Iterator[Requirement]:
    yield _hosted(documents)
    yield _valid_croissant(documents)
    for name in NEURIPS_PROPERTIES:
        yield _property(documents, name, required=True, source=_HOSTING)
    for name in _CORE:
        yield _property(documents, name, required=True, source=_CROISSANT)
    for name in _CORE_RECOMMENDED:
        yield _property(documents, name, required=False, source=_CROISSANT)
    for name in _MORE_RAI:
        yield _property(documents, name, required=False, source=_CROISSANT_RAI)
    yield _accessible(documents)


def _hub(documents: ReleaseDocuments) -> Iterator[Requirement]:
    fields = documents.card_fields
    again = "release the version with this goldwire"

    def field(name: str, fix: str, *, required: bool = False, source: str = _CARD_FIELDS) -> Requirement:
        return _present(f"{name} in the card", bool(fields.get(name)), fix, required=required, source=source)

    yield field("license", "state `licence` of each source in corpus/sources.toml", required=True, source=_CARDS)
    yield field("language", "state `language` of each source in corpus/sources.toml", required=True, source=_CARDS)
    yield field("size_categories", again, source=_CARDS)
    yield _repository(documents)
    yield field("pretty_name", "state `name` in [tool.goldwire]")
    yield field("task_categories", again)
    creators = "state who annotated as annotations_creators in [tool.goldwire]"
    yield field("annotations_creators", f"{creators}, {_RELEASE}")
    writers = "state who wrote the texts as language_creators in [tool.goldwire]"
    yield field("language_creators", f"{writers}, {_RELEASE}")
    yield field("tags", f"{again}, {_RELEASE}")
    yield field("dataset_info", again)
    if fields.get("license") == "other":
        yield field("license_name", again, required=True)
        link = "state the SPDX id of one licence as `licence` of the sources, or add the link to the card on the Hub"
        yield field("license_link", link)
    yield field("configs", again, required=True, source=_CONFIGURATIONS)
    for heading in ("Uses", "Dataset Structure", "Dataset Creation", "Bias, Risks, and Limitations", "Citation"):
        written = f"\n## {heading}\n" in documents.card
        yield _present(f"section {heading}", written, again, required=False, source=_CARD_TEMPLATE)
    yield _present(
        "authors in the citation",
        bool(documents.croissant.get("creator")),
        f"state authors in [tool.goldwire], {_RELEASE}",
        required=False,
        source=_CARD_TEMPLATE,
    )
    yield _accessible(documents)


def _zenodo(documents: ReleaseDocuments) -> Iterator[Requirement]:
    cited = documents.citation
    authors = bool(documents.croissant.get("creator"))
    license_fix = "choose a licence for the record: the sources have several"
    doi_fix = f"reserve a DOI in the record's form, state it as doi in [tool.goldwire], {_RELEASE}"
    for name, is_met, required, fix in (
        ("title", bool(cited.get("title")), True, "state `name` in [tool.goldwire]"),
        ("creators", authors, True, f"state authors in [tool.goldwire], {_RELEASE}"),
        ("publication date", bool(cited.get("date-released")), True, f"{_RELEASE[5:]}: it records its date"),
        ("description", bool(cited.get("abstract")), False, "release the version with this goldwire"),
        ("licence", bool(cited.get("license")), False, license_fix),
        ("keywords", bool(cited.get("keywords")), False, f"state keywords in [tool.goldwire], {_RELEASE}"),
        ("DOI in card and citation", bool(cited.get("doi")), False, doi_fix),
    ):
        yield _present(name, is_met, fix, required=required, source=_RECORDS)
    yield Requirement(
        name="resource type", required=True, state="manual", detail="choose Dataset in the form", source=_RECORDS
    )
    yield _within_limits(documents)
    yield _accessible(documents)


VENUES: dict[Venue, Callable[[ReleaseDocuments], Iterator[Requirement]]] = {
    "neurips": _neurips,
    "hub": _hub,
    "zenodo": _zenodo,
}
"""The requirements of each venue."""


def _present(name: str, is_met: bool, fix: str, *, source: str, required: bool = True) -> Requirement:
    state: State = "met" if is_met else "missing"
    return Requirement(name=name, required=required, state=state, fix="" if is_met else fix, source=source)


def _property(documents: ReleaseDocuments, name: str, *, required: bool, source: str) -> Requirement:
    """A property of croissant.json."""
    value = documents.croissant.get(name)
    if name in _STATEMENTS:
        fix = f"state {_STATEMENTS[name]} in [tool.goldwire.statements], {_RELEASE}"
    else:
        fix = f"state {_SETTINGS[name]} in [tool.goldwire], {_RELEASE}" if name in _SETTINGS else _RELEASE[5:]
    return _present(name, value is False or bool(value), fix, required=required, source=source)


def _valid_croissant(documents: ReleaseDocuments) -> Requirement:
    name, issues = "valid Croissant file", documents.croissant_issues
    state: State = "missing"
    detail, fix = "", _RELEASE[5:]
    if not documents.croissant:
        fix = f"{fix}: it writes one"
    elif issues is None:
        state, detail, fix = "manual", "mlcroissant is not installed", "pip install 'goldwire[audit]'"
    elif issues:
        detail = f"{len(issues)} issues, such as {issues[0]}" if len(issues) > 1 else issues[0]
    else:
        state, detail, fix = "met", "no error and no open recommendation", ""
    return Requirement(name=name, required=True, state=state, detail=detail, fix=fix, source=_HOSTING)


def _hosted(documents: ReleaseDocuments) -> Requirement:
    """Reviewers load the dataset from where it is hosted; it is public by the deadline of the final paper."""
    name = "hosted on Hugging Face, Kaggle, OpenML, Harvard Dataverse or a site of your own"
    if documents.repo_id is None and "doi" not in documents.citation:
        fix = "state repo_id in [tool.goldwire] and run `goldwire publish`, or state the doi of another host"
        return Requirement(name=name, required=True, state="missing", fix=fix, source=_HOSTING)
    where = documents.repo_id or documents.citation["doi"]
    detail = f"see that reviewers can load {where} at this version, and that it is public by the camera-ready deadline"
    return Requirement(name=name, required=True, state="manual", detail=detail, source=_HOSTING)


def _repository(documents: ReleaseDocuments) -> Requirement:
    fix = "state repo_id in [tool.goldwire], or use --repo-id"
    return _present("repository ORG/NAME", documents.repo_id is not None, fix, source=_CARDS)


def _accessible(documents: ReleaseDocuments) -> Requirement:
    """Whether the version may be given to others."""
    manifest = documents.manifest
    name, withheld = "text that may be redistributed", ", ".join(manifest.withheld_sources)
    state: State = "met"
    detail, fix = "", ""
    if manifest.withheld_sources and manifest.standoff:
        detail = f"{withheld} withheld: this version contains no text, and users hydrate it"
    elif manifest.withheld_sources:
        state, detail = "missing", withheld
        fix = "release a version without the text: `goldwire release --standoff`"
    return Requirement(name=name, required=True, state=state, detail=detail, fix=fix, source=_RIGHTS)


_ZENODO_FILES, _ZENODO_BYTES = 100, 50_000_000_000


def _within_limits(documents: ReleaseDocuments) -> Requirement:
    files = documents.manifest.files
    n_bytes = sum(file.bytes for file in files)
    name = f"at most {_ZENODO_FILES} files and {_ZENODO_BYTES // 10**9} GB"
    detail = (
        f"{quantity(len(files) + 1, 'file')}, {n_bytes / 1e6:,.1f} MB; records have no folders: upload the "
        "version as one .zip"
    )
    is_met = n_bytes <= _ZENODO_BYTES
    state: State = "met" if is_met else "missing"
    fix = "" if is_met else "ask Zenodo for more space, or divide the dataset"
    return Requirement(name=name, required=True, state=state, detail=detail, fix=fix, source=_FILES)
