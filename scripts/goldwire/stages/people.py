"""Hand-outs for the annotators of a batch: address, user name and password, as text and as a page to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from goldwire.checks.rules.server import SERVER_ANNOTATOR_UNKNOWN
from goldwire.doccano import credentials
from goldwire.doccano.accounts import Access, Person, describe_others, read_people, reset_password
from goldwire.doccano.client.session import Session, connect
from goldwire.doccano.project import Project, find_annotator_accounts, find_batch_projects, members_url
from goldwire.errors import ServerError
from goldwire.parallel.threads import map_concurrently
from goldwire.records import Finding
from goldwire.report import handouts
from goldwire.workspace import atomic, private_files
from goldwire.workspace.layout import Workspace

__all__ = ["HandOut", "PeopleReport", "ResetReport", "reset", "run"]

FOLDER = "handouts"
"""The folder of the pages, below .goldwire/."""


class HandOut(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one annotator needs to start.

    `address` is the project's start page, which has the guidelines. `password` is there only once; `handed_out` is when
    it was shown before.
    """

    annotator: str
    name: str | None
    user: str
    sign_in: str
    address: str
    password: str | None
    handed_out: str | None

    @property
    def password_text(self) -> str:
        """The password, or what became of it."""
        if self.password is not None:
            return self.password
        if self.handed_out is not None:
            return f"as handed out on {self.handed_out[:10]}"
        return f"chosen elsewhere; `goldwire people reset {self.annotator}` sets a new one"


class PeopleReport(msgspec.Struct, frozen=True, kw_only=True):
    """The hand-outs of a batch, and the page to print if there is a new password.

    `findings` are about annotators whose project has another account; they have no hand-out if it has not theirs.
    """

    batch: str
    server: str
    handouts: tuple[HandOut, ...]
    page: str | None
    findings: tuple[Finding, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 if there is a finding."""
        return int(bool(self.findings))

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for one in self.handouts:
            yield one.annotator if one.name is None else f"{one.annotator} ({one.name})"
            yield f"  sign in: {one.sign_in}"
            yield f"  user: {one.user}"
            yield f"  password: {one.password_text}"
            yield f"  texts and guidelines: {one.address}"
        if self.page is not None:
            yield f"to print: {self.page} (delete it afterwards; passwords are shown only once)"
        elif any(one.handed_out for one in self.handouts):
            yield "a forgotten password is replaced by `goldwire people reset NAME`"
        for finding in self.findings:
            yield f"{finding.file}: {finding.item}: [{finding.code}] {finding.message}"


class ResetReport(msgspec.Struct, frozen=True, kw_only=True):
    """A new password, shown once. The old one, and every browser that was signed in with it, is signed out."""

    annotator: str
    user: str
    password: str

    def to_text(self) -> str:
        """Return the report for people."""
        return f"{self.annotator}: the new password of {self.user} is {self.password}"


def run(workspace: Workspace, *, batch: str) -> PeopleReport:
    """Return the hand-outs of everyone who has a project of `batch` on the server, and write the page to print."""
    session = connect(workspace)
    projects = find_batch_projects(session, workspace.settings.name, batch)
    if not projects:
        raise ServerError(
            f"batch {batch!r} is not on this server", location=session.url, hint="`goldwire push` uploads it"
        )
    now, people = datetime.now(UTC).isoformat(timespec="seconds"), read_people(workspace, projects)
    persons = {annotator: people.of(annotator) for annotator in sorted(projects)}
    access = _read_access(session, projects, persons)
    findings = tuple(_findings(session, workspace, batch, projects, persons, access))
    persons = {annotator: person for annotator, person in persons.items() if access[annotator].is_member}
    reports: list[PeopleReport] = []

    def show(passwords: Mapping[str, credentials.HandedOut]) -> None:
        handed = tuple(
            _hand_out(annotator, person, session.url, projects[annotator][0].id, passwords[person.user])
            for annotator, person in persons.items()
        )
        page = _write_page(workspace, batch, handed, now) if any(one.password for one in handed) else None
        reports.append(PeopleReport(batch=batch, server=session.url, handouts=handed, page=page, findings=findings))

    credentials.hand_out(workspace.private, [person.user for person in persons.values()], now=now, show=show)
    return reports[0]


def _read_access(
    session: Session, projects: Mapping[str, Sequence[Project]], persons: Mapping[str, Person]
) -> dict[str, Access]:
    """Return who has access to the project of each annotator. One without any account is waiting for `push`."""

    def read(annotator: str) -> Access:
        accounts = find_annotator_accounts(session, projects[annotator][0].id)
        user = persons[annotator].user
        return Access(is_member=user in accounts or not accounts, others=tuple(sorted(accounts.keys() - {user})))

    return dict(zip(persons, map_concurrently(list(persons), read, "compare"), strict=True))


def _findings(
    session: Session,
    workspace: Workspace,
    batch: str,
    projects: Mapping[str, Sequence[Project]],
    persons: Mapping[str, Person],
    access: Mapping[str, Access],
) -> Iterator[Finding]:
    file = workspace.relative(workspace.tasks_file(batch))
    for annotator, person in persons.items():
        if access[annotator].others:
            members = members_url(session, projects[annotator][0].id)
            message = describe_others(access[annotator], annotator, person.user, members)
            yield SERVER_ANNOTATOR_UNKNOWN.finding(file, message, item=annotator)


def _write_page(workspace: Workspace, batch: str, handed: Sequence[HandOut], now: str) -> str:
    folder = private_files.private_dir(workspace.private / FOLDER)
    atomic.remove_temporary_files(folder)  # of a killed command, with passwords
    path = folder / f"{batch}-{now[:19].replace(':', '')}.html"
    atomic.write_text(path, handouts.render(batch, handed), mode=0o600)
    return workspace.relative(path)


def _hand_out(annotator: str, person: Person, server: str, project: int, password: credentials.HandedOut) -> HandOut:
    return HandOut(
        annotator=annotator,
        name=person.name,
        user=person.user,
        sign_in=f"{server}/auth",
        address=f"{server}/projects/{project}",
        password=password.password,
        handed_out=None if password.password else password.at,
    )


def reset(workspace: Workspace, *, annotator: str) -> ResetReport:
    """Set a new generated password for the account of `annotator`, a pseudonym."""
    user, password = read_people(workspace).of(annotator).user, credentials.generate()
    reset_password(connect(workspace), user, password)
    credentials.replace_annotator_password(workspace.private, user, password)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    credentials.hand_out(workspace.private, [user], now=now, show=lambda _: None)
    return ResetReport(annotator=annotator, user=user, password=password)
