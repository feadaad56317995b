"""Calls of other tools, in an environment of theirs: a line of JSON in, a line of JSON out. `peers.py` starts this.

    PEERS_PYTHON tests/benchmarks/peer_tools.py TOOL

Nothing of the project can be imported here. What a tool returns is timed without the transport.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

Tool = Callable[[Any], Any]


def rs_trafilatura() -> Tool:
    """Return the main text of a page of HTML."""
    from rs_trafilatura import extract

    return lambda page: extract(page, include_comments=False).main_content


def irrcac() -> Tool:
    """Return the value of a coefficient: [its name, a .npy file of ratings, items x raters, a missing one NaN]."""
    import numpy as np
    import pandas as pd
    from irrCAC.raw import CAC

    def coefficient(request: list[str]) -> float:
        name, path = request
        found = getattr(CAC(pd.DataFrame(np.load(path)), digits=15), name)()
        return float(found["est"]["coefficient_value"])

    return coefficient


TOOLS: dict[str, Callable[[], Tool]] = {
    "rs-trafilatura": rs_trafilatura,
    "irrCAC": irrcac,
    "echo": lambda: lambda value: value,  # for the test of the protocol
}


def main() -> None:
    """Answer one line after another until the input ends."""
    warnings.simplefilter("ignore")
    tool = TOOLS[sys.argv[1]]()
    for line in sys.stdin:
        value = json.loads(line)
        started = time.process_time()
        try:
            answer = {"value": tool(value)}
        except Exception as error:  # noqa: BLE001 - a tool that fails on a page has extracted nothing
            answer = {"error": f"{type(error).__name__}: {error}"}
        answer["processor_seconds"] = time.process_time() - started
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
