"""Ingest of page dumps: megabytes and articles per second, growth and memory, beside the minimal work of any tool.

    python tests/benchmarks/bench_ingest.py [MEGABYTES] [--rounds N] [--clean] [--files] [--pages PAGES.jsonl[.gz]]

Makes JSON Lines of invented prose in the residue of four invented sites (menus, teasers, a newsletter box, comments),
ingests a tenth of it and then all, each in a workspace of its own. The floor reads the same rows with msgspec, digests
them and writes them back: no cleaning, no zones. With --clean the rows are articles and nothing else ({text, url,
title}); with --files each page is a .txt of its own; with --pages, your own rows ({raw_text}) are ingested instead,
over and over. Prints the time of the whole command as a user waits for it, on as many cores as there are. The table
has each kind of raw files on one core, of half the megabytes (HTML: of an eighth): two workspaces are ingested, and
what the larger takes beyond the smaller is the processor time of articles alone, without start-up. The command is
bound to the core, so that it has one process, and BLAS one thread. Single runs differ by a tenth: all kinds are
ingested in turns, three times, and the table has the median with the lowest and the highest rate.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from html import escape
from itertools import cycle
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

import msgspec
from timing import print_header, print_reasons, print_row

ROOT = Path(__file__).parents[2]
LONG = 90  # characters: a line of prose
SITES = ("wire", "post", "herald", "echo")
SYLLABLES = ("ba", "ker", "lan", "mor", "ti", "son", "vi", "dal", "ro", "es", "qu", "an", "fe", "lin", "ha", "rad")
COMMON = (
    *("the", "of", "to", "and", "in", "a", "that", "was", "for", "on", "with", "as", "it", "at", "by", "from"),
    *("said", "which", "had", "are"),
)
SECTIONS = (
    *("Home", "World", "Business", "Sport", "Culture", "Opinion", "Weather", "Travel", "Science", "Health"),
    *("Video", "Podcasts", "Jobs", "Archive"),
)
BOXES = (
    "Sign up for our newsletter and get the day's news in your inbox.",
    "By continuing to use this site you agree to our use of cookies.",
    "All rights reserved. Nothing on this page may be copied or passed on without our leave.",
    "Share on Facebook",
    "Most read",
    "Advertisement",
    "Leave a reply",
    "Terms of use",
    "Privacy policy",
)
REASONS = {
    "the floor": (
        "it leaves menus and boxes where they are. Most of an ingest are the features of each line of a page and "
        "the two networks that read them, the rest is learning the lines that a site repeats, languages and provenance."
    )
}
"""Why goldwire takes longer, where it does."""

COMMAND = (sys.executable, "-m", "goldwire", "ingest", "--json")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Writer:
    """Writes pages of invented words, a page's residue by its site."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = ["".join(self.random.choices(SYLLABLES, k=self.random.randint(1, 4))) for _ in range(20000)]
        self.sentences = [self.sentence() for _ in range(5000)]
        self.menus = {site: [self.title(self.random.randint(1, 3)) for _ in range(70)] for site in SITES}

    def sentence(self) -> str:
        size = self.random.randint(8, 30)
        found = [self.random.choice(COMMON if self.random.random() < 0.45 else self.words) for _ in range(size)]
        line = " ".join(found).capitalize()
        return f"“{line},” the mayor’s office said." if self.random.random() < 0.15 else f"{line}."

    def title(self, size: int) -> str:
        return " ".join(self.random.choices(self.words, k=size)).capitalize()

    def page(self, site: str) -> str:
        """Make a page of about 7 kB and 130 lines: half of it, and a tenth of its lines, the article."""
        headline, menu, chance = self.title(8), self.menus[site], self.random
        lines = [f"{headline} | The {site.title()}", *SECTIONS, *menu[:40], headline, "By Ada Merrin", "3 March 2021"]
        for number in range(chance.randint(8, 16)):
            lines.append(" ".join(chance.choices(self.sentences, k=chance.randint(1, 3))))
            lines += ["Advertisement"] if number == 3 else []
        lines += [*BOXES, *(self.title(chance.randint(5, 11)) for _ in range(15)), *menu[40:]]
        lines += [f"{self.title(2)}\n{chance.choice(self.sentences)}\nReply" for _ in range(chance.randint(0, 5))]
        return "\n".join(lines)

    def html(self, site: str) -> str:
        """Make the HTML of a page: its menu, its paragraphs and its boxes as elements of their own."""
        head, *lines = map(escape, self.page(site).split("\n"))
        prose = [number for number, line in enumerate(lines) if len(line) > LONG]
        first, last = prose[0] - 3, prose[-1] + 1  # from the headline
        headline, *body = lines[first:last]
        items, boxes = (
            "".join(f"<li><a href='/{n}'>{line}</a></li>" for n, line in enumerate(part))
            for part in (lines[:first], lines[last:])
        )
        paragraphs = "".join(f"<p>{line}</p>" for line in body)
        article = f"<article><h1>{headline}</h1>{paragraphs}</article>"
        return f"<html><head><title>{head}</title></head><body><nav><ul>{items}</ul></nav>{article}<ul>{boxes}</ul>"

    def article(self) -> str:
        """Make ten paragraphs of about 600 characters."""
        return "\n\n".join(" ".join(self.random.choices(self.sentences, k=6)) for _ in range(10))


