"""The label types that a project should have: from the schema, and created or updated on the server."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from goldwire.doccano.client.download import count_rows
from goldwire.doccano.client.label_types import ENDPOINTS, LabelTypes
from goldwire.doccano.client.session import Session
from goldwire.workspace.label_schema import EntityLabel, Schema, StanceOption

__all__ = ["EnsuredTypes", "LabelType", "ensure_label_types", "label_types"]

_VOICE_COLORS = ("#57606a", "#32383f", "#8c959f")  # greys, in case an entity label has one of them
_HOT_KEYS = "v0123456789abcdefghijklmnopqrstuwxyz"  # `v` first: it is meant for the voice


class LabelType(msgspec.Struct, frozen=True):
    """A label as Doccano stores it. Its hot key is `suffix_key`; Doccano's page ignores the `prefix_key`."""

    text: str
    prefix_key: str | None
    suffix_key: str | None
    background_color: str
    text_color: str


class EnsuredTypes(msgspec.Struct, frozen=True, kw_only=True):
    """The label types of a project that has all planned ones; `created` are the names of those that it lacked."""

    label_types: LabelTypes
    created: tuple[str, ...]
    changed: bool


def label_types(schema: Schema) -> tuple[tuple[LabelType, ...], tuple[LabelType, ...]]:
    """Return the span types and the relation types of a schema.

    The article's voice, if the schema has one, gets the key `v` and a grey, or the first key and grey that no label
    has.
    """
    taken_keys = {label.key for label in schema.entity} | {option.key for option in schema.stance}
    taken_colors = {label.color.lower() for label in schema.entity}
    color = next((color for color in _VOICE_COLORS if color not in taken_colors), _VOICE_COLORS[0])
    key = next((key for key in _HOT_KEYS if key not in taken_keys), None)
    voice = (LabelType(schema.voice, None, key, color, "#ffffff"),) if schema.voice else ()
    spans = tuple(map(_label_type, schema.entity))
    return (*spans, *voice), tuple(map(_label_type, schema.stance))


def _label_type(label: EntityLabel | StanceOption) -> LabelType:
    # White has a contrast of 4.5, which WCAG asks for, up to a relative luminance of 0.183, and black from there on.
    text_color = "#000000" if _luminance(label.color) > 0.183 else "#ffffff"
    return LabelType(label.label, None, label.key, label.color, text_color)


def _luminance(color: str) -> float:
    """Return the relative luminance of a colour `#rrggbb`, as WCAG 2.2 defines it."""
    shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ensure_label_types(
    session: Session, project: int, planned: Mapping[str, Collection[LabelType]], known_types: Mapping[str, int]
) -> EnsuredTypes:
    """Create or update the planned label types of each kind. Others stay, because labels may refer to them.

    A type that was renamed on the server, recognized by its id in `known_types`, gets its name back, so that its labels
    have it again.

    No span type has the id of a relation type: in Doccano 1.8.4 a click on one of two labels with the same id can store
    another label, because its page tells the buttons of both kinds apart by this id alone.
    """
    names, changed = [], False
    stored: dict[str, dict[str, Any]] = {kind: _stored_types(session, project, kind) for kind in planned}
    if _shared_ids(stored) and not count_rows(session, project):  # without rows, nothing has labels
        for label in stored.pop("relation").values():
            session.http.delete(f"projects/{project}/{ENDPOINTS['relation']}/{label['id']}")
        stored["relation"] = {}
    for kind, labels in planned.items():
        renamed = _undo_renaming(session, project, kind, labels, stored[kind], known_types)
        other_ids = {label["id"] for other in stored if other != kind for label in stored[other].values()}
        created, updated = _update(session, project, kind, labels, stored[kind], other_ids)
        names += created
        changed |= renamed or bool(created) or updated
    ids = {kind: {text: label["id"] for text, label in labels.items()} for kind, labels in stored.items()}
    return EnsuredTypes(label_types=LabelTypes(**ids), created=tuple(names), changed=changed)


def _stored_types(session: Session, project: int, kind: str) -> dict[str, Any]:
    """Return the label types of one kind by name, in the order of the server."""
    return {label["text"]: label for label in session.http.get(f"projects/{project}/{ENDPOINTS[kind]}")}


def _shared_ids(stored: Mapping[str, dict[str, Any]]) -> frozenset[int]:
    """Return the ids that a span type and a relation type share."""
    spans, relations = ({label["id"] for label in stored.get(kind, {}).values()} for kind in ("span", "relation"))
    return frozenset(spans & relations)


def _undo_renaming(
    session: Session,
    project: int,
    kind: str,
    planned: Collection[LabelType],
    stored: dict[str, Any],
    known_types: Mapping[str, int],
) -> bool:
    """Restore the names that renamed label types had at the last push; change `stored`, too."""
    names, by_id = {label.text for label in planned}, {label["id"]: text for text, label in stored.items()}
    renamed = {
        by_id[number]: label.text
        for label in planned
        if label.text not in stored
        and (number := known_types.get(label.text)) is not None
        and by_id.get(number, label.text) not in names
    }
    for present, former in renamed.items():
        path = f"projects/{project}/{ENDPOINTS[kind]}/{stored[present]['id']}"
        stored[former] = session.http.patch(path, {"text": former})
        del stored[present]
    return bool(renamed)


def _update(
    session: Session,
    project: int,
    kind: str,
    planned: Collection[LabelType],
    stored: dict[str, Any],
    other_ids: Collection[int],
) -> tuple[list[str], bool]:
    """Create or update label types of one kind; return the names of those created, and whether any was updated."""
    path = f"projects/{project}/{ENDPOINTS[kind]}"
    different = [label for label in planned if _fields(stored.get(label.text)) != _fields(msgspec.to_builtins(label))]
    key_owners = {(label.prefix_key, label.suffix_key): label.text for label in planned if label.suffix_key}
    for text, label in stored.items():
        # Two labels may be swapping keys, and the server refuses a key that another label still has.
        if key_owners.get((label["prefix_key"] or None, label["suffix_key"]), text) != text:
            session.http.patch(f"{path}/{label['id']}", {"prefix_key": None, "suffix_key": None})
    created = [label.text for label in different if label.text not in stored]
    for label in different:
        body = msgspec.to_builtins(label)
        if label.text in stored:
            session.http.patch(f"{path}/{stored[label.text]['id']}", body)
        else:
            stored[label.text] = _create(session, path, body, other_ids)
    return created, len(created) < len(different)


def _create(session: Session, path: str, body: object, other_ids: Collection[int]) -> dict[str, Any]:
    """Create a label type whose id is not among `other_ids`: the server gives each id only once."""
    label: dict[str, Any] = session.http.post(path, body)
    while label["id"] in other_ids:
        session.http.delete(f"{path}/{label['id']}")
        label = session.http.post(path, body)
    return label


def _fields(label: dict[str, Any] | None) -> tuple[object, ...] | None:
    return None if label is None else tuple(label[field] or None for field in LabelType.__struct_fields__)
