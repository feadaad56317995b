"""The C core, where it was built: what goldwire does line by line and word by word, in a fraction of numpy's time.

`hatch_build.py` builds it when goldwire is installed. Where it could not, the modules that ask it (`goldwire.extraction.plaintext.line_table`,
`kept`, `coded`, `traced`, `recurring`, `shingles`, `sketches`) do the same by array operations and patterns, which are
also the definition that tests hold this to.
"""

from __future__ import annotations

import ctypes
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

__all__ = ["LIBRARY", "library", "place_of"]

LIBRARY = Path(__file__).parent / "library.so"  # on every system: what loads it does not go by the name
_ENTRIES = tuple(
    f"goldwire_{name}"
    for name in "sources see keep grams sketch above keys survey suspects bytes_at".split()  # noqa: SIM905 - shorter
)


_Nothing = ctypes.c_char * 0


def place_of(array: NDArray[Any]) -> ctypes.c_void_p:
    """Give where an array lies: in a third of the time of `array.ctypes`. It has to be in one piece, and writable."""
    return ctypes.c_void_p(ctypes.addressof(_Nothing.from_buffer(array.data)))


@cache
def library() -> Any:
    """Load the C core; None where it was not built, for another machine, or from other sources."""
    try:
        loaded = ctypes.CDLL(str(LIBRARY))
        for name in _ENTRIES:
            getattr(loaded, name).restype = ctypes.c_int64
        sources = b"".join(path.read_bytes() for path in sorted(LIBRARY.parent.glob("*.[ch]")))
    except (OSError, AttributeError):
        return None
    return loaded if loaded.goldwire_sources() == zlib.crc32(sources) else None
