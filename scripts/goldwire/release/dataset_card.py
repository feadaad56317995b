"""The dataset card: every section that the Hub's template has, with numbers taken from the release.

Pure: `stages/release.py` gathers the facts, `goldwire.release.parquet.front_matter` makes the YAML above the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median_low
from typing import Any

import msgspec

from goldwire.baselines.scores import Baseline, section
from goldwire.records import Release
from goldwire.release import charts
from goldwire.release.datasheet import markdown_table, shown
from goldwire.workspace.sources import Source

__all__ = ["NO_TEXT", "Facts", "body", "hub_fields", "images", "summary"]

# Licences that the Hub knows by this very id; any other is `other` with its name.
_HUB_LICENCES = frozenset(
    (
        *("apache-2.0", "mit", "unlicense", "odbl", "odc-by", "pddl", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0"),
        *("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0"),
    )
)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
NO_TEXT = (
    "**This release holds no text.** Who has the articles puts them back with `goldwire hydrate FOLDER --texts TEXTS`, "
    "and has `text` and `tokens` then."
)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a card says beyond its manifest.

    `counts` is config -> split -> label -> how many; `rows` config -> split -> how many; `decided` counts units of
    gold by reason, `unsettled` those that are not in it; `untagged` counts spans that no tag can hold, `unmarked`
    articles of whose entities nobody was asked. `dates` (ISO), `lengths` (of texts, in characters) and `outlets`
    (articles by name) are by split.
    """

    manifest: Release
    sources: Mapping[str, Source]
    articles_of: Mapping[str, int]
    rows: Mapping[str, Mapping[str, int]]
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    annotators: Sequence[str]
    decided: Mapping[str, int]
    unsettled: Mapping[str, int]
    untagged: int
    dates: Mapping[str, Sequence[str]]
    lengths: Mapping[str, Sequence[int]]
    outlets: Mapping[str, Mapping[str, int]]
    creators: Sequence[str]
    writers: Sequence[str]
    repo_id: str | None
    baseline: Baseline | None = None
    unmarked: int = 0


def hub_fields(facts: Facts) -> dict[str, Any]:
    """The Hub's own fields of the card's YAML."""
    licences = sorted({source.licence for source in facts.sources.values()})
    licence = licences[0].lower() if len(licences) == 1 else "other"
    fields: dict[str, Any] = {"license": licence if licence in _HUB_LICENCES else "other"}
    if fields["license"] == "other":
        fields["license_name"] = "-and-".join(name.lower().replace(" ", "-") for name in licences) or "unstated"
    total = sum(facts.manifest.articles.values())
    return fields | {
        "language": sorted({source.language for source in facts.sources.values()}),
        "annotations_creators": list(facts.creators),
        "language_creators": list(facts.writers),
        "pretty_name": facts.manifest.name,
        "size_categories": [next((name for bound, name in _SIZES if total < bound), "n>1M")],
        "source_datasets": ["original"],
        "task_categories": ["token-classification", "text-classification"],
        "task_ids": ["named-entity-recognition"],
        "tags": ["news", "stance"],
    }


def summary(facts: Facts) -> str:
    """What the dataset is, in two sentences."""
    manifest = facts.manifest
    total, outlets = sum(manifest.articles.values()), len(facts.articles_of)
    spans, stances = (sum(manifest.labels[config].values()) for config in ("entities", "stance"))
    return (
        f"{total} news articles from {outlets} outlet{'s' if outlets > 1 else ''}, in which people, organisations and "
        f"the like are marked ({spans} entity spans) and joined by who supports or opposes whom ({stances} stances). "
        "Every annotator's own labels come with the gold ones."
    )


def images(facts: Facts) -> dict[str, str]:
    """The card's pictures, by path: how labels, lengths, dates and outlets are distributed over the splits."""
    labels = {
        split: {**facts.counts["entities"][split], **facts.counts["stance"][split]} for split in facts.manifest.articles
    }
    return {
        "images/labels.svg": charts.bars("Gold labels", labels),
        "images/lengths.svg": charts.bars("Length of texts in characters", charts.by_length(facts.lengths)),
        "images/dates.svg": charts.bars("Articles by date", charts.by_period(facts.dates)),
        "images/outlets.svg": charts.bars("Articles by outlet", facts.outlets),
    }


