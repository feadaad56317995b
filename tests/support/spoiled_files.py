"""Kinds of files of a workspace, ways to spoil one, and the commands that may then read it."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from goldwire.doccano.ledger import Ledger, PullRecord
from goldwire.doccano.server import state as states
from goldwire.formats.capabilities import without_losses
from goldwire.formats.document import documents_of
from goldwire.formats.registry import known_formats
from goldwire.records import AnnotationLayer, MachineRun
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import find_workspace
from support import answering_machine
from support.server_files import write_database

__all__ = ["COMMANDS", "FILES", "SPOILERS", "add_exchange_files", "add_missing_kinds", "spoil"]

FILES = (
    "corpus/raw/herald/march.jsonl",
    "corpus/raw/wire/ferry.txt",
    "corpus/raw/wire/table.csv",
    "corpus/raw/wire/page.html",
    "corpus/sources.toml",
    "corpus/articles/herald.jsonl",
    "corpus/rejected/wire.jsonl",
    "corpus/duplicates.jsonl",
    "annotations/schema.toml",
    "annotations/GUIDELINES.md",
    "annotations/waivers.toml",
    "annotations/tasks/b01.jsonl",
    "annotations/layers/b01/A1.jsonl",
    "annotations/agreement/b01.json",
    "annotations/gold/b01.jsonl",
    "annotations/gold/b01.decisions.jsonl",
    "splits/assignment.tsv",
    "splits/v0.0.1/manifest.json",
    "splits/v0.0.1/README.md",
    "splits/v0.0.1/croissant.json",
    "splits/v0.0.1/baseline.json",
    "splits/v0.0.1/data/entities/train-00000-of-00001.parquet",
    "splits/v0.0.1/data/annotations/test-00000-of-00001.parquet",
    "DATASHEET.md",
    "pyproject.toml",
    ".goldwire/ledger/b01.json",
    ".goldwire/ledger/b01.pulls.json",
    ".goldwire/annotators.toml",
    ".goldwire/passwords.json",
    ".goldwire/server/server.json",
    ".goldwire/server/db.sqlite3",
    "annotations/exports/b01/A1.jsonl",
    "annotations/layers/b01/M1.jsonl",
    "splits/v0.0.1/datapackage.json",
    "splits/v0.0.1/CHANGELOG.md",
    "answers.py",
)
"""One file of each kind that a command reads; FILES that the sample lacks are written by `add_missing_kinds`."""

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "stats": ("stats",),
    "ingest": ("ingest",),
    "ingest --reextract": ("ingest", "--reextract"),
    "dedup": ("dedup",),
    "sample": ("sample", "b09", "--max-articles", "2", "--annotators", "A1,A2"),
    "agree": ("agree", "b01"),
    "adjudicate": ("adjudicate", "b01"),
    "split": ("split",),
    "release": ("release", "--no-baselines"),
    "baseline": ("baseline", "0.0.1"),
    "diff": ("diff", "0.0.1", "0.0.1"),
    "hydrate": ("hydrate", "splits/v0.0.1", "--texts", "corpus/articles"),
    "status": ("status",),
    "check": ("check",),
    "check --fix": ("check", "--fix"),
    "audit": ("audit", "splits/v0.0.1"),
    "audit layers": ("audit", "annotations/layers"),
    "prelabel": ("prelabel", "b01", "--with", f"cmd:{sys.executable} answers.py annotations/layers/b01/A1.jsonl"),
    "certify": ("certify", "b01"),
    "estimate": ("estimate",),
    "plan": ("plan", "b01"),
    "audit labels": ("audit", "labels"),
    "export": ("export", "b01", "out", "--to", "doccano"),
    "exclude": ("exclude", "herald-f00daee13d10", "--reason", "a list"),
    "show": ("show", "herald-f00daee13d10"),
    "doctor": ("doctor",),
    "people": ("people", "b01"),
    "server status": ("server", "status"),
    "backup": ("backup", "labels.tar"),
    "publish": ("publish", "0.0.1", "--repo-id", "lab/trial"),
    "push": ("push", "b01"),
    "pull": ("pull", "b01"),
}
"""The commands that read files of the workspace, by name."""


def _some_position(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def _with_line(data: bytes, line: bytes, rng: random.Random) -> bytes:
    """Return the data with one of its lines replaced."""
    lines = data.split(b"\n")
    lines[rng.randrange(max(1, len(lines) - 1))] = line
    return b"\n".join(lines)


def _inserted(inserted: bytes) -> Callable[[bytes, random.Random], bytes]:
    def change(data: bytes, rng: random.Random) -> bytes:
        at = _some_position(data, rng)
        return data[:at] + inserted + data[at:]

    return change


def _replaced_line(line: bytes) -> Callable[[bytes, random.Random], bytes]:
    return lambda data, rng: _with_line(data, line, rng)


def _whole(content: bytes) -> Callable[[bytes, random.Random], bytes]:
    return lambda data, rng: content


def _bits_flipped(data: bytes, rng: random.Random) -> bytes:
    flipped = bytearray(data or b"\x00")
    for _ in range(8):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _number_replaced(data: bytes, rng: random.Random) -> bytes:
    """Replace a digit by a number that no field can hold."""
    digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    at = rng.choice(digits) if digits else 0
    return data[:at] + rng.choice((b"9" * 400, b"-1", b"1e999", b"NaN", b"null", b'"x"', b"1.5")) + data[at + 1 :]


_NESTED = b"[" * 3000 + b"]" * 3000
_NESTED_OBJECT = b'{"a":' * 3000 + b"1" + b"}" * 3000

SPOILERS: Mapping[str, Callable[[bytes, random.Random], bytes] | str] = {
    "empty": _whole(b""),
    "truncated": lambda data, rng: data[: _some_position(data, rng)],
    "not UTF-8": _inserted(b"\xff\xfe\xe9"),
    "NUL bytes": _inserted(b"\x00" * 9),
    "UTF-16": lambda data, rng: data.decode("utf-8", "replace").encode("utf-16"),
    "byte order mark": lambda data, rng: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data, rng: data.replace(b"\n", b"\r\n"),
    "nested line": _replaced_line(_NESTED),
    "nested object": _replaced_line(_NESTED_OBJECT),
    "nested file": _whole(_NESTED),
    "null": _whole(b"null\n"),
    "number": _whole(b"7\n"),
    "list": _whole(b"[]\n"),
    "object": _whole(b"{}\n"),
    "null line": _replaced_line(b"null"),
    "strange line": _replaced_line(b'{"id": 1, "text": null, "article_id": [], "spans": {}}'),
    "surrogate": _replaced_line(b'{"id": "\\ud800", "text": "a\\udfff", "body": "\\ud83d"}'),
    "merge conflict": _inserted(b"\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n"),
    "wrong number": _number_replaced,
    "bits flipped": _bits_flipped,
    "long line": _replaced_line(b"x" * 2_000_000),
    "huge number": _replaced_line(b'{"id": ' + b"9" * 5000 + b', "start": -1e400, "text": "x"}'),
    "types mixed": _replaced_line(b'{"id": true, "article_id": 3, "spans": [1, {"start": "a"}], "label": {"a": []}}'),
    "missing": "missing",
    "dangling link": "dangling link",
    "no permission": "no permission",
    "folder": "folder",
    "link loop": "link loop",
    "name not UTF-8": "name not UTF-8",
}
"""Ways to spoil a file: a function of its bytes, or what takes its place."""


def spoil(path: Path, how: str, rng: random.Random) -> None:
    """Spoil a file in one of the ways of `SPOILERS`."""
    spoiler = SPOILERS[how]
    if callable(spoiler):
        path.write_bytes(spoiler(path.read_bytes(), rng))
        return
    if spoiler == "name not UTF-8":
        name = os.fsencode(path.parent) + b"/\xff\xfe" + os.fsencode(path.suffix)
        shutil.copyfile(os.fsencode(path), name)
        return
    if spoiler == "no permission":
        path.chmod(0)
        return
    path.unlink()
    if spoiler == "folder":
        path.mkdir()
    elif spoiler == "dangling link":
        path.symlink_to("nowhere")
    elif spoiler == "link loop":
        path.symlink_to(path.name)


def add_missing_kinds(root: Path) -> None:
    """Write the files of `FILES` that the sample workspace does not have."""
    body = "\n\n".join(
        f"The harbour board met on day {day} and heard at some length why the ferry to the island is late again."
        for day in range(1, 9)
    )
    wire = root / "corpus/raw/wire"
    (wire / "table.csv").write_text(f'url,text\nhttps://wire.example/9,"{body}"\n')
    paragraphs = body.replace("\n\n", "</p><p>")
    (wire / "page.html").write_text(f"<html><body><article><h1>Ferry late</h1><p>{paragraphs}</p></article></body>")
    (wire / "short.txt").write_text("Too short\n")
    ledger = Ledger(batch="b01", server="http://127.0.0.1:9", projects=())
    pulls = PullRecord(batch="b01", server="http://127.0.0.1:9", annotators=("A1", "A2", "A3"), inputs="0", projects=())
    for name, document in (("b01.json", ledger), ("b01.pulls.json", pulls)):
        jsonl.write_document(root / ".goldwire/ledger" / name, document)
    (root / ".goldwire/passwords.json").write_text('{"admin": "", "annotators": {"A1": "tide-lamp-oar"}}')
    home = root / ".goldwire/server"
    home.mkdir()
    write_database(home / "db.sqlite3", rows=40)
    (home / states.FILE).write_bytes(msgspec.json.encode(states.ServerState(secret_key="k" * 64)))
    exports = root / "annotations/exports/b01"
    exports.mkdir(parents=True)
    (exports / "A1.jsonl").write_text(
        '{"id": 1, "text": "Ferry late", "entities": [], "relations": [], "Comments": []}\n'
    )
    shutil.copyfile(answering_machine.__file__, root / "answers.py")
    layers = root / "annotations/layers/b01"
    run = MachineRun(source="cmd:answers.py", date="2026-11-30")
    person = jsonl.read(layers / "A1.jsonl", AnnotationLayer)
    jsonl.write(layers / "M1.jsonl", [replace(layer, annotator="M1", machine=run) for layer in person])
    (root / ".goldwire/annotators.toml").write_text('A1 = {user = "ilsa", name = "Ilsa Vernock"}\n')


def add_exchange_files(root: Path) -> tuple[str, ...]:
    """Write the layers of a batch in every format that can be exported and imported, to `given/FORMAT`."""
    space = find_workspace(root, explicit=True)
    texts = {name: article.text for name, article in loading.articles(space).items()}
    layers = [layer for layer in loading.layers(space, "b01") if layer.annotator == "A1"]
    names = []
    for name, chosen in known_formats().items():
        if chosen.capabilities.imports and chosen.capabilities.exports:
            documents = [without_losses(one, chosen.capabilities) for one in documents_of(texts, layers)]
            chosen.write(documents, root / "given" / name)
            names.append(name)
    return tuple(names)
