"""One project per annotator and batch on the server: found by its marker, created if missing, updated if different."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from goldwire.doccano.client.http import ConnectionLostError, RequestRefusedError
from goldwire.doccano.client.session import Session
from goldwire.errors import ConfigError, ServerError
from goldwire.records import TaskKind
from goldwire.workspace.label_schema import EntityLabel, Schema, StanceOption

__all__ = [
    "ROLE",
    "LabelType",
    "Project",
    "ProjectPlan",
    "ensure_member",
    "ensure_project",
    "find_batch_projects",
    "find_projects",
    "label_types",
    "page_url",
    "project_marker",
    "task_url",
]

ROLE = "annotator"
"""The role of an annotator in a project, in Doccano's words."""

_NAME_LIMIT = 100  # characters that Doccano's column holds
_SETTINGS = {
    # Otherwise only the account that imported labels sees them. A project has one annotator all the same.
    "collaborative_annotation": True,
    "random_order": False,
}
_SETTINGS_BY_KIND: dict[TaskKind, dict[str, bool]] = {
    "entities": {
        "allow_overlapping": True,
        "use_relation": True,
        "grapheme_mode": False,  # offsets in UTF-16 units: the only count that never merges characters
        "single_class_classification": False,
    },
    "stance": {"single_class_classification": True},
}
_PROJECT_TYPES: dict[TaskKind, str] = {"entities": "SequenceLabeling", "stance": "DocumentClassification"}
_PAGES: dict[TaskKind, str] = {"entities": "sequence-labeling", "stance": "text-classification"}
_VOICE_COLORS = ("#57606a", "#32383f", "#8c959f")  # greys, in case an entity label has one of them
_HOT_KEYS = "v0123456789abcdefghijklmnopqrstuwxyz"  # `v` first: it is meant for the voice
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_HOT_KEY = re.compile(r"(?:(ctrl|shift|ctrl shift) )?([0-9a-z])")


class LabelType(msgspec.Struct, frozen=True):
    """A label as Doccano stores it. Its hot key is `suffix_key`, held together with `prefix_key` if there is one."""

    text: str
    prefix_key: str | None
    suffix_key: str | None
    background_color: str
    text_color: str


class ProjectPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The desired state of a Doccano project.

    In a project of kind `stance`, `relations` are the categories of its texts.
    """

    workspace: str
    batch: str
    annotator: str
    guideline: str
    spans: tuple[LabelType, ...]
    relations: tuple[LabelType, ...]
    kind: TaskKind = "entities"

    @property
    def marker(self) -> str:
        """The project's marker."""
        return project_marker(self.workspace, self.batch, self.annotator)

    @property
    def name(self) -> str:
        """The name that the annotator sees."""
        suffix = f" {self.batch} {self.annotator}"
        return self.workspace[: _NAME_LIMIT - len(suffix)] + suffix

    @property
    def settings(self) -> dict[str, bool]:
        """The project's settings, in Doccano's words."""
        return _SETTINGS | _SETTINGS_BY_KIND[self.kind]


class Project(msgspec.Struct, frozen=True):
    """A project on the server, its guideline page, and the kind of its tasks."""

    id: int
    name: str
    guideline: str
    kind: TaskKind = "entities"


def project_marker(workspace: str, batch: str, annotator: str) -> str:
    """Return the text at the end of a project's description that identifies it, whatever people rename."""
    return f"[goldwire:{workspace}/{batch}/{annotator}]"


def label_types(schema: Schema, path: Path) -> tuple[tuple[LabelType, ...], tuple[LabelType, ...]]:
    """Return the span types and the relation types of a schema.

    The article's voice gets the key `v` and a grey, or the first key and grey that no label has. A colour or hot key
    that Doccano does not support raises ConfigError with the location `path`.
    """
    taken_keys = {label.key for label in schema.entity} | {option.key for option in schema.stance}
    taken_colors = {label.color.lower() for label in schema.entity}
    color = next((color for color in _VOICE_COLORS if color not in taken_colors), _VOICE_COLORS[0])
    key = next((key for key in _HOT_KEYS if key not in taken_keys), None)
    voice = LabelType(schema.voice, None, key, color, "#ffffff")
    spans = tuple(_label_type(label, path) for label in schema.entity)
    return (*spans, voice), tuple(_label_type(option, path) for option in schema.stance)


def _label_type(label: EntityLabel | StanceOption, path: Path) -> LabelType:
    key, color = _HOT_KEY.fullmatch(label.key), label.color
    if key is None:
        raise ConfigError(
            f"the key of {label.label!r} is {label.key!r}",
            location=path,
            hint="use a digit or a small letter, optionally after `ctrl`, `shift` or `ctrl shift`",
        )
    if not _COLOR.fullmatch(color):
        raise ConfigError(f"the colour of {label.label!r} is {color!r}", location=path, hint="write it as #rrggbb")
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    # Perceived brightness (ITU-R BT.601): black letters on backgrounds brighter than three fifths.
    dark_text = 0.299 * red + 0.587 * green + 0.114 * blue > 153
    return LabelType(label.label, key[1], key[2], color, "#000000" if dark_text else "#ffffff")


def find_projects(session: Session, marker: str) -> tuple[Project, ...]:
    """Return the projects with this marker, oldest first: several if two people created it at the same time."""
    # The server reads a blank in a query as "and", so the workspace's name, which may hold one, is compared here.
    _, batch, annotator = marker.rsplit("/", 2)
    candidates = session.http.pages("projects", q=f"/{batch}/{annotator}")
    marked = [project for project in candidates if str(project["description"]).rstrip().endswith(marker)]
    return tuple(_project(project) for project in sorted(marked, key=lambda project: project["id"]))


