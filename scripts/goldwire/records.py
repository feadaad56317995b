"""The records that goldwire reads and writes: frozen structs whose field names are the names on disk.

All offsets are half-open `[start, end)` and count Unicode **code points** of `Article.text`, as Python slices do.
Outside offsets (UTF-16 units, bytes) are converted at the edge, in `goldwire.text.offsets`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Literal

import msgspec

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
    "Finding",
    "GoldCheck",
    "MachineRun",
    "MetadataValue",
    "Origin",
    "OriginRun",
    "Prelabels",
    "Provenance",
    "Rejected",
    "Release",
    "ReleaseFile",
    "SpanLabel",
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

GOLD = "gold"
"""The annotator name of adjudicated layers."""

Cleaning = Literal["page", "light", "none"]
"""How much a raw text is cleaned: as the dump of a web page, of lines that are boilerplate by their words, or not."""

TextKind = Literal["article", "post", "document"]
"""What a raw text is that is no page: an article, a post or another short text, or a document such as a statute."""

TaskKind = Literal["entities", "stance"]
GoldCheck = Literal["article", "copy"]
AgreementUnit = Literal["item", "span", "stance", "token", "prelabel"]
AgreementCondition = Literal["marked-by-two", "drawn-by-two", "drawn-by-any", "answered-by-two", "without-prelabels"]
AgreementInterval = Literal["jackknife", "percentile", "bca", "chance-sampling"]
Severity = Literal["error", "warning"]
Split = Literal["train", "validation", "test"]
HELD_OUT: Literal["held-out"] = "held-out"
"""In place of a split: the article is in no release, because it would leak between splits."""
Provenance = Literal["unanimous", "majority", "single", "expert", "model"]
DisputeCause = Literal["existence", "label", "boundary", "stance", "span"]
AdjudicationMethod = Literal["majority", "dawid-skene", "mace", "expert"]
FallbackMethod = Literal["majority", "dawid-skene", "mace"]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all records: frozen, keyword-only, with tuples instead of lists; unknown fields are refused."""


class OriginRun(msgspec.Struct, frozen=True, array_like=True):
    """Map `text[start:end]` (code points) to `raw[raw_start:raw_end]` (bytes).

    If those bytes decode to exactly that text, the run is verbatim and each part of it maps exactly. Otherwise (a
    joined line break, a composed accent) the run maps as a whole. Text that no run covers, such as the blank line
    between paragraphs, was inserted by goldwire.
    """

    start: int
    end: int
    raw_start: int
    raw_end: int


class Origin(Record, frozen=True, kw_only=True):
    """Provenance of an article's text: the raw file in the workspace, its digest, and the runs that map text to bytes.

    In a file of many records, `row` is the 0-based record number and `field` the name of the text field. `sha256` and
    `runs` then refer to the UTF-8 bytes of that field's value, because its bytes in the file are escaped or compressed
    and the file may grow. `encoding` is Python's name of the encoding of a file that is one record.
    """

    file: str
    sha256: str
    row: int | None = None
    field: str | None = None
    encoding: str = "utf-8"
    runs: tuple[OriginRun, ...] = ()
    mojibake_repairs: int | msgspec.UnsetType = msgspec.UNSET  # number of repaired stretches; unset if none


class MetadataValue(Record, frozen=True, kw_only=True):
    """A value that an HTML page states about its article, such as its `byline`, `outlet` or `date`.

    `source` is the place in the page that states it: `json-ld author`, `meta og:title`, `element h1`.
    """

    name: str
    value: str
    source: str


class TextEdit(msgspec.Struct, frozen=True, array_like=True):
    """`text[start:end]` (code points) of a corrected text stands for `extracted` in the extracted one."""

    start: int
    end: int
    extracted: str


class Correction(Record, frozen=True, kw_only=True):
    """Correction of an article's text by a person, before anything was annotated.

    Undoing the `edits` gives the extracted text, whose SHA-256 is `extracted_sha256`; `title` and `runs` are those of
    the extracted article.
    """

    reason: str
    extracted_sha256: str
    edits: tuple[TextEdit, ...]
    title: str
    runs: tuple[OriginRun, ...] = ()


