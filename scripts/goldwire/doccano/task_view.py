"""What an annotator sees of a task, and where in it the article is. Pure.

What is asked about stands between two rows of marks where more is shown; a target that is asked about by name stands
above the text. Both are in the text itself: Doccano shows an example's meta in a corner that people fold away.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from goldwire.records import Article, Task

__all__ = ["View", "instructions", "view"]

_FROM, _TO = "▼ ▼ ▼ ▼ ▼\n\n", "\n\n▲ ▲ ▲ ▲ ▲"
_RULE = "\n──────────\n\n"
_WINDOW = f"""**Label only what stands between {_FROM.strip()} and {_TO.strip()}.**
What is above and below is there to be read.

"""
_TARGET = """**Above each text stands a name: how does the article, in its own voice, stand to whom or what is named?**
What others say in it does not count. Choose one category for each text, then tick it done.

"""


class View(msgspec.Struct, frozen=True):
    """The text that is shown; `window` is where in it the article's stretch is that begins at `start` there."""

    text: str
    window: tuple[int, int]
    start: int

    def inside(self, start: int, end: int) -> bool:
        """Whether a stretch of what is shown is all asked about."""
        return self.window[0] <= start and end <= self.window[1]

    def to_article(self, place: int) -> int:
        """From an offset in what is shown to one in the article."""
        return place - self.window[0] + self.start

    def from_article(self, place: int) -> int:
        """From an offset in the article to one in what is shown."""
        return place - self.start + self.window[0]


def view(task: Task, article: Article) -> View:
    """What `task` shows of its article."""
    start, end = task.window
    text = article.text[start:end]
    if task.target is not None:
        above, below = f"▶ {task.target}{_RULE}", ""
    else:
        first, last = task.context or task.window
        before, after = article.text[first:start].rstrip(), article.text[end:last].lstrip()
        above = f"{before}\n\n{_FROM}" if before else ""
        below = f"{_TO}\n\n{after}" if after else ""
    return View(above + text + below, (len(above), len(above) + len(text)), start)


def instructions(tasks: Iterable[Task]) -> str:
    """What the page of guidelines has to say first of these tasks."""
    tasks = tuple(tasks)
    if any(task.kind == "stance" for task in tasks):
        return _TARGET
    return _WINDOW if any(task.context for task in tasks) else ""
