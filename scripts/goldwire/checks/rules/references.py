"""L2: records refer to existing articles, spans and sources; tasks can be answered as planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.ingestion.corrections import extracted_text
from goldwire.records import AnnotationLayer, Duplicates, Finding, SpanLabel, StanceLabel, Task, text_digest
from goldwire.workspace.label_schema import Schema

__all__ = [
    "broken_corrections",
    "broken_origins",
    "contradicting_stances",
    "dangling_stances",
    "malformed_clusters",
    "malformed_tasks",
    "spans_outside_windows",
    "undescribed_sources",
    "unknown_articles",
]

ARTICLE_UNKNOWN = Rule(
    code="article-unknown",
    level=2,
    severity="error",
    summary="a record refers to an article that is not in corpus/articles/",
    why="Labels cannot be shown, checked or released without their text.",
    fix="Restore the article, or remove the record.",
    example=(
        "annotations/layers/b01/A1.jsonl:3 wire-ffffffffffff: L2 span error [article-unknown] no article "
        "'wire-ffffffffffff' in corpus/articles/"
    ),
)
TEXT_STALE = Rule(
    code="text-stale",
    level=2,
    severity="error",
    summary="a record was made with another text of the article",
    why="The text has changed since: offsets may be wrong, even those that fit by chance.",
    fix="Restore the text that was annotated, or annotate the article again.",
    example=(
        "annotations/layers/b01/A1.jsonl:3 wire-dcd79e4eb66e: L2 span error [text-stale] made with the text "
        "3c0f7e6d86e4..., the article has 3c0f7e6d86e3..."
    ),
)


@check(ARTICLE_UNKNOWN, TEXT_STALE)
def unknown_articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each record whose article is missing or has another text."""
    known = snapshot.articles.keys()
    digests = {entry.record.id: entry.record.text_sha256 for entry in snapshot.articles}
    for row in snapshot.rejected:
        original = row.record.duplicate_of
        if known is not None and original is not msgspec.UNSET and original not in known:
            yield row.finding(ARTICLE_UNKNOWN, original, f"no article {original!r} in corpus/articles/")
    for table in ("tasks", "layers", "gold", "decisions", "assignment", "prelabels"):
        for entry in getattr(snapshot, table):
            id = entry.record.article_id
            if known is not None and id not in known:
                yield entry.finding(ARTICLE_UNKNOWN, id, f"no article {id!r} in corpus/articles/")
            digest = getattr(entry.record, "text_sha256", None)
            if digest is not None and digests.get(id, digest) != digest:
                message = f"made with the text {digest[:12]}..., the article has {digests[id][:12]}..."
                yield entry.finding(TEXT_STALE, id, message)


CLUSTER_MALFORMED = Rule(
    code="cluster-malformed",
    level=2,
    severity="error",
    summary="a near-duplicate cluster is not as `goldwire dedup` writes it",
    why="Splits keep clusters whole by their names and articles: a wrong cluster leaks.",
    fix="Run `goldwire dedup` again.",
    example=(
        "corpus/duplicates.jsonl:1 wire-dcd79e4eb66e: L2 span error [cluster-malformed] the cluster is named "
        "'wire-dcd79e4eb66e', expected its first article 'herald-d4f13fee6ac3'"
    ),
)
CLUSTER_OVERLAPS = Rule(
    code="cluster-overlaps",
    level=2,
    severity="error",
    summary="an article is in two near-duplicate clusters",
    why="A cluster goes to one split as a whole, but this article would belong to two splits.",
    fix="Run `goldwire dedup` again.",
    example=(
        "corpus/duplicates.jsonl:2 wire-dcd79e4eb66e: L2 span error [cluster-overlaps] wire-dcd79e4eb66e is "
        "already in the cluster herald-d4f13fee6ac3"
    ),
)