def find_batch_projects(session: Session, workspace: str, batch: str) -> dict[str, tuple[Project, ...]]:
    """Return all projects of a batch by annotator, oldest first, with a single request for up to 500 projects."""
    marker = re.compile(re.escape(project_marker(workspace, batch, "")[:-1]) + r"([^/\]]+)\]\Z")
    by_annotator: dict[str, list[Project]] = {}
    candidates = session.http.pages("projects", q=f"/{batch}/")
    for project in sorted(candidates, key=lambda project: project["id"]):
        match = marker.search(str(project["description"]).rstrip())
        if match is not None:
            by_annotator.setdefault(match[1], []).append(_project(project))
    return {annotator: tuple(projects) for annotator, projects in by_annotator.items()}


def _project(answer: dict[str, Any]) -> Project:
    kind: TaskKind = "stance" if answer["project_type"] == _PROJECT_TYPES["stance"] else "entities"
    return Project(answer["id"], answer["name"], answer["guideline"], kind)


def ensure_project(session: Session, plan: ProjectPlan) -> tuple[Project, bool]:
    """Find or create a project, update its settings, guideline page and label types; return whether anything changed.

    If there are several with the same marker, the oldest counts, so that two pushes at the same time agree. Newer ones
    are deleted if they are empty; otherwise ServerError is raised.
    """
    projects = find_projects(session, plan.marker)
    if not projects:
        _create(session, plan)
        projects = find_projects(session, plan.marker)
    for duplicate in projects[1:]:
        if session.http.get(f"projects/{duplicate.id}/examples", limit=1)["count"]:
            raise ServerError(
                f"projects {projects[0].id} and {duplicate.id} are both {plan.marker}",
                location=session.url,
                hint="save and delete one of them in the browser",
            )
        session.client.delete_project(duplicate.id)
    project = projects[0]
    changed = len(projects) > 1 or _update_settings(session, plan, project.id)
    if plan.kind == "stance":
        return project, _ensure_label_types(session, project.id, "category-types", plan.relations) or changed
    changed |= _ensure_label_types(session, project.id, "span-types", plan.spans)
    changed |= _ensure_label_types(session, project.id, "relation-types", plan.relations)
    return project, changed


def _create(session: Session, plan: ProjectPlan) -> None:
    session.client.create_project(
        name=plan.name,
        project_type=_PROJECT_TYPES[plan.kind],
        description=f"Batch {plan.batch}. {plan.marker}",
        guideline=plan.guideline.strip(),
        **plan.settings,
    )


def _update_settings(session: Session, plan: ProjectPlan, project: int) -> bool:
    """Update settings and guideline page; return whether they were different."""
    # The server strips what it stores.
    expected = {**plan.settings, "guideline": plan.guideline.strip()}
    stored = session.http.get(f"projects/{project}")
    if all(stored.get(key) == value for key, value in expected.items()):
        return False
    session.http.patch(f"projects/{project}", {"resourcetype": stored["resourcetype"], **expected})
    return True


def _ensure_label_types(session: Session, project: int, endpoint: str, planned: tuple[LabelType, ...]) -> bool:
    """Create or update label types; return whether any was different.

    Label types that are not in the plan stay, because labels may refer to them.
    """
    path = f"projects/{project}/{endpoint}"
    stored: dict[str, Any] = {label["text"]: label for label in session.http.get(path)}
    different = [label for label in planned if _fields(stored.get(label.text)) != _fields(msgspec.to_builtins(label))]
    key_owners = {(label.prefix_key, label.suffix_key): label.text for label in planned if label.suffix_key}
    for text, label in stored.items():
        # Two labels may be swapping keys, and the server refuses a key that another label still has.
        if key_owners.get((label["prefix_key"] or None, label["suffix_key"]), text) != text:
            session.http.patch(f"{path}/{label['id']}", {"prefix_key": None, "suffix_key": None})
    for label in different:
        body = msgspec.to_builtins(label)
        if label.text in stored:
            session.http.patch(f"{path}/{stored[label.text]['id']}", body)
        else:
            session.http.post(path, body)
    return bool(different)


def _fields(label: dict[str, Any] | None) -> tuple[object, ...] | None:
    return None if label is None else tuple(label[field] or None for field in LabelType.__struct_fields__)


def ensure_member(session: Session, project: int, username: str) -> bool:
    """Make `username` an annotator of the project; return whether that was a change."""
    member = _member(session, project, username)
    if member is None:
        try:
            session.client.add_member(project, username, ROLE)
        except (ConnectionLostError, RequestRefusedError):
            if _member(session, project, username) is None:  # otherwise another push added it meanwhile
                raise
    elif member.rolename != ROLE:
        session.client.update_member(project, member.id, ROLE)
    return member is None or member.rolename != ROLE


def _member(session: Session, project: int, username: str) -> Any:
    return next((member for member in session.client.list_members(project) if member.username == username), None)


def task_url(session: Session, project: int, page: int, kind: TaskKind = "entities") -> str:
    """Return the URL of row number `page` for the browser (1-based, in the order of the export)."""
    return page_url(session.url, project, page, kind)


def page_url(server: str, project: int, page: int, kind: TaskKind) -> str:
    """Return the same URL on the server with the address `server`."""
    return f"{server}/projects/{project}/{_PAGES[kind]}?page={page}"
