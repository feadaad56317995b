"""Screenshots of the pages for project leads, from the sample.

Run as a script to make the images of docs/images/ anew (each below 150 kB):

    PYTHONPATH=scripts:tests python -m support.screenshots docs/images

The agreement is measured on the sample. Its annotators are machines without working time, so that the ticks of the
status page are simulated.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import batch_context
from goldwire.doccano.reports import per_day
from goldwire.doccano.work_time import measure_work_time
from goldwire.report import agreement, dashboard
from goldwire.stages import status
from goldwire.workspace import loading
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import find_workspace
from support.browser import fresh_page
from support.paths import REPOSITORY

__all__ = ["make_screenshots", "open_page", "sample_pages", "sample_status"]

BATCH = "b01"
SIZES = {"": (1280, 800), "-narrow": (390, 800)}
_QUALITY = 80


def make_screenshots(folder: Path) -> list[Path]:
    """Write a WebP image of the top of each page at two widths, in the light and the dark theme."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with fresh_page() as page:
        for name, html in sample_pages():
            for size, viewport in SIZES.items():
                for scheme in ("light", "dark"):
                    open_page(page, html, viewport, scheme)
                    path = folder / f"{name}{size}-{scheme}.webp"
                    Image.open(BytesIO(page.screenshot())).save(path, quality=_QUALITY, method=6)
                    written.append(path)
    return written


def open_page(page: Any, html: str, viewport: tuple[int, int], scheme: str) -> None:
    """Show a page in a size and in the light or the dark theme."""
    page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
    page.emulate_media(color_scheme=scheme)
    page.set_content(html)


def sample_pages() -> Iterator[tuple[str, str]]:
    """Yield each page's name and HTML."""
    workspace = find_workspace(REPOSITORY, explicit=True)
    layers, articles, schema = (
        loading.layers(workspace, BATCH),
        loading.articles(workspace),
        read_schema(workspace.schema),
    )
    context = batch_context(schema, articles, loading.tasks(workspace, BATCH), ())
    measured = measure_batch(BATCH, layers, context)
    yield "agreement", agreement.render(measured, layers, articles, schema, name=workspace.settings.name)
    yield "status", dashboard.render(sample_status())


def sample_status(n_annotators: int = 8, n_tasks: int = 60) -> status.StatusReport:
    """Return the status of a batch with simulated ticks, and the agreement of the sample."""
    workspace = find_workspace(REPOSITORY, explicit=True)
    layers, articles = loading.layers(workspace, BATCH), loading.articles(workspace)
    draw, people = random.Random(3), []
    for number in range(1, n_annotators + 1):
        done = (0, n_tasks)[number - 1] if number < 3 else draw.randrange(n_tasks // 3, n_tasks)
        people.append(_annotator(f"A{number}", done, n_tasks, draw))
    total = sum(one.done for one in people)
    return status.StatusReport(
        batch=BATCH,
        server="http://127.0.0.1:8000",
        done=total,
        tasks=n_annotators * n_tasks,
        annotators=tuple(people),
        agreement=status._agreement(workspace, BATCH, layers, articles, by_name=False),
        top_disagreements=tuple(status._top_disagreements(layers, {}, articles)),
        name=workspace.settings.name,
        read_at=datetime(2026, 11, 30, 9, 30, tzinfo=UTC).isoformat(),
        pulled=total - 12,
        steps=(
            f"A1 did not start: `goldwire people {BATCH}` prints what each needs to sign in.",
            f"12 more done than in the last pull: `goldwire pull {BATCH}`.",
        ),
    )


def _annotator(name: str, done: int, n_tasks: int, draw: random.Random) -> status.AnnotatorStatus:
    at, ticks = datetime(2026, 11, 26, 9, tzinfo=UTC), {}
    for number in range(done):
        at += timedelta(minutes=draw.lognormvariate(1.6, 0.4)) + timedelta(hours=20 * (number % 20 == 19))
        ticks[str(number)] = at
    days: dict[Any, int] = {}
    for tick in ticks.values():
        days[tick.date()] = days.get(tick.date(), 0) + 1
    work = measure_work_time(ticks, n_left=n_tasks - done)
    return status.AnnotatorStatus(
        annotator=name,
        tasks=n_tasks,
        done=done,
        started=int(0 < done < n_tasks),
        left=n_tasks - done,
        per_day=per_day(days) if work.hours_left else None,
        days_left=None,
        last_done=at.date().isoformat() if done else None,
        address=f"http://127.0.0.1:8000/projects/{name[1:]}",
        work=work,
        minutes_per_label=round((work.minutes or 0) / 14, 2) if work.hours_left else None,
    )


if __name__ == "__main__":
    for image in make_screenshots(Path(sys.argv[1])):
        sys.stdout.write(f"{image} {image.stat().st_size:,} bytes\n")
