"""Annotators' accounts, and the people behind pseudonyms, whose names stay on this machine."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest

from goldwire.doccano import accounts, credentials, project
from goldwire.doccano.accounts import Person
from goldwire.doccano.client import labeling, session
from goldwire.errors import GoldwireError
from goldwire.stages import people, pull, push, status
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace
from support import annotation_round, factories

SECRET = "Ines Halvorsen"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return factories.workspace(tmp_path / "w")


def write(space: Workspace, text: str) -> None:
    space.private.mkdir(mode=0o700, exist_ok=True)
    (space.private / accounts.PEOPLE_FILE).write_text(text, encoding="utf-8")


def test_without_a_file_a_pseudonym_is_a_user_name(space: Workspace) -> None:
    assert accounts.read_people(space).of("A1") == Person("A1")


def test_people_by_pseudonym(space: Workspace) -> None:
    write(space, f'A1 = "jnovak"\nA2 = {{user = "t.brandt@x", name = "{SECRET}"}}\n[A3]\nuser = "a3"\n')
    known = accounts.read_people(space)
    assert [known.of(name) for name in ("A1", "A2", "A3", "A4")] == [
        Person("jnovak"),
        Person("t.brandt@x", SECRET),
        Person("a3"),
        Person("A4"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'A1 = "x"\nA2 = "x"\n',
        "A1 = 7\n",
        'A1 = ""\n',
        'A1 = "two words"\n',
        'A1 = {user = "x", mail = "y"}\n',
        'A1 = {name = "x"}\n',
        "A1 = \n",
        "A1 = '" + "x" * 151 + "'\n",
    ],
)
def test_a_malformed_file_is_a_one_line_error(space: Workspace, text: str) -> None:
    write(space, text)
    with pytest.raises(GoldwireError) as caught:
        accounts.read_people(space)
    assert caught.value.location == str(space.private / accounts.PEOPLE_FILE)
    assert "\n" not in str(caught.value)


def test_two_annotators_cannot_share_a_user_name(space: Workspace) -> None:
    write(space, 'A1 = "A2"\n')
    assert accounts.read_people(space, ["A1"]).of("A1") == Person("A2")
    with pytest.raises(GoldwireError, match="'A2'"):
        accounts.read_people(space, ["A1", "A2"])


def test_two_annotators_can_have_each_others_pseudonym_as_user_name(space: Workspace) -> None:
    write(space, 'A1 = "A2"\nA2 = "A1"\n')
    assert accounts.read_people(space).of("A1") == Person("A2")


def test_a_round_trip_leaves_the_name_in_the_private_folder_only(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, ["Head\n\nAda Novak spoke."])
    (pseudonym,) = trial.people
    user = f"halvorsen-{pseudonym}".lower()
    write(trial.workspace, f'{pseudonym} = {{user = "{user}", name = "{SECRET}"}}\n')
    report = push.run(trial.workspace, batch="b01")
    assert any(line.startswith(f"{pseudonym} ({SECRET}, {user}): 1 task ") for line in report.to_text().splitlines())
    signed_in = session.connect(trial.workspace)
    where = report.annotators[0].project
    members = {member.username for member in signed_in.client.list_members(where) if member.rolename == "annotator"}
    assert members == {user}
    assert not [user for user in signed_in.client.search_users(pseudonym) if user.username == pseudonym]

    passwords = trial.workspace.private / credentials.FILE
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    annotator = session.sign_in_as(report.server, user, credentials.annotator_password(trial.workspace.private, user))
    article = trial.articles["wire-000000000001"]
    layer = factories.layer(article, [(6, 15, "PER")], annotator=pseudonym, comments=["Hm."])
    labeling.submit_layer(labeling.open_session(annotator, where, voice="VOICE"), layer, trial.tasks[0], article)

    assert not push.run(trial.workspace, batch="b01").annotators[0].changed
    assert not pull.run(trial.workspace, batch="b01").findings
    assert loading.layers(trial.workspace, "b01") == (layer,)
    assert [annotator.annotator for annotator in status.run(trial.workspace, batch="b01").annotators] == [pseudonym]
    public = [path for path in trial.workspace.root.rglob("*") if path.is_file() and ".goldwire" not in path.parts]
    assert len(public) > 5
    for path in public:
        assert user not in path.read_text(errors="replace"), path
        assert SECRET not in path.read_text(errors="replace"), path


def test_an_existing_account_keeps_its_password(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, ["Head\n\nBody."])
    (pseudonym,) = trial.people
    user = f"had-{pseudonym}".lower()
    session.connect(trial.workspace).client.create_user(user, "their-own-password-7")
    write(trial.workspace, f'{pseudonym} = "{user}"\n')
    report = push.run(trial.workspace, batch="b01")
    assert not report.annotators[0].created
    assert not (trial.workspace.private / credentials.FILE).exists()
    assert session.sign_in_as(report.server, user, "their-own-password-7").username == user


def rename_account(database: Path, user: str, new: str) -> None:
    """Rename an account, as an administrator does in Django's pages."""
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        assert connection.execute("UPDATE auth_user SET username = ? WHERE username = ?", (new, user)).rowcount == 1


def test_a_project_has_one_annotator_after_its_account_was_renamed(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, ["Head\n\nAda Novak spoke."])
    (pseudonym,) = trial.people
    where = push.run(trial.workspace, batch="b01").annotators[0].project
    signed_in, renamed = session.connect(trial.workspace), f"brandt-{pseudonym}"
    rename_account(connected.home / "db.sqlite3", pseudonym, renamed)

    for report in (push.run(trial.workspace, batch="b01"), people.run(trial.workspace, batch="b01")):
        assert [(one.code, one.item) for one in report.findings] == [("server-annotator-unknown", pseudonym)]
        assert f'write {pseudonym} = "{renamed}" in .goldwire/annotators.toml' in report.to_text()
        assert report.exit_code == 1
        assert set(project.find_annotator_accounts(signed_in, where)) == {renamed}
    assert not report.handouts
    assert not [account for account in signed_in.client.search_users(pseudonym) if account.username == pseudonym]

    write(trial.workspace, f'{pseudonym} = "{renamed}"\n')
    pushed, handed_out = push.run(trial.workspace, batch="b01"), people.run(trial.workspace, batch="b01")
    assert (pushed.findings, handed_out.findings, pushed.annotators[0].changed) == ((), (), False)
    assert [one.user for one in handed_out.handouts] == [renamed]
    assert not pull.run(trial.workspace, batch="b01").findings

    other = f"other-{pseudonym}"
    signed_in.client.create_user(other, "a-password-of-their-own-7")
    project.ensure_member(signed_in, where, other)
    for stage in (push, pull, people):
        report = stage.run(trial.workspace, batch="b01")
        assert [(one.code, one.item) for one in report.findings] == [("server-annotator-unknown", pseudonym)]
        assert repr(other) in report.to_text()
