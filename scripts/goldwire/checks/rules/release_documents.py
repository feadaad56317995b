"""L5: the documents of a release have the figures of its manifest, its labels and `baseline.json`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.checks.check import check
from goldwire.checks.document_comparison import Problem, Table, compare, shorten, tables
from goldwire.checks.document_parsing import json_objects
from goldwire.checks.released_label_counts import label_counts
from goldwire.checks.rule import Rule
from goldwire.checks.rules.links import links
from goldwire.checks.rules.release import mismatched_versions, wrong_counts
from goldwire.checks.rules.release_scores import score_differences
from goldwire.checks.rules.release_statements import statement_problems
from goldwire.checks.rules.released_votes import wrong_votes
from goldwire.checks.rules.row_consistency import contradictory_rows
from goldwire.checks.snapshot import ReleaseFolder, Snapshot
from goldwire.records import Finding, Release

if TYPE_CHECKING:
    from goldwire.baselines.scores import Baseline

__all__ = ["has_other_findings", "wrong_documents"]

RELEASE_DOCUMENT_WRONG = Rule(
    code="release-document-wrong",
    level=5,
    severity="error",
    summary="a document of a release contradicts the manifest, the labels or `baseline.json`",
    why="Papers quote the card, catalogues copy croissant.json and datapackage.json.",
    fix="Restore the release from git, or release the change as a new version.",
    example=(
        "splits/v0.0.1/croissant.json version: L5 split error [release-document-wrong] has 0.0.2, the manifest has "
        "0.0.1"
    ),
)


_SUMMARY = re.compile(
    r"^([\d,]+) (?:news )?articles? from [\d,]+ outlets?, annotated with ([\d,]+) entity spans?"
    r"(?: and ([\d,]+) stances?)?",
    re.MULTILINE,
)


_CITED = re.compile(r'^([a-z-]+): ("(?:[^"\\]|\\.)*")$', re.MULTILINE)
_ARTICLES = re.compile(r"- ([\d,]+) articles?")
_FIGURES = re.compile(r"(\S+) (\S+) (-?\d\.\d{3})(?: \[(-?\d+\.\d{3}) to (-?\d+\.\d{3})\])?")


@check(RELEASE_DOCUMENT_WRONG)
def wrong_documents(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each figure in a document of a release that its other files contradict."""
    for release in snapshot.releases:
        if release.manifest is None:
            continue
        problems = [
            *_wrong_summary(release, release.manifest),
            *_wrong_croissant(release, release.manifest),
            *_wrong_datapackage(release, release.manifest),
            *_wrong_citation(release, release.manifest),
            *_wrong_changelog(release, release.manifest),
            *_wrong_label_counts(release, release.manifest),
            *_wrong_tables(release, release.manifest),
            *_wrong_baseline(release, release.manifest, snapshot.baselines.get(release.folder)),
            *_missing_pictures(release, release.manifest),
            *statement_problems(release, release.manifest, snapshot.releases),
        ]
        if problems and not has_other_findings(snapshot, release):
            for problem in problems:
                yield RELEASE_DOCUMENT_WRONG.finding(release.path(problem.document), problem.message, item=problem.item)


def has_other_findings(snapshot: Snapshot, release: ReleaseFolder) -> bool:
    """Whether the manifest or the rows of a release are wrong: then so are its documents, by the same cause."""
    of_release = msgspec.structs.replace(snapshot, releases=(release,))
    checks = (mismatched_versions, wrong_counts, wrong_votes, contradictory_rows)
    return any(finding for check in checks for finding in check(of_release))


