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
from goldwire.errors import ConfigError, ServerError
from goldwire.quantities import quantity
from goldwire.workspace.layout import Workspace
from goldwire.workspace.toml_files import read_toml

__all__ = ["PEOPLE_FILE", "People", "Person", "ensure_account", "read_people", "reset_password"]

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


def ensure_account(session: Session, workspace: Workspace, user: str) -> bool:
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
