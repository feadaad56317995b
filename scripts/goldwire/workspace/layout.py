"""The layout of a workspace: paths of its folders and files, its settings and its lock."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from goldwire.errors import ConfigError, GoldwireError, MissingFileError
from goldwire.workspace.toml_files import read_toml

__all__ = ["AnnotationsCreator", "Settings", "StatementName", "Workspace", "find_workspace"]

AnnotationsCreator = Literal["crowdsourced", "expert-generated", "found", "machine-generated", "other"]
"""Who annotated, in terms of the Hugging Face Hub."""

StatementName = Literal[
    "annotator_demographics",
    "biases",
    "collection",
    "crawler",
    "limitations",
    "maintenance",
    "opt_out",
    "personal_information",
    "social_impact",
    "uses",
]
"""What only people know of a dataset, and its card, Croissant file and summary of training content state."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[tool.goldwire]` table of a workspace's pyproject.toml. `goldwire init` and the site list it."""

    name: Annotated[str, Meta(description="name of the dataset")]
    train: Annotated[float, Meta(description="target share of the articles in train")] = 0.7
    validation: Annotated[float, Meta(description="target share of the articles in validation")] = 0.15
    test: Annotated[float, Meta(description="target share of the articles in test")] = 0.15
    seed: Annotated[int, Meta(description="seed of every random order")] = 13
    split_by: Annotated[
        Literal["label", "date", "outlet"],
        Meta(description='what `split` balances or separates: "label", "date" or "outlet"'),
    ] = "label"
    held_out: Annotated[
        tuple[str, ...], Meta(description='outlets that are only in test, with split_by = "outlet"')
    ] = ()
    min_votes: Annotated[int, Meta(description="votes that `adjudicate` requires for a label")] = 1
    prelabel_model: Annotated[
        str | None,
        Meta(description="for `push --prelabel model`: a spaCy package, or a spaCy or GLiNER folder"),
    ] = None
    repo_id: Annotated[str | None, Meta(description="default repository of `publish`")] = None
    annotations_creators: Annotated[
        tuple[AnnotationsCreator, ...],
        Meta(description="who annotated, in terms of the Hugging Face Hub; empty: not stated"),
    ] = ()
    authors: Annotated[
        tuple[str, ...],
        Meta(description='who is to be cited: people as "Family, Given", groups by their name'),
    ] = ()
    publisher: Annotated[str | None, Meta(description="who publishes the dataset; default: the authors")] = None
    keywords: Annotated[tuple[str, ...], Meta(description="keywords for catalogues of datasets")] = ()
    year: Annotated[int | None, Meta(description="year of the citation")] = None
    doi: Annotated[str | None, Meta(description="DOI of the dataset")] = None
    homepage: Annotated[str | None, Meta(description="address of the dataset's page")] = None
    statements: Annotated[
        dict[StatementName, str],
        Meta(
            description="what only people know, for card and Croissant, one sentence or more each: "
            + ", ".join(get_args(StatementName))
        ),
    ] = {}
    language_creators: Annotated[
        tuple[str, ...], Meta(description="who wrote the texts, in terms of the Hugging Face Hub")
    ] = ("found",)
    allow: Annotated[
        dict[str, str], Meta(description="errors that `release` accepts: code and reason, for the card")
    ] = {}
    floors: Annotated[
        dict[str, float], Meta(description="least agreement that `check` accepts, such as span_f1_exact = 0.8")
    ] = {}


