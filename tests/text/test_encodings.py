"""The encoding of a page: from its mark, from what is said of it, from its bytes; and what is refused."""

from __future__ import annotations

import io

import pytest

from goldwire.extraction.api import extract
from goldwire.text.encodings import charset_of, decode, line_reader
from support.language_samples import LANGUAGE_SAMPLES

BY_BYTES = [
    *(("en", "cp1252"), ("fr", "cp1252"), ("pl", "cp1250"), ("pl", "iso8859-2"), ("el", "cp1253"), ("tr", "cp1254")),
    *(("ru", "cp1251"), ("ru", "koi8-r"), ("ru", "cp866"), ("ru", "iso8859-5")),
    *(("ja", "cp932"), ("ja", "euc_jp"), ("ja", "iso2022_jp"), ("zh", "gb18030"), ("ko", "cp949")),
    *(("ru", "utf-16-le"), ("en", "utf-16-le"), ("en", "utf-16-be")),
]


def text_in(language: str, encoding: str) -> str:
    return (LANGUAGE_SAMPLES[language] * 4).encode(encoding, "ignore").decode(encoding)


@pytest.mark.parametrize(("language", "encoding"), BY_BYTES)
def test_the_bytes_tell(language: str, encoding: str) -> None:
    text = text_in(language, encoding)
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_tells(encoding: str) -> None:
    text, name = decode("Ça va".encode(encoding))
    assert (text, name.partition("-le")[0]) == ("\ufeffÇa va", encoding.removesuffix("-sig"))


@pytest.mark.parametrize("label", ["windows-1251", " CP1251", "koi8-r"])
def test_what_is_said_is_believed_of_what_is_not_utf8(label: str) -> None:
    assert decode("Мэр сказал".encode(label.strip()), label)[0] == "Мэр сказал"
    assert decode("Мэр сказал".encode(), label) == ("Мэр сказал", "utf-8")


@pytest.mark.parametrize("label", ["no-such-thing", "utf-7", "base64", "unicode_escape", "idna", "rot13", "\0"])
def test_what_is_no_charset_is_passed_over(label: str) -> None:
    text = text_in("fr", "cp1252")
    assert decode(text.encode("cp1252"), label) == (text, "cp1252")


@pytest.mark.parametrize(
    "head", ['<meta charset="windows-1251">', '<meta http-equiv=x content="text/html; charset=windows-1251">']
)
def test_a_page_says_its_own_encoding(head: str) -> None:
    page = f"<html><head>{head}</head><body>Мэр</body></html>"
    assert decode(page.encode("cp1251"), markup=True) == (page, "cp1251")
    with pytest.raises(UnicodeDecodeError):
        decode(page.encode("cp1251"))  # too short for its bytes to tell, and in a text page that line is text


def test_the_webs_latin_1_is_windows_1252() -> None:
    assert decode("“Café”".encode("cp1252"), "ISO-8859-1") == ("“Café”", "cp1252")


@pytest.mark.parametrize(
    "data",
    [
        "“Café”, said the mayor. ".encode() * 20 + "Café".encode("latin-1"),  # UTF-8 with one byte wrong
        ("“Café” " * 60).encode()[:-3],  # cut within a character
        "Café".encode("latin-1"),  # too short to tell
        bytes(range(1, 256)) * 4,  # no text
    ],
)
def test_what_cannot_be_told_is_refused(data: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        decode(data)


@pytest.mark.parametrize(("language", "encoding"), BY_BYTES)
def test_the_runs_of_any_encoding_show_the_text_in_the_raw_bytes(language: str, encoding: str) -> None:
    paragraph = text_in(language, encoding).strip()
    raw = f"{paragraph}\r\n\r\n{paragraph}  {paragraph}\r\n".encode(encoding)
    found = extract(raw, encoding=encoding)
    assert found.runs
    for run in found.runs:
        source = raw[run.raw_start : run.raw_end]
        if encoding == "iso2022_jp":  # what shifts in and out of its states stands before and after
            source = b"\x1b$B" + source
        assert " ".join(source.decode(encoding).split()) == found.text[run.start : run.end].strip()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_lines_of_wide_characters_are_read_in_utf8(encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    file = io.BufferedReader(io.BytesIO(f"{mark}Мэр\u2028да\nнет".encode(encoding)))
    readline = line_reader(file)
    assert [readline(100), readline(100), readline(100)] == ["\ufeffМэр\u2028да\n".encode(), "нет".encode(), b""]


def test_charset_of() -> None:
    assert charset_of('text/html; Charset="KOI8-R"') == "KOI8-R"
    assert charset_of("text/html") is None
