"""Work that a pull would take out of an annotator's layers, and whether the annotator removed it. Pure.

A server may lose work: its database is replaced or restored from an older backup, or somebody deletes a project, an
example or a label type, and the next push creates it again, empty. An annotator may remove work, too. A layer loses
labels only if it is certain that the annotator removed them, that is, if all of this holds:

1. The server has the receipt that the last pull stored there, so that its database has not gone back in time.
2. The rows are those of the last pull.
3. The types of the labels are those of the last pull: Doccano deletes all labels of a type together with the type.
4. The layer was pulled from those rows, not carried over from an earlier pull.
5. The annotator's account is that of the last pull: Doccano deletes all labels of an account together with it.

6. All tasks of the article are still planned: without one of its windows or targets, the layer would be smaller.

A row that replaces the one last pulled counts from the moment at which its annotator ticks it done. The work that it
lacks is reported once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec

from goldwire.doccano.client.label_types import LabelTypes
from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel

__all__ = [
    "COMMENTS",
    "TICKS",
    "Cause",
    "Losses",
    "LostWork",
    "PullHistory",
    "Receipt",
    "count_work",
    "find_lost_work",
    "sum_up",
]

Cause = Literal["replaced", "lost", "unplanned"]
"""Why a layer is carried over: other rows have replaced those last pulled, the work in the rows is gone, or no task of
the batch asks for it any more."""

COMMENTS, TICKS = "comments", "ticks"
"""What layers have beside labels, as counts name it."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Notes of a pull that the server stores: the label types, and why layers were carried over, by article.

    `account` is the number of the annotator's account: Doccano deletes all labels of an account together with it.
    """

    label_types: LabelTypes
    carried_over: Mapping[str, Cause] = {}
    account: int | None = None


class LostWork(msgspec.Struct, frozen=True, kw_only=True):
    """Labels and comments of a former layer that the article's layer lacks now; `tick`: whether it was ticked done.

    `lost_types` are the names of label types that are gone or were created again since the last pull, and that some of
    the lost labels have. `voice` is the name of the type of the spans that are not entities, but hold stances.
    """

    article_id: str
    spans: tuple[SpanLabel, ...]
    stances: tuple[StanceLabel, ...]
    comments: int
    tick: bool
    voice: str = ""
    lost_types: frozenset[str] = frozenset()

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is lost."""
        return not (self.spans or self.stances or self.comments or self.tick)

    def of_type(self, name: str) -> LostWork:
        """Return the part that was lost together with a label type: its labels, and the stances of its spans."""
        spans = tuple(span for span in self.spans if span.label == name)
        ids = {span.id for span in spans}
        stances = tuple(
            stance
            for stance in self.stances
            if name == stance.stance
            or {stance.holder, stance.target} & ids
            or (name == self.voice and stance.holder is None and stance.target is not None)
        )
        return msgspec.structs.replace(self, spans=spans, stances=stances, comments=0, tick=False)

    def of_other_types(self) -> LostWork:
        """Return the part that was not lost together with a label type."""
        by_type = [self.of_type(name) for name in self.lost_types]
        spans = {span.id for part in by_type for span in part.spans}
        stances = {stance.id for part in by_type for stance in part.stances}
        return msgspec.structs.replace(
            self,
            spans=tuple(span for span in self.spans if span.id not in spans),
            stances=tuple(stance for stance in self.stances if stance.id not in stances),
        )

    def counts(self) -> Counter[str]:
        """Return the number of labels by name, of comments and of ticks."""
        counts = Counter(span.label for span in self.spans)
        counts.update(stance.stance for stance in self.stances)
        return +(counts + Counter({COMMENTS: self.comments, TICKS: int(self.tick)}))


class Losses(NamedTuple):
    """Why layers are carried over, by article, and what the server has lost of them, where that is known.

    `redone` is what articles lack that their annotator has done again, in rows that have replaced those last pulled.
    """

    causes: Mapping[str, Cause] = {}
    lost: tuple[LostWork, ...] = ()
    redone: tuple[LostWork, ...] = ()

    def plus(self, other: Losses) -> Losses:
        """Return these losses and those of another article."""
        if not (other.causes or other.redone):
            return self
        return Losses({**self.causes, **other.causes}, self.lost + other.lost, self.redone + other.redone)

    @property
    def by_replacement(self) -> tuple[LostWork, ...]:
        """The work that is not in the rows that have replaced those last pulled."""
        return tuple(part for part in self.lost if self.causes[part.article_id] == "replaced")

    @property
    def unplanned(self) -> tuple[LostWork, ...]:
        """The work that no task asks for any more."""
        return tuple(part for part in self.lost if self.causes[part.article_id] == "unplanned")

    @property
    def without_replacement(self) -> tuple[LostWork, ...]:
        """The work that is gone from the rows that were last pulled, as far as is known."""
        return tuple(part for part in self.lost if self.causes[part.article_id] == "lost")