def _parse(release: ReleaseFolder, name: str) -> dict[str, Any]:
    """Return a JSON document; empty if there is none, or if it is broken."""
    try:
        content = json.loads(release.documents.get(name, "{}"))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _wrong_summary(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    """Compare the counts of the card's first sentence, which the catalogue entries repeat."""
    card = release.documents.get("README.md", "")
    sentence = _SUMMARY.search(card)
    if sentence is not None:
        n_spans, n_stances = (sum(manifest.labels.get(config, {}).values()) for config in ("entities", "stance"))
        counts = (("articles", sum(manifest.articles.values())), ("entity spans", n_spans), ("stances", n_stances))
        stated = [number.replace(",", "") for number in sentence.groups("0")]  # versions before 0.5.0 have no commas
        rows = [(name, number, str(count)) for (name, count), number in zip(counts, stated, strict=True)]
        yield from compare("README.md", rows)
    for name in ("croissant.json", "datapackage.json"):
        description = _parse(release, name).get("description")
        if isinstance(description, str) and card and description not in card:
            yield Problem(name, "description", f"is not the summary of the card: {shorten(description)}")


def _wrong_croissant(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    content = _parse(release, "croissant.json")
    if not content:
        return
    yield from compare(
        "croissant.json",
        (
            ("name", content.get("name"), manifest.name),
            ("version", content.get("version"), manifest.version),
            *((key, content.get(key), manifest.published) for key in ("datePublished", "dateModified")),
        ),
    )
    yield from _wrong_agreement(content, manifest)
    files = {file.path: file for file in manifest.files if file.path.endswith(".parquet")}
    listed = {str(each.get("@id")): each for each in json_objects(content, "distribution")}
    yield from compare("croissant.json", [("distribution", sorted(listed), sorted(files))])
    for path in sorted(files.keys() & listed.keys()):
        entry, file = listed[path], files[path]
        yield from compare(
            "croissant.json",
            (
                (f"{path} name", entry.get("name"), path),
                (f"{path} contentUrl", str(entry.get("contentUrl"))[-len(path) :], path),
                (f"{path} contentSize", entry.get("contentSize"), f"{file.bytes} B"),
                (f"{path} sha256", entry.get("sha256"), file.sha256),
            ),
        )


def _wrong_agreement(content: dict[str, Any], manifest: Release) -> Iterator[Problem]:
    """Compare the values of agreement and their intervals in croissant.json."""
    from goldwire.agreement.descriptions import bounds

    stated = content.get("rai:dataAnnotationAnalysis")
    expected = {
        (value.batch, value.coefficient): (f"{value.value:.3f}", *(bounds(value) or ("", "")))
        for value in manifest.agreement
        if value.is_whole
    }
    for line in stated if isinstance(stated, list) else [stated]:
        if figures := _FIGURES.match(str(line)):
            batch, coefficient, *values = figures.groups("")
            wanted = expected.get((batch, coefficient))
            yield from compare("croissant.json", [(f"{batch} {coefficient}", tuple(values), wanted)])


def _wrong_datapackage(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    content = _parse(release, "datapackage.json")
    if not content:
        return
    created = None if manifest.published is None else f"{manifest.published}T00:00:00Z"
    yield from compare(
        "datapackage.json",
        (("title", content.get("title"), manifest.name), ("version", content.get("version"), manifest.version)),
    )
    yield from compare("datapackage.json", [("created", content.get("created"), created)])
    files = {file.path: file for file in manifest.files if file.path.endswith(".parquet")}
    listed: list[str] = []
    for resource in json_objects(content, "resources"):
        path = resource.get("path")
        listed += path if isinstance(path, list) else [str(path)]
        file = files.get(path) if isinstance(path, str) else None
        if file is not None:
            yield from compare(
                "datapackage.json",
                (
                    (f"{path} bytes", resource.get("bytes", file.bytes), file.bytes),  # it is optional
                    (f"{path} hash", resource.get("hash"), f"sha256:{file.sha256}"),
                ),
            )
    yield from compare("datapackage.json", [("resources", sorted(listed), sorted(files))])


def _wrong_citation(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    """Compare CITATION.cff, whose values are texts in quotes, as JSON has them."""
    text = release.documents.get("CITATION.cff", "")
    if not text:
        return
    values = {key: json.loads(value) for key, value in _CITED.findall(text)}
    yield from compare(
        "CITATION.cff",
        (
            ("title", values.get("title"), manifest.name),
            ("version", values.get("version"), manifest.version),
            ("date-released", values.get("date-released"), manifest.published),
        ),
    )
    card = release.documents.get("README.md", "")
    if card and values.get("abstract", "") not in card:
        yield Problem("CITATION.cff", "abstract", f"is not the summary of the card: {shorten(values['abstract'])}")
    licence, stated = values.get("license"), (release.card_metadata or {}).get("license")
    if licence is not None and isinstance(stated, str) and stated not in ("other", licence.casefold()):
        yield Problem("CITATION.cff", "license", f"has {licence}, the header of the card has {stated}")


def _wrong_changelog(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    """Compare the first entry of CHANGELOG.md, which is that of this version."""
    text = release.documents.get("CHANGELOG.md", "")
    if not text:
        return
    first = text.partition("\n## ")[2].partition("\n## ")[0]
    heading, *lines = first.splitlines() or [""]
    counts = [match[1].replace(",", "") for line in lines if (match := _ARTICLES.fullmatch(line))]
    changes = [line.removeprefix("- ") for line in lines if line.startswith("- ") and not _ARTICLES.fullmatch(line)]
    yield from compare(
        "CHANGELOG.md",
        (("version", heading, manifest.version), ("articles", counts, [str(sum(manifest.articles.values()))])),
    )
    if manifest.changes:
        yield from compare("CHANGELOG.md", [("changes", changes, list(manifest.changes))])


def _wrong_label_counts(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    """Compare the manifest's number of each label with the labels in the files."""
    counts = label_counts(release)
    for config in sorted({config for config, _ in counts} & manifest.labels.keys()):
        found: Counter[str] = sum((n for (name, _), n in counts.items() if name == config), Counter())
        stated = {label: n for label, n in manifest.labels[config].items() if n}
        if sum(found.values()) == sum(stated.values()):  # else `release-counts-wrong` says so
            yield from compare(
                "manifest.json",
                [(f"{config} {label}", stated.get(label, 0), found[label]) for label in sorted({*found, *stated})],
                "the files",
            )


def _wrong_tables(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    """Compare the tables of the card that count articles, rows and labels, or list agreement."""
    from goldwire.release.markdown import agreement_table

    splits, counts = tuple(manifest.articles), label_counts(release)
    for table in tables(release.documents.get("README.md", "")):
        pairs: list[tuple[str, Any, Any]] = []
        if table.header[1:] == splits and table.header[0].strip() == "":
            pairs = [(name, values, _expected_counts(manifest, name, splits)) for name, *values in table.rows]
        elif table.header == ("label", *splits) and (table.heading.strip("`"), splits[0]) in counts:
            pairs = _label_pairs(table, splits, counts)
        elif table.header[:3] == ("batch", "coefficient", "value"):
            (expected,) = tables("\n" + agreement_table(manifest.agreement))
            pairs = _agreement_pairs(table, expected)
        yield from compare("README.md", pairs, "the release")


def _label_pairs(
    table: Table, splits: tuple[str, ...], counts: Mapping[tuple[str, str], Counter[str]]
) -> list[tuple[str, Any, Any]]:
    """Return the stated and the counted cells of each label of a config, also of labels that one of them lacks."""
    config = table.heading.strip("`")
    counted = {split: counts.get((config, split), Counter()) for split in splits}
    stated = {row[0]: list(row[1:]) for row in table.rows}
    labels = sorted({*stated, *(label for count in counted.values() for label in count)})
    return [
        (f"{config} {label}", stated.get(label), [str(counted[split][label]) for split in splits]) for label in labels
    ]


def _agreement_pairs(table: Table, expected: Table) -> list[tuple[str, Any, Any]]:
    """Return the stated and the expected rows of the table of agreement, and their numbers."""
    # Releases before 0.2.0 have other columns after the value.
    width = len(table.header) if table.header == expected.header else 3
    pairs: list[tuple[str, Any, Any]] = [
        (" ".join(wanted[:2]), " ".join(row[:width]), " ".join(wanted[:width]))
        for row, wanted in zip(table.rows, expected.rows, strict=False)
    ]
    return [*pairs, ("agreement", len(table.rows), len(expected.rows))]


def _expected_counts(manifest: Release, name: str, splits: tuple[str, ...]) -> list[str]:
    """Return the cells of a row of the card's table of sizes: `articles`, or "`entities` rows"."""
    if name == "articles":
        return [str(manifest.articles[split]) for split in splits]
    config = name.removesuffix(" rows").strip("`")
    return [
        str(sum(f.rows or 0 for f in manifest.files if f.path.startswith(f"data/{config}/{split}-")))
        for split in splits
    ]


def _missing_pictures(release: ReleaseFolder, manifest: Release) -> Iterator[Problem]:
    """Find pictures of the card that are not in the version; `release-file-missing` has those in its manifest."""
    listed = {file.path for file in manifest.files} | release.files.keys()
    for line, target in links(release.documents.get("README.md", "")):
        if target.startswith("images/") and target not in listed:
            yield Problem("README.md", target, f"is shown on line {line}, and is not in the version")


def _wrong_baseline(release: ReleaseFolder, manifest: Release, computed: Baseline | None) -> Iterator[Problem]:
    """Compare the scores in `baseline.json` with those in the card and, where they are `computed`, with the rows."""
    from goldwire.baselines.scores import Baseline
    from goldwire.release.card_baselines import baseline_rows, feature_sentences

    if not {"baseline.json", "README.md"} <= release.documents.keys():
        return
    try:
        baseline: Baseline = msgspec.json.decode(release.documents["baseline.json"], type=Baseline)
    except msgspec.DecodeError as error:
        yield Problem("baseline.json", "scores", f"cannot be read: {error}")
        return
    yield from compare(
        "baseline.json", [("n_train_articles", baseline.n_train_articles, manifest.articles.get("train", 0))]
    )
    n_candidates, n_chosen = len(baseline.stance_features), sum(one.chosen for one in baseline.stance_features)
    yield from compare("baseline.json", [("chosen candidates", n_chosen, min(1, n_candidates))], "a choice")
    yield from compare("baseline.json", _lead_values(baseline), "the scores of the model and of the probe")
    for place, stored, value in score_differences(baseline, computed) if computed is not None else ():
        yield from compare("baseline.json", [(place, stored, value)], "the model trained again")
    card = release.documents.get("README.md", "")
    expected, shown = baseline_rows(baseline), {table.header[0]: table for table in tables(card)}
    for title, rows in expected.items():
        table, wanted = shown.get(title), {row[0]: " | ".join(row[1:]) for row in rows}
        stated = {row[0]: " | ".join(row[1:]) for row in table.rows} if table is not None else {}
        yield from compare(
            "README.md",
            [(f"{title}: {name}", stated.get(name), wanted.get(name)) for name in sorted({*stated, *wanted})],
            "baseline.json",
        )
    sentences = [f"**Warning:** {warning}." for warning in baseline.warnings]
    sentences += [f"No {task} model: {reason}." for task, reason in baseline.skipped.items()]
    sentences += feature_sentences(baseline)
    for sentence in sentences:
        if sentence not in card:
            yield Problem("README.md", "baselines", f"lacks what baseline.json has: {shorten(sentence)}")


def _lead_values(baseline: Baseline) -> Iterator[tuple[str, float | None, float | None]]:
    """Yield the stored lead over each probe, with its n, beside those that the two scores give."""
    scores = {(model.name, split): score for model in baseline.stance for split, score in model.scores.items()}
    full = next((model.scores for model in baseline.stance if model.role == "full"), {})
    for probe in baseline.stance_leads:
        for split, lead in probe.scores.items():
            model, other = full.get(split), scores.get((probe.name, split))
            difference = None if model is None or other is None else model.value - other.value
            is_close = difference is not None and abs(lead.value - difference) < 2e-4  # of rounded scores
            yield f"lead over {probe.name} on {split}", lead.value, lead.value if is_close else difference
            yield f"n of the lead over {probe.name} on {split}", lead.n, None if other is None else other.n
