"""L5: the votes of released gold labels are those of the annotators' layers in the same version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import isclose

from goldwire.checks.check import check
from goldwire.checks.released_labels import ReleasedEntities, ReleasedLayer, ReleasedSpan, ReleasedStance
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import ReleaseFolder, Snapshot
from goldwire.quantities import quantity
from goldwire.records import Finding

__all__ = ["wrong_votes"]

_TOLERANCE = 1e-6  # shares are stored as 32-bit numbers

RELEASE_VOTES_WRONG = Rule(
    code="release-votes-wrong",
    level=5,
    severity="error",
    summary="the votes or shares of a released label are not those of the annotators in the same version",
    why="Whoever weighs labels by their votes trusts a label that the annotators did not give.",
    fix="Restore the release from git, or release the right votes as a new version.",
    example=(
        "splits/v0.0.1/data/stance/train-00000-of-00001.parquet herald-f00daee13d10:R1: L5 split error "
        "[release-votes-wrong] 3 votes, but 0 annotators gave this label"
    ),
)


@check(RELEASE_VOTES_WRONG)
def wrong_votes(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each released label whose votes or shares the layers of the version do not support.

    An expert's layer takes part in the alignment of mentions and is in no release, so that votes cannot always be
    counted again. They are at least the annotators with the very same label, and at most those with the same label on
    overlapping spans; in the sample the two numbers are equal for 99% of the labels.
    """
    for release in snapshot.releases:
        layers = _voting_layers(release)
        for path, rows in sorted(release.rows.items()):
            for row in rows.labels:
                voters = layers.get(getattr(row, "article_id", ""), [])
                if voters and isinstance(row, ReleasedEntities):
                    for item, message in _span_problems(row, voters):
                        yield RELEASE_VOTES_WRONG.finding(release.path(path), message, item=item)
                elif voters and isinstance(row, ReleasedStance):
                    for message in _stance_problems(row, voters):
                        yield RELEASE_VOTES_WRONG.finding(release.path(path), message, item=row.id)


def _voting_layers(release: ReleaseFolder) -> dict[str, list[ReleasedLayer]]:
    """Return the confirmed layers of each article that is in one batch: which batch gold comes from is then known."""
    layers: dict[str, list[ReleasedLayer]] = defaultdict(list)
    for rows in release.rows.values():
        for row in rows.labels:
            if isinstance(row, ReleasedLayer) and row.confirmed:
                layers[row.article_id].append(row)
    return {article: each for article, each in layers.items() if len({layer.batch for layer in each}) == 1}


def _span_problems(row: ReleasedEntities, layers: Sequence[ReleasedLayer]) -> Iterator[tuple[str, str]]:
    by_label = [_ranges_by_label(layer) for layer in layers]
    for span in row.spans:
        ranges = [of_layer.get(span.label, ()) for of_layer in by_label]
        exact = sum((span.start, span.end) in of_layer for of_layer in ranges)
        overlapping = sum(any(start < span.end and span.start < end for start, end in of_layer) for of_layer in ranges)
        if span.votes is not None and not exact <= span.votes <= overlapping:
            yield f"{row.article_id} {span.id}", _message(span.votes, exact, overlapping)
    if row.n_annotators not in (0, len(layers)):
        yield row.article_id, f"n_annotators is {row.n_annotators}, the version has the layers of {len(layers)}"


def _ranges_by_label(layer: ReleasedLayer) -> dict[int | None, list[tuple[int, int]]]:
    """Return the start and the end of each span of a layer, by its label."""
    ranges: dict[int | None, list[tuple[int, int]]] = defaultdict(list)
    for span in layer.spans:
        ranges[span.label].append((span.start, span.end))
    return ranges


def _stance_problems(row: ReleasedStance, layers: Sequence[ReleasedLayer]) -> Iterator[str]:
    if row.target_start is None or row.votes is None:  # a named target is a task of its own
        return
    exact, overlapping = (sum(_has_stance(row, layer, exact=exact) for layer in layers) for exact in (True, False))
    if not exact <= row.votes <= overlapping:
        yield _message(row.votes, exact, overlapping)
    elif row.n_annotators != len(layers):
        yield f"n_annotators is {row.n_annotators}, the version has the layers of {len(layers)}"
    elif row.none_share is not None and row.stance_shares is not None and row.label is not None:
        total = sum(row.stance_shares) + row.none_share
        votes = row.stance_shares[row.label] * row.n_annotators if row.label < len(row.stance_shares) else -1
        # An annotator with two stances counts half for each.
        if (
            not isclose(total, 1, abs_tol=_TOLERANCE)
            or not row.votes / 2 - _TOLERANCE <= votes <= row.votes + _TOLERANCE
        ):
            yield f"stance_shares {[round(share, 4) for share in row.stance_shares]} with {row.votes} votes"


def _message(votes: int, exact: int, overlapping: int) -> str:
    given = quantity(exact, "annotator") if exact == overlapping else f"{exact} to {quantity(overlapping, 'annotator')}"
    return f"{quantity(votes, 'vote')}, but {given} gave this label"


def _has_stance(row: ReleasedStance, layer: ReleasedLayer, *, exact: bool) -> bool:
    """Whether a layer has the stance between the same or overlapping ends."""
    spans = {span.id: span for span in layer.spans}
    return any(
        stance.label == row.label
        and _is_end(spans.get(stance.holder or ""), row.holder_start, row.holder_end, exact=exact)
        and _is_end(spans.get(stance.target or ""), row.target_start, row.target_end, exact=exact)
        for stance in layer.stances
    )


def _is_end(span: ReleasedSpan | None, start: int | None, end: int | None, *, exact: bool) -> bool:
    if span is None or start is None or end is None:
        return span is None and start is None
    return (span.start, span.end) == (start, end) if exact else span.start < end and start < span.end