class PullHistory(msgspec.Struct, frozen=True, kw_only=True):
    """The last pull of a project, and what is known about the server since then.

    Attributes
    ----------
    rows : mapping of str to frozenset of int
        Ids of the rows of the last export, by task id.
    tasks : mapping of str to frozenset of str
        Ids of the tasks of the last export, by article id.
    receipt : Receipt or None
        What the last pull stored. None if nothing shows that the server still has all that it had then.
    is_proven : bool
        Whether the receipt is the server's own. On a server that stores none, the notes of this machine take its place;
        they do not show who emptied a row.
    is_other_project : bool
        Whether the project was created after the last pull.
    lost_types : frozenset of str
        Names of label types that are gone, or were created again, since the last pull.
    accept_loss : bool
        Take whatever the server has now.
    """

    rows: Mapping[str, frozenset[int]] = {}
    tasks: Mapping[str, frozenset[str]] = {}
    receipt: Receipt | None = None
    is_proven: bool = False
    is_other_project: bool = False
    lost_types: frozenset[str] = frozenset()
    accept_loss: bool = False

    def former_cause(self, article_id: str) -> Cause | None:
        """Return why the former layer of an article was carried over, if it was."""
        return None if self.receipt is None else self.receipt.carried_over.get(article_id)

    def replaces(self, rows: Mapping[str, int]) -> bool:
        """Whether a task has another row now than in the last export; `rows` are the ids of its rows by task id."""
        if self.is_other_project:
            return True
        # Without an export, it is unknown which rows were pulled.
        return bool(self.rows) and any(row not in self.rows.get(task, ()) for task, row in rows.items())

    def cause_of_loss(
        self, lost: LostWork, rows: Mapping[str, int], *, is_done: bool, is_untouched: bool
    ) -> Cause | None:
        """Return why a former layer has to stay; None if the layer of the present rows replaces it.

        `rows` are the ids of the article's present rows by task id; `is_done`: whether all of them are ticked done;
        `is_untouched`: whether none of them is ticked done or has any label or comment.
        """
        if self.accept_loss:
            return None
        if self._is_replaced(lost.article_id, rows):
            return None if is_done else "replaced"
        if self.has_unplanned(lost.article_id, rows):
            return "unplanned"
        is_unknown = self.receipt is None or (is_untouched and not self.is_proven)
        is_lost = is_unknown or self.former_cause(lost.article_id) is not None or bool(lost.lost_types)
        return "lost" if is_lost else None

    def has_unplanned(self, article_id: str, planned: Container[str]) -> bool:
        """Whether the last export had a task of the article that is no longer `planned`."""
        is_known = self.former_cause(article_id) == "unplanned"
        return is_known or any(task not in planned for task in self.tasks.get(article_id, ()))

    def is_redone(self, article_id: str, rows: Mapping[str, int]) -> bool:
        """Whether rows that are ticked done have replaced those last pulled."""
        return not self.accept_loss and self._is_replaced(article_id, rows)

    def _is_replaced(self, article_id: str, rows: Mapping[str, int]) -> bool:
        return self.former_cause(article_id) == "replaced" or self.replaces(rows)

    def cause_of_problem(self, article_id: str, *, has_all_rows: bool) -> Cause | None:
        """Return why a layer that is carried over because of a problem in its rows is also at risk of loss."""
        if not has_all_rows:
            return "replaced"
        return self.former_cause(article_id) or ("lost" if self.receipt is None else None)


def find_lost_work(
    former: AnnotationLayer,
    layer: AnnotationLayer | None,
    *,
    lost_types: frozenset[str] = frozenset(),
    voice: str = "",
) -> LostWork:
    """Compare a former layer with the one of the present rows, which is None if these are untouched."""
    present = frozenset() if layer is None else {*_keys(layer).values()}
    comments = Counter(former.comments) - Counter(() if layer is None else layer.comments)
    missing = {label for label, key in _keys(former).items() if key not in present}
    lost = LostWork(
        article_id=former.article_id,
        spans=tuple(span for span in former.spans if span.id in missing),
        stances=tuple(stance for stance in former.stances if stance.id in missing),
        comments=comments.total(),
        tick=former.confirmed and not (layer is not None and layer.confirmed),
        voice=voice,
    )
    present_types = frozenset(name for name in lost_types if not lost.of_type(name).is_nothing)
    return msgspec.structs.replace(lost, lost_types=present_types)


def _keys(layer: AnnotationLayer) -> dict[str, tuple[object, ...]]:
    """Return the content of each span and stance by id: ids themselves differ between two layers."""
    spans = {span.id: (span.start, span.end, span.label) for span in layer.spans}
    stances = {
        stance.id: (stance.stance, spans.get(stance.holder or ""), spans.get(stance.target or ""), stance.target_name)
        for stance in layer.stances
    }
    return {**spans, **stances}


def sum_up(parts: Iterable[LostWork]) -> Counter[str]:
    """Return the sum of the counts."""
    return sum((part.counts() for part in parts), Counter())


def count_work(layer: AnnotationLayer | None) -> Counter[str]:
    """Return the number of labels by name, of comments and of ticks in a layer."""
    return Counter() if layer is None else find_lost_work(layer, None).counts()
