"""An annotator's progress in one request: the next text that is not done, and the state of each text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from goldwire.doccano import credentials
from goldwire.stages import push
from goldwire.workspace import jsonl
from support import annotation_round, factories
from support.two_projects import Caller, World, made, sign_in

TEXT = "Headline\n\nAda Novak met the Rail Union."


def asked(caller: Caller, project: int, **parameters: object) -> Any:
    answer = caller("GET", f"/v1/projects/{project}/goldwire/progress", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_next_text_is_the_first_unfinished_one_from_there_on(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [f"Head{number}\n\nBody." for number in range(4)])
    (pushed,) = push.run(trial.workspace, batch="b01").annotators
    password = credentials.annotator_password(trial.workspace.private, trial.people[0])
    annotator = Caller(connected.url, made(sign_in(connected.url, trial.people[0], password))["key"])
    path = f"/v1/projects/{pushed.project}/examples"
    ids = [row["id"] for row in made(annotator("GET", path))["results"]]
    assert asked(annotator, pushed.project) == {"total": 4, "done": 0, "next": 1}
    for done in (ids[0], ids[2]):
        made(annotator("POST", f"{path}/{done}/states"))
    assert asked(annotator, pushed.project, after=1) == {"total": 4, "done": 2, "next": 2}
    assert asked(annotator, pushed.project, after=2)["next"] == 4
    assert asked(annotator, pushed.project, after=4)["next"] == 2  # from the top again
    assert asked(annotator, pushed.project, q="Head3") == {"total": 1, "done": 0, "next": 1}  # a list that is filtered
    assert asked(annotator, pushed.project, confirmed="true") == {"total": 2, "done": 2, "next": 0}
    assert asked(annotator, pushed.project, states=f"{ids[0]},{ids[1]}")["states"] == {
        str(ids[0]): "done",
        str(ids[1]): "untouched",
    }


def test_prelabels_alone_are_not_work(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT])
    article = trial.articles["wire-000000000001"]
    ends = [(10, 19, "PER"), (28, 38, "ORG")]
    former = factories.layer(article, ends, [(0, 1, "supports")], annotator="A9", batch="b00")
    jsonl.write(trial.workspace.layers / "b00" / "A9.jsonl", [former])
    (pushed,) = push.run(trial.workspace, batch="b01", prelabel="layer:A9").annotators
    password = credentials.annotator_password(trial.workspace.private, trial.people[0])
    annotator = Caller(connected.url, made(sign_in(connected.url, trial.people[0], password))["key"])
    path = f"/v1/projects/{pushed.project}/examples"
    (number,) = (row["id"] for row in made(annotator("GET", path))["results"])
    assert asked(annotator, pushed.project, states=number)["states"] == {str(number): "untouched"}
    (relation,) = made(annotator("GET", f"{path}/{number}/relations"))
    assert annotator("DELETE", f"{path}/{number}/relations/{relation['id']}").status_code == 204
    assert asked(annotator, pushed.project, states=number)["states"] == {str(number): "started"}


def test_only_members_may_ask_and_only_about_their_project(world: World) -> None:
    path = f"{world.a.path}/goldwire/progress"
    refused = [caller("GET", path).status_code for caller in (world.nobody, world.b.annotator)]
    assert refused == [403, 403]
    assert asked(world.a.annotator, world.a.id, states=f"{world.a.example},{world.b.example}")["states"] == {
        str(world.a.example): "started"
    }
    assert {world.a.annotator(method, path, {}).status_code for method in ("POST", "PUT", "DELETE")} == {403}


@pytest.mark.parametrize("parameters", [{"after": "x"}, {"states": "1,x"}, {"states": ",".join(["1"] * 1001)}])
def test_a_request_that_makes_no_sense_is_refused(world: World, parameters: dict[str, str]) -> None:
    answer = world.a.annotator("GET", f"{world.a.path}/goldwire/progress", params=parameters)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")


def test_numbers_out_of_range_change_nothing(world: World) -> None:
    huge = 2**31 - 1  # the guard refuses larger numbers
    assert asked(world.a.annotator, world.a.id, after=huge)["next"] == asked(world.a.annotator, world.a.id)["next"]
    assert asked(world.a.annotator, world.a.id, states=huge)["states"] == {}


def test_the_page_has_the_overlay_and_its_files_need_no_sign_in(doccano) -> None:
    page = requests.get(f"{doccano.url}/projects/1", timeout=30)
    addresses = [part.split('"')[0] for part in page.text.split('"/goldwire/')[1:]]
    assert [address.partition(".")[2] for address in addresses] == ["css", "js"]
    for address, kind in zip(addresses, ("text/css", "text/javascript"), strict=True):
        answer = requests.get(f"{doccano.url}/goldwire/{address}", timeout=30)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(kind)
        assert "immutable" in answer.headers["Cache-Control"]
    assert requests.get(f"{doccano.url}/goldwire/other.js", timeout=30).status_code == 404
    assert requests.post(f"{doccano.url}/goldwire/{addresses[0]}", timeout=30).status_code in (403, 405)
    policy = page.headers["Content-Security-Policy"]
    assert "'nonce-" in policy
    assert "unsafe-eval" not in policy
    assert "/goldwire/" not in requests.get(f"{doccano.url}/v1/me", timeout=30).text
