"""Let a machine label the articles of a batch: its layers stand beside those of the annotators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import isnan

import msgspec

from goldwire.agreement.descriptions import describe
from goldwire.errors import ConfigError, ConflictError, DataError
from goldwire.prelabeling import machines
from goldwire.prelabeling.chat_model import ChatUsage
from goldwire.prelabeling.machine_answers import (
    Answer,
    AnswerContext,
    MachineAnswer,
    combine_runs,
    machine_layer,
    read_answer,
    run_spread,
)
from goldwire.quantities import quantity
from goldwire.records import Agreement, AnnotationLayer, MachineRun, is_machine
from goldwire.stages.ask_machine import ChatOptions, MachineAnswers, MachineJob, ask_machine
from goldwire.text_table import wrap_line
from goldwire.workspace import guidelines, jsonl, label_schema, loading
from goldwire.workspace.layout import Workspace

__all__ = ["PrelabelReport", "run"]

_SHOWN = 3  # articles in a message
_HINTS = {"too long": "choose a model that reads longer texts"}


class PrelabelReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of `prelabel`.

    Parameters
    ----------
    batch, machine, source : str
    model : str or None
        The model that answered.
    file : str
        The machine's layers, relative to the workspace.
    changed : bool
        Whether the file was written.
    articles, planned, spans, stances : int
        Articles with a layer, of how many in the batch, and their labels.
    dropped : dict of str to int
        Labels that were refused, by reason.
    failed : dict of str to tuple of str
        Articles without an answer, by reason.
    runs : int
    spread : tuple of Agreement
        Agreement among the runs, if there are several.
    usage : ChatUsage or None
        What a language model cost.
    """

    batch: str
    machine: str
    source: str
    model: str | None
    file: str
    changed: bool
    articles: int
    planned: int
    spans: int
    stances: int
    dropped: dict[str, int] = {}
    failed: dict[str, tuple[str, ...]] = {}
    runs: int = 1
    spread: tuple[Agreement, ...] = ()
    usage: ChatUsage | None = None

    @property
    def exit_code(self) -> int:
        """1 if an article has no answer."""
        return int(bool(self.failed))

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.articles:
            yield from self._label_lines()
        else:
            yield f"{self.machine} has no layers in batch {self.batch!r}; nothing was written"
        for reason, articles in self.failed.items():
            shown = ", ".join(articles[:_SHOWN]) + (", ..." if len(articles) > _SHOWN else "")
            hint = _HINTS.get(reason, "run the command again to retry")
            yield from wrap_line(f"no answer for {quantity(len(articles), 'article')} ({reason}): {shown}; {hint}")
        for value in self.spread:
            if not isnan(value.value):
                yield f"among {self.runs} runs: {describe(value)}"
        if self.usage is not None:
            tokens = f"{self.usage.prompt_tokens} prompt and {self.usage.completion_tokens} completion tokens"
            cost = "" if self.usage.cost is None else f", cost {self.usage.cost:.4f}"
            yield f"{self.usage.requests} requests, {self.usage.cached} cached replies: {tokens}{cost}"

    def _label_lines(self) -> Iterator[str]:
        labels = f"{quantity(self.spans, 'span')} and {quantity(self.stances, 'stance')}"
        yield from wrap_line(
            f"{self.file}: {labels} in {self.articles} of {quantity(self.planned, 'article')}, by {self.machine} "
            f"({self.source})"
        )
        if not self.changed:
            yield "the same labels as before; nothing changed"
        if self.dropped:
            yield from wrap_line(f"refused: {', '.join(f'{count} {reason}' for reason, count in self.dropped.items())}")


def run(
    workspace: Workspace,
    *,
    batch: str,
    source: str,
    machine: str | None = None,
    runs: int = 1,
    chat: ChatOptions = ChatOptions(),  # noqa: B008 - a frozen record
) -> PrelabelReport:
    """Label the articles of a batch with a machine, and write annotations/layers/<batch>/<machine>.jsonl.

    Parameters
    ----------
    workspace : Workspace
    batch : str
    source : str
        `gazetteer`, `spacy:MODEL`, `gliner:FOLDER`, `openai:MODEL`, `cmd:COMMAND` or `file:PATH`.
    machine : str or None
        The machine's name. Default: the one that has this source in the batch, or the next free of M1, M2, ...
    runs : int
        How often the machine is asked; the layer has the labels of more than half of the runs.
    chat : ChatOptions
        Options of a language model.

    Raises
    ------
    ConfigError
        An option is not valid.
    ConflictError
        The machine has layers of another source in the batch.
    DataError
        The machine's output cannot be read.
    """
    parsed = machines.parse_machine(source)
    if runs < 1:
        raise ConfigError(f"runs is {runs}", hint="use 1 or more")
    if machine is not None and not is_machine(machine):
        raise ConfigError(f"{machine!r} is not the name of a machine", hint="use M1, M2, ...")
    _machine_name(workspace, batch, parsed.public, machine)
    job = _job(workspace, batch, parsed, runs, chat)
    answers = ask_machine(job)  # may take hours: other commands must not wait for it
    with workspace.lock():
        return _write(job, answers, _machine_name(workspace, batch, parsed.public, machine))


