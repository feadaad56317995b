"""Union-find: sets of connected items and their representatives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from goldwire.union_find import UnionFind


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=30))
def test_groups_are_the_connected_components(edges: list[tuple[int, int]]) -> None:
    sets = UnionFind[int]()
    for first, second in edges:
        sets.union(first, second)
    graph = coo_array(([1] * len(edges), ([a for a, _ in edges], [b for _, b in edges])), shape=(21, 21))
    labels = connected_components(graph, directed=False)[1]
    assert all((sets.find(a) == sets.find(b)) == (labels[a] == labels[b]) for a, _ in edges for _, b in edges)
    assert sorted(node for group in sets.groups() for node in group) == sorted({n for edge in edges for n in edge})


def test_the_representative_is_the_least_member() -> None:
    sets = UnionFind[str]()
    assert sets.union("c", "b") == "b"
    assert sets.union("c", "a") == "a"
    assert (sets.find("b"), sets.find("z")) == ("a", "z")
    assert sets.groups() == [["a", "b", "c"], ["z"]]