def body(facts: Facts) -> str:
    """The card's text, in Markdown, from its first heading on."""
    parts = [_head(facts), _uses(), _structure(facts), _creation(facts), _limits(facts), _cite(facts)]
    return "\n\n".join(line for part in parts for line in part) + "\n"


def _where(facts: Facts) -> str:
    tag = f"v{facts.manifest.version}"
    return f'"splits/{tag}", "stance"' if facts.repo_id is None else f'"{facts.repo_id}", "stance", revision="{tag}"'


def _head(facts: Facts) -> Iterator[str]:
    manifest = facts.manifest
    yield f"# {manifest.name} {manifest.version}"
    yield summary(facts)
    yield f"```python\nfrom datasets import load_dataset\n\nstances = load_dataset({_where(facts)})\n```"
    if manifest.standoff:
        yield NO_TEXT
    if manifest.reasons:
        changed = f"Changed since {manifest.previous}" if manifest.previous else "Changes"
        yield f"**{changed}:** " + "; ".join(manifest.reasons) + "."
    yield "## Dataset Details"
    yield "### Dataset Description"
    dates = sorted(date for found in facts.dates.values() for date in found)
    lengths = sorted(length for found in facts.lengths.values() for length in found)
    yield markdown_table(
        ("", ""),
        [
            ("Made with", f"goldwire {manifest.goldwire_version}"),
            ("Licence", ", ".join(sorted({source.licence for source in facts.sources.values()}))),
            ("Language", ", ".join(sorted({source.language for source in facts.sources.values()}))),
            ("Published", f"{dates[0]} to {dates[-1]}" if dates else "dates unknown"),
            ("Length in characters", f"shortest {lengths[0]}, median {median_low(lengths)}, longest {lengths[-1]}"),
            ("Guidelines, schema", f"{manifest.guidelines_version}, {manifest.schema_version}"),
            ("Batches", ", ".join(manifest.batches)),
        ],
    )
    yield "### Dataset Sources"
    yield markdown_table(
        ("Outlet", "Articles", "Language", "Licence", "Text may be given away"),
        [
            (
                source.name,
                facts.articles_of[key],
                source.language,
                source.licence,
                "yes" if source.redistribute else "no",
            )
            for key, source in facts.sources.items()
        ],
    )


def _uses() -> Iterator[str]:
    yield "## Uses"
    yield "### Direct Use"
    yield (
        "Training and testing named-entity recognisers (`entities`) and models of the stance that a holder takes to a "
        "target in news (`stance`); studying disagreement between annotators (`annotations`, and `shares` in `stance`)."
    )
    yield "### Out-of-Scope Use"
    yield (
        "Judging persons or outlets: a label says how a text reads to annotators under these guidelines, not what "
        "anybody believes. Testing a model that was trained on the same articles from elsewhere."
    )


def _structure(facts: Facts) -> Iterator[str]:
    yield "## Dataset Structure"
    splits = tuple(facts.manifest.articles)
    yield (
        "Near-duplicates of an article are always in its split, and no article ever changes split: `since` is the "
        "version in which it joined. Offsets count Unicode code points of `text`, as Python slices do; an end is the "
        "first position after the span. A split without a row has no file, since `datasets` loads none."
    )
    articles = ("articles", *(facts.manifest.articles[split] for split in splits))
    rows = [(f"`{config}` rows", *(facts.rows[config][split] for split in splits)) for config in facts.rows]
    yield markdown_table(("", *splits), [articles, *rows])
    for name in ("labels", "lengths", "dates", "outlets"):
        yield f"![Distribution of {name} over the splits](images/{name}.svg)"
    for config, about in _CONFIGS.items():
        yield f"### `{config}`"
        yield about
        counts = facts.counts[config]
        labels = sorted({label for by_label in counts.values() for label in by_label})
        if labels:
            shown = [(label, *(counts[split].get(label, 0) for split in splits)) for label in labels]
            yield markdown_table(("label", *splits), shown)
    if facts.unmarked:
        yield (
            f"In {facts.unmarked} articles nobody was asked about entities, only about stance: their rows have the "
            "text, and no `tokens` and no `ner_tags`. They are no examples of text without entities."
        )
    if facts.untagged:
        yield f"{facts.untagged} spans lie under a longer one: `ner_tags` cannot hold them, `spans` does."


