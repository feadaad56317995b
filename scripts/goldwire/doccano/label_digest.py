"""The digest of an example's labels, computed in the same way by goldwire and by the Doccano server that it runs.

`server/django/gw_state.py` loads this file by its path into Doccano's own Python environment, which has no goldwire:
import the standard library only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

__all__ = ["label_digest"]


def label_digest(spans: Iterable[tuple[object, ...]], relations: Iterable[tuple[object, ...]]) -> str:
    """Return the digest of a set of labels, without their database ids, order and exact copies.

    Parameters
    ----------
    spans
        `(start, end, label)`, in UTF-16 units of the example's text.
    relations
        `(holder span, target span, type)`, where each span is a tuple as above; `()` for a span that does not exist.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    labels = json.dumps([sorted(set(spans), key=repr), sorted(set(relations), key=repr)])
    return hashlib.sha256(labels.encode()).hexdigest()[:16]
