"""The page of the documentation site on formats of other tools."""

from __future__ import annotations

from goldwire.formats import table_of_formats

__all__ = ["page"]

_INTRODUCTION = """\
# Formats of other tools

`goldwire import PATH --batch BATCH` reads labels that were made with another tool into a new batch
of the workspace, and `goldwire export BATCH PATH --to FORMAT` (or `--gold PATH`) writes them. The
format of a file is recognized by its content; `--from FORMAT` names it.

```
goldwire import brat-project/ --batch b07
goldwire import export.json --batch b08 --from label-studio --rename PERSON=PER
goldwire export b01 annotations.json --to label-studio
goldwire export --gold train/ --to spacy --accept-loss
```

- A document belongs to the article of the corpus with the same text; white space may differ, and
  offsets are moved. To bring the texts in first, put them into `corpus/raw/SOURCE/`, set
  `clean = "none"` for the source in `corpus/sources.toml`, and run `goldwire ingest`.
- Offsets are converted at the edge: Doccano and UIMA count UTF-16 units, the others
  code points; goldwire stores code points.
- A stance is a relation from holder to target. The table says which tools also hold stances of the
  text's own voice, and those towards a target that is only named.
- Web annotations of other tools refer to texts that are not in the file: `agree` compares them by
  their positions, and they cannot be imported into a workspace.
- An answer about a whole text, such as a choice of Label Studio, is a stance towards the question.
- Files are UTF-8, with or without a byte order mark. For another encoding, the error names the
  likely one and the command that converts the file.
- What a format cannot hold is counted before anything is written, and the command stops;
  `--accept-loss` leaves it out.
- Names of annotators that are not pseudonyms become `A1`, `A2`, ...; the report says who is who.
- Attributes of spans (brat) are counted and not stored in layers; notes become comments.

## Without a workspace

`agree` and `adjudicate` read the same files where they are; nothing is set up first.

```
goldwire agree project.json
goldwire agree ada.jsonl ben.jsonl --json
goldwire agree ratings.csv --scale left,center,right
goldwire adjudicate project.json --out gold/ --to brat --method dawid-skene
```

- The report is the one of a batch: each coefficient with its 95% interval. In Python it is
  `goldwire.agreement.report(layers)`.
- A table (CSV) has a row per label, or a row per item and a column per annotator (`annotator_1`,
  `A1`, `rater 2`). Save a spreadsheet as CSV.
- Annotators are those that the files name. A file that names none is of one annotator, who gets the
  name of the file.
- Documents of several files are one where their texts are equal but for white space; ids count for
  nothing, because tools number the documents of each project anew. Documents without a text are
  matched by their id.
- Where an annotator labelled a document twice, the last labels count, and the report says so.
- Stances on a scale have an ordinal alpha, too: numbers, words such as `opposes`, `neutral` and
  `supports`, or those that `--scale` lists from against to in favour.
- `adjudicate` writes the gold labels in the format of the files, or in the one of `--to`, and every
  decision with its votes to `OUT.decisions.jsonl`. Experts (`E1`), machines (`M1`) and `gold` have
  no vote.

## Formats

"""

_END = """

- Entities `with a stance`: a document without any stance is not carried.
- Stances `to spans`: those towards a target that is only named are not carried; `between spans`:
  neither are those of the text's own voice.
- Offsets `of words`: spans that start or end within a word are not carried.

A test writes and reads each of these with each format. Answers about whole texts are also carried
by Doccano (as categories) and Prodigy (as the chosen options `accept`).

To add a format, publish a package with an entry point in the group `goldwire.formats`. Its value is
an object with the attributes and methods of `goldwire.formats.capabilities.Format`.
"""


def page() -> str:
    """Return the text of the page."""
    return _INTRODUCTION + table_of_formats.build().to_markdown() + _END