@check(CLUSTER_MALFORMED, CLUSTER_OVERLAPS, ARTICLE_UNKNOWN)
def malformed_clusters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield findings about near-duplicate clusters: their articles, names and pairs."""
    known = snapshot.articles.keys()
    cluster_of: dict[str, str] = {}
    for entry in snapshot.duplicates:
        for message in _cluster_problems(entry.record):
            yield entry.finding(CLUSTER_MALFORMED, entry.record.cluster, message)
        for id in entry.record.article_ids:
            if known is not None and id not in known:
                yield entry.finding(ARTICLE_UNKNOWN, id, f"no article {id!r} in corpus/articles/")
            first = cluster_of.setdefault(id, entry.record.cluster)
            if first != entry.record.cluster:
                yield entry.finding(CLUSTER_OVERLAPS, id, f"{id} is already in the cluster {first}")


def _cluster_problems(cluster: Duplicates) -> Iterator[str]:
    members = cluster.article_ids
    if len(set(members)) < 2 or list(members) != sorted(set(members)):
        yield f"{len(members)} articles, expected two or more different ones, sorted"
    elif cluster.cluster != members[0]:
        yield f"the cluster is named {cluster.cluster!r}, expected its first article {members[0]!r}"
    for pair in cluster.pairs:
        if pair.left not in members or pair.right not in members or not 0 <= pair.jaccard <= 1:
            yield f"the pair {pair.left}, {pair.right} ({pair.jaccard:g}) is not two articles of the cluster"


SOURCE_UNKNOWN = Rule(
    code="source-unknown",
    level=2,
    severity="error",
    summary="the source of an article is not in corpus/sources.toml",
    why="Its licence is unknown, and with it whether its text may be released.",
    fix="Describe the source in corpus/sources.toml.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L2 span error [source-unknown] corpus/sources.toml has "
        "no [wire], the source of 3 articles"
    ),
)


@check(SOURCE_UNKNOWN)
def undescribed_sources(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding at the first article of each source that corpus/sources.toml does not describe."""
    if snapshot.sources is None:
        return
    counts = Counter(entry.record.source for entry in snapshot.articles)
    for entry in snapshot.articles:
        source = entry.record.source
        if source not in snapshot.sources and source in counts:
            message = f"corpus/sources.toml has no [{source}], the source of {counts.pop(source)} articles"
            yield entry.finding(SOURCE_UNKNOWN, entry.record.id, message)


ORIGIN_BROKEN = Rule(
    code="origin-broken",
    level=2,
    severity="error",
    summary="the map from the text of an article to its raw bytes is out of order or out of bounds",
    why="Nobody can trace a sentence back to its place in the raw page.",
    fix="Run `goldwire ingest` again.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L2 span error [origin-broken] the run [34, 229, 34, "
        "228] is out of order or out of bounds"
    ),
)


