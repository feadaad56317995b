"""What a former layer has and the present one lacks, and when the annotator is taken to have removed it."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from goldwire.doccano.client.label_types import LabelTypes
from goldwire.doccano.lost_work import Losses, LostWork, PullHistory, Receipt, count_work, find_lost_work, sum_up
from support import factories

ARTICLE = factories.article("Ada met Bo in Oslo.", id="w-1")
FORMER = factories.layer(
    ARTICLE,
    [(0, 3, "PER"), (8, 10, "PER"), (14, 18, "ORG")],
    [(0, 2, "supports"), (None, 1, "opposes")],
    comments=["Why?", "Why?"],
)
ROWS = {"b01-1": 1}
TYPES = LabelTypes(span={"PER": 1, "ORG": 2, "VOICE": 3}, relation={"supports": 4, "opposes": 5})
PROVEN = PullHistory(rows={"b01-1": frozenset({1})}, receipt=Receipt(label_types=TYPES), is_proven=True)


def lost(layer=None, **options) -> LostWork:
    return find_lost_work(FORMER, layer, voice="VOICE", **options)


def cause(history: PullHistory, part: LostWork, *, is_done: bool = False, is_untouched: bool = False) -> str | None:
    return history.cause_of_loss(part, ROWS, is_done=is_done, is_untouched=is_untouched)


def test_nothing_is_lost_if_only_the_numbers_of_the_labels_differ() -> None:
    more = factories.layer(
        ARTICLE,
        [(0, 1, "ORG"), (0, 3, "PER"), (8, 10, "PER"), (14, 18, "ORG")],
        [(1, 3, "supports"), (None, 2, "opposes")],
        comments=["Why?", "Why?"],
    )
    assert lost(more).is_nothing


def test_an_untouched_row_has_lost_everything() -> None:
    assert lost().counts() == {"PER": 2, "ORG": 1, "supports": 1, "opposes": 1, "comments": 2, "ticks": 1}
    assert count_work(FORMER) == lost().counts()
    assert count_work(None) == Counter()


def test_a_changed_label_one_of_two_equal_comments_and_a_tick_are_lost() -> None:
    changed = factories.layer(
        ARTICLE,
        [(0, 3, "ORG"), (8, 10, "PER"), (14, 18, "ORG")],
        [(0, 2, "supports"), (None, 1, "opposes")],
        comments=["Why?"],
        confirmed=False,
    )
    assert lost(changed).counts() == {"PER": 1, "supports": 1, "comments": 1, "ticks": 1}


def test_labels_lost_with_their_type_are_counted_apart() -> None:
    layer = factories.layer(ARTICLE, [(0, 3, "PER")], confirmed=False)
    part = lost(layer, lost_types=frozenset({"ORG", "neutral"}))
    assert part.lost_types == {"ORG"}
    assert part.of_type("ORG").counts() == {"ORG": 1, "supports": 1}
    assert part.of_other_types().counts() == {"PER": 1, "opposes": 1, "comments": 2, "ticks": 1}
    assert sum_up([part, part])["PER"] == 2


def test_stances_of_the_articles_own_voice_are_lost_with_the_voice() -> None:
    layer = factories.layer(
        ARTICLE,
        [(0, 3, "PER"), (8, 10, "PER"), (14, 18, "ORG")],
        [(0, 2, "supports")],
        comments=["Why?", "Why?"],
    )
    part = lost(layer, lost_types=frozenset({"VOICE"}))
    assert part.of_type("VOICE").counts() == {"opposes": 1}
    assert part.of_other_types().is_nothing


def test_the_annotators_own_change_is_taken() -> None:
    assert cause(PROVEN, lost(), is_untouched=True) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"receipt": None}, "lost"),
        ({"is_proven": False}, "lost"),
        ({"receipt": Receipt(label_types=TYPES, carried_over={"w-1": "lost"})}, "lost"),
        ({"receipt": Receipt(label_types=TYPES, carried_over={"w-2": "lost"})}, None),
        ({"receipt": Receipt(label_types=TYPES, carried_over={"w-1": "replaced"})}, "replaced"),
        ({"rows": {"b01-1": frozenset({7})}}, "replaced"),
        ({"rows": {}}, None),
        ({"is_other_project": True}, "replaced"),
        ({"receipt": None, "accept_loss": True}, None),
    ],
)
def test_an_untouched_row_is_a_loss_without_proof(changes: dict, expected: str | None) -> None:
    assert cause(msgspec.structs.replace(PROVEN, **changes), lost(), is_untouched=True) == expected


def test_labels_whose_type_was_deleted_are_a_loss() -> None:
    part = lost(lost_types=frozenset({"ORG"}))
    assert cause(PROVEN, part) == "lost"
    assert cause(PROVEN, lost(FORMER, lost_types=frozenset({"ORG"}))) is None


def test_on_a_server_without_receipts_a_change_is_taken_but_an_emptied_row_is_not() -> None:
    history = msgspec.structs.replace(PROVEN, is_proven=False)
    assert cause(history, lost(factories.layer(ARTICLE, [(0, 3, "PER")]))) is None
    assert cause(history, lost(), is_untouched=True) == "lost"


def test_a_replaced_row_counts_once_it_is_done() -> None:
    history = msgspec.structs.replace(PROVEN, is_other_project=True)
    assert cause(history, lost(), is_done=True) is None
    earlier = msgspec.structs.replace(PROVEN, receipt=Receipt(label_types=TYPES, carried_over={"w-1": "replaced"}))
    assert cause(earlier, lost(), is_done=True) is None
    went_back = msgspec.structs.replace(PROVEN, receipt=Receipt(label_types=TYPES, carried_over={"w-1": "lost"}))
    assert cause(went_back, lost(), is_done=True) == "lost"


def test_a_problem_in_a_row_keeps_what_is_known_about_it() -> None:
    assert PROVEN.cause_of_problem("w-1", has_all_rows=True) is None
    assert PROVEN.cause_of_problem("w-1", has_all_rows=False) == "replaced"
    assert PullHistory().cause_of_problem("w-1", has_all_rows=True) == "lost"


def test_losses_add_up_by_cause() -> None:
    other = msgspec.structs.replace(lost(), article_id="w-2")
    losses = (
        Losses({"w-1": "lost"}, (lost(),)).plus(Losses({"w-2": "replaced"}, (other,))).plus(Losses({"w-3": "lost"}))
    )
    assert [part.article_id for part in losses.by_replacement] == ["w-2"]
    assert [part.article_id for part in losses.without_replacement] == ["w-1"]
    assert set(losses.causes) == {"w-1", "w-2", "w-3"}


def test_work_of_an_article_with_fewer_tasks_than_pulled_is_unplanned_until_it_is_accepted() -> None:
    history = msgspec.structs.replace(PROVEN, tasks={"w-1": frozenset({"b01-1", "b01-2"})})
    assert cause(history, lost()) == "unplanned"
    assert cause(PROVEN, lost()) is None
    carried_over = Receipt(label_types=TYPES, carried_over={"w-1": "unplanned"})
    assert cause(msgspec.structs.replace(PROVEN, receipt=carried_over), lost()) == "unplanned"
    assert cause(msgspec.structs.replace(history, accept_loss=True), lost()) is None
