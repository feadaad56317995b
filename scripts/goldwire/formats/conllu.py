"""CoNLL-U with entity tags in the column MISC: `NER=B-PER` (Stanza's `ner=S-PER` is read), or mentions in brackets.

The words of the text are labelled: a multiword token has the labels of its parts, an empty node has none.

`SpacesAfter` and `SpacesBefore` store white space as UDPipe does, so that the text comes back exactly. Several
annotators are files of a folder, named after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

import msgspec

from goldwire.errors import DataError
from goldwire.formats import entity_brackets, tag_schemes
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Span, merge_annotators
from goldwire.formats.files import data_files, file_names, read_text, write_member
from goldwire.formats.word_rows import WordRows, equal_rows, joined_offsets
from goldwire.quantities import quantity

__all__ = ["FORMAT"]

_ESCAPES = (("\\", "\\\\"), (" ", "\\s"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("|", "\\p"))
_NEW_DOCUMENT = re.compile(r"\n#[^\S\n]*newdoc(?:[^\S\n]+id[^\S\n]*=[^\S\n]*(.*))?(?=\n)")
_BLANK_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)
_ESCAPE = re.compile(r"\\(.)")
_LABELS = re.compile(r"(?:^|\|)(NER|ner|Entity)=([^|]+)")
_FIELDS = re.compile(r"^#[^\S\n]*global\.Entity[^\S\n]*=[^\S\n]*(\S+)", re.MULTILINE)
_UNESCAPED = {escape[1]: character for character, escape in _ESCAPES}


class ConlluFormat(msgspec.Struct, frozen=True):
    """CoNLL-U."""

    name: str = "conllu"
    title: str = "CoNLL-U"
    package: str | None = None
    capabilities: Capabilities = Capabilities(
        nested_spans=False,
        crossing_spans=False,
        empty_documents=False,
        token_boundaries=True,
        relations=False,
        comments=False,
        completeness=False,
    )

    def matches(self, path: Path) -> bool:
        """Whether the file, or one of the folder, ends in .conllu."""
        return path.suffix == ".conllu" if path.is_file() else next(path.glob("*.conllu"), None) is not None

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per `# newdoc`, or per file without any."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, Path]]:
        for file in data_files(path, ".conllu"):
            annotator = ANONYMOUS if path.is_file() else file.stem
            for document in _parse(read_text(file), annotator, file):
                yield document, file

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write a folder with one file per annotator."""
        parts: dict[str, list[str]] = {}
        for document in documents:
            for annotator, own in _serialize(document):
                parts.setdefault(annotator, []).append(own)
        names = file_names(parts)
        for annotator, texts in parts.items():
            write_member(path / f"{names[annotator]}.conllu", "".join(texts))


class _Misc(msgspec.Struct, frozen=True):
    """The values of the last column: a tag, and the white space around the word."""

    tag: str = "O"
    entity: str = ""  # brackets
    before: str = ""
    after: str | None = None  # None: a blank, or nothing at the end of the text


def _parse(content: str, annotator: str, file: Path) -> Iterator[Document]:
    """Yield the documents of a file. Only LF ends a line: words may have U+2028.

    A blank line ends each sentence: a last row without a line end is cut off, in a tag for example.
    """
    if content.rpartition("\n")[2].strip():
        hint = "copy the file again, or end it with a blank line"
        raise DataError("the last row is cut off", location=f"{file}:{content.count(chr(10)) + 1}", hint=hint)
    content = "\n" + content.replace("\r\n", "\n") + "\n"
    if "\n " in content or "\n\t" in content:
        content = _BLANK_LINE.sub("", content)
    fields = _FIELDS.search(content)
    parts = _NEW_DOCUMENT.split(content)
    for name, body in zip([None, *parts[1::2]], parts[::2], strict=True):
        forms: list[str] = []
        last_columns: list[str] = []
        for block in body.split("\n\n"):
            if "#" in block:
                block = "\n".join(line for line in block.split("\n") if not line.startswith("#"))
            block = block.strip("\n")
            if not block:
                continue
            divided = equal_rows(block, "\t")
            if divided is None or divided[1] != 11:
                raise _problem_of_columns(content, file)
            cells, step = divided
            if all(map(str.isdecimal, cells[::step])):
                forms += cells[1::step]
                last_columns += cells[9::step]
            else:
                for form, column in _surface_words(block, content, file):
                    forms.append(form)
                    last_columns.append(column)
        if forms:
            try:
                text, tokens, spans = _text_and_labels(forms, last_columns, fields[1] if fields else None)
            except ValueError as error:
                raise DataError(str(error), location=file) from None
            labels = (Labels(annotator=annotator, spans=spans),)
            yield Document(id=(name or "").strip() or file.stem, text=text, labels=labels, tokens=tokens)


