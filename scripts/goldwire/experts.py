"""Who is an expert: told by the pseudonym, so that no file can be taken for an annotator's."""

from __future__ import annotations

import re

__all__ = ["is_expert"]


def is_expert(annotator: str) -> bool:
    """Whether this is the name of an expert, `E1`: who settles what the annotators dispute, and has no vote.

    An expert's layers lie beside the annotators' and count in no agreement, no vote and no release.
    """
    return re.fullmatch(r"E[0-9]+", annotator) is not None
