"""One project an annotator and batch: found by its mark, made when missing, set right when it differs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from goldwire.doccano.client.http import DroppedError, RefusedError
from goldwire.doccano.client.session import Session
from goldwire.errors import ConfigError, ServerError
from goldwire.records import TaskKind
from goldwire.workspace.label_schema import EntityLabel, Schema, StanceOption

__all__ = [
    "ROLE",
    "LabelType",
    "Plan",
    "Project",
    "ensure",
    "ensure_member",
    "find",
    "find_batch",
    "label_types",
    "mark",
    "page_url",
    "task_url",
]

_NAME_LIMIT = 100  # characters that Doccano's column holds
_SETTINGS = {
    "collaborative_annotation": True,  # or imported labels are seen by their uploader only; one annotator is in it
    "random_order": False,
}
_OF_KIND: dict[TaskKind, dict[str, bool]] = {
    "entities": {
        "allow_overlapping": True,
        "use_relation": True,
        "grapheme_mode": False,  # UTF-16 units: the only count that never merges characters
        "single_class_classification": False,
    },
    "stance": {"single_class_classification": True},
}
_TYPES: dict[TaskKind, str] = {"entities": "SequenceLabeling", "stance": "DocumentClassification"}
_PAGES: dict[TaskKind, str] = {"entities": "sequence-labeling", "stance": "text-classification"}
ROLE = "annotator"
"""What an annotator is in a project, in Doccano's words."""
_VOICE_COLORS = ("#57606a", "#32383f", "#8c959f")  # greys, of which an entity label may have one
_KEYS = "v0123456789abcdefghijklmnopqrstuwxyz"  # `v` first: it is for the voice
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_KEY = re.compile(r"(?:(ctrl|shift|ctrl shift) )?([0-9a-z])")


class LabelType(msgspec.Struct, frozen=True):
    """A label as Doccano keeps it: its hot key is `suffix_key`, held with `prefix_key` where there is one."""

    text: str
    prefix_key: str | None
    suffix_key: str | None
    background_color: str
    text_color: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a project is to be; where targets are asked about by name, `relations` are its categories."""

    workspace: str
    batch: str
    annotator: str
    guideline: str
    spans: tuple[LabelType, ...]
    relations: tuple[LabelType, ...]
    kind: TaskKind = "entities"

    @property
    def mark(self) -> str:
        """This project's mark."""
        return mark(self.workspace, self.batch, self.annotator)

    @property
    def name(self) -> str:
        """What the annotator sees."""
        tail = f" {self.batch} {self.annotator}"
        return self.workspace[: _NAME_LIMIT - len(tail)] + tail

    @property
    def settings(self) -> dict[str, bool]:
        """Its settings, in Doccano's words."""
        return _SETTINGS | _OF_KIND[self.kind]


class Project(msgspec.Struct, frozen=True):
    """A project on the server, its guideline page, and what is asked there."""

    id: int
    name: str
    guideline: str
    kind: TaskKind = "entities"


def mark(workspace: str, batch: str, annotator: str) -> str:
    """What tells a project from all others, at the end of its description, whatever people rename."""
    return f"[goldwire:{workspace}/{batch}/{annotator}]"


def label_types(schema: Schema, place: Path) -> tuple[tuple[LabelType, ...], tuple[LabelType, ...]]:
    """Span and relation types of a schema; the voice gets `v` and a grey, or the first that no label has.

    A colour or a hot key that Doccano has no room for is a GoldwireError at `place`.
    """
    taken = {label.key for label in schema.entity} | {option.key for option in schema.stance}
    color = next((c for c in _VOICE_COLORS if c not in {label.color.lower() for label in schema.entity}), None)
    key = next((k for k in _KEYS if k not in taken), None)
    voice = LabelType(schema.voice, None, key, color or _VOICE_COLORS[0], "#ffffff")
    spans = tuple(_label_type(label, place) for label in schema.entity)
    return (*spans, voice), tuple(_label_type(option, place) for option in schema.stance)


def _label_type(label: EntityLabel | StanceOption, place: Path) -> LabelType:
    key, color = _KEY.fullmatch(label.key), label.color
    if key is None:
        raise ConfigError(
            f"the key of {label.label!r} is {label.key!r}",
            location=place,
            hint="use a digit or a small letter, after `ctrl`, `shift` or `ctrl shift` if you like",
        )
    if not _COLOR.fullmatch(color):
        raise ConfigError(f"the colour of {label.label!r} is {color!r}", location=place, hint="write it as #rrggbb")
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    # Perceived brightness (ITU-R BT.601): black letters on what is brighter than three fifths.
    dark_text = 0.299 * red + 0.587 * green + 0.114 * blue > 153
    return LabelType(label.label, key[1], key[2], color, "#000000" if dark_text else "#ffffff")


def find(session: Session, marked_as: str) -> tuple[Project, ...]:
    """The projects of this mark, oldest first: none, one, or more where two people made it at once."""
    # The server takes a blank for "and", so the workspace's name, which may hold one, is left to the test below.
    _, batch, annotator = marked_as.rsplit("/", 2)
    found = session.http.pages("projects", q=f"/{batch}/{annotator}")
    marked = [p for p in found if str(p["description"]).rstrip().endswith(marked_as)]
    return tuple(_project(one) for one in sorted(marked, key=lambda one: one["id"]))


