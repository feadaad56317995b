"""`make bench` runs every benchmark and writes RESULTS.md."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from support.html_pages import FIRST, SECOND, html_page
from support.paths import REPOSITORY

BENCHMARKS = REPOSITORY / "tests" / "benchmarks"
sys.path.append(str(BENCHMARKS))
record_results = import_module("record_results")


def test_every_benchmark_is_run_or_says_why_not() -> None:
    scripts = {path.name for path in BENCHMARKS.glob("bench_*.py")}
    assert {benchmark.script for benchmark in record_results.BENCHMARKS} | record_results.SEPARATE.keys() == scripts


@pytest.mark.timeout(900)
def test_a_quick_run_writes_the_results(tmp_path: Path) -> None:
    out = tmp_path / "RESULTS.md"
    only = [part for name in ("ingest", "dedup", "agreement") for part in ("--only", name)]
    command = [sys.executable, BENCHMARKS / "record_results.py", "--quick", *only, "--out", out]
    subprocess.run(command, check=True, timeout=800)
    text = out.read_text(encoding="utf-8")
    assert "A quick run" in text
    assert "`python tests/benchmarks/bench_ingest.py 1 --rounds 1` took" in text
    assert "articles/s" in text
    assert f"- Python {sys.version.split()[0]}" in text


def test_a_slower_row_has_its_reason_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    timing = import_module("timing")
    timing.print_reasons(2.0, {"new": 1.5, "polars": 1.9}, {"pandas": "it does less.", "polars": "so does it."})
    assert capsys.readouterr().out == "- Behind new (1.3x its time): not explained yet.\n"
    timing.print_reasons(2.0, {"pandas": 1.0, "polars": 1.9}, {"pandas": "it does less.", "polars": "so does it."})
    printed = capsys.readouterr().out
    assert printed == "- Behind pandas (2.0x its time): it does less.\n"
    timing.print_reasons(2.0, {"pandas": 1.0, "polars": 0.5}, dict.fromkeys(("pandas", "polars"), "it does less."))
    assert capsys.readouterr().out == "- Behind pandas (2.0x its time), polars (4.0x): it does less.\n"
    table = "| tool | time |\n| --- | --- |\n| goldwire | 2 s |\n"
    for output in (table + printed, "goldwire 2 s\n" + printed):
        outcome = record_results.Outcome(record_results.BENCHMARKS[1], ("python",), 1.0, output, 0)
        page = record_results.page([outcome], quick=False)
        assert page.endswith(f"\n\n{printed}")
        assert page.count("Behind") == 1


def test_no_slower_row_of_the_results_is_without_a_reason() -> None:
    assert import_module("timing").UNEXPLAINED not in (BENCHMARKS / "RESULTS.md").read_text(encoding="utf-8")


def test_a_benchmark_that_fails_is_recorded(tmp_path: Path) -> None:
    outcome = record_results.run(record_results.BENCHMARKS[0], ["no-such-file.jsonl"])
    assert outcome.exit_code != 0
    assert f"failed with exit code {outcome.exit_code}" in record_results.page([outcome], quick=False)
    assert "no-such-file.jsonl" in outcome.output


def test_a_tool_with_an_environment_of_its_own_answers_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    peers = import_module("peers")
    with peers.PeerProcess("echo", Path(sys.executable)) as echo:
        assert [echo("page \u2028\n"), echo([1, None])] == ["page \u2028\n", [1, None]]
        assert echo.clock() >= 0
    with (
        peers.PeerProcess("no such tool", Path(sys.executable)) as missing,
        pytest.raises(peers.UnavailableError, match="exit code 1"),
    ):
        missing("page")
    monkeypatch.setitem(peers.PEERS, "future", peers.Peer(("future==1",), "3.99"))
    monkeypatch.delenv(peers.SWITCH, raising=False)
    with pytest.raises(peers.UnavailableError, match=r"needs Python 3\.99"):
        peers.interpreter("future")
    monkeypatch.setenv(peers.SWITCH, "off")
    with pytest.raises(peers.UnavailableError, match="quick run"):
        peers.interpreter("irrCAC")


@pytest.mark.parametrize("address", ["https://post.example/harbour", ""])
def test_a_variant_of_a_page_is_of_the_same_site(address: str) -> None:
    # Else it is in training in the fold in which the page itself is scored.
    pages = import_module("training_pages")
    head = f'<meta property="og:url" content="{address}">' if address else ""
    row = {"id": "p1", "html": html_page(f"<p>{FIRST}</p><p>{SECOND}</p>", head), "gold_text": FIRST}
    sites = {pages.Page(row, "older", seed).site for seed in (None, *range(8))}
    assert sites == {"post.example" if address else "older-p1"}
