"""Ask a machine for the labels of a batch: a program, a file, a model, or a language model at an endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, DataError
from goldwire.formats.document import layers_of
from goldwire.formats.registry import guess_format
from goldwire.parallel.threads import thread_pool
from goldwire.prelabeling import chat_client, machines, ner_models
from goldwire.prelabeling.chat_model import ChatModel, ChatUsage, ReplyCache
from goldwire.prelabeling.chat_prompt import Prompt
from goldwire.prelabeling.machine_answers import (
    Answer,
    AnswerContext,
    AnswerSpan,
    AnswerStance,
)
from goldwire.prelabeling.sources import gazetteer_of_gold
from goldwire.progress import track
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, MachineRun
from goldwire.stages.import_labels import match_documents
from goldwire.workspace import guidelines
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = ["ChatOptions", "MachineAnswers", "MachineJob", "ask_machine"]


class ChatOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a language model.

    Parameters
    ----------
    endpoint : str or None
        Base address of a chat completions endpoint.
    temperature : float
    concurrency : int
        Requests at a time.
    timeout : float
        Seconds to wait for a reply.
    prices : tuple of float, optional
        Prices of a million prompt tokens and of a million completion tokens.
    """

    endpoint: str | None = None
    temperature: float = 0.0
    concurrency: int = 4
    timeout: float = 120.0
    prices: tuple[float, float] | None = None


class MachineJob(msgspec.Struct, frozen=True, kw_only=True):
    """A machine's work on a batch."""

    workspace: Workspace
    batch: str
    source: machines.MachineSource
    schema: Schema
    guide: guidelines.Guidelines
    contexts: tuple[AnswerContext, ...]
    runs: int
    chat: ChatOptions


class MachineAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of each run by article id, or why there is none, and what is known of the machine."""

    of_runs: Sequence[Mapping[str, Answer | str]]
    run: MachineRun
    usage: ChatUsage | None = None


def ask_machine(job: MachineJob) -> MachineAnswers:
    """Ask the machine about all articles, as often as there are runs."""
    if job.source.kind == "openai":
        return _ask_chat(job)
    machine_run = MachineRun(
        source=job.source.public,
        model=job.source.model,
        version=job.source.version(),
        date=date.today().isoformat(),
        runs=job.runs,
    )
    return MachineAnswers(of_runs=[_ask_once(job) for _ in range(job.runs)], run=machine_run)


def _ask_once(job: MachineJob) -> Mapping[str, Answer | str]:
    kind, name, contexts = job.source.kind, job.source.name, job.contexts
    if kind == "cmd":
        return machines.ask_command(name, contexts)
    if kind == "file":
        return _answers_of_file(Path(name), contexts)
    if any(context.targets for context in contexts):
        raise ConfigError(
            f"batch {job.batch!r} asks for stances towards named targets, which {kind} does not label",
            hint="use openai:MODEL, cmd:COMMAND or file:PATH",
        )
    if kind == "gazetteer":
        gazetteer = gazetteer_of_gold(job.workspace, {context.article.id for context in contexts})
        answers = machines.ask_gazetteer(gazetteer, contexts)
    else:
        descriptions = tuple(label.description for label in job.schema.entity)
        recognize = ner_models.load_recognizer(name, job.schema.entity_labels, descriptions)
        answers = machines.ask_recognizer(recognize, contexts)
    return {
        context.article.id: answer
        for context, answer in zip(contexts, track(answers, kind, len(contexts)), strict=True)
    }


def _ask_chat(job: MachineJob) -> MachineAnswers:
    """Ask a language model, several articles at a time."""
    options = job.chat
    if options.endpoint is None:
        hint = "name the base address of a chat completions server: --endpoint http://127.0.0.1:8000/v1"
        raise ConfigError("openai:MODEL needs --endpoint", hint=hint)
    if options.concurrency < 1 or options.timeout <= 0 or options.temperature < 0:
        raise ConfigError("concurrency and timeout must be positive, and temperature not negative")
    by_target = any(context.targets for context in job.contexts)
    prompt = Prompt(schema=job.schema, guidelines=job.guide.text, by_target=by_target)
    client = chat_client.ChatClient(options.endpoint, chat_client.endpoint_key(), timeout=options.timeout)
    model = ChatModel(
        client,
        job.source.name,
        prompt,
        ReplyCache(job.workspace.private / "chat"),
        temperature=options.temperature,
        prices=options.prices,
    )
    questions = [(context, number) for number in range(job.runs) for context in job.contexts]
    pool = thread_pool(options.concurrency)
    try:
        replies = list(track(pool.map(lambda question: model.answer(*question), questions), "ask", len(questions)))
    finally:
        pool.shutdown(cancel_futures=True)
    of_runs: list[dict[str, Answer | str]] = [{} for _ in range(job.runs)]
    for (context, number), reply in zip(questions, replies, strict=True):
        of_runs[number][context.article.id] = reply
    names = sorted({name for name, _ in model.models})
    fingerprints = sorted({fingerprint for _, fingerprint in model.models if fingerprint})
    machine_run = MachineRun(
        source=job.source.public,
        model=", ".join(names) or job.source.name,
        version=", ".join(fingerprints) or None,
        prompt_sha256=prompt.digest,
        temperature=options.temperature,
        date=date.today().isoformat(),
        runs=job.runs,
    )
    return MachineAnswers(of_runs=of_runs, run=machine_run, usage=model.usage)


def _answers_of_file(path: Path, contexts: Sequence[AnswerContext]) -> Mapping[str, Answer | str]:
    """Return the labels of another tool's file about the articles of the batch, by article id."""
    chosen = guess_format(path)
    if not chosen.capabilities.imports:
        raise ConfigError(f"{chosen.title} can only be exported", location=path)
    documents, _ = match_documents(list(chosen.read(path)), [context.article for context in contexts])
    names = sorted({labels.annotator for document in documents for labels in document.labels})
    if len(names) > 1:
        hint = "export the labels of one of them only"
        raise DataError(
            f"has the labels of {quantity(len(names), 'annotator')} ({', '.join(names)})", location=path, hint=hint
        )
    return {layer.article_id: _as_answer(layer) for layer in layers_of(documents, batch="")}


def _as_answer(layer: AnnotationLayer) -> Answer:
    places = {span.id: place for place, span in enumerate(layer.spans)}
    return Answer(
        spans=tuple(AnswerSpan(start=span.start, end=span.end, label=span.label) for span in layer.spans),
        stances=tuple(
            AnswerStance(
                holder=None if stance.holder is None else places[stance.holder],
                target=stance.target_name or places[stance.target or ""],
                stance=stance.stance,
            )
            for stance in layer.stances
        ),
    )