def find_batch(session: Session, workspace: str, batch: str) -> dict[str, tuple[Project, ...]]:
    """The same of a whole batch, by annotator: one question, however many people there are."""
    whose = re.compile(re.escape(mark(workspace, batch, "")[:-1]) + r"([^/\]]+)\]\Z")
    found: dict[str, list[Project]] = {}
    for one in sorted(session.http.pages("projects", q=f"/{batch}/"), key=lambda one: one["id"]):
        ours = whose.search(str(one["description"]).rstrip())
        if ours is not None:
            found.setdefault(ours[1], []).append(_project(one))
    return {annotator: tuple(projects) for annotator, projects in found.items()}


def _project(said: dict[str, Any]) -> Project:
    kind: TaskKind = "stance" if said["project_type"] == _TYPES["stance"] else "entities"
    return Project(said["id"], said["name"], said["guideline"], kind)


def ensure(session: Session, plan: Plan) -> tuple[Project, bool]:
    """Find or make the project and set its settings, guideline page and label types right; was anything changed?

    Where there are several, the oldest is it, on which two pushes at once agree; newer ones go if they are empty.
    """
    found = find(session, plan.mark)
    if not found:
        _create(session, plan)
        found = find(session, plan.mark)
    for spare in found[1:]:
        if session.http.get(f"projects/{spare.id}/examples", limit=1)["count"]:
            raise ServerError(
                f"projects {found[0].id} and {spare.id} are both {plan.mark}",
                location=session.url,
                hint="save and delete one of them in the browser",
            )
        session.client.delete_project(spare.id)
    project = found[0]
    changed = len(found) > 1 or _set_right(session, plan, project.id)
    if plan.kind == "stance":
        return project, _ensure_labels(session, project.id, "category-types", plan.relations) or changed
    changed |= _ensure_labels(session, project.id, "span-types", plan.spans)
    changed |= _ensure_labels(session, project.id, "relation-types", plan.relations)
    return project, changed


def _create(session: Session, plan: Plan) -> None:
    session.client.create_project(
        name=plan.name,
        project_type=_TYPES[plan.kind],
        description=f"Batch {plan.batch}. {plan.mark}",
        guideline=plan.guideline.strip(),
        **plan.settings,
    )


def _set_right(session: Session, plan: Plan, project: int) -> bool:
    # The server strips what it stores.
    wanted = {**plan.settings, "guideline": plan.guideline.strip()}
    stored = session.http.get(f"projects/{project}")
    if all(stored.get(key) == value for key, value in wanted.items()):
        return False
    session.http.patch(f"projects/{project}", {"resourcetype": stored["resourcetype"], **wanted})
    return True


def _ensure_labels(session: Session, project: int, kind: str, wanted: tuple[LabelType, ...]) -> bool:
    """Make or mend label types; ones that the plan does not have stay, since labels may hang on them."""
    path = f"projects/{project}/{kind}"
    stored: dict[str, Any] = {label["text"]: label for label in session.http.get(path)}
    differing = [label for label in wanted if _keys(stored.get(label.text)) != _keys(msgspec.to_builtins(label))]
    holders = {(label.prefix_key, label.suffix_key): label.text for label in wanted if label.suffix_key}
    for text, label in stored.items():
        # Two labels may be swapping keys, and the server refuses a key that another still has.
        if holders.get((label["prefix_key"] or None, label["suffix_key"]), text) != text:
            session.http.patch(f"{path}/{label['id']}", {"prefix_key": None, "suffix_key": None})
    for label in differing:
        body = msgspec.to_builtins(label)
        if label.text in stored:
            session.http.patch(f"{path}/{stored[label.text]['id']}", body)
        else:
            session.http.post(path, body)
    return bool(differing)


def _keys(label: dict[str, Any] | None) -> tuple[object, ...] | None:
    return None if label is None else tuple(label[field] or None for field in LabelType.__struct_fields__)


def ensure_member(session: Session, project: int, username: str) -> bool:
    """Make `username` an annotator of the project; was that a change?"""
    member = _member(session, project, username)
    if member is None:
        try:
            session.client.add_member(project, username, ROLE)
        except (DroppedError, RefusedError):
            if _member(session, project, username) is None:  # or else another push was quicker
                raise
    elif member.rolename != ROLE:
        session.client.update_member(project, member.id, ROLE)
    return member is None or member.rolename != ROLE


def _member(session: Session, project: int, username: str) -> Any:
    return next((member for member in session.client.list_members(project) if member.username == username), None)


def task_url(session: Session, project: int, page: int, kind: TaskKind = "entities") -> str:
    """Where a person opens row number `page` (1-based, in the order of the export)."""
    return page_url(session.url, project, page, kind)


def page_url(server: str, project: int, page: int, kind: TaskKind) -> str:
    """The same on the server of this address."""
    return f"{server}/projects/{project}/{_PAGES[kind]}?page={page}"
