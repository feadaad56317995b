"""Random sequences of all that can happen to a server, its network, its data and its leads, from a seed.

No confirmed label is ever missing from the newest export and layer, or a finding says so. An ordinary run does each
thing once; `GOLDWIRE_CHAOS=200 GOLDWIRE_CHAOS_SEED=3` does 200 things of another seed.
"""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldwire.doccano import credentials
from support.chaos import World

LOG = logging.getLogger(__name__)
SEED = int(os.environ.get("GOLDWIRE_CHAOS_SEED", "17"))
WORK = ("submit", "submit", "push", "pull", "exchange_by_git")
TROUBLE = (
    *("kill_server", "back_up", "restore", "replace_server", "move_clock"),
    *("kill_pull", "kill_push", "pull_without_disk_space", "pull_at_once"),
)
N_STEPS = int(os.environ.get("GOLDWIRE_CHAOS", "0"))

pytestmark = [pytest.mark.server, pytest.mark.timeout(600 + 10 * N_STEPS)]


@pytest.fixture
def world(doccano_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("GOLDWIRE_DOCCANO_URL", "http://127.0.0.1:1")
    made = World(tmp_path, doccano_environment, random.Random(SEED))
    monkeypatch.setenv("GOLDWIRE_DOCCANO_URL", made.state.url)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_USERNAME", made.state.username)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_PASSWORD", credentials.admin_password(made.home))
    yield made
    made.close()


def test_no_confirmed_label_is_lost_in_silence(world: World) -> None:
    rng = random.Random(SEED)
    steps = ["submit", "pull"]
    for trouble in rng.sample(TROUBLE, len(TROUBLE)):
        steps += [rng.choice(WORK), "submit", trouble]
    while len(steps) < N_STEPS:
        steps.append(rng.choice((*WORK, *TROUBLE)))
    world.run(steps)
    LOG.info("%d steps: %s; %d findings of lost work", len(steps), dict(world.counts), world.losses)
    assert set(TROUBLE) <= world.counts.keys()
    assert world.losses > 0, "a server was replaced after labels had been pulled from it"
    # In the end, whatever is on the server and whatever was ever pulled can be pulled by either lead.
    for lead in world.leads:
        world.check_pull(lead)