@check(ORIGIN_BROKEN)
def broken_origins(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding at the first wrong run of each article."""
    for entry in snapshot.articles:
        article = entry.record
        raw = snapshot.raw.get((article.origin.file, article.origin.row))
        end = 0
        for run in article.origin.runs:
            in_bounds = run.end <= len(article.text) and (raw is None or run.raw_end <= raw.bytes)
            if not (end <= run.start < run.end and 0 <= run.raw_start < run.raw_end and in_bounds):
                message = f"the run {[run.start, run.end, run.raw_start, run.raw_end]} is out of order or out of bounds"
                yield entry.finding(ORIGIN_BROKEN, article.id, message)
                break
            end = run.end


CORRECTION_BROKEN = Rule(
    code="correction-broken",
    level=2,
    severity="error",
    summary="the stored edits of a corrected article do not lead back to the extracted text",
    why="Nobody can see any more what a person has changed in the text.",
    fix="Restore the line from git, or correct the article again with `goldwire correct`.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L2 span error [correction-broken] undoing its edits gives a "
        "text with SHA-256 9aeb6b97c28c..., the extracted one has 000000000000..."
    ),
)


@check(CORRECTION_BROKEN)
def broken_corrections(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each corrected article without a reason, or whose edits cannot be undone."""
    for entry in snapshot.articles:
        correction = entry.record.correction
        if isinstance(correction, msgspec.UnsetType):
            continue
        digest = text_digest(extracted_text(entry.record))
        if not correction.reason.strip():
            yield entry.finding(CORRECTION_BROKEN, entry.record.id, "it has no reason")
        elif digest != correction.extracted_sha256:
            message = (
                f"undoing its edits gives a text with SHA-256 {digest[:12]}..., the extracted one has "
                f"{correction.extracted_sha256[:12]}..."
            )
            yield entry.finding(CORRECTION_BROKEN, entry.record.id, message)


TASK_WINDOW = Rule(
    code="task-window",
    level=2,
    severity="error",
    summary="the window or context of a task is not in the text",
    why="The annotator would see nothing, or another part of the text than was planned.",
    fix="Plan the batch again with `goldwire sample`.",
    example=(
        "annotations/tasks/b01.jsonl:3 b01-0003: L2 span error [task-window] the window [0, 421) in a text of "
        "420 code points"
    ),
)
TASK_TARGET = Rule(
    code="task-target",
    level=2,
    severity="error",
    summary="the target of a task does not fit its kind",
    why="A task about a stance needs one target, and a task about entities has none.",
    fix="Plan the batch again with `goldwire sample`.",
    example=(
        "annotations/tasks/b01.jsonl:3 b01-0003: L2 span error [task-target] a task of kind 'entities' has the "
        "target 'the toll'"
    ),
)
TASK_ANNOTATORS = Rule(
    code="task-annotators",
    level=2,
    severity="error",
    summary="a task is assigned to no annotator, or to the same annotator twice",
    why="It is never answered, or one answer counts as two.",
    fix="Plan the batch again with `goldwire sample`.",
    example="annotations/tasks/b01.jsonl:1 b01-0001: L2 span error [task-annotators] assigned to A1, A2, A2, A3",
)


@check(TASK_WINDOW, TASK_TARGET, TASK_ANNOTATORS)
def malformed_tasks(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield findings about the windows, targets and annotators of tasks."""
    articles = {entry.record.id: entry.record for entry in snapshot.articles}
    for entry in snapshot.tasks:
        article = articles.get(entry.record.article_id)
        # The window of a task with another text belongs to that text; `text-stale` reports it.
        is_current = article is not None and article.text_sha256 == entry.record.text_sha256
        for rule, message in _task_problems(entry.record, len(article.text) if is_current and article else None):
            yield entry.finding(rule, entry.record.id, message)


def _task_problems(task: Task, length: int | None) -> Iterator[tuple[Rule, str]]:
    start, end = task.window
    if length is not None and not 0 <= start < end <= length:
        yield TASK_WINDOW, f"the window [{start}, {end}) in a text of {length} code points"
    if length is not None and task.context is not None:
        first, last = task.context
        if not (0 <= first <= start and end <= last <= length):
            message = f"the context [{first}, {last}) of [{start}, {end}) in a text of {length} code points"
            yield TASK_WINDOW, message
    if (task.kind == "stance") != bool(task.target):
        yield TASK_TARGET, f"a task of kind {task.kind!r} has the target {task.target!r}"
    if not task.annotators or len(set(task.annotators)) < len(task.annotators):
        yield TASK_ANNOTATORS, f"assigned to {', '.join(task.annotators) or 'nobody'}"


SPAN_OUTSIDE_WINDOW = Rule(
    code="span-outside-window",
    level=2,
    severity="warning",
    summary="a span is outside the windows of its tasks",
    why="No task asks about that part of the text, so that other annotators cannot agree with the span.",
    fix="Remove the span, or plan a task for the whole article.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 T8: L2 span warning [span-outside-window] [377, 390) is outside [0, 380)"
    ),
)


@check(SPAN_OUTSIDE_WINDOW)
def spans_outside_windows(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each span that is in none of its article's windows."""
    lengths = {entry.record.id: len(entry.record.text) for entry in snapshot.articles}
    windows: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for entry in snapshot.tasks:
        windows.setdefault((batch_of(entry.file), entry.record.article_id), []).append(entry.record.window)
    for layer in snapshot.layers if snapshot.tasks.is_complete else ():
        of_article = windows.get((batch_of(layer.file), layer.record.article_id), [])
        length = lengths.get(layer.record.article_id, 0)
        for span in layer.record.spans if of_article else ():
            is_span = 0 <= span.start < span.end <= length
            if is_span and not any(start <= span.start and span.end <= end for start, end in of_article):
                bounds = ", ".join(f"[{start}, {end})" for start, end in of_article)
                message = f"[{span.start}, {span.end}) is outside {bounds}"
                yield layer.finding(SPAN_OUTSIDE_WINDOW, span.id, message)


STANCE_DANGLING = Rule(
    code="stance-dangling",
    level=2,
    severity="error",
    summary="a stance refers to a span that does not exist",
    why="Its holder or its target is lost.",
    fix="Draw the stance again in Doccano and run `goldwire pull`, or remove it.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-dangling] its target 'T9' is not a span of "
        "this layer"
    ),
)
STANCE_TYPE_FORBIDDEN = Rule(
    code="stance-type-forbidden",
    level=2,
    severity="error",
    summary="the schema does not allow spans with this label as holder or as target of a stance",
    why="The guidelines define who can hold a stance and towards what; this label is wrong, or the stance is.",
    fix="Correct the label or the stance in Doccano and run `goldwire pull`, or extend `holders` or `targets` in "
    "annotations/schema.toml.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 R1: L2 span error [stance-type-forbidden] its holder T3 is labelled "
        "ORG; allowed: PER"
    ),
)
STANCE_TO_ITSELF = Rule(
    code="stance-to-itself",
    level=2,
    severity="error",
    summary="a span is both holder and target of a stance",
    why="Nobody has a stance towards their own mention; the annotator clicked the wrong span.",
    fix="Draw the stance again in Doccano and run `goldwire pull`.",
    example="annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-to-itself] T6 is both holder and target",
)


