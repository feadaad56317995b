"""Annotators' accounts on the server, and the names behind pseudonyms: `.goldwire/annotators.toml`, never in git.

    A1 = "jnovak"                                      # the user name on the server
    A2 = {user = "tbrandt", name = "Teodor Brandt"}    # and the name that `goldwire push` prints beside the pseudonym

An annotator who is not in the file has the pseudonym as user name. Everything else that goldwire writes contains only
the pseudonym.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from goldwire.doccano import credentials
from goldwire.doccano.client.http import ConnectionLostError, RequestRefusedError
from goldwire.doccano.client.session import Session
from goldwire.doccano.project import ensure_member, find_annotator_accounts
from goldwire.errors import ConfigError, ServerError
from goldwire.quantities import quantity
from goldwire.workspace.layout import Workspace
from goldwire.workspace.toml_files import read_toml

__all__ = [
    "PEOPLE_FILE",
    "Access",
    "People",
    "Person",
    "describe_others",
    "describe_several",
    "ensure_access",
    "read_people",
    "reset_password",
]

PEOPLE_FILE = "annotators.toml"
_USER_NAME = re.compile(r"[\w.@+-]{1,150}")  # as Django allows


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An annotator's user name on the server, and the person's own name."""

    user: str
    name: str | None = None


class People(msgspec.Struct, frozen=True):
    """Annotators by pseudonym."""

    by_pseudonym: Mapping[str, Person]

    def of(self, annotator: str) -> Person:
        """Return the person behind a pseudonym."""
        return self.by_pseudonym.get(annotator) or Person(annotator)


def read_people(workspace: Workspace, annotators: Iterable[str] = ()) -> People:
    """Read the file of people; without it, every pseudonym is a user name.

    Raises
    ------
    ConfigError
        If the file is malformed, or if two people in the file or among `annotators` share a user name.
    """
    path = workspace.private / PEOPLE_FILE
    try:
        entries = read_toml(path)
    except FileNotFoundError:
        return People({})
    people = People({key: _person(key, value, path) for key, value in entries.items()})
    users = Counter(people.of(annotator).user for annotator in {*people.by_pseudonym, *annotators})
    for user, count in users.items():
        if count > 1:
            raise ConfigError(
                f"{quantity(count, 'annotator')} have the user name {user!r}",
                location=path,
                hint="give each a different one",
            )
    return people


def _person(key: str, value: object, path: Path) -> Person:
    try:
        person = Person(value) if isinstance(value, str) else msgspec.convert(value, Person)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{key}: {error}", location=path, hint=f'write {key} = "user name"') from None
    if not _USER_NAME.fullmatch(person.user):
        raise ConfigError(
            f"{key}: {person.user!r} is not a user name", location=path, hint="use letters, digits and @ . + - _"
        )
    return person


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator's access to a project, and the user names of other accounts that are annotators there."""

    is_member: bool
    is_new_account: bool = False
    changed: bool = False
    others: tuple[str, ...] = ()


def ensure_access(session: Session, workspace: Workspace, project: int, user: str) -> Access:
    """Create the account of `user` if it is missing, and make it an annotator of the project.

    If only other accounts are annotators there, nothing is changed: `user` may be the former name of one of them, and a
    second account would make two annotators of one.
    """
    annotators = find_annotator_accounts(session, project)
    others = tuple(sorted(annotators.keys() - {user}))
    if others and user not in annotators:
        return Access(is_member=False, others=others)
    is_new_account = _ensure_account(session, workspace, user)
    changed = ensure_member(session, project, user) or is_new_account
    return Access(is_member=True, is_new_account=is_new_account, changed=changed, others=others)


def describe_others(access: Access, annotator: str, user: str, members: str) -> str:
    """Return a message on other accounts in an annotator's project; `members` is the address of its members' page."""
    others = ", ".join(map(repr, access.others))
    if access.is_member:
        return f"the project of {annotator} has other annotators than {user!r}: {others}; remove them at {members}"
    renamed = f'write {annotator} = "{access.others[0]}" in .goldwire/{PEOPLE_FILE}'
    problem = f"the project of {annotator} has the account {others}, not {user!r}"
    return f"{problem}; if the account was renamed, {renamed}, otherwise remove it at {members}; then push again"


def describe_several(accounts: Iterable[str], annotator: str, members: str) -> str:
    """Return a message on several accounts that annotate one project; `members` is as for `describe_others`."""
    names = ", ".join(map(repr, accounts))
    problem = f"several accounts annotate the project of {annotator}: {names}"
    return f"{problem}; labels of all of them are in its layers ({members})"


def _ensure_account(session: Session, workspace: Workspace, user: str) -> bool:
    """Create the account of `user` with a generated password; return False if it exists already."""
    if _exists(session, user):
        return False
    try:
        session.client.create_user(user, credentials.annotator_password(workspace.private, user))
    except (ConnectionLostError, RequestRefusedError):
        if _exists(session, user):  # another push created it meanwhile
            return False
        raise
    return True


def _exists(session: Session, user: str) -> bool:
    return any(account.username == user for account in session.client.search_users(user))


def reset_password(session: Session, user: str, password: str) -> None:
    """Set the password of `user`, and sign out everyone who is signed in with the old one.

    Raises
    ------
    ServerError
        If there is no such account, or if the server has no page for it, as one that goldwire does not run.
    """
    if not _exists(session, user):
        raise ServerError(f"no account {user!r}", location=session.url, hint="`goldwire push` creates accounts")
    try:
        session.http.post("goldwire/password", {"username": user, "password": password})
    except RequestRefusedError as error:
        if error.status not in {404, 405}:
            raise
        raise ServerError(
            "goldwire does not run this server, and Doccano has no request for it",
            location=session.url,
            hint=f"set the password of {user} at {session.url}/admin/",
        ) from None
