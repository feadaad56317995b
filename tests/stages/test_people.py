"""Hand-outs and new passwords on the real server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from goldwire.doccano import credentials
from goldwire.doccano.client import session
from goldwire.errors import ServerError
from goldwire.report import handouts
from goldwire.stages import people, push
from support import annotation_round
from support.annotation_round import AnnotationRound
from support.forked_commands import ForkedCommands


@pytest.fixture
def pushed(connected, tmp_path: Path) -> AnnotationRound:
    trial = annotation_round.plan(tmp_path, ["Head\n\nBody."], people=2)
    one, _ = trial.people
    (trial.workspace.private).mkdir(exist_ok=True)
    file = trial.workspace.private / "annotators.toml"
    file.write_text(f'{one} = {{user = "user-{one}", name = "Ada <Novak>"}}\n', encoding="utf-8")
    report = push.run(trial.workspace, batch="b01")
    assert "`goldwire people b01` prints" in report.to_text()
    return trial


def test_a_hand_out_lets_its_annotator_sign_in_and_has_the_password_once(pushed: AnnotationRound) -> None:
    report = people.run(pushed.workspace, batch="b01")
    assert [(one.annotator, one.user, one.name) for one in report.handouts] == [
        (pushed.people[0], f"user-{pushed.people[0]}", "Ada <Novak>"),
        (pushed.people[1], pushed.people[1], None),
    ]
    for one in report.handouts:
        assert one.password is not None
        assert one.password in report.to_text()
        signed_in = session.sign_in_as(report.server, one.user, one.password)
        project = one.address.removeprefix(f"{report.server}/projects/")
        assert signed_in.http.get(f"projects/{project}/my-role")["rolename"] == "annotator"
    again = people.run(pushed.workspace, batch="b01")
    assert again.page is None
    for one, first in zip(again.handouts, report.handouts, strict=True):
        assert (one.password, str(one.handed_out)[:2]) == (None, "20")
        assert str(first.password) not in again.to_text()
        assert f"as handed out on {str(one.handed_out)[:10]}" in again.to_text()


def cli_variables(connected: Any) -> dict[str, str]:
    values = {"URL": connected.url, "USERNAME": connected.username, "PASSWORD": connected.password}
    return {f"GOLDWIRE_DOCCANO_{name}": value for name, value in values.items()}


def test_a_killed_people_run_or_reset_loses_no_password(
    connected: Any, pushed: AnnotationRound, tmp_path_factory: pytest.TempPathFactory
) -> None:
    variables, name = cli_variables(connected), pushed.people[1]
    with ForkedCommands() as commands:

        def copy(number: object) -> Path:
            return shutil.copytree(pushed.workspace.root, tmp_path_factory.mktemp(f"copy-{number}") / "w")

        undisturbed = commands.run(("people", "b01"), folder=copy("undisturbed"), **variables)
        assert undisturbed.exit_code == 0, undisturbed
        wanted = [
            credentials.annotator_password(pushed.workspace.private, user)
            for user in (f"user-{pushed.people[0]}", name)
        ]
        for moment in range(1, undisturbed.changes + 1, 2):
            root = copy(moment)
            killed = commands.run(("people", "b01"), folder=root, kill_at_change=moment, **variables)
            again = commands.run(("people", "b01"), folder=root, **variables)
            assert (killed.exit_code, again.exit_code) == (-9, 0), (moment, killed, again)
            pages = "".join(page.read_text() for page in (root / ".goldwire" / people.FOLDER).glob("*.html"))
            assert all(password in pages for password in wanted), moment
            assert not list(root.rglob("*.tmp"))
        root = copy("reset")
        assert commands.run(("people", "reset", name), folder=root, kill_at_change=1, **variables).exit_code == -9
        again = commands.run(("people", "reset", name), folder=root, **variables)
        password = again.stdout.rpartition(" is ")[2].strip()
        assert session.sign_in_as(connected.url, name, password).username == name


def test_the_page_is_private_printable_and_escaped(pushed: AnnotationRound) -> None:
    report = people.run(pushed.workspace, batch="b01")
    assert report.page is not None
    path = pushed.workspace.root / report.page
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    page = path.read_text(encoding="utf-8")
    assert all(str(one.password) in page for one in report.handouts)
    assert "Ada &lt;Novak&gt;" in page
    assert "break-after:page" in page
    assert page.count("<article>") == 2


def test_a_new_password_replaces_the_old_one_and_ends_its_sessions(pushed: AnnotationRound) -> None:
    one, other = pushed.people
    user = f"user-{one}"
    old = credentials.annotator_password(pushed.workspace.private, user)
    server = session.connect(pushed.workspace).url
    before, colleague = session.sign_in_as(server, user, old), annotation_round.sign_in(pushed, other, server)
    report = people.reset(pushed.workspace, annotator=one)
    assert (report.annotator, report.user) == (one, user)
    assert report.password in report.to_text()
    assert report.password != old
    with pytest.raises(ServerError, match="wrong user name or password"):
        session.sign_in_as(server, user, old)
    with pytest.raises(ServerError):
        before.http.get("projects", limit=1)
    assert colleague.http.get("me")["username"] == other
    assert session.sign_in_as(server, user, report.password).username == user
    handed = people.run(pushed.workspace, batch="b01").handouts[0]
    assert (handed.password, handed.handed_out is None) == (None, False)
    with pytest.raises(ServerError):
        session.sign_in_as(server, other, credentials.annotator_password(pushed.workspace.private, other)).http.post(
            "goldwire/password", {"username": user, "password": "another-password"}
        )


def test_who_has_no_account_here_or_is_an_administrator_cannot_be_reset(pushed: AnnotationRound) -> None:
    with pytest.raises(ServerError, match="no account 'A99'"):
        people.reset(pushed.workspace, annotator="A99")
    with pytest.raises(ServerError, match="not for staff"):
        people.reset(pushed.workspace, annotator="admin")


def test_an_account_that_existed_before_has_no_password_here(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, ["Head\n\nBody."])
    session.connect(trial.workspace).client.create_user(trial.people[0], "their-own-password-7")
    push.run(trial.workspace, batch="b01")
    report = people.run(trial.workspace, batch="b01")
    assert (report.handouts[0].password, report.handouts[0].handed_out, report.page) == (None, None, None)
    assert "password: chosen elsewhere" in report.to_text()


def test_a_batch_that_was_never_pushed_is_an_error(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, ["Head\n\nBody."])
    with pytest.raises(ServerError, match="is not on this server"):
        people.run(trial.workspace, batch="b01")


def test_all_secrets_of_a_workspace_are_in_one_file(tmp_path: Path) -> None:
    credentials.admin_password(tmp_path)
    credentials.annotator_password(tmp_path, "A1")
    stored = json.loads((tmp_path / credentials.FILE).read_text())
    assert (bool(stored["admin"]), list(stored["annotators"]), stored["handed_out"]) == (True, ["A1"], {})


def test_a_page_of_nobody_is_valid() -> None:
    assert handouts.render("b<0>", []).count("b&lt;0&gt;") == 2
