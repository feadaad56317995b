"""What the two annotators of docs/tutorial.md mark in its three invented articles, submitted through the server's API.

A1 and A2 differ in three places, as people do: the title of the mayor, the library itself, and a stance.
"""

from __future__ import annotations

from pathlib import Path

from goldwire.doccano import credentials
from goldwire.doccano.client.labeling import open_session, submit_layer
from goldwire.doccano.client.session import connect, sign_in_as
from goldwire.doccano.project import find_projects, project_marker
from goldwire.records import AnnotationLayer, Article
from goldwire.workspace import loading
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import find_workspace
from support import factories

__all__ = ["annotate"]

Labels = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, str], ...]]
"""Spans as (label, words) and stances as (holder, stance, target), each at the last place of its words."""

_BOTH: dict[str, Labels] = {
    "Sorvane harbour to close for a month": (
        (
            *(("GPE", "Sorvane"), ("ORG", "Port Authority"), ("PER", "Mara Oskel")),
            *(("ORG", "Fishers' Union"), ("ORG", "Hotel League")),
        ),
        (("Hotel League", "opposes", "Port Authority"),),
    ),
    "Council of Tolm approves the night tram": (
        (("ORG", "Council of Tolm"), ("ORG", "Tram Company"), ("ORG", "Taxi Guild"), ("PER", "Jon Hallam")),
        (("Taxi Guild", "opposes", "Tram Company"),),
    ),
    "Library of Orrin stays open on Sundays": (
        (("PER", "Selma Raudis"), ("ORG", "Friends of the Library"), ("PER", "Anselm Porr"), ("ORG", "Staff Council")),
        (("Friends of the Library", "supports", "Selma Raudis"),),
    ),
}
_OWN: dict[str, dict[str, Labels]] = {
    "A1": {
        "Council of Tolm approves the night tram": (
            (("PER", "Petra Lindqvar"),),
            (("Petra Lindqvar", "supports", "Tram Company"),),
        ),
        "Sorvane harbour to close for a month": ((), (("Mara Oskel", "supports", "Port Authority"),)),
    },
    "A2": {
        "Council of Tolm approves the night tram": (
            (("PER", "Mayor Petra Lindqvar"),),
            (("Mayor Petra Lindqvar", "supports", "Tram Company"),),
        ),
        "Library of Orrin stays open on Sundays": ((("ORG", "library of Orrin"),), ()),
    },
}


def annotate(folder: Path) -> None:
    """Submit all labels of batch b01 of the workspace in a folder, signed in as A1 and as A2."""
    workspace = find_workspace(folder)
    url = connect(workspace).url
    articles = loading.articles(workspace)
    tasks = loading.tasks(workspace, "b01")
    for annotator in ("A1", "A2"):
        session = sign_in_as(url, annotator, credentials.annotator_password(workspace.private, annotator))
        (project,) = find_projects(session, project_marker(workspace.settings.name, "b01", annotator))
        desk = open_session(session, project.id, voice=read_schema(workspace.schema).voice)
        for task in tasks:
            article = articles[task.article_id]
            submit_layer(desk, _layer(article, annotator), task, article)


def _layer(article: Article, annotator: str) -> AnnotationLayer:
    title = article.text.partition("\n")[0]
    both, own = _BOTH[title], _OWN[annotator].get(title, ((), ()))
    marked = [*both[0], *own[0]]
    spans = [(article.text.rindex(words), article.text.rindex(words) + len(words), label) for label, words in marked]
    place = {words: number for number, (_, words) in enumerate(marked)}
    stances = [(place[holder], place[target], stance) for holder, stance, target in (*both[1], *own[1])]
    return factories.layer(article, spans, stances, annotator=annotator)
