"""Gold and its decisions, when somebody changes both so that they still fit each other."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.checks.rules.gold import contradicted_decisions
from goldwire.checks.snapshot import Snapshot, Table
from goldwire.checks.snapshot_reader import read_snapshot
from goldwire.workspace.layout import find_workspace
from support.overlay import TINY


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return read_snapshot(find_workspace(TINY, explicit=True))


def without_decision(snapshot: Snapshot, article: str, gold_id: str) -> Snapshot:
    entries = tuple(e for e in snapshot.decisions if (e.record.article_id, e.record.gold_id) != (article, gold_id))
    return msgspec.structs.replace(snapshot, decisions=Table(entries))


@pytest.mark.parametrize("kind", ["spans", "stances"])
def test_a_label_that_left_gold_together_with_its_decision_is_found(kind: str, snapshot: Snapshot) -> None:
    """Annotators gave it, and nothing but their layers says so any more."""
    entry, *others = snapshot.gold
    *labels, last = getattr(entry.record, kind)
    gold = msgspec.structs.replace(entry, record=msgspec.structs.replace(entry.record, **{kind: tuple(labels)}))
    changed = msgspec.structs.replace(snapshot, gold=Table((gold, *others)))
    changed = without_decision(changed, entry.record.article_id, last.id)
    (finding,) = contradicted_decisions(changed)
    assert (finding.code, finding.item) == ("decision-stale", entry.record.article_id)
    assert finding.message.endswith("no decision is stored")


def test_a_label_in_gold_without_a_decision_has_one_finding_only(snapshot: Snapshot) -> None:
    """It is `decision-missing`, which another check reports."""
    entry = next(iter(snapshot.gold))
    changed = without_decision(snapshot, entry.record.article_id, entry.record.stances[-1].id)
    assert not list(contradicted_decisions(changed))


def test_an_expert_without_layers_cannot_have_settled_anything(snapshot: Snapshot) -> None:
    adjudications = {
        file: msgspec.structs.replace(adjudication, method="expert", expert="E1")
        for file, adjudication in snapshot.adjudications.items()
    }
    changed = msgspec.structs.replace(snapshot, adjudications=adjudications)
    (finding,) = contradicted_decisions(changed)
    assert (finding.code, finding.message) == ("adjudication-invalid", "no layers of the stated expert 'E1'")
