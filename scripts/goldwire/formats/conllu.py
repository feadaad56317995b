"""CoNLL-U with entity tags in the column MISC: `NER=B-PER` (Stanza's `ner=S-PER` and `Entity` in brackets are read).

`SpacesAfter` and `SpacesBefore` store white space as UDPipe does, so that the text comes back exactly. Several
annotators are files of a folder, named after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from goldwire.errors import DataError
from goldwire.formats import tag_schemes
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Span, merge_annotators, tokens_of
from goldwire.formats.files import data_files, file_name, read_text, write_member
from goldwire.quantities import quantity
from goldwire.text.sentences import sentences

__all__ = ["FORMAT"]

_ESCAPES = (("\\", "\\\\"), (" ", "\\s"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("|", "\\p"))
_NEW_DOCUMENT = re.compile(r"#\s*newdoc(?:\s+id\s*=\s*(.*))?$")
_ESCAPE = re.compile(r"\\(.)")
_UNESCAPED = {escape[1]: character for character, escape in _ESCAPES}


class ConlluFormat(msgspec.Struct, frozen=True):
    """CoNLL-U."""

    name: str = "conllu"
    title: str = "CoNLL-U"
    package: str | None = None
    capabilities: Capabilities = Capabilities(
        nested_spans=False,
        crossing_spans=False,
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
            for labels in document.labels:
                parts.setdefault(labels.annotator, []).append(_serialize(document, labels))
        for annotator, own in parts.items():
            write_member(path / f"{file_name(annotator)}.conllu", "".join(own))


class _Word(msgspec.Struct):
    form: str
    tag: str
    before: str
    after: str | None  # None: a blank, or nothing at the end of the text


def _parse(content: str, annotator: str, file: Path) -> Iterator[Document]:
    name: str | None = None
    words: list[_Word] = []
    covered = 0  # the last word of the multiword token that was read
    for number, line in enumerate([*content.split("\n"), "# newdoc"], 1):  # only LF ends a line: words may have U+2028
        line = line.removesuffix("\r")
        if line.startswith("#"):
            new = _NEW_DOCUMENT.match(line)
            if new:
                if words:
                    yield _document(name or file.stem, words, annotator)
                name, words = (new[1] or "").strip() or None, []
        elif line.strip():
            columns = line.split("\t")
            if len(columns) != 10:
                raise DataError(f"{quantity(len(columns), 'column')}, CoNLL-U has 10", location=f"{file}:{number}")
            position = columns[0]
            if not position.isdecimal():
                if "." in position:
                    continue  # an empty node
                last = position.partition("-")[2]
                if not last.isdecimal():
                    raise DataError(f"{position!r} is not the ID of a word or of words", location=f"{file}:{number}")
                covered = int(last)
            elif covered and int(position) <= covered:
                continue  # a part of a multiword token
            words.append(_word(columns[1], columns[9]))
        else:
            covered = 0


def _word(form: str, misc: str) -> _Word:
    if misc == "_":
        return _Word(form, "O", "", None)
    if misc == "SpaceAfter=No":
        return _Word(form, "O", "", "")
    values = dict(part.partition("=")[::2] for part in misc.split("|"))
    after = None
    if values.get("SpaceAfter") == "No":
        after = ""
    elif "SpacesAfter" in values:
        after = _unescape(values["SpacesAfter"])
    tag = _unescape(values.get("NER") or values.get("ner") or "O")
    return _Word(form, tag, _unescape(values.get("SpacesBefore", "")), after)


def _document(name: str, words: list[_Word], annotator: str) -> Document:
    parts, tokens, position = [], [], 0
    for word in words:
        start = position + len(word.before)
        tokens.append((start, start + len(word.form)))
        after = " " if word.after is None else word.after
        position = start + len(word.form) + len(after)
        parts += [word.before, word.form, after]
    if words[-1].after is None:
        parts.pop()
    text = "".join(parts)
    spans = tuple(
        Span(start=tokens[first][0], end=tokens[end - 1][1], label=label)
        for first, end, label in tag_schemes.decode(word.tag for word in words)
    )
    return Document(id=name, text=text, labels=(Labels(annotator=annotator, spans=spans),), tokens=tuple(tokens))


def _serialize(document: Document, labels: Labels) -> str:
    text, words = document.text, tokens_of(document)
    starts = {start: number for number, (start, _) in enumerate(words)}
    ends = {end: number + 1 for number, (_, end) in enumerate(words)}
    tags = tag_schemes.encode(
        len(words), [(starts[span.start], ends[span.end], span.label) for span in labels.spans], "bio"
    )
    lines = [f"# newdoc id = {document.id}"]
    breaks = {start for start, _ in sentences(text)}
    inside = {word for span in labels.spans for word in range(starts[span.start] + 1, ends[span.end])}
    number_in_sentence = 0
    for number, ((start, end), tag) in enumerate(zip(words, tags, strict=True)):
        if number and start in breaks and number not in inside:
            lines.append("")
            number_in_sentence = 0
        number_in_sentence += 1
        following = words[number + 1][0] if number + 1 < len(words) else len(text)
        misc = [] if tag == "O" else [f"NER={_escape(tag)}"]
        space = text[end:following]
        if number == 0 and start:
            misc.append(f"SpacesBefore={_escape(text[:start])}")
        if not space:
            misc.append("SpaceAfter=No")
        elif space != " " or number + 1 == len(words):
            misc.append(f"SpacesAfter={_escape(space)}")
        lines.append(f"{number_in_sentence}\t{text[start:end]}\t_\t_\t_\t_\t_\t_\t_\t{'|'.join(misc) or '_'}")
    return "\n".join([*lines, "", ""])


def _escape(space: str) -> str:
    for character, escape in _ESCAPES:
        space = space.replace(character, escape)
    return space


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _UNESCAPED.get(match[1], match[0]), text)


FORMAT = ConlluFormat()
