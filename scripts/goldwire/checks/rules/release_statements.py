"""Statements of a release about itself, compared with its rows and with the versions before it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goldwire.checks.document_comparison import Problem, compare, shorten, tables
from goldwire.checks.released_labels import ReleasedEntities
from goldwire.checks.snapshot import ReleaseFolder
from goldwire.errors import GoldwireError
from goldwire.quantities import quantity
from goldwire.records import Release, is_pseudonym
from goldwire.release.card_claims import CLAIMS
from goldwire.workspace.versions import parse

__all__ = ["statement_problems"]

_OUTLETS = re.compile(r"^[\d,]+ (?:news )?articles? from ([\d,]+) outlets?", re.MULTILINE)
_SHARED = re.compile(r"([\d,]+) articles? (?:was|were) annotated by two or more")
_ANNOTATORS = re.compile(r"^([\d,]+) annotators?, by pseudonym: ([^(]*) \(", re.MULTILINE)
_LIMITS = re.compile(r"^([\d,]+) outlets? cannot represent the press", re.MULTILINE)
_DECISIONS = re.compile(r"Decisions on single labels: (.*?); ([\d,]+) of them leave the label out of gold\.")
_VERSIONS = (
    re.compile(r'load_dataset\("splits/v([\d.]+)"'),
    re.compile(r'load_dataset\(.*, revision="v([\d.]+)"'),
    re.compile(r", version (\S+)\. See CITATION\.cff\."),
    re.compile(r"^  note = \{Version (\S+)\}", re.MULTILINE),
)
_MADE_WITH = re.compile(r"^Generated from the data by goldwire (\S+)\.$", re.MULTILINE)
_TRAINED = re.compile(r"^Simple models trained on train \(([\d,]+) articles?\)", re.MULTILINE)
_CHANGED = re.compile(r"^\*\*Changed since (\S+):\*\* (.*)\.$", re.MULTILINE)
_CARD = "README.md"


def statement_problems(release: ReleaseFolder, manifest: Release, others: Sequence[ReleaseFolder]) -> Iterator[Problem]:
    """Yield what a release states about its form, its history and its content that is not so; `others` are all."""
    paths = [file.path for file in manifest.files if file.path.startswith("data/")]
    if not all(path in release.rows for path in paths):
        return  # a missing or changed file has a finding: what the others show is not the whole version
    yield from _wrong_form(release, manifest)
    yield from _wrong_history(manifest, [other.manifest for other in others if other.manifest is not None])
    card = release.documents.get(_CARD, "")
    if card:
        yield from _wrong_card(release, manifest, card)


def _wrong_form(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    """Compare whether the version has text, and of which sources, with the rows."""
    rows = [rows for path, rows in release.rows.items() if path.startswith("data/entities/")]
    if not rows or any(each.articles is None for each in rows):
        return
    has_text = any(each.articles_with_text for each in rows)
    if manifest.standoff == has_text:
        yield Problem("manifest.json", "standoff", f"is {manifest.standoff}, the rows have {_text(has_text)}")
    sources = {about["source"] for each in rows for about in each.about if "source" in about}
    if sources and not sources.issuperset(manifest.withheld_sources):
        unknown = sorted(set(manifest.withheld_sources) - sources)
        yield Problem("manifest.json", "withheld_sources", f"no row is of {', '.join(unknown)}")
    elif not manifest.standoff and bool(manifest.withheld_sources) != (manifest.full_text_reason is not None):
        reason = "no reason" if manifest.full_text_reason is None else f"the reason {manifest.full_text_reason!r}"
        withheld = ", ".join(manifest.withheld_sources) or "no source"
        yield Problem("manifest.json", "full_text_reason", f"the text of {withheld} is withheld, with {reason}")


def _text(has_text: bool) -> str:
    return "text" if has_text else "no text"


def _wrong_history(manifest: Release, manifests: Sequence[Release]) -> Iterator[Problem]:
    """Compare the stated version before, and the date, with the versions that are there."""
    version, previous = _version(manifest.version), _version(manifest.previous or "")
    if version is None:
        return
    if manifest.previous is not None and (previous is None or previous >= version):
        yield Problem("manifest.json", "previous", f"{manifest.previous} is not before {manifest.version}")
        return
    earlier = [(v, other) for other in manifests if (v := _version(other.version)) is not None and v < version]
    latest, before = max(earlier, key=lambda pair: pair[0], default=(None, None))
    if before is None or latest is None:
        return
    if previous is None or latest > previous:
        stated = "states no version before it" if previous is None else f"states {manifest.previous} as the one before"
        yield Problem("manifest.json", "previous", f"{stated}; {before.version} is there")
    elif latest == previous and (manifest.published or "9") < (before.published or ""):
        message = f"{manifest.published} is before {before.published}, the date of {before.version}"
        yield Problem("manifest.json", "published", message)


def _version(text: str) -> tuple[int, int, int] | None:
    try:
        return parse(text)
    except GoldwireError:
        return None


def _wrong_card(release: ReleaseFolder, manifest: Release, card: str) -> Iterator[Problem]:
    """Compare the sentences and tables of the card with the manifest and the rows."""
    stated = _CHANGED.search(card)
    if stated is not None:
        changes = (manifest.previous, "; ".join(manifest.changes))
        yield from compare(_CARD, [("changes", stated.groups(), changes)])
    for accepted in manifest.accepted:
        if f"- `{accepted.code}` ({accepted.n_findings}): {accepted.summary}. " not in card:
            yield Problem(_CARD, accepted.code, "lacks the accepted errors that the manifest has")
    listed = re.findall(r"^- `([a-z-]+)` \(\d+\): ", card, re.MULTILINE)
    yield from compare(_CARD, [("accepted", listed, [accepted.code for accepted in manifest.accepted])])
    accepted_codes = {accepted.code for accepted in manifest.accepted}
    for name, (codes, sentence) in CLAIMS.items():
        if codes & accepted_codes and sentence in card:
            yield Problem(_CARD, name, f"states what an accepted error contradicts: {shorten(sentence)}")
    yield from compare(_CARD, _versions(manifest, card))
    yield from compare(_CARD, _figures(release, manifest, card), "the release")


def _versions(manifest: Release, card: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the versions that the card names, and the number of articles that models were trained on."""
    yield from (("version", found, manifest.version) for pattern in _VERSIONS for found in pattern.findall(card))
    yield from (("goldwire", found, manifest.goldwire_version) for found in _MADE_WITH.findall(card))
    n_train = manifest.articles.get("train", 0)
    yield from (("articles of train", _number(found), n_train) for found in _TRAINED.findall(card))


