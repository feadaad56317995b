"""Mojibake is repaired, text that only looks like it is left alone, and every change is traced."""

from __future__ import annotations

import ftfy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.extraction.api import extract
from goldwire.text import mojibake
from goldwire.text.mojibake import count_repairs, repair, repair_text
from goldwire.text.scan import scan

CORRECT = "“It’s late,” she said – ‘très tard’ in São Tomé… ¿Qué? €5, £6, Ærø, Žižek"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("times", [1, 2])
def test_wrongly_decoded_text_is_restored(encoding: str, times: int) -> None:
    text = "naïve café crème été"
    mojibake = text
    for _ in range(times):
        mojibake = mojibake.encode().decode(encoding)
    assert repair_text(mojibake) == text


@pytest.mark.parametrize(
    ("mojibake", "text"),
    [
        ("â€œYesâ€\x9d", "“Yes”"),
        ("itâ€™s", "it’s"),
        ("Â£5", "£5"),
        ("Ð¼Ñ\x8dÑ€", "мэр"),
        ("SuscrÃ\xadbete", "Suscríbete"),
    ],
)
def test_repaired_text(mojibake: str, text: str) -> None:
    assert repair_text(mojibake) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            CORRECT,
            "plain",
            "",
            "SÃO PAULO",
            "Â",
            "PAÍS",
            "“Ünlü” – “Ärger”",
            "«Это поздно», — сказал мэр",
            "’”…—",
            "ﬁn",
        ),
        *("L&AMP;", "&eacute;", "\u2028", "市議会は「遅い」", "l’“été”"),
    ],
)
def test_correct_text_is_unchanged(text: str) -> None:
    assert repair(scan(text)) is None


PARTS = st.lists(
    st.sampled_from(["â€œ", "â€™", "Ã©", "Â£", "plain words", " ", "\n", "“", "é", "мэр", "👩", "e\u0301"])
)


@settings(max_examples=300, deadline=None)
@given(PARTS)
def test_every_change_is_traced(parts: list[str]) -> None:
    text = "".join(parts)
    repaired = repair(scan(text))
    if repaired is None:
        return
    raw_size = size = 0
    for start, end, raw_start, raw_end, same in repaired.pieces:
        assert (start, raw_start) == (size, raw_size)
        assert same == (repaired.text[start:end] == text[raw_start:raw_end])
        size, raw_size = end, raw_end
    assert (size, raw_size) == (len(repaired.text), len(text))
    assert any(not piece[4] for piece in repaired.pieces)


def test_only_lines_with_mojibake_are_changed() -> None:
    lines = [
        "itâ€™s late, itâ€™s dark",
        "“fine”, мэр — №5",
        "plain",
        "cafÃ©",
        "l’été",
        "SÃO Â PAULO",
        "√© and a\x92b",
        "Â£5",
    ]
    assert (
        repair_text("\n".join(lines)) == "\n".join(map(repair_text, lines)) == "\n".join(map(ftfy.fix_encoding, lines))
    )


def test_runs_of_a_repaired_page_point_to_its_raw_bytes() -> None:
    body = "The mayor said that â€œit is lateâ€\x9d, and that the cafÃ©\u00a0 of Arvenholt would open late."
    raw = "\r\n\r\n".join(("Mayor of Arvenholt says it is late", body, body.replace("mayor", "baker"))).encode()
    found = extract(raw)
    assert "“it is late”, and that the café of" in found.body
    assert found.mojibake_repairs == 6
    for run in found.runs:
        source = raw[run.raw_start : run.raw_end].decode()
        assert " ".join(repair_text(source).split()) == found.text[run.start : run.end].strip()


def test_mojibake_is_kept_on_request() -> None:
    raw = (
        "Mayor of Arvenholt says it is late\n\nThe mayor said on Monday that â€œit is lateâ€\x9d, and went home to bed."
    )
    assert "â€œ" in extract(raw, mojibake="keep").body
    assert extract(raw, mojibake="keep").mojibake_repairs == 0


def test_html_is_repaired_too() -> None:
    words = (
        "<p>The mayor of Arvenholt said on Monday that â€œit is lateâ€\u009d and that the ferry will not run again.</p>"
    )
    found = extract(f"<html><body><article><h1>Mayor says â€˜noâ€™</h1>{words * 3}</article></body></html>", "html")
    assert "“it is late”" in found.body
    assert found.mojibake_repairs > 0


SENTENCES = (
    *("The mayor’s “late” vote — a café’s owner", "L’été à Genève coûte 5 €, « déjà » vu", "Größe über Öl – „ja“ ß"),
    *("Ação não é informação… às três", "Мэр сказал: «да» — это ёж №5", "Ελλάδα: «ναι» – όχι", "Łódź żółć ąę „tak”"),
    *("ñandú ¿qué? ¡olé!", "日本語のニュース", "العربية أخبار", "it’s\xa0fine… ½ £5 ©2020 ™", "Việt Nam 😀"),
)
WRONG_ENCODINGS = (
    *("latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "sloppy-windows-1250", "sloppy-windows-1253"),
    *("sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "macroman", "cp437"),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(SENTENCES), st.sampled_from((None, *WRONG_ENCODINGS))), min_size=1, max_size=4)
)
def test_no_line_that_ftfy_would_repair_is_missed(parts: list[tuple[str, str | None]]) -> None:
    lines = [text if name is None else text.encode().decode(name, "ignore") for text, name in parts]
    assert repair_text("\n".join(lines)) == "\n".join(map(ftfy.fix_encoding, lines))


@pytest.mark.parametrize("text", ["Она сказала: «Да» — и ушла, ещё раз…", "Ελλάδα: «ναι» – όχι…", "СМИ: «нет»"])
def test_letters_beside_quotes_are_not_flagged(text: str) -> None:
    assert not scan(text).may_have_mojibake


@pytest.mark.parametrize("text", ["Р”Р° вЂ� РґР°", "вЂ СЃР»РѕРІРѕ"])
def test_quotes_that_lost_a_byte_are_flagged_and_repaired(text: str) -> None:
    assert scan(text).may_have_mojibake
    assert repair_text(text) != text


def test_many_repairs_are_counted_like_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more than a hundred different repairs, those in an excerpt are counted without a search for each."""
    lines = [
        f"Absatz {number} sagte â€œJa {number}â€\x9d,Â {number} und ging Ã¼ber Br{number}Ã¼cke."
        for number in range(300)
    ]
    page = repair(scan("\n".join(lines)))
    assert page is not None
    excerpt = "\n".join(page.text.split("\n")[20:90])
    fast = count_repairs(excerpt, page)
    assert 4 * 70 <= fast < 4 * 150
    monkeypatch.setattr(mojibake, "_FEW_CONTEXTS", 10_000)
    assert count_repairs(excerpt, page) == fast