_CONFIGS = {
    "entities": (
        "One row an article: `text` (headline, blank line, paragraphs), `spans` (each with its surface and by how many "
        "of `n_annotators` it was marked so), and the same as `tokens` (with `token_starts` and `token_ends`) with "
        "`ner_tags` (BIO). Of spans that overlap, the longest is tagged, then the first."
    ),
    "stance": (
        "One row a holder-target pair of an article: `holder` (null: the article's own voice), `target`, their "
        "offsets, `label`; `shares` is the share of each label, in the order of the label's names, among the "
        "annotators who drew a stance between the two; `votes` of `n_annotators` gave the label."
    ),
    "annotations": (
        "One row an annotator and article: what that annotator marked, before any adjudication. Annotators are "
        "pseudonyms. `holder` and `target` of a stance are ids of `spans`; `confirmed` says that it was ticked done."
    ),
}


def _creation(facts: Facts) -> Iterator[str]:
    yield "## Dataset Creation"
    yield "### Curation Rationale"
    yield "Who stands where in the news, marked so that every label can be traced to its annotators. See DATASHEET.md."
    yield "### Source Data"
    yield "#### Data Collection and Processing"
    yield (
        "Raw pages were turned into headline and paragraphs; navigation, captions, notices and comment forms were cut. "
        "Texts are NFC with LF line ends. Near-duplicates were found by MinHash and verified."
    )
    yield "#### Who are the source data producers?"
    yield "The outlets named above."
    yield "### Annotations"
    yield "#### Annotation process"
    decided = ", ".join(f"{count} {reason}" for reason, count in facts.decided.items()) or "none"
    unsettled = ", ".join(f"{count} by {reason}" for reason, count in facts.unsettled.items())
    by = "Machines labelled" if list(facts.creators) == ["machine-generated"] else "Annotators labelled"
    yield (
        f"{by} each article in Doccano, none seeing another's labels. How units of gold were decided: {decided}. "
        + (f"Not settled, and so not in gold: {unsettled}." if unsettled else "Everything was settled.")
    )
    if facts.manifest.agreement:
        yield "Agreement between annotators, each with its 95% interval where one was computed:"
        yield markdown_table(
            ("coefficient", "value", "95% interval", "items", "annotators"),
            [
                (value.coefficient, *shown(value), value.n_items, value.n_raters)
                for value in facts.manifest.agreement
                if "[" not in value.coefficient  # of a label alone
            ],
        )
    yield "#### Who are the annotators?"
    names = ", ".join(facts.annotators)
    yield f"{len(facts.annotators)} annotators, by pseudonym: {names} ({', '.join(facts.creators)})."
    yield "#### Personal and Sensitive Information"
    yield "Articles name people. Of annotators nothing but a pseudonym is kept; their comments stay out."


def _limits(facts: Facts) -> Iterator[str]:
    yield "## Bias, Risks, and Limitations"
    yield (
        f"{len(facts.articles_of)} outlets are not the press, and the guidelines are one reading of stance. Classes "
        "are as uneven as the news made them: see the counts above."
    )
    if facts.manifest.withheld:
        yield f"The text of {', '.join(facts.manifest.withheld)} may not be given away."
    if facts.baseline is not None:
        yield from section(facts.baseline)
    yield "### Recommendations"
    yield "Report scores by label and outlet beside the total, and say which version was used."


def _cite(facts: Facts) -> Iterator[str]:
    manifest = facts.manifest
    yield "## Citation"
    yield f"{manifest.name}, version {manifest.version}. See CITATION.cff."
    key = re.sub(r"\W+", "-", manifest.name.lower())
    note = f"Version {manifest.version}"
    yield f"**BibTeX:**\n\n```bibtex\n@misc{{{key},\n  title = {{{manifest.name}}},\n  note = {{{note}}}\n}}\n```"
    yield "## Glossary"
    yield (
        "Stance: a holder supports, opposes or is neutral towards a target. Gold: what the annotators' labels were "
        "settled to. Cluster: near-duplicate articles."
    )
    yield markdown_table(("label", "meaning"), list(manifest.meanings.items()))
    yield "## More Information"
    yield "`manifest.json` digests every file's content; it stays the same where the same data are released elsewhere."
    yield "## Dataset Card Authors"
    yield f"Written by goldwire {manifest.goldwire_version} from the data."
    yield "## Dataset Card Contact"
    yield "The repository that this dataset comes from."