class Article(Record, frozen=True, kw_only=True):
    """One clean news article: headline, a blank line, then paragraphs separated by blank lines (NFC, LF)."""

    id: str
    source: str
    url: str | None
    published: str | None  # ISO 8601 date, or date and time
    title: str
    text: str
    text_sha256: str  # of `text` in UTF-8, hexadecimal
    captions: tuple[str, ...]
    language: str
    origin: Origin
    metadata: tuple[MetadataValue, ...] | msgspec.UnsetType = msgspec.UNSET  # only of HTML pages
    cleaning: Cleaning | msgspec.UnsetType = msgspec.UNSET  # unset: "page"
    kind: TextKind | msgspec.UnsetType = msgspec.UNSET  # of the raw text; unset: a page
    correction: Correction | msgspec.UnsetType = msgspec.UNSET  # unset: the text is as extracted


class Rejected(Record, frozen=True, kw_only=True):
    """A raw record without an article, and the reason; `sha256` is that of its bytes, if they could be read.

    `duplicate_of` is the article that a `duplicate` repeats; `language` is that of a text in an unwanted language;
    `clean` is the setting of its source at that time, unset if there was none.
    """

    source: str
    file: str
    row: int | None
    reason: str  # kebab-case, e.g. `too-short`
    detail: str
    sha256: str | msgspec.UnsetType = msgspec.UNSET
    duplicate_of: str | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET
    clean: Cleaning | msgspec.UnsetType = msgspec.UNSET


class DuplicatePair(Record, frozen=True, kw_only=True):
    """Two near-duplicate articles, `left < right`, and how similar the sets of their bodies' word 5-grams are.

    `jaccard` is their Jaccard index and `containment` the share of the smaller set that is in the larger one. `measure`
    is the one by which the pair is near-duplicate: containment only if the Jaccard index is below its threshold.
    """

    left: str
    right: str
    jaccard: float
    containment: float | None = None
    measure: Literal["jaccard", "containment"] = "jaccard"


class Duplicates(Record, frozen=True, kw_only=True):
    """A cluster of two or more near-duplicate articles, with the verified pairs in it."""

    cluster: str  # the smallest article id in it
    article_ids: tuple[str, ...]
    pairs: tuple[DuplicatePair, ...]


