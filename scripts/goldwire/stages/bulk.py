"""The stages over a corpus in Parquet at a URL, which may be larger than a workspace can hold.

Each writes parts and a manifest of finished tasks: a run that was killed goes on, a repeated run does nothing, and new
articles cost what they alone cost. `goldwire.bulk` has the tasks.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from goldwire.bulk import articles
from goldwire.bulk.deduplication import deduplicate
from goldwire.bulk.parts import part_files
from goldwire.bulk.runner import Finished, Task, read_manifest, run_step
from goldwire.bulk.split_steps import assign_splits
from goldwire.bulk.splits import SplitRule
from goldwire.bulk.store import Store, open_store
from goldwire.dedup.jaccard import Thresholds
from goldwire.errors import ConfigError, MissingFileError
from goldwire.parallel.tasks import TaskPool
from goldwire.quantities import quantity
from goldwire.workspace.sources import Source, read_sources
from goldwire.workspace.temporary import temporary_folder

__all__ = ["BulkDedupReport", "BulkIngestReport", "BulkSplitReport", "dedup", "ingest", "split"]


class BulkIngestReport(msgspec.Struct, frozen=True, kw_only=True):
    """The articles in a corpus, and the work of this run.

    Attributes
    ----------
    articles : int
        Number of articles in the corpus.
    rejected : dict of str to int
        Number of rejected records by reason.
    parts : int
        Number of Parquet parts.
    converted : int
        Number of parts that this run converted.
    deleted : int
        Number of parts of changed or removed raw files that this run deleted.
    """

    articles: int
    rejected: dict[str, int]
    parts: int
    converted: int
    deleted: int

    def to_text(self) -> str:
        """Return the report for people."""
        rejected = ", ".join(f"{reason} {count}" for reason, count in self.rejected.items())
        lines = [
            f"{quantity(self.articles, 'article')} in {quantity(self.parts, 'part')}, {self.converted} of them "
            "converted now"
        ]
        lines += [f"rejected: {rejected}"] if rejected else []
        lines += [f"{quantity(self.deleted, 'outdated part')} deleted"] if self.deleted else []
        return "\n".join(lines)


def ingest(
    raw_url: str,
    out_url: str,
    *,
    pool: TaskPool,
    sources_file: str | None = None,
    sources: tuple[str, ...] = (),
    reextract: bool = False,
    prune: bool = False,
) -> BulkIngestReport:
    """Extract the articles of raw files below a URL to Parquet parts below another.

    Parameters
    ----------
    raw_url : str
        Folder with one folder of raw files per source.
    out_url : str
        Folder of the corpus.
    pool : TaskPool
        Runs the tasks.
    sources_file : str, optional
        URL of sources.toml. Default: the one in `raw_url`.
    sources : tuple of str
        Sources to ingest. Default: all.
    reextract : bool, default: False
        Learn the recurring lines and convert all files again, finished or not.
    prune : bool, default: False
        Delete parts whose raw files are gone.

    Raises
    ------
    ConfigError
        sources.toml is invalid, or does not describe a folder of raw files; or the corpus is below the raw files.
    MissingFileError
        There are no raw files, or no sources.toml.
    ServerError
        A store cannot be reached, or denies access.
    """
    raw, out = open_store(raw_url), open_store(out_url)
    if f"{out.url}/".startswith(f"{raw.url}/"):
        hint = "choose another folder for the corpus: below this one, its files would be raw files"
        raise ConfigError("the corpus would be among the raw files", location=out.url, hint=hint)
    known = _read_sources(sources_file or f"{raw.url}/sources.toml")
    files = articles.raw_files_by_source(raw, known)
    for name in sources:
        if name not in files:
            raise MissingFileError("no raw files", location=f"{raw.url}/{name}", hint="check the source's name")
    chosen = [name for name in sorted(files) if not sources or name in sources]
    if not chosen:
        raise MissingFileError("no raw files", location=raw.url, hint="put raw files in a folder per source")
    # 1. Learn which lines recur on each source's pages.
    learning = [task for name in chosen for task in articles.learning_tasks(raw, out, name, known[name], files[name])]
    boilerplate = _learn(out, learning, pool, repeat=reextract)
    # 2. Convert the files.
    before = read_manifest(out, "ingest")
    converter = articles.Converter(raw.url, out.url, reextract)
    conversion = [
        task for name in chosen for task in converter.tasks(name, known[name], boilerplate.get(name), files[name])
    ]
    finished, n_run = run_step(out, "ingest", conversion, articles.convert, pool, repeat=reextract)
    # 3. Delete the parts of files that have changed or, with `prune`, are gone.
    out.put(articles.SOURCES, msgspec.json.encode(known, order="sorted"))
    present = {file.path for name in chosen for file in files[name]}
    n_deleted = _delete_outdated(out, before, finished, present if not prune else None, chosen)
    return _ingest_report(out, before, finished, n_run, n_deleted)


def _learn(out: Store, tasks: list[Task], pool: TaskPool, *, repeat: bool) -> dict[str, str]:
    """Return the file of recurring lines of each source that has some."""
    learned, _ = run_step(out, "learn", tasks, articles.learn, pool, repeat=repeat)
    return {task.argument.name: entry.files[0] for task, entry in zip(tasks, learned, strict=True) if entry.files}


def _read_sources(url: str) -> dict[str, Source]:
    """Read sources.toml from a store or a local path."""
    if "://" not in url:
        return read_sources(Path(url))
    folder, _, name = url.rpartition("/")
    with temporary_folder() as temporary:
        copy = temporary / "sources.toml"
        open_store(folder).download(name, copy)
        try:
            return read_sources(copy)
        except ConfigError as error:
            raise ConfigError(error.message, location=url, hint=error.hint) from None


def _delete_outdated(
    out: Store, before: dict[str, Finished], finished: list[Finished], present: set[str] | None, chosen: list[str]
) -> int:
    """Delete the parts of the chosen sources that this run has not given, and return their number.

    If `present` has the raw files that are there, the parts of those that are gone are kept.
    """
    current = {name for entry in finished for name in entry.files}
    outdated = {
        name
        for entry in before.values()
        if entry.inputs[0].partition("/")[0] in chosen and (present is None or not present.isdisjoint(entry.inputs))
        for name in entry.files
        if name not in current
    }
    existing = outdated & {
        file.path for folder in (articles.ARTICLES, articles.REJECTED) for file in out.files(f"{folder}/")
    }
    out.delete(sorted(existing))
    return sum(name.startswith(articles.ARTICLES) for name in existing)


def _ingest_report(
    out: Store, before: dict[str, Finished], finished: list[Finished], n_run: int, n_deleted: int
) -> BulkIngestReport:
    """Count what the corpus has now."""
    counts = {entry.files[0]: entry.counts for entry in (*before.values(), *finished)}
    total = Counter[str]()
    parts = part_files(out, articles.ARTICLES)
    for name in parts:
        total.update(counts.get(name, {}))
    rejected = {name.partition(" ")[2]: total[name] for name in sorted(total) if name.startswith("rejected ")}
    return BulkIngestReport(
        articles=total["articles"], rejected=rejected, parts=len(parts), converted=n_run, deleted=n_deleted
    )


class BulkDedupReport(msgspec.Struct, frozen=True, kw_only=True):
    """The near-duplicates in a corpus.

    Attributes
    ----------
    articles : int
        Number of articles.
    clusters : int
        Number of clusters of two or more articles.
    clustered : int
        Number of articles in these clusters.
    repeats : int
        Number of articles whose id an earlier one has.
    new_parts : int
        Number of parts that were new in this run.
    """

    articles: int
    clusters: int
    clustered: int
    repeats: int
    new_parts: int

    def to_text(self) -> str:
        """Return the report for people."""
        lines = [
            f"{self.clustered} of {quantity(self.articles, 'article')} are near-duplicates, in "
            f"{quantity(self.clusters, 'cluster')}"
        ]
        repeats = quantity(self.repeats, "article repeats", "articles repeat")
        lines += [f"{repeats} the id of another: in no split"] if self.repeats else []
        return "\n".join([*lines, f"{quantity(self.new_parts, 'part was', 'parts were')} new"])


def dedup(corpus_url: str, *, pool: TaskPool, threshold: float = 0.5, containment: float = 0.75) -> BulkDedupReport:
    """Cluster the near-duplicates in a corpus in Parquet.

    Parameters
    ----------
    corpus_url : str
        Folder of the corpus.
    pool : TaskPool
        Runs the tasks.
    threshold, containment : float
        See `goldwire.near_duplicates`.

    Raises
    ------
    ConfigError
        A threshold is not above 0 and at most 1.
    MissingFileError
        There are no articles.
    """
    for name, value in (("threshold", threshold), ("containment", containment)):
        if not 0 < value <= 1:
            raise ConfigError(f"{name} {value} is not above 0 and at most 1", hint="0.5 and 0.75 suit news")
    found = deduplicate(open_store(corpus_url), Thresholds(threshold, containment), pool)
    return BulkDedupReport(**msgspec.structs.asdict(found))


class BulkSplitReport(msgspec.Struct, frozen=True, kw_only=True):
    """The number of articles in each split, and of parts that this run assigned."""

    splits: dict[str, int]
    assigned_parts: int

    def to_text(self) -> str:
        """Return the report for people."""
        counts = ", ".join(f"{split} {count}" for split, count in self.splits.items())
        return f"{counts}; {quantity(self.assigned_parts, 'part')} assigned now"


def split(corpus_url: str, *, pool: TaskPool, rule: SplitRule | None = None) -> BulkSplitReport:
    """Assign the articles of a corpus in Parquet to splits, clusters whole. An article keeps its split.

    Parameters
    ----------
    corpus_url : str
        Folder of the corpus.
    pool : TaskPool
        Runs the tasks.
    rule : SplitRule, optional
        Shares and seed. Default: 8 : 1 : 1, seed 0.

    Raises
    ------
    MissingFileError
        There are no articles, or parts without clusters.
    """
    splits, n_run = assign_splits(open_store(corpus_url), rule or SplitRule(), pool)
    return BulkSplitReport(splits=splits, assigned_parts=n_run)