def _surface_words(block: str, content: str, file: Path) -> list[tuple[str, str]]:
    """Return FORM and MISC of the words of a sentence without empty nodes and the parts of multiword tokens."""
    words: list[tuple[str, str]] = []
    opened = ""  # brackets of empty nodes before the next word
    covered = 0  # the last word of the multiword token that was read
    for line in block.split("\n"):
        position, form, *_, column = line.split("\t")
        if not position.isdecimal() and "." not in position:
            last = position.partition("-")[2]
            if not last.isdecimal():
                number = content.split("\n").index(line)
                raise DataError(f"{position!r} is not the ID of a word or of words", location=f"{file}:{number}")
            covered = int(last)
        elif "." in position:
            closed, own = entity_brackets.around_empty_node(_misc(column).entity)
            opened += own
            if closed and words:
                words[-1] = (words[-1][0], f"{words[-1][1]}|Entity={closed}")
            continue
        elif int(position) <= covered:
            labels = "|".join(f"{name}={value}" for name, value in _LABELS.findall(column))
            words[-1] = (words[-1][0], f"{words[-1][1]}|{labels}" if labels else words[-1][1])
            continue
        words.append((form, f"Entity={opened}|{column}" if opened else column))
        opened = ""
    return words


def _problem_of_columns(content: str, file: Path) -> DataError:
    for number, line in enumerate(content.split("\n")):
        n_columns = line.count("\t") + 1
        if line and not line.startswith("#") and n_columns != 10:
            return DataError(f"{quantity(n_columns, 'column')}, CoNLL-U has 10", location=f"{file}:{number}")
    return DataError("a row does not have 10 columns", location=file)


@lru_cache(maxsize=10_000)
def _misc(column: str) -> _Misc:
    if column == "_":
        return _Misc()
    pairs = [part.partition("=")[::2] for part in column.split("|")]
    values = dict(reversed(pairs))  # the first of several: the parts of a multiword token have tags, too
    after = None
    if values.get("SpaceAfter") == "No":
        after = ""
    elif "SpacesAfter" in values:
        after = _unescape(values["SpacesAfter"])
    tag = _unescape(values.get("NER") or values.get("ner") or "O")
    entity = "".join(value for name, value in pairs if name == "Entity")
    return _Misc(tag, entity, _unescape(values.get("SpacesBefore", "")), after)


def _text_and_labels(
    forms: Sequence[str], last_columns: Sequence[str], fields: str | None
) -> tuple[str, tuple[tuple[int, int], ...], tuple[Span, ...]]:
    """Return a text with the offsets of its words, and its spans. Raises ValueError for brackets without a partner."""
    values = {column: _misc(column) for column in set(last_columns)}
    after = {column: " " if misc.after is None else misc.after for column, misc in values.items()}
    spaces = [after[column] for column in last_columns]
    if values[last_columns[-1]].after is None:
        spaces[-1] = ""
    first = values[last_columns[0]].before
    if any(misc.before for misc in values.values()):
        for number, column in enumerate(last_columns[1:]):
            spaces[number] += values[column].before
    tokens = joined_offsets(forms, list(map(len, spaces)), len(first))
    mentions = tag_schemes.decode([values[column].tag for column in last_columns])
    if any(misc.entity for misc in values.values()):
        brackets = [(number, values[column].entity) for number, column in enumerate(last_columns)]
        mentions += sorted(entity_brackets.decode(brackets, fields or entity_brackets.DEFAULT_FIELDS))
    spans = tuple(Span(start=tokens[number][0], end=tokens[end - 1][1], label=label) for number, end, label in mentions)
    return first + "".join(chain.from_iterable(zip(forms, spaces, strict=True))), tokens, spans


def _serialize(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each annotator with the document in columns."""
    rows = WordRows(document)
    spaces = list(_spaces(document.text, rows.offsets))
    columns, number_in_sentence = [], 0
    for number, word in enumerate(rows.words):
        begins = number in rows.first_of_sentences and number > 0
        number_in_sentence = 1 if begins else number_in_sentence + 1
        line = f"{number_in_sentence}\t{word}\t_\t_\t_\t_\t_\t_\t_\t"
        columns.append(f"\n{line}" if begins else line)
    untagged = [f"{row}{space or '_'}" for row, space in zip(columns, spaces, strict=True)]
    for labels, ranges in zip(document.labels, rows.ranges, strict=True):
        lines = untagged.copy()
        for first, end, label in ranges:
            for number, tag in enumerate(tag_schemes.encode(end - first, [(0, end - first, label)]), first):
                entity = f"NER={_escape(tag)}"
                lines[number] = columns[number] + (f"{entity}|{spaces[number]}" if spaces[number] else entity)
        yield labels.annotator, "\n".join([f"# newdoc id = {document.id}", *lines, "", ""])


def _spaces(text: str, offsets: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Yield what MISC says of the white space around each word; nothing of a single blank after it."""
    if not offsets:
        return
    following = [start for start, _ in offsets[1:]]
    before = text[: offsets[0][0]]
    for (_, end), after in zip(offsets, [*following, None], strict=True):
        space = text[end:after]
        found = [f"SpacesBefore={_escape(before)}"] if before else []
        before = ""
        if not space:
            found.append("SpaceAfter=No")
        elif space != " " or after is None:
            found.append(f"SpacesAfter={_escape(space)}")
        yield "|".join(found)


def _escape(space: str) -> str:
    for character, escape in _ESCAPES:
        space = space.replace(character, escape)
    return space


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _UNESCAPED.get(match[1], match[0]), text)


FORMAT = ConlluFormat()