@check(STANCE_DANGLING, STANCE_TYPE_FORBIDDEN, STANCE_TO_ITSELF)
def dangling_stances(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each stance whose holder or target is missing, forbidden, or the same span."""
    for table in (snapshot.layers, snapshot.gold, snapshot.prelabels):
        for entry in table:
            spans = {span.id: span for span in entry.record.spans} if entry.record.stances else {}
            for stance in entry.record.stances:
                for rule, message in _end_problems(stance, spans, snapshot.schema):
                    yield entry.finding(rule, stance.id, message)


def _end_problems(
    stance: StanceLabel, spans: dict[str, SpanLabel], schema: Schema | None
) -> Iterator[tuple[Rule, str]]:
    allowed = {} if schema is None else {"holder": schema.holders, "target": schema.targets}
    for role, id in (("holder", stance.holder), ("target", stance.target)):
        if id is None:
            continue
        if id not in spans:
            yield STANCE_DANGLING, f"its {role} {id!r} is not a span of this layer"
        elif allowed.get(role) and spans[id].label not in allowed[role]:
            labels = " or ".join(allowed[role])
            yield STANCE_TYPE_FORBIDDEN, f"its {role} {id} is labelled {spans[id].label}; allowed: {labels}"
    if stance.holder is not None and stance.holder == stance.target:
        yield STANCE_TO_ITSELF, f"{stance.holder} is both holder and target"


STANCE_CONTRADICTS = Rule(
    code="stance-contradicts",
    level=2,
    severity="error",
    summary="one annotator gave two different stances for the same holder and target",
    why="Neither of them can be counted.",
    fix="Keep the right one in Doccano and run `goldwire pull`.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-contradicts] T6 to T1: opposes, but R2 is neutral"
    ),
)
STANCE_REPEATED = Rule(
    code="stance-repeated",
    level=2,
    severity="error",
    summary="one annotator drew the same stance twice",
    why="It counts twice in every statistic.",
    fix="Delete one of them in Doccano and run `goldwire pull`, or remove it.",
    example="annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-repeated] T6 to T1: R2 is also neutral",
)


@check(STANCE_CONTRADICTS, STANCE_REPEATED)
def contradicting_stances(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each stance whose holder and target have an earlier stance in the same layer."""
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            for rule, item, message in _repeated_stances(entry.record):
                yield entry.finding(rule, item, message)


def _repeated_stances(layer: AnnotationLayer) -> Iterator[tuple[Rule, str, str]]:
    first: dict[tuple[str | None, str | None, str | None], StanceLabel] = {}
    for stance in layer.stances:
        earlier = first.setdefault((stance.holder, stance.target, stance.target_name), stance)
        if earlier is stance:
            continue
        pair = f"{stance.holder or 'the article'} to {stance.target or repr(stance.target_name)}"
        if earlier.stance == stance.stance:
            yield STANCE_REPEATED, stance.id, f"{pair}: {earlier.id} is also {stance.stance}"
        else:
            yield STANCE_CONTRADICTS, stance.id, f"{pair}: {stance.stance}, but {earlier.id} is {earlier.stance}"
