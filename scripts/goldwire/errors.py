"""The one exception a user can cause: a place, what is wrong there, and the way out."""

from __future__ import annotations

__all__ = ["GoldwireError"]


class GoldwireError(Exception):
    """Something outside the data is wrong (no server, no such folder, a broken file).

    Printed by the command line as one line, `place: message; way_out`, with exit code 2.
    What is wrong *in* the data is never raised: it is a `Finding` (see `goldwire.findings`).
    """

    def __init__(self, message: str, *, place: object = None, way_out: str | None = None) -> None:
        self.message = message
        self.place = None if place is None else str(place)
        self.way_out = way_out
        super().__init__(str(self))

    def __str__(self) -> str:
        line = self.message if self.place is None else f"{self.place}: {self.message}"
        line = line if self.way_out is None else f"{line}; {self.way_out}"
        return " ".join(line.split())
