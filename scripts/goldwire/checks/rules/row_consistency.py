"""L5: the rows of a release agree with themselves and with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from goldwire.checks.check import check
from goldwire.checks.released_labels import ReleasedCandidate, ReleasedLayer
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import ReleaseFolder, Snapshot
from goldwire.records import Finding, is_pseudonym

__all__ = ["contradictory_rows"]

RELEASE_ROW_WRONG = Rule(
    code="release-row-wrong",
    level=5,
    severity="error",
    summary="a row of a release contradicts itself or another file of the version",
    why="Offsets, tags and names of labels that do not fit are read as labels that nobody gave.",
    fix="Restore the release from git, or release the change as a new version.",
    example=(
        "splits/v0.0.1/data/stance/train-00000-of-00001.parquet herald-f00daee13d10:R1: L5 split error "
        "[release-row-wrong] holder is 'Ilsa Vernoc', the text has 'Ilsa Vernock'"
    ),
)


@check(RELEASE_ROW_WRONG)
def contradictory_rows(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each row whose columns, or whose article's columns in another file, do not fit."""
    for release in snapshot.releases:
        yield from _unsupported_answers(release)
        known: dict[str, dict[str, Any]] = {}
        names: dict[tuple[str, int | str], int | str] = {}
        for path, rows in sorted(release.rows.items()):
            for item, problem in rows.problems:
                yield RELEASE_ROW_WRONG.finding(release.path(path), problem, item=item)
            yield from _renamed_labels(release, path, names)
            reported: set[tuple[str, str]] = set()
            for about in rows.about:
                id = str(about.get("article_id"))
                first = known.setdefault(id, {})
                for name, value in about.items():
                    if first.setdefault(name, value) != value and (id, name) not in reported:
                        reported.add((id, name))
                        message = f"{name} is {value!r}, elsewhere {first[name]!r}"
                        yield RELEASE_ROW_WRONG.finding(release.path(path), message, item=id)


def _renamed_labels(
    release: ReleaseFolder, path: str, names: dict[tuple[str, int | str], int | str]
) -> Iterator[Finding]:
    """Yield a finding for each number with a second name, and each name with a second number."""
    for kind, number, name in sorted(release.rows[path].label_names):
        for key, value in ((number, name), (name, number)):
            if names.setdefault((kind, key), value) != value:
                message = f"the {kind} {key} is {value}, elsewhere {names[kind, key]}"
                yield RELEASE_ROW_WRONG.finding(release.path(path), message, item=name)


def _unsupported_answers(release: ReleaseFolder) -> Iterator[Finding]:
    """Yield a finding for each answer of a candidate that is not in the annotator's layer of the same version."""
    spans: dict[tuple[str, str], set[tuple[int, int, int | None]]] = defaultdict(set)
    for rows in release.rows.values():
        for row in rows.labels:
            if isinstance(row, ReleasedLayer):
                spans[row.article_id, row.annotator].update((s.start, s.end, s.label) for s in row.spans)
    files = () if release.manifest is None else release.manifest.files
    is_complete = all(f.path in release.rows for f in files if f.path.startswith("data/annotations/"))
    # The name of a person in place of a pseudonym is `release-real-name`.
    is_comparable = is_complete and bool(spans) and all(is_pseudonym(annotator) for _, annotator in spans)
    for path, rows in sorted(release.rows.items()):
        for row in rows.labels if is_comparable else ():
            for answer in row.answers if isinstance(row, ReleasedCandidate) else ():
                of_layer = spans.get((row.article_id, answer.annotator))
                if of_layer is None:
                    message = f"an answer of {answer.annotator}, who has no layer of {row.article_id}"
                    yield RELEASE_ROW_WRONG.finding(release.path(path), message, item=row.id)
                elif answer.start is not None and (answer.start, answer.end, answer.label) not in of_layer:
                    message = f"{answer.annotator} marked nothing at {answer.start} to {answer.end} with this label"
                    yield RELEASE_ROW_WRONG.finding(release.path(path), message, item=row.id)