Page = tuple[str, str, str | None]
"""A site, a page of it, and the headline told beside it."""


class Kind(NamedTuple):
    """A kind of raw files.

    `content` is what a page is, `files` whether each is a file of its own, `clean` the source's setting, and `share`
    the part of the megabytes that is ingested.
    """

    content: Literal["page", "article", "html"] = "page"
    files: bool = False
    clean: str | None = None
    share: float = 1.0


KINDS = {
    "pages, JSON Lines": Kind(),
    "pages, a `.txt` each": Kind(files=True),
    "clean texts": Kind("article"),
    'clean texts, `clean = "light"`': Kind("article", clean="light"),
    'clean texts, `clean = "none"`': Kind("article", clean="none"),
    "HTML of the pages": Kind("html", share=0.25),  # takes eight times as long
}


def invented(size: int, content: str) -> Iterator[Page]:
    """Yield pages, clean articles or HTML of `size` bytes in total."""
    writer, made = Writer(1), 0
    for site in cycle(SITES):
        page = {"page": writer.page, "html": writer.html, "article": lambda _: writer.article()}[content](site)
        made += len(page.encode())
        yield site, page, writer.title(8) if content == "article" else None
        if made >= size:
            return


def given(path: Path, size: int) -> Iterator[Page]:
    """Yield the pages of a file again and again, made distinct by a last line."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    pages, made = [json.loads(line)["raw_text"] for line in data.splitlines()], 0
    for number, page in enumerate(cycle(pages)):
        made += len(page.encode())
        yield SITES[number % len(SITES)], f"{page}\n{number}", None
        if made >= size:
            return


def workspace(root: Path, pages: Iterator[Page], kind: Kind) -> tuple[int, int]:
    """Create a workspace of these pages; return the bytes of their text and their number."""
    root.mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.goldwire]\nname = "bench"\n')
    (root / "corpus" / "raw").mkdir(parents=True)
    table = 'name = "{0}"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\nlanguages = ["und"]\n'
    table += f'clean = "{kind.clean}"\n' if kind.clean else ""
    (root / "corpus" / "sources.toml").write_text("".join(f"[{site}]\n{table.format(site)}" for site in SITES))
    size = number = 0
    with contextlib.ExitStack() as opened:
        rows = {}
        for site in SITES:
            (root / "corpus" / "raw" / site).mkdir()
            path = root / "corpus" / "raw" / site / "pages.jsonl"
            rows[site] = opened.enter_context(path.open("w", encoding="utf-8")) if not kind.files else None
        for site, page, title in pages:
            size, number = size + len(page.encode()), number + 1
            path = root / "corpus" / "raw" / site / f"{number}.txt"
            _put(rows[site], path, {"html" if kind.content == "html" else "text": page, "title": title})
    return size, number


def _put(rows: TextIO | None, path: Path, row: dict[str, str | None]) -> None:
    if rows is None:
        path.write_text("\n\n".join(filter(None, (row["title"], row["text"]))), encoding="utf-8")
    else:
        row = {**row, "url": f"https://{path.parent.name}.example/{path.stem}"}
        rows.write(json.dumps(row, ensure_ascii=False) + "\n")


class Took(NamedTuple):
    """What ingest took: seconds by the clock and of all cores, articles made, the most memory of a process in MB."""

    wall: float
    cpu: float
    articles: int
    memory: int


def spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ingested(root: Path, *, cores: set[int] | None = None) -> Took:
    """Ingest in a separate process, on some of the cores or all, as if nothing had been ingested before."""
    for folder in ("articles", "rejected"):
        for path in (root / "corpus" / folder).glob("*"):
            path.unlink()
    started, before = time.perf_counter(), spent()
    everywhere = os.sched_getaffinity(0)  # Linux
    os.sched_setaffinity(0, cores or everywhere)  # inherited
    try:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
        done = subprocess.run(COMMAND, cwd=root, env=environment, capture_output=True, text=True, check=True)
    finally:
        os.sched_setaffinity(0, everywhere)
    wall, memory = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    articles = sum(source["articles"] for source in json.loads(done.stdout)["sources"])
    return Took(wall, spent() - before, articles, memory)


def floor(root: Path) -> float:
    """Read, digest and write the same rows, in one process."""
    started = time.perf_counter()
    for path in sorted((root / "corpus" / "raw").glob("*/*.*")):
        with path.open("rb") as file, (root / "floor.jsonl").open("ab") as out:
            for line in file if path.suffix == ".jsonl" else (msgspec.json.encode({"text": file.read().decode()}),):
                row = msgspec.json.decode(line)
                row["sha256"] = hashlib.sha256(row["text"].encode()).hexdigest()
                out.write(msgspec.json.encode(row) + b"\n")
    return time.perf_counter() - started


def per_core(small: Path, large: Path) -> float:
    """Return the articles per second of a core beyond start-up, from two workspaces."""
    core = {min(os.sched_getaffinity(0))}
    few, many = ingested(small, cores=core), ingested(large, cores=core)
    return (many.articles - few.articles) / (many.cpu - few.cpu)


def print_kinds(size: int, folder: Path, rounds: int) -> None:
    """Print a row for each kind of raw files."""
    page_bytes: dict[str, int] = {}
    rates: dict[str, list[float]] = {}
    for number, (name, kind) in enumerate(KINDS.items()):
        for part, share in (("small", 0.2), ("large", 1.0)):
            content = invented(int(size * kind.share * share), kind.content)
            made, pages = workspace(folder / f"{number}-{part}", content, kind)
        page_bytes[name], rates[name] = made // pages, []
    for _ in range(rounds):
        for number, name in enumerate(KINDS):
            rates[name].append(per_core(folder / f"{number}-small", folder / f"{number}-large"))
    print_header("raw files", "bytes of a page", "articles/s of a core", f"range of {rounds} runs")
    for name, found in rates.items():
        median, low, high = statistics.median(found), min(found), max(found)
        print_row((name, f"{page_bytes[name]:,}", f"{median:,.0f}", f"{low:,.0f} to {high:,.0f}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("megabytes", type=int, nargs="?", default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--files", action="store_true")
    parser.add_argument("--pages", type=Path)
    options = parser.parse_args()
    os.environ["GOLDWIRE_QUIET"] = "1"
    kind = Kind("article" if options.clean else "page", options.files)
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for part in (10, 1):
            size = options.megabytes * 1_000_000 // part
            root = Path(folder) / str(part)
            rows = invented(size, kind.content) if options.pages is None else given(options.pages, size)
            made, pages = workspace(root, rows, kind)
            took = ingested(root)
            runs.append((took, made))
            say(f"goldwire ingest of {pages} pages, {made / 1e6:.0f} MB: {took.wall:.1f} s, {took.memory} MB a process")
            say(f"  by the clock: {made / took.wall / 1e6:.1f} MB/s, {took.articles / took.wall:.0f} articles/s")
            say(f"  a core: {made / took.cpu / 1e6:.1f} MB/s, {took.articles / took.cpu:.0f} articles/s")
        least = floor(root)
        times = took.cpu / least
        say(f"floor (read, digest, write): {made / least / 1e6:.0f} MB/s a core; ingest takes {times:.0f} times that")
        (small, few), (large, many) = runs
        more, longer, work = many / few, large.wall / small.wall, large.cpu / small.cpu
        say(
            f"{more:.1f} times the bytes take {longer:.1f} times as long, {work:.1f} times the work; "
            f"{os.cpu_count()} cores\n"
        )
        print_kinds(options.megabytes * 500_000, Path(folder) / "kinds", options.rounds)
    print_reasons(took.cpu, {"the floor": least}, REASONS)


if __name__ == "__main__":
    main()
