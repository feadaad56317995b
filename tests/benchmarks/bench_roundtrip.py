"""The round trip through a real Doccano server: goldwire, a loop over doccano-client's calls, the server alone.

    python tests/benchmarks/bench_roundtrip.py [ARTICLES] [--annotators N] [--loop N]

Pushes and pulls articles of 3 kB of invented words, 10 spans and 2 relations each, for some annotators on the
workspace's own server (SQLite), and then once more without a change. "The server alone" is the same imports and exports
one after another with nothing before or after; the loop, which would take hours, is timed over its first articles and
scaled. Every push and pull is a separate process. Prints seconds, ratios, processor time of goldwire and the server
together, which depends less on other load, requests, and goldwire's peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from timing import print_reasons

from goldwire.doccano import conversion, label_type_plan, project
from goldwire.doccano.client import package, session
from goldwire.doccano.client.download import download
from goldwire.doccano.client.upload import CHUNK, upload
from goldwire.doccano.server import environment
from goldwire.doccano.server import lifecycle as server
from goldwire.records import Article
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import pull, push, sample
from goldwire.workspace import label_schema, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support import factories

WORDS = ("river", "rail", "union", "council", "harbour", "vote", "minister", "budget", "strike", "school", "region")


class Bench(NamedTuple):
    space: Workspace
    signed_in: session.Session
    people: tuple[str, ...]
    server: int  # its process


class Spent(NamedTuple):
    """Cost of one command: seconds, peak memory (GB), processor time of both sides in seconds, requests."""

    seconds: float
    peak: float
    work: float
    requests: int


def write_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def articles(number: int) -> list[Article]:
    rng = random.Random(13)
    texts = (f"Headline {i}\n\n" + " ".join(rng.choices(WORDS, k=430)) for i in range(number))
    return [factories.article(text, id=f"wire-{i:012d}") for i, text in enumerate(texts)]


def labelled(bench: Bench, batch: str) -> dict[str, list[bytes]]:
    """Return import lines of a batch with labels as people would leave them, by annotator."""
    rng, corpus, found = random.Random(7), loading.articles(bench.space), {}
    for name in bench.people:
        rows = []
        for task in loading.tasks(bench.space, batch):
            row = json.loads(conversion.import_line(task, corpus[task.article_id]))
            starts = sorted(rng.sample(range(0, 2500, 10), 10))
            row["entities"] = [
                {"id": i, "start_offset": at, "end_offset": at + rng.randint(3, 9), "label": rng.choice(("PER", "ORG"))}
                for i, at in enumerate(starts)
            ]
            row["relations"] = [{"from_id": i, "to_id": i + 1, "type": "supports"} for i in (0, 5)]
            rows.append(json.dumps(row).encode() + b"\n")
        found[name] = rows
    return found


def run_once(verb: str, root: str) -> None:
    """Run one push or pull for `command` and print its cost.

    The seconds do not include the start and the imports of Python, which take 0.6 s of every command.
    """
    import requests

    package.import_client()  # before the clock starts
    send, urls = requests.Session.send, []

    def counted(self: Any, request: Any, **options: Any) -> Any:
        urls.append(request.url)
        return send(self, request, **options)

    requests.Session.send = counted  # type: ignore[method-assign]
    work = time.process_time()
    seconds = timed(lambda: {"push": push, "pull": pull}[verb].run(find_workspace(Path(root)), batch="b01"))
    work = time.process_time() - work
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    write_line(f"{seconds} {int(peak[1]) / 1e6 if peak else float('nan')} {work} {len(urls)}")


def command(bench: Bench, verb: str) -> Spent:
    before = processor_time(bench.server)
    output = subprocess.run(
        [sys.executable, __file__, f"--{verb}", str(bench.space.root)], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    seconds, peak, work, n_requests = output.split()
    return Spent(float(seconds), float(peak), float(work) + processor_time(bench.server) - before, int(n_requests))


def processor_time(process: int) -> float:
    """Return the processor time of a process and its children in seconds."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    stats = [
        Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        for each in (process, *children)
    ]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def make_project(bench: Bench, batch: str, name: str) -> int:
    labels = label_schema.read_schema(bench.space.schema)
    spans, relations = label_type_plan.label_types(labels)
    plan = project.ProjectPlan(
        workspace=bench.space.settings.name,
        batch=batch,
        annotator=name,
        guideline=bench.space.guidelines.read_text(),
        spans=spans,
        relations=relations,
    )
    return project.ensure_project(bench.signed_in, plan).project.id


