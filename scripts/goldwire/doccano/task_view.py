"""The text that an annotator sees for a task, and the position of the article in it. Pure.

Where the annotator sees more than the window to annotate, the window stands between two rows of triangles. Where a
task asks about the stance to a target, the target stands above the text. Both are part of the text itself, because
people hide the corner in which Doccano shows an example's metadata.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from goldwire.records import Article, Task

__all__ = ["TaskView", "instructions", "render_task"]

_WINDOW_START, _WINDOW_END = "▼ ▼ ▼ ▼ ▼\n\n", "\n\n▲ ▲ ▲ ▲ ▲"
_TARGET_RULE = "\n──────────\n\n"
_WINDOW_INSTRUCTIONS = f"""**Label only the text between {_WINDOW_START.strip()} and {_WINDOW_END.strip()}.**
The text above and below is context: read it, but do not label it.

"""
_TARGET_INSTRUCTIONS = """**A name stands above each text: what is the article's own stance to it?**
Stances of people whom the article quotes do not count. Choose one category for each text, then tick it done.

"""


class TaskView(msgspec.Struct, frozen=True):
    """The text that an annotator sees: `text[window[0]:window[1]]` is the article from offset `start` on."""

    text: str
    window: tuple[int, int]
    start: int

    def contains(self, start: int, end: int) -> bool:
        """Whether `[start, end)` of the displayed text lies in the window to annotate."""
        return self.window[0] <= start and end <= self.window[1]

    def to_article(self, offset: int) -> int:
        """Convert an offset in the displayed text to one in the article."""
        return offset - self.window[0] + self.start

    def from_article(self, offset: int) -> int:
        """Convert an offset in the article to one in the displayed text."""
        return offset - self.start + self.window[0]


def render_task(task: Task, article: Article) -> TaskView:
    """Return the text that `task` displays of its article."""
    start, end = task.window
    text = article.text[start:end]
    if task.target is not None:
        above, below = f"▶ {task.target}{_TARGET_RULE}", ""
    else:
        first, last = task.context or task.window
        before, after = article.text[first:start].rstrip(), article.text[end:last].lstrip()
        above = f"{before}\n\n{_WINDOW_START}" if before else ""
        below = f"{_WINDOW_END}\n\n{after}" if after else ""
    return TaskView(above + text + below, (len(above), len(above) + len(text)), start)


def instructions(tasks: Iterable[Task]) -> str:
    """Return the introduction of the guideline page for these tasks; empty if they need none."""
    tasks = tuple(tasks)
    if any(task.kind == "stance" for task in tasks):
        return _TARGET_INSTRUCTIONS
    return _WINDOW_INSTRUCTIONS if any(task.context for task in tasks) else ""
