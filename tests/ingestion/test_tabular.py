"""Lines of files in encodings of wide characters."""

from __future__ import annotations

import io

import pytest

from goldwire.ingestion.tabular import line_reader


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_utf16_and_utf32_lines_are_transcoded(encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    file = io.BufferedReader(io.BytesIO(f"{mark}Мэр\u2028да\nнет".encode(encoding)))
    readline = line_reader(file)
    assert [readline(100), readline(100), readline(100)] == ["\ufeffМэр\u2028да\n".encode(), "нет".encode(), b""]
