"""A text in UTF-8, and what of it is not ASCII: found once, for all who look for odd characters."""

from __future__ import annotations

import msgspec
import numpy as np

__all__ = ["Coded", "coded"]


class Coded(msgspec.Struct, frozen=True):
    """A text's bytes, and the stretches of it that are not ASCII, each with the one character behind it."""

    data: bytes
    beyond: str  # a twentieth of a page


def coded(text: str) -> Coded:
    """Encode a text, half a surrogate pair too."""
    data = text.encode("utf-8", "surrogatepass")
    if text.isascii():
        return Coded(data, "")
    kept = np.frombuffer(data, np.int8) < 0
    kept[1:] |= kept[:-1]
    return Coded(data, np.frombuffer(data, np.uint8)[kept].tobytes().decode("utf-8", "surrogatepass"))
