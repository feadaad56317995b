"""Import and export: annotations (spans and relations) per second of processor time, by format, beside its limits.

    python tests/benchmarks/bench_formats.py [--documents N]

Random documents in many scripts, as in the tests: 75 words and 4 annotations per annotator and document, where files
and headers decide; and twelve of them joined to one, so that an annotator has 48 annotations per document, as in the
articles of the sample. The best of three runs counts, of a limit that takes over ten seconds the first. Beside each
format stands how long others take for the same files, its limit: dkpro-cassis with the same job, from offsets to files
and back; spaCy's DocBin and the package conllu with documents in their own classes (the columns of CoNLL are read by
conllu, spaCy's converter and NLTK), and bioc's brat reader likewise; Python's modules json and csv, which stop at
dictionaries and rows; and for brat, which has two files per document, the bytes of the same files.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from msgspec.structs import replace
from timing import print_reasons

from goldwire.formats.capabilities import Format, without_losses
from goldwire.formats.document import Document, Labels, Relation, Span
from goldwire.formats.registry import known_formats
from support.format_paths import path_for
from support.random_documents import random_documents

Seconds = tuple[float, float]
JOINED = 12
# Where there is a file system in memory: on a disk, to create 8,000 files took between .2 and 2.7 s of processor time.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
NEVER = float("inf")  # of what a library cannot do
SLOW = 10.0  # seconds of a limit that is run once


def seconds(function: Callable[[], Any]) -> float:
    """Return the processor time of a call: the time of the disk or of another process is not the format's."""
    start = time.process_time()
    function()
    return time.process_time() - start


def goldwire(chosen: Format, documents: Sequence[Document], path: Path) -> Seconds:
    """Return the seconds of writing and of reading."""
    return seconds(lambda: chosen.write(documents, path)), seconds(lambda: list(chosen.read(path)))


def files(folder: Path, copies: Path) -> Seconds:
    """Return the seconds of writing and of reading the same bytes in as many files."""
    names = [file.relative_to(folder) for file in folder.rglob("*") if file.is_file()]
    contents: dict[Path, bytes] = {}
    reading = seconds(lambda: contents.update({name: (folder / name).read_bytes() for name in names}))
    for name in names:
        (copies / name).parent.mkdir(parents=True, exist_ok=True)
    return seconds(lambda: [(copies / name).write_bytes(data) for name, data in contents.items()]), reading


def json_module(path: Path, copies: Path) -> Seconds:
    paths = [path] if path.is_file() else sorted(path.rglob("*.json*"))
    values: list[list[Any]] = []

    def read() -> None:
        for file in paths:
            with file.open("rb") as content:
                values.append([json.loads(part) for part in (content if file.suffix == ".jsonl" else [content.read()])])

    def write() -> None:
        for number, parts in enumerate(values):
            (copies / str(number)).write_text("\n".join(map(json.dumps, parts)), encoding="utf-8")

    reading = seconds(read)
    return seconds(write), reading


