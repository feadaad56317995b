"""The records that goldwire reads and writes: frozen structs whose field names are the names on disk.

All offsets are half-open `[start, end)` and count Unicode **code points** of `Article.text`, as Python slices do.
Outside offsets (UTF-16 units) are converted at the edge, in `goldwire.text.offsets`.

Modules
-------
agreement : agreement values of a batch
annotators : pseudonyms of annotators, experts and machines, and their working time
articles : articles of the corpus, their origin in raw files, and raw records without an article
decisions : decisions on gold, and the method by which a batch was adjudicated
duplicates : clusters of near-duplicate articles
findings : problems that checks find
layers : the spans and stances that one annotator marked in one article
record : the base of all records
releases : split assignments and manifests of released versions
tasks : what annotators are asked to label
"""

from __future__ import annotations

from goldwire.records.agreement import Agreement, AgreementCondition, AgreementInterval, AgreementUnit
from goldwire.records.annotators import GOLD, AnnotatorMinutes, has_vote, is_expert, is_machine, is_pseudonym
from goldwire.records.articles import (
    Article,
    Cleaning,
    Correction,
    MetadataValue,
    Origin,
    OriginRun,
    Rejected,
    TextEdit,
    TextKind,
    article_id,
    text_digest,
)
from goldwire.records.decisions import (
    Adjudication,
    AdjudicationMethod,
    Decision,
    DecisionAnswer,
    DisputeCause,
    FallbackMethod,
    Provenance,
)
from goldwire.records.duplicates import DuplicatePair, Duplicates
from goldwire.records.findings import Finding, Severity
from goldwire.records.layers import AnnotationLayer, MachineRun, Prelabels, SpanLabel, StanceLabel, number_layer
from goldwire.records.record import Record
from goldwire.records.releases import HELD_OUT, AcceptedFindings, Release, ReleaseFile, Split, SplitAssignment
from goldwire.records.tasks import GoldCheck, Task, TaskKind

__all__ = [
    "GOLD",
    "HELD_OUT",
    "AcceptedFindings",
    "Adjudication",
    "AdjudicationMethod",
    "Agreement",
    "AgreementCondition",
    "AgreementInterval",
    "AgreementUnit",
    "AnnotationLayer",
    "AnnotatorMinutes",
    "Article",
    "Cleaning",
    "Correction",
    "Decision",
    "DecisionAnswer",
    "DisputeCause",
    "DuplicatePair",
    "Duplicates",
    "FallbackMethod",
    "Finding",
    "GoldCheck",
    "MachineRun",
    "MetadataValue",
    "Origin",
    "OriginRun",
    "Prelabels",
    "Provenance",
    "Record",
    "Rejected",
    "Release",
    "ReleaseFile",
    "Severity",
    "SpanLabel",
    "Split",
    "SplitAssignment",
    "StanceLabel",
    "Task",
    "TaskKind",
    "TextEdit",
    "TextKind",
    "article_id",
    "has_vote",
    "is_expert",
    "is_machine",
    "is_pseudonym",
    "number_layer",
    "text_digest",
]
