"""Import and export: annotations (spans and relations) per second of processor time, by format, beside its limits.

    python tests/benchmarks/bench_formats.py [--documents N]

Random documents in many scripts, as in the tests: 75 words and 4 annotations per annotator and document, where files
and headers decide; and twelve of them joined to one, so that an annotator has 48 annotations per document, as in the
articles of the sample. The best of three runs counts. Beside the formats whose files a library writes and reads
(spaCy's DocBin, dkpro-cassis, the package conllu; the columns of CoNLL are read by conllu, spaCy's converter and NLTK),
or that have two files per document (brat, without a library), stands how long that alone takes: the library with
documents in its own classes, or the bytes of the same files.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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
NEVER = float("inf")  # of what a library cannot do


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
    import cassis as library

    paths = sorted(folder.rglob(f"*{suffix}"))
    cases: list[Any] = []
    if suffix == ".xmi":
        types = library.load_typesystem((folder / "TypeSystem.xml").read_bytes().decode())
        load = partial(library.load_cas_from_xmi, typesystem=types)
    else:
        load = library.load_cas_from_json  # a type system per file, which goldwire shares

    def read() -> None:
        for path in paths:
            with path.open("rb") as file:
                cases.append(load(file))

    def write() -> None:
        for number, cas in enumerate(cases):
            minimal = library.typesystem.TypeSystemMode.MINIMAL
            text = cas.to_xmi() if suffix == ".xmi" else cas.to_json(type_system_mode=minimal)
            (copies / str(number)).write_text(text, encoding="utf-8")

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


# By format: the package that is needed, the name in the table, and the function
LIMITS: dict[str, tuple[tuple[str | None, str, Callable[[Path, Path], Seconds]], ...]] = {
    "brat": ((None, "files alone", files),),
    "spacy": (("spacy", "spaCy", spacy),),
    "cas-xmi": (("cassis", "cassis", partial(cassis, ".xmi")),),
    "cas-json": (("cassis", "cassis", partial(cassis, ".json")),),
    "conllu": (("conllu", "conllu", conllu),),
    "conll": (
        ("conllu", "conllu", conll_columns),
        ("spacy", "spaCy's converter", spacy_converter),
        ("nltk", "NLTK", nltk),
    ),
}
OWN_CLASSES = (
    "the library is timed with documents in its own classes, goldwire with what it needs, too: it loads the types, "
    "turns documents into these classes and back, and opens new files."
)
REASONS = {
    "brat": (
        "the limit copies bytes of known files into folders that are there; goldwire also finds the files, pairs texts "
        "with annotations, and writes and parses lines."
    ),
    "spacy": OWN_CLASSES,
    "cas-xmi": OWN_CLASSES,
    "cas-json": OWN_CLASSES,
}


def measured(chosen: Format, documents: Sequence[Document]) -> tuple[Seconds, dict[str, Seconds]]:
    """Return the best seconds of writing and reading of three runs: goldwire's, and those of what limits it."""
    own: list[Seconds] = []
    limits: dict[str, list[Seconds]] = {}
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            path = path_for(chosen.name, Path(folder))
            own.append(goldwire(chosen, documents, path))
            for number, (package, name, function) in enumerate(LIMITS.get(chosen.name, ())):
                if package is None or find_spec(package) is not None:
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
            others = {f"{limit} in {what} of {name}, {length}": seconds[side] for limit, seconds in limits.items()}
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