def csv_module(path: Path, copies: Path) -> Seconds:
    rows: list[list[str]] = []

    def read() -> None:
        with path.open(encoding="utf-8", newline="") as file:
            rows.extend(csv.reader(file))

    def write() -> None:
        with (copies / "all.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    reading = seconds(read)
    return seconds(write), reading


def bioc(folder: Path, copies: Path) -> Seconds:
    """Read and write the files of brat with bioc, which refuses tabs in the text of a span: they become spaces."""
    from bioc import brat as library

    paths = []
    for number, file in enumerate(sorted(folder.rglob("*.ann"))):
        paths.append(copies / f"{number}.ann")
        lines = (line.split("\t", 2) for line in file.read_bytes().decode().split("\n"))
        written = "\n".join("\t".join((*line[:2], *(part.replace("\t", " ") for part in line[2:]))) for line in lines)
        paths[-1].write_text(written, encoding="utf-8")
        paths[-1].with_suffix(".txt").write_bytes(file.with_suffix(".txt").read_bytes())
    documents: list[Any] = []

    def open_pair(path: Path, mode: str) -> tuple[TextIO, TextIO]:
        text, annotations = path.with_suffix(".txt"), path
        return text.open(mode, encoding="utf-8", newline=""), annotations.open(mode, encoding="utf-8", newline="\n")

    def read() -> None:
        for path in paths:
            text, annotations = open_pair(path, "r")
            with text, annotations:
                documents.append(library.load(text, annotations))

    def write() -> None:
        for path, document in zip(paths, documents, strict=True):
            text, annotations = open_pair(path.with_name(f"{path.stem}-copy.ann"), "w")
            with text, annotations:
                library.dump(document, text, annotations)

    reading = seconds(read)
    return seconds(write), reading


def spacy(folder: Path, copies: Path) -> Seconds:
    import spacy as library

    vocabulary = library.blank("xx").vocab
    docs: list[Any] = []

    def read() -> None:
        for file in sorted(folder.glob("*.spacy")):
            docs.extend(library.tokens.DocBin().from_disk(file).get_docs(vocabulary))

    def write() -> None:
        library.tokens.DocBin(docs=docs, store_user_data=True).to_disk(copies / "all.spacy")

    reading = seconds(read)
    return seconds(write), reading


def cassis(suffix: str, folder: Path, copies: Path) -> Seconds:
    """Read offsets and labels of files with cassis, and write these."""
    import cassis as library

    entity_name, stance_name = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", "webanno.custom.Stance"
    paths = sorted(folder.rglob(f"*{suffix}"))
    cases: list[tuple[str, list[tuple[int, int, str]], list[tuple[int, int, str]]]] = []

    def read() -> None:
        load = library.load_cas_from_json  # a type system per file, which goldwire shares
        if suffix == ".xmi":
            types = library.load_typesystem((folder / "TypeSystem.xml").read_bytes().decode())
            load = partial(library.load_cas_from_xmi, typesystem=types)
        for path in paths:
            with path.open("rb") as file:
                cas = load(file)
            has_stances = cas.typesystem.contains_type(stance_name)
            entities = cas.select(entity_name) if cas.typesystem.contains_type(entity_name) else []
            numbers = {id(entity): number for number, entity in enumerate(entities)}
            stances = [
                (numbers[id(stance.Governor)], numbers[id(stance.Dependent)], stance.label)
                for stance in (cas.select(stance_name) if has_stances else ())
            ]
            cases.append((cas.sofa_string, [(one.begin, one.end, one.value) for one in entities], stances))

    def write() -> None:
        types = library.load_dkpro_core_typesystem()
        stance = types.create_type(stance_name)
        for name, kind in (("Governor", entity_name), ("Dependent", entity_name), ("label", "uima.cas.String")):
            types.create_feature(stance, name, kind)
        entity = types.get_type(entity_name)
        for number, (text, entities, stances) in enumerate(cases):
            cas = library.Cas(types)
            cas.sofa_string = text
            added = [entity(begin=start, end=end, value=label) for start, end, label in entities]
            cas.add_all(added)
            for holder, target, label in stances:
                ends = {"begin": added[target].begin, "end": added[target].end}
                cas.add(stance(**ends, Governor=added[holder], Dependent=added[target], label=label))
            path = copies / f"{number}{suffix}"
            if suffix == ".xmi":
                cas.to_xmi(path)
            else:
                cas.to_json(path, type_system_mode=library.typesystem.TypeSystemMode.MINIMAL)

    reading = seconds(read)
    return seconds(write), reading


def conllu(folder: Path, copies: Path) -> Seconds:
    import conllu as library

    sentences: list[Any] = []

    def read() -> None:
        for file in sorted(folder.glob("*.conllu")):
            sentences.extend(library.parse(file.read_text(encoding="utf-8")))

    def write() -> None:
        (copies / "all.conllu").write_text("".join(one.serialize() for one in sentences), encoding="utf-8")

    reading = seconds(read)
    return seconds(write), reading


def conll_columns(folder: Path, copies: Path) -> Seconds:
    """Read and write the columns of CoNLL-2003 with the package conllu, which wants tabs."""
    import conllu as library

    fields = ("form", "pos", "phrase", "tag")
    sentences: list[Any] = []

    def read() -> None:
        for file in sorted(folder.glob("*.conll")):
            sentences.extend(library.parse(file.read_text(encoding="utf-8").replace(" ", "\t"), fields=fields))

    def write() -> None:
        (copies / "all.conll").write_text("".join(one.serialize() for one in sentences), encoding="utf-8")

    reading = seconds(read)
    return seconds(write), reading


def nltk(folder: Path, copies: Path) -> Seconds:
    from nltk import data
    from nltk.corpus.reader import ConllCorpusReader

    data.path.append(str(folder))  # NLTK reads no other folders

    def read() -> None:
        library = ConllCorpusReader(str(folder), r".*\.conll", ("words", "pos", "ignore", "chunk"))
        for name in library.fileids():
            list(library.iob_sents(name))

    return NEVER, seconds(read)


def spacy_converter(folder: Path, copies: Path) -> Seconds:
    from spacy.training.converters import conll_ner_to_docs

    def read() -> None:
        for file in sorted(folder.glob("*.conll")):
            list(conll_ner_to_docs(file.read_text(encoding="utf-8"), no_print=True))

    return NEVER, seconds(read)


JSON = ("web-annotation", "label-studio", "argilla", "prodigy", "doccano", "lewidi", "potato")
# By format: the package that is needed, the name in the table, and the function
LIMITS: dict[str, tuple[tuple[str | None, str, Callable[[Path, Path], Seconds]], ...]] = {
    "brat": ((None, "files alone", files), ("bioc", "bioc", bioc)),
    "spacy": (("spacy", "spaCy", spacy),),
    "csv": ((None, "csv", csv_module),),
    **dict.fromkeys(JSON, ((None, "json", json_module),)),
    "cas-xmi": (("cassis", "cassis", partial(cassis, ".xmi")),),
    "cas-json": (("cassis", "cassis", partial(cassis, ".json")),),
    "conllu": (("conllu", "conllu", conllu),),
    "conll": (
        ("conllu", "conllu", conll_columns),
        ("spacy", "spaCy's converter", spacy_converter),
        ("nltk", "NLTK", nltk),
    ),
}
MODULES = {"json", "csv"}  # of Python, which stop at dictionaries and rows: a reader of labels is not as fast
CAS = (
    "goldwire also finds the files and their type system, joins the annotators of a document, and compares the number "
    "of labels with that of the file."
)
REASONS = {
    "brat": (
        "the limit copies bytes of known files into folders that are there; goldwire also finds the files, pairs texts "
        "with annotations, and writes and parses lines."
    ),
    "spacy": (
        "the library is timed with documents in its own classes; goldwire turns documents into these classes and back."
    ),
    "cas-xmi": CAS,
    "cas-json": CAS,
}


def measured(chosen: Format, documents: Sequence[Document]) -> tuple[Seconds, dict[str, Seconds]]:
    """Return the best seconds of writing and reading of three runs: goldwire's, and those of what limits it."""
    own: list[Seconds] = []
    limits: dict[str, list[Seconds]] = {}
    for _ in range(3):
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            path = path_for(chosen.name, Path(folder))
            own.append(goldwire(chosen, documents, path))
            for number, (package, name, function) in enumerate(LIMITS.get(chosen.name, ())):
                is_slow = any(max(run) > SLOW for run in limits.get(name, ()) if NEVER not in run)
                if (package is None or find_spec(package) is not None) and not is_slow:
                    copies = Path(folder) / f"copies-{number}"
                    copies.mkdir()
                    limits.setdefault(name, []).append(function(path, copies))
    return best(own), {name: best(runs) for name, runs in limits.items()}


def best(runs: Sequence[Seconds]) -> Seconds:
    return min(run[0] for run in runs), min(run[1] for run in runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=4_000, help="random documents, before they are joined")
    options = parser.parse_args()
    short = list(random_documents(options.documents, seed=1))
    behind: list[tuple[float, dict[str, float], str]] = []
    for size in (1, JOINED):
        documents = [joined(short[first : first + size]) for first in range(0, len(short), size)]
        sys.stdout.write(f"{len(documents):,} documents of {size * 75} words\n")
        behind += compare(documents, f"{size * 75} words")
    for own, others, name in behind:
        print_reasons(own, others, dict.fromkeys(others, REASONS[name]) if name in REASONS else {})


def compare(documents: Sequence[Document], length: str) -> Iterator[tuple[float, dict[str, float], str]]:
    """Print a row per format; yield its seconds, those of what limits it, and its name."""
    sys.stdout.write(f"{'format':16} {'annotations':>11} {'export/s':>10} {'import/s':>10}   limit\n")
    for name, chosen in known_formats().items():
        if not (chosen.capabilities.imports and chosen.capabilities.exports):
            continue
        some = [without_losses(document, chosen.capabilities) for document in documents]
        count = sum(len(own.spans) + len(own.relations) for document in some for own in document.labels)
        (writing, reading), limits = measured(chosen, some)
        line = f"{name:16} {count:11,} {count / writing:10,.0f} {count / reading:10,.0f}   "
        cells = (f"{limit}: {rate(count, times[0])} and {rate(count, times[1])}" for limit, times in limits.items())
        sys.stdout.write(f"{line}{'; '.join(cells)}".rstrip() + "\n")
        for what, own, side in (("export", writing, 0), ("import", reading, 1)):
            libraries = {limit: pair[side] for limit, pair in limits.items() if limit not in MODULES}
            others = {f"{limit} in {what} of {name}, {length}": duration for limit, duration in libraries.items()}
            yield own, others, name


def joined(documents: Sequence[Document]) -> Document:
    """Return one document of several: their texts as paragraphs, and the labels of all annotators."""
    text, spans, relations = "", defaultdict[str, list[Span]](list), defaultdict[str, list[Relation]](list)
    for document in documents:
        for labels in document.labels:
            first = len(spans[labels.annotator])
            spans[labels.annotator] += (
                replace(span, start=span.start + len(text), end=span.end + len(text)) for span in labels.spans
            )
            relations[labels.annotator] += (
                replace(
                    relation,
                    holder=None if relation.holder is None else relation.holder + first,
                    target=None if relation.target is None else relation.target + first,
                )
                for relation in labels.relations
            )
        text += f"{document.text}\n\n"
    merged = (
        Labels(annotator=name, spans=tuple(spans[name]), relations=tuple(relations[name])) for name in sorted(spans)
    )
    return Document(id=documents[0].id, text=text, labels=tuple(merged))


def rate(count: int, duration: float) -> str:
    return "-" if duration == NEVER else f"{count / duration:,.0f}"


if __name__ == "__main__":
    main()
