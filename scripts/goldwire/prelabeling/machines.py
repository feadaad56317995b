"""Machines that annotate: which ones there are, and the answers that each gives about the articles of a batch."""

from __future__ import annotations

import hashlib
import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, cast, get_args

import msgspec

from goldwire.errors import DECODE_ERRORS, ConfigError, DataError, MissingFileError
from goldwire.prelabeling import ner_models
from goldwire.prelabeling.gazetteer import Gazetteer
from goldwire.prelabeling.machine_answers import Answer, AnswerContext, AnswerSpan

__all__ = ["MachineKind", "MachineSource", "ask_command", "ask_gazetteer", "ask_recognizer", "parse_machine"]

_FOLDERS = re.compile(r"(?:^|(?<==))/.*/|[^\s=]*/")  # of a path, also in `--model=models/news` and with blanks

MachineKind = Literal["gazetteer", "spacy", "gliner", "openai", "cmd", "file"]


class MachineSource(msgspec.Struct, frozen=True):
    """A machine: `gazetteer`, `spacy:MODEL`, `gliner:FOLDER`, `openai:MODEL`, `cmd:COMMAND` or `file:PATH`."""

    kind: MachineKind
    name: str = ""

    @property
    def public(self) -> str:
        """The source as files in git name it, without a path on this machine."""
        if self.kind == "cmd":
            return f"cmd:{shlex.join(_FOLDERS.sub('', part) for part in shlex.split(self.name))}"
        if self.kind in ("spacy", "gliner", "file"):
            return f"{self.kind}:{Path(self.name).resolve().name}"
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def model(self) -> str | None:
        """The name of the model as the source names it."""
        return self.public.partition(":")[2] or None

    def version(self) -> str | None:
        """Return the version of what answers: of a package, or the digest of a file or program; None if unknown."""
        if self.kind in ("file", "cmd"):
            program, *arguments = [self.name] if self.kind == "file" else shlex.split(self.name)
            # Of `python label.py`, the version of the script matters.
            path = next((path for path in map(Path, arguments) if path.is_file()), Path(program))
            return f"sha256:{_file_digest(path)}" if path.is_file() else None
        if self.kind in ("spacy", "gliner"):
            return ner_models.model_version(self.name)
        return None


def parse_machine(text: str) -> MachineSource:
    """Return the machine that `--with` names; raise ConfigError if it names none."""
    kind, _, name = text.partition(":")
    is_valid = kind in get_args(MachineKind) and bool(name.strip()) != (kind == "gazetteer")
    if kind == "cmd" and is_valid:
        try:
            is_valid = bool(shlex.split(name))
        except ValueError:
            is_valid = False
    if not is_valid:
        raise ConfigError(
            f"unknown machine {text!r}",
            hint="choose gazetteer, spacy:MODEL, gliner:FOLDER, openai:MODEL, cmd:COMMAND or file:PATH",
        )
    return MachineSource(cast(MachineKind, kind), name)


def ask_gazetteer(gazetteer: Gazetteer, contexts: Sequence[AnswerContext]) -> Iterator[Answer]:
    """Yield the names of a gazetteer in each article."""
    for context in contexts:
        yield _spans_answer((*span, None) for span in gazetteer.find(context.article.text))


def ask_recognizer(recognize: ner_models.EntityRecognizer, contexts: Sequence[AnswerContext]) -> Iterator[Answer]:
    """Yield the entities of a model in each article."""
    for spans in recognize(context.article.text for context in contexts):
        yield _spans_answer(spans)


def _spans_answer(ranges: Iterable[ner_models.ScoredRange]) -> Answer:
    return Answer(
        spans=tuple(
            AnswerSpan(start=start, end=end, label=label, confidence=confidence)
            for start, end, label, confidence in ranges
        )
    )


class _CommandAnswer(Answer, frozen=True, kw_only=True):
    """A line that a command prints: the answer about the article with an id."""

    id: str


def ask_command(command: str, contexts: Sequence[AnswerContext]) -> Mapping[str, Answer]:
    """Return the answers of a command by article id.

    The command gets one JSON object per line on its standard input (`id`, `title`, `text`, `language`, `source`,
    `published`, `labels`, `stances`, `targets`), and prints one per line: `id`, `spans` and `stances` as `Answer` has
    them. Articles that it leaves out have no answer.

    Raises
    ------
    MissingFileError
        There is no such program.
    DataError
        The command fails, or prints something else.
    """
    lines = b"".join(msgspec.json.encode(_question(context)) + b"\n" for context in contexts)
    arguments = shlex.split(command)
    try:
        process = subprocess.run(arguments, input=lines, capture_output=True, check=False)
    except OSError as error:
        raise MissingFileError(f"cannot be run: {error.strerror}", location=arguments[0]) from None
    if process.returncode:
        last = process.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        problem = f"ended with exit code {process.returncode}{f': {last[0][:200]}' if last else ''}"
        raise DataError(problem, location=arguments[0])
    known = {context.article.id for context in contexts}
    answers: dict[str, Answer] = {}
    for number, line in enumerate(process.stdout.splitlines(), 1):
        if not line.strip():
            continue
        try:
            answer = msgspec.json.decode(line, type=_CommandAnswer)
        except DECODE_ERRORS as error:
            hint = "print one JSON object per line: id, spans, stances"
            raise DataError(f"line {number} of its output: {error}", location=arguments[0], hint=hint) from None
        if answer.id not in known:
            raise DataError(f"line {number} of its output: no article {answer.id!r} was asked", location=arguments[0])
        answers[answer.id] = answer
    return answers


def _question(context: AnswerContext) -> dict[str, object]:
    article = context.article
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "language": article.language,
        "source": article.source,
        "published": article.published,
        "labels": context.schema.entity_labels,
        "stances": context.schema.stance_labels,
        "targets": context.targets,
    }


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
