"""Who made the labels: counts by who decided, and the makers in the terms of the Hub."""

from __future__ import annotations

import pytest

from goldwire.adjudication.provenance import annotation_creators, count_provenance, describe_provenance
from goldwire.records import Decision, Provenance


def decision(provenance: Provenance | None) -> Decision:
    return Decision(
        article_id="a", kind="span", gold_id=None, description="", n_votes=1, n_voters=2, provenance=provenance
    )


def test_open_decisions_are_not_counted() -> None:
    decided = [decision("expert"), decision("unanimous"), decision(None), decision("unanimous")]
    assert count_provenance(decided) == {"unanimous": 2, "expert": 1}
    assert list(count_provenance(decided)) == ["unanimous", "expert"]


def test_a_machine_is_not_called_an_expert() -> None:
    assert describe_provenance({"expert": 2}, by_machine=False) == "2 by an expert"
    assert describe_provenance({"expert": 2}, by_machine=True) == "2 by a machine in the role of an expert"
    assert describe_provenance({}, by_machine=True) == "none"


@pytest.mark.parametrize(
    ("stated", "annotators", "expected"),
    [
        ((), (), ()),
        ((), ("A1", "E1"), ()),
        ((), ("A1", "M1"), ()),
        ((), ("M1", "M2"), ("machine-generated",)),
        (("crowdsourced",), ("A1", "A2"), ("crowdsourced",)),
        (("crowdsourced",), ("A1", "M1"), ("crowdsourced", "machine-generated")),
        (("machine-generated",), ("A1", "E1"), ("machine-generated",)),
    ],
)
def test_creators_are_stated_or_known(
    stated: tuple[str, ...], annotators: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert annotation_creators(stated, annotators) == expected
