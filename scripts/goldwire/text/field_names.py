"""Names of columns and fields in one spelling."""

from __future__ import annotations

import re

__all__ = ["plain_name"]


def plain_name(name: str) -> str:
    """Return the name of a column in lower case, words joined by `_`.

    Examples
    --------
    >>> plain_name("Sentence ID"), plain_name("articleBody")
    ('sentence_id', 'article_body')
    """
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()).strip("_")
