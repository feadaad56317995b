"""The C core gives what array operations give, and where it is not there goldwire gives the same."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_pages import OTHERS, PROSE

from goldwire import native
from goldwire.dedup import jaccard, sketches
from goldwire.dedup.near_duplicates import near_duplicates
from goldwire.extraction.api import extract
from goldwire.extraction.network import Network, network
from goldwire.extraction.plaintext import boilerplate, context_features, line_features, secondcopies
from goldwire.extraction.plaintext.line_selection import LIMITS, kept, kept_by_arrays
from goldwire.extraction.plaintext.line_table import Sight, by_arrays, sight
from goldwire.extraction.site_boilerplate import keys_by_arrays, line_keys
from goldwire.native import texts
from goldwire.native.pages import see as seen_by_c
from goldwire.text import ngrams, provenance, scan
from goldwire.text.batches import Strings
from support import unicode_samples

LINES = st.one_of(
    st.sampled_from((*PROSE, *OTHERS, *PROSE)),
    st.text(max_size=40),
    st.text("aA1.,:-©×“”’…é日本ー ЖжЭ()[]|/'\"", max_size=30),
    st.text("ab ", min_size=200, max_size=400),
)
PAGES = st.lists(st.lists(LINES, max_size=30).map("\n".join), min_size=1, max_size=5)


def test_the_c_core_is_built_where_goldwire_is_developed() -> None:
    assert native.library() is not None, "make setup builds it: see hatch_build.py"


def assert_same(pages: list[bytes]) -> None:
    found = seen_by_c(pages, network(), LIMITS)
    assert found is not None
    seen, wanted = Sight(*found), by_arrays(pages, network())
    for name in ("bounds", "numbers", "starts", "words", "may", "said"):
        assert getattr(seen, name).tolist() == getattr(wanted, name).tolist(), name
    assert seen.kept.tolist() == kept_by_arrays(seen.likely, seen.words, seen.bounds).tolist()
    # Every feature is the same to the last bit; products are summed up in the processor's way.
    assert seen.likely == pytest.approx(wanted.likely, abs=1e-5)


@settings(max_examples=300, deadline=None)
@given(PAGES)
@example(["", PROSE[0], "", "Home", ""])
@example(["\n\n"])
@example(["x" * 70_000, " ".join(["word"] * 70_000)])
@example(["a-b\n2-\n----", "é", "\n-\n"])
@example(["\n".join(("“open it for one hour”", *PROSE, "a b c", "a b c d", "b c a", "a b", "a b c d"))])
def test_the_c_core_sees_what_arrays_see(pages: list[str]) -> None:
    assert_same([page.encode("utf-8", "replace") for page in pages])


@pytest.mark.parametrize("seed", range(20))
def test_the_c_core_sees_tricky_texts_as_arrays_do(seed: int) -> None:
    assert_same([unicode_samples.article(random.Random(seed), number).text.encode() for number in range(3)])


def test_starts_and_numbers_are_those_of_the_lines() -> None:
    text = "“Ö”\n\n😀 x\n\n\nПорт"
    seen = sight([b"abc\n\ndef", text.encode()], network())
    own = slice(*seen.bounds[1:].tolist())
    assert seen.numbers[own].tolist() == [1, 3, 6]
    assert seen.starts[own].tolist() == [text.index(line) for line in text.split("\n") if line]
    assert seen.words[own].tolist() == [1, 2, 1]


PAGE = "\n".join(("Home", "News", OTHERS[0], "By Mara Oskel", *PROSE, "3 comments", "Share"))


def test_goldwire_gives_the_same_without_the_c_core(monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = extract(PAGE)
    monkeypatch.setattr(native, "library", lambda: None)
    assert seen_by_c([PAGE.encode()], network(), LIMITS) is None
    without = extract(PAGE)
    assert without == with_it
    assert len(without.body.split("\n\n")) == len(PROSE)


@pytest.mark.parametrize("content", [None, b"", b"no library"], ids=["none", "empty", "broken"])
def test_a_library_that_cannot_be_loaded_is_none(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "library.so").write_bytes(content)
    monkeypatch.setattr(native, "LIBRARY", tmp_path / "library.so")
    assert native.library.__wrapped__() is None


def test_a_library_of_other_sources_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its tables may lie elsewhere: sources were pulled, say, and nothing was compiled since.
    for path in native.LIBRARY.parent.glob("*.[chs]*"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(native, "LIBRARY", tmp_path / "library.so")
    assert native.library.__wrapped__() is not None
    with (tmp_path / "page.h").open("a") as header:
        header.write("\n")
    assert native.library.__wrapped__() is None


def test_networks_of_another_shape_are_run_by_arrays() -> None:
    known = network()
    units = len(known.hidden_bias) - 1
    odd = Network(
        *(known.middle, known.scale, known.hidden[:, :units], known.hidden_bias[:units]),
        out=np.ones((1, units), np.float32),
        out_bias=np.zeros(1, np.float32),
    )
    assert seen_by_c([PAGE.encode()], odd, LIMITS) is None
    assert len(sight([PAGE.encode()], odd).likely) == PAGE.count("\n") + 1


def test_page_h_has_the_columns_of_the_arrays() -> None:
    header = (Path(native.__file__).parent / "page.h").read_text()
    names = [name.strip() for name in header.partition("enum {")[2].partition("}")[0].split(",")]
    assert [name.lower() for name in names[:-1]] == list(line_features.BASE[: len(names) - 1])
    assert f"COLUMNS = {context_features.WIDTH} " in header
    assert f"CLASS_COUNT = {len(line_features.BASE) - len(names) + 1}," in header


def test_rows_of_residue_are_numbers_that_c_has() -> None:
    assert all(0 < row < 1 << 63 for row in (*boilerplate.FIRST.values(), *boilerplate.KEYS.values()))


WORDS = st.one_of(st.sampled_from(("the", "harbour", "of", "Lanthe", "BREAKWATER’S")), st.text(max_size=12))
TEXTS = st.lists(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=40).map(" ".join)), min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from((1, 32, 10_000)))
@example(["", "a", "...", "A b c d", "a b c d e", "“x”", "\ud800 x", "é" * 9, "日本語 abc日本"], 32)
@example(["ΆΣ ΟΔΟΣ İSTANBUL ẞ ＦＵＬＬ Ⓐ ꙀꙂ ǅ Ⴀ Ꭰ Ɐ ÀÖØÞ"], 32)
def test_the_c_core_keeps_the_grams_that_arrays_keep(written: list[str], fewest: int) -> None:
    data, offsets = Strings(written).span(0, len(written))
    found, wanted = sketches.sketch(data, offsets, fewest), sketches.by_arrays(data, offsets, fewest)
    for name in ("digests", "sizes", "counts", "kept"):
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist(), name
    hashes, bounds = ngrams.words(ngrams.folded(data), offsets)
    grams = texts.grams(data, offsets)
    assert grams is not None
    assert grams[1].tolist() == bounds.tolist()
    assert grams[0].tolist() == ngrams.grams(hashes, bounds).tolist()


def test_near_duplicates_are_the_same_without_the_c_core(monkeypatch: pytest.MonkeyPatch) -> None:
    story = " ".join(PROSE) * 4
    stories = [story, story.upper(), story[: len(story) // 2], "Another story altogether. " * 9, *PROSE]
    with_it = near_duplicates(stories)
    monkeypatch.setattr(native, "library", lambda: None)
    assert texts.grams(*Strings(stories).span(0, 1)) is None
    assert near_duplicates(stories) == with_it == [0, 0, 0, 1, 2, 3, 4]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(LINES, st.text("0123 ,.é“\u00a0\r", max_size=20)), max_size=20).map("\n".join))
@example("a\rb 12,345 x\r\n1 2\n\n日本語１２\n" + "x" * 300 + "\n" + "x" * 301 + "\n" + "0" * 400)
def test_the_c_core_knows_lines_again_by_the_keys_of_arrays(text: str) -> None:
    assert line_keys(text).tolist() == keys_by_arrays(text.encode("utf-8", "replace")).tolist()


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@example(["the same five words here", "and the same five words here again", "", "the same five words here"])
def test_the_c_core_counts_what_stands_above_as_arrays_do(written: list[str]) -> None:
    grams, bounds = jaccard.grams_of(*Strings(written).span(0, len(written)))
    with pytest.MonkeyPatch.context() as patch:
        found = secondcopies.said_above(grams, bounds).tolist()
        patch.setattr(native, "library", lambda: None)
        assert secondcopies.said_above(grams, bounds).tolist() == found


SHARES = st.one_of(st.floats(0, 1, width=32), st.sampled_from((0.05, 0.2, 0.31, 0.9, 0.99)))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.tuples(SHARES, st.integers(0, 60)), max_size=30), min_size=1, max_size=4))
@example([[(0.9, 30), (0.2, 3), (0.9, 9)], [], [(0.2, 60), (0.15, 60)], [(0.9, 99), *[(0.0, 1)] * 4, (0.9, 1)]])
def test_the_c_core_keeps_the_lines_that_arrays_keep(written: list[list[tuple[float, int]]]) -> None:
    likely = np.array([share for page in written for share, _ in page], np.float32)
    words = np.array([number for page in written for _, number in page], np.int64)
    bounds = np.cumsum([0, *map(len, written)])
    assert kept(likely, words, bounds).tolist() == kept_by_arrays(likely, words, bounds).tolist()


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=30), st.text("aé ÂÃâ€œ“”рСРвЂ»ΞΟ’\u0301\u200b\x80\n\t😀🂡\ufeff", max_size=12)))
@example("")
@example("a  b")
@example("Â “x”")
def test_the_c_core_finds_what_patterns_find_odd(text: str) -> None:
    known = scan.coded(text)
    assert known.odd == scan.by_patterns(text, text.encode("utf-8", "surrogatepass"))
    assert list(map(tuple, scan.suspect_lines(text, known))) == list(scan.lines_by_patterns(text))


@settings(max_examples=300, deadline=None)
@given(st.text("aé“日😀\n", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1))
def test_the_c_core_finds_the_bytes_of_characters_as_arrays_do(text: str, written: list[tuple[int, int]]) -> None:
    rows = [[min(place, len(text)) for place in row] for row in zip(*written, strict=True)]
    wanted = [[len(text[:place].encode()) for place in row] for row in rows]
    assert texts.bytes_at(text.encode(), rows) == provenance.bytes_by_arrays(text.encode(), rows) == wanted
