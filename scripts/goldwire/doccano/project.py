"""One project per annotator and batch on the server: found by its marker, created if missing, updated if different."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from goldwire.doccano.client.http import ConnectionLostError, RequestRefusedError
from goldwire.doccano.client.session import Session
from goldwire.doccano.label_type_plan import EnsuredTypes, LabelType, ensure_label_types
from goldwire.errors import ServerError
from goldwire.records import TaskKind

__all__ = [
    "ROLE",
    "EnsuredProject",
    "Project",
    "ProjectPlan",
    "ensure_member",
    "ensure_project",
    "find_annotator_accounts",
    "find_batch_projects",
    "find_projects",
    "find_unmarked",
    "is_unmarked",
    "members_url",
    "page_url",
    "project_marker",
    "restore_marker",
    "sole_account",
    "task_url",
]

ROLE = "annotator"
"""The role of an annotator in a project, in Doccano's words."""

_MARKER = "[goldwire:"
_NAME_LIMIT = 100  # characters that Doccano's column holds
_SETTINGS = {
    # Otherwise only the account that imported labels sees them. A project has one annotator in any case.
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
    def types(self) -> dict[str, tuple[LabelType, ...]]:
        """The label types by kind (see `client.label_types`)."""
        if self.kind == "stance":
            return {"category": self.relations}
        return {"span": self.spans, "relation": self.relations}

    @property
    def settings(self) -> dict[str, bool]:
        """The project's settings, in Doccano's words."""
        return _SETTINGS | _SETTINGS_BY_KIND[self.kind]


class EnsuredProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project that is as planned, and what had to be done: `changed` if anything, `is_new` if it was created."""

    project: Project
    types: EnsuredTypes
    is_new: bool
    changed: bool


class Project(msgspec.Struct, frozen=True):
    """A project on the server, its guideline page, the kind of its tasks, and the time at which it was created."""

    id: int
    name: str
    guideline: str
    kind: TaskKind = "entities"
    created: str = ""


def project_marker(workspace: str, batch: str, annotator: str) -> str:
    """Return the text at the end of a project's description that identifies it, whatever people rename."""
    return f"{_MARKER}{workspace}/{batch}/{annotator}]"


def find_projects(session: Session, marker: str) -> tuple[Project, ...]:
    """Return the projects with this marker, oldest first: several if two people created it at the same time."""
    workspace, batch, annotator = marker.removeprefix(_MARKER).rsplit("/", 2)
    candidates = session.http.pages("projects", q=_query(workspace, f"/{batch}/{annotator}"))
    marked = [project for project in candidates if str(project["description"]).rstrip().endswith(marker)]
    return tuple(_project(project) for project in sorted(marked, key=lambda project: project["id"]))


def _query(workspace: str, end_of_marker: str) -> str:
    """Return the words that the server searches for. They select few projects of other workspaces.

    The server reads a blank, a comma and quotation marks in a query in its own way, so that a name which has one is
    searched for by its words, and compared here.
    """
    return " ".join((*re.findall(r"\w+", workspace), end_of_marker))


def find_batch_projects(session: Session, workspace: str, batch: str) -> dict[str, tuple[Project, ...]]:
    """Return all projects of a batch by annotator, oldest first, with a single request for up to 500 projects."""
    marker = re.compile(re.escape(project_marker(workspace, batch, "")[:-1]) + r"([^/\]]+)\]\Z")
    by_annotator: dict[str, list[Project]] = {}
    candidates = session.http.pages("projects", q=_query(workspace, f"/{batch}/"))
    for project in sorted(candidates, key=lambda project: project["id"]):
        match = marker.search(str(project["description"]).rstrip())
        if match is not None:
            by_annotator.setdefault(match[1], []).append(_project(project))
    return {annotator: tuple(projects) for annotator, projects in by_annotator.items()}


def is_unmarked(session: Session, number: int, created: str) -> bool:
    """Whether the project of this number, created at this time, has no marker: somebody edited its description.

    A database that was replaced may have another project of this number.
    """
    try:
        stored = session.http.get(f"projects/{number}")
    except RequestRefusedError:
        return False
    return bool(created) and str(stored.get("created_at")) == created and _MARKER not in str(stored["description"])


def find_unmarked(session: Session, plan: ProjectPlan) -> tuple[int, ...]:
    """Return the numbers of the projects with the planned name and no marker: somebody edited their description."""
    candidates = session.http.pages("projects", q=plan.name)
    return tuple(
        sorted(
            project["id"]
            for project in candidates
            if (project["name"], project["project_type"]) == (plan.name, _PROJECT_TYPES[plan.kind])
            and _MARKER not in str(project["description"])
        )
    )


def restore_marker(session: Session, number: int, marker: str) -> None:
    """Add a marker to the description of a project."""
    stored = session.http.get(f"projects/{number}")
    description = f"{stored['description']} {marker}".strip()
    session.http.patch(f"projects/{number}", {"resourcetype": stored["resourcetype"], "description": description})


def _project(answer: dict[str, Any]) -> Project:
    kind: TaskKind = "stance" if answer["project_type"] == _PROJECT_TYPES["stance"] else "entities"
    return Project(answer["id"], answer["name"], answer["guideline"], kind, str(answer.get("created_at", "")))


def ensure_project(session: Session, plan: ProjectPlan, *, known_types: Mapping[str, int] = {}) -> EnsuredProject:
    """Find or create a project, and update its settings, guideline page and label types.

    If there are several with the same marker, the oldest counts, so that two pushes at the same time agree. Newer ones
    are deleted if they are empty; otherwise ServerError is raised. `known_types` are the ids of the label types of the
    last push, by name.
    """
    projects = find_projects(session, plan.marker)
    is_new = not projects
    if is_new:
        _create(session, plan)
        projects = find_projects(session, plan.marker)
    for duplicate in projects[1:]:
        if session.http.get(f"projects/{duplicate.id}/examples", limit=1)["count"]:
            raise ServerError(
                f"projects {projects[0].id} and {duplicate.id} both belong to {plan.annotator} and batch {plan.batch}",
                location=session.url,
                hint="save and delete one of them in the browser",
            )
        session.client.delete_project(duplicate.id)
    project = projects[0]
    changed = len(projects) > 1 or _update_settings(session, plan, project.id)
    types = ensure_label_types(session, project.id, plan.types, known_types)
    return EnsuredProject(project=project, types=types, is_new=is_new, changed=changed or types.changed)


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


def find_annotator_accounts(session: Session, project: int) -> dict[str, int]:
    """Return the numbers of the accounts that are annotators of a project, by user name."""
    members = session.client.list_members(project)
    return {member.username: member.user for member in members if member.rolename == ROLE}


def sole_account(accounts: Mapping[str, int]) -> int | None:
    """Return the number of the account of the project's annotator; None if there is none, or several."""
    return next(iter(accounts.values())) if len(accounts) == 1 else None


def _member(session: Session, project: int, username: str) -> Any:
    return next((member for member in session.client.list_members(project) if member.username == username), None)


def task_url(session: Session, project: int, page: int, kind: TaskKind = "entities") -> str:
    """Return the URL of row number `page` for the browser (1-based, in the order of the export)."""
    return page_url(session.url, project, page, kind)


def members_url(session: Session, project: int) -> str:
    """Return the URL of the page on which an administrator adds and removes members of a project."""
    return f"{session.url}/projects/{project}/members"


def page_url(server: str, project: int, page: int, kind: TaskKind) -> str:
    """Return the same URL on the server with the address `server`."""
    return f"{server}/projects/{project}/{_PAGES[kind]}?page={page}"
