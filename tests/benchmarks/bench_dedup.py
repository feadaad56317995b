"""Compare near-duplicate detection of goldwire and other tools on the same texts.

    python tests/benchmarks/bench_dedup.py [NUMBER] [--rounds N] [--only TOOL] [--skip TOOL] [--texts TEXTS.jsonl]

Plants copies of seven kinds (reset, lightly and heavily edited, truncated, wrapped in an outlet's boilerplate, or
both) among news-like texts of invented words. Each tool runs in a process of its own, in turns, and its best round
counts. Prints texts per second, precision and recall of pairs in one cluster, memory beyond the texts, how many pairs
of Jaccard .5 or more are found, and the cost of ten times as many texts. With --texts, clusters your own texts (one
JSON object with `text` per line).

The other tools use 5-word shingles, 128 hashes and 32 bands of 4; pairs are verified by their signatures (except
datasketch's and datatrove's; text-dedup verifies each text, and keeps in a cluster what is similar to any other of it).
datatrove and text-dedup run in environments of their own, text-dedup in two processes and in Python 3.12; goldwire is
compared with them on a tenth of the texts.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pickle
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]

from peers import PEERS, UnavailableError, interpreter
from timing import BEHIND

FOLDER = Path(".goldwire/bench")
KINDS = ("reset", "edited 2%", "edited 6%", "edited 12%", "cut", "wrapped", "led, cut and wrapped")
PART = 50_000  # texts planted at a time
DRAWN = 1 << 16  # words
LONG = 20.0  # seconds
HASHES, BANDS, ROWS = 128, 32, 4
Tool = Callable[[Sequence[str]], Sequence[int]]


class Planter:
    """Generates texts of invented words with realistic frequencies, and copies of them."""

    def __init__(self, seed: int) -> None:
        import numpy as np

        self.random = random.Random(seed)
        parts = ("ba", "ker", "lan", "mor", "ti", "son", "vi", "dal", "ro", "es", "qu", "an", "fe", "lin", "ha", "rad")
        self.words = ["".join(self.random.choices(parts, k=self.random.randint(1, 4))) for _ in range(30000)]
        weights = np.cumsum(1 / (np.arange(len(self.words)) + 3))
        self.shares = weights / weights[-1]
        self.generator = np.random.default_rng(seed)
        self.drawn: list[str] = []
        self.frames = [(self.make(25), self.make(70)) for _ in range(200)]

    def make(self, size: int) -> list[str]:
        import numpy as np

        if len(self.drawn) < size:  # thousands at a time: five times as fast as each text by itself
            numbers = np.searchsorted(self.shares, self.generator.random(DRAWN), side="right").tolist()
            self.drawn = [self.words[number] for number in numbers]
        made = self.drawn[len(self.drawn) - size :]
        del self.drawn[len(self.drawn) - size :]
        return made

    def edited(self, words: list[str], share: float) -> list[str]:
        """Return a text with a share of its words edited: three in five replaced, one deleted, one word inserted."""
        out: list[str] = []
        start = 0
        chances = self.generator.random(len(words)) / share
        for at in (chances < 1).nonzero()[0].tolist():
            out += words[start:at]
            start = at + 1
            if chances[at] < 0.6:
                out += self.make(1)
            elif chances[at] >= 0.8:
                out += [words[at], *self.make(1)]
        return out + words[start:]

    def copy(self, words: list[str], kind: str) -> str:
        head, foot = self.random.choice(self.frames)
        if kind == "reset":
            return "\n".join(words).upper()
        if kind.startswith("edited"):
            return " ".join(self.edited(words, float(kind.split()[1].rstrip("%")) / 100))
        if kind == "cut":
            return " ".join(words[: int(len(words) * self.random.uniform(0.4, 0.9))])
        if kind == "wrapped":
            return " ".join([*head, *words, *foot])
        body = self.edited(words[: int(len(words) * self.random.uniform(0.6, 0.95))], 0.02)
        return " ".join([*head, *self.make(60), *body, *foot])


def planted(number: int, seed: int = 1, *, n_words: int = 430) -> tuple[list[str], list[int], list[str]]:
    """Return texts, the story of each, and which kind of copy it is; half of the originals have up to `n_words`."""
    planter = Planter(seed)
    rows: list[tuple[str, int, str]] = []
    story = 0
    while len(rows) < number:
        size = n_words * planter.random.lognormvariate(0, 0.42)
        words, story = planter.make(int(min(max(size, n_words * 0.28), n_words * 4.2))), story + 1
        rows.append((" ".join(words), story, "base"))
        if planter.random.random() < 0.15:
            for kind in planter.random.choices(KINDS, k=planter.random.choice((1, 1, 2, 3, 5))):
                rows.append((planter.copy(words, kind), story, kind))
    rows = rows[:number]
    planter.random.shuffle(rows)
    texts, stories, kinds = map(list, zip(*rows, strict=True))
    return texts, stories, kinds


def plant(path: Path, number: int) -> None:
    """Write planted texts as Parquet, in parts, so that memory does not grow with their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    kinds = [("text", pa.large_string()), ("story", pa.int64()), ("kind", pa.string())]
    with pq.ParquetWriter(temporary, pa.schema(kinds), compression="zstd") as file:
        for part, first in enumerate(range(0, number, PART)):
            texts, stories, names = planted(min(PART, number - first), part + 1)
            rows = {"text": texts, "story": [first + story for story in stories], "kind": names}
            file.write_table(pa.table(rows, schema=pa.schema(kinds)))
    temporary.rename(path)


