"""The encoding of a page: by byte order mark, declaration or detection; and pages without a known encoding."""

from __future__ import annotations

import pytest

from goldwire.extraction.api import extract
from goldwire.text.encodings import charset_of, decode
from support.language_samples import LANGUAGE_SAMPLES

DETECTED = [
    *(("en", "cp1252"), ("fr", "cp1252"), ("pl", "cp1250"), ("pl", "iso8859-2"), ("el", "cp1253"), ("tr", "cp1254")),
    *(("ru", "cp1251"), ("ru", "koi8-r"), ("ru", "cp866"), ("ru", "iso8859-5")),
    *(("ja", "cp932"), ("ja", "euc_jp"), ("ja", "iso2022_jp"), ("zh", "gb18030"), ("ko", "cp949")),
    *(("ru", "utf-16-le"), ("en", "utf-16-le"), ("en", "utf-16-be")),
]


def text_in(language: str, encoding: str) -> str:
    return (LANGUAGE_SAMPLES[language] * 4).encode(encoding, "ignore").decode(encoding)


@pytest.mark.parametrize(("language", "encoding"), DETECTED)
def test_encodings_are_detected_from_the_bytes(language: str, encoding: str) -> None:
    text = text_in(language, encoding)
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_recognised(encoding: str) -> None:
    text, name = decode("Ça va".encode(encoding))
    assert (text, name.partition("-le")[0]) == ("\ufeffÇa va", encoding.removesuffix("-sig"))


@pytest.mark.parametrize("label", ["windows-1251", " CP1251", "koi8-r"])
def test_a_declared_charset_is_used_unless_the_page_is_utf8(label: str) -> None:
    assert decode("Мэр сказал".encode(label.strip()), label)[0] == "Мэр сказал"
    assert decode("Мэр сказал".encode(), label) == ("Мэр сказал", "utf-8")


@pytest.mark.parametrize("label", ["no-such-thing", "utf-7", "base64", "unicode_escape", "idna", "rot13", "\0"])
def test_a_declaration_that_is_not_a_charset_is_ignored(label: str) -> None:
    text = text_in("fr", "cp1252")
    assert decode(text.encode("cp1252"), label) == (text, "cp1252")


@pytest.mark.parametrize(
    "head", ['<meta charset="windows-1251">', '<meta http-equiv=x content="text/html; charset=windows-1251">']
)
def test_the_declaration_in_a_page_is_read(head: str) -> None:
    page = f"<html><head>{head}</head><body>Мэр</body></html>"
    assert decode(page.encode("cp1251"), markup=True) == (page, "cp1251")
    with pytest.raises(UnicodeDecodeError):
        decode(page.encode("cp1251"))  # too short to detect, and in a plain text page the declaration is text


def test_latin_1_means_windows_1252_on_the_web() -> None:
    assert decode("“Café”".encode("cp1252"), "ISO-8859-1") == ("“Café”", "cp1252")


@pytest.mark.parametrize(
    "data",
    [
        "“Café”, said the mayor. ".encode() * 20 + "Café".encode("latin-1"),  # UTF-8 with one byte wrong
        ("“Café” " * 60).encode()[:-3],  # truncated within a character
        "Café".encode("latin-1"),  # too short to detect
        bytes(range(1, 256)) * 4,  # not text
    ],
)
def test_an_unknown_encoding_raises_an_error(data: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        decode(data)


@pytest.mark.parametrize(("language", "encoding"), DETECTED)
def test_runs_point_to_raw_bytes_in_any_encoding(language: str, encoding: str) -> None:
    paragraph = text_in(language, encoding).strip()
    raw = f"{paragraph}\r\n\r\n{paragraph}  {paragraph}\r\n".encode(encoding)
    found = extract(raw, encoding=encoding)
    assert found.runs
    for run in found.runs:
        source = raw[run.raw_start : run.raw_end]
        if encoding == "iso2022_jp":  # the escape sequences that shift its state are outside the run
            source = b"\x1b$B" + source
        assert " ".join(source.decode(encoding).split()) == found.text[run.start : run.end].strip()


def test_charset_of_a_content_type() -> None:
    assert charset_of('text/html; Charset="KOI8-R"') == "KOI8-R"
    assert charset_of("text/html") is None
