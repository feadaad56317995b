"""The data of a dataset card, beside the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from goldwire.adjudication.provenance import MACHINE
from goldwire.baselines.scores import Baseline
from goldwire.records import Release
from goldwire.release.inputs import WorkQuality
from goldwire.workspace.layout import StatementName
from goldwire.workspace.sources import Source

__all__ = ["CardData", "CitationData", "Website"]


class CitationData(msgspec.Struct, frozen=True, kw_only=True):
    """Citation of the dataset, from the workspace's settings.

    Attributes
    ----------
    authors
        Names, as they are to be cited.
    year
        Year of publication.
    doi, homepage
        Without `https://doi.org/`; the address of the dataset's page.
    publisher
        Who publishes it, if not the authors.
    keywords
        Keywords.
    """

    authors: Sequence[str] = ()
    year: int | None = None
    doi: str | None = None
    homepage: str | None = None
    publisher: str | None = None
    keywords: Sequence[str] = ()


class Website(msgspec.Struct, frozen=True):
    """A domain name that articles come from, with their number and their characters."""

    domain: str
    n_articles: int
    n_characters: int


class CardData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of the dataset card that the manifest does not have.

    Attributes
    ----------
    manifest
        The manifest, possibly still without files.
    sources
        The sources of the articles, by name.
    articles_by_source
        Number of articles of each source.
    n_rows
        Number of rows by config and split.
    label_counts
        Number of labels by config, split and label.
    annotators
        Pseudonyms of the annotators.
    n_shared_articles
        Number of articles that two or more annotators confirmed.
    quality
        Checks on single annotators, and the time that they took.
    doccano_batches
        The batches whose labels were pulled from a Doccano server.
    prelabel_sources
        Where the pre-labels came from that annotators started with.
    resolved
        Number of resolved decisions by who decided: `unanimous`, `majority`, `single`, `expert`, `model`.
    unresolved
        Number of decisions still in dispute, by what is disputed.
    n_left_out
        Number of resolved decisions that leave an item out of gold.
    n_untagged_spans
        Number of gold spans that BIO tags cannot represent, because a longer span covers them.
    n_misaligned_spans
        Number of gold spans that begin or end inside a token.
    n_without_entity_task
        Number of articles that were annotated for stance only.
    n_held_out
        Number of gold articles that are in no split, because they would leak.
    n_corrected
        Number of articles whose text a person corrected before annotation.
    dates, lengths, outlets
        Publication dates (ISO), text lengths in characters, and number of articles by outlet; each by split.
    annotation_creators, language_creators
        Who annotated and who wrote the texts, in the Hub's terms; empty where that is not known.
    repo_id
        The dataset's repository on the Hub, if it is known.
    citation
        How to cite the dataset.
    statements
        Statements that only people can make, by `goldwire.workspace.layout.StatementName`.
    websites
        The domain names of the articles' addresses, that with the most characters first.
    has_datasheet
        Whether the workspace has a DATASHEET.md.
    baseline
        Scores of simple models, if they were trained.
    verified
        Codes of the checks that ran on everything in the version and found nothing. A sentence that depends on other
        checks is not in the card.
    """

    manifest: Release
    sources: Mapping[str, Source]
    articles_by_source: Mapping[str, int]
    n_rows: Mapping[str, Mapping[str, int]]
    label_counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    annotators: Sequence[str]
    n_shared_articles: int = 0
    quality: WorkQuality = WorkQuality()
    doccano_batches: Sequence[str] = ()
    prelabel_sources: Sequence[str] = ()
    resolved: Mapping[str, int]
    unresolved: Mapping[str, int]
    n_left_out: int = 0
    n_untagged_spans: int
    n_misaligned_spans: int = 0
    n_without_entity_task: int = 0
    n_held_out: int = 0
    n_corrected: int = 0
    dates: Mapping[str, Sequence[str]]
    lengths: Mapping[str, Sequence[int]]
    outlets: Mapping[str, Mapping[str, int]]
    annotation_creators: Sequence[str]
    language_creators: Sequence[str]
    repo_id: str | None
    citation: CitationData = CitationData()
    statements: Mapping[StatementName, str] = {}
    websites: Sequence[Website] = ()
    has_datasheet: bool = False
    baseline: Baseline | None = None
    verified: frozenset[str] = frozenset()

    @property
    def is_machine_made(self) -> bool:
        """Whether only machines annotated."""
        return list(self.annotation_creators) == [MACHINE]

    @property
    def is_machine_written(self) -> bool:
        """Whether only machines wrote the texts."""
        return list(self.language_creators) == [MACHINE]

    @property
    def address(self) -> str | None:
        """The address of the dataset: its page, else its repository on the Hub."""
        hub = None if self.repo_id is None else f"https://huggingface.co/datasets/{self.repo_id}"
        return self.citation.homepage or hub