class Task(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One article, or one article and a target, assigned to named annotators.

    `window` is the part of `Article.text` to annotate and `context` the larger part that the annotator sees, if any:
    both are `[start, end]` in code points, half-open. A `calibration` task is assigned to all annotators of the batch.
    `inclusion_probability` is the probability with which the plan took the article from those that were available, for
    estimates about the corpus; None if it was not drawn with a known probability. A `gold_check` compares annotators
    with gold from another batch: the `article` itself has it, and gets no other in this batch, or a `copy` has it. The
    server never learns of it, so that no annotator can tell.
    """

    id: str
    batch: str
    kind: TaskKind
    article_id: str
    window: tuple[int, int]
    target: str | None
    text_sha256: str
    annotators: tuple[str, ...]
    context: tuple[int, int] | None = None
    calibration: bool = False
    inclusion_probability: float | None = None
    gold_check: GoldCheck | None = None


class AnnotatorMinutes(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Working time of one annotator in a batch, from the times of ticks; breaks are left out.

    `per_task` is the median, and `per_label` the mean over the tasks whose labels are known to be of one task.
    """

    annotator: str
    per_task: float
    per_label: float | None = None


class SpanLabel(Record, frozen=True, kw_only=True, gc=False):
    """An entity mention. `text` is the surface `Article.text[start:end]`, kept on purpose: it proves the offsets."""

    id: str  # T1, T2, ... in start, end, label order
    start: int
    end: int
    label: str
    text: str


class StanceLabel(Record, frozen=True, kw_only=True, gc=False):
    """A holder's stance to a target.

    `holder` is a span id, or None for the article's own voice. Of `target` (a span id) and `target_name`
    (a target that is asked about by name) exactly one is set.
    """

    id: str  # R1, R2, ...
    holder: str | None
    target: str | None = None
    target_name: str | None = None
    stance: str


class Prelabels(Record, frozen=True, kw_only=True):
    """The annotator's use of the pre-labels of an article.

    `accepted` and `changed` are ids of the layer's spans and stances; the annotator added all others. Pre-labels that
    the annotator removed are only counted.
    """

    source: str  # `gazetteer`, `model:NAME` or `layer:NAME`
    accepted: tuple[str, ...]
    changed: tuple[str, ...]
    dropped_spans: int
    dropped_stances: int


class MachineRun(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The run of a machine that made a layer.

    Parameters
    ----------
    source : str
        The source as `goldwire prelabel --with` names it: `gazetteer`, `spacy:NAME`, `openai:MODEL`; a file or folder
        without its path.
    model : str or None
        The model that answered, as the endpoint or the package names it.
    version : str or None
        Its version or fingerprint, or the digest of the file that it was read from.
    prompt_sha256 : str or None
        Digest of the instructions; None for a machine that gets none.
    temperature : float or None
        Temperature of a language model.
    date : str
        ISO 8601 date of the run.
    runs : int
        How many runs the layer combines: it has the labels of more than half of them.
    confidence : dict of str to float
        Confidence by id of span or stance: the share of the runs if there are several, else what the machine states.
        Labels without one are not in it.
    """

    source: str
    model: str | None = None
    version: str | None = None
    prompt_sha256: str | None = None
    temperature: float | None = None
    date: str
    runs: int = 1
    confidence: dict[str, float] = {}


class AnnotationLayer(Record, frozen=True, kw_only=True):
    """All that one annotator (or a machine, or `gold`) said of one article.

    Some fields are there only in some layers: `prelabels` where an annotator started from some, `machine` in those of
    machines, `holdout` in pre-labels that no annotator sees, `inclusion_probability` (see `Task`) in gold.
    """

    article_id: str
    text_sha256: str
    batch: str
    annotator: str
    guidelines_version: str
    schema_version: str
    confirmed: bool
    spans: tuple[SpanLabel, ...]
    stances: tuple[StanceLabel, ...]
    comments: tuple[str, ...] = ()
    prelabels: Prelabels | msgspec.UnsetType = msgspec.UNSET
    machine: MachineRun | msgspec.UnsetType = msgspec.UNSET
    holdout: Literal[True] | msgspec.UnsetType = msgspec.UNSET
    inclusion_probability: float | msgspec.UnsetType = msgspec.UNSET


class DecisionAnswer(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One answer to the question behind a decision, and the annotators who gave it.

    `label` is the entity label or the stance; None where they marked or drew nothing. `start` and `end` are the
    offsets of a span; None for a stance and for nothing.
    """

    label: str | None
    start: int | None = None
    end: int | None = None
    annotators: tuple[str, ...]


class Decision(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Decision on one span or stance: in gold, left out of gold, or still in dispute.

    Attributes
    ----------
    article_id : str
    kind : {"span", "stance"}
    gold_id : str or None
        The id in the gold layer (`T4`, `R2`); None where it is not in gold: left out, or still in dispute.
    description : str
        The item in words: `Merkel [120, 126) PER`, `Merkel [120, 126) supports Berlin [10, 16)`.
    label : str or None
        The entity label or the stance that it has in gold; None where it is not in gold.
    start, end : int or None
        Offsets of a span: those in gold, or the most frequent ones among the annotators; None for a stance.
    holder, target : (int, int) or None
        Offsets of the ends of a stance. None for a span; no `holder` stands for the article's own voice, no `target`
        for a named one.
    target_name : str or None
        The target of a stance that was asked about by name.
    n_votes, n_voters : int
        How many annotators gave the answer that has most votes, of how many who annotated the article.
    provenance : {"unanimous", "majority", "single", "expert", "model"} or None
        Who decided, whether it is in gold or left out; None where it is in dispute. All annotators of the article
        agreed; most did; there was only one; the expert gave a reason, settled what the votes do not decide, or decided
        otherwise than the votes; or a model of the annotators decided.
    dispute : {"existence", "label", "boundary", "stance", "span"} or None
        Why it is undecided: whether there is anything, which label it has, where it starts or ends, which stance it is,
        or whether an end of the stance is in gold. None where it is decided.
    comment : str or None
        The expert's own words.
    answers : tuple of DecisionAnswer
        What the annotators answered, the most frequent answer first.
    posterior : float or None
        Probability of the answer, where a model of the annotators was asked.
    """

    article_id: str
    kind: Literal["span", "stance"]
    gold_id: str | None
    description: str
    label: str | None = None
    start: int | None = None
    end: int | None = None
    holder: tuple[int, int] | None = None
    target: tuple[int, int] | None = None
    target_name: str | None = None
    n_votes: int
    n_voters: int
    provenance: Provenance | None = None
    dispute: DisputeCause | None = None
    comment: str | None = None
    answers: tuple[DecisionAnswer, ...] = ()
    posterior: float | None = None

    @property
    def is_resolved(self) -> bool:
        """Whether it is decided: in gold or left out of it."""
        return self.provenance is not None

    @property
    def is_left_out(self) -> bool:
        """Whether it was decided that it is not in gold."""
        return self.is_resolved and self.gold_id is None


class Adjudication(Record, frozen=True, kw_only=True):
    """The method by which a batch was adjudicated: annotations/gold/<batch>.adjudication.json.

    With it and the layers, `goldwire check` adjudicates again and compares the result with gold and decisions.

    Attributes
    ----------
    batch : str
    method : {"majority", "dawid-skene", "mace", "expert"}
        What decides labels and stances: most votes, a model of the annotators, or one expert.
    min_votes : int
        The least number of votes for each item.
    min_posterior : float or None
        The least probability at which a model decides; None for other methods.
    expert : str or None
        Whose labels decide, with the method `expert`.
    fallback : {"majority", "dawid-skene", "mace"}
        What decides, with the method `expert`, where this expert did not tick the article as done.
    """

    batch: str
    method: AdjudicationMethod
    min_votes: int = 1
    min_posterior: float | None = None
    expert: str | None = None
    fallback: FallbackMethod = "majority"


class SplitAssignment(Record, frozen=True, kw_only=True):
    """A row of splits/assignment.tsv, which never changes.

    Attributes
    ----------
    article_id
        The article.
    cluster
        Its near-duplicate cluster when it was assigned.
    split
        Its split, or `held-out`: it is in no release, because it would leak wherever it went.
    since_version
        The version that it joined, or would have joined.
    reason
        Why it is held out; None for an article with a split.
    """

    article_id: str
    cluster: str
    split: Split | Literal["held-out"]
    since_version: str
    reason: str | None = None

    @property
    def is_held_out(self) -> bool:
        """Whether the article is in no split."""
        return self.split == HELD_OUT


class ReleaseFile(Record, frozen=True, kw_only=True):
    """A file of a release.

    Attributes
    ----------
    path
        Path within the version's folder.
    rows
        Number of rows of a Parquet file; None for other files.
    bytes, sha256
        Size and SHA-256 of the file.
    content_sha256
        Digest of a Parquet file's rows, which, unlike `sha256`, does not depend on the version of the library.
    """

    path: str
    rows: int | None
    bytes: int
    sha256: str
    content_sha256: str | None


class AcceptedFindings(Record, frozen=True, kw_only=True):
    """Errors in the data that a version contains on purpose.

    Attributes
    ----------
    code
        The rule; `goldwire check --explain CODE` describes it.
    summary
        The problem, in one clause.
    reason
        Why they are accepted.
    n_findings
        How many there are.
    """

    code: str
    summary: str
    reason: str
    n_findings: int


class Release(Record, frozen=True, kw_only=True):
    """manifest.json of a released version.

    Attributes
    ----------
    name, version
        The dataset and `X.Y.Z`.
    goldwire_version, guidelines_version, schema_version
        Versions of what it was made with.
    batches
        The batches that its labels come from.
    articles
        Number of articles by split.
    labels
        Number of labels by config and label.
    agreement
        Agreement values of the batches.
    files
        The files, by path.
    label_descriptions
        The description of each label at the time of the release.
    withheld_sources
        Sources whose text may not be redistributed.
    standoff
        Whether the version contains no text.
    full_text_reason
        Why it contains text of withheld sources; None if it contains none.
    accepted
        Errors in its data that were accepted for this version.
    previous, changes
        The version before it, and what changed since.
    published
        The date of the release (ISO); `SOURCE_DATE_EPOCH` sets it, so that a version can be built again unchanged.
    """

    name: str
    version: str
    goldwire_version: str
    guidelines_version: str
    schema_version: str
    batches: tuple[str, ...]
    articles: dict[str, int]
    labels: dict[str, dict[str, int]]
    agreement: tuple[Agreement, ...]
    files: tuple[ReleaseFile, ...]
    label_descriptions: dict[str, str] = {}
    withheld_sources: tuple[str, ...] = ()
    standoff: bool = False
    full_text_reason: str | None = None
    accepted: tuple[AcceptedFindings, ...] = ()
    previous: str | None = None
    changes: tuple[str, ...] = ()
    published: str | None = None


class Agreement(Record, frozen=True, kw_only=True):
    """An agreement value with its sample size, its interval and the part of a batch that it describes.

    Attributes
    ----------
    coefficient : str
        The coefficient, such as `span_f1_exact` or `krippendorff_alpha_nominal`.
    batch : str or None
        The batch that was measured; None for data that is not a batch.
    unit : {"item", "span", "stance", "token", "prelabel"}
        What `n_items` counts and annotators agree on. A batch that asks for stances towards named targets has
        meaningful values of the unit `stance` only.
    label, annotators, source, target
        The part of the data that the value describes: one label against all others, these annotators only, articles
        of one source, stances towards one target. None where the value describes the whole.
    condition : str or None
        The units that the value is over, where these are not all of them. `marked-by-two`: text that two annotators
        marked; `drawn-by-two`: holder-target pairs between which two annotators drew a stance; `drawn-by-any`: pairs
        between which at least one did; `answered-by-two`: targets that two annotators were asked about by name;
        `without-prelabels`: labels other than those that both accepted of the same suggestion.
    value : float
        The coefficient; nan where it is undefined, and `reason` says why.
    low, high : float
        Bounds of the 95% interval; nan where there is none, and `reason` says why.
    interval : str or None
        How the interval was computed: `jackknife`, `percentile` or `bca` over articles, or `chance-sampling`: over the
        samples of chance in one text only.
    n_items : int
        Number of units that were compared.
    n_raters : int
        Number of annotators.
    n_groups : int or None
        Number of articles, or other groups of units, that the interval is over.
    reason : str or None
        Why the value or the interval is undefined.
    """

    coefficient: str
    batch: str | None = None
    unit: AgreementUnit = "item"
    label: str | None = None
    annotators: tuple[str, ...] | None = None
    source: str | None = None
    target: str | None = None
    condition: AgreementCondition | None = None
    value: float
    low: float
    high: float
    interval: AgreementInterval | None = None
    n_items: int
    n_raters: int
    n_groups: int | None = None
    reason: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the value describes the whole batch, not a label, some annotators, a source or a target."""
        return (self.label, self.annotators, self.source, self.target) == (None,) * 4

    @property
    def name(self) -> str:
        """The coefficient and, in brackets, the part that it describes; floors in `[tool.goldwire.floors]` use it.

        The whole batch: `span_f1_exact`; a label: `span_f1_exact[PER]`; annotators: `span_f1_exact[A1+A2]`; a source
        or target: `stance_alpha_nominal[source wire]`, `stance_alpha_nominal[target Port League]`. The name is only
        written and compared, never parsed.
        """
        parts = [part for part in (self.label, "+".join(self.annotators or ())) if part]
        parts += [f"{kind} {part}" for kind, part in (("source", self.source), ("target", self.target)) if part]
        return self.coefficient + (f"[{', '.join(parts)}]" if parts else "")


class Finding(Record, frozen=True, kw_only=True):
    """A problem that a check found, with the file and line where a person can see it.

    Attributes
    ----------
    code
        The rule, such as `span-text-mismatch`; `goldwire check --explain CODE` describes it.
    file
        Path relative to the workspace.
    line
        The line, from 1; None for the whole file.
    item
        What the finding is about: the id of an article, a span (`T4`) or a stance (`R2`), or None.
    message
        What is wrong there.
    """

    code: str
    file: str
    line: int | None = None
    item: str | None = None
    message: str


_PSEUDONYM = re.compile(r"(?=.*\d)[A-Za-z][A-Za-z0-9_-]{0,19}")
_EXPERT = re.compile(r"E[0-9]+")
_MACHINE = re.compile(r"M[0-9]+")


def is_pseudonym(name: str) -> bool:
    """Whether an annotator's name is a pseudonym: letters followed by a number, such as `A1`."""
    return _PSEUDONYM.fullmatch(name) is not None


def is_expert(annotator: str) -> bool:
    """Whether an annotator's name is that of an expert, such as `E1`.

    Experts decide what the annotators dispute. Their layers are stored beside the annotators' layers and count in no
    agreement, no vote and no release.
    """
    return _EXPERT.fullmatch(annotator) is not None


def is_machine(annotator: str) -> bool:
    """Whether an annotator's name is that of a machine, such as `M1`.

    Layers of machines are stored beside the annotators' layers and, like those of experts, count in no agreement, no
    vote and no release.
    """
    return _MACHINE.fullmatch(annotator) is not None


def has_vote(annotator: str) -> bool:
    """Whether an annotator counts as one: not an expert, not a machine, and not `gold`."""
    return annotator != GOLD and not is_expert(annotator) and not is_machine(annotator)


def text_digest(text: str) -> str:
    """SHA-256 of `text` in UTF-8, hexadecimal. A lone surrogate is digested as it is, never raised on."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def article_id(source: str, key: str | bytes) -> str:
    """`<source>-<12 hex digits>`, from the source and the canonical URL (str) or the raw bytes.

    48 bits: at a million articles of one source the chance that any two collide is 0.2%, and ingest refuses a
    collision, so that it is never silent.
    """
    data = key.encode() if isinstance(key, str) else key
    digest = hashlib.sha256(source.encode() + b"\0" + data).hexdigest()
    return f"{source}-{digest[:12]}"


def number_layer(
    spans: Iterable[SpanLabel], stances: Iterable[StanceLabel]
) -> tuple[tuple[SpanLabel, ...], tuple[StanceLabel, ...]]:
    """Renumber spans T1... in (start, end, label) order and stances R1... in the order of what they join.

    Stances may refer to any ids that `spans` carry; a reference to no span is kept as it is, for `check` to find.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end, span.label, span.id))
    names = {span.id: f"T{number}" for number, span in enumerate(ordered, 1)}
    places = {span.id: number for number, span in enumerate(ordered, 1)}
    joined = sorted(
        stances,
        key=lambda s: (places.get(s.holder or "", 0), places.get(s.target or "", 0), s.target_name or "", s.stance),
    )
    return (
        tuple(msgspec.structs.replace(span, id=names[span.id]) for span in ordered),
        tuple(
            msgspec.structs.replace(
                stance,
                id=f"R{number}",
                holder=None if stance.holder is None else names.get(stance.holder, stance.holder),
                target=None if stance.target is None else names.get(stance.target, stance.target),
            )
            for number, stance in enumerate(joined, 1)
        ),
    )
