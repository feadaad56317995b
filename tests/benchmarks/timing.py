"""Times of tools that run in turns, and the Markdown rows that compare them."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

BEHIND = "- Behind "
"""How a line begins that gives the reason of a slower row; RESULTS.md has them below the table."""

UNEXPLAINED = "not explained yet."
_LEVEL = 1.1  # times as long: runs of one tool differ by as much


class Timing(NamedTuple):
    """The result of the last run of a tool, and the seconds of each run."""

    result: Any
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the seconds."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Half the range from the fastest to the slowest run, as a share of the median."""
        return (max(self.seconds) - min(self.seconds)) / 2 / self.median


def take_turns(
    tools: Mapping[str, Callable[[], Any]],
    rounds: int = 5,
    *,
    warm_up: bool = True,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Timing]:
    """Run the tools in turns, so that other work on the machine slows all of them.

    Parameters
    ----------
    tools : mapping of str to callable
        The functions to time, by the name of the tool.
    rounds : int
        Number of runs of each tool.
    warm_up : bool
        Whether each runs once before, without being timed: imports, compilation, caches of files.
    clock : callable
        `time.process_time` is less noisy, and leaves out what other processes do.
    """
    if warm_up:
        for run in tools.values():
            run()
    results: dict[str, Any] = {}
    seconds: dict[str, list[float]] = {name: [] for name in tools}
    for _ in range(rounds):
        for name, run in tools.items():
            started = clock()
            results[name] = run()
            seconds[name].append(clock() - started)
    return {name: Timing(results[name], tuple(seconds[name])) for name in tools}


def print_header(*columns: str) -> None:
    """Print the first two lines of a Markdown table."""
    print_row(columns)
    print_row("---" for _ in columns)


def print_row(cells: Iterable[str]) -> None:
    """Print a line of a Markdown table."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def duration(timing: Timing) -> str:
    """Return median and spread in words, such as `1.20 s ± 3%`."""
    seconds = timing.median
    value = f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else "< 1 ms"
    return value if len(timing.seconds) == 1 else f"{value} ± {timing.spread:.0%}"


def ratio(theirs: Timing, ours: Timing) -> str:
    """Return how many times as long as ours the other tool takes."""
    return f"{theirs.median / ours.median:.2f}x"


def print_reasons(own_seconds: float, seconds: Mapping[str, float], reasons: Mapping[str, str]) -> None:
    """Print why goldwire takes longer, for the other tools or limits beside which it does, each reason once.

    Parameters
    ----------
    own_seconds : float
        Time of goldwire.
    seconds : mapping of str to float
        Time of each other tool or limit that was run.
    reasons : mapping of str to str
        Why each other tool or limit is faster, as found by profiling. One that is faster without a reason is printed,
        too: it is to be profiled.
    """
    faster: dict[str, list[str]] = {}
    for name, other in seconds.items():
        if own_seconds > _LEVEL * other:
            unit = "x" if faster.get(reasons.get(name, UNEXPLAINED)) else "x its time"
            faster.setdefault(reasons.get(name, UNEXPLAINED), []).append(f"{name} ({own_seconds / other:.1f}{unit})")
    for reason, names in faster.items():
        sys.stdout.write(f"{BEHIND}{', '.join(names)}: {reason}\n")
    sys.stdout.flush()
