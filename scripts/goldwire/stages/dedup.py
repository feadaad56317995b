"""Find the near-duplicates among the articles, by their bodies: two outlets' headlines differ over one wire story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from goldwire.errors import ConfigError, MissingFileError
from goldwire.records import Article, Duplicates
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace

if TYPE_CHECKING:
    from goldwire.dedup.near_duplicates import Found
    from goldwire.dedup.text_store import Spill

__all__ = ["DedupReport", "body", "run"]

_READ = 1 << 22  # bytes of JSON Lines decoded at a time


class DedupReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `dedup` found: how many articles there are, clusters of two and more, and articles in those."""

    articles: int
    clusters: int
    clustered: int
    largest: int

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.clusters:
            yield (
                f"{self.clustered} of {self.articles} articles are near-duplicates, "
                f"in {self.clusters} clusters of at most {self.largest}"
            )
        else:
            yield f"no near-duplicates among {self.articles} articles"


class _Story(msgspec.Struct, frozen=True):
    """What `dedup` reads of an Article."""

    id: str
    title: str
    text: str


def run(
    workspace: Workspace, *, threshold: float = 0.5, engine: str = "local", ray_address: str | None = None
) -> DedupReport:
    """Cluster all articles. `threshold` is the Jaccard of word 5-grams from which two bodies are near-duplicates.

    `engine` says who does the work (see `goldwire.dedup.engines`); each finds the same. Texts are on disk meanwhile:
    memory
    holds half a kilobyte an article. Raises GoldwireError where there are no articles or an option makes no sense.
    """
    from goldwire.dedup.engines import engine as named
    from goldwire.dedup.near_duplicates import clustered
    from goldwire.dedup.text_store import spilling

    if not 0 < threshold <= 1:
        raise ConfigError(f"threshold {threshold} is not above 0 and at most 1", hint="0.5 suits news")
    work = named(engine, ray_address)
    workspace.private.mkdir(mode=0o700, exist_ok=True)
    with spilling(workspace.private) as spill:
        ids = _read(workspace, spill)
        if not ids:
            raise MissingFileError("no articles", location=workspace.articles, hint="run `goldwire ingest` first")
        rows = _rows(ids, clustered(spill, threshold, work))
    with workspace.lock():
        jsonl.write(workspace.duplicates, rows, key=lambda row: row.cluster)
    sizes = [len(row.articles) for row in rows]
    return DedupReport(articles=len(ids), clusters=len(rows), clustered=sum(sizes), largest=max(sizes, default=0))


def body(article: Article) -> str:
    """Give an article's text without its headline."""
    return _body(article)


def _body(story: Article | _Story) -> str:
    return story.text.removeprefix(story.title).lstrip("\n")


def _read(workspace: Workspace, spill: Spill) -> list[str]:
    """Put the bodies of all articles into `spill`, in order of their ids; give these."""
    import numpy as np

    decode = msgspec.json.Decoder(_Story).decode_lines
    places: dict[str, int] = {}
    count = 0
    for path in sorted(workspace.articles.glob("*.jsonl")):
        with path.open("rb") as file:
            while lines := file.readlines(_READ):
                try:
                    stories = decode(b"".join(lines))
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    for _ in jsonl.read(path, Article):  # says which line it is
                        pass
                    raise
                places.update(zip((story.id for story in stories), range(count, count + len(stories)), strict=True))
                bodies = [_body(story).encode("utf-8", "surrogatepass") for story in stories]
                spill.add(b"".join(bodies), np.fromiter(map(len, bodies), np.int64, len(bodies)))
                count += len(stories)
    ids = sorted(places)
    spill.close(np.fromiter(map(places.__getitem__, ids), np.int64, len(ids)))
    return ids


def _rows(ids: list[str], found: Found) -> list[Duplicates]:
    """Give the clusters of two articles and more, with the pairs within each."""
    import numpy as np

    numbers, pairs = found.clusters, found.pairs
    members, alike = defaultdict(list), defaultdict(list)
    several = np.flatnonzero(np.bincount(numbers)[numbers] > 1)
    for place, number in zip(several.tolist(), numbers[several].tolist(), strict=True):
        members[number].append(ids[place])
    inside = np.flatnonzero(numbers[pairs.left] == numbers[pairs.right])
    columns = (pairs.left[inside], pairs.right[inside], pairs.jaccard[inside])
    for left, right, score in zip(*(column.tolist() for column in columns), strict=True):
        alike[numbers[left]].append((ids[left], ids[right], round(score, 4)))
    return [
        Duplicates(cluster=names[0], articles=tuple(names), pairs=tuple(alike[number]))
        for number, names in members.items()
    ]