def _machine_name(workspace: Workspace, batch: str, source: str, wanted: str | None) -> str:
    """Return the machine's name; raise ConflictError if it has layers of another source."""
    sources: dict[str, str] = {}
    for name, layers in loading.machine_layers(workspace, batch).items():
        run_of = next((layer.machine for layer in layers if layer.machine is not msgspec.UNSET), None)
        sources[name] = run_of.source if isinstance(run_of, MachineRun) else ""
    if wanted is None:
        same = [name for name, used in sources.items() if used == source]
        return same[0] if same else next(f"M{n}" for n in range(1, len(sources) + 2) if f"M{n}" not in sources)
    if sources.get(wanted, source) != source:
        raise ConflictError(
            f"{wanted} is {sources[wanted] or 'another machine'} in batch {batch!r}",
            location=workspace.layers_file(batch, wanted),
            hint="choose another name with --as, or remove the file",
        )
    return wanted


def _job(workspace: Workspace, batch: str, source: machines.MachineSource, runs: int, chat: ChatOptions) -> MachineJob:
    schema = label_schema.read_schema(workspace.schema)
    articles = loading.articles(workspace)
    tasks = loading.tasks(workspace, batch)
    by_article: dict[str, list[int]] = {}
    for place, task in enumerate(tasks):
        article = articles.get(task.article_id)
        if article is None or article.text_sha256 != task.text_sha256:
            problem = f"article {task.article_id!r} {'is gone' if article is None else 'has changed'} since the plan"
            raise DataError(problem, location=workspace.tasks_file(batch), hint="restore it with git")
        by_article.setdefault(task.article_id, []).append(place)
    contexts = tuple(
        AnswerContext(article=articles[key], schema=schema, tasks=tuple(tasks[place] for place in places))
        for key, places in by_article.items()
    )
    guide = guidelines.read_guidelines(workspace.guidelines)
    return MachineJob(
        workspace=workspace,
        batch=batch,
        source=source,
        schema=schema,
        guide=guide,
        contexts=contexts,
        runs=runs,
        chat=chat,
    )


def _write(job: MachineJob, answers: MachineAnswers, name: str) -> PrelabelReport:
    """Write the machine's layers; an article without an answer keeps its former layer."""
    path = job.workspace.layers_file(job.batch, name)
    former = {layer.article_id: layer for layer in loading.layers_of(path)}
    versions = (job.guide.version, job.schema.version)
    failed: dict[str, list[str]] = {}
    dropped: Counter[str] = Counter()
    layers: dict[str, AnnotationLayer] = {}
    layers_of_runs: list[list[AnnotationLayer]] = [[] for _ in range(job.runs)]
    for context in job.contexts:
        key = context.article.id
        read = [of_run.get(key, "left out") for of_run in answers.of_runs]
        problem = next((answer for answer in read if isinstance(answer, str)), None)
        if problem is not None:
            failed.setdefault(problem, []).append(key)
            if key in former:
                layers[key] = former[key]
            continue
        checked = [read_answer(answer, context) for answer in read if isinstance(answer, Answer)]
        combined = combine_runs(checked)
        dropped.update(combined.dropped)

        def layer_of(answer: MachineAnswer, context: AnswerContext = context) -> AnnotationLayer:
            return machine_layer(answer, context, machine=name, run=answers.run, versions=versions)

        layers[key] = _keep_date(layer_of(combined), former.get(key))
        for of_run, answer in zip(layers_of_runs, checked, strict=True):
            of_run.append(layer_of(answer))
    changed = jsonl.write(path, layers.values(), key=lambda layer: layer.article_id) if layers else False
    return PrelabelReport(
        batch=job.batch,
        machine=name,
        source=job.source.public,
        model=answers.run.model,
        file=job.workspace.relative(path),
        changed=changed,
        articles=len(layers),
        planned=len(job.contexts),
        spans=sum(len(layer.spans) for layer in layers.values()),
        stances=sum(len(layer.stances) for layer in layers.values()),
        dropped=dict(sorted(dropped.items())),
        failed={reason: tuple(keys) for reason, keys in sorted(failed.items())},
        runs=job.runs,
        spread=run_spread(layers_of_runs) if job.runs > 1 and layers_of_runs[0] else (),
        usage=answers.usage,
    )


def _keep_date(layer: AnnotationLayer, former: AnnotationLayer | None) -> AnnotationLayer:
    """Return `former` if only the date of the run differs."""
    if former is None or not isinstance(former.machine, MachineRun) or not isinstance(layer.machine, MachineRun):
        return layer
    same_date = msgspec.structs.replace(layer.machine, date=former.machine.date)
    return former if msgspec.structs.replace(layer, machine=same_date) == former else layer