def bands(signatures: Any) -> Any:
    """Cluster signatures (n x 128): equal bands, verified by a third of equal hashes, then components."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count, candidates = len(signatures), []
    for band in range(BANDS):
        key = np.zeros(count, np.uint64)
        for row in range(ROWS):
            key = (key ^ signatures[:, band * ROWS + row].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(31)
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(key[order[1:]] == key[order[:-1]])
        low, high = np.minimum(order[same], order[same + 1]), np.maximum(order[same], order[same + 1])
        candidates.append(low * count + high)
    pairs = np.unique(np.concatenate(candidates))
    left, right = pairs // count, pairs % count
    spans = (slice(start, start + 200_000) for start in range(0, max(len(left), 1), 200_000))
    similar = np.concatenate(
        [(signatures[left[span]] == signatures[right[span]]).mean(axis=1) >= 0.35 for span in spans]
    )
    edges = np.ones(similar.sum(), np.int8)
    graph = coo_array((edges, (left[similar], right[similar])), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def goldwire(texts: Sequence[str]) -> Sequence[int]:
    import scipy.cluster.hierarchy
    import scipy.sparse.csgraph  # noqa: F401  # not timed: a few texts have no chains to cut

    from goldwire.dedup.near_duplicates import near_duplicates

    return near_duplicates(texts)


def daft(texts: Sequence[str]) -> Sequence[int]:
    import daft
    import daft.functions as functions
    import numpy as np
    import pyarrow as pa

    frame = daft.from_arrow(pa.table({"text": texts}))
    lower = functions.lower(daft.col("text"))
    hashes = functions.minhash(lower, num_hashes=HASHES, ngram_size=5, seed=1, hash_function="xxhash")
    signatures = frame.select(hashes.alias("hashes")).collect().to_arrow()["hashes"].combine_chunks()
    return bands(np.asarray(signatures.flatten()).reshape(len(texts), HASHES))


def shingles(text: str) -> list[str]:
    words = text.lower().split()
    return [" ".join(words[i : i + 5]) for i in range(max(len(words) - 4, 1))]


def rensa(texts: Sequence[str]) -> Sequence[int]:
    import numpy as np
    from rensa import RMinHash

    out = np.empty((len(texts), HASHES), np.uint32)
    for first in range(0, len(texts), 10_000):
        token_sets = [shingles(text) for text in texts[first : first + 10_000]]
        out[first : first + len(token_sets)] = RMinHash.digest_matrix_from_token_sets(token_sets, HASHES, 42).to_rows()
    return bands(out)


def rensa_with_goldwire_hashes(texts: Sequence[str]) -> Sequence[int]:
    import numpy as np
    from rensa import RMinHash

    from goldwire.text.batches import InMemoryTexts, batch_ranges
    from goldwire.text.ngrams import text_ngrams

    store, out = InMemoryTexts(texts), np.empty((len(texts), HASHES), np.uint32)
    for first, last in batch_ranges(store.lengths()):
        grams, bounds = text_ngrams(*store.slice(first, last))
        ends = np.concatenate(([0], np.cumsum(grams != 0)))[bounds].astype(np.uint64)
        digests = RMinHash.digest_matrix_from_flat_token_hashes(grams[grams != 0], ends, HASHES, 42)
        out[first:last] = digests.to_rows()
    return bands(out)


def datasketch(texts: Sequence[str]) -> Sequence[int]:
    from datasketch import MinHash, MinHashLSH

    from goldwire.union_find import UnionFind

    index, sets = MinHashLSH(num_perm=HASHES, params=(BANDS, ROWS)), UnionFind[int]()
    for number, text in enumerate(texts):
        sketch = MinHash(HASHES)
        sketch.update_batch([shingle.encode() for shingle in shingles(text)])
        for other in index.query(sketch):
            sets.union(other, number)
        index.insert(number, sketch)
    return [sets.find(number) for number in range(len(texts))]


def datatrove(texts: Sequence[str]) -> Sequence[int]:
    import numpy as np
    from datatrove.data import Document
    from datatrove.pipeline.dedup import minhash

    config = minhash.MinhashConfig(n_grams=5, num_buckets=BANDS, hashes_per_bucket=ROWS)
    with tempfile.TemporaryDirectory() as folder:
        hashes, pairs, clusters = (f"{folder}/{name}" for name in ("hashes", "pairs", "clusters"))
        documents = (Document(text=text, id=str(number)) for number, text in enumerate(texts))
        minhash.MinhashDedupSignature(hashes, config).run(documents)
        for band in range(BANDS):
            minhash.MinhashDedupBuckets(hashes, pairs, config=config).run(rank=band, world_size=BANDS)
        minhash.MinhashDedupCluster(pairs, clusters, config, save_cluster_id=True).run()
        rows = np.fromfile(f"{clusters}/000000.clusters", "<u4").reshape(-1, 2)
    labels = len(texts) + np.arange(len(texts))
    labels[rows[:, 0]] = rows[:, 1]
    return labels


def text_dedup(texts: Sequence[str]) -> Sequence[int]:
    from datasets import Dataset
    from text_dedup import minhash
    from text_dedup.config.base import load_config_from_toml

    with tempfile.TemporaryDirectory() as folder:
        Dataset.from_dict({"text": texts}).save_to_disk(f"{folder}/texts")
        Path(folder, "config.toml").write_text(TEXT_DEDUP.format(folder=folder), encoding="utf-8")
        minhash.main(load_config_from_toml(Path(folder, "config.toml")))
        clusters = pickle.loads(Path(folder, "out/clusters.pickle").read_bytes())
    return [clusters.get(number, number) for number in range(len(texts))]


TEXT_DEDUP = f"""
[input]
input_type = "local_hf_dataset"
read_arguments = {{{{ dataset_path = "{{folder}}/texts" }}}}
[algorithm]
algorithm_name = "minhash"
text_column = "text"
num_perm = {HASHES}
bands = {BANDS}
rows = {ROWS}
ngram_size = 5
threshold = 0.35
num_proc = 2
check_false_positive = true
[output]
output_dir = "{{folder}}/out"
skip_filtering = true
save_clusters = true
[debug]
"""

TOOLS: dict[str, Tool] = {
    "goldwire": goldwire,
    "Daft": daft,
    "rensa, goldwire's hashes": rensa_with_goldwire_hashes,
    "rensa": rensa,
    "datasketch": datasketch,
    "text-dedup": text_dedup,
    "datatrove": datatrove,
}
SLOW = ("text-dedup", "datatrove")  # 120 texts per second: get a tenth of the texts, once


def run(name: str, path: Path, number: int) -> None:
    """Run one tool on the first `number` texts of the file, in this process; imports are not timed."""
    import pyarrow.parquet as pq

    texts: list[str] = []
    stories: list[int] = []
    kinds: list[str] = []
    for batch in pq.ParquetFile(path).iter_batches(10_000):
        for into, column in zip((texts, stories, kinds), batch.columns, strict=True):
            into += column.to_pylist()[: number - len(into)]
        if len(texts) == number:
            break
    with contextlib.redirect_stdout(sys.stderr):
        TOOLS[name](texts[:300])
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # reset the peak: from here on it is of this tool
    before, started, cpu_started = memory("VmRSS"), time.perf_counter(), processor_time()
    with contextlib.redirect_stdout(sys.stderr):
        labels = [int(label) for label in TOOLS[name](texts)]
    seconds, cpu = time.perf_counter() - started, processor_time() - cpu_started
    figures = {"s": seconds, "cpu": cpu, "kb": (memory("VmHWM") - before) / number}
    write_line(json.dumps(figures | scores(texts, labels, stories, kinds)))


def processor_time() -> float:
    """Return the processor time of this process and of those that it has started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def memory(field: str) -> float:
    """Return a memory figure of this process in kilobytes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(field))


def scores(texts: list[str], labels: list[int], stories: list[int], kinds: list[str]) -> dict[str, Any]:
    """Return precision and recall of pairs, and the share of each kind of copy that is with its story."""
    both = pairs(list(zip(labels, stories, strict=True)))
    home = {story: label for story, label, kind in zip(stories, labels, kinds, strict=True) if kind == "base"}
    copies = defaultdict(list)
    for story, label, kind in zip(stories, labels, kinds, strict=True):
        copies[kind].append(label == home.get(story, label))
    members = defaultdict(list)
    for number, story in enumerate(stories):
        members[story].append(number)
    similar = []
    for group in [group for group in members.values() if len(group) > 1][:1000]:
        sets = {number: set(shingles(texts[number])) for number in group}
        for one, other in combinations(group, 2):
            if len(sets[one] & sets[other]) >= 0.5 * len(sets[one] | sets[other]):
                similar.append(labels[one] == labels[other])
    return {
        "precision": both / max(pairs(labels), 1),
        "recall": both / pairs(stories),
        "kinds": {kind: sum(copies[kind]) / max(len(copies[kind]), 1) for kind in KINDS},
        "similar": sum(similar) / max(len(similar), 1),
    }


def write_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def pairs(labels: Sequence[object]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def planted_file(number: int) -> Path:
    """Return the file with `number` planted texts: a tenth of a larger file would have a hundredth of its pairs."""
    path = FOLDER / f"planted-{number}.parquet"
    if not path.exists():
        plant(path, number)
    return path


Results = dict[tuple[str, int], dict[str, Any]]


def best(rounds: int, wanted: Sequence[tuple[str, int]]) -> tuple[Results, dict[str, str]]:
    """Return the fastest of several rounds of each tool and number of texts, and why tools did not run.

    Tools take turns, for equal conditions. One that takes over 20 seconds has one round.
    """
    results: Results = {}
    reasons: dict[str, str] = {}
    for turn in range(rounds):
        for name, number in wanted:
            is_slow = name in SLOW or results.get((name, number), {"s": 0.0})["s"] > LONG
            if name in reasons or (turn and is_slow):
                continue
            try:
                python = str(interpreter(name)) if name in PEERS else sys.executable
            except UnavailableError as error:
                reasons[name] = str(error)
                continue
            command = [python, __file__, str(number), "--tool", name, "--file", str(planted_file(number))]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode == 0:
                result = json.loads(done.stdout)
                sys.stderr.write(f"{name}, {number:,} texts: {result['s']:.1f} s\n")
                if (name, number) not in results or result["s"] < results[name, number]["s"]:
                    results[name, number] = result
            elif "ModuleNotFoundError" in done.stderr:
                reasons[name] = done.stderr.strip().rpartition("ModuleNotFoundError: ")[2]
            else:
                raise RuntimeError(done.stderr)
    return results, reasons


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("number", type=int, nargs="?", default=100_000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--only", action="append", choices=TOOLS, help="a tool to run beside goldwire")
    parser.add_argument("--skip", action="append", choices=TOOLS, default=[], help="a tool to leave out")
    parser.add_argument("--tool", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.tool:
        run(options.tool, options.file, options.number)
        return
    if options.texts:
        texts = [json.loads(line)["text"] for line in options.texts.open()]
        started = time.perf_counter()
        labels = goldwire(texts)
        speed = len(texts) / (time.perf_counter() - started)
        write_line(f"{len(texts):,} texts, {len(set(labels)):,} clusters, {speed:,.0f} texts/s")
        return
    wanted = [name for name in options.only or TOOLS if name not in (*options.skip, "goldwire")]
    goldwire_runs = [("goldwire", options.number // 10), ("goldwire", options.number)]
    others = [(name, options.number // (10 if name in SLOW else 1)) for name in wanted]
    report(*best(options.rounds, [*goldwire_runs, *others]), options.number)


def report(results: Results, reasons: dict[str, str], number: int) -> None:
    """Print one line per tool, then more figures of goldwire."""
    own, tenth = results["goldwire", number], results["goldwire", number // 10]
    write_line(f"{f'{number:,} texts':24}   texts/s  x time    CPU/text  x CPU  precision  recall  kB/text")
    for name in TOOLS:
        size = number // 10 if name in SLOW else number
        if (name, size) not in results:
            write_line(f"{name:24} not run: {reasons.get(name, 'left out')}")
            continue
        result, reference = results[name, size], results["goldwire", size]
        speed, ratio = size / result["s"], result["s"] / reference["s"]
        cpu, cpu_ratio = result["cpu"] / size * 1e6, result["cpu"] / reference["cpu"]
        quality = f"{result['precision']:10.4f} {result['recall']:7.4f} {result['kb']:10.2f}"
        part = f"  of {size:,} texts" if size < number else ""
        write_line(f"{name:24} {speed:9,.0f} {ratio:8.2f}x {cpu:8.1f} us {cpu_ratio:6.2f} {quality}{part}")
    for kind, share in own["kinds"].items():
        write_line(f"  {kind:22} {share:.3f} in the cluster of their story")
    write_line(f"  pairs of Jaccard .5 or more: {own['similar']:.4f} in one cluster")
    if number in {size for name, size in results if name != "goldwire"}:
        rival = max((key for key in results if key[1] == number), key=lambda key: results[key]["recall"])
        if results[rival]["recall"] > own["recall"]:
            write_line(
                f"{BEHIND}{rival[0]} in recall ({own['recall']:.2f} and {results[rival]['recall']:.2f}): goldwire "
                f"compares each pair exactly, and has {own['similar']:.1%} of those of Jaccard .5 or more in one "
                "cluster; the others join pairs that agree in a third of their hashes, and all that such pairs connect."
            )
    time_factor, cpu_factor = own["s"] / tenth["s"], own["cpu"] / tenth["cpu"]
    write_line(f"  ten times the texts: {time_factor:.1f} times the time, {cpu_factor:.1f} times the processor time")


if __name__ == "__main__":
    main()
