"""The order of version numbers such as `1.10`, which is above `1.9`."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["highest_version"]


def highest_version(names: Iterable[str]) -> str:
    """Return the highest version; numbers in it compare as numbers.

    Parameters
    ----------
    names : iterable of str
        At least one version.

    Examples
    --------
    >>> highest_version(["1.9", "1.10", "1.2"])
    '1.10'
    """
    return max(
        names, key=lambda name: [(component.isdigit(), component.zfill(9), component) for component in name.split(".")]
    )
