"""The label types of a project on the server, in the order in which the browser lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from goldwire.records import TaskKind

if TYPE_CHECKING:  # `goldwire check` needs no connection, and starts a tenth sooner
    from goldwire.doccano.client.session import Session

__all__ = ["ENDPOINTS", "LabelTypes", "fetch_label_types"]

ENDPOINTS = {"span": "span-types", "relation": "relation-types", "category": "category-types"}
"""The last part of the address of each kind of label types."""

_KINDS: dict[TaskKind, tuple[str, ...]] = {"entities": ("span", "relation"), "stance": ("category",)}


class LabelTypes(msgspec.Struct, frozen=True):
    """Ids by name of span types, relation types and categories (the labels of a whole text)."""

    span: dict[str, int] = {}
    relation: dict[str, int] = {}
    category: dict[str, int] = {}

    @property
    def ids(self) -> dict[str, int]:
        """All ids by name: the schema does not allow the same name twice."""
        return self.span | self.relation | self.category

    @property
    def collisions(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a span type and a relation type that have the same id, but not the same place in their lists.

        In Doccano 1.8.4 a click on one of them can store another label: see the rule `server-label-id-collision`.
        """
        places = {number: place for place, number in enumerate(self.span.values())}
        names = {number: name for name, number in self.span.items()}
        return tuple(
            (names[number], name)
            for place, (name, number) in enumerate(self.relation.items())
            if places.get(number, place) != place
        )


def fetch_label_types(session: Session, project: int, kind: TaskKind) -> LabelTypes:
    """Request the label types of a project whose tasks are of this kind."""
    return LabelTypes(
        **{
            name: {label["text"]: label["id"] for label in session.http.get(f"projects/{project}/{ENDPOINTS[name]}")}
            for name in _KINDS[kind]
        }
    )