def timed(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def send_all(bench: Bench, where: dict[str, int], rows: dict[str, list[bytes]]) -> None:
    for name, number in where.items():
        for start in range(0, len(rows[name]), CHUNK):
            upload(bench.signed_in, number, rows[name][start : start + CHUNK])


def by_client(bench: Bench, where: int, texts: list[str]) -> tuple[float, float]:
    """Return the seconds per article for creating examples one by one, and for listing them with their labels."""
    client, listed = bench.signed_in.client, []
    create = timed(lambda: [client.create_example(where, text) for text in texts])

    def read() -> None:
        for example in client.list_examples(where):
            listed.append(example)
            client.list_spans(where, example.id)
            client.list_relations(where, example.id)

    seconds = timed(read)
    return create / max(len(texts), 1), seconds / len(listed)


def measure_push(bench: Bench, number: int, loop: int) -> None:
    sample.run(bench.space, batch="b01", annotators=bench.people, options=SamplingOptions(overlap=len(bench.people)))
    ours, again = command(bench, "push"), command(bench, "push")
    corpus, tasks = loading.articles(bench.space), loading.tasks(bench.space, "b01")
    bare = [conversion.import_line(task, corpus[task.article_id]) for task in tasks]
    where: dict[str, int] = {}
    making = timed(lambda: where.update({name: make_project(bench, "raw", name) for name in bench.people}))
    raw = timed(lambda: send_all(bench, where, dict.fromkeys(bench.people, bare)))
    texts = [article.text for article in corpus.values()][:loop]
    creating, _ = by_client(bench, make_project(bench, "loop", "L1"), texts)
    report("push", ours, again, raw, creating * number * len(bench.people))
    cause = (
        f"it also makes the projects with their labels and members, which alone takes {making:.1f} s, and reads back "
        "that every article has arrived."
    )
    print_reasons(ours.seconds, {"the server alone": raw}, {"the server alone": cause})


def measure_pull(bench: Bench, number: int, loop: int) -> None:
    for name in bench.people:  # replace the empty rows by rows with labels
        old = project.find_projects(bench.signed_in, project.project_marker(bench.space.settings.name, "b01", name))[
            0
        ].id
        bench.signed_in.client.delete_project(old)
    filled = {name: make_project(bench, "b01", name) for name in bench.people}
    rows = labelled(bench, "b01")
    write_line(f"import with labels, the server alone: {timed(lambda: send_all(bench, filled, rows)):.1f} s")
    command(bench, "push")
    where = make_project(bench, "loop", "L2")
    upload(bench.signed_in, where, rows[bench.people[0]][:loop])
    _, reading = by_client(bench, where, [])
    ours, again = command(bench, "pull"), command(bench, "pull")
    raw = timed(lambda: [download(bench.signed_in, one, rows=number) for one in filled.values()])
    report("pull", ours, again, raw, reading * number * len(bench.people))
    layers = loading.layers(bench.space, "b01")
    write_line(f"{len(layers)} layers, {sum(len(layer.spans) for layer in layers)} spans came back")


def report(what: str, ours: Spent, again: Spent, raw: float, loop: float) -> None:
    first = ours.seconds
    write_line(
        f"{what}: {first:.1f} s; again with nothing changed {again.seconds:.2f} s ({again.seconds / first:.3f} of it)"
    )
    write_line(
        f"  in processor time of both sides {ours.work:.2f} s and {again.work:.2f} s ({again.work / ours.work:.3f});"
    )
    write_line(f"  {ours.requests} requests and {again.requests}")
    write_line(
        f"  the server alone {raw:.1f} s (goldwire {first / raw:.2f}x); doccano-client's loop {loop:.0f} s, scaled"
    )
    write_line(f"  ({loop / first:.0f}x goldwire); peak memory {ours.peak:.2f} GB, again {again.peak:.2f} GB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=int, nargs="?", default=10_000)
    parser.add_argument("--annotators", type=int, default=3)
    parser.add_argument("--loop", type=int, default=200, help="articles that the loop is timed over")
    parser.add_argument("--push", help=argparse.SUPPRESS)
    parser.add_argument("--pull", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.push or options.pull:
        run_once("push" if options.push else "pull", options.push or options.pull)
        return
    with tempfile.TemporaryDirectory() as scratch:
        space = factories.workspace(Path(scratch) / "space", name="bench")
        home = space.private / "server"
        folder = environment.default_folder(ROOT / ".goldwire")
        cold = timed(lambda: server.start(home, environment=folder))
        server.stop(home)
        warm = timed(lambda: server.start(home, environment=folder))
        write_line(f"the server starts in {cold:.1f} s, again in {warm:.1f} s")
        state = server.start(home, environment=folder)
        try:
            os.environ.pop(session.URL, None)
            factories.write_articles(space, articles(options.articles))
            people = tuple(f"A{i}" for i in range(1, options.annotators + 1))
            bench = Bench(space, session.connect(space), people, state.pid)
            measure_push(bench, options.articles, options.loop)
            measure_pull(bench, options.articles, options.loop)
        finally:
            server.stop(home)


if __name__ == "__main__":
    main()