class Workspace(msgspec.Struct, frozen=True):
    """A folder whose pyproject.toml has a `[tool.goldwire]` table. All its paths are defined here and nowhere else."""

    root: Path
    settings: Settings

    @property
    def corpus(self) -> Path:
        """corpus/."""
        return self.root / "corpus"

    @property
    def sources(self) -> Path:
        """corpus/sources.toml: name, language and licence of each source."""
        return self.corpus / "sources.toml"

    @property
    def raw(self) -> Path:
        """corpus/raw/<source>/: raw files from a scraper, never written by goldwire."""
        return self.corpus / "raw"

    @property
    def articles(self) -> Path:
        """corpus/articles/: `<source>.jsonl` of Article."""
        return self.corpus / "articles"

    @property
    def rejected(self) -> Path:
        """corpus/rejected/: `<source>.jsonl` of Rejected."""
        return self.corpus / "rejected"

    @property
    def exclusions(self) -> Path:
        """corpus/excluded.tsv: articles that people exclude from annotation, each with its reason."""
        return self.corpus / "excluded.tsv"

    @property
    def duplicates(self) -> Path:
        """corpus/duplicates.jsonl of Duplicates."""
        return self.corpus / "duplicates.jsonl"

    @property
    def annotations(self) -> Path:
        """annotations/."""
        return self.root / "annotations"

    @property
    def schema(self) -> Path:
        """annotations/schema.toml."""
        return self.annotations / "schema.toml"

    @property
    def guidelines(self) -> Path:
        """annotations/GUIDELINES.md."""
        return self.annotations / "GUIDELINES.md"

    @property
    def waivers(self) -> Path:
        """annotations/waivers.toml."""
        return self.annotations / "waivers.toml"

    @property
    def tasks(self) -> Path:
        """annotations/tasks/: `<batch>.jsonl` of Task."""
        return self.annotations / "tasks"

    @property
    def prelabels(self) -> Path:
        """annotations/prelabels/: `<batch>.jsonl` of AnnotationLayer, the suggestions that annotators start from."""
        return self.annotations / "prelabels"

    @property
    def exports(self) -> Path:
        """annotations/exports/<batch>/: exports as the server wrote them."""
        return self.annotations / "exports"

    @property
    def layers(self) -> Path:
        """annotations/layers/: `<batch>/<annotator>.jsonl` of AnnotationLayer."""
        return self.annotations / "layers"

    @property
    def agreement(self) -> Path:
        """annotations/agreement/: `<batch>.json` and `<batch>.html`."""
        return self.annotations / "agreement"

    @property
    def gold(self) -> Path:
        """annotations/gold/: `<batch>.jsonl` of AnnotationLayer and `<batch>.decisions.jsonl` of Decision."""
        return self.annotations / "gold"

    @property
    def splits(self) -> Path:
        """splits/."""
        return self.root / "splits"

    @property
    def assignment(self) -> Path:
        """splits/assignment.tsv of SplitAssignment, append-only."""
        return self.splits / "assignment.tsv"

    @property
    def private(self) -> Path:
        """.goldwire/: server, passwords, ledgers; never in git."""
        return self.root / ".goldwire"

    def tasks_file(self, batch: str) -> Path:
        """Return the tasks of a batch."""
        return self.tasks / f"{batch}.jsonl"

    def prelabels_file(self, batch: str) -> Path:
        """Return the layers that the annotators of a batch start from."""
        return self.prelabels / f"{batch}.jsonl"

    def export_file(self, batch: str, annotator: str) -> Path:
        """Return an annotator's rows of a batch as the server exported them."""
        return self.exports / batch / f"{annotator}.jsonl"

    def layers_file(self, batch: str, annotator: str) -> Path:
        """Return an annotator's layers of a batch."""
        return self.layers / batch / f"{annotator}.jsonl"

    def agreement_file(self, batch: str) -> Path:
        """Return the stored agreement of a batch."""
        return self.agreement / f"{batch}.json"

    def agreement_page(self, batch: str) -> Path:
        """Return the HTML report on a batch."""
        return self.agreement / f"{batch}.html"

    def gold_file(self, batch: str) -> Path:
        """Return the gold layers of a batch."""
        return self.gold / f"{batch}.jsonl"

    def decisions_file(self, batch: str) -> Path:
        """Return how the gold labels of a batch were decided, one by one."""
        return self.gold / f"{batch}.decisions.jsonl"

    def adjudication_file(self, batch: str) -> Path:
        """Return the method by which a batch was adjudicated."""
        return self.gold / f"{batch}.adjudication.json"

    def release(self, version: str) -> Path:
        """Return splits/vX.Y.Z/ of a version, given with or without its `v`."""
        return self.splits / f"v{version.removeprefix('v')}"

    def relative(self, path: Path) -> str:
        """Return `path` for people: relative to the workspace, with forward slashes."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the workspace while a stage writes, so that concurrent commands take turns.

        Not reentrant. Waits up to `LOCK_WAIT` seconds for another holder, then raises GoldwireError with its process.
        """
        import filelock  # 25 ms, which `--help` does not need

        from goldwire.workspace import atomic, private_files

        private_files.private_dir(self.private)
        holder = self.private / "lock-holder"
        lock = filelock.FileLock(self.private / "lock", timeout=LOCK_WAIT)
        try:
            lock.acquire()
        except filelock.Timeout:
            process = holder.read_text(encoding="ascii").strip() if holder.exists() else "unknown"
            raise GoldwireError(
                f"another goldwire command (process {process}) is running here",
                location=self.root,
                hint="wait for it to end, then run this again",
            ) from None
        try:
            with atomic.name_disk_errors(holder):
                holder.write_text(str(os.getpid()), encoding="ascii")
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()


LOCK_WAIT = 60.0
"""Seconds: longer than any stage but a large push, which shows its progress."""


def find_workspace(start: Path, *, explicit: bool = False) -> Workspace:
    """Return the workspace at `start`, or the nearest enclosing one unless `explicit`.

    Raises
    ------
    MissingFileError
        If there is no workspace.
    ConfigError
        If its settings are not valid.
    """
    start = start.resolve()
    for folder in (start,) if explicit else (start, *start.parents):
        table = _goldwire_table(folder / "pyproject.toml")
        if table is not None:
            return Workspace(folder, _settings(table, folder / "pyproject.toml"))
    raise MissingFileError(
        "no workspace here (no pyproject.toml with a [tool.goldwire] table)",
        location=start,
        hint="choose one with --root DIR, or create one with `goldwire init DIR`",
    )


def _goldwire_table(path: Path) -> dict[str, Any] | None:
    """Return the [tool.goldwire] table of a pyproject.toml, or None."""
    try:
        tools = read_toml(path).get("tool")
    except (FileNotFoundError, NotADirectoryError):
        return None
    table = tools.get("goldwire") if isinstance(tools, dict) else None
    return table if isinstance(table, dict) else None


def _settings(table: dict[str, Any], path: Path) -> Settings:
    """Validate the settings."""
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"[tool.goldwire]: {error}", location=path, hint="fix the table") from None
    ratios = {name: getattr(settings, name) for name in ("train", "validation", "test")}
    for name, number in {**ratios, **settings.floors}.items():  # TOML has nan and inf
        if not math.isfinite(number) or (name in ratios and number < 0):
            raise ConfigError(f"[tool.goldwire]: {name} is {number}", location=path, hint="use a finite number")
    if not any(ratios.values()):
        raise ConfigError("[tool.goldwire]: train, validation and test are 0", location=path, hint="fix the table")
    return settings
