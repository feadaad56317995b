"""The guideline page of a project: the labels from `schema.toml`, then the project's own text. Pure.

It is Markdown for Doccano's own viewer. On a server that goldwire runs, the same text is on the project's start page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from goldwire.doccano.label_type_plan import LabelType
from goldwire.records import TaskKind
from goldwire.workspace.label_schema import EntityLabel, Schema, StanceOption

__all__ = ["guideline_page"]

_VOICE = (
    "The article itself, where it takes a side in its own words. Mark the first word of the headline, and draw the "
    "relation from there."
)
"""The meaning of the schema's `voice`. The overlay translates it: its words are in `overlay/words.json`, too."""

_DISPUTE = "Annotators disagree here. Replace this mark by the right label, or delete it."
"""The meaning of a mark that an expert is to replace, translated likewise."""

_SPECIAL = re.compile(r"[\\|*_`\[\]<>]")


def guideline_page(
    schema: Schema,
    label_types: tuple[Sequence[LabelType], Sequence[LabelType]],
    own_text: str,
    *,
    kind: TaskKind = "entities",
    introduction: str = "",
    marks: Sequence[LabelType] = (),
) -> str:
    r"""Return the page in Markdown.

    Parameters
    ----------
    schema : Schema
    label_types : tuple of two sequences of LabelType
        Span types and relation types of the schema, which have the hot keys.
    own_text : str
        The project's own text, `annotations/GUIDELINES.md`.
    kind : {"entities", "stance"}
        Tasks of kind `stance` have no spans, and the stances are answers.
    introduction : str
        Markdown above the labels.
    marks : sequence of LabelType
        Types that an expert's project has beside those of the schema, for spans and relations in dispute.

    Examples
    --------
    >>> from goldwire.workspace.label_schema import EntityLabel, Schema
    >>> schema = Schema(
    ...     version="1.0", entity=(EntityLabel(label="PER", description="a person", color="#1f5fbf", key="p"),)
    ... )
    >>> page = guideline_page(schema, ([LabelType("PER", None, "p", "#1f5fbf", "#ffffff")], []), "# Guidelines\n")
    >>> page.splitlines()[2]
    '| Label | Key | Meaning |'
    >>> page.splitlines()[4]
    '| <span style="color:#1f5fbf">■</span> PER | `p` | a person |'
    """
    every: tuple[EntityLabel | StanceOption, ...] = (*schema.entity, *schema.stance)
    entries = {entry.label: entry for entry in every}
    spans, relations = label_types
    if kind == "stance":
        tables = [("Answers", [*relations])]
    else:
        tables = [("Labels", [*spans, *marks]), ("Relations", [*relations, *marks])]
    meanings = {entry.label: _escape(entry.description) for entry in every} | {mark.text: _DISPUTE for mark in marks}
    parts = ["\n".join(_table(title, types, entries, meanings)) for title, types in tables if types]
    return introduction + "\n\n".join((*parts, own_text))


def _table(
    title: str,
    types: Sequence[LabelType],
    entries: Mapping[str, EntityLabel | StanceOption],
    meanings: Mapping[str, str],
) -> Iterator[str]:
    has_examples = any(type_.text in entries and entries[type_.text].examples for type_ in types)
    columns = ("Label", "Key", "Meaning", *(("Examples",) if has_examples else ()))
    yield from (f"## {title}", "", _row(columns), _row(["---"] * len(columns)))
    for type_ in types:
        entry = entries.get(type_.text)
        name = f'<span style="color:{type_.background_color}">■</span> {_escape(type_.text)}'
        # Doccano's page reacts to this key alone, whatever the key that should be held with it.
        key = f"`{type_.suffix_key}`" if type_.suffix_key else ""
        cells = [name, key, meanings.get(type_.text, _VOICE)]
        if has_examples:
            cells.append(", ".join(f"*{_escape(example)}*" for example in (entry.examples if entry else ())))
        yield _row(cells)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    """Return a text in one line, with what Markdown would interpret escaped."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
