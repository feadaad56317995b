"""Working time from the ticks that a pull notes."""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldwire.doccano import pulled_times
from goldwire.doccano.ledger import Ledger, PulledProject, PullRecord, write_ledger, write_pulls
from goldwire.records import AnnotatorMinutes
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace
from support import factories

TICKS = {"b01-0001": "10:00", "b01-0002": "10:06", "b01-0003": "10:10", "b01-0004": "14:00"}


def pulled(folder: Path) -> Workspace:
    """Four tasks of A1, of which the last was ticked after a break."""
    space = factories.workspace(folder)
    articles = [factories.article(f"Head {n}\n\nAda Brook.", id=f"wire-{n:012d}") for n in range(1, 5)]
    factories.write_articles(space, articles)
    factories.write_tasks(space, "b01", articles, ("A1",))
    write_ledger(space, Ledger(batch="b01", server="http://server", projects=()))
    project = PulledProject(
        annotator="A1",
        project=1,
        rows=None,
        work=None,
        inputs="",
        export="",
        layers="",
        tasks=4,
        done=4,
        started=0,
        confirmed_per_day={"2026-11-30": 4},
        ticked_at={task: f"2026-11-30 {time}+00:00" for task, time in TICKS.items()},
    )
    write_pulls(space, PullRecord(batch="b01", server="http://server", projects=(project,)))
    return space


def test_minutes_are_those_between_ticks_without_breaks(tmp_path: Path) -> None:
    space = pulled(tmp_path / "w")
    tasks, articles = loading.tasks(space, "b01"), loading.articles(space)
    layers = [factories.layer(article, [(8, 17, "PER")], annotator="A1") for article in articles.values()]
    minutes = pulled_times.annotator_minutes(space, "b01", tasks, layers)
    assert minutes == (AnnotatorMinutes(annotator="A1", per_task=5.0, per_label=5.0),)
    assert pulled_times.tasks_per_day(space, "b01") == {"A1": 4.0}
    assert pulled_times.annotator_minutes(space, "b02", tasks, layers) == ()


def test_the_time_with_pre_labels_is_compared_with_that_of_the_holdout_if_there_is_one(tmp_path: Path) -> None:
    space = pulled(tmp_path / "w")
    tasks, articles = loading.tasks(space, "b01"), loading.articles(space)
    suggested = {name: factories.layer(article, annotator="M1") for name, article in articles.items()}
    assert pulled_times.prelabel_time(space, "b01", tasks, suggested) is None
    first = tasks[1].article_id
    suggested[first] = msgspec.structs.replace(suggested[first], holdout=True)
    effect = pulled_times.prelabel_time(space, "b01", tasks, suggested)
    assert effect is not None
    assert effect.reason == "no annotator has the times of 5 tasks with pre-labels and 5 of the holdout"
