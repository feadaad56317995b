"""Who is behind a pseudonym: `.goldwire/annotators.toml`, which git never sees.

    A1 = "jnovak"                                      # signs in to the server as this
    A2 = {user = "tbrandt", name = "Teodor Brandt"}    # and is called so when somebody is told where to work

Whom the file does not name signs in by the pseudonym itself. All that goldwire writes elsewhere says the pseudonym.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError
from goldwire.workspace.layout import Workspace

__all__ = ["FILE", "Names", "Person", "read"]

FILE = "annotators.toml"
_USER = re.compile(r"[\w.@+-]{1,150}")  # what Django takes for a user name


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server's user name, and the person's own."""

    user: str
    name: str | None = None


class Names(msgspec.Struct, frozen=True):
    """People by pseudonym."""

    people: Mapping[str, Person]

    def of(self, annotator: str) -> Person:
        """Who `annotator` is on the server."""
        return self.people.get(annotator) or Person(annotator)


def read(workspace: Workspace, annotators: Iterable[str] = ()) -> Names:
    """Read the file; without one every pseudonym is a user name. What cannot be meant is a GoldwireError.

    So is that two of `annotators`, or of the file's, are one user.
    """
    path = workspace.private / FILE
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Names({})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not TOML: {error}", location=path, hint="mend it") from None
    names = Names({key: _person(key, value, path) for key, value in given.items()})
    for user, times in Counter(names.of(one).user for one in {*names.people, *annotators}).items():
        if times > 1:
            raise ConfigError(f"{times} annotators are {user!r}", location=path, hint="give each a user of their own")
    return names


def _person(key: str, value: object, path: Path) -> Person:
    try:
        person = Person(value) if isinstance(value, str) else msgspec.convert(value, Person)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{key}: {error}", location=path, hint=f'write {key} = "user name"') from None
    if not _USER.fullmatch(person.user):
        raise ConfigError(
            f"{key}: {person.user!r} is no user name", location=path, hint="use letters, digits and @ . + - _"
        )
    return person
