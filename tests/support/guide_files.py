"""Files that the reader of a guide brings: exports of other tools, and labels of the example that `init` writes."""

from __future__ import annotations

import shutil
from pathlib import Path

from goldwire.formats.document import Document, Labels, Relation, Span
from goldwire.formats.registry import find_format
from goldwire.stages import adjudicate, agree, import_labels, ingest, split
from goldwire.workspace import loading
from goldwire.workspace.layout import find_workspace
from support.console_blocks import Action

__all__ = ["ACTIONS"]


def _document(name: str, text: str, marked: dict[str, str], stance: tuple[str, str, str] | None) -> Document:
    """Return a text with the labels of `ada` and `ben`; ben leaves out what follows the second name."""
    spans = tuple(
        Span(start=text.index(words), end=text.index(words) + len(words), label=label)
        for words, label in marked.items()
    )
    order = list(marked)
    relations = ()
    if stance is not None:
        holder, label, target = stance
        relations = (Relation(label=label, holder=order.index(holder), target=order.index(target)),)
    both = {"ada": spans, "ben": spans[:2]}
    labels = (Labels(annotator=who, spans=own, relations=relations) for who, own in both.items())
    return Document(id=name, text=text, labels=tuple(labels))


def _from_inception(folder: Path) -> None:
    """Write export/ as UIMA CAS XMI, for the texts in source/."""
    marked = {
        "tram": ({"Taxi Guild": "ORG", "Tram Company": "ORG", "Jon Hallam": "PERSON"}, "opposes"),
        "harbour": ({"Mara Oskel": "PERSON", "Port Authority": "ORG"}, "supports"),
    }
    documents = []
    for name, (words, stance) in marked.items():
        text = (folder / "source" / f"{name}.txt").read_text(encoding="utf-8")
        holder, target = list(words)[:2]
        documents.append(_document(name, text, words, (holder, stance, target)))
    find_format("cas-xmi").write(documents, folder / "export")


def _example(folder: Path) -> Document:
    (article,) = loading.articles(find_workspace(folder)).values()
    marked = {"Fishers' Union": "ORG", "Mara Oskel": "PER", "Hotel League": "ORG"}
    return _document("example", article.text, marked, None)


def _gold_of_the_example(folder: Path) -> None:
    """Ingest the example, import the labels of two annotators, and decide them."""
    workspace = find_workspace(folder)
    ingest.run(workspace)
    find_format("brat").write([_example(folder)], folder / "brat")
    import_labels.run(workspace, folder / "brat", batch="b01")
    shutil.rmtree(folder / "brat")
    agree.run(workspace, batch="b01", html=False)
    adjudicate.run(workspace, batch="b01")
    split.run(workspace)


ACTIONS: dict[str, Action] = {
    "export from INCEpTION": _from_inception,
    "one article with gold labels": _gold_of_the_example,
}
"""What stands for a person, by the names in the comments of the guides."""