def _figures(release: ReleaseFolder, manifest: Release, card: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of a figure, as the card has it and as the release gives it."""
    about = [one for path, rows in release.rows.items() if path.startswith("data/entities/") for one in rows.about]
    sources = Counter(one["source"] for one in about if "source" in one)
    yield from _figures_of_sentences(release, manifest, card, n_articles=len(about), n_sources=len(sources))
    dates = sorted(one["published"][:10] for one in about if one.get("published"))
    lengths = sorted(n for rows in release.rows.values() for n in rows.lengths)
    yield from _figures_of_tables(manifest, card, sources, dates, lengths)


def _figures_of_sentences(
    release: ReleaseFolder, manifest: Release, card: str, *, n_articles: int, n_sources: int
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the figures in the card's sentences."""
    for pattern in (_OUTLETS, _LIMITS):
        if n_sources and (found := pattern.search(card)):
            yield "outlets", _number(found[1]), n_sources
    labels = [one for rows in release.rows.values() for one in rows.labels]
    n_annotators = [one.n_annotators for one in labels if isinstance(one, ReleasedEntities)]
    if len(n_annotators) == n_articles and (found := _SHARED.search(card)):
        # An article that was annotated for stance only has 0 annotators of entities: the card may count it or not.
        least = sum(n > 1 for n in n_annotators)
        most = least + n_annotators.count(0)
        n_stated = _number(found[1])
        yield "articles of two or more annotators", n_stated, min(max(n_stated, least), most)
    names = sorted({name for rows in release.rows.values() for name in rows.annotators or ()})
    # The name of a person in place of a pseudonym is `release-real-name`.
    if names and all(map(is_pseudonym, names)) and (found := _ANNOTATORS.search(card)):
        yield "annotators", (_number(found[1]), found[2]), (len(names), ", ".join(names))
    if found := _DECISIONS.search(card):
        decided = sum(map(_number, re.findall(r"([\d,]+) by ", found[1]))) - _number(found[2])
        gold = [manifest.labels.get(config, {}) for config in ("entities", "stance")]
        yield "decisions on gold labels", decided, sum(sum(count.values()) for count in gold)


def _figures_of_tables(
    manifest: Release, card: str, sources: Mapping[str, int], dates: Sequence[str], lengths: Sequence[int]
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the figures in the card's tables."""
    from goldwire.release.markdown import inline, markdown_table  # it imports numpy (0.1 s): only if there is a release

    for table in tables(card):
        if table.header[:2] == ("Outlet", "Articles") and sources:
            counts = sorted(row[1] for row in table.rows if len(row) > 1)
            yield "articles by outlet", counts, sorted(map(str, sources.values()))
        elif table.header == ("label", "meaning") and manifest.label_descriptions:
            (expected,) = tables(markdown_table(table.header, manifest.label_descriptions.items()))
            yield "meanings of labels", table.rows, expected.rows
        elif not "".join(table.header).strip():
            stated = {row[0]: row[1] for row in table.rows if len(row) == 2}
            expected_values = _described(manifest, inline(manifest.name), dates, lengths)
            yield from ((name, stated[name], value) for name, value in expected_values if name in stated)


def _described(manifest: Release, name: str, dates: Sequence[str], lengths: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Yield the rows of the tables that describe the version."""
    yield "Made with", f"goldwire {manifest.goldwire_version}"
    yield "Guidelines, schema", f"{manifest.guidelines_version}, {manifest.schema_version}"
    yield "Batches", ", ".join(manifest.batches)
    yield "Name and version", f"{name} {manifest.version}"
    if dates:
        yield "Published", f"{dates[0]} to {dates[-1]}"
        yield "Dates of the content", f"{dates[0]} to {dates[-1]}"
    if lengths:
        middle = lengths[(len(lengths) - 1) // 2]
        yield "Length in characters", f"shortest {lengths[0]}, median {middle}, longest {lengths[-1]}"
        size = f"text, {quantity(len(lengths), 'article')}, {quantity(sum(lengths), 'character')}"
        yield "Modality and size", size


def _number(text: str) -> int:
    return int(text.replace(",", ""))
